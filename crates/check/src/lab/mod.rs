//! The lab in which a probe works: the client, files of its own, and what is known of the server.
//!
//! A probe gets nothing but this. Its methods return early, by [`Stop`], where the server has not
//! what they need: so a probe reads as what is sent and what is right, and a server without WebDAV
//! is not found wrong for it. What is found out once, as the sample or which methods are offered,
//! is kept for all that follow.

mod finding;
mod offers;

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::Duration;

use methodical_semantics::etag::ETag;
use methodical_semantics::timestamp::Timestamp;

use crate::client::{Client, Connection, Exchange, Next, Trouble, Version};
use crate::message::{Answer, Head, Request, shown};
use crate::scratch::Scratch;
use crate::verdict::{Stop, given, untested, without};

pub(crate) use offers::is_the_content_of;

/// The place where probes run.
#[derive(Debug)]
pub(crate) struct Lab {
    pub(crate) client: Client,
    /// The place where things are made; nothing without the right to write.
    pub(crate) scratch: Option<Scratch>,
    /// The origin that cross-origin requests come from.
    pub(crate) origin: String,
    /// The path of a file to read, if the operator names one.
    file: Option<String>,
    /// The resource that most probes read.
    sample: OnceLock<Sample>,
    /// The classes of WebDAV, joined by commas.
    dav: OnceLock<String>,
    /// The verdicts on whether methods are offered, by their names.
    offers: Mutex<BTreeMap<String, Result<(), Stop>>>,
    /// Answers to GET of names that were never in use, by their endings.
    missing: Mutex<Vec<(String, Answer)>>,
    /// The time to wait for what should not come; most other waits of raw connections are ten of
    /// these.
    wait: Duration,
}

/// A resource to read: one that we wrote, or the one of the URL.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    pub(crate) path: String,
    /// The answer to a GET.
    pub(crate) answer: Answer,
    /// True if the content is ours and known.
    pub(crate) is_ours: bool,
}

impl Lab {
    /// The wait is short for a server on this machine, where an answer takes no time on its way.
    pub(crate) fn new(
        client: Client,
        scratch: Option<Scratch>,
        origin: String,
        file: Option<String>,
    ) -> Self {
        let wait = if client.is_loopback() { QUIET_NEAR } else { QUIET_FAR };
        let (sample, dav) = (OnceLock::new(), OnceLock::new());
        let (offers, missing) = (Mutex::default(), Mutex::default());
        Self { client, scratch, origin, file, sample, dav, offers, missing, wait }
    }

    /// Sends a request; that there is no answer is what the probe found. Where the method is none
    /// that this server is known to offer, the end of the connection is how it refuses it.
    pub(crate) fn ask(&self, request: &Request) -> Result<Answer, Stop> {
        match self.client.ask(request) {
            Err(Trouble::Closed) if !self.is_known(&request.method) => {
                Err(without(format!("{} is answered by the end of the connection", request.method)))
            }
            answer => Ok(answer?),
        }
    }

    /// The answer to a GET.
    pub(crate) fn get(&self, path: &str) -> Result<Answer, Stop> {
        self.ask(&Request::get(path))
    }

    /// The path of the URL that is examined.
    pub(crate) fn base(&self) -> &str {
        &self.client.url().path
    }

    /// The time to wait for what should not come.
    pub(crate) const fn wait(&self) -> Duration {
        self.wait
    }

    /// The place to write, or "not tested" without the right to.
    fn scratch(&self) -> Result<&Scratch, Stop> {
        self.scratch.as_ref().ok_or_else(|| untested("needs --write"))
    }

    /// A name that is not in use, for us to make something there.
    /// It is removed in the end, whether something was made there or not.
    pub(crate) fn name(&self, ending: &str) -> Result<String, Stop> {
        Ok(self.scratch()?.name(ending))
    }

    /// A path on which there is nothing; also where nothing may be written.
    pub(crate) fn missing(&self) -> String {
        match &self.scratch {
            Some(scratch) => scratch.name("-missing"),
            None => format!("{}methodical-check-missing-7f3a91c2", self.client.url().collection()),
        }
    }

    /// A new file with this content.
    pub(crate) fn file(&self, content: &[u8]) -> Result<Sample, Stop> {
        self.typed(".txt", "text/plain", content)
    }

