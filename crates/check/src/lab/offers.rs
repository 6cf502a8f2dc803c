//! Which methods the server offers. Each is tried once on a resource where it should work, so that
//! a refusal is one answer and not a finding of every probe that needs the method.
//!
//! A method that is refused here counts as not offered (400, 401, 403, 404, 405, 410, 501, or the
//! end of the connection), and the probes that need it do not apply; a server is free not to have
//! it. One that answers as if it were GET has not got it either. DAV-37 and PUT-23 judge what is
//! announced or acknowledged and not done.

use super::{Lab, SAMPLE, lock_request};
use crate::client::{Trouble, held};
use crate::message::{Answer, Request};
use crate::verdict::{Stop, given, is_refusal, untested, without};

/// The end of a trial.
enum Tried {
    /// The method does something here.
    Offered(Answer),
    /// It is refused as what there is not, or may not be.
    /// `status` is nothing where the connection was closed instead.
    Refused { status: Option<u16>, why: String },
}

impl Lab {
    /// Goes on if the server offers this method.
    ///
    /// # Errors
    /// It does not, or it could not be found out.
    pub(crate) fn offers(&self, method: &str) -> Result<(), Stop> {
        if let Some(known) = held(&self.offers).get(method) {
            return known.clone();
        }
        if !TRIED.contains(&method) {
            return Ok(());
        }
        let found = match self.offered(method) {
            // What ends the examination says nothing of the method.
            Err(Stop::Trouble(
                ending @ (Trouble::Interrupted | Trouble::Spent | Trouble::Overdue(_)),
            )) => {
                return Err(ending.into());
            }
            Err(Stop::Trouble(trouble)) => Err(untested(format!("{method}: {trouble}"))),
            found => found,
        };
        held(&self.offers).insert(method.to_owned(), found.clone());
        found
    }

    /// Returns whether the method is one that every server has, or that this one was found to have.
    pub(super) fn is_known(&self, method: &str) -> bool {
        matches!(method, "GET" | "HEAD") || matches!(held(&self.offers).get(method), Some(Ok(())))
    }

    /// Tries a method in the way that fits it; those that are not in [`TRIED`] pass.
    fn offered(&self, method: &str) -> Result<(), Stop> {
        match method {
            "OPTIONS" => {
                let path = self.sample()?.path;
                self.is_no_get(&path, &self.succeeds(&Request::options(&path))?)
            }
            "TRACE" => {
                let path = self.base().to_owned();
                self.is_no_get(&path, &self.succeeds(&Request::new("TRACE", &path))?)
            }
            "PROPFIND" => {
                let path = self.any_collection().unwrap_or_else(|_| self.base().to_owned());
                let propfind = Request::new("PROPFIND", &path).with("Depth", "0");
                let answer = self.not_refused(&propfind)?;
                self.is_no_get(&path, &answer)
            }
            "PUT" => self.put_stores(),
            "MKCOL" => self.own_collection().map(|_| ()),
            "DELETE" => {
                let path = self.stored(".txt", SAMPLE)?;
                self.not_refused(&Request::delete(&path)).map(|_| ())
            }
            "COPY" | "MOVE" => {
                let (from, to) = (self.stored(".txt", SAMPLE)?, self.name(".txt")?);
                let to = self.client.url().absolute(&to);
                self.not_refused(&Request::new(method, &from).with("Destination", &to)).map(|_| ())
            }
            "PROPPATCH" => {
                let path = self.stored(".txt", SAMPLE)?;
                self.not_refused(&Request::xml("PROPPATCH", &path, PROPPATCH)).map(|_| ())
            }
            "PATCH" => self.patch_is_known(),
            "LOCK" | "UNLOCK" => self.lock_locks(),
            _ => Ok(()),
        }
    }

    /// PUT of a new name makes a resource that can be read.
    fn put_stores(&self) -> Result<(), Stop> {
        let path = self.name(".txt")?;
        let put = Request::put(&path, SAMPLE).with("Content-Type", "text/plain");
        let answer = self.succeeds(&put)?;
        let read = self.get(&path)?;
        let is_there = read.status() == 200 && !self.is_like_missing(&read, ".txt")?;
        let nothing = format!("PUT is answered {}, and nothing is stored", answer.status());
        given(is_there, &nothing)
    }

