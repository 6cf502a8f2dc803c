//! `config print`: the effective configuration as a file that `--config` takes, with its sources.
//!
//! What is printed can be given to `--config` again and means the same, but for secrets, which are
//! not shown. The comment behind each value answers why it is what it is: a flag, a variable, a
//! line of a file, or the default.

use std::fmt::Write as _;

use methodical_server::settings::caching;
use toml_edit::{Array, InlineTable, Key};

use crate::settings::{
    SETTINGS,
    access::AccessWords,
    draft::Draft,
    effective::{Effective, Source},
    kind::Kind,
    setting::Setting,
};

/// The configuration as TOML; behind each value stands where it came from.
pub(crate) fn toml(effective: &Effective) -> String {
    let mut draft = effective.draft.clone();
    let mut sources = effective.sources.iter();
    let mut text = String::from(HEAD);
    for paragraph in SETTINGS.chunk_by(|one, next| one.heading == next.heading) {
        let heading = paragraph.first().map_or("", |setting| setting.heading);
        text.extend(["\n# ", heading, "\n"]);
        let lines = paragraph.iter().zip(&mut sources);
        text.extend(lines.map(|(setting, source)| line(setting, &mut draft, source)));
    }
    tables(&effective.draft.access, &mut text);
    cache(&effective.draft.settings.policy.caching, &mut text);
    text
}

/// The tables, which stand behind all keys.
fn tables(words: &AccessWords, text: &mut String) {
    if !words.users.is_empty() {
        text.push_str("\n# [users] is not shown\n");
    }
    if !words.groups.is_empty() {
        text.push_str("\n[groups]\n");
    }
    for (name, members) in &words.groups {
        let members: Array = members.iter().map(|(member, _)| member.as_str()).collect();
        text.extend([&*Key::new(name).to_string(), " = ", &members.to_string(), "\n"]);
    }
    if !words.grants.is_empty() {
        text.push_str("\n[access]\n");
    }
    for grants in words.grants.chunk_by(|one, next| one.path == next.path) {
        let mut who = InlineTable::new();
        for grant in grants {
            who.insert(&grant.who, grant.rights.to_string().into());
        }
        let Some(first) = grants.first() else { continue };
        let path = first
            .path
            .segments()
            .fold(String::new(), |path, name| path + "/" + &String::from_utf8_lossy(name));
        let path = if path.is_empty() { "/" } else { &path };
        let assignment = format!("{} = {who}", Key::new(path));
        // Writing to a String cannot fail.
        _ = writeln!(text, "{assignment:<WIDTH$} # {}", first.place);
    }
}

/// The rules about caching, as a table of their own.
fn cache(rules: &caching::Rules, text: &mut String) {
    if !rules.0.is_empty() {
        text.push_str("\n[cache]\n");
    }
    for rule in &rules.0 {
        let control = toml_edit::Value::from(rule.control.to_string());
        let assignment = format!("{} = {control}", Key::new(rule.files.to_string()));
        // Writing to a String cannot fail.
        _ = writeln!(text, "{assignment:<WIDTH$} # {}", rule.source);
    }
}

/// A setting in a line, commented out where it is not set or is a secret.
fn line(setting: &Setting, draft: &mut Draft, source: &Source) -> String {
    let key = setting.key();
    let assignment = match setting.kind.show(draft) {
        Some(value) => format!("{key} = {value}"),
        None if matches!(&setting.kind, Kind::Secrets { of, .. } if !of(draft).is_empty()) => {
            format!("# {key} is not shown")
        }
        None => format!("# {key} is not set"),
    };
    format!("{assignment:<WIDTH$} # {source}\n")
}

const HEAD: &str = "# The configuration of `methodical serve`, with the source of each value.\n";
/// Columns: where the comments begin, unless a value is longer.
const WIDTH: usize = 34;
