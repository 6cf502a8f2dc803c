//! Writing the changed document back.

use super::object::Object;
use super::scan::{NESTING_MAX, validate};
use super::tree::{Array, Item, Node, Refusal, Tree, nested};

impl Tree<'_> {
    /// The document as it is now.
    pub(in super::super) fn write(&self) -> Result<Vec<u8>, Refusal> {
        let mut out = Vec::new();
        self.push_bytes(&mut out, self.texts.document.mark())?;
        self.write_item(&mut out, self.root, 0)?;
        match validate(&out) {
            Ok(_) => Ok(out),
            Err(fault) => match fault.reason {
                None => Err(nested()),
                // Every step keeps the text valid; should one not, the resource stays as it was.
                Some(reason) => Err(Refusal::Unprocessable(format!("of the result, {reason}"))),
            },
        }
    }

    fn write_item(&self, out: &mut Vec<u8>, item: Item, depth: usize) -> Result<(), Refusal> {
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

    fn write_node(&self, out: &mut Vec<u8>, node: Node, depth: usize) -> Result<(), Refusal> {
        if depth > NESTING_MAX {
            return Err(nested());
        }
        match node {
            Node::Raw(span) => self.push_bytes(out, self.texts.slice(span)),
            Node::Array(id) => self.write_array(out, self.array(id), depth),
            Node::Object(id) => self.write_object(out, self.object(id), depth),
        }
    }

    fn write_array(&self, out: &mut Vec<u8>, array: &Array, depth: usize) -> Result<(), Refusal> {
        self.push_bytes(out, b"[")?;
        for (index, item) in array.items.iter().enumerate() {
            self.push_bytes(out, if index == 0 { b"" } else { b"," })?;
            self.write_item(out, item, depth + 1)?;
        }
        self.push_bytes(out, self.texts.slice(array.closing))?;
        self.push_bytes(out, b"]")
    }

    fn write_object(
        &self,
        out: &mut Vec<u8>,
        object: &Object,
        depth: usize,
    ) -> Result<(), Refusal> {
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

    fn push_bytes(&self, out: &mut Vec<u8>, bytes: &[u8]) -> Result<(), Refusal> {
        if out.len() + bytes.len() > self.result_bytes_max {
            return Err(self.too_long());
        }
        out.extend_from_slice(bytes);
        Ok(())
    }

    /// The refusal of a result of more bytes than are accepted.
    pub(super) fn too_long(&self) -> Refusal {
        Refusal::TooLarge("bytes in the result", self.result_bytes_max)
    }
}
