//! The wait before the next attempt to log in: longer with each that failed, by address and by
//! user.
//!
//! Attempts take turns: each reserves a moment behind the one before, so that many at once gain
//! nothing. An attempt counts as failed until it turns out otherwise.
//!
//! A guesser at many addresses keeps the turns of a user taken. So that nobody locks others out
//! by that, a user has turns of their own at each address from which they logged in before.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The memory of attempts.
#[derive(Debug, Default)]
pub(super) struct Throttle(Mutex<Memory>);

/// Attempts by whom they are counted for.
#[derive(Debug, Default)]
struct Memory {
    /// Failures of each.
    counts: HashMap<Key, Count>,
    /// The users and addresses that belong together by a login, with the moment of the last. Only
    /// those who can log in add to it.
    homes: HashMap<(String, Option<IpAddr>), Instant>,
}

/// The one that attempts are counted for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    /// An address; of IPv6 the network that one household has. None is the Unix socket.
    Address(Option<IpAddr>),
    /// A user, wherever the attempts come from.
    User(String),
    /// A user at an address of theirs.
    Home(String, Option<IpAddr>),
}

/// The moment at which an attempt may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Turn {
    /// The time that it has to wait.
    pub(super) wait: Duration,
    /// True if the user logged in from the same address before.
    pub(super) at_home: bool,
}

/// The attempts of one.
#[derive(Debug)]
struct Count {
    /// Attempts that failed, or of which the end is not known.
    failures: u32,
    /// The moment at which the next attempt may be made.
    next: Instant,
    /// The moment of the last attempt.
    last: Instant,
}

impl Throttle {
    /// Returns when this attempt may be made.
    ///
    /// # Errors
    /// An error where that is too late to be kept waiting: after how long to come again.
    pub(super) fn turn(
        &self,
        address: Option<IpAddr>,
        name: &str,
        now: Instant,
    ) -> Result<Turn, Duration> {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = memory.keys(network(address), name);
        let at_home = keys.iter().any(|key| matches!(key, Key::Home(..)));
        let counts = &mut memory.counts;
        let wait = |key: &Key| {
            let count = counts.get(key).filter(|count| !count.is_forgotten(now));
            count.map_or(Duration::ZERO, |count| count.next.saturating_duration_since(now))
        };
        let wait = keys.iter().map(wait).max().unwrap_or_default();
        if wait > WAIT_MAX {
            return Err(wait);
        }
        make_room(counts, |count| count.last, now);
        for key in keys {
            let longest = key.delay_max();
            let fresh = Count { failures: 0, next: now, last: now };
            let count = counts.entry(key).or_insert(fresh);
            if count.is_forgotten(now) {
                count.failures = 0;
            }
            count.failures = count.failures.saturating_add(1);
            count.next = now + wait + delay(count.failures, longest);
            count.last = now;
        }
        Ok(Turn { wait, at_home })
    }

    /// Takes an attempt back that succeeded, and remembers from where it was made.
    pub(super) fn succeeded(&self, address: Option<IpAddr>, name: &str, now: Instant) {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let address = network(address);
        for key in memory.keys(address, name) {
            match &key {
                Key::User(_) | Key::Home(..) => drop(memory.counts.remove(&key)),
                Key::Address(_) => {
                    if let Some(count) = memory.counts.get_mut(&key) {
                        count.failures = count.failures.saturating_sub(1);
                    }
                }
            }
        }
        make_room(&mut memory.homes, |last| *last, now);
        memory.homes.insert((name.to_owned(), address), now);
    }
}

impl Memory {
    /// By what an attempt is counted.
    fn keys(&self, address: Option<IpAddr>, name: &str) -> Vec<Key> {
        let home = (name.to_owned(), address);
        if self.homes.contains_key(&home) {
            return vec![Key::Home(home.0, home.1)];
        }
        vec![Key::Address(address), Key::User(home.0)]
    }
}

impl Key {
    /// The longest wait: shorter for a user, since anybody could make a user wait.
    const fn delay_max(&self) -> Duration {
        match self {
            Self::Address(_) | Self::Home(..) => ADDRESS_DELAY_MAX,
            Self::User(_) => USER_DELAY_MAX,
        }
    }
}

impl Count {
    /// Returns whether the last attempt was so long ago that it counts no more.
    fn is_forgotten(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.last) > FORGOTTEN_AFTER
    }
}

/// The address by which attempts are counted.
fn network(address: Option<IpAddr>) -> Option<IpAddr> {
    address.map(|address| match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => {
            let network = u128::from(six) & NETWORK_MASK;
            IpAddr::V6(Ipv6Addr::from(network))
        }
    })
}

/// The delay behind so many failures.
fn delay(failures: u32, longest: Duration) -> Duration {
    let Some(beyond) = failures.checked_sub(FREE_FAILURES) else { return Duration::ZERO };
    DELAY_FIRST.saturating_mul(1 << beyond.min(16)).min(longest)
}

/// Keeps a table within its bound: what was last heard of long ago goes, else the older half.
fn make_room<K: Eq + Hash, V>(
    table: &mut HashMap<K, V>,
    last: impl Fn(&V) -> Instant,
    now: Instant,
) {
    if table.len() < REMEMBERED_MAX {
        return;
    }
    table.retain(|_, it| now.saturating_duration_since(last(it)) <= FORGOTTEN_AFTER);
    if table.len() < REMEMBERED_MAX {
        return;
    }
    let mut times: Vec<Instant> = table.values().map(&last).collect();
    times.sort_unstable();
    let middle = times.get(times.len() / 2).copied().unwrap_or(now);
    table.retain(|_, it| last(it) > middle);
}

