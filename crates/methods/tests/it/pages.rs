//! The examples in the pages of the methods: each is carried out and answered as it stands there.

use methodical_methods::{METHODS, method::Method};
use methodical_semantics::header::{link::parse, ordering_type::OrderingType};
use methodical_store::{
    facts::{
        links::LINKS,
        order::{ORDERING, Ordering},
    },
    testing::{change, hold, path},
};

use crate::world::{World, on_every_store};

/// What is there when an example begins.
pub(crate) const GROUND: [(&str, &str); 7] = [
    ("/notes.txt", "Hello, reader\n"),
    ("/settings.json", "{\"size\": 1, \"name\": \"a\"}\n"),
    ("/photos/", ""),
    ("/photos/sea.txt", "blue\n"),
    ("/album/", ""),
    ("/album/one.txt", "1"),
    ("/album/two.txt", "2"),
];

#[test]
fn every_method_has_a_page_with_an_example() {
    for method in METHODS.iter().filter(|method| method.is_implemented()) {
        let page = method.page();
        assert!(!examples(&page).is_empty(), "the page of {} has no example", method.name);
        let cited = method.spec.iter().any(|spec| page.contains(spec));
        assert!(cited, "the page of {} cites none of {:?}", method.name, method.spec);
    }
}

#[test]
fn every_example_is_answered_as_it_stands() {
    for method in METHODS.iter().filter(|method| method.is_implemented()) {
        for example in examples(&method.page()) {
            on_every_store(|world| holds(world, &example));
        }
    }
}

/// Makes what is there when a request of an example comes.
pub(crate) fn ground(world: &World, request: &str) {
    world.seed(&GROUND);
    let related = parse(RELATED).unwrap();
    change(&*world.store, &path("/photos/sea.txt"), |changes| {
        changes.set_fact(&LINKS.row, &path("/photos/sea.txt"), Some(LINKS.encoded(&related)))
    })
    .unwrap();
    let of_type = OrderingType::parse("DAV:custom").unwrap();
    let ordering = Ordering::anew(of_type).unwrap();
    change(&*world.store, &path("/album"), |changes| {
        changes.set_fact(&ORDERING.row, &path("/album"), Some(ORDERING.encoded(&ordering)))
    })
    .unwrap();
    if request.contains(HELD) {
        hold(&*world.store, "/photos/", HELD);
    }
}

/// The link that a request may be about.
const RELATED: &str = "</notes.txt>; rel=\"describedby\"";

/// The token of the lock that a request may be about.
const HELD: &str = "urn:uuid:00000000-0000-4000-8000-000000000001";

fn holds(world: &World, example: &str) {
    ground(world, example);
    let answer = world.send(&side(example, '>'));
    let expected = side(example, '<');
    let (head, content) = expected.split_once("\n\n").unwrap_or((&expected, ""));
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    assert_eq!(answer.status.to_string(), status, "{example}{answer:?}");
    for (name, value) in lines.map(|line| line.split_once(": ").unwrap()) {
        let found = answer.field(&name.to_ascii_lowercase());
        assert!(fits(found, value), "{example}{name}: {found}");
    }
    let found = answer.text().replace("\r\n", "\n");
    assert!(content.is_empty() || fits(found.trim(), content.trim()), "{example}{found}");
}

/// The requests in the page of a method.
pub(crate) fn requests(method: &Method) -> Vec<String> {
    examples(&method.page()).iter().map(|example| side(example, '>')).collect()
}

/// The lines of each fenced block `http`.
fn examples(page: &str) -> Vec<String> {
    let blocks = page.split("```http\n").skip(1);
    blocks.map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// The lines of one side of an exchange.
fn side(example: &str, mark: char) -> String {
    let lines = example.lines().filter_map(|line| line.strip_prefix(mark));
    let lines: Vec<&str> = lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    lines.join("\n")
}

/// Whether text is as expected, where `...` stands for anything but nothing.
fn fits(found: &str, expected: &str) -> bool {
    let mut rest = found;
    for (at, piece) in expected.split("...").enumerate() {
        let place = if at == 0 {
            rest.starts_with(piece).then_some(0)
        } else {
            rest.get(1..).and_then(|rest| rest.find(piece)).map(|place| place + 1)
        };
        let Some(place) = place else { return false };
        rest = &rest[place + piece.len()..];
    }
    expected.ends_with("...") || rest.is_empty()
}
