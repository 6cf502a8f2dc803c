//! The effective configuration: defaults, then the file, then the environment, then the flags.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use super::{
    SETTINGS,
    draft::Draft,
    effective::{Effective, Source},
    file,
    kind::Kind,
    setting::{Setting, VARIABLE_PREFIX},
    suggestions::near,
};
use crate::failure::Failure;

/// What was said on the command line: for each row of [`SETTINGS`] its words, none if it was not
/// named; and the configuration file.
#[derive(Debug, Clone)]
pub(crate) struct CommandLine {
    pub(crate) words: Vec<Vec<OsString>>,
    pub(crate) config: Option<PathBuf>,
}

impl CommandLine {
    /// The configuration file, where one is named.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        self.config.clone().or_else(config_variable)
    }

    /// Reads the file and the environment, and puts what was said here on top.
    ///
    /// # Errors
    /// The file cannot be read, or a source says what cannot be.
    pub(crate) fn effective(&self) -> Result<Effective, Failure> {
        let (effective, wrong) = self.effective_and_wrong();
        wrong.into_iter().next().map_or(Ok(effective), Err)
    }

    /// The same as far as it can be read, and everything that cannot be.
    pub(crate) fn effective_and_wrong(&self) -> (Effective, Vec<Failure>) {
        let sources = vec![Source::Default; SETTINGS.len()];
        let mut effective = Effective { draft: Draft::new(), sources };
        let mut wrong = match self.file() {
            Some(path) => file::read(&path, &mut effective),
            None => Vec::new(),
        };
        for (at, setting) in SETTINGS.iter().enumerate() {
            let variable = setting.variable();
            let words = variable_words(setting, &variable);
            wrong.extend(effective.set(at, &words, Source::Variable(variable)).err());
        }
        for ((at, setting), words) in SETTINGS.iter().enumerate().zip(&self.words) {
            wrong.extend(effective.set(at, words, Source::Flag(setting.long)).err());
        }
        (effective, wrong)
    }
}

/// Variables that look like ours, are none, and were most likely meant to be one.
pub(crate) fn mistyped_variables() -> Vec<String> {
    let names: Vec<String> = SETTINGS.iter().map(Setting::variable).collect();
    let others = [CONFIG_VARIABLE, crate::commands::health::URL_VARIABLE];
    let known = |name: &String| others.contains(&name.as_str()) || names.contains(name);
    let ours = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let unknown = ours.filter(|name| name.starts_with(VARIABLE_PREFIX) && !known(name));
    let hint = |name: String| {
        let rest = name.strip_prefix(VARIABLE_PREFIX)?;
        let rests = names.iter().filter_map(|known| known.strip_prefix(VARIABLE_PREFIX));
        let meant = *near(rest, rests).first()?;
        Some(format!("{name} is no setting; {VARIABLE_PREFIX}{meant} is"))
    };
    unknown.filter_map(hint).collect()
}

fn config_variable() -> Option<PathBuf> {
    env::var_os(CONFIG_VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// An empty variable is as good as none; a list is separated by commas.
fn variable_words(setting: &Setting, variable: &str) -> Vec<OsString> {
    let Some(value) = env::var_os(variable).filter(|value| !value.is_empty()) else {
        return Vec::new();
    };
    match (&setting.kind, value.to_str()) {
        (Kind::List { .. }, Some(text)) => {
            text.split(',').map(|word| OsStr::new(word.trim()).to_owned()).collect()
        }
        _ => vec![value],
    }
}

/// Names the configuration file where no `--config` does.
pub(crate) const CONFIG_VARIABLE: &str = "METHODICAL_CONFIG";
