//! The configuration: its sources, their order, and what is wrong with them.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::command::{Ran, methodical, ran, run};

#[test]
fn a_flag_wins_over_a_variable_and_that_over_the_file_and_that_over_the_default() {
    let (_kept, file) = file("port = 1\nidle_seconds = 1\nhead_seconds = 1\n");
    let mut command = methodical(["config", "print", "--config", &file, "--port", "3"]);
    command.env("METHODICAL_PORT", "2").env("METHODICAL_IDLE_SECONDS", "2");
    let out = run(command).out;
    assert_eq!(line(&out, "port"), "port = 3 # --port");
    assert_eq!(line(&out, "idle_seconds"), "idle_seconds = 2 # METHODICAL_IDLE_SECONDS");
    assert_eq!(line(&out, "head_seconds"), format!("head_seconds = 1 # {file}:3"));
    assert_eq!(line(&out, "drain_seconds"), "drain_seconds = 30 # default");
}

#[test]
fn a_switch_of_the_file_is_taken_back_by_a_variable_and_by_a_flag() {
    let (_kept, file) = file("write = true\nhidden = true\n");
    let mut command = methodical(["config", "print", "--config", &file, "--write=false"]);
    command.env("METHODICAL_HIDDEN", "false");
    let out = run(command).out;
    assert_eq!(line(&out, "write"), "write = false # --write");
    assert_eq!(line(&out, "hidden"), "hidden = \"never\" # METHODICAL_HIDDEN");
}

#[test]
fn a_switch_that_became_a_choice_is_still_said_as_one() {
    for (words, shown) in [
        (&[][..], "writers\" # default"),
        (&["--hidden"], "always\" # --hidden"),
        (&["--hidden", "writers"], "writers\" # --hidden"),
        (&["--hidden=never"], "never\" # --hidden"),
        (&["--hidden=true"], "always\" # --hidden"),
        (&["--hidden=false"], "never\" # --hidden"),
    ] {
        let out = ran(["config", "print"].iter().chain(words)).out;
        assert_eq!(line(&out, "hidden"), format!("hidden = \"{shown}"), "{words:?}");
    }
    let (_kept, file) = file("hidden = true\n");
    let out = ran(["config", "print", "--config", &file]).out;
    assert_eq!(line(&out, "hidden"), format!("hidden = \"always\" # {file}:1"));
    let refused = ran(["config", "print", "--hidden", "/srv"]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.contains("never, writers, always"), "{}", refused.err);
}

#[test]
fn the_letter_w_is_the_flag_write_and_takes_no_word_behind_it() {
    let out = ran(["config", "print", "-w", "/srv"]).out;
    assert_eq!(line(&out, "write"), "write = true # --write");
    assert_eq!(line(&out, "dir"), "dir = \"/srv\" # DIR");
}

#[test]
fn every_key_and_variable_is_made_of_its_flag() {
    for (flag, value, shown) in EVERY {
        let key = flag.trim_start_matches('-').replace('-', "_");
        let variable = format!("METHODICAL_{}", key.to_uppercase());
        let by_flag = ran(["config", "print", &format!("{flag}={value}")]);
        assert_eq!(line(&by_flag.out, &key), format!("{key} = {shown} # {flag}"));
        let mut command = methodical(["config", "print"]);
        command.env(&variable, value);
        assert_eq!(line(&run(command).out, &key), format!("{key} = {shown} # {variable}"));
        let (_kept, file) = file(&format!("{key} = {shown}\n"));
        let by_file = ran(["config", "print", "--config", &file]);
        assert_eq!(line(&by_file.out, &key), format!("{key} = {shown} # {file}:1"));
    }
}

#[test]
fn what_is_printed_is_a_configuration_that_says_the_same() {
    let flags = ["-w", "--bind", "[::1]", "--bind", "unix:/run/s", "--trace-omit", "X-Secret"];
    let first = ran(["config", "print", "/srv"].into_iter().chain(flags)).out;
    let (_kept, file) = file(&first);
    let second = ran(["config", "print", "--config", &file]).out;
    let values = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.split(" # ").next().unwrap().trim().to_owned()).collect()
    };
    assert_eq!(values(&first), values(&second));
}

#[test]
fn the_file_is_also_named_by_a_variable() {
    let (_kept, file) = file("port = 7\n");
    let mut command = methodical(["config", "print"]);
    command.env("METHODICAL_CONFIG", &file);
    assert_eq!(line(&run(command).out, "port"), format!("port = 7 # {file}:1"));
}

#[test]
fn a_list_in_a_variable_is_separated_by_commas_and_an_empty_variable_is_none() {
    let mut command = methodical(["config", "print"]);
    command.env("METHODICAL_BIND", "127.0.0.1, [::1]:81").env("METHODICAL_PORT", "");
    let out = run(command).out;
    assert_eq!(line(&out, "bind"), "bind = [\"127.0.0.1\", \"[::1]:81\"] # METHODICAL_BIND");
    assert_eq!(line(&out, "port"), "port = 8000 # default");
}

