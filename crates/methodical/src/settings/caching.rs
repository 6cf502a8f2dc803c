//! What caches may do, as the configuration file says it: `[cache]`.

use methodical_server::settings::caching::{Control, Rule, Rules};
use toml_edit::{Item, TableLike};

use super::{place::File, suggestions::did_you_mean};

/// Reads the table `[cache]`, `"/path" = "max-age=60"` or `{ max-age = 60 }`, and gives all that is
/// wrong with it: where it stands, and one clause.
pub(crate) fn read(item: &Item, places: &File<'_>) -> (Rules, Vec<(usize, String)>) {
    let Some(table) = item.as_table_like() else {
        let clause = format!("cache: expected a table, not {}", item.type_name());
        return (Rules::default(), vec![(start(item, 0), clause)]);
    };
    let (mut rules, mut wrong) = (Vec::new(), Vec::new());
    for (name, item) in table.iter() {
        let key = table.key(name).and_then(toml_edit::Key::span).map_or(0, |span| span.start);
        match rule(name, item, (key, places)) {
            Ok(rule) => rules.push(rule),
            Err(found) => wrong.push(found),
        }
    }
    (Rules(rules), wrong)
}

fn rule(
    name: &str,
    item: &Item,
    (key, places): (usize, &File<'_>),
) -> Result<Rule, (usize, String)> {
    let expected = |what: &str, found: &str| format!("cache: expected {what}, not {found:?}");
    let files = name.parse().map_err(|what| (key, expected(what, name)))?;
    let control = match (item.as_str(), item.as_table_like()) {
        (Some(text), _) => text.parse().map_err(|what| (start(item, key), expected(what, text)))?,
        (None, Some(table)) => control(table, start(item, key))?,
        (None, None) => {
            let clause = "cache: expected what caches may do, as \"max-age=3600\"";
            return Err((start(item, key), clause.to_owned()));
        }
    };
    Ok(Rule { files, control, source: places.named(key) })
}

fn start(item: &Item, otherwise: usize) -> usize {
    item.span().map_or(otherwise, |span| span.start)
}

/// The same as the members of a table.
fn control(table: &dyn TableLike, start: usize) -> Result<Control, (usize, String)> {
    let mut directives = Vec::new();
    for (name, item) in table.iter() {
        let key = table.key(name).and_then(toml_edit::Key::span).map_or(start, |span| span.start);
        let name = name.replace('_', "-");
        let directive = match (name.as_str(), item.as_integer(), item.as_bool()) {
            ("max-age", Some(seconds), _) => Some(format!("max-age={seconds}")),
            ("immutable" | "no-store" | "no-cache", _, Some(is)) => is.then_some(name),
            ("max-age", None, _) => {
                return Err((key, "cache: max-age: expected a number of seconds".to_owned()));
            }
            ("immutable" | "no-store" | "no-cache", _, None) => {
                return Err((key, format!("cache: {name}: expected true or false")));
            }
            _ => {
                let hint = did_you_mean(&name, NAMES.into_iter());
                return Err((key, format!("cache: unknown key {name:?}{hint}")));
            }
        };
        directives.extend(directive);
    }
    let said = directives.join(", ");
    said.parse().map_err(|expected| (start, format!("cache: expected {expected}, not {said:?}")))
}

const NAMES: [&str; 4] = ["max-age", "immutable", "no-store", "no-cache"];
