//! `methods`: the table of methods, joined with the registry's, for people and for programs.
//!
//! The registry's table says what a method is, the table of rows what this server does with it;
//! here they stand side by side. What is not known is a dash in the table and `null` in JSON.

use methodical_methods::METHODS;
use methodical_methods::method::{Accepts, Fit, Method, Preconditions, Run, Unasked};
use methodical_semantics::registry::{Cacheable, IANA, Registered};
use serde_json::{Value, json};

use crate::{failure::Failure, settings::suggestions::did_you_mean};

/// The text that `methods` prints: all of them, or the one that is named.
///
/// # Errors
/// No method has that name.
pub(crate) fn text(name: Option<&str>) -> Result<String, Failure> {
    match name {
        Some(name) => joined(name).map(|(row, registered)| full(row, registered)),
        None => Ok(table()),
    }
}

/// The program in a sentence, without its dot.
pub(crate) fn about() -> String {
    format!(
        "An HTTP server over a folder: {}, each as its specification says",
        methodical_methods::table::counted()
    )
}

/// The same as JSON: an array, or one object.
///
/// # Errors
/// No method has that name.
pub(crate) fn json(name: Option<&str>) -> Result<String, Failure> {
    let value = match name {
        Some(name) => joined(name).map(|(row, registered)| object(row, registered))?,
        None => rows().map(|(row, registered)| object(row, registered)).collect(),
    };
    Ok(format!("{value:#}\n"))
}

/// The two tables do not compile unless they are in one order.
fn rows() -> impl Iterator<Item = (&'static Method, Registered)> {
    METHODS.iter().zip(IANA)
}

/// The rows of one method, by its name with its case.
///
/// # Errors
/// No method has that name; the sentence offers one that is spelled alike.
fn joined(name: &str) -> Result<(&'static Method, Registered), Failure> {
    rows().find(|(row, _)| row.name == name).ok_or_else(|| {
        let hint = did_you_mean(name, METHODS.iter().map(|row| row.name));
        Failure::refused(format!("{name:?} is no registered method{hint}"))
    })
}

/// All methods, a line each, in columns as wide as their widest cells.
fn table() -> String {
    let mut lines = vec![HEAD.map(str::to_owned)];
    lines.extend(rows().map(|(row, registered)| line(row, registered)));
    let widths = lines.iter().fold([0; COLUMNS], |mut widest, line| {
        for (width, cell) in widest.iter_mut().zip(line) {
            *width = cell.len().max(*width);
        }
        widest
    });
    let aligned = |line: &[String; COLUMNS]| {
        let cells = line.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}  "));
        format!("{}\n", cells.collect::<String>().trim_end())
    };
    lines.iter().map(aligned).chain([NOTE.to_owned()]).collect()
}

/// The cells of a method.
fn line(row: &Method, registered: Registered) -> [String; COLUMNS] {
    let body = if row.is_implemented() { body(row.accepts) } else { UNSAID };
    [
        row.name.to_owned(),
        yes(registered.safe).to_owned(),
        yes(registered.idempotent).to_owned(),
        cacheable(registered.cacheable).unwrap_or(UNSAID).to_owned(),
        body.to_owned(),
        yes(row.is_implemented()).to_owned(),
        row.spec.join("; "),
    ]
}

/// All about one method: what is registered, what is taken, where it applies, and its page.
fn full(row: &Method, registered: Registered) -> String {
    let mut entries = vec![
        ("Safe", yes(registered.safe).to_owned()),
        ("Idempotent", yes(registered.idempotent).to_owned()),
        ("Cacheable", cacheable(registered.cacheable).unwrap_or(SILENT).to_owned()),
        ("Implemented", implemented(row)),
        ("Reference", row.spec.join("; ")),
    ];
    if row.is_implemented() {
        entries.push(("Body", body(row.accepts).to_owned()));
        entries.push(("Media types", types(row.accepts).join(", ")));
        entries.push(("Applies to", applies(row).join(", ")));
        entries.push(("Conditions", conditions(row.conditions).to_owned()));
    }
    entries.retain(|(_, value)| !value.is_empty());
    let lines = entries.iter().map(|(name, value)| format!("  {name:<NAME_WIDTH$}{value}\n"));
    let page = match prose(&row.page()) {
        page if page.is_empty() => page,
        page => format!("\n{page}"),
    };
    format!("{}: {}\n\n{}{page}", row.name, row.summary, lines.collect::<String>())
}

