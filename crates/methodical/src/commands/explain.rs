//! `access explain`: whether somebody may use a method on a path, and the rule that says so.
//!
//! The answer is not worked out anew: a request is made up as a client would send it and handed to
//! the same `admit` that judges requests of clients, so that the two cannot disagree. Where a
//! folder is named it is opened and read; where none is, a store in memory holds what the method
//! needs. Nothing is written to a folder.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, ToSocketAddrs as _};
use std::sync::Arc;

use clap::ArgMatches;
use http::{HeaderMap, HeaderValue};
use methodical_folder::{FolderOptions, FolderStore};
use methodical_methods::admission::admit::admit;
use methodical_methods::admission::policy::Policy;
use methodical_methods::admission::privilege::{Need, needs};
use methodical_methods::memory::Memory;
use methodical_methods::method::{Fit, Locks, Method, Run};
use methodical_methods::request::{Input, Parsed, Request};
use methodical_methods::table;
use methodical_semantics::authority::{Authority, Host};
use methodical_semantics::condition::Condition;
use methodical_semantics::error::Error;
use methodical_semantics::footprint::{Footprint, Touch};
use methodical_semantics::lock::Lock;
use methodical_semantics::path::{Path, RESERVED};
use methodical_semantics::principal::Principal;
use methodical_semantics::rule::conditional::Conditions;
use methodical_semantics::rule::privilege::{Right, ShownTo, Verdict};
use methodical_semantics::rule::tunnelling::{Asker, Denied};
use methodical_semantics::target::ResourceTarget;
use methodical_semantics::timestamp::Timestamp;
use methodical_server::settings::{Settings, may_dial};
use methodical_store::memory::{MemoryOptions, MemoryStore};
use methodical_store::store::{Placement, Store};
use methodical_store::transaction::{Transaction, write};
use methodical_store::view::{View, read};

use crate::{
    failure::Failure,
    service::store::unopened,
    settings::{
        access::{self, known},
        config::CommandLine,
        suggestions::did_you_mean,
    },
};

/// The verdict, with the rule of each right that the method needs and whatever else would refuse
/// it; and whether it may be carried out.
///
/// # Errors
/// The configuration cannot be used, or there is no such user, method or path.
pub(crate) fn explain(matches: &ArgMatches, line: &CommandLine) -> Result<(String, bool), Failure> {
    let word = |id: &str| matches.get_one::<String>(id).map(String::as_str);
    let effective = line.effective()?;
    let dir = effective.draft.dir.clone();
    let root = dir.clone().unwrap_or_default();
    let settings = effective.draft.finish(root).map_err(Failure::refused)?;
    let principal = principal(word("who").unwrap_or_default(), &settings)?;
    let method = method(word("method").unwrap_or_default())?;
    if matches!(method.run, Run::Tunnel(_)) {
        return tunnel(word("path").unwrap_or_default(), &settings, &principal);
    }
    let request = request(
        (method, word("path").unwrap_or_default(), word("destination")),
        &settings,
        &principal,
    )?;
    let store: Box<dyn Store> = match &dir {
        Some(dir) => Box::new(
            FolderStore::open(dir, options(&settings)).map_err(|failed| unopened(&failed))?,
        ),
        None => Box::new(MemoryStore::new(memory_options(&settings), Box::new(now))),
    };
    if dir.is_none() {
        imagine(&*store, &request).map_err(|error| Failure::run(error.to_string()))?;
    }
    let request = with_fields(&*store, request)?;
    let needed = read(&*store, now(), |view| needs(view, &request, &Input::Pending));
    let needed = match needed {
        Err(error) if leads_nowhere(&request) && is_bad_field(&error) => {
            let name = method.name;
            return Err(Failure::refused(format!(
                "say where {name} is to lead: --destination PATH"
            )));
        }
        needed => needed.map_err(|error| format!("would be refused in any case: {error}")),
    };
    let refused = read(&*store, now(), |view| Ok(refusal(view, &request)));
    let refused = refused.map_err(|error| Failure::run(error.to_string()))?;
    let (mut text, may) = verdict(&request, needed, refused);
    if dir.is_none() {
        text.push_str(
            "(no folder is named, by DIR or `dir`: judged as if what the method needs were there, \
             and nothing else)\n",
        );
    }
    Ok((text, may))
}

