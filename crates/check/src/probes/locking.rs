//! LOCK and UNLOCK (RFC 4918 sections 6, 7, 9.10 and 9.11).
//!
//! A lock keeps others from writing while somebody edits, by a token that only its owner knows; it
//! is worth nothing when one method gets past it, and a nuisance when it outlives its use. Each row
//! locks what it made, for two minutes, and the lab remembers the token, so that the lock is taken
//! off in the end whatever came of the row. DAV-37 alone judges a server that announces class 2 and
//! does not lock; all others do not apply there.
//!
//! The requirement behind each row, in the order in which they run:
//!
//! * DAV-22 (RFC 4918 section 6.1, MUST): An exclusive lock keeps others from locking.
//! * DAV-23 (RFC 4918 section 9.10.4, MUST): LOCK of a name that is free makes an empty resource.
//! * DAV-24 (RFC 4918 section 9.10.2, MUST): LOCK without content and with the token in If
//!   refreshes.
//! * DAV-25 (RFC 4918 section 9.11, MUST): UNLOCK takes the lock off: 204.
//! * DAV-26 (RFC 4918 section 9.11.1, SHOULD): UNLOCK without Lock-Token is 400.
//! * DAV-27 (RFC 4918 section 6.2, MUST): Shared locks can be held by several.
//! * DAV-28 (RFC 4918 section 15.8, MUST): DAV:lockdiscovery shows the active lock with its token.
//! * DAV-31 (RFC 4918 section 7.4, MUST): A Depth: infinity lock of a collection protects names
//!   that are not there yet.
//! * DAV-32 (RFC 4918 section 7.6, MUST): A lock is not copied with the resource.
//! * DAV-37 (RFC 4918 section 9.10.1, MUST): A server of class 2 answers LOCK with a lock, and with
//!   its token in Lock-Token.
//! * MEA-15 (RFC 4918 section 6.1, MUST): A lock locks: PUT, DELETE, PROPPATCH and MOVE without the
//!   token are 423.

use super::multistatus::properties;
use super::webdav::{carry, setting};
use crate::lab::{Lab, lock_request};
use crate::message::Request;
use crate::probe::{Probe, writes};
use crate::verdict::{Outcome, PASS, defined, given, locked, must, need, need_status, status};

