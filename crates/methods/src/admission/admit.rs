//! Whether a request may go on: rights, kind of target, read-only, preconditions. Asked twice:
//! before the content is received, out of courtesy, and under the guard, in truth.

use http::{HeaderValue, header};
use methodical_semantics::{
    authority::Authority,
    condition::Condition,
    error::{Error, Refusal, Result},
    footprint::{Footprint, Part, Touch},
    header::if_,
    rule::conditional::{Validators, Verdict},
    timestamp::Timestamp,
};
use methodical_store::{
    resource::{Kind, Resource},
    store::{Committed, Store},
    transaction::{Next, Transaction, Waiting, Written, write_in_turn},
    view::{View, read},
};

use super::{locking, mac_files, policy::Policy, privilege};
use crate::{
    METHODS,
    method::{Applies, Dial, Fit, Method, Preconditions, Run, Switch},
    reply::Reply,
    request::{Input, Request},
};

/// What a target is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Situation {
    /// The server as a whole.
    Server,
    /// The root collection.
    Root,
    /// A collection.
    Collection,
    /// A file.
    File,
    /// Nothing.
    Unmapped,
    /// Nothing, named as a collection.
    UnmappedCollection,
    /// A file, named as a collection: nothing is there, and nothing can be made there.
    FileAsCollection,
}

