//! WebDAV (RFC 4918): properties, collections, COPY and MOVE.
//!
//! Office programs, file managers and synchronizing clients use these methods as if the server were
//! a disk: what is copied, moved or noted has to be there afterwards as on a disk, and what fails
//! must say for which member. Nearly all rows work on files and collections of its own; how 207 is
//! read is in [`super::multistatus`].
//!
//! The requirement behind each row, in the order in which they run:
//!
//! * DAV-01 (RFC 4918 section 9.1, MUST): PROPFIND with Depth: 0 answers 207 with the resource
//!   itself.
//! * DAV-02 (RFC 4918 section 9.1, MUST): PROPFIND with Depth: 1 lists the members too.
//! * DAV-03 (RFC 4918 section 9.1.2, MUST): A property that is not there is reported as 404 in its
//!   propstat.
//! * DAV-04 (RFC 4918 section 8.2, MUST): XML that is not well-formed is refused with 400.
//! * DAV-05 (RFC 4918 section 9.1, MUST): Depth: infinity is served, or refused with 403 and
//!   DAV:propfind-finite-depth.
//! * DAV-06 (RFC 4918 section 9.2, MUST): A dead property that PROPPATCH set is found by PROPFIND,
//!   byte for byte.
//! * DAV-07 (RFC 4918 section 9.2, MUST): PROPPATCH is all or nothing, in the order of the
//!   document.
//! * DAV-36 (RFC 4918 section 8.2, MUST): The XML of an answer is well-formed and declares its
//!   namespaces.
//! * DAV-08 (RFC 4918 section 9.3, MUST): MKCOL on what exists is 405.
//! * DAV-09 (RFC 4918 section 9.3.1, MUST): MKCOL without its parent is 409.
//! * DAV-10 (RFC 4918 section 9.3, MUST): MKCOL with content that is not understood is 415.
//! * DAV-34 (RFC 4918 section 9.3, MUST): MKCOL makes a collection: 201, and it is there.
//! * DAV-11 (RFC 4918 section 9.8, MUST): COPY makes the destination with the same content, and
//!   leaves the source.
//! * DAV-12 (RFC 4918 section 10.6, MUST): Overwrite: F on a destination that exists is 412, and
//!   nothing changes.
//! * DAV-13 (RFC 4918 section 9.8.5, MUST): COPY over something that exists is 204.
//! * DAV-14 (RFC 4918 section 9.8.5, MUST): COPY to a place without its parent is 409.
//! * DAV-15 (RFC 4918 section 9.8.3, MUST): COPY of a collection with Depth: 0 takes no members.
//! * DAV-16 (RFC 4918 section 9.8.5, MUST): COPY onto itself is refused with 403, and nothing is
//!   lost.
//! * DAV-20 (RFC 4918 section 9.8.5, SHOULD): A destination on another server that cannot be
//!   written is refused, with 502 as a rule.
//! * DAV-21 (RFC 4918 section 9.8.3, MUST): COPY of a collection takes its members by default.
//! * DAV-17 (RFC 4918 section 9.9, MUST): MOVE leaves nothing at the source, all at the
//!   destination.
//! * DAV-18 (RFC 4918 section 9.9.3, MUST): MOVE with Overwrite: F on what exists is 412, and
//!   nothing changes.
//! * DAV-19 (RFC 4918 section 9.9.1, MUST): Dead properties move with the resource.
//! * DAV-29 (RFC 4918 section 9.6.1, MUST): DELETE of a collection takes its members.
//! * DAV-30 (RFC 9110 section 15.5.5, SHOULD): PROPFIND of what is not there is 404.
//! * DAV-33 (RFC 4918 section 20.6, MUST): External entities of a request's XML are not read.

use super::multistatus::{paths, properties, request, statuses};
use crate::lab::Lab;
use crate::message::{Answer, Request};
use crate::probe::{Probe, Property, reads, writes};
use crate::verdict::{
    PASS, Stop, Verdict, defined, given, is_refusal, must, need, need_status, status, untested,
};