/// A page of Markdown for people at a terminal: what is fenced is set in, and headings stand
/// without their marks.
fn prose(page: &str) -> String {
    let mut text = String::new();
    let mut in_code = false;
    for line in page.trim_end().lines() {
        if line.starts_with("```") {
            in_code = !in_code;
            continue;
        }
        let indent = if in_code && !line.is_empty() { "    " } else { "" };
        let line = if in_code { line } else { unmarked(line) };
        text.extend([indent, line, "\n"]);
    }
    text
}

/// A heading without its marks; any other line as it is.
fn unmarked(line: &str) -> &str {
    let marks = line.len() - line.trim_start_matches('#').len();
    line.get(marks..).filter(|_| marks > 0).and_then(|text| text.strip_prefix(' ')).unwrap_or(line)
}

/// The same as an object; keys are stable.
fn object(row: &Method, registered: Registered) -> Value {
    let known = row.is_implemented();
    json!({
        "name": row.name,
        "summary": row.summary,
        "safe": registered.safe,
        "idempotent": registered.idempotent,
        "cacheable": cacheable(registered.cacheable),
        "implemented": known,
        "reference": row.spec,
        "body": known.then(|| body(row.accepts)),
        "media_types": known.then(|| types(row.accepts)),
        "applies_to": known.then(|| applies(row)),
        "conditions": known.then(|| conditions(row.conditions)),
        "page": row.page(),
    })
}

const fn yes(it_is: bool) -> &'static str {
    if it_is { "yes" } else { "no" }
}

/// The word of the registry's table; `None` where the method's definition is silent.
const fn cacheable(said: Cacheable) -> Option<&'static str> {
    match said {
        Cacheable::Yes => Some("yes"),
        Cacheable::Conditional => Some("conditional"),
        Cacheable::No => Some("no"),
        Cacheable::Silent => None,
    }
}

/// The word for whether the method does something here, and why if it does not and never will.
fn implemented(row: &Method) -> String {
    match row.run {
        Run::Read(_) | Run::Ask(_) | Run::Write { .. } | Run::Tunnel(_) => "yes".to_owned(),
        Run::Planned { .. } => "not yet: it is answered 501".to_owned(),
        Run::Reserved(why) => format!("never: {why}"),
    }
}

/// The word for what is done with content.
const fn body(accepts: Accepts) -> &'static str {
    match accepts {
        Accepts::None(Unasked::Dropped) => "ignored",
        Accepts::None(_) => "refused",
        Accepts::Small { .. } => "bounded",
        Accepts::Staged => "any",
        Accepts::StagedOrForm => "any, form",
    }
}

/// The media types that are taken, where only some are.
const fn types(accepts: Accepts) -> &'static [&'static str] {
    match accepts {
        Accepts::Small { types, .. } => types,
        Accepts::None(_) | Accepts::Staged | Accepts::StagedOrForm => &[],
    }
}

/// The kinds of targets that do not answer 405, nor 404 for being missing.
fn applies(row: &Method) -> Vec<&'static str> {
    let fits = [
        (row.applies.server, "the server (*)"),
        (row.applies.root, "the root folder"),
        (row.applies.collection, "folders"),
        (row.applies.file, "files"),
        (row.applies.unmapped, "new names"),
        (row.applies.unmapped_collection, "new folder names"),
    ];
    fits.into_iter().filter(|(fit, _)| *fit == Fit::Yes).map(|(_, name)| name).collect()
}

/// The words for what preconditions are judged against, if at all.
const fn conditions(which: Preconditions) -> &'static str {
    match which {
        Preconditions::Ignored => "ignored",
        Preconditions::Selected => "judged against the representation that is chosen",
        Preconditions::State => "judged against the present state, in one step with the change",
    }
}

const HEAD: [&str; COLUMNS] =
    ["METHOD", "SAFE", "IDEMPOTENT", "CACHEABLE", "BODY", "IMPLEMENTED", "REFERENCE"];
const COLUMNS: usize = 7;
/// Stands for what is not known.
const UNSAID: &str = "-";
const SILENT: &str = "its definition is silent, which means no";
const NOTE: &str = "\nCacheable -: the definition is silent, which means no. \
                    Body -: not before the method is written.\n";
/// Columns of the names.
const NAME_WIDTH: usize = 13;
