//! The report for a terminal. Its styles are taken out again where there is none.

use anstyle::{AnsiColor, Style};

use super::rows::{HEAD, rows, summary};
use crate::client::Exchange;
use crate::examine::{Checked, Examination, Severity};

/// The table of methods and the findings, worst first.
pub fn table(examination: &Examination) -> String {
    let server = examination.server.as_deref().unwrap_or("a server without a name");
    let mut text = format!("{BOLD}{}{BOLD:#} ({server})\n\n", examination.url);
    text.push_str(&methods(examination));
    text.push('\n');
    for checked in examination.findings() {
        text.push_str(&finding(checked));
    }
    text.push_str(&summary(examination));
    text.push('\n');
    text
}

fn methods(examination: &Examination) -> String {
    let rows = rows(examination);
    let mut lines = vec![HEAD.map(str::to_owned)];
    lines.extend(rows.iter().map(super::rows::Row::cells));
    let widths = lines.iter().fold([0; HEAD.len()], |mut widest, line| {
        for (width, cell) in widest.iter_mut().zip(line) {
            *width = cell.len().max(*width);
        }
        widest
    });
    let mut text = String::new();
    for line in &lines {
        let cells: String =
            line.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}  ")).collect();
        let style = style_of(line.last().map_or("", String::as_str));
        text.push_str(&format!("{style}{}{style:#}\n", cells.trim_end()));
    }
    text
}

fn finding(checked: &Checked) -> String {
    let (style, word) = match checked.severity() {
        Severity::Must => (WRONG, "MUST"),
        Severity::Should => (DOUBTFUL, "SHOULD"),
        Severity::Note | Severity::None => (PLAIN, "note"),
    };
    let requirement = checked.requirement;
    let mut text = format!(
        "{style}{word:<6} {} {}{style:#}: {}\n       {} ({})\n",
        checked.probe.id,
        method_of(checked),
        checked.verdict.text(),
        requirement.sentence,
        requirement.section,
    );
    if checked.verdict.is_fail() {
        text.push_str(&format!("       {}\n", checked.probe.why));
    }
    if checked.severity() > Severity::Note {
        for exchange in telling(checked) {
            text.push_str(&shown(exchange));
        }
    }
    text.push('\n');
    text
}

/// The method that a probe is about, as the table of methods has it.
pub(super) fn method_of(checked: &Checked) -> &'static str {
    if checked.probe.method == "*" { "any" } else { checked.probe.method }
}

/// The exchanges that tell the story: the last two, or the last of the method and the last one.
pub(super) fn telling(checked: &Checked) -> Vec<&Exchange> {
    let all = &checked.exchanges;
    let last = all.len().saturating_sub(1);
    let of_method = all.iter().rposition(|exchange| exchange.method == checked.probe.method);
    let first = match of_method {
        Some(at) if at < last => at,
        _ => last.saturating_sub(1),
    };
    let chosen = [all.get(first), all.get(last).filter(|_| last > first)];
    chosen.into_iter().flatten().collect()
}

fn shown(exchange: &Exchange) -> String {
    let lines = exchange_lines(exchange);
    lines.lines().map(|line| format!("{FAINT}         {line}{FAINT:#}\n")).collect()
}

/// What was sent and what came back, a mark before each line.
pub(super) fn exchange_lines(exchange: &Exchange) -> String {
    let lines = |mark: &str, words: &str| {
        let marked = words.lines().map(|line| format!("{mark} {}\n", visible(line)));
        marked.collect::<String>()
    };
    lines(">", &exchange.sent) + &lines("<", &exchange.received)
}

/// A line of the wire without what could steer a terminal.
fn visible(line: &str) -> String {
    line.chars().map(|letter| if letter.is_control() { '\u{b7}' } else { letter }).collect()
}

fn style_of(verdict: &str) -> Style {
    match verdict {
        "VERDICT" => BOLD,
        "wrong" => WRONG,
        "doubtful" => DOUBTFUL,
        "right" => RIGHT,
        _ => FAINT,
    }
}

const PLAIN: Style = Style::new();
const BOLD: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const RIGHT: Style = AnsiColor::Green.on_default();
const DOUBTFUL: Style = AnsiColor::Yellow.on_default();
const WRONG: Style = AnsiColor::Red.on_default().bold();
