//! Places in an order (RFC 3648 sections 6.1 and 7).

use std::{cell::RefCell, collections::BTreeMap, convert::Infallible};

use methodical_semantics::{
    header::position::Position,
    rule::ordering::{
        Edited, KEY_BYTES_MAX, Key, Ordered, Side, Unplaced, between, nearest, numbered,
    },
};
use proptest::{
    collection::vec, prop_assert, prop_assert_eq, prop_oneof, proptest, strategy::Strategy,
};

/// An order in memory, which counts how often it is asked.
#[derive(Default)]
struct Order {
    keys: BTreeMap<Vec<u8>, Key>,
    asked: RefCell<usize>,
}

impl Order {
    fn of(names: &[&str]) -> Self {
        let keys = names.iter().zip(0..).map(|(name, at)| (name.as_bytes().to_vec(), numbered(at)));
        Self { keys: keys.collect(), asked: RefCell::default() }
    }

    fn names(&self) -> String {
        let mut names: Vec<_> = self.keys.iter().map(|(name, key)| (key, name)).collect();
        names.sort();
        names.iter().map(|(_, name)| String::from_utf8_lossy(name)).collect::<Vec<_>>().join(" ")
    }

    /// Moves members one after the other, all or none.
    fn moved(&mut self, moves: &[(&str, Position)]) -> Result<(), Unplaced<Infallible>> {
        let mut edited = Edited::of(&*self);
        for (name, position) in moves {
            edited.place(name.as_bytes(), position)?;
        }
        let keys = edited.keys;
        self.keys.extend(keys);
        Ok(())
    }
}

impl Ordered for Order {
    type Error = Infallible;

    fn key_of(&self, name: &[u8]) -> Result<Option<Key>, Infallible> {
        *self.asked.borrow_mut() += 1;
        Ok(self.keys.get(name).cloned())
    }

    fn next_to(&self, key: Option<&[u8]>, side: Side) -> Result<Option<Key>, Infallible> {
        *self.asked.borrow_mut() += 1;
        Ok(nearest(&self.keys.values().cloned().collect(), key, side))
    }
}

fn before(name: &str) -> Position {
    Position::Before(name.into())
}

fn after(name: &str) -> Position {
    Position::After(name.into())
}

#[test]
fn rfc3648_7_1_members_are_moved_in_the_order_of_the_request() {
    let mut order = Order::of(&["three", "four", "one", "two"]);
    let moves = [
        ("two", Position::First),
        ("one", Position::First),
        ("three", Position::Last),
        ("four", Position::Last),
    ];
    order.moved(&moves).unwrap();
    assert_eq!(order.names(), "one two three four");
}

#[test]
fn rfc3648_6_1_before_and_after_mean_immediately() {
    let mut order = Order::of(&["a", "b", "c"]);
    order.moved(&[("c", before("b"))]).unwrap();
    assert_eq!(order.names(), "a c b");
    order.moved(&[("a", after("c")), ("new", after("a")), ("b", before("c"))]).unwrap();
    assert_eq!(order.names(), "b c a new");
    // To where it is already.
    order.moved(&[("c", after("b")), ("b", Position::First), ("new", Position::Last)]).unwrap();
    assert_eq!(order.names(), "b c a new");
}

#[test]
fn rfc3648_6_1_the_neighbour_is_a_member_and_another_one() {
    let mut order = Order::of(&["a", "b"]);
    for position in [after("none"), before("none"), after("a"), before("a")] {
        assert_eq!(
            order.moved(&[("b", Position::First), ("a", position)]),
            Err(Unplaced::NoNeighbour)
        );
        assert_eq!(order.names(), "a b", "all or none");
    }
    order.moved(&[("new", Position::Last), ("a", after("new"))]).unwrap();
    assert_eq!(order.names(), "b new a", "one that the same request placed counts");
}

#[test]
fn one_move_asks_for_a_few_keys_however_many_there_are() {
    let names: Vec<String> = (0..1000).map(|number| format!("{number:04}")).collect();
    let mut order = Order::of(&names.iter().map(String::as_str).collect::<Vec<_>>());
    order.moved(&[("0999", after("0500"))]).unwrap();
    assert!(*order.asked.borrow() <= 4, "{}", order.asked.borrow());
}