    /// The path of a new file, where PUT is offered.
    fn stored(&self, ending: &str, content: &[u8]) -> Result<String, Stop> {
        self.offers("PUT")?;
        let kind = if ending == ".json" { "application/json" } else { "text/plain" };
        Ok(self.typed(ending, kind, content)?.path)
    }

    /// PATCH is in Allow, or a type that nobody knows is refused as just that.
    fn patch_is_known(&self) -> Result<(), Stop> {
        let path = self.stored(".json", b"{}")?;
        let patch = Request::patch(&path, "application/x-nope", "nope");
        match self.tried(&patch)? {
            Tried::Offered(_) => Ok(()),
            // Content that means nothing may be refused as such.
            Tried::Refused { status: Some(400..=404), .. } if self.allows(&path, "PATCH")? => {
                Ok(())
            }
            Tried::Refused { why, .. } => Err(without(why)),
        }
    }

    /// LOCK of a file gives a lock that locks; what is wrong with it is told once, by DAV-37 or
    /// PUT-16.
    fn lock_locks(&self) -> Result<(), Stop> {
        self.dav("2")?;
        let path = self.stored(".txt", SAMPLE)?;
        let answer = self.client.ask(&lock_request(&path, "0", "exclusive"))?;
        let token = answer.field("Lock-Token").unwrap_or_default();
        if !token.is_empty() {
            self.remember_lock(&path, token)?;
        }
        let locks = answer.is_success() && token.starts_with('<');
        given(locks, &format!("LOCK is answered {}: see DAV-37", answer.status()))?;
        let put = self.ask(&Request::put(&path, "without the token"))?;
        given(!put.is_success(), "a lock does not keep anybody from writing: see PUT-16")
    }

    /// The answer to a request that must succeed for the method to be offered.
    fn succeeds(&self, request: &Request) -> Result<Answer, Stop> {
        match self.tried(request)? {
            Tried::Offered(answer) if answer.is_success() => Ok(answer),
            Tried::Offered(answer) if answer.status() >= 500 => {
                Err(untested(format!("{} is answered {}", request.method, answer.status())))
            }
            Tried::Offered(answer) => {
                Err(without(format!("{} is answered {}", request.method, answer.status())))
            }
            Tried::Refused { why, .. } => Err(without(why)),
        }
    }

    /// The answer to a request, unless it says that the method is not to be had.
    fn not_refused(&self, request: &Request) -> Result<Answer, Stop> {
        match self.tried(request)? {
            Tried::Offered(answer) => Ok(answer),
            Tried::Refused { why, .. } => Err(without(why)),
        }
    }

    /// Sends a request and tells a refusal from an answer.
    fn tried(&self, request: &Request) -> Result<Tried, Stop> {
        let method = &request.method;
        match self.client.ask(request) {
            Ok(answer) if is_refusal(answer.status()) => {
                let status = answer.status();
                let why = format!("{method} is not offered: {status}");
                Ok(Tried::Refused { status: Some(status), why })
            }
            Ok(answer) => Ok(Tried::Offered(answer)),
            Err(Trouble::Closed) => {
                let why = format!("{method} is not offered: the connection is closed");
                Ok(Tried::Refused { status: None, why })
            }
            Err(trouble) => Err(trouble.into()),
        }
    }

    /// Goes on if the answer is another one than that to a GET: some servers look at no method.
    fn is_no_get(&self, path: &str, answer: &Answer) -> Result<(), Stop> {
        let like_get = is_the_content_of(answer, &self.get(path)?);
        given(!like_get, "the method is answered as if it were GET")
    }
}

/// Returns whether an answer gives what a GET gives.
pub(crate) fn is_the_content_of(answer: &Answer, get: &Answer) -> bool {
    answer.is_success() && !answer.content.is_empty() && answer.content == get.content
}

/// The methods that are tried. GET and HEAD every server has; of POST and QUERY resources say what
/// they take.
const TRIED: &[&str] = &[
    "OPTIONS",
    "TRACE",
    "PROPFIND",
    "PUT",
    "MKCOL",
    "DELETE",
    "COPY",
    "MOVE",
    "PROPPATCH",
    "PATCH",
    "LOCK",
    "UNLOCK",
];
/// A change that does nothing where dead properties are kept, and little elsewhere.
const PROPPATCH: &str = "<D:propertyupdate xmlns:D=\"DAV:\"><D:set><D:prop>\
    <k:tried xmlns:k=\"urn:methodical:check\">yes</k:tried></D:prop></D:set></D:propertyupdate>";
