//! Settings with where each was said.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use super::{SETTINGS, draft::Draft};
use crate::failure::Failure;

/// Which source had the last word about a setting.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    Default,
    File { path: PathBuf, line: usize, column: usize },
    Variable(String),
    Flag(&'static str),
}

/// A draft, with the source of each row of [`SETTINGS`].
#[derive(Debug)]
pub(crate) struct Effective {
    pub(crate) draft: Draft,
    pub(crate) sources: Vec<Source>,
}

impl Effective {
    pub(crate) fn set(
        &mut self,
        at: usize,
        words: &[OsString],
        source: Source,
    ) -> Result<(), Failure> {
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
