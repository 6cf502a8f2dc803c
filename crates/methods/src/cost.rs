//! What carrying out a request may take, told from its head and content before it begins, so that
//! what takes long has a share of its own and holds up nobody who asks for little.

use methodical_semantics::header::{depth::Depth, if_};

use crate::{
    admission::locking::names_collection_state,
    content::patching,
    method::{Run, Work},
    properties::{self, property},
    request::{Input, Request},
};

/// What carrying out a request may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cost {
    /// A few looks at the disk, whatever the request says.
    Looks,
    /// A list of a folder's members, a document, one write.
    Short,
    /// As much as there is below a folder.
    Long,
    /// A document that is held whole in memory while it is changed.
    Document,
}

/// Returns what a request may take at the most.
pub fn cost(request: &Request, input: &Input) -> Cost {
    if request.method.work == Work::Document && patching::holds_document(&request.fields) {
        return Cost::Document;
    }
    let is_conditional = request.fields.contains_key(if_::NAME);
    if is_conditional && names_collection_state(request) || reaches_far(request, input) {
        return Cost::Long;
    }
    // If may name many resources; a collection is listed.
    let is_one = !is_conditional && !request.target.slash;
    if is_one && matches!(request.method.run, Run::Read(_)) { Cost::Looks } else { Cost::Short }
}

/// Returns whether everything below a collection may have to be looked at.
fn reaches_far(request: &Request, input: &Input) -> bool {
    let by_depth = match request.method.work {
        Work::One | Work::Document => false,
        Work::Tree => true,
        Work::ByDepth { absent } => {
            // A malformed field is refused before anything is looked at.
            let depth = request.depth().ok().flatten().unwrap_or(absent);
            depth == Depth::Infinity
        }
    };
    by_depth || matches!(request.method.run, Run::Ask(_)) && asks_for_trees(input)
}

/// Returns whether content may name a property that takes a look at everything below each
/// collection. What is not of an encoding that holds ASCII as it is may.
fn asks_for_trees(input: &Input) -> bool {
    let Input::Bytes(content) = input else { return false };
    let names = |name: &str| content.windows(name.len()).any(|bytes| bytes == name.as_bytes());
    let far = |live: &&property::Property| live.cost == property::Cost::Tree;
    content.contains(&0) || properties::all().filter(far).any(|property| names(property.name))
}
