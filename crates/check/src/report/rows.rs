//! One line a method: what every form of the report counts in the same way.
//!
//! A probe for all methods (`*`) has a line of its own, called `any`.

use super::words::{counted, visible};
use crate::examine::{Checked, Examination, Severity};
use crate::probe::Property;
use crate::verdict::Verdict;

/// The line of the report about one method.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) method: &'static str,
    /// `yes`, `NO`, `-` where it could not be measured, or nothing where no probe measures it; so
    /// are the next two.
    pub(super) safe: &'static str,
    pub(super) idempotent: &'static str,
    pub(super) preconditions: &'static str,
    pub(super) pass: usize,
    /// Findings against a MUST.
    pub(super) must: usize,
    /// Findings against a SHOULD.
    pub(super) should: usize,
    /// Findings that are allowed, and worth knowing.
    pub(super) notes: usize,
    /// Probes that do not apply, or could not be run.
    pub(super) skipped: usize,
    /// `wrong` by a MUST, `doubtful` by a SHOULD, `right` by a pass, else `not there`.
    pub(super) verdict: &'static str,
}

/// The names of the columns.
pub(super) const HEAD: [&str; 10] = [
    "METHOD",
    "SAFE",
    "IDEMPOTENT",
    "PRECONDITIONS",
    "PASS",
    "MUST",
    "SHOULD",
    "NOTES",
    "SKIPPED",
    "VERDICT",
];

impl Row {
    /// The cells in the order of the columns.
    pub(super) fn cells(&self) -> [String; 10] {
        [
            (if self.method == "*" { "any" } else { self.method }).to_owned(),
            self.safe.to_owned(),
            self.idempotent.to_owned(),
            self.preconditions.to_owned(),
            self.pass.to_string(),
            self.must.to_string(),
            self.should.to_string(),
            self.notes.to_string(),
            self.skipped.to_string(),
            self.verdict.to_owned(),
        ]
    }
}

/// The rows, methods in the order in which they were first looked at.
pub(super) fn rows(examination: &Examination) -> Vec<Row> {
    let mut methods: Vec<&'static str> = Vec::new();
    for checked in &examination.checked {
        if !methods.contains(&checked.probe.method) {
            methods.push(checked.probe.method);
        }
    }
    methods.into_iter().map(|method| row(examination, method)).collect()
}

/// Counts what was found about one method.
fn row(examination: &Examination, method: &'static str) -> Row {
    let own: Vec<&Checked> =
        examination.checked.iter().filter(|checked| checked.probe.method == method).collect();
    let grave = |severity| own.iter().filter(|checked| checked.severity() == severity).count();
    let pass = own.iter().filter(|checked| checked.verdict == Verdict::Pass).count();
    let (must, should, notes) =
        (grave(Severity::Must), grave(Severity::Should), grave(Severity::Note));
    let verdict = match (must, should, pass) {
        (1.., _, _) => "wrong",
        (0, 1.., _) => "doubtful",
        (0, 0, 1..) => "right",
        (0, 0, 0) => "not there",
    };
    Row {
        method,
        safe: property(&own, Property::Safe),
        idempotent: property(&own, Property::Idempotent),
        preconditions: property(&own, Property::Preconditions),
        pass,
        must,
        should,
        notes,
        skipped: own.len() - pass - must - should - notes,
        verdict,
    }
}

/// The word for a property: no, as soon as one probe says so.
fn property(own: &[&Checked], property: Property) -> &'static str {
    let mut shown = own.iter().filter(|checked| checked.probe.shows == Some(property)).peekable();
    if shown.peek().is_none() {
        return "";
    }
    let verdicts: Vec<&Verdict> = shown.map(|checked| &checked.verdict).collect();
    if verdicts.iter().any(|verdict| verdict.is_fail()) {
        "NO"
    } else if verdicts.contains(&&Verdict::Pass) {
        "yes"
    } else {
        "-"
    }
}

/// The counts of the whole in one sentence.
pub(super) fn summary(examination: &Examination) -> String {
    let mut text = format!(
        "{} probes: {} pass, {} MUST and {} SHOULD findings, {}, {} not applicable, \
         {} not tested ({} requests, {:.1} s)",
        examination.checked.len(),
        examination.count("pass"),
        examination.count_severity(Severity::Must),
        examination.count_severity(Severity::Should),
        counted(examination.count_severity(Severity::Note), "note"),
        examination.count("not applicable"),
        examination.count("not tested"),
        examination.requests,
        examination.took.as_secs_f64(),
    );
    if examination.interrupted {
        text.push_str("; interrupted before the end");
    }
    if let Some(time) = examination.given_up {
        text.push_str(&format!("; given up after {} s, before the end", time.as_secs()));
    }
    for path in &examination.left_behind {
        text.push_str("\nleft behind, please remove: ");
        text.push_str(&visible(&examination.url.absolute(path)));
    }
    text
}
