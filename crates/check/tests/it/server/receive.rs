//! Requests out of bytes, strictly.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use super::World;

/// A request as it came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Req {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) minor: u8,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) content: Vec<u8>,
    /// The head in bytes, for TRACE.
    pub(crate) head: String,
}

pub(super) enum Received {
    Request(Req),
    Refused(Req, u16),
    Http2,
    End,
}

impl Req {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let line = self.fields.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        line.map(|(_, value)| value.as_str())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.field(name).is_some()
    }

    /// All lines joined.
    pub(crate) fn joined(&self, name: &str) -> Option<String> {
        let lines: Vec<&str> = self.all(name);
        (!lines.is_empty()).then(|| lines.join(", "))
    }

    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let own = self.fields.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name));
        own.map(|(_, value)| value.as_str()).collect()
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.fields.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        self.fields.push((name.to_owned(), value.to_owned()));
    }

    pub(super) fn closes(&self) -> bool {
        self.field("Connection").is_some_and(|value| value.contains("close"))
    }

    fn retarget(&mut self, world: &World) {
        let plain = self.target.replacen("https://", "http://", 1);
        let own = format!("http://127.0.0.1:{}", world.port);
        let target = plain.strip_prefix(&own).unwrap_or(&plain).to_owned();
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        self.query = query.to_owned();
        self.path = super::world::decoded(path);
    }
}

/// The next request, its content included.
pub(super) fn receive(stream: &mut TcpStream, buffer: &mut Vec<u8>, world: &World) -> Received {
    let head = match head(stream, buffer, world) {
        Ok(Some(head)) => head,
        Ok(None) => return Received::End,
        Err(status) => return Received::Refused(Req::default(), status),
    };
    if head.starts_with("PRI * HTTP/2.0") {
        while buffer.len() < 6 && fill(stream, buffer) {}
        return Received::Http2;
    }
    let mut request = match parsed(&head, world) {
        Ok(request) => request,
        Err(status) => return Received::Refused(partly(&head), status),
    };
    if request.target.starts_with("https://") && !world.has("any-scheme") {
        return Received::Refused(request, 421);
    }
    request.retarget(world);
    match content(stream, buffer, &mut request, world) {
        Ok(true) => Received::Request(request),
        Ok(false) => Received::End,
        Err(status) => Received::Refused(request, status),
    }
}

