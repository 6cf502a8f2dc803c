//! So much of HTTP/2 as it takes to tell a request that is malformed.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use super::World;

/// Answers the first request after the preface.
pub(super) fn session(world: &World, mut stream: TcpStream, buffer: &[u8]) {
    let setting: &[u8] = if world.has("h2-extended") { &[0, 8, 0, 0, 0, 1] } else { &[] };
    let mut bytes = buffer.strip_prefix(b"SM\r\n\r\n").unwrap_or(buffer).to_vec();
    if stream.write_all(&frame(4, 0, 0, setting)).is_err() {
        return;
    }
    let mut piece = [0; 4096];
    loop {
        while let Some((kind, length)) = first(&bytes) {
            let whole: Vec<u8> = bytes.drain(..9 + length).collect();
            if kind == 1 {
                drop(stream.write_all(&answer(world, &fields(&whole[9..]))));
                return;
            }
        }
        match stream.read(&mut piece) {
            Ok(count @ 1..) => bytes.extend_from_slice(&piece[..count]),
            _ => return,
        }
    }
}

/// The fields of a block of literals without indexing, shorter than 127 bytes each.
fn fields(mut block: &[u8]) -> Vec<(String, String)> {
    let take = |from: &mut &[u8]| {
        let (text, rest) = from[1..].split_at(usize::from(from[0]));
        *from = rest;
        String::from_utf8_lossy(text).into_owned()
    };
    let mut fields = Vec::new();
    while let [0, rest @ ..] = block {
        block = rest;
        let name = take(&mut block);
        fields.push((name, take(&mut block)));
    }
    fields
}

/// RFC 9113 sections 8.2 and 8.3.
fn is_well_formed(fields: &[(String, String)]) -> bool {
    let pseudo = fields.iter().take_while(|(name, _)| name.starts_with(':')).count();
    fields.iter().skip(pseudo).all(|(name, value)| {
        !name.starts_with(':')
            && !name.chars().any(|letter| letter.is_ascii_uppercase())
            && !["connection", "transfer-encoding", "upgrade"].contains(&name.as_str())
            && !value.contains(['\r', '\n', '\0'])
    }) && [":method", ":scheme", ":path"]
        .iter()
        .all(|name| fields[..pseudo].iter().any(|(own, _)| own == name))
}

fn answer(world: &World, fields: &[(String, String)]) -> Vec<u8> {
    if !fields.iter().any(|(_, value)| value == "CONNECT") {
        let taken = is_well_formed(fields) || world.has("h2-takes-all");
        return if taken { frame(1, 5, 1, &[0x88]) } else { frame(3, 0, 1, &[0, 0, 0, 1]) };
    }
    match (world.has("h2-accepts"), world.has("h2-extended")) {
        (true, _) => frame(1, 4, 1, &[0x88]),
        (_, true) => frame(1, 4, 1, b"\x08\x03501"),
        _ => frame(3, 0, 1, &[0, 0, 0, 1]),
    }
}

fn first(bytes: &[u8]) -> Option<(u8, usize)> {
    let [a, b, c, kind, ..] = bytes else { return None };
    let length = usize::try_from(u32::from_be_bytes([0, *a, *b, *c])).ok()?;
    (bytes.len() >= 9 + length).then_some((*kind, length))
}

fn frame(kind: u8, flags: u8, stream: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).unwrap();
    [&[0, 0, length, kind, flags, 0, 0, 0, stream], content].concat()
}
