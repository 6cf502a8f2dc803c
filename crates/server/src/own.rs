//! What lives under the reserved prefix `/.methodical/`: the server's own resources.

use http::{StatusCode, header};
use methodical_methods::{
    method::{Method, Run},
    reply::Reply,
};
use methodical_semantics::{
    condition::Condition,
    error::{Error, Refusal, Result},
    path::Path,
};

/// The answer of a resource of ours; nothing if the path is not under the prefix.
pub(crate) fn answer(method: &Method, path: &Path) -> Option<Result<Reply>> {
    if !path.is_reserved() {
        return None;
    }
    let mut segments = path.segments().skip(1);
    let known = segments.next() == Some(b"health".as_slice()) && segments.next().is_none();
    Some(match (known, is_taken(method)) {
        (false, _) => {
            Err(Error::refused(Condition::NotFound, "The server has nothing of its own here."))
        }
        (true, true) => Ok(Reply::bytes(StatusCode::OK, "text/plain; charset=utf-8", "ok\n")
            .with(header::CACHE_CONTROL, "no-store")),
        (true, false) => Err(Refusal::new(Condition::MethodNotAllowed, "This can be read only.")
            .with(header::ALLOW, safe_methods())
            .into()),
    })
}

/// What only reads and asks nothing.
fn is_taken(method: &Method) -> bool {
    matches!(method.run, Run::Read(_))
}

fn safe_methods() -> http::HeaderValue {
    let safe: Vec<&str> = methodical_methods::METHODS
        .iter()
        .filter(|method| is_taken(method))
        .map(|method| method.name)
        .collect();
    http::HeaderValue::from_str(&safe.join(", ")).unwrap_or(http::HeaderValue::from_static(""))
}
