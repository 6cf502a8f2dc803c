//! The judge of content that moves: whether it is fast enough to be waited for.
//!
//! A timeout for the whole of a transfer would refuse large files on slow lines, one for each octet
//! would let a trickle hold a connection for ever (slowloris, RFC 9110 section 15.5.9 for the
//! answer). So waiting is paid for: the time waited is taken off a credit, which octets earn at the
//! least rate that is allowed.

use std::time::{Duration, Instant};

use tokio::time::timeout;

/// The patience with one transfer. Waiting uses up credit, and octets that move earn it: at a
/// trickle there is none left in the end. Time in which nobody waits for the other side is free.
#[derive(Debug)]
pub(crate) struct Pace {
    /// The longest time without one octet.
    stall: Duration,
    /// Octets that earn a second of waiting; 0 turns that off.
    octets_per_second_min: u64,
    /// Time that may still be waited; begins with the grace.
    credit: Duration,
    /// Time that was waited since octets moved.
    waited: Duration,
    /// Octets that went out, before anything was sealed.
    out: u64,
    /// Those of them that are no content.
    framing: u64,
}

/// Nothing moved for too long, or too little.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooSlow;

impl Pace {
    /// Patience for as long as `stall` without one octet, and behind the grace with no fewer octets
    /// a second on the average; none is too few where that is 0.
    #[inline]
    pub(crate) fn new((stall, grace): (Duration, Duration), octets_per_second_min: u64) -> Self {
        let (waited, out, framing) = (Duration::ZERO, 0, 0);
        Self { stall, octets_per_second_min, credit: grace, waited, out, framing }
    }

    /// Waits for the other side.
    ///
    /// # Errors
    /// An error when that takes too long.
    pub(crate) async fn wait<T>(&mut self, going: impl Future<Output = T>) -> Result<T, TooSlow> {
        let before = Instant::now();
        let gone = timeout(self.stall, going).await;
        self.waited += before.elapsed();
        gone.map_err(|_| TooSlow)
    }

    /// Counts octets of the answer that went out.
    #[inline]
    pub(crate) fn went_out(&mut self, octets: u64) {
        self.out += octets;
    }

    /// Says that so many octets of the answer are no content.
    #[inline]
    pub(crate) fn frames(&mut self, octets: usize) {
        self.framing += octets as u64;
    }

    /// Octets of content that went out.
    #[inline]
    pub(crate) fn content(&self) -> u64 {
        self.out.saturating_sub(self.framing)
    }

    /// Counts octets that moved.
    ///
    /// # Errors
    /// An error when they are too few for the time that was waited.
    pub(crate) fn moved(&mut self, octets: u64) -> Result<(), TooSlow> {
        let earned = octets.saturating_mul(1000).checked_div(self.octets_per_second_min);
        let Some(earned) = earned.map(Duration::from_millis) else { return Ok(()) };
        let credit = self.credit.saturating_add(earned);
        let left = credit.checked_sub(std::mem::take(&mut self.waited)).ok_or(TooSlow)?;
        self.credit = left.min(CREDIT_MAX);
        Ok(())
    }
}

/// The most credit that a transfer can gather: enough for lines that stand still now and then, and
/// for buffers on the way that empty by leaps; who first moves much and trickles then has no more.
const CREDIT_MAX: Duration = Duration::from_mins(5);

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const STALL: Duration = Duration::from_secs(30);
    const TIMES: (Duration, Duration) = (STALL, Duration::from_secs(20));

    /// Waits without waiting.
    fn bears(pace: &mut Pace, octets: u64, waited: Duration) -> bool {
        pace.waited += waited;
        pace.moved(octets).is_ok()
    }

    #[test]
    fn rfc9110_15_5_9_a_trickle_is_not_waited_for_beyond_the_grace() {
        let mut pace = Pace::new(TIMES, 500);
        let seconds = (1..=60).take_while(|_| bears(&mut pace, 1, SECOND)).count();
        assert_eq!(seconds, 20);
    }

    #[test]
    fn rfc9110_15_5_9_a_slow_line_is_waited_for() {
        let mut pace = Pace::new(TIMES, 500);
        assert!((1..=3600).all(|_| bears(&mut pace, 500, SECOND)));
        let mut pace = Pace::new(TIMES, 0);
        assert!((1..=3600).all(|_| bears(&mut pace, 1, SECOND)));
    }

    #[test]
    fn rfc9110_15_5_9_much_at_first_does_not_pay_for_a_trickle_for_ever() {
        let mut pace = Pace::new(TIMES, 500);
        assert_eq!(pace.moved(u64::MAX), Ok(()));
        let seconds = (1..=3600).take_while(|_| bears(&mut pace, 1, SECOND)).count();
        assert_eq!(seconds, 300);
    }

    #[test]
    fn rfc9110_15_5_9_buffers_that_empty_by_leaps_are_waited_for() {
        let mut pace = Pace::new(TIMES, 500);
        assert!((1..=100).all(|_| bears(&mut pace, 15_000, STALL)));
        assert!(bears(&mut pace, 1 << 20, 200 * SECOND));
        assert!(bears(&mut pace, 1, 200 * SECOND));
    }

    #[test]
    fn rfc9110_15_5_9_time_in_which_nobody_waited_does_not_count() {
        let mut pace = Pace::new(TIMES, 500);
        assert!((1..=3600).all(|_| bears(&mut pace, 1, Duration::ZERO)));
    }

    #[tokio::test]
    async fn rfc9112_9_5_nothing_at_all_is_waited_for_no_longer_than_a_stall() {
        for least in [0, 1_000_000] {
            let mut pace = Pace::new((SECOND / 50, SECOND), least);
            let before = Instant::now();
            assert_eq!(pace.wait(std::future::pending::<()>()).await, Err(TooSlow));
            assert!(before.elapsed() >= SECOND / 50);
            assert_eq!(pace.wait(async { 7 }).await, Ok(7));
        }
    }
}
