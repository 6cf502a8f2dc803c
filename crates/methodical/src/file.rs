//! The configuration file: TOML, one key a setting; whatever it says wrongly is said with its
//! place.

use std::fs;
use std::path::Path;

use toml_edit::{Document, Item};

use crate::config::{Effective, Source};
use crate::failure::Failure;
use crate::kind::Kind;
use crate::near::did_you_mean;
use crate::settings::{SETTINGS, Setting};
use crate::tables;
use crate::tunnels::{self, Wrong};

/// Puts what the file says into the configuration.
///
/// # Errors
/// The file cannot be read, is not TOML, or has a key or a value that is none of ours.
pub(crate) fn read(path: &Path, effective: &mut Effective) -> Result<(), Failure> {
    let text = fs::read_to_string(path).map_err(|cause| unreadable(path, &cause))?;
    let file = File { path, text: &text };
    let document = Document::parse(text.as_str())
        .map_err(|wrong| file.refuse(wrong.span().map(|span| span.start), wrong.message()))?;
    let table = document.as_table();
    for (name, item) in table {
        let key_start = table.key(name).and_then(toml_edit::Key::span).map(|span| span.start);
        file.apply(name, key_start, item, effective)?;
    }
    Ok(())
}

/// The file, for saying where something stands.
pub(crate) struct File<'a> {
    path: &'a Path,
    text: &'a str,
}

impl File<'_> {
    fn apply(
        &self,
        name: &str,
        key_start: Option<usize>,
        item: &Item,
        effective: &mut Effective,
    ) -> Result<(), Failure> {
        if let Some(taken) = tables::apply(name, item, self, &mut effective.draft.access) {
            return taken.map_err(|(start, clause)| self.refuse(Some(start), &clause));
        }
        let found = SETTINGS.iter().enumerate().find(|(_, setting)| setting.key() == name);
        let Some((at, setting)) = found else { return Err(self.unknown(name, key_start)) };
        let value_start = item.span().map(|span| span.start).or(key_start);
        let (line, _) = self.place(key_start);
        let source = Source::File { path: self.path.to_owned(), line };
        if let (Kind::Tunnels(of), Some(rules)) = (&setting.kind, tunnels::read(item)) {
            let refuse = |wrong: Wrong| self.refuse(wrong.start.or(key_start), &wrong.clause);
            *of(&mut effective.draft) = rules.map_err(refuse)?;
            for (name, start) in tunnels::named(item) {
                effective.draft.access.askers.push((name, self.named(start)));
            }
            effective.came_from(at, source);
            return Ok(());
        }
        let words = setting.kind.words(item);
        words
            .and_then(|words| setting.kind.set(&mut effective.draft, &words))
            .map_err(|clause| self.refuse(value_start, &format!("{name}: {clause}")))?;
        effective.came_from(at, source);
        Ok(())
    }

    fn unknown(&self, name: &str, start: Option<usize>) -> Failure {
        let keys: Vec<String> = SETTINGS.iter().map(Setting::key).collect();
        let keys = keys.iter().map(String::as_str).chain(["access", "groups"]);
        let hint = did_you_mean(name, keys);
        self.refuse(start, &format!("unknown key {name:?}{hint}"))
    }

    /// Where an octet stands: file, line and column.
    pub(crate) fn named(&self, start: usize) -> String {
        let (line, column) = self.place(Some(start));
        format!("{}:{line}:{column}", self.path.display())
    }

    fn refuse(&self, start: Option<usize>, clause: &str) -> Failure {
        let (line, column) = self.place(start);
        Failure::refused(format!("{}:{line}:{column}: {clause}", self.path.display()))
    }

    /// Line and column of an octet of the text, both counted from one, columns in characters.
    fn place(&self, start: Option<usize>) -> (usize, usize) {
        let before = self.text.get(..start.unwrap_or(0)).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
        (before.matches('\n').count() + 1, column)
    }
}

fn unreadable(path: &Path, cause: &std::io::Error) -> Failure {
    Failure::refused(format!(
        "cannot read the configuration file {}: {cause}; name another with --config",
        path.display()
    ))
}
