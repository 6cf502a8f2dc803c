//! Numbers of JSON: compared by value, exactly, whatever their precision and exponent.

use super::blank::byte;

/// A number in a form in which equal values have equal parts.
///
/// The value is `0.DIGITS` times ten to the `exponent`, where DIGITS begins and ends with a digit
/// other than 0; zero has no digits. The exponent is kept in decimal, so that `1e999999999999`
/// costs its own length and nothing more.
#[derive(Debug, Clone)]
pub(super) struct Decimal {
    negative: bool,
    /// The significant digits, as a range of the spelling; a point may stand among them.
    digits: std::ops::Range<usize>,
    exponent: (bool, Vec<u8>),
}

impl Decimal {
    /// Reads a number as RFC 8259 section 6 spells it.
    pub(super) fn new(spelling: &[u8]) -> Self {
        let start = usize::from(byte(spelling, 0) == b'-');
        let mantissa_end =
            spelling.iter().position(|&b| matches!(b, b'e' | b'E')).unwrap_or(spelling.len());
        let mantissa = spelling.get(..mantissa_end).unwrap_or_default();
        let point = mantissa.iter().position(|&b| b == b'.').unwrap_or(mantissa_end);
        let is_significant = |b: &u8| matches!(b, b'1'..=b'9');
        let (Some(first), Some(last)) =
            (mantissa.iter().position(is_significant), mantissa.iter().rposition(is_significant))
        else {
            return Self { negative: false, digits: start..start, exponent: (false, Vec::new()) };
        };
        // How many places the point is to the right of the first significant digit.
        let places = if first < point {
            i128::try_from(point - first).unwrap_or(i128::MAX)
        } else {
            -i128::try_from(first - point - 1).unwrap_or(i128::MAX)
        };
        let written = spelling.get(mantissa_end + 1..).unwrap_or_default();
        Self { negative: start == 1, digits: first..last + 1, exponent: shifted(written, places) }
    }

    /// True if both numbers have the same value; costs no more than the shorter spelling.
    pub(super) fn equals(&self, spelling: &[u8], other: &Self, other_spelling: &[u8]) -> bool {
        self.negative == other.negative
            && self.exponent == other.exponent
            && self.significant(spelling).eq(other.significant(other_spelling))
    }

    fn significant<'s>(&self, spelling: &'s [u8]) -> impl Iterator<Item = u8> + 's {
        let digits = spelling.get(self.digits.clone()).unwrap_or_default();
        digits.iter().copied().filter(|&b| b != b'.')
    }
}

/// The exponent as written plus some places, in a form that is equal for equal values.
fn shifted(written: &[u8], places: i128) -> (bool, Vec<u8>) {
    let negative = byte(written, 0) == b'-';
    let signed = matches!(byte(written, 0), b'+' | b'-');
    let digits = written.get(usize::from(signed)..).unwrap_or_default();
    let zeros = digits.iter().position(|&b| b != b'0').unwrap_or(digits.len());
    let digits = digits.get(zeros..).unwrap_or_default();
    if digits.len() <= SMALL_DIGITS_MAX {
        let small = digits.iter().fold(0_i128, |sum, b| sum * 10 + i128::from(b - b'0'));
        let sum = if negative { places - small } else { places + small };
        return (sum < 0, sum.unsigned_abs().to_string().into_bytes());
    }
    // So large that no number of places changes its sign.
    (negative, added(digits, if negative { -places } else { places }))
}

/// Decimal digits plus a number that is smaller than they are.
fn added(digits: &[u8], places: i128) -> Vec<u8> {
    let mut carry = places;
    let mut sum: Vec<u8> = Vec::with_capacity(digits.len() + 1);
    for digit in digits.iter().rev() {
        let place = i128::from(digit - b'0') + carry;
        sum.push(b'0' + u8::try_from(place.rem_euclid(10)).unwrap_or(0));
        carry = place.div_euclid(10);
    }
    if carry > 0 {
        // Places are fewer than a text has bytes, so that at most a 1 is carried out.
        sum.push(b'1');
    }
    while sum.last() == Some(&b'0') {
        sum.pop();
    }
    sum.reverse();
    sum
}

/// Digits of an exponent that are added in machine arithmetic without overflow.
const SMALL_DIGITS_MAX: usize = 30;
