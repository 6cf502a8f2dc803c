//! What the server holds: a tree in memory, locks, and counters.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};

use super::answer::now;
use super::locks::Lock;
use super::{Fault, Req};

/// A resource.
#[derive(Debug, Clone, Default)]
pub(crate) struct Node {
    pub(crate) folder: bool,
    pub(crate) content: Vec<u8>,
    pub(crate) kind: String,
    pub(crate) tag: u64,
    /// Seconds since the epoch.
    pub(crate) changed: i64,
    /// Dead properties: name in Clark notation, and its element.
    pub(crate) properties: BTreeMap<String, String>,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) nodes: BTreeMap<String, Node>,
    pub(crate) locks: Vec<Lock>,
    /// Results of requests with an Idempotency-Key: content, and the Location.
    pub(crate) keys: BTreeMap<String, (Vec<u8>, String)>,
}

pub(crate) struct World {
    pub(crate) port: u16,
    pub(crate) fault: Fault,
    state: Mutex<State>,
    counter: AtomicU64,
}

impl World {
    pub(crate) fn new(fault: Fault, port: u16) -> Self {
        let world = Self { port, fault, state: Mutex::default(), counter: AtomicU64::new(1) };
        let folder = Node { folder: true, changed: now().seconds(), ..Node::default() };
        world.state().nodes.insert("/".to_owned(), folder.clone());
        world.state().nodes.insert("/base/".to_owned(), folder);
        world
    }

    pub(crate) fn has(&self, flag: &str) -> bool {
        self.fault.flags.split(' ').any(|own| own == flag)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(crate) fn count(&self) -> u64 {
        self.counter.fetch_add(1, Ordering::Relaxed)
    }

    /// Field lines of interim answers.
    pub(super) fn interim(&self) -> &'static str {
        match (self.has("length-on-100"), self.has("te-on-100")) {
            (true, _) => "Content-Length: 0\r\n",
            (_, true) => "Transfer-Encoding: chunked\r\n",
            _ => "",
        }
    }

    /// Paths of everything that was made and is still there.
    pub(crate) fn left(&self) -> Vec<String> {
        let state = self.state();
        state
            .nodes
            .keys()
            .filter(|path| !matches!(path.as_str(), "/" | "/base/"))
            .cloned()
            .collect()
    }

    /// A file's next validators.
    pub(crate) fn node(&self, content: Vec<u8>, kind: &str) -> Node {
        let (changed, folder, properties) = (now().seconds(), false, BTreeMap::new());
        let tag = if self.has("coarse-tags") { content.len() as u64 } else { self.count() };
        Node { folder, content, kind: kind.to_owned(), tag, changed, properties }
    }
}

impl State {
    /// A resource by its path, the slash of a collection given or not.
    pub(crate) fn find(&self, path: &str) -> Option<(&str, &Node)> {
        let slashed = format!("{}/", path.trim_end_matches('/'));
        let found = self.nodes.get_key_value(path).or_else(|| self.nodes.get_key_value(&slashed));
        found.map(|(path, node)| (path.as_str(), node))
    }

    /// Whether the collection that would hold this path is there.
    pub(crate) fn has_parent(&self, path: &str) -> bool {
        let bare = path.trim_end_matches('/');
        let parent = bare.get(..=bare.rfind('/').unwrap_or(0)).unwrap_or_default();
        self.nodes.contains_key(parent)
    }

    /// The members of a collection, at any depth, itself included.
    pub(crate) fn tree(&self, path: &str) -> Vec<String> {
        let all = self.nodes.keys();
        all.filter(|own| *own == path || (path.ends_with('/') && own.starts_with(path)))
            .cloned()
            .collect()
    }

    /// Removes a resource with all below it, and its locks.
    pub(crate) fn remove(&mut self, path: &str) {
        for own in self.tree(path) {
            self.nodes.remove(&own);
            self.locks.retain(|lock| lock.root != own);
        }
    }
}

/// The path with its percent-encoding taken off.
pub(crate) fn decoded(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut plain = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let code = path.get(at + 1..at + 3).and_then(|two| u8::from_str_radix(two, 16).ok());
        match (bytes[at], code) {
            (b'%', Some(byte)) => {
                plain.push(byte);
                at += 3;
            }
            (byte, _) => {
                plain.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// The path of a Destination on this server.
pub(crate) fn destination(world: &World, request: &Req) -> Option<String> {
    let to = request.field("Destination")?;
    let own = format!("http://127.0.0.1:{}", world.port);
    let path = if to.starts_with('/') { to } else { to.strip_prefix(&own)? };
    Some(decoded(path))
}
