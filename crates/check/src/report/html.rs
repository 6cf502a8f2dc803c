//! The report as one page of HTML without anything from elsewhere.
//!
//! A file for others to read: no script, no font, no picture that has to be fetched, and all text
//! of the server's escaped, since a hostile one must not run anything in the reader's browser.

use super::rows::{HEAD, Row, rows, summary};
use super::words::{cited, exchange_lines, gravity, method_of, steers, telling};
use crate::examine::{Checked, Examination, Severity};

/// The whole page.
pub fn html(examination: &Examination) -> String {
    let title = escaped(&format!("methodical check {}", examination.url));
    let server = examination.server.as_deref().unwrap_or("a server without a name");
    let head: String =
        HEAD.iter().map(|name| format!("<th>{}</th>", name.to_lowercase())).collect();
    let body: String = rows(examination).iter().map(line).collect();
    let findings: String = examination.findings().into_iter().map(finding).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\n\
         <style>{STYLE}</style>\n<h1>{title}</h1>\n<p>{}</p>\n<p>{}</p>\n\
         <table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>\n\
         <h2>Findings</h2>\n{}</html>\n",
        escaped(server),
        escaped(&summary(examination)),
        if findings.is_empty() { "<p>none</p>\n" } else { &findings },
    )
}

/// A row of the table, with the verdict as its class for the style.
fn line(row: &Row) -> String {
    let cells: String =
        row.cells().iter().map(|cell| format!("<td>{}</td>", escaped(cell))).collect();
    format!("<tr class=\"{}\">{cells}</tr>\n", row.verdict.replace(' ', "-"))
}

/// A finding that opens to the requirement and the exchanges.
fn finding(checked: &Checked) -> String {
    let requirement = checked.requirement;
    let class = match checked.severity() {
        Severity::Must => "wrong",
        Severity::Should => "doubtful",
        Severity::Note | Severity::None => "note",
    };
    let lines: String = telling(checked).into_iter().map(exchange_lines).collect();
    format!(
        "<details class=\"{class}\"><summary>{} {} {}: {}</summary><p>{} ({}) {}</p>\
         <pre>{}</pre></details>\n",
        gravity(checked),
        requirement.id,
        method_of(checked),
        escaped(checked.verdict.text()),
        escaped(&requirement.sentence),
        escaped(&cited(&requirement.section)),
        escaped(if checked.verdict.is_fail() { checked.probe.why } else { "" }),
        escaped(&lines),
    )
}

/// Text for XML and HTML; what XML cannot hold, and what steers who reads it, is escaped.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\n' | '\t' => safe.push(letter),
            letter if steers(letter) => safe.extend(letter.escape_default()),
            letter => safe.push(letter),
        }
    }
    safe
}

/// The style of the page, light or dark as the reader has it.
const STYLE: &str = ":root{color-scheme:light dark}\
    body{font:16px/1.5 system-ui;max-width:70rem;margin:2rem auto;padding:0 1rem}\
    table{border-collapse:collapse}td,th{padding:.2rem .7rem;text-align:left;\
    border-bottom:1px solid #8884}summary{cursor:pointer;padding:.2rem 0}\
    .right td:last-child{color:#080}.wrong td:last-child,.wrong summary{color:#c22}\
    .doubtful td:last-child,.doubtful summary{color:#a70}\
    pre{overflow:auto;background:#8881;padding:.7rem}";
