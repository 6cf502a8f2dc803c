//! `cargo xtask tidy`: where the tree leaves the rules of the house.
//!
//! A rule is a function from the [`Tree`] to findings; [`RULES`] lists them all.

mod borders;
mod circles;
mod dependencies;
mod finding;
mod machine;
mod mirror;
mod names;
mod numbers;
mod pages;
mod paths;
mod silence;
mod sizes;
mod tables;
mod tree;

use anyhow::Result;

use crate::arguments::Arguments;
use crate::project::Project;
use crate::verdict::Verdict;
use finding::Finding;
use tree::Tree;

/// Every rule, in the order in which its findings are printed.
const RULES: &[fn(&Tree) -> Vec<Finding>] = &[
    tree::parses,
    borders::crates,
    borders::words,
    borders::method_names,
    borders::method_files,
    circles::circles,
    sizes::files,
    sizes::functions,
    sizes::lines,
    pages::one_page,
    pages::names,
    mirror::every_method_has_its_tests,
    names::functions_types_and_modules,
    silence::unfinished_work,
    silence::ignored_results,
    dependencies::reasons,
    dependencies::bans,
    dependencies::lints,
    tables::registry,
    machine::paths_and_hosts,
];

pub(crate) fn task(project: &Project, arguments: Arguments) -> Result<Verdict> {
    arguments.finish()?;
    let tree = Tree::of(project)?;
    let mut findings: Vec<Finding> = RULES.iter().flat_map(|rule| rule(&tree)).collect();
    findings.sort();
    findings.dedup();
    for finding in &findings {
        println!("{finding}");
    }
    print!("{}", numbers::table(&tree));
    match findings.len() {
        0 => Ok(Verdict::Good),
        count => {
            println!("{count} findings");
            Ok(Verdict::Bad)
        }
    }
}
