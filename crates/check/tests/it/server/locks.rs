//! LOCK, UNLOCK, and what a lock keeps others from (RFC 4918 sections 6, 7 and 10.4).

use super::answer::Reply;
use super::world::{State, destination};
use super::{Req, World};

#[derive(Debug, Clone)]
pub(crate) struct Lock {
    pub(crate) root: String,
    pub(crate) token: String,
    pub(crate) deep: bool,
    pub(crate) shared: bool,
}

impl Lock {
    fn covers(&self, path: &str) -> bool {
        let bare = |path: &str| path.trim_end_matches('/').to_owned();
        bare(&self.root) == bare(path)
            || (self.deep && path.starts_with(&format!("{}/", bare(&self.root))))
    }
}

/// 412 or 423 for what the If field and the locks do not let through.
pub(super) fn refused(world: &World, state: &State, request: &Req) -> Option<Reply> {
    if let Some(condition) = request.field("If")
        && !(holds(state, request, condition) && holds_above(world, state, request, condition))
    {
        return Some(Reply::new(412));
    }
    let method = request.method.as_str();
    let mut paths = match method {
        "PUT" | "PATCH" | "PROPPATCH" | "DELETE" | "MOVE" | "MKCOL" => vec![request.path.clone()],
        _ => Vec::new(),
    };
    let member = matches!(method, "DELETE" | "MOVE")
        || (matches!(method, "PUT" | "MKCOL") && state.find(&request.path).is_none());
    if matches!(method, "COPY" | "MOVE") {
        paths.extend(destination(world, request));
    }
    if method == "LOCK" || world.has("no-locks") {
        return None;
    }
    let put = method == "PUT" && state.locks.iter().any(|lock| lock.root == request.path);
    if world.has("no-locks-but-for-put") && !put {
        return None;
    }
    let parent = parent(&request.path);
    let submitted = request.field("If").unwrap_or_default();
    let hit = state.locks.iter().find(|lock| {
        let touched = paths.iter().any(|path| lock.covers(path))
            || (member && lock.root == parent && !paths.is_empty());
        touched && !submitted.contains(&format!("<{}>", lock.token))
    });
    hit.map(|lock| locked(&lock.root))
}

/// The same for the collection above, where the server wrongly asks there too.
fn holds_above(world: &World, state: &State, request: &Req, condition: &str) -> bool {
    let above = Req { path: parent(&request.path), ..request.clone() };
    !world.has("if-of-parent") || request.method != "DELETE" || holds(state, &above, condition)
}

fn parent(path: &str) -> String {
    let bare = path.trim_end_matches('/');
    bare.get(..=bare.rfind('/').unwrap_or(0)).unwrap_or_default().to_owned()
}

fn locked(root: &str) -> Reply {
    let error = format!(
        "<D:error xmlns:D=\"DAV:\"><D:lock-token-submitted><D:href>{root}</D:href>\
         </D:lock-token-submitted></D:error>"
    );
    Reply::new(423).body("application/xml", error)
}

/// Whether one of the lists of the If field is true.
fn holds(state: &State, request: &Req, condition: &str) -> bool {
    let lists = condition.split('(').skip(1).map(|list| list.split(')').next().unwrap());
    lists.into_iter().any(|list| {
        let mut rest = list.trim();
        while !rest.is_empty() {
            let not = rest.starts_with("Not ");
            rest = rest.trim_start_matches("Not ").trim_start();
            let end = rest.find(['>', ']']).map_or(rest.len(), |at| at + 1);
            let (state_of, more) = rest.split_at(end);
            rest = more.trim_start();
            if one(state, request, state_of) == not {
                return false;
            }
        }
        true
    })
}

fn one(state: &State, request: &Req, text: &str) -> bool {
    if let Some(token) = text.strip_prefix('<') {
        let token = token.trim_end_matches('>');
        state.locks.iter().any(|lock| lock.token == token && lock.covers(&request.path))
    } else {
        let tag = text.trim_matches(['[', ']']);
        state.find(&request.path).is_some_and(|(_, node)| tag == format!("\"{}\"", node.tag))
    }
}

