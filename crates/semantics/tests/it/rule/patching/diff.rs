//! Unified diff, `text/x-diff`.

use methodical_semantics::rule::patching::diff::{DiffError, DiffLimits, UnifiedDiff};
use methodical_semantics::rule::patching::{At, PatchError};
use proptest::prelude::*;
use std::fmt::Write as _;
use std::io::{self, BufReader, Read, Write};

const MARK: &str = "\\ No newline at end of file\n";

fn patched_through(source: &[u8], patch: &[u8], buffer: usize) -> Result<Vec<u8>, PatchError> {
    let diff = UnifiedDiff::parse(patch, &DiffLimits::default())?;
    let mut result = Vec::new();
    match diff.apply(&mut BufReader::with_capacity(buffer, source), &mut result) {
        Ok(()) => Ok(result),
        Err(DiffError::Patch(error)) => Err(error),
        Err(error) => panic!("{error}"),
    }
}

fn patched(source: &str, patch: &str) -> Result<String, PatchError> {
    patched_through(source.as_bytes(), patch.as_bytes(), 3)
        .map(|result| String::from_utf8(result).unwrap())
}

#[track_caller]
fn becomes(source: &str, patch: &str, expected: &str) {
    assert_eq!(patched(source, patch).as_deref(), Ok(expected), "{patch}");
}

#[track_caller]
fn conflict(source: &str, patch: &str, number: usize, line: u64) -> String {
    let error = patched(source, patch).unwrap_err();
    assert!(matches!(error, PatchError::Conflict { .. }), "{error:?}");
    assert_eq!(error.at(), &At::Hunk { number, line }, "{error}");
    error.to_string()
}

#[track_caller]
fn malformed(patch: &str, line: u64) -> String {
    let error = patched("", patch).unwrap_err();
    assert!(matches!(error, PatchError::Malformed { .. }), "{patch}: {error:?}");
    assert_eq!(error.at(), &At::PatchLine(line), "{patch}: {error}");
    error.to_string()
}

#[track_caller]
fn unprocessable(patch: &str) -> String {
    let error = patched("a\n", patch).unwrap_err();
    assert!(matches!(error, PatchError::Unprocessable { .. }), "{patch}: {error:?}");
    error.to_string()
}

#[test]
fn diff_hunks_change_the_lines_that_they_name() {
    let source = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
    let patch = "--- a/f\t2026-01-01\n+++ b/f\n@@ -1,3 +1,4 @@\n 1\n+1.5\n 2\n 3\n\
                 @@ -6,3 +7,2 @@ section\n 6\n-7\n-8\n+8!\n";
    becomes(source, patch, "1\n1.5\n2\n3\n4\n5\n6\n8!\n9\n");
}

#[test]
fn diff_headers_may_be_left_out_and_counts_of_one_too() {
    becomes("a\nb\nc\n", "@@ -2 +2 @@\n-b\n+B\n", "a\nB\nc\n");
    becomes("a\nb\n", "@@ -1,1 +1,1 @@\n-a\n+A\n", "A\nb\n");
}

#[test]
fn diff_extended_headers_of_git_that_say_nothing_are_ignored() {
    let patch =
        "diff --git a/f b/f\nindex 123..456 100644\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n";
    becomes("a\n", patch, "b\n");
    let patch = "Index: f\n====================\n--- f\n+++ f\n@@ -1 +1 @@\n-a\n+b\n";
    becomes("a\n", patch, "b\n");
}

/// As `git format-patch` writes it.
const MAIL: &str = "From 1c2a5cf2d8f0c1f0c0a3d5f7f3f9f1e2d3c4b5a6 Mon Sep 17 00:00:00 2001
From: Ann <ann@example.com>
Date: Mon, 30 Nov 2026 12:00:00 +0000
Subject: [PATCH] Say two
 in German

It is better.
-- not yet
---
 a.txt | 2 +-
 1 file changed, 1 insertion(+), 1 deletion(-)

diff --git a/a.txt b/a.txt
index 814f4a4..2f2c2a1 100644
--- a/a.txt
+++ b/a.txt
@@ -1,2 +1,2 @@
 one
-two
+zwei
";

#[test]
fn git_format_patch_a_mail_is_read_with_its_signature_and_without() {
    for end in ["", "-- \n2.39.5\n\n", "--\n2.39.5", "\n"] {
        becomes("one\ntwo\n", &format!("{MAIL}{end}"), "one\nzwei\n");
    }
    let shown = MAIL.replacen("From 1c2a", "commit 1c2a", 1).replace("---\n a", " a");
    becomes("one\ntwo\n", &shown, "one\nzwei\n");
    // A removed line may look like the line before a signature.
    becomes("- \none\n", "@@ -1,2 +1 @@\n-- \n one\n", "one\n");
}

