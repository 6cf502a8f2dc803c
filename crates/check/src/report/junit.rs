//! The report in the form of `JUnit`, as CI systems read it.
//!
//! A pipeline shows findings as failed tests and what could not be looked at as skipped ones; what
//! counts as failed is the operator's choice, `--fail-on`.

use super::html::escaped;
use super::words::{cited, exchange_lines, method_of};
use crate::examine::{Checked, Examination, Severity};

/// A test case a probe; findings from this severity on are failures.
pub fn junit(examination: &Examination, fail_on: Severity) -> String {
    let failed = examination.checked.iter().filter(|c| c.severity() >= fail_on).count();
    let skipped = examination.count("not applicable") + examination.count("not tested");
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"{}\" \
         tests=\"{}\" failures=\"{failed}\" skipped=\"{skipped}\" time=\"{:.3}\">\n",
        escaped(&examination.url.to_string()),
        examination.checked.len(),
        examination.took.as_secs_f64(),
    );
    for checked in &examination.checked {
        text.push_str(&case(checked, fail_on));
    }
    text.push_str("</testsuite>\n</testsuites>\n");
    text
}

/// One test case: failed, skipped or passed.
fn case(checked: &Checked, fail_on: Severity) -> String {
    let requirement = checked.requirement;
    let head = format!(
        "<testcase classname=\"{}\" name=\"{} {}\"",
        escaped(method_of(checked)),
        requirement.id,
        escaped(&requirement.sentence)
    );
    let words = escaped(checked.verdict.text());
    if checked.severity() >= fail_on {
        let lines: String = checked.exchanges.iter().map(exchange_lines).collect();
        return format!(
            "{head}><failure type=\"{}\" message=\"{words}\">{}\n{}</failure></testcase>\n",
            requirement.level,
            escaped(&cited(&requirement.section)),
            escaped(&lines)
        );
    }
    match checked.verdict.word() {
        "not applicable" | "not tested" => {
            format!("{head}><skipped message=\"{words}\"/></testcase>\n")
        }
        _ => format!("{head}/>\n"),
    }
}
