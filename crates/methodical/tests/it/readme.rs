//! What the README shows is run: its console examples against a server, and its commands against
//! the command line.
//!
//! With `UPDATE_README=1` the answers are written into it as they are now.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use methodical_methods::METHODS;
use methodical_methods::method::Fit;
use tempfile::TempDir;

use crate::command::{methodical, ran};
use crate::serve::{Serving, shown};

const README: &str = include_str!("../../../../README.md");

/// The blocks of one language, without their fences.
fn blocks<'t>(text: &'t str, language: &str) -> Vec<&'t str> {
    let opening = format!("```{language}\n");
    let bodies = text.split(opening.as_str()).skip(1);
    bodies.map(|body| body.split("```").next().unwrap()).collect()
}

/// The block of what can be tried against one server.
fn tour() -> &'static str {
    let blocks = blocks(README, "console");
    blocks.into_iter().find(|block| block.contains("$ curl ")).unwrap()
}

/// What a reader of the README has: a folder that is served, and files to send.
struct Desk {
    folder: TempDir,
    own: TempDir,
}

impl Desk {
    fn new() -> Self {
        let (folder, own) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        for (name, text) in [
            ("photo.jpg", "\u{7f}binary\n"),
            ("list.csv", "a,b\n"),
            ("old.txt", "old text"),
            ("new.txt", "new text"),
        ] {
            fs::write(own.path().join(name), text).unwrap();
        }
        fs::write(folder.path().join("old.txt"), "old text").unwrap();
        Self { folder, own }
    }

    /// What a command of the README prints here.
    fn says(&self, command: &str, url: &str) -> String {
        let here = command.replace("http://127.0.0.1:8000/", url);
        let mut shell = Command::new("bash");
        shell.args(["-c", &here]).current_dir(self.own.path());
        let done = shell.env("CURL_HOME", self.own.path()).env_remove("http_proxy").output();
        let said = String::from_utf8_lossy(&done.unwrap().stdout).replace("\r\n", "\n");
        // Some versions of curl ask for it and others do not.
        said.replace("HTTP/1.1 100 Continue\n\n", "")
    }
}

/// A text with what is different each time made alike: dates, times, tags.
fn alike(text: &str) -> String {
    let alike = |line: &str| {
        let line = line.trim_end();
        match line.split_once(": ") {
            Some((name @ ("Date" | "ETag" | "Last-Modified"), _)) => format!("{name}: ..."),
            _ if is_listed(line) => format!("...{}", line.get(19..).unwrap_or_default()),
            _ => line.to_owned(),
        }
    };
    text.trim_end().lines().map(alike).collect::<Vec<_>>().join("\n")
}

/// Whether a line of a listing begins with a moment: `2026-11-22 11:08:49`.
fn is_listed(line: &str) -> bool {
    let shape = b"0000-00-00 00:00:00";
    line.len() > shape.len()
        && shape.iter().zip(line.bytes()).all(|(wanted, is)| match wanted {
            b'0' => is.is_ascii_digit(),
            other => *other == is,
        })
}

#[test]
fn every_example_of_the_readme_answers_as_it_says() {
    let desk = Desk::new();
    let flags = ["serve", "--write", "--port", "0", shown(desk.folder.path())];
    let mut serving = Serving::start(methodical(flags));
    let line = serving.line();
    let url = line.rsplit_once(' ').unwrap().1.to_owned();
    let (mut fresh, mut apart) = (Vec::new(), Vec::new());
    for example in tour().trim_end().split("\n\n$ ") {
        let example = example.trim_start_matches("$ ");
        let (command, wanted) = example.split_once('\n').unwrap_or((example, ""));
        let said = desk.says(command, &url);
        if alike(&said) == alike(wanted) {
            fresh.push(format!("$ {example}"));
        } else {
            apart.push(format!("$ {command}\nis: {said}\nREADME: {wanted}"));
            fresh.push(format!("$ {command}\n{}", said.trim_end()).trim_end().to_owned());
        }
    }
    assert_eq!(serving.stop(), Some(0));
    if std::env::var_os("UPDATE_README").is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
        fs::write(path, README.replace(tour(), &format!("{}\n", fresh.join("\n\n")))).unwrap();
    }
    assert!(apart.is_empty(), "UPDATE_README=1 writes what is:\n{}", apart.join("\n\n"));
}

