//! What the DAV field says (RFC 4918 sections 10.1 and 18): computed from which methods are
//! written.

use super::{allow::Situation, policy::Policy};
use crate::{
    METHODS,
    method::{Class, Method},
};

/// The value of DAV: the classes that are met, in the order of the registry, with what it does not
/// list behind; nothing where class 1 is not, without which there is no other.
///
/// A folder that may only be read is of class 1, too: what changes it is refused as it may be. But
/// locks are for those who write, and a client that sees class 2 takes the folder for writable.
pub fn classes(policy: &Policy, situation: Situation) -> Option<String> {
    let is_met = |class: &Class| {
        let mut needed = METHODS.iter().filter(|method| method.classes.contains(class));
        let fits = class.is_of(situation) && (policy.writable || !class.is_for_writers());
        fits && needed.all(Method::is_implemented)
    };
    let met: Vec<Class> = Class::ALL.into_iter().filter(is_met).collect();
    let tokens: Vec<&str> = met.iter().map(|class| class.token()).collect();
    met.contains(&Class::One).then(|| tokens.join(", "))
}

impl Class {
    const ALL: [Self; 6] = [
        Self::One,
        Self::Two,
        Self::Three,
        Self::OrderedCollections,
        Self::ExtendedMkcol,
        Self::PartialUpdate,
    ];

    const fn token(self) -> &'static str {
        match self {
            Self::One => "1",
            Self::Two => "2",
            Self::Three => "3",
            Self::OrderedCollections => "ordered-collections",
            Self::ExtendedMkcol => "extended-mkcol",
            Self::PartialUpdate => "sabredav-partialupdate",
        }
    }

    /// Returns whether it can be met there (RFC 3648 section 10).
    const fn is_of(self, situation: Situation) -> bool {
        !matches!(
            (self, situation),
            (Self::OrderedCollections, Situation::File | Situation::FileAsCollection)
        )
    }

    /// Returns whether it means nothing to who may only read.
    const fn is_for_writers(self) -> bool {
        match self {
            Self::Two | Self::OrderedCollections | Self::ExtendedMkcol | Self::PartialUpdate => {
                true
            }
            Self::One | Self::Three => false,
        }
    }
}