#[test]
fn a_check_names_every_problem_with_its_place() {
    let text = "port = 70000\nwrte = true\nlog_format = 1\n\
                [access]\n\"/\" = { anyone = \"raed\" }\n\"x\" = { anyone = \"read\" }\n\
                [groups]\nstaff = \"ann\"\n[[connect]]\nports = [0]\n\
                [[connect]]\nhost = [\"a\"]\n";
    let (_kept, file) = file(text);
    let checked = ran(["config", "check", "--config", &file]);
    assert_eq!((checked.code, checked.out.as_str()), (Some(2), ""));
    let lines: Vec<&str> = checked.err.lines().collect();
    let places = [
        "1:8: port",
        "2:1: unknown",
        "3:14: log_format",
        "5:18: access",
        "6:1: access",
        "8:9: groups",
        "10:10: ports",
        "12:1: unknown",
    ];
    assert_eq!(lines.len(), places.len(), "{}", checked.err);
    for (line, place) in lines.iter().zip(places) {
        assert!(line.starts_with(&format!("error: {file}:{place}")), "{place} in {line}");
    }
}

#[test]
fn a_check_finds_what_keeps_a_server_from_starting() {
    let root = TempDir::new().unwrap();
    let dir = root.path().display().to_string();
    let fine = ran(["config", "check", &dir, "-w"]);
    assert_eq!((fine.code, fine.err.as_str()), (Some(0), ""), "{}", fine.out);
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0, "it makes nothing");
    let pair = "tls_cert = [\"/none.pem\"]\ntls_key = [\"/none.key\"]\n";
    for (text, code, said) in [
        ("dir = \"/none/at/all\"\n", 3, "there is no folder /none/at/all"),
        (pair, 3, "/none.pem"),
        ("write = true\nbind = [\"0.0.0.0\"]\n", 2, "everybody who reaches this machine"),
        ("port = 1\nuser = \"no-such-user\"\n", 2, "FILE:2:1: user: there is no user no-such-user"),
        ("port = 1\ntls_key = [\"k\"]\n", 2, "tls-cert, tls-key: expected a key for each"),
        ("acme = [\"a.example\"]\nacme_dir = \"DIR/keys\"\n", 2, "FILE:2:1: acme-dir: expected"),
        ("port = 1\nbind = []\n", 2, "FILE:2:1: bind: expected at least one address"),
    ] {
        let (_kept, file) = file(&text.replace("DIR", &dir));
        let words = ["config", "check", "--config", &file];
        let with_dir = if text.contains("dir =") { None } else { Some(dir.as_str()) };
        let checked = ran(words.into_iter().chain(with_dir));
        assert_eq!(checked.code, Some(code), "{text}: {}", checked.err);
        let told = checked.err.replace(&file, "FILE");
        assert!(told.contains(said), "{said} in {told}");
        let serve = ["serve", "--port", "0", "--config", &file];
        let started = ran(serve.into_iter().chain(with_dir));
        assert_eq!(started.code, Some(code), "a start says the same: {}", started.err);
    }
}

#[test]
fn octets_are_written_with_or_without_a_unit() {
    for (written, shown) in [("1025", "1025"), ("2K", "\"2K\""), ("3 MiB", "\"3M\""), ("0", "0")] {
        let out = ran(["config", "print", "--patch-bytes-max", written]).out;
        let wanted = format!("patch_bytes_max = {shown} # --patch-bytes-max");
        assert_eq!(line(&out, "patch_bytes_max"), wanted);
    }
}

#[test]
fn an_unknown_key_is_refused_with_its_place_and_what_may_have_been_meant() {
    let refused = refused("# mine\n\n  wirte = true\n");
    assert_eq!(refused, "3:3: unknown key \"wirte\"; did you mean \"write\"?");
}

#[test]
fn an_unknown_table_is_refused_with_its_place() {
    assert_eq!(refused("port = 1\n[server]\nwrite = true\n"), "2:2: unknown key \"server\"");
}

#[test]
fn a_value_of_a_wrong_type_is_refused_with_its_place() {
    let wrong = [
        ("write = \"yes\"", "1:9: write: expected true or false, not string"),
        ("port = \"80\"", "1:8: port: expected a whole number, not string"),
        ("port = 8.0", "1:8: port: expected a whole number, not float"),
        ("bind = 80", "1:8: bind: expected a list of strings, not integer"),
        ("bind = [1]", "1:8: bind: expected a list of strings, not one of something else"),
        ("dir = true", "1:7: dir: expected a string, not boolean"),
        ("\u{fc} = 1", "1:1: "),
    ];
    for (text, sentence) in wrong {
        let refused = refused(&format!("{text}\n"));
        assert!(refused.starts_with(sentence), "{refused:?} for {text:?}");
    }
}

