//! The list as a page that works without script, in light and dark, for people and for programs
//! that follow links.

use std::fmt::Write as _;

use methodical_semantics::name::visible;

use super::member::{Listing, Member};

/// The page up to its first member.
pub(super) fn begin(listing: &Listing, page: &mut String) {
    let title = title(listing);
    let heading = title.concat();
    let isolated = format!("<bdi>{}</bdi>", title.join("</bdi><bdi>"));
    // Writing to a String cannot fail.
    _ = write!(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{heading}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{isolated}</h1>\n"
    );
    page.push_str(TABLE);
    if !listing.of.is_root() {
        page.push_str("<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n");
    }
}

/// Writes what stands between the members and those that are folded away: names with a leading dot,
/// which only some are shown.
pub(super) fn fold(listing: &Listing, page: &mut String) {
    page.push_str(TABLE_END);
    if listing.folded > 0 {
        let (number, files) = (listing.folded, if listing.folded == 1 { "file" } else { "files" });
        _ = writeln!(page, "<details>\n<summary>{number} hidden {files}</summary>");
        page.push_str(TABLE);
    }
}

/// The page from its last member on.
pub(super) fn end(listing: &Listing, page: &mut String) {
    if listing.folded > 0 {
        page.push_str(TABLE_END);
        page.push_str("</details>\n");
    }
    if let Some(next) = &listing.next {
        let (next, shown) = (escaped(next), listing.count);
        _ = writeln!(
            page,
            "<p>There are more than these {shown}: <a rel=\"next\" href=\"{next}\">go on</a></p>"
        );
    }
    page.push_str("</body>\n</html>\n");
}

/// The names on the way, each to be isolated: its letters may be written from right to left.
fn title(listing: &Listing) -> Vec<String> {
    let names = listing.of.segments();
    let names = names.map(|name| escaped(&visible(&String::from_utf8_lossy(name))) + "/");
    std::iter::once("/".to_owned()).chain(names).collect()
}

/// The row of a member.
pub(super) fn row(member: &Member<'_>, page: &mut String) {
    let (href, name) = (escaped(&member.reference()), escaped(&member.name()));
    let size = if member.is_collection { String::new() } else { size(member.length) };
    let modified = member.modified();
    // Writing to a String cannot fail.
    _ = writeln!(
        page,
        "<tr><td><a href=\"{href}\"><bdi>{name}</bdi></a></td>\
         <td>{size}</td><td>{modified}</td></tr>"
    );
}

/// A number of bytes as people read it: at most four digits, in powers of 1,024.
fn size(bytes: u64) -> String {
    let mut rest = bytes;
    let mut tenths = 0;
    let mut unit = UNITS.into_iter();
    let mut name = unit.next().unwrap_or_default();
    while rest >= 1024 {
        let Some(next) = unit.next() else { break };
        tenths = rest % 1024 * 10 / 1024;
        rest /= 1024;
        name = next;
    }
    if bytes < 1024 { format!("{bytes} B") } else { format!("{rest}.{tenths} {name}") }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(character),
        }
    }
    escaped
}

const UNITS: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

const TABLE: &str = "<table>\n\
    <thead><tr><th>Name</th><th>Size</th><th>Modified (UTC)</th></tr></thead>\n<tbody>\n";

const TABLE_END: &str = "</tbody>\n</table>\n";

const STYLE: &str = "\n\
:root { color-scheme: light dark }\n\
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto }\n\
body { max-width: 60rem; padding: 0 1rem }\n\
h1 { font-size: 1.3rem; overflow-wrap: anywhere }\n\
table { border-collapse: collapse; width: 100% }\n\
th, td { padding: .15rem .5rem; text-align: left; white-space: nowrap }\n\
th:first-child, td:first-child { overflow-wrap: anywhere; white-space: normal; width: 100% }\n\
th:nth-child(2), td:nth-child(2) { font-variant-numeric: tabular-nums; text-align: right }\n\
summary { cursor: pointer; padding: .5rem }\n\
a { text-decoration: none }\n\
a:hover, a:focus { text-decoration: underline }\n";
