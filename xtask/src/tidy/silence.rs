//! What is left undone, and what fails without a word.

use syn::visit::Visit;

use super::finding::Finding;
use super::tree::Tree;
use crate::project::ending;

/// Words that promise work for later. (Written apart, or this file would be found.)
const UNFINISHED: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:")];
/// Macros and attributes that leave a hole.
const HOLES: &[&str] =
    &[concat!("#[ig", "nore"), concat!("unimpl", "emented!("), concat!("to", "do!(")];
/// Endings of the files that are read.
const READ: &[&str] = &["rs", "py", "sh", "lua", "toml", "md"];

/// Rule: nothing is promised for later, and no test is switched off.
pub(super) fn unfinished_work(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in &tree.files {
        if !READ.contains(&ending(path)) {
            continue;
        }
        for (index, line) in text.lines().enumerate() {
            let promised = UNFINISHED.iter().filter(|word| holds_word(comment(path, line), word));
            for word in promised.chain(HOLES.iter().filter(|hole| holds_word(line, hole))) {
                findings.push(Finding::new(path, index + 1, format!("{word}: do it, or an issue")));
            }
        }
    }
    findings
}

/// The comment in a line; a page of text is all comment. (Quoted in code it is a name.)
fn comment<'l>(path: &str, line: &'l str) -> &'l str {
    let sign = match ending(path) {
        "md" => return line,
        "rs" => "//",
        "lua" => "--",
        _ => "#",
    };
    line.find(sign).and_then(|at| line.get(at..)).unwrap_or_default()
}

/// Whether `word` stands in `line` and not inside of a longer word.
fn holds_word(line: &str, word: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line.get(at + word.len()..).and_then(|text| text.chars().next());
        let open_end = !word.ends_with(char::is_alphanumeric);
        !before.is_some_and(inside) && (open_end || !after.is_some_and(inside))
    })
}

/// Rule: `.ok();` and `let _ =` outside of tests have a comment above that says why.
pub(super) fn ignored_results(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in tree.code("") {
        let lines: Vec<&str> = tree.text(&source.path).lines().collect();
        let mut ignored = Ignored(Vec::new());
        ignored.visit_file(&source.syntax);
        for line in ignored.0 {
            let above = line.checked_sub(2).and_then(|index| lines.get(index));
            if !above.is_some_and(|text| text.trim_start().starts_with("//")) {
                let sentence = "a result is ignored without a comment above that says why";
                findings.push(Finding::new(&source.path, line, sentence));
            }
        }
    }
    findings
}

/// Lines on which statements that ignore a result begin.
struct Ignored(Vec<usize>);

impl<'ast> Visit<'ast> for Ignored {
    fn visit_local(&mut self, local: &'ast syn::Local) {
        if matches!(local.pat, syn::Pat::Wild(_)) && local.init.is_some() {
            self.0.push(local.let_token.span.start().line);
        }
        syn::visit::visit_local(self, local);
    }

    fn visit_stmt(&mut self, statement: &'ast syn::Stmt) {
        if let syn::Stmt::Expr(syn::Expr::MethodCall(call), Some(_)) = statement
            && call.method == "ok"
            && call.args.is_empty()
        {
            self.0.push(first_line(&call.receiver).unwrap_or(call.method.span().start().line));
        }
        syn::visit::visit_stmt(self, statement);
    }
}

fn first_line(expression: &syn::Expr) -> Option<usize> {
    let tokens = quote::ToTokens::to_token_stream(expression);
    tokens.into_iter().next().map(|token| token.span().start().line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promises_and_switched_off_tests_are_found() {
        let bad = format!("// {}: later\n{}]\nfn a() {{}}\n", UNFINISHED[0], HOLES[0]);
        let good = format!("// A mastodont, {0}S.\nfn a() {{ open(\"{0}\") }}\n", UNFINISHED[0]);
        let tree = Tree::sample(&[("bad.rs", &bad), ("good.rs", &good)]);
        let findings = unfinished_work(&tree);
        let lines: Vec<usize> = findings.iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [1, 2]);
        assert!(findings.iter().all(|finding| finding.path == "bad.rs"));
    }

    #[test]
    fn an_ignored_result_needs_a_comment_above() {
        let bad = "fn a() {\n    let _ = b();\n    c()\n        .ok();\n}";
        let good = "fn a() {\n    // The peer is gone.\n    let _ = b();\n    let d = c().ok();\n}";
        let test = "#[test]\nfn a() { b().ok(); }";
        let tree = Tree::sample(&[("bad.rs", bad), ("good.rs", good), ("test.rs", test)]);
        let findings = ignored_results(&tree);
        let lines: Vec<usize> = findings.iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [2, 3]);
        assert!(findings.iter().all(|finding| finding.path == "bad.rs"));
    }
}
