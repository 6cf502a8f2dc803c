//! JSON Merge Patch, `application/merge-patch+json` (RFC 7396).
//!
//! Objects merge, `null` removes, all else replaces. As with JSON Patch, every byte that the merge
//! does not touch stays as it was, and a new member takes over its neighbour's blanks.
//!
//! RFC 7396 section 2 leaves names that occur twice undefined. In the patch they are refused as
//! malformed; in the document they are kept unless the patch names them, which is a conflict.
//!
//! # Bounds
//!
//! With n the bytes of document and patch: O(n log n) time, memory of a small multiple of n, and no
//! more than 128 levels of recursion.

use super::{
    error::{At, PatchError},
    json::{JsonLimits, read_document, read_patch, refused},
    pointer::spell,
};
use crate::excerpt::excerpt;
use crate::json::{
    Charge, Found, Head, Node, Refusal, Room, Slot, Source, Span, Tree, Unshared, decode, entry,
    sort_names,
};

/// The document that a JSON Merge Patch makes of a document, or of none.
///
/// ```
/// use methodical_semantics::rule::patching::json::JsonLimits;
/// use methodical_semantics::rule::patching::merge;
///
/// let limits = JsonLimits::default();
/// let result = merge::apply(Some(br#"{"a": 1, "b": 2}"#), br#"{"a": null}"#, &limits)?;
/// assert_eq!(result, br#"{ "b": 2}"#);
/// let created = merge::apply(None, br#"{"a": {"b": 1, "c": null}}"#, &limits)?;
/// assert_eq!(created, br#"{"a":{"b":1}}"#);
/// # Ok::<(), methodical_semantics::rule::patching::PatchError>(())
/// ```
///
/// # Errors
///
/// [`PatchError::Malformed`] if the patch is not JSON or names a member twice;
/// [`PatchError::Unprocessable`] if the document is not JSON; [`PatchError::Conflict`] if the patch
/// names a member that the document has twice; [`PatchError::TooLarge`] beyond a limit.
pub fn apply(
    document: Option<&[u8]>,
    patch: &[u8],
    limits: &JsonLimits,
) -> Result<Vec<u8>, PatchError> {
    apply_within(document, patch, limits, &mut Unshared)
}

/// As [`apply`], in memory that others need, too.
///
/// # Errors
///
/// As [`apply`], and [`PatchError::NoRoom`] if the room does not suffice.
pub fn apply_within(
    document: Option<&[u8]>,
    patch: &[u8],
    limits: &JsonLimits,
    room: &mut dyn Room,
) -> Result<Vec<u8>, PatchError> {
    let patch = read_patch(patch, limits)?;
    let root = patch.root(Source::Patch);
    let document = document.map(|bytes| read_document(bytes, limits)).transpose()?;
    let charge = Charge::new(room, limits.tree_bytes_max);
    let mut tree = Tree::new(document, patch, limits.result_bytes_max, charge);
    if tree.patch().first(root) == b'{' {
        merge(&mut tree, Slot::Root, root, &mut Vec::new())?;
    } else {
        tree.replace(Slot::Root, Node::Raw(root));
    }
    tree.write().map_err(|refusal| refused(refusal, At::Resource))
}

/// RFC 7396 section 2: `MergePatch` for a patch that is an object. The path is what names the
/// target, for an error.
fn merge(
    tree: &mut Tree<'_>,
    target: Slot,
    patch: Span,
    path: &mut Vec<Vec<u8>>,
) -> Result<(), PatchError> {
    let object = match tree.open(target).map_err(|refusal| at_member(refusal, path))? {
        Node::Object(object) => object,
        Node::Raw(_) | Node::Array(_) => {
            let (object, node) = tree.new_object().map_err(|refusal| at_member(refusal, path))?;
            tree.replace(target, node);
            object
        }
    };
    let members = members(tree, patch, path)?;
    let bytes = members.len() * entry::<(Head, Span)>();
    for (head, value) in members {
        path.push(decode(tree.patch().slice(head.name())).into_owned());
        let value = tree.patch().trim(value);
        member(tree, object, value, path)?;
        path.pop();
    }
    tree.release(bytes);
    Ok(())
}

fn at_member(refusal: Refusal, path: &[Vec<u8>]) -> PatchError {
    refused(refusal, At::Member(excerpt(&spell(path))))
}

/// Merges one member, whose name is the path's last.
fn member(
    tree: &mut Tree<'_>,
    object: u32,
    value: Span,
    path: &mut Vec<Vec<u8>>,
) -> Result<(), PatchError> {
    let Some(name) = path.last() else { return Ok(()) };
    let found = match tree.find(object, name) {
        Found::One(slot) => Some(Slot::Member { object, slot }),
        Found::None => None,
        Found::Many => {
            let reason = "the document has more than one member of that name";
            return Err(PatchError::conflict(At::Member(excerpt(&spell(path))), reason));
        }
    };
    match (tree.patch().first(value), found) {
        (b'n', Some(place)) => {
            tree.remove(place, name);
        }
        (b'n', None) => {}
        (b'{', Some(place)) => merge(tree, place, value, path)?,
        (b'{', None) => {
            let pushed =
                tree.new_object().and_then(|(_, node)| tree.push_member(object, name, node));
            let place = pushed.map_err(|refusal| at_member(refusal, path))?;
            merge(tree, place, value, path)?;
        }
        (_, Some(place)) => tree.replace(place, Node::Raw(value)),
        (_, None) => {
            let pushed = tree.push_member(object, name, Node::Raw(value));
            pushed.map_err(|refusal| at_member(refusal, path))?;
        }
    }
    Ok(())
}

/// The members of an object of the patch, in its order.
fn members(
    tree: &mut Tree<'_>,
    patch: Span,
    path: &[Vec<u8>],
) -> Result<Vec<(Head, Span)>, PatchError> {
    let bytes = tree.patch().entries(patch).count() * entry::<(Head, Span)>();
    // The list, and the same in the order of names.
    tree.take(2 * bytes).map_err(|refusal| at_member(refusal, path))?;
    let text = tree.patch();
    let members: Vec<_> =
        text.entries(patch).filter_map(|entry| Some((entry.head?, entry.item))).collect();
    let mut named = members.clone();
    if let Err(again) = sort_names(text, &mut named) {
        let at = At::PatchByte(again.name().start as usize);
        return Err(PatchError::malformed(at, "an object names one member twice"));
    }
    tree.release(bytes);
    Ok(members)
}
