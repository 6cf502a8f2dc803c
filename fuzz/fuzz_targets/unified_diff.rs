//! Unified diffs: two texts with a NUL between them. The second is read as a diff and applied to
//! the first, and a diff that we write from one to the other has to lead there.
#![no_main]

use std::io::BufReader;

use libfuzzer_sys::fuzz_target;
use methodical_semantics::rule::patching::diff::{DiffLimits, UnifiedDiff};

fuzz_target!(|data: &[u8]| {
    let Some(at) = data.iter().position(|byte| *byte == 0) else { return };
    let (source, patch) = (&data[..at], &data[at + 1..]);
    let in_one = applied(patch, source, source.len() + 1);
    assert_eq!(in_one, applied(patch, source, 1), "however the source comes");
    if source != patch {
        let written = diff(source, patch);
        assert_eq!(applied(&written, source, 7).as_deref(), Some(patch));
    }
});

fn applied(patch: &[u8], source: &[u8], buffer: usize) -> Option<Vec<u8>> {
    let diff = UnifiedDiff::parse(patch, &DiffLimits::default()).ok()?;
    let mut result = Vec::new();
    diff.apply(&mut BufReader::with_capacity(buffer, source), &mut result).ok()?;
    Some(result)
}

/// A diff with one hunk, which replaces all lines.
fn diff(old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut text = b"--- a\n+++ b\n".to_vec();
    let side = |lines: usize| format!("{},{lines}", usize::from(lines > 0));
    let (removed, added) = (lines(old), lines(new));
    let head = format!("@@ -{} +{} @@\n", side(removed.len()), side(added.len()));
    text.extend_from_slice(head.as_bytes());
    for (sign, lines) in [(b'-', removed), (b'+', added)] {
        for line in lines {
            text.push(sign);
            text.extend_from_slice(line);
            if !line.ends_with(b"\n") {
                text.extend_from_slice(b"\n\\ No newline at end of file\n");
            }
        }
    }
    text
}

fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').collect()
}
