//! The configuration file: TOML, one key a setting; whatever it says wrongly is said with its
//! place.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use toml_edit::{Document, Item};

use super::{
    SETTINGS, caching,
    effective::{Effective, Source},
    kind::Kind,
    place::File,
    setting::Setting,
    suggestions::did_you_mean,
    tables,
    tunnels::{self, Wrong},
};
use crate::failure::Failure;

/// Puts what the file says into the configuration, and gives all that is wrong with it: it cannot
/// be read, is not TOML, or has keys or values that are none of ours.
pub(crate) fn read(path: &Path, effective: &mut Effective) -> Vec<Failure> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(cause) => return vec![unreadable(path, &cause)],
    };
    let file = File { path, text: &text };
    let document = match Document::parse(text.as_str()) {
        Ok(document) => document,
        Err(wrong) => {
            return vec![file.refuse(wrong.span().map(|span| span.start), wrong.message())];
        }
    };
    let table = document.as_table();
    let mut wrong = Vec::new();
    for (name, item) in table {
        let key_start = table.key(name).and_then(toml_edit::Key::span).map(|span| span.start);
        wrong.extend(file.apply(name, key_start, item, effective));
    }
    wrong
}

impl File<'_> {
    /// Takes one key; gives all that is wrong with it.
    fn apply(
        &self,
        name: &str,
        key_start: Option<usize>,
        item: &Item,
        effective: &mut Effective,
    ) -> Vec<Failure> {
        if let Some(wrong) = tables::apply(name, item, self, &mut effective.draft.access) {
            let refuse = |(start, clause): (usize, String)| self.refuse(Some(start), &clause);
            return wrong.into_iter().map(refuse).collect();
        }
        if name == "cache" {
            let refuse = |(start, clause): (usize, String)| self.refuse(Some(start), &clause);
            let (rules, wrong) = caching::read(item, self);
            effective.draft.settings.policy.caching = Arc::new(rules);
            return wrong.into_iter().map(refuse).collect();
        }
        let found = SETTINGS.iter().enumerate().find(|(_, setting)| setting.key() == name);
        let Some((at, setting)) = found else { return vec![self.unknown(name, key_start)] };
        let value_start = item.span().map(|span| span.start).or(key_start);
        let (line, column) = self.place(key_start);
        effective.came_from(at, Source::File { path: self.path.to_owned(), line, column });
        if let (Kind::Tunnels(of), Some((rules, wrong))) = (&setting.kind, tunnels::read(item)) {
            *of(&mut effective.draft) = rules;
            for (name, start) in tunnels::named(item) {
                effective.draft.access.askers.push((name, self.named(start)));
            }
            let refuse = |wrong: Wrong| self.refuse(wrong.start.or(key_start), &wrong.clause);
            return wrong.into_iter().map(refuse).collect();
        }
        let words = setting.kind.words(item);
        let set = words.and_then(|words| setting.kind.set(&mut effective.draft, &words));
        let refuse = |clause| self.refuse(value_start, &format!("{name}: {clause}"));
        set.map_err(refuse).err().into_iter().collect()
    }

    fn unknown(&self, name: &str, start: Option<usize>) -> Failure {
        let keys: Vec<String> = SETTINGS.iter().map(Setting::key).collect();
        let keys = keys.iter().map(String::as_str).chain(tables::names());
        let hint = did_you_mean(name, keys);
        self.refuse(start, &format!("unknown key {name:?}{hint}"))
    }
}

fn unreadable(path: &Path, cause: &std::io::Error) -> Failure {
    Failure::refused(format!(
        "cannot read the configuration file {}: {cause}; name another with --config",
        path.display()
    ))
}
