//! Setting and removing properties: all that a request asks for, or nothing (RFC 4918 section 9.2,
//! RFC 5689 section 3).

use http::StatusCode;
use methodical_semantics::{
    condition::Condition,
    document::{
        multistatus::Outcome,
        propertyupdate::{Given, Instruction},
    },
    error::{Error, Refusal, Result},
    path::Path,
    timestamp::Timestamp,
    xml::{DAV, Name},
};
use methodical_store::{properties::Properties, transaction::Transaction};

use super::{
    find,
    property::{Effect, Set},
};

/// The outcome of instructions.
#[derive(Debug)]
pub enum Verdict {
    /// All can be carried out.
    Accepted(Update),
    /// One at least cannot: nothing is to be changed.
    Refused(Vec<Outcome>),
}

/// A change of properties that can be made.
#[derive(Debug, PartialEq, Eq)]
pub struct Update {
    /// The properties that were set and removed, each once, in order.
    pub names: Vec<Name>,
    /// All dead properties that there are then.
    pub properties: Properties,
    /// The modification time to give the resource.
    pub modified: Option<Timestamp>,
}

/// Judges instructions about a resource that has these dead properties. `make` says whether it is
/// being made: then its type may be told, too.
///
/// # Errors
/// A failure that is not about a property.
pub fn judge(former: Properties, instructions: Vec<Instruction>, make: Make) -> Result<Verdict> {
    let mut update = Update { names: Vec::new(), properties: former, modified: None };
    let mut refused: Vec<(Name, Refusal)> = Vec::new();
    for instruction in instructions {
        let name = instruction.name().clone();
        match update.take(instruction, make) {
            Err(Error::Refused(refusal)) if !refused.iter().any(|(it, _)| *it == name) => {
                refused.push((name.clone(), *refusal));
            }
            Ok(()) | Err(Error::Refused(_)) => {}
            Err(failure) => return Err(failure),
        }
        if !update.names.contains(&name) {
            update.names.push(name);
        }
    }
    if refused.is_empty() {
        return Ok(Verdict::Accepted(update));
    }
    Ok(Verdict::Refused(outcomes(refused, update.names)))
}

/// Says whether the resource is being made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Make {
    /// It is there.
    Nothing,
    /// A collection.
    Collection,
}

impl Update {
    /// Makes the change.
    ///
    /// # Errors
    /// As [`Transaction::set_properties`] and [`Transaction::set_modified`].
    pub fn carry_out(self, transaction: &mut Transaction<'_>, path: &Path) -> Result<()> {
        if self.names.is_empty() {
            return Ok(());
        }
        transaction.set_properties(path, self.properties)?;
        match self.modified {
            // The times of the root are the operator's own.
            Some(modified) if !path.is_root() => transaction.set_modified(path, modified),
            Some(_) | None => Ok(()),
        }
    }

    fn take(&mut self, instruction: Instruction, make: Make) -> Result<()> {
        if make == Make::Collection && instruction.name().is(DAV, "resourcetype") {
            return resourcetype(&instruction);
        }
        let set = find(instruction.name()).map_or(Set::Dead, |live| live.set);
        if matches!(set, Set::Protected) {
            let detail = "This property says what the server knows; it cannot be set or removed.";
            return Err(Error::refused(Condition::ProtectedProperty, detail));
        }
        match instruction {
            Instruction::Set(given) => {
                let effect = if let Set::By(read) = set { read(&given) } else { None };
                let Some(Effect::Modified(modified)) = effect else {
                    return self.properties.set(given.name, &given.element);
                };
                // What is kept would be told in the place of the file's time.
                self.properties.remove(&given.name);
                self.modified = Some(modified);
                Ok(())
            }
            Instruction::Remove(name) => {
                self.properties.remove(&name);
                Ok(())
            }
        }
    }
}

/// RFC 5689 section 3.3: collections without more are all that is made.
fn resourcetype(instruction: &Instruction) -> Result<()> {
    let is_collection = |child: &Name| child.is(DAV, "collection");
    match instruction {
        Instruction::Set(Given { children, .. })
            if !children.is_empty() && children.iter().all(is_collection) =>
        {
            Ok(())
        }
        Instruction::Set(_) | Instruction::Remove(_) => Err(Error::refused(
            Condition::ValidResourcetype,
            "Only folders are made here: send DAV:collection as the only type.",
        )),
    }
}

/// Returns what is told of each property: those that share a reason together, and RFC 4918 section
/// 9.2.1 of the others that they depended on these.
fn outcomes(refused: Vec<(Name, Refusal)>, names: Vec<Name>) -> Vec<Outcome> {
    let is_refused = |name: &Name| refused.iter().any(|(it, _)| it == name);
    let others: Vec<Name> = names.into_iter().filter(|name| !is_refused(name)).collect();
    let mut outcomes: Vec<Outcome> = Vec::new();
    for (name, refusal) in refused {
        let outcome = Outcome::refused(&refusal, vec![name]);
        let same =
            |it: &&mut Outcome| it.status == outcome.status && it.condition == outcome.condition;
        match outcomes.iter_mut().find(same) {
            Some(known) => known.names.extend(outcome.names),
            None => outcomes.push(outcome),
        }
    }
    if !others.is_empty() {
        outcomes.push(Outcome::of(StatusCode::FAILED_DEPENDENCY, others));
    }
    outcomes
}
