//! The ten steps of a request, one after the other, whatever protocol carried it.
//!
//! Parsing (1) and sending (9) belong to the protocol. Between them: the target (2), the row (3),
//! who asks (4), a look out of courtesy (5), the content (6), the method itself under its guard (7)
//! and the answer (8).

use std::{cell::OnceCell, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use methodical_methods::{
    admit::{self, Performed},
    cost::{Cost, cost},
    method::{Accepts, Method, Run, Unasked},
    policy::Policy,
    principal::Principal,
    privilege,
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
use tokio::time::timeout;

use crate::{
    answer::{Answer, ask_again},
    caller::Caller,
    clock,
    descriptors::Open,
    lane::Lane,
    live::{Live, Shared},
    own,
    receive::{self, Incoming, Stopped},
    shares::Client,
    target::{self, Found},
    tunnel::{self, Tunnel},
};

/// A head as any protocol gives it.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) fields: HeaderMap,
    /// As HTTP/1.1 has it.
    pub(crate) raw: Bytes,
    pub(crate) caller: Caller,
    /// The scheme, where the protocol tells it beside the target.
    pub(crate) scheme: Option<String>,
    /// Whether a proxy that is trusted passed it on.
    pub(crate) by_gateway: bool,
    /// The operator's choices, as they are for this request.
    pub(crate) policy: Arc<Policy>,
}

/// What came of a request.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// An answer to send.
    Answered(Answer),
    /// The same, and what may keep it for the next time.
    Keepable(Path, Reply),
    /// A tunnel, which the client is to be told of.
    Tunnel(Box<Tunnel>),
    /// The client went away before there was one.
    Aborted,
}

/// Who makes a request, as far as that is known, and what it has open until its answer was sent.
#[derive(Debug, Default)]
pub(crate) struct Asker {
    pub(crate) who: OnceCell<Arc<Principal>>,
    open: OnceCell<Open>,
    /// How what is still to be read for its answer comes to the pool.
    lane: OnceCell<Lane>,
}

impl Asker {
    /// Its way to the pool.
    pub(crate) fn lane(&self) -> Lane {
        self.lane.get().cloned().unwrap_or_default()
    }
}

/// Carries a request out, from its head to its answer; says who made it.
pub(crate) async fn run(
    shared: &Arc<Shared>,
    live: &Live,
    call: Call,
    incoming: &mut Incoming<'_>,
) -> (Outcome, Asker) {
    let asker = Asker::default();
    let outcome = outcome(shared, live, call, incoming, &asker).await;
    (outcome, asker)
}

async fn outcome(
    shared: &Arc<Shared>,
    live: &Live,
    call: Call,
    incoming: &mut Incoming<'_>,
    asker: &Asker,
) -> Outcome {
    let tunnels = shared.administers.is_none();
    if let Some(method) = tunnel::row(&call.method).filter(|_| tunnels) {
        return tunnel::ask(shared, live, (method, call), &asker.who).await;
    }
    let accept = call.fields.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let accept = accept.map(str::to_owned);
    let visit = live.browsers.visit(&call.method, &call.fields);
    let omits = table::find(&call.method).is_some_and(Method::omits_content);
    let policy = Arc::clone(&call.policy);
    let mount = &policy.mount;
    let answer = match steps(shared, live, call, incoming, asker).await {
        Ok((path, mut reply)) => {
            mounted(&mut reply.fields, mount);
            if reply.witness.is_some() {
                ask_again(reply.status, &mut reply.fields);
                return visit.dress(Outcome::Keepable(path, reply));
            }
            Answer::of_reply(reply)
        }
        Err(Stopped::Aborted) => return Outcome::Aborted,
        Err(Stopped::Refused(error)) => Answer::of_error(error, accept.as_deref(), mount),
        Err(Stopped::Unreadable(condition, detail)) => Answer::of_bad_message(condition, detail),
    };
    visit.dress(Outcome::Answered(if omits { answer.without_content() } else { answer }))
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
    live: &Live,
    call: Call,
    incoming: &mut Incoming<'_>,
    asker: &Asker,
) -> Result<(Path, Reply), Stopped> {
    let method = row(&call.method)?;
    let mount = own::mount(shared, &call.target, &call.policy.mount);
    let found = target::of(method, &call.target, &mount)?;
    target::check_scheme(&call)?;
    let (target, server) = match found {
        Found::Resource(target) => (target, false),
        Found::Server(target) => (target, true),
        Found::At(address) => {
            let moved = Reply::empty(StatusCode::MOVED_PERMANENTLY)
                .with(header::LOCATION, address)
                .with(header::CACHE_CONTROL, "no-cache");
            return Ok((Path::root(), moved));
        }
    };
    let authority = target.authority.as_deref();
    live.browsers.admit(method, authority, &call.fields, call.caller)?;
    let path = target.path.clone();
    let caller = call.caller;
    let principal = who(shared, live, method, &call).await?;
    let principal = Arc::clone(asker.who.get_or_init(|| principal));
    let client = Client::of(Some(&principal), &caller);
    let request = Request {
        method,
        conditions: Conditions::read(&call.fields),
        target,
        server,
        fields: call.fields,
        head: call.raw,
        policy: call.policy,
        principal,
        memory: shared.memory.within(live.limits.content_memory_bytes_max).of(&client),
        parsed: Parsed::default(),
    };
    if shared.administers.is_some() || path.is_reserved() && !server {
        return Ok((path, own::answer(shared, live, request, incoming).await?));
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

/// Step 4. Who asks for a tunnel asks a proxy (RFC 9110 section 11.7).
pub(crate) async fn who(
    shared: &Shared,
    live: &Live,
    method: &Method,
    call: &Call,
) -> Result<Arc<Principal>> {
    let tunnels = matches!(method.run, Run::Tunnel(_));
    let field = if tunnels { header::PROXY_AUTHORIZATION } else { header::AUTHORIZATION };
    let found = live.logins.principal(&shared.attempts, &call.caller, &call.fields, &field);
    Ok(Arc::new(found.await?))
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
    live: &Live,
    (request, lane): (&Arc<Request>, &Lane),
    incoming: &mut Incoming<'_>,
) -> Result<Input, Stopped> {
    privilege::at_the_door(request)?;
    if incoming.is_empty() {
        return Ok(Input::Nothing);
    }
    // Content that is here in whole already costs nobody anything: it is judged with the request,
    // unless it is what the request fails for.
    let fails = request.method.accepts == Accepts::None(Unasked::Unsupported);
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
