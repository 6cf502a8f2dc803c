//! What the rules look at: all files as text, the Rust ones parsed, and the packages.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde_json::Value;
use syn::visit_mut::VisitMut;

use super::finding::Finding;
use crate::project::{Project, ending};

/// The workspace of the fuzz targets.
const FUZZ: &str = "fuzz/Cargo.toml";

/// The project as the rules see it.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// Every file that is text, by its name.
    pub(super) files: BTreeMap<String, String>,
    pub(super) sources: Vec<Source>,
    pub(super) packages: Vec<Package>,
    /// Names of all packages that are built, those of others too.
    pub(super) built: BTreeSet<String>,
}

/// A Rust file.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) path: String,
    pub(super) kind: Kind,
    /// Its syntax without what is compiled for tests only; empty when it does not parse.
    pub(super) syntax: syn::File,
    /// Why it does not parse.
    fault: Option<(usize, String)>,
}

/// Whether the rules for shipped code hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Code,
    Test,
}

/// A member of the workspace, or of the fuzz targets' own.
#[derive(Debug)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) manifest: String,
    pub(super) dependencies: Vec<Dependency>,
}

#[derive(Debug)]
pub(super) struct Dependency {
    pub(super) name: String,
    /// Only for tests.
    pub(super) dev: bool,
    /// A crate of this project.
    pub(super) ours: bool,
}

impl Tree {
    /// Reads the project.
    pub(super) fn of(project: &Project) -> Result<Self> {
        let mut files = BTreeMap::new();
        for path in project.files()? {
            let bytes = std::fs::read(project.path(&path)).with_context(|| path.clone())?;
            if let Ok(text) = String::from_utf8(bytes) {
                files.insert(path, text);
            }
        }
        let mut packages = packages(&project.metadata("Cargo.toml")?, project)?;
        let mut built = project.built_packages("Cargo.toml")?;
        if files.contains_key(FUZZ) {
            packages.extend(self::packages(&project.metadata(FUZZ)?, project)?);
            built.append(&mut project.built_packages(FUZZ)?);
        }
        let mut tree = Self { files, sources: Vec::new(), packages, built };
        tree.parse();
        Ok(tree)
    }

    /// A tree of a few files, for the rules' own tests.
    #[cfg(test)]
    pub(super) fn sample(files: &[(&str, &str)]) -> Self {
        let mut tree = Self::default();
        for (path, text) in files {
            tree.files.insert((*path).to_owned(), (*text).to_owned());
        }
        tree.parse();
        tree
    }

    fn parse(&mut self) {
        self.sources = self
            .files
            .iter()
            .filter(|(path, _)| ending(path) == "rs")
            .map(|(path, text)| Source::new(path, text))
            .collect();
    }

    /// The text of the file `path`, empty when it is not there.
    pub(super) fn text(&self, path: &str) -> &str {
        self.files.get(path).map_or("", String::as_str)
    }

    /// Sources of shipped code below the folder `under`.
    pub(super) fn code<'t>(&'t self, under: &'t str) -> impl Iterator<Item = &'t Source> {
        self.sources.iter().filter(move |s| s.kind == Kind::Code && s.path.starts_with(under))
    }
}

impl Source {
    fn new(path: &str, text: &str) -> Self {
        let of_tests = |part: &str| matches!(part, "tests" | "tests.rs" | "benches");
        let kind = if path.split('/').any(of_tests) { Kind::Test } else { Kind::Code };
        let (mut syntax, fault) = match syn::parse_file(text) {
            Ok(syntax) => (syntax, None),
            Err(error) => {
                let nothing = syn::parse_quote!();
                (nothing, Some((error.span().start().line, error.to_string())))
            }
        };
        WithoutTests.visit_file_mut(&mut syntax);
        Self { path: path.to_owned(), kind, syntax, fault }
    }
}

/// Rule: every Rust file outside of the compile-fail samples parses.
pub(super) fn parses(tree: &Tree) -> Vec<Finding> {
    let fault = |source: &Source| {
        let (line, why) = source.fault.as_ref()?;
        Some(Finding::new(&source.path, *line, format!("does not parse: {why}")))
    };
    tree.sources.iter().filter_map(fault).collect()
}

/// Removes items that are compiled for tests only.
struct WithoutTests;

impl VisitMut for WithoutTests {
    fn visit_file_mut(&mut self, file: &mut syn::File) {
        file.items.retain(|item| !is_for_tests(attributes(item)));
        syn::visit_mut::visit_file_mut(self, file);
    }

    fn visit_item_mod_mut(&mut self, module: &mut syn::ItemMod) {
        if let Some((_, items)) = &mut module.content {
            items.retain(|item| !is_for_tests(attributes(item)));
        }
        syn::visit_mut::visit_item_mod_mut(self, module);
    }

    fn visit_item_impl_mut(&mut self, item: &mut syn::ItemImpl) {
        item.items.retain(|member| {
            !matches!(member, syn::ImplItem::Fn(function) if is_for_tests(&function.attrs))
        });
        syn::visit_mut::visit_item_impl_mut(self, item);
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "no item of another kind is for tests only")]
fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// `#[test]`, `#[cfg(test)]` or `#[cfg(all(test, ...))]`.
fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let condition = attribute.meta.require_list().map(|list| list.tokens.to_string());
        let condition = condition.unwrap_or_default().replace(' ', "");
        let of_tests = condition == "test" || condition.starts_with("all(test,");
        attribute.path().is_ident("test") || (attribute.path().is_ident("cfg") && of_tests)
    })
}

fn packages(metadata: &Value, project: &Project) -> Result<Vec<Package>> {
    let root = format!("{}/", project.root().display());
    let listed = metadata.get("packages").and_then(Value::as_array).context("no packages")?;
    let mut packages = Vec::new();
    for package in listed {
        let text = |key: &str| package.get(key).and_then(Value::as_str).unwrap_or_default();
        let dependencies = package.get("dependencies").and_then(Value::as_array);
        packages.push(Package {
            name: text("name").to_owned(),
            manifest: text("manifest_path").trim_start_matches(&root).to_owned(),
            dependencies: dependencies.into_iter().flatten().map(Dependency::new).collect(),
        });
    }
    Ok(packages)
}

impl Dependency {
    fn new(row: &Value) -> Self {
        let text = |key: &str| row.get(key).and_then(Value::as_str);
        Self {
            name: text("name").unwrap_or_default().to_owned(),
            dev: text("kind") == Some("dev"),
            ours: text("source").is_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compiled_for_tests_only_is_left_out() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests { fn b() {} }\n#[cfg(not(test))]\nfn c() {}";
        let tree = Tree::sample(&[("crates/x/src/a.rs", text)]);
        assert_eq!(tree.sources[0].syntax.items.len(), 2);
        assert_eq!(tree.sources[0].kind, Kind::Code);
    }

    #[test]
    fn a_file_below_tests_is_a_test() {
        let tree = Tree::sample(&[("crates/x/tests/it/a.rs", ""), ("crates/x/src/tests.rs", "")]);
        assert!(tree.sources.iter().all(|source| source.kind == Kind::Test));
    }

    #[test]
    fn a_file_that_does_not_parse_is_found() {
        let tree = Tree::sample(&[("a.rs", "fn a( {}"), ("b.rs", "fn b() {}")]);
        assert_eq!(parses(&tree).len(), 1);
    }
}
