//! What is known of a resource without reading it.

use std::sync::Arc;

use methodical_semantics::{
    error::Result, etag::ETag, path::Path, principal::Represented, rule::conditional::Validators,
    timestamp::Timestamp,
};

use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use crate::facts::{row::Fact, told::Told};

/// A resource at a moment.
#[derive(Debug, Clone)]
pub struct Resource {
    /// The place where it is, in the form of its stored name.
    pub path: Path,
    /// A file or a collection.
    pub kind: Kind,
    /// Bytes of a file; 0 for a collection.
    pub length: u64,
    /// The moment at which its content was last modified.
    pub modified: Timestamp,
    /// The moment at which it was created, where the disk knows.
    pub created: Option<Timestamp>,
    /// The state that the entity tag of a file is made of; see [`Resource::etag`].
    pub tag: Option<Tag>,
    /// The media type that was given with the content, where it is not the one that the name
    /// implies.
    pub media_type: Option<Box<str>>,
    /// The place where facts about it are kept, where that is not its path: a link led to it.
    pub facts_at: Option<Path>,
    /// Facts that are told with its content.
    pub told: Option<Box<Told>>,
    /// The mark that tells it from whatever else stood or will stand at its path.
    pub birth: Option<Birth>,
    /// The user or group that it represents, if it is a principal (RFC 3744 section 2).
    pub principal: Option<Arc<Represented>>,
    /// The witness that the resource is still as it was; see [`crate::store::Store::unchanged`].
    pub witness: Option<Witness>,
}

/// The mark that tells one state of a file's bytes from every other. The entity tag is made of it
/// when somebody asks, since most members of a long answer are not asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag(Source);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    Given(ETag),
    State([u8; STATE_BYTES]),
}

/// The kind of thing that a resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Bytes.
    File,
    /// A collection of members.
    Collection,
}

/// The mark that a resource keeps for as long as it exists, whatever its name and its content, and
/// another one does not have; a file that is replaced is another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Birth {
    volume: u64,
    number: u64,
    born: Option<Timestamp>,
}

/// The id that a resource has for as long as it exists, whatever its name and its content, and no
/// other ever (RFC 5842 section 3.1): a UUID of version 8 (RFC 9562 section 5.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id(u128);

/// Tells the ids of resources, for as long as an answer is being sent.
pub struct Identifier(Tell);

type Tell = Box<dyn Fn(&Resource) -> Option<Id> + Send + Sync>;

/// The state of a file as the disk tells it without reading the file: equal witnesses mean equal
/// bytes and equal metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Witness {
    state: [u64; WITNESS_NUMBERS],
    facts: u64,
}

impl Resource {
    /// One that no disk holds, of a kind and so many bytes, as it is computed at a moment.
    pub fn computed(path: &Path, kind: Kind, length: u64, now: Timestamp) -> Self {
        Self {
            path: path.clone(),
            kind,
            length,
            modified: now,
            created: None,
            tag: None,
            media_type: None,
            facts_at: None,
            told: None,
            birth: None,
            principal: None,
            witness: None,
        }
    }

    /// Returns whether this is a collection.
    pub fn is_collection(&self) -> bool {
        self.kind == Kind::Collection
    }

    /// Returns whether what changes below it can be told: it is a collection, and not computed for
    /// each request.
    pub fn is_synchronized(&self) -> bool {
        self.is_collection() && self.birth.is_some()
    }

    /// The strong entity tag of a file: another one after every change of the bytes.
    pub fn etag(&self) -> Option<ETag> {
        self.tag.as_ref().map(Tag::etag)
    }

    /// A fact that is told with its content; nothing where it has none.
    ///
    /// # Errors
    /// A failure where it is damaged.
    pub fn fact<T>(&self, fact: &Fact<T>) -> Result<Option<T>> {
        self.told.as_ref().map_or(Ok(None), |told| told.get(fact))
    }

    /// The validators of a file's content.
    pub fn validators(&self) -> Validators {
        Validators { etag: self.etag(), modified: Some(self.modified) }
    }

    /// The percent-encoded path, with a slash behind that of a collection.
    pub fn href(&self) -> String {
        match self.kind {
            Kind::File => self.path.encoded(),
            Kind::Collection => self.path.encoded_collection(),
        }
    }
}

impl Birth {
    /// Returns what was made as the `number`th of a volume of the store, at a moment, where that is
    /// known.
    pub const fn new(volume: u64, number: u64, born: Option<Timestamp>) -> Self {
        Self { volume, number, born }
    }

