//! The server's own folder.

mod trash;