/// What came of carrying a request out.
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
        Run::Write { .. } if mac_files::is_dropped(request) => read(store, now, |view| {
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

/// Where the tunnel that a request asks for may lead. No store has a part in it.
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

/// Whether the request may go on, as the store is now; the footprint of a method that writes. Asked
/// before the content is there, it is [`Input::Pending`].
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
        Run::Write { .. } if mac_files::is_dropped(request) => {
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
    if counts_if(request) && !mac_files::is_dropped(request) {
        locking::judge_if(view, request)?;
    }
    locking::judge_footprint(view, request, &footprint)?;
    if !footprint.0.is_empty() {
        footprint.0.extend(locking::compared(view, request)?);
    }
    Ok(footprint)
}

/// Whether If counts: for every method (RFC 4918 section 10.4.2) but those that are about no
/// resource's state (RFC 9110 section 13.2.1).
fn counts_if(request: &Request) -> bool {
    let method = request.method;
    let is_test = matches!(method.run, Run::Read(_)) && method.conditions == Preconditions::Ignored;
    !request.server && !is_test
}

/// Whether the method takes whatever is there and finds that out when it selects a representation:
/// then one look at the disk does for both.
fn selects_itself(request: &Request) -> bool {
    let method = request.method;
    let selects = method.conditions == Preconditions::Selected && method.is_safe();
    selects && !request.server && method.applies == Applies::EXISTING
}

/// What a request's target is, with the validators of a file or collection.
///
/// # Errors
/// A failure of the store.
pub fn situation(view: &View<'_>, request: &Request) -> Result<(Situation, Option<Validators>)> {
    if request.server {
        return Ok((Situation::Server, None));
    }
    let unmapped =
        if request.target.slash { Situation::UnmappedCollection } else { Situation::Unmapped };
    let Some(resource) = view.find(request.path())? else { return Ok((unmapped, None)) };
    if resource.kind == Kind::File && request.target.slash {
        return Ok((Situation::FileAsCollection, None));
    }
    Ok((Situation::of(&resource), Some(resource.validators())))
}

impl Situation {
    /// That of a resource.
    pub fn of(resource: &Resource) -> Self {
        match resource.kind {
            Kind::Collection if resource.path.is_root() => Self::Root,
            Kind::Collection => Self::Collection,
            Kind::File => Self::File,
        }
    }
}

/// Whether a method fits a target here and now. Methods without a row that runs never do.
pub fn fit(method: &Method, situation: Situation, policy: &Policy) -> Fit {
    if !method.is_implemented() || !policy.permits(method.switch) {
        return Fit::No;
    }
    let applies = &method.applies;
    match situation {
        Situation::Server => applies.server,
        Situation::Root => applies.root,
        Situation::Collection => applies.collection,
        Situation::File => applies.file,
        Situation::Unmapped => applies.unmapped,
        // RFC 4918 section 9.3.1: where a file is, no collection is made.
        Situation::FileAsCollection if applies.file == Fit::No => Fit::No,
        Situation::UnmappedCollection | Situation::FileAsCollection => applies.unmapped_collection,
    }
}

/// The value of Allow: exactly the methods that would not be answered 405 (RFC 9110 section
/// 10.2.1).
pub fn allow(situation: Situation, policy: &Policy) -> HeaderValue {
    let names: Vec<&str> = METHODS
        .iter()
        .filter(|method| fit(method, situation, policy) != Fit::No)
        .map(|method| method.name)
        .collect();
    HeaderValue::from_str(&names.join(", ")).unwrap_or(HeaderValue::from_static(""))
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

/// The refusal of a request whose precondition in this field is false.
pub(crate) fn precondition_failed(field: &str) -> Error {
    Error::refused(
        Condition::PreconditionFailed,
        format!(
            "{field} does not hold: the resource is not in the state that you expect; \
             read it again, then decide."
        ),
    )
}

/// The refusal of a request for something that is not there: 404, also where it was deleted.
///
/// RFC 9110 section 15.5.11 leaves it to the server when to say 410. Programs know a thing that is
/// not there by 404; 410 is for those who follow a link, by GET.
pub(crate) fn missing(view: &View<'_>, request: &Request) -> Result<Error> {
    Ok(match view.deleted_at(request.path())? {
        Some(when) => Error::refused(Condition::NotFound, deleted_at(when)),
        None => not_found(),
    })
}

/// The refusal of a request for something that is not there, whatever was there before.
pub(crate) fn not_found() -> Error {
    Error::refused(Condition::NotFound, "There is nothing at this address.")
}

/// The sentence about what was deleted.
pub(crate) fn deleted_at(when: Timestamp) -> String {
    format!("What was here was deleted at {}.", when.rfc3339())
}

/// The refusal of a method that does not fit its target (RFC 9110 section 15.5.6).
pub(crate) fn not_allowed(method: &Method, situation: Situation, policy: &Policy) -> Error {
    let detail = match (method.switch, situation) {
        (Switch::Tunnels, Situation::Server) => {
            "No tunnels are made here; --connect says where the server lets them lead."
        }
        (Switch::Write | Switch::Tunnels, _) if !policy.writable => {
            "This folder is served read-only; started with --write, the server changes it."
        }
        (Switch::Trace, _) if !policy.trace => {
            "Requests are not sent back here, unless the server is started with --trace."
        }
        (_, Situation::Server) => "This method is about a resource, not about the whole server.",
        (_, Situation::Root) => {
            "The root folder does not take this method; Allow lists what it takes."
        }
        (_, Situation::Collection) => {
            "A folder does not take this method; Allow lists what it takes."
        }
        (_, Situation::File) => "A file does not take this method; Allow lists what it takes.",
        (_, Situation::Unmapped | Situation::UnmappedCollection) => {
            "This address does not take this method; Allow lists what it takes."
        }
        (_, Situation::FileAsCollection) => {
            "A file has this name: leave out the slash at the end, or choose another name."
        }
    };
    Refusal::new(Condition::MethodNotAllowed, detail)
        .with(header::ALLOW, allow(situation, policy))
        .into()
}

fn not_implemented(method: &Method) -> Error {
    let spec = method.spec.join(", ");
    let why = match method.run {
        Run::Reserved(why) => format!("{} is never carried out: {why} ({spec}).", method.name),
        Run::Read(_) | Run::Ask(_) | Run::Write { .. } | Run::Tunnel(_) | Run::Planned { .. } => {
            format!("{} is defined in {spec}; this server does not carry it out yet.", method.name)
        }
    };
    Error::refused(Condition::NotImplemented, why)
}