/// Makes in an empty store what a request could be about: the folders that lead to its target and
/// destination, and the target itself for a method that makes none.
fn imagine(store: &dyn Store, request: &Request) -> Result<(), Error> {
    let target = request.path();
    let needs_target = request.method.applies.unmapped == Fit::Missing && !target.is_root();
    let destination = request.fields.get("destination").and_then(|field| field.to_str().ok());
    let destination = destination.and_then(|path| Path::decode(path).ok());
    let mut folders = target.ancestors();
    folders.extend(destination.iter().flat_map(|(path, _)| path.ancestors()));
    if needs_target && request.target.slash {
        folders.push(target.clone());
    }
    for folder in folders.iter().filter(|folder| !folder.is_root()) {
        made(store, folder, |transaction| transaction.make_collection(folder))?;
    }
    if needs_target && !request.target.slash {
        made(store, target, |transaction| {
            let staged = transaction.stage(target)?.finish()?;
            transaction.place(target, staged, Placement::default())
        })?;
    }
    Ok(())
}

/// Makes something where nothing is.
fn made(
    store: &dyn Store,
    path: &Path,
    make: impl FnOnce(&mut Transaction<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    if read(store, now(), |view| view.find(path))?.is_some() {
        return Ok(());
    }
    let touches = || {
        let members = path.parent().map(|parent| Touch::members(&parent));
        Footprint([Touch::content(path)].into_iter().chain(members).collect())
    };
    write(store, now(), |_| Ok(touches()), make).map(drop)
}

/// The request with the fields that a client would send and without which nothing is judged: the
/// token of a lock that is held there, and the type of a patch that fits every file.
fn with_fields(store: &dyn Store, mut request: Request) -> Result<Request, Failure> {
    let field = match (request.method.locks, request.method.accept_field) {
        (Locks::Gives, _) => {
            let locks = read(store, now(), |view| view.covering(request.path()));
            let locks = locks.map_err(|error| Failure::run(error.to_string()))?;
            let mine = |lock: &&Arc<Lock>| lock.is_for(request.principal.name.as_deref());
            let lock = locks.iter().find(mine).or(locks.first());
            // RFC 9562 section 5.9: the one that nothing bears.
            let none = "urn:uuid:00000000-0000-0000-0000-000000000000";
            let token = lock.map_or(none, |lock| &lock.token);
            Some(("lock-token", format!("<{token}>")))
        }
        (_, Some("accept-patch")) => Some(("content-type", "message/byterange".to_owned())),
        _ => None,
    };
    if let Some((name, value)) = field {
        let value = HeaderValue::from_str(&value);
        let value = value.map_err(|cause| Failure::run(cause.to_string()))?;
        request.fields.insert(name, value);
    }
    Ok(request)
}

/// Returns whether it was not said where COPY or MOVE is to lead.
fn leads_nowhere(request: &Request) -> bool {
    request.method.destination && !request.fields.contains_key("destination")
}

/// The reason why a request would be refused.
enum Refused {
    /// Whoever has which rights.
    Anyway(String),
    /// For the rights that it needs, or, where it has those, for what may not be told of the place.
    Turned(String),
}

/// The reason why a request would be refused; nothing if it would not.
fn refusal(view: &View<'_>, request: &Request) -> Option<Refused> {
    match admit(view, request, &Input::Pending) {
        Ok(_) if request.method.is_safe() => hidden(view, request),
        Ok(_) => None,
        // What is not there yet may be read once it is.
        Err(Error::Refused(refusal))
            if refusal.condition == Condition::NotFound && request.method.is_safe() =>
        {
            hidden(view, request)
        }
        // It is not about this request but about how it is made.
        Err(Error::Refused(refusal)) if refusal.condition == Condition::PreconditionRequired => {
            None
        }
        Err(Error::Refused(refusal))
            if refusal.condition == Condition::MethodNotAllowed
                && !request.policy.writable
                && !request.method.is_safe() =>
        {
            let why = "405, nothing is written: say --write (write = true)";
            Some(Refused::Anyway(why.to_owned()))
        }
        Err(Error::Refused(refusal)) if is_turned_away(refusal.condition) => {
            Some(Refused::Turned(Error::Refused(refusal).to_string()))
        }
        Err(error) => Some(Refused::Anyway(error.to_string())),
    }
}

/// Returns whether a refusal is for lack of rights: 401 or 403.
const fn is_turned_away(condition: Condition) -> bool {
    matches!(condition, Condition::Unauthorized | Condition::Forbidden)
}

/// The reason why a method that reads would not find what bears a leading dot.
fn hidden(view: &View<'_>, request: &Request) -> Option<Refused> {
    let path = request.path();
    let is_dotted = path.segments().any(|name| name.starts_with(b"."));
    let is_seen = || !matches!(view.seen_by(&request.access()).find(path), Ok(None));
    if !is_dotted || request.method.applies.unmapped != Fit::Missing || is_seen() {
        return None;
    }
    let why = "404, nothing is there, or it is hidden for its leading dot (--hidden)";
    Some(Refused::Anyway(why.to_owned()))
}

/// The verdict on a tunnel to `host:port`. The addresses of a host are looked at where they need
/// no name server.
fn tunnel(to: &str, settings: &Settings, principal: &Principal) -> Result<(String, bool), Failure> {
    let to = Authority::parse(to).map_err(|error| Failure::refused(error.detail()))?;
    let verdict = settings.policy.rules.judge(principal, Right::Tunnel, &Path::root());
    let privileged = !settings.policy.rules.is_open() && verdict.allowed;
    let name = principal.name.as_deref();
    let asker = Asker { name, groups: &principal.groups, privileged };
    let (may, why) = match settings.policy.tunnels.judge(&asker, &to) {
        Ok(reach) => match known_addresses(&to) {
            Some(found) if !found.iter().any(|it| may_dial(&reach, *it).is_some()) => {
                (false, format!("{} is not where a tunnel may lead: where {reach}", shown(&found)))
            }
            Some(_) | None => (true, format!("where {reach}")),
        },
        Err(_) if !settings.policy.tunnels.permit_any() => {
            (false, "no tunnels are made: neither --connect nor [[connect]]".to_owned())
        }
        Err(Denied::Target) => (false, "no rule for tunnels is about it".to_owned()),
        Err(Denied::Asker) => {
            let need = Need { right: Right::Tunnel, path: Path::root(), tree: false };
            let why = format!("the rules for it are for others ({})", line(&need, &verdict));
            (false, why)
        }
    };
    let verb = if may { "may" } else { "may not" };
    Ok((format!("{} {verb} CONNECT {to}\n  {why}\n", name.unwrap_or("anyone")), may))
}

/// The addresses of a host that are known without a name server: what it is itself, and those of
/// this machine by its names.
fn known_addresses(to: &Authority) -> Option<Vec<IpAddr>> {
    let name = match &to.host {
        Host::Address(address) => return Some(vec![*address]),
        Host::Name(name) => name.trim_end_matches('.'),
    };
    // RFC 6761 section 6.3: so is every name below it.
    if name == "localhost" || name.ends_with(".localhost") {
        return Some(vec![IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)]);
    }
    let own = rustix::system::uname().nodename().to_string_lossy().into_owned();
    if !name.eq_ignore_ascii_case(&own) {
        return None;
    }
    let found = (name, to.port).to_socket_addrs();
    found.ok().map(|found| found.map(|address| address.ip()).collect())
}

