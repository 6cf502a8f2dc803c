//! Identities: they tell one state of a file's bytes from every other, without reading them.
//!
//! An entity tag must change whenever the bytes do, also on a rewrite of the same size within one
//! tick of the clock. It is a hash of device, inode, size, modification, change and birth
//! time. Why that is enough:
//!
//! * *Written by us.* Every write makes a new inode and gives it a modification time whose
//!   nanoseconds come from [`unique_now`], which never tells one moment twice. So even when the
//!   disk gives the inode of the file just replaced to the next one, the two differ.
//! * *Written by others.* Every write sets the change time, which no program can choose. It is cut
//!   to the kernel's tick (1 to 10 ms), so that two writes within a tick look alike, as do a file
//!   and another that gets its inode. While a change time lies in the present tick, [`settle`]
//!   waits until the tick has passed and looks again: what changes after that look has a later
//!   time than the one that was seen.
//! * Since Linux 6.13 ext4, xfs, btrfs and tmpfs have multigrain timestamps: a change time that was
//!   asked for is never given again. That holds for a file that gets the same inode too, since
//!   removing the former one set its change time once more, and later ones are not before that.
//!   There nobody waits.
//!
//! Disks whose times end at the second (ext4 with small inodes, FAT) show zero nanoseconds; there
//! the tick is taken to be [`COARSE_TICK`]. A file that never settles, or that has no name any
//! more, gets a tag that holds once: it matches nothing later, which refuses a write rather than
//! losing one.
//!
//! What remains: a program that within the tick of a write of ours puts back both the size and the
//! modification time which we gave; a clock that is set back; writes through a mapping, whose
//! change time the kernel notes late; disks of other machines, whose clock is not ours.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use bytes::BufMut;
use methodical_semantics::timestamp::Timestamp;
use methodical_store::{
    resource::{Birth, STATE_BYTES, Tag, Witness},
    work,
};
use rustix::{
    fs::{Statx, StatxFlags, StatxTimestamp},
    io::Errno,
    time::{ClockId, clock_gettime},
};

use crate::names::stat::device_of;

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
            device: device_of(stat),
            inode: stat.stx_ino,
            length: stat.stx_size,
            modified: moment(stat.stx_mtime),
            changed: moment(stat.stx_ctime),
            born: knows_birth.then(|| moment(stat.stx_btime)),
            // Its inode may be given to another file without a further sign.
            once: if stat.stx_nlink == 0 { once() } else { 0 },
        }
    }

    /// The parts of which the strong entity tag of the state is made.
    pub(crate) fn tag(&self) -> Tag {
        let mut state = [0; STATE_BYTES];
        let mut rest = &mut state[..];
        rest.put_u64_le(self.device);
        rest.put_u64_le(self.inode);
        rest.put_u64_le(self.length);
        for time in [Some(self.modified), Some(self.changed), self.born] {
            let time = time.unwrap_or(Timestamp::new(i64::MIN, 0));
            rest.put_i64_le(time.seconds());
            rest.put_u32_le(time.nanoseconds());
        }
        rest.put_u64_le(self.once);
        Tag::of_state(state)
    }

    /// The birth, which no other file or directory has.
    pub(crate) fn birth(&self) -> Birth {
        Birth::new(self.device, self.inode, self.born)
    }

    /// The witness that the file is still in this state, as long as `facts` is the ledger's count;
    /// nothing for a state that could not be told from the next.
    pub(crate) fn witness(&self, facts: u64) -> Option<Witness> {
        let [modified, changed] = [self.modified, self.changed]
            .map(|time| [time.seconds().cast_unsigned(), u64::from(time.nanoseconds())]);
        let [seconds, nanoseconds] = modified;
        let [changed_seconds, changed_nanoseconds] = changed;
        let state = [
            self.device,
            self.inode,
            self.length,
            seconds,
            nanoseconds,
            changed_seconds,
            changed_nanoseconds,
        ];
        (self.once == 0).then(|| Witness::new(state, facts))
    }

    /// Returns whether a witness was made of this state.
    pub(crate) fn is_that_of(&self, witness: &Witness) -> bool {
        self.witness(witness.facts()).as_ref() == Some(witness)
    }

    /// Returns whether a change of the bytes after this look may leave the state as it is. The look
    /// was made in or after the given tick.
    fn may_repeat(&self, tick: Timestamp, multigrain: impl Fn() -> bool) -> bool {
        if self.changed.nanoseconds() == 0 && tick.since(self.changed) < COARSE_TICK {
            return true;
        }
        self.changed >= tick && !multigrain()
    }
}

