//! The list as lines for people at a terminal: date, bytes, name.

use std::fmt::Write as _;

use super::member::{Listing, Member};

/// The line of a member.
pub(super) fn row(member: &Member<'_>, lines: &mut String) {
    let (modified, name) = (member.modified(), member.name());
    let size = if member.is_collection { "-".to_owned() } else { member.length.to_string() };
    // Writing to a String cannot fail.
    _ = writeln!(lines, "{modified}  {size:>13}  {name}");
}

/// Writes what stands behind the last line.
pub(super) fn end(listing: &Listing, lines: &mut String) {
    if let Some(next) = &listing.next {
        let shown = listing.count;
        _ = writeln!(lines, "There are more than these {shown}: {next}");
    }
}
