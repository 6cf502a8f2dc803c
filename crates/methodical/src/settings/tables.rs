//! The tables of the configuration file: what reads each, and what the manual says of it.

use methodical_semantics::path::Path;
use methodical_semantics::rule::privilege::Rights;
use toml_edit::{Item, TableLike, Value};

use super::{
    SETTINGS,
    access::{AccessWords, GrantWords, path, rights},
    place::File,
    tunnels::names as names_of,
};

/// A table of the configuration file: one row is what reads it and what the manual says of it.
#[derive(Debug)]
pub(crate) struct Table {
    /// Its key.
    pub(crate) name: &'static str,
    /// How it is written, as an example.
    pub(crate) example: &'static str,
    /// One sentence for the manual.
    pub(crate) help: &'static str,
    /// What takes it; nothing for the table of a setting that can also be said by a flag.
    take: Option<Take>,
}

/// Puts what a table says into the words, and gives all that is wrong with it.
type Take = fn(&dyn TableLike, &File<'_>, &mut AccessWords) -> Vec<Wrong>;

/// An octet of the file, and one clause on what stands there.
type Wrong = (usize, String);

/// Every table, in the order of the manual.
pub(crate) const TABLES: &[Table] = &[
    Table {
        name: "users",
        example: "[users]\nann = \"$2y$10$...\"",
        help: "Users and the hashes of their passwords, in place of a file: bcrypt (htpasswd -nB), \
               argon2id or sha-512 crypt (mkpasswd -m sha-512).",
        take: Some(users),
    },
    Table {
        name: "groups",
        example: "[groups]\nstaff = [\"ann\", \"bob\"]",
        help: "Groups of users, to be named in [access] and in [[connect]].",
        take: Some(groups),
    },
    Table {
        name: "access",
        example: "[access]\n\"/\" = { anyone = \"read\", authenticated = \"write\" }\n\
                  \"/private\" = { staff = [\"read\", \"create\"] }",
        help: "Who may do what from a path on: anyone, authenticated (whoever logged in), a user \
               or a group, and rights: read, create, replace, remove, properties, lock, tunnel, \
               admin; write is the first six, all every one, none none. The longest path that \
               fits decides alone.",
        take: Some(access),
    },
    Table {
        name: "cache",
        example: "[cache]\nhashed = \"max-age=31536000, immutable\"\n\
                  \"/feeds/*.xml\" = { max-age = 300 }\n\"image/*\" = \"max-age=3600\"\n\
                  \"/private\" = \"no-store\"",
        help: "What caches may do with files: max-age in seconds, immutable or not, no-store, \
               no-cache (which is said of all others). A rule is for a path and what is below it, \
               a pattern (* within a name, ** across names), a media type, or for names that carry \
               a hash, as app.3f9a1c2b.js. The first that fits counts.",
        take: None,
    },
    Table {
        name: "connect",
        example: "[[connect]]\nhosts = [\"*.example.com\"]\nports = [443, 8443]\n\
                  users = [\"staff\"]\naddresses = [\"10.0.0.0/8\"]",
        help: "Where CONNECT may lead, and for whom; each may be left out: all hosts, port 443, \
               callers on this machine and users with the right tunnel, public addresses.",
        take: None,
    },
];

/// The keys of all tables.
pub(crate) fn names<'n>() -> impl Iterator<Item = &'n str> {
    TABLES.iter().map(|table| table.name)
}

/// Takes a table, if it is one of ours, and gives all that is wrong with it.
pub(crate) fn apply(
    name: &str,
    item: &Item,
    places: &File<'_>,
    words: &mut AccessWords,
) -> Option<Vec<Wrong>> {
    let take = TABLES.iter().find(|table| table.name == name)?.take?;
    match item.as_table_like() {
        Some(table) => Some(take(table, places, words)),
        // A setting of the same name is a file.
        None if SETTINGS.iter().any(|setting| setting.key() == name) => None,
        None => {
            let clause = format!("{name}: expected a table, not {}", item.type_name());
            Some(vec![(start(item, 0), clause)])
        }
    }
}

fn users(table: &dyn TableLike, places: &File<'_>, words: &mut AccessWords) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    for (name, item) in table.iter() {
        let Some(hash) = item.as_str() else {
            let clause =
                format!("users: expected the hash of a password, not {}", item.type_name());
            wrong.push((start(item, 0), clause));
            continue;
        };
        let hash = (hash.to_owned(), places.named(start(item, 0)));
        words.users.push((name.to_owned(), hash));
    }
    wrong
}

