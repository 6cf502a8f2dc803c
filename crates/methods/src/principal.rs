//! Who makes a request.

pub use methodical_semantics::principal::Principal;