#[test]
fn a_value_that_cannot_be_is_refused_with_its_place() {
    let wrong = [
        ("port = 65536", "1:8: port: expected a port from 0 to 65535, not \"65536\""),
        ("durability = \"some\"", "1:14: durability: expected full or relaxed, not \"some\""),
        ("idle_seconds = 0", "1:16: idle_seconds: expected a whole number of seconds from 1 on"),
        ("drain_seconds = -1", "1:17: drain_seconds: expected a whole number of seconds from 0"),
        ("bind = [\"::1]\"]", "1:8: bind: expected an IP address"),
        ("trace_omit = [\"a b\"]", "1:14: trace_omit: expected the name of a field"),
        ("upload_bytes_max = \"9E\"", "1:20: upload_bytes_max: expected a number of octets"),
        ("upload_bytes_max = \"9999999999T\"", "1:20: upload_bytes_max: expected a number of"),
    ];
    for (text, sentence) in wrong {
        let refused = refused(&format!("{text}\n"));
        assert!(refused.starts_with(sentence), "{refused:?} for {text:?}");
    }
}

#[test]
fn rules_for_tunnels_are_tables_and_are_printed_as_such() {
    let text = "[[connect]]\n\n[[connect]]\nhosts = [\"*.example.com\", \"192.0.2.1\"]\n\
                ports = [443, 8443]\nusers = [\"anna\", \"staff\", \"anyone\"]\n\
                addresses = [\"10.0.0.0/8\"]\n";
    let (_kept, path) = file(text);
    let first = ran(["config", "print", "--config", &path]).out;
    let shown = line(&first, "connect");
    let rules = "connect = [{ ports = [443] }, { hosts = [\"*.example.com\", \"192.0.2.1\"], \
                 users = [\"anna\", \"staff\", \"anyone\"], addresses = [\"10.0.0.0/8\"], \
                 ports = [443, 8443] }]";
    assert_eq!(shown, format!("{rules} # {path}:1"));
    let (_kept, again) = file(&format!("{rules}\n"));
    let second = ran(["config", "print", "--config", &again]).out;
    assert_eq!(line(&second, "connect"), format!("{rules} # {again}:1"));
    let off = ran(["config", "print", "--config", &path, "--connect=false"]).out;
    assert_eq!(line(&off, "connect"), "connect = false # --connect");
}

#[test]
fn what_is_wrong_in_a_rule_for_tunnels_is_said_with_its_place() {
    let wrong = [
        ("host = []", "2:1: unknown key \"host\"; did you mean \"hosts\"?"),
        ("hosts = []", "2:9: hosts: expected a list of strings with one member at the least"),
        ("hosts = [\"a.*\"]", "2:10: hosts: expected a host, an address, * for all or *.NAME"),
        ("ports = [443, 0]", "2:15: ports: expected a port from 1 to 65535"),
        ("ports = [\"443\"]", "2:10: ports: expected a port from 1 to 65535"),
        ("ports = 443", "2:9: ports: expected a list of whole numbers with one member"),
        ("users = [\"\"]", "2:10: users: expected a user, a group, authenticated or anyone"),
        ("users = [1]", "2:10: users: expected a string, not integer"),
        ("addresses = [\"10/8\"]", "2:14: addresses: expected an address, or a network as"),
        (
            "addresses = [\"10.0.0.1/8\"]",
            "2:14: addresses: expected 10.0.0.0/8, the network that this address is in, not \"10.",
        ),
    ];
    for (text, sentence) in wrong {
        let refused = refused(&format!("[[connect]]\n{text}\n"));
        assert!(refused.starts_with(sentence), "{refused:?} for {text:?}");
    }
    assert!(refused("connect = 1\n").starts_with("1:11: connect: expected true or false, or"));
}

#[test]
fn a_proxy_that_is_an_address_in_a_network_is_refused_with_the_network() {
    let refused = refused("trusted_proxy = [\"10.1.2.3/16\"]\n");
    let network = "expected 10.1.0.0/16, the network that this address is in, not \"10.1.2.3/16\"";
    assert_eq!(refused, format!("1:17: trusted_proxy: {network}"));
    let refused = ran(["config", "print", "--trusted-proxy", "10/8"]);
    let form = "expected an address, a network as 10.0.0.0/8, or unix, not \"10/8\"";
    assert_eq!((refused.code, refused.err), (Some(2), format!("error: --trusted-proxy: {form}\n")));
}

#[test]
fn what_is_not_toml_is_refused_with_its_place() {
    assert!(refused("write = true\nport 80\n").starts_with("2:6: "));
    assert!(refused("port = 1\nport = 2\n").starts_with("2:1: "));
}

