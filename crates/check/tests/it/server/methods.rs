//! What each method does.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::MutexGuard;
use std::thread;
use std::time::Duration;

use methodical_semantics::timestamp::Timestamp;

use super::answer::{Reply, now};
use super::world::{Node, State};
use super::{Req, World, dav, locks, negotiate, patch, query};

const FILE: &[&str] = &[
    "GET",
    "HEAD",
    "OPTIONS",
    "PUT",
    "DELETE",
    "PATCH",
    "QUERY",
    "TRACE",
    "PROPFIND",
    "PROPPATCH",
    "COPY",
    "MOVE",
    "LOCK",
    "UNLOCK",
];
const FOLDER: &[&str] = &[
    "GET",
    "HEAD",
    "OPTIONS",
    "DELETE",
    "POST",
    "TRACE",
    "PROPFIND",
    "PROPPATCH",
    "COPY",
    "MOVE",
    "LOCK",
    "UNLOCK",
];
const FREE: &[&str] = &["OPTIONS", "PUT", "MKCOL", "LOCK", "TRACE"];

/// The answer to a request.
pub(super) fn respond(world: &World, request: &Req) -> Reply {
    let mut reply = judged(world, request);
    if request.method != "TRACE" {
        negotiate::cross_origin(world, request, &mut reply);
    }
    reply
}

fn judged(world: &World, request: &Req) -> Reply {
    if request.method == "CONNECT" {
        return connect(world, request);
    }
    if request.target == "*" {
        return match request.method.as_str() {
            "OPTIONS" => Reply::new(204).with("Allow", FILE.join(", ")),
            _ => Reply::new(400),
        };
    }
    let known = [FILE, FOLDER, FREE].iter().any(|names| names.contains(&request.method.as_str()));
    if !known {
        return Reply::new(501);
    }
    let mut state = world.state();
    if let Some(reply) = admit(world, &state, request) {
        return reply;
    }
    let racy = world.has("racy") || world.has(&format!("racy-{}", request.method.to_lowercase()));
    if racy && request.method != "GET" {
        drop(state);
        thread::sleep(Duration::from_millis(15));
        state = world.state();
    }
    if world.has("torn") && request.content.len() > 10_000 {
        let half = world.node(request.content[..5000].to_vec(), "text/plain");
        state.nodes.insert(request.path.clone(), half);
        drop(state);
        thread::sleep(Duration::from_millis(15));
        state = world.state();
    }
    run(world, &mut state, request)
}

/// The status with which the head alone is refused.
pub(super) fn refusal(world: &World, request: &Req) -> Option<u16> {
    let mut request = request.clone();
    (world.fault.before)(&mut request);
    let state = world.state();
    admit(world, &state, &request).map(|reply| reply.status)
}

/// What is refused before anything is done.
fn admit(world: &World, state: &MutexGuard<'_, State>, request: &Req) -> Option<Reply> {
    let found = state.find(&request.path);
    let method = request.method.as_str();
    if world.has("mkcol-empties") && method == "MKCOL" {
        return None;
    }
    let allowed = allowed(found.map(|(_, node)| node));
    if matches!(method, "OPTIONS" | "TRACE") {
        return None;
    }
    if !allowed.contains(&method) {
        let missing = found.is_none() && !matches!(method, "MKCOL" | "POST");
        return Some(if missing {
            Reply::new(404).body("text/plain", "nothing here")
        } else {
            Reply::new(405).with("Allow", allowed.join(", "))
        });
    }
    if let Some((path, node)) = found
        && node.folder
        && !request.path.ends_with('/')
        && matches!(method, "GET" | "HEAD")
    {
        return Some(Reply::new(308).with("Location", path));
    }
    if matches!(method, "PUT" | "MKCOL") && !state.has_parent(&request.path) {
        return Some(Reply::new(409));
    }
    if method == "QUERY" {
        return None;
    }
    if world.has("428") && method == "PUT" && found.is_some() && !request.has("If-Match") {
        return Some(Reply::new(428));
    }
    let current = found.map(|(_, node)| node);
    if let Some(status) = precondition(request, current, world) {
        return Some(match (status, current) {
            (304, Some(node)) => negotiate::not_modified(request, node),
            (412, Some(node))
                if request.field("Prefer").is_some_and(|p| p.contains("representation")) =>
            {
                Reply::new(412)
                    .body(&node.kind, node.content.clone())
                    .with("Content-Location", &request.path)
            }
            _ => Reply::new(status),
        });
    }
    locks::refused(world, state, request)
}

fn allowed(node: Option<&Node>) -> &'static [&'static str] {
    match node {
        Some(node) if node.folder => FOLDER,
        Some(_) => FILE,
        None => FREE,
    }
}

