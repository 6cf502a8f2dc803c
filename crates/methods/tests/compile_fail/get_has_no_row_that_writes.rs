//! IANA's table says that GET is safe.

use methodical_methods::{
    method::{Method, Run},
    methods::get::GET,
    reply::Reply,
    request::{Input, Request},
    table::agrees,
};
use methodical_semantics::{error::Result, footprint::Footprint};
use methodical_store::{transaction::Transaction, view::View};

fn touches(_: &View<'_>, _: &Request, _: &Input) -> Result<Footprint> {
    Ok(Footprint::default())
}

fn write(_: &mut Transaction<'_>, _: &Request, _: Input) -> Result<Reply> {
    Ok(Reply::empty(http::StatusCode::OK))
}

const ROW: Method = Method { run: Run::Write { touches, run: write }, ..GET };

const _: () = assert!(agrees(&ROW));

fn main() {}