#[test]
fn a_value_of_a_variable_that_cannot_be_is_refused_by_the_variable_s_name() {
    let mut command = methodical(["config", "print"]);
    command.env("METHODICAL_WRITE", "maybe");
    let refused = run(command);
    assert_eq!(refused.code, Some(2));
    assert_eq!(refused.err, "error: METHODICAL_WRITE: expected true or false, not \"maybe\"\n");
}

#[test]
fn a_mistyped_variable_is_warned_of_and_a_foreign_one_is_not() {
    let mut command = methodical(["config", "print"]);
    command.env("METHODICAL_WRTE", "1").env("METHODICAL_ZOO", "1");
    let warned = run(command);
    assert_eq!(warned.code, Some(0));
    assert_eq!(warned.err, "warning: METHODICAL_WRTE is no setting; METHODICAL_WRITE is\n");
}

#[test]
fn a_file_that_is_not_there_is_refused() {
    let Ran { code, err, .. } = ran(["config", "print", "--config", "/nowhere/m.toml"]);
    assert_eq!(code, Some(2));
    assert!(err.starts_with("error: cannot read the configuration file /nowhere/m.toml: "));
    assert!(err.ends_with("; name another with --config\n"), "{err}");
}

fn file(text: &str) -> (TempDir, String) {
    let folder = TempDir::new().unwrap();
    let path: PathBuf = folder.path().join("methodical.toml");
    fs::write(&path, text).unwrap();
    (folder, path.to_str().unwrap().to_owned())
}

/// The sentence for a file that is refused, from its line number on.
fn refused(text: &str) -> String {
    let (_kept, file) = file(text);
    let Ran { code, err, .. } = ran(["config", "print", "--config", &file]);
    assert_eq!(code, Some(2), "{err}");
    let sentence = err.strip_prefix(&format!("error: {file}:")).unwrap();
    sentence.strip_suffix('\n').unwrap().to_owned()
}

/// The line of one key, with single spaces.
fn line(out: &str, key: &str) -> String {
    let line = out.lines().find(|line| line.starts_with(&format!("{key} = ")));
    let words: Vec<_> =
        line.unwrap_or_else(|| panic!("{key} in {out}")).split_whitespace().collect();
    words.join(" ")
}

const EVERY: &[(&str, &str, &str)] = &[
    ("--bind", "[::1]:90", "[\"[::1]:90\"]"),
    ("--port", "0", "0"),
    ("--unix-mode", "0660", "\"0660\""),
    ("--qr", "true", "true"),
    ("--admin", "127.0.0.1:9100", "\"127.0.0.1:9100\""),
    ("--host", "files.example", "[\"files.example\"]"),
    ("--write", "true", "true"),
    ("--insecure-anonymous-write", "true", "true"),
    ("--users", "users", "\"users\""),
    ("--auth-file", "logins", "\"logins\""),
    ("--tokens", "tokens", "\"tokens\""),
    ("--insecure-basic", "true", "true"),
    ("--hidden", "always", "\"always\""),
    ("--mac-junk", "store", "\"store\""),
    ("--no-symlinks", "true", "true"),
    ("--no-index", "true", "true"),
    ("--cors-origin", "https://app.example", "[\"https://app.example\"]"),
    ("--cors-credentials", "true", "true"),
    ("--require-preconditions", "true", "true"),
    ("--no-tombstones", "true", "true"),
    ("--propfind-infinity", "true", "true"),
    ("--trace", "true", "true"),
    ("--connect", "true", "true"),
    ("--trace-omit", "X-Secret", "[\"X-Secret\"]"),
    ("--durability", "relaxed", "\"relaxed\""),
    ("--log-format", "combined", "\"combined\""),
    ("--drain-seconds", "0", "0"),
    ("--connections", "1", "1"),
    ("--head-bytes", "8000", "8000"),
    ("--head-seconds", "1", "1"),
    ("--idle-seconds", "1", "1"),
    ("--stall-seconds", "1", "1"),
    ("--grace-seconds", "0", "0"),
    ("--upload-bytes-per-second-min", "0", "0"),
    ("--download-bytes-per-second-min", "100", "100"),
    ("--upload-bytes-max", "2G", "\"2G\""),
    ("--patch-bytes-max", "1000", "1000"),
    ("--content-memory-bytes-max", "1M", "\"1M\""),
    ("--tunnels", "1", "1"),
    ("--tunnels-per-user", "1", "1"),
    ("--tunnel-dial-seconds", "1", "1"),
    ("--tunnel-idle-seconds", "1", "1"),
    ("--tunnel-seconds", "1", "1"),
    ("--tunnel-bytes-max", "1G", "\"1G\""),
];