#[test]
fn git_format_patch_two_mails_are_more_than_one_file() {
    unprocessable(&format!("{MAIL}-- \n2.39.5\n\n{MAIL}"));
    unprocessable(&format!("{MAIL}{MAIL}"));
    unprocessable(&format!("{MAIL}-- \n2.39.5\n@@ -9 +9 @@\n-a\n+b\n"));
}

#[test]
fn git_format_patch_a_mail_without_a_patch_is_malformed() {
    malformed("From 1c2a Mon Sep 17 00:00:00 2001\nSubject: hello\n\nno patch\n", 5);
    malformed("hello\n@@ -1 +1 @@\n-a\n+b\n", 1);
}

#[test]
fn diff_without_context_inserts_after_and_removes_at_the_line() {
    becomes("a\nb\n", "@@ -1,0 +2 @@\n+x\n", "a\nx\nb\n");
    becomes("a\nb\n", "@@ -0,0 +1 @@\n+x\n", "x\na\nb\n");
    becomes("a\nb\n", "@@ -2,0 +3 @@\n+x\n", "a\nb\nx\n");
    becomes("a\nb\n", "@@ -2 +1,0 @@\n-b\n", "a\n");
    becomes("a\nb\n", "@@ -1,2 +0,0 @@\n-a\n-b\n", "");
    becomes("a\nb\nc\n", "@@ -1 +0,0 @@\n-a\n@@ -2,0 +2 @@\n+x\n", "b\nx\nc\n");
}

#[test]
fn diff_an_empty_source_can_be_filled() {
    becomes("", "@@ -0,0 +1,3 @@\n+a\n+b\n+c\n", "a\nb\nc\n");
    becomes("", &format!("@@ -0,0 +1 @@\n+a\n{MARK}"), "a");
}

#[test]
fn diff_a_hunk_that_does_not_match_is_refused_and_never_moved() {
    let patch = "@@ -1,2 +1,2 @@\n a\n-b\n+B\n";
    let error = conflict("x\na\nb\n", patch, 1, 1);
    assert_eq!(error, "Hunk 1, line 1: the line is not the one that the patch expects.");
    conflict("a\nc\n", patch, 1, 2);
    conflict("a\nbb\n", patch, 1, 2);
    conflict("a\n", patch, 1, 2);
    conflict("a\n b\n", patch, 1, 2);
    conflict("", patch, 1, 1);
    conflict("a\nb\nc\nd\n", "@@ -1 +1 @@\n-a\n+A\n@@ -4 +4 @@\n-D\n+d\n", 2, 4);
    conflict("a\nb\n", "@@ -1 +1 @@\n-a\n+A\n@@ -9 +9 @@\n-D\n+d\n", 2, 3);
}

#[test]
fn diff_the_missing_newline_counts_on_both_sides() {
    becomes("a\nb", &format!("@@ -2 +2 @@\n-b\n{MARK}+b\n"), "a\nb\n");
    becomes("a\nb\n", &format!("@@ -2 +2 @@\n-b\n+b\n{MARK}"), "a\nb");
    becomes("a\nb", &format!("@@ -1,2 +1,2 @@\n-a\n+A\n b\n{MARK}"), "A\nb");
    becomes("a\nb", &format!("@@ -2 +2,2 @@\n-b\n{MARK}+b\n+c\n{MARK}"), "a\nb\nc");
    becomes("a\nb", &format!("@@ -2 +1,0 @@\n-b\n{MARK}"), "a\n");
    becomes("a\nb", "@@ -1 +1 @@\n-a\n+A\n", "A\nb");
}

#[test]
fn diff_a_newline_that_is_not_as_the_patch_says_is_a_conflict() {
    conflict("a\nb", "@@ -2 +2 @@\n-b\n+B\n", 1, 2);
    conflict("a\nb\n", &format!("@@ -2 +2 @@\n-b\n{MARK}+B\n"), 1, 2);
    conflict("a\nb\nc\n", &format!("@@ -2 +2 @@\n-b\n+B\n{MARK}"), 1, 3);
    conflict("a\nb", "@@ -2,0 +3 @@\n+c\n", 1, 3);
}

