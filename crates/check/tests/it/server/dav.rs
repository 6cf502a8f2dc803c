//! Properties, collections, COPY and MOVE (RFC 4918 section 9).

use roxmltree::{Document, Node as Element};

use super::answer::Reply;
use super::methods::modified;
use super::world::{Node, State, destination};
use super::{Req, World, locks};

pub(super) fn run(world: &World, state: &mut State, request: &Req) -> Reply {
    match request.method.as_str() {
        "PROPFIND" => propfind(world, state, request),
        "PROPPATCH" => proppatch(world, state, request),
        "MKCOL" => mkcol(world, state, request),
        _ => copy_or_move(world, state, request),
    }
}

fn clark(element: Element<'_, '_>) -> String {
    let name = element.tag_name();
    format!("{{{}}}{}", name.namespace().unwrap_or_default(), name.name())
}

fn propfind(world: &World, state: &State, request: &Req) -> Reply {
    let text = String::from_utf8_lossy(&request.content).into_owned();
    let mut names = vec!["{DAV:}resourcetype".to_owned(), "{DAV:}getetag".to_owned()];
    if !text.is_empty() {
        let Ok(document) = Document::parse(&text) else { return Reply::new(400) };
        let prop = document.descendants().find(|node| node.has_tag_name(("DAV:", "prop")));
        if let Some(prop) = prop {
            names = prop.children().filter(Element::is_element).map(clark).collect();
        }
    }
    let Some((path, _)) = state.find(&request.path) else { return Reply::new(404) };
    let depth = request.field("Depth").unwrap_or("infinity");
    let level = |own: &str| own.trim_end_matches('/').matches('/').count();
    let own = level(path);
    let within = |member: &String| match depth {
        "0" => member == path,
        "1" => level(member) <= own + 1,
        _ => true,
    };
    let members: Vec<String> = state.tree(path).into_iter().filter(within).collect();
    let responses: String =
        members.iter().map(|member| response(world, state, member, &names)).collect();
    multistatus(&responses)
}

fn response(world: &World, state: &State, path: &str, names: &[String]) -> String {
    let node = &state.nodes[path];
    let mut found = String::new();
    let mut missing = String::new();
    for name in names {
        match property(world, state, path, node, name) {
            Some(element) => found.push_str(&element),
            None => missing.push_str(&empty(name)),
        }
    }
    let stat = |props: &str, status: &str| match props {
        "" => String::new(),
        _ => format!(
            "<D:propstat><D:prop>{props}</D:prop>\
             <D:status>HTTP/1.1 {status}</D:status></D:propstat>"
        ),
    };
    let (found, missing) = (stat(&found, "200 OK"), stat(&missing, "404 Not Found"));
    format!("<D:response><D:href>{path}</D:href>{found}{missing}</D:response>")
}

fn empty(name: &str) -> String {
    let (space, local) = name.trim_start_matches('{').split_once('}').unwrap();
    format!("<x:{local} xmlns:x=\"{space}\"/>")
}

fn property(world: &World, state: &State, path: &str, node: &Node, name: &str) -> Option<String> {
    let kind = if node.folder { "<D:collection/>" } else { "" };
    let lock = "<D:lockentry><D:lockscope><D:shared/></D:lockscope><D:locktype><D:write/>\
                </D:locktype></D:lockentry>";
    Some(match name {
        "{DAV:}resourcetype" => format!("<D:resourcetype>{kind}</D:resourcetype>"),
        "{DAV:}getetag" if !node.folder => format!("<D:getetag>\"{}\"</D:getetag>", node.tag),
        "{DAV:}getlastmodified" => {
            format!("<D:getlastmodified>{}</D:getlastmodified>", modified(node))
        }
        "{DAV:}supportedlock" => format!("<D:supportedlock>{lock}</D:supportedlock>"),
        "{DAV:}add-member" if node.folder => {
            format!("<D:add-member><D:href>{path}</D:href></D:add-member>")
        }
        "{DAV:}lockdiscovery" if !world.has("no-lockdiscovery") => {
            format!("<D:lockdiscovery>{}</D:lockdiscovery>", locks::active_of(state, path))
        }
        name => node.properties.get(name)?.clone(),
    })
}

fn multistatus(responses: &str) -> Reply {
    let document = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\
         <D:multistatus xmlns:D=\"DAV:\">{responses}</D:multistatus>"
    );
    Reply::new(207).body("application/xml; charset=utf-8", document)
}

