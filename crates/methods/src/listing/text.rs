//! The list as lines for people at a terminal: date, bytes, name.

use std::fmt::Write as _;

use super::member::Listing;

/// One line a member.
pub(super) fn write(listing: &Listing) -> String {
    let mut lines = String::new();
    for member in &listing.members {
        let (modified, name) = (member.modified(), member.name());
        let size =
            if member.0.is_collection() { "-".to_owned() } else { member.0.length.to_string() };
        // Writing to a String cannot fail.
        _ = writeln!(lines, "{modified}  {size:>13}  {name}");
    }
    if let Some(next) = listing.next() {
        let shown = listing.members.len();
        _ = writeln!(lines, "There are more than these {shown}: {next}");
    }
    lines
}
