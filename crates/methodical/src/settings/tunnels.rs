//! The rules for tunnels in the configuration file: `[[connect]]`.

use methodical_semantics::network::Network;
use methodical_server::settings::tunnelling::{HostPattern, Rule, Rules, Subject};
use toml_edit::{Array, InlineTable, Item, TableLike, Value};

use super::suggestions::did_you_mean;

/// What is wrong, and the octet of the file at which it stands.
pub(crate) struct Wrong {
    pub(crate) start: Option<usize>,
    pub(crate) clause: String,
}

/// The rules of `[[connect]]`, or of a list of inline tables, and what is wrong with them; nothing
/// if the item is neither.
pub(crate) fn read(item: &Item) -> Option<(Rules, Vec<Wrong>)> {
    let (mut rules, mut wrong) = (Vec::new(), Vec::new());
    for rule in tables(item)?.into_iter().map(rule) {
        match rule {
            Ok(rule) => rules.push(rule),
            Err(not) => wrong.push(not),
        }
    }
    Some((Rules(rules), wrong))
}

fn tables(item: &Item) -> Option<Vec<&dyn TableLike>> {
    match item {
        Item::ArrayOfTables(tables) => {
            Some(tables.iter().map(|table| table as &dyn TableLike).collect())
        }
        Item::Value(Value::Array(members)) => {
            members.iter().map(|member| Some(member.as_inline_table()? as &dyn TableLike)).collect()
        }
        Item::None | Item::Value(_) | Item::Table(_) => None,
    }
}

/// The users and groups that rules name, and where.
pub(crate) fn named(item: &Item) -> Vec<(String, usize)> {
    let tables = tables(item).unwrap_or_default();
    let users = tables.into_iter().filter_map(|table| table.get("users")?.as_array());
    users.flat_map(names).collect()
}

/// The texts of a list, and where each stands.
pub(crate) fn names(members: &Array) -> Vec<(String, usize)> {
    let name = |member: &Value| Some((member.as_str()?.to_owned(), member.span()?.start));
    members.iter().filter_map(name).collect()
}

fn rule(table: &dyn TableLike) -> Result<Rule, Wrong> {
    let mut rule = Rule::default();
    for (name, item) in table.iter() {
        let start = table.key(name).and_then(toml_edit::Key::span).map(|span| span.start);
        match name {
            "hosts" => rule.hosts = each(name, item, HostPattern::parse)?,
            "ports" => rule.ports = ports(item)?,
            "users" => rule.users = each(name, item, Subject::parse)?,
            "addresses" => {
                rule.addresses = each(name, item, str::parse::<Network>)?;
            }
            other => {
                let hint = did_you_mean(other, KEYS.into_iter());
                return Err(Wrong { start, clause: format!("unknown key {other:?}{hint}") });
            }
        }
    }
    Ok(rule)
}

/// A list of texts that is not empty: an empty one would mean "all" to some readers and "none" to
/// others.
fn each<T, E: std::fmt::Display>(
    name: &str,
    item: &Item,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<Vec<T>, Wrong> {
    members(name, item, "strings")?
        .iter()
        .map(|member| {
            let start = member.span().map(|span| span.start);
            let wrong = |clause: String| Wrong { start, clause: format!("{name}: {clause}") };
            let text = member.as_str();
            let text =
                text.ok_or_else(|| wrong(format!("expected a string, not {}", member.type_name())));
            let text = text?;
            parse(text).map_err(|expected| wrong(format!("expected {expected}, not {text:?}")))
        })
        .collect()
}

fn ports(item: &Item) -> Result<Vec<u16>, Wrong> {
    members("ports", item, "whole numbers")?
        .iter()
        .map(|member| {
            let number = member.as_integer().and_then(|number| u16::try_from(number).ok());
            number.filter(|port| *port != 0).ok_or_else(|| Wrong {
                start: member.span().map(|span| span.start),
                clause: "ports: expected a port from 1 to 65535".to_owned(),
            })
        })
        .collect()
}

fn members<'i>(name: &str, item: &'i Item, of: &str) -> Result<&'i Array, Wrong> {
    item.as_array().filter(|members| !members.is_empty()).ok_or_else(|| Wrong {
        start: item.span().map(|span| span.start),
        clause: format!("{name}: expected a list of {of} with one member at the least"),
    })
}

/// The rules as a value that [`read`] or a switch takes.
pub(crate) fn show(rules: &Rules) -> Value {
    if !rules.permit_any() {
        return false.into();
    }
    if *rules == Rules::web() {
        return true.into();
    }
    rules.0.iter().map(table).collect::<Array>().into()
}

fn table(rule: &Rule) -> InlineTable {
    let mut table = InlineTable::new();
    let texts = |texts: Vec<String>| Value::from(texts.into_iter().collect::<Array>());
    let mut put = |name: &str, members: Vec<String>| {
        if !members.is_empty() {
            table.insert(name, texts(members));
        }
    };
    put("hosts", rule.hosts.iter().map(ToString::to_string).collect());
    put("users", rule.users.iter().map(ToString::to_string).collect());
    put("addresses", rule.addresses.iter().map(ToString::to_string).collect());
    table.insert("ports", rule.ports.iter().map(|port| i64::from(*port)).collect::<Array>().into());
    table
}

const KEYS: [&str; 4] = ["hosts", "ports", "users", "addresses"];
