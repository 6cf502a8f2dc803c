//! What a member is, for those who synchronize.

/// The kind of thing that a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A file.
    File,
    /// A collection whose members are told of, too.
    Collection,
    /// A collection that stands elsewhere, to which a link leads.
    Apart,
}

impl Form {
    pub(super) fn is_collection(self) -> bool {
        self != Self::File
    }
}
