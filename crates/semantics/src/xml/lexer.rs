//! Where markup begins and ends: enough to count what a tree would hold before it is built, and to
//! find what a start tag declares. What is no markup at all is left to the parser to say.

use super::limits::XML_ATTRIBUTES_MAX;

/// The markup that begins with `<`.
#[derive(Debug)]
pub(super) enum Markup<'t> {
    /// A start tag, or an element that is empty.
    Start(StartTag<'t>),
    /// An end tag.
    End,
    /// A comment, a section of character data, an instruction.
    Other,
    /// A document type declaration, with all that comes behind it.
    Doctype(&'t str),
}

/// A start tag.
#[derive(Debug)]
pub(super) struct StartTag<'t> {
    /// The name as it is written, with its prefix.
    pub(super) name: &'t str,
    /// The attributes and declarations as they are written.
    pub(super) attributes: Vec<(&'t str, &'t str)>,
    /// True if it is an end tag, too.
    pub(super) empty: bool,
}

/// The next markup, and what comes behind it; nothing where it does not end.
pub(super) fn markup(text: &str) -> Option<(Markup<'_>, &str)> {
    let other = |rest| Some((Markup::Other, rest));
    if let Some(comment) = text.strip_prefix("<!--") {
        return other(comment.split_once("-->")?.1);
    }
    if let Some(data) = text.strip_prefix("<![CDATA[") {
        return other(data.split_once("]]>")?.1);
    }
    if let Some(instruction) = text.strip_prefix("<?") {
        return other(instruction.split_once("?>")?.1);
    }
    if let Some(declaration) = text.strip_prefix("<!") {
        return Some((Markup::Doctype(declaration), ""));
    }
    if let Some(end) = text.strip_prefix("</") {
        return Some((Markup::End, end.split_once('>')?.1));
    }
    let (tag, rest) = start_tag(text)?;
    Some((Markup::Start(tag), rest))
}

/// A start tag at the beginning of the text, and what comes behind it.
pub(super) fn start_tag(text: &str) -> Option<(StartTag<'_>, &str)> {
    let text = text.strip_prefix('<')?;
    let end = text.find(|it: char| is_space(it) || matches!(it, '/' | '>' | '<'))?;
    let (name, behind) = text.split_at_checked(end)?;
    let mut attributes = Attributes(behind);
    // One more than are taken tells that there are too many.
    let found: Vec<_> = attributes.by_ref().take(XML_ATTRIBUTES_MAX + 1).collect();
    if found.len() > XML_ATTRIBUTES_MAX {
        return Some((StartTag { name, attributes: found, empty: false }, ""));
    }
    let behind = attributes.0.trim_start_matches(is_space);
    let (empty, rest) = match behind.strip_prefix('/') {
        Some(rest) => (true, rest),
        None => (false, behind),
    };
    let rest = rest.strip_prefix('>')?;
    Some((StartTag { name, attributes: found, empty }, rest))
}

/// The attributes at the beginning of the text, one by one, up to whatever is none.
#[derive(Debug)]
pub(super) struct Attributes<'t>(pub(super) &'t str);

impl<'t> Iterator for Attributes<'t> {
    type Item = (&'t str, &'t str);

    fn next(&mut self) -> Option<Self::Item> {
        let text = self.0.trim_start_matches(is_space);
        // The search ends where the tag does: each character is looked at once.
        let end = text.find(['=', '>', '<', '"', '\'', '?'])?;
        let (name, behind) = text.split_at_checked(end)?;
        let value = behind.strip_prefix('=')?.trim_start_matches(is_space);
        let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        let (value, rest) = value.strip_prefix(quote)?.split_once(quote)?;
        self.0 = rest;
        Some((name.trim_end_matches(is_space), value))
    }
}

impl<'t> StartTag<'t> {
    /// The prefixes that the tag declares; empty for the default namespace.
    pub(super) fn declared(&self) -> impl Iterator<Item = &'t str> {
        self.attributes.iter().filter_map(|(name, _)| match name.strip_prefix("xmlns")? {
            "" => Some(""),
            prefixed => prefixed.strip_prefix(':'),
        })
    }
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}
