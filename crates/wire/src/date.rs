//! The Date field, written once a second.
//!
//! Every answer has one (RFC 9110 section 6.6.1), and formatting it would cost more than the rest
//! of a small head; so each thread keeps the text of the present second.

use std::{cell::RefCell, time::SystemTime};

use http::HeaderValue;
use methodical_semantics::timestamp::Timestamp;

/// Appends the present moment as an IMF-fixdate (RFC 9110 section 6.6.1).
///
/// The text is 29 octets, without a line end.
pub(crate) fn append_date(out: &mut Vec<u8>) {
    DATE.with_borrow_mut(|(second, text)| {
        let now = Timestamp::from(SystemTime::now());
        if *second != now.seconds() {
            (*second, *text) = (now.seconds(), now.http_date());
        }
        out.extend_from_slice(text.as_bytes());
    });
}

/// The same as a field's value.
pub(crate) fn date() -> HeaderValue {
    VALUE.with_borrow_mut(|(second, value)| {
        let now = Timestamp::from(SystemTime::now());
        if *second != now.seconds() {
            let text = HeaderValue::from_str(&now.http_date());
            (*second, *value) = (now.seconds(), text.unwrap_or(HeaderValue::from_static("")));
        }
        value.clone()
    })
}

thread_local! {
    /// The second, and its text as the value that HTTP/2 wants.
    static VALUE: RefCell<(i64, HeaderValue)> =
        const { RefCell::new((i64::MIN, HeaderValue::from_static(""))) };
    /// The second, and its text as octets for heads of HTTP/1.
    static DATE: RefCell<(i64, String)> = const { RefCell::new((i64::MIN, String::new())) };
}
