//! Which methods a target takes, here and now: what `Allow` lists.

use http::HeaderValue;
use methodical_semantics::{error::Result, rule::conditional::Validators};
use methodical_store::{
    resource::{Kind, Resource},
    view::View,
};

use super::policy::Policy;
use crate::{
    METHODS,
    method::{Fit, Method},
    request::Request,
};

/// The kind of thing that a target is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Situation {
    /// The server as a whole.
    Server,
    /// The root collection.
    Root,
    /// A collection.
    Collection,
    /// A file.
    File,
    /// Nothing.
    Unmapped,
    /// Nothing, named as a collection.
    UnmappedCollection,
    /// A file, named as a collection: nothing is there, and nothing can be made there.
    FileAsCollection,
}

/// Returns what a request's target is, with the validators of a file or collection.
///
/// # Errors
/// A failure of the store.
pub fn situation(view: &View<'_>, request: &Request) -> Result<(Situation, Option<Validators>)> {
    if request.server {
        return Ok((Situation::Server, None));
    }
    let unmapped =
        if request.target.slash { Situation::UnmappedCollection } else { Situation::Unmapped };
    let Some(resource) = view.find(request.path())? else { return Ok((unmapped, None)) };
    if resource.kind == Kind::File && request.target.slash {
        return Ok((Situation::FileAsCollection, None));
    }
    Ok((Situation::of(&resource), Some(resource.validators())))
}

impl Situation {
    /// That of a resource.
    pub fn of(resource: &Resource) -> Self {
        match resource.kind {
            Kind::Collection if resource.path.is_root() => Self::Root,
            Kind::Collection => Self::Collection,
            Kind::File => Self::File,
        }
    }
}

/// Returns whether a method fits a target here and now. Methods without a row that runs never do.
pub fn fit(method: &Method, situation: Situation, policy: &Policy) -> Fit {
    if !method.is_implemented() || !policy.permits(method.switch) {
        return Fit::No;
    }
    let applies = &method.applies;
    match situation {
        Situation::Server => applies.server,
        Situation::Root => applies.root,
        Situation::Collection => applies.collection,
        Situation::File => applies.file,
        Situation::Unmapped => applies.unmapped,
        // RFC 4918 section 9.3.1: where a file is, no collection is made.
        Situation::FileAsCollection if applies.file == Fit::No => Fit::No,
        Situation::UnmappedCollection | Situation::FileAsCollection => applies.unmapped_collection,
    }
}

/// The value of Allow: exactly the methods that would not be answered 405 (RFC 9110 section
/// 10.2.1).
pub fn allow(situation: Situation, policy: &Policy) -> HeaderValue {
    let names: Vec<&str> = METHODS
        .iter()
        .filter(|method| fit(method, situation, policy) != Fit::No)
        .map(|method| method.name)
        .collect();
    HeaderValue::from_str(&names.join(", ")).unwrap_or(HeaderValue::from_static(""))
}
