//! Memory for content on its way in, which all requests share: each connection may have many, and
//! each of them may stop in the middle.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use bytes::Bytes;

/// How many octets are held.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memory(Arc<AtomicU64>);

/// What one request holds of it; given back when dropped.
#[derive(Debug)]
pub(crate) struct Held {
    memory: Memory,
    octets: u64,
    most: u64,
}

impl Memory {
    /// Nothing yet, of so many octets for all.
    pub(crate) fn hold(&self, most: u64) -> Held {
        Held { memory: self.clone(), octets: 0, most }
    }
}

impl Held {
    /// Takes what is missing to so many octets. Gives whether there was room for it.
    pub(crate) fn reaches(&mut self, octets: usize) -> bool {
        let more = (octets as u64).saturating_sub(self.octets);
        let before = self.memory.0.fetch_add(more, Ordering::Relaxed);
        self.octets += more;
        let there_is = more == 0 || before.saturating_add(more) <= self.most;
        if !there_is {
            self.give_back(more);
        }
        there_is
    }

    /// Gives back all.
    pub(crate) fn release(&mut self) {
        self.give_back(self.octets);
    }

    /// Content for which this was taken, and which gives it back when it is dropped.
    pub(crate) fn with(self, content: Bytes) -> Bytes {
        if self.octets == 0 {
            return content;
        }
        Bytes::from_owner(Counted { content, _held: self })
    }

    fn give_back(&mut self, octets: u64) {
        self.memory.0.fetch_sub(octets, Ordering::Relaxed);
        self.octets -= octets;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.release();
    }
}

struct Counted {
    content: Bytes,
    _held: Held,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.content
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_all_hold_is_bounded_and_given_back() {
        let memory = Memory::default();
        let (mut one, mut other) = (memory.hold(100), memory.hold(100));
        assert!(one.reaches(60) && one.reaches(50) && !other.reaches(41) && other.reaches(40));
        assert!(!one.reaches(61));
        other.release();
        assert!(one.reaches(100) && !other.reaches(1) && other.reaches(0));
        let content = one.with(Bytes::from_static(b"content"));
        assert_eq!((&*content, other.reaches(1)), (&b"content"[..], false));
        drop(content.clone());
        assert!(!other.reaches(1));
        drop(content);
        assert!(other.reaches(100));
        drop(other);
        assert_eq!(memory.0.load(Ordering::Relaxed), 0);
    }
}
