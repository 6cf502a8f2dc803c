//! The folder as a store.
//!
//! The server knows stores by their trait alone; that this one is a folder, with what options, is
//! decided here.

use std::sync::Arc;

use methodical_folder::{self as folder, FolderOptions, OpenError, WatchedFolder};
use methodical_semantics::name::visible;
use methodical_server::settings::{Durability, Failed, MacJunk, Settings};
use methodical_store::store::Store;

use crate::{failure::Failure, output::warn};

/// Opens the folder to be served, and warns of what is odd about it.
///
/// # Errors
/// As [`WatchedFolder::open`].
pub(crate) fn open(settings: &Settings) -> Result<Arc<dyn Store>, Failed> {
    let options = FolderOptions {
        writable: settings.policy.writable,
        hidden: settings.shows_hidden(),
        mac_junk: settings.policy.mac_junk == MacJunk::Store,
        follow_symlinks: settings.symlinks,
        durability: match settings.durability {
            Durability::Full => folder::Durability::Full,
            Durability::Relaxed => folder::Durability::Relaxed,
        },
        ..FolderOptions::default()
    };
    let store = WatchedFolder::open(&settings.root, options)?;
    for remark in store.remarks() {
        // A name in it must not act on the terminal.
        warn(&visible(remark));
    }
    Ok(Arc::new(store))
}

/// The failure of a folder that cannot be opened.
pub(crate) fn unopened(failed: &OpenError) -> Failure {
    Failure::unavailable(failed.to_string().trim_end_matches('.'))
}
