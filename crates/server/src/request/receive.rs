//! Step 6: the content of a request, as far as the method's row takes one.
//!
//! Three kinds of content are taken in three ways: what becomes a file is staged on its disk as it
//! comes, what is read as a document is held in memory within a limit of all clients, a form is
//! taken apart. Limits hold for the length that was announced and for what really comes.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use methodical_content::{
    staging::{Staged, Staging},
    waiting::let_go,
};
use methodical_methods::{
    content::content_checks::Checks,
    memory::{Held, full},
    method::{Accepts, Unasked},
    request::{Input, Request},
};
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    header::expected_entity_length,
};
use methodical_wire::{incoming::Incoming, message::Stopped};
use tokio::time::{Instant, timeout_at};

use crate::{
    observe::metrics,
    pool::lane::Lane,
    reloadable::{Reloadable, Shared},
    request::errand::Errand,
    request::form,
    request::in_memory::InMemory,
    request::staged::{Upload, Verdict, WAY_WAIT, others_want_it},
};

/// The content of a request, by its method's row.
pub(crate) async fn content(
    shared: &Arc<Shared>,
    live: &Reloadable,
    errand: Errand<'_>,
    incoming: &mut Incoming<'_>,
) -> Result<Input, Stopped> {
    let request = errand.request;
    let upload_max = Most::set(live.settings.limits.upload_bytes_max, "--upload-bytes-max");
    if request.drops_content() {
        fits(incoming.left(), upload_max)?;
        return drop_all(incoming, upload_max).await;
    }
    match request.method.accepts {
        Accepts::None(Unasked::Dropped) => {
            drop_content(incoming).await?;
            Ok(Input::Nothing)
        }
        Accepts::None(Unasked::Unsupported) => {
            let announced = incoming.left().is_some_and(|octets| octets > 0);
            if announced || drop_content(incoming).await? > 0 {
                return Err(Stopped::Refused(Error::refused(
                    Condition::UnsupportedType,
                    "Send this method without content: none has a meaning here.",
                )));
            }
            Ok(Input::Nothing)
        }
        Accepts::None(Unasked::Malformed) => Err(Stopped::Refused(Error::refused(
            Condition::UnexpectedContent,
            "Send this method without content.",
        ))),
        Accepts::Small { bytes_max, .. } => {
            let (set, most) = (live.settings.limits.patch_bytes_max, bytes_max as u64);
            let most = if set < most { Most::set(set, "--patch-bytes-max") } else { most.into() };
            fits(incoming.left(), most)?;
            Ok(Input::Bytes(whole(request, incoming, most).await?))
        }
        Accepts::Staged => {
            fits(incoming.left(), upload_max)?;
            staged(shared, errand, incoming, upload_max).await
        }
        Accepts::StagedOrForm => {
            fits(incoming.left(), upload_max)?;
            match form::boundary::of(request)? {
                Some(boundary) => {
                    let form = (boundary, upload_max.octets);
                    let parts = form::parts(Sent::of(shared, errand), incoming, form);
                    Ok(Input::Form(parts.await?))
                }
                None => staged(shared, errand, incoming, upload_max).await,
            }
        }
    }
}

/// The next piece of content, which is counted.
pub(crate) async fn piece(incoming: &mut Incoming<'_>) -> Result<Option<Bytes>, Stopped> {
    let piece = incoming.piece().await?;
    metrics::received(piece.as_ref().map_or(0, Bytes::len));
    Ok(piece)
}

/// Reads content that has no meaning, so that the connection can go on behind it; says how many
/// octets there were.
pub(crate) async fn drop_content(incoming: &mut Incoming<'_>) -> Result<usize, Stopped> {
    let mut octets = 0;
    while let Some(piece) = piece(incoming).await? {
        octets += piece.len();
        if octets > MEANINGLESS_BYTES_MAX {
            return Err(Stopped::Unreadable(
                Condition::ContentTooLarge,
                "This method takes no content.",
            ));
        }
    }
    Ok(octets)
}

/// Reads content that is taken as any other, and kept nowhere.
async fn drop_all(incoming: &mut Incoming<'_>, most: Most) -> Result<Input, Stopped> {
    let mut octets = 0;
    while let Some(piece) = piece(incoming).await? {
        octets += piece.len() as u64;
        fits(Some(octets), most)?;
    }
    Ok(Input::Nothing)
}

/// A request whose content is staged.
#[derive(Debug, Clone)]
pub(crate) struct Sent<'r> {
    /// The request and its store.
    pub(crate) errand: Errand<'r>,
    /// Its account of room on the disk.
    upload: Arc<Upload>,
}

