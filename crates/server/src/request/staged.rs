//! Room on disks for content on its way in, of which no client keeps what others want.
//!
//! The octets that are staged on a disk and those that are free there, together, are what there is
//! to share. While that is enough nobody is kept from anything, and one client alone may fill a
//! disk. Once it is scarce, who has more than half of it gives way to others, the largest upload
//! first, also one that sends nothing just then.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use http::{HeaderValue, header};
use methodical_content::staging::DiskRoom;
use methodical_methods::memory::Client;
use methodical_semantics::{
    condition::Condition,
    error::{Error, Refusal},
};
use tokio::sync::{Notify, futures::OwnedNotified};

/// The account of what is staged, disk by disk.
#[derive(Debug, Default)]
pub(crate) struct Disks {
    /// Disks by the system's number of them; only those with uploads.
    by_number: Mutex<HashMap<u64, Disk>>,
    /// The name of the last upload.
    names: AtomicU64,
    /// Told when an upload ended.
    freed: Arc<Notify>,
}

/// Content of one request, from its first octet till it is placed or dropped.
#[derive(Debug)]
pub(crate) struct Upload {
    /// The account that it is in.
    disks: Arc<Disks>,
    /// Its number there.
    name: u64,
    /// The one whose it is.
    client: Option<Client>,
    /// The disk, once something is staged.
    disk: OnceLock<u64>,
    /// Told when it has to give way.
    told: Arc<Notify>,
}

/// The verdict on octets for which room is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// They are counted, and may be written.
    Fits,
    /// Another upload was told to give way to them.
    Waits,
    /// Others want what is left.
    Beyond,
}

/// One disk on which something is staged.
#[derive(Debug, Default)]
struct Disk {
    /// Octets that were free when the disk was asked last, less those that were counted since.
    free: u64,
    /// The uploads on it, by name.
    uploads: BTreeMap<u64, Counted>,
}

/// The part of a disk that an upload has.
#[derive(Debug)]
struct Counted {
    /// The one whose it is.
    client: Option<Client>,
    /// Octets that were staged.
    octets: u64,
    /// True once it was chosen to end, for the room of others.
    gives_way: bool,
    /// Told when it was chosen.
    told: Arc<Notify>,
}

impl Disks {
    /// Content of a client's request.
    pub(crate) fn upload(self: &Arc<Self>, client: Option<Client>) -> Arc<Upload> {
        let name = self.names.fetch_add(1, Ordering::Relaxed);
        let (disk, told) = (OnceLock::new(), Arc::default());
        Arc::new(Upload { disks: Arc::clone(self), name, client, disk, told })
    }

