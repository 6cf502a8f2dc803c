//! Who may do what, where: rights by class of method, granted for paths.
//!
//! The words are near to those of RFC 3744 section 3. A grant is made for a path and holds for all
//! that lies below, up to the next path that has grants: the longest path that fits decides alone,
//! and who is not named there may do nothing there. Among the grants of one path a right is given
//! if any of them gives it; a user or group that is named with no right at all has none.
//!
//! ```
//! use methodical_semantics::{path::Path, principal::Principal};
//! use methodical_semantics::rule::privilege::{Grant, Right, Rights, Rules, Who};
//! let at = |text| Path::decode(text).unwrap().0;
//! let grant = |path, who, rights: &str| Grant::new(at(path), who, rights.parse().unwrap());
//! let rules = Rules::of(vec![
//!     grant("/", Who::Anyone, "read"),
//!     grant("/", Who::Authenticated, "write"),
//!     grant("/private", Who::User("ann".into()), "all"),
//! ]);
//! let (anyone, bob) = (Principal::default(), Principal::named("bob"));
//! assert!(rules.allows(&anyone, Right::Read, &at("/a")));
//! assert!(!rules.allows(&anyone, Right::Replace, &at("/a")));
//! assert!(rules.allows(&bob, Right::Replace, &at("/a")));
//! assert!(!rules.allows(&bob, Right::Read, &at("/private/a")));
//! assert!(!rules.judge_tree(&bob, Right::Remove, &at("/")).allowed);
//! ```

mod access;
mod rights;

use std::{borrow::Cow, collections::BTreeMap, fmt, ops::Bound};

use crate::{name::composed, path::Path, principal::Principal};
pub use access::{Access, ShownTo};
pub use rights::{Right, Rights, UnknownRight};

/// To whom rights are granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// Everybody, whether logged in or not.
    Anyone,
    /// Everybody who logged in.
    Authenticated,
    /// The user who logged in under this name.
    User(String),
    /// The members of this group.
    Group(String),
}

/// Rights that somebody has at a path and below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The path that it is about.
    pub path: Path,
    /// The one who gets them.
    pub who: Who,
    /// The rights that it gives; none of them takes away what others at the same path give to a
    /// user or group.
    pub rights: Rights,
    /// Where the operator said so, for whoever asks why: `access.toml:7`.
    pub source: String,
}

/// All grants.
///
/// Without any, [`Rules::default`], everybody may do everything that the server does at all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules {
    /// By the bytes of their paths, in normalization form C, whatever the form that was written.
    places: BTreeMap<Box<[u8]>, Vec<Grant>>,
    /// True if there are rules at all.
    closed: bool,
}

/// Says whether somebody has a right, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict<'r> {
    /// True if it is so.
    pub allowed: bool,
    /// The grant that decided: that gives the right, or that names the one who asks and does not.
    /// Nothing where no grant is about them.
    pub rule: Option<&'r Grant>,
    /// The path whose grants decided; nothing where no path with grants fits.
    pub place: Option<&'r Path>,
}

impl Grant {
    /// A grant of which nobody wrote down where it was made.
    pub fn new(path: Path, who: Who, rights: Rights) -> Self {
        Self { path, who, rights, source: String::new() }
    }
}

impl Who {
    fn is(&self, principal: &Principal) -> bool {
        match self {
            Self::Anyone => true,
            Self::Authenticated => principal.name.is_some(),
            Self::User(name) => principal.name.as_ref() == Some(name),
            Self::Group(name) => principal.groups.contains(name),
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anyone => out.write_str("anyone"),
            Self::Authenticated => out.write_str("authenticated"),
            Self::User(name) | Self::Group(name) => out.write_str(name),
        }
    }
}

impl Rules {
    /// Rules by which nobody may do anything but what these grants say.
    pub fn of(grants: Vec<Grant>) -> Self {
        let mut places: BTreeMap<Box<[u8]>, Vec<Grant>> = BTreeMap::new();
        for grant in grants {
            places.entry(key(&grant.path).into()).or_default().push(grant);
        }
        Self { places, closed: true }
    }

    /// Returns whether everybody may do everything.
    pub fn is_open(&self) -> bool {
        !self.closed
    }

