//! From where to where COPY and MOVE go (RFC 4918 sections 9.8, 9.9, 10.3 and 10.6).

use std::sync::Arc;

use http::{StatusCode, header};
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    footprint::{Footprint, Touch},
    header::{depth::Depth, destination::Destination, overwrite::Overwrite},
    lock::Lock,
    path::Path,
};
use methodical_store::{
    resource::{Kind, Resource},
    store::Mark,
    transaction::Transaction,
    view::View,
};

use super::target::Target;
use crate::{reply::Reply, request::Request};

/// A resource on its way.
#[derive(Debug)]
pub struct Transfer {
    /// What is copied or moved.
    pub source: Resource,
    /// Where it goes.
    pub target: Target,
    /// How much of it.
    pub depth: Depth,
    /// Says whether it may replace what is there.
    overwrite: Overwrite,
}

impl Transfer {
    /// Reads where a request's resource is to go. `depth` says how much of it the method takes.
    ///
    /// # Errors
    /// `BadField`, `OtherServer`, `SameResource`, `Forbidden` where one holds the other, and as
    /// [`Target::find`].
    pub fn find(
        view: &View<'_>,
        request: &Request,
        depth: fn(&Resource, &Request) -> Result<Depth>,
    ) -> Result<Self> {
        let Some(source) = view.find(request.path())? else {
            return Err(Error::refused(Condition::NotFound, "There is nothing at this address."));
        };
        let depth = depth(&source, request)?;
        let destination = destination(request)?;
        let overwrite = Overwrite::from_headers(&request.fields)?;
        let target = Target::find(view, &destination)?;
        let transfer = Self { source, target, depth, overwrite };
        transfer.check()?;
        Ok(transfer)
    }

    /// Checks whether what is at the destination may be replaced. It is asked after the rights were
    /// judged (RFC 4918 section 10.6).
    ///
    /// # Errors
    /// `PreconditionFailed` where `Overwrite: F` keeps what is there.
    pub fn may_overwrite(&self) -> Result<()> {
        if self.overwrite == Overwrite::Yes || self.target.present.is_none() {
            return Ok(());
        }
        Err(Error::refused(
            Condition::PreconditionFailed,
            "Something is at the destination, and Overwrite is F: choose another, or send T.",
        ))
    }

    /// Returns what the arrival changes: the destination, with all that comes along below it.
    pub fn arrival(&self) -> Footprint {
        let mut footprint = self.target.footprint();
        if self.source.is_collection() && self.depth == Depth::Infinity {
            footprint.0.push(Touch::tree(&self.target.path));
        }
        footprint
    }

    /// Returns what is read of the source: it alone, or all that lies below it, too.
    pub fn departure(&self) -> Touch {
        let depth = match self.depth {
            Depth::Zero => Depth::Zero,
            Depth::One | Depth::Infinity => Depth::Infinity,
        };
        Touch { depth, ..Touch::source(&self.source.path) }
    }

    fn check(&self) -> Result<()> {
        let (from, to) = (&self.source.path, &self.target.path);
        if from == to {
            return Err(Error::refused(
                Condition::SameResource,
                "Source and destination are the same; choose another destination.",
            ));
        }
        // RFC 4918 section 9.8.3: /a/ into /a/b/ would have no end.
        if to.is_within(from) && self.depth == Depth::Infinity {
            return Err(Error::refused(
                Condition::Forbidden,
                "The destination lies inside the source; choose one outside of it.",
            ));
        }
        if from.is_within(to) {
            return Err(Error::refused(
                Condition::Forbidden,
                "The destination holds the source, which would be deleted with it; choose another.",
            ));
        }
        Ok(())
    }
}

impl Target {
    /// Removes what is here, since something else is about to come, and gives the locks on it: they
    /// will protect what comes (RFC 4918 section 7.6).
    ///
    /// # Errors
    /// As [`Transaction::remove`].
    pub fn clear(&self, transaction: &mut Transaction<'_>) -> Result<Vec<Arc<Lock>>> {
        let Some(present) = &self.present else { return Ok(Vec::new()) };
        let mut locks = transaction.view().covering(&self.path)?;
        locks.retain(|lock| lock.root == self.path);
        // Section 9.9.3: as by DELETE with Depth infinity, its members not merged with.
        transaction.remove(&present.path, Mark::Nothing)?;
        Ok(locks)
    }

    /// The answer to a request that put something of a kind here: 201 if nothing was here, else
    /// 204 (RFC 4918 sections 9.8.5 and 9.9.4).
    pub fn made(&self, kind: Kind) -> Reply {
        if self.present.is_some() {
            return Reply::empty(StatusCode::NO_CONTENT);
        }
        let location = match kind {
            Kind::File => self.path.encoded(),
            Kind::Collection => self.path.encoded_collection(),
        };
        Reply::empty(StatusCode::CREATED).with(header::LOCATION, location)
    }
}

fn destination(request: &Request) -> Result<Path> {
    let Some(destination) = request.destination()? else {
        return Err(Error::refused(
            Condition::BadField,
            "Say in the Destination field where it is to go: a path, or a URL of this server.",
        ));
    };
    if !is_here(destination, request) {
        return Err(Error::refused(
            Condition::OtherServer,
            "The destination is on another server than this request; send a path alone to stay \
             here.",
        ));
    }
    let mount = &request.policy.mount;
    mount.place_of_reference(destination.path()).ok_or_else(|| {
        let begins = mount.prefix();
        let detail = format!(
            "The destination is outside of what is served here, which begins at {begins}/."
        );
        Error::refused(Condition::OtherServer, detail)
    })
}

/// The place that a reference means, if it is in the folder that the request is made to.
pub(crate) fn here(reference: &Destination, request: &Request) -> Option<Path> {
    let place = || request.policy.mount.place_of_reference(reference.path());
    is_here(reference, request).then(place).flatten()
}

fn is_here(reference: &Destination, request: &Request) -> bool {
    // RFC 9112 section 3.2.2: the authority of an absolute-form wins over Host.
    let own = request.target.authority.as_deref().or_else(|| request.field(&header::HOST));
    match own {
        Some(own) => reference.is_on(own),
        None => !reference.names_server(),
    }
}
