//! "Did you mean": the names that a mistyped one is near to.

/// The names that may have been meant, the likeliest first, three at the most.
pub(crate) fn near<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let word = word.to_lowercase();
    let likeness = |name: &'a str| (strsim::jaro_winkler(&word, &name.to_lowercase()), name);
    let mut found: Vec<_> = names.map(likeness).filter(|(score, _)| *score > LIKENESS).collect();
    found.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    found.into_iter().take(HINTS).map(|(_, name)| name).collect()
}

/// A clause for the end of a sentence: `; did you mean "write"?`, or nothing.
pub(crate) fn did_you_mean<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> String {
    let quoted: Vec<_> = near(word, names).iter().map(|name| format!("{name:?}")).collect();
    if quoted.is_empty() {
        String::new()
    } else {
        format!("; did you mean {}?", quoted.join(" or "))
    }
}

/// From 0 (nothing in common) to 1 (equal): one slip of the finger in a short word stays above.
const LIKENESS: f64 = 0.85;
/// Hints: more is a list, not a hint.
const HINTS: usize = 3;
