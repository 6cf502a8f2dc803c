//! `cargo xtask coverage`: which requirements have a test.
//!
//! `data/requirements/*.csv` numbers what the specifications demand. A test claims what it shows
//! in a comment above it: `// covers: PUT-01 PUT-02`.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};

use crate::arguments::Arguments;
use crate::project::{Project, ending};
use crate::{Verdict, csv};

const FOLDER: &str = "data/requirements/";
const HEADER: &[&str] = &["id", "level", "section", "requirement", "check"];
const CLAIM: &str = "// covers:";

/// One file of requirements: its name and its ids in their order.
#[derive(Debug)]
struct Chapter {
    name: String,
    ids: Vec<String>,
}

/// A test's claim of one id.
#[derive(Debug, PartialEq, Eq)]
struct Claim {
    id: String,
    path: String,
    line: usize,
}

pub(crate) fn task(project: &Project, arguments: Arguments) -> Result<Verdict> {
    arguments.finish()?;
    let files = project.files()?;
    let chapters = read_chapters(project, &files)?;
    let mut claims = Vec::new();
    for path in files.iter().filter(|path| ending(path) == "rs") {
        claims.extend(claims_in(path, &project.read(path)?));
    }
    let tests = tests_by_id(&claims);
    print_table(&chapters, &tests);
    let unknown = unknown_claims(&chapters, &claims);
    for claim in &unknown {
        println!("{}:{}: there is no requirement {}", claim.path, claim.line, claim.id);
    }
    Ok(if unknown.is_empty() { Verdict::Good } else { Verdict::Bad })
}

fn read_chapters(project: &Project, files: &[String]) -> Result<Vec<Chapter>> {
    let mut chapters = Vec::new();
    for path in files.iter().filter(|path| path.starts_with(FOLDER) && ending(path) == "csv") {
        let rows = csv::rows(&project.read(path)?, HEADER).with_context(|| path.clone())?;
        let ids: Vec<String> = rows.into_iter().filter_map(|row| row.into_iter().next()).collect();
        chapters.push(Chapter { name: path.trim_start_matches(FOLDER).to_owned(), ids });
    }
    let mut all: Vec<&String> = chapters.iter().flat_map(|chapter| &chapter.ids).collect();
    let count = all.len();
    all.sort();
    all.dedup();
    ensure!(count > 0, "{FOLDER} holds no requirements");
    ensure!(all.len() == count, "{FOLDER} holds an id twice");
    Ok(chapters)
}

/// The ids that a source file's comments claim.
fn claims_in(path: &str, text: &str) -> Vec<Claim> {
    let mut claims = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let Some(ids) = line.trim_start().strip_prefix(CLAIM) else { continue };
        for id in ids.split([' ', ',']).filter(|id| !id.is_empty()) {
            claims.push(Claim { id: id.to_owned(), path: path.to_owned(), line: index + 1 });
        }
    }
    claims
}

fn tests_by_id(claims: &[Claim]) -> BTreeMap<&str, usize> {
    let mut tests = BTreeMap::new();
    for claim in claims {
        *tests.entry(claim.id.as_str()).or_insert(0) += 1;
    }
    tests
}

fn unknown_claims<'c>(chapters: &[Chapter], claims: &'c [Claim]) -> Vec<&'c Claim> {
    let known = |id: &String| chapters.iter().any(|chapter| chapter.ids.contains(id));
    claims.iter().filter(|claim| !known(&claim.id)).collect()
}

fn print_table(chapters: &[Chapter], tests: &BTreeMap<&str, usize>) {
    let mut covered_in_all = 0;
    let mut ids_in_all = 0;
    for chapter in chapters {
        let open: Vec<&str> =
            chapter.ids.iter().map(String::as_str).filter(|id| !tests.contains_key(id)).collect();
        let covered = chapter.ids.len() - open.len();
        covered_in_all += covered;
        ids_in_all += chapter.ids.len();
        println!("{:<16} {covered:>3} of {:>3}", chapter.name, chapter.ids.len());
        for line in open.chunks(9) {
            println!("{:17}no test: {}", "", line.join(" "));
        }
    }
    println!("{:<16} {covered_in_all:>3} of {ids_in_all:>3} requirements have a test", "in all");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_comments_of_their_own_line() {
        let text = "    // covers: PUT-01, PUT-02\n#[test]\nfn a() {} // covers: PUT-03\n";
        let claims = claims_in("a.rs", text);
        let ids: Vec<&str> = claims.iter().map(|claim| claim.id.as_str()).collect();
        assert_eq!(ids, ["PUT-01", "PUT-02"]);
        assert_eq!(claims[1].line, 1);
    }

    #[test]
    fn a_claim_of_an_id_that_is_in_no_table_is_found() {
        let chapters = [Chapter { name: "put.csv".to_owned(), ids: vec!["PUT-01".to_owned()] }];
        let claims = claims_in("a.rs", "// covers: PUT-01 PUT-99\n");
        assert_eq!(unknown_claims(&chapters, &claims), [&claims[1]]);
    }
}
