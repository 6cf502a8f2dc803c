//! The report as JSON.
//!
//! For programs: keys are stable and verdicts are words. All beyond what a terminal shows
//! harmlessly is escaped, since people look at JSON in terminals, too.

use serde_json::{Value, json};

use super::rows::rows;
use super::words::{gravity, steers};
use crate::examine::{Checked, Examination, Severity};

/// All of it: the methods, and every probe with its verdict; exchanges where something was found.
pub fn json(examination: &Examination) -> String {
    let methods: Vec<Value> = rows(examination)
        .iter()
        .map(|row| {
            json!({
                "method": row.method, "safe": row.safe, "idempotent": row.idempotent,
                "preconditions": row.preconditions, "pass": row.pass, "must": row.must,
                "should": row.should, "notes": row.notes, "skipped": row.skipped,
                "verdict": row.verdict,
            })
        })
        .collect();
    let value = json!({
        "url": examination.url.to_string(),
        "server": examination.server,
        "file": examination.file,
        "refused": examination.refused,
        "soft_missing": examination.soft_missing,
        "write": examination.write,
        "requests": examination.requests,
        "seconds": examination.took.as_secs_f64(),
        "interrupted": examination.interrupted,
        "given_up": examination.given_up.is_some(),
        "left_behind": examination.left_behind,
        "counts": {
            "probes": examination.checked.len(),
            "pass": examination.count("pass"),
            "must": examination.count_severity(Severity::Must),
            "should": examination.count_severity(Severity::Should),
            "notes": examination.count_severity(Severity::Note),
            "not_applicable": examination.count("not applicable"),
            "not_tested": examination.count("not tested"),
        },
        "methods": methods,
        "probes": examination.checked.iter().map(probe).collect::<Vec<_>>(),
    });
    let text = format!("{value:#}\n");
    // RFC 8259 section 7: any character may be escaped; those beyond ASCII stand in strings alone.
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter != '\n' && steers(letter) {
            let mut units = [0; 2];
            for unit in letter.encode_utf16(&mut units) {
                safe.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            safe.push(letter);
        }
    }
    safe
}

/// One probe; its exchanges and the reason only where something was found.
fn probe(checked: &Checked) -> Value {
    let mut value = json!({
        "id": checked.probe.id,
        "method": checked.probe.method,
        "level": checked.requirement.level.to_string(),
        "section": checked.requirement.section,
        "requirement": checked.requirement.sentence,
        "verdict": checked.verdict.word(),
        "observed": checked.verdict.text(),
    });
    let found = checked.severity() > Severity::None;
    if let (true, Some(object)) = (found, value.as_object_mut()) {
        object.insert("gravity".to_owned(), json!(gravity(checked)));
        let exchanges = checked.exchanges.iter();
        let exchanges = exchanges.map(|e| json!({ "sent": e.sent, "received": e.received }));
        object.insert("why".to_owned(), json!(checked.probe.why));
        object.insert("exchanges".to_owned(), exchanges.collect());
    }
    value
}
