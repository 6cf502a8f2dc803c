//! PATCH: JSON Patch, Merge Patch and byte ranges.

use serde_json::Value;

use super::answer::Reply;
use super::world::State;
use super::{Req, World};

pub(super) const TYPES: &[&str] =
    &["application/json-patch+json", "application/merge-patch+json", "message/byterange"];

pub(super) fn patch(world: &World, state: &mut State, request: &Req) -> Reply {
    let Some((path, node)) = state.find(&request.path) else { return Reply::new(404) };
    let (path, kind) = (path.to_owned(), node.kind.clone());
    let format = request.field("Content-Type").unwrap_or_default();
    if format == "message/byterange" {
        return match byte_range(&node.content, &request.content) {
            Ok(content) => stored(world, state, &path, &kind, content),
            Err(status) => Reply::new(status),
        };
    }
    let is_json = kind.starts_with("application/json");
    if !is_json && world.has("patches-all") {
        return stored(world, state, &path, &kind, request.content.clone());
    }
    if !TYPES.contains(&format) || !is_json {
        return Reply::new(415).with("Accept-Patch", TYPES.join(", "));
    }
    let Ok(document) = serde_json::from_slice::<Value>(&request.content) else {
        return Reply::new(400);
    };
    let target: Value = serde_json::from_slice(&node.content).unwrap_or(Value::Null);
    let (result, outcome) = match format {
        "application/merge-patch+json" => (merged(target, &document), Ok(())),
        _ => applied(target, &document),
    };
    if let (Err(status), false) = (outcome, world.has("half-patch")) {
        return Reply::new(status);
    }
    let status = outcome.err();
    let reply = stored(world, state, &path, &kind, result.to_string().into_bytes());
    status.map_or(reply, Reply::new)
}

fn stored(world: &World, state: &mut State, path: &str, kind: &str, content: Vec<u8>) -> Reply {
    let content =
        if world.has("torn-patch") { content[..content.len() / 2].to_vec() } else { content };
    let node = world.node(content, kind);
    let tag = format!("\"{}\"", node.tag);
    state.nodes.insert(path.to_owned(), node);
    Reply::new(204).with("ETag", tag)
}

fn byte_range(old: &[u8], document: &[u8]) -> Result<Vec<u8>, u16> {
    let end = document.windows(4).position(|four| four == b"\r\n\r\n").ok_or(400_u16)?;
    let head = String::from_utf8_lossy(&document[..end]).to_lowercase();
    let bytes = &document[end + 4..];
    let line = |name: &str| head.lines().find_map(|line| line.strip_prefix(name).map(str::trim));
    let range = line("content-range: bytes ").ok_or(400_u16)?;
    let (first, rest) = range.split_once('-').ok_or(400_u16)?;
    let first: usize = first.parse().map_err(|_| 400_u16)?;
    let last: usize = rest.split('/').next().unwrap().parse().map_err(|_| 400_u16)?;
    let length = line("content-length:").and_then(|length| length.parse::<usize>().ok());
    let width = (last + 1).checked_sub(first).ok_or(400_u16)?;
    if width != bytes.len() || length.is_some_and(|length| length != width) {
        return Err(422);
    }
    if first > old.len() {
        return Err(422);
    }
    let mut content = old.to_vec();
    content.resize(content.len().max(last + 1), 0);
    content[first..=last].copy_from_slice(bytes);
    Ok(content)
}

fn merged(target: Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else { return patch.clone() };
    let mut object = match target {
        Value::Object(object) => object,
        _ => serde_json::Map::new(),
    };
    for (name, value) in patch {
        match value {
            Value::Null => drop(object.shift_remove(name)),
            value => {
                let own = object.get(name).cloned().unwrap_or(Value::Null);
                object.insert(name.clone(), merged(own, value));
            }
        }
    }
    Value::Object(object)
}

/// The document after the operations, and the status of the first that cannot be done.
fn applied(mut target: Value, patch: &Value) -> (Value, Result<(), u16>) {
    let Value::Array(operations) = patch else { return (target, Err(400)) };
    for operation in operations {
        if let Err(status) = apply(&mut target, operation) {
            return (target, Err(status));
        }
    }
    (target, Ok(()))
}

fn apply(target: &mut Value, operation: &Value) -> Result<(), u16> {
    let text = |name: &str| operation.get(name).and_then(Value::as_str).ok_or(400_u16);
    let value = || operation.get("value").cloned().ok_or(400_u16);
    let path = text("path")?;
    match text("op")? {
        "add" => add(target, path, value()?),
        "remove" => remove(target, path).map(drop),
        "replace" => {
            remove(target, path)?;
            add(target, path, value()?)
        }
        "move" => {
            let from = text("from")?;
            if path.starts_with(&format!("{from}/")) {
                return Err(409);
            }
            let value = remove(target, from)?;
            add(target, path, value)
        }
        "copy" => {
            let value = find(target, text("from")?).ok_or(409_u16)?.clone();
            add(target, path, value)
        }
        "test" => match find(target, path) {
            Some(own) if equal(own, &value()?) => Ok(()),
            _ => Err(409),
        },
        _ => Err(400),
    }
}

fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (one, other) => one == other,
    }
}

fn words(path: &str) -> Vec<String> {
    path.split('/').skip(1).map(|word| word.replace("~1", "/").replace("~0", "~")).collect()
}

fn index(word: &str, length: usize) -> Option<usize> {
    let plain = word == "0" || !word.starts_with('0');
    word.parse().ok().filter(|index| plain && *index < length)
}

fn child<'v>(value: &'v mut Value, word: &str) -> Option<&'v mut Value> {
    match value {
        Value::Object(object) => object.get_mut(word),
        Value::Array(array) => {
            let index = index(word, array.len())?;
            array.get_mut(index)
        }
        _ => None,
    }
}

fn find<'v>(target: &'v mut Value, path: &str) -> Option<&'v mut Value> {
    words(path).iter().try_fold(target, |value, word| child(value, word))
}

fn add(target: &mut Value, path: &str, value: Value) -> Result<(), u16> {
    let mut words = words(path);
    let Some(last) = words.pop() else {
        *target = value;
        return Ok(());
    };
    let parent = words.iter().try_fold(target, |value, word| child(value, word)).ok_or(409_u16)?;
    match parent {
        Value::Object(object) => drop(object.insert(last, value)),
        Value::Array(array) if last == "-" => array.push(value),
        Value::Array(array) => {
            let at = index(&last, array.len() + 1).ok_or(409_u16)?;
            array.insert(at, value);
        }
        _ => return Err(409),
    }
    Ok(())
}

fn remove(target: &mut Value, path: &str) -> Result<Value, u16> {
    let mut words = words(path);
    let last = words.pop().ok_or(409_u16)?;
    let parent = words.iter().try_fold(target, |value, word| child(value, word)).ok_or(409_u16)?;
    match parent {
        Value::Object(object) => object.shift_remove(&last).ok_or(409),
        Value::Array(array) => {
            let at = index(&last, array.len()).ok_or(409_u16)?;
            Ok(array.remove(at))
        }
        _ => Err(409),
    }
}
