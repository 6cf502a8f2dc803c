//! Circles of imports: files of a crate that cannot be understood one without the others.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::Finding;
use super::paths::paths;
use super::tree::{Source, Tree};

/// Two files may know each other: a parser and its cursor, a request and its method.
const CIRCLE_MAX: usize = 2;

/// Larger circles that are there, each by one of its files, with the number of its files. There is
/// none: one that cannot be undone at once is named here, and its number only falls.
const KNOWN: &[Known] = &[];

/// The tables of rows: a file for each row, and the list of them. What a row's function computes of
/// all rows is a loop of the data alone, so that the rows that such a list names count as no import
/// of it; whatever else it imports does.
const LISTS: &[&str] = &[
    "crates/methods/src/methods/mod.rs",
    "crates/methods/src/properties/mod.rs",
    "crates/methods/src/reports/mod.rs",
];

/// A file of a circle, and how many files are in it.
type Known = (&'static str, usize);

/// Where [`KNOWN`] stands.
const TABLE: &str = "xtask/src/tidy/circles.rs";

/// Rule: no files import each other in a circle, but two at a time.
pub(super) fn circles(tree: &Tree) -> Vec<Finding> {
    beside(KNOWN, tree)
}

/// The circles that are not known, and what is known and not there.
fn beside(known: &[Known], tree: &Tree) -> Vec<Finding> {
    let mut crates: BTreeMap<&str, Vec<&Source>> = BTreeMap::new();
    for source in tree.code("") {
        if let Some((name, _)) = source.path.split_once("/src/") {
            crates.entry(name).or_default().push(source);
        }
    }
    let circles: Vec<Vec<&str>> =
        crates.iter().flat_map(|(name, sources)| in_crate(name, sources)).collect();
    let grown = circles.iter().filter_map(|circle| grown(circle, known));
    grown.chain(known.iter().filter_map(|known| outlived(*known, &circles))).collect()
}

/// The finding of a circle that has more files than are known.
fn grown(circle: &[&str], known: &[Known]) -> Option<Finding> {
    let known = known.iter().find(|(path, _)| circle.contains(path));
    if circle.len() <= known.map_or(CIRCLE_MAX, |(_, files)| *files) {
        return None;
    }
    let names: Vec<&str> = circle.iter().filter_map(|path| path.split("/src/").nth(1)).collect();
    let sentence = format!(
        "{} files import each other in a circle: {}; move what they share into a file that \
         imports none of them",
        names.len(),
        names.join(", ")
    );
    Some(Finding::new(circle.first()?, 0, sentence))
}

/// The finding of what is known of a circle that has fewer files by now, or is none any more.
fn outlived((path, files): Known, circles: &[Vec<&str>]) -> Option<Finding> {
    let there = circles.iter().find(|circle| circle.contains(&path)).map_or(0, Vec::len);
    if there >= files && files > CIRCLE_MAX {
        return None;
    }
    let sentence = if there > CIRCLE_MAX {
        format!("the circle of {path} has {there} files by now; write that number into KNOWN")
    } else {
        format!("{path} is in no circle of more than two files; take it out of KNOWN")
    };
    Some(Finding::new(TABLE, 0, sentence))
}

/// The circles of a crate, each as the names of its files.
fn in_crate<'s>(name: &str, sources: &[&'s Source]) -> Vec<Vec<&'s str>> {
    let files: BTreeMap<Vec<&str>, usize> = sources
        .iter()
        .enumerate()
        .map(|(index, source)| (module_of(name, &source.path), index))
        .collect();
    let imports: Vec<BTreeSet<usize>> = sources
        .iter()
        .enumerate()
        .map(|(index, source)| imports(&module_of(name, &source.path), source, &files, index))
        .collect();
    let path_of = |file: &usize| sources.get(*file).map(|source| source.path.as_str());
    let circles = components(&imports);
    circles.iter().map(|circle| circle.iter().filter_map(path_of).collect()).collect()
}

/// The module of a file: `a::b` of `a/b.rs` and of `a/b/mod.rs`.
fn module_of<'p>(name: &str, path: &'p str) -> Vec<&'p str> {
    let within = path.get(name.len() + "/src/".len()..).unwrap_or_default();
    let mut module: Vec<&str> = within.trim_end_matches(".rs").split('/').collect();
    if matches!(module.last(), Some(&("mod" | "lib" | "main"))) {
        module.pop();
    }
    module
}

