//! Request targets (RFC 9112 section 3.2) and the paths in them (RFC 3986 section 3.3).
#![no_main]

use libfuzzer_sys::fuzz_target;
use methodical_semantics::path::Path;
use methodical_semantics::target::Target;

fuzz_target!(|text: &str| {
    if let Ok(Target::Resource(resource)) = Target::parse(text) {
        holds(&resource.path);
    }
    if let Ok((path, _)) = Path::decode(text) {
        holds(&path);
    }
    if Target::parse_authority(text).is_ok() {
        assert!(text.contains(':') && !text.contains('/'));
    }
});

/// What is true of every path: no segment means another place, and it survives its encoding.
fn holds(path: &Path) {
    for segment in path.segments() {
        assert!(!matches!(segment, b"" | b"." | b".."));
        assert!(!segment.iter().any(|byte| matches!(byte, 0 | b'/')));
    }
    let (again, slash) = Path::decode(&path.encoded()).expect("an encoded path can be decoded");
    assert_eq!(&again, path);
    assert_eq!(slash, path.is_root());
    let collection = Path::decode(&path.encoded_collection());
    assert_eq!(collection, Ok((again, true)));
    assert!(path.ancestors().iter().all(|ancestor| path.is_within(ancestor)));
}