fn run(world: &World, state: &mut State, request: &Req) -> Reply {
    let method = request.method.as_str();
    let writes = format!("{}-writes", method.to_lowercase());
    if world.has(&writes) {
        touch(world, state, &request.path);
    }
    match method {
        "GET" | "HEAD" => get(world, state, request),
        "OPTIONS" => options(state, request),
        "TRACE" => trace(world, request),
        "PUT" => put(world, state, request),
        "DELETE" => delete(world, state, request),
        "POST" => query::post(world, state, request),
        "PATCH" => patch::patch(world, state, request),
        "QUERY" => query::query(world, state, request),
        "LOCK" => locks::lock(world, state, request),
        "UNLOCK" => locks::unlock(state, request),
        _ => dav::run(world, state, request),
    }
}

/// Changes what is there, by a method that should not.
fn touch(world: &World, state: &mut State, path: &str) {
    let found = state.find(path).map(|(path, node)| (path.to_owned(), node.clone()));
    if let Some((path, node)) = found.filter(|(_, node)| !node.folder) {
        let tag = world.count();
        state.nodes.insert(path, Node { tag, ..node });
    }
}

/// 304 or 412, as RFC 9110 section 13.2.2 orders the steps.
pub(super) fn precondition(request: &Req, node: Option<&Node>, world: &World) -> Option<u16> {
    let reads = matches!(request.method.as_str(), "GET" | "HEAD");
    let file = node.filter(|node| !node.folder);
    let tag = file.map(|node| negotiate::tag(request, node));
    let changed = node.map(|node| node.changed);
    let date = |name: &str| {
        let lines = request.all(name);
        let [one] = lines.as_slice() else { return None };
        Timestamp::from_http_date(one).map(Timestamp::seconds)
    };
    if let Some(list) = request.joined("If-Match") {
        let true_ = list == "*" && node.is_some()
            || tag.as_deref().is_some_and(|tag| tags(&list).iter().any(|own| own == tag));
        if !true_ {
            return Some(412);
        }
    } else if let (Some(limit), Some(changed)) = (date("If-Unmodified-Since"), changed)
        && changed > limit
    {
        return Some(412);
    }
    if let Some(list) = request.joined("If-None-Match") {
        let plain = |tag: &str| tag.trim_start_matches("W/").to_owned();
        let tag = tag.as_deref().map(plain);
        let matches = list == "*" && node.is_some()
            || tag.is_some_and(|tag| tags(&list).iter().any(|own| plain(own) == tag));
        if matches {
            return Some(if reads { 304 } else { 412 });
        }
    } else if let (true, Some(limit), Some(changed)) = (reads, date("If-Modified-Since"), changed)
        && (changed <= limit || world.has("always-304"))
    {
        return Some(304);
    }
    None
}

/// The tags of a list; a comma in a tag is part of it.
fn tags(list: &str) -> Vec<String> {
    let mut tags = vec![String::new()];
    let mut quoted = false;
    for letter in list.chars() {
        quoted ^= letter == '"';
        match letter {
            ',' if !quoted => tags.push(String::new()),
            letter => tags.last_mut().unwrap().push(letter),
        }
    }
    tags.into_iter().map(|tag| tag.trim().to_owned()).collect()
}

fn get(world: &World, state: &mut State, request: &Req) -> Reply {
    if world.has("query-deletes") && request.query.contains("delete") {
        state.remove(&request.path);
        return Reply::new(200);
    }
    let Some((path, node)) = state.find(&request.path) else { return Reply::new(404) };
    if node.folder {
        return negotiate::listing(world, state, path, request);
    }
    negotiate::file(request, node, world)
}

fn options(state: &State, request: &Req) -> Reply {
    let allowed = allowed(state.find(&request.path).map(|(_, node)| node));
    let mut reply = Reply::new(204).with("Allow", allowed.join(", ")).with("DAV", "1, 2");
    if allowed.contains(&"PATCH") {
        reply = reply.with("Accept-Patch", patch::TYPES.join(", "));
    }
    if allowed.contains(&"QUERY") {
        reply = reply.with("Accept-Query", "application/jsonpath");
    }
    reply
}

fn trace(world: &World, request: &Req) -> Reply {
    if !request.content.is_empty() {
        return Reply::new(400);
    }
    let secret = |line: &&str| {
        let name = line.split(':').next().unwrap().to_lowercase();
        !world.has("trace-secrets")
            && matches!(name.as_str(), "authorization" | "cookie" | "proxy-authorization")
    };
    let lines: Vec<&str> = request.head.split("\r\n").filter(|line| !secret(line)).collect();
    Reply::new(200)
        .body("message/http", lines.join("\r\n"))
        .with("X-Content-Type-Options", "nosniff")
}

