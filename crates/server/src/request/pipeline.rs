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
    method::{Accepts, Method, Run, Unasked},
    reply::Reply,
    request::{Input, Parsed, Request},
    table,
};
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    mount::Mount,
    path::Path,
    rule::conditional::Conditions,
};
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
    request::receive,
    request::received::{Asker, Done, Received},
    request::target::{self, Found},
    request::who::who,
    reserved, tunnel,
};

/// Carries a request out, from its head to its answer.
pub(crate) async fn run(
    shared: &Arc<Shared>,
    live: &Reloadable,
    received: Received,
    incoming: &mut Incoming<'_>,
    asker: &Asker,
) -> Done {
    if let Some(method) = tunnel::row(&received.call.method) {
        return tunnel::ask(shared, live, (method, received), &asker.who).await;
    }
    let frame = Frame::of(live, &received);
    frame.around(steps(shared, live, received, incoming, asker).await)
}

/// What of a request decides the form of its answer.
#[derive(Debug)]
pub(crate) struct Frame {
    accept: Option<String>,
    visit: Visit,
    omits: bool,
    policy: Arc<Policy>,
}

impl Frame {
    /// That of a request.
    pub(crate) fn of(live: &Reloadable, received: &Received) -> Self {
        let Received { call, policy, .. } = received;
        let accept = call.fields.get(header::ACCEPT).and_then(|value| value.to_str().ok());
        Self {
            accept: accept.map(str::to_owned),
            visit: live.browsers.visit(&call.method, &call.fields),
            omits: table::find(&call.method).is_some_and(Method::omits_content),
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

async fn steps(
    shared: &Arc<Shared>,
    live: &Reloadable,
    received: Received,
    incoming: &mut Incoming<'_>,
    asker: &Asker,
) -> Result<(Path, Reply), Stopped> {
    let policy = Arc::clone(&received.policy);
    let (request, client) = match known(shared, live, received, (&policy.mount, asker)).await? {
        Known::Request(request, client) => (request, client),
        Known::Moved(moved) => return Ok((Path::root(), moved)),
    };
    let path = request.path().clone();
    if path.is_reserved() && !request.server {
        let reader = reserved::Reader::ByRules(shared);
        return Ok((path, reserved::answer(shared, live, (reader, request), incoming).await?));
    }
    let open = shared.descriptors.files.take(&request, &client)?;
    asker.open.get_or_init(|| open);
    let lane = Lane::of(&*shared.store, (&request, &client), &shared.pool.slow_disks);
    asker.lane.get_or_init(|| lane.clone());
    let request = Arc::new(request);
    let received = content(shared, live, (&request, &lane), incoming).await?;
    let reply = perform(shared, request, received, (client, &lane, incoming)).await?;
    shared.odd_names.look_at(&reply);
    Ok((path, reply))
}

/// A request of which it is known what it is about and who made it, and as whose it is counted.
#[expect(
    clippy::large_enum_variant,
    reason = "it is taken apart at once; a box would cost every request an allocation"
)]
pub(crate) enum Known {
    Request(Request, Client),
    /// What it is about is elsewhere.
    Moved(Reply),
}

/// Steps 2 to 4, below a place of the root collection.
pub(crate) async fn known(
    shared: &Shared,
    live: &Reloadable,
    received: Received,
    (mount, asker): (&Mount, &Asker),
) -> Result<Known> {
    let method = row(&received.call.method)?;
    let found = target::of(method, &received.call.target, mount)?;
    target::check_scheme(&received)?;
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
    live.browsers.admit(method, authority, &received.call.fields, received.caller)?;
    let principal = who(shared, live, method, &received).await?;
    let principal = Arc::clone(asker.who.get_or_init(|| principal));
    let client = Client::of(Some(&principal), &received.caller);
    let Received { call, policy, .. } = received;
    let request = Request {
        method,
        conditions: Conditions::read(&call.fields),
        target,
        server,
        fields: call.fields,
        head: call.raw,
        policy,
        principal,
        memory: shared.memory.within(live.limits.content_memory_bytes_max).of(&client),
        parsed: Parsed::default(),
    };
    Ok(Known::Request(request, client))
}

/// Step 3. A name outside the registry is 501, as is one that is not written yet.
fn row(name: &str) -> Result<&'static Method> {
    table::find(name).ok_or_else(|| {
        Error::refused(
            Condition::UnknownMethod,
            "This is no method of the IANA registry; mind that names are case-sensitive.",
        )
    })
}

