//! Bytes on their way.

use std::{
    fs::File,
    io::{Read, Write},
    sync::Arc,
};

use bytes::Bytes;
use methodical_content::{Content, FileSlice, Pull, staging::Staged, stream::Source};
use methodical_semantics::error::Result;

fn bytes(content: Content) -> Vec<u8> {
    let mut bytes = Vec::new();
    Source::new(content).read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_slice_lies_inside_or_is_none() {
    let mut file: File = tempfile::tempfile().unwrap();
    file.write_all(b"<0123456789>").unwrap();
    let slice = FileSlice { file: Arc::new(file.into()), offset: 1, length: 10 };
    for content in [Content::Bytes(Bytes::from_static(b"0123456789")), Content::File(slice)] {
        assert_eq!(content.length(), Some(10));
        let of = |offset, length| content.slice(offset, length).map(bytes);
        assert_eq!(of(0, 10).as_deref(), Some(&b"0123456789"[..]));
        assert_eq!(of(3, 4).as_deref(), Some(&b"3456"[..]));
        assert_eq!(of(10, 0).as_deref(), Some(&b""[..]));
        assert_eq!(of(0, 11), None);
        assert_eq!(of(11, 0), None);
        assert_eq!(of(1, u64::MAX), None);
        assert_eq!(of(u64::MAX, 1), None);
        let inner = content.slice(2, 6).unwrap();
        assert_eq!(inner.slice(1, 2).map(bytes).as_deref(), Some(&b"34"[..]));
        assert!(inner.slice(1, 6).is_none());
    }
}

#[test]
fn content_from_elsewhere_has_no_length_and_no_slices() {
    let content = Content::Remote(Box::new(Pieces(vec!["cd", "ab"])));
    assert_eq!(content.length(), None);
    assert!(content.slice(0, 0).is_none());
    assert_eq!(bytes(content), b"abcd");
}

#[test]
fn staged_content_is_taken_out_as_what_it_was_put_in() {
    let staged = Staged::new(3, "abc".to_owned());
    assert_eq!(staged.length(), 3);
    assert_eq!(staged.into_held::<String>().unwrap(), "abc");
    assert!(Staged::new(3, "abc".to_owned()).into_held::<Bytes>().is_err());
}

#[derive(Debug)]
struct Pieces(Vec<&'static str>);

impl Pull for Pieces {
    fn pull(&mut self) -> Result<Option<Bytes>> {
        Ok(self.0.pop().map(Bytes::from))
    }
}
