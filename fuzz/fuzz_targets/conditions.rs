//! The five precondition fields (RFC 9110 section 13.1), a line each, judged in all situations.
#![no_main]

use http::{HeaderMap, HeaderValue, header};
use libfuzzer_sys::fuzz_target;
use methodical_semantics::etag::ETag;
use methodical_semantics::rule::conditional::{Conditions, Validators, Verdict};
use methodical_semantics::timestamp::Timestamp;

const FIELDS: [header::HeaderName; 5] = [
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    header::IF_MODIFIED_SINCE,
    header::IF_UNMODIFIED_SINCE,
    header::IF_RANGE,
];

fuzz_target!(|data: &[u8]| {
    let mut fields = HeaderMap::new();
    for (name, value) in FIELDS.iter().cycle().zip(data.split(|byte| *byte == b'\n').take(10)) {
        if let Ok(value) = HeaderValue::from_bytes(value)
            && !value.is_empty()
        {
            fields.append(name, value);
        }
    }
    let conditions = Conditions::read(&fields);
    let now = Timestamp::new(1_700_000_000, 0);
    let current = Validators {
        etag: Some(ETag::strong("a")),
        modified: Some(Timestamp::new(1_600_000_000, 5)),
    };
    for validators in [None, Some(&current), Some(&Validators::default())] {
        conditions.judge_read(validators);
        assert_ne!(conditions.judge_write(validators), Verdict::NotModified);
    }
    conditions.range_counts(&current, now);
    if fields.is_empty() {
        assert_eq!(conditions.judge_write(None), Verdict::Proceed);
        assert!(!conditions.guards_a_write());
    }
    // A write that names any tag is not let through where nothing is.
    if fields.contains_key(header::IF_MATCH) {
        assert_ne!(conditions.judge_write(None), Verdict::Proceed);
    }
});