/// The files that a file imports from: the deepest one of each path.
fn imports(
    module: &[&str],
    source: &Source,
    files: &BTreeMap<Vec<&str>, usize>,
    own: usize,
) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    // A visibility, `pub(in super::super)`, imports nothing.
    let is_visibility = |path: &str| path.split("::").all(|segment| segment == "super");
    let lists = LISTS.contains(&source.path.as_str());
    let is_row = |path: &str| lists && is_row_of_child(module, path, files);
    let counts = |path: &str| !is_visibility(path) && !is_row(path);
    for word in paths(&source.syntax).into_iter().filter(|word| counts(&word.text)) {
        let mut segments = word.text.split("::").peekable();
        let mut at = match segments.peek() {
            Some(&"crate") => Vec::new(),
            Some(&("self" | "super")) => module.to_vec(),
            Some(first) if files.contains_key(&child(module, first)) => module.to_vec(),
            _ => continue,
        };
        for segment in segments {
            match segment {
                "crate" | "self" => {}
                "super" => {
                    at.pop();
                }
                name => match files.get_key_value(&child(&at, name)) {
                    Some((deeper, _)) => at.clone_from(deeper),
                    None => break,
                },
            }
        }
        // A name alone may be a variable; a module is named to get at what is in it.
        let leads_on = word.text.contains("::");
        found.extend(files.get(&at).filter(|file| leads_on && **file != own));
    }
    found
}

/// Returns whether a path is that of a constant in a file beside the list: `get::GET`.
fn is_row_of_child(module: &[&str], path: &str, files: &BTreeMap<Vec<&str>, usize>) -> bool {
    let path = path.strip_prefix("self::").unwrap_or(path);
    let Some((file, constant)) = path.split_once("::") else { return false };
    files.contains_key(&child(module, file))
        && constant.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

fn child<'p>(module: &[&'p str], name: &'p str) -> Vec<&'p str> {
    let mut child = module.to_vec();
    child.push(name);
    child
}

/// The sets of two and more that each reach one another.
fn components(imports: &[BTreeSet<usize>]) -> Vec<BTreeSet<usize>> {
    let reached: Vec<BTreeSet<usize>> = (0..imports.len()).map(|of| reach(of, imports)).collect();
    let mut found = BTreeSet::new();
    for (of, there) in reached.iter().enumerate() {
        let leads_back = |other: &&usize| reached.get(**other).is_some_and(|it| it.contains(&of));
        let back = there.iter().filter(leads_back).copied();
        let circle: BTreeSet<usize> = back.chain([of]).collect();
        if circle.len() > 1 {
            found.insert(circle);
        }
    }
    found.into_iter().collect()
}

