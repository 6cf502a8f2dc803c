//! Whether a request may go on: rights, kind of target, read-only, preconditions. Asked twice:
//! before the content is received, out of courtesy, and under the guard, in truth.

use http::header;
use methodical_semantics::{
    authority::Authority,
    condition::Condition,
    error::{Error, Result},
    footprint::{Footprint, Part, Touch},
    header::if_,
    rule::conditional::{Validators, Verdict},
    timestamp::Timestamp,
};
use methodical_store::{
    store::{Committed, Store},
    transaction::{Next, Transaction, Waiting, Written, write_in_turn},
    view::{View, read},
};

use super::{
    allow::{Situation, fit, situation},
    locking, mac_files, privilege,
    refusal::{missing, not_allowed, not_implemented, precondition_failed},
};
use crate::{
    method::{Applies, Dial, Fit, Preconditions, Run},
    reply::Reply,
    request::{Input, Request},
};

/// The outcome of carrying a request out.
#[derive(Debug)]
pub enum Performed {
    /// It was.
    Done(Reply),
    /// Others write to the same places: it goes on when it is its turn, with its content.
    Waits(Waiting, Input),
}

/// Carries a request out: admits it, runs it, commits. Waits on this thread for those who write to
/// the same places.
///
/// # Errors
/// Every refusal of the method and of what is judged for all methods; nothing was changed then.
pub fn perform(
    store: &dyn Store,
    now: Timestamp,
    request: &Request,
    input: Input,
) -> Result<Reply> {
    let (mut next, mut input) = (None, input);
    loop {
        match perform_in_turn(store, now, request, (next, input))? {
            Performed::Done(reply) => return Ok(reply),
            Performed::Waits(waiting, again) => (next, input) = (Some(waiting.block()?), again),
        }
    }
}

/// The same, but it waits for nobody: where others are before, it says so, and is to be called
/// again when it is its turn.
///
/// # Errors
/// As [`perform`].
pub fn perform_in_turn(
    store: &dyn Store,
    now: Timestamp,
    request: &Request,
    (next, input): (Option<Next>, Input),
) -> Result<Performed> {
    let reply = match request.method.run {
        Run::Read(run) => look(store, now, request, |view| run(view, request)),
        Run::Ask(run) => look(store, now, request, |view| run(view, request, &input.into_bytes()?)),
        Run::Write { .. } if request.drops_content() => read(store, now, |view| {
            admit(view, request, &input)?;
            mac_files::answer(view.now(), request)
        }),
        Run::Write { run, .. } => {
            let admit = |view: &View<'_>, input: &Input| admit(view, request, input);
            let run = |transaction: &mut Transaction<'_>, input| {
                transaction.held_to(request.access());
                let told = privilege::is_told(&transaction.view(), request)?;
                run(transaction, request, input).or_else(|error| {
                    Err(privilege::concealed(&transaction.view(), request, error, told)?)
                })
            };
            match write_in_turn(store, now, next, admit, (input, run))? {
                Written::Done(reply, committed) => Ok(tagged(reply, &committed)),
                Written::Waits(waiting, input) => return Ok(Performed::Waits(waiting, input)),
            }
        }
        Run::Tunnel(_) | Run::Reserved(_) | Run::Planned { .. } => {
            Err(not_implemented(request.method))
        }
    };
    reply.map(Performed::Done)
}

/// The reply with the entity tag of what was placed, where it tells one.
fn tagged(mut reply: Reply, committed: &Committed) -> Reply {
    let Some(path) = reply.etag_of.take() else { return reply };
    match committed.etags.iter().find(|(placed, _)| *placed == path) {
        Some((_, etag)) => reply.with(header::ETAG, etag.to_string()),
        None => reply,
    }
}