/// A look at the disk, and the tick before it: whatever changes after the look is stamped by that
/// tick or a later one.
#[derive(Clone, Copy)]
pub(crate) struct Seen {
    tick: Timestamp,
    pub(crate) stat: Statx,
}

impl Seen {
    /// Looks.
    pub(crate) fn by(look: impl FnOnce() -> rustix::io::Result<Statx>) -> rustix::io::Result<Self> {
        // The order matters: a change between the look and a later tick would not be waited for.
        let tick = clock(ClockId::RealtimeCoarse);
        Ok(Self { tick, stat: look()? })
    }
}

/// Looks again at a file until no later change of its bytes can leave its state as it is seen.
/// `multigrain` says whether it lies on a disk whose change times, once seen, are never given
/// again.
pub(crate) fn settle(
    mut seen: Seen,
    again: impl Fn() -> rustix::io::Result<Statx>,
    multigrain: impl Fn() -> bool,
) -> rustix::io::Result<Identity> {
    let mut waited = Duration::ZERO;
    loop {
        let identity = Identity::of(&seen.stat);
        if !identity.may_repeat(seen.tick, &multigrain) {
            return Ok(identity);
        }
        let coarse = identity.changed.nanoseconds() == 0;
        let (step, most) =
            if coarse { (COARSE_STEP, COARSE_TICK) } else { (TICK_STEP, TICKS_WAITED_MAX) };
        if waited >= most {
            // Changed all the time by others, or stamped by another clock than ours.
            return Ok(Identity { once: once(), ..identity });
        }
        if work::would_wait() {
            return Err(Errno::WOULDBLOCK);
        }
        std::thread::sleep(step);
        waited += step;
        seen = Seen::by(&again)?;
    }
}

/// Returns whether a disk has multigrain timestamps, by the kernel's release and the disk's kind.
pub(crate) fn is_multigrain(release: &str, magic: i64) -> bool {
    let mut numbers = release.split(|letter: char| !letter.is_ascii_digit());
    let mut number = || numbers.next().and_then(|digits| digits.parse::<u32>().ok());
    let version = (number().unwrap_or(0), number().unwrap_or(0));
    version >= (6, 13) && [EXT4, XFS, BTRFS, TMPFS].contains(&magic)
}

/// The present moment, later than every moment that this function told before.
pub(crate) fn unique_now() -> Timestamp {
    let mut last = LAST_GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    *last = clock(ClockId::Realtime).max(after(*last));
    *last
}

/// A moment in the second that a client wants its file to be modified in, whose nanoseconds are
/// unique within any second of ours.
pub(crate) fn unique_within(second: Timestamp) -> Timestamp {
    Timestamp::new(second.seconds(), unique_now().nanoseconds())
}

