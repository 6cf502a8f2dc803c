//! A row that reads takes no handler that writes.

use methodical_methods::{
    method::Run,
    reply::Reply,
    request::{Input, Request},
};
use methodical_semantics::error::Result;
use methodical_store::transaction::Transaction;

fn write(_: &mut Transaction<'_>, _: &Request, _: Input) -> Result<Reply> {
    Ok(Reply::empty(http::StatusCode::OK))
}

const RUN: Run = Run::Read(write);

fn main() {
    let _ = RUN;
}
