//! How long files, functions and lines may be.

use syn::visit::Visit;

use super::finding::Finding;
use super::tree::{Source, Tree};
use crate::project::ending;

/// Lines of a Rust file.
pub(super) const FILE_LINES_MAX: usize = 500;
/// Lines of a function, from `fn` to its closing brace.
pub(super) const FUNCTION_LINES_MAX: usize = 70;
/// Characters of a line.
const LINE_COLUMNS_MAX: usize = 100;
/// Characters of a line in a table, which keeps a row on a line by `#[rustfmt::skip]`.
const ROW_COLUMNS_MAX: usize = 165;
const TABLE: &str = "#[rustfmt::skip]";
/// Endings of the files whose lines are measured.
const MEASURED: &[&str] = &["rs", "py", "sh", "lua"];

/// A function and its length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) lines: usize,
}

/// Rule: no Rust file is longer than 500 lines.
pub(super) fn files(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in &tree.sources {
        let lines = tree.text(&source.path).lines().count();
        if lines > FILE_LINES_MAX {
            let sentence = format!("{lines} lines, at most {FILE_LINES_MAX}");
            findings.push(Finding::new(&source.path, 0, sentence));
        }
    }
    findings
}

/// Rule: no function outside of tests is longer than 70 lines.
pub(super) fn functions(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in tree.code("") {
        for function in functions_of(source) {
            if function.lines > FUNCTION_LINES_MAX {
                let Function { name, line, lines } = function;
                let sentence = format!("{name} has {lines} lines, at most {FUNCTION_LINES_MAX}");
                findings.push(Finding::new(&source.path, line, sentence));
            }
        }
    }
    findings
}

/// Rule: no line is longer than 100 columns.
pub(super) fn lines(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in &tree.files {
        if !MEASURED.contains(&ending(path)) {
            continue;
        }
        let mut table = None;
        for (index, line) in text.lines().enumerate() {
            table = table_after(table, line);
            let most = if table.is_some() { ROW_COLUMNS_MAX } else { LINE_COLUMNS_MAX };
            let columns = line.chars().count();
            if columns > most {
                let sentence = format!("{columns} columns, at most {most}");
                findings.push(Finding::new(path, index + 1, sentence));
            }
        }
    }
    findings
}

/// The indentation of the table that goes on after `line`, when there is one.
fn table_after(table: Option<usize>, line: &str) -> Option<usize> {
    let text = line.trim_start();
    let indentation = line.len() - text.len();
    if text == TABLE {
        return Some(indentation);
    }
    let closes = text.starts_with([']', '}', ')']);
    table.filter(|outside| !(closes && indentation == *outside))
}

/// All functions of a source that have a body.
pub(super) fn functions_of(source: &Source) -> Vec<Function> {
    let mut functions = Functions(Vec::new());
    functions.visit_file(&source.syntax);
    functions.0
}

struct Functions(Vec<Function>);

impl Functions {
    fn add(&mut self, signature: &syn::Signature, body: &syn::Block) {
        let line = signature.fn_token.span.start().line;
        let last = body.brace_token.span.close().end().line;
        self.0.push(Function {
            name: signature.ident.to_string(),
            line,
            lines: last.saturating_sub(line) + 1,
        });
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.add(&function.sig, &function.block);
        syn::visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.add(&function.sig, &function.block);
        syn::visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(body) = &function.default {
            self.add(&function.sig, body);
        }
        syn::visit::visit_trait_item_fn(self, function);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function_of(lines: usize) -> String {
        format!("/// Said.\nfn long() {{\n{}}}\n", "    a();\n".repeat(lines - 2))
    }

    #[test]
    fn a_function_of_70_lines_is_good_and_one_of_71_is_not() {
        let tree = Tree::sample(&[("a.rs", &function_of(70)), ("b.rs", &function_of(71))]);
        let findings = functions(&tree);
        assert_eq!(findings.len(), 1);
        assert_eq!((findings[0].path.as_str(), findings[0].line), ("b.rs", 2));
    }

    #[test]
    fn braces_in_strings_and_macros_do_not_count() {
        let text = "fn a() { let b = \"{\"; vec!['{', '}']; }\nfn c() {\n}\n";
        let tree = Tree::sample(&[("a.rs", text)]);
        let lengths: Vec<usize> =
            functions_of(&tree.sources[0]).iter().map(|function| function.lines).collect();
        assert_eq!(lengths, [1, 2]);
    }

    #[test]
    fn a_file_of_500_lines_is_good_and_one_of_501_is_not() {
        let tree = Tree::sample(&[("a.rs", &"\n".repeat(500)), ("b.rs", &"\n".repeat(501))]);
        assert_eq!(files(&tree), [Finding::new("b.rs", 0, "501 lines, at most 500")]);
    }

    #[test]
    fn a_line_of_100_columns_is_good_and_one_of_101_is_not() {
        let (good, bad) = ("ü".repeat(100), "ü".repeat(101));
        let tree = Tree::sample(&[("a.py", &good), ("b.py", &bad), ("c.md", &bad)]);
        assert_eq!(lines(&tree), [Finding::new("b.py", 1, "101 columns, at most 100")]);
    }

    #[test]
    fn a_row_of_a_table_may_be_longer_until_the_table_ends() {
        let row = format!("    {},", "a".repeat(120));
        let text = format!("{TABLE}\nconst A: [u8; 1] = [\n{row}\n];\n{row}\n");
        let tree = Tree::sample(&[("a.rs", &text)]);
        assert_eq!(lines(&tree), [Finding::new("a.rs", 5, "125 columns, at most 100")]);
    }
}
