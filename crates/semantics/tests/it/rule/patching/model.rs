//! The JSON engines agree with a plain model that knows values and no bytes.

#![expect(
    clippy::wildcard_enum_match_arm,
    clippy::format_collect,
    reason = "the model is to be plain, not fast, and all other values are alike to it"
)]

use methodical_semantics::rule::patching::json::{self, JsonLimits};
use methodical_semantics::rule::patching::merge;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Values whose names and pointers meet often.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0..4_i32).prop_map(Value::from),
        "[a~/\"é\n]{0,2}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn names() -> impl Strategy<Value = String> {
    prop_oneof![Just("a"), Just("b"), Just(""), Just("~1"), Just("a/b"), Just("0"), Just("é\n")]
        .prop_map(String::from)
}

fn pointers() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        names(),
        (0..4_u8).prop_map(|n| n.to_string()),
        Just(String::from("-")),
        Just(String::from("01")),
    ];
    prop::collection::vec(token, 0..4).prop_map(|tokens| {
        tokens.iter().map(|t| format!("/{}", t.replace('~', "~0").replace('/', "~1"))).collect()
    })
}

fn operations() -> impl Strategy<Value = Value> {
    (0..6_u8, pointers(), pointers(), values()).prop_map(|(op, path, from, value)| match op {
        0 => json!({"op": "add", "path": path, "value": value}),
        1 => json!({"op": "remove", "path": path}),
        2 => json!({"value": value, "op": "replace", "path": path}),
        3 => json!({"op": "move", "from": from, "path": path}),
        4 => json!({"op": "copy", "path": path, "from": from}),
        _ => json!({"op": "test", "path": path, "value": value}),
    })
}

/// Writes a value with blanks and escapes that mean nothing.
fn spelled(value: &Value, blank: &str) -> String {
    let parts = |parts: Vec<String>| parts.join(&format!("{blank},{blank}"));
    match value {
        Value::Array(items) => {
            let items = items.iter().map(|item| spelled(item, blank)).collect();
            format!("[{blank}{}{blank}]", parts(items))
        }
        Value::Object(members) => {
            let spell = |(name, item): (&String, &Value)| {
                let name = Value::from(name.as_str()).to_string().replace('a', "\\u0061");
                format!("{name}{blank}:{blank}{}", spelled(item, blank))
            };
            format!("{{{blank}{}{blank}}}", parts(members.iter().map(spell).collect()))
        }
        Value::Number(number) if blank.len() == 1 => format!("{number}.0"),
        other => other.to_string(),
    }
}

fn tokens(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(|t| t.replace("~1", "/").replace("~0", "~")).collect()
}

fn index(token: &str, length: usize) -> Option<usize> {
    let plain = token == "0" || token.starts_with(|c: char| ('1'..='9').contains(&c));
    let index: usize = token.parse().ok().filter(|_| plain)?;
    (index < length).then_some(index)
}

fn lookup<'v>(value: &'v mut Value, tokens: &[String]) -> Option<&'v mut Value> {
    tokens.iter().try_fold(value, |value, token| match value {
        Value::Array(items) => {
            let index = index(token, items.len())?;
            items.get_mut(index)
        }
        Value::Object(members) => members.get_mut(token),
        _ => None,
    })
}

fn model_add(document: &mut Value, path: &[String], value: Value) -> Option<()> {
    let Some((last, parents)) = path.split_last() else {
        *document = value;
        return Some(());
    };
    match lookup(document, parents)? {
        Value::Array(items) if last == "-" => items.push(value),
        Value::Array(items) => {
            let index = index(last, items.len() + 1)?;
            items.insert(index, value);
        }
        Value::Object(members) => drop(members.insert(last.clone(), value)),
        _ => return None,
    }
    Some(())
}

fn model_remove(document: &mut Value, path: &[String]) -> Option<Value> {
    let (last, parents) = path.split_last()?;
    match lookup(document, parents)? {
        Value::Array(items) => {
            let index = index(last, items.len())?;
            Some(items.remove(index))
        }
        Value::Object(members) => members.shift_remove(last),
        _ => None,
    }
}