/// The addresses, parted by commas.
fn shown(addresses: &[IpAddr]) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The text of the answer: what is needed, or why that cannot be said; and why it is refused all
/// the same.
fn verdict(
    request: &Request,
    needed: Result<Vec<Need>, String>,
    refused: Option<Refused>,
) -> (String, bool) {
    let rules = &request.policy.rules;
    let who = request.principal.name.as_deref().unwrap_or("anyone");
    let (needed, unsaid) = match needed {
        Ok(needed) => (needed, None),
        Err(why) => (Vec::new(), Some(why)),
    };
    let judged: Vec<(&Need, Verdict<'_>)> =
        needed.iter().map(|need| (need, need.judge(rules, &request.principal))).collect();
    let has_rights = judged.iter().all(|(_, verdict)| verdict.allowed);
    let may = has_rights && unsaid.is_none() && refused.is_none();
    let helps = !has_rights && request.principal.name.is_none() && {
        let lacking = judged.iter().filter(|(_, verdict)| !verdict.allowed);
        lacking.into_iter().any(|(need, _)| rules.login_helps(Some(need.right), &need.path))
    };
    let verb = if may { "may" } else { "may not" };
    let mut text = format!("{who} {verb} {} {}", request.method.name, request.path());
    text.push_str(if helps { "; a login could help\n" } else { "\n" });
    for (need, verdict) in judged {
        // Writing to a String cannot fail.
        _ = writeln!(text, "  {}", line(need, &verdict));
    }
    let why = unsaid.or_else(|| match refused? {
        Refused::Anyway(why) => Some(format!("refused in any case: {why}")),
        // The rights that are lacking tell it already.
        Refused::Turned(_) if !has_rights => None,
        Refused::Turned(why) => Some(format!(
            "refused all the same: {why} (who may not read here is not told what the place is)"
        )),
    });
    text.extend(why.map(|why| format!("  {why}\n")));
    (text, may)
}

/// A line for one right: where it is needed, whether it is there, and by which rule of which place.
fn line(need: &Need, verdict: &Verdict<'_>) -> String {
    let Need { right, path, tree } = need;
    let below = if *tree { " and below" } else { "" };
    let answer = if verdict.allowed { "yes" } else { "no" };
    let why = match (verdict.rule, verdict.place) {
        (Some(rule), _) => {
            let source = if rule.source.is_empty() { "a rule" } else { &rule.source };
            format!("{} has {} at {} ({source})", rule.who, rule.rights, rule.path)
        }
        (None, Some(place)) => format!("the rules for {place} name nobody like that"),
        (None, None) if verdict.allowed => "there are no rules".to_owned(),
        (None, None) => "no rule is about this path".to_owned(),
    };
    format!("{right} at {path}{below}: {answer}; {why}")
}

/// The principal of a name: a user with the groups that it has, over a connection that counts as
/// secure, or `anyone`, who has not logged in.
///
/// # Errors
/// There is no such user; the sentence offers one that is spelled alike.
fn principal(name: &str, settings: &Settings) -> Result<Principal, Failure> {
    if name == "anyone" {
        return Ok(Principal::default());
    }
    let known = known(&settings.users, settings).map_err(Failure::refused)?;
    if !known.contains(name) {
        let names = known.iter().map(String::as_str).chain(["anyone"]);
        let hint = did_you_mean(name, names);
        return Err(Failure::refused(format!("there is no user {name:?}{hint}")));
    }
    let groups = settings.users.groups_of(name);
    Ok(Principal { groups, secure: true, ..Principal::named(name) })
}

/// The row of a method by its name, with its case.
fn method(name: &str) -> Result<&'static Method, Failure> {
    table::find(name).ok_or_else(|| {
        let names = methodical_methods::METHODS.iter().map(|method| method.name);
        let hint = did_you_mean(name, names);
        Failure::refused(format!("{name:?} is no registered method{hint}"))
    })
}

