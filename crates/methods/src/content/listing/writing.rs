//! A list that is written piece by piece, as often as it takes, each time the same.

use bytes::Bytes;
use methodical_content::Pull;
use methodical_semantics::error::Result;
use methodical_store::work;

use super::{form::Form, html, json, member::Listing, packed::Cursor, text};

/// A list in one form, as far as it is written.
pub(super) struct Writing {
    listing: Listing,
    form: Form,
    part: Part,
    cursor: Cursor,
    /// What of the first bytes of files was told.
    looks: usize,
    /// Octets of all of it, where somebody wrote it already.
    length: Option<u64>,
}

/// The part of a list that comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Beginning,
    Members,
    Folded,
    End,
    Nothing,
}

impl Writing {
    /// Nothing of it is written yet.
    pub(super) fn of(listing: Listing, form: Form) -> Self {
        let (part, cursor) = (Part::Beginning, Cursor::default());
        Self { listing, form, part, cursor, looks: 0, length: None }
    }

    /// The same from its beginning on, of which it is known how many octets it has.
    pub(super) fn again(self, length: u64) -> Self {
        Self { length: Some(length), ..Self::of(self.listing, self.form) }
    }

    /// Returns whether all of it is written.
    pub(super) const fn is_over(&self) -> bool {
        matches!(self.part, Part::Nothing)
    }

    /// The next piece, of so many octets or little more; less than that is the last one.
    pub(super) fn piece(&mut self, octets: usize) -> Result<String> {
        let mut out = String::new();
        while out.len() < octets && !self.is_over() {
            work::go_on()?;
            self.step(&mut out)?;
        }
        Ok(out)
    }

    fn step(&mut self, out: &mut String) -> Result<()> {
        let is_html = self.form == Form::Html;
        let (listing, part) = (&self.listing, self.part);
        match part {
            Part::Beginning => {
                match self.form {
                    Form::Html => html::begin(listing, out),
                    Form::Json => out.push('['),
                    Form::Text => {}
                }
                self.part = Part::Members;
            }
            Part::Members | Part::Folded => {
                let is_first = self.cursor.passed == 0;
                let Some(member) = listing.members.next(&mut self.cursor) else {
                    self.turn_over(out);
                    return Ok(());
                };
                if is_html && member.is_folded() != (part == Part::Folded) {
                    return Ok(());
                }
                let looks = &mut self.looks;
                let seen = || {
                    *looks += 1;
                    listing.beginnings.get(*looks - 1).copied().flatten()
                };
                match self.form {
                    Form::Html => html::row(&member, out),
                    Form::Json => json::row(listing, (&member, is_first), seen, out)?,
                    Form::Text => text::row(&member, out),
                }
            }
            Part::End => {
                match self.form {
                    Form::Html => html::end(listing, out),
                    Form::Json => out.push_str("\n]\n"),
                    Form::Text => text::end(listing, out),
                }
                self.part = Part::Nothing;
            }
            Part::Nothing => {}
        }
        Ok(())
    }

    /// Goes on behind the last member.
    fn turn_over(&mut self, out: &mut String) {
        let is_folded = self.form == Form::Html && self.listing.folded > 0;
        if self.part == Part::Folded {
            self.part = Part::End;
            return;
        }
        if self.form == Form::Html {
            html::fold(&self.listing, out);
        }
        self.cursor = Cursor::default();
        self.part = if is_folded { Part::Folded } else { Part::End };
    }
}

impl Pull for Writing {
    fn pull(&mut self) -> Result<Option<Bytes>> {
        let piece = self.piece(PIECE_BYTES)?;
        Ok((!piece.is_empty()).then(|| piece.into()))
    }

    fn length(&self) -> Option<u64> {
        self.length
    }
}

impl std::fmt::Debug for Writing {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Writing").field("form", &self.form).finish_non_exhaustive()
    }
}

/// Octets (64 KiB) after which a piece is sent, of which two are in memory at a time: some five
/// hundred members, so that going back and forth costs little beside them.
pub(super) const PIECE_BYTES: usize = 64 * 1024;
