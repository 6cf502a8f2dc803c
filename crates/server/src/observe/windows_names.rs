//! A warning for the operator for each new name that Windows could not hold: the name is stored as
//! it is, but who copies the folder there will miss it.
//!
//! Each path is told once, and after some number of them no more is: a client must not fill the
//! operator's log by names. It looks at the answer alone, whatever method it was.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use http::{StatusCode, header};
use methodical_methods::reply::Reply;
use methodical_semantics::{name::windows_objection, path::Path};

use crate::log::say;

/// The paths that were warned of already.
#[derive(Debug, Default)]
pub(crate) struct OddNames(Mutex<HashSet<Path>>);

impl OddNames {
    /// Looks at what a request has made, if it made something, and warns of it on standard error.
    pub(crate) fn look_at(&self, reply: &Reply) {
        if let Some(warning) = self.warning(reply) {
            say(format_args!("{warning}"));
        }
    }

    /// The warning for what a request made (201 with Location); nothing where there is no
    /// objection, or it was told before.
    fn warning(&self, reply: &Reply) -> Option<String> {
        if reply.status != StatusCode::CREATED {
            return None;
        }
        let (made, _) = Path::decode(reply.fields.get(header::LOCATION)?.to_str().ok()?).ok()?;
        let objection = windows_objection(made.name())?;
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = known.len() < WARNINGS_MAX && known.insert(made.clone());
        is_new.then(|| format!("Windows cannot hold the name {made}: {objection}"))
    }
}

/// Names that are warned of, one line each, until the server starts again: a client must not fill
/// the log, nor the memory.
const WARNINGS_MAX: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    fn made(location: &'static str) -> Reply {
        Reply::empty(StatusCode::CREATED).with(header::LOCATION, location)
    }

    #[test]
    fn windows_a_new_name_that_it_cannot_hold_is_warned_of_once() {
        let names = OddNames::default();
        let warning = names.warning(&made("/d/con.txt"));
        let expected = "Windows cannot hold the name /d/con.txt: it is the name of a device there";
        assert_eq!(warning.as_deref(), Some(expected));
        assert_eq!(names.warning(&made("/d/con.txt")), None);
        assert!(names.warning(&made("/e/con.txt")).is_some());
        assert!(names.warning(&made("/a%3Ab/")).is_some());
        assert_eq!(names.warning(&made("/a.txt")), None);
        assert_eq!(names.warning(&Reply::empty(StatusCode::NO_CONTENT)), None);
    }

    #[test]
    fn house_8_warnings_end_somewhere() {
        let names = OddNames::default();
        let warnings = (0..=WARNINGS_MAX).filter(|number| {
            let location = format!("/{number}/nul");
            let reply = Reply::empty(StatusCode::CREATED).with(header::LOCATION, location);
            names.warning(&reply).is_some()
        });
        assert_eq!(warnings.count(), WARNINGS_MAX);
    }
}
