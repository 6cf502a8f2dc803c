//! The way of one request: from its head to a method, and back to an answer.

pub(crate) mod answer;
pub(crate) mod cache;
pub(crate) mod errand;
pub(crate) mod form;
pub(crate) mod forwarded;
pub(crate) mod in_memory;
pub(crate) mod pipeline;
pub(crate) mod proxies;
pub(crate) mod receive;
pub(crate) mod routed;
pub(crate) mod staged;
pub(crate) mod target;
pub(crate) mod who;
