//! From when until when a certificate is good (RFC 5280 section 4.1.2.5), read without the rest.

use std::time::Duration;

use methodical_semantics::timestamp::Timestamp;

/// What is amiss with a certificate's time, as the rest of a sentence.
pub(super) fn warning(certificate: &[u8], now: Timestamp) -> Option<String> {
    let Validity { begin, end } = of(certificate)?;
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

/// The last second of a certificate, if it can be read.
pub(super) fn end(certificate: &[u8]) -> Option<i64> {
    of(certificate).map(|validity| validity.end)
}

fn date(seconds: i64) -> String {
    Timestamp::new(seconds, 0).http_date()
}

/// In seconds since 1970.
struct Validity {
    begin: i64,
    end: i64,
}

/// RFC 5280 section 4.1: `tbsCertificate` holds version, serial number, signature, issuer and then
/// the validity.
fn of(certificate: &[u8]) -> Option<Validity> {
    let (_, outer, _) = element(certificate)?;
    let (_, mut fields, _) = element(outer)?;
    let (first, _, behind_version) = element(fields)?;
    if first == VERSION {
        fields = behind_version;
    }
    for _ in 0..SERIAL_SIGNATURE_ISSUER {
        (_, _, fields) = element(fields)?;
    }
    let (_, validity, _) = element(fields)?;
    let (begin_kind, begin, rest) = element(validity)?;
    let (end_kind, end, _) = element(rest)?;
    Some(Validity { begin: time(begin_kind, begin)?, end: time(end_kind, end)? })
}

/// The first element of DER: its tag, its content, and what is behind it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, length], rest) = der.split_first_chunk::<2>()?;
    if length < 0x80 {
        let (content, rest) = rest.split_at_checked(length.into())?;
        return Some((tag, content, rest));
    }
    let (octets, rest) = rest.split_at_checked((length & 0x7f).into())?;
    if octets.len() > LENGTH_OCTETS_MAX {
        return None;
    }
    let length = octets.iter().fold(0, |length, octet| length << 8 | usize::from(*octet));
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`.
fn time(kind: u8, text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let digits = if kind == UTC_TIME {
        // RFC 5280 section 4.1.2.5.1: from 50 on it is the 20th century.
        let century = if text.get(..2)? < "50" { "20" } else { "19" };
        format!("{century}{text}")
    } else {
        text.to_owned()
    };
    let number = |from: usize, to: usize| digits.get(from..to)?.parse::<i64>().ok();
    let days = days_since_1970(number(0, 4)?, number(4, 6)?, number(6, 8)?);
    Some(days * 86_400 + number(8, 10)? * 3600 + number(10, 12)? * 60 + number(12, 14)?)
}

/// Days of the Gregorian calendar, whose year is counted from March on, so that the leap day is
/// the last one.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leap_days + (153 * month + 2) / 5 + day - 1 - DAYS_FROM_MARCH_0_TO_1970
}

/// How long before its end a certificate is warned of: two weeks, when every renewal by machine
/// has happened.
const SOON: Duration = Duration::from_hours(14 * 24);

/// The tag of the version, which stands in front (explicit, number 0).
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 23;
const SERIAL_SIGNATURE_ISSUER: usize = 3;
/// No certificate needs more than 16 MiB.
const LENGTH_OCTETS_MAX: usize = 3;
const DAYS_FROM_MARCH_0_TO_1970: i64 = 719_468;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc5280_4_1_2_5_both_forms_of_time_are_read() {
        assert_eq!(time(UTC_TIME, b"700101000000Z"), Some(0));
        assert_eq!(time(UTC_TIME, b"491231235959Z"), Some(2_524_607_999));
        assert_eq!(time(UTC_TIME, b"500101000000Z"), Some(-631_152_000));
        assert_eq!(time(24, b"20500101000000Z"), Some(2_524_608_000));
        assert_eq!(time(24, b"20240229120000Z"), Some(1_709_208_000));
        assert_eq!(time(24, b"20240229120000+0100"), None);
        assert_eq!(time(UTC_TIME, b""), None);
    }

    #[test]
    fn rfc5280_4_1_2_5_who_ends_soon_or_has_ended_is_warned_of() {
        let mut params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2026, 1, 1);
        params.not_after = rcgen::date_time_ymd(2026, 12, 31);
        let key = rcgen::KeyPair::generate().unwrap();
        let made = params.self_signed(&key).unwrap();
        let at = |days: i64| {
            let seconds = (20_454 + days) * 86_400;
            warning(made.der(), Timestamp::new(seconds, 0)).unwrap_or_default()
        };
        assert!(at(-1).starts_with("is not valid before Thu, 01 Jan 2026"), "{}", at(-1));
        assert_eq!(at(1), "");
        assert_eq!(at(349), "");
        assert_eq!(at(351), "ends on Thu, 31 Dec 2026 00:00:00 GMT: renew it");
        assert!(at(365).starts_with("ended on"), "{}", at(365));
    }

    #[test]
    fn rfc5280_4_1_what_is_no_certificate_is_not_read() {
        for bytes in [&b""[..], b"\x30", b"\x30\x84\xff\xff\xff\xff", &[0x30; 64], &[0xff; 64]] {
            assert_eq!(end(bytes), None);
        }
    }
}