fn fill(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> bool {
    let mut piece = [0; 16384];
    match stream.read(&mut piece) {
        Ok(0) | Err(_) => false,
        Ok(count) => {
            buffer.extend_from_slice(&piece[..count]);
            true
        }
    }
}

fn head(
    stream: &mut TcpStream,
    buffer: &mut Vec<u8>,
    world: &World,
) -> Result<Option<String>, u16> {
    let mut scanned = 0;
    loop {
        while !world.has("no-empty-line") && buffer.starts_with(b"\r\n") {
            buffer.drain(..2);
        }
        let bare = buffer[scanned..].windows(2).any(|two| two == b"\n\n");
        if bare && world.has("lf-twice") {
            let text = String::from_utf8_lossy(buffer).replace("\r\n", "\n").replace('\n', "\r\n");
            *buffer = text.into_bytes();
        }
        let end = buffer[scanned..].windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = end.map(|end| end + scanned) {
            if end > HEAD_MAX && !world.has("long-heads") {
                return Err(too_long(buffer, world));
            }
            let head: Vec<u8> = buffer.drain(..end + 4).collect();
            if bare && world.has("lf-twice") {
                buffer.splice(..0, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".iter().copied());
            }
            return Ok(Some(head.into_iter().map(char::from).collect()));
        }
        if buffer.len() > HEAD_MAX && !world.has("long-heads") {
            return Err(too_long(buffer, world));
        }
        if bare {
            return Err(400);
        }
        scanned = buffer.len().saturating_sub(3);
        if !fill(stream, buffer) {
            return Ok(None);
        }
    }
}

/// 414 if it is the target that is too long, else 431.
fn too_long(buffer: &[u8], world: &World) -> u16 {
    let line = buffer.iter().position(|byte| *byte == b'\n').unwrap_or(buffer.len());
    match line > TARGET_MAX {
        true if world.has("no-414") => 431,
        true => 414,
        false => 431,
    }
}

fn partly(head: &str) -> Req {
    let method = head.split(' ').next().unwrap_or_default().to_owned();
    Req { method, minor: 1, ..Req::default() }
}

fn parsed(head: &str, world: &World) -> Result<Req, u16> {
    let lines = head.strip_suffix("\r\n\r\n").unwrap();
    let lines = if world.has("bare-cr") {
        lines.replace('\r', "\n").replace("\n\n", "\n").replace('\n', "\r\n")
    } else {
        lines.to_owned()
    };
    let mut lines = lines.split("\r\n");
    let line = lines.next().unwrap();
    let words: Vec<&str> = line.split(' ').collect();
    let (method, target, version) = match words.as_slice() {
        [method, target, version] => (*method, (*target).to_owned(), *version),
        [method, target, more, version] if world.has("repairs") => {
            (*method, format!("{target}%20{more}"), *version)
        }
        _ => return Err(400),
    };
    if target.len() > TARGET_MAX && !world.has("long-heads") {
        return Err(if world.has("no-414") { 431 } else { 414 });
    }
    let minor = match version {
        "HTTP/1.1" => 1,
        "HTTP/1.0" => 0,
        _ => return Err(505),
    };
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in lines {
        if line.starts_with([' ', '\t']) {
            if world.has("fold") {
                fields.push(field(line.trim_start(), world)?);
            } else {
                return Err(400);
            }
            continue;
        }
        fields.push(field(line, world)?);
    }
    let head = head.to_owned();
    let method = method.to_owned();
    let request = Req { method, target, minor, fields, head, ..Req::default() };
    host(&request, world)?;
    Ok(request)
}

fn field(line: &str, world: &World) -> Result<(String, String), u16> {
    let (name, value) = line.split_once(':').ok_or(400_u16)?;
    if name.is_empty() || (name.contains([' ', '\t']) && !world.has("space-before-colon")) {
        return Err(400);
    }
    if value.contains('\0') && world.has("nul-fails") {
        return Err(500);
    }
    if value.contains(['\r', '\n', '\0']) {
        return Err(400);
    }
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

fn host(request: &Req, world: &World) -> Result<(), u16> {
    if world.has("any-host") {
        return Ok(());
    }
    let hosts = request.all("Host");
    match hosts.as_slice() {
        [one] if !one.contains([' ', '/', '@']) => Ok(()),
        [] if request.minor == 0 => Ok(()),
        _ => Err(400),
    }
}

/// Reads the content; false when it breaks off.
fn content(
    stream: &mut TcpStream,
    buffer: &mut Vec<u8>,
    request: &mut Req,
    world: &World,
) -> Result<bool, u16> {
    let length = length(request, world)?;
    let coded = request.has("Transfer-Encoding") && !world.has("no-te");
    if let Some(expected) = request.field("Expect") {
        if expected != "100-continue" {
            return Err(if world.has("expect-500") { 500 } else { 417 });
        }
        let waits = coded || length > 0;
        if waits && (request.minor == 1 || world.has("100-to-1.0")) {
            let early =
                if world.has("no-early") { None } else { super::methods::refusal(world, request) };
            match early {
                Some(status) => return Err(status),
                None if world.has("no-100") => {}
                None => {
                    let extra = world.interim();
                    let line = format!("HTTP/1.1 100 Continue\r\n{extra}\r\n");
                    stream.write_all(line.as_bytes()).map_err(|_| 400_u16)?;
                }
            }
        }
    }
    if coded {
        return chunked(stream, buffer, request, world);
    }
    while buffer.len() < length {
        if !fill(stream, buffer) {
            if world.has("keeps-half") {
                request.content = std::mem::take(buffer);
                return Ok(true);
            }
            return Ok(false);
        }
    }
    if world.has("get-content-smuggles") && request.method == "GET" {
        return Ok(true);
    }
    request.content = buffer.drain(..length).collect();
    Ok(true)
}

fn length(request: &mut Req, world: &World) -> Result<usize, u16> {
    let codings = request.joined("Transfer-Encoding");
    let lengths = request.all("Content-Length").join(",");
    if let Some(codings) = &codings {
        let codings: Vec<&str> = codings.split(',').map(str::trim).collect();
        let both = !lengths.is_empty() && !world.has("te-and-cl");
        if both || (request.minor == 0 && !world.has("te-in-1.0")) {
            return Err(400);
        }
        if world.has("any-te") {
            return Ok(0);
        }
        if codings.last() != Some(&"chunked") {
            if world.has("te-ignored") {
                request.remove("Transfer-Encoding");
                return Ok(0);
            }
            return Err(400);
        }
        if codings.len() > 1 {
            return Err(if world.has("te-400") { 400 } else { 501 });
        }
        return Ok(0);
    }
    if lengths.is_empty() {
        return Ok(0);
    }
    if world.has("no-length") && lengths.contains(',') {
        return Ok(0);
    }
    if world.has("any-length") {
        let digits: String = lengths.chars().filter(char::is_ascii_digit).take(1).collect();
        return Ok(digits.parse().unwrap_or(0));
    }
    let strict = lengths.bytes().all(|byte| byte.is_ascii_digit());
    let length: usize = lengths.parse().ok().filter(|_| strict).ok_or(400_u16)?;
    if length > CONTENT_MAX {
        return Err(if world.has("no-413") { 500 } else { 413 });
    }
    Ok(length)
}

fn chunked(
    stream: &mut TcpStream,
    buffer: &mut Vec<u8>,
    request: &mut Req,
    world: &World,
) -> Result<bool, u16> {
    let mut content = Vec::new();
    loop {
        let Some(end) = buffer.windows(2).position(|two| two == b"\r\n") else {
            if !fill(stream, buffer) {
                request.content = content;
                return Ok(world.has("keeps-half"));
            }
            continue;
        };
        let line: String = buffer.drain(..end + 2).take(end).map(char::from).collect();
        let size = line.split(';').next().unwrap();
        if world.has("no-chunk-extensions") && line.contains(';') {
            return Err(400);
        }
        let loose = world.has("loose-chunks");
        let extension = line.get(size.len()..).unwrap();
        if !loose && !is_extension(extension) || world.has("short-sizes") && size.len() > 8 {
            return Err(400);
        }
        let size = if loose { size.trim().trim_start_matches('+') } else { size };
        let size = if loose { size.split([' ', ',']).next().unwrap() } else { size };
        let strict = !size.is_empty() && size.bytes().all(|byte| byte.is_ascii_hexdigit());
        let size = match usize::from_str_radix(size, 16) {
            Ok(size) if strict => size,
            _ if world.has("bad-chunks") => 0,
            _ => return Err(400),
        };
        while buffer.len() < size + 2 {
            if !fill(stream, buffer) {
                content.append(buffer);
                request.content = content;
                return Ok(world.has("keeps-half"));
            }
        }
        content.extend(buffer.drain(..size));
        let tail: Vec<u8> = buffer.drain(..2).collect();
        if tail != b"\r\n" {
            if world.has("bad-chunks") {
                let at = buffer.windows(4).position(|four| four == b"GET ").unwrap_or(0);
                buffer.drain(..at);
                return Ok(true);
            }
            return Err(400);
        }
        if size == 0 {
            request.content = content;
            return Ok(true);
        }
    }
}

/// Whether it is a row of extensions of a chunk (RFC 9112 section 7.1.1) without quoted `;`.
fn is_extension(text: &str) -> bool {
    let token = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let quoted = |text: &str| text.len() > 1 && text.starts_with('"') && text.ends_with('"');
    text.split(';').skip(1).all(|one| match one.split_once('=') {
        Some((name, value)) => token(name) && (token(value) || quoted(value)),
        None => token(one),
    })
}

const TARGET_MAX: usize = 8 * 1024;
const HEAD_MAX: usize = 64 * 1024;
const CONTENT_MAX: usize = 64 * 1024 * 1024;
