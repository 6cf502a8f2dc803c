//! The borders between the crates: who may use whom, and which words a crate must not know.

use super::finding::Finding;
use super::paths::{Word, is_below, paths, strings};
use super::tables;
use super::tree::{Package, Source, Tree};

/// What a crate may use, and what it must not even name.
struct Border {
    name: &'static str,
    folder: &'static str,
    /// Crates of ours that it may use.
    uses: &'static [&'static str],
    /// Paths of std and packages of others that it must not use.
    forbidden: &'static [&'static str],
}

const SEMANTICS: &str = "methodical-semantics";
const CONTENT: &str = "methodical-content";
const STORE: &str = "methodical-store";
const FOLDER: &str = "methodical-folder";
const METHODS: &str = "methodical-methods";
const WIRE: &str = "methodical-wire";
const SERVER: &str = "methodical-server";
const CHECK: &str = "methodical-check";

const BORDERS: &[Border] = &[
    Border {
        name: SEMANTICS,
        folder: "crates/semantics/",
        uses: &[],
        forbidden: &[
            "std::env",
            "std::fs",
            "std::net",
            "std::os",
            "std::process",
            "std::thread",
            "std::time::Instant",
            "std::time::SystemTime::now",
            "SystemTime::now",
            "h2",
            "hyper",
            "rand",
            "rusqlite",
            "rustix",
            "socket2",
            "tokio",
        ],
    },
    Border {
        name: CONTENT,
        folder: "crates/content/",
        uses: &[SEMANTICS],
        forbidden: &[
            "std::env",
            "std::fs::OpenOptions",
            "std::net",
            "std::process",
            "std::thread",
            "File::create",
            "File::open",
            "h2",
            "httparse",
            "hyper",
            "rusqlite",
            "rustix",
            "socket2",
            "tokio",
        ],
    },
    Border {
        name: STORE,
        folder: "crates/store/",
        uses: &[SEMANTICS, CONTENT],
        forbidden: &[
            "std::net",
            "std::process",
            "h2",
            "http::Request",
            "http::Response",
            "http::request",
            "http::response",
            "httparse",
            "hyper",
            "rusqlite",
            "rustix",
            "socket2",
            "tokio",
        ],
    },
    Border {
        name: FOLDER,
        folder: "crates/folder/",
        uses: &[SEMANTICS, CONTENT, STORE],
        forbidden: &["std::net", "h2", "http", "httparse", "hyper", "socket2", "tokio"],
    },
    Border {
        name: METHODS,
        folder: "crates/methods/",
        uses: &[SEMANTICS, CONTENT, STORE],
        forbidden: &[
            "std::env",
            "std::fs",
            "std::net",
            "std::process",
            "std::thread",
            "std::time::Instant",
            "std::time::SystemTime",
            "h2",
            "hyper",
            "rand",
            "rusqlite",
            "rustix",
            "socket2",
            "tokio",
        ],
    },
    Border {
        name: WIRE,
        folder: "crates/wire/",
        uses: &[SEMANTICS, CONTENT],
        forbidden: &["std::env", "std::process", "std::fs::OpenOptions", "hyper", "rusqlite"],
    },
    Border {
        name: SERVER,
        folder: "crates/server/",
        uses: &[SEMANTICS, CONTENT, STORE, METHODS, WIRE],
        forbidden: &["h2", "httparse", "rusqlite"],
    },
    Border { name: CHECK, folder: "crates/check/", uses: &[SEMANTICS], forbidden: &[] },
    Border {
        name: "methodical",
        folder: "crates/methodical/",
        uses: &[SEMANTICS, STORE, FOLDER, METHODS, SERVER, CHECK],
        forbidden: &["h2", "httparse", "hyper", "rusqlite", "socket2", "tokio"],
    },
];

const KNOW_NO_METHOD: [&str; 4] =
    ["crates/methodical/src/", "crates/methods/src/", "crates/server/src/", "crates/wire/src/"];
const METHOD_FILES: &str = "crates/methods/src/methods/";

/// Rule: a crate depends only on what its border lets in. What only tests use is free.
pub(super) fn crates(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in &tree.packages {
        let Some(border) = BORDERS.iter().find(|border| border.name == package.name) else {
            continue;
        };
        for name in package.dependencies.iter().filter(|d| !d.dev).map(|d| d.name.as_str()) {
            let stranger = is_ours(tree, name) && !border.uses.contains(&name);
            if stranger || border.forbidden.contains(&name) {
                findings.push(Finding::new(
                    &package.manifest,
                    0,
                    format!("{} must not depend on {name}", package.name),
                ));
            }
        }
    }
    findings
}

fn is_ours(tree: &Tree, name: &str) -> bool {
    tree.packages.iter().map(|package: &Package| package.name.as_str()).any(|ours| ours == name)
}

/// Rule: the code of a crate does not name what is forbidden to it.
pub(super) fn words(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for border in BORDERS {
        let source_folder = format!("{}src/", border.folder);
        for source in tree.code(&source_folder) {
            findings.extend(forbidden_words(border, source));
        }
    }
    findings
}

fn forbidden_words(border: &Border, source: &Source) -> Vec<Finding> {
    let finding = |word: Word| {
        let forbidden = border.forbidden.iter().find(|name| names_module(&word.text, name))?;
        let sentence = format!("{} must not use {forbidden}", border.name);
        Some(Finding::new(&source.path, word.line, sentence))
    };
    paths(&source.syntax).into_iter().filter_map(finding).collect()
}

