//! The users that there are: names with their passwords, and groups of them.
//!
//! Files are read at the start and when the configuration is; a mistake in one is told with its
//! line, and keeps the former users.

use std::{collections::BTreeMap, fmt};

use methodical_methods::admission::principal::Groups;

use super::secret::{Secret, WeakSecret};

/// Users and groups.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Users {
    /// Passwords by name.
    secrets: BTreeMap<String, Secret>,
    /// Members by group.
    groups: Groups,
}

/// A line of a file of users that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    /// Its number, from one.
    pub line: usize,
    /// The fault, and what to do.
    pub clause: String,
}

impl Users {
    /// Reads a file as `htpasswd` writes it: `name:hash`, a line each; `#` begins a comment.
    ///
    /// # Errors
    /// The first line that is none, or whose password is kept in a weak form.
    ///
    /// ```
    /// use methodical_server::login::Users;
    /// let text = "# staff\nann:$2y$05$bvIG6Nmid91Mu9RcmmWZfO5HJIMCT8riNW0hEp8f6/FuA2/mHZFpe\n";
    /// assert_eq!(Users::read(text).unwrap().names().collect::<Vec<_>>(), ["ann"]);
    /// assert_eq!(Users::read("\nbob:secret").unwrap_err().line, 2);
    /// ```
    pub fn read(text: &str) -> Result<Self, BadLine> {
        let mut users = Self::default();
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let refuse = |clause: String| BadLine { line: at + 1, clause };
            let (name, rest) = line
                .split_once(':')
                .ok_or_else(|| refuse("expected a name, a colon and a hash".to_owned()))?;
            let hash = rest.split(':').next().unwrap_or_default();
            users.add_hash(name, hash).map_err(refuse)?;
        }
        Ok(users)
    }

    /// Adds a user whose password is hashed.
    ///
    /// # Errors
    /// One clause: the name is none, or taken, or the hash is weak.
    pub fn add_hash(&mut self, name: &str, hash: &str) -> Result<(), String> {
        check_name(name)?;
        let advice = |weak: WeakSecret| {
            format!(
                "the password of {name:?} {weak}; make it anew, by `htpasswd -nB {name}` or \
                 `mkpasswd -m sha-512`"
            )
        };
        let secret = Secret::parse(hash).map_err(advice)?;
        self.add(name, secret)
    }

    /// Adds a user.
    ///
    /// # Errors
    /// One clause: the name is none, or taken.
    pub fn add(&mut self, name: &str, secret: Secret) -> Result<(), String> {
        check_name(name)?;
        if self.secrets.insert(name.to_owned(), secret).is_some() {
            return Err(format!("there are two users {name:?}"));
        }
        Ok(())
    }

    /// Makes users members of a group.
    pub fn add_group(&mut self, group: &str, members: impl IntoIterator<Item = String>) {
        self.groups.entry(group.to_owned()).or_default().extend(members);
    }

    /// Returns whether nobody can log in with a password.
    pub fn is_empty(&self) -> bool {
        self.secrets.is_empty()
    }

    /// The names of all users.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.secrets.keys().map(String::as_str)
    }

    /// The names of all groups.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        self.groups.keys().map(String::as_str)
    }

    /// The groups with the names of their members, whether there are users of these names or not.
    pub fn members(&self) -> &Groups {
        &self.groups
    }

    /// The groups that a user belongs to.
    pub fn groups_of(&self, name: &str) -> Vec<String> {
        let of = self.groups.iter().filter(|(_, members)| members.contains(name));
        of.map(|(group, _)| group.clone()).collect()
    }

    /// The password of a user and true, or that of another and false, so that it takes as long to
    /// find out that nobody has this name; nothing where there are no users. Which other one is up
    /// to `chance`, the same for the same name: passwords take different times.
    pub(crate) fn secret_or_decoy(&self, name: &str, chance: u64) -> Option<(&Secret, bool)> {
        if let Some(secret) = self.secrets.get(name) {
            return Some((secret, true));
        }
        let at = chance.checked_rem(self.secrets.len() as u64)?;
        let at = usize::try_from(at).unwrap_or_default();
        self.secrets.values().nth(at).map(|secret| (secret, false))
    }
}

/// Refuses what is no name of a user, or has a meaning in rules.
///
/// # Errors
/// One clause.
pub(super) fn check_name(name: &str) -> Result<(), String> {
    if name.is_empty() || name.contains(':') || name.chars().any(char::is_control) {
        return Err(format!(
            "{name:?} is no name: it is empty, or holds a colon or a control character"
        ));
    }
    if RESERVED.contains(&name) {
        return Err(format!("{name:?} is no name of a user: in rules it means something else"));
    }
    Ok(())
}

/// Words that stand for several in rules.
const RESERVED: [&str; 2] = ["anyone", "authenticated"];

impl fmt::Display for BadLine {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}: {}", self.line, self.clause)
    }
}

impl std::error::Error for BadLine {}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "$2y$05$bvIG6Nmid91Mu9RcmmWZfO5HJIMCT8riNW0hEp8f6/FuA2/mHZFpe";

    #[test]
    fn names_that_mean_something_else_are_none() {
        for (name, word) in
            [("", "empty"), ("a\u{7}", "control"), ("anyone", "else"), ("authenticated", "else")]
        {
            let refused = Users::default().add_hash(name, HASH).unwrap_err();
            assert!(refused.contains(word), "{refused}");
        }
        assert!(Users::default().add_hash("Zo\u{eb} B", HASH).is_ok());
    }

    #[test]
    fn nobody_takes_as_long_as_anybody() {
        assert!(Users::default().secret_or_decoy("x", 7).is_none());
        let mut users = Users::default();
        users.add_hash("ann", HASH).unwrap();
        users.add("bob", Secret::of("password").unwrap()).unwrap();
        assert!(users.secret_or_decoy("ann", 1).is_some_and(|(_, known)| known));
        let decoys: Vec<_> = (0..2).map(|at| users.secret_or_decoy("x", at).unwrap()).collect();
        assert!(decoys.iter().all(|(_, known)| !known));
        assert_ne!(decoys[0].0, decoys[1].0);
    }
}
