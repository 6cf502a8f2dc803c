//! The resources under the reserved prefix `/.methodical/`: the server's own resources, which every
//! method treats as it treats a file that may only be read.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, header};
use methodical_content::{Content, staging::Staging};
use methodical_methods::{
    admission::{admit::admit, policy::Policy, principal::Directory, privilege},
    reply::Reply,
    request::{Input, Request},
};
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    footprint::Footprint,
    path::Path,
    principal::home,
    timestamp::Timestamp,
};
use methodical_store::{
    guard::Held,
    resource::{Kind, Resource, Witness},
    store::{Begun, Members, Snapshot, Store},
    sync::Synchronizer,
    view::{View, read},
};

use crate::{
    clock,
    observe::metrics::text,
    reloadable::{Reloadable, Shared},
};

/// The reader of the resources of a server that serves.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reader<'s> {
    /// Whoever comes to the admin listener.
    Anybody(&'s Arc<Shared>),
    /// Whom the rules let.
    ByRules(&'s Arc<Shared>),
}

impl<'s> Reader<'s> {
    /// The server that is told of.
    fn serving(&self) -> &'s Arc<Shared> {
        let (Self::Anybody(serving) | Self::ByRules(serving)) = self;
        serving
    }
}

/// The overlay: what lies over the folder for one request.
#[derive(Debug)]
pub(crate) struct Overlay {
    /// The store that the request is carried out on.
    pub(crate) store: Arc<dyn Store>,
    /// True if it is the numbers that are asked for.
    varies: bool,
}

/// Returns what lies over the folder where a request is about that; nothing where it is about the
/// folder. The request is judged as what it meets there wants it.
///
/// # Errors
/// `Away` for the health of a server whose folder is; what may not be read by who asks; `NotFound`
/// and `MethodNotAllowed` in words that fit.
pub(crate) fn laid_over(
    reader: &Reader<'_>,
    live: &Reloadable,
    request: &mut Request,
) -> Result<Option<Overlay>> {
    let is_ours = request.path().is_reserved() && !request.server;
    if !is_ours && matches!(reader, Reader::ByRules(_)) {
        return Ok(None);
    }
    stands(reader, request)?;
    let (metrics, principals) = (metrics_for(reader, request)?, principals_for(live, request)?);
    let metrics_at = metrics.as_ref().map(|_| request.path().clone());
    let own =
        Own { now: clock::now(), metrics: metrics_at.zip(metrics), principals: principals.into() };
    // Whether the server lives may be asked by anyone; what may not is judged where it is made.
    let rules = Arc::default();
    request.policy = Arc::new(Policy { writable: false, rules, ..Policy::clone(&request.policy) });
    read(&own, own.now, |view| admitted(view, request))?;
    let varies = own.metrics.is_some();
    Ok(Some(Overlay { store: Arc::new(own), varies }))
}

