//! The links of a resource: told with it, and changed by the methods that name some in `Link`.

use http::{HeaderMap, StatusCode, header};
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    footprint::{Footprint, Touch},
    header::link::{self, Link},
};
use methodical_store::{
    facts::links::LINKS, resource::Resource, transaction::Transaction, view::View,
};

use crate::{admission::refusal::missing, reply::Reply, request::Request};

/// Adds the links of a resource to the fields of an answer about it.
///
/// # Errors
/// A failure where what is kept is damaged.
pub(crate) fn tell(resource: &Resource, fields: &mut HeaderMap) -> Result<()> {
    if let Some(value) = resource.fact(&LINKS)?.and_then(|links| link::value(&links)) {
        fields.append(header::LINK, value);
    }
    Ok(())
}

/// Returns what a change of links touches.
///
/// # Errors
/// `NotFound` where nothing is, `BadField` where the request names no links.
pub(crate) fn touches(view: &View<'_>, request: &Request) -> Result<Footprint> {
    let Some(target) = view.find(request.path())? else { return Err(missing(view, request)?) };
    named(request)?;
    Ok(Footprint(vec![Touch::properties(&target.path)]))
}

/// Changes the links of the target by those that the request names, and tells those that it has
/// then. Where nothing changes nothing is written.
///
/// # Errors
/// As [`touches`]; `InsufficientStorage` beyond [`LINKS_MAX`], or where they are too long together.
pub(crate) fn change(
    transaction: &mut Transaction<'_>,
    request: &Request,
    make: fn(&mut Vec<Link>, &Link, &str),
) -> Result<Reply> {
    let view = transaction.view();
    let Some(target) = view.find(request.path())? else { return Err(missing(&view, request)?) };
    let before = target.fact(&LINKS)?.unwrap_or_default();
    let (mut links, at) = (before.clone(), target.href());
    for named in named(request)? {
        make(&mut links, &named, &at);
    }
    if links.len() > LINKS_MAX {
        let detail = format!("A resource has {LINKS_MAX} links at most; take some away by UNLINK.");
        return Err(Error::refused(Condition::InsufficientStorage, detail));
    }
    if links.is_empty() && !before.is_empty() {
        transaction.remove_fact(&LINKS, &target.path)?;
    } else if links != before {
        transaction.set_fact(&LINKS, &target.path, &links)?;
    }
    let mut reply = Reply::empty(StatusCode::NO_CONTENT);
    if let Some(value) = link::value(&links) {
        reply.fields.insert(header::LINK, value);
    }
    Ok(reply)
}

/// The links that the request is about.
fn named(request: &Request) -> Result<Vec<Link>> {
    link::from_headers(&request.fields)?.ok_or_else(|| {
        let detail = "Name what the resource is related to in the Link field, such as \
                      Link: <https://example.com/>; rel=\"author\".";
        Error::refused(Condition::BadField, detail)
    })
}

/// Links of one resource: its answers stay within the 8 KiB of header section that every client
/// takes.
pub const LINKS_MAX: usize = 64;
