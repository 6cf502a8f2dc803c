//! Who may do what, as it is configured, explained and held to.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Child;

use tempfile::TempDir;

use crate::command::{Ran, methodical, ran, run};

/// A user whose password is `password`.
const ANN: &str = "ann:$2y$05$bvIG6Nmid91Mu9RcmmWZfO5HJIMCT8riNW0hEp8f6/FuA2/mHZFpe\n";

/// A folder with a configuration, users and something to serve.
pub(crate) struct Site {
    home: TempDir,
}

impl Site {
    pub(crate) fn of(config: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir_all(home.path().join("www/private docs")).unwrap();
        fs::write(home.path().join("www/a.txt"), "a").unwrap();
        let bob = ANN.replace("ann:", "bob:");
        fs::write(home.path().join("users"), format!("# staff\n{ANN}\n{bob}")).unwrap();
        let config = config.replace("HOME", &home.path().display().to_string());
        fs::write(home.path().join("config.toml"), config).unwrap();
        Self { home }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub(crate) fn explain(&self, words: &[&str]) -> Ran {
        let config = self.path("config.toml").display().to_string();
        ran(["access", "explain", "--config", &config].iter().chain(words))
    }

    /// What is told; the exit code says the same.
    #[track_caller]
    pub(crate) fn explained(&self, words: &[&str]) -> String {
        let ran = self.explain(words);
        let code = i32::from(ran.out.contains(" may not "));
        assert_eq!((ran.code, ran.err.as_str()), (Some(code), ""), "{}", ran.out);
        ran.out.replace(&self.home.path().display().to_string(), "HOME")
    }

    /// What is wrong with it, behind the name of the file.
    #[track_caller]
    fn refused(&self) -> String {
        let config = self.path("config.toml").display().to_string();
        let www = self.path("www").display().to_string();
        let ran = ran(["serve", "--config", &config, &www]);
        assert_eq!(ran.code, Some(2), "{}", ran.err);
        let text = ran.err.trim_end().trim_start_matches("error: ");
        text.trim_start_matches(&format!("{config}:")).to_owned()
    }
}

pub(crate) const CONFIG: &str = "\
dir = \"HOME/www\"
write = true
users = \"HOME/users\"

[groups]
staff = [\"bob\"]

[access]
\"/\" = { anyone = \"read\", authenticated = \"write\" }
\"/private docs\" = { staff = [\"read\", \"create\"] }
";

#[test]
fn names_that_nobody_bears_are_warned_of_with_their_place() {
    let config = "users = \"HOME/users\"\nport = 0\n\n[groups]\nstaff = [\"bob\", \"bobb\",\n  \
                  \"anyone\"]\n\n[[connect]]\nusers = [\"staff\", \"ann\", \"authenticated\", \
                  \"anyone\", \"staf\"]\n";
    let site = Site::of(config);
    let path = site.path("config.toml").display().to_string();
    let warnings = format!(
        "warning: {path}:5:17: groups: there is no user \"bobb\"; did you mean \"bob\"?\n\
         warning: {path}:6:3: groups: \"anyone\" is no user; groups hold users alone\n\
         warning: {path}:9:53: users: there is no user or group \"staf\"; did you mean \"staff\"?\n"
    );
    let explained = site.explain(&["ann", "GET", "/"]);
    assert_eq!((explained.code, explained.err), (Some(0), warnings.clone()));
    // A server starts with it.
    let www = site.path("www").display().to_string();
    let bind = ["serve", "--bind", "192.0.2.1:0", "--config", &path, &www];
    let elsewhere = ran(bind);
    assert_eq!(elsewhere.code, Some(3));
    assert!(elsewhere.err.starts_with(&warnings), "{}", elsewhere.err);
    // Without the rules nobody is named by them.
    let off = ran(bind.iter().copied().chain(["--connect=false"]));
    assert!(off.err.contains("\"bobb\"") && !off.err.contains("staf"), "{}", off.err);
}

#[test]
fn what_is_odd_in_rules_is_warned_of_with_its_place() {
    let config = "users = \"HOME/users\"\ndir = \"HOME/www\"\n\
                  [access]\n\"/a.txt\" = { ann = \"read\" }\n\
                  \"/a.txt/\" = { bob = \"write\" }\n\"/nnoe\" = { ann = \"read\" }\n";
    let site = Site::of(config);
    let path = site.path("config.toml").display().to_string();
    let warnings = format!(
        "warning: {path}:5:1: access: \"/a.txt/\" and \"/a.txt\" ({path}:4:1) are one path; what \
         both say is put together\n\
         warning: {path}:5:15: access: bob is given read, create, replace, remove, properties, \
         lock, but nothing is written: say --write (write = true), or give read alone\n\
         warning: {path}:6:13: access: nothing is at /nnoe in the folder yet; check its spelling \
         unless it is still to come\n"
    );
    let checked = ran(["config", "check", "--config", &path]);
    assert_eq!((checked.code, checked.err.as_str()), (Some(0), warnings.as_str()));
    let elsewhere = ran(["serve", "--bind", "192.0.2.1:0", "--config", &path]);
    assert!(elsewhere.err.starts_with(&warnings), "{}", elsewhere.err);
    let flags = ["-a", "ann:x@/:read,create", "-a", "bob:y"];
    let by_flag = ran(["config", "check"].iter().chain(&flags).copied());
    assert!(by_flag.err.contains("--auth: ann is given read, create, but"), "{}", by_flag.err);
    assert!(!by_flag.err.contains("bob"), "{}", by_flag.err);
}

#[test]
fn what_is_wrong_in_the_tables_is_refused_with_its_place() {
    for (text, sentence) in [
        ("[access]\n\"/\" = { anyone = \"raed\" }\n", "2:18: access: \"raed\" is no right"),
        ("[access]\n\"/\" = { anyone = \"raed\" }\n", "did you mean \"read\"?"),
        ("[access]\n\"docs\" = { anyone = \"read\" }\n", "2:1: access: expected a path"),
        ("[access]\n\"/a/../b\" = { anyone = \"read\" }\n", "2:1: access: expected a path"),
        ("[access]\n\"/\" = \"read\"\n", "2:7: access: expected who may do what"),
        ("[access]\n\"/\" = { anyone = 1 }\n", "2:18: access: expected rights"),
        ("[access]\n\"/\" = { anyone = \"\" }\n", "2:18: access: \"\" is no right"),
        ("[access]\n\"/\" = { anyonee = \"read\" }\n", "2:9: access: there is no user or group"),
        ("[access]\n\"/\" = { anyonee = \"read\" }\n", "did you mean \"anyone\""),
        ("access = \"read\"\n", "1:10: access: expected a table"),
        ("[groups]\nstaff = \"ann\"\n", "2:9: groups: expected a list of users"),
        ("[users]\nann = 1\n", "2:7: users: expected the hash"),
        ("[users]\nann = \"word\"\n", "2:7: users: the password of \"ann\" stands there"),
        ("[users]\n\"a:b\" = \"word\"\n", "2:9: users: \"a:b\" is no name"),
        ("[groups]\nanyone = [\"ann\"]\n", "2:1: groups: \"anyone\" is known already"),
        ("[access]\n\"/a/../b\" = { anyone = \"read\" }\n", "of names that a file can have"),
        ("[acess]\n", "1:2: unknown key \"acess\"; did you mean \"access\"?"),
    ] {
        let refused = Site::of(text).refused();
        assert!(refused.contains(sentence), "{refused:?} for {text:?}");
    }
    let weak = Site::of("[users]\nann = \"{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\"\n").refused();
    assert!(weak.contains("\"ann\" is a single SHA-1") && weak.contains("htpasswd -nB"), "{weak}");
}

#[test]
fn a_weak_password_is_refused_with_its_line() {
    let site = Site::of(CONFIG);
    fs::write(site.path("users"), format!("{ANN}\neve:$apr1$abc$def\n")).unwrap();
    let refused = site.refused();
    assert!(refused.ends_with("`mkpasswd -m sha-512`"), "{refused}");
    assert!(refused.contains("users:3: the password of \"eve\" is hashed by MD5"), "{refused}");
    assert!(!refused.contains("$apr1"), "{refused}");
}

#[test]
fn what_is_printed_of_rights_is_read_again_and_no_secret_is_shown() {
    let site = Site::of(CONFIG);
    let config = site.path("config.toml").display().to_string();
    let first = ran(["config", "print", "--config", &config, "-a", "eve:geheim@/x:read"]).out;
    assert!(!first.contains("geheim") && first.contains("# auth is not shown"), "{first}");
    let again = site.path("again.toml");
    fs::write(&again, &first).unwrap();
    let second = ran(["config", "print", "--config", &again.display().to_string()]).out;
    let table = |text: &str| -> Vec<String> {
        let lines = text.lines().skip_while(|line| *line != "[groups]");
        lines.map(|line| line.split(" # ").next().unwrap().trim().to_owned()).collect()
    };
    assert_eq!(table(&first), table(&second));
    assert!(table(&first).len() > 4, "{first}");
}

#[test]
fn an_address_is_open_to_writers_who_log_in() {
    let strangers = "bind = \"0.0.0.0\"\nport = 0\n";
    let refused = Site::of(&format!("{strangers}dir = \"HOME/www\"\nwrite = true\n")).refused();
    assert!(refused.contains("--users and [access]"), "{refused}");
    let open = CONFIG.replace("anyone = \"read\"", "anyone = \"create\"");
    let refused = Site::of(&format!("{strangers}{open}")).refused();
    assert!(refused.contains("[access] grants to anyone"), "{refused}");
    let site = Site::of(&format!("{strangers}{CONFIG}"));
    let served = Served::start(&site, &[]);
    assert_eq!(served.ask("GET /a.txt", None).0, 200);
    assert_eq!(served.ask("DELETE /a.txt", None).0, 401);
}

/// A server that is ended with the test.
struct Served {
    child: Child,
    address: String,
    out: Option<BufReader<std::process::ChildStdout>>,
    err: Option<BufReader<std::process::ChildStderr>>,
}

impl Served {
    fn start(site: &Site, more: &[&str]) -> Self {
        let config = site.path("config.toml").display().to_string();
        let words = ["serve", "--port", "0", "--config", &config];
        let mut child = methodical(words.iter().chain(more)).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let err = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let url = line.split("http://").nth(1).unwrap_or_else(|| panic!("{line}"));
        let port = url.trim().trim_end_matches('/').rsplit(':').next().unwrap();
        let port = port.split('/').next().unwrap().to_owned();
        let address = format!("127.0.0.1:{port}");
        Self { child, address, out: Some(out), err: Some(err) }
    }

    /// Status and content.
    fn ask(&self, line: &str, authorization: Option<&str>) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let login = authorization.map(|it| format!("Authorization: {it}\r\n")).unwrap_or_default();
        let host = "Host: localhost\r\nConnection: close\r\n";
        write!(stream, "{line} HTTP/1.1\r\n{host}{login}\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, content) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), content.to_owned())
    }

    fn said(&mut self) -> String {
        let mut line = String::new();
        self.err.as_mut().unwrap().read_line(&mut line).unwrap();
        line
    }

    fn logged(&mut self) -> String {
        let mut line = String::new();
        self.out.as_mut().unwrap().read_line(&mut line).unwrap();
        line
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// `ann:password`.
pub(crate) const AS_ANN: &str = "Basic YW5uOnBhc3N3b3Jk";

#[test]
fn a_failed_login_is_said_in_a_line_that_does_not_change() {
    let site = Site::of(CONFIG);
    let mut served = Served::start(&site, &["--log-format", "combined"]);
    // `a"b:c`.
    assert_eq!(served.ask("GET /a.txt", Some("Basic YSJiOmM=")).0, 401);
    let said = served.said();
    let (moment, said) = said.split_once(' ').unwrap();
    assert!(moment.len() == "2026-11-30T14:06:35Z".len() && moment.ends_with('Z'), "{moment}");
    assert_eq!(said, "methodical: login failed from 127.0.0.1 as \"a\\\"b\"\n");
    assert!(served.logged().starts_with("127.0.0.1 - - ["));
    assert_eq!(served.ask("GET /a.txt", Some(AS_ANN)).0, 200);
    let line = served.logged();
    assert!(line.starts_with("127.0.0.1 - ann ["), "{line}");
}

#[test]
fn that_nobody_hears_what_is_said_is_no_reason_to_stop() {
    let site = Site::of(CONFIG);
    let mut served = Served::start(&site, &[]);
    (served.out, served.err) = (None, None);
    for _ in 0..3 {
        assert_eq!(served.ask("GET /a.txt", Some("Basic YSJiOmM=")).0, 401);
        assert_eq!(served.ask("GET /a.txt", None).0, 200);
    }
}

#[test]
fn a_user_for_the_quick_case_is_said_on_the_command_line_and_warned_about() {
    let site = Site::of("dir = \"HOME/www\"\nwrite = true\n");
    let mut served = Served::start(&site, &["-a", "ann:password@/a.txt:read", "-a", "@/b:read"]);
    assert!(served.said().contains("others on this machine can see --auth"));
    assert_eq!(served.ask("GET /a.txt", None).0, 401);
    assert_eq!(served.ask("GET /a.txt", Some(AS_ANN)), (200, "a".to_owned()));
    assert_eq!(served.ask("DELETE /a.txt", Some(AS_ANN)).0, 403);
    assert_eq!(served.ask("GET /b", None).0, 404);
    assert_eq!(served.ask("GET /", Some(AS_ANN)).0, 403);
}

#[test]
fn a_user_for_the_quick_case_may_come_from_a_file() {
    let site = Site::of("dir = \"HOME/www\"\nwrite = true\nauth_file = \"HOME/logins\"\n");
    let hash = ANN.trim().replace("ann:", "bob:");
    fs::write(site.path("logins"), format!("ann:password@/:read\n{hash}@/x:all\n")).unwrap();
    let served = Served::start(&site, &[]);
    assert_eq!(served.ask("GET /a.txt", Some(AS_ANN)).0, 200);
    // What Ann has everywhere she also has where Bob was named.
    assert_eq!(served.ask("GET /x/y", Some(AS_ANN)).0, 404);
    assert_eq!(served.ask("GET /a.txt", Some("Basic Ym9iOnBhc3N3b3Jk")).0, 403);
    assert!(site.explained(&["bob", "GET", "/x/y"]).starts_with("bob may GET"));
}

#[test]
fn rules_that_another_spelling_would_dodge_are_refused() {
    let site = Site::of(&CONFIG.replace("/private docs", "/b.txt"));
    let (file, config) = (site.path("www/b.txt"), site.path("config.toml").display().to_string());
    fs::write(&file, "b").unwrap();
    let mut served = Served::start(&site, &[]);
    assert_eq!(served.ask("GET /b.txt", None).0, 401);
    // As a file system does that does not tell the one from the other.
    fs::hard_link(&file, site.path("www/B.TXT")).unwrap();
    let refused = ran(["serve", "--config", &config]);
    assert_eq!(refused.code, Some(3), "{}", refused.err);
    assert!(refused.err.contains("could be dodged"), "{}", refused.err);
    let pid = rustix::process::Pid::from_child(&served.child);
    rustix::process::kill_process(pid, rustix::process::Signal::HUP).unwrap();
    assert!(served.said().contains("kept the configuration as it was"));
}

#[test]
fn what_is_no_login_is_refused_without_being_shown() {
    for wrong in ["secret", ":secret", "ann:", "ann:x@/a:secret", "ann@/a:read"] {
        let refused = ran(["config", "print", "-a", wrong]);
        assert_eq!(refused.code, Some(2), "{wrong}");
        assert!(refused.err.starts_with("error: --auth: "), "{}", refused.err);
    }
    assert!(!ran(["config", "print", "-a", "pass-word"]).err.contains("pass-word"));
}

#[test]
fn a_login_that_would_not_be_what_was_meant_is_refused() {
    for (wrong, clause) in [
        // Rights that were forgotten.
        ("ann:x@/a:", "\"\" is no right"),
        // Hashes that nobody could log in by: their text is no password.
        ("ann:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", "SHA-1"),
        ("ann:$apr1$a$b", "MD5"),
        ("ann:$2y$05$bvIG6Nmid91Mu9", "damaged"),
        ("ann:$argon2id$v=19$m=4194304,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA", "memory"),
        // A word of [access].
        ("anyone:x", "means something else"),
    ] {
        let site = Site::of("dir = \"HOME/www\"\n");
        let config = site.path("config.toml").display().to_string();
        let refused = ran(["serve", "--config", &config, "-a", wrong]);
        assert_eq!(refused.code, Some(2), "{wrong} {}", refused.err);
        assert!(refused.err.contains(clause), "{wrong}: {}", refused.err);
    }
    // A password may begin with the same sign.
    for password in ["$", "$a$", "{x}", "a@b:c"] {
        let config = ran(["config", "print", "-a", &format!("ann:{password}")]);
        assert_eq!(config.code, Some(0), "{password} {}", config.err);
    }
}

#[test]
fn rights_are_read_again_on_sighup() {
    let site = Site::of(CONFIG);
    let mut served = Served::start(&site, &[]);
    assert_eq!(served.ask("GET /a.txt", None).0, 200);
    let config = fs::read_to_string(site.path("config.toml")).unwrap();
    let config = config.replace("anyone = \"read\", ", "");
    fs::write(site.path("config.toml"), config).unwrap();
    let pid = rustix::process::Pid::from_child(&served.child);
    rustix::process::kill_process(pid, rustix::process::Signal::HUP).unwrap();
    assert!(served.said().contains("read the configuration again"));
    assert_eq!(served.ask("GET /a.txt", None).0, 401);
    assert_eq!(served.ask("GET /a.txt", Some(AS_ANN)).0, 200);
}

#[test]
fn rfc6750_tokens_are_made_listed_and_revoked() {
    let site = Site::of(&format!("tokens = \"HOME/tokens\"\n{CONFIG}"));
    let config = site.path("config.toml").display().to_string();
    let token = |words: &[&str]| ran(["token"].iter().chain(words).chain(&["--config", &config]));
    let made = token(&["create", "--user", "ann", "--expires", "90d"]);
    assert_eq!((made.code, made.err.as_str()), (Some(0), ""));
    let listed = token(&["list"]).out;
    let words: Vec<&str> = listed.split_whitespace().collect();
    assert!(words[1] == "ann" && words[2] == "until", "{listed}");
    let served = Served::start(&site, &[]);
    let bearer = format!("Bearer {}", made.out.trim());
    assert_eq!(served.ask("PUT /b", Some(&bearer)).0, 201);
    assert_eq!(token(&["revoke", words[0]]).code, Some(0));
    assert_eq!(token(&["revoke", words[0]]).code, Some(2));
    assert_eq!(token(&["list"]).out, "");
    assert_eq!(token(&["create", "--expires", "soon"]).code, Some(2));
    let unnamed = ran(["token", "list"]);
    assert!(unnamed.err.contains("no file of tokens is named"), "{}", unnamed.err);
    let mut command = methodical(["token", "list"]);
    command.env("METHODICAL_TOKENS", site.path("tokens"));
    assert_eq!(run(command).code, Some(0));
}

#[test]
fn the_example_in_the_readme_is_a_configuration() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = fs::read_to_string(readme).unwrap();
    let (_, section) = readme.split_once("## On the open network").unwrap();
    let (_, example) = section.split_once("```toml\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    assert!(example.lines().count() <= 10, "{example}");
    let config = example.replace("/srv/", "HOME/").replace("/etc/methodical/", "HOME/");
    // The ports and the certificate are those of another machine.
    let mine = |line: &&str| !line.starts_with("tls") && !line.starts_with("bind");
    let config: Vec<&str> = config.lines().filter(mine).collect();
    let site = Site::of(&config.join("\n").replace("HOME/files", "HOME/www"));
    let served = Served::start(&site, &[]);
    assert_eq!(served.ask("GET /a.txt", None).0, 200);
    assert_eq!(served.ask("PUT /new", None).0, 401);
    assert_eq!(served.ask("PUT /new", Some(AS_ANN)).0, 201);
    assert_eq!(served.ask("GET /private/", None).0, 401);
    assert_eq!(served.ask("GET /private/", Some("Basic Ym9iOnBhc3N3b3Jk")).0, 403);
}