/// Failures that cost nothing: people mistype.
const FREE_FAILURES: u32 = 5;

/// The delay behind the first failure that costs something; each further one doubles it.
const DELAY_FIRST: Duration = Duration::from_millis(250);

/// The longest delay between two attempts from one address: 8,640 a day.
const ADDRESS_DELAY_MAX: Duration = Duration::from_secs(10);

/// The longest delay between two attempts for one user from addresses that are none of theirs:
/// short, so that a user who comes from a new one finds a turn.
const USER_DELAY_MAX: Duration = Duration::from_secs(1);

/// The time for which an attempt is kept waiting; beyond, it is refused, since each holds a
/// connection.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// The time after the last failure at which all are forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_mins(15);

/// Addresses and users that are remembered, and homes of users: some 100 bytes each.
const REMEMBERED_MAX: usize = 20_000;

/// The first 64 bits.
const NETWORK_MASK: u128 = !(u64::MAX as u128);

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(
        throttle: &Throttle,
        address: &str,
        name: &str,
        now: Instant,
    ) -> Result<Duration, Duration> {
        let turn = throttle.turn(Some(address.parse().unwrap()), name, now);
        turn.map(|turn| turn.wait)
    }

    #[test]
    fn the_delay_grows_and_ends() {
        let (throttle, mut now) = (Throttle::default(), Instant::now());
        let mut waits = Vec::new();
        for at in 0..20 {
            let wait = turn(&throttle, "192.0.2.1", &format!("user{at}"), now).unwrap();
            waits.push(wait);
            now += wait;
        }
        assert!(waits[..5].iter().all(Duration::is_zero), "{waits:?}");
        assert!(waits.is_sorted() && waits[6] > waits[5], "{waits:?}");
        assert_eq!(waits[19], ADDRESS_DELAY_MAX);
        now += FORGOTTEN_AFTER + ADDRESS_DELAY_MAX + Duration::from_secs(1);
        assert_eq!(turn(&throttle, "192.0.2.1", "x", now), Ok(Duration::ZERO));
    }

    #[test]
    fn attempts_at_once_wait_behind_each_other_and_are_refused_at_last() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        let attempt = |at: usize| turn(&throttle, "192.0.2.1", &format!("user{at}"), now);
        let refused = (0..1000).filter(|at| attempt(*at).is_err()).count();
        assert!(refused > 980, "{refused}");
        assert_eq!(turn(&throttle, "192.0.2.2", "other", now), Ok(Duration::ZERO));
    }

    #[test]
    fn a_user_is_guarded_against_many_addresses() {
        let (throttle, mut now) = (Throttle::default(), Instant::now());
        for at in 0..200_u8 {
            let wait = turn(&throttle, &format!("192.0.2.{at}"), "ann", now).unwrap();
            assert!(wait <= USER_DELAY_MAX);
            now += wait;
        }
        assert!(!turn(&throttle, "198.51.100.1", "ann", now).unwrap().is_zero());
        throttle.succeeded(Some("198.51.100.1".parse().unwrap()), "ann", now);
        now += USER_DELAY_MAX;
        assert_eq!(turn(&throttle, "198.51.100.2", "ann", now), Ok(Duration::ZERO));
    }

    #[test]
    fn nobody_locks_a_user_out_from_where_they_are_at_home() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        let home = Some("198.51.100.1".parse().unwrap());
        throttle.succeeded(home, "ann", now);
        for at in 0..4000_u32 {
            let _turn = throttle.turn(Some(IpAddr::from(at.to_be_bytes())), "ann", now);
        }
        // Nor by guessing at others from the same address.
        for at in 0..100 {
            let _turn = throttle.turn(home, &format!("user{at}"), now);
        }
        assert!(turn(&throttle, "198.51.100.2", "ann", now).is_err());
        assert_eq!(
            throttle.turn(home, "ann", now),
            Ok(Turn { wait: Duration::ZERO, at_home: true })
        );
        // Guesses from there wait for each other as well.
        let refused = (0..100).filter(|_| throttle.turn(home, "ann", now).is_err()).count();
        assert!(refused > 85, "{refused}");
        throttle.succeeded(home, "ann", now);
        assert_eq!(turn(&throttle, "198.51.100.1", "ann", now), Ok(Duration::ZERO));
    }

    #[test]
    fn one_network_of_ipv6_is_one_address() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        for at in 0..10 {
            let _turn = turn(&throttle, &format!("2001:db8::{at}"), &format!("{at}"), now);
        }
        assert_ne!(turn(&throttle, "2001:db8::ffff", "x", now), Ok(Duration::ZERO));
        assert_eq!(turn(&throttle, "2001:db8:0:1::1", "y", now), Ok(Duration::ZERO));
    }

    #[test]
    fn the_table_is_bounded() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        for at in 0..u32::try_from(REMEMBERED_MAX).unwrap() {
            let address = IpAddr::from(at.to_be_bytes());
            let moment = now + Duration::from_millis(at.into());
            let _turn = throttle.turn(Some(address), &format!("user{at}"), moment);
        }
        assert!(throttle.0.lock().unwrap().counts.len() <= REMEMBERED_MAX + 2);
        for at in 0..u32::try_from(REMEMBERED_MAX).unwrap() + 10 {
            throttle.succeeded(Some(IpAddr::from(at.to_be_bytes())), "ann", now);
        }
        assert!(throttle.0.lock().unwrap().homes.len() <= REMEMBERED_MAX);
    }
}
