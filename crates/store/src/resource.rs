//! What is known of a resource without reading it.

use std::sync::Arc;

use methodical_semantics::{
    etag::ETag, path::Path, principal::Represented, rule::conditional::Validators,
    timestamp::Timestamp,
};

use sha2::{Digest, Sha256};

use crate::folder::Identity;

/// A resource at a moment.
#[derive(Debug, Clone)]
pub struct Resource {
    /// Where it is, in the form of its stored name.
    pub path: Path,
    /// A file or a collection.
    pub kind: Kind,
    /// Bytes of a file; 0 for a collection.
    pub length: u64,
    /// When its content was last modified.
    pub modified: Timestamp,
    /// When it was created, where the disk knows.
    pub created: Option<Timestamp>,
    /// What the entity tag of a file is made of; see [`Resource::etag`].
    pub tag: Option<Tag>,
    /// The media type that was given with the content, where it is not the one that the name
    /// implies.
    pub media_type: Option<Box<str>>,
    /// Where facts about it are kept, where that is not its path: a link led to it.
    pub facts_at: Option<Path>,
    /// What tells it from whatever else stood or will stand at its path.
    pub birth: Option<Birth>,
    /// The user or group that it represents, if it is a principal (RFC 3744 section 2).
    pub principal: Option<Arc<Represented>>,
    /// What shows that the resource is still as it was; see [`crate::store::Store::unchanged`].
    pub witness: Option<Witness>,
}

/// What tells one state of a file's bytes from every other. The entity tag is made of it when
/// somebody asks, since most members of a long answer are not asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag(Source);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    Given(ETag),
    State(Identity),
}

/// What a resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Bytes.
    File,
    /// A collection of members.
    Collection,
}

/// What a resource keeps for as long as it exists, whatever its name and its content, and another
/// one does not have; a file that is replaced is another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Birth {
    /// The disk.
    pub(crate) device: u64,
    /// Its number there, which another may have later.
    pub(crate) inode: u64,
    /// When it was made, where the disk knows.
    pub(crate) born: Option<Timestamp>,
}

/// What a resource has for as long as it exists, whatever its name and its content, and no other
/// ever (RFC 5842 section 3.1): a UUID of version 8 (RFC 9562 section 5.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id(pub(crate) u128);

/// Tells the ids of resources, for as long as an answer is being sent.
pub struct Identifier(Tell);

type Tell = Box<dyn Fn(&Resource) -> Option<Id> + Send + Sync>;

/// The state of a file as the disk tells it without reading the file: equal witnesses mean equal
/// bytes and equal metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Witness {
    pub(crate) device: u64,
    pub(crate) inode: u64,
    pub(crate) length: u64,
    pub(crate) modified: Timestamp,
    pub(crate) changed: Timestamp,
    /// Counts changes of what the ledger says, which the disk does not show.
    pub(crate) facts: u64,
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
            birth: None,
            principal: None,
            witness: None,
        }
    }

    /// Whether this is a collection.
    pub fn is_collection(&self) -> bool {
        self.kind == Kind::Collection
    }

    /// Whether what changes below it can be told: it is a collection, and not computed for each
    /// request.
    pub fn is_synchronized(&self) -> bool {
        self.is_collection() && self.birth.is_some()
    }

    /// The strong entity tag of a file: another one after every change of the bytes.
    pub fn etag(&self) -> Option<ETag> {
        self.tag.as_ref().map(Tag::etag)
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
    /// Whether both are on one disk.
    pub fn is_on_the_disk_of(&self, other: &Self) -> bool {
        self.device == other.device
    }

    /// An id that only this has, as long as it exists and afterwards; nothing where the disk does
    /// not know when it was made. It is made of the number and the moment: numbers of disks change
    /// when the system starts anew.
    pub fn id(&self) -> Option<Id> {
        let born = self.born?;
        let mut hash = Sha256::new();
        hash.update(self.inode.to_le_bytes());
        hash.update(born.seconds().to_le_bytes());
        hash.update(born.nanoseconds().to_le_bytes());
        let digest = hash.finalize();
        let number = digest.iter().take(ID_BYTES);
        let number = number.fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
        let number = number & !(0xf << 76) | 8 << 76;
        Some(Id(number & !(0b11 << 62) | 0b10 << 62))
    }
}

impl std::fmt::Display for Id {
    /// The UUID.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = format!("{:032x}", self.0);
        let pieces = [0..8, 8..12, 12..16, 16..20, 20..32];
        let pieces: Vec<&str> = pieces.into_iter().filter_map(|piece| text.get(piece)).collect();
        out.write_str(&pieces.join("-"))
    }
}

impl Identifier {
    pub(crate) fn new(tell: impl Fn(&Resource) -> Option<Id> + Send + Sync + 'static) -> Self {
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
    /// Made of the state that the disk tells.
    pub(crate) const fn of(state: Identity) -> Self {
        Self(Source::State(state))
    }

    fn etag(&self) -> ETag {
        match &self.0 {
            Source::Given(etag) => etag.clone(),
            Source::State(state) => state.etag(),
        }
    }
}

impl From<ETag> for Tag {
    fn from(etag: ETag) -> Self {
        Self(Source::Given(etag))
    }
}

const ID_BYTES: usize = 16;
