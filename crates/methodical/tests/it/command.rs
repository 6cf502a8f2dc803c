//! Runs the command, bounded in time and without the settings of the machine that tests it.

use std::ffi::OsStr;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// What a run left.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The command, without any variable of ours, no colours, and nothing on its standard input.
pub(crate) fn methodical<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    at(Path::new(env!("CARGO_BIN_EXE_methodical")), args)
}

/// The same for a copy of the command.
pub(crate) fn at<S: AsRef<OsStr>>(program: &Path, args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("METHODICAL_") {
            command.env_remove(name);
        }
    }
    command.args(args).env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").env("TERM", "xterm");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs it to its end; one that does not end is killed and fails the test.
pub(crate) fn run(mut command: Command) -> Ran {
    let mut child = command.spawn().unwrap();
    let (out, err) = (text(child.stdout.take()), text(child.stderr.take()));
    let (Ok(out), Ok(err)) = (out.recv_timeout(PATIENCE), err.recv_timeout(PATIENCE)) else {
        stuck(&mut child)
    };
    Ran { code: child.wait().unwrap().code(), out, err }
}

/// Runs it with words.
pub(crate) fn ran<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Ran {
    run(methodical(args))
}

fn text(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    let mut pipe = pipe.unwrap();
    thread::spawn(move || {
        let mut text = String::new();
        pipe.read_to_string(&mut text).unwrap();
        sender.send(text)
    });
    receiver
}

fn stuck(child: &mut Child) -> ! {
    child.kill().unwrap();
    child.wait().unwrap();
    panic!("the command did not end")
}

/// Longer than any run that is right takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);
