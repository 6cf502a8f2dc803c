//! Content-Disposition: of the parts of a form (RFC 7578 section 4.2), and of what we send
//! (RFC 6266).
//!
//! ```abnf
//! content-disposition = disposition-type *( ";" disposition-parm )
//! disposition-type    = "inline" / "attachment" / "form-data" / disp-ext-type
//! disposition-parm    = token "=" value / ext-token "=" ext-value
//! ```

use crate::header::ext_value;
use crate::header::list::{is_token, split_unquoted, trim};
use crate::header::malformed::Malformed;
use crate::header::parameters::PARAMETERS_MAX;
use crate::header::slug;

/// The field's name.
pub const NAME: &str = "Content-Disposition";

/// The description of a part of `multipart/form-data` by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormPart {
    /// The name of the form's field.
    pub name: String,
    /// The name that the file has on the client: never a path of ours. It is there, and empty, when
    /// a browser's form was sent without choosing a file.
    pub filename: Option<String>,
}

impl FormPart {
    /// Reads the value of the field, as octets because browsers send names in UTF-8.
    ///
    /// Quotes, carriage returns and line feeds in names come percent-encoded from browsers, and
    /// only these three are decoded; a backslash that escapes neither a quote nor itself is one of
    /// the name. `filename*`, which RFC 7578 forbids but some programs send, wins over `filename`.
    ///
    /// # Errors
    /// When it is not `form-data`, has no name, or has a parameter twice (RFC 6266 section 4.1).
    ///
    /// ```
    /// use methodical_semantics::header::content_disposition::FormPart;
    ///
    /// let part = FormPart::parse(br#"form-data; name="up"; filename="a \"b\".txt""#).unwrap();
    /// assert_eq!((part.name.as_str(), part.filename.as_deref()), ("up", Some(r#"a "b".txt"#)));
    /// assert!(FormPart::parse(b"form-data; filename=a").is_err());
    /// ```
    pub fn parse(value: &[u8]) -> Result<Self, Malformed> {
        let value = String::from_utf8_lossy(value);
        let parameters =
            parameters(&value).ok_or(Malformed::new(NAME, "form-data with each parameter once"))?;
        let of = |name: &str| parameters.iter().find(|(known, _)| known == name);
        let name = of("name").ok_or(Malformed::new(NAME, "form-data with a name"))?;
        let extended = of("filename*").and_then(|(_, value)| ext_value::decode(value));
        let filename = extended.or_else(|| of("filename").map(|(_, value)| plain(value)));
        Ok(Self { name: plain(&name.1), filename })
    }

    /// The name under which the file can be stored: the last segment of the client's, made safe as
    /// by [`slug::member_name`]. `None` when there is no file name, or nothing of it is left.
    ///
    /// ```
    /// use methodical_semantics::header::content_disposition::FormPart;
    ///
    /// let part = FormPart::parse(br#"form-data; name=f; filename="../../x""#).unwrap();
    /// assert_eq!(part.member_name().as_deref(), Some("x"));
    /// ```
    pub fn member_name(&self) -> Option<String> {
        slug::member_name(self.filename.as_deref()?.rsplit(['/', '\\']).next()?)
    }
}

/// The value of the field that makes a browser save what we send under this name.
///
/// ```
/// use methodical_semantics::header::content_disposition::attachment;
///
/// assert_eq!(attachment("a b.txt"), r#"attachment; filename="a b.txt""#);
/// let both = r#"attachment; filename="_ rates"; filename*=UTF-8''%E2%82%AC%20rates"#;
/// assert_eq!(attachment("€ rates"), both);
/// ```
pub fn attachment(filename: &str) -> String {
    with_filename("attachment", filename)
}

/// The value of the field that leaves it to the browser, and names the file in case it is saved.
///
/// ```
/// let value = methodical_semantics::header::content_disposition::inline("a.txt");
/// assert_eq!(value, r#"inline; filename="a.txt""#);
/// ```
pub fn inline(filename: &str) -> String {
    with_filename("inline", filename)
}

/// RFC 6266 appendix D: the plain form avoids what recipients read in different ways, quotes,
/// backslashes and percent signs; where that loses something, the extended form follows.
fn with_filename(disposition: &str, filename: &str) -> String {
    let is_plain = |character: char| {
        (character == ' ' || character.is_ascii_graphic()) && !"\"\\%".contains(character)
    };
    if filename.chars().all(is_plain) {
        return format!("{disposition}; filename=\"{filename}\"");
    }
    let plain = filename.replace(|character| !is_plain(character), "_");
    let extended = ext_value::encode(filename);
    format!("{disposition}; filename=\"{plain}\"; filename*={extended}")
}

/// The parameters of `form-data`, quotes removed; `None` when it is another type or they are wrong.
fn parameters(value: &str) -> Option<Vec<(String, String)>> {
    let mut pieces = split_unquoted(value, b';').map(trim);
    let form_data = pieces.next()?.eq_ignore_ascii_case("form-data");
    let mut parameters: Vec<(String, String)> = Vec::new();
    for piece in pieces.filter(|piece| !piece.is_empty()) {
        let (name, value) = piece.split_once('=')?;
        let name = trim(name).to_ascii_lowercase();
        let known = parameters.iter().any(|(known, _)| *known == name);
        if known || !is_token(&name) || parameters.len() == PARAMETERS_MAX {
            return None;
        }
        parameters.push((name, unquoted(trim(value))?));
    }
    form_data.then_some(parameters)
}

/// Returns what stands in quotes, or the text itself if it does not begin with one.
fn unquoted(text: &str) -> Option<String> {
    let Some(inner) = text.strip_prefix('"') else { return Some(text.to_owned()) };
    let mut said = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return characters.as_str().is_empty().then_some(said),
            '\\' if characters.as_str().starts_with(['"', '\\']) => said.extend(characters.next()),
            _ => said.push(character),
        }
    }
    None
}

/// The three characters that browsers percent-encode in a form's names.
fn plain(text: &str) -> String {
    [("%22", "\""), ("%0D", "\r"), ("%0A", "\n")]
        .iter()
        .fold(text.to_owned(), |text, (encoded, character)| text.replace(encoded, character))
}