impl<'r> Sent<'r> {
    /// One of which nothing is staged yet.
    pub(crate) fn of(shared: &Shared, errand: Errand<'r>) -> Self {
        Self { errand, upload: shared.pool.disks.upload(errand.request.memory.client()) }
    }

    /// The next piece of the content, unless it has to give way to others'.
    pub(crate) async fn piece(
        &self,
        incoming: &mut Incoming<'_>,
    ) -> Result<Option<Bytes>, Stopped> {
        tokio::select! {
            biased;
            () = self.upload.gives_way() => Err(others_want_it().into()),
            piece = piece(incoming) => piece,
        }
    }
}

/// A staging that is fed in large pieces, off the event loop.
pub(crate) struct Feed {
    /// Nothing only once it is finished or dropped.
    staging: Option<Box<dyn Staging>>,
    /// Given back behind what it counts.
    upload: Arc<Upload>,
    /// The way to the threads that write.
    lane: Lane,
    /// Octets that are still to be written together.
    waiting: BytesMut,
    /// The memory that they are counted in.
    held: Held,
    /// Counts it as an upload, as long as it is one.
    _counted: metrics::Upload,
}

impl Feed {
    /// Begins to stage content for the request's resource.
    pub(crate) async fn begin(sent: &Sent<'_>, length: Option<u64>) -> Result<Self> {
        let begun = Self::open(sent, length).await;
        match (begun, length) {
            (Err(Error::Refused(refusal)), Some(length))
                if refusal.condition == Condition::InsufficientStorage =>
            {
                // Others may have to give way to it.
                let feed = Self::open(sent, None).await?.with_room(length).await?;
                feed.upload.gives_back(length);
                drop(feed);
                Self::open(sent, Some(length)).await
            }
            (begun, _) => begun,
        }
    }

    /// Begins to stage content where the store wants it for the path of the request.
    async fn open(sent: &Sent<'_>, length: Option<u64>) -> Result<Self> {
        let Errand { request, store, lane } = sent.errand;
        let held = request.memory.hold();
        let (store, request) = (Arc::clone(store), Arc::clone(request));
        let counted = metrics::upload();
        let (waiting, lane) = (BytesMut::new(), lane.clone());
        let upload = Arc::clone(&sent.upload);
        let begin = move || {
            let staging = store.stage(request.path(), length)?;
            upload.hears(staging.room());
            Ok((Some(staging), upload, counted))
        };
        let (staging, upload, counted) = lane.run(begin).await?;
        Ok(Self { staging, upload, lane, waiting, held, _counted: counted })
    }

    /// Takes a piece. Where there is no room to gather, it is written at once.
    pub(crate) async fn add(mut self, piece: &Bytes) -> Result<Self> {
        let gathers = self.held.reaches(self.waiting.len() + piece.len());
        if gathers {
            self.waiting.extend_from_slice(piece);
            if self.waiting.len() < FEED_BYTES {
                return Ok(self);
            }
        }
        let beyond = if gathers { Bytes::new() } else { piece.clone() };
        let octets = self.waiting.len() + beyond.len();
        let mut feed = self.with_room(octets as u64).await?;
        let lane = feed.lane.clone();
        lane.run(move || {
            let staging = feed.staging.as_mut().ok_or_else(ended)?;
            staging.write(&feed.waiting)?;
            feed.waiting.clear();
            if !gathers {
                staging.write(&beyond)?;
                feed.waiting = BytesMut::new();
                feed.held.release();
            }
            feed.upload.hears(staging.room());
            Ok(feed)
        })
        .await
    }

    /// Takes room on the disk for so many octets, waiting for others to give way where they have
    /// to.
    async fn with_room(mut self, octets: u64) -> Result<Self> {
        let upload = Arc::clone(&self.upload);
        let until = Instant::now() + WAY_WAIT;
        // What is said at first may be said of how it was.
        let mut verdict = upload.takes(octets);
        while verdict != Verdict::Fits {
            let freed = upload.others();
            self = self.ask().await?;
            verdict = upload.takes(octets);
            match verdict {
                Verdict::Fits => {}
                Verdict::Beyond => return Err(others_want_it()),
                Verdict::Waits => {
                    if timeout_at(until, freed).await.is_err() {
                        upload.takes_anyhow(octets);
                        break;
                    }
                }
            }
        }
        Ok(self)
    }

    /// Asks the disk how much is free.
    async fn ask(self) -> Result<Self> {
        let lane = self.lane.clone();
        let ask = move || {
            self.upload.hears(self.staging.as_ref().and_then(|staging| staging.room()));
            Ok(self)
        };
        lane.run(ask).await
    }