/// Carries out what reads: it sees nothing but what may be read.
fn look(
    store: &dyn Store,
    now: Timestamp,
    request: &Request,
    run: impl FnOnce(&View<'_>) -> Result<Reply>,
) -> Result<Reply> {
    let access = request.access();
    read(store, now, |view| {
        // What it asks for changes nothing, so that it touches nothing.
        admit(view, request, &Input::Pending)?;
        run(&view.seen_by(&access))
    })
}

/// Returns where the tunnel that a request asks for may lead. No store has a part in it.
///
/// # Errors
/// `NotImplemented` for a method that makes no tunnels, `MethodNotAllowed` where there are none,
/// and what the method refuses.
pub fn tunnel(request: &Request, to: &Authority) -> Result<Dial> {
    let Run::Tunnel(dial) = request.method.run else { return Err(not_implemented(request.method)) };
    match fit(request.method, Situation::Server, &request.policy) {
        Fit::Yes => dial(request, to),
        Fit::Missing | Fit::No => {
            Err(not_allowed(request.method, Situation::Server, &request.policy))
        }
    }
}

/// Returns whether the request may go on, as the store is now; the footprint of a method that
/// writes. Asked before the content is there, it is [`Input::Pending`].
///
/// # Errors
/// `NotImplemented`, `Unauthorized`, `Forbidden`, `MethodNotAllowed`, `NotFound`,
/// `PreconditionFailed`, `PreconditionRequired`, `Locked`, and what the method's footprint refuses.
pub fn admit(view: &View<'_>, request: &Request, input: &Input) -> Result<Footprint> {
    if !request.method.is_implemented() {
        return Err(not_implemented(request.method));
    }
    let access = request.access();
    let view = &view.known_to(&access);
    if request.method.is_safe() {
        privilege::judge_read(view, request)?;
        return judged(view, request, input);
    }
    let told = privilege::is_told(view, request)?;
    judged(view, request, input)
        .or_else(|error| Err(privilege::concealed(view, request, error, told)?))
}

fn judged(view: &View<'_>, request: &Request, input: &Input) -> Result<Footprint> {
    let method = request.method;
    if selects_itself(request) {
        return Ok(Footprint::default());
    }
    let (situation, validators) = situation(view, request)?;
    match fit(method, situation, &request.policy) {
        Fit::Yes => {}
        Fit::Missing if mac_files::ends_nothing(request) => {}
        Fit::Missing => return Err(missing(view, request)?),
        Fit::No => return Err(not_allowed(method, situation, &request.policy)),
    }
    let mut footprint = match method.run {
        Run::Write { .. } if request.drops_content() => {
            let made = Footprint(vec![Touch::content(request.path())]);
            privilege::judge_footprint(view, request, &made)?;
            mac_files::check(view, request.path())?;
            Footprint::default()
        }
        Run::Write { touches, .. } => touches(view, request, input)?,
        Run::Read(_) | Run::Ask(_) | Run::Tunnel(_) | Run::Reserved(_) | Run::Planned { .. } => {
            Footprint::default()
        }
    };
    privilege::judge_footprint(view, request, &footprint)?;
    if method.conditions == Preconditions::State {
        judge(request, validators.as_ref(), &footprint)?;
    }
    // A token that was given for what is dropped is none that is held.
    if counts_if(request) && !request.drops_content() {
        locking::judge_if(view, request)?;
    }
    locking::judge_footprint(view, request, &footprint)?;
    if !footprint.0.is_empty() {
        footprint.0.extend(locking::compared(view, request)?);
    }
    Ok(footprint)
}

/// Returns whether If counts: for every method (RFC 4918 section 10.4.2) but those that are about
/// no resource's state (RFC 9110 section 13.2.1).
fn counts_if(request: &Request) -> bool {
    let method = request.method;
    let is_test = matches!(method.run, Run::Read(_)) && method.conditions == Preconditions::Ignored;
    !request.server && !is_test
}

/// Returns whether the method takes whatever is there and finds that out when it selects a
/// representation: then one look at the disk does for both.
fn selects_itself(request: &Request) -> bool {
    let method = request.method;
    let selects = method.conditions == Preconditions::Selected && method.is_safe();
    selects && !request.server && method.applies == Applies::EXISTING
}

fn judge(request: &Request, current: Option<&Validators>, footprint: &Footprint) -> Result<()> {
    match request.conditions.judge_write(current) {
        Verdict::Failed(field) => return Err(precondition_failed(field)),
        Verdict::Proceed | Verdict::NotModified => {}
    }
    let guards = request.conditions.guards_a_write() || request.fields.contains_key(if_::NAME);
    // A lock alone overwrites nothing.
    let writes = footprint.0.iter().any(|touch| touch.part != Part::Lock);
    if request.policy.require_preconditions && writes && !guards {
        return Err(Error::refused(
            Condition::PreconditionRequired,
            "Send If-Match with the ETag that you read, or If-None-Match: * to create: the server \
             runs with --require-preconditions.",
        ));
    }
    Ok(())
}
