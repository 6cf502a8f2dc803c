//! Where something stands in the configuration file.

use std::path::Path;

use crate::failure::Failure;

/// The file, for saying where something stands.
pub(crate) struct File<'a> {
    pub(crate) path: &'a Path,
    pub(crate) text: &'a str,
}

impl File<'_> {
    /// Where an octet stands: file, line and column.
    pub(crate) fn named(&self, start: usize) -> String {
        let (line, column) = self.place(Some(start));
        format!("{}:{line}:{column}", self.path.display())
    }

    /// What refuses the file: a clause behind the place that it is about.
    pub(crate) fn refuse(&self, start: Option<usize>, clause: &str) -> Failure {
        let (line, column) = self.place(start);
        Failure::refused(format!("{}:{line}:{column}: {clause}", self.path.display()))
    }

    /// Line and column of an octet of the text, both counted from one, columns in characters.
    pub(crate) fn place(&self, start: Option<usize>) -> (usize, usize) {
        let before = self.text.get(..start.unwrap_or(0)).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
        (before.matches('\n').count() + 1, column)
    }
}