/// The rows of this group.
pub(crate) const PROBES: &[Probe] = &[
    reads("DAV-01", "PROPFIND", "WebDAV clients cannot open the folder.", |lab| {
        lab.dav("1")?;
        let folder = lab.any_collection()?;
        let answer = lab.ask(&request(&folder, "0", &[TYPE]))?;
        need_status(&answer, &[207])?;
        let count = paths(lab, &folder, &answer)?.len();
        must(count == 1, format!("{count} responses"))
    }),
    writes("DAV-02", "PROPFIND", "Folders look empty.", |lab| {
        let folder = filled(lab)?;
        let answer = lab.ask(&request(&folder, "1", &[TYPE]))?;
        need_status(&answer, &[207])?;
        let listed = paths(lab, &folder, &answer)?;
        let all = ["", "one.txt", "two.txt"].map(|name| format!("{folder}{name}"));
        let lost = all.iter().find(|path| !listed.contains(path));
        must(lost.is_none() && listed.len() == all.len(), format!("listed: {listed:?}"))
    }),
    reads("DAV-03", "PROPFIND", "Clients take a missing property for an empty one.", |lab| {
        lab.dav("1")?;
        let name = "{urn:methodical:check}no-such";
        let found = properties(lab, &lab.any_collection()?, &[name])?;
        must(found.has_status(name, " 404"), "it is not reported as 404")
    }),
    reads("DAV-04", "PROPFIND", "Half a request is taken for a whole one.", |lab| {
        lab.dav("1")?;
        let half = Request::xml(
            "PROPFIND",
            &lab.any_collection()?,
            "<D:propfind xmlns:D=\"DAV:\"><D:prop>",
        );
        status(&lab.ask(&half.with("Depth", "0"))?, &[400])
    }),
    writes("DAV-05", "PROPFIND", "One request makes the server walk its whole disk.", |lab| {
        let folder = filled(lab)?;
        let answer = lab.ask(&request(&folder, "infinity", &[TYPE]))?;
        status(&answer, &[207, 403])
    }),
    writes("DAV-06", "PROPPATCH", "What clients note at a file is lost or changed.", |lab| {
        let path = file(lab)?;
        set(lab, &path, "a <c:b xmlns:c=\"urn:c\">&amp; c</c:b> \u{e9}")?;
        let found = properties(lab, &path, &[DEAD])?;
        let whole = found.text(DEAD) == Some("a & c \u{e9}") && found.holds(DEAD, "{urn:c}b");
        must(whole, format!("found {:?}", found.text(DEAD)))
    }),
    writes("DAV-07", "PROPPATCH", "Half of a change is made.", |lab| {
        let path = file(lab)?;
        let document = format!(
            "<D:propertyupdate xmlns:D=\"DAV:\"><D:set><D:prop>{}</D:prop></D:set>\
             <D:set><D:prop><D:getetag>\"x\"</D:getetag></D:prop></D:set></D:propertyupdate>",
            element("value")
        );
        let answer = lab.ask(&Request::xml("PROPPATCH", &path, &document))?;
        given(!matches!(answer.status(), 405 | 501), "PROPPATCH is not supported")?;
        let found = properties(lab, &path, &[DEAD])?;
        need(found.text(DEAD).is_none(), "the free property is set all the same")?;
        if answer.status() == 207 && !answer.text().contains(" 424") {
            return Ok(Verdict::Warn { observed: "no 424 in the 207".to_owned() });
        }
        PASS
    }),
    writes("DAV-36", "PROPPATCH", "Clients cannot read what became of their request.", |lab| {
        let path = file(lab)?;
        let document = "<D:propertyupdate xmlns:D=\"DAV:\"><D:set><D:prop>\
                        <D:getetag>\"x\"</D:getetag></D:prop></D:set></D:propertyupdate>";
        let answer = lab.ask(&Request::xml("PROPPATCH", &path, document))?;
        given(!matches!(answer.status(), 405 | 501), "PROPPATCH is not supported")?;
        given(answer.status() == 207, "no 207")?;
        let statuses = statuses(&answer)?;
        must(!statuses.is_empty(), "there is no DAV:status in the 207")
    }),
    writes("DAV-08", "MKCOL", "A folder is made anew over an old one.", |lab| {
        let folder = lab.collection()?;
        defined(&lab.ask(&Request::new("MKCOL", &folder))?, 405)
    }),
    writes("DAV-09", "MKCOL", "Folders appear that nobody made.", |lab| {
        lab.collection()?;
        let path = format!("{}inner/", lab.missing() + "/");
        status(&lab.ask(&Request::new("MKCOL", &path))?, &[409])
    }),
    writes("DAV-10", "MKCOL", "Clients believe that what they sent was understood.", |lab| {
        lab.collection()?;
        let path = lab.name("/")?;
        let mkcol = Request::new("MKCOL", &path).with("Content-Type", "application/x-nope");
        let answer = lab.ask(&mkcol.content("nope"))?;
        need_status(&answer, &[415])?;
        status(&lab.absent(&path)?, &[404, 410])
    }),
    writes("DAV-34", "MKCOL", "Folders that were made are not there.", |lab| {
        let folder = lab.collection()?;
        let found = properties(lab, &folder, &[TYPE])?;
        must(found.holds(TYPE, "{DAV:}collection"), "it is no collection")
    }),
    writes("DAV-11", "COPY", "Copies are incomplete, or the source is gone.", |lab| {
        let (from, to) = (file(lab)?, lab.name(".txt")?);
        let answer = carry(lab, "COPY", &from, &to, &[])?;
        need(lab.get(&from)?.content == b"content", "the source is gone")?;
        need(lab.get(&to)?.content == b"content", "the copy is not there")?;
        defined(&answer, 201)
    }),
    writes("DAV-12", "COPY", "What should be kept is overwritten.", |lab| {
        let (from, to) = (file(lab)?, lab.file(b"other")?.path);
        let answer = carry(lab, "COPY", &from, &to, &[("Overwrite", "F")])?;
        need(lab.get(&to)?.content == b"other", "it is overwritten")?;
        status(&answer, &[412])
    })
    .shows(Property::Preconditions),
    writes("DAV-13", "COPY", "Clients cannot tell whether something was replaced.", |lab| {
        let (from, to) = (file(lab)?, lab.file(b"other")?.path);
        let answer = carry(lab, "COPY", &from, &to, &[("Overwrite", "T")])?;
        need(lab.get(&to)?.content == b"content", "it is not replaced")?;
        defined(&answer, 204)
    }),
    writes("DAV-14", "COPY", "Copies end up where nobody finds them.", |lab| {
        let to = format!("{}/inner.txt", lab.missing());
        let from = file(lab)?;
        let answer = carry(lab, "COPY", &from, &to, &[])?;
        need(lab.absent(&to)?.status() != 200, "the folder is made, and the copy in it")?;
        defined(&answer, 409)
    }),
    writes("DAV-15", "COPY", "A folder that should be empty is full.", |lab| {
        let (from, to) = (filled(lab)?, lab.name("/")?);
        let answer = carry(lab, "COPY", &from, &to, &[("Depth", "0")])?;
        collections_are_copied(&answer)?;
        need(answer.is_success(), format!("answered {}", answer.status()))?;
        let member = lab.absent(&format!("{to}one.txt"))?;
        must(matches!(member.status(), 404 | 410), "a member is copied too")
    }),
    writes("DAV-16", "COPY", "A file that is copied onto itself is lost.", |lab| {
        let from = file(lab)?;
        let answer = carry(lab, "COPY", &from, &from, &[])?;
        need(lab.get(&from)?.content == b"content", "the content is lost")?;
        defined(&answer, 403)
    }),
    writes("DAV-20", "COPY", "Clients believe that it is on the other server.", |lab| {
        let (from, to) = (file(lab)?, lab.name(".txt")?);
        let there = format!("http://other.invalid{to}");
        let answer = lab.ask(&Request::new("COPY", &from).with("Destination", &there))?;
        need(lab.absent(&to)?.status() != 200, "it is copied to the same path of this server")?;
        must(matches!(answer.status(), 400..=599), format!("answered {}", answer.status()))
    }),
    writes("DAV-21", "COPY", "A copied folder is empty.", |lab| {
        let (from, to) = (filled(lab)?, lab.name("/")?);
        let answer = carry(lab, "COPY", &from, &to, &[])?;
        collections_are_copied(&answer)?;
        need(answer.is_success(), format!("answered {}", answer.status()))?;
        must(lab.get(&format!("{to}one.txt"))?.content == b"one", "a member is not there")
    }),
    writes("DAV-17", "MOVE", "A file is there twice, or nowhere.", |lab| {
        let (from, to) = (file(lab)?, lab.name(".txt")?);
        let answer = carry(lab, "MOVE", &from, &to, &[])?;
        need(lab.get(&to)?.content == b"content", "it is not at the destination")?;
        need_status(&lab.absent(&from)?, &[404, 410, 301, 308])?;
        defined(&answer, 201)
    }),
    writes("DAV-18", "MOVE", "What should be kept is overwritten.", |lab| {
        let (from, to) = (file(lab)?, lab.file(b"other")?.path);
        let answer = carry(lab, "MOVE", &from, &to, &[("Overwrite", "F")])?;
        need(lab.get(&to)?.content == b"other", "it is overwritten")?;
        need(lab.get(&from)?.content == b"content", "the source is gone")?;
        status(&answer, &[412])
    })
    .shows(Property::Preconditions),
    writes("DAV-19", "MOVE", "What clients noted at a file is lost when it is renamed.", |lab| {
        let (from, to) = (file(lab)?, lab.name(".txt")?);
        set(lab, &from, "noted")?;
        let answer = carry(lab, "MOVE", &from, &to, &[])?;
        need(answer.is_success(), format!("answered {}", answer.status()))?;
        must(properties(lab, &to, &[DEAD])?.text(DEAD) == Some("noted"), "it is lost")
    }),
    writes("DAV-29", "DELETE", "Members of a deleted folder live on.", |lab| {
        let folder = filled(lab)?;
        let answer = lab.ask(&Request::delete(&folder))?;
        need(answer.is_success(), format!("answered {}", answer.status()))?;
        status(&lab.absent(&format!("{folder}one.txt"))?, &[404, 410])
    }),
    reads("DAV-30", "PROPFIND", "Clients show what is not there.", |lab| {
        lab.dav("1")?;
        status(&lab.ask(&request(&lab.missing(), "0", &[TYPE]))?, &[404, 410])
    }),
    writes("DAV-33", "PROPPATCH", "A request reads files of the server's disk.", |lab| {
        let path = file(lab)?;
        let document = format!(
            "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY secret SYSTEM \"file:///etc/passwd\">]>\
             <D:propertyupdate xmlns:D=\"DAV:\"><D:set><D:prop>{}</D:prop></D:set>\
             </D:propertyupdate>",
            element("&secret;")
        );
        let patch = Request::new("PROPPATCH", &path).with("Content-Type", "application/xml");
        let answer = lab.ask(&patch.content(document))?;
        given(!matches!(answer.status(), 405 | 501), "PROPPATCH is not supported")?;
        let found = lab.ask(&request(&path, "0", &[DEAD]))?;
        let leaked = [answer.text(), found.text()];
        must(!leaked.iter().any(|text| text.contains("root:")), "a file of the system is read")
    }),
];

