//! JSON Patch: what a client cannot press.

use methodical_semantics::rule::patching::json::{self, JsonLimits};
use methodical_semantics::{
    json::Room,
    rule::patching::{At, PatchError, merge},
};

fn patched(document: &str, patch: &str) -> Result<String, PatchError> {
    json::apply(document.as_bytes(), patch.as_bytes(), &JsonLimits::default())
        .map(|result| String::from_utf8(result).unwrap())
}

fn adds(path: &str, value: &str) -> String {
    format!(r#"[{{"op":"add","path":"{path}","value":{value}}}]"#)
}

fn removes(path: &str) -> String {
    format!(r#"[{{"op":"remove","path":"{path}"}}]"#)
}

#[test]
fn limit_nesting_of_100_000_levels_is_refused_in_patch_and_document() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        for levels in [129, 100_000] {
            let deep = format!("{}1{}", open.repeat(levels), close.repeat(levels));
            let in_document = patched(&deep, "[]").unwrap_err();
            let in_patch = patched("{}", &adds("/a", &deep)).unwrap_err();
            for error in [in_document, in_patch] {
                assert!(matches!(error, PatchError::TooLarge { maximum: 128, .. }), "{error}");
            }
        }
        let unclosed = open.repeat(100_000);
        assert!(matches!(patched(&unclosed, "[]"), Err(PatchError::TooLarge { .. })));
    }
    let deepest = format!("{}1{}", "[".repeat(128), "]".repeat(128));
    let emptied = patched(&deepest, &removes(&"/0".repeat(128)));
    assert_eq!(emptied, Ok(deepest.replace('1', "")));
}

