mod alone;
mod bounds;
mod decode;
pub(crate) mod reader;
mod writer;