#[test]
fn limits_so_many_come_between_two_before_all_are_numbered_anew() {
    let mut order = Order::of(&["a", "z"]);
    let mut last = "a".to_owned();
    let crowded = (0..10_000).find_map(|number| {
        let name = format!("n{number:05}");
        let placed = order.moved(&[(&name, after(&last))]);
        last = name;
        placed.err().map(|why| (number, why))
    });
    let (fit, why) = crowded.unwrap();
    assert_eq!(why, Unplaced::Crowded);
    assert!(fit > 400, "{fit}");
    assert!(order.keys.values().all(|key| key.len() <= KEY_BYTES_MAX));
    // Behind the last there is always more.
    for number in 0..100_000 {
        assert_eq!(between(Some(&numbered(number)), None), Some(numbered(number + 1)));
    }
}

#[test]
fn members_are_numbered_anew_and_moved_on() {
    let order = Order::of(&["a", "b"]);
    let mut edited = Edited::of(&order);
    let mut last = "b".to_owned();
    while edited.place(format!("{}", edited.keys.len()).as_bytes(), &before(&last)).is_ok() {
        last = format!("{}", edited.keys.len() - 1);
    }
    let mut names: Vec<_> =
        edited.keys.iter().map(|(name, key)| (key.clone(), name.clone())).collect();
    names.sort();
    let middle: Vec<_> = names.into_iter().map(|(_, name)| name).collect();
    let all = [vec![b"a".to_vec()], middle.clone(), vec![b"b".to_vec()]].concat();
    edited.number(all.clone());
    assert_eq!(edited.keys.len(), all.len());
    edited.place(b"one more", &before(&last)).unwrap();
    edited.place(b"b", &Position::First).unwrap();
    edited.place(b"new", &Position::Last).unwrap();
    assert_eq!(edited.key_of(b"none").unwrap(), None);
    let mut names: Vec<_> = edited.keys.iter().map(|(name, key)| (key, name)).collect();
    names.sort();
    assert_eq!(names[0].1, b"b");
    assert_eq!(names[1].1, b"a");
    assert_eq!(names[names.len() - 1].1, b"new");
    assert_eq!(names.len(), all.len() + 2);
    let keys: std::collections::BTreeSet<_> = names.iter().map(|(key, _)| key).collect();
    assert_eq!(keys.len(), names.len(), "each has its own");
}

fn keys() -> impl Strategy<Value = Key> {
    (0..u64::MAX, vec(0..=255_u8, 0..4)).prop_map(|(number, more)| {
        let mut key = number.to_be_bytes().to_vec();
        key.extend(more);
        while key.len() > 8 && key.last() == Some(&0) {
            key.pop();
        }
        key
    })
}

proptest! {
    #[test]
    fn a_key_between_two_is_between_them(one in keys(), other in prop_oneof![keys(), keys()]) {
        let (low, high) = if one < other { (one, other) } else { (other, one) };
        if low < high {
            let key = between(Some(&low), Some(&high)).unwrap();
            prop_assert!(low < key && key < high, "{:?} {:?} {:?}", low, key, high);
            prop_assert!(key.len() >= 8 && (key.len() == 8 || key.last() != Some(&0)));
        }
    }

    #[test]
    fn moves_end_as_they_would_in_a_list(moves in vec((0..6_usize, 0..4_u8, 0..6_usize), 0..40)) {
        const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
        let mut order = Order::of(&NAMES[..4]);
        let mut list: Vec<&str> = NAMES[..4].to_vec();
        for (name, place, other) in moves {
            let (name, other) = (NAMES[name], NAMES[other]);
            let position = match place {
                0 => Position::First,
                1 => Position::Last,
                2 => before(other),
                _ => after(other),
            };
            let is_placed = order.moved(&[(name, position)]).is_ok();
            let knows = place < 2 || (name != other && list.contains(&other));
            prop_assert_eq!(is_placed, knows);
            if knows {
                list.retain(|member| *member != name);
                let at = |member| list.iter().position(|it| *it == member).unwrap();
                let at = match place {
                    0 => 0,
                    1 => list.len(),
                    2 => at(other),
                    _ => at(other) + 1,
                };
                list.insert(at, name);
            }
            prop_assert_eq!(order.names(), list.join(" "));
        }
    }
}
