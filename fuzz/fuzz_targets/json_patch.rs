//! JSON Patch (RFC 6902): a document and a patch, with a NUL between them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use methodical_semantics::rule::patching::json::{self, JsonLimits};
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let Some(at) = data.iter().position(|byte| *byte == 0) else { return };
    let (document, patch) = (&data[..at], &data[at + 1..]);
    let limits = JsonLimits { result_bytes_max: 1 << 20, ..JsonLimits::default() };
    let Ok(result) = json::apply(document, patch, &limits) else { return };
    assert!(result.len() <= limits.result_bytes_max);
    let (Some(_), Some(patch)) = (json_of(document), json_of(patch)) else { return };
    assert!(json_of(&result).is_some(), "a result is JSON");
    let only_tests = patch.as_array().is_some_and(|operations| {
        operations.iter().all(|operation| operation.get("op") == Some(&"test".into()))
    });
    if only_tests {
        assert_eq!(result, document, "what no operation touches stays, byte for byte");
    }
});

/// What `serde_json` reads; it refuses half a surrogate pair (`"\\ud800"`), which RFC 8259 section
/// 8.2 leaves open. A byte order mark may be ignored (section 8.1); ours stays where it was.
fn json_of(text: &[u8]) -> Option<Value> {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    serde_json::from_slice(text).ok()
}