fn model_apply(document: &mut Value, operation: &Value) -> Option<()> {
    let path = tokens(operation["path"].as_str()?);
    let value = operation["value"].clone();
    match operation["op"].as_str()? {
        "add" => model_add(document, &path, value),
        "remove" => model_remove(document, &path).map(drop),
        "replace" => lookup(document, &path).map(|target| *target = value),
        "test" => (*lookup(document, &path)? == value).then_some(()),
        "copy" => {
            let copied = lookup(document, &tokens(operation["from"].as_str()?))?.clone();
            model_add(document, &path, copied)
        }
        _ => {
            let from = tokens(operation["from"].as_str()?);
            lookup(document, &from)?;
            if from == path {
                return Some(());
            }
            if path.starts_with(&from) {
                return None;
            }
            let moved = model_remove(document, &from)?;
            model_add(document, &path, moved)
        }
    }
}

fn model_merge(target: Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else { return patch.clone() };
    let Value::Object(mut members) = target else {
        return model_merge(Value::Object(Map::new()), &Value::Object(patch.clone()));
    };
    for (name, value) in patch {
        if value.is_null() {
            members.shift_remove(name);
        } else {
            let old = members.get(name).cloned().unwrap_or(Value::Null);
            members.insert(name.clone(), model_merge(old, value));
        }
    }
    Value::Object(members)
}

/// Values as read back, with numbers by value.
fn read(bytes: &[u8]) -> Value {
    let text = std::str::from_utf8(bytes).unwrap().replace(".0", "");
    serde_json::from_str(&text).unwrap()
}

proptest! {
    #[test]
    fn json_patch_agrees_with_the_model(
        document in values(),
        patch in prop::collection::vec(operations(), 0..6),
        blank in "[ \n]{0,2}",
    ) {
        let text = spelled(&document, &blank);
        let patch_text = spelled(&Value::from(patch.clone()), "");
        let result =
            json::apply(text.as_bytes(), patch_text.as_bytes(), &JsonLimits::default());
        let mut model = document;
        let expected = patch.iter().try_for_each(|operation| model_apply(&mut model, operation));
        match (result, expected) {
            (Ok(result), Some(())) => {
                let read = read(&result);
                prop_assert_eq!(read.to_string(), model.to_string());
            }
            (Err(_), None) => {}
            (result, expected) => prop_assert!(false, "{:?} but {:?}", result, expected),
        }
    }

    #[test]
    fn a_value_equals_itself_however_it_is_spelled(value in values(), blank in "[ \n]{0,90}") {
        let patch = format!(r#"[{{"op":"test","path":"","value":{}}}]"#, spelled(&value, " "));
        let text = spelled(&value, &blank);
        let result = json::apply(text.as_bytes(), patch.as_bytes(), &JsonLimits::default());
        prop_assert_eq!(result, Ok(text.into_bytes()));
    }

    #[test]
    fn json_merge_patch_agrees_with_the_model(
        document in values(),
        patch in values(),
        blank in "[ \n]{0,2}",
    ) {
        let text = spelled(&document, &blank);
        let patch_text = spelled(&patch, "");
        let merged = |document: Option<&[u8]>| {
            let result = merge::apply(document, patch_text.as_bytes(), &JsonLimits::default());
            read(&result.unwrap()).to_string()
        };
        prop_assert_eq!(merged(Some(text.as_bytes())), model_merge(document, &patch).to_string());
        prop_assert_eq!(merged(None), model_merge(Value::Null, &patch).to_string());
    }

    #[test]
    fn arbitrary_bytes_never_panic(
        document in prop::collection::vec(any::<u8>(), 0..60),
        patch in prop::collection::vec(any::<u8>(), 0..60),
        near in r#"[\[\]{}":,\\u0-9a-e~/ .+-]{0,40}"#,
    ) {
        let limits = JsonLimits::default();
        for text in [document.as_slice(), near.as_bytes()] {
            for patch in [patch.as_slice(), near.as_bytes(), b"[]"] {
                let patched = json::apply(text, patch, &limits);
                let merged = merge::apply(Some(text), patch, &limits);
                for result in [patched, merged].into_iter().flatten() {
                    let lone_surrogate = near.contains("\\ud");
                    let read = serde_json::from_slice::<Value>(&result);
                    prop_assert!(read.is_ok() || lone_surrogate);
                }
            }
        }
    }

    #[test]
    fn what_is_json_is_decided_as_another_parser_decides_it(
        near in r#"[\[\]{}":,\\n01a-e .+-]{0,12}"#,
    ) {
        let ours = json::apply(near.as_bytes(), b"[]", &JsonLimits::default()).is_ok();
        prop_assert_eq!(ours, serde_json::from_str::<Value>(&near).is_ok());
    }
}