    /// The disks, also behind a panic.
    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Disk>> {
        self.by_number.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Upload {
    /// Hears from its disk how much is free there.
    pub(crate) fn hears(&self, room: Option<DiskRoom>) {
        let Some(DiskRoom { disk, free }) = room else { return };
        if *self.disk.get_or_init(|| disk) != disk {
            return;
        }
        let mut disks = self.disks.lock();
        let disk = disks.entry(disk).or_default();
        disk.free = free;
        disk.uploads.entry(self.name).or_insert_with(|| Counted {
            client: self.client,
            octets: 0,
            gives_way: false,
            told: Arc::clone(&self.told),
        });
    }

    /// Takes room for so many more octets.
    pub(crate) fn takes(&self, octets: u64) -> Verdict {
        let Some(at) = self.disk.get() else { return Verdict::Fits };
        let mut disks = self.disks.lock();
        let Some(disk) = disks.get_mut(at) else { return Verdict::Fits };
        let verdict = disk.judge(self.name, octets);
        if verdict == Verdict::Fits {
            disk.count(self.name, octets);
        }
        verdict
    }

    /// Takes it whatever is left: the disk will tell.
    pub(crate) fn takes_anyhow(&self, octets: u64) {
        self.counts(|disk| disk.count(self.name, octets));
    }

    /// Gives back what was taken and is not written.
    pub(crate) fn gives_back(&self, octets: u64) {
        self.counts(|disk| {
            disk.free = disk.free.saturating_add(octets);
            if let Some(counted) = disk.uploads.get_mut(&self.name) {
                counted.octets = counted.octets.saturating_sub(octets);
            }
        });
    }

    /// Waits until it has to give way to others.
    pub(crate) async fn gives_way(&self) {
        self.told.notified().await;
    }

    /// Ends when what was staged gives room, from now on.
    pub(crate) fn others(&self) -> OwnedNotified {
        Arc::clone(&self.disks.freed).notified_owned()
    }

    /// Changes the account of its disk, if it is on one.
    fn counts(&self, change: impl FnOnce(&mut Disk)) {
        let Some(at) = self.disk.get() else { return };
        if let Some(disk) = self.disks.lock().get_mut(at) {
            change(disk);
        }
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        let Some(at) = self.disk.get() else { return };
        let mut disks = self.disks.lock();
        if let Some(disk) = disks.get_mut(at) {
            disk.uploads.remove(&self.name);
            if disk.uploads.is_empty() {
                disks.remove(at);
            }
        }
        drop(disks);
        self.disks.freed.notify_waiters();
    }
}

impl Disk {
    /// Decides over more octets of an upload. While enough is left nobody is kept from anything,
    /// nor is one client alone; once it is scarce the shares decide.
    fn judge(&mut self, name: u64, octets: u64) -> Verdict {
        let Some(one) = self.uploads.get(&name) else { return Verdict::Fits };
        if one.gives_way {
            return Verdict::Beyond;
        }
        if octets.saturating_add(LEFT_BYTES_MAX) <= self.free {
            return Verdict::Fits;
        }
        let client = one.client;
        let staged: u64 = self.uploads.values().map(|it| it.octets).sum();
        let all = staged.saturating_add(self.free);
        let left = LEFT_BYTES_MAX.min(all / LEFT_PART);
        let is_alone = self.uploads.values().all(|it| it.client == client);
        if is_alone || octets.saturating_add(left) <= self.free {
            return Verdict::Fits;
        }
        if self.of(client).saturating_add(octets) > all / 2 {
            return Verdict::Beyond;
        }
        if octets <= self.free {
            return Verdict::Fits;
        }
        let wanted = octets - self.free;
        if self.make_way(wanted, all / 2) { Verdict::Waits } else { Verdict::Fits }
    }

    /// Returns what a client has.
    fn of(&self, client: Option<Client>) -> u64 {
        self.uploads.values().filter(|it| it.client == client).map(|it| it.octets).sum()
    }

    /// Tells the largest uploads of who has more than half to give way, until so many octets will
    /// come free or nobody has more. Gives whether any does.
    fn make_way(&mut self, wanted: u64, half: u64) -> bool {
        let leaving = |it: &&Counted| it.gives_way;
        let mut coming: u64 = self.uploads.values().filter(leaving).map(|it| it.octets).sum();
        while coming < wanted {
            let mut clients: HashMap<Option<Client>, u64> = HashMap::new();
            for it in self.uploads.values().filter(|it| !it.gives_way) {
                *clients.entry(it.client).or_default() += it.octets;
            }
            let Some(client) = clients.iter().find(|(_, its)| **its > half).map(|(it, _)| *it)
            else {
                break;
            };
            let its = self.uploads.values_mut().filter(|it| it.client == client && !it.gives_way);
            let Some(largest) = its.max_by_key(|it| it.octets) else { break };
            largest.gives_way = true;
            largest.told.notify_one();
            coming += largest.octets;
        }
        coming > 0
    }

    /// Counts octets as staged, and no longer as free.
    fn count(&mut self, name: u64, octets: u64) {
        self.free = self.free.saturating_sub(octets);
        if let Some(counted) = self.uploads.get_mut(&name) {
            counted.octets = counted.octets.saturating_add(octets);
        }
    }
}

/// The refusal of content for which others want the room.
pub(crate) fn others_want_it() -> Error {
    let detail = "The disk is nearly full, and you have more than half of what is left for uploads \
                  on their way, which others want too; send it again when there is room.";
    Refusal::new(Condition::InsufficientStorage, detail)
        .with(header::RETRY_AFTER, HeaderValue::from_static("30"))
        .into()
}

/// Octets of a disk that several clients together do not stage: what a client within its share
/// finds at once, without anybody giving way.
const LEFT_BYTES_MAX: u64 = 64 << 20;

/// The same of a small disk: such a part of what there is to share.
const LEFT_PART: u64 = 16;

/// The time for which an upload waits for another one to give way: that closes a file, and is done
/// by then.
pub(crate) const WAY_WAIT: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: Option<Client> = Some(1);
    const BOB: Option<Client> = Some(2);

    fn upload(disks: &Arc<Disks>, client: Option<Client>, free: u64) -> Arc<Upload> {
        let upload = disks.upload(client);
        upload.hears(Some(DiskRoom { disk: 7, free }));
        upload
    }

    #[test]
    fn who_is_alone_may_fill_a_disk() {
        let disks = Arc::default();
        let one = upload(&disks, ANN, 1000);
        assert_eq!([one.takes(900), one.takes(200)], [Verdict::Fits; 2]);
        let two = upload(&disks, ANN, 0);
        assert_eq!(two.takes(1), Verdict::Fits);
        drop((one, two));
        assert!(disks.lock().is_empty(), "what ended is forgotten");
    }

    #[test]
    fn of_what_becomes_scarce_a_client_takes_no_more_than_half() {
        let disks = Arc::default();
        let (one, two) = (upload(&disks, ANN, 1600), upload(&disks, BOB, 1600));
        // A sixteenth is left to whoever has less.
        assert_eq!(one.takes(1500), Verdict::Fits);
        assert_eq!(one.takes(1), Verdict::Beyond);
        assert_eq!(two.takes(100), Verdict::Fits);
        let more = upload(&disks, ANN, 0);
        assert_eq!(more.takes(1), Verdict::Beyond, "all uploads of a client are counted together");
    }

    #[tokio::test]
    async fn who_has_more_than_half_gives_way_to_what_others_want() {
        let disks = Arc::default();
        let (large, small) = (upload(&disks, ANN, 1600), upload(&disks, ANN, 1600));
        assert_eq!([large.takes(1200), small.takes(300)], [Verdict::Fits; 2]);
        let other = upload(&disks, BOB, 100);
        assert_eq!(other.takes(900), Verdict::Beyond, "more than its own half");
        assert_eq!(other.takes(700), Verdict::Waits);
        large.gives_way().await;
        let none = tokio::time::timeout(Duration::from_millis(20), small.gives_way());
        assert!(none.await.is_err(), "no more than has to");
        assert_eq!(large.takes(1), Verdict::Beyond);
        assert_eq!(other.takes(700), Verdict::Waits, "not before it is free");
        let freed = other.others();
        drop(large);
        freed.await;
        other.hears(Some(DiskRoom { disk: 7, free: 1300 }));
        assert_eq!(other.takes(700), Verdict::Fits);
    }

    #[test]
    fn disks_that_do_not_tell_and_octets_that_were_not_written_count_nothing() {
        let disks: Arc<Disks> = Arc::default();
        let unknown = disks.upload(ANN);
        unknown.hears(None);
        assert_eq!(unknown.takes(u64::MAX), Verdict::Fits);
        let (one, two) = (upload(&disks, ANN, 1000), upload(&disks, BOB, 1000));
        assert_eq!(one.takes(900), Verdict::Fits);
        one.gives_back(900);
        assert_eq!(two.takes(400), Verdict::Fits);
        two.takes_anyhow(500);
        assert_eq!(one.takes(100), Verdict::Fits, "within its half");
    }
}