#[test]
fn diff_a_carriage_return_is_a_byte_of_its_line() {
    becomes("a\r\nb\r\n", "@@ -2 +2 @@\n-b\r\n+c\r\n", "a\r\nc\r\n");
    conflict("a\r\nb\r\n", "@@ -2 +2 @@\n-b\n+c\n", 1, 2);
    conflict("a\nb\n", "@@ -2 +2 @@\n-b\r\n+c\r\n", 1, 2);
    becomes("a\r\n", "--- f\r\n+++ f\r\n@@ -1 +1 @@\r\n-a\r\n+b\r\n", "b\r\n");
}

#[test]
fn diff_content_that_looks_like_a_patch_is_content() {
    let patch = "@@ -1,4 +1,4 @@\n--- old\n-@@ -1 +1 @@\n-\\ No newline\n- \n+++ new\n+\n++\n+-\n";
    becomes("-- old\n@@ -1 +1 @@\n\\ No newline\n \n", patch, "++ new\n\n+\n-\n");
}

#[test]
fn posix_diff_a_wholly_empty_line_is_an_empty_unchanged_line() {
    becomes("a\n\nb\n", "@@ -1,3 +1,3 @@\n-a\n+A\n\n b\n", "A\n\nb\n");
}

#[test]
fn diff_wrong_counts_are_malformed() {
    malformed("@@ -1,2 +1,2 @@\n a\n", 3);
    malformed("@@ -1,2 +1,2 @@\n a\n@@ -9 +9 @@\n-a\n+b\n", 3);
    malformed("@@ -1 +1,2 @@\n-a\n-b\n", 3);
    malformed("@@ -1,2 +1 @@\n-a\n+b\n+c\n", 4);
    malformed("@@ -1 +1 @@\n-a\n+b\n+c\n", 4);
    malformed("@@ -1 +1 @@\n-a\n+b\n\n", 4);
    malformed("@@ -1,0 +1,0 @@\n", 1);
    malformed("@@ -0 +1 @@\n-a\n+b\n", 1);
    malformed("@@ -1 +0 @@\n-a\n+b\n", 1);
}

#[test]
fn diff_hunks_out_of_order_or_overlapping_are_malformed() {
    let second = |header: &str| format!("@@ -4,2 +4,2 @@\n a\n-b\n+B\n{header}\n-x\n+y\n");
    malformed(&second("@@ -1 +1 @@"), 5);
    malformed(&second("@@ -5 +5 @@"), 5);
    malformed(&second("@@ -9 +8 @@"), 5);
    malformed(&second("@@ -9 +10 @@"), 5);
    let error = patched("1\n2\n3\na\nb\nx\n", &second("@@ -6 +6 @@"));
    assert_eq!(error.as_deref(), Ok("1\n2\n3\na\nB\ny\n"));
    malformed("@@ -3 +4 @@\n-x\n+y\n", 1);
}

#[test]
fn diff_a_line_after_one_without_a_newline_is_malformed() {
    malformed(&format!("@@ -1,2 +1,2 @@\n a\n{MARK} b\n"), 4);
    malformed(&format!("@@ -1,2 +1 @@\n-a\n{MARK}-b\n+c\n"), 4);
    malformed(&format!("@@ -1 +1,2 @@\n-a\n+b\n{MARK}+c\n"), 5);
    malformed(&format!("@@ -1 +1 @@\n-a\n+b\n{MARK}@@ -5 +5 @@\n-a\n+b\n"), 5);
    malformed(&format!("@@ -1 +1 @@\n{MARK}-a\n+b\n"), 2);
    malformed(&format!("@@ -1 +1 @@\n-a\n+b\n{MARK}{MARK}"), 5);
}

#[test]
fn diff_what_is_no_diff_is_malformed() {
    malformed("", 1);
    malformed("hello\n", 1);
    malformed("--- a\n", 2);
    malformed("--- a\n+++ b\n", 3);
    malformed("+++ b\n@@ -1 +1 @@\n-a\n+b\n", 1);
    malformed("--- a\n@@ -1 +1 @@\n-a\n+b\n", 2);
    malformed("@@ -1 +1 @@\n-a\n+b", 3);
    malformed("@@ -1 +1 @@\n-a\n+b\ntrailing\n", 4);
    malformed("@@@ -1 -1 +1 @@@\n--a\n++b\n", 1);
    for header in ["@@ -1 +1", "@@ 1 1 @@", "@@ -a +b @@", "@@ -1, +1 @@", "@@ -1,2,3 +1 @@", "@@"]
    {
        let patch = format!("--- a\n+++ b\n{header}\n-a\n+b\n");
        malformed(&patch, 3);
    }
    malformed("@@ -1111111111111111 +1111111111111111 @@\n-a\n+b\n", 1);
}