    /// A new file with this ending, media type and content.
    ///
    /// # Errors
    /// Not applicable: PUT makes nothing here.
    pub(crate) fn typed(&self, ending: &str, kind: &str, content: &[u8]) -> Result<Sample, Stop> {
        let path = self.name(ending)?;
        let put = Request::put(&path, content).with("Content-Type", kind);
        let made = self.ask(&put)?;
        given(made.is_success(), &format!("PUT makes no resource here ({})", made.status()))?;
        self.reread(&path)
    }

    /// The state of one of our files that a GET gives now.
    pub(crate) fn reread(&self, path: &str) -> Result<Sample, Stop> {
        let answer = self.get(path)?;
        if answer.status() != 200 {
            return Err(untested(format!("what was stored is answered {}", answer.status())));
        }
        Ok(Sample { path: path.to_owned(), answer, is_ours: true })
    }

    /// A new collection within ours.
    ///
    /// # Errors
    /// Not applicable: MKCOL is not answered 201.
    pub(crate) fn collection(&self) -> Result<String, Stop> {
        given(self.scratch()?.collection().is_some(), "MKCOL makes no collection here")?;
        let path = self.name("/")?;
        let made = self.ask(&Request::new("MKCOL", &path))?;
        given(made.status() == 201, &format!("MKCOL is answered {}", made.status()))?;
        Ok(path)
    }

    /// The fresh collection of this examination.
    pub(crate) fn own_collection(&self) -> Result<&str, Stop> {
        let own = self.scratch()?.collection();
        own.ok_or_else(|| without("MKCOL makes no collection here"))
    }

    /// A collection: ours, or that of the URL.
    pub(crate) fn any_collection(&self) -> Result<String, Stop> {
        if let Some(own) = self.scratch.as_ref().and_then(Scratch::collection) {
            return Ok(own.to_owned());
        }
        let path = self.client.url().collection();
        given(path == self.base() && path.len() > 1, "the URL names no collection")?;
        Ok(path.to_owned())
    }

    /// The resource to read, got once.
    /// The file of our own comes first, as its content is known; with no right to write, or where
    /// PUT does nothing, one is looked for (see [`finding`]).
    pub(crate) fn sample(&self) -> Result<Sample, Stop> {
        if let Some(sample) = self.sample.get() {
            return Ok(sample.clone());
        }
        let own = if self.scratch.is_some() { self.file(SAMPLE).ok() } else { None };
        let sample = match own {
            Some(sample) => sample,
            None => self.found()?,
        };
        Ok(self.sample.get_or_init(|| sample).clone())
    }

    /// The path of the file that is read, if it was found out, and is none of ours.
    pub(crate) fn read_file(&self) -> Option<&str> {
        let sample = self.sample.get().filter(|sample| !sample.is_ours);
        sample.map(|sample| sample.path.as_str())
    }

    /// Goes on if it is a WebDAV server of this class, by what it says or by what it does.
    pub(crate) fn dav(&self, class: &str) -> Result<(), Stop> {
        if self.dav.get().is_none() {
            let classes = self.dav_classes()?;
            self.dav.get_or_init(|| classes);
        }
        let classes = self.dav.get().map(String::as_str).unwrap_or_default();
        let is_there = classes.split(',').any(|own| own == class);
        given(is_there, &format!("this is no WebDAV server of class {class}"))
    }

    /// The field DAV of OPTIONS, and what a PROPFIND that works and a LOCK in Allow show, since
    /// some servers leave the field out.
    fn dav_classes(&self) -> Result<String, Stop> {
        let path = self.scratch.as_ref().and_then(Scratch::collection).unwrap_or(self.base());
        let fields = self.ask(&Request::options(path))?.head.fields;
        let mut classes = fields.list("DAV");
        let found = self.ask(&Request::new("PROPFIND", path).with("Depth", "0"))?;
        if found.status() == 207 {
            classes.push("1".to_owned());
        }
        if fields.lists("Allow", "LOCK") {
            classes.push("2".to_owned());
        }
        Ok(classes.join(","))
    }

    /// Returns whether the answer to OPTIONS lists the method.
    pub(crate) fn allows(&self, path: &str, method: &str) -> Result<bool, Stop> {
        Ok(self.ask(&Request::options(path))?.head.fields.lists("Allow", method))
    }

