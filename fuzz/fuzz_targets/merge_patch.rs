//! JSON Merge Patch (RFC 7396), beside the pseudo-code of its section 2: a document and a patch,
//! with a NUL between them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use methodical_semantics::rule::patching::json::JsonLimits;
use methodical_semantics::rule::patching::merge;
use serde_json::{Map, Value};

fuzz_target!(|data: &[u8]| {
    let Some(at) = data.iter().position(|byte| *byte == 0) else { return };
    let (document, patch) = (&data[..at], &data[at + 1..]);
    let Ok(result) = merge::apply(Some(document), patch, &JsonLimits::default()) else { return };
    let (Some(document), Some(patch)) = (json_of(document), json_of(patch)) else { return };
    let result = json_of(&result).expect("what was merged is JSON");
    assert_eq!(result, merged(document, patch));
});

/// `MergePatch(Target, Patch)` of RFC 7396 section 2.
fn merged(target: Value, patch: Value) -> Value {
    let Value::Object(patch) = patch else { return patch };
    let mut target = match target {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    for (name, value) in patch {
        if value.is_null() {
            target.shift_remove(&name);
        } else {
            let old = target.get(&name).cloned().unwrap_or(Value::Null);
            target.insert(name, merged(old, value));
        }
    }
    Value::Object(target)
}

/// What `serde_json` reads; it refuses half a surrogate pair (`"\\ud800"`), which RFC 8259 section
/// 8.2 leaves open. A byte order mark may be ignored (section 8.1); ours stays where it was.
fn json_of(text: &[u8]) -> Option<Value> {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    serde_json::from_slice(text).ok()
}