#[test]
fn rfc5789_2_a_patch_of_which_only_a_part_could_be_done_is_unprocessable() {
    let hunk = "@@ -1 +1 @@\n-a\n+b\n";
    let git = "diff --git a/f b/f\n";
    let error = unprocessable(&format!("--- a\n+++ a\n{hunk}--- b\n+++ b\n{hunk}"));
    assert_eq!(error, "The patch, line 6: the patch speaks of more than one file.");
    unprocessable(&format!("{git}--- a\n+++ a\n{hunk}{git}--- b\n+++ b\n{hunk}"));
    unprocessable(&format!("{git}index 1..2\n{git}"));
    unprocessable(&format!("--- /dev/null\n+++ b\n{hunk}"));
    unprocessable(&format!("--- a\n+++ /dev/null\t1970-01-01\n{hunk}"));
    for line in [
        "rename from f",
        "copy to f",
        "old mode 100644",
        "new mode 100755",
        "new file mode 100644",
        "deleted file mode 100644",
        "GIT binary patch",
        "Binary files a and b differ",
    ] {
        unprocessable(&format!("{git}{line}\n--- a\n+++ b\n{hunk}"));
    }
}

#[test]
fn limit_bytes_and_hunks_are_refused_with_their_name() {
    let limits = DiffLimits { patch_bytes_max: 60, hunks_max: 1 };
    let refused = |patch: &str| match UnifiedDiff::parse(patch.as_bytes(), &limits) {
        Err(PatchError::TooLarge { limit, maximum, .. }) => (limit, maximum),
        other => panic!("{other:?}"),
    };
    let two = "@@ -1 +1 @@\n-a\n+b\n@@ -3 +3 @@\n-a\n+b\n";
    assert_eq!(refused(two), ("hunks", 1));
    assert_eq!(refused(&two.repeat(2)), ("bytes in a patch", 60));
}

/// Bytes that are counted and thrown away.
#[derive(Default)]
struct Counter(u64);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn limit_a_source_of_any_length_streams_by() {
    const LONG: u64 = 24 << 20;
    let line = "x".repeat(1 << 20);
    let patch = format!("@@ -2,2 +2,2 @@\n {line}\n-{line}\n+y\n");
    let diff = UnifiedDiff::parse(patch.as_bytes(), &DiffLimits::default()).unwrap();
    let tail = format!("\n{line}\n{line}\n");
    let source =
        io::repeat(b'a').take(LONG).chain(tail.as_bytes()).chain(io::repeat(b'b').take(LONG));
    let mut count = Counter::default();
    diff.apply(&mut BufReader::new(source), &mut count).unwrap();
    assert_eq!(count.0, 2 * LONG + tail.len() as u64 - line.len() as u64 + 1);
}

/// A source or sink that is interrupted once and then fails.
struct Broken(bool);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        let kind = if self.0 { io::ErrorKind::Other } else { io::ErrorKind::Interrupted };
        self.0 = true;
        Err(kind.into())
    }
}

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn diff_a_source_or_sink_that_fails_is_not_the_clients_fault() {
    let diff = UnifiedDiff::parse(b"@@ -2 +2 @@\n-a\n+b\n", &DiffLimits::default()).unwrap();
    let mut result = Vec::new();
    let failed = diff.apply(&mut BufReader::new(Broken(false)), &mut result);
    assert!(matches!(failed, Err(DiffError::Read(error)) if error.kind() == io::ErrorKind::Other));
    let failed = diff.apply(&mut &b"x\na\n"[..], &mut Broken(false));
    assert!(
        matches!(failed, Err(DiffError::Write(error)) if error.kind() == io::ErrorKind::StorageFull)
    );
}

/// A step of an edit: the sign, the line, and whether a newline ends it on the old and new side.
type Step = (char, String, bool, bool);

/// An edit as steps whose newlines agree: a kept line that gains or loses its newline is replaced.
fn steps(edit: Vec<(char, String)>, old_newline: bool, new_newline: bool) -> Vec<Step> {
    let last = |side: char| edit.iter().rposition(|(sign, _)| *sign != side);
    let (old_last, new_last) = (last('+'), last('-'));
    let mut steps = Vec::new();
    for (at, (sign, line)) in edit.into_iter().enumerate() {
        let old = old_newline || Some(at) != old_last;
        let new = new_newline || Some(at) != new_last;
        if sign == ' ' && old != new {
            steps.push(('-', line.clone(), old, old));
            steps.push(('+', line, new, new));
        } else {
            let newline = if sign == '+' { new } else { old };
            steps.push((sign, line, newline, newline));
        }
    }
    steps
}

