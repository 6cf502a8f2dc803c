//! Rights, judged for all methods: safe ones need to read their target, others need whatever their
//! footprint says that they do.
//!
//! Nothing is told before that. Who may not read what a request names gets one and the same answer
//! whatever is there, unless the rights suffice to carry the request out.
//!
//! A name is judged twice: by the path that was asked for, and by the one to which links on its way
//! lead. Rules may be about either, and a link that somebody else made must not go around them.

mod links;

use http::{HeaderValue, header};
use methodical_semantics::{
    condition::Condition,
    error::{Error, Refusal, Result},
    footprint::{Footprint, Part, Touch},
    header::depth::Depth,
    path::Path,
    principal::Principal,
    rule::privilege::{Right, Rules, Verdict},
};
use methodical_store::view::View;

use crate::{
    method::Run,
    place::destination::here,
    request::{Input, Request},
};

/// Turns away who has no right at all that the request could need, before its content is received
/// and without a look at what is there.
///
/// # Errors
/// `Unauthorized` where a login could help, else `Forbidden`.
pub fn at_the_door(request: &Request) -> Result<()> {
    let access = request.access();
    if access.rules.is_open() || request.server {
        return Ok(());
    }
    let path = request.path();
    let has_any = || Right::ALL.iter().any(|right| access.allows(*right, path));
    let passes =
        if request.method.is_safe() { access.allows(Right::Read, path) } else { has_any() };
    if passes { Ok(()) } else { Err(turned_away(request)) }
}

/// Checks whether the one who asks may administer the server, whatever is served.
///
/// # Errors
/// `Unauthorized` where a login could help, else `Forbidden`.
pub fn administers(request: &Request) -> Result<()> {
    let root = Path::root();
    if request.access().allows(Right::Admin, &root) {
        return Ok(());
    }
    Err(lacks(request, Right::Admin, &root))
}

/// Checks whether the one who asks has logged in.
///
/// # Errors
/// `Unauthorized`, or `Forbidden` where nobody can log in from there.
pub fn logged_in(request: &Request) -> Result<()> {
    if request.principal.name.is_some() {
        return Ok(());
    }
    Err(login_wanted(request).unwrap_or_else(|| {
        let detail = "Only who is logged in can see this.";
        Error::refused(Condition::Forbidden, detail)
    }))
}

/// Returns whether a right is there at a path, and where that truly is.
///
/// # Errors
/// A failure of the store.
pub fn may(view: &View<'_>, request: &Request, right: Right, path: &Path) -> Result<bool> {
    let access = request.access();
    if access.rules.is_open() {
        return Ok(true);
    }
    if !access.allows(right, path) {
        return Ok(false);
    }
    // Only now: the way of links costs a look at the disk, and tells whether something is there.
    let real_path = view.real_path(path)?;
    Ok(real_path == *path || access.allows(right, &real_path))
}

/// Returns whether the request may be told what is at the places that it names: its target and its
/// destination.
///
/// # Errors
/// A failure of the store.
pub(crate) fn is_told(view: &View<'_>, request: &Request) -> Result<bool> {
    if request.policy.rules.is_open() || request.server {
        return Ok(true);
    }
    if !may(view, request, Right::Read, request.path())? {
        return Ok(false);
    }
    match request.destination() {
        Ok(Some(named)) => match here(named, request) {
            Some(path) => may(view, request, Right::Read, &path),
            None => Ok(true),
        },
        Ok(None) | Err(_) => Ok(true),
    }
}

/// Checks whether a safe method may be carried out.
///
/// # Errors
/// `Unauthorized`, `Forbidden`.
pub(crate) fn judge_read(view: &View<'_>, request: &Request) -> Result<()> {
    if request.server || may(view, request, Right::Read, request.path())? {
        return Ok(());
    }
    Err(turned_away(request))
}

/// Checks whether whatever a method touches may be touched so.
///
/// # Errors
/// `Unauthorized`, `Forbidden`.
pub(crate) fn judge_footprint(
    view: &View<'_>,
    request: &Request,
    footprint: &Footprint,
) -> Result<()> {
    if request.policy.rules.is_open() {
        return Ok(());
    }
    footprint.0.iter().try_for_each(|touch| judge_touch(view, request, touch))
}

