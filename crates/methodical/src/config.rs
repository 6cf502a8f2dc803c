//! The effective configuration: defaults, then the file, then the environment, then the flags.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;

use crate::draft::Draft;
use crate::failure::Failure;
use crate::file;
use crate::kind::Kind;
use crate::near::near;
use crate::setting::{Setting, VARIABLE_PREFIX};
use crate::settings::SETTINGS;

/// Which source had the last word about a setting.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    Default,
    File { path: PathBuf, line: usize, column: usize },
    Variable(String),
    Flag(&'static str),
}

/// What was said on the command line: for each row of [`SETTINGS`] its words, none if it was not
/// named; and the configuration file.
#[derive(Debug, Clone)]
pub(crate) struct CommandLine {
    pub(crate) words: Vec<Vec<OsString>>,
    pub(crate) config: Option<PathBuf>,
}

/// A draft, with the source of each row of [`SETTINGS`].
#[derive(Debug)]
pub(crate) struct Effective {
    pub(crate) draft: Draft,
    pub(crate) sources: Vec<Source>,
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

impl Effective {
    fn set(&mut self, at: usize, words: &[OsString], source: Source) -> Result<(), Failure> {
        let (Some(setting), false) = (SETTINGS.get(at), words.is_empty()) else { return Ok(()) };
        let refuse = |clause| Failure::refused(format!("{source}: {clause}"));
        setting.kind.set(&mut self.draft, words).map_err(refuse)?;
        self.came_from(at, source);
        Ok(())
    }

    /// A clause that begins with the setting that it is about, behind the place where the
    /// configuration file says that; any other clause as it is.
    pub(crate) fn placed(&self, clause: &str) -> String {
        let end = clause.find([':', ',']).unwrap_or(0);
        let about = clause.get(..end).unwrap_or_default();
        let at = SETTINGS.iter().position(|it| it.long == about || it.key() == about);
        match at.and_then(|at| self.sources.get(at)) {
            Some(Source::File { path, line, column }) => {
                format!("{}:{line}:{column}: {clause}", path.display())
            }
            Some(Source::Default | Source::Variable(_) | Source::Flag(_)) | None => {
                clause.to_owned()
            }
        }
    }

    /// Whether a setting was said by its flag.
    pub(crate) fn is_said_by_flag(&self, long: &str) -> bool {
        let at = SETTINGS.iter().position(|setting| setting.long == long);
        let source = at.and_then(|at| self.sources.get(at));
        matches!(source, Some(Source::Flag(_)))
    }

    /// Notes the source of one row.
    pub(crate) fn came_from(&mut self, at: usize, source: Source) {
        if let Some(noted) = self.sources.get_mut(at) {
            *noted = source;
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line, .. } => write!(f, "{}:{line}", path.display()),
            Self::Variable(name) => f.write_str(name),
            Self::Flag("dir") => f.write_str("DIR"),
            Self::Flag(long) => write!(f, "--{long}"),
        }
    }
}

/// Variables that look like ours, are none, and were most likely meant to be one.
pub(crate) fn mistyped_variables() -> Vec<String> {
    let names: Vec<String> = SETTINGS.iter().map(Setting::variable).collect();
    let others = [CONFIG_VARIABLE, crate::health::URL_VARIABLE];
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
