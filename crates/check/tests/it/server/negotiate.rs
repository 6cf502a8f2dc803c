//! Representations: files plain and coded, ranges, listings, and answers across origins.

use super::answer::Reply;
use super::methods::modified;
use super::world::{Node, State};
use super::{Req, World};

/// The strong tag of the representation that this request selects.
pub(super) fn tag(request: &Req, node: &Node) -> String {
    if coded(request, node) { format!("\"{}-gz\"", node.tag) } else { format!("\"{}\"", node.tag) }
}

/// Whether the content goes out compressed.
fn coded(request: &Req, node: &Node) -> bool {
    let reads = matches!(request.method.as_str(), "GET" | "HEAD");
    reads && node.kind.starts_with("text/") && !node.content.is_empty() && weight(request) > 0.0
}

fn weight(request: &Req) -> f32 {
    let list = request.joined("Accept-Encoding").unwrap_or_default();
    let gzip = list.split(',').map(str::trim).find(|coding| coding.starts_with("gzip"));
    match gzip.map(|coding| coding.split_once("q=")) {
        None => 0.0,
        Some(None) => 1.0,
        Some(Some((_, q))) => q.trim().parse().unwrap_or(0.0),
    }
}

fn described(request: &Req, node: &Node, status: u16) -> Reply {
    Reply::new(status)
        .with("ETag", tag(request, node))
        .with("Last-Modified", modified(node))
        .with("Vary", "Accept-Encoding")
        .with("Cache-Control", "max-age=0")
}

pub(super) fn not_modified(request: &Req, node: &Node) -> Reply {
    if node.folder { Reply::new(304).with("Vary", "Accept") } else { described(request, node, 304) }
}

/// A file, or the part of it that Range names.
pub(super) fn file(request: &Req, node: &Node, world: &World) -> Reply {
    let is_coded = coded(request, node);
    let node = &if world.has("new-tags") {
        Node { tag: world.count(), ..node.clone() }
    } else {
        node.clone()
    };
    let whole = if is_coded { gzip(&node.content) } else { node.content.clone() };
    let mut reply = described(request, node, 200).with("Accept-Ranges", "bytes");
    if is_coded {
        reply = reply.with("Content-Encoding", "gzip");
    }
    let fresh = request.field("If-Range").is_none_or(|own| own == tag(request, node));
    let range = request
        .field("Range")
        .filter(|_| fresh && (request.method == "GET" || world.has("head-range")));
    let Some(spec) = range.and_then(|range| range.strip_prefix("bytes=")) else {
        return reply.body(&node.kind, whole);
    };
    let length = whole.len();
    let ranges: Option<Vec<Option<(usize, usize)>>> =
        spec.split(',').map(|one| range_of(one.trim(), length)).collect();
    let Some(ranges) = ranges else { return reply.body(&node.kind, whole) };
    let ranges: Vec<(usize, usize)> = ranges.into_iter().flatten().collect();
    match ranges.as_slice() {
        [] => Reply::new(416).with("Content-Range", format!("bytes */{length}")),
        [(first, last)] => {
            reply.status = 206;
            reply
                .body(&node.kind, whole[*first..=*last].to_vec())
                .with("Content-Range", format!("bytes {first}-{last}/{length}"))
        }
        many if many.len() > RANGES_MAX && !world.has("many-ranges") => {
            reply.body(&node.kind, whole)
        }
        many => {
            reply.status = 206;
            multipart(reply, node, &whole, many)
        }
    }
}

fn multipart(reply: Reply, node: &Node, whole: &[u8], ranges: &[(usize, usize)]) -> Reply {
    let mut content = Vec::new();
    for (first, last) in ranges {
        let head = format!(
            "--cut\r\nContent-Type: {}\r\nContent-Range: bytes {first}-{last}/{}\r\n\r\n",
            node.kind,
            whole.len()
        );
        content.extend([head.as_bytes(), &whole[*first..=*last], b"\r\n"].concat());
    }
    content.extend(b"--cut--\r\n");
    reply.body("multipart/byteranges; boundary=cut", content)
}

/// Nothing for what is no range; within, nothing for one that cannot be satisfied.
fn range_of(spec: &str, length: usize) -> Option<Option<(usize, usize)>> {
    let (first, last) = spec.split_once('-')?;
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<usize>().unwrap_or(usize::MAX))
    };
    if first.is_empty() {
        let suffix = number(last)?;
        let first = length.saturating_sub(suffix);
        return Some((suffix > 0 && length > 0).then(|| (first, length - 1)));
    }
    let first = number(first)?;
    let last = if last.is_empty() { usize::MAX } else { number(last)? };
    if last < first {
        return None;
    }
    Some((first < length).then(|| (first, last.min(length - 1))))
}

