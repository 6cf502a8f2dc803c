//! Range (RFC 9110 section 14.2), resolved against a length.
#![no_main]

use libfuzzer_sys::fuzz_target;
use methodical_semantics::header::content_range::ContentRange;
use methodical_semantics::range::{ByteRanges, Parsed, RANGES_MAX, Resolved};

fuzz_target!(|input: (u64, &str)| {
    let (length, text) = input;
    // Whether it is of the grammar is all there is to say.
    std::hint::black_box(ContentRange::parse(text).is_ok());
    let Parsed::Ranges(ranges) = ByteRanges::parse(text) else { return };
    let Resolved::Satisfiable(parts) = ranges.resolve(length) else { return };
    assert!(!parts.is_empty() && parts.len() <= RANGES_MAX);
    for part in &parts {
        assert!(part.first() <= part.last() && part.last() < length);
        assert_eq!(part.length(), part.last() - part.first() + 1);
        assert!(ContentRange::parse(&part.content_range(length)).is_ok());
    }
    let overlap = |a: usize, b: usize| {
        parts[a].first() <= parts[b].last() && parts[b].first() <= parts[a].last()
    };
    for a in 0..parts.len() {
        assert!((0..a).all(|b| !overlap(a, b)), "no byte is sent twice");
    }
});
