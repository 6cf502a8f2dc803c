//! Prefer and Preference-Applied (RFC 7240; `depth-noroot` is of RFC 8144 section 4).
//!
//! ```abnf
//! Prefer             = 1#preference
//! preference         = token [ BWS "=" BWS word ] *( OWS ";" [ OWS parameter ] )
//! Preference-Applied = 1#applied-pref
//! applied-pref       = token [ BWS "=" BWS word ]
//! ```

use std::fmt;
use std::time::Duration;

use http::HeaderMap;

use crate::header::list::{elements, is_token, joined, split_unquoted, trim, unquote};

/// The name of the field of requests.
pub const NAME: &str = "Prefer";
/// The name of the field of responses.
pub const APPLIED_NAME: &str = "Preference-Applied";

/// Preferences that are read; those after them count for nothing. Six are known here.
pub const PREFERENCES_MAX: usize = 32;

/// A preference that is known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preference {
    /// Answer before the work is done, with 202.
    RespondAsync,
    /// Answer without content.
    ReturnMinimal,
    /// Answer with the new representation.
    ReturnRepresentation,
    /// Refuse what is not quite right.
    HandlingStrict,
    /// Make the best of what is not quite right.
    HandlingLenient,
    /// Leave the collection itself out and treat its members only.
    DepthNoroot,
    /// The client waits this long, in whole seconds.
    Wait(Duration),
}

/// The wishes of a client, if they can be had: no preference ever makes a request fail.
///
/// ```
/// use methodical_semantics::header::prefer::{Prefer, Preference};
///
/// let prefer = Prefer::parse("return=minimal; foo=\"some parameter\", Wait=10, nonsense");
/// assert!(prefer.asks_for(Preference::ReturnMinimal));
/// assert_eq!(prefer.wait().unwrap().as_secs(), 10);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prefer(Vec<Preference>);

impl Prefer {
    /// Reads the field's value. Unknown and malformed preferences are ignored; of one that is there
    /// twice the first counts; who asks for both a minimal return and a representation asks for
    /// neither (RFC 7240 section 4.2).
    pub fn parse(value: &str) -> Self {
        let mut seen: Vec<String> = Vec::new();
        let mut returns: Vec<Preference> = Vec::new();
        let mut preferences = Vec::new();
        for element in elements(value).take(PREFERENCES_MAX) {
            let Some((name, word)) = named(element) else { continue };
            let Some(preference) = Preference::known(&name, &word) else {
                seen.push(name);
                continue;
            };
            if name == "return" {
                returns.push(preference);
            }
            if !seen.contains(&name) {
                preferences.push(preference);
                seen.push(name);
            }
        }
        if returns.iter().any(|other| Some(other) != returns.first()) {
            preferences.retain(|preference| !returns.contains(preference));
        }
        Self(preferences)
    }

    /// Reads the field from all its lines; nothing is preferred when it is absent.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        joined(headers, NAME).map_or_else(Self::default, |value| Self::parse(&value))
    }

    /// Returns whether the client would like this.
    pub fn asks_for(&self, preference: Preference) -> bool {
        self.0.contains(&preference)
    }

    /// Returns how long the client waits, if it says so.
    pub fn wait(&self) -> Option<Duration> {
        self.0.iter().find_map(|preference| {
            if let Preference::Wait(wait) = preference { Some(*wait) } else { None }
        })
    }
}

/// The value of Preference-Applied for what was honoured; `None` when nothing was, since the field
/// cannot be empty.
///
/// ```
/// use methodical_semantics::header::prefer::{Preference, applied};
///
/// let both = [Preference::ReturnMinimal, Preference::DepthNoroot];
/// assert_eq!(applied(&both).unwrap(), "return=minimal, depth-noroot");
/// assert_eq!(applied(&[]), None);
/// ```
pub fn applied(honoured: &[Preference]) -> Option<String> {
    let names: Vec<_> = honoured.iter().map(ToString::to_string).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

impl Preference {
    /// Names are compared in small letters, values as they are.
    fn known(name: &str, word: &str) -> Option<Self> {
        match (name, word) {
            ("respond-async", _) => Some(Self::RespondAsync),
            ("return", "minimal") => Some(Self::ReturnMinimal),
            ("return", "representation") => Some(Self::ReturnRepresentation),
            ("handling", "strict") => Some(Self::HandlingStrict),
            ("handling", "lenient") => Some(Self::HandlingLenient),
            ("depth-noroot", _) => Some(Self::DepthNoroot),
            ("wait", _) => {
                let digits = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
                // RFC 9111 section 1.2.2: more seconds than fit are as many as fit.
                digits.then(|| Self::Wait(Duration::from_secs(word.parse().unwrap_or(u64::MAX))))
            }
            _ => None,
        }
    }
}

impl fmt::Display for Preference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RespondAsync => f.write_str("respond-async"),
            Self::ReturnMinimal => f.write_str("return=minimal"),
            Self::ReturnRepresentation => f.write_str("return=representation"),
            Self::HandlingStrict => f.write_str("handling=strict"),
            Self::HandlingLenient => f.write_str("handling=lenient"),
            Self::DepthNoroot => f.write_str("depth-noroot"),
            Self::Wait(wait) => write!(f, "wait={}", wait.as_secs()),
        }
    }
}

/// Name in small letters and word of a preference without its parameters; no word is an empty one.
fn named(element: &str) -> Option<(String, String)> {
    let preference = split_unquoted(element, b';').next()?;
    let (name, word) = preference.split_once('=').unwrap_or((preference, ""));
    let (name, word) = (trim(name), trim(word));
    let word = if word.starts_with('"') { unquote(word)? } else { word.to_owned() };
    is_token(name).then(|| (name.to_ascii_lowercase(), word))
}
