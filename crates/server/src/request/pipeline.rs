//! The ten steps of a request, one after the other, whatever protocol carried it.
//!
//! Parsing (1) and sending (9) belong to the protocol. Between them: the target (2), the row (3),
//! who asks (4), a look out of courtesy (5), the content (6), the method itself under its guard (7)
//! and the answer (8).

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, StatusCode, header};
use methodical_methods::{
    admission::{
        admit::{self, Performed},
        policy::Policy,
        privilege,
    },
    cost::{Cost, cost},
    method::{Accepts, Run, Unasked},
    reply::Reply,
    request::{Input, Request},
};
use methodical_semantics::{error::Result, mount::Mount, path::Path};
use methodical_store::{
    guard::{GUARD_WAIT_MAX, too_long},
    transaction::{Next, Waiting},
    view::read,
    work,
};
use methodical_wire::{incoming::Incoming, message::Stopped};
use tokio::time::timeout;

use crate::{
    browsers::Visit,
    clock,
    pool::lane::Lane,
    pool::shares::Client,
    reloadable::{Reloadable, Shared},
    request::answer::{self, ask_again},
    request::errand::Errand,
    request::receive,
    request::routed::{Asker, Done, Routed},
    request::target::{self, Found},
    request::who::identified,
    reserved::{self, Reader},
    tunnel,
};

/// Carries a request out, from its head to its answer.
pub(crate) async fn run(
    shared: &Arc<Shared>,
    live: &Reloadable,
    routed: Routed,
    incoming: &mut Incoming<'_>,
    asker: &Asker,
) -> Done {
    if routed.tunnels() {
        return tunnel::ask(shared, live, routed, asker).await;
    }
    let frame = Frame::of(live, &routed);
    frame.around(steps(shared, live, routed, incoming, asker).await)
}

/// The part of a request that decides the form of its answer.
#[derive(Debug)]
pub(crate) struct Frame {
    /// Accept, by which the form of an error is chosen.
    accept: Option<String>,
    /// The part that other origins have in it.
    visit: Visit,
    /// True if the answer carries no content (HEAD).
    omits: bool,
    /// The operator's choices.
    policy: Arc<Policy>,
}

impl Frame {
    /// That of a request.
    pub(crate) fn of(live: &Reloadable, routed: &Routed) -> Self {
        let Routed { row, call, policy, .. } = routed;
        let accept = call.fields.get(header::ACCEPT).and_then(|value| value.to_str().ok());
        Self {
            accept: accept.map(str::to_owned),
            visit: live.browsers.visit(*row, &call.fields),
            omits: routed.omits_content(),
            policy: Arc::clone(policy),
        }
    }

    /// Step 8.
    pub(crate) fn around(&self, made: Result<(Path, Reply), Stopped>) -> Done {
        let (mount, accept) = (&self.policy.mount, self.accept.as_deref());
        let answer = match made {
            Ok((path, mut reply)) => {
                mounted(&mut reply.fields, mount);
                if reply.witness.is_some() {
                    ask_again(reply.status, &mut reply.fields);
                    return self.visit.dress(Done::Keepable(path, reply));
                }
                answer::of_reply(reply)
            }
            Err(Stopped::Aborted) => return Done::Aborted,
            Err(Stopped::Refused(error)) => answer::of_error(error, accept, mount),
            Err(Stopped::Unreadable(condition, detail)) => {
                answer::of_bad_message(condition, detail)
            }
        };
        let answer = if self.omits { answer.without_content() } else { answer };
        self.visit.dress(Done::Answered(answer))
    }
}

/// Puts the place of the root collection before the paths in fields.
fn mounted(fields: &mut HeaderMap, mount: &Mount) {
    if mount.prefix().is_empty() {
        return;
    }
    for name in [header::LOCATION, header::CONTENT_LOCATION] {
        let value = fields.get(&name).and_then(|value| value.to_str().ok());
        let put = value.filter(|value| value.starts_with('/'));
        let put = put.map(|path| HeaderValue::from_str(&format!("{}{path}", mount.prefix())));
        if let Some(Ok(put)) = put {
            fields.insert(name, put);
        }
    }
}