/// A file of ours on a WebDAV server.
pub(super) fn file(lab: &Lab) -> Result<String, Stop> {
    lab.dav("1")?;
    Ok(lab.file(b"content")?.path)
}

/// A collection with two members.
pub(super) fn filled(lab: &Lab) -> Result<String, Stop> {
    lab.dav("1")?;
    let folder = lab.collection()?;
    for (name, content) in [("one.txt", "one"), ("two.txt", "two")] {
        let put = lab.ask(&Request::put(&format!("{folder}{name}"), content))?;
        given(put.is_success(), "PUT makes no members")?;
    }
    Ok(folder)
}

/// COPY or MOVE.
pub(super) fn carry(
    lab: &Lab,
    method: &str,
    from: &str,
    to: &str,
    fields: &[(&str, &str)],
) -> Result<Answer, Stop> {
    let to = lab.client.url().absolute(to);
    let mut request = Request::new(method, from).with("Destination", &to);
    for (name, value) in fields {
        request = request.with(name, value);
    }
    let answer = lab.ask(&request)?;
    given(!matches!(answer.status(), 405 | 501), &format!("{method} is not offered here"))?;
    Ok(answer)
}

/// Goes on if COPY of a collection is not refused as such.
fn collections_are_copied(answer: &Answer) -> Result<(), Stop> {
    let status = answer.status();
    given(!is_refusal(status), &format!("COPY of a collection is not offered: {status}"))
}

/// Sets our dead property.
pub(super) fn set(lab: &Lab, path: &str, content: &str) -> Result<(), Stop> {
    let answer = lab.ask(&setting(path, content))?;
    let text = answer.text();
    let done = answer.status() == 207 && text.contains(" 200 ");
    if !done && (answer.status() != 207 || text.contains(" 403") || text.contains(" 507")) {
        return Err(crate::verdict::without("PROPPATCH keeps no dead properties here"));
    }
    if done { Ok(()) } else { Err(untested("PROPPATCH is not understood")) }
}

/// The request that sets it.
pub(super) fn setting(path: &str, content: &str) -> Request {
    let document = format!(
        "<D:propertyupdate xmlns:D=\"DAV:\"><D:set><D:prop>{}</D:prop></D:set></D:propertyupdate>",
        element(content)
    );
    Request::xml("PROPPATCH", path, &document)
}

/// Our dead property with this content.
fn element(content: &str) -> String {
    format!("<k:note xmlns:k=\"urn:methodical:check\">{content}</k:note>")
}

/// A property of ours.
pub(super) const DEAD: &str = "{urn:methodical:check}note";
/// The property by which a collection is told from a file.
const TYPE: &str = "{DAV:}resourcetype";
