//! The tables that others keep and the project holds a copy of.

use super::finding::Finding;
use super::tree::Tree;
use crate::csv;

const REGISTRY: &str = "data/iana-http-methods.csv";
const REGISTRY_PAGE: &str = "data/README.md";
const HEADER: &[&str] = &["method", "safe", "idempotent", "cacheable", "reference"];
/// Methods that IANA has registered, QUERY being the last.
const REGISTERED: usize = 41;

/// A registry of two methods, for tests.
#[cfg(test)]
pub(super) const SAMPLE: &str = "method,safe,idempotent,cacheable,reference\n\
    HEAD,yes,yes,yes,RFC9110 9.3.2\nPUT,no,yes,no,RFC9110 9.3.4\n";

/// Rule: the registry of methods is whole, and its page says of which day it is.
pub(super) fn registry(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    match csv::rows(tree.text(REGISTRY), HEADER) {
        Err(fault) => findings.push(Finding::new(REGISTRY, 0, fault.to_string())),
        Ok(rows) if rows.len() != REGISTERED => {
            let sentence = format!("{} methods, {REGISTERED} are registered", rows.len());
            findings.push(Finding::new(REGISTRY, 0, sentence));
        }
        Ok(_) => {}
    }
    if !holds_date(tree.text(REGISTRY_PAGE)) {
        let sentence = "does not say of which day the registry's copy is (2026-06-17)";
        findings.push(Finding::new(REGISTRY_PAGE, 0, sentence));
    }
    findings
}

/// The names of all registered methods; empty when the table cannot be read.
pub(super) fn method_names(tree: &Tree) -> Vec<String> {
    let rows = csv::rows(tree.text(REGISTRY), HEADER).unwrap_or_default();
    rows.into_iter().filter_map(|row| row.into_iter().next()).collect()
}

/// Whether a date such as 2026-06-17 stands in the text.
fn holds_date(text: &str) -> bool {
    let digits_or_dashes: Vec<&str> =
        text.split(|c: char| !c.is_ascii_digit() && c != '-').collect();
    digits_or_dashes.iter().any(|word| {
        let parts: Vec<usize> = word.split('-').map(str::len).collect();
        parts == [4, 2, 2]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_with_a_row_too_few_or_without_a_date_is_found() {
        let tree = Tree::sample(&[(REGISTRY, SAMPLE), (REGISTRY_PAGE, "As of today.")]);
        assert_eq!(registry(&tree).len(), 2);
    }

    #[test]
    fn a_whole_registry_with_a_date_is_good() {
        let text = format!("{}{}", SAMPLE, "A,no,no,no,x\n".repeat(REGISTERED - 2));
        let tree = Tree::sample(&[(REGISTRY, &text), (REGISTRY_PAGE, "As of 2026-06-17.")]);
        assert_eq!(registry(&tree), []);
        assert_eq!(method_names(&tree).len(), REGISTERED);
    }
}
