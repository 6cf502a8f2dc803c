//! Why the command ends without having done what it was asked for.

use std::fmt;
use std::io;
use std::process::ExitCode;

/// One sentence for the operator and the exit code for the program that called us.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: FailureKind,
    sentence: String,
}

#[derive(Debug, Clone, Copy)]
enum FailureKind {
    Run = 1,
    Refused = 2,
    Unavailable = 3,
}

/// What the process ends with, and what that means.
pub(crate) const EXIT_CODES: &[(&str, &str)] = &[
    ("0", "done; for serve: stopped as it was told to"),
    ("1", "failed while running"),
    (
        "2",
        "refused: the command line, the environment or the configuration asks for what cannot be",
    ),
    ("3", "the folder or an address could not be opened"),
];

impl Failure {
    /// It began, and failed later.
    pub(crate) fn run(sentence: impl Into<String>) -> Self {
        Self { kind: FailureKind::Run, sentence: sentence.into() }
    }

    /// What was asked for cannot be, or is too dangerous to be done unasked.
    pub(crate) fn refused(sentence: impl Into<String>) -> Self {
        Self { kind: FailureKind::Refused, sentence: sentence.into() }
    }

    /// The folder or an address cannot be had.
    pub(crate) fn unavailable(sentence: impl Into<String>) -> Self {
        Self { kind: FailureKind::Unavailable, sentence: sentence.into() }
    }

    /// What the process ends with.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.kind as u8)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl From<io::Error> for Failure {
    fn from(cause: io::Error) -> Self {
        Self::run(format!("cannot write the output: {cause}"))
    }
}
