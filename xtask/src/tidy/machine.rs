//! Nothing of the machine on which a file was written.

use super::finding::Finding;
use super::tree::Tree;

/// Folders of one machine. (Written apart, or this file would be found.)
const FOLDERS: &[&str] = &[concat!("/wo", "rk"), concat!("/ro", "ot"), concat!("/ho", "me")];
/// Hosts from which packages come: tools know them, files need not name them.
const HOSTS: &[&str] = &[
    concat!("crates", ".io"),
    concat!("py", "pi.org"),
    concat!("python", "hosted.org"),
    concat!("npm", "js.org"),
    concat!("deb.de", "bian.org"),
];
/// The lock files name the registry by their format.
const LOCKS: &[&str] = &["Cargo.lock", "fuzz/Cargo.lock"];

/// Rule: no path of the machine and no registry's host stands in a file.
pub(super) fn paths_and_hosts(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.files.iter().filter(|(path, _)| !LOCKS.contains(&path.as_str())) {
        for (index, line) in text.lines().enumerate() {
            for folder in FOLDERS.iter().filter(|folder| names_folder(line, folder)) {
                let sentence = format!("{folder} is a folder of one machine");
                findings.push(Finding::new(path, index + 1, sentence));
            }
            for host in HOSTS.iter().filter(|host| line.contains(*host)) {
                let sentence = format!("{host} is the host of a package registry");
                findings.push(Finding::new(path, index + 1, sentence));
            }
        }
    }
    findings
}

/// Whether `folder` stands in `line` as the beginning of a path.
fn names_folder(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line.get(at + folder.len()..).and_then(|text| text.chars().next());
        let begins = before.is_none_or(|c| c.is_whitespace() || "\"'`(=:<>[".contains(c));
        let ends = after.is_none_or(|c| !(c.is_alphanumeric() || "_-.".contains(c)));
        begins && ends
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_the_machine_is_found_and_a_url_is_not() {
        let bad = format!("cd {}/x\npath=\"{}\"\n", FOLDERS[0], FOLDERS[1]);
        let good = format!("GET http://a{}/x\n{}_folder\n", FOLDERS[0], FOLDERS[1]);
        let tree = Tree::sample(&[("bad.sh", &bad), ("good.sh", &good)]);
        let findings = paths_and_hosts(&tree);
        assert_eq!(findings.len(), 2);
        assert!(findings.iter().all(|finding| finding.path == "bad.sh"));
    }

    #[test]
    fn a_registry_is_named_in_lock_files_only() {
        let text = format!("source = \"https://index.{}\"\n", HOSTS[0]);
        let tree = Tree::sample(&[("Cargo.lock", &text), ("npm.md", &text)]);
        let findings = paths_and_hosts(&tree);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].path, "npm.md");
    }
}
