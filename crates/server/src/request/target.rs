//! Step 2: what the request is about (RFC 9112 section 3.2).
//!
//! The target is read once and strictly; every later step works on the path that it found, so no
//! two of them can differ in what a request is about. A target that no server of ours can have is
//! refused before anybody is asked for a password.

use methodical_methods::method::{Asks, Fit, Method, Run};
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    header::host::Host,
    mount::Mount,
    path::{Path, PathError},
    target::{ResourceTarget, Target, TargetError, is_encoded},
};

use crate::request::routed::Routed;

/// The thing that a request is about.
#[derive(Debug)]
pub(crate) enum Found {
    /// A resource here.
    Resource(ResourceTarget),
    /// The server as a whole; the root stands for it.
    Server(ResourceTarget),
    /// The resource that has this address, rightly written, below the mount.
    At(String),
}

/// Returns what a request is about.
///
/// # Errors
/// `BadTarget`, `TargetTooLong`; `NotFound` for what is not below the mount, and for what is longer
/// than anything here can be.
pub(crate) fn of(method: &Method, target: &str, mount: &Mount) -> Result<Found> {
    if matches!(method.run, Run::Tunnel(_)) {
        Target::parse_authority(target).map_err(refusal)?;
        return Ok(Found::Server(whole()));
    }
    let read = match Target::parse(target) {
        // RFC 9112 section 3: a long target is read, and what nothing can be at is not there.
        Err(TargetError::Path(PathError::Long)) => return too_long(method),
        read => read.map_err(refusal)?,
    };
    match read {
        Target::Resource(resource) => located(method, target, resource, mount),
        // RFC 9112 section 3.2.4: the asterisk-form is for OPTIONS; the row says so.
        Target::Server if method.applies.server == Fit::Yes || !method.is_implemented() => {
            Ok(Found::Server(whole()))
        }
        Target::Server | Target::Authority(_) => Err(refusal(TargetError::Form)),
    }
}

/// Finds the place of a target below the mount. A folder or an odd spelling that has another
/// address is led there.
fn located(
    method: &Method,
    target: &str,
    resource: ResourceTarget,
    mount: &Mount,
) -> Result<Found> {
    // RFC 9112 section 3.2.2: it takes the place of Host, and is held to the same.
    if resource.authority.as_deref().is_some_and(|authority| !Host::is_valid(authority)) {
        return Err(Error::refused(Condition::BadTarget, "The target's authority is no host."));
    }
    let Some(path) = mount.place(&resource.path) else {
        let begins = mount.prefix();
        let detail = format!("There is nothing here; the folder begins at {begins}/.");
        return Err(Error::refused(Condition::NotFound, detail));
    };
    let resource = ResourceTarget { path, ..resource };
    // RFC 9112 section 3.2: what is written wrongly is not put right in silence.
    match is_encoded(target) {
        true => Ok(Found::Resource(resource)),
        false if method.asks == Asks::Representation && !target.contains('#') => {
            Ok(Found::At(resource.encoded()))
        }
        false => Err(Error::refused(Condition::BadTarget, UNENCODED)),
    }
}

/// Refuses what asks for another scheme than that of its connection (RFC 9110 section 7.4): only
/// a proxy that is trusted speaks for connections that we do not see.
///
/// # Errors
/// `Misdirected`.
pub(crate) fn check_scheme(Routed { call, caller, by_gateway, .. }: &Routed) -> Result<()> {
    let of_target = || (!call.target.starts_with('/')).then(|| call.target.split_once("://"));
    let named = call.scheme.as_deref().or_else(|| of_target().flatten().map(|(scheme, _)| scheme));
    let own = if caller.secure { "https" } else { "http" };
    if *by_gateway || named.is_none_or(|named| named.eq_ignore_ascii_case(own)) {
        return Ok(());
    }
    let detail = format!(
        "This connection is for {own} alone. Send the request as that; a proxy that speaks for \
         others is named with --trusted-proxy."
    );
    Err(Error::refused(Condition::Misdirected, detail))
}

/// Returns what a request is about that is about no resource.
pub(crate) fn whole() -> ResourceTarget {
    ResourceTarget { path: Path::root(), slash: true, query: None, authority: None }
}

/// Anything longer than any name or path that a folder holds: it is refused to what would make it.
fn too_long(method: &Method) -> Result<Found> {
    let makes = !method.is_safe() && method.applies.unmapped == Fit::Yes;
    match method.is_implemented() {
        false => Ok(Found::Server(whole())),
        true if makes => Err(refusal(TargetError::Path(PathError::Long))),
        true => Err(Error::refused(Condition::NotFound, NOTHING_SO_LONG)),
    }
}

/// The refusal of what is no target.
pub(crate) fn refusal(error: TargetError) -> Error {
    let (condition, detail) = match error {
        TargetError::Form => {
            (Condition::BadTarget, "This method does not take a target of this form.")
        }
        TargetError::Authority(error) => (Condition::BadTarget, error.detail()),
        // RFC 9110 section 7.4: a request for what is not had by this protocol went astray.
        TargetError::Scheme => (
            Condition::Misdirected,
            "The target's scheme must be http or https: nothing else is here.",
        ),
        TargetError::Path(PathError::NotAbsolute) => {
            (Condition::BadTarget, "The target's path must begin with a slash.")
        }
        TargetError::Path(PathError::Encoding) => (
            Condition::BadTarget,
            "Percent-encode the path: every % needs two hexadecimal digits, and neither a blank \
             nor # may stand in it.",
        ),
        TargetError::Path(PathError::Forbidden) => {
            (Condition::BadTarget, "No name may hold a slash or a NUL.")
        }
        TargetError::Path(PathError::Dot) => {
            (Condition::BadTarget, "Resolve the segments . and .. before sending the request.")
        }
        TargetError::Path(PathError::Empty | PathError::Long) => (
            Condition::TargetTooLong,
            "A name may have 255 octets, a path 256 names: choose a shorter one.",
        ),
    };
    Error::refused(condition, detail)
}

/// The sentence for a path that no folder can hold.
const NOTHING_SO_LONG: &str =
    "There is nothing at this address: a name may have 255 octets, a path 256 names.";

/// The sentence for a target with octets that no URL has (RFC 3986 section 2).
const UNENCODED: &str = "Percent-encode the target: neither blanks nor any of \"#<>\\^`{|} nor \
                         characters beyond ASCII may stand in it as they are.";
