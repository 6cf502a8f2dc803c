//! One setting: what a row of the table of them says.

use methodical_server::settings::Settings;

use super::{applies::Applies, kind::Kind};

/// One thing that an operator can say to `serve`.
#[derive(Debug)]
pub(crate) struct Setting {
    /// The flag without its dashes; the key and the variable are made of it.
    pub(crate) long: &'static str,
    /// The flag's letter.
    pub(crate) short: Option<char>,
    /// What is set, how it is read, and its default.
    pub(crate) kind: Kind,
    /// One sentence for the help.
    pub(crate) help: &'static str,
    /// The paragraph of the help in which it stands.
    pub(crate) heading: &'static str,
    /// When it holds, once it changed while the server runs.
    pub(crate) applies: Applies,
}

impl Setting {
    /// The key in the configuration file.
    pub(crate) fn key(&self) -> String {
        self.long.replace('-', "_")
    }

    /// The environment variable.
    pub(crate) fn variable(&self) -> String {
        format!("{VARIABLE_PREFIX}{}", self.key().to_uppercase())
    }

    /// It holds at a restart only.
    pub(crate) const fn at_restart(self) -> Self {
        Self { applies: Applies::Restart, ..self }
    }

    /// It holds now, unless what the server was started with does not bear it.
    pub(crate) const fn unless(self, is_borne_not: fn(&Settings, &Settings) -> bool) -> Self {
        Self { applies: Applies::NowUnless(is_borne_not), ..self }
    }

    /// The same with a letter.
    pub(crate) const fn short(mut self, letter: char) -> Self {
        self.short = Some(letter);
        self
    }
}

/// A row of the table.
pub(crate) const fn row(
    heading: &'static str,
    long: &'static str,
    kind: Kind,
    help: &'static str,
) -> Setting {
    Setting { long, short: None, kind, help, heading, applies: Applies::Now }
}

/// What each of our environment variables begins with.
pub(crate) const VARIABLE_PREFIX: &str = "METHODICAL_";
