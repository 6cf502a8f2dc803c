//! Copying a value within the document (RFC 6902 section 4.5).

use super::arena::push;
use super::charge::entry;
use super::refusal::{Refusal, nested};
use super::scan::NESTING_MAX;
use super::sequence::Sequence;
use super::tree::Tree;
use super::value::{Array, Item, Node, Slot, Value};

impl Tree<'_> {
    /// A value that shares nothing that could be changed with the given one.
    pub(crate) fn copy(&mut self, node: Node) -> Result<Node, Refusal> {
        self.copy_node(node, 0)
    }

    fn copy_node(&mut self, node: Node, depth: usize) -> Result<Node, Refusal> {
        if depth > NESTING_MAX {
            return Err(nested());
        }
        match node {
            Node::Raw(span) => self.count(span.len()).map(|()| node),
            Node::Array(id) => self.copy_array(id, depth),
            Node::Object(id) => self.copy_object(id, depth),
        }
    }

    fn copy_array(&mut self, id: u32, depth: usize) -> Result<Node, Refusal> {
        let length = self.array(id).items.len();
        self.count(length)?;
        self.charge.copy(entry::<Array>() + length * entry::<Item>())?;
        let Array { before_first, before_other, closing, .. } = *self.array(id);
        let mut items = Vec::with_capacity(length);
        for at in self.array(id).items.positions() {
            let item = self.item(Slot::Element { array: id, at });
            items.push(self.copy_item(item, depth)?);
        }
        let items = Sequence::new(items.into_iter());
        let array = Array { items, before_first, before_other, closing };
        Ok(Node::Array(push(&mut self.arrays, array)))
    }

    fn copy_object(&mut self, id: u32, depth: usize) -> Result<Node, Refusal> {
        let members = &self.object(id).members;
        let heads = members.iter().filter(|m| m.item.is_some()).map(|m| m.head.span.len());
        let bytes = heads.sum::<usize>() + members.len();
        self.count(bytes)?;
        self.charge.copy(self.object(id).bytes())?;
        let mut object = self.object(id).clone();
        for member in &mut object.members {
            let item = member.item.map(|item| self.copy_item(item, depth));
            member.item = item.transpose()?;
        }
        Ok(Node::Object(push(&mut self.objects, object)))
    }

    fn copy_item(&mut self, item: Item, depth: usize) -> Result<Item, Refusal> {
        match item {
            Item::Raw(span) => self.count(span.len()).map(|()| item),
            Item::Touched(id) => {
                let Value { before, node, after } = *self.value(id);
                self.count(before.len() + after.len())?;
                self.charge.copy(entry::<Value>())?;
                let node = self.copy_node(node, depth + 1)?;
                Ok(Item::Touched(push(&mut self.values, Value { before, node, after })))
            }
        }
    }

    /// Counts what copies add, so that doubling a document again and again is stopped.
    fn count(&mut self, bytes: usize) -> Result<(), Refusal> {
        self.copied_bytes = self.copied_bytes.saturating_add(bytes);
        if self.copied_bytes > self.result_bytes_max {
            return Err(self.too_long());
        }
        Ok(())
    }
}
