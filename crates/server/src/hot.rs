//! Answers that were given a moment ago and are given again without running the method, as long as
//! one look at the disk shows the file unchanged.
//!
//! An answer is kept only if its method vouched for it with a witness: the same request, without
//! any field that chooses or conditions, is answered the same while the witness holds. A request
//! with If-None-Match is kept under that value as well. Of a large file one range is answered from
//! what is kept of the whole. Each thread has its own.

use std::{
    cell::RefCell,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use methodical_content::body::Body;
use methodical_content::{Content, FileSlice};
use methodical_methods::reply::Reply;
use methodical_semantics::{
    path::Path,
    range::{ByteRanges, Parsed, Resolved},
};
use methodical_store::{resource::Witness, store::Store};
use quick_cache::unsync::Cache;

use crate::answer::HSTS;

use crate::http1::head::FIELDS_MAX;

/// Answers of this thread.
#[derive(Debug)]
pub(crate) struct Hot {
    answers: RefCell<Cache<Box<[u8]>, Kept>>,
    /// Files that may be kept open.
    files_max: usize,
}

#[derive(Debug)]
struct Kept {
    path: Path,
    witness: Witness,
    generation: u64,
    status: u16,
    /// `HTTP/1.1 200 OK`, up to where Date's value belongs.
    before: Bytes,
    /// From behind Date's value to the last of the method's fields' line end.
    after: Bytes,
    /// Content-Length.
    framing: Bytes,
    /// The fields as HTTP/2 has them, without Date.
    fields: HeaderMap,
    body: KeptBody,
    /// When it was kept: an open file is not kept for long, since its room on the disk is taken
    /// as long as it is open, whoever removes it.
    since: Instant,
}

#[derive(Debug)]
enum KeptBody {
    Bytes(Bytes),
    File(FileSlice),
}

/// What was appended of a kept answer.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) status: u16,
    /// Octets of the content.
    pub(crate) octets: u64,
    /// The content, where it is a file that is still to be sent.
    pub(crate) file: Option<FileSlice>,
}

/// A kept answer as HTTP/2 has it.
#[derive(Debug)]
pub(crate) struct Again {
    pub(crate) status: StatusCode,
    /// The fields, without Date.
    pub(crate) fields: HeaderMap,
    pub(crate) content: Bytes,
}

/// What a request says that decides whether a kept answer may serve it.
#[derive(Debug)]
pub(crate) struct Question {
    /// Method, target, Host, If-None-Match and Origin, a line each.
    key: Vec<u8>,
    /// What is asked for of the content, if not all.
    ranges: Option<ByteRanges>,
    /// Whether the client wants the connection closed.
    pub(crate) close: bool,
    /// Whether the answer says that there will always be TLS.
    pub(crate) hsts: bool,
}

impl Question {
    /// The question of a head as it came.
    pub(crate) fn read(head: &[u8]) -> Option<Self> {
        let mut room = [httparse::EMPTY_HEADER; FIELDS_MAX];
        let mut request = httparse::Request::new(&mut room);
        request.parse(head).ok()?;
        Self::of(&request)
    }

    /// The question of a request, if it is one that a kept answer may serve: HTTP/1.1, one Host,
    /// no content, nothing that chooses or conditions but If-None-Match and Range.
    pub(crate) fn of(request: &httparse::Request<'_, '_>) -> Option<Self> {
        if request.version != Some(1) {
            return None;
        }
        let mut named = Named::default();
        let (mut close, mut ranges) = (false, None);
        for line in request.headers.iter() {
            match Role::of(line.name) {
                Role::Connection if line.value.eq_ignore_ascii_case(b"close") => close = true,
                Role::Connection if line.value.eq_ignore_ascii_case(b"keep-alive") => {}
                Role::Range if ranges.is_none() && line.value.len() <= KEY_BYTES_MAX => {
                    ranges = Some(read_ranges(line.value)?);
                }
                role @ (Role::Host
                | Role::Origin
                | Role::Connection
                | Role::Tag
                | Role::Range
                | Role::Deciding
                | Role::Other) => named.take(role, line.value)?,
            }
        }
        // What an absolute-form says besides depends on who says it.
        let target = request.path.filter(|target| target.starts_with('/'))?;
        let key = named.key(request.method?, target)?;
        Some(Self { key, ranges, close, hsts: false })
    }