fn judge_touch(view: &View<'_>, request: &Request, touch: &Touch) -> Result<()> {
    let needed = needed(view, touch)?;
    let rules = &request.policy.rules;
    if let Some(need) = needed.iter().find(|need| !need.judge(rules, &request.principal).allowed) {
        return Err(lacks(request, need.right, &touch.path));
    }
    if touch.part == Part::Source && touch.depth != Depth::Zero {
        return links::judge(view, request, &view.real_path(&touch.path)?);
    }
    Ok(())
}

/// A right that a request needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// The right.
    pub right: Right,
    /// The path at which it is needed.
    pub path: Path,
    /// True if it is needed everywhere below, too.
    pub tree: bool,
}

impl Need {
    /// Returns whether somebody has the right.
    pub fn judge<'r>(&self, rules: &'r Rules, principal: &Principal) -> Verdict<'r> {
        if self.tree {
            rules.judge_tree(principal, self.right, &self.path)
        } else {
            rules.judge(principal, self.right, &self.path)
        }
    }
}

/// The rights that a request needs, as the store is now.
///
/// # Errors
/// What the footprint of its method refuses.
pub fn needs(view: &View<'_>, request: &Request, input: &Input) -> Result<Vec<Need>> {
    let at = |right, path: &Path| Need { right, path: path.clone(), tree: false };
    let footprint = match request.method.run {
        Run::Write { touches, .. } => touches(view, request, input)?,
        Run::Tunnel(_) => return Ok(vec![at(Right::Tunnel, &Path::root())]),
        Run::Read(_) | Run::Ask(_) | Run::Reserved(_) | Run::Planned { .. } => {
            let (path, real_path) = (request.path(), view.real_path(request.path())?);
            let mut needs = vec![at(Right::Read, path), at(Right::Read, &real_path)];
            needs.dedup();
            return Ok(needs);
        }
    };
    let mut needs: Vec<Need> = Vec::new();
    for touch in &footprint.0 {
        for need in needed(view, touch)? {
            if !needs.contains(&need) {
                needs.push(need);
            }
        }
    }
    Ok(needs)
}

/// The rights that a touch needs: at its path and everywhere below, as far as it reaches, and the
/// same where the path truly leads.
fn needed(view: &View<'_>, touch: &Touch) -> Result<Vec<Need>> {
    // What brings content makes something, or changes what is there.
    let right = match touch.part {
        Part::Content if view.find(&touch.path)?.is_some() => Right::Replace,
        Part::Existence => Right::Remove,
        // Which members there are follows from what the members' own touches do to them.
        Part::Members if touch.depth == Depth::Zero => return Ok(Vec::new()),
        // Names that are found later are judged when they are: see `naming`.
        Part::Content | Part::Members => Right::Create,
        Part::Properties => Right::Properties,
        Part::Acl => Right::Admin,
        Part::Lock => Right::Lock,
        Part::Source => Right::Read,
    };
    let tree = touch.depth != Depth::Zero && touch.part != Part::Members;
    let real_path = view.real_path(&touch.path)?;
    let mut needs = Vec::new();
    for path in [&touch.path, &real_path] {
        // What stood below the place of a copy is taken away before: only what comes is judged.
        if tree && right == Right::Replace {
            needs.push(Need { right, path: path.clone(), tree: false });
            needs.push(Need { right: Right::Create, path: path.clone(), tree });
        } else {
            needs.push(Need { right, path: path.clone(), tree });
        }
    }
    needs.dedup();
    Ok(needs)
}

/// An error as far as the request may be told of it.
pub(crate) fn concealed(
    view: &View<'_>,
    request: &Request,
    error: Error,
    told: bool,
) -> Result<Error> {
    if request.policy.rules.is_open() {
        return Ok(error);
    }
    Ok(match error {
        Error::Refused(refusal) if !told && depends_on_state(refusal.condition) => {
            turned_away(request)
        }
        Error::Members(_) if !told => turned_away(request),
        // RFC 4918 section 8.1: what is wrong besides is for those who may change something here.
        Error::Refused(refusal) if !may_change(request) && comes_second(&refusal, request) => {
            turned_away(request)
        }
        Error::Refused(mut refusal) => {
            retain_shown(view, request, &mut refusal)?;
            Error::Refused(refusal)
        }
        Error::Members(members) => Error::Members(shown_members(view, request, members)?),
        failed @ Error::Failed(_) => failed,
    })
}

