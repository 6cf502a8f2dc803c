//! What is judged before a method runs, of a method that names in its content what it changes.

use bytes::Bytes;
use http::StatusCode;
use methodical_methods::{
    admission::admit::admit,
    method::{Accepts, Applies, Method, Run},
    reply::Reply,
    request::{Input, Request},
};
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    footprint::{Footprint, Part, Touch},
    header::depth::Depth,
    path::Path,
    target::ResourceTarget,
};
use methodical_store::{
    store::Mark,
    testing::{dump, path},
    transaction::Transaction,
    view::{View, read},
};

use super::rights::rules;
use crate::world::{World, on_every_store};

/// UNBIND as RFC 5842 section 5 has it: the content names the member that goes.
const UNBIND: Method = Method {
    accepts: Accepts::Small { bytes_max: 100, types: &[] },
    applies: Applies::EXISTING,
    ..Method::writing("UNBIND", Run::Write { touches, run: unbind })
};

fn named(request: &Request, input: &Input) -> Result<Option<Path>> {
    match input {
        Input::Bytes(name) => {
            let bad = |_| Error::refused(Condition::BadContent, "This is no name.");
            request.path().join(name).map(Some).map_err(bad)
        }
        Input::Nothing | Input::Pending | Input::Staged(_) | Input::Form(_) => Ok(None),
    }
}

fn touches(_: &View<'_>, request: &Request, input: &Input) -> Result<Footprint> {
    let Some(path) = named(request, input)? else { return Ok(Footprint::default()) };
    let goes = Touch { path, part: Part::Existence, depth: Depth::Infinity };
    Ok(Footprint(vec![goes, Touch::members(request.path())]))
}

#[expect(clippy::needless_pass_by_value, reason = "a row's function takes what came")]
fn unbind(transaction: &mut Transaction<'_>, request: &Request, input: Input) -> Result<Reply> {
    let member = named(request, &input)?.expect("content");
    transaction.remove(&member, Mark::Nothing)?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

fn asked(world: &World) -> Request {
    let target = ResourceTarget { path: path("/d"), ..world.request("GET /d").0.target };
    Request { method: &UNBIND, target, ..world.request("DELETE /d").0 }
}

fn content(name: &'static str) -> Input {
    Input::Bytes(Bytes::from_static(name.as_bytes()))
}

#[test]
fn the_head_alone_touches_nothing_and_the_content_what_it_names() {
    on_every_store(|world| {
        world.seed(&[("/d/", ""), ("/d/a", "1"), ("/d/b", "2")]);
        let request = asked(world);
        let judged = |input: &Input| {
            read(&*world.store, world.now, |view| admit(view, &request, input)).unwrap()
        };
        assert_eq!(judged(&Input::Pending), Footprint::default());
        assert_eq!(judged(&content("a")).0[0].path, path("/d/a"));
        assert_eq!(world.perform(&request, content("a")).status, 204);
        assert!(!dump(&*world.store).contains("/d/a"));
    });
}

#[test]
fn what_the_content_names_needs_its_own_right() {
    on_every_store(|world| {
        world.seed(&[("/d/", ""), ("/d/a", "1"), ("/d/b", "2")]);
        world.policy.rules = rules(&["/ anyone read,write", "/d/b anyone read"]);
        let before = dump(&*world.store);
        assert_eq!(world.perform(&asked(world), content("b")).status, 403);
        assert_eq!(dump(&*world.store), before);
        assert_eq!(world.perform(&asked(world), content("a")).status, 204);
    });
}

#[test]
fn what_the_content_names_is_guarded() {
    on_every_store(|world| {
        world.seed(&[("/d/", ""), ("/d/a", "1"), ("/d/b", "2")]);
        let begin =
            |at: &str| world.store.changes(&Footprint(vec![Touch::content(&path(at))])).unwrap();
        let request = asked(world);
        let other = begin("/d/b");
        assert_eq!(world.perform(&request, content("a")).status, 204, "nobody is in the way");
        drop(other);
        let held = begin("/d/b");
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| world.perform(&request, content("b")).status);
            std::thread::sleep(std::time::Duration::from_millis(50));
            assert!(!waiting.is_finished(), "somebody else writes there");
            drop(held);
            assert_eq!(waiting.join().unwrap(), 204);
        });
    });
}
