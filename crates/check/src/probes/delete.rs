//! DELETE (RFC 9110 section 9.3.5, RFC 4918 section 9.6).
//!
//! What was deleted is gone and can be deleted again without harm; what somebody protects by a
//! precondition or a lock stays, with all that leads to it. A row deletes what it made itself, or a
//! name that was never in use. That something is gone is judged by a GET, and only on servers that
//! say so of what was never there (404 or 410).
//!
//! The requirement behind each row, in the order in which they run:
//!
//! * DEL-01 (RFC 9110 section 9.3.5, SHOULD): Done with nothing to say: 204. Done with a report:
//!   200. Accepted only: 202.
//! * DEL-02 (RFC 9110 section 9.3.5, MUST): Content in a DELETE request has no meaning.
//! * DEL-03 (RFC 9110 section 9.2.2, MUST): Repeating DELETE has no further effect; the second
//!   answer may be 404.
//! * DEL-04 (RFC 9110 section 13.1.1, MUST): If-Match that fails: not deleted.
//! * DEL-05 (RFC 9110 section 13.2.1, MUST): Preconditions are ignored when the answer without them
//!   would not be 2xx or 412.
//! * DEL-06 (RFC 4918 section 9.6.1, MUST): DELETE on a collection acts as Depth: infinity; a
//!   client that sends another Depth is in error.
//! * DEL-07 (RFC 4918 section 9.6.1, MUST): If a member cannot be deleted, its ancestors are kept;
//!   failures other than of the root go in 207.
//! * DEL-08 (RFC 4918 section 9.6.1, SHOULD): 207 leaves out 424 for ancestors and 204 for
//!   successes.
//! * DEL-09 (RFC 4918 section 9.6, MUST): DELETE destroys locks rooted on the resource.
//! * DEL-10 (RFC 4918 section 7.4, MUST): Removing a member of a locked collection needs the
//!   collection token.
//! * DAV-35 (RFC 4918 section 10.4.2, MUST): Untagged lists of If are about the resource of the
//!   request alone.

use crate::lab::Lab;
use crate::message::Request;
use crate::probe::{Probe, Property, writes};
use crate::verdict::{PASS, Stop, given, locked, must, need, need_status, status};

