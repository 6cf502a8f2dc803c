//! Step 2: what the request is about (RFC 9112 section 3.2).

use methodical_methods::method::{Fit, Method, Run};
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    header::host::Host,
    mount::Mount,
    path::{Path, PathError},
    target::{ResourceTarget, Target, TargetError},
};

/// The resource that a request is about, and whether it is about the server as a whole instead.
///
/// # Errors
/// `BadTarget`, `TargetTooLong`; `NotFound` for what is not below the mount.
pub(crate) fn of(method: &Method, target: &str, mount: &Mount) -> Result<(ResourceTarget, bool)> {
    if matches!(method.run, Run::Tunnel(_)) {
        Target::parse_authority(target).map_err(refusal)?;
        return Ok((whole(), true));
    }
    match Target::parse(target).map_err(refusal)? {
        Target::Resource(resource) => match &resource.authority {
            // RFC 9112 section 3.2.2: it takes the place of Host, and is held to the same.
            Some(authority) if !Host::is_valid(authority) => {
                Err(Error::refused(Condition::BadTarget, "The target's authority is no host."))
            }
            Some(_) | None => match mount.place(&resource.path) {
                Some(path) => Ok((ResourceTarget { path, ..resource }, false)),
                None => Err(Error::refused(
                    Condition::NotFound,
                    format!("There is nothing here; the folder begins at {}/.", mount.prefix()),
                )),
            },
        },
        // RFC 9112 section 3.2.4: the asterisk-form is for OPTIONS; the row says so.
        Target::Server if method.applies.server == Fit::Yes || !method.is_implemented() => {
            Ok((whole(), true))
        }
        Target::Server | Target::Authority(_) => Err(refusal(TargetError::Form)),
    }
}

/// What a request is about that is about no resource.
pub(crate) fn whole() -> ResourceTarget {
    ResourceTarget { path: Path::root(), slash: true, query: None, authority: None }
}

/// The refusal of what is no target.
pub(crate) fn refusal(error: TargetError) -> Error {
    let (condition, detail) = match error {
        TargetError::Form => {
            (Condition::BadTarget, "This method does not take a target of this form.")
        }
        TargetError::Authority(error) => (Condition::BadTarget, error.detail()),
        TargetError::Scheme => (Condition::BadTarget, "The target's scheme must be http or https."),
        TargetError::Path(PathError::NotAbsolute) => {
            (Condition::BadTarget, "The target's path must begin with a slash.")
        }
        TargetError::Path(PathError::Encoding) => {
            (Condition::BadTarget, "Percent-encode the path: every % needs two hexadecimal digits.")
        }
        TargetError::Path(PathError::Forbidden) => {
            (Condition::BadTarget, "No name may hold a slash or a NUL.")
        }
        TargetError::Path(PathError::Dot) => {
            (Condition::BadTarget, "Resolve the segments . and .. before sending the request.")
        }
        TargetError::Path(PathError::Empty) => {
            (Condition::BadTarget, "No segment of the path may be empty.")
        }
        TargetError::Path(PathError::Long) => {
            (Condition::TargetTooLong, "A name may have 255 octets, a path 256 names.")
        }
    };
    Error::refused(condition, detail)
}