/// The rows of this group.
pub(crate) const PROBES: &[Probe] = &[
    writes("DAV-22", "LOCK", "Two people edit the same document.", |lab| {
        let path = lab.file(b"x")?.path;
        lab.lock(&path, "0")?;
        let answer = lab.ask(&lock_request(&path, "0", "exclusive"))?;
        if let Some(token) = answer.field("Lock-Token").filter(|_| answer.is_success()) {
            lab.remember_lock(&path, token)?;
        }
        locked(&answer)
    }),
    writes("DAV-23", "LOCK", "Clients cannot reserve a name before they write.", |lab| {
        let path = lab.name(".txt")?;
        let answer = lab.ask(&lock_request(&path, "0", "exclusive"))?;
        if let Some(token) = answer.field("Lock-Token") {
            lab.remember_lock(&path, token)?;
        }
        need(answer.is_success(), format!("answered {}", answer.status()))?;
        let got = lab.get(&path)?;
        let is_there = matches!(got.status(), 200 | 204) && got.content.is_empty();
        need(is_there, format!("GET of the locked name is answered {}", got.status()))?;
        defined(&answer, 201)
    }),
    writes("DAV-24", "LOCK", "A long edit loses its lock.", |lab| {
        let path = lab.file(b"x")?.path;
        let token = lab.lock(&path, "0")?;
        let refresh = Request::new("LOCK", &path).with("If", &format!("({token})"));
        let answer = lab.ask(&refresh.with("Timeout", "Second-240"))?;
        need_status(&answer, &[200])?;
        let bare = token.trim_matches(['<', '>']);
        must(answer.text().contains(bare), "the answer does not show the lock")
    }),
    writes("DAV-25", "UNLOCK", "A document stays locked for ever.", |lab| {
        let path = lab.file(b"x")?.path;
        let token = lab.lock(&path, "0")?;
        let answer = lab.ask(&Request::new("UNLOCK", &path).with("Lock-Token", &token))?;
        let put = lab.ask(&Request::put(&path, "y"))?;
        need(put.is_success(), "it is still locked")?;
        defined(&answer, 204)
    }),
    writes("DAV-26", "UNLOCK", "Locks are taken off by mistake.", |lab| {
        let path = lab.file(b"x")?.path;
        lab.lock(&path, "0")?;
        status(&lab.ask(&Request::new("UNLOCK", &path))?, &[400])
    }),
    writes("DAV-27", "LOCK", "People who could work together keep each other out.", |lab| {
        let path = lab.file(b"x")?.path;
        let listed = properties(lab, &path, &["{DAV:}supportedlock"])?;
        given(listed.holds("{DAV:}supportedlock", "{DAV:}shared"), "no shared locks")?;
        for _ in 0..2 {
            let answer = lab.ask(&lock_request(&path, "0", "shared"))?;
            need_status(&answer, &[200])?;
            lab.remember_lock(&path, answer.field("Lock-Token").unwrap_or_default())?;
        }
        PASS
    }),
    writes("DAV-28", "LOCK", "Nobody sees who has locked it.", |lab| {
        let path = lab.file(b"x")?.path;
        let token = lab.lock(&path, "0")?;
        let found = properties(lab, &path, &["{DAV:}lockdiscovery"])?;
        let shown = found.text("{DAV:}lockdiscovery").unwrap_or_default();
        must(shown.contains(token.trim_matches(['<', '>'])), "the lock is not shown")
    }),
    writes("DAV-31", "LOCK", "Others add files to a locked folder.", |lab| {
        let folder = lab.collection()?;
        lab.lock(&folder, "infinity")?;
        let path = format!("{folder}new.txt");
        let answer = lab.ask(&Request::put(&path, "x"))?;
        need_status(&lab.absent(&path)?, &[404, 410])?;
        locked(&answer)
    }),
    writes("DAV-32", "COPY", "A copy is locked by someone who does not know of it.", |lab| {
        let path = lab.file(b"x")?.path;
        lab.lock(&path, "0")?;
        let to = lab.name(".txt")?;
        let answer = carry(lab, "COPY", &path, &to, &[])?;
        need(answer.is_success(), format!("answered {}", answer.status()))?;
        must(lab.ask(&Request::put(&to, "y"))?.is_success(), "the copy is locked")
    }),
    writes("DAV-37", "LOCK", "Clients that trust the announcement cannot work.", |lab| {
        lab.dav("2")?;
        let folder = if lab.offers("MKCOL").is_ok() { Some(lab.collection()?) } else { None };
        for path in [Some(lab.file(b"x")?.path), folder].into_iter().flatten() {
            let what = if path.ends_with('/') { "a collection" } else { "a file" };
            let answer = lab.ask(&lock_request(&path, "0", "exclusive"))?;
            need(answer.is_success(), format!("LOCK of {what} is answered {}", answer.status()))?;
            let token = answer.field("Lock-Token").unwrap_or_default();
            if !token.is_empty() {
                lab.remember_lock(&path, token)?;
            }
            need(token.starts_with('<'), "LOCK succeeds without a Lock-Token")?;
        }
        PASS
    })
    .judges_refusals(),
    writes("MEA-15", "LOCK", "Locks do not protect.", a_lock_locks),
];

/// PUT, PROPPATCH, MOVE and DELETE without the token are refused, and nothing is changed.
fn a_lock_locks(lab: &Lab) -> Outcome {
    let path = lab.file(b"before")?.path;
    lab.lock(&path, "0")?;
    let to = lab.name(".txt")?;
    let attempts = [
        Request::put(&path, "after"),
        setting(&path, "value"),
        Request::new("MOVE", &path).with("Destination", &lab.client.url().absolute(&to)),
        Request::delete(&path),
    ];
    for attempt in attempts {
        let answer = lab.ask(&attempt)?;
        let refused = matches!(answer.status(), 400..=499 | 501)
            || (answer.status() == 207 && answer.text().contains(" 423"));
        need(refused, format!("{} without the token: {}", attempt.method, answer.status()))?;
    }
    must(lab.get(&path)?.content == b"before", "refused, and yet changed")
}
