//! What is most likely meant by words that other servers take.

use std::path::Path;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::SETTINGS;

/// The answer to words that cannot be taken, with what may have been meant.
pub(crate) fn with_tip(mut answer: clap::Error) -> clap::Error {
    let word = |kind| {
        let Some(ContextValue::String(word)) = answer.get(kind) else { return None };
        Some(word.as_str())
    };
    let kind = answer.kind();
    let tip = if kind == ErrorKind::InvalidSubcommand {
        word(ContextKind::InvalidSubcommand).and_then(folder)
    } else if kind == ErrorKind::UnknownArgument {
        let usage = answer.get(ContextKind::Usage).map(ToString::to_string);
        let of_serve = usage.is_some_and(|usage| usage.contains("methodical serve"));
        word(ContextKind::InvalidArg).and_then(|flag| argument(flag, of_serve))
    } else {
        None
    };
    if let Some(tip) = tip {
        answer.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    answer
}

/// A folder in the place of a command.
fn folder(word: &str) -> Option<String> {
    let is_path = word.contains('/') || word.starts_with(['.', '~']) || Path::new(word).is_dir();
    is_path.then(|| format!("a folder is served by: methodical serve {}", quoted(word)))
}

/// A flag that is of no command, or of another.
fn argument(flag: &str, of_serve: bool) -> Option<String> {
    let bare = flag.trim_start_matches('-');
    if READ_ONLY.contains(&bare) {
        return Some("a folder is read-only unless --write is said: leave it out".to_owned());
    }
    let is_its = |long: &str, short: Option<char>| {
        bare == long || short.is_some_and(|short| bare.strip_prefix(short) == Some(""))
    };
    let its = SETTINGS.iter().any(|setting| is_its(setting.long, setting.short));
    (its && !of_serve).then(|| format!("a folder is served by: methodical serve {flag} ... DIR"))
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-~+,@%".contains(c);
    if word.chars().all(is_plain) { word.to_owned() } else { format!("{word:?}") }
}

/// What others call it.
const READ_ONLY: &[&str] = &["read-only", "readonly", "ro", "no-write", "immutable"];
