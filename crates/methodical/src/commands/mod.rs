//! The commands, a file each.

pub(crate) mod check;
pub(crate) mod examine;
pub(crate) mod explain;
pub(crate) mod health;
pub(crate) mod locks;
pub(crate) mod manual;
pub(crate) mod methods;
pub(crate) mod print;
pub(crate) mod serve;
pub(crate) mod token;