/// Steps 5 and 6: nobody uploads what would be refused; `Expect` is answered in between.
async fn content(
    shared: &Arc<Shared>,
    live: &Reloadable,
    (request, lane): (&Arc<Request>, &Lane),
    incoming: &mut Incoming<'_>,
) -> Result<Input, Stopped> {
    privilege::at_the_door(request)?;
    if incoming.is_empty() {
        return Ok(Input::Nothing);
    }
    // Content that is here in whole already costs nobody anything: it is judged with the request,
    // unless it is what the request fails for.
    let refuses = |unasked| request.method.accepts == Accepts::None(unasked);
    let fails = refuses(Unasked::Unsupported) || refuses(Unasked::Malformed);
    if fails || !incoming.is_here() {
        look(shared, (request, lane)).await?;
    }
    receive::content(shared, live, (request, lane), incoming).await
}

/// Step 5: out of courtesy, before the content. Under the guard it is judged again.
async fn look(shared: &Arc<Shared>, (request, lane): (&Arc<Request>, &Lane)) -> Result<()> {
    let (shared, request) = (Arc::clone(shared), Arc::clone(request));
    lane.run(move || {
        read(&*shared.store, clock::now(), |view| admit::admit(view, &request, &Input::Pending))
            .map(drop)
    })
    .await
}

/// Step 7. What takes a few looks at a disk that reads fast, or gives a file little content without
/// waiting for it, runs at once; all else in the pool, what may take long within its client's share
/// of that.
async fn perform(
    shared: &Arc<Shared>,
    request: Arc<Request>,
    input: Input,
    (client, lane, incoming): (Client, &Lane, &mut Incoming<'_>),
) -> Result<Reply, Stopped> {
    let cost = cost(&request, &input);
    let swift = match (&request.method.run, &input) {
        (Run::Read(_), _) => cost == Cost::Looks && !lane.is_slow(),
        (Run::Write { .. }, Input::Bytes(bytes)) => {
            let small = cost < Cost::Long && bytes.len() <= SWIFT_BYTES_MAX;
            request.method.small_inline && small && shared.store.writes_fast(request.path())
        }
        _ => false,
    };
    let performed = swift.then(|| at_once(shared, &request, &input)).flatten().transpose()?;
    let (waiting, input) = match performed {
        Some(Performed::Done(reply)) => return Ok(reply),
        // Somebody came before.
        Some(Performed::Waits(waiting, input)) => (Some(waiting), input),
        None => (None, input),
    };
    tokio::select! {
        biased;
        done = on_the_pool(shared, request, (waiting, input), (client, lane, cost)) => Ok(done?),
        () = incoming.gone() => Err(Stopped::Aborted),
    }
}

/// Carries a request out on the event loop; nothing where that would have to wait.
///
/// # Errors
/// As [`admit::perform_in_turn`].
fn at_once(shared: &Shared, request: &Request, input: &Input) -> Option<Result<Performed>> {
    let input = match input {
        Input::Bytes(bytes) => Input::Bytes(bytes.clone()),
        // What is read brings none, and what is staged is placed on the pool.
        Input::Nothing | Input::Pending | Input::Staged(_) | Input::Form(_) => Input::Nothing,
    };
    let perform = || admit::perform_in_turn(&*shared.store, clock::now(), request, (None, input));
    work::at_once(perform)
}

/// Carries a request out on the pool, where nobody waits: neither for a share nor for a guard.
async fn on_the_pool(
    shared: &Arc<Shared>,
    request: Arc<Request>,
    (mut waiting, mut input): (Option<Waiting>, Input),
    (client, lane, cost): (Client, &Lane, Cost),
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
        let (shared, request, share) = (Arc::clone(shared), Arc::clone(&request), share.clone());
        let performed = lane.run_on(pool, move || {
            let _until_done = share;
            admit::perform_in_turn(&*shared.store, clock::now(), &request, (next, input))
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