fn groups(table: &dyn TableLike, places: &File<'_>, words: &mut AccessWords) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    for (name, item) in table.iter() {
        if matches!(name, "anyone" | "authenticated") {
            let clause = format!("groups: {name:?} is known already; name the group otherwise");
            let key = table.key(name).and_then(toml_edit::Key::span);
            wrong.push((key.map_or(0, |span| span.start), clause));
            continue;
        }
        let members = item.as_array().filter(|members| members.iter().all(Value::is_str));
        let Some(members) = members else {
            let clause = "groups: expected a list of users, as [\"ann\", \"bob\"]".to_owned();
            wrong.push((start(item, 0), clause));
            continue;
        };
        let members = names_of(members).into_iter();
        let members = members.map(|(member, start)| (member, places.named(start)));
        words.groups.push((name.to_owned(), members.collect()));
    }
    wrong
}

/// `"/path" = { who = "rights" }`.
fn access(table: &dyn TableLike, places: &File<'_>, words: &mut AccessWords) -> Vec<Wrong> {
    let (mut wrong, mut seen) = (Vec::new(), Vec::<(Path, String, String)>::new());
    for (written, item) in table.iter() {
        let key = table.key(written).and_then(toml_edit::Key::span).map_or(0, |span| span.start);
        let at = match path(written) {
            Ok(at) => at,
            Err(clause) => {
                wrong.push((key, format!("access: {clause}")));
                continue;
            }
        };
        let Some(grants) = item.as_table_like() else {
            let clause = "access: expected who may do what, as { anyone = \"read\" }".to_owned();
            wrong.push((start(item, key), clause));
            continue;
        };
        if let Some((_, twin, place)) = seen.iter().find(|(path, ..)| *path == at) {
            words.remarks.push(format!(
                "{}: access: {written:?} and {twin:?} ({place}) are one path; what both say is \
                 put together",
                places.named(key)
            ));
        }
        seen.push((at.clone(), written.to_owned(), places.named(key)));
        for (who, item) in grants.iter() {
            let key = grants.key(who).and_then(toml_edit::Key::span).map_or(key, |it| it.start);
            match text(item).and_then(|text| rights(&text)) {
                Ok(rights) => {
                    let (path, who, place) = (at.clone(), who.to_owned(), places.named(key));
                    words.grants.push(GrantWords { path, who, rights, place });
                }
                Err(clause) => wrong.push((start(item, key), format!("access: {clause}"))),
            }
        }
    }
    wrong
}

/// Rights as one text or as a list.
fn text(item: &Item) -> Result<String, String> {
    let wrong = || format!("expected rights, as \"read, create\", not {}", item.type_name());
    match item.as_value() {
        Some(Value::String(text)) => Ok(text.value().clone()),
        Some(Value::Array(members)) if members.is_empty() => Ok(Rights::NONE.to_string()),
        Some(Value::Array(members)) => {
            let words: Option<Vec<&str>> = members.iter().map(Value::as_str).collect();
            words.map(|words| words.join(" ")).ok_or_else(wrong)
        }
        _ => Err(wrong()),
    }
}

fn start(item: &Item, otherwise: usize) -> usize {
    item.span().map_or(otherwise, |span| span.start)
}
