//! Writing the changed document back.

use super::object::Object;
use super::refusal::{Refusal, nested};
use super::scan::{NESTING_MAX, validate};
use super::tree::Tree;
use super::value::{Array, Item, Node};

/// The text that is written, or only how long it is.
struct Out {
    bytes: Option<Vec<u8>>,
    length: usize,
}

impl Tree<'_> {
    /// The document as it is now.
    pub(crate) fn write(mut self) -> Result<Vec<u8>, Refusal> {
        // Its length is known before there is room for it.
        let mut measured = Out { bytes: None, length: 0 };
        self.write_all(&mut measured)?;
        self.charge.take(measured.length)?;
        let mut out = Out { bytes: Some(Vec::with_capacity(measured.length)), length: 0 };
        self.write_all(&mut out)?;
        let out = out.bytes.unwrap_or_default();
        match validate(&out) {
            Ok(_) => Ok(out),
            Err(fault) => match fault.reason {
                None => Err(nested()),
                // Every step keeps the text valid; should one not, the resource stays as it was.
                Some(reason) => Err(Refusal::Unprocessable(format!("of the result, {reason}"))),
            },
        }
    }

    fn write_all(&self, out: &mut Out) -> Result<(), Refusal> {
        self.push_bytes(out, self.texts.document.mark())?;
        self.write_item(out, self.root, 0)
    }

    fn write_item(&self, out: &mut Out, item: Item, depth: usize) -> Result<(), Refusal> {
        match item {
            Item::Raw(span) => self.push_bytes(out, self.texts.slice(span)),
            Item::Touched(id) => {
                let value = self.value(id);
                self.push_bytes(out, self.texts.slice(value.before))?;
                self.write_node(out, value.node, depth)?;
                self.push_bytes(out, self.texts.slice(value.after))
            }
        }
    }

    fn write_node(&self, out: &mut Out, node: Node, depth: usize) -> Result<(), Refusal> {
        if depth > NESTING_MAX {
            return Err(nested());
        }
        match node {
            Node::Raw(span) => self.push_bytes(out, self.texts.slice(span)),
            Node::Array(id) => self.write_array(out, self.array(id), depth),
            Node::Object(id) => self.write_object(out, self.object(id), depth),
        }
    }

    fn write_array(&self, out: &mut Out, array: &Array, depth: usize) -> Result<(), Refusal> {
        self.push_bytes(out, b"[")?;
        for (index, item) in array.items.iter().enumerate() {
            self.push_bytes(out, if index == 0 { b"" } else { b"," })?;
            self.write_item(out, item, depth + 1)?;
        }
        self.push_bytes(out, self.texts.slice(array.closing))?;
        self.push_bytes(out, b"]")
    }

    fn write_object(&self, out: &mut Out, object: &Object, depth: usize) -> Result<(), Refusal> {
        self.push_bytes(out, b"{")?;
        let members = object.members.iter().filter_map(|member| Some((member.head, member.item?)));
        for (index, (head, item)) in members.enumerate() {
            self.push_bytes(out, if index == 0 { b"" } else { b"," })?;
            self.push_bytes(out, self.texts.slice(head.span))?;
            self.push_bytes(out, b":")?;
            self.write_item(out, item, depth + 1)?;
        }
        self.push_bytes(out, self.texts.slice(object.closing))?;
        self.push_bytes(out, b"}")
    }

    fn push_bytes(&self, out: &mut Out, bytes: &[u8]) -> Result<(), Refusal> {
        out.length += bytes.len();
        if out.length > self.result_bytes_max {
            return Err(self.too_long());
        }
        if let Some(written) = &mut out.bytes {
            written.extend_from_slice(bytes);
        }
        Ok(())
    }

    /// The refusal of a result of more bytes than are accepted.
    pub(super) fn too_long(&self) -> Refusal {
        Refusal::TooLarge("bytes in the result", self.result_bytes_max)
    }
}
