//! The table of numbers by which the project compares itself.

use super::sizes::{FILE_LINES_MAX, FUNCTION_LINES_MAX, Function, functions_of};
use super::tree::Tree;

/// Lines of the binary's crate, which holds arguments and wiring only.
const BINARY_LINES: usize = 400;
/// What is shipped: tasks and fuzz targets are not.
const SHIPPED: &str = "crates/";
const BINARY: &str = "crates/methodical/src/";

/// Measures of all shipped Rust code, each beside its goal.
pub(super) fn table(tree: &Tree) -> String {
    let mut lengths = Vec::new();
    let mut functions: Vec<(String, Function)> = Vec::new();
    let mut all_lines = 0;
    let mut doc_lines = 0;
    let mut binary_lines = 0;
    for source in tree.code(SHIPPED) {
        let text = tree.text(&source.path);
        let lines = text.lines().count();
        lengths.push(lines);
        all_lines += lines;
        doc_lines += text.lines().filter(|line| is_documentation(line)).count();
        if source.path.starts_with(BINARY) {
            binary_lines += lines;
        }
        functions.extend(functions_of(source).into_iter().map(|f| (source.path.clone(), f)));
    }
    lengths.sort_unstable();
    let over = functions.iter().filter(|(_, f)| f.lines > FUNCTION_LINES_MAX).count();
    let longest = functions
        .iter()
        .max_by_key(|(_, f)| f.lines)
        .map(|(path, f)| format!("{} ({} in {path})", f.lines, f.name))
        .unwrap_or_default();
    let rows = [
        ("files", lengths.len().to_string(), String::new()),
        ("file length, median", at_percent(&lengths, 50).to_string(), "120".to_owned()),
        ("file length, 90th percentile", at_percent(&lengths, 90).to_string(), "350".to_owned()),
        ("longest file", at_percent(&lengths, 100).to_string(), FILE_LINES_MAX.to_string()),
        ("functions", functions.len().to_string(), String::new()),
        ("functions over 70 lines", over.to_string(), "0".to_owned()),
        ("longest function", longest, FUNCTION_LINES_MAX.to_string()),
        ("lines that document", share(doc_lines, all_lines), "20 % and more".to_owned()),
        ("lines of the binary's crate", binary_lines.to_string(), format!("{BINARY_LINES}")),
    ];
    let head = ("measure", "is".to_owned(), "goal".to_owned());
    let lines = std::iter::once(head).chain(rows);
    let table: Vec<String> =
        lines.map(|(what, is, goal)| format!("{what:<30} {goal:<14} {is}\n")).collect();
    let warning = if binary_lines > BINARY_LINES {
        "warning: the binary's crate is longer than arguments and wiring should be\n"
    } else {
        ""
    };
    format!("\n{}{warning}", table.concat())
}

fn is_documentation(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("///") || line.starts_with("//!")
}

/// The length that `percent` of the sorted lengths do not exceed.
fn at_percent(lengths: &[usize], percent: usize) -> usize {
    let rank = (lengths.len() * percent).div_ceil(100).max(1);
    lengths.get(rank - 1).copied().unwrap_or_default()
}

fn share(part: usize, whole: usize) -> String {
    format!("{} %", (part * 100).checked_div(whole).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_lengths_that_occur() {
        let lengths: Vec<usize> = (1..=10).collect();
        assert_eq!(at_percent(&lengths, 50), 5);
        assert_eq!(at_percent(&lengths, 90), 9);
        assert_eq!(at_percent(&lengths, 100), 10);
        assert_eq!(at_percent(&[], 50), 0);
    }

    #[test]
    fn the_table_counts_shipped_code_only() {
        let tree = Tree::sample(&[
            ("crates/a/src/lib.rs", "//! Said.\nfn a() {}\n"),
            ("crates/a/tests/it/a.rs", "fn b() {}\nfn c() {}\n"),
        ]);
        let table = table(&tree);
        assert!(table.contains("50 %"));
        assert!(table.contains("1 (a in crates/a/src/lib.rs)"));
    }
}
