//! Who makes a request.

/// The one who makes a request, as far as it was found out before any method runs.
///
/// ```
/// use methodical_semantics::principal::Principal;
///
/// assert_eq!(Principal::default().name, None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Principal {
    /// The name under which it logged in; nothing for anyone.
    pub name: Option<String>,
    /// The groups that it belongs to.
    pub groups: Vec<String>,
    /// Whether the request comes from this machine.
    pub local: bool,
    /// Whether nobody on the way can read or change what is said.
    pub secure: bool,
}

impl Principal {
    /// Somebody who logged in under a name, and belongs to no group.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..Self::default() }
    }
}