/// Steps 2 to 7, of which any may refuse.
async fn steps(
    shared: &Arc<Shared>,
    live: &Reloadable,
    routed: Routed,
    incoming: &mut Incoming<'_>,
    asker: &Asker,
) -> Result<(Path, Reply), Stopped> {
    let policy = Arc::clone(&routed.policy);
    match known(shared, live, routed, (&policy.mount, asker)).await? {
        Known::Request(request, client) => {
            let known = (request, client, Reader::ByRules(shared));
            carried_out(shared, live, known, incoming, asker).await
        }
        Known::Moved(moved) => Ok((Path::root(), moved)),
    }
}

/// Steps 5 to 7, on the folder, or on what the server has of its own where that lies over it.
pub(crate) async fn carried_out(
    shared: &Arc<Shared>,
    live: &Reloadable,
    (mut request, client, reader): (Request, Client, Reader<'_>),
    incoming: &mut Incoming<'_>,
    asker: &Asker,
) -> Result<(Path, Reply), Stopped> {
    let path = request.path().clone();
    let overlay = reserved::laid_over(&reader, live, &mut request)?;
    let store = overlay.as_ref().map_or(&shared.store, |overlay| &overlay.store);
    let open = shared.descriptors.files.take(&request, &client)?;
    asker.open.get_or_init(|| open);
    let lane = &Lane::of(&**store, (&request, &client), &shared.pool.slow_disks);
    asker.lane.get_or_init(|| lane.clone());
    let request = &Arc::new(request);
    let errand = Errand { request, store, lane };
    let input = content(shared, live, errand, incoming).await?;
    let mut reply = perform(shared, errand, input, (client, incoming)).await?;
    match overlay {
        Some(overlay) => overlay.dress(&mut reply),
        None => shared.odd_names.look_at(&reply),
    }
    Ok((path, reply))
}

/// A request of which it is known what it is about and who made it, and as whose it is counted.
#[expect(
    clippy::large_enum_variant,
    reason = "it is taken apart at once; a box would cost every request an allocation"
)]
pub(crate) enum Known {
    /// A request that can be carried out.
    Request(Request, Client),
    /// Elsewhere: the resource has another address.
    Moved(Reply),
}

/// Steps 2 to 4, below a place of the root collection.
pub(crate) async fn known(
    shared: &Shared,
    live: &Reloadable,
    routed: Routed,
    (mount, asker): (&Mount, &Asker),
) -> Result<Known> {
    let method = routed.method()?;
    let found = target::of(method, &routed.call.target, mount)?;
    target::check_scheme(&routed)?;
    let (target, server) = match found {
        Found::Resource(target) => (target, false),
        Found::Server(target) => (target, true),
        Found::At(address) => {
            let moved = Reply::empty(StatusCode::MOVED_PERMANENTLY)
                .with(header::LOCATION, address)
                .with(header::CACHE_CONTROL, "no-cache");
            return Ok(Known::Moved(moved));
        }
    };
    let authority = target.authority.as_deref();
    live.browsers.admit(method, authority, &routed.call.fields, routed.caller)?;
    let (request, client) = identified(shared, live, routed, (target, server), asker).await?;
    Ok(Known::Request(request, client))
}

/// Steps 5 and 6: nobody uploads what would be refused; `Expect` is answered in between.
async fn content(
    shared: &Arc<Shared>,
    live: &Reloadable,
    errand: Errand<'_>,
    incoming: &mut Incoming<'_>,
) -> Result<Input, Stopped> {
    privilege::at_the_door(errand.request)?;
    if incoming.is_empty() {
        return Ok(Input::Nothing);
    }
    // Content that is here in whole already costs nobody anything: it is judged with the request,
    // unless it is what the request fails for.
    let unasked = [Unasked::Unsupported, Unasked::Malformed].map(Accepts::None);
    if unasked.contains(&errand.request.method.accepts) || !incoming.is_here() {
        look(errand).await?;
    }
    receive::content(shared, live, errand, incoming).await
}

/// Step 5: out of courtesy, before the content. Under the guard it is judged again.
async fn look(errand: Errand<'_>) -> Result<()> {
    let (store, request) = (Arc::clone(errand.store), Arc::clone(errand.request));
    let look = move || {
        read(&*store, clock::now(), |view| admit::admit(view, &request, &Input::Pending)).map(drop)
    };
    errand.lane.run(look).await
}

