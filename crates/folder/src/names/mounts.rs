//! Where other disks, or other parts of the same one, are mounted: what is removed or renamed must
//! not take them along.
//!
//! The kernel's own list tells it of all at once, however large the folder is. It is read again
//! only when the kernel says that it changed.

use std::{
    fs::File,
    os::{fd::AsFd, unix::fs::FileExt},
    sync::{Arc, Mutex, PoisonError},
};

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{AtFlags, StatxFlags},
};

use super::{
    slow::is_fast,
    spelled::{Spelling, is_loose, is_loose_at},
};

/// The mounts that the process sees.
#[derive(Debug)]
pub(crate) struct Mounts {
    /// Opened before the process gives up looking elsewhere; nothing where there is no such list.
    list: Option<File>,
    known: Mutex<Option<Arc<[Mount]>>>,
}

/// One of them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mount {
    /// The mount in which it is.
    within: u64,
    /// The absolute path at which.
    at: Box<[u8]>,
    /// The judgement of its kind about the spelling of names.
    spelling: Spelling,
    /// True if its kind is one that may let who looks at it wait.
    is_slow: bool,
}

impl Mount {
    /// Returns whether its kind is one that may let who looks at it wait.
    pub(crate) const fn is_slow(&self) -> bool {
        self.is_slow
    }
}

impl Mounts {
    pub(crate) fn of_this_process() -> Self {
        Self { list: File::open("/proc/self/mountinfo").ok(), known: Mutex::default() }
    }

    /// Refuses to take away what is at an absolute path, in an open directory, if something is
    /// mounted there or below.
    ///
    /// # Errors
    /// `Forbidden` then. Where the kernel has no list, this says nothing; the removal itself never
    /// goes to another disk.
    pub(crate) fn permit_removal(&self, holder: impl AsFd, at: &[u8]) -> Result<()> {
        let Some(mounts) = self.all() else { return Ok(()) };
        let is_below = |mount: &&Mount| {
            let rest = mount.at.strip_prefix(at);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
        };
        let mut below = mounts.iter().filter(is_below).peekable();
        if below.peek().is_none() {
            return Ok(());
        }
        // Something may be mounted over all of this: what is in that is not in ours.
        let of = mount_of(holder);
        if below.all(|mount| of.is_some_and(|of| mount.within != of)) {
            return Ok(());
        }
        let detail = "Another disk is mounted here or below; it cannot be moved or removed.";
        Err(Error::refused(Condition::Forbidden, detail))
    }

    /// Returns whether names beneath an open directory, which is at this absolute path, may be
    /// found under other spellings, on its own disk or on one that is mounted below.
    pub(crate) fn are_loose(&self, root: impl AsFd, at: &[u8]) -> bool {
        let Some(mounts) = self.all() else { return is_loose(root, Spelling::Unsure) };
        let leads_to = |above: &[u8], below: &[u8]| {
            let rest = below.strip_prefix(above.strip_suffix(b"/").unwrap_or(above));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
        };
        let above = mounts.iter().filter(|mount| leads_to(&mount.at, at));
        // The last of several at one place hides the others.
        let own = above.max_by_key(|mount| mount.at.len()).map(|mount| mount.spelling);
        let mut below = mounts.iter().filter(|it| it.at.as_ref() != at && leads_to(at, &it.at));
        is_loose(root, own.unwrap_or(Spelling::Unsure))
            || below.any(|mount| is_loose_at(&mount.at, mount.spelling))
    }

    /// The absolute paths of those mounts of which something is so.
    pub(crate) fn places(&self, is_so: impl Fn(&Mount) -> bool) -> Vec<Box<[u8]>> {
        let all = self.all();
        let such = all.iter().flat_map(|all| all.iter()).filter(|mount| is_so(mount));
        such.map(|mount| mount.at.clone()).collect()
    }

    /// All mounts, read again if any changed.
    fn all(&self) -> Option<Arc<[Mount]>> {
        let list = self.list.as_ref()?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_none() || has_changed(list) {
            *known = read(list).map(|text| mounts(&text).into());
        }
        known.clone()
    }
}

/// The kernel tells once of all changes since it was asked last.
fn has_changed(list: &File) -> bool {
    let mut asked = [PollFd::new(list, PollFlags::PRI)];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    // What cannot be told is read.
    poll(&mut asked, Some(&at_once)).map_or(true, |changed| changed > 0)
}

fn read(list: &File) -> Option<Vec<u8>> {
    let (mut text, mut piece) = (Vec::new(), vec![0; READ_BYTES]);
    loop {
        let read = list.read_at(&mut piece, text.len() as u64).ok()?;
        if read == 0 {
            return Some(text);
        }
        text.extend_from_slice(piece.get(..read)?);
    }
}

/// Reads the list: number, number of the mount in which it is, device, root, where, and
/// behind a dash kind, source and options of the disk (`proc_pid_mountinfo(5)`).
fn mounts(text: &[u8]) -> Vec<Mount> {
    let mount = |line: &[u8]| {
        let mut fields = line.split(|byte| *byte == b' ');
        let within = std::str::from_utf8(fields.nth(1)?).ok()?.parse().ok()?;
        let at = unescaped(fields.nth(2)?).into();
        fields.find(|field| *field == b"-")?;
        let (kind, _source) = (fields.next()?, fields.next()?);
        let spelling = Spelling::of(kind, fields.next().unwrap_or_default());
        Some(Mount { within, at, spelling, is_slow: !is_fast(kind) })
    };
    text.split(|byte| *byte == b'\n').filter_map(mount).collect()
}

/// The kernel writes space, tab, line feed and backslash as three octal digits.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, behind)) = rest.split_first() {
        let digits = behind.get(..3).filter(|_| *first == b'\\');
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 8).ok());
        plain.push(byte.unwrap_or(*first));
        rest = behind.get(if byte.is_some() { 3.. } else { 0.. }).unwrap_or_default();
    }
    plain
}

/// The number of the mount in which something open is; kernels before 5.8 do not tell.
pub(crate) fn mount_of(open: impl AsFd) -> Option<u64> {
    let stat = rustix::fs::statx(open, "", AtFlags::EMPTY_PATH, StatxFlags::MNT_ID).ok()?;
    let told = StatxFlags::from_bits_retain(stat.stx_mask).contains(StatxFlags::MNT_ID);
    told.then_some(stat.stx_mnt_id)
}

const READ_BYTES: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_the_kernel_is_read() {
        let text = b"36 35 98:0 /mnt1 /srv/a\\040b\\134c rw,noatime master:1 - ext3 /dev/root rw\n\
                     37 36 0:5 / / rw - proc proc rw\n\nnonsense\n";
        let read = mounts(text);
        let (spelling, is_slow) = (Spelling::Exact, false);
        let of = |within, at: &[u8]| Mount { within, at: at.into(), spelling, is_slow };
        assert_eq!(read, [of(35, b"/srv/a b\\c"), of(36, b"/")]);
        assert!(Mounts::of_this_process().all().is_some_and(|all| !all.is_empty()));
    }
}
