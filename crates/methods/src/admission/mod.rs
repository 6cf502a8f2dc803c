//! Whether a request may go on: what its method, its row, the rights, the locks and the
//! preconditions say.

pub mod admit;
pub mod allow;
pub mod compliance;
pub mod locking;
pub(crate) mod mac_files;
pub mod policy;
pub mod principal;
pub mod privilege;
pub(crate) mod refusal;
pub mod switch;
