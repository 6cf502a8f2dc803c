//! A store, an operator's choices and a clock, to which requests are sent as text, without sockets.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use methodical_content::body::Body;
use methodical_folder::{Durability, FolderOptions, FolderStore};
use methodical_methods::{
    admission::{
        admit::{admit, perform, tunnel},
        policy::Policy,
        principal::Principal,
    },
    memory::Memory,
    method::{Accepts, Method, Run},
    reply::Reply,
    request::{Input, Parsed, Request},
    table::find,
};
use methodical_semantics::{
    authority::Authority,
    condition::Condition,
    error::{Error, Result},
    path::Path,
    rule::{conditional::Conditions, tunnelling::Rules},
    target::{ResourceTarget, Target},
    timestamp::Timestamp,
};
use methodical_store::{store::Store, testing, view::read};
use tempfile::TempDir;

/// Where requests are carried out.
pub(crate) struct World {
    /// The store, empty at first.
    pub(crate) store: Box<dyn Store>,
    /// Everything is allowed at first.
    pub(crate) policy: Policy,
    /// Who makes the requests; anyone at first.
    pub(crate) principal: Principal,
    pub(crate) memory: Memory,
    /// The moment of the requests, long after that of the seeds.
    pub(crate) now: Timestamp,
    /// Where the store keeps its files, if it does.
    _folder: Option<TempDir>,
}

/// What a request was answered, refusals included.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The fields, with Content-Length where the server would add it.
    pub(crate) fields: HeaderMap,
    /// All bytes of the content.
    pub(crate) body: Vec<u8>,
    /// The sentence of a refusal, or the cause of a failure.
    pub(crate) detail: String,
}

/// Carries a test out on an empty world of every kind of store.
pub(crate) fn on_every_store(test: impl Fn(&mut World)) {
    for mut world in [World::in_memory(), World::in_folder()] {
        test(&mut world);
    }
}

impl World {
    /// An empty world in memory.
    pub(crate) fn in_memory() -> Self {
        Self::of(Box::new(testing::memory()))
    }

    /// An empty world in a folder of its own, which goes away with it.
    pub(crate) fn in_folder() -> Self {
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        let options = FolderOptions {
            writable: true,
            durability: Durability::Relaxed,
            ..FolderOptions::default()
        };
        let store = FolderStore::open(folder.path(), options).expect("a folder to serve");
        Self { _folder: Some(folder), ..Self::of(Box::new(store)) }
    }

    /// A world of this store, with a policy that allows everything.
    pub(crate) fn of(store: Box<dyn Store>) -> Self {
        let policy =
            Policy { writable: true, trace: true, tunnels: Rules::web(), ..Policy::default() };
        let principal = Principal::default();
        let (memory, now) = (Memory::default(), Timestamp::new(NOW, 0));
        Self { store, policy, principal, memory, now, _folder: None }
    }

    /// Makes collections and files; see [`testing::seed`].
    pub(crate) fn seed(&self, resources: &[(&str, &str)]) {
        testing::seed(&*self.store, resources);
    }

    /// The entity tag of a file, as it stands in a field.
    pub(crate) fn etag(&self, path: &str) -> String {
        let answer = self.send(&format!("HEAD {path}"));
        answer.field("etag").to_owned()
    }

    /// The entity tag of what a request target names, or one that nothing has.
    pub(crate) fn etag_or_none(&self, target: &str) -> String {
        let answer = self.send(&format!("HEAD {target}"));
        if answer.has("etag") { answer.field("etag").to_owned() } else { "\"none\"".to_owned() }
    }

    /// Sends a request: `METHOD target`, lines of fields, and after an empty line the content.
    pub(crate) fn send(&self, text: &str) -> Answer {
        let (request, content) = self.request(text);
        if matches!(request.method.run, Run::Tunnel(_)) {
            return tunnelled(&request, text);
        }
        // As the server does: a look, the content, then the method itself.
        let look = read(&*self.store, self.now, |view| admit(view, &request, &Input::Pending));
        let input = |_| {
            if request.drops_content() {
                Ok(Input::Nothing)
            } else {
                self.input(request.method, request.path(), content)
            }
        };
        match look.and_then(input) {
            Ok(input) => self.perform(&request, input),
            Err(error) => error.into(),
        }
    }

