//! The reason why the command ends without having done what it was asked for.
//!
//! The sentence says what is wrong and what to do about it. The number tells a script or a service
//! manager whether it makes sense to try again: 2 asks for another command line, 3 for something
//! outside. The lists of exit codes feed the manual pages.

use std::fmt;
use std::io;
use std::process::ExitCode;

use crate::output::say;

/// One sentence for the operator and the exit code for the program that called us.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Chooses the exit code.
    kind: FailureKind,
    /// Without a full stop; empty where all has been said.
    sentence: String,
}

/// The classes of failures, by the exit codes of [`EXIT_CODES`].
#[derive(Debug, Clone, Copy)]
enum FailureKind {
    /// It was begun, and failed or found something wrong.
    Run = 1,
    /// The command asks for what cannot be.
    Refused = 2,
    /// A folder, an address or a server cannot be had.
    Unavailable = 3,
}

/// The exit codes of all commands that have none of their own, with their meanings.
pub(crate) const EXIT_CODES: &[(&str, &str)] = &[
    ("0", "done; for serve: stopped as it was told to"),
    ("1", "failed while running"),
    (
        "2",
        "refused: the command line, the environment or the configuration asks for what cannot be",
    ),
    ("3", "the folder or an address could not be opened"),
];

/// The exit codes of `access explain`.
const EXPLAIN_EXIT_CODES: &[(&str, &str)] = &[
    ("0", "the request may be made, and would be carried out"),
    ("1", "it may not, or would be refused in any case"),
    ("2", "refused: there is no such user, method or path, or the configuration cannot be used"),
    ("3", "the folder could not be opened"),
];

/// The exit codes of `config check`.
const CONFIG_CHECK_EXIT_CODES: &[(&str, &str)] = &[
    ("0", "a server would start with it; there may be warnings"),
    ("2", "something in the command line, the environment or the configuration cannot be"),
    ("3", "the folder could not be opened"),
];

/// The exit codes of `check`.
const CHECK_EXIT_CODES: &[(&str, &str)] = &[
    ("0", "nothing is wrong, or not as wrong as --fail-on says"),
    ("1", "there are findings, it was interrupted, or something that it made is left"),
    ("2", "refused: the command line asks for what cannot be"),
    ("3", "the server could not be reached"),
];

/// The exit codes of `health`.
const HEALTH_EXIT_CODES: &[(&str, &str)] = &[
    ("0", "the server serves"),
    ("1", "it answers that it does not, or is not methodical"),
    ("2", "refused: the URL is none"),
    ("3", "it could not be reached"),
];

/// The exit codes of a command, by its whole name without the program's, as `config-check`.
pub(crate) fn exit_codes_of(command: &str) -> &'static [(&'static str, &'static str)] {
    match command {
        "access-explain" => EXPLAIN_EXIT_CODES,
        "config-check" => CONFIG_CHECK_EXIT_CODES,
        "check" => CHECK_EXIT_CODES,
        "health" => HEALTH_EXIT_CODES,
        _ => EXIT_CODES,
    }
}

impl Failure {
    /// It began, and failed later.
    pub(crate) fn run(sentence: impl Into<String>) -> Self {
        Self { kind: FailureKind::Run, sentence: sentence.into() }
    }

    /// The command asks for what cannot be, or is too dangerous to be done unasked.
    pub(crate) fn refused(sentence: impl Into<String>) -> Self {
        Self { kind: FailureKind::Refused, sentence: sentence.into() }
    }

    /// The folder or an address cannot be had.
    pub(crate) fn unavailable(sentence: impl Into<String>) -> Self {
        Self { kind: FailureKind::Unavailable, sentence: sentence.into() }
    }

    /// It failed, and all has been said of that.
    pub(crate) fn told() -> Self {
        Self::run("")
    }

    /// Says why, on standard error, unless that was done.
    pub(crate) fn say(&self) {
        if !self.sentence.is_empty() {
            say(&format!("error: {self}"));
        }
    }

    /// The same, all of which has been said.
    pub(crate) fn said(self) -> Self {
        self.say();
        self.with(String::new())
    }

    /// The same, with another sentence.
    pub(crate) fn with(self, sentence: String) -> Self {
        Self { sentence, ..self }
    }

    /// The exit code of the process.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.kind as u8)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

/// For standard output alone: an error of a file is given its own sentence where it happens.
impl From<io::Error> for Failure {
    fn from(cause: io::Error) -> Self {
        Self::run(format!("cannot write the output: {cause}"))
    }
}
