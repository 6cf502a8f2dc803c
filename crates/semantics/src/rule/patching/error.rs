//! Why a patch was not applied: whose fault, where, and one sentence.

use std::fmt;

/// Why a patch was not applied; each variant is one status of RFC 5789 section 2.2.
///
/// [`Display`](fmt::Display) gives one plain sentence for the client.
///
/// ```
/// use methodical_semantics::rule::patching::{PatchError, json};
///
/// let patch = br#"[{"op": "remove", "path": "/b"}]"#;
/// let error = json::apply(br#"{"a": 1}"#, patch, &json::JsonLimits::default()).unwrap_err();
/// assert!(matches!(error, PatchError::Conflict { .. }));
/// assert_eq!(error.to_string(), r#"Operation 0 at "/b": the object has no member "b"."#);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PatchError {
    /// The patch document breaks the rules of its format, whatever the resource: 400.
    Malformed {
        /// The place of the fault.
        at: At,
        /// A clause that completes the sentence.
        reason: String,
    },
    /// The patch does not fit the present state of the resource: 409.
    Conflict {
        /// The place of the fault.
        at: At,
        /// A clause that completes the sentence.
        reason: String,
    },
    /// The patch is well formed but asks for what cannot be done here: 422.
    Unprocessable {
        /// The place of the fault.
        at: At,
        /// A clause that completes the sentence.
        reason: String,
    },
    /// A range lies outside of the resource, or its length is not the content's: 416.
    Unsatisfiable {
        /// The place of the fault.
        at: At,
        /// A clause that completes the sentence.
        reason: String,
        /// The present length of the resource in bytes, for `Content-Range: bytes */LENGTH`.
        current_length: u64,
    },
    /// A named limit was passed: 413 where the patch itself is too large, 422 otherwise.
    TooLarge {
        /// The place where the limit was passed.
        at: At,
        /// The limit's name, in words that complete "more than N ...".
        limit: &'static str,
        /// The limit's value, in the unit that `limit` names.
        maximum: u64,
    },
    /// The memory that it takes is held by others at the moment: 503.
    NoRoom {
        /// The place where it ended.
        at: At,
    },
}

impl PatchError {
    /// Returns where the fault lies.
    pub fn at(&self) -> &At {
        match self {
            Self::Malformed { at, .. }
            | Self::Conflict { at, .. }
            | Self::Unprocessable { at, .. }
            | Self::Unsatisfiable { at, .. }
            | Self::TooLarge { at, .. }
            | Self::NoRoom { at } => at,
        }
    }

    pub(super) fn malformed(at: At, reason: impl Into<String>) -> Self {
        Self::Malformed { at, reason: reason.into() }
    }

    pub(super) fn conflict(at: At, reason: impl Into<String>) -> Self {
        Self::Conflict { at, reason: reason.into() }
    }

    pub(super) fn unprocessable(at: At, reason: impl Into<String>) -> Self {
        Self::Unprocessable { at, reason: reason.into() }
    }

    pub(super) fn too_large(at: At, limit: &'static str, maximum: u64) -> Self {
        Self::TooLarge { at, limit, maximum }
    }
}

impl fmt::Display for PatchError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { at, reason }
            | Self::Conflict { at, reason }
            | Self::Unprocessable { at, reason }
            | Self::Unsatisfiable { at, reason, .. } => write!(out, "{at}: {reason}."),
            Self::NoRoom { at } => {
                write!(out, "{at}: the memory for it is in use; try again later.")
            }
            Self::TooLarge { at, limit, maximum } => {
                write!(out, "{at}: more than {maximum} {limit} are not accepted.")
            }
        }
    }
}

impl std::error::Error for PatchError {}

/// The place that a [`PatchError`] speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum At {
    /// The patch document as a whole.
    Patch,
    /// A byte of the patch document, counted from 0.
    PatchByte(usize),
    /// A line of the patch document, counted from 1.
    PatchLine(u64),
    /// The resource as a whole.
    Resource,
    /// A byte of the resource, counted from 0.
    ResourceByte(usize),
    /// An operation of a JSON Patch.
    Operation {
        /// The operation's index in the patch, counted from 0.
        index: usize,
        /// The JSON Pointer that the fault concerns, shortened when long; none if the operation has
        /// none that could be read.
        pointer: Option<String>,
    },
    /// A member that a JSON Merge Patch names, as a JSON Pointer; shortened when long.
    Member(String),
    /// A hunk of a unified diff.
    Hunk {
        /// The hunk's number, counted from 1.
        number: usize,
        /// The line of the resource, counted from 1.
        line: u64,
    },
    /// A part of a byte range patch, counted from 1.
    Part(usize),
    /// The `X-Update-Range` field.
    UpdateRange,
}

impl fmt::Display for At {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Patch => write!(out, "The patch"),
            Self::PatchByte(byte) => write!(out, "The patch, byte {byte}"),
            Self::PatchLine(line) => write!(out, "The patch, line {line}"),
            Self::Resource => write!(out, "The resource"),
            Self::ResourceByte(byte) => write!(out, "The resource, byte {byte}"),
            Self::Operation { index, pointer: Some(pointer) } => {
                write!(out, "Operation {index} at \"{pointer}\"")
            }
            Self::Operation { index, pointer: None } => write!(out, "Operation {index}"),
            Self::Member(pointer) => write!(out, "The member \"{pointer}\""),
            Self::Hunk { number, line } => write!(out, "Hunk {number}, line {line}"),
            Self::Part(number) => write!(out, "Part {number}"),
            Self::UpdateRange => write!(out, "X-Update-Range"),
        }
    }
}
