//! The heads that the streams of a connection hold at one time.
//!
//! A compressed head of a few octets may unfold to many (the "HPACK bomb", RFC 9113 section
//! 10.5.1), and each stream may hold one while it waits for its answer. The limit per head is not
//! enough; this one is over all of them.

use std::{cell::Cell, rc::Rc};

use http::Request;

/// The octets that they hold, counted by all streams of a connection.
#[derive(Debug, Clone, Default)]
pub(super) struct Heads(Rc<Cell<usize>>);

/// One of them; what it holds is given back when dropped.
#[derive(Debug)]
pub(super) struct Head {
    heads: Heads,
    /// Octets that this one takes.
    octets: usize,
}

impl Heads {
    /// Takes one more, if there is room.
    pub(super) fn take<B>(&self, request: &Request<B>) -> Option<Head> {
        let octets = size(request);
        let held = self.0.get().saturating_add(octets);
        if held > HEADS_BYTES_MAX {
            return None;
        }
        self.0.set(held);
        Some(Head { heads: self.clone(), octets })
    }
}

impl Drop for Head {
    fn drop(&mut self) {
        self.heads.0.set(self.heads.0.get().saturating_sub(self.octets));
    }
}

/// As RFC 9113 section 6.5.2 counts them.
fn size<B>(request: &Request<B>) -> usize {
    let fields = request.headers().iter();
    let fields: usize =
        fields.map(|(name, value)| name.as_str().len() + value.len() + FIELD_BYTES).sum();
    let path = request.uri().path_and_query().map_or(0, |path| path.as_str().len());
    fields + path
}

/// Octets beside name and value.
const FIELD_BYTES: usize = 32;

/// Octets: as many as all streams fill with heads of eight kilobytes. What is beyond it waits for
/// others to be answered: a stream that is refused so can be sent again (RFC 9113 section 8.7).
const HEADS_BYTES_MAX: usize = 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc9113_10_5_1_heads_hold_so_much_at_one_time_and_no_more() {
        let heads = Heads::default();
        let request = |octets| Request::get("/").header("a", "b".repeat(octets)).body(()).unwrap();
        let (small, large) = (request(1000), request(60_000));
        let held: Vec<_> = std::iter::from_fn(|| heads.take(&large)).collect();
        assert_eq!(held.len(), 17);
        let more: Vec<_> = std::iter::from_fn(|| heads.take(&small)).collect();
        assert!(more.len() < 60 && heads.take(&small).is_none());
        drop((held, more));
        assert_eq!(heads.0.get(), 0);
    }
}
