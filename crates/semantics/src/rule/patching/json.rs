//! JSON Patch, `application/json-patch+json` (RFC 6902).
//!
//! The operations are read first, so that a malformed patch is [`PatchError::Malformed`] whatever
//! the document holds, and then applied in order; the first that fails ends it. Every byte that no
//! operation touches stays: a number keeps its spelling, an object its order, an indentation its
//! blanks; a new member takes over its neighbour's blanks.
//!
//! `test` compares numbers by their exact decimal value, strings by their characters and objects by
//! their members in any order. An object in which a name occurs twice is kept as it is, but a
//! pointer to that name fails, and the object equals none.
//!
//! Removing the whole document is refused: nothing that is JSON would be left.
//!
//! # Bounds
//!
//! With n the bytes of document and patch and m the operations: O(n log n + m * n / 2^24) time, and
//! memory of a small multiple of n, within a limit of its own; nothing recurses deeper than 128
//! levels.

use super::{
    error::{At, PatchError},
    operation::{Kind, Operation, operations},
    pointer::Pointer,
};
use crate::excerpt::excerpt;
use crate::json::{
    Charge, Fault, NESTING_MAX, Node, Refusal, Room, Slot, Source, Span, TEXT_BYTES_CEILING, Text,
    Tree, Unshared, decode, entry, validate,
};

/// The limits of what a JSON Patch or a JSON Merge Patch may cost.
///
/// Nesting is limited to 128 levels in any case, and so are the tokens of a pointer. No text may be
/// longer than 1 GiB, whatever is set here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonLimits {
    /// Bytes of the document, in bytes; see [`DOCUMENT_BYTES_MAX`].
    pub document_bytes_max: usize,
    /// Bytes of the patch, in bytes; see [`PATCH_BYTES_MAX`].
    pub patch_bytes_max: usize,
    /// Operations of a patch; see [`OPERATIONS_MAX`].
    pub operations_max: usize,
    /// Bytes of the result, and of all that the copy operations of one patch copy together, in
    /// bytes; see [`RESULT_BYTES_MAX`].
    pub result_bytes_max: usize,
    /// Bytes that are held of document and patch while they are changed, beside both, in bytes;
    /// copies take a quarter of it at the most. See [`TREE_BYTES_MAX`].
    pub tree_bytes_max: usize,
}

impl Default for JsonLimits {
    fn default() -> Self {
        Self {
            document_bytes_max: DOCUMENT_BYTES_MAX,
            patch_bytes_max: PATCH_BYTES_MAX,
            operations_max: OPERATIONS_MAX,
            result_bytes_max: RESULT_BYTES_MAX,
            tree_bytes_max: TREE_BYTES_MAX,
        }
    }
}

/// The document that a JSON Patch makes of a document.
///
/// ```
/// use methodical_semantics::rule::patching::json::{self, JsonLimits};
///
/// let document = b"{\n  \"price\": 1.10,\n  \"tags\": []\n}\n";
/// let patch = br#"[{"op": "test", "path": "/price", "value": 1.1},
///                  {"op": "add", "path": "/tags/-", "value": "new"}]"#;
/// let result = json::apply(document, patch, &JsonLimits::default())?;
/// assert_eq!(result, b"{\n  \"price\": 1.10,\n  \"tags\": [\"new\"]\n}\n");
/// # Ok::<(), methodical_semantics::rule::patching::PatchError>(())
/// ```
///
/// # Errors
///
/// [`PatchError::Malformed`] if the patch is not a JSON Patch; [`PatchError::Unprocessable`] if the
/// document is not JSON or the operation could succeed on none; [`PatchError::Conflict`] with the
/// operation's index and pointer if a location does not exist or a test fails;
/// [`PatchError::TooLarge`] beyond a limit. The document is unchanged in any case.
pub fn apply(document: &[u8], patch: &[u8], limits: &JsonLimits) -> Result<Vec<u8>, PatchError> {
    apply_within(document, patch, limits, &mut Unshared)
}

/// As [`apply`], in memory that others need, too.
///
/// # Errors
///
/// As [`apply`], and [`PatchError::NoRoom`] if the room does not suffice.
pub fn apply_within(
    document: &[u8],
    patch: &[u8],
    limits: &JsonLimits,
    room: &mut dyn Room,
) -> Result<Vec<u8>, PatchError> {
    let patch = read_patch(patch, limits)?;
    let operations = operations(&patch, patch.root(Source::Patch), limits.operations_max)?;
    let document = read_document(document, limits)?;
    let mut charge = Charge::new(room, limits.tree_bytes_max);
    charge.add(operations.len() * entry::<Operation>());
    let mut tree = Tree::new(Some(document), patch, limits.result_bytes_max, charge);
    for (index, operation) in operations.iter().enumerate() {
        run(&mut tree, operation).map_err(|(pointer, refusal)| {
            let pointer = excerpt(&decode(tree.patch().slice(pointer)));
            refused(refusal, At::Operation { index, pointer: Some(pointer) })
        })?;
    }
    tree.write().map_err(|refusal| refused(refusal, At::Resource))
}

/// Validates a patch that is written in JSON.
pub(super) fn read_patch<'a>(patch: &'a [u8], limits: &JsonLimits) -> Result<Text<'a>, PatchError> {
    let bytes_max = limits.patch_bytes_max.min(TEXT_BYTES_CEILING);
    if patch.len() > bytes_max {
        return Err(PatchError::too_large(At::Patch, "bytes in a patch", bytes_max as u64));
    }
    validate(patch).map_err(|Fault { byte, reason }| match reason {
        Some(reason) => PatchError::malformed(At::PatchByte(byte), reason),
        None => nested(At::PatchByte(byte)),
    })
}