/// The members of a collection in the form that is wanted most.
pub(super) fn listing(world: &World, state: &State, path: &str, request: &Req) -> Reply {
    if world.has("no-listing") {
        return Reply::new(200).body("text/html", "<h1>Welcome</h1>").with("Vary", "Accept");
    }
    let names: Vec<String> = state.tree(path).into_iter().filter(|own| own != path).collect();
    if world.has("html-listing") {
        let link = |name: &String| {
            format!("<A HREF='{}'>x</A>", name.replace(' ', "%20").replace('/', "&#47;"))
        };
        let content: String = names.iter().map(link).collect();
        return Reply::new(200).body("text/html", content).with("Vary", "Accept");
    }
    let accept = request.joined("Accept").unwrap_or_else(|| "*/*".to_owned());
    let kinds = ["text/html", "application/json", "text/plain"];
    let mut best = None;
    for kind in kinds {
        let quality = quality(&accept, kind);
        if quality > best.map_or(0.0, |(most, _)| most) {
            best = Some((quality, kind));
        }
    }
    let Some((_, kind)) = best else {
        return Reply::new(406).body("text/plain", kinds.join("\n")).with("Vary", "Accept");
    };
    let content = match kind {
        "text/html" => format!("<ul><li>{}</ul>", names.join("<li>")),
        "application/json" => serde_json::json!(names).to_string(),
        _ => names.join("\n"),
    };
    Reply::new(200).body(kind, content).with("Vary", "Accept")
}

/// The weight of a media type in Accept: the most specific range counts.
fn quality(accept: &str, kind: &str) -> f32 {
    let mut found = (0, 0.0);
    for range in accept.split(',') {
        let mut parts = range.trim().split(';').map(str::trim);
        let name = parts.next().unwrap().to_lowercase();
        let rank = match name.as_str() {
            "*/*" => 1,
            name if name == kind => 3,
            name if name.strip_suffix("/*").is_some_and(|t| kind.starts_with(&format!("{t}/"))) => {
                2
            }
            _ => continue,
        };
        let weight = parts
            .find_map(|part| part.strip_prefix("q="))
            .map_or(1.0, |q| q.parse().unwrap_or(0.0));
        if rank > found.0 {
            found = (rank, weight);
        }
    }
    found.1
}

/// The fields of CORS, for every origin but null.
pub(super) fn cross_origin(world: &World, request: &Req, reply: &mut Reply) {
    if world.has("no-cors") {
        return;
    }
    reply.list("Vary", "Origin");
    let Some(origin) = request.field("Origin") else { return };
    if origin == "null" {
        return;
    }
    reply.set("Access-Control-Allow-Origin", origin);
    let exposed = "ETag, Location, Allow, DAV, Lock-Token, Accept-Query";
    reply.set("Access-Control-Expose-Headers", exposed);
    if request.method != "OPTIONS" || !request.has("Access-Control-Request-Method") {
        return;
    }
    let allow = reply.field("Allow").unwrap_or_default().to_owned();
    let methods: Vec<&str> =
        allow.split(", ").filter(|name| !matches!(*name, "TRACE" | "CONNECT")).collect();
    reply.set("Access-Control-Allow-Methods", &methods.join(", "));
    reply.set("Access-Control-Max-Age", "600");
    if let Some(names) = request.field("Access-Control-Request-Headers") {
        reply.set("Access-Control-Allow-Headers", names);
    }
}

/// The bytes as one stored block of gzip (RFC 1951 section 3.2.4, RFC 1952).
fn gzip(content: &[u8]) -> Vec<u8> {
    let mut coded = b"\x1f\x8b\x08\0\0\0\0\0\0\xff".to_vec();
    let mut blocks = content.chunks(65535).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap();
        coded.push(u8::from(blocks.peek().is_none()));
        coded.extend(length.to_le_bytes());
        coded.extend((!length).to_le_bytes());
        coded.extend(block);
    }
    let mut crc = !0_u32;
    for byte in content {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    coded.extend((!crc).to_le_bytes());
    coded.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
    coded
}

const RANGES_MAX: usize = 20;
