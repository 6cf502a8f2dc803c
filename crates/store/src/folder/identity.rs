//! What tells one state of a file's bytes from every other, without reading them.
//!
//! An entity tag must change whenever the bytes do, also on a rewrite of the same size within one
//! tick of the clock. It is a hash of device, inode, size, modification, change and birth
//! time. Why that is enough:
//!
//! * *Written by us.* Every write makes a new inode and gives it a modification time whose
//!   nanoseconds come from [`unique_now`], which never tells one moment twice. So even when the
//!   disk gives the inode of the file just replaced to the next one, the two differ.
//! * *Written by others, in place.* Every write sets the change time, which no program can choose.
//!   It is cut to the kernel's tick (1 to 10 ms), so that two writes within a tick look alike.
//!   Since Linux 6.13 ext4, xfs, btrfs and tmpfs have multigrain timestamps: a change time that
//!   was asked for is never given again. Elsewhere, while a file's change time lies in the
//!   present tick, [`settle`] waits until the tick has passed and looks again: any later write then has a
//!   later change time than the one that was seen.
//! * *Replaced by others.* A new file may get the inode of the one that was removed, and within a
//!   tick also its times, on every kernel. So a file that was born in the present tick is waited
//!   for in the same way, unless its modification time is one that we gave it.
//!
//! Disks whose times end at the second (ext4 with small inodes, FAT) show zero nanoseconds; there the
//! tick is taken to be [`COARSE_TICK`]. A file that never settles gets a tag that holds once:
//! it matches nothing later, which refuses a write rather than losing one.
//!
//! What remains: a program that puts back both the size and a modification time which we gave in the
//! same tick; a clock that is set back; writes through a mapping, whose change time the kernel
//! notes late; disks of other machines, whose clock is not ours.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use methodical_semantics::{etag::ETag, timestamp::Timestamp};
use rustix::{
    fs::{Statx, StatxFlags, StatxTimestamp},
    time::{ClockId, clock_gettime},
};
use sha2::{Digest, Sha256};

use crate::resource::Witness;

/// The state of a file as the disk tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) device: u64,
    pub(crate) inode: u64,
    pub(crate) length: u64,
    pub(crate) modified: Timestamp,
    pub(crate) changed: Timestamp,
    pub(crate) born: Option<Timestamp>,
    /// Differs each time for a state that could not be told from the next.
    once: u64,
}

impl Identity {
    /// The state that a look at the disk told.
    pub(crate) fn of(stat: &Statx) -> Self {
        let knows_birth = stat.stx_mask & StatxFlags::BTIME.bits() != 0;
        Self {
            device: u64::from(stat.stx_dev_major) << 32 | u64::from(stat.stx_dev_minor),
            inode: stat.stx_ino,
            length: stat.stx_size,
            modified: moment(stat.stx_mtime),
            changed: moment(stat.stx_ctime),
            born: knows_birth.then(|| moment(stat.stx_btime)),
            once: 0,
        }
    }

    /// The strong entity tag of the state.
    pub(crate) fn etag(&self) -> ETag {
        let mut hash = Sha256::new();
        hash.update(self.device.to_le_bytes());
        hash.update(self.inode.to_le_bytes());
        hash.update(self.length.to_le_bytes());
        for time in [Some(self.modified), Some(self.changed), self.born] {
            let time = time.unwrap_or(Timestamp::new(i64::MIN, 0));
            hash.update(time.seconds().to_le_bytes());
            hash.update(time.nanoseconds().to_le_bytes());
        }
        hash.update(self.once.to_le_bytes());
        let digest = hash.finalize();
        let digits = digest.iter().take(TAG_BYTES).flat_map(|byte| [byte >> 4, byte & 15]);
        let text: String = digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect();
        ETag::strong(text)
    }

    /// What shows that the file is still in this state, as long as `facts` is the ledger's count;
    /// nothing for a state that could not be told from the next.
    pub(crate) fn witness(&self, facts: u64) -> Option<Witness> {
        (self.once == 0).then_some(Witness {
            device: self.device,
            inode: self.inode,
            length: self.length,
            modified: self.modified,
            changed: self.changed,
            facts,
        })
    }

    /// Whether a witness was made of this state.
    pub(crate) fn is_that_of(&self, witness: &Witness) -> bool {
        self.witness(witness.facts).as_ref() == Some(witness)
    }

