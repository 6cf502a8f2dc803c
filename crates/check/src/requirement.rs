//! The requirements: what specifications demand, by id. The tables are the project's own data.
//!
//! They are CSV files (RFC 4180) with the columns id, level, section, requirement and check, and
//! are compiled in, so that the examiner is one file and its words are those of the tables. The
//! tables that the server's own tests go by, too, lie in the folder of the project's data; those of
//! framing, WebDAV and what is measured are the examiner's alone and lie beside this file. A line
//! that has not five cells is left out.

use std::fmt;
use std::sync::OnceLock;

/// The strength of a requirement (RFC 2119).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It is allowed; other behaviour is worth a note.
    May,
    /// There should be a good reason to do otherwise.
    Should,
    /// Anything else is wrong.
    Must,
}

/// One requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// The id, as `PUT-01`.
    /// The letters name the group, which `--only` takes, too.
    pub id: String,
    /// The strength.
    pub level: Level,
    /// The specification and its section.
    /// As the tables write it: `RFC9110 9.3.4`. Reports turn it into a sentence.
    pub section: String,
    /// The demand, in one sentence.
    pub sentence: String,
    /// The request that is sent, and the answer that is expected.
    pub check: String,
}

/// All requirements in the order of the tables.
/// They are read at the first call and kept.
///
/// ```
/// use methodical_check::{Level, requirements};
///
/// let musts = requirements().iter().filter(|one| one.level == Level::Must).count();
/// assert!(musts > 100);
/// ```
pub fn requirements() -> &'static [Requirement] {
    static ALL: OnceLock<Vec<Requirement>> = OnceLock::new();
    ALL.get_or_init(|| TABLES.iter().flat_map(|table| read(table)).collect())
}

/// The requirement of an id.
/// The case of its letters does not matter.
///
/// ```
/// use methodical_check::requirement;
///
/// assert_eq!(requirement("put-01").unwrap().section, "RFC9110 9.3.4");
/// assert!(requirement("PUT-999").is_none());
/// ```
pub fn requirement(id: &str) -> Option<&'static Requirement> {
    requirements().iter().find(|requirement| requirement.id.eq_ignore_ascii_case(id))
}

/// The requirements of a table, whose first line names the columns.
fn read(table: &str) -> Vec<Requirement> {
    table.lines().skip(1).filter_map(|line| row(&cells(line))).collect()
}

/// A requirement of five cells; a level that is neither MUST nor SHOULD is MAY.
fn row(cells: &[String]) -> Option<Requirement> {
    let [id, level, section, sentence, check] = cells else { return None };
    let level = match level.as_str() {
        "MUST" => Level::Must,
        "SHOULD" => Level::Should,
        _ => Level::May,
    };
    Some(Requirement {
        id: id.clone(),
        level,
        section: section.clone(),
        sentence: sentence.clone(),
        check: check.clone(),
    })
}

/// The cells of a line (RFC 4180): in quotes, two quotes are one.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                push(&mut cells, '"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            letter => push(&mut cells, letter),
        }
    }
    cells
}

/// Adds a letter to the last cell.
fn push(cells: &mut [String], letter: char) {
    if let Some(cell) = cells.last_mut() {
        cell.push(letter);
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::May => "MAY",
            Self::Should => "SHOULD",
            Self::Must => "MUST",
        })
    }
}

/// The tables, in the order in which `check --list` shows them.
const TABLES: &[&str] = &[
    include_str!("../../../data/requirements/general.csv"),
    include_str!("requirements/framing.csv"),
    include_str!("../../../data/requirements/get-head.csv"),
    include_str!("../../../data/requirements/conditional.csv"),
    include_str!("../../../data/requirements/range.csv"),
    include_str!("../../../data/requirements/negotiation.csv"),
    include_str!("../../../data/requirements/options.csv"),
    include_str!("../../../data/requirements/trace.csv"),
    include_str!("../../../data/requirements/connect.csv"),
    include_str!("../../../data/requirements/cors.csv"),
    include_str!("../../../data/requirements/put.csv"),
    include_str!("../../../data/requirements/delete.csv"),
    include_str!("../../../data/requirements/post.csv"),
    include_str!("../../../data/requirements/patch.csv"),
    include_str!("../../../data/requirements/query.csv"),
    include_str!("requirements/webdav.csv"),
    include_str!("requirements/measured.csv"),
];
