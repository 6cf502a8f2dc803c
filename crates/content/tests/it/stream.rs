//! Content and staging as streams of the standard library.

use std::{
    fs::File,
    io::{Read, Write},
    sync::Arc,
};

use bytes::Bytes;
use methodical_content::{
    Content, FileSlice, Pull,
    staging::{Staged, Staging},
    stream::{Sink, Source, error},
};
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
};

#[derive(Debug)]
struct Pieces(Vec<Result<Bytes>>);

impl Pull for Pieces {
    fn pull(&mut self) -> Result<Option<Bytes>> {
        if self.0.is_empty() { Ok(None) } else { self.0.remove(0).map(Some) }
    }
}

fn remote(pieces: &[&'static str]) -> Content {
    let pieces = pieces.iter().map(|piece| Ok(Bytes::from_static(piece.as_bytes())));
    Content::Remote(Box::new(Pieces(pieces.collect())))
}

fn file(text: &[u8], offset: u64, length: u64) -> Content {
    let mut file: File = tempfile::tempfile().unwrap();
    file.write_all(text).unwrap();
    Content::File(FileSlice { file: Arc::new(file.into()), offset, length })
}

#[test]
fn every_kind_of_content_is_read_from_its_beginning_to_its_end() {
    let contents = [
        Content::Bytes("0123456789".into()),
        file(b"<0123456789>", 1, 10),
        remote(&["012", "", "3456789"]),
    ];
    for content in contents {
        let mut source = Source::new(content);
        let mut few = [0; 4];
        source.read_exact(&mut few).unwrap();
        assert_eq!(&few, b"0123");
        let mut rest = String::new();
        source.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "456789");
        assert_eq!(source.read(&mut few).unwrap(), 0);
    }
}

#[test]
fn a_file_that_became_shorter_is_an_error() {
    let mut source = Source::new(file(b"0123", 0, 10));
    assert!(source.read_to_end(&mut Vec::new()).is_err());
}

#[test]
fn a_refusal_comes_out_as_it_went_in() {
    let full = || Error::refused(Condition::InsufficientStorage, "There is no room.");
    let content = Content::Remote(Box::new(Pieces(vec![Err(full())])));
    let met = Source::new(content).read(&mut [0; 4]).unwrap_err();
    assert_eq!(error(met).status().as_u16(), 507);
    assert_eq!(error(std::io::ErrorKind::UnexpectedEof.into()).status().as_u16(), 500);
}

#[test]
fn what_is_written_to_a_sink_is_staged() {
    let mut staging = Box::new(Six(Vec::new()));
    let mut sink = Sink::new(&mut *staging);
    sink.write_all(b"012").unwrap();
    sink.write_all(b"345").unwrap();
    let met = sink.write_all(b"6").unwrap_err();
    assert_eq!(error(met).status().as_u16(), 507);
    let staged = staging.finish().unwrap();
    assert_eq!(staged.length(), 6);
    assert_eq!(staged.into_held::<Vec<u8>>().unwrap(), b"012345");
}

/// Room for six bytes.
struct Six(Vec<u8>);

impl Staging for Six {
    fn write(&mut self, chunk: &[u8]) -> Result<()> {
        if self.0.len() + chunk.len() > 6 {
            return Err(Error::refused(Condition::InsufficientStorage, "There is no room."));
        }
        self.0.extend_from_slice(chunk);
        Ok(())
    }

    fn write_from(&mut self, source: &FileSlice) -> Result<()> {
        let mut bytes = Vec::new();
        let read = Source::new(Content::File(source.clone())).read_to_end(&mut bytes);
        read.map_err(error)?;
        self.write(&bytes)
    }

    fn finish(self: Box<Self>) -> Result<Staged> {
        Ok(Staged::new(self.0.len() as u64, self.0))
    }
}
