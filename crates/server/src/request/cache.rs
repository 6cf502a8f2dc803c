//! Answers that were given a moment ago and are given again without running the method, as long as
//! one look at the disk shows the file unchanged.
//!
//! An answer is kept only if its method vouched for it with a witness: the same request, without
//! any field that chooses or conditions, is answered the same while the witness holds. A request
//! with If-None-Match is kept under that value as well. Of a large file one range is answered from
//! what is kept of the whole. Each thread has its own.

use std::{
    cell::RefCell,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use methodical_content::Content;
use methodical_content::body::Body;
use methodical_methods::reply::Reply;
use methodical_semantics::{
    path::Path,
    range::{ByteRanges, Parsed},
};
use methodical_store::{resource::Witness, store::Store};
use quick_cache::unsync::Cache;

use methodical_wire::{
    message::{Asked, Lines, Protocol},
    peer::Peer,
    prepared::{Out, Prepared, Stored},
};

/// Answers of this thread.
#[derive(Debug)]
pub(crate) struct Hot {
    /// The answers of this thread, by the question's own octets.
    answers: RefCell<Cache<Box<[u8]>, Kept>>,
    /// Files that may be kept open.
    files_max: usize,
}

/// An answer that was given, and what it holds for.
#[derive(Debug)]
struct Kept {
    /// The path that it is of.
    path: Path,
    /// The look of the file when it was answered.
    witness: Witness,
    /// The settings that it was answered by, as their number.
    generation: u64,
    /// The answer, as each protocol takes it.
    prepared: Prepared,
    /// The moment at which it was kept: an open file is not kept for long, since its room on the
    /// disk is taken as long as it is open, whoever removes it.
    since: Instant,
}

/// The part of a request that decides whether a kept answer may serve it.
#[derive(Debug)]
pub(crate) struct Question {
    /// Method, target, Host, If-None-Match and Origin, a line each.
    key: Vec<u8>,
    /// The range that is asked for of the content, if not all.
    ranges: Option<ByteRanges>,
}

impl Question {
    /// The question of a request without content, if it is one that a kept answer may serve: one
    /// Host, nothing that chooses or conditions but If-None-Match and Range. None is kept of
    /// another scheme than the connection's.
    pub(crate) fn of<'h, L: Lines<'h>>(asked: &Asked<'h, L>, caller: Peer) -> Option<Self> {
        let own = if caller.secure { "https" } else { "http" };
        let foreign = asked.scheme.is_some_and(|scheme| scheme != own) && caller.address.is_some();
        if foreign || asked.protocol == Protocol::Http10 {
            return None;
        }
        let (mut named, mut ranges) = (Named::default(), None);
        if let Some(authority) = asked.authority {
            named.take(Role::Host, authority.as_bytes())?;
        }
        for (name, value) in asked.lines.each() {
            match Role::of(name) {
                Role::Range if asked.protocol.sends_parts() && ranges.is_none() => {
                    ranges = Some(read_ranges(value)?);
                }
                role @ (Role::Host
                | Role::Origin
                | Role::Tag
                | Role::Range
                | Role::Deciding
                | Role::Other) => named.take(role, value)?,
            }
        }
        // What an absolute-form says besides depends on who says it.
        let target = Some(asked.target).filter(|target| target.starts_with('/'))?;
        Some(Self { key: named.key(asked.method, target)?, ranges })
    }
}

/// The values of fields by which answers are kept.
#[derive(Default)]
struct Named<'r> {
    /// Host, as it came.
    host: Option<&'r [u8]>,
    /// If-None-Match, which makes another answer.
    tag: Option<&'r [u8]>,
    /// Origin, which decides over sharing.
    origin: Option<&'r [u8]>,
}

impl<'r> Named<'r> {
    /// Takes one field; nothing where it comes twice, is too long, or decides something that the
    /// key does not tell.
    fn take(&mut self, role: Role, value: &'r [u8]) -> Option<()> {
        let place = match role {
            Role::Host => &mut self.host,
            Role::Tag => &mut self.tag,
            Role::Origin => &mut self.origin,
            Role::Other => return Some(()),
            Role::Range | Role::Deciding => return None,
        };
        let fits = place.is_none() && value.len() <= KEY_BYTES_MAX;
        fits.then(|| *place = Some(value))
    }