#[test]
fn limit_nesting_cannot_be_passed_by_building_a_result() {
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    let patch = adds(&"/0".repeat(100), &deep);
    let error = patched(&deep, &patch).unwrap_err();
    assert!(
        matches!(error, PatchError::TooLarge { at: At::Resource, maximum: 128, .. }),
        "{error}"
    );
    // Chains that are moved into each other, each as deep as a pointer can reach.
    let mut patch = vec![String::from(r#"{"op":"add","path":"/c","value":1}"#)];
    for _ in 0..300 {
        let chain = format!("{}1{}", r#"{"a":"#.repeat(120), "}".repeat(120));
        patch.push(format!(r#"{{"op":"add","path":"/d","value":{chain}}}"#));
        let end = "/a".repeat(120);
        patch.push(format!(r#"{{"op":"move","from":"/c","path":"/d{end}"}}"#));
        patch.push(String::from(r#"{"op":"move","from":"/d","path":"/c"}"#));
    }
    let error = patched("{}", &format!("[{}]", patch.join(","))).unwrap_err();
    assert!(matches!(error, PatchError::TooLarge { maximum: 128, .. }), "{error}");
}

#[test]
fn limit_copies_that_double_the_document_are_stopped() {
    let doubling: Vec<String> =
        (0..100).map(|n| format!(r#"{{"op":"copy","from":"","path":"/{n}"}}"#)).collect();
    let error = patched(r#"{"a":"0123456789"}"#, &format!("[{}]", doubling.join(","))).unwrap_err();
    assert!(matches!(error, PatchError::TooLarge { .. }), "{error}");
    let replacing: Vec<&str> = vec![r#"{"op":"copy","from":"/a","path":"/b"}"#; 1000];
    let document = format!(r#"{{"a":"{}"}}"#, "x".repeat(100_000));
    let error = patched(&document, &format!("[{}]", replacing.join(","))).unwrap_err();
    assert!(matches!(error, PatchError::TooLarge { .. }), "{error}");
}

#[test]
fn limit_sizes_and_operations_are_refused_with_their_name() {
    let limits = JsonLimits {
        document_bytes_max: 20,
        patch_bytes_max: 60,
        operations_max: 1,
        result_bytes_max: 30,
        ..JsonLimits::default()
    };
    let refused = |document: &str, patch: &str| {
        let error = json::apply(document.as_bytes(), patch.as_bytes(), &limits).unwrap_err();
        let PatchError::TooLarge { limit, maximum, .. } = error else { panic!("{error}") };
        (limit, maximum)
    };
    assert_eq!(refused(&" ".repeat(21), "[]"), ("bytes in a document to patch", 20));
    assert_eq!(refused("[]", &" ".repeat(61)), ("bytes in a patch", 60));
    assert_eq!(
        refused("[]", r#"[{"op":"remove","path":"/0"},{"op":"remove","path":"/0"}]"#),
        ("operations", 1)
    );
    let value = format!("\"{}\"", "x".repeat(20));
    assert_eq!(refused("[1,2,3,4,5,6]", &adds("/-", &value)), ("bytes in the result", 30));
    let long = patched("[]", &removes(&"/0".repeat(129))).unwrap_err();
    assert!(matches!(long, PatchError::TooLarge { limit: "tokens in a pointer", .. }));
}

#[test]
fn bounds_many_operations_on_a_large_document_take_no_quadratic_time() {
    const MANY: usize = 20_000;
    let array = format!("{{\"a\":[{}0]}}", "0,".repeat(400_000));
    let names: Vec<String> = (0..40_000).map(|n| format!("\"n{n}\":{n}")).collect();
    let object = format!("{{\"a\":{{{}}}}}", names.join(","));
    let each = |op: &dyn Fn(usize) -> String| {
        format!("[{}]", (0..MANY).map(op).collect::<Vec<_>>().join(","))
    };
    let insert = each(&|_| r#"{"op":"add","path":"/a/0","value":1}"#.into());
    let result = patched(&array, &insert).unwrap();
    assert_eq!(result.len(), array.len() + 2 * MANY);
    let remove = each(&|_| r#"{"op":"remove","path":"/a/0"}"#.into());
    assert_eq!(patched(&result, &remove).unwrap().len(), array.len());
    let take = each(&|n| format!(r#"{{"op":"move","from":"/a/n{n}","path":"/a/m{n}"}}"#));
    assert_eq!(patched(&object, &take).unwrap().len(), object.len());
    let again =
        each(&|n| format!(r#"{{"op":"{}","path":"/a/x","value":1}}"#, ["add", "remove"][n % 2]));
    patched(&object, &again).unwrap();
    let number = format!("{{\"a\":{}1{}}}", " ".repeat(1_000_000), "0".repeat(1_000_000));
    let test = each(&|_| r#"{"op":"test","path":"/a","value":1e1000000}"#.into());
    patched(&number, &test).unwrap();
}

/// A room of a size, and the most that was asked of it.
#[derive(Debug)]
struct Sized {
    size: usize,
    most: usize,
}

impl Room for Sized {
    fn reaches(&mut self, bytes: usize) -> bool {
        self.most = self.most.max(bytes);
        bytes <= self.size
    }
}

/// A patch of some two kilobytes that opens empty arrays and doubles them by copying.
fn doubling() -> String {
    let mut operations = vec![String::from(r#"{"op":"add","path":"/a","value":[[],[]]}"#)];
    for at in 0..2 {
        operations.push(format!(r#"{{"op":"add","path":"/a/{at}/0","value":[]}}"#));
        operations.push(format!(r#"{{"op":"add","path":"/a/{at}/0/0","value":0}}"#));
        operations.push(format!(r#"{{"op":"remove","path":"/a/{at}/0/0"}}"#));
    }
    operations.extend((0..24).map(|_| r#"{"op":"copy","from":"/a","path":"/a/-"}"#.to_owned()));
    format!("[{}]", operations.join(","))
}

#[test]
fn limit_what_copies_make_is_charged_for_each_node() {
    let mut room = Sized { size: usize::MAX, most: 0 };
    let limits = JsonLimits::default();
    let error = json::apply_within(b"{}", doubling().as_bytes(), &limits, &mut room).unwrap_err();
    let PatchError::TooLarge { limit, maximum, .. } = error else { panic!("{error}") };
    assert_eq!((limit, maximum), ("bytes held for copies", 24 << 20));
    assert!(room.most <= 48 << 20, "{}", room.most);
}

#[test]
fn limit_whatever_a_patch_makes_is_charged_before_it_is_made() {
    const MANY: usize = 100_000;
    let numbers = format!("[{}0]", "0,".repeat(MANY));
    let names: Vec<String> = (0..MANY).map(|n| format!("\"n{n}\":{n}")).collect();
    let names = format!("{{{}}}", names.join(","));
    let test = |value: &str| format!(r#"[{{"op":"test","path":"","value":{value}}}]"#);
    let added: Vec<String> =
        (0..MANY / 2).map(|n| format!(r#"{{"op":"add","path":"/{n}","value":0}}"#)).collect();
    for (document, patch) in [
        (numbers.as_str(), removes("/0")),
        (names.as_str(), removes("/n0")),
        (numbers.as_str(), test(&numbers)),
        (names.as_str(), test(&names)),
        ("{}", format!("[{}]", added.join(","))),
    ] {
        let apply = |size: usize| {
            let mut room = Sized { size, most: 0 };
            let limits = JsonLimits::default();
            let (document, patch) = (document.as_bytes(), patch.as_bytes());
            let made = json::apply_within(document, patch, &limits, &mut room).map(drop);
            (made, room.most)
        };
        let (made, most) = apply(usize::MAX);
        assert_eq!(made, Ok(()));
        assert!(most > 12 * MANY, "{most}");
        let (made, _) = apply(most / 2);
        assert!(matches!(made, Err(PatchError::NoRoom { .. })), "{made:?}");
    }
    let mut room = Sized { size: 10 * MANY, most: 0 };
    let limits = JsonLimits::default();
    for document in [None, Some(&b"{}"[..]), Some(names.as_bytes())] {
        let made = merge::apply_within(document, names.as_bytes(), &limits, &mut room);
        assert!(matches!(made, Err(PatchError::NoRoom { .. })), "{made:?}");
    }
    assert!(merge::apply(None, names.as_bytes(), &limits).is_ok());
}
