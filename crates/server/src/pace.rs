//! Whether content comes fast enough to be waited for.

use std::time::Duration;

/// How fast the content of one request comes, over the time that was spent waiting for it.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    octets: u64,
    waited: Duration,
}

impl Pace {
    /// Adds what a wait brought. Gives whether the sender is still fast enough.
    pub(crate) fn keeps(&mut self, octets: usize, waited: Duration) -> bool {
        self.octets += octets as u64;
        self.waited += waited;
        let grown = self.waited.saturating_sub(GRACE).as_secs();
        grown * OCTETS_PER_SECOND_MIN <= self.octets
    }
}

/// How long content may come at any pace.
const GRACE: Duration = Duration::from_secs(20);

/// Octets of content a second, on the average of the time waited after the grace: a sender below a
/// modem's tenth holds a connection on purpose.
const OCTETS_PER_SECOND_MIN: u64 = 500;

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn rfc9110_15_5_9_a_trickle_is_not_waited_for_beyond_the_grace() {
        let mut pace = Pace::default();
        let seconds = (1..=60).take_while(|_| pace.keeps(1, SECOND)).count();
        assert_eq!(seconds, 20);
    }

    #[test]
    fn rfc9110_15_5_9_a_slow_line_is_waited_for() {
        let mut pace = Pace::default();
        assert!((1..=3600).all(|_| pace.keeps(500, SECOND)));
    }

    #[test]
    fn rfc9110_15_5_9_time_in_which_nobody_waited_does_not_count() {
        let mut pace = Pace::default();
        assert!((1..=3600).all(|_| pace.keeps(1, Duration::ZERO)));
    }
}
