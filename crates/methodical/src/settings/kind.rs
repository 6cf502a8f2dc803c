//! The kinds of settings: how one is written as text and as TOML, and where it is kept.

use std::ffi::{OsStr, OsString};
use std::time::Duration;

use methodical_server::settings::tunnelling::Rules;
use toml_edit::{Array, Item, Value};

use super::{clause::expected, draft::Draft, tunnels};

/// One name of a setting that is one of few.
#[derive(Debug)]
pub(crate) struct Choice {
    pub(crate) name: &'static str,
    pub(crate) put: fn(&mut Draft),
    pub(crate) is: fn(&Draft) -> bool,
}

/// What is set, and how its value is written.
#[derive(Debug)]
pub(crate) enum Kind {
    /// The folder to serve.
    Folder,
    /// The port of addresses that name none.
    Port,
    /// On or off; the flag turns it on.
    Switch(fn(&mut Draft) -> &mut bool),
    /// On or off; the flag turns it off.
    SwitchOff(fn(&mut Draft) -> &mut bool),
    /// Tunnels: off, on, or by rules; the flag turns them on.
    Tunnels(fn(&mut Draft) -> &mut Rules),
    /// A whole number of things.
    Count { of: fn(&mut Draft) -> &mut usize, least: usize },
    /// A whole number of seconds.
    Seconds { of: fn(&mut Draft) -> &mut Duration, least: u64 },
    /// A number of octets, as 16777216, 16M or 16MiB.
    Bytes(fn(&mut Draft) -> &mut u64),
    /// One of few names.
    Choice(&'static [Choice]),
    /// One of few names, from never to always, which the flag alone means; they may be said as
    /// false and true, too.
    Grade(&'static [Choice]),
    /// One text, which `check` takes.
    Text {
        name: &'static str,
        of: fn(&mut Draft) -> &mut String,
        check: fn(&str) -> Result<(), String>,
    },
    /// Any number of texts that are never shown.
    Secrets {
        name: &'static str,
        of: fn(&mut Draft) -> &mut Vec<String>,
        check: fn(&str) -> Result<(), String>,
    },
    /// Any number of texts, each of which `check` takes.
    List {
        name: &'static str,
        of: fn(&mut Draft) -> &mut Vec<String>,
        check: fn(&str) -> Result<(), String>,
    },
}

impl Kind {
    /// What stands for the value in the help.
    pub(crate) const fn placeholder(&self) -> &'static str {
        match self {
            Self::Folder => "DIR",
            Self::Port | Self::Count { .. } | Self::Seconds { .. } => "N",
            Self::Switch(_) | Self::SwitchOff(_) | Self::Tunnels(_) => "BOOL",
            Self::Bytes(_) => "BYTES",
            Self::Choice(_) | Self::Grade(_) => "NAME",
            Self::List { name, .. } | Self::Text { name, .. } | Self::Secrets { name, .. } => name,
        }
    }

    /// Sets it from words of the command line or the environment.
    ///
    /// # Errors
    /// One clause that says what was expected.
    pub(crate) fn set(&self, draft: &mut Draft, words: &[OsString]) -> Result<(), String> {
        if let (Self::Folder, Some(dir)) = (self, words.last()) {
            draft.dir = Some(dir.into());
            return Ok(());
        }
        let texts = words.iter().map(|word| text(word)).collect::<Result<Vec<_>, _>>()?;
        match (self, texts.last()) {
            (Self::List { of, check, .. } | Self::Secrets { of, check, .. }, _) => {
                texts.iter().try_for_each(|each| check(each))?;
                *of(draft) = texts.into_iter().map(str::to_owned).collect();
                Ok(())
            }
            (_, Some(last)) => self.set_one(draft, last.trim()),
            (_, None) => Err("expected a value".to_owned()),
        }
    }

    fn set_one(&self, draft: &mut Draft, text: &str) -> Result<(), String> {
        match self {
            Self::Switch(of) => *of(draft) = switch(text)?,
            Self::SwitchOff(of) => *of(draft) = !switch(text)?,
            Self::Tunnels(of) => {
                *of(draft) = if switch(text)? { Rules::web() } else { Rules::default() };
            }
            Self::Port => {
                draft.port = text.parse().map_err(|_| expected("a port from 0 to 65535", text))?;
            }
            Self::Count { of, least } => {
                let at_least = format!("a whole number from {least} on");
                *of(draft) = number(text, least).ok_or_else(|| expected(&at_least, text))?;
            }
            Self::Seconds { of, least } => {
                let at_least = format!("a whole number of seconds from {least} on");
                let seconds = number(text, least).ok_or_else(|| expected(&at_least, text))?;
                *of(draft) = Duration::from_secs(seconds);
            }
            Self::Bytes(of) => *of(draft) = bytes(text)?,
            Self::Text { of, check, .. } => {
                check(text)?;
                text.clone_into(of(draft));
            }
            Self::Choice(choices) => {
                let found = choices.iter().find(|choice| choice.name == text);
                (found.ok_or_else(|| expected(&one_of(choices), text))?.put)(draft);
            }
            Self::Grade(choices) => {
                let found = match switch(text) {
                    Ok(true) => choices.last(),
                    Ok(false) => choices.first(),
                    Err(_) => choices.iter().find(|choice| choice.name == text),
                };
                (found.ok_or_else(|| expected(&one_of(choices), text))?.put)(draft);
            }
            Self::Folder | Self::List { .. } | Self::Secrets { .. } => {}
        }
        Ok(())
    }

    /// Turns a value of the configuration file into words that [`Kind::set`] takes.
    ///
    /// # Errors
    /// One clause that says which type was expected.
    pub(crate) fn words(&self, item: &Item) -> Result<Vec<OsString>, String> {
        let word = match (self, item.as_value()) {
            (
                Self::Switch(_) | Self::SwitchOff(_) | Self::Tunnels(_) | Self::Grade(_),
                Some(Value::Boolean(on)),
            ) => on.value().to_string(),
            (
                Self::Port | Self::Count { .. } | Self::Seconds { .. } | Self::Bytes(_),
                Some(Value::Integer(number)),
            ) => number.value().to_string(),
            (
                Self::Folder
                | Self::Choice(_)
                | Self::Grade(_)
                | Self::Bytes(_)
                | Self::Text { .. }
                | Self::Secrets { .. }
                | Self::List { .. },
                Some(Value::String(text)),
            ) => text.value().clone(),
            (Self::List { .. } | Self::Secrets { .. }, Some(Value::Array(members))) => {
                let texts = members.iter().map(|member| member.as_str().map(OsString::from));
                return texts.collect::<Option<_>>().ok_or_else(|| self.mistyped(item));
            }
            _ => return Err(self.mistyped(item)),
        };
        Ok(vec![word.into()])
    }

    fn mistyped(&self, item: &Item) -> String {
        let wanted = match self {
            Self::Switch(_) | Self::SwitchOff(_) => "true or false",
            Self::Tunnels(_) => "true or false, or tables [[connect]]",
            Self::Port | Self::Count { .. } => "a whole number",
            Self::Seconds { .. } => "a whole number of seconds",
            Self::Bytes(_) => "a number of octets",
            Self::Folder | Self::Choice(_) | Self::Grade(_) | Self::Text { .. } => "a string",
            Self::List { .. } | Self::Secrets { .. } => "a list of strings",
        };
        let is_list = matches!(self, Self::List { .. } | Self::Secrets { .. });
        let members = is_list && item.is_array();
        let found = if members { "one of something else" } else { item.type_name() };
        format!("expected {wanted}, not {found}")
    }

    /// Takes the value over from another draft, if it stands there as it is used: what is kept as
    /// words means something together with others only.
    pub(crate) fn take(&self, draft: &mut Draft, from: &mut Draft) {
        match self {
            Self::Switch(of) | Self::SwitchOff(of) => *of(draft) = *of(from),
            Self::Tunnels(of) => of(draft).clone_from(of(from)),
            Self::Count { of, .. } => *of(draft) = *of(from),
            Self::Seconds { of, .. } => *of(draft) = *of(from),
            Self::Bytes(of) => *of(draft) = *of(from),
            Self::Choice(choices) | Self::Grade(choices) => {
                if let Some(choice) = choices.iter().find(|choice| (choice.is)(from)) {
                    (choice.put)(draft);
                }
            }
            Self::Folder
            | Self::Port
            | Self::Text { .. }
            | Self::Secrets { .. }
            | Self::List { .. } => {}
        }
    }

    /// The value that stands in a draft, as TOML; nothing where nothing is set.
    pub(crate) fn show(&self, draft: &mut Draft) -> Option<Value> {
        Some(match self {
            Self::Folder => draft.dir.as_ref()?.to_string_lossy().into_owned().into(),
            Self::Switch(of) => (*of(draft)).into(),
            Self::SwitchOff(of) => (!*of(draft)).into(),
            Self::Tunnels(of) => tunnels::show(of(draft)),
            Self::Port => i64::from(draft.port).into(),
            Self::Count { of, .. } => whole(*of(draft) as u64),
            Self::Seconds { of, .. } => whole(of(draft).as_secs()),
            Self::Bytes(of) => rounded(*of(draft)),
            Self::Choice(choices) | Self::Grade(choices) => {
                choices.iter().find(|choice| (choice.is)(draft))?.name.into()
            }
            Self::Text { of, .. } => of(draft).as_str().into(),
            Self::Secrets { .. } => return None,
            Self::List { of, .. } => of(draft).iter().map(String::as_str).collect::<Array>().into(),
        })
    }
}

fn text(word: &OsStr) -> Result<&str, String> {
    word.to_str().ok_or_else(|| "expected UTF-8".to_owned())
}

fn switch(text: &str) -> Result<bool, String> {
    match text {
        "true" | "yes" | "on" | "1" => Ok(true),
        "false" | "no" | "off" | "0" => Ok(false),
        other => Err(expected("true or false", other)),
    }
}

fn number<N: std::str::FromStr + PartialOrd>(text: &str, least: &N) -> Option<N> {
    text.parse().ok().filter(|number| number >= least)
}

fn bytes(text: &str) -> Result<u64, String> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let shift = match unit.trim_start().trim_end_matches("iB") {
        "" => Some(0),
        "K" => Some(10),
        "M" => Some(20),
        "G" => Some(30),
        "T" => Some(40),
        _ => None,
    };
    let octets = digits.parse::<u64>().ok().zip(shift);
    octets
        .and_then(|(number, shift)| number.checked_mul(1 << shift))
        // TOML's integers have a sign.
        .filter(|octets| i64::try_from(*octets).is_ok())
        .ok_or_else(|| expected("a number of octets (K, M, G, T are powers of 1024)", text))
}

/// TOML's integers have a sign; nothing that we count comes near the half that they lack.
fn whole(number: u64) -> Value {
    i64::try_from(number).unwrap_or(i64::MAX).into()
}

/// 16777216 is "16M".
fn rounded(octets: u64) -> Value {
    let units = [(40, "T"), (30, "G"), (20, "M"), (10, "K")];
    let fits = |(shift, _): &(u32, _)| octets > 0 && octets.trailing_zeros() >= *shift;
    match units.into_iter().find(fits) {
        Some((shift, unit)) => format!("{}{unit}", octets >> shift).into(),
        None => whole(octets),
    }
}

fn one_of(choices: &[Choice]) -> String {
    choices.iter().map(|choice| choice.name).collect::<Vec<_>>().join(" or ")
}
