//! The rights, and sets of them as an operator writes them.

use std::{fmt, str::FromStr};

/// A class of what methods do. Which a method needs follows from its row and its footprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Right {
    /// To carry out safe methods (RFC 9110 section 9.2.1), and to see that something is there.
    Read,
    /// To make something where nothing is.
    Create,
    /// To change the content of something that is there.
    Replace,
    /// To take something away.
    Remove,
    /// To change properties.
    Properties,
    /// To take out, refresh and end locks.
    Lock,
    /// To open a tunnel to another host.
    Tunnel,
    /// To see how the server does.
    Admin,
}

/// A set of rights.
///
/// Written as their names, with commas, blanks or `+` between; `write` stands for all that an
/// author needs, reading included, `all` for every right, `none` for no right.
///
/// ```
/// use methodical_semantics::rule::privilege::{Right, Rights};
/// let write: Rights = "write".parse().unwrap();
/// assert!(write.contains(Right::Read) && !write.contains(Right::Tunnel));
/// assert_eq!("read+create".parse::<Rights>().unwrap().to_string(), "read, create");
/// assert!("raed".parse::<Rights>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rights(u8);

/// A word that is no right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRight(pub String);

impl Right {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Read,
        Self::Create,
        Self::Replace,
        Self::Remove,
        Self::Properties,
        Self::Lock,
        Self::Tunnel,
        Self::Admin,
    ];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Replace => "replace",
            Self::Remove => "remove",
            Self::Properties => "properties",
            Self::Lock => "lock",
            Self::Tunnel => "tunnel",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Right {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl Rights {
    /// None.
    pub const NONE: Self = Self(0);

    /// The rights that an author needs.
    pub const WRITE: Self = Self(0b0011_1111);

    /// Every right.
    pub const ALL: Self = Self(0b1111_1111);

    /// Words that stand for rights: each right's name, and those for several.
    pub fn words() -> impl Iterator<Item = &'static str> {
        Right::ALL.into_iter().map(Right::name).chain(["write", "all", "none"])
    }

    /// Returns whether a right is among them.
    pub const fn contains(self, right: Right) -> bool {
        self.0 & Self::only(right).0 != 0
    }

    /// Returns whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// One right alone.
    pub const fn only(right: Right) -> Self {
        Self(1 << right as u8)
    }

    /// These and the others.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// These without the others.
    #[must_use]
    pub const fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }
}

impl FromStr for Rights {
    type Err = UnknownRight;

    fn from_str(text: &str) -> Result<Self, UnknownRight> {
        let mut words = text.split([',', ' ', '+']).filter(|word| !word.is_empty()).peekable();
        // Who means none says so.
        if words.peek().is_none() {
            return Err(UnknownRight(String::new()));
        }
        words.map(word).try_fold(Self::NONE, |rights, word| Ok(rights.and(word?)))
    }
}

fn word(text: &str) -> Result<Rights, UnknownRight> {
    match text {
        "write" => Ok(Rights::WRITE),
        "all" => Ok(Rights::ALL),
        "none" => Ok(Rights::NONE),
        _ => {
            let found = Right::ALL.into_iter().find(|right| right.name() == text);
            found.map(Rights::only).ok_or_else(|| UnknownRight(text.to_owned()))
        }
    }
}

impl fmt::Display for Rights {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return out.write_str("none");
        }
        let names = Right::ALL.into_iter().filter(|right| self.contains(*right)).map(Right::name);
        out.write_str(&names.collect::<Vec<_>>().join(", "))
    }
}

impl fmt::Display for UnknownRight {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?} is no right", self.0)
    }
}

impl std::error::Error for UnknownRight {}
