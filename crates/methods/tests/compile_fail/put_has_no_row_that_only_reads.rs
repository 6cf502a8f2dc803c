//! IANA's table says that PUT is not safe.

use methodical_methods::{
    method::{Method, Run},
    methods::get::GET,
    reply::Reply,
    request::Request,
    table::agrees,
};
use methodical_semantics::error::Result;
use methodical_store::view::View;

fn read(_: &View<'_>, _: &Request) -> Result<Reply> {
    Ok(Reply::empty(http::StatusCode::OK))
}

const ROW: Method = Method { name: "PUT", run: Run::Read(read), ..GET };

const _: () = assert!(agrees(&ROW));

fn main() {}
