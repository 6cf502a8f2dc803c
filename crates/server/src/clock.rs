//! The only clock: the moment of a request, and the Date field, written once a second.

use std::{cell::RefCell, time::SystemTime};

use methodical_semantics::timestamp::Timestamp;

/// The present moment.
pub(crate) fn now() -> Timestamp {
    Timestamp::from(SystemTime::now())
}

/// Appends the present moment as an IMF-fixdate (RFC 9110 section 6.6.1).
pub(crate) fn append_date(out: &mut Vec<u8>) {
    DATE.with_borrow_mut(|(second, text)| {
        let now = now();
        if *second != now.seconds() {
            (*second, *text) = (now.seconds(), now.http_date());
        }
        out.extend_from_slice(text.as_bytes());
    });
}

thread_local! {
    static DATE: RefCell<(i64, String)> = const { RefCell::new((i64::MIN, String::new())) };
}
