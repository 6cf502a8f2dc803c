//! What caches may do, as the configuration file says it.

use std::fs;

use crate::command::{Ran, ran};

fn print(text: &str) -> (tempfile::TempDir, Ran) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    fs::write(&file, text).unwrap();
    let printed = ran(["config", "print", "--config", file.to_str().unwrap()]);
    (folder, printed)
}

/// What is printed behind `[cache]`, without places.
fn table(printed: &str) -> Vec<String> {
    let lines = printed.lines().skip_while(|line| *line != "[cache]").skip(1);
    lines.map(|line| line.split(" # ").next().unwrap().trim().to_owned()).collect()
}

#[test]
fn rules_are_printed_in_their_order_with_their_places_and_read_again() {
    let (_kept, first) = print(
        "[cache]\nhashed = \"max-age=31536000, immutable\"\n\
         \"/secret\" = { no-store = true }\n\
         \"image/*\" = { max_age = 3600, immutable = false }\n",
    );
    let expected = [
        "hashed = \"max-age=31536000, immutable\"",
        "\"/secret\" = \"no-store\"",
        "\"image/*\" = \"max-age=3600\"",
    ];
    assert_eq!(table(&first.out), expected, "{}", first.err);
    assert!(first.out.contains("config.toml:3:1"), "{}", first.out);
    let (_kept, second) = print(&first.out);
    assert_eq!(table(&second.out), expected, "{}", second.err);
}

#[test]
fn what_is_wrong_is_refused_with_its_place() {
    for (text, sentence) in [
        ("cache = 1\n", "1:9: cache: expected a table, not integer"),
        ("[cache]\nassets = \"no-store\"\n", "2:1: cache: expected a path (/assets"),
        ("[cache]\n\"/a\" = \"public\"\n", "2:8: cache: expected \"max-age=SECONDS\""),
        ("[cache]\n\"/a\" = \"immutable\"\n", "2:8: cache: expected max-age beside"),
        ("[cache]\n\"/a\" = \"max-age=1h\"\n", "2:8: cache: expected max-age=SECONDS"),
        ("[cache]\n\"/a\" = 60\n", "2:8: cache: expected what caches may do"),
        ("[cache]\n\"/a\" = { max-age = \"1h\" }\n", "2:10: cache: max-age: expected a number"),
        ("[cache]\n\"/a\" = { maxage = 1 }\n", "did you mean \"max-age\"?"),
        ("[cache]\n\"/a\" = { immutable = 1 }\n", "immutable: expected true or false"),
        ("[cahce]\n", "1:2: unknown key \"cahce\"; did you mean \"cache\"?"),
    ] {
        let (_kept, refused) = print(text);
        assert_ne!(refused.code, Some(0), "{text}");
        assert!(refused.err.contains(sentence), "{:?} for {text:?}", refused.err);
    }
}