impl Overlay {
    /// Puts into an answer what holds for all that is the server's own: it is as of this moment.
    pub(crate) fn dress(&self, reply: &mut Reply) {
        if self.varies {
            reply.fields.append(header::VARY, HeaderValue::from_static("Accept"));
        }
        reply.fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// A server whose folder is away lives, and does not serve.
fn stands(reader: &Reader<'_>, request: &Request) -> Result<()> {
    if name_of(request.path()) != Some(b"health") || reader.serving().store.stands() {
        return Ok(());
    }
    let detail = "The folder or disk that is served is not there; the server's log says more.";
    Err(Error::refused(Condition::Away, detail))
}

/// The numbers, where they are asked for: for everybody at the admin listener, elsewhere for who
/// may administer the server by rules that say who may.
fn metrics_for(reader: &Reader<'_>, request: &Request) -> Result<Option<text::Text>> {
    if !is_metrics(request.path(), reader) || request.server {
        return Ok(None);
    }
    if let Reader::ByRules(_) = reader {
        if request.policy.rules.is_open() {
            return Ok(None);
        }
        privilege::administers(request)?;
    }
    text::text(reader.serving(), &request.fields).map(Some).map_err(Error::failed)
}

/// Users and groups, where they are asked for: all for who may administer the server by rules that
/// say who may, for others who logged in themselves. Strangers are told the same whoever there is.
fn principals_for(live: &Reloadable, request: &Request) -> Result<Directory> {
    let is_asked = request.path().is_within(&home()) && !request.server;
    if !is_asked || !request.policy.login.is_offered() {
        return Ok(Directory::default());
    }
    privilege::logged_in(request)?;
    let administers = !request.policy.rules.is_open() && privilege::administers(request).is_ok();
    Ok(if administers { live.logins.directory() } else { Directory::seen_by(&request.principal) })
}

/// A store for what serves no folder.
pub(crate) fn no_folder() -> Arc<dyn Store> {
    Arc::new(Own { now: clock::now(), metrics: None, principals: Arc::default() })
}

/// Returns whether the metrics are at a path: those who only administer have them also where
/// Prometheus looks unless it is told another place.
fn is_metrics(path: &Path, reader: &Reader<'_>) -> bool {
    let mut segments = path.segments();
    let usual = segments.next() == Some(b"metrics") && segments.next().is_none();
    let administers = matches!(reader, Reader::Anybody(_));
    name_of(path) == Some(b"metrics") || administers && usual
}

/// Returns whether a target is the usual one of the metrics, which is below no other place of the
/// root collection.
pub(crate) fn is_usual(target: &str) -> bool {
    target.split('?').next() == Some(USUAL_METRICS)
}

/// The name of what is directly under the prefix.
fn name_of(path: &Path) -> Option<&[u8]> {
    let mut segments = path.segments().skip(1);
    let (name, more) = (segments.next(), segments.next());
    name.filter(|_| path.is_reserved() && more.is_none())
}

/// Judges a request as its method would be for any file; 404 comes first, and 405 says whose the
/// resource is.
fn admitted(view: &View<'_>, request: &Request) -> Result<()> {
    let missing = !request.server && view.find(request.path())?.is_none();
    if missing && request.method.is_implemented() {
        let detail = "The server has nothing of its own here.";
        return Err(Error::refused(Condition::NotFound, detail));
    }
    match admit(view, request, &Input::Pending) {
        Err(Error::Refused(mut refusal)) if refusal.condition == Condition::MethodNotAllowed => {
            refusal.detail = "This is the server's own; it can be read only.".into();
            Err(Error::Refused(refusal))
        }
        judged => judged.map(drop),
    }
}

/// The server's own resources at a moment. Nothing is written here.
#[derive(Debug, Clone)]
struct Own {
    /// The moment of the request, which all of it was made at.
    now: Timestamp,
    /// With the path at which they are asked for.
    metrics: Option<(Path, text::Text)>,
    /// Users and groups as resources (RFC 3744 section 2).
    principals: Arc<Directory>,
}

impl Snapshot for Own {
    /// Health, metrics, principals, and nothing else.
    fn find(&self, path: &Path) -> Result<Option<Resource>> {
        let principal = || self.principals.find(path, self.now);
        Ok(self.open(path)?.map(|(resource, _)| resource).or_else(principal))
    }

    fn open(&self, path: &Path) -> Result<Option<(Resource, Content)>> {
        let (content, media_type) = match (name_of(path), &self.metrics) {
            (Some(b"health"), _) => (Bytes::from_static(HEALTHY), "text/plain; charset=utf-8"),
            (_, Some((at, text))) if at == path => (text.content.clone(), text.media_type),
            _ => {
                let principal = self.principals.find(path, self.now);
                let content = self.principals.content(path).map(Content::Bytes);
                return Ok(principal.zip(content));
            }
        };
        let resource = Resource::computed(path, Kind::File, content.len() as u64, self.now);
        let resource = Resource { media_type: Some(media_type.into()), ..resource };
        Ok(Some((resource, Content::Bytes(content))))
    }

    fn members(&self, of: &Path) -> Result<Members<'_>> {
        Ok(Box::new(self.principals.members(of, self.now).into_iter().map(Ok)))
    }

    fn synchronizer(&self) -> Synchronizer {
        let own = self.clone();
        Synchronizer::that_finds(Box::new(move |path| own.find(path)))
    }

    fn deleted_at(&self, _: &Path) -> Result<Option<Timestamp>> {
        Ok(None)
    }
}

impl Store for Own {
    fn snapshot(&self) -> Box<dyn Snapshot + '_> {
        Box::new(self.clone())
    }

    fn stage(&self, _: &Path, _: Option<u64>) -> Result<Box<dyn Staging>> {
        Err(written())
    }

    fn begin(&self, _: &Footprint, _: Option<Held>) -> Result<Begun<'_>> {
        Err(written())
    }

    /// Everything is in memory.
    fn reads_fast(&self, _: &Path) -> bool {
        true
    }

    /// Nothing of it is kept: the next answer has other numbers.
    fn unchanged(&self, _: &Path, _: &Witness) -> bool {
        false
    }

    fn keep_secret(&self, _: &[std::path::PathBuf]) -> Result<()> {
        // It has no files of the disk.
        Ok(())
    }

    fn sweep(&self, _: Timestamp) -> Result<()> {
        Ok(())
    }
}

/// Admission keeps every method away that writes.
fn written() -> Error {
    Error::failed("the server's own resources are only read")
}

/// The path at which Prometheus looks for metrics unless it is told another.
const USUAL_METRICS: &str = "/metrics";

/// The text that is said as long as requests are answered.
const HEALTHY: &[u8] = b"ok\n";