    /// The key, where it has a Host and is not too long.
    fn key(&self, method: &str, target: &str) -> Option<Vec<u8>> {
        if method.len() + target.len() > KEY_BYTES_MAX {
            return None;
        }
        let (tag, origin) = (self.tag.unwrap_or_default(), self.origin.unwrap_or_default());
        Some(key(&[method.as_bytes(), target.as_bytes(), self.host?, tag, origin]))
    }
}

/// The ranges of a field that asks for some.
fn read_ranges(value: &[u8]) -> Option<ByteRanges> {
    if value.len() > KEY_BYTES_MAX {
        return None;
    }
    match ByteRanges::parse(std::str::from_utf8(value).ok()?) {
        Parsed::Ranges(ranges) => Some(ranges),
        Parsed::Ignored | Parsed::Refused => None,
    }
}

/// No field has an end of line in it.
fn key(lines: &[&[u8]]) -> Vec<u8> {
    let mut key = Vec::with_capacity(lines.iter().map(|line| line.len() + 1).sum());
    for line in lines {
        key.extend_from_slice(line);
        key.push(b'\n');
    }
    key
}

/// The meaning of a field for a kept answer.
#[derive(Clone, Copy)]
enum Role {
    /// Kept is only what was answered under the same name: whether it is one of ours, and a host
    /// at all, was judged then.
    Host,
    /// As kept answers say with whom they are shared.
    Origin,
    /// If-None-Match: a part of the question.
    Tag,
    /// Range, where the protocol has a use for a part.
    Range,
    /// It may decide what the answer is.
    Deciding,
    /// It says nothing that an answer of the kept kind depends on.
    Other,
}

impl Role {
    /// Sorted by length first, since every field of every request comes by here.
    fn of(name: &str) -> Self {
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        match name.len() {
            2 if is("if") => Self::Deciding,
            4 if is("host") => Self::Host,
            13 if is("if-none-match") => Self::Tag,
            5 if is("range") => Self::Range,
            6 if is("origin") => Self::Origin,
            6 if is("expect") || is("prefer") => Self::Deciding,
            7 if is("upgrade") => Self::Deciding,
            // Proxies that are trusted tell Host and the place of the folder by these.
            9 if is("forwarded") => Self::Deciding,
            16 if is("x-forwarded-host") => Self::Deciding,
            18 if is("x-forwarded-prefix") => Self::Deciding,
            13 if is("authorization") => Self::Deciding,
            14 if is("content-length") => Self::Deciding,
            17 if is("transfer-encoding") => Self::Deciding,
            _ if name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("if-")) => {
                Self::Deciding
            }
            _ => Self::Other,
        }
    }
}

impl Hot {
    /// None yet, of which so many may be files that are kept open.
    pub(crate) fn new(files_max: usize) -> Self {
        Self { answers: RefCell::new(Cache::new(ANSWERS_MAX)), files_max }
    }

    /// Gives the kept answer to a question, if there is one and it still holds. Gives its status.
    pub(crate) fn answer(
        &self,
        question: &Question,
        keeper: (&dyn Store, u64),
        hsts: Option<&HeaderValue>,
        out: &mut impl Out,
    ) -> Option<StatusCode> {
        let (store, generation) = keeper;
        let answers = self.answers.borrow();
        let kept = answers.get(question.key.as_slice())?;
        if kept.generation != generation || !store.unchanged(&kept.path, &kept.witness) {
            return None;
        }
        let part = match &question.ranges {
            Some(ranges) => Some(kept.prepared.part(ranges)?),
            None => None,
        };
        out.take(&kept.prepared, part, hsts)?;
        Some(if part.is_some() { StatusCode::PARTIAL_CONTENT } else { kept.prepared.status })
    }

    /// Lets go of files that were open for long enough.
    pub(crate) fn close_files(&self) {
        let stays = |kept: &Kept| !kept.prepared.is_file() || kept.since.elapsed() < OPEN_MAX;
        self.answers.borrow_mut().retain(|_, kept| stays(kept));
    }

