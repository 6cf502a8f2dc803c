//! What tests of writing methods share: refusals change nothing, and come before the content.

use methodical_methods::{admission::admit::admit, request::Input};
use methodical_semantics::error::Result;
use methodical_store::{
    testing::{dump, dump_locks, dump_with_validators},
    view::read,
};

use crate::world::{Answer, World};

/// Sends a request that is refused: nothing may have changed, and the sentence is one for people.
pub(crate) fn refused(world: &World, text: &str) -> Answer {
    let all = || dump_with_validators(&*world.store) + &dump_locks(&*world.store);
    let before = all();
    let answer = world.send(text);
    assert!((400..600).contains(&answer.status), "{text}: {answer:?}");
    assert_eq!(all(), before, "{text}: {answer:?}");
    let sentence = answer.detail.split_once(": ").map_or("", |(_, sentence)| sentence);
    assert!(sentence.ends_with('.') && !sentence.contains("/tmp"), "{sentence}");
    answer
}

/// As [`refused`], and the same refusal comes before the content is received, so that
/// `Expect: 100-continue` is answered with it (RFC 9110 section 10.1.1).
pub(crate) fn refused_at_head(world: &World, text: &str) -> Answer {
    let answer = refused(world, text);
    let early = at_head(world, text).expect_err("a refusal before the content");
    assert_eq!(early.status().as_u16(), answer.status, "{text}: {early}");
    answer
}

/// What is said of a request before its content is received.
pub(crate) fn at_head(world: &World, text: &str) -> Result<()> {
    let (request, _) = world.request(text);
    read(&*world.store, world.now, |view| admit(view, &request, &Input::Pending)).map(drop)
}

/// All that is stored, as text.
pub(crate) fn state(world: &World) -> String {
    dump(&*world.store)
}
