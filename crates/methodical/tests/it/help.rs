//! What `--help` and `--version` say.

use crate::command::ran;

#[test]
fn the_command_lists_its_commands_and_exit_codes() {
    let help = ran(["--help"]);
    assert_eq!(help.code, Some(0));
    assert_eq!(help.err, "");
    for word in ["serve", "config", "methods", "completions", "manpage", "Exit codes:"] {
        assert!(help.out.contains(word), "{word} in {}", help.out);
    }
    for code in ["  0  done", "  1  failed", "  2  refused", "  3  the folder or an address"] {
        assert!(help.out.contains(code), "{code} in {}", help.out);
    }
    assert!(help.out.contains("  check "), "a command is not offered");
}

#[test]
fn nothing_asked_shows_the_help_and_is_a_wrong_use() {
    let help = ran::<&str>([]);
    assert_eq!(help.code, Some(2));
    assert!(help.err.contains("Usage: methodical <COMMAND>"));
}

#[test]
fn serve_names_every_flag_with_its_default_and_variable() {
    let help = words(&ran(["serve", "--help"]).out);
    for (flag, said) in FLAGS {
        let variable = flag.trim_start_matches('-').replace('-', "_").to_uppercase();
        let named = help.contains(&format!("{flag} ")) || help.contains(&format!("{flag}["));
        assert!(named, "{flag} is missing in {help}");
        assert!(help.contains(&format!("[$METHODICAL_{variable}]")), "variable of {flag}");
        assert!(help.contains(said), "{said} of {flag} in {help}");
    }
}

#[test]
fn serve_groups_its_flags() {
    let help = ran(["serve", "-h"]).out;
    let headings = ["Arguments:", "Options:", "Where:", "Methods:", "Limits:", "Exit codes:"];
    let places: Vec<_> = headings.iter().map(|heading| help.find(heading)).collect();
    assert!(places.iter().all(Option::is_some), "{places:?} in {help}");
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn the_help_is_at_most_a_hundred_columns_wide() {
    let widest = ran(["serve", "--help"]).out.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(100), "{widest:?}");
}

#[test]
fn the_version_is_the_package_s() {
    assert_eq!(ran(["--version"]).out, format!("methodical {}\n", env!("CARGO_PKG_VERSION")));
}

/// The text with each run of white space made one space: lines are broken anywhere.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

const FLAGS: &[(&str, &str)] = &[
    ("--bind", "repeatable [default: 127.0.0.1]"),
    ("--port", "0 picks a free one [default: 8000]"),
    ("--unix-mode", "[default: 0600]"),
    ("--admin", "metrics"),
    ("--host", "besides localhost"),
    ("--write", "-w, --write"),
    ("--insecure-anonymous-write", "without login"),
    ("--hidden", "possible values: never, writers, always"),
    ("--mac-junk", "possible values: drop, store, refuse"),
    ("--no-symlinks", "symbolic link"),
    ("--no-index", "index.html"),
    ("--cors-origin", "repeatable"),
    ("--cors-credentials", "login"),
    ("--require-preconditions", "428"),
    ("--no-tombstones", "404, not 410"),
    ("--propfind-infinity", "below a folder"),
    ("--trace", "Answer TRACE"),
    ("--trace-omit", "repeatable"),
    ("--durability", "[default: full]"),
    ("--log-format", "possible values: human, json, combined"),
    ("--drain-seconds", "[default: 30]"),
    ("--connections", "[default: 20000]"),
    ("--head-bytes", "[default: 65536]"),
    ("--head-seconds", "[default: 10]"),
    ("--idle-seconds", "[default: 60]"),
    ("--stall-seconds", "[default: 30]"),
    ("--grace-seconds", "[default: 20]"),
    ("--upload-bytes-per-second-min", "[default: 500]"),
    ("--download-bytes-per-second-min", "[default: 250]"),
    ("--upload-bytes-max", "[default: 1T]"),
    ("--patch-bytes-max", "[default: 16M]"),
    ("--content-memory-bytes-max", "[default: 256M]"),
];
