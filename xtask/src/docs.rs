//! `cargo xtask docs`: pages that are computed from the tables of the code.
//!
//! With `--check` nothing is written; pages that differ from what would be written are named.

use std::fs;

use anyhow::{Context, Result};
use methodical_methods::METHODS;
use methodical_methods::method::{Accepts, Fit, Method, Preconditions, Run, Unasked};
use methodical_methods::properties::{self, property::Property};
use methodical_methods::reports::{REPORTS, report::Report};
use methodical_methods::table::counted;
use methodical_semantics::registry::{Cacheable, IANA, Registered};

use crate::arguments::Arguments;
use crate::project::Project;
use crate::verdict::Verdict;

/// Texts that say how many methods there are, in the words of [`counted`].
const COUNTED: [&str; 4] =
    ["README.md", "ARCHITECTURE.md", "crates/methodical/Cargo.toml", "dist/methodical.service"];

type Page = (&'static str, fn() -> String);

/// The pages, and what writes them.
const PAGES: [Page; 2] =
    [("docs/methods.md", methods_page), ("docs/properties.md", properties_page)];

pub(crate) fn task(project: &Project, mut arguments: Arguments) -> Result<Verdict> {
    let only_check = arguments.switch("--check");
    arguments.finish()?;
    let mut pages: Vec<(&str, String)> = PAGES.map(|(name, page)| (name, page())).into();
    for name in COUNTED {
        let text = project.read(name)?;
        let fresh = recounted(&text, &counted());
        pages.push((name, fresh.with_context(|| format!("{name} does not say {}", counted()))?));
    }
    let mut verdict = Verdict::Good;
    for (name, page) in pages {
        if !is_kept(project, name, &page, only_check)? {
            verdict = Verdict::Bad;
        }
    }
    Ok(verdict)
}

/// A text with each `N of the N registered methods` in it replaced; nothing where it has none.
fn recounted(text: &str, counted: &str) -> Option<String> {
    let number = |letter: char| letter.is_ascii_digit();
    let (mut fresh, mut rest, mut found) = (String::new(), text, false);
    while let Some((before, after)) = rest.split_once(COUNTED_END) {
        match before.trim_end_matches(number).strip_suffix(COUNTED_MIDDLE) {
            Some(words) => {
                fresh.extend([words.trim_end_matches(number), counted]);
                found = true;
            }
            None => fresh.extend([before, COUNTED_END]),
        }
        rest = after;
    }
    found.then(|| fresh + rest)
}

/// Writes a page that is stale, or says that it is; gives whether it is fresh now.
fn is_kept(project: &Project, name: &str, page: &str, only_check: bool) -> Result<bool> {
    if project.read(name).is_ok_and(|text| text == page) {
        println!("{name} is fresh");
    } else if only_check {
        println!("{name}:1: is stale: run `cargo xtask docs`");
        return Ok(false);
    } else {
        let path = project.path(name);
        let folder = path.parent().context("a page lies in a folder")?;
        fs::create_dir_all(folder)?;
        fs::write(&path, page).with_context(|| format!("cannot write {name}"))?;
        println!("{name} is written");
    }
    Ok(true)
}

/// The page about live properties and reports.
fn properties_page() -> String {
    let page = properties::all()
        .map(property_row)
        .fold(PROPERTIES_OPENING.to_owned(), |page, row| page + &row);
    let report = |report: &Report| format!("| `{}` | {} |\n", report.name, report.spec);
    REPORTS.iter().map(report).fold(page + REPORTS_OPENING, |page, row| page + &row)
}

fn property_row(property: &Property) -> String {
    format!(
        "| `{}` | `{}` | {} | {} | {} |\n",
        property.name,
        property.namespace,
        yes(property.in_allprop),
        yes(property.is_protected()),
        property.spec,
    )
}

/// The whole page: the table, then a section for each method that is implemented.
fn methods_page() -> String {
    let mut page = String::from(OPENING);
    for (method, registered) in rows() {
        page += &table_row(method, &registered);
    }
    page += CLOSING;
    for (method, registered) in rows().filter(|(method, _)| method.is_implemented()) {
        page += &section(method, &registered);
    }
    page
}

/// The two tables do not compile unless they are in one order.
fn rows() -> impl Iterator<Item = (&'static Method, Registered)> {
    METHODS.iter().zip(IANA)
}

fn table_row(method: &Method, registered: &Registered) -> String {
    let name = if method.is_implemented() {
        format!("[{0}](#{1})", method.name, method.name.to_lowercase())
    } else {
        method.name.replace('*', "\\*")
    };
    let content = if method.is_implemented() { content(method.accepts) } else { "-" };
    format!(
        "| {name} | {} | {} | {} | {content} | {} | {} |\n",
        yes(registered.safe),
        yes(registered.idempotent),
        cacheable(registered.cacheable),
        implemented(method),
        method.spec.join("; "),
    )
}

fn section(method: &Method, registered: &Registered) -> String {
    let entries = [
        ("Safe", yes(registered.safe).to_owned()),
        ("Idempotent", yes(registered.idempotent).to_owned()),
        ("Cacheable", cacheable(registered.cacheable).to_owned()),
        ("Content of a request", content(method.accepts).to_owned()),
        ("Media types", media_types(method.accepts)),
        ("Applies to", applies_to(method)),
        ("Preconditions", preconditions(method.conditions).to_owned()),
        ("Specification", method.spec.join("; ")),
    ];
    let said = entries.iter().filter(|(_, value)| !value.is_empty());
    let list: Vec<String> = said.map(|(name, value)| format!("- {name}: {value}\n")).collect();
    let page = prose(&method.page());
    let gap = if page.is_empty() { "" } else { "\n" };
    format!("\n## {}\n\n{}\n\n{}{gap}{page}", method.name, method.summary, list.concat())
}

/// A page as the text of a section: its headings stand one level below the section's own.
fn prose(page: &str) -> String {
    let mut text = String::new();
    let mut in_code = false;
    for line in page.lines() {
        if line.starts_with("```") {
            in_code = !in_code;
        }
        if !in_code && line.starts_with('#') {
            text += "##";
        }
        text += line;
        text += "\n";
    }
    text
}

const fn yes(it_is: bool) -> &'static str {
    if it_is { "yes" } else { "no" }
}