/// Validates the document that a patch written in JSON is applied to.
pub(super) fn read_document<'a>(
    document: &'a [u8],
    limits: &JsonLimits,
) -> Result<Text<'a>, PatchError> {
    let bytes_max = limits.document_bytes_max.min(TEXT_BYTES_CEILING);
    if document.len() > bytes_max {
        let limit = "bytes in a document to patch";
        return Err(PatchError::too_large(At::Resource, limit, bytes_max as u64));
    }
    validate(document).map_err(|Fault { byte, reason }| match reason {
        Some(reason) => {
            let reason = format!("it is not JSON, because {reason}");
            PatchError::unprocessable(At::ResourceByte(byte), reason)
        }
        None => nested(At::ResourceByte(byte)),
    })
}

/// Says where a step was refused.
pub(super) fn refused(refusal: Refusal, at: At) -> PatchError {
    match refusal {
        Refusal::Conflict(reason) => PatchError::conflict(at, reason),
        Refusal::Unprocessable(reason) => PatchError::unprocessable(at, reason),
        Refusal::TooLarge(limit, maximum) => PatchError::too_large(at, limit, maximum as u64),
        Refusal::NoRoom => PatchError::NoRoom { at },
    }
}

fn nested(at: At) -> PatchError {
    PatchError::too_large(at, "levels of nesting", NESTING_MAX as u64)
}

/// Applies one operation; a refusal comes with the pointer that it concerns.
fn run(tree: &mut Tree<'_>, operation: &Operation) -> Result<(), (Span, Refusal)> {
    let path = pointer(tree, operation.path);
    let done = match operation.kind {
        Kind::Add { value } => add(tree, &path, Node::Raw(value)),
        Kind::Remove => remove(tree, &path).map(drop),
        Kind::Replace { value } => {
            resolve(tree, &path.tokens).map(|place| tree.replace(place, Node::Raw(value)))
        }
        Kind::Test { value } => test(tree, &path, value),
        Kind::Copy { from } => {
            let source = pointer(tree, from);
            let node = copied(tree, &source).map_err(|refusal| (from, refusal))?;
            add(tree, &path, node)
        }
        Kind::Move { from } => {
            let source = pointer(tree, from);
            if source == path {
                // Removing and adding it where it was leaves all as it was.
                return resolve(tree, &path.tokens).map(drop).map_err(|refusal| (from, refusal));
            }
            let node = remove(tree, &source).map_err(|refusal| (from, refusal))?;
            add(tree, &path, node)
        }
    };
    done.map_err(|refusal| (operation.path, refusal))
}

/// The pointer in a string that [`operations`] has validated.
fn pointer(tree: &Tree<'_>, string: Span) -> Pointer {
    let text = decode(tree.patch().slice(string));
    Pointer::parse(&text).unwrap_or(Pointer { tokens: Vec::new() })
}

fn resolve(tree: &mut Tree<'_>, tokens: &[Vec<u8>]) -> Result<Slot, Refusal> {
    let mut place = Slot::Root;
    for token in tokens {
        place = tree.child(place, token)?;
    }
    Ok(place)
}

fn add(tree: &mut Tree<'_>, path: &Pointer, node: Node) -> Result<(), Refusal> {
    let Some((last, parents)) = path.tokens.split_last() else {
        tree.replace(Slot::Root, node);
        return Ok(());
    };
    let parent = resolve(tree, parents)?;
    tree.add(parent, last, node)
}

fn remove(tree: &mut Tree<'_>, path: &Pointer) -> Result<Node, Refusal> {
    let Some((last, _)) = path.tokens.split_last() else {
        return Err(Refusal::Unprocessable(
            "the whole document cannot be removed, because nothing that is JSON would remain"
                .into(),
        ));
    };
    let place = resolve(tree, &path.tokens)?;
    Ok(tree.remove(place, last))
}

fn copied(tree: &mut Tree<'_>, from: &Pointer) -> Result<Node, Refusal> {
    let place = resolve(tree, &from.tokens)?;
    let node = tree.node(place);
    tree.copy(node)
}

fn test(tree: &mut Tree<'_>, path: &Pointer, value: Span) -> Result<(), Refusal> {
    let place = resolve(tree, &path.tokens)?;
    if tree.equals(place, value)? {
        return Ok(());
    }
    Err(Refusal::Conflict("the value there is not the one that the patch tests for".into()))
}

/// Bytes of a document that is patched as JSON, 16 MiB: it is held in memory, in the worst case
/// (nothing but empty elements) with some ten times its length.
pub const DOCUMENT_BYTES_MAX: usize = 16 << 20;

/// Bytes of a patch in JSON, 16 MiB: as large as the largest document, so that one operation can
/// replace it whole, within a few hundred bytes.
pub const PATCH_BYTES_MAX: usize = 16 << 20;

/// Operations of a patch, 100,000: each may search an array of millions of elements, which takes
/// some microseconds, so that the longest patch takes about a second.
pub const OPERATIONS_MAX: usize = 100_000;

/// Bytes of a result, 16 MiB: as large as the largest document, so that what was patched once can
/// be patched again. Copies count against it even where a later operation removes them, because a
/// patch of a few hundred bytes could otherwise double a document until memory ends.
pub const RESULT_BYTES_MAX: usize = DOCUMENT_BYTES_MAX;

/// Bytes of what is held of document and patch while they are changed, and of the result, 96 MiB:
/// with a document and a patch of the greatest length that is 128 MiB. It is room for six million
/// elements in one array, or for 400,000 new members. Copies have a quarter of it.
pub const TREE_BYTES_MAX: usize = 96 << 20;
