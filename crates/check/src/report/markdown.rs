//! The report as Markdown.
//!
//! For issues and pull requests. What the server said is escaped, so that it is neither link nor
//! picture nor HTML where it is pasted.

use super::rows::{HEAD, Row, rows, summary};
use super::words::{cited, exchange_lines, gravity, known, method_of, telling, visible};
use crate::examine::{Checked, Examination};

/// The table of methods, the findings and the counts.
pub fn markdown(examination: &Examination) -> String {
    let server = examination.server.as_deref().unwrap_or("a server without a name");
    let url = inline(&examination.url.to_string());
    let mut text = format!("# {url} ({})\n\n", inline(server));
    let known = known(examination);
    text.extend(known.lines().map(|line| format!("{}\n\n", inline(line))));
    text.push_str(&line(&HEAD.map(str::to_lowercase)));
    text.push_str(&line(&HEAD.map(|_| "---".to_owned())));
    for cells in rows(examination).iter().map(Row::cells) {
        text.push_str(&line(&cells));
    }
    text.push('\n');
    for checked in examination.findings() {
        text.push_str(&finding(checked));
    }
    text.push_str(&format!("{}\n", inline_lines(&summary(examination))));
    text
}

/// Text within a line of Markdown, in which it is no markup, no link and no HTML.
fn inline(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in visible(text).chars() {
        if r"\`*_[]<>#|~&!@$:".contains(letter) {
            safe.push('\\');
        }
        safe.push(letter);
    }
    // What begins so becomes a link by itself.
    safe.replace("www.", r"www\.")
}

/// The same of several lines.
fn inline_lines(text: &str) -> String {
    text.lines().map(inline).collect::<Vec<_>>().join("\n")
}

/// A row of a table.
fn line(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

/// An item with the finding, the requirement and the exchanges as a code block.
fn finding(checked: &Checked) -> String {
    let requirement = checked.requirement;
    let lines: String = telling(checked).into_iter().map(exchange_lines).collect();
    let why = if checked.verdict.is_fail() { checked.probe.why } else { "" };
    let prose = format!(
        "* **{} {}** {}: {}.\n  {} ({}) {why}",
        gravity(checked),
        requirement.id,
        method_of(checked),
        inline(checked.verdict.text()),
        requirement.sentence,
        cited(&requirement.section),
    );
    let exchange = lines.lines().map(|line| format!("      {line}\n")).collect::<String>();
    format!("{}\n\n{exchange}\n", prose.trim_end())
}