fn reach(of: usize, imports: &[BTreeSet<usize>]) -> BTreeSet<usize> {
    let (mut found, mut left) = (BTreeSet::new(), vec![of]);
    while let Some(next) = left.pop() {
        let others = imports.get(next).into_iter().flatten();
        left.extend(others.filter(|other| found.insert(**other)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        found_beside(&[], files)
    }

    fn found_beside(known: &[Known], files: &[(&str, &str)]) -> Vec<String> {
        let findings = beside(known, &Tree::sample(files));
        findings.into_iter().map(|finding| finding.sentence).collect()
    }

    /// A circle of three, and two files that know each other.
    const THREE: [(&str, &str); 6] = [
        ("crates/x/src/lib.rs", "mod a; mod b; mod c; mod d; mod e;"),
        ("crates/x/src/a.rs", "use crate::b::B;"),
        ("crates/x/src/b.rs", "use crate::c::C;"),
        ("crates/x/src/c.rs", "use crate::a::A;"),
        ("crates/x/src/d.rs", "use crate::e::E;"),
        ("crates/x/src/e.rs", "use crate::d::D;"),
    ];

    #[test]
    fn a_circle_that_is_known_does_not_grow() {
        assert_eq!(found_beside(&[("crates/x/src/b.rs", 3)], &THREE), [""; 0]);
        let mut four = THREE.to_vec();
        four[3].1 = "use crate::{a::A, d::D};";
        four[4].1 = "use crate::b::B;";
        let told = found_beside(&[("crates/x/src/b.rs", 3)], &four);
        assert_eq!(told.len(), 1);
        assert!(told[0].starts_with("4 files import each other"));
    }

    #[test]
    fn what_is_known_is_there() {
        let told = found_beside(&[("crates/x/src/c.rs", 4)], &THREE);
        assert_eq!(
            told,
            ["the circle of crates/x/src/c.rs has 3 files by now; write that number into KNOWN"]
        );
        for (path, files) in [("crates/x/src/d.rs", 2), ("crates/x/src/lib.rs", 3), ("gone", 5)] {
            let told = found_beside(&[("crates/x/src/a.rs", 3), (path, files)], &THREE);
            let out =
                format!("{path} is in no circle of more than two files; take it out of KNOWN");
            assert_eq!(told, [out]);
        }
    }

    #[test]
    fn a_visibility_is_no_import() {
        let told = found(&[
            ("crates/x/src/m/mod.rs", "mod n; pub use n::A;"),
            ("crates/x/src/m/n/mod.rs", "mod a; mod b; pub(super) use a::A;"),
            ("crates/x/src/m/n/a.rs", "use super::b::B; pub(in super::super) struct A(B);"),
            ("crates/x/src/m/n/b.rs", "pub(in super::super) struct B;"),
        ]);
        assert_eq!(told, [""; 0]);
    }

    #[test]
    fn a_circle_of_three_is_named() {
        let told = found(&[
            ("crates/x/src/lib.rs", "mod a; mod b; mod c;"),
            ("crates/x/src/a.rs", "use crate::b::B; struct A;"),
            ("crates/x/src/b/mod.rs", "use super::c; type B = c::C;"),
            ("crates/x/src/c.rs", "fn f(_: crate::a::A) {}"),
            ("crates/x/src/d.rs", "use crate::a::A;"),
        ]);
        assert_eq!(told.len(), 1);
        assert!(told[0].starts_with("3 files import each other in a circle: a.rs, b/mod.rs, c.rs"));
    }

    #[test]
    fn two_may_know_each_other_and_tests_know_everybody() {
        let told = found(&[
            ("crates/x/src/lib.rs", "mod a; mod b; mod c; use a::A;"),
            ("crates/x/src/a.rs", "use crate::b::B;"),
            ("crates/x/src/b.rs", "use crate::a::A;\n#[cfg(test)] mod tests { use crate::c::C; }"),
            ("crates/x/src/c.rs", "use crate::{a::A, b::B};"),
            ("crates/y/src/a.rs", "use crate::c::C;"),
        ]);
        assert_eq!(told, [""; 0]);
    }

    /// A row whose function asks the list in which it stands.
    fn listed(list: &'static str, row: &'static str) -> [(&'static str, &'static str); 4] {
        [
            ("crates/methods/src/lib.rs", "mod methods; mod table;"),
            ("crates/methods/src/table.rs", "use crate::methods::ROWS;"),
            ("crates/methods/src/methods/mod.rs", list),
            ("crates/methods/src/methods/get.rs", row),
        ]
    }

    #[test]
    fn the_list_of_the_rows_does_not_import_them() {
        let row = "use crate::table::find; pub const GET: u8 = 1; pub fn get() {}";
        assert_eq!(
            found(&listed("pub mod get; pub const ROWS: [u8; 1] = [get::GET];", row)),
            [""; 0]
        );
        // What else it takes of them counts, and so does such a list in another folder.
        assert_eq!(found(&listed("pub mod get; pub fn all() { get::get() }", row)).len(), 1);
        let elsewhere = [
            ("crates/x/src/lib.rs", "mod rows; mod table;"),
            ("crates/x/src/table.rs", "use crate::rows::ROWS;"),
            ("crates/x/src/rows/mod.rs", "pub mod get; pub const ROWS: [u8; 1] = [get::GET];"),
            ("crates/x/src/rows/get.rs", "use crate::table::find; pub const GET: u8 = 1;"),
        ];
        assert_eq!(found(&elsewhere).len(), 1);
    }

    #[test]
    fn a_folder_that_looks_into_its_files_is_in_their_circle() {
        let told = found(&[
            ("crates/x/src/m/mod.rs", "mod a; mod b; use self::a::A; pub struct M;"),
            ("crates/x/src/m/a.rs", "use super::b::B;"),
            ("crates/x/src/m/b.rs", "use super::M;"),
        ]);
        assert_eq!(told.len(), 1);
    }
}