/// The commands of ours that the README names, in blocks and between the lines.
fn commands() -> Vec<String> {
    let lines = blocks(README, "console").into_iter().flat_map(str::lines);
    let typed = lines.filter_map(|line| line.strip_prefix("$ methodical "));
    let typed = typed.map(|line| line.split('#').next().unwrap());
    let prose =
        README.split("```").step_by(2).flat_map(|prose| prose.split('`').skip(1).step_by(2));
    let named = prose.filter_map(|code| code.strip_prefix("methodical "));
    typed.chain(named).map(|words| words.replace(['[', ']'], "")).collect()
}

#[test]
fn every_command_of_the_readme_is_one() {
    let commands = commands();
    assert!(commands.len() > 10, "{commands:?}");
    for command in commands {
        // The help comes before what is missing, and behind what is not understood.
        let words = command.split_whitespace().filter(|word| !word.starts_with("..."));
        let helps = if command.starts_with("help") { None } else { Some("--help") };
        let asked = ran(words.chain(helps));
        assert_eq!(asked.code, Some(0), "methodical {command}: {}", asked.err);
    }
}

#[test]
fn a_token_is_made_as_the_readme_says() {
    let own = TempDir::new().unwrap();
    let commands = commands();
    let create = commands.iter().find(|command| command.starts_with("token create")).unwrap();
    let file = own.path().join("tokens").display().to_string();
    let made = ran(create.replace("FILE", &file).split_whitespace());
    assert_eq!((made.code, made.err.as_str()), (Some(0), ""));
    assert!(made.out.starts_with("mth_"), "{}", made.out);
}

/// What the README says a method is for, held against the table.
#[test]
fn the_readme_says_what_each_method_applies_to() {
    let section = README.split("\n## ").find(|section| section.starts_with("Methods\n")).unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| ")).skip(1);
    let mut told = BTreeSet::new();
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [names, .., on] = cells[..] else { panic!("{row}") };
        let named: Vec<_> = names
            .split(", ")
            .map(|name| METHODS.iter().find(|method| method.name == name).unwrap())
            .collect();
        told.extend(named.iter().map(|method| method.name));
        let any = |fits: fn(&methodical_methods::method::Applies) -> Fit| {
            named.iter().any(|method| fits(&method.applies) == Fit::Yes)
        };
        if on.contains("file") || on.contains("folder") {
            assert_eq!(on.contains("files"), any(|applies| applies.file), "{row}");
            assert_eq!(on.contains("folders"), any(|applies| applies.collection), "{row}");
        }
    }
    let done = METHODS.iter().filter(|method| method.is_implemented()).map(|method| method.name);
    assert_eq!(told, done.collect());
}

#[test]
fn every_flag_and_setting_of_the_readme_is_one() {
    let help = ran(["serve", "--help"]).out;
    let others = [ran(["check", "--help"]).out, ran(["token", "create", "--help"]).out].concat();
    let codes =
        README.split("```").step_by(2).flat_map(|prose| prose.split('`').skip(1).step_by(2));
    let flags = codes.filter_map(|code| code.split([' ', '=']).find(|word| word.starts_with("--")));
    let flags: BTreeSet<&str> = flags.collect();
    assert!(flags.len() > 30, "{flags:?}");
    let foreign = ["--servers", "--only", "--features", "--webdav-url"];
    for flag in flags.iter().filter(|flag| !foreign.contains(flag)) {
        let has = |text: &str| text.split([' ', '[', '\n', ',']).any(|word| word == *flag);
        assert!(has(&help) || has(&others), "{flag}");
    }
}