/// The system's time of day; the coarse one is that of the present tick.
pub(crate) fn clock(which: ClockId) -> Timestamp {
    let time = clock_gettime(which);
    Timestamp::new(time.tv_sec, u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// A number that no other state has, now or later; not zero.
fn once() -> u64 {
    let now = unique_now();
    (now.seconds().cast_unsigned() << 30 | u64::from(now.nanoseconds())) | 1 << 63
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

static LAST_GIVEN: Mutex<Timestamp> = Mutex::new(Timestamp::new(0, 0));

const LAST_NANOSECOND: u32 = 999_999_999;

/// The longest wait for a file that others keep changing. A tick is 10 ms at most.
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

#[cfg(test)]
mod tests {
    use std::{cell::Cell, fs::File};

    use super::*;
    use crate::names::stat::look;

    /// A look at a file that was changed at a moment.
    fn changed_at(moment: Timestamp) -> Statx {
        let mut stat = look(File::open("Cargo.toml").unwrap()).unwrap();
        stat.stx_ctime.tv_sec = moment.seconds();
        stat.stx_ctime.tv_nsec = moment.nanoseconds();
        stat
    }

    fn seen(moment: Timestamp) -> Seen {
        Seen::by(|| Ok(changed_at(moment))).unwrap()
    }

    fn tick() -> Timestamp {
        clock(ClockId::RealtimeCoarse)
    }

    #[test]
    fn a_change_of_the_present_tick_is_waited_for() {
        let changed = tick();
        let identity = settle(seen(changed), || Ok(changed_at(changed)), || false).unwrap();
        assert!(tick() > changed);
        assert!(identity.witness(0).is_some());
    }

    #[test]
    fn a_change_right_after_a_look_is_not_missed() {
        for _ in 0..10 {
            let (changed, changes, changes_seen) = (Cell::new(tick()), Cell::new(0), Cell::new(0));
            let first = seen(changed.get());
            let again = || {
                let stat = changed_at(changed.get());
                changes_seen.set(changes.get());
                if changes.get() == 0 {
                    changes.set(1);
                    changed.set(tick());
                    while tick() == changed.get() {
                        std::thread::yield_now();
                    }
                }
                Ok(stat)
            };
            let identity = settle(first, again, || false).unwrap();
            // Either the change was seen, or it can be told from what was.
            assert!(changes_seen.get() == changes.get() || identity.changed != changed.get());
        }
    }

    #[test]
    fn nobody_waits_where_no_change_time_is_given_again() {
        let again = || -> rustix::io::Result<Statx> { unreachable!("it was looked at again") };
        settle(seen(tick()), again, || true).unwrap();
    }

    #[test]
    fn who_may_not_wait_is_told_so_at_once() {
        for changed in [tick(), Timestamp::new(tick().seconds(), 0)] {
            let again = || -> rustix::io::Result<Statx> { unreachable!("it was looked at again") };
            assert!(work::at_once(|| settle(seen(changed), again, || false)).is_none());
        }
    }

    #[test]
    fn a_file_that_never_settles_has_a_tag_that_holds_once() {
        let ahead = Timestamp::new(tick().seconds() + 3600, 1);
        let tag = || {
            let identity = settle(seen(ahead), || Ok(changed_at(ahead)), || false).unwrap();
            assert!(identity.witness(0).is_none());
            identity.tag()
        };
        assert!(tag() != tag());
    }

    #[test]
    fn a_file_without_a_name_has_a_tag_that_holds_once() {
        let mut stat = changed_at(Timestamp::new(1, 1));
        stat.stx_nlink = 0;
        assert!(Identity::of(&stat).tag() != Identity::of(&stat).tag());
    }

    #[test]
    fn whole_seconds_are_coarse_ticks() {
        let now = tick();
        let is_young = |seconds| {
            let identity = Identity::of(&changed_at(Timestamp::new(seconds, 0)));
            identity.may_repeat(now, || true)
        };
        assert!(is_young(now.seconds()) && is_young(now.seconds() - 1));
        assert!(!is_young(now.seconds() - 3));
    }

    #[test]
    fn no_moment_is_told_twice() {
        let told: Vec<Timestamp> = (0..10_000).map(|_| unique_now()).collect();
        assert!(told.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(after(Timestamp::new(1, LAST_NANOSECOND)), Timestamp::new(2, 0));
    }

    #[test]
    fn kernels_and_disks_with_multigrain_timestamps() {
        for release in ["6.13.0", "6.18.44-fc", "7.0-rc1", "10.1"] {
            assert!(is_multigrain(release, EXT4), "{release}");
        }
        for release in ["6.12.9", "5.15.0-91-generic", "unknown", ""] {
            assert!(!is_multigrain(release, EXT4), "{release}");
        }
        assert!(!is_multigrain("6.18.0", 0x6969), "NFS");
    }
}
