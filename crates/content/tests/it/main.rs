//! Tests of content.

#![expect(clippy::unwrap_used, reason = "a test that meets the unexpected must stop")]

mod content;
mod stream;
mod waiting;