    /// Locks a resource of ours for writing and returns the token as `<...>`.
    ///
    /// # Errors
    /// Not applicable: LOCK is not offered, or gives no lock.
    pub(crate) fn lock(&self, path: &str, depth: &str) -> Result<String, Stop> {
        self.offers("LOCK")?;
        let answer = self.ask(&lock_request(path, depth, "exclusive"))?;
        let token = answer.field("Lock-Token").unwrap_or_default().to_owned();
        let locks = answer.is_success() && token.starts_with('<');
        given(locks, &format!("LOCK is answered {}: see DAV-37", answer.status()))?;
        self.remember_lock(path, &token)?;
        Ok(token)
    }

    /// Remembers a lock, to be taken off in the end.
    pub(crate) fn remember_lock(&self, path: &str, token: &str) -> Result<(), Stop> {
        self.scratch()?.locked(path, token);
        Ok(())
    }

    /// Returns whether a path was made by this examination.
    pub(crate) fn is_ours(&self, path: &str) -> bool {
        self.scratch.as_ref().is_some_and(|scratch| scratch.is_ours(path))
    }

    /// The path on this server that an answer's Location means.
    pub(crate) fn location(&self, base: &str, answer: &Answer) -> Option<String> {
        self.client.url().resolve(base, answer.field("Location")?)
    }

    /// A new connection with these bytes sent on it.
    /// It is not read from yet; [`Self::told`] does both.
    pub(crate) fn raw(&self, bytes: &[u8]) -> Result<Connection, Stop> {
        self.client.pace()?;
        let mut connection = self.client.connect()?;
        // A server may refuse before it has read everything; what it says is read below.
        drop(connection.send(bytes));
        Ok(connection)
    }

    /// A new connection for HTTP/2, if TLS, where there is TLS, agrees to it.
    pub(crate) fn http2(&self) -> Result<Connection, Stop> {
        self.client.pace()?;
        let no_http2 = || without("no HTTP/2 by ALPN");
        match self.client.connect_for(Version::Http2) {
            Ok(connection) => {
                let agreed = !self.client.url().tls || connection.protocol() == Some(b"h2");
                if agreed { Ok(connection) } else { Err(no_http2()) }
            }
            // Some servers end the handshake where they know none of the protocols (RFC 7301 3.2).
            Err(Trouble::Unreachable(_)) if self.client.url().tls => Err(no_http2()),
            Err(trouble) => Err(trouble.into()),
        }
    }

    /// The answer to raw bytes, if there is one, and the connection.
    /// No answer, be it by the end, by silence or by what is no HTTP, is `None` here and no error:
    /// for wrong bytes it is often right.
    pub(crate) fn told(&self, bytes: &[u8]) -> Result<(Option<Answer>, Connection), Stop> {
        let mut connection = self.raw(bytes)?;
        let next = connection.next(method_of(bytes), self.wait * 10);
        let shown = shown(bytes, self.client.given_fields());
        let (outcome, answer) = match next {
            Ok(Next::Answer(answer)) => (Ok(answer.clone()), Some(answer)),
            Ok(Next::Closed) => (Err(Trouble::Closed), None),
            Ok(Next::Silence) => (Err(Trouble::Silent(self.wait * 10)), None),
            Err(Trouble::Interrupted) => return Err(Trouble::Interrupted.into()),
            Err(trouble) => (Err(trouble), None),
        };
        self.client.note(method_of(bytes).to_owned(), shown, &outcome);
        Ok((answer, connection))
    }

    /// The next thing on a raw connection after the first answer; an answer is written down.
    pub(crate) fn more(
        &self,
        connection: &mut Connection,
        patience: Duration,
    ) -> Result<Next, Trouble> {
        let next = connection.next("GET", patience);
        if let Ok(Next::Answer(answer)) = &next {
            self.client.note("GET".to_owned(), String::new(), &Ok(answer.clone()));
        }
        next
    }

