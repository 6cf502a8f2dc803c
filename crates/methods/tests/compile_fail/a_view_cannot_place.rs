//! A safe handler has a view, and nothing in a view writes.

use methodical_methods::{reply::Reply, request::Request};
use methodical_semantics::error::Result;
use methodical_content::staging::Staged;
use methodical_store::{store::Placement, view::View};

fn get(view: &View<'_>, request: &Request) -> Result<Reply> {
    view.place(request.path(), Staged::new(0, ()), Placement::default())?;
    Ok(Reply::empty(http::StatusCode::OK))
}

fn main() {
    let _ = get;
}
