//! Paths as the ledger has them: their bytes, in order.

use methodical_semantics::path::Path;

/// The path that bytes of the ledger mean; nothing where others changed them into none.
pub(super) fn path_of(bytes: &[u8]) -> Option<Path> {
    if bytes.is_empty() {
        return Some(Path::root());
    }
    bytes.split(|byte| *byte == b'/').try_fold(Path::root(), |path, name| path.join(name)).ok()
}

/// The range of paths below a path: `/` is followed by `0`.
pub(super) fn below(path: &Path) -> (Vec<u8>, Vec<u8>) {
    if path.is_root() {
        // Behind every name: they are up to 255 bytes long.
        return (vec![0], vec![u8::MAX; 256]);
    }
    ([path.bytes(), b"/"].concat(), [path.bytes(), b"0"].concat())
}