    /// Keeps an answer, if its method vouches for it and it is small; its content is in memory
    /// then.
    pub(crate) fn keep(
        &self,
        question: Question,
        path: &Path,
        reply: &mut Reply,
        keeper: (&dyn Store, u64),
    ) {
        let (store, generation) = keeper;
        let Some(witness) = reply.witness else { return };
        let Some(body) = keepable(reply) else { return };
        // The bytes were read after the witness was taken: they are its bytes only if it holds
        // still.
        if !store.unchanged(path, &witness) {
            return;
        }
        if let (Stored::Bytes(bytes), Body::Content(content)) = (&body, &mut reply.body) {
            *content = Content::Bytes(bytes.clone());
        }
        let (status, fields, length) = whole(reply);
        let prepared = Prepared::of((status, fields), length, body);
        let (path, since) = (path.clone(), Instant::now());
        let kept = Kept { path, witness, generation, prepared, since };
        let mut answers = self.answers.borrow_mut();
        if kept.prepared.is_file()
            && answers.iter().filter(|(_, kept)| kept.prepared.is_file()).count() >= self.files_max
        {
            return;
        }
        answers.insert(question.key.into(), kept);
    }
}

/// Status, fields and length of a reply, or of what it is a part of.
fn whole(reply: &Reply) -> (StatusCode, HeaderMap, Option<u64>) {
    let mut fields = reply.fields.clone();
    match &reply.whole {
        Some(file) => {
            fields.remove(header::CONTENT_RANGE);
            (StatusCode::OK, fields, Some(file.length))
        }
        None => (reply.status, fields, reply.body.length()),
    }
}

/// Returns what is kept of content: small files are read into memory, others stay open; nothing of
/// what is made for one answer, nor of a part of what is small.
fn keepable(reply: &Reply) -> Option<Stored> {
    if let Some(whole) = &reply.whole {
        let large = whole.length > BODY_BYTES_MAX as u64;
        return large.then(|| Stored::File(whole.clone()));
    }
    match &reply.body {
        Body::Empty | Body::Omitted(_) => Some(Stored::Bytes(Bytes::new())),
        Body::Content(Content::Bytes(bytes)) if bytes.len() <= BODY_BYTES_MAX => {
            Some(Stored::Bytes(bytes.clone()))
        }
        Body::Content(Content::File(slice)) if slice.length <= BODY_BYTES_MAX as u64 => {
            let mut room = vec![0; usize::try_from(slice.length).ok()?];
            slice.file.read_exact_at(&mut room, slice.offset).ok()?;
            Some(Stored::Bytes(room.into()))
        }
        Body::Content(Content::File(slice)) => Some(Stored::File(slice.clone())),
        Body::Content(_) | Body::Parts(_) | Body::Pulled(_) => None,
    }
}

/// Octets of content that are kept at most: beyond, sending the file is as fast.
pub(crate) const BODY_BYTES_MAX: usize = 16 * 1024;

/// Answers kept in each thread: with the content, 16 MiB at the very most, and less by far as a
/// rule.
const ANSWERS_MAX: usize = 1024;

/// Octets of a target or tag in a question: longer ones are not asked often.
const KEY_BYTES_MAX: usize = 1024;

/// The time for which a file is kept open for the next request.
const OPEN_MAX: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use methodical_folder::{FolderOptions, FolderStore};
    use methodical_semantics::timestamp::Timestamp;
    use methodical_store::view::read;

    use super::*;
    use methodical_wire::prepared::Http2Out;

    #[test]
    fn one_answer_more_than_can_be_kept_ends_few_others() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("f"), "content").unwrap();
        let store = FolderStore::open(folder.path(), FolderOptions::default()).unwrap();
        let path = Path::root().join(b"f").unwrap();
        let found = read(&store, Timestamp::new(0, 0), |view| view.find(&path));
        let witness = found.unwrap().unwrap().witness;
        let question = |number: usize| {
            let key = number.to_string().into_bytes();
            Question { key, ranges: None }
        };
        let hot = Hot::new(0);
        let is_kept = |number| {
            let mut out = Http2Out::default();
            hot.answer(&question(number), (&store, 0), None, &mut out).is_some()
        };
        for number in 0..ANSWERS_MAX * 2 {
            let mut reply = Reply::bytes(StatusCode::OK, "text/plain", "content");
            reply.witness = witness;
            hot.keep(question(number), &path, &mut reply, (&store, 0));
            assert!(is_kept(0), "what is asked for again and again stays");
        }
        let kept = (0..ANSWERS_MAX * 2).filter(|number| is_kept(*number)).count();
        assert!((ANSWERS_MAX * 9 / 10..=ANSWERS_MAX).contains(&kept), "{kept}");
    }
}
