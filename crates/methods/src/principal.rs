//! Who makes a request.

/// The one who makes a request, as far as it was found out before any method runs.
///
/// ```
/// use methodical_methods::principal::Principal;
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
