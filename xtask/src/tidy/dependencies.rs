//! Every package of others has its reason, every crate of ours the workspace's lints.

use std::collections::BTreeSet;

use super::finding::Finding;
use super::tree::Tree;

const REASONS: &str = "deny.toml";
const BAN: &str = "{ name = \"";

/// Rule: `deny.toml` says of each direct dependency `# name: what it saves, who keeps it`.
pub(super) fn reasons(tree: &Tree) -> Vec<Finding> {
    let used: BTreeSet<&str> = tree
        .packages
        .iter()
        .flat_map(|package| &package.dependencies)
        .filter(|dependency| !dependency.ours)
        .map(|dependency| dependency.name.as_str())
        .collect();
    let given = given(tree.text(REASONS));
    let mut findings = Vec::new();
    for name in &used {
        if !given.iter().any(|(_, reasoned)| reasoned == name) {
            let sentence = format!("{name} has no line `# {name}: what it saves, who keeps it`");
            findings.push(Finding::new(REASONS, 0, sentence));
        }
    }
    for (line, name) in given {
        if !used.contains(name) {
            let sentence = format!("{name} is no dependency any more");
            findings.push(Finding::new(REASONS, line, sentence));
        }
    }
    findings
}

/// Lines and names of the reasons: `# name: ..., ...`.
fn given(text: &str) -> Vec<(usize, &str)> {
    let mut given = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let reason = line.strip_prefix("# ").and_then(|line| line.split_once(": "));
        if let Some((name, reason)) = reason
            && is_package(name)
            && reason.contains(", ")
        {
            given.push((index + 1, name));
        }
    }
    given
}

fn is_package(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
}

/// Rule: no package that `deny.toml` bans is built.
pub(super) fn bans(tree: &Tree) -> Vec<Finding> {
    let finding = |name| Finding::new(REASONS, 0, format!("{name} is banned, and it is built"));
    banned(tree.text(REASONS)).filter(|name| tree.built.contains(*name)).map(finding).collect()
}

/// The names in lines such as `{ name = "ring", reason = "..." },`.
fn banned(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| line.trim().strip_prefix(BAN)?.split('"').next())
}

/// Rule: a crate of ours takes the workspace's lints.
pub(super) fn lints(tree: &Tree) -> Vec<Finding> {
    let takes_lints = |text: &str| text.contains("[lints]\nworkspace = true");
    tree.packages
        .iter()
        .filter(|package| !package.manifest.starts_with("fuzz/"))
        .filter(|package| !takes_lints(tree.text(&package.manifest)))
        .map(|package| Finding::new(&package.manifest, 0, "does not take the workspace's lints"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tree::{Dependency, Package};
    use super::*;

    fn tree(reasons: &str, manifest: &str) -> Tree {
        let dependency = |name: &str, ours| Dependency { name: name.to_owned(), dev: true, ours };
        let dependencies = vec![dependency("bytes", false), dependency("methodical", true)];
        let package = Package {
            name: "a".to_owned(),
            manifest: "crates/a/Cargo.toml".to_owned(),
            dependencies,
        };
        let mut tree = Tree::sample(&[(REASONS, reasons), ("crates/a/Cargo.toml", manifest)]);
        tree.packages.push(package);
        tree
    }

    #[test]
    fn a_dependency_without_reason_is_found() {
        assert_eq!(reasons(&tree("", "")).len(), 1);
        assert_eq!(reasons(&tree("# bytes: saves copies, tokio-rs\n", "")), []);
    }

    #[test]
    fn a_reason_without_dependency_is_found() {
        let text = "# bytes: saves copies, tokio-rs\n# http: its types, hyperium\n";
        let findings = reasons(&tree(text, ""));
        assert_eq!(findings, [Finding::new(REASONS, 2, "http is no dependency any more")]);
    }

    #[test]
    fn a_banned_package_that_is_built_is_found() {
        let bans_ring = "deny = [\n    { name = \"ring\", reason = \"one provider\" },\n]\n";
        let mut tree = Tree::sample(&[(REASONS, bans_ring)]);
        tree.built.insert("string".to_owned());
        assert_eq!(bans(&tree), []);
        tree.built.insert("ring".to_owned());
        assert_eq!(bans(&tree).len(), 1);
    }

    #[test]
    fn a_crate_without_the_lints_is_found() {
        assert_eq!(lints(&tree("", "[package]\n")).len(), 1);
        assert_eq!(lints(&tree("", "[lints]\nworkspace = true\n")), []);
    }
}
