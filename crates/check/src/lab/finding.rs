//! Finding out about the server's resources: a file to read, and how it says that nothing is there.
//!
//! Without the right to write, probes need a file that is there already; with it, too, they must
//! know how this server answers for nothing: many sites give a page with 200 for every name, and
//! what is concluded from a 404 would be wrong there.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Lab, Sample};
use crate::client::{Trouble, held};
use crate::message::{Answer, Request};
use crate::verdict::{Stop, given, untested};

impl Lab {
    /// A file: the one that the operator names, else one that is found, else what the URL leads to.
    ///
    /// # Errors
    /// Not tested: what is named, or the URL, is not answered 200.
    pub(super) fn found(&self) -> Result<Sample, Stop> {
        if let Some(path) = &self.file {
            let named = self.followed(path)?;
            let why = format!("--file {path}: GET is answered {}", named.answer.status());
            return if named.answer.status() == 200 { Ok(named) } else { Err(untested(why)) };
        }
        let first = self.followed(self.base())?;
        let is_collection = first.path.split('?').next().is_some_and(|path| path.ends_with('/'));
        let file = if is_collection { self.file_of(&first)? } else { None };
        let sample = file.unwrap_or(first);
        let status = sample.answer.status();
        if status != 200 {
            return Err(untested(format!("GET of the URL is answered {status}")));
        }
        Ok(sample)
    }

    /// The resource that a path leads to, a few redirects on.
    fn followed(&self, path: &str) -> Result<Sample, Stop> {
        let mut path = path.to_owned();
        for _ in 0..REDIRECTS_MAX {
            let answer = self.get(&path)?;
            let location = answer.field("Location").filter(|_| answer.status() / 100 == 3);
            match location.and_then(|to| self.client.url().resolve(&path, to)) {
                Some(next) => path = next,
                None => return Ok(Sample { path, answer, is_ours: false }),
            }
        }
        Err(untested("the URL redirects without end"))
    }

    /// A file in a collection, best one with validators, by which most can be looked at.
    /// At most twelve candidates are asked for; one of less than ten bytes or more than 1 MiB is
    /// left out.
    fn file_of(&self, collection: &Sample) -> Result<Option<Sample>, Stop> {
        let mut second = None;
        for path in self.candidates(collection)?.into_iter().take(CANDIDATES_MAX) {
            let Some(answer) = self.small(&path)? else { continue };
            let is_file = answer.status() == 200
                && answer.content.len() >= FILE_BYTES_MIN
                && !self.is_like_missing(&answer, "")?;
            if !is_file {
                continue;
            }
            let validated = answer.has("ETag") || answer.has("Last-Modified");
            let sample = Sample { path, answer, is_ours: false };
            if validated {
                return Ok(Some(sample));
            }
            second = second.or(Some(sample));
        }
        Ok(second)
    }

    /// The answer to a GET, if HEAD does not say that there is much of it.
    fn small(&self, path: &str) -> Result<Option<Answer>, Stop> {
        let length = |answer: Answer| answer.field("Content-Length")?.parse::<usize>().ok();
        let answers = self.client.ask(&Request::head(path)).and_then(|head| {
            let large = length(head).is_some_and(|length| length > FILE_BYTES_MAX);
            if large { Ok(None) } else { self.client.ask(&Request::get(path)).map(Some) }
        });
        match answers {
            Err(trouble @ (Trouble::Interrupted | Trouble::Spent | Trouble::Overdue(_))) => {
                Err(trouble.into())
            }
            // Another one may be answered.
            answers => Ok(answers.unwrap_or_default()),
        }
    }

