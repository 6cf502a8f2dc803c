//! The report for a terminal. Its styles are taken out again where there is none.
//!
//! It is always made with styles; the command writes it through a stream that drops them where the
//! output is no terminal or `NO_COLOR` is set.

use anstyle::{AnsiColor, Style};

use super::rows::{HEAD, Row, rows, summary};
use super::words::{cited, exchange_lines, gravity, known, method_of, telling, visible, wrapped};
use crate::client::Exchange;
use crate::examine::{Checked, Examination, Severity};

/// The table of methods and the findings, worst first.
pub fn table(examination: &Examination) -> String {
    let server = examination.server.as_deref().unwrap_or("a server without a name");
    let url = visible(&examination.url.to_string());
    let mut text = format!("{BOLD}{url}{BOLD:#} ({})\n", visible(server));
    text.push_str(&known(examination));
    text.push('\n');
    text.push_str(&methods(examination));
    text.push('\n');
    let findings = examination.findings();
    for checked in &findings {
        text.push_str(&finding(checked));
    }
    text.push_str(&format!("{BOLD}{}{BOLD:#}\n", summary(examination)));
    if let Some(first) = findings.first() {
        let id = first.probe.id;
        let hint = format!("methodical check --explain {id} says more; --format json has it all.");
        text.push_str(&format!("{FAINT}{hint}{FAINT:#}\n"));
    }
    text
}

/// The table, each column as wide as its widest cell.
fn methods(examination: &Examination) -> String {
    let mut lines = vec![HEAD.map(str::to_owned)];
    lines.extend(rows(examination).iter().map(Row::cells));
    let widths = lines.iter().fold([0; HEAD.len()], |mut widest, line| {
        for (width, cell) in widest.iter_mut().zip(line) {
            *width = cell.len().max(*width);
        }
        widest
    });
    let mut text = String::new();
    for line in &lines {
        let last = line.len().saturating_sub(1);
        for (at, (cell, width)) in line.iter().zip(widths).enumerate() {
            let style = style_of(cell);
            let space = " ".repeat(if at == last { 0 } else { width - cell.len() + 2 });
            text.push_str(&format!("{style}{cell}{style:#}{space}"));
        }
        text.push('\n');
    }
    text
}

/// A finding: what was seen, what is demanded, why that matters and, but for notes, what was sent.
fn finding(checked: &Checked) -> String {
    let style = match checked.severity() {
        Severity::Must => WRONG,
        Severity::Should => DOUBTFUL,
        Severity::Note | Severity::None => PLAIN,
    };
    let (id, method) = (checked.probe.id, method_of(checked));
    let word = gravity(checked);
    let observed = visible(checked.verdict.text());
    let mut text = format!("{style}{word:<6} {id} {method}{style:#}: {observed}\n");
    let requirement = checked.requirement;
    let section = cited(&requirement.section).replace(' ', "\u{a0}");
    let demanded = format!("{} ({section})", requirement.sentence);
    text.push_str(&wrapped(&demanded, INDENT));
    if checked.verdict.is_fail() {
        text.push_str(&wrapped(checked.probe.why, INDENT));
    }
    if checked.severity() > Severity::Note {
        for exchange in telling(checked) {
            text.push_str(&shown(exchange));
        }
    }
    text.push('\n');
    text
}

/// An exchange, set in and faint.
fn shown(exchange: &Exchange) -> String {
    let lines = exchange_lines(exchange);
    lines.lines().map(|line| format!("{FAINT}{INDENT}  {line}{FAINT:#}\n")).collect()
}

/// The style of a cell by its word.
fn style_of(cell: &str) -> Style {
    match cell {
        "wrong" | "NO" => WRONG,
        "doubtful" => DOUBTFUL,
        "right" | "yes" => RIGHT,
        "not there" | "-" | "0" => FAINT,
        heading if HEAD.contains(&heading) => BOLD,
        _ => PLAIN,
    }
}

const PLAIN: Style = Style::new();
const BOLD: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const RIGHT: Style = AnsiColor::Green.on_default();
const DOUBTFUL: Style = AnsiColor::Yellow.on_default();
const WRONG: Style = AnsiColor::Red.on_default().bold();
/// The indent of all lines of a finding but its first.
const INDENT: &str = "       ";