const fn cacheable(said: Cacheable) -> &'static str {
    match said {
        Cacheable::Yes => "yes",
        Cacheable::Conditional => "conditional",
        Cacheable::No => "no",
        Cacheable::Silent => "-",
    }
}

const fn implemented(method: &Method) -> &'static str {
    match method.run {
        Run::Read(_) | Run::Ask(_) | Run::Write { .. } | Run::Tunnel(_) => "yes",
        Run::Planned { .. } => "not yet",
        Run::Reserved(_) => "never",
    }
}

const fn content(accepts: Accepts) -> &'static str {
    match accepts {
        Accepts::None(Unasked::Dropped) => "ignored",
        Accepts::None(_) => "refused",
        Accepts::Small { .. } => "bounded",
        Accepts::Staged => "any",
        Accepts::StagedOrForm => "any, or a form",
    }
}

fn media_types(accepts: Accepts) -> String {
    match accepts {
        Accepts::Small { types, .. } => types.join(", "),
        Accepts::None(_) | Accepts::Staged | Accepts::StagedOrForm => String::new(),
    }
}

fn applies_to(method: &Method) -> String {
    let applies = &method.applies;
    let fits = [
        (applies.server, "the server (`*`)"),
        (applies.root, "the root folder"),
        (applies.collection, "folders"),
        (applies.file, "files"),
        (applies.unmapped, "new names"),
        (applies.unmapped_collection, "new folder names"),
    ];
    let named: Vec<&str> =
        fits.into_iter().filter(|(fit, _)| *fit == Fit::Yes).map(|(_, name)| name).collect();
    named.join(", ")
}

const fn preconditions(which: Preconditions) -> &'static str {
    match which {
        Preconditions::Ignored => "ignored",
        Preconditions::Selected => "judged against the representation that is chosen",
        Preconditions::State => "judged against the present state, in one step with the change",
    }
}

/// What stands between and behind the numbers of [`counted`].
const COUNTED_MIDDLE: &str = " of the ";
const COUNTED_END: &str = " registered methods";

const PROPERTIES_OPENING: &str = "\
# Live properties

Written by `cargo xtask docs` from the tables in `crates/methods/src/properties/`. A resource has
those that make sense for it: a folder has no length, and locks have no properties where LOCK is not
carried out.

| property | namespace | with allprop | protected | specification |
|---|---|---|---|---|
";

const REPORTS_OPENING: &str = "
## Reports

What REPORT answers, from the tables in `crates/methods/src/reports/`, with the namespace `DAV:`. A
resource has those that `supported-report-set` names.

| report | specification |
|---|---|
";

const OPENING: &str = "\
# Methods

Every method of the IANA HTTP Method Registry. This page is computed from the table of the code by
`cargo xtask docs`; `methodical methods` prints the same table. A method that is not written yet is
answered 501 with a problem document that names its specification.

| method | safe | idempotent | cacheable | content | implemented | specification |
|---|---|---|---|---|---|---|
";

const CLOSING: &str = "
Cacheable `-`: the definition is silent, which means no (RFC 9110 section 9.2.3). Content: what a
request may carry.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_a_row_for_every_method() {
        let page = methods_page();
        let rows = page.lines().filter(|line| line.starts_with("| ")).count();
        assert_eq!(rows, METHODS.len() + 1);
    }

    #[test]
    fn the_headings_of_a_page_stand_one_level_deeper() {
        let text = prose("Says.\n\n# Limits\n```sh\n# code\n```");
        assert_eq!(text, "Says.\n\n### Limits\n```sh\n# code\n```\n");
    }

    #[test]
    fn a_count_is_brought_up_to_date_wherever_it_stands() {
        let text = "1 of the 2 registered methods. All registered methods. 30 of the 41 registered \
                    methods";
        let fresh = "9 of the 9 registered methods. All registered methods. 9 of the 9 registered \
                     methods";
        let counted = "9 of the 9 registered methods";
        assert_eq!(recounted(text, counted).as_deref(), Some(fresh));
        assert_eq!(recounted("every method", counted), None);
        assert!(recounted(&super::counted(), &super::counted()) == Some(super::counted()));
    }
}