    /// Returns whether there is a place where anyone has one of these rights.
    pub fn give_anyone(&self, rights: Rights) -> bool {
        let gives =
            |grant: &Grant| grant.who == Who::Anyone && rights.without(grant.rights) != rights;
        self.is_open() || self.grants().any(gives)
    }

    /// All grants, in the order of their paths.
    pub fn grants(&self) -> impl Iterator<Item = &Grant> {
        self.places.values().flatten()
    }

    /// Returns whether somebody has a right at a path.
    pub fn allows(&self, principal: &Principal, right: Right, path: &Path) -> bool {
        self.judge(principal, right, path).allowed
    }

    /// Returns whether somebody has a right at a path, and why.
    pub fn judge(&self, principal: &Principal, right: Right, path: &Path) -> Verdict<'_> {
        if self.is_open() {
            return Verdict { allowed: true, rule: None, place: None };
        }
        match self.grants_for(path) {
            Some(grants) => decide(grants, principal, right),
            None => Verdict { allowed: false, rule: None, place: None },
        }
    }

    /// Returns whether somebody has a right at a path and everywhere below it; the verdict of the
    /// first place where not.
    pub fn judge_tree(&self, principal: &Principal, right: Right, path: &Path) -> Verdict<'_> {
        let here = self.judge(principal, right, path);
        if !here.allowed {
            return here;
        }
        let verdicts = self.below(path).map(|grants| decide(grants, principal, right));
        verdicts.into_iter().find(|verdict| !verdict.allowed).unwrap_or(here)
    }

    /// Returns whether somebody who is not logged in could gain a right at a path by logging in:
    /// this one, or any.
    pub fn login_helps(&self, right: Option<Right>, path: &Path) -> bool {
        let gains = |grant: &Grant| {
            grant.who != Who::Anyone
                && right.map_or(!grant.rights.is_empty(), |right| grant.rights.contains(right))
        };
        self.grants_for(path).is_some_and(|grants| grants.iter().any(gains))
    }

    /// The grants of the longest path that fits.
    fn grants_for(&self, path: &Path) -> Option<&[Grant]> {
        let key = key(path);
        let mut at: &[u8] = &key;
        loop {
            if let Some(grants) = self.places.get(at) {
                return Some(grants);
            }
            if at.is_empty() {
                return None;
            }
            let end = at.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
            at = at.get(..end).unwrap_or_default();
        }
    }

    /// The grants of each path that lies below this one.
    fn below(&self, path: &Path) -> impl Iterator<Item = &[Grant]> {
        let mut start = key(path).into_owned();
        if !start.is_empty() {
            start.push(b'/');
        }
        let range = (Bound::Excluded(start.clone().into_boxed_slice()), Bound::Unbounded);
        self.places
            .range::<Box<[u8]>, _>(range)
            .take_while(move |(at, _)| at.starts_with(&start))
            .map(|(_, grants)| grants.as_slice())
    }
}

fn decide<'r>(grants: &'r [Grant], principal: &Principal, right: Right) -> Verdict<'r> {
    let place = grants.first().map(|grant| &grant.path);
    let fits = || grants.iter().filter(|grant| grant.who.is(principal));
    let named = fits().find(|grant| matches!(grant.who, Who::User(_)));
    let excluded = match named {
        Some(grant) => Some(grant).filter(|grant| grant.rights.is_empty()),
        None => fits().find(|grant| matches!(grant.who, Who::Group(_)) && grant.rights.is_empty()),
    };
    if let Some(rule) = excluded {
        return Verdict { allowed: false, rule: Some(rule), place };
    }
    match fits().find(|grant| grant.rights.contains(right)) {
        Some(rule) => Verdict { allowed: true, rule: Some(rule), place },
        None => Verdict { allowed: false, rule: named.or_else(|| fits().next_back()), place },
    }
}

/// The bytes by which a path is compared: all Unicode forms of a name mean one place.
fn key(path: &Path) -> Cow<'_, [u8]> {
    if path.bytes().is_ascii() {
        return Cow::Borrowed(path.bytes());
    }
    let names: Vec<Cow<'_, [u8]>> = path.segments().map(composed).collect();
    Cow::Owned(names.join(&b'/'))
}