/// Returns whether there is a right at all to change what a request is about.
fn may_change(request: &Request) -> bool {
    let access = request.access();
    let changes = |path: &Path| {
        let mut rights = Right::ALL.iter().filter(|right| **right != Right::Read);
        rights.any(|right| access.allows(*right, path))
    };
    let named = request.destination().ok().flatten();
    match named.and_then(|named| here(named, request)) {
        Some(destination) => changes(&destination),
        None => changes(request.path()),
    }
}

/// Returns whether a refusal gives way to that of one who may do nothing. What a method applies to
/// is told to everybody, by Allow.
fn comes_second(refusal: &Refusal, request: &Request) -> bool {
    let condition = refusal.condition;
    let is_first = matches!(condition, Condition::Unauthorized | Condition::MethodNotAllowed)
        || condition == Condition::Forbidden && request.principal.name.is_some();
    !is_first && depends_on_state(condition)
}

/// Members that may not be seen refuse in the name of the target.
fn shown_members(
    view: &View<'_>,
    request: &Request,
    members: Vec<(Path, Refusal)>,
) -> Result<Vec<(Path, Refusal)>> {
    let mut shown: Vec<(Path, Refusal)> = Vec::new();
    for (path, mut refusal) in members {
        retain_shown(view, request, &mut refusal)?;
        let seen = may(view, request, Right::Read, &path)?;
        let named = if seen { path } else { request.path().clone() };
        if !shown.iter().any(|(its, _)| *its == named) {
            shown.push((named, refusal));
        }
    }
    Ok(shown)
}

fn retain_shown(view: &View<'_>, request: &Request, refusal: &mut Refusal) -> Result<()> {
    let mut shown = Vec::new();
    for (path, collection) in refusal.resources.drain(..) {
        if may(view, request, Right::Read, &path)? {
            shown.push((path, collection));
        }
    }
    refusal.resources = shown;
    Ok(())
}

/// Returns whether a refusal tells something of what is there; others follow from the request
/// alone.
fn depends_on_state(condition: Condition) -> bool {
    !matches!(
        condition,
        Condition::NotImplemented
            | Condition::DigestMismatch
            | Condition::LengthMismatch
            | Condition::ContentTooLarge
            | Condition::InsufficientStorage
            | Condition::Overloaded
            | Condition::Away
    )
}

/// The refusal of a request that may not even know what is there: the same whatever is.
fn turned_away(request: &Request) -> Error {
    let right = request.method.is_safe().then_some(Right::Read);
    denied(request, right, request.path(), "You may not do this here.".to_owned())
}

fn lacks(request: &Request, right: Right, path: &Path) -> Error {
    let mount = request.policy.mount.prefix();
    let detail = format!("This needs the right to {} at {mount}{path}.", verb(right));
    denied(request, Some(right), path, detail)
}

/// 401 where a login could help (RFC 9110 section 15.5.2), else 403.
fn denied(request: &Request, right: Option<Right>, path: &Path, detail: String) -> Error {
    let anonymous = request.principal.name.is_none();
    if !anonymous || !request.policy.rules.login_helps(right, path) {
        return Error::refused(Condition::Forbidden, detail);
    }
    login_wanted(request).unwrap_or_else(|| Error::refused(Condition::Forbidden, detail))
}

/// The refusal of a request that a login would help; nothing where there are no logins.
fn login_wanted(request: &Request) -> Option<Error> {
    let login = request.policy.login;
    if !login.is_offered() {
        return None;
    }
    let challenges = login.challenges(&request.principal);
    if challenges.is_empty() {
        return Some(Error::refused(Condition::Forbidden, LOGIN_NEEDS_TLS));
    }
    let refusal = Refusal::new(Condition::Unauthorized, "Log in to do this here.");
    let with = |refusal: Refusal, challenge: &&'static str| {
        refusal.with(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
    };
    Some(challenges.iter().fold(refusal, with).into())
}

/// Why nobody is asked to log in where others on the way could read along.
pub(crate) const LOGIN_NEEDS_TLS: &str = "This needs a login, and a login needs an encrypted \
                                          connection: use https, or start the server with \
                                          --insecure-basic.";

const fn verb(right: Right) -> &'static str {
    match right {
        Right::Read => "read",
        Right::Create => "create something",
        Right::Replace => "replace what is there",
        Right::Remove => "remove what is there",
        Right::Properties => "change properties",
        Right::Lock => "lock",
        Right::Tunnel => "open a tunnel",
        Right::Admin => "administer the server",
    }
}
