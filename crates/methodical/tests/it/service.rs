//! `serve` under a service manager: sockets that are given, states that are told, and what is given
//! up.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::net::UnixDatagram;
use std::process::Command;

use rustix::process::Signal;
use tempfile::TempDir;

use crate::command::{methodical, ran};
use crate::serve::{PATIENCE, Serving, shown};

/// The state that the service manager was told next.
fn told(manager: &UnixDatagram) -> String {
    let mut room = [0; 4096];
    let length = manager.recv(&mut room).unwrap();
    String::from_utf8_lossy(room.get(..length).unwrap()).trim_end().to_owned()
}

fn manager(folder: &TempDir) -> UnixDatagram {
    let manager = UnixDatagram::bind(folder.path().join("notify")).unwrap();
    manager.set_read_timeout(Some(PATIENCE)).unwrap();
    manager
}

#[test]
fn systemd_notify_is_told_of_start_reload_and_stop() {
    let (folder, own) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let manager = manager(&own);
    let mut command = methodical(["serve", "--port", "0", shown(folder.path())]);
    command.env("NOTIFY_SOCKET", own.path().join("notify"));
    let mut serving = Serving::start(command);
    serving.line();
    assert_eq!(told(&manager), "READY=1");
    serving.signal(Signal::HUP);
    let reloading = told(&manager);
    assert!(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC="), "{reloading}");
    assert_eq!(told(&manager), "READY=1");
    assert_eq!(serving.stop(), Some(0));
    assert_eq!(told(&manager), "STOPPING=1");
}

#[test]
fn systemd_a_socket_that_is_given_takes_the_place_of_the_addresses() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a"), "here").unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // The shell becomes the server, so that the process is the one that LISTEN_PID names.
    let script = "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" serve \"$1\" 3<&0 </dev/null";
    let server = methodical([""; 0]);
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).arg(server.get_program()).arg(folder.path());
    command.stdin(OwnedFd::from(listener)).stdout(std::process::Stdio::piped());
    let mut serving = Serving::start(command);
    assert!(serving.line().ends_with(&format!(" read-only on http://{address}/")));
    assert!(get(&address.to_string(), "/a").ends_with("\r\n\r\nhere"));
    assert_eq!(serving.stop(), Some(0));
}

#[test]
fn a_server_that_root_started_becomes_the_user_that_is_named() {
    let folder = TempDir::new().unwrap();
    let flags = ["serve", "--write", "--port", "0", "--user", "nobody", shown(folder.path())];
    if !rustix::process::geteuid().is_root() {
        let refused = ran(flags);
        assert_eq!(refused.code, Some(2));
        assert!(refused.err.contains("only root can become nobody"), "{}", refused.err);
        println!("NOT RUN: only root can see a server become another user");
        return;
    }
    let passwd = fs::read_to_string("/etc/passwd").unwrap();
    let nobody = passwd.lines().find(|line| line.starts_with("nobody:")).unwrap();
    let uid: u32 = nobody.split(':').nth(2).unwrap().parse().unwrap();
    chown(folder.path(), Some(uid), None).unwrap();
    let mut serving = Serving::start(methodical(flags));
    let line = serving.line();
    let address = line.rsplit_once("http://").unwrap().1.trim_end_matches('/');
    let status = fs::read_to_string(format!("/proc/{}/status", serving.child.id())).unwrap();
    let uids = status.lines().find(|line| line.starts_with("Uid:")).unwrap();
    assert!(uids.split_whitespace().skip(1).all(|its| its == uid.to_string()), "{uids}");
    let mut connection = TcpStream::connect(address).unwrap();
    let put =
        "PUT /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx";
    connection.write_all(put.as_bytes()).unwrap();
    connection.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    assert_eq!(fs::metadata(folder.path().join("a")).unwrap().uid(), uid);
    assert_eq!(serving.stop(), Some(0));
}

#[test]
fn a_user_that_there_is_not_is_refused() {
    let folder = TempDir::new().unwrap();
    let refused = ran(["serve", "--port", "0", "--user", "no-such-user", shown(folder.path())]);
    assert_eq!(refused.code, Some(2));
    assert_eq!(refused.err, "error: --user: there is no user no-such-user on this machine\n");
}

#[test]
fn health_tells_a_server_that_serves_from_one_that_does_not() {
    let folder = TempDir::new().unwrap();
    let mut serving = Serving::start(methodical(["serve", "--port", "0", shown(folder.path())]));
    let line = serving.line();
    let url = line.rsplit_once(' ').unwrap().1;
    let well = ran(["health", url]);
    assert_eq!((well.code, well.out.as_str(), well.err.as_str()), (Some(0), "", ""));
    assert_eq!(serving.stop(), Some(0));
    let ill = ran(["health", url]);
    assert_eq!(ill.code, Some(3), "{}", ill.err);
    let other = ran(["health", "gopher://x"]);
    assert_eq!(other.code, Some(2), "{}", other.err);
}

#[test]
fn health_asks_where_a_variable_says_and_trusts_this_machine() {
    let (folder, state) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let shown = shown(folder.path());
    let url = |serving: &mut Serving| {
        let line = serving.line();
        let from = line.find("https://").unwrap();
        line[from..].split(' ').next().unwrap().to_owned()
    };
    let mut serve = methodical(["serve", "--port", "0", "--tls", "self-signed", shown]);
    serve.env("XDG_STATE_HOME", state.path()).env_remove("STATE_DIRECTORY");
    serve.env("METHODICAL_HEALTH_URL", "https://127.0.0.1:1/");
    let mut serving = Serving::start(serve);
    let url = url(&mut serving);
    let mut health = methodical(["health"]);
    health.env("METHODICAL_HEALTH_URL", &url);
    let well = crate::command::run(health);
    assert_eq!((well.code, well.err.as_str()), (Some(0), ""));
    assert_eq!(serving.stop(), Some(0));
}