/// A request as it would be read from a client, without fields but Destination.
///
/// # Errors
/// The path cannot be read, or lies under `/.methodical/`, which no rule is about.
fn request(
    (method, path, destination): (&'static Method, &str, Option<&str>),
    settings: &Settings,
    principal: &Principal,
) -> Result<Request, Failure> {
    let read = |text: &str| access::path(text).map_err(Failure::refused);
    let (at, slash) = (read(path)?, path.ends_with('/'));
    if at.segments().next() == Some(RESERVED) {
        return Err(Failure::refused(format!(
            "no rule is about what is under /.methodical/: it is the server's own, and {at} is \
             only read"
        )));
    }
    let target = ResourceTarget { path: at, slash, query: None, authority: None };
    let mut fields = HeaderMap::new();
    if let Some(destination) = destination {
        let value = HeaderValue::from_str(&read(destination)?.encoded());
        fields.insert("destination", value.map_err(|cause| Failure::run(cause.to_string()))?);
    }
    Ok(Request {
        method,
        target,
        server: false,
        conditions: Conditions::read(&fields),
        fields,
        head: "".into(),
        policy: Arc::new(Policy::from(settings)),
        principal: Arc::new(principal.clone()),
        memory: Memory::default(),
        parsed: Parsed::default(),
    })
}

/// Returns whether a request is refused for one of its fields.
fn is_bad_field(error: &Error) -> bool {
    matches!(error, Error::Refused(refusal) if refusal.condition == Condition::BadField)
}

/// The folder as the server would show it, opened to be read.
fn options(settings: &Settings) -> FolderOptions {
    FolderOptions {
        hidden: settings.policy.hidden != ShownTo::Nobody,
        follow_symlinks: settings.symlinks,
        ..FolderOptions::default()
    }
}

/// The same for the store in memory.
fn memory_options(settings: &Settings) -> MemoryOptions {
    let hidden = settings.policy.hidden != ShownTo::Nobody;
    MemoryOptions { hidden, ..MemoryOptions::default() }
}

fn now() -> Timestamp {
    Timestamp::from(std::time::SystemTime::now())
}