    /// Paths that may be files, each once: of PROPFIND, of a listing in JSON and in HTML, and what
    /// many sites have.
    fn candidates(&self, collection: &Sample) -> Result<Vec<String>, Stop> {
        let mut references = Vec::new();
        let propfind = Request::new("PROPFIND", &collection.path).with("Depth", "1");
        match self.client.ask(&propfind) {
            Err(trouble @ (Trouble::Interrupted | Trouble::Spent | Trouble::Overdue(_))) => {
                return Err(trouble.into());
            }
            Ok(listed) if listed.status() == 207 => {
                references.extend(hrefs_of_xml(&listed.text()));
            }
            // There are other ways to find one.
            Ok(_) | Err(_) => {}
        }
        let json = self.ask(&Request::get(&collection.path).with("Accept", "application/json"))?;
        if let Ok(value) = serde_json::from_slice::<Value>(&json.content) {
            names_of_json(&value, &mut references);
        }
        references.extend(hrefs_of_html(&collection.answer.text()));
        let usual = USUAL.iter().map(|name| (*name).to_owned());
        let folder = self.client.url().collection().to_owned();
        let mut seen = BTreeSet::new();
        let paths = references.iter().filter_map(|reference| self.member(collection, reference));
        let mut paths: Vec<String> = paths.filter(|path| seen.insert(path.clone())).collect();
        // What has an ending is a file, most of the time.
        paths.sort_by_key(|path| !path.rsplit('/').next().unwrap_or_default().contains('.'));
        paths.extend(usual.map(|name| format!("{folder}{name}")));
        paths.extend(USUAL.iter().map(|name| format!("/{name}")));
        Ok(paths)
    }

    /// The path of a reference to a file directly within the collection.
    fn member(&self, collection: &Sample, reference: &str) -> Option<String> {
        let reference = reference.strip_prefix("./").unwrap_or(reference);
        let base = collection.path.split('?').next()?;
        let path = self.client.url().resolve(base, reference)?;
        let name = path.strip_prefix(base)?;
        let plain = !name.is_empty() && !name.contains(['/', '?']) && !name.starts_with("..");
        (plain && path.chars().all(|letter| letter.is_ascii_graphic())).then_some(path)
    }

    /// A GET of a path on which there should be nothing: where this server answers also for what is
    /// not there, nothing can be told from it.
    pub(crate) fn absent(&self, path: &str) -> Result<Answer, Stop> {
        let answer = self.get(path)?;
        if !matches!(answer.status(), 404 | 410) {
            // Some answer for names of one form only, as that of a folder.
            let status = self.missing_answer(ending_of(path))?.status();
            let told = matches!(status, 404 | 410);
            given(told, &format!("what is not there is answered {status}: see GET-07, GET-18"))?;
        }
        Ok(answer)
    }

    /// Goes on if the server says of what is not there that it is not there.
    ///
    /// # Errors
    /// Not applicable: it is answered otherwise, which GET-07 judges.
    pub(crate) fn missing_is_told(&self) -> Result<(), Stop> {
        let status = self.missing_answer("")?.status();
        let told = matches!(status, 404 | 410);
        given(told, &format!("what is not there is answered {status}: see GET-07"))
    }

    /// The status of what is not there, if it is none of those that say so.
    /// The report says it once, since so many probes do not apply then. 401 and 403 keep it to
    /// themselves and are no such answer.
    pub(crate) fn soft_missing(&self) -> Option<u16> {
        let status = self.missing_answer("").ok()?.status();
        (!matches!(status, 401 | 403 | 404 | 410)).then_some(status)
    }

    /// Returns whether an answer is that which this server gives to names that were never in use.
    pub(crate) fn is_like_missing(&self, answer: &Answer, ending: &str) -> Result<bool, Stop> {
        let missing = self.missing_answer(ending)?;
        let same = missing.status() == answer.status();
        Ok(same && (!answer.is_success() || missing.content == answer.content))
    }

    /// Returns whether something is there, as far as this server tells it from what never was.
    /// Where that cannot be found out it is taken for there: the operator is told rather too much
    /// than too little of what may be left behind.
    pub(crate) fn holds(&self, path: &str) -> bool {
        let Ok(found) = self.get(path) else { return true };
        let Ok(missing) = self.missing_answer(ending_of(path)) else { return true };
        // What only repeats the name that was asked for says nothing of what is there.
        let plain = |answer: &Answer, name: &str| answer.text().replace(name, "");
        let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let alike = found.status() == missing.status()
            && (!found.is_success() || plain(&found, name) == plain(&missing, NEVER));
        !alike && !self.is_unknown(path)
    }

    /// Returns whether PROPFIND says that nothing is there: pages may hide it in a form of their
    /// own.
    fn is_unknown(&self, path: &str) -> bool {
        let propfind = Request::new("PROPFIND", path).with("Depth", "0");
        self.client.ask(&propfind).is_ok_and(|answer| matches!(answer.status(), 404 | 410))
    }

