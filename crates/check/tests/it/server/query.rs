//! QUERY with a small part of `JSONPath`, and POST to a collection.

use serde_json::{Value, json};

use super::answer::Reply;
use super::world::State;
use super::{Req, World};

pub(super) fn query(world: &World, state: &State, request: &Req) -> Reply {
    let Some((_, node)) = state.find(&request.path) else { return Reply::new(404) };
    match request.field("Content-Type") {
        None => return Reply::new(400),
        Some("application/jsonpath") => {}
        Some(_) => return Reply::new(415).with("Accept-Query", "application/jsonpath"),
    }
    let path = String::from_utf8_lossy(&request.content).into_owned();
    let Some(path) = path.strip_prefix('$') else { return Reply::new(400) };
    let accept = request.field("Accept").unwrap_or("*/*");
    if !accept.contains("json") && !accept.contains("*/*") {
        return Reply::new(406);
    }
    let target: Value = match serde_json::from_slice(&node.content) {
        Ok(value) => value,
        Err(_) => return Reply::new(422),
    };
    let found = match path.strip_prefix('.') {
        Some(name) => target.get(name).cloned(),
        None => Some(target),
    };
    let mut content = json!(found.into_iter().collect::<Vec<_>>()).to_string();
    if world.has("query-counts") {
        content = world.count().to_string();
    }
    let sum: u32 = content.bytes().fold(7, |sum, byte| sum.wrapping_mul(31) + u32::from(byte));
    let tag = format!("\"q{sum:x}\"");
    let known = request.joined("If-None-Match").unwrap_or_default();
    if known.contains(&tag) {
        return Reply::new(304).with("ETag", tag);
    }
    Reply::new(200).body("application/json", content).with("ETag", tag)
}

/// Adds members to a collection.
pub(super) fn post(world: &World, state: &mut State, request: &Req) -> Reply {
    let Some((folder, _)) = state.find(&request.path) else { return Reply::new(404) };
    let folder = folder.to_owned();
    if let Some(key) = request.field("Idempotency-Key")
        && let Some((content, location)) = state.keys.get(key)
    {
        return if *content == request.content {
            Reply::new(201).with("Location", location)
        } else {
            Reply::new(422)
        };
    }
    let kind = request.field("Content-Type").unwrap_or("application/octet-stream").to_owned();
    if let Some(boundary) = kind.strip_prefix("multipart/form-data; boundary=") {
        return form(world, state, request, &folder, boundary);
    }
    let name = plain(request.field("Slug").unwrap_or("member"));
    let location = format!("{folder}{name}-{}", world.count());
    let node = world.node(request.content.clone(), &kind);
    state.nodes.insert(location.clone(), node);
    if let Some(key) = request.field("Idempotency-Key") {
        state.keys.insert(key.to_owned(), (request.content.clone(), location.clone()));
    }
    let reply = Reply::new(201).with("Location", location);
    match request.field("Prefer") {
        Some("return=minimal") => reply.with("Preference-Applied", "return=minimal"),
        _ => reply.body("text/plain", "made"),
    }
}

fn plain(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default().replace("%2F", "");
    let letters = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' });
    letters.collect()
}

fn form(world: &World, state: &mut State, request: &Req, folder: &str, boundary: &str) -> Reply {
    let text = String::from_utf8_lossy(&request.content).into_owned();
    for part in text.split(&format!("--{boundary}")).skip(1) {
        let Some((head, content)) = part.split_once("\r\n\r\n") else { continue };
        let Some(line) = head.lines().find(|line| line.starts_with("Content-Disposition:")) else {
            return Reply::new(400);
        };
        if !line.contains("; name=") {
            return Reply::new(400);
        }
        let name = line.split("filename=\"").nth(1).map(|rest| rest.split('"').next().unwrap());
        let Some(name) = name else { continue };
        let path = if world.has("form-paths") {
            format!(
                "{}{}",
                folder.trim_end_matches('/').rsplit_once('/').unwrap().0,
                name.trim_start_matches("..")
            )
        } else {
            format!("{folder}{}", plain(name))
        };
        let node = world.node(content.trim_end_matches("\r\n").as_bytes().to_vec(), "text/plain");
        state.nodes.insert(path, node);
    }
    Reply::new(303).with("Location", folder)
}