    /// Carries a request out.
    pub(crate) fn perform(&self, request: &Request, input: Input) -> Answer {
        match perform(&*self.store, self.now, request, input) {
            Ok(reply) => reply.into(),
            Err(error) => error.into(),
        }
    }

    /// The request that text means, and its content.
    pub(crate) fn request(&self, text: &str) -> (Request, Bytes) {
        let (head, content) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut lines = head.lines();
        let mut words = lines.next().unwrap().split(' ');
        let method = find(words.next().unwrap()).expect("a registered method");
        let (target, server) = match Target::parse(words.next().unwrap()) {
            _ if matches!(method.run, Run::Tunnel(_)) => (root(), true),
            Ok(Target::Resource(target)) => (target, false),
            Ok(Target::Server) => (root(), true),
            other => panic!("{other:?} is no target of a method that is carried out here"),
        };
        let fields = fields(lines);
        let conditions = Conditions::read(&fields);
        let head = Bytes::from(head.replace('\n', "\r\n") + "\r\n\r\n");
        let policy = Arc::new(self.policy.clone());
        let principal = Arc::new(self.principal.clone());
        let memory = self.memory.clone();
        let parsed = Parsed::default();
        let request = Request {
            method,
            target,
            server,
            fields,
            conditions,
            head,
            policy,
            principal,
            memory,
            parsed,
        };
        (request, Bytes::copy_from_slice(content.as_bytes()))
    }

    /// Content in the form in which the method's row takes it.
    pub(crate) fn input(&self, method: &Method, path: &Path, content: Bytes) -> Result<Input> {
        Ok(match method.accepts {
            Accepts::None(_) => Input::Nothing,
            Accepts::Small { .. } => Input::Bytes(content),
            Accepts::Staged | Accepts::StagedOrForm => {
                Input::Staged(testing::staged(&*self.store, path, &content)?)
            }
        })
    }
}

impl Answer {
    /// The value of a field; empty if it is absent.
    pub(crate) fn field(&self, name: &str) -> &str {
        assert!(self.fields.get_all(name).iter().count() < 2, "{name} stands there twice");
        self.fields.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    /// Whether there is such a field.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// The content as text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        let Reply { status, mut fields, body, .. } = reply;
        if let Some(length) = body.length() {
            fields.insert(http::header::CONTENT_LENGTH, length.into());
        }
        let body = match body {
            Body::Empty | Body::Omitted(_) => Vec::new(),
            Body::Content(content) => testing::bytes(content),
            Body::Parts(parts) => parts.into_iter().flat_map(testing::bytes).collect(),
            Body::Pulled(pull) => testing::bytes(methodical_content::Content::Remote(pull)),
        };
        Self { status: status.as_u16(), fields, body, detail: String::new() }
    }
}

impl From<Error> for Answer {
    fn from(error: Error) -> Self {
        let (status, detail) = (error.status().as_u16(), error.to_string());
        let fields = match error {
            Error::Refused(refusal) => refusal.fields,
            Error::Members(_) | Error::Failed(_) => HeaderMap::new(),
        };
        Self { status, fields, body: Vec::new(), detail }
    }
}

/// What is answered who asks for a tunnel, as if it came about: a caller on the same machine,
/// unless there are rules about who may do what.
fn tunnelled(request: &Request, text: &str) -> Answer {
    let mut request = request.clone();
    if request.policy.rules.is_open() {
        request.principal = Arc::new(Principal { local: true, ..Principal::default() });
    }
    let named = text.split_ascii_whitespace().nth(1).expect("a target");
    match Authority::parse(named) {
        Ok(to) => match tunnel(&request, &to) {
            Ok(_) => Reply::empty(http::StatusCode::OK).into(),
            Err(error) => error.into(),
        },
        Err(error) => Error::refused(Condition::BadTarget, error.detail()).into(),
    }
}

fn fields<'a>(lines: impl Iterator<Item = &'a str>) -> HeaderMap {
    let mut fields = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(':').expect("a field");
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a field name");
        fields.append(name, HeaderValue::from_str(value.trim()).expect("a field value"));
    }
    fields
}

fn root() -> ResourceTarget {
    ResourceTarget { path: Path::root(), slash: true, query: None, authority: None }
}

/// When requests are made: 2099-01-01T00:00:00Z, later than the clocks of all stores.
const NOW: i64 = 4_070_908_800;
