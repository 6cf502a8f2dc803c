//! How long the next attempt to log in has to wait: longer with each that failed, by address and by
//! user.
//!
//! Attempts take turns: each reserves a moment behind the one before, so that many at once gain
//! nothing. An attempt counts as failed until it turns out otherwise.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// What is remembered of attempts.
#[derive(Debug, Default)]
pub(super) struct Throttle(Mutex<HashMap<Key, Count>>);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    /// An address; of IPv6 the network that one household has. None is the Unix socket.
    Address(Option<IpAddr>),
    User(String),
}

#[derive(Debug)]
struct Count {
    failures: u32,
    /// When the next attempt may be made.
    next: Instant,
    last: Instant,
}

impl Throttle {
    /// How long this attempt has to wait.
    ///
    /// # Errors
    /// Where that is too long to be kept waiting: after how long to come again.
    pub(super) fn turn(
        &self,
        address: Option<IpAddr>,
        name: &str,
        now: Instant,
    ) -> Result<Duration, Duration> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = keys(address, name);
        let wait = |key: &Key| {
            let count = counts.get(key).filter(|count| !count.is_forgotten(now));
            count.map_or(Duration::ZERO, |count| count.next.saturating_duration_since(now))
        };
        let wait = keys.iter().map(wait).max().unwrap_or_default();
        if wait > WAIT_MAX {
            return Err(wait);
        }
        make_room(&mut counts, now);
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
        Ok(wait)
    }

    /// Takes an attempt back that succeeded.
    pub(super) fn succeeded(&self, address: Option<IpAddr>, name: &str) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let [address, user] = keys(address, name);
        counts.remove(&user);
        if let Some(count) = counts.get_mut(&address) {
            count.failures = count.failures.saturating_sub(1);
        }
    }
}

impl Key {
    const fn delay_max(&self) -> Duration {
        match self {
            Self::Address(_) => ADDRESS_DELAY_MAX,
            Self::User(_) => USER_DELAY_MAX,
        }
    }
}

impl Count {
    fn is_forgotten(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.last) > FORGOTTEN_AFTER
    }
}

fn keys(address: Option<IpAddr>, name: &str) -> [Key; 2] {
    let address = address.map(|address| match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => {
            let network = u128::from(six) & NETWORK_MASK;
            IpAddr::V6(Ipv6Addr::from(network))
        }
    });
    [Key::Address(address), Key::User(name.to_owned())]
}

/// The delay behind so many failures.
fn delay(failures: u32, longest: Duration) -> Duration {
    let Some(beyond) = failures.checked_sub(FREE_FAILURES) else { return Duration::ZERO };
    DELAY_FIRST.saturating_mul(1 << beyond.min(16)).min(longest)
}

/// Keeps the table within its bound: what is forgotten goes, else the older half.
fn make_room(counts: &mut HashMap<Key, Count>, now: Instant) {
    if counts.len() < REMEMBERED_MAX {
        return;
    }
    counts.retain(|_, count| !count.is_forgotten(now));
    if counts.len() < REMEMBERED_MAX {
        return;
    }
    let mut times: Vec<Instant> = counts.values().map(|count| count.last).collect();
    times.sort_unstable();
    let middle = times.get(times.len() / 2).copied().unwrap_or(now);
    counts.retain(|_, count| count.last > middle);
}

/// Failures that cost nothing: people mistype.
const FREE_FAILURES: u32 = 5;

/// The delay behind the first failure that costs something; each further one doubles it.
const DELAY_FIRST: Duration = Duration::from_millis(250);

/// The longest delay between two attempts from one address: 8,640 a day.
const ADDRESS_DELAY_MAX: Duration = Duration::from_secs(10);

/// The longest delay between two attempts for one user from whatever address: short, so that nobody
/// can lock others out.
const USER_DELAY_MAX: Duration = Duration::from_secs(1);

/// How long an attempt is kept waiting; beyond, it is refused, since each holds a connection.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// How long after the last failure all are forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_mins(15);

/// Addresses and users that are remembered, some 100 bytes each.
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
        throttle.turn(Some(address.parse().unwrap()), name, now)
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
    fn a_user_is_guarded_against_many_addresses_and_not_locked_out() {
        let (throttle, mut now) = (Throttle::default(), Instant::now());
        for at in 0..200_u8 {
            let address = IpAddr::from([192, 0, 2, at]);
            let wait = throttle.turn(Some(address), "ann", now).unwrap();
            assert!(wait <= USER_DELAY_MAX);
            now += wait;
        }
        assert!(!turn(&throttle, "198.51.100.1", "ann", now).unwrap().is_zero());
        throttle.succeeded(Some("198.51.100.1".parse().unwrap()), "ann");
        now += USER_DELAY_MAX;
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
        assert!(throttle.0.lock().unwrap().len() <= REMEMBERED_MAX + 2);
    }
}
