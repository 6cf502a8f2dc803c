//! Names that say nothing.

use syn::visit::Visit;

use super::finding::Finding;
use super::tree::Tree;

/// How a function's name must not begin.
const PREFIXES: &[&str] = &["get_", "do_", "handle_"];
/// How a type's name must not end.
const SUFFIXES: &[&str] = &["Manager", "Helper", "Util", "Utils"];
/// What a module must not be called.
const MODULES: &[&str] = &["common", "helper", "helpers", "misc", "util", "utils"];

/// Rule: functions, types and modules are named after what they are in the specifications.
pub(super) fn functions_types_and_modules(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in &tree.sources {
        let mut names = Names(Vec::new());
        names.visit_file(&source.syntax);
        for (name, line) in names.0 {
            let sentence = format!("{name} says nothing: take the specification's word");
            findings.push(Finding::new(&source.path, line, sentence));
        }
    }
    findings
}

struct Names(Vec<(String, usize)>);

impl Names {
    fn judge(&mut self, name: &syn::Ident, is_bad: fn(&str) -> bool) {
        let text = name.to_string();
        if is_bad(&text) {
            self.0.push((text, name.span().start().line));
        }
    }
}

fn bad_function(name: &str) -> bool {
    PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

fn bad_type(name: &str) -> bool {
    SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
}

impl<'ast> Visit<'ast> for Names {
    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        self.judge(&signature.ident, bad_function);
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.judge(&item.ident, bad_type);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.judge(&item.ident, bad_type);
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.judge(&item.ident, bad_type);
        syn::visit::visit_item_trait(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.judge(&item.ident, |name| MODULES.contains(&name));
        syn::visit::visit_item_mod(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_say_nothing_are_found() {
        let bad = "mod utils {}\nstruct LockManager;\nfn handle_put() {}\n\
            trait A { fn get_x(&self); }";
        let good = "mod subtree {}\nstruct Locks;\nfn put() {}\nfn document() {}";
        let tree = Tree::sample(&[("bad.rs", bad), ("good.rs", good)]);
        let findings = functions_types_and_modules(&tree);
        assert_eq!(findings.len(), 4);
        assert!(findings.iter().all(|finding| finding.path == "bad.rs"));
    }
}
