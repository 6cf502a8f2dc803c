//! Members in few octets, one behind the other, so that a long list can wait for a client that is
//! slow to read it: some fifteen for a usual file, where a resource takes some three hundred.

use std::cmp::Ordering;

use methodical_semantics::{
    error::{Error, Result},
    timestamp::Timestamp,
};

use super::member::Member;
use crate::memory::{Held, full};

/// Members as they come.
pub(super) struct Packing {
    /// Records, each with its whole name.
    octets: Vec<u8>,
    /// The place where they begin.
    starts: Vec<u32>,
    /// True if they come in their order.
    in_order: bool,
    held: Held,
}

/// Members in their order.
pub(super) struct Packed {
    /// Records, each with what its name does not share with the one before.
    octets: Vec<u8>,
    _held: Held,
}

/// The point to which somebody went through members.
#[derive(Debug, Clone, Default)]
pub(super) struct Cursor {
    at: usize,
    name: Vec<u8>,
    /// The number of members that were passed.
    pub(super) passed: usize,
}

impl Cursor {
    /// The name of the last member that was passed.
    pub(super) fn name(&self) -> &[u8] {
        &self.name
    }
}

impl Packing {
    /// None yet; what they take is counted.
    pub(super) const fn counted_by(held: Held) -> Self {
        Self { octets: Vec::new(), starts: Vec::new(), in_order: false, held }
    }

    /// The same, where they come in the order that they are to have, if `so`.
    pub(super) fn in_order(self, so: bool) -> Self {
        Self { in_order: so, ..self }
    }

    pub(super) const fn len(&self) -> usize {
        self.starts.len()
    }

    /// One more.
    ///
    /// # Errors
    /// `Overloaded` where there is no memory for it.
    pub(super) fn push(&mut self, member: &Member<'_>) -> Result<()> {
        self.starts.push(u32::try_from(self.octets.len()).map_err(Error::failed)?);
        append(member, 0, &mut self.octets);
        self.count(0)
    }

    /// Keeps the first of them, so many.
    ///
    /// # Errors
    /// `Overloaded` where there is no memory to do so.
    pub(super) fn keep_first(&mut self, most: usize) -> Result<()> {
        self.sort();
        self.starts.truncate(most);
        self.count(self.octets.len())?;
        let (mut kept, mut name) = (Vec::new(), Vec::new());
        for start in &mut self.starts {
            let record = record(&self.octets, *start);
            let length = read(record, &mut name).map_or(0, |(_, length)| length);
            *start = u32::try_from(kept.len()).map_err(Error::failed)?;
            kept.extend_from_slice(record.get(..length).unwrap_or_default());
        }
        self.octets = kept;
        Ok(())
    }

    /// All of them in their order.
    ///
    /// # Errors
    /// `Overloaded` where there is no memory to bring them into it.
    pub(super) fn ordered(mut self) -> Result<Packed> {
        self.sort();
        self.count(self.octets.len())?;
        let mut octets = Vec::new();
        let mut before = Vec::new();
        let mut whole = Cursor::default();
        for start in &self.starts {
            let Some((member, _)) = read(record(&self.octets, *start), &mut whole.name) else {
                continue;
            };
            let shared = shared(&before, member.name);
            append(&member, shared, &mut octets);
            before.clear();
            before.extend_from_slice(member.name);
        }
        octets.shrink_to_fit();
        self.held.keeps(octets.capacity());
        Ok(Packed { octets, _held: self.held })
    }

    fn sort(&mut self) {
        if self.in_order {
            return;
        }
        let octets = &self.octets;
        let in_order = |one: &u32, other: &u32| -> Ordering {
            key(record(octets, *one)).cmp(&key(record(octets, *other)))
        };
        self.starts.sort_unstable_by(in_order);
    }

    /// Counts what they take, and so many octets more. What is set aside for more of them takes no
    /// memory before they come.
    fn count(&mut self, more: usize) -> Result<()> {
        let octets = self.octets.len() + self.starts.len() * size_of::<u32>() + more;
        if octets > UNCOUNTED_BYTES_MAX && !self.held.reaches(octets) {
            return Err(full());
        }
        Ok(())
    }
}

impl Packed {
    /// The next member.
    pub(super) fn next<'m>(&'m self, cursor: &'m mut Cursor) -> Option<Member<'m>> {
        let (member, length) = read(self.octets.get(cursor.at..)?, &mut cursor.name)?;
        cursor.at += length;
        cursor.passed += 1;
        Some(member)
    }
}