fn side(steps: &[Step], other: char) -> Vec<u8> {
    let lines = steps.iter().filter(|step| step.0 != other);
    lines
        .flat_map(|(_, line, newline, _)| {
            format!("{line}{}", if *newline { "\n" } else { "" }).into_bytes()
        })
        .collect()
}

/// The diff of an edit with so many lines of context.
fn diff(steps: &[Step], context: usize) -> String {
    let changed: Vec<usize> = (0..steps.len()).filter(|&at| steps[at].0 != ' ').collect();
    let shown = |at: usize| changed.iter().any(|&change| at.abs_diff(change) <= context);
    let mut patch = String::from("--- a\n+++ b\n");
    let (mut old, mut new, mut at) = (0, 0, 0);
    while at < steps.len() {
        let hunk: Vec<&Step> = steps[at..]
            .iter()
            .enumerate()
            .take_while(|(n, _)| shown(at + n))
            .map(|(_, s)| s)
            .collect();
        if hunk.is_empty() {
            (old, new, at) = (old + 1, new + 1, at + 1);
            continue;
        }
        let old_count = hunk.iter().filter(|step| step.0 != '+').count();
        let new_count = hunk.iter().filter(|step| step.0 != '-').count();
        let start = |before: usize, count: usize| before + usize::from(count > 0);
        let (old_start, new_start) = (start(old, old_count), start(new, new_count));
        writeln!(patch, "@@ -{old_start},{old_count} +{new_start},{new_count} @@").unwrap();
        for (sign, line, newline, _) in &hunk {
            write!(patch, "{sign}{line}\n{}", if *newline { "" } else { MARK }).unwrap();
        }
        (old, new, at) = (old + old_count, new + new_count, at + hunk.len());
    }
    patch
}

fn edits() -> impl Strategy<Value = Vec<Step>> {
    let line = prop_oneof![
        Just(""),
        Just("a"),
        Just("-- x"),
        Just("\\ No"),
        Just("@@ -1 +1 @@"),
        Just("long line\r")
    ];
    let sign = prop_oneof![3 => Just(' '), 1 => Just('-'), 1 => Just('+')];
    let edit = prop::collection::vec((sign, line.prop_map(String::from)), 1..30);
    // An empty last line without a newline is no line at all.
    (edit, any::<bool>(), any::<bool>())
        .prop_map(|(edit, old, new)| steps(edit, old, new))
        .prop_filter("no empty line without a newline", |steps| {
            steps.iter().all(|step| step.2 || !step.1.is_empty())
        })
        .prop_filter("a change", |steps| steps.iter().any(|step| step.0 != ' '))
}

/// Lines of diffs in any order.
fn near_diffs() -> impl Strategy<Value = String> {
    let header = "@@ -[0-3](,[0-3])? \\+[0-3](,[0-3])? @@";
    let line = prop_oneof![header, "--- a", "\\+\\+\\+ b", "[-+ ]a", "\\\\ No", ""];
    prop::collection::vec(line, 0..9).prop_map(|lines| lines.join("\n") + "\n")
}

proptest! {
    #[test]
    fn a_diff_makes_the_new_side_of_the_old(
        steps in edits(),
        context in 0..4_usize,
        buffer in 1..20_usize,
    ) {
        let patch = diff(&steps, context);
        let (old, new) = (side(&steps, '+'), side(&steps, '-'));
        prop_assert_eq!(patched_through(&old, patch.as_bytes(), buffer), Ok(new), "{}", patch);
    }

    #[test]
    fn a_diff_with_all_lines_fits_what_begins_as_its_own_source(
        steps in edits(),
        other in edits(),
        buffer in 1..20_usize,
    ) {
        let patch = diff(&steps, 99);
        let (old, new, source) = (side(&steps, '+'), side(&steps, '-'), side(&other, '+'));
        let goes_on = |lines: &[u8]| lines.last().is_none_or(|&b| b == b'\n');
        let begins = source.starts_with(&old) && goes_on(&old) && goes_on(&new);
        let fits = source == old || begins;
        prop_assert_eq!(patched_through(&source, patch.as_bytes(), buffer).is_ok(), fits);
    }

    #[test]
    fn arbitrary_bytes_never_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..60),
        near in near_diffs(),
        source in "[a\n]{0,8}",
    ) {
        for patch in [bytes.as_slice(), near.as_bytes()] {
            let results = [1, 64].map(|buffer| patched_through(source.as_bytes(), patch, buffer));
            prop_assert_eq!(&results[0], &results[1]);
        }
    }
}
