//! What the operator chose, as far as methods ask for it.

use methodical_semantics::mount::Mount;

/// The operator's choices that change what methods do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one switch of the command line")]
pub struct Policy {
    /// Whether methods that are not safe apply at all.
    pub writable: bool,
    /// Whether a folder's `index.html` stands for it.
    pub index: bool,
    /// Whether TRACE applies.
    pub trace: bool,
    /// Fields that TRACE leaves out, besides the three that it always leaves out; lower case.
    pub trace_omits: Vec<String>,
    /// Whether DELETE leaves a tombstone, so that GET answers 410.
    pub tombstones: bool,
    /// Whether a write without precondition is refused with 428 (RFC 6585 section 3).
    pub require_preconditions: bool,
    /// Whether PROPFIND answers for everything below a folder that holds much (RFC 4918 section
    /// 9.1.1).
    pub propfind_infinity: bool,
    /// What becomes of the files that a Mac leaves everywhere.
    pub mac_junk: MacJunk,
    /// Where clients find the root collection. Paths within fields of an answer leave it out: the
    /// server puts it before them.
    pub mount: Mount,
}

/// What becomes of the files that a Mac leaves everywhere: those named `._*` and `.DS_Store`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MacJunk {
    /// They are accepted and dropped: nothing is ever found under their names.
    #[default]
    Drop,
    /// They are files like others, also where other names that begin with a dot are hidden.
    Store,
    /// They are refused, as hidden names are.
    Refuse,
}

impl Default for Policy {
    /// Read-only, with `index.html`, without TRACE, with tombstones, preconditions at will,
    /// PROPFIND of no large tree, and what a Mac leaves dropped.
    fn default() -> Self {
        Self {
            writable: false,
            index: true,
            trace: false,
            trace_omits: Vec::new(),
            tombstones: true,
            require_preconditions: false,
            propfind_infinity: false,
            mac_junk: MacJunk::Drop,
            mount: Mount::default(),
        }
    }
}