    /// The volume of the store in which it was made.
    pub const fn volume(&self) -> u64 {
        self.volume
    }

    /// The number within its volume, which another may have later.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// Returns when it was made, where that is known.
    pub const fn born(&self) -> Option<Timestamp> {
        self.born
    }

    /// The same for no other that exists at the same time or, where the moment is known, ever.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = [self.volume.to_le_bytes(), self.number.to_le_bytes()].concat();
        if let Some(born) = self.born {
            bytes.extend(born.seconds().to_le_bytes());
            bytes.extend(born.nanoseconds().to_le_bytes());
        }
        bytes
    }

    /// Returns whether both are in one volume, as files of one disk are.
    pub const fn shares_volume(&self, other: &Self) -> bool {
        self.volume == other.volume
    }

    /// An id that only this has, as long as it exists and afterwards; nothing where the disk does
    /// not know when it was made. It is made of the number and the moment: numbers of disks change
    /// when the system starts anew.
    pub fn id(&self) -> Option<Id> {
        let born = self.born?;
        let mut hash = Sha256::new();
        hash.update(self.number.to_le_bytes());
        hash.update(born.seconds().to_le_bytes());
        hash.update(born.nanoseconds().to_le_bytes());
        let digest = <[u8; 32]>::from(hash.finalize());
        let (first, _) = digest.split_first_chunk()?;
        Some(Id(Builder::from_custom_bytes(*first).into_uuid().as_u128()))
    }
}

impl Id {
    /// The one with this number.
    pub const fn new(number: u128) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn number(self) -> u128 {
        self.0
    }
}

impl Witness {
    /// The numbers that tell a state of a file, with how often what is known of files beside them
    /// had changed.
    pub const fn new(state: [u64; WITNESS_NUMBERS], facts: u64) -> Self {
        Self { state, facts }
    }

    /// Returns how often what is known of files beside them had changed.
    pub const fn facts(&self) -> u64 {
        self.facts
    }
}

impl std::fmt::Display for Id {
    /// The UUID.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Uuid::from_u128(self.0).hyphenated().fmt(out)
    }
}

impl Identifier {
    /// Tells them in this way.
    pub fn new(tell: impl Fn(&Resource) -> Option<Id> + Send + Sync + 'static) -> Self {
        Self(Box::new(tell))
    }

    /// The id of a resource that was found; nothing where it has none that would last.
    pub fn id(&self, of: &Resource) -> Option<Id> {
        (self.0)(of)
    }
}

impl std::fmt::Debug for Identifier {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Identifier").finish_non_exhaustive()
    }
}

impl Tag {
    /// Made of bytes that differ for any two states of all files that there will be.
    pub const fn of_state(state: [u8; STATE_BYTES]) -> Self {
        Self(Source::State(state))
    }

    /// Another one, made of this and of what is told with the content; the same where that is
    /// nothing.
    #[must_use]
    pub fn with(self, told: Option<&Told>) -> Self {
        let Some(told) = told else { return self };
        let mut hash = Sha256::new();
        hash.update(self.etag().to_string());
        hash.update(told.bytes());
        Self(Source::Given(text_of(&hash.finalize())))
    }

    /// The entity tag.
    pub fn etag(&self) -> ETag {
        match &self.0 {
            Source::Given(etag) => etag.clone(),
            Source::State(state) => hash_of(state),
        }
    }
}

impl From<ETag> for Tag {
    fn from(etag: ETag) -> Self {
        Self(Source::Given(etag))
    }
}

fn hash_of(state: &[u8; STATE_BYTES]) -> ETag {
    text_of(&Sha256::digest(state))
}

fn text_of(digest: &[u8]) -> ETag {
    let mut text = String::with_capacity(2 * TAG_BYTES);
    for byte in digest.iter().take(TAG_BYTES) {
        text.extend([byte >> 4, byte & 15].map(|digit| match digit {
            0..=9 => char::from(b'0' + digit),
            _ => char::from(b'a' - 10 + digit),
        }));
    }
    ETag::strong(text)
}

/// 120 bits: no two states of all files that there will be meet by chance.
const TAG_BYTES: usize = 15;

/// The number of bytes that tell one state of a file from every other.
pub const STATE_BYTES: usize = 68;

/// The number of numbers that a witness of a file's state has.
pub const WITNESS_NUMBERS: usize = 7;