/// The octets from the beginning of a record on.
fn record(octets: &[u8], start: u32) -> &[u8] {
    // What begins there was written there; an address has no fewer bits than the number.
    octets.get(start as usize..).unwrap_or_default()
}

/// Returns what the order is by, of a record with its whole name.
fn key(record: &[u8]) -> Option<(bool, &[u8])> {
    let mut fields = Fields(record);
    let (kind, _shared, length) = (fields.octet()?, fields.octet()?, fields.number()?);
    Some((kind & COLLECTION == 0, fields.take(length)?))
}

/// Returns how many octets two names begin with alike, as far as a record can say it.
fn shared(before: &[u8], name: &[u8]) -> u8 {
    let alike = before.iter().zip(name).take_while(|(one, other)| one == other);
    u8::try_from(alike.count()).unwrap_or(u8::MAX)
}

fn append(member: &Member<'_>, shared: u8, out: &mut Vec<u8>) {
    let tag = member.etag.as_deref().map(|etag| (etag, hexadecimal(etag)));
    let kind = if member.is_collection { COLLECTION } else { 0 }
        | match &tag {
            None => 0,
            Some((_, Some(_))) => TAG,
            Some((_, None)) => TAG_AS_TEXT,
        }
        | if member.media_type.is_some() { MEDIA_TYPE } else { 0 };
    out.extend([kind, shared]);
    append_text(member.name.get(usize::from(shared)..).unwrap_or_default(), out);
    append_number(member.length, out);
    // The sign becomes the lowest bit, so that small numbers stay short.
    let seconds = member.modified.seconds();
    append_number((seconds << 1 ^ seconds >> 63).cast_unsigned(), out);
    match tag {
        None => {}
        Some((_, Some(octets))) => append_text(&octets, out),
        Some((text, None)) => append_text(text.as_bytes(), out),
    }
    if let Some(media_type) = member.media_type {
        append_text(media_type.as_bytes(), out);
    }
}

fn append_text(text: &[u8], out: &mut Vec<u8>) {
    append_number(text.len() as u64, out);
    out.extend_from_slice(text);
}

/// Seven bits an octet, the lowest first; the highest bit says that more follow.
fn append_number(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}

/// Reads a record, with the name of the one before it; gives how long it is, too.
fn read<'m>(record: &'m [u8], name: &'m mut Vec<u8>) -> Option<(Member<'m>, usize)> {
    let mut fields = Fields(record);
    let kind = fields.octet()?;
    name.truncate(usize::from(fields.octet()?));
    name.extend_from_slice(fields.text()?);
    let length = fields.number()?;
    let seconds = fields.number()?;
    let seconds = (seconds >> 1).cast_signed() ^ -(seconds & 1).cast_signed();
    let etag = match kind & (TAG | TAG_AS_TEXT) {
        0 => None,
        TAG => Some(quoted(fields.text()?)),
        _ => Some(String::from_utf8_lossy(fields.text()?).into_owned()),
    };
    let media_type = if kind & MEDIA_TYPE == 0 { None } else { Some(fields.text()?) };
    let member = Member {
        name,
        is_collection: kind & COLLECTION != 0,
        length,
        modified: Timestamp::new(seconds, 0),
        etag,
        media_type: media_type.and_then(|text| std::str::from_utf8(text).ok()),
    };
    Some((member, record.len() - fields.0.len()))
}

/// All that is left of a record.
struct Fields<'m>(&'m [u8]);

impl<'m> Fields<'m> {
    fn take(&mut self, length: u64) -> Option<&'m [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    fn octet(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for place in (0..u64::BITS).step_by(7) {
            let octet = self.octet()?;
            number |= u64::from(octet & 0x7f) << place;
            if octet & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn text(&mut self) -> Option<&'m [u8]> {
        let length = self.number()?;
        self.take(length)
    }
}

/// The octets that an entity tag writes as digits, where it does: those of files do.
fn hexadecimal(etag: &str) -> Option<Vec<u8>> {
    let digits = etag.strip_prefix('"')?.strip_suffix('"')?.as_bytes();
    let octet = |pair: &[u8]| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    };
    digits.chunks(2).map(octet).collect()
}

const fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        _ => None,
    }
}

