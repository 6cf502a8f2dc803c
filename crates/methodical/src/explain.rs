//! `access explain`: whether somebody may use a method on a path, and the rule that says so.

use std::fmt::Write as _;
use std::sync::Arc;

use clap::ArgMatches;
use http::{HeaderMap, HeaderValue};
use methodical_methods::method::{Method, Run};
use methodical_methods::policy::Policy;
use methodical_methods::privilege::{Need, needs};
use methodical_methods::request::Request;
use methodical_methods::table;
use methodical_semantics::authority::Authority;
use methodical_semantics::condition::Condition;
use methodical_semantics::error::Error;
use methodical_semantics::path::Path;
use methodical_semantics::principal::Principal;
use methodical_semantics::rule::conditional::Conditions;
use methodical_semantics::rule::privilege::{Right, Rules, Verdict};
use methodical_semantics::rule::tunnelling::{Asker, Denied};
use methodical_semantics::target::ResourceTarget;
use methodical_semantics::timestamp::Timestamp;
use methodical_server::config::Settings;
use methodical_store::folder::{FolderOptions, FolderStore};
use methodical_store::memory::{MemoryOptions, MemoryStore};
use methodical_store::store::Store;
use methodical_store::view::read;

use crate::access::{self, known};
use crate::config::CommandLine;
use crate::failure::Failure;
use crate::near::did_you_mean;

/// The verdict, with the rule of each right that the method needs.
///
/// # Errors
/// The configuration cannot be used, or there is no such user, method or path.
pub(crate) fn explain(matches: &ArgMatches, line: &CommandLine) -> Result<String, Failure> {
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
        None => Box::new(MemoryStore::new(MemoryOptions::default(), Box::new(now))),
    };
    let needed = read(&*store, now(), |view| needs(view, &request));
    let mut text = match needed {
        Ok(needed) => verdict(&request, &settings.rules, &needed),
        Err(error) if word("destination").is_none() && is_bad_field(&error) => {
            let name = method.name;
            return Err(Failure::refused(format!(
                "say where {name} is to lead: --destination PATH"
            )));
        }
        Err(error) => format!("{} would be refused in any case: {error}\n", method.name),
    };
    if dir.is_none() {
        text.push_str("(no folder is named: judged as if nothing were there)\n");
    }
    if !settings.write && !method.is_safe() {
        text.push_str("(--write is off: no method changes anything, whoever uses it)\n");
    }
    Ok(text)
}

/// The verdict on a tunnel to `host:port`, without a look at the addresses that the host has.
fn tunnel(to: &str, settings: &Settings, principal: &Principal) -> Result<String, Failure> {
    let to = Authority::parse(to).map_err(|error| Failure::refused(error.detail()))?;
    let verdict = settings.rules.judge(principal, Right::Tunnel, &Path::root());
    let privileged = !settings.rules.is_open() && verdict.allowed;
    let name = principal.name.as_deref();
    let asker = Asker { name, groups: &principal.groups, privileged };
    let (verb, why) = match settings.tunnels.judge(&asker, &to) {
        Ok(reach) => ("may", format!("where {reach}")),
        Err(_) if !settings.tunnels.permit_any() => {
            ("may not", "no tunnels are made: neither --connect nor [[connect]]".to_owned())
        }
        Err(Denied::Target) => ("may not", "no rule for tunnels is about it".to_owned()),
        Err(Denied::Asker) => {
            let need = Need { right: Right::Tunnel, path: Path::root(), tree: false };
            let why = format!("the rules for it are for others ({})", line(&need, &verdict));
            ("may not", why)
        }
    };
    Ok(format!("{} {verb} CONNECT {to}\n  {why}\n", name.unwrap_or("anyone")))
}

fn verdict(request: &Request, rules: &Rules, needed: &[Need]) -> String {
    let who = request.principal.name.as_deref().unwrap_or("anyone");
    let judged: Vec<(&Need, Verdict<'_>)> =
        needed.iter().map(|need| (need, need.judge(rules, &request.principal))).collect();
    let may = judged.iter().all(|(_, verdict)| verdict.allowed);
    let helps = !may && request.principal.name.is_none() && {
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
    text
}

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

fn method(name: &str) -> Result<&'static Method, Failure> {
    table::find(name).ok_or_else(|| {
        let names = methodical_methods::METHODS.iter().map(|method| method.name);
        let hint = did_you_mean(name, names);
        Failure::refused(format!("{name:?} is no registered method{hint}"))
    })
}

fn request(
    (method, path, destination): (&'static Method, &str, Option<&str>),
    settings: &Settings,
    principal: &Principal,
) -> Result<Request, Failure> {
    let read = |text: &str| access::path(text).map_err(Failure::refused);
    let (at, slash) = (read(path)?, path.ends_with('/'));
    let target = ResourceTarget { path: at, slash, query: None, authority: None };
    let mut fields = HeaderMap::new();
    if let Some(destination) = destination {
        let value = HeaderValue::from_str(&read(destination)?.encoded());
        fields.insert("destination", value.map_err(|cause| Failure::run(cause.to_string()))?);
    }
    let rules = Arc::clone(&settings.rules);
    Ok(Request {
        method,
        target,
        server: false,
        conditions: Conditions::read(&fields),
        fields,
        head: "".into(),
        policy: Arc::new(Policy { writable: true, rules, ..Policy::default() }),
        principal: Arc::new(principal.clone()),
    })
}

fn is_bad_field(error: &Error) -> bool {
    matches!(error, Error::Refused(refusal) if refusal.condition == Condition::BadField)
}

fn options(settings: &Settings) -> FolderOptions {
    FolderOptions {
        hidden: settings.hidden,
        follow_symlinks: settings.symlinks,
        ..FolderOptions::default()
    }
}

fn unopened(failed: &methodical_store::folder::OpenError) -> Failure {
    Failure::unavailable(failed.to_string().trim_end_matches('.'))
}

fn now() -> Timestamp {
    Timestamp::from(std::time::SystemTime::now())
}