/// A DELETE of a collection with a member that is locked: 207, and all that is needed stays.
pub(super) fn members(
    world: &World,
    state: &mut State,
    request: &Req,
    path: &str,
) -> Option<Reply> {
    let submitted = request.field("If").unwrap_or_default().to_owned();
    let free = |lock: &Lock| submitted.contains(&format!("<{}>", lock.token));
    let below: Vec<String> = state
        .locks
        .iter()
        .filter(|lock| lock.root != path && lock.root.starts_with(path) && !free(lock))
        .map(|lock| lock.root.clone())
        .collect();
    if below.is_empty() || world.has("no-member-locks") {
        return None;
    }
    let responses: String = below
        .iter()
        .map(|root| {
            format!(
                "<D:response><D:href>{root}</D:href>\
                 <D:status>HTTP/1.1 423 Locked</D:status></D:response>"
            )
        })
        .collect();
    let document = format!("<D:multistatus xmlns:D=\"DAV:\">{responses}</D:multistatus>");
    Some(Reply::new(207).body("application/xml", document))
}

pub(super) fn lock(world: &World, state: &mut State, request: &Req) -> Reply {
    let own = |lock: &&Lock| lock.covers(&request.path);
    if request.content.is_empty() {
        let submitted = request.field("If").unwrap_or_default();
        let held = state.locks.iter().filter(own).find(|lock| submitted.contains(&lock.token));
        return match held {
            Some(lock) => described(lock, 200),
            None => Reply::new(412),
        };
    }
    let text = String::from_utf8_lossy(&request.content).into_owned();
    let Ok(document) = roxmltree::Document::parse(&text) else { return Reply::new(400) };
    let shared = document.descendants().any(|node| node.has_tag_name(("DAV:", "shared")));
    let taken = state.locks.iter().filter(own).any(|held| !(shared && held.shared));
    if taken && !world.has("many-locks") {
        return locked(&request.path);
    }
    if !state.has_parent(&request.path) {
        return Reply::new(409);
    }
    let found = state.find(&request.path).map(|(path, _)| path.to_owned());
    let status = if found.is_some() { 200 } else { 201 };
    let root = found.unwrap_or_else(|| {
        let node = world.node(Vec::new(), "application/octet-stream");
        state.nodes.insert(request.path.clone(), node);
        request.path.clone()
    });
    let token = format!("urn:uuid:00000000-0000-4000-8000-{:012x}", world.count());
    let deep = request.field("Depth") != Some("0");
    let lock = Lock { root, token, deep, shared };
    let reply = described(&lock, status).with("Lock-Token", format!("<{}>", lock.token));
    state.locks.push(lock);
    reply
}

fn described(lock: &Lock, status: u16) -> Reply {
    let document = format!(
        "<D:prop xmlns:D=\"DAV:\"><D:lockdiscovery>{}</D:lockdiscovery></D:prop>",
        active(lock)
    );
    Reply::new(status).body("application/xml", document)
}

/// The element DAV:activelock.
pub(super) fn active(lock: &Lock) -> String {
    let scope = if lock.shared { "shared" } else { "exclusive" };
    format!(
        "<D:activelock><D:locktype><D:write/></D:locktype><D:lockscope><D:{scope}/></D:lockscope>\
         <D:depth>{}</D:depth><D:timeout>Second-120</D:timeout><D:locktoken><D:href>{}</D:href>\
         </D:locktoken><D:lockroot><D:href>{}</D:href></D:lockroot></D:activelock>",
        if lock.deep { "infinity" } else { "0" },
        lock.token,
        lock.root
    )
}

/// The locks that hold for a path.
pub(super) fn active_of(state: &State, path: &str) -> String {
    state.locks.iter().filter(|lock| lock.covers(path)).map(active).collect()
}

pub(super) fn unlock(state: &mut State, request: &Req) -> Reply {
    let Some(token) = request.field("Lock-Token") else { return Reply::new(400) };
    let token = token.trim_matches(['<', '>']);
    let before = state.locks.len();
    state.locks.retain(|lock| !(lock.token == token && lock.covers(&request.path)));
    Reply::new(if state.locks.len() < before { 204 } else { 409 })
}
