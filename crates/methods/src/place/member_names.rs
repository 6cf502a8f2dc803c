//! Names that the server chooses for new members of a collection (RFC 5023 section 9.7).

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    header::{content_type::MediaType, slug::member_name},
    media,
    name::composed,
    path::Path,
    rule::privilege::Right,
    timestamp::Timestamp,
};
use methodical_store::view::View;

use crate::{admission::privilege::may, request::Request};

/// A name for content: as wished, else one that says when it came. Where the name implies no media
/// type and the content's has an extension, that is added.
pub fn name(wish: Option<String>, media_type: Option<&MediaType>, now: Timestamp) -> String {
    let name = wish.unwrap_or_else(|| moment(now));
    let name = String::from_utf8_lossy(&composed(name.as_bytes())).into_owned();
    let extension = media_type.and_then(media::extension_of);
    match extension {
        Some(extension) if media::implied_by(&name) == media::OCTET_STREAM => {
            format!("{name}.{extension}")
        }
        _ => name,
    }
}

/// A safe name out of the one that a file has on the client, of whose path only the end counts.
pub fn name_of_file(client: &str) -> Option<String> {
    member_name(client.rsplit(['/', '\\']).next()?)
}

/// A path in the collection where nothing is, by the name or the name with a number: `a.txt`,
/// `a-2.txt`, `a-3.txt` and on.
///
/// Of the numbers only as many are tried as the greatest has binary digits, so that after gaps not
/// always the smallest is found.
///
/// # Errors
/// `Conflict` when the names are used up; `HiddenName`, `ReservedName`.
pub fn free(
    view: &View<'_>,
    request: &Request,
    taken: &[Path],
    collection: &Path,
    name: &str,
) -> Result<Path> {
    let at = |number: u32| {
        let path = collection.join(numbered(name, number).as_bytes());
        path.map_err(|_| Error::refused(Condition::Conflict, "No name can be made of this one."))
    };
    // Who may make members here, but not this one, gets another. Who may not is refused later.
    let chooses = may(view, request, Right::Create, collection)?;
    let is_free = |path: &Path| {
        let free = !taken.contains(path) && view.find(path)?.is_none();
        Ok::<_, Error>(free && (!chooses || may(view, request, Right::Create, path)?))
    };
    let first = at(1)?;
    view.may_write(&first)?;
    if is_free(&first)? {
        return Ok(first);
    }
    // Double until one is free, then halve the gap to the last that was not.
    let (mut used, mut unused) = (1, 2);
    while !is_free(&at(unused)?)? {
        used = unused;
        unused *= 2;
        if unused > NUMBER_MAX {
            return Err(Error::refused(
                Condition::Conflict,
                "Too many members have this name with a number; send another Slug.",
            ));
        }
    }
    while unused - used > 1 {
        let middle = used + (unused - used) / 2;
        if is_free(&at(middle)?)? { unused = middle } else { used = middle }
    }
    at(unused)
}

/// The name itself for number 1, else with the number before its extension.
fn numbered(name: &str, number: u32) -> String {
    if number == 1 {
        return name.to_owned();
    }
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => (stem, extension),
        _ => return format!("{name}-{number}"),
    };
    match stem.strip_suffix(".tar") {
        Some(stem) if !stem.is_empty() => format!("{stem}-{number}.tar.{extension}"),
        _ => format!("{stem}-{number}.{extension}"),
    }
}

/// A moment as a name: `20261122-093005-123`, to the millisecond in UTC.
fn moment(now: Timestamp) -> String {
    let digits: String = now.rfc3339().chars().filter(char::is_ascii_digit).collect();
    let (day, time) = digits.split_at_checked(8).unwrap_or((&digits, ""));
    format!("{day}-{time}-{:03}", now.nanoseconds() / NANOSECONDS_PER_MILLISECOND)
}

/// The greatest number that tells a member from its namesakes: more than any folder holds, and
/// found in 20 looks.
const NUMBER_MAX: u32 = 1 << 20;

const NANOSECONDS_PER_MILLISECOND: u32 = 1_000_000;
