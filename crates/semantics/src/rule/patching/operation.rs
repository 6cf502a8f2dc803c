//! The operations of a JSON Patch document (RFC 6902 sections 3 and 4), read before any is applied.

use super::{
    error::{At, PatchError},
    pointer::{POINTER_TOKENS_MAX, Pointer, PointerFault},
};
use crate::excerpt::excerpt;
use crate::json::{Span, Text, decode};

/// An operation; its strings stay in the patch until it is applied.
#[derive(Debug, Clone, Copy)]
pub(super) struct Operation {
    /// The operation to carry out.
    pub(super) kind: Kind,
    /// The string with the target location's pointer.
    pub(super) path: Span,
}

/// The effect of an operation, with the members that it needs for that.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// Section 4.1.
    Add { value: Span },
    /// Section 4.2.
    Remove,
    /// Section 4.3.
    Replace { value: Span },
    /// Section 4.4.
    Move { from: Span },
    /// Section 4.5.
    Copy { from: Span },
    /// Section 4.6.
    Test { value: Span },
}

/// Reads all operations of a patch, so that a malformed patch is refused as such whatever the
/// document holds.
pub(super) fn operations(
    text: &Text<'_>,
    root: Span,
    operations_max: usize,
) -> Result<Vec<Operation>, PatchError> {
    if text.first(root) != b'[' {
        return Err(PatchError::malformed(At::Patch, "a JSON Patch is an array of operations"));
    }
    let mut operations = Vec::new();
    for (index, entry) in text.entries(root).enumerate() {
        if index >= operations_max {
            return Err(PatchError::too_large(At::Patch, "operations", operations_max as u64));
        }
        operations.push(Members::read(text, text.trim(entry.item), index)?.operation()?);
    }
    Ok(operations)
}

/// The members of one operation that RFC 6902 gives a meaning.
struct Members<'t> {
    text: &'t Text<'t>,
    index: usize,
    op: Option<Span>,
    path: Option<Span>,
    from: Option<Span>,
    value: Option<Span>,
}

impl<'t> Members<'t> {
    fn read(text: &'t Text<'t>, core: Span, index: usize) -> Result<Self, PatchError> {
        let mut members = Self { text, index, op: None, path: None, from: None, value: None };
        if text.first(core) != b'{' {
            return Err(members.malformed(None, "an operation is an object"));
        }
        for entry in text.entries(core) {
            let Some(head) = entry.head else { continue };
            let name = decode(text.slice(head.name()));
            let member = match &*name {
                b"op" => &mut members.op,
                b"path" => &mut members.path,
                b"from" => &mut members.from,
                b"value" => &mut members.value,
                // RFC 6902 section 4: members without a meaning are ignored.
                _ => continue,
            };
            if member.replace(text.trim(entry.item)).is_some() {
                let reason = format!("the operation has two \"{}\" members", excerpt(&name));
                return Err(members.malformed(None, reason));
            }
        }
        Ok(members)
    }

    fn operation(&self) -> Result<Operation, PatchError> {
        let (path, target) = self.pointer(self.path, "path")?;
        let op = self.string(self.op, "op")?;
        let kind = match &*decode(self.text.slice(op)) {
            b"add" => Kind::Add { value: self.value()? },
            b"remove" => Kind::Remove,
            b"replace" => Kind::Replace { value: self.value()? },
            b"move" => Kind::Move { from: self.moved_from(&target)? },
            b"copy" => Kind::Copy { from: self.pointer(self.from, "from")?.0 },
            b"test" => Kind::Test { value: self.value()? },
            other => {
                let reason = format!("\"{}\" is not an operation of JSON Patch", excerpt(other));
                return Err(self.malformed(self.path, reason));
            }
        };
        Ok(Operation { kind, path })
    }

    /// RFC 6902 section 4.4: a location cannot be moved into one of its children.
    fn moved_from(&self, target: &Pointer) -> Result<Span, PatchError> {
        let (span, from) = self.pointer(self.from, "from")?;
        if from.is_proper_prefix_of(target) {
            let at = self.at(self.path);
            return Err(PatchError::unprocessable(at, "a value cannot be moved into itself"));
        }
        Ok(span)
    }

    fn value(&self) -> Result<Span, PatchError> {
        self.value.ok_or_else(|| self.malformed(self.path, "the \"value\" member is missing"))
    }

    fn string(&self, member: Option<Span>, name: &str) -> Result<Span, PatchError> {
        let missing = || self.malformed(self.path, format!("the \"{name}\" member is missing"));
        let span = member.ok_or_else(missing)?;
        if self.text.first(span) != b'"' {
            let reason = format!("the \"{name}\" member is not a string");
            return Err(self.malformed(self.path, reason));
        }
        Ok(span)
    }

    fn pointer(&self, member: Option<Span>, name: &str) -> Result<(Span, Pointer), PatchError> {
        let span = self.string(member, name)?;
        match Pointer::parse(&decode(self.text.slice(span))) {
            Ok(pointer) => Ok((span, pointer)),
            Err(PointerFault::NoSlash) => {
                let reason = format!("the \"{name}\" is neither empty nor begins with a slash");
                Err(self.malformed(member, reason))
            }
            Err(PointerFault::Tilde) => {
                let reason = format!("the \"{name}\" has a tilde that neither 0 nor 1 follows");
                Err(self.malformed(member, reason))
            }
            Err(PointerFault::TooLong) => {
                let maximum = POINTER_TOKENS_MAX as u64;
                Err(PatchError::too_large(self.at(member), "tokens in a pointer", maximum))
            }
        }
    }

    fn malformed(&self, pointer: Option<Span>, reason: impl Into<String>) -> PatchError {
        PatchError::malformed(self.at(pointer), reason)
    }

    fn at(&self, pointer: Option<Span>) -> At {
        let string = pointer.filter(|&span| self.text.first(span) == b'"');
        At::Operation {
            index: self.index,
            pointer: string.map(|span| excerpt(&decode(self.text.slice(span)))),
        }
    }
}
