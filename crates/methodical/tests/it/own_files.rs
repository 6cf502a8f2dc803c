//! What secures the server and lies in the folder that it serves is there for nobody.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::access::{AS_ANN, Site};
use crate::command::{methodical, ran};

/// A server whose configuration, logins, tokens and log all lie in its folder; ended when dropped.
struct Served {
    child: Child,
    site: Site,
    address: String,
}

const CONFIG: &str = "\
dir = \"HOME\"
port = 0
write = true
users = \"HOME/users\"
tokens = \"HOME/tokens\"

[access]
\"/\" = { anyone = \"read\", ann = \"all\" }
";

impl Served {
    fn start() -> Self {
        let site = Site::of(CONFIG);
        fs::create_dir(site.path("d")).unwrap();
        fs::hard_link(site.path("users"), site.path("d/hard")).unwrap();
        std::os::unix::fs::symlink("../config.toml", site.path("d/soft")).unwrap();
        let mut command = methodical(["serve", "--config", shown(&site.path("config.toml"))]);
        command.stdout(File::create(site.path("log")).unwrap());
        let child = command.spawn().unwrap();
        let log = said(&site, "/\n");
        let address = log.split_once("http://").unwrap().1.trim_end().trim_end_matches('/');
        Self { child, address: address.to_owned(), site }
    }

    fn status(&self, line: &str, login: &str) -> u16 {
        let mut connection = TcpStream::connect(&self.address).unwrap();
        connection.set_read_timeout(Some(PATIENCE)).unwrap();
        let host = &self.address;
        let length = if line.starts_with("PUT") { "Content-Length: 1\r\n" } else { "" };
        let content = if line.starts_with("PUT") { "x" } else { "" };
        let head = format!(
            "{line} HTTP/1.1\r\nHost: {host}\r\n{login}{length}Destination: /moved\r\n\
             Connection: close\r\n\r\n{content}"
        );
        connection.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).unwrap().parse().unwrap()
    }

    fn nothing_is_there(&self, own: &[&str]) {
        let ann = format!("Authorization: {AS_ANN}\r\n");
        for at in own {
            for login in ["", &ann] {
                assert_eq!(self.status(&format!("GET /{at}"), login), 404, "{at}");
            }
            for method in ["DELETE", "COPY", "MOVE"] {
                let status = self.status(&format!("{method} /{at}"), &ann);
                assert!(matches!(status, 403 | 404), "{method} {at}: {status}");
            }
            let status = self.status(&format!("PUT /{at}"), &ann);
            assert!(matches!(status, 403 | 409), "PUT {at}: {status}");
        }
        assert_eq!(self.status("GET /a.txt", ""), 404);
        assert_eq!(self.status("GET /www/a.txt", ""), 200);
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended before.
        let _ended = self.child.kill();
        let _waited = self.child.wait();
    }
}

const OWN: [&str; 6] = ["config.toml", "users", "tokens", "log", "d/hard", "d/soft"];

/// What the log says, once it has this in it.
fn said(site: &Site, awaited: &str) -> String {
    let until = Instant::now() + PATIENCE;
    loop {
        let log = fs::read_to_string(site.path("log")).unwrap();
        if log.contains(awaited) {
            return log;
        }
        assert!(Instant::now() < until, "{log}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn shown(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn what_secures_the_server_is_there_for_nobody() {
    let served = Served::start();
    served.nothing_is_there(&OWN);
    // Made and replaced while the server runs: before and after it is told.
    let config = served.site.path("config.toml");
    let made = ran(["token", "create", "--user", "ann", "--config", shown(&config)]);
    assert_eq!(made.code, Some(0), "{}", made.err);
    for name in ["users", "config.toml"] {
        let (new, old) = (served.site.path("new"), served.site.path(name));
        fs::copy(&old, &new).unwrap();
        fs::rename(&new, &old).unwrap();
    }
    fs::remove_file(served.site.path("d/hard")).unwrap();
    served.nothing_is_there(&["config.toml", "users", "tokens", "log", "d/soft"]);
    fs::hard_link(served.site.path("users"), served.site.path("d/hard")).unwrap();
    kill_process(Pid::from_child(&served.child), Signal::HUP).unwrap();
    let until = Instant::now() + PATIENCE;
    while served.status("GET /d/hard", "") != 404 {
        assert!(Instant::now() < until, "it is shown after it was told");
        std::thread::sleep(Duration::from_millis(10));
    }
    served.nothing_is_there(&OWN);
}

/// Longer than any answer that is right takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);