/// A package's bare name may be any identifier; only a path that goes on from it counts.
fn names_module(path: &str, forbidden: &str) -> bool {
    is_below(path, forbidden) && path.contains("::")
}

/// Rule: methods are known by the table, never by their names: what is special about one is a
/// column of its row, so that the next one of its kind needs no more than a row.
pub(super) fn method_names(tree: &Tree) -> Vec<Finding> {
    let names = tables::method_names(tree);
    let mut findings = Vec::new();
    let knows_none = |source: &&Source| !source.path.starts_with(METHOD_FILES);
    let sources = KNOW_NO_METHOD.iter().flat_map(|folder| tree.code(folder));
    for source in sources.filter(knows_none) {
        let spelt = strings(&source.syntax).into_iter().map(|word| (word.text, word.line));
        let constants = paths(&source.syntax).into_iter().filter_map(|word| {
            let (owner, name) = word.text.rsplit_once("::")?;
            owner.ends_with("Method").then(|| (name.to_owned(), word.line))
        });
        for (name, line) in spelt.chain(constants) {
            if name != "*" && names.contains(&name) {
                let sentence =
                    format!("only the table knows {name}: make a column of what is special");
                findings.push(Finding::new(&source.path, line, sentence));
            }
        }
    }
    findings
}

/// Rule: no method's file uses another one; what two share has a file of its own.
pub(super) fn method_files(tree: &Tree) -> Vec<Finding> {
    let names: Vec<&str> = tree.code(METHOD_FILES).filter_map(method_file).collect();
    let mut findings = Vec::new();
    for source in tree.code(METHOD_FILES) {
        let Some(own) = method_file(source) else { continue };
        for word in paths(&source.syntax) {
            let other = names.iter().find(|name| **name != own && uses(&word.text, name));
            if let Some(other) = other {
                let sentence = format!("{own} must not use {other}: share by a file outside");
                findings.push(Finding::new(&source.path, word.line, sentence));
            }
        }
    }
    findings
}

/// The method that a file is about: `put` of `methods/put.rs` and of `methods/put/range.rs`.
fn method_file(source: &Source) -> Option<&str> {
    let name = source.path.strip_prefix(METHOD_FILES)?;
    let name = name.split('/').next()?;
    let name = name.strip_suffix(".rs").unwrap_or(name);
    (name != "mod").then_some(name)
}

fn uses(path: &str, method: &str) -> bool {
    ["super", "crate", "crate::methods", "methodical_methods::methods"]
        .iter()
        .any(|owner| is_below(path, &format!("{owner}::{method}")))
}

#[cfg(test)]
mod tests {
    use super::super::tree::Dependency;
    use super::*;

    #[test]
    fn a_forbidden_module_is_found_in_code_but_not_in_tests() {
        let code = "use std::{fs, io};\nfn a(m: &tokio::Runtime) {}";
        let test = "#[cfg(test)]\nmod tests { use std::fs; }";
        let tree = Tree::sample(&[
            ("crates/methods/src/a.rs", code),
            ("crates/methods/src/b.rs", test),
            ("crates/methods/tests/it/c.rs", code),
            ("crates/check/src/main.rs", code),
        ]);
        let findings = words(&tree);
        assert_eq!(findings.len(), 2);
        assert!(findings.iter().all(|f| f.path == "crates/methods/src/a.rs"));
    }

    #[test]
    fn a_package_that_the_border_keeps_out_is_found() {
        let dependency = |name: &str, dev| Dependency { name: name.to_owned(), dev, ours: false };
        let package = |name: &str, dependencies| Package {
            name: name.to_owned(),
            manifest: "Cargo.toml".to_owned(),
            dependencies,
        };
        let bad = [dependency("tokio", false), dependency(METHODS, false)];
        let good = [dependency("tokio", true), dependency(SEMANTICS, false)];
        let tree = Tree {
            packages: vec![
                package(STORE, bad.into_iter().chain(good).collect()),
                package(METHODS, Vec::new()),
                package(SEMANTICS, Vec::new()),
            ],
            ..Tree::default()
        };
        assert_eq!(crates(&tree).len(), 2);
    }

    #[test]
    fn only_the_table_spells_methods() {
        let bad = "const A: &str = \"PUT\"; const B: Method = http::Method::HEAD;";
        let good = "const A: &str = \"INPUT\"; const B: &Method = &methodical_methods::HEAD;";
        let tree = Tree::sample(&[
            ("data/iana-http-methods.csv", tables::SAMPLE),
            ("crates/server/src/bad.rs", bad),
            ("crates/server/src/good.rs", good),
            ("crates/methods/src/bad.rs", bad),
            ("crates/methods/src/methods/put.rs", bad),
            ("crates/methods/src/methods/mod.rs", bad),
        ]);
        let findings = method_names(&tree);
        assert_eq!(findings.len(), 4);
        assert!(findings.iter().all(|f| f.path.ends_with("bad.rs")));
    }

    #[test]
    fn method_files_do_not_use_each_other() {
        let tree = Tree::sample(&[
            ("crates/methods/src/methods/mod.rs", "pub mod get; pub mod head;"),
            ("crates/methods/src/methods/get.rs", "use crate::representation::get;"),
            ("crates/methods/src/methods/head.rs", "use super::get::run;"),
        ]);
        let findings = method_files(&tree);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].path, "crates/methods/src/methods/head.rs");
    }
}
