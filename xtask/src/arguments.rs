//! The words after the task's name.

use std::str::FromStr;

use anyhow::{Context, Result, bail};

/// Words that the task takes one by one; what it leaves is an error.
#[derive(Debug)]
pub(crate) struct Arguments {
    words: Vec<String>,
}

impl Arguments {
    pub(crate) fn new(words: Vec<String>) -> Self {
        Self { words }
    }

    /// Whether the switch `name` (`--quick`) is there.
    pub(crate) fn switch(&mut self, name: &str) -> bool {
        let before = self.words.len();
        self.words.retain(|word| word != name);
        self.words.len() < before
    }

    /// The value of the flag `name`, from `--rounds 5` or `--rounds=5`.
    pub(crate) fn value(&mut self, name: &str) -> Result<Option<String>> {
        let joined = format!("{name}=");
        let Some(at) = self.words.iter().position(|w| w == name || w.starts_with(&joined)) else {
            return Ok(None);
        };
        let word = self.words.remove(at);
        if let Some(value) = word.strip_prefix(&joined) {
            return Ok(Some(value.to_owned()));
        }
        if at == self.words.len() {
            bail!("{name} wants a value");
        }
        Ok(Some(self.words.remove(at)))
    }

    /// The number after the flag `name`, or `otherwise`.
    pub(crate) fn number<N: FromStr>(&mut self, name: &str, otherwise: N) -> Result<N>
    where
        N::Err: std::error::Error + Send + Sync + 'static,
    {
        match self.value(name)? {
            None => Ok(otherwise),
            Some(text) => text.parse().with_context(|| format!("{name} {text}: not a number")),
        }
    }

    /// The one word that belongs to no flag, if any. Call it last.
    pub(crate) fn word(&mut self) -> Option<String> {
        let at = self.words.iter().position(|word| !word.starts_with('-'))?;
        Some(self.words.remove(at))
    }

    /// Fails when words are left that nobody took.
    pub(crate) fn finish(self) -> Result<()> {
        match self.words.as_slice() {
            [] => Ok(()),
            left => bail!("not understood: {}", left.join(" ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(line: &str) -> Arguments {
        Arguments::new(line.split(' ').map(str::to_owned).collect())
    }

    #[test]
    fn switches_values_and_words_are_taken_in_any_order() {
        let mut a = arguments("--rounds 5 --quick --servers=a,b range");
        assert!(a.switch("--quick"));
        assert_eq!(a.number("--rounds", 3_u32).unwrap(), 5);
        assert_eq!(a.value("--servers").unwrap().as_deref(), Some("a,b"));
        assert_eq!(a.word().as_deref(), Some("range"));
        a.finish().unwrap();
    }

    #[test]
    fn what_nobody_took_is_an_error() {
        assert!(arguments("--fast").finish().is_err());
        assert!(arguments("--rounds").value("--rounds").is_err());
        assert!(arguments("--rounds x").number("--rounds", 1_u8).is_err());
    }
}
