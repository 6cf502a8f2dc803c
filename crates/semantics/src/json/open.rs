//! Opening: one level of a container becomes a list of spans.

use super::arena::push;
use super::charge::entry;
use super::object::{MEMBER_BYTES, Member, Object};
use super::refusal::Refusal;
use super::sequence::Sequence;
use super::text::{Entries, Span, offset};
use super::texts::Style;
use super::tree::Tree;
use super::value::{Array, Item};

impl Tree<'_> {
    pub(super) fn open_array(&mut self, core: Span) -> Result<u32, Refusal> {
        let charge = &mut self.charge;
        charge.take(entry::<Array>())?;
        let text = self.texts.text(core.source);
        let mut entries = text.entries(core);
        // Where there is no room for all, the rest is not looked at.
        let spans = entries.by_ref().take_while(|_| charge.add(size_of::<Item>()));
        let mut items = Sequence::new(spans.map(|entry| Item::Raw(entry.item)));
        charge.check()?;
        let mut closing = inner(core, &entries);
        let before_first = match items.iter().next() {
            Some(Item::Raw(first)) => before(first, text.trim(first)),
            _ => Span::empty(core.source),
        };
        let mut before_other = before_first;
        if let Some(item) = items.last_mut()
            && let Item::Raw(last) = *item
        {
            let trimmed = text.trim(last);
            before_other = before(last, trimmed);
            closing = Span { start: trimmed.end, ..last };
            *item = Item::Raw(Span { end: trimmed.end, ..last });
        }
        Ok(push(&mut self.arrays, Array { items, before_first, before_other, closing }))
    }

    pub(super) fn open_object(&mut self, core: Span) -> Result<u32, Refusal> {
        let charge = &mut self.charge;
        charge.take(entry::<Object>())?;
        let text = self.texts.text(core.source);
        let mut entries = text.entries(core);
        let mut members: Vec<Member> = entries
            .by_ref()
            .take_while(|_| charge.add(entry::<Member>() + MEMBER_BYTES))
            .filter_map(|e| Some(Member { head: e.head?, item: Some(Item::Raw(e.item)) }))
            .collect();
        charge.check()?;
        let none = Span::empty(core.source);
        let mut style = Style { before_name: none, before_colon: none, after_colon: none };
        let mut closing = inner(core, &entries);
        if let Some(member) = members.last_mut()
            && let Some(Item::Raw(last)) = member.item
        {
            let trimmed = text.trim(last);
            let (head, name) = (member.head, member.head.name());
            style = Style {
                before_name: before(head.span, name),
                before_colon: brief(Span { start: name.end, ..head.span }),
                after_colon: before(last, trimmed),
            };
            closing = Span { start: trimmed.end, ..last };
            member.item = Some(Item::Raw(Span { end: trimmed.end, ..last }));
        }
        let object = Object::new(members, style, closing, &self.texts);
        Ok(push(&mut self.objects, object))
    }
}

/// The blank inside of a container without entries.
fn inner(core: Span, entries: &Entries<'_>) -> Span {
    Span { start: core.start + 1, end: offset(entries.close()), ..core }
}

/// The blank that stands before a value or name in its span.
fn before(span: Span, trimmed: Span) -> Span {
    brief(Span { end: trimmed.start, ..span })
}

/// The blank itself, or none of it if it is too long to be a matter of style.
fn brief(blank: Span) -> Span {
    if blank.len() > BLANK_BYTES_MAX { Span { end: blank.start, ..blank } } else { blank }
}

/// Bytes of a blank that new members take over from their neighbours: an indentation for as many
/// levels as may be nested. A longer one would let every operation add more than it says.
const BLANK_BYTES_MAX: usize = 2 * super::scan::NESTING_MAX;
