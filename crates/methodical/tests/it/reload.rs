//! SIGHUP: what is said of settings that changed.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{ChildStderr, Stdio};

use rustix::process::Signal;
use tempfile::TempDir;

use crate::command::methodical;
use crate::serve::{Serving, shown};

/// A server with a configuration file, and what it says.
struct Reloading {
    serving: Serving,
    said: BufReader<ChildStderr>,
    own: TempDir,
    _folder: TempDir,
}

impl Reloading {
    fn start(config: &str) -> Self {
        let (folder, own) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let path = own.path().join("methodical.toml");
        fs::write(&path, format!("port = 0\n{config}")).unwrap();
        // Named as a person does who stands beside it.
        let args = ["serve", "--config", "methodical.toml", shown(folder.path())];
        let mut command = methodical(args);
        command.current_dir(own.path()).stderr(Stdio::piped());
        let mut serving = Serving::start(command);
        serving.line();
        let said = BufReader::new(serving.child.stderr.take().unwrap());
        Self { serving, said, own, _folder: folder }
    }

    fn said(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// What is said when the configuration became this: warnings, and that it was read.
    #[track_caller]
    fn says(&mut self, config: &str, restart: &str, changed: &str) {
        fs::write(self.own.path().join("methodical.toml"), format!("port = 0\n{config}")).unwrap();
        self.serving.signal(Signal::HUP);
        if !restart.is_empty() {
            let wanted = format!("warning: changed, but holds at a restart only: {restart}");
            assert_eq!(self.said(), wanted);
        }
        assert_eq!(self.said(), format!("methodical: read the configuration again: {changed}"));
    }
}

#[test]
fn on_sighup_exactly_what_changed_is_told() {
    let mut reloading = Reloading::start("");
    reloading.says("", "", "no setting changed");
    reloading.says("trace = true\n", "", "--trace changed");
    reloading.says("trace = true\n", "", "no setting changed");
    reloading.says("trace = true\ndrain_seconds = 5\n", "--drain-seconds", "nothing else changed");
    // As long as it waits for a restart it is told.
    reloading.says("drain_seconds = 5\n", "--drain-seconds", "--trace changed");
    reloading.says("", "", "no setting changed");
    let more = "bind = [\"127.0.0.1\", \"127.0.0.2\"]\ndurability = \"relaxed\"\nuser = \"x\"\n\
                log_format = \"json\"\nidle_seconds = 9\n";
    reloading.says(more, "--bind, --durability, --user", "--log-format, --idle-seconds changed");
    assert_eq!(reloading.serving.stop(), Some(0));
}

#[test]
fn on_sighup_writing_ends_now_and_begins_at_a_restart() {
    let mut reloading = Reloading::start("");
    reloading.says("write = true\n", "--write", "nothing else changed");
    let mut reloading = Reloading::start("write = true\n");
    reloading.says("", "", "--write changed");
    reloading.says("write = true\n", "", "--write changed");
}

#[test]
fn on_sighup_rights_and_users_are_told() {
    let mut reloading = Reloading::start("");
    let rules = "[access]\n\"/\" = { anyone = \"read\" }\n";
    reloading.says(rules, "", "[access] changed");
    reloading.says(rules, "", "no setting changed");
}
