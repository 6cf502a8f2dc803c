//! Certificates are read again when their files change.
//!
//! Renewal tools replace files and do not always tell the server. Looking at five numbers of each
//! file costs nothing; the content is read only when one of them changed.

use std::{fs, os::unix::fs::MetadataExt, path::Path, sync::Arc, time::Duration};

use tokio::time::sleep;

use super::{files::CertificateFiles, shown::Certificates};
use crate::log::say;

/// The looks of a file: disk, inode, octets, and modification in seconds and nanoseconds; nothing
/// where it could not be looked at.
pub(super) type Stamp = Option<(u64, u64, u64, i64, i64)>;

/// Looks at the files now and then, and reads those anew that changed. Never ends.
pub(crate) async fn watch(certificates: Arc<Certificates>) {
    let (mut before, mut refused) = (None, None);
    loop {
        sleep(LOOK_INTERVAL).await;
        let loaded = certificates.loaded();
        let now = Some(stamps(&loaded.files));
        // Who renews writes one file after the other: what still changes is left alone for now.
        let settled = now == before;
        if settled && now.as_ref() != Some(&loaded.stamps) && now != refused {
            refused = match certificates.exchange(&loaded.files) {
                Ok(()) => {
                    say("read the certificates again");
                    None
                }
                Err(why) => {
                    say(format_args!("kept the certificates as they were: {why}"));
                    now.clone()
                }
            };
        }
        before = now;
    }
}

/// Returns how all files look.
pub(super) fn stamps(files: &[CertificateFiles]) -> Vec<Stamp> {
    files.iter().flat_map(|pair| [stamp(&pair.chain), stamp(&pair.key)]).collect()
}

/// Returns the looks of one file.
fn stamp(path: &Path) -> Stamp {
    let meta = fs::metadata(path).ok()?;
    Some((meta.dev(), meta.ino(), meta.size(), meta.mtime(), meta.mtime_nsec()))
}

/// The time between two looks at the files: what is renewed once in weeks is shown within seconds.
const LOOK_INTERVAL: Duration = Duration::from_secs(2);
