//! A safe handler has a view, and nothing in a view writes.

use methodical_methods::{reply::Reply, request::Request};
use methodical_semantics::error::Result;
use methodical_store::{store::Mark, view::View};

fn get(view: &View<'_>, request: &Request) -> Result<Reply> {
    view.remove(request.path(), Mark::Nothing)?;
    Ok(Reply::empty(http::StatusCode::OK))
}

fn main() {
    let _ = get;
}
