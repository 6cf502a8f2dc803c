//! A server as a process, which can be killed.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::Child,
};

use super::client::Client;
use crate::command::methodical;

/// A running server; killed when dropped.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Process {
    /// Serves a folder for writing, with more words if need be.
    pub(crate) fn serve(folder: &Path, more: &[&str]) -> Self {
        let words = ["serve", "--write", "--port", "0", "--log-format", "off"];
        let words = words.iter().chain(more).map(|word| (*word).into());
        let mut child = methodical(words.chain([folder.as_os_str().to_owned()])).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let at = line.find("http://").unwrap_or_else(|| panic!("it said: {line}"));
        let address = line[at + 7..].split('/').next().unwrap().parse().unwrap();
        Self { child, address }
    }

    pub(crate) fn client(&self) -> Client {
        Client::connect(self.address).unwrap()
    }

    /// Octets of memory that are its own.
    pub(crate) fn memory_bytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
        let kibibytes: u64 = line.trim().strip_suffix(" kB").unwrap().parse().unwrap();
        kibibytes * 1024
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have been killed before.
        let _ended = self.child.kill();
        let _waited = self.child.wait();
    }
}

/// What is in the folder, and what is left in the state folder's rooms for things under way.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let list = |folder: &Path| -> Vec<String> {
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
    };
    let mut names: Vec<String> =
        list(folder).into_iter().filter(|name| name != ".methodical").collect();
    for room in ["stage", "trash", "beside"] {
        let of = list(&folder.join(".methodical").join(room));
        names.extend(of.into_iter().map(|name| format!(".methodical/{room}/{name}")));
    }
    names.sort();
    names
}
