//! Which names there are.

use methodical_semantics::{
    condition::Condition,
    path::{Path, PathError},
    rule::privilege::{Access, ShownTo},
};

use super::{Open, Setup, find, names, put, put_as, refusal, text, usual, was_deleted};
use crate::{
    store::{Mark, Placement, Store},
    testing::{self, path, seed, staged},
};

pub(super) fn hidden_names_are_neither_shown_nor_written(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/f", "text"), ("/d/", ""), ("/.well-known/", "")]);
    for at in ["/.x", "/d/.x", "/.d/x", "/d/.well-known", "/.well-known/.x", "/..."] {
        assert!(writes(&*store, at, Condition::HiddenName), "{at}");
        assert!(find(&*store, at).is_none() && !was_deleted(&*store, at), "{at}");
    }
    put(&*store, "/.well-known/x", "text").unwrap();
    assert_eq!(names(&*store, "/"), [b".well-known".to_vec(), b"d".to_vec(), b"f".to_vec()]);
}

pub(super) fn hidden_names_are_names_where_they_are_shown(open: Open<'_>) {
    let store = open(&Setup { hidden: true, ..Setup::USUAL });
    seed(&*store, &[("/.d/", ""), ("/.d/.f", "text"), ("/...", "dots")]);
    assert_eq!(text(&*store, "/.d/.f").as_deref(), Some("text"));
    assert_eq!(names(&*store, "/"), [b"...".to_vec(), b".d".to_vec()]);
    assert_eq!(names(&*store, "/.d"), [b".f"]);
}

pub(super) fn names_that_are_hidden_from_who_copies_are_left_out(open: Open<'_>) {
    let store = open(&Setup { hidden: true, ..Setup::USUAL });
    seed(&*store, &[("/d/", ""), ("/d/f", "f"), ("/d/.f", "f"), ("/d/.e/", ""), ("/d/.e/f", "f")]);
    let held = Access { dotted: ShownTo::Nobody, ..Access::default() };
    let copied = |to: &str, access: &Access| {
        testing::change(&*store, &Path::root(), |changes| {
            changes.held_to(access);
            changes.copy(&path("/d"), &path(to), true)
        })
        .unwrap();
        names(&*store, to)
    };
    assert_eq!(copied("/held", &held), [b"f"]);
    assert_eq!(copied("/whole", &Access::default()).len(), 3);
    // What is moved goes with all that is in it.
    testing::change(&*store, &Path::root(), |changes| {
        changes.held_to(&held);
        changes.rename(&path("/d"), &path("/moved"))
    })
    .unwrap();
    assert_eq!(names(&*store, "/moved").len(), 3);
}

pub(super) fn reserved_names_are_neither_shown_nor_written(open: Open<'_>) {
    for hidden in [false, true] {
        let store = open(&Setup { hidden, ..Setup::USUAL });
        seed(&*store, &[("/f", "text")]);
        // Whatever makes the store keep more than names and bytes.
        put_as(&*store, "/g", "text", super::placing::of_type("text/x")).unwrap();
        testing::change(&*store, &path("/g"), |changes| {
            changes.remove(&path("/g"), Mark::Tombstone)
        })
        .unwrap();
        for at in ["/.methodical", "/.methodical/x", "/.methodical/x/y"] {
            assert!(writes(&*store, at, Condition::ReservedName), "{at}");
            assert!(find(&*store, at).is_none() && !was_deleted(&*store, at), "{at}");
            assert!(text(&*store, at).is_none(), "{at}");
        }
        assert_eq!(names(&*store, "/"), [b"f"]);
    }
}

pub(super) fn names_hold_every_byte_that_a_path_holds(open: Open<'_>) {
    let store = usual(open);
    let root = Path::root();
    let mut expected = Vec::new();
    for byte in (1..=255_u8).filter(|byte| *byte != b'/') {
        for name in [vec![byte], vec![b'x', byte], vec![b'x', byte, b'x', byte]] {
            let Ok(at) = root.join(&name) else { continue };
            if at.hidden_segment().is_some() {
                continue;
            }
            put(&*store, &at.encoded(), &at.encoded()).unwrap();
            expected.push(name);
        }
    }
    // Named twice: "x" with the byte "x" is found at two places of the loop.
    expected.sort();
    expected.dedup();
    assert_eq!(names(&*store, "/"), expected);
    for name in expected {
        let at = root.join(&name).unwrap();
        assert_eq!(text(&*store, &at.encoded()).as_deref(), Some(&*at.encoded()));
    }
}

pub(super) fn names_are_up_to_255_bytes_long(open: Open<'_>) {
    let store = usual(open);
    let longest = Path::root().join(&[0xff; 255]).unwrap();
    assert_eq!(Path::root().join(&[b'x'; 256]), Err(PathError::Long));
    put(&*store, &longest.encoded(), "text").unwrap();
    assert_eq!(text(&*store, &longest.encoded()).as_deref(), Some("text"));
    assert_eq!(names(&*store, "/"), [[0xff; 255]]);
}

