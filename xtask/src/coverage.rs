//! `cargo xtask coverage`: which requirements have a test.
//!
//! `data/requirements/*.csv` numbers what the specifications demand. A test claims what it shows
//! in a comment above it: `// covers: PUT-01 PUT-02`.
//! `data/requirements-left-out.csv` says why those have none that are about what this server is not
//! or does not do.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};

use crate::arguments::Arguments;
use crate::csv;
use crate::project::{Project, ending};
use crate::verdict::Verdict;

const FOLDER: &str = "data/requirements/";
const LEFT_OUT: &str = "data/requirements-left-out.csv";
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
    let left_out = left_out(&project.read(LEFT_OUT)?)?;
    let tests = tests_by_id(&claims);
    print_table(&chapters, &tests, &left_out);
    let mut unknown = unknown_claims(&chapters, &claims);
    unknown.extend(unknown_claims(&chapters, &left_out));
    for claim in &unknown {
        println!("{}:{}: there is no requirement {}", claim.path, claim.line, claim.id);
    }
    for claim in left_out.iter().filter(|claim| tests.contains_key(claim.id.as_str())) {
        println!("{}:{}: {} has a test", claim.path, claim.line, claim.id);
        unknown.push(claim);
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

/// The ids that are left out, each with its reason.
fn left_out(text: &str) -> Result<Vec<Claim>> {
    let rows = csv::rows(text, &["id", "why"]).context(LEFT_OUT)?;
    let claims = rows.into_iter().enumerate().map(|(index, row)| {
        let reason = row.get(1).is_some_and(|why| !why.is_empty());
        ensure!(reason, "{LEFT_OUT}:{}: no reason", index + 2);
        let id = row.into_iter().next().unwrap_or_default();
        Ok(Claim { id, path: LEFT_OUT.to_owned(), line: index + 2 })
    });
    claims.collect()
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

fn print_table(chapters: &[Chapter], tests: &BTreeMap<&str, usize>, left_out: &[Claim]) {
    let left = |id: &&str| left_out.iter().any(|claim| claim.id == **id);
    let mut covered_in_all = 0;
    let mut ids_in_all = 0;
    for chapter in chapters {
        let open: Vec<&str> =
            chapter.ids.iter().map(String::as_str).filter(|id| !tests.contains_key(id)).collect();
        let covered = chapter.ids.len() - open.len();
        covered_in_all += covered;
        ids_in_all += chapter.ids.len();
        println!("{:<16} {covered:>3} of {:>3}", chapter.name, chapter.ids.len());
        let (out, open): (Vec<&str>, Vec<&str>) = open.into_iter().partition(left);
        for (ids, what) in [(open, "no test"), (out, "left out")] {
            for line in ids.chunks(9) {
                println!("{:17}{what}: {}", "", line.join(" "));
            }
        }
    }
    println!("{:<16} {covered_in_all:>3} of {ids_in_all:>3} requirements have a test", "in all");
    println!("{:<16} {:>3} are left out, with reasons in {LEFT_OUT}", "", left_out.len());
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
    fn what_is_left_out_has_a_reason() {
        let claims = left_out("id,why\nPUT-01,no proxy\n").unwrap();
        assert_eq!((claims[0].id.as_str(), claims[0].line), ("PUT-01", 2));
        assert!(left_out("id,why\nPUT-01,\n").is_err());
    }

    #[test]
    fn a_claim_of_an_id_that_is_in_no_table_is_found() {
        let chapters = [Chapter { name: "put.csv".to_owned(), ids: vec!["PUT-01".to_owned()] }];
        let claims = claims_in("a.rs", "// covers: PUT-01 PUT-99\n");
        assert_eq!(unknown_claims(&chapters, &claims), [&claims[1]]);
    }
}