fn proppatch(world: &World, state: &mut State, request: &Req) -> Reply {
    let mut text = String::from_utf8_lossy(&request.content).into_owned();
    if world.has("reads-entities") {
        text = text.replace("&secret;", "root:x:0:0:");
        let doctype = text.find("<!DOCTYPE").zip(text.find("]>"));
        if let Some((from, to)) = doctype {
            text.replace_range(from..to + 2, "");
        }
    }
    let Ok(document) = Document::parse(&text) else { return Reply::new(400) };
    let Some((path, _)) = state.find(&request.path) else { return Reply::new(404) };
    let path = path.to_owned();
    let props = document.descendants().filter(|node| node.has_tag_name(("DAV:", "prop")));
    let mut changes = Vec::new();
    for prop in props {
        let set = prop.parent().is_some_and(|parent| parent.has_tag_name(("DAV:", "set")));
        for element in prop.children().filter(Element::is_element) {
            let source = declared(&text[element.range()], element);
            changes.push((clark(element), set.then_some(source)));
        }
    }
    let protected = changes.iter().any(|(name, _)| name.starts_with("{DAV:}get"));
    let mut stats = String::new();
    for (name, _) in &changes {
        let status = match (protected, name.starts_with("{DAV:}get")) {
            (false, _) => "200 OK",
            (true, true) => "403 Forbidden",
            (true, false) => "424 Failed Dependency",
        };
        stats.push_str(&format!(
            "<D:propstat><D:prop>{}</D:prop><D:status>HTTP/1.1 {status}</D:status></D:propstat>",
            empty(name)
        ));
    }
    if !protected || world.has("half-proppatch") {
        let node = state.nodes.get_mut(&path).unwrap();
        for (name, element) in changes {
            match element {
                Some(element) if world.has("appends-properties") => {
                    let more =
                        if node.properties.contains_key(&name) { "valuevalue" } else { "value" };
                    node.properties.insert(name, element.replace("value", more));
                }
                Some(element) => drop(node.properties.insert(name, element)),
                None => drop(node.properties.remove(&name)),
            }
        }
    }
    multistatus(&format!("<D:response><D:href>{path}</D:href>{stats}</D:response>"))
}

/// The element with the namespaces that it uses declared on itself.
fn declared(source: &str, element: Element<'_, '_>) -> String {
    let end = source.find(['>', '/', ' ']).unwrap();
    let spaces: String = element
        .namespaces()
        .filter(|space| space.name() != Some("xml"))
        .map(|space| match space.name() {
            Some(prefix) => format!(" xmlns:{prefix}=\"{}\"", space.uri()),
            None => format!(" xmlns=\"{}\"", space.uri()),
        })
        .filter(|declaration| !source.contains(declaration.as_str()))
        .collect();
    format!("{}{spaces}{}", &source[..end], &source[end..])
}

fn mkcol(world: &World, state: &mut State, request: &Req) -> Reply {
    if !request.content.is_empty() {
        return Reply::new(415);
    }
    let path = format!("{}/", request.path.trim_end_matches('/'));
    state.remove(&path);
    let folder = Node { folder: true, ..world.node(Vec::new(), "") };
    state.nodes.insert(path, folder);
    Reply::new(201)
}

fn copy_or_move(world: &World, state: &mut State, request: &Req) -> Reply {
    if !request.has("Destination") {
        return Reply::new(400);
    }
    let Some(to) = destination(world, request) else { return Reply::new(502) };
    let Some((from, node)) = state.find(&request.path) else { return Reply::new(404) };
    let (from, folder) = (from.to_owned(), node.folder);
    let to = if folder { format!("{}/", to.trim_end_matches('/')) } else { to };
    if to == from && !world.has("copy-self") {
        return Reply::new(403);
    }
    if !state.has_parent(&to) && !world.has("makes-parents") {
        return Reply::new(409);
    }
    let replaced = state.find(&to).is_some();
    if replaced && request.field("Overwrite") == Some("F") {
        return Reply::new(412);
    }
    let moves = request.method == "MOVE";
    let flat = request.field("Depth") == Some("0") && !moves;
    let sources: Vec<String> =
        state.tree(&from).into_iter().filter(|own| !flat || *own == from).collect();
    let mut copies = Vec::new();
    for source in &sources {
        let mut copy = state.nodes[source].clone();
        if !moves || !copy.folder {
            copy.tag = world.count();
        }
        if world.has("copy-doubles") && !moves {
            let own = state.nodes.get_mut(source).unwrap();
            own.content = [&own.content[..], b"!"].concat();
        }
        if world.has("drops-properties") {
            copy.properties.clear();
        }
        copies.push((source.replacen(&from, &to, 1), copy));
    }
    state.remove(&to);
    if moves && !world.has("move-copies") {
        state.remove(&from);
    }
    if world.has("copies-locks") {
        let held = state.locks.iter().find(|lock| lock.root == from).cloned();
        state.locks.extend(held.map(|lock| locks::Lock { root: to.clone(), ..lock }));
    }
    let first = usize::from(world.has("copy-flat"));
    let count = if first == 1 { 1 } else { copies.len() };
    state.nodes.extend(copies.into_iter().take(count));
    Reply::new(if replaced { 204 } else { 201 })
}
