//! The pages that explain the house: the map stays one page, and what they name is there.

use super::finding::Finding;
use super::tree::Tree;
use crate::project::ending;

/// The map of the house.
const MAP: &str = "ARCHITECTURE.md";
/// The pages that name files and folders of ours.
const PAGES: &[&str] = &[MAP, "CONTRIBUTING.md", "GLOSSARY.md", "docs/design.md"];
/// Lines of the map: what is read at one sitting.
const PAGE_LINES_MAX: usize = 100;

/// Rule: the architecture is one page.
pub(super) fn one_page(tree: &Tree) -> Vec<Finding> {
    let lines = tree.files.get(MAP).map_or(0, |text| text.lines().count());
    if lines <= PAGE_LINES_MAX {
        return Vec::new();
    }
    let sentence =
        format!("{lines} lines, at most {PAGE_LINES_MAX}: details belong in docs/design.md");
    vec![Finding::new(MAP, 0, sentence)]
}

/// Rule: each Rust file and each folder that these pages name in backticks is there.
pub(super) fn names(tree: &Tree) -> Vec<Finding> {
    let there: Vec<String> = tree.files.keys().map(|path| short(path)).collect();
    let mut findings = Vec::new();
    for page in PAGES {
        let text = tree.files.get(*page).map_or("", String::as_str);
        for (index, line) in text.lines().enumerate() {
            for name in named(line).filter(|name| !stands(&there, &short(name))) {
                let sentence = format!("there is no {name}");
                findings.push(Finding::new(page, index + 1, sentence));
            }
        }
    }
    findings
}

/// As the pages write it: the crate, then what is in its `src`.
fn short(path: &str) -> String {
    path.trim_start_matches("crates/").replacen("/src/", "/", 1)
}

/// What stands between backticks and looks like a Rust file or a folder of ours.
fn named(line: &str) -> impl Iterator<Item = &str> {
    let quoted = line.split('`').skip(1).step_by(2);
    quoted.filter(|name| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_/.-".contains(&byte);
        let is_ours = ending(name) == "rs" || name.ends_with('/') && !name.starts_with(['.', '/']);
        is_ours && name.bytes().all(plain)
    })
}

fn stands(there: &[String], name: &str) -> bool {
    there.iter().any(|path| {
        let path = format!("/{path}");
        let name = format!("/{name}");
        if name.ends_with('/') { path.contains(&name) } else { path.ends_with(&name) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_of_100_lines_is_good_and_one_of_101_is_not() {
        assert_eq!(one_page(&Tree::sample(&[(MAP, &"\n".repeat(100))])), []);
        assert_eq!(one_page(&Tree::sample(&[(MAP, &"\n".repeat(101))])).len(), 1);
    }

    #[test]
    fn what_a_page_names_has_to_be_there() {
        let page = "`server/a.rs` `a.rs` `server/b/`, `crates/server/src/a.rs`\n\
                    `server/c.rs` and `b.rs` in `d/`\n\
                    `/.methodical/` `methods/<name>.rs` `x` lead nowhere\n";
        let files = [(MAP, page), ("crates/server/src/a.rs", ""), ("crates/server/src/b/c.rs", "")];
        let found: Vec<String> =
            names(&Tree::sample(&files)).iter().map(ToString::to_string).collect();
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        assert_eq!(
            found,
            [
                "ARCHITECTURE.md:2: there is no server/c.rs",
                "ARCHITECTURE.md:2: there is no b.rs",
                "ARCHITECTURE.md:2: there is no d/"
            ]
        );
    }
}