/// Step 7. What takes a few looks at a disk that reads fast, or gives a file little content without
/// waiting for it, runs at once; all else in the pool, what may take long within its client's share
/// of that.
async fn perform(
    shared: &Arc<Shared>,
    errand: Errand<'_>,
    input: Input,
    (client, incoming): (Client, &mut Incoming<'_>),
) -> Result<Reply, Stopped> {
    let Errand { request, store, lane } = errand;
    let cost = cost(request, &input);
    let swift = match (&request.method.run, &input) {
        (Run::Read(_), _) => cost == Cost::Looks && !lane.is_slow(),
        (Run::Write { .. }, Input::Bytes(bytes)) => {
            let small = cost < Cost::Long && bytes.len() <= SWIFT_BYTES_MAX;
            request.method.small_inline && small && store.writes_fast(request.path())
        }
        _ => false,
    };
    let performed = swift.then(|| at_once(errand, &input)).flatten().transpose()?;
    let (waiting, input) = match performed {
        Some(Performed::Done(reply)) => return Ok(reply),
        // Somebody came before.
        Some(Performed::Waits(waiting, input)) => (Some(waiting), input),
        None => (None, input),
    };
    tokio::select! {
        biased;
        done = on_the_pool(shared, errand, (waiting, input), (client, cost)) => Ok(done?),
        () = incoming.gone() => Err(Stopped::Aborted),
    }
}

/// Carries a request out on the event loop; nothing where that would have to wait.
///
/// # Errors
/// As [`admit::perform_in_turn`].
fn at_once(errand: Errand<'_>, input: &Input) -> Option<Result<Performed>> {
    let input = match input {
        Input::Bytes(bytes) => Input::Bytes(bytes.clone()),
        // What is read brings none, and what is staged is placed on the pool.
        Input::Nothing | Input::Pending | Input::Staged(_) | Input::Form(_) => Input::Nothing,
    };
    let Errand { request, store, .. } = errand;
    let perform = || admit::perform_in_turn(&**store, clock::now(), request, (None, input));
    work::at_once(perform)
}

/// Carries a request out on the pool, where nobody waits: neither for a share nor for a guard.
async fn on_the_pool(
    shared: &Arc<Shared>,
    Errand { request, store, lane }: Errand<'_>,
    (mut waiting, mut input): (Option<Waiting>, Input),
    (client, cost): (Client, Cost),
) -> Result<Reply> {
    // What may hang on a slow disk takes no place here from others; its lane has few as well.
    let of_lane = lane.is_slow();
    let share = match cost {
        Cost::Long => Some(Arc::new(shared.pool.long_work.take(client.clone()).await?)),
        Cost::Document if !of_lane => {
            Some(Arc::new(shared.pool.documents.take(client.clone()).await?))
        }
        Cost::Looks | Cost::Short if request.method.is_safe() && !of_lane => {
            Some(Arc::new(shared.pool.reading.take(client.clone()).await?))
        }
        Cost::Looks | Cost::Short | Cost::Document => None,
    };
    loop {
        let next = match waiting.take() {
            Some(waiting) => Some(its_turn(shared, client.clone(), waiting).await?),
            None => None,
        };
        let pool = match cost {
            Cost::Document if !of_lane => shared.pool.document_threads.handle(),
            Cost::Looks | Cost::Short | Cost::Long | Cost::Document => None,
        };
        let (store, request, share) = (Arc::clone(store), Arc::clone(request), share.clone());
        let performed = lane.run_on(pool, move || {
            let _until_done = share;
            admit::perform_in_turn(&*store, clock::now(), &request, (next, input))
        });
        match performed.await? {
            Performed::Done(reply) => return Ok(reply),
            Performed::Waits(its, again) => (waiting, input) = (Some(its), again),
        }
    }
}

/// Waits behind those who write to the same places.
async fn its_turn(shared: &Shared, client: Client, waiting: Waiting) -> Result<Next> {
    let _share = shared.pool.waiting.take(client).await?;
    timeout(GUARD_WAIT_MAX, waiting.next()).await.map_err(|_| too_long())
}

/// Octets that are written on the event loop.
const SWIFT_BYTES_MAX: usize = 64 * 1024;
