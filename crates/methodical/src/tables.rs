//! The tables of the configuration file that are about who may do what.

use methodical_semantics::rule::privilege::Rights;
use toml_edit::{Item, TableLike, Value};

use crate::access::{AccessWords, GrantWords, path, rights};
use crate::file::File;
use crate::tunnels::names;

/// Takes a table, if it is one of ours.
///
/// # Errors
/// Where it stands and one clause.
pub(crate) fn apply(
    name: &str,
    item: &Item,
    places: &File<'_>,
    words: &mut AccessWords,
) -> Option<Result<(), (usize, String)>> {
    let table = item.as_table_like();
    match (name, table) {
        ("users", Some(table)) => Some(users(table, words)),
        ("groups", Some(table)) => Some(groups(table, places, words)),
        ("access", Some(table)) => Some(access(table, places, words)),
        ("groups" | "access", None) => {
            let clause = format!("{name}: expected a table, not {}", item.type_name());
            Some(Err((start(item, 0), clause)))
        }
        _ => None,
    }
}

fn users(table: &dyn TableLike, words: &mut AccessWords) -> Result<(), (usize, String)> {
    for (name, item) in table.iter() {
        let Some(hash) = item.as_str() else {
            let clause =
                format!("users: expected the hash of a password, not {}", item.type_name());
            return Err((start(item, 0), clause));
        };
        words.users.push((name.to_owned(), hash.to_owned()));
    }
    Ok(())
}

fn groups(
    table: &dyn TableLike,
    places: &File<'_>,
    words: &mut AccessWords,
) -> Result<(), (usize, String)> {
    for (name, item) in table.iter() {
        let members = item.as_array().filter(|members| members.iter().all(Value::is_str));
        let Some(members) = members else {
            let clause = "groups: expected a list of users, as [\"ann\", \"bob\"]".to_owned();
            return Err((start(item, 0), clause));
        };
        let members = names(members).into_iter();
        let members = members.map(|(member, start)| (member, places.named(start)));
        words.groups.push((name.to_owned(), members.collect()));
    }
    Ok(())
}

/// `"/path" = { who = "rights" }`.
fn access(
    table: &dyn TableLike,
    places: &File<'_>,
    words: &mut AccessWords,
) -> Result<(), (usize, String)> {
    for (at, item) in table.iter() {
        let key = table.key(at).and_then(toml_edit::Key::span).map_or(0, |span| span.start);
        let at = path(at).map_err(|clause| (key, format!("access: {clause}")))?;
        let Some(grants) = item.as_table_like() else {
            let clause = "access: expected who may do what, as { anyone = \"read\" }".to_owned();
            return Err((start(item, key), clause));
        };
        for (who, item) in grants.iter() {
            let key = grants.key(who).and_then(toml_edit::Key::span).map_or(key, |it| it.start);
            let refuse = |clause: String| (start(item, key), format!("access: {clause}"));
            let rights = rights(&text(item).map_err(refuse)?).map_err(refuse)?;
            let (path, who, place) = (at.clone(), who.to_owned(), places.named(key));
            words.grants.push(GrantWords { path, who, rights, place });
        }
    }
    Ok(())
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
