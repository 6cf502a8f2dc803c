//! The words that all forms of the report share.

use crate::client::Exchange;
use crate::examine::{Checked, Examination, Severity};

/// The word for how grave a finding is; what is allowed is a note, whatever its requirement says.
pub(super) const fn gravity(checked: &Checked) -> &'static str {
    match checked.severity() {
        Severity::Must => "MUST",
        Severity::Should => "SHOULD",
        Severity::Note | Severity::None => "note",
    }
}

/// The method that a probe is about, as the table of methods has it.
pub(super) fn method_of(checked: &Checked) -> &'static str {
    if checked.probe.method == "*" { "any" } else { checked.probe.method }
}

/// The section of a requirement for people: `RFC9110 13.1.1` as `RFC 9110 section 13.1.1`.
pub(super) fn cited(section: &str) -> String {
    let bare = section.split(" (").next().unwrap_or(section);
    let named = |rfc: &str| match rfc.strip_prefix("RFC") {
        Some(number) => format!("RFC {number}"),
        None => rfc.to_owned(),
    };
    match bare.split_once(' ') {
        Some((rfc, part)) => format!("{} section {part}", named(rfc)),
        None => named(bare),
    }
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

/// An exchange in lines, those sent with `>` before them and those received with `<`.
pub(super) fn exchange_lines(exchange: &Exchange) -> String {
    let lines = |mark: &str, words: &str| {
        let marked = words.lines().map(|line| format!("{mark} {}\n", visible(line)));
        marked.collect::<String>()
    };
    lines(">", &exchange.sent) + &lines("<", &exchange.received)
}

/// A text of a server's with everything escaped that steers a terminal or a reader's eye: controls,
/// those of C1 (U+009B) included, line ends, and what turns or hides other letters.
///
/// ```
/// use methodical_check::report::visible;
/// assert_eq!(visible("a\u{9b}31mb\r\n\u{202e}c"), r"a\u{9b}31mb\r\n\u{202e}c");
/// assert_eq!(visible("B\u{fc}cher"), "B\u{fc}cher");
/// ```
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if steers(letter) {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// Returns whether a letter is none to be seen, but does something.
pub(super) fn steers(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}'
            | '\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

/// The lines about the server's resources that were found out.
pub(super) fn known(examination: &Examination) -> String {
    let mut text = String::new();
    if let Some(file) = examination.file.as_deref().filter(|file| *file != examination.url.path) {
        text.push_str(&format!("reads {}\n", examination.url.absolute(file)));
    }
    if let Some(status) = examination.refused {
        let help = match status {
            401 => "say who logs in, by --user or --header",
            300..=399 => "examine what it leads to",
            _ => "name another URL",
        };
        text.push_str(&format!("it is answered {status}, and little can be examined: {help}\n"));
    }
    if let Some(status) = examination.soft_missing {
        text.push_str(&format!(
            "what is not there is answered {status}: what relies on 404 is not applicable\n"
        ));
    }
    text
}

/// A number of things: `1 note`, `2 notes`.
pub(super) fn counted(count: usize, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}

/// A text in lines of a width that people can read, each after this indent; a no-break space
/// becomes a space.
pub(super) fn wrapped(text: &str, indent: &str) -> String {
    let mut lines = String::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if !line.is_empty() && indent.len() + line.chars().count() + word.len() >= COLUMNS {
            lines.push_str(&format!("{indent}{line}\n"));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    format!("{lines}{indent}{line}\n").replace('\u{a0}', " ")
}

/// Columns of prose in a terminal.
const COLUMNS: usize = 100;
