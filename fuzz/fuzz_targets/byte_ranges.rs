//! Byte range patches in their three syntaxes, and the range of a partial update.
#![no_main]

use libfuzzer_sys::fuzz_target;
use methodical_semantics::rule::patching::byterange::{
    ByteRangeLimits, RangeWrite, Syntax, parse, place,
};
use methodical_semantics::rule::patching::partial_update::{GAP_BYTES_MAX, UpdateRange};

fuzz_target!(|input: (u32, &[u8])| {
    let (length, body) = input;
    let length = u64::from(length);
    let limits = ByteRangeLimits::default();
    for syntax in [Syntax::Message, Syntax::Multipart { boundary: "B" }, Syntax::Application] {
        if let Ok(writes) = parse(syntax, body, &limits) {
            assert!(writes.len() <= limits.ranges_max);
            holds(&writes, body, length);
        }
    }
    let text = std::str::from_utf8(body).unwrap_or_default();
    if let Ok(range) = UpdateRange::parse(text)
        && let Ok(offset) = range.resolve(length, 1)
    {
        assert!(offset <= length + GAP_BYTES_MAX);
    }
});

/// Every write is of bytes that came, none of them twice, and no gap is larger than it may be.
fn holds(writes: &[RangeWrite], body: &[u8], length: u64) {
    assert!(writes.iter().all(|write| body.get(write.bytes.clone()).is_some()));
    let mut sorted: Vec<&RangeWrite> = writes.iter().filter(|write| !write.sets_length).collect();
    sorted.sort_by_key(|write| (write.offset, write.end()));
    for pair in sorted.windows(2) {
        assert!(pair[0].end() <= pair[1].offset);
    }
    let Ok(end) = place(writes, length) else { return };
    let written = sorted.iter().map(|write| write.end()).max().unwrap_or_default();
    let sets_length = writes.iter().any(|write| write.sets_length);
    assert!(end == written.max(length) || sets_length);
    assert!(end >= written && end <= written.max(length) + GAP_BYTES_MAX);
}
