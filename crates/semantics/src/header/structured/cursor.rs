//! The parsing algorithms of RFC 9651 section 4.2, one function each.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::{BareItem, Item, ItemParameters, MEMBERS_MAX, Member, put};

/// All that is left to read: US-ASCII.
pub(super) struct Cursor<'a>(&'a str);

impl<'a> Cursor<'a> {
    /// Section 4.2: reads the whole of a field by the algorithm of its type.
    pub(super) fn whole<T>(value: &'a str, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let mut cursor = Self(value.is_ascii().then_some(value)?.trim_matches(' '));
        read(&mut cursor).filter(|_| cursor.is_empty())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes the byte if it is next.
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        self.take_if(|next| next == byte).is_some()
    }

    /// Steps 6 to 10 of sections 4.2.1 and 4.2.2: the end, or a comma with something after it.
    pub(super) fn comma(&mut self) -> Option<()> {
        self.0 = self.0.trim_start_matches([' ', '\t']);
        if self.is_empty() {
            return Some(());
        }
        let comma = self.eat(b',');
        self.0 = self.0.trim_start_matches([' ', '\t']);
        (comma && !self.is_empty()).then_some(())
    }

    /// Section 4.2.3.3.
    pub(super) fn key(&mut self) -> Option<String> {
        let first = self.peek()?;
        let first = first.is_ascii_lowercase() || first == b'*';
        let key = self.take_while(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-.*".contains(&byte)
        });
        first.then(|| key.to_owned())
    }

    /// Section 4.2.1.1.
    pub(super) fn member(&mut self) -> Option<Member> {
        if self.peek() == Some(b'(') { self.inner_list() } else { self.item().map(Member::Item) }
    }

    /// Section 4.2.3.
    pub(super) fn item(&mut self) -> Option<Item> {
        let value = self.bare_item()?;
        let parameters = self.parameters()?;
        Some(Item { value, parameters })
    }

    /// Section 4.2.3.2.
    pub(super) fn parameters(&mut self) -> Option<ItemParameters> {
        let mut parameters = Vec::new();
        while self.eat(b';') {
            self.skip_spaces();
            let key = self.key()?;
            let value = if self.eat(b'=') { self.bare_item()? } else { BareItem::Boolean(true) };
            put(&mut parameters, key, value)?;
        }
        Some(parameters)
    }

    /// Section 4.2.1.2.
    fn inner_list(&mut self) -> Option<Member> {
        let mut items = Vec::new();
        self.eat(b'(').then_some(())?;
        loop {
            self.skip_spaces();
            if self.eat(b')') {
                return Some(Member::InnerList(items, self.parameters()?));
            }
            if items.len() == MEMBERS_MAX {
                return None;
            }
            items.push(self.item()?);
            matches!(self.peek(), Some(b' ' | b')')).then_some(())?;
        }
    }

    /// Section 4.2.3.1.
    fn bare_item(&mut self) -> Option<BareItem> {
        match self.peek()? {
            b'-' | b'0'..=b'9' => self.number(),
            b'"' => self.string().map(BareItem::String),
            b'*' | b'a'..=b'z' | b'A'..=b'Z' => Some(BareItem::Token(self.token())),
            b':' => self.byte_sequence().map(BareItem::ByteSequence),
            b'?' => self.boolean().map(BareItem::Boolean),
            b'@' => self.date().map(BareItem::Date),
            b'%' => self.display_string().map(BareItem::DisplayString),
            _ => None,
        }
    }

    /// Section 4.2.4: up to 15 digits, or up to 12 before the point and one to three after it.
    fn number(&mut self) -> Option<BareItem> {
        let sign = if self.eat(b'-') { -1 } else { 1 };
        let whole = self.take_while(|byte| byte.is_ascii_digit());
        if !self.eat(b'.') {
            let number: i64 = (whole.len() <= 15).then(|| whole.parse().ok())??;
            return Some(BareItem::Integer(sign * number));
        }
        let fraction = self.take_while(|byte| byte.is_ascii_digit());
        if whole.len() > 12 || !(1..=3).contains(&fraction.len()) {
            return None;
        }
        let thousandths: i64 = format!("{whole}{fraction:0<3}").parse().ok()?;
        (!whole.is_empty()).then_some(BareItem::Decimal(sign * thousandths))
    }

    /// Section 4.2.5.
    fn string(&mut self) -> Option<String> {
        let mut text = String::new();
        self.eat(b'"').then_some(())?;
        loop {
            match self.next()? {
                b'\\' => text.push(char::from(self.take_if(|byte| byte == b'"' || byte == b'\\')?)),
                b'"' => return Some(text),
                byte @ 0x20..=0x7e => text.push(char::from(byte)),
                _ => return None,
            }
        }
    }

    /// Section 4.2.6; the first character is checked.
    fn token(&mut self) -> String {
        let token = self.take_while(|byte| {
            byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~:/".contains(&byte)
        });
        token.to_owned()
    }

    /// Section 4.2.7: padding and pad bits may be wrong, the alphabet may not.
    fn byte_sequence(&mut self) -> Option<Vec<u8>> {
        self.eat(b':').then_some(())?;
        let encoded = self.take_while(|byte| byte != b':');
        self.eat(b':').then_some(())?;
        LENIENT.decode(encoded).ok()
    }

    /// Section 4.2.8.
    fn boolean(&mut self) -> Option<bool> {
        self.eat(b'?').then_some(())?;
        self.take_if(|byte| byte == b'0' || byte == b'1').map(|byte| byte == b'1')
    }

    /// Section 4.2.9.
    fn date(&mut self) -> Option<i64> {
        self.eat(b'@').then_some(())?;
        if let BareItem::Integer(seconds) = self.number()? { Some(seconds) } else { None }
    }

    /// Section 4.2.10.
    fn display_string(&mut self) -> Option<String> {
        let mut octets = Vec::new();
        (self.eat(b'%') && self.eat(b'"')).then_some(())?;
        loop {
            match self.next()? {
                b'%' => octets.push(self.hex_digit()? << 4 | self.hex_digit()?),
                b'"' => return String::from_utf8(octets).ok(),
                byte @ 0x20..=0x7e => octets.push(byte),
                _ => return None,
            }
        }
    }

    fn hex_digit(&mut self) -> Option<u8> {
        match self.next()? {
            digit @ b'0'..=b'9' => Some(digit - b'0'),
            digit @ b'a'..=b'f' => Some(digit - b'a' + 10),
            _ => None,
        }
    }

    fn peek(&self) -> Option<u8> {
        self.0.bytes().next()
    }

    fn next(&mut self) -> Option<u8> {
        self.take_if(|_| true)
    }

    fn take_if(&mut self, wanted: impl FnOnce(u8) -> bool) -> Option<u8> {
        let next = self.peek().filter(|&byte| wanted(byte))?;
        self.0 = self.0.get(1..)?;
        Some(next)
    }

    fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'a str {
        let end = self.0.bytes().position(|byte| !wanted(byte)).unwrap_or(self.0.len());
        // The text is US-ASCII, so that every offset is a border of a character.
        let (taken, rest) = self.0.split_at(end);
        self.0 = rest;
        taken
    }

    fn skip_spaces(&mut self) {
        self.0 = self.0.trim_start_matches(' ');
    }
}

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
