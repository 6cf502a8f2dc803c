//! What lives under the reserved prefix `/.methodical/`: the server's own resources, which every
//! method treats as it treats a file that may only be read.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, header};
use methodical_methods::{
    admit::{admit, perform},
    policy::Policy,
    reply::Reply,
    request::{Input, Request},
};
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    footprint::Footprint,
    path::Path,
    timestamp::Timestamp,
};
use methodical_store::{
    content::{Content, Staging},
    resource::{Kind, Resource, Witness},
    store::{Changes, Members, Snapshot, Store},
    view::{View, read},
};

use crate::{
    clock,
    live::{Live, Shared},
    receive::{self, Incoming, Stopped},
};

/// The answer to a request for one of them.
pub(crate) async fn answer(
    shared: &Arc<Shared>,
    live: &Live,
    mut request: Request,
    incoming: &mut Incoming<'_>,
) -> Result<Reply, Stopped> {
    // Whether the server lives may be asked by anyone; what may not is judged where it is made.
    let rules = Arc::default();
    request.policy = Arc::new(Policy { writable: false, rules, ..Policy::clone(&request.policy) });
    let request = Arc::new(request);
    let own = Own(clock::now());
    read(&own, own.0, |view| admitted(view, &request))?;
    let input = if incoming.is_empty() {
        Input::Nothing
    } else {
        receive::content(shared, live, &request, incoming).await?
    };
    let mut reply = perform(&own, own.0, &request, input)?;
    reply.fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(reply)
}

fn admitted(view: &View<'_>, request: &Request) -> Result<()> {
    if request.method.is_implemented() && view.find(request.path())?.is_none() {
        let detail = "The server has nothing of its own here.";
        return Err(Error::refused(Condition::NotFound, detail));
    }
    match admit(view, request) {
        Err(Error::Refused(mut refusal)) if refusal.condition == Condition::MethodNotAllowed => {
            refusal.detail = "This is the server's own; it can be read only.".into();
            Err(Error::Refused(refusal))
        }
        judged => judged.map(drop),
    }
}

/// The server's own resources at a moment. Nothing is written here.
#[derive(Debug, Clone, Copy)]
struct Own(Timestamp);

impl Snapshot for Own {
    fn find(&self, path: &Path) -> Result<Option<Resource>> {
        Ok(self.open(path)?.map(|(resource, _)| resource))
    }

    fn open(&self, path: &Path) -> Result<Option<(Resource, Content)>> {
        let mut segments = path.segments().skip(1);
        let (name, more) = (segments.next(), segments.next());
        if !path.is_reserved() || name != Some(b"health") || more.is_some() {
            return Ok(None);
        }
        let resource = Resource {
            path: path.clone(),
            kind: Kind::File,
            length: HEALTHY.len() as u64,
            modified: self.0,
            created: None,
            tag: None,
            media_type: Some("text/plain; charset=utf-8".into()),
            facts_at: None,
            birth: None,
            witness: None,
        };
        Ok(Some((resource, Content::Bytes(Bytes::from_static(HEALTHY)))))
    }

    fn members(&self, _: &Path) -> Result<Members<'_>> {
        Ok(Box::new(std::iter::empty()))
    }

    fn gone(&self, _: &Path) -> Result<Option<Timestamp>> {
        Ok(None)
    }
}

impl Store for Own {
    fn snapshot(&self) -> Box<dyn Snapshot + '_> {
        Box::new(*self)
    }

    fn stage(&self, _: &Path, _: Option<u64>) -> Result<Box<dyn Staging>> {
        Err(written())
    }

    fn changes(&self, _: &Footprint) -> Result<Box<dyn Changes + '_>> {
        Err(written())
    }

    fn unchanged(&self, _: &Path, _: &Witness) -> bool {
        false
    }

    fn sweep(&self, _: Timestamp) -> Result<()> {
        Ok(())
    }
}

/// Admission keeps every method away that writes.
fn written() -> Error {
    Error::failed("the server's own resources are only read")
}

/// What is said as long as requests are answered.
const HEALTHY: &[u8] = b"ok\n";
