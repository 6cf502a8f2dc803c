//! The three services behind the protocols, what they have in common, and what is owed for each
//! request.

pub(crate) mod admin;
pub(crate) mod desk;
pub(crate) mod folder;
pub(crate) mod redirect;
pub(crate) mod ticket;