    /// The answer to a GET of a name that nobody has, with this ending; asked for once an ending.
    fn missing_answer(&self, ending: &str) -> Result<Answer, Stop> {
        if let Some((_, known)) = held(&self.missing).iter().find(|(own, _)| own == ending) {
            return Ok(known.clone());
        }
        let folder = self.client.url().collection();
        let answer = self.get(&format!("{folder}{NEVER}{ending}"))?;
        held(&self.missing).push((ending.to_owned(), answer.clone()));
        Ok(answer)
    }
}

/// The ending of a name: a slash, or what is from its last dot on, or nothing of that kind.
fn ending_of(path: &str) -> &str {
    if path.ends_with('/') {
        return "/";
    }
    let at = path.rfind('/').unwrap_or(0);
    let name = path.get(at..).unwrap_or_default();
    name.rfind('.').and_then(|dot| name.get(dot..)).unwrap_or_default()
}

/// The values of `href` in a page.
/// No parser: a page need not be well formed for its links to be tried.
fn hrefs_of_html(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    // The names of attributes are written as one likes; this changes no position.
    let small = page.to_ascii_lowercase();
    for (at, name) in small.match_indices("href=").take(LINKS_MAX) {
        let Some(piece) = page.get(at + name.len()..) else { continue };
        let quote = piece.chars().next().filter(|first| matches!(first, '"' | '\''));
        let value = match quote {
            Some(quote) => piece.split(quote).nth(1),
            None => piece.split([' ', '>', '\n']).next(),
        };
        found.extend(value.map(unescaped));
    }
    found
}

/// A value of an attribute without the references to characters that links have in them.
fn unescaped(value: &str) -> String {
    let mut text = String::new();
    let mut pieces = value.split('&');
    text.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let (name, rest) = piece.split_once(';').unwrap_or((piece, ""));
        let code = match name.strip_prefix("#x").or_else(|| name.strip_prefix("#X")) {
            Some(code) => u32::from_str_radix(code, 16).ok(),
            None => name.strip_prefix('#').and_then(|code| code.parse().ok()),
        };
        match code.and_then(char::from_u32) {
            Some(letter) => text.extend([letter.to_string().as_str(), rest]),
            None if name == "amp" => text.extend(["&", rest]),
            None => text.extend(["&", piece]),
        }
    }
    text
}

/// The texts of all elements called `href`.
fn hrefs_of_xml(text: &str) -> Vec<String> {
    let Ok(document) = roxmltree::Document::parse(text) else { return Vec::new() };
    let hrefs = document.descendants().filter(|node| node.has_tag_name(("DAV:", "href")));
    hrefs.filter_map(|node| Some(node.text()?.trim().to_owned())).take(LINKS_MAX).collect()
}

/// Collects all that may name a member in a listing: links, and names in their encoded form.
fn names_of_json(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(members) => {
            for member in members.iter().take(LINKS_MAX) {
                match member.as_str() {
                    Some(name) => found.push(encoded(name)),
                    None => names_of_json(member, found),
                }
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                match (key.as_str(), member.as_str()) {
                    ("href" | "url" | "relative" | "path", Some(reference)) => {
                        found.push(reference.to_owned());
                    }
                    ("name", Some(name)) => found.push(encoded(name)),
                    (_, None) if found.len() < LINKS_MAX => names_of_json(member, found),
                    _ => {}
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A name as a reference: everything but letters, digits and a few signs is percent-encoded.
fn encoded(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let letter = |byte: u8| {
        if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    name.bytes().map(letter).collect()
}

/// Redirects that are followed from the URL.
const REDIRECTS_MAX: usize = 5;
/// Files that are looked at until one fits.
const CANDIDATES_MAX: usize = 12;
/// Links of a listing that are looked at.
const LINKS_MAX: usize = 1000;
/// Bytes of a file that ranges can be cut from, and of one that is not too much to ask for.
const FILE_BYTES_MIN: usize = 10;
const FILE_BYTES_MAX: usize = 1024 * 1024;
/// A name that nobody has.
const NEVER: &str = "methodical-check-never-5c02d7e1";
/// Files that many sites have.
const USUAL: &[&str] = &["robots.txt", "favicon.ico", "index.html"];
