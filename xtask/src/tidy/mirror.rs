//! The test mirror: one file of tests for each file of a method.

use super::finding::Finding;
use super::tree::Tree;

const METHODS: &str = "crates/methods/src/methods/";
const TESTS: &str = "crates/methods/tests/it/methods/";

/// Rule: `methods/put.rs` has `tests/it/methods/put.rs`, with at least one test in it.
pub(super) fn every_method_has_its_tests(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for path in tree.files.keys() {
        let Some(name) = path.strip_prefix(METHODS) else { continue };
        if name.contains('/') || name == "mod.rs" || is_reserved(tree.text(path)) {
            continue;
        }
        let mirror = format!("{TESTS}{name}");
        if !tree.text(&mirror).contains("fn ") {
            findings.push(Finding::new(path, 0, format!("has no tests: write {mirror}")));
        }
    }
    findings
}

/// A method that only has its row yet, or is never dispatched, has nothing to test here.
fn is_reserved(text: &str) -> bool {
    text.contains("Run::Reserved(") || text.contains("Run::Planned")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_without_its_mirror_is_found() {
        let tree = Tree::sample(&[
            ("crates/methods/src/methods/mod.rs", "mod get;"),
            ("crates/methods/src/methods/get.rs", "fn run() {}"),
            ("crates/methods/src/methods/put.rs", "fn run() {}"),
            ("crates/methods/src/methods/pri.rs", "run: Run::Reserved(\"preface\")"),
            ("crates/methods/tests/it/methods/get.rs", "#[test]\nfn a() {}"),
        ]);
        let findings = every_method_has_its_tests(&tree);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].path, "crates/methods/src/methods/put.rs");
    }
}