fn get(address: &str, target: &str) -> String {
    let mut connection = TcpStream::connect(address).unwrap();
    connection.set_read_timeout(Some(PATIENCE)).unwrap();
    let head = format!("GET {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    connection.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer
}

/// The numbers of the user nobody, where we are root and can give files to it.
fn nobody() -> Option<u32> {
    let is_root = rustix::process::geteuid().is_root();
    let passwd = fs::read_to_string("/etc/passwd").ok()?;
    let line = passwd.lines().find(|line| line.starts_with("nobody:"))?;
    line.split(':').nth(2)?.parse().ok().filter(|_| is_root)
}

#[test]
fn what_only_root_reads_is_told_of_where_root_becomes_another() {
    let (folder, own) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let Some(uid) = nobody() else {
        println!("NOT RUN: only root can see a server become another user");
        return;
    };
    chown(folder.path(), Some(uid), None).unwrap();
    fs::set_permissions(own.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let at = |name: &str| own.path().join(name).display().to_string();
    for (name, text) in [("users", ""), ("tokens", ""), ("auth", "ann:x\n"), ("config.toml", "")] {
        fs::write(at(name), text).unwrap();
        fs::set_permissions(at(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    let [users, tokens, auth, config] = ["users", "tokens", "auth", "config.toml"].map(at);
    let mut command = methodical([
        "serve",
        "--port",
        "0",
        "--user",
        "nobody",
        "--users",
        &users,
        "--tokens",
        &tokens,
        "--auth-file",
        &auth,
        "--config",
        &config,
        shown(folder.path()),
    ]);
    command.stderr(std::process::Stdio::piped());
    let mut serving = Serving::start(command);
    serving.line();
    let stderr = serving.child.stderr.take().unwrap();
    assert_eq!(serving.stop(), Some(0));
    let said = std::io::read_to_string(stderr).unwrap();
    for (file, then) in [
        (&users, "no change of users"),
        (&tokens, "no token lets anybody in"),
        (&auth, "no change of users"),
        (&config, "a reload (SIGHUP) will be refused"),
    ] {
        let line = said.lines().find(|line| line.contains(&format!("nobody may not read {file}:")));
        let line = line.unwrap_or_else(|| panic!("{file} in {said}"));
        assert!(line.starts_with("warning: ") && line.contains(then), "{line}");
    }
}

#[test]
fn a_file_of_tokens_stays_whose_it_was() {
    let own = TempDir::new().unwrap();
    let file = own.path().join("tokens");
    let run = |words: &[&str]| {
        let done = ran(["token"].iter().chain(words).chain(&["--tokens", shown(&file)]).copied());
        assert_eq!(done.code, Some(0), "{}", done.err);
    };
    run(&["create", "--user", "ann"]);
    let uid = nobody().unwrap_or_else(|| rustix::process::geteuid().as_raw());
    chown(&file, Some(uid), None).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let before = fs::metadata(&file).unwrap();
    let id = ran(["token", "list", "--tokens", shown(&file)]).out;
    run(&["create", "--user", "bob"]);
    run(&["revoke", id.split_whitespace().next().unwrap()]);
    let after = fs::metadata(&file).unwrap();
    assert_eq!((after.uid(), after.gid(), after.mode()), (uid, before.gid(), before.mode()));
    assert_eq!(fs::read_dir(own.path()).unwrap().count(), 1);
}

#[test]
fn a_start_says_whether_there_is_a_sandbox_and_what_is_no_state_folder() {
    let folder = TempDir::new().unwrap();
    for (flag, said) in [(&[][..], "(sandbox on: Landlock)"), (&["--no-sandbox"], "--no-sandbox)")]
    {
        let words = ["serve", "--port", "0", shown(folder.path())];
        let mut serving = Serving::start(methodical(words.iter().chain(flag).copied()));
        let line = serving.whole_line();
        let has = line.contains(said) || line.contains("(sandbox off: this kernel");
        assert!(has, "{line}");
        assert_eq!(serving.stop(), Some(0));
    }
    fs::write(folder.path().join(".methodical"), "a file").unwrap();
    let refused = ran(["serve", "--write", "--port", "0", shown(folder.path())]);
    assert_eq!(refused.code, Some(3));
    assert!(refused.err.contains("/.methodical is no folder"), "{}", refused.err);
    assert!(refused.err.contains("move it away"), "{}", refused.err);
}

#[test]
fn signs_of_life_are_no_lines_of_the_log() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a"), "here").unwrap();
    let mut serving = Serving::start(methodical(["serve", "--port", "0", shown(folder.path())]));
    let line = serving.line();
    let url = line.rsplit_once(' ').unwrap().1.to_owned();
    let address = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
    assert_eq!(ran(["health", &url]).code, Some(0));
    assert!(get(&address, "/.methodical/health?x").starts_with("HTTP/1.1 200"));
    get(&address, "/a");
    get(&address, "/.methodical/none");
    // Two threads may have answered them.
    let mut lines = [serving.line(), serving.line()];
    lines.sort_by_key(|line| line.contains("/.methodical/"));
    assert!(lines[0].contains(" GET /a ") && lines[1].contains("/.methodical/none"), "{lines:?}");
    assert_eq!(serving.stop(), Some(0));
}