fn quoted(octets: &[u8]) -> String {
    let mut text = String::with_capacity(2 * octets.len() + 2);
    text.push('"');
    for octet in octets {
        let digits = [octet >> 4, octet & 15];
        text.extend(digits.iter().filter_map(|digit| char::from_digit(u32::from(*digit), 16)));
    }
    text.push('"');
    text
}

/// What a record is of, and what is in it.
const COLLECTION: u8 = 1;
const TAG: u8 = 2;
const TAG_AS_TEXT: u8 = 4;
const MEDIA_TYPE: u8 = 8;

/// Octets (128 KiB) of members, while they are brought into their order, that are not counted: a
/// list that is made whole has no more as a rule, and is made whoever holds how much.
const UNCOUNTED_BYTES_MAX: usize = 128 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;

    fn member(name: &[u8], is_collection: bool) -> Member<'_> {
        let modified = Timestamp::new(1_764_000_000, 0);
        Member { name, is_collection, length: 300, modified, etag: None, media_type: None }
    }

    fn tagged(etag: &str, name: &'static [u8]) -> Member<'static> {
        Member { etag: Some(etag.to_owned()), ..member(name, false) }
    }

    fn told(packed: &Packed) -> Vec<String> {
        let mut cursor = Cursor::default();
        let mut told = Vec::new();
        while let Some(member) = packed.next(&mut cursor) {
            told.push(format!("{member:?}"));
        }
        told
    }

    #[test]
    fn what_is_packed_comes_out_in_order_as_it_was() {
        let long = vec![b'x'; 255];
        let ascending = [
            Member { length: u64::MAX, ..member(b"\xff", true) },
            Member { modified: Timestamp::new(i64::MIN, 0), ..member(b"a", false) },
            Member { modified: Timestamp::new(-1, 0), ..member(b"aa", false) },
            tagged("\"07ef\"", b"ab"),
            tagged("\"7\"", b"abc"),
            tagged("\"7E\"", b"abd"),
            tagged("W/\"7e\"", b"abe"),
            tagged("\"\"", b"abf"),
            Member { etag: Some(String::new()), media_type: Some("a/b"), ..member(b"b", false) },
            Member { media_type: Some(""), ..member(&long, false) },
        ];
        let mut packing = Packing::counted_by(Memory::default().hold());
        ascending.iter().rev().for_each(|member| packing.push(member).unwrap());
        let expected: Vec<String> = ascending.iter().map(|member| format!("{member:?}")).collect();
        assert_eq!(told(&packing.ordered().unwrap()), expected);
    }

    #[test]
    fn the_first_are_kept() {
        let names: Vec<String> = (0..1000).map(|n| format!("{:03}", n * 7 % 1000)).collect();
        let mut packing = Packing::counted_by(Memory::default().hold());
        for name in &names {
            packing.push(&member(name.as_bytes(), false)).unwrap();
            if packing.len() == 20 {
                packing.keep_first(10).unwrap();
            }
        }
        packing.keep_first(10).unwrap();
        let packed = packing.ordered().unwrap();
        let (mut cursor, mut told) = (Cursor::default(), Vec::new());
        while let Some(member) = packed.next(&mut cursor) {
            told.push(String::from_utf8_lossy(member.name).into_owned());
        }
        assert_eq!(told, (0..10).map(|n| format!("{n:03}")).collect::<Vec<_>>());
    }

    #[test]
    fn a_usual_member_takes_few_octets_and_they_are_counted() {
        let memory = Memory::default().within(4 * 1024 * 1024);
        let pack = |count: usize| {
            let mut packing = Packing::counted_by(memory.hold());
            for number in 0..count {
                packing.push(&member(format!("file {number:06}.txt").as_bytes(), false))?;
            }
            packing.ordered()
        };
        let packed = pack(20_000).unwrap();
        assert!(packed.octets.capacity() < 20_000 * 20, "{}", packed.octets.capacity());
        let all = 4 * 1024 * 1024;
        assert!(!memory.hold().reaches(all - packed.octets.capacity() + 1));
        assert!(memory.hold().reaches(all - packed.octets.capacity()));
        assert!(pack(1_000_000).is_err(), "all that there may be");
        let mut others = memory.hold();
        assert!(others.reaches(all - packed.octets.capacity()), "what failed holds nothing");
        assert!(pack(20_000).is_err() && pack(1_000).is_ok(), "a short list is always made");
        drop((packed, others));
        assert!(memory.hold().reaches(all));
    }
}