    /// The first head that comes on a raw connection on which these bytes were sent.
    ///
    /// # Errors
    /// There is none, or it is malformed.
    pub(crate) fn first(
        &self,
        connection: &mut Connection,
        bytes: &[u8],
    ) -> Result<Option<Head>, Stop> {
        let head = connection.head(self.wait * 10)?;
        let received = head.as_ref().map_or_else(|| "(the end)".to_owned(), Head::brief);
        self.client.write_down(Exchange {
            method: method_of(bytes).to_owned(),
            sent: shown(bytes, self.client.given_fields()),
            received,
            answer: None,
        });
        Ok(head)
    }

    /// A head of an HTTP/1.1 request with Host, login and these lines, in bytes.
    pub(crate) fn head(&self, method: &str, target: &str, lines: &[&str]) -> Vec<u8> {
        let mut head = format!("{method} {target} HTTP/1.1\r\n");
        for (name, value) in self.client.fields(false).iter() {
            head.extend([name, ": ", value, "\r\n"]);
        }
        for line in lines {
            head.extend([*line, "\r\n"]);
        }
        head.push_str("\r\n");
        head.into_bytes()
    }

    /// A request line and a Host that must never be taken for a request.
    /// A probe puts it where content is: an answer to it shows that content was taken for a
    /// request.
    pub(crate) fn smuggled(&self) -> String {
        let url = self.client.url();
        format!("GET {}smuggled HTTP/1.1\r\nHost: {}\r\n\r\n", url.collection(), url.authority())
    }

    /// All exchanges so far.
    pub(crate) fn seen(&self) -> Vec<Exchange> {
        self.client.exchanges(0)
    }

    /// Runs a function on several threads at once and returns what each did.
    /// What a thread that panicked did is left out.
    pub(crate) fn race<T: Send>(count: usize, run: impl Fn(usize) -> T + Sync) -> Vec<T> {
        thread::scope(|scope| {
            let racers: Vec<_> = (0..count)
                .map(|i| {
                    scope.spawn({
                        let run = &run;
                        move || run(i)
                    })
                })
                .collect();
            racers.into_iter().filter_map(|racer| racer.join().ok()).collect()
        })
    }
}

impl Sample {
    /// The entity tag as it was sent.
    pub(crate) fn etag(&self) -> Result<&str, Stop> {
        self.answer.field("ETag").ok_or_else(|| without("no ETag is sent"))
    }

    /// The entity tag, if it is strong.
    pub(crate) fn strong(&self) -> Result<&str, Stop> {
        let etag = self.etag()?;
        let is_strong = ETag::parse(etag).is_some_and(|tag| !tag.is_weak());
        given(is_strong, "the ETag is not a strong one")?;
        Ok(etag)
    }

    /// The date of the last change.
    pub(crate) fn modified(&self) -> Result<&str, Stop> {
        self.answer.field("Last-Modified").ok_or_else(|| without("no Last-Modified is sent"))
    }

    /// The same date, so many seconds later or earlier.
    pub(crate) fn modified_plus(&self, seconds: i64) -> Result<String, Stop> {
        let date = Timestamp::from_http_date(self.modified()?);
        let date = date.ok_or_else(|| untested("Last-Modified is no date"))?;
        Ok(Timestamp::new(date.seconds().saturating_add(seconds), 0).http_date())
    }
}

/// The request that locks.
/// It asks for two minutes: long enough for a probe, and gone by itself should nobody take it off.
pub(crate) fn lock_request(path: &str, depth: &str, scope: &str) -> Request {
    let document = format!(
        "<D:lockinfo xmlns:D=\"DAV:\"><D:lockscope><D:{scope}/></D:lockscope>\
         <D:locktype><D:write/></D:locktype><D:owner>methodical check</D:owner></D:lockinfo>"
    );
    Request::xml("LOCK", path, &document).with("Depth", depth).with("Timeout", "Second-120")
}

/// The method in the bytes of a request: all before the first space.
fn method_of(bytes: &[u8]) -> &str {
    let end = bytes.iter().position(|byte| *byte == b' ').unwrap_or(0);
    bytes.get(..end).and_then(|name| std::str::from_utf8(name).ok()).unwrap_or_default()
}

/// The content of the sample that we write.
pub(crate) const SAMPLE: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
/// The waits for a second answer that should not come, on this machine and elsewhere.
const QUIET_NEAR: Duration = Duration::from_millis(150);
const QUIET_FAR: Duration = Duration::from_secs(1);