    /// Ends the content.
    pub(crate) async fn finish(self) -> Result<Staged> {
        let octets = self.waiting.len() as u64;
        let mut feed = self.with_room(octets).await?;
        let lane = feed.lane.clone();
        let staged = lane.run(move || {
            let mut staging = feed.staging.take().ok_or_else(ended)?;
            staging.write(&feed.waiting)?;
            let staged = staging.finish()?.counted_by(Arc::clone(&feed.upload));
            Ok(if feed.lane.is_slow() { staged.on_a_slow_disk() } else { staged })
        });
        staged.await
    }
}

impl Drop for Feed {
    /// On a slow disk removing what was staged may take long as well: another thread does it.
    fn drop(&mut self) {
        if self.lane.is_slow() {
            let_go(self.staging.take());
        }
    }
}

/// The failure of content that goes on behind its end; a fault of ours.
fn ended() -> Error {
    Error::failed("content was ended twice")
}

/// Takes content of a file: little that is here stays in memory, all else goes to the disk as it
/// comes.
async fn staged(
    shared: &Arc<Shared>,
    errand: Errand<'_>,
    incoming: &mut Incoming<'_>,
    most: Most,
) -> Result<Input, Stopped> {
    let request = errand.request;
    let declared = incoming.left();
    let expected = expected_entity_length::from_headers(&request.fields).map_err(Error::from)?;
    fits(expected, most)?;
    if incoming.is_here() && declared.is_some_and(|length| length <= FEED_BYTES as u64) {
        let content = whole(request, incoming, most).await?;
        is_expected(content.len() as u64, expected)?;
        return Ok(Input::Bytes(content));
    }
    let mut checks = Checks::from_fields(&request.fields)?;
    let sent = Sent::of(shared, errand);
    let mut feed = Feed::begin(&sent, declared.or(expected)).await?;
    let mut octets = 0;
    while let Some(piece) = sent.piece(incoming).await? {
        octets += piece.len() as u64;
        fits(Some(octets), most)?;
        checks.update(&piece);
        feed = feed.add(&piece).await?;
    }
    is_expected(octets, expected)?;
    checks.finish()?;
    Ok(Input::Staged(feed.finish().await?))
}

/// Returns whether all came that the client had announced: a proxy may have lost what had no
/// length.
fn is_expected(octets: u64, expected: Option<u64>) -> Result<()> {
    match expected {
        Some(expected) if expected != octets => Err(Error::refused(
            Condition::LengthMismatch,
            format!("Of the {expected} octets that were announced {octets} came; send it again."),
        )),
        Some(_) | None => Ok(()),
    }
}

/// Takes content in memory, counted with that of all other requests.
async fn whole(
    request: &Request,
    incoming: &mut Incoming<'_>,
    most: Most,
) -> Result<Bytes, Stopped> {
    let mut checks = Checks::from_fields(&request.fields)?;
    let length = incoming.left().unwrap_or(most.octets);
    let mut content = InMemory::of(usize::try_from(length).unwrap_or(usize::MAX));
    let mut held = request.memory.hold();
    while let Some(piece) = piece(incoming).await? {
        let octets = content.len() + piece.len();
        fits(Some(octets as u64), most)?;
        if octets > UNCOUNTED_BYTES_MAX && !held.reaches(octets) {
            return Err(full().into());
        }
        checks.update(&piece);
        if !content.add(piece) {
            return Err(full().into());
        }
    }
    checks.finish()?;
    Ok(held.with(content.finish()))
}

/// A limit on octets, and the setting that makes it, where one does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Most {
    /// Octets.
    octets: u64,
    /// The option that would allow more, for the refusal.
    setting: Option<&'static str>,
}

impl Most {
    /// A limit that the operator chose.
    pub(crate) fn set(octets: u64, setting: &'static str) -> Self {
        Self { octets, setting: Some(setting) }
    }
}

impl From<u64> for Most {
    fn from(octets: u64) -> Self {
        Self { octets, setting: None }
    }
}

/// Returns whether so many octets are within a limit.
pub(crate) fn fits(octets: Option<u64>, most: impl Into<Most>) -> Result<(), Stopped> {
    let Most { octets: most, setting } = most.into();
    if octets.is_none_or(|octets| octets <= most) {
        return Ok(());
    }
    let set = setting.map_or(String::new(), |setting| format!(" ({setting})"));
    let detail = format!("Send at most {most} octets{set}.");
    Err(Stopped::Refused(Error::refused(Condition::ContentTooLarge, detail)))
}

/// Octets of content that a method without use for it still reads and drops.
const MEANINGLESS_BYTES_MAX: usize = 64 * 1024;

/// Octets of content in memory that are taken whatever others hold.
const UNCOUNTED_BYTES_MAX: usize = 16 * 1024;

/// Octets that are gathered before they are written: few enough to hold for each upload, enough to
/// make the way to the pool worth it.
const FEED_BYTES: usize = 512 * 1024;