fn put(world: &World, state: &mut State, request: &Req) -> Reply {
    if request.has("Content-Range") {
        return Reply::new(400);
    }
    if request.field("Content-Encoding").is_some_and(|coding| coding != "identity") {
        return Reply::new(415).with("Accept-Encoding", "identity");
    }
    if request.field("Content-Digest").is_some_and(|digest| digest.contains(":AAAA")) {
        return Reply::new(400);
    }
    let kind = request.field("Content-Type").unwrap_or_else(|| guess(&request.path)).to_owned();
    let mut content = request.content.clone();
    if let Some(old) = state.nodes.get(&request.path).filter(|_| world.has("put-appends")) {
        content = [&old.content[..], &content].concat();
    }
    let mut node = world.node(content, &kind);
    let old = state.nodes.get(&request.path);
    if old.is_some() && world.has("keeps-old") {
        return Reply::new(204);
    }
    let status = if old.is_some() { 204 } else { 201 };
    node.properties = old.map(|old| old.properties.clone()).unwrap_or_default();
    let tag = format!("\"{}\"", node.tag);
    state.nodes.insert(request.path.clone(), node);
    let mut reply = Reply::new(status).with("ETag", tag);
    if request.field("Prefer").is_some_and(|prefer| prefer.contains("return=minimal")) {
        reply = reply.with("Preference-Applied", "return=minimal").with("Vary", "Prefer");
    }
    if status == 201 { reply.with("Location", &request.path) } else { reply }
}

fn guess(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html",
        Some("json") => "application/json",
        _ => "text/plain",
    }
}

fn delete(world: &World, state: &mut State, request: &Req) -> Reply {
    if world.has("keeps-deleted") || world.has("racy-delete") && state.find(&request.path).is_none()
    {
        return Reply::new(204);
    }
    let Some((path, node)) = state.find(&request.path) else { return Reply::new(404) };
    let (path, folder) = (path.to_owned(), node.folder);
    let depth = request.field("Depth").unwrap_or("infinity");
    if folder && depth != "infinity" && !world.has("any-depth") {
        return Reply::new(400);
    }
    if let Some(reply) = locks::members(world, state, request, &path) {
        return reply;
    }
    match world.has("forgets-unlock") {
        true => drop(state.nodes.remove(&path)),
        false if world.has("leaves-members") && folder => drop(state.nodes.remove(&path)),
        false => state.remove(&path),
    }
    Reply::new(204)
}

fn connect(world: &World, request: &Req) -> Reply {
    if !world.has("proxy") {
        return Reply { close: true, ..Reply::new(501) };
    }
    let port = request.target.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
    let status = match port {
        None | Some(0) => 400,
        Some(25) => 403,
        Some(_) => 502,
    };
    Reply { close: true, ..Reply::new(status) }
}

/// The far end of a CONNECT that is let through.
pub(super) fn far(world: &World, request: &Req) -> Option<TcpStream> {
    let open = world.has("proxy") && !request.target.ends_with(":25");
    open.then(|| dial(request)).flatten()
}

fn dial(request: &Req) -> Option<TcpStream> {
    request.target.contains(':').then(|| TcpStream::connect(&request.target).ok()).flatten()
}

/// Bytes both ways, until one side ends.
pub(super) fn tunnel(world: &World, request: &Req, mut client: TcpStream, mut target: TcpStream) {
    let mut reply = Reply::new(200);
    (world.fault.after)(request, &mut reply);
    let extra: String =
        reply.fields.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    drop(client.write_all(format!("HTTP/1.1 {} X\r\n{extra}\r\n", reply.status).as_bytes()));
    if world.has("leaks-head") {
        drop(target.write_all(request.head.as_bytes()));
    }
    let (mut from, mut to) = (client.try_clone().unwrap(), target.try_clone().unwrap());
    let garbled = world.has("garbles");
    thread::spawn(move || copy(&mut from, &mut to, garbled, usize::MAX));
    let most = if world.has("cuts") { 1000 } else { usize::MAX };
    copy(&mut target, &mut client, false, most);
}

fn copy(from: &mut TcpStream, to: &mut TcpStream, garbled: bool, most: usize) {
    let mut piece = [0; 16384];
    let mut sent = 0;
    while let Ok(count @ 1..) = from.read(&mut piece) {
        if garbled {
            piece[..count].make_ascii_uppercase();
        }
        let count = count.min(most - sent);
        sent += count;
        if count == 0 || to.write_all(&piece[..count]).is_err() {
            break;
        }
    }
    drop(to.shutdown(Shutdown::Write));
}

/// The date of a resource's last change.
pub(super) fn modified(node: &Node) -> String {
    Timestamp::new(node.changed.min(now().seconds()), 0).http_date()
}