/// The rows of this group.
pub(crate) const PROBES: &[Probe] = &[
    writes("DEL-01", "DELETE", "Clients believe that something is gone which is not.", |lab| {
        let path = lab.file(b"x")?.path;
        let answer = lab.ask(&Request::delete(&path))?;
        need_status(&answer, &[200, 202, 204])?;
        if answer.status() == 202 {
            return PASS;
        }
        status(&lab.absent(&path)?, &[404, 410])
    }),
    writes("DEL-02", "DELETE", "Content that proxies drop decides what is deleted.", |lab| {
        let (path, other) = (lab.file(b"x")?.path, lab.file(b"y")?.path);
        let answer = lab.ask(&Request::delete(&path).content(other.clone()))?;
        need_status(&lab.get(&other)?, &[200])?;
        must(answer.is_success() || answer.is_client_error(), answer.status().to_string())
    }),
    writes("DEL-03", "DELETE", "A repeated DELETE deletes something else, or fails.", |lab| {
        let path = deleted(lab)?;
        need_status(&lab.ask(&Request::delete(&path))?, &[404, 410, 204, 200])?;
        status(&lab.absent(&path)?, &[404, 410])
    })
    .shows(Property::Idempotent),
    writes("DEL-04", "DELETE", "A newer version is deleted unseen.", |lab| {
        let path = lab.file(b"x")?.path;
        let answer = lab.ask(&Request::delete(&path).with("If-Match", "\"no-such-tag\""))?;
        need(lab.get(&path)?.status() == 200, "it is deleted all the same")?;
        status(&answer, &[412])
    })
    .shows(Property::Preconditions),
    writes("DEL-05", "DELETE", "Clients retry for another version of what is not there.", |lab| {
        deleted(lab)?;
        let plain = lab.ask(&Request::delete(&lab.missing()))?;
        let why = format!("DELETE of what is not there is answered {}", plain.status());
        given(!plain.is_success(), &why)?;
        let delete = Request::delete(&lab.missing()).with("If-Match", "\"x\"");
        status(&lab.ask(&delete)?, &[404, 410])
    }),
    writes("DEL-06", "DELETE", "A part of a folder is deleted.", |lab| {
        let folder = lab.collection()?;
        let member = format!("{folder}member.txt");
        lab.ask(&Request::put(&member, "x"))?;
        let answer = lab.ask(&Request::delete(&folder).with("Depth", "0"))?;
        let (there, inside) = (lab.absent(&folder)?.status(), lab.absent(&member)?.status());
        let gone = |status: u16| matches!(status, 404 | 410);
        need(gone(there) == gone(inside), "the folder and its member are not treated alike")?;
        need(!gone(inside) || answer.is_success(), "refused, and yet deleted")?;
        must(answer.status() < 500, answer.status().to_string())
    }),
    writes(
        "DEL-07",
        "DELETE",
        "What another has locked is deleted, or lost without its folder.",
        |lab| {
            let (folder, member) = locked_member(lab)?;
            let answer = lab.ask(&Request::delete(&folder))?;
            need(lab.get(&member)?.status() == 200, "the locked member is deleted")?;
            let said = answer.status() == 207 || answer.status() >= 400;
            must(said, format!("answered {} though it is all still there", answer.status()))
        },
    ),
    writes("DEL-08", "DELETE", "Clients show errors that are only consequences.", |lab| {
        let (folder, _) = locked_member(lab)?;
        let answer = lab.ask(&Request::delete(&folder))?;
        given(answer.status() == 207, "no 207")?;
        let text = answer.text();
        let clean = !text.contains(" 424 ") && !text.contains(" 204 ");
        must(clean, "the 207 has 424 or 204")
    }),
    writes("DEL-09", "DELETE", "A name stays locked after what was there is gone.", |lab| {
        let path = lab.file(b"x")?.path;
        let token = lab.lock(&path, "0")?;
        let mut answer = lab.ask(&Request::delete(&path).with("If", &format!("({token})")))?;
        if !answer.is_success() {
            // DAV-35 judges that; a tagged list says the same.
            let tagged = format!("<{}> ({token})", lab.client.url().absolute(&path));
            answer = lab.ask(&Request::delete(&path).with("If", &tagged))?;
        }
        need(answer.is_success(), format!("with the token: {}", answer.status()))?;
        let put = lab.ask(&Request::put(&path, "new"))?;
        must(put.status() != 423, "the lock is still there")
    }),
    writes("DEL-10", "DELETE", "Members of a locked folder disappear.", |lab| {
        let folder = lab.collection()?;
        let member = format!("{folder}member.txt");
        lab.ask(&Request::put(&member, "x"))?;
        lab.lock(&folder, "0")?;
        let answer = lab.ask(&Request::delete(&member))?;
        need(lab.get(&member)?.status() == 200, "the member is deleted without the token")?;
        locked(&answer)
    }),
    writes("DAV-35", "DELETE", "Who locked a file cannot delete it.", |lab| {
        let path = lab.file(b"x")?.path;
        let token = lab.lock(&path, "0")?;
        let answer = lab.ask(&Request::delete(&path).with("If", &format!("({token})")))?;
        must(answer.is_success(), format!("with the token: {}", answer.status()))
    }),
];

/// The path of a file that was there and is deleted.
fn deleted(lab: &Lab) -> Result<String, Stop> {
    let path = lab.file(b"x")?.path;
    lab.ask(&Request::delete(&path))?;
    Ok(path)
}

/// A collection and a member of it that is locked; the token is not given.
fn locked_member(lab: &Lab) -> Result<(String, String), Stop> {
    let folder = lab.collection()?;
    let member = format!("{folder}member.txt");
    lab.ask(&Request::put(&member, "x"))?;
    lab.lock(&member, "0")?;
    Ok((folder, member))
}