    /// Whether a later change of the bytes might leave this state as it is.
    fn may_repeat(&self, multigrain: impl Fn() -> bool) -> bool {
        let present = clock(ClockId::RealtimeCoarse);
        if self.changed.nanoseconds() == 0 && present.since(self.changed) < COARSE_TICK {
            return true;
        }
        if self.changed < present {
            return false;
        }
        let born_now = self.born.is_none_or(|born| born >= present) && !was_given(self.modified);
        born_now || !multigrain()
    }
}

/// Looks again at a file until no later change of its bytes can leave its state as it is seen.
/// `multigrain` says whether it lies on a disk whose change times, once seen, are never given
/// again.
pub(crate) fn settle(
    first: Statx,
    again: impl Fn() -> rustix::io::Result<Statx>,
    multigrain: impl Fn() -> bool,
) -> rustix::io::Result<Identity> {
    let mut identity = Identity::of(&first);
    let mut waited = Duration::ZERO;
    while identity.may_repeat(&multigrain) {
        let coarse = identity.changed.nanoseconds() == 0;
        if waited >= if coarse { COARSE_TICK } else { TICKS_WAITED_MAX } {
            // Changed all the time by others, or stamped by another clock than ours.
            identity.once = u64::from(unique_now().nanoseconds()) | 1 << 32;
            return Ok(identity);
        }
        let step = if coarse { COARSE_STEP } else { TICK_STEP };
        std::thread::sleep(step);
        waited += step;
        identity = Identity::of(&again()?);
    }
    Ok(identity)
}

/// Whether a disk has multigrain timestamps, by the kernel's release and the disk's kind.
pub(crate) fn is_multigrain(release: &str, magic: i64) -> bool {
    let mut numbers = release.split(|letter: char| !letter.is_ascii_digit());
    let mut number = || numbers.next().and_then(|digits| digits.parse::<u32>().ok());
    let version = (number().unwrap_or(0), number().unwrap_or(0));
    version >= (6, 13) && [EXT4, XFS, BTRFS, TMPFS].contains(&magic)
}

/// The present moment, later than every moment that this function told before.
pub(crate) fn unique_now() -> Timestamp {
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut now = clock(ClockId::Realtime);
    if let Some(last) = given.back().filter(|last| **last >= now) {
        now = after(*last);
    }
    if given.len() >= GIVEN_KEPT {
        given.pop_front();
    }
    given.push_back(now);
    now
}

/// A moment in the second that a client wants its file to be modified in, whose nanoseconds are unique
/// within any second of ours.
pub(crate) fn unique_within(second: Timestamp) -> Timestamp {
    Timestamp::new(second.seconds(), unique_now().nanoseconds())
}

/// The system's time of day; the coarse one is that of the present tick.
pub(crate) fn clock(which: ClockId) -> Timestamp {
    let time = clock_gettime(which);
    Timestamp::new(time.tv_sec, u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Whether a modification time carries nanoseconds that were given out a moment ago.
fn was_given(modified: Timestamp) -> bool {
    let given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    given.iter().rev().any(|time| time.nanoseconds() == modified.nanoseconds())
}

fn after(time: Timestamp) -> Timestamp {
    match time.nanoseconds() {
        LAST_NANOSECOND => Timestamp::new(time.seconds() + 1, 0),
        nanoseconds => Timestamp::new(time.seconds(), nanoseconds + 1),
    }
}

pub(crate) fn moment(time: StatxTimestamp) -> Timestamp {
    Timestamp::new(time.tv_sec, time.tv_nsec)
}

/// The moments given last, in order.
static GIVEN: Mutex<VecDeque<Timestamp>> = Mutex::new(VecDeque::new());

/// How many given moments are remembered. A file of ours that fell out of memory within its
/// first tick is only waited for.
const GIVEN_KEPT: usize = 256;

const LAST_NANOSECOND: u32 = 999_999_999;

/// 120 bits: no two states of all files that there will be meet by chance.
const TAG_BYTES: usize = 15;

/// How long a file is waited for that others keep changing. A tick is 10 ms at most.
const TICKS_WAITED_MAX: Duration = Duration::from_millis(30);
const TICK_STEP: Duration = Duration::from_micros(500);

/// The tick of disks that keep no fractions of a second; FAT counts in twos.
const COARSE_TICK: Duration = Duration::from_secs(2);
const COARSE_STEP: Duration = Duration::from_millis(20);

/// Kinds of disks, as `statfs` tells them.
pub(crate) const EXT4: i64 = 0xef53;
pub(crate) const XFS: i64 = 0x5846_5342;
pub(crate) const BTRFS: i64 = 0x9123_683e;
pub(crate) const TMPFS: i64 = 0x0102_1994;