pub(super) fn names_that_look_like_something_else_are_names(open: Open<'_>) {
    let store = usual(open);
    let odd = [
        "%2e%2e",
        "%252e",
        "%2f",
        "~",
        "~root",
        "$HOME",
        "*",
        "a%5Cb",
        "-rf",
        "a:b",
        "con",
        "a%0Ab",
        "%20",
        "%09",
        "a%20",
        "a.",
        "%3Fq",
        "%23f",
        "%25",
        "%25zz",
        "%C3%A9",
        "e%CC%81",
        "%27",
        "%22",
        "%3B",
        "a%7Cb",
        "%F0%9F%8C%8D",
    ];
    let mut expected = Vec::new();
    for text in odd {
        let Ok((at, _)) = Path::decode(&format!("/{text}")) else { continue };
        put(&*store, &at.encoded(), text).unwrap();
        expected.push(at.name().to_vec());
    }
    assert_eq!(expected.len(), odd.len() - 2, "a dot segment and a slash are no names");
    expected.sort();
    assert_eq!(names(&*store, "/"), expected);
    let moved = testing::change(&*store, &Path::root(), |changes| {
        changes.rename(&path("/*"), &path("/%3F"))?;
        changes.remove(&path("/%25"), Mark::Nothing)
    });
    moved.unwrap();
    assert!(find(&*store, "/$HOME").is_some() && find(&*store, "/%25zz").is_some());
    assert_eq!(text(&*store, "/%3F").as_deref(), Some("*"));
}

pub(super) fn paths_too_long_for_a_disk_are_refused(open: Open<'_>) {
    let store = usual(open);
    let mut long = Path::root();
    for _ in 0..40 {
        long = long.join(&[b'x'; 255]).unwrap();
    }
    match store.snapshot().find(&long) {
        Ok(found) => assert!(found.is_none()),
        Err(error) => assert_eq!(error.status(), Condition::TargetTooLong.status()),
    }
    let refused = refusal(&*store, |changes| changes.make_collection(&long));
    assert!(matches!(refused, Condition::ParentMissing | Condition::TargetTooLong));
}

/// Returns whether every way to write there is refused with the condition.
fn writes(store: &dyn Store, at: &str, refused: Condition) -> bool {
    let at = path(at);
    let source = path("/f");
    let placed = refusal(store, |changes| {
        changes.place(&at, staged(store, &source, b"x")?, Placement::default())
    });
    let made = refusal(store, |changes| changes.make_collection(&at));
    let copied = refusal(store, |changes| changes.copy(&source, &at, true));
    let moved = refusal(store, |changes| changes.rename(&source, &at));
    // What is not shown is not there.
    for taken in [
        refusal(store, |changes| changes.remove(&at, Mark::Nothing)),
        refusal(store, |changes| changes.rename(&at, &path("/g"))),
        refusal(store, |changes| changes.copy(&at, &path("/g"), true)),
    ] {
        assert_eq!(taken, Condition::NotFound, "{at}");
    }
    [placed, made, copied, moved].iter().all(|condition| *condition == refused)
}

pub(super) fn what_a_mac_leaves_is_shown_by_a_choice_of_its_own(open: Open<'_>) {
    for hidden in [false, true] {
        let store = open(&Setup { hidden, ..Setup::USUAL });
        seed(&*store, &[("/f", "text"), ("/d/", "")]);
        for at in ["/._f", "/.DS_Store", "/d/.DS_Store", "/._d/x"] {
            assert!(writes(&*store, at, Condition::HiddenName), "{at}");
            assert!(find(&*store, at).is_none(), "{at}");
        }
        let store = open(&Setup { hidden, mac_junk: true, ..Setup::USUAL });
        seed(&*store, &[("/._f", "text"), ("/d/", ""), ("/d/.DS_Store", "view")]);
        assert_eq!(text(&*store, "/d/.DS_Store").as_deref(), Some("view"));
        assert_eq!(names(&*store, "/"), [b"._f".to_vec(), b"d".to_vec()]);
        assert_eq!(names(&*store, "/d"), [b".DS_Store"]);
    }
}

pub(super) fn a_name_is_found_in_every_unicode_form(open: Open<'_>) {
    let store = usual(open);
    // In the forms C and D, and in a mixture on one way.
    let (c, d) = ("%C3%BC", "u%CC%88");
    seed(&*store, &[(&format!("/{c}/"), ""), (&format!("/{c}/{d}"), "text")]);
    for (first, second) in [(c, c), (c, d), (d, c), (d, d)] {
        let at = format!("/{first}/{second}");
        assert_eq!(text(&*store, &at).as_deref(), Some("text"), "{at}");
        let found = find(&*store, &at).unwrap();
        assert_eq!(found.path, path(&format!("/{c}/{d}")), "as it is stored");
        assert!(find(&*store, &format!("/{first}/{second}x")).is_none());
    }
    assert_eq!(names(&*store, &format!("/{d}")), ["u\u{308}".as_bytes()]);
    let snapshot = store.snapshot();
    let member = snapshot.members(&path(&format!("/{d}"))).unwrap().next().unwrap().unwrap();
    assert_eq!(member.path, path(&format!("/{c}/{d}")));
}

pub(super) fn an_exact_name_comes_before_its_other_forms(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/%C3%BC", "composed"), ("/u%CC%88", "decomposed")]);
    assert_eq!(text(&*store, "/%C3%BC").as_deref(), Some("composed"));
    assert_eq!(text(&*store, "/u%CC%88").as_deref(), Some("decomposed"));
}