    /// The same of a request of HTTP/2 that has no content.
    pub(crate) fn of_http2<B>(request: &http::Request<B>) -> Option<Self> {
        let uri = request.uri();
        let mut named = Named::default();
        named.take(Role::Host, uri.authority()?.as_str().as_bytes())?;
        for (name, value) in request.headers() {
            named.take(Role::of(name.as_str()), value.as_bytes())?;
        }
        let key = named.key(request.method().as_str(), uri.path_and_query()?.as_str())?;
        Some(Self { key, ranges: None, close: false, hsts: false })
    }
}

/// The values of fields by which answers are kept.
#[derive(Default)]
struct Named<'r> {
    host: Option<&'r [u8]>,
    tag: Option<&'r [u8]>,
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
            Role::Connection | Role::Range | Role::Deciding => return None,
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

/// What a field means for a kept answer.
#[derive(Clone, Copy)]
enum Role {
    /// Kept is only what was answered under the same name: whether it is one of ours, and a host
    /// at all, was judged then.
    Host,
    /// As kept answers say with whom they are shared.
    Origin,
    Connection,
    Tag,
    Range,
    /// It may decide what the answer is.
    Deciding,
    Other,
}

impl Role {
    fn of(name: &str) -> Self {
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        match name.len() {
            2 if is("if") => Self::Deciding,
            4 if is("host") => Self::Host,
            10 if is("connection") => Self::Connection,
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

    /// Appends the kept answer to a question, if there is one and it still holds; all of it, or all
    /// but a file.
    pub(crate) fn answer(
        &self,
        question: &Question,
        store: &dyn Store,
        generation: u64,
        out: &mut Vec<u8>,
    ) -> Option<Served> {
        let answers = self.answers.borrow();
        let kept = answers.get(question.key.as_slice())?;
        if kept.generation != generation || !store.unchanged(&kept.path, &kept.witness) {
            return None;
        }
        let part = match &question.ranges {
            Some(ranges) => Some(kept.part(ranges)?),
            None => None,
        };
        let (before, framing) = match &part {
            Some((_, (before, framing))) => (*before, framing.as_bytes()),
            None => (&*kept.before, &*kept.framing),
        };
        out.extend_from_slice(before);
        crate::clock::append_date(out);
        out.extend_from_slice(&kept.after);
        out.extend_from_slice(framing);
        if question.hsts {
            out.extend_from_slice(b"Strict-Transport-Security: ");
            out.extend_from_slice(HSTS.as_bytes());
            out.extend_from_slice(b"\r\n");
        }
        if question.close {
            out.extend_from_slice(b"Connection: close\r\n");
        }
        out.extend_from_slice(b"\r\n");
        if let Some((slice, _)) = part {
            let status = StatusCode::PARTIAL_CONTENT.as_u16();
            return Some(Served { status, octets: slice.length, file: Some(slice) });
        }
        let (octets, file) = match &kept.body {
            KeptBody::Bytes(bytes) => {
                out.extend_from_slice(bytes);
                (bytes.len() as u64, None)
            }
            KeptBody::File(slice) => (slice.length, Some(slice.clone())),
        };
        Some(Served { status: kept.status, octets, file })
    }

    /// The kept answer to a question of HTTP/2, if there is one in memory and it still holds.
    pub(crate) fn again(
        &self,
        question: &Question,
        store: &dyn Store,
        generation: u64,
    ) -> Option<Again> {
        let answers = self.answers.borrow();
        let kept = answers.get(question.key.as_slice())?;
        let KeptBody::Bytes(content) = &kept.body else { return None };
        if kept.generation != generation || !store.unchanged(&kept.path, &kept.witness) {
            return None;
        }
        let status = StatusCode::from_u16(kept.status).ok()?;
        Some(Again { status, fields: kept.fields.clone(), content: content.clone() })
    }

    /// Lets go of files that were open for long enough.
    pub(crate) fn close_files(&self) {
        let stays = |kept: &Kept| match kept.body {
            KeptBody::Bytes(_) => true,
            KeptBody::File(_) => kept.since.elapsed() < OPEN_MAX,
        };
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
        if let (KeptBody::Bytes(bytes), Body::Content(content)) = (&body, &mut reply.body) {
            *content = Content::Bytes(bytes.clone());
        }
        let (status, fields, length) = whole(reply);
        let (before, after, framing) = crate::http1::write::around_date((status, &fields), length);
        let fields = fields_of_http2(status, fields, length);
        let (path, status, since) = (path.clone(), status.as_u16(), Instant::now());
        let kept =
            Kept { path, witness, generation, status, before, after, framing, fields, body, since };
        let mut answers = self.answers.borrow_mut();
        if kept.is_file()
            && answers.iter().filter(|(_, kept)| kept.is_file()).count() >= self.files_max
        {
            return;
        }
        answers.insert(question.key.into(), kept);
    }
}

impl Kept {
    fn is_file(&self) -> bool {
        matches!(self.body, KeptBody::File(_))
    }

    /// The one range of a large file that is asked for, with what the head says of it; nothing if
    /// it is not one, or is none of it.
    fn part(&self, ranges: &ByteRanges) -> Option<(FileSlice, (&'static [u8], String))> {
        let KeptBody::File(whole) = &self.body else { return None };
        let Resolved::Satisfiable(resolved) = ranges.resolve(whole.length) else { return None };
        let [range] = *resolved else { return None };
        let offset = whole.offset + range.first();
        let slice = FileSlice { file: Arc::clone(&whole.file), offset, length: range.length() };
        Some((slice, crate::http1::write::of_part(range, whole.length)))
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

/// Fields together with the length (RFC 9110 section 8.6).
fn fields_of_http2(status: StatusCode, mut fields: HeaderMap, length: Option<u64>) -> HeaderMap {
    let bare = matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    if let Some(length) = length.filter(|_| !bare) {
        fields.insert(header::CONTENT_LENGTH, length.into());
    }
    fields
}

/// What is kept of content: small files are read into memory, others stay open; nothing of what
/// is made for one answer, nor of a part of what is small.
fn keepable(reply: &Reply) -> Option<KeptBody> {
    if let Some(whole) = &reply.whole {
        let large = whole.length > BODY_BYTES_MAX as u64;
        return large.then(|| KeptBody::File(whole.clone()));
    }
    match &reply.body {
        Body::Empty | Body::Omitted(_) => Some(KeptBody::Bytes(Bytes::new())),
        Body::Content(Content::Bytes(bytes)) if bytes.len() <= BODY_BYTES_MAX => {
            Some(KeptBody::Bytes(bytes.clone()))
        }
        Body::Content(Content::File(slice)) if slice.length <= BODY_BYTES_MAX as u64 => {
            let mut room = vec![0; usize::try_from(slice.length).ok()?];
            slice.file.read_exact_at(&mut room, slice.offset).ok()?;
            Some(KeptBody::Bytes(room.into()))
        }
        Body::Content(Content::File(slice)) => Some(KeptBody::File(slice.clone())),
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

/// How long a file is kept open for the next request.
const OPEN_MAX: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use methodical_folder::{FolderOptions, FolderStore};
    use methodical_semantics::timestamp::Timestamp;
    use methodical_store::view::read;

    use super::*;

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
            Question { key, ranges: None, close: false, hsts: false }
        };
        let hot = Hot::new(0);
        let is_kept = |number| hot.answer(&question(number), &store, 0, &mut Vec::new()).is_some();
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
