//! The status codes that are told apart: those of IANA's registry, so that there are few.
//!
//! A label for whatever number a method may answer would let the number of series grow; so there is
//! a slot for each registered code, one for all others, and one for requests without an answer.

/// Returns where the numbers for a status stand: those of the nth code, or behind the last one.
pub(super) fn slot(status: u16) -> usize {
    CODES.binary_search(&status).unwrap_or(CODES.len())
}

/// The label of a slot. What has no status is what the client broke off.
pub(super) fn label(slot: usize) -> String {
    match CODES.get(slot) {
        Some(0) => "aborted".to_owned(),
        Some(code) => code.to_string(),
        None => "other".to_owned(),
    }
}

/// The number of slots.
pub(super) const SLOTS: usize = CODES.len() + 1;

/// Registered codes in their order, behind 0 for none.
const CODES: [u16; 63] = [
    0, 100, 101, 102, 103, 104, 200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302,
    303, 304, 305, 307, 308, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413,
    414, 415, 416, 417, 421, 422, 423, 424, 425, 426, 428, 429, 431, 451, 500, 501, 502, 503, 504,
    505, 506, 507, 508, 510, 511,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_by_its_own_label() {
        assert!(CODES.is_sorted());
        for code in CODES.iter().filter(|code| **code > 0) {
            assert_eq!(label(slot(*code)), code.to_string());
        }
        assert_eq!((label(slot(0)), label(slot(299))), ("aborted".to_owned(), "other".to_owned()));
        assert!((0..=u16::MAX).all(|status| slot(status) < SLOTS));
    }
}
