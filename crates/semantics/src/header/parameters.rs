//! Parameters, as many fields append them to an item (RFC 9110 section 5.6.6).
//!
//! ```abnf
//! parameters      = *( OWS ";" OWS [ parameter ] )
//! parameter       = parameter-name "=" parameter-value
//! parameter-name  = token
//! parameter-value = ( token / quoted-string )
//! ```

use std::fmt;

use crate::header::list::{is_token, split_unquoted, trim, unquote};

/// Parameters an item may have; more make the item malformed. No type registered has ten.
pub const PARAMETERS_MAX: usize = 32;

/// The parameters of an item, in order: names in small letters, values without their quotes.
///
/// ```
/// use methodical_semantics::header::parameters::Parameters;
///
/// let (item, parameters) = Parameters::after(r#"text/html; Charset="utf-8";"#).unwrap();
/// assert_eq!(item, "text/html");
/// assert_eq!(parameters.value("CHARSET"), Some("utf-8"));
/// assert_eq!(parameters.to_string(), "; charset=utf-8");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Splits an item from its parameters; `None` when a parameter is not in the grammar, or when
    /// there are more than [`PARAMETERS_MAX`].
    pub fn after(text: &str) -> Option<(&str, Self)> {
        let mut pieces = split_unquoted(text, b';').map(trim);
        let item = pieces.next()?;
        let mut parameters = Vec::new();
        for piece in pieces.filter(|piece| !piece.is_empty()) {
            if parameters.len() == PARAMETERS_MAX {
                return None;
            }
            parameters.push(parameter(piece)?);
        }
        Some((item, Self(parameters)))
    }

    /// The value of the first parameter of that name, in any case; `None` without one.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Takes out all parameters of that name and returns the first one's value.
    pub fn take(&mut self, name: &str) -> Option<String> {
        let mut taken = None;
        self.0.retain_mut(|(known, value)| {
            let keep = !known.eq_ignore_ascii_case(name);
            if !keep && taken.is_none() {
                taken = Some(std::mem::take(value));
            }
            keep
        });
        taken
    }

    /// Name and value of each, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Parameters {
    /// Each after a semicolon, quoted where it has to be.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in self.iter() {
            if is_token(value) {
                write!(f, "; {name}={value}")?;
            } else {
                write!(f, "; {name}=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))?;
            }
        }
        Ok(())
    }
}

fn parameter(piece: &str) -> Option<(String, String)> {
    let (name, value) = piece.split_once('=')?;
    let value = if is_token(value) { value.to_owned() } else { unquote(value)? };
    is_token(name).then(|| (name.to_ascii_lowercase(), value))
}
