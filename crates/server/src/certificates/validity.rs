//! From when until when a certificate is good (RFC 5280 section 4.1.2.5).
//!
//! A certificate that has ended is still shown: clients that refuse it say why, which is a better
//! message than none. The operator is warned before.

use std::time::Duration;

use methodical_semantics::timestamp::Timestamp;
use x509_cert::{Certificate, der::Decode as _, time::Time};

/// In seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Validity {
    /// The first moment, in seconds since 1970.
    pub(super) begin: i64,
    /// The last moment, in seconds since 1970.
    pub(super) end: i64,
}

impl Validity {
    /// That of a certificate, if it can be read.
    pub(super) fn of(certificate: &[u8]) -> Option<Self> {
        let parsed = Certificate::from_der(certificate).ok()?;
        let validity = parsed.tbs_certificate().validity();
        Some(Self { begin: seconds(validity.not_before)?, end: seconds(validity.not_after)? })
    }
}

/// Seconds since 1970.
fn seconds(time: Time) -> Option<i64> {
    i64::try_from(time.to_unix_duration().as_secs()).ok()
}

/// Returns what is amiss with a certificate's time, as the rest of a sentence.
pub(super) fn warning(certificate: &[u8], now: Timestamp) -> Option<String> {
    let Validity { begin, end } = Validity::of(certificate)?;
    let now = now.seconds();
    if now < begin {
        return Some(format!("is not valid before {}; clients refuse it until then", date(begin)));
    }
    if end <= now {
        return Some(format!("ended on {}; clients refuse it: renew it", date(end)));
    }
    let soon = end - now <= SOON.as_secs().cast_signed();
    soon.then(|| format!("ends on {}: renew it", date(end)))
}

/// A moment as people read it.
fn date(seconds: i64) -> String {
    Timestamp::new(seconds, 0).http_date()
}

/// The time before its end at which a certificate is warned of: two weeks, when every renewal by
/// machine has happened.
const SOON: Duration = Duration::from_hours(14 * 24);

#[cfg(test)]
mod tests {
    use super::*;

    /// Good from one year's first day until another's.
    fn certificate(from: i32, until: i32) -> Vec<u8> {
        let mut params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(from, 1, 1);
        params.not_after = rcgen::date_time_ymd(until, 1, 1);
        let key = rcgen::KeyPair::generate().unwrap();
        params.self_signed(&key).unwrap().der().to_vec()
    }

    #[test]
    fn rfc5280_4_1_2_5_both_forms_of_time_are_read() {
        let validity = Validity::of(&certificate(2049, 2051));
        assert_eq!(validity, Some(Validity { begin: 2_493_072_000, end: 2_556_144_000 }));
    }

    #[test]
    fn rfc5280_4_1_2_5_who_ends_soon_or_has_ended_is_warned_of() {
        let made = certificate(2026, 2027);
        let at = |days: i64| {
            let seconds = (20_454 + days) * 86_400;
            warning(&made, Timestamp::new(seconds, 0)).unwrap_or_default()
        };
        assert!(at(-1).starts_with("is not valid before Thu, 01 Jan 2026"), "{}", at(-1));
        assert_eq!(at(1), "");
        assert_eq!(at(350), "");
        assert_eq!(at(352), "ends on Fri, 01 Jan 2027 00:00:00 GMT: renew it");
        assert!(at(366).starts_with("ended on"), "{}", at(366));
    }

    #[test]
    fn rfc5280_4_1_what_is_no_certificate_is_not_read() {
        for bytes in [&b""[..], b"\x30", b"\x30\x84\xff\xff\xff\xff", &[0x30; 64], &[0xff; 64]] {
            assert_eq!(Validity::of(bytes), None);
        }
    }
}
