//! The credentials that a client sends to log in.
//!
//! Only what the client sent is taken apart here; nothing is compared, so nothing here takes time
//! that depends on a secret.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::HeaderValue;

/// Credentials of a scheme that we know (RFC 9110 section 11.4).
pub(super) enum Credentials {
    /// RFC 7617 section 2.
    Basic { name: String, password: Vec<u8> },
    /// RFC 6750 section 2.1.
    Bearer(String),
}

impl Credentials {
    /// Reads a field; nothing where it is malformed, too long, or of another scheme.
    pub(super) fn read(line: &HeaderValue) -> Option<Self> {
        let (scheme, rest) = line.to_str().ok()?.split_once(' ')?;
        let rest = rest.trim_matches(' ');
        if rest.len() > CREDENTIALS_BYTES_MAX {
            return None;
        }
        if scheme.eq_ignore_ascii_case("bearer") {
            return Some(Self::Bearer(rest.to_owned()));
        }
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let decoded = String::from_utf8(STANDARD.decode(rest).ok()?).ok()?;
        // RFC 7617 section 2: neither has control characters, and the name has no colon.
        let (name, password) = decoded.split_once(':')?;
        let clean = !decoded.chars().any(char::is_control);
        let (name, password) = (name.to_owned(), password.as_bytes().to_vec());
        clean.then_some(Self::Basic { name, password })
    }
}

/// Octets of credentials: what is longer was not typed, and would be hashed.
const CREDENTIALS_BYTES_MAX: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        match Credentials::read(&HeaderValue::from_str(text).ok()?)? {
            Credentials::Basic { name, password } => {
                Some(format!("{name}|{}", String::from_utf8_lossy(&password)))
            }
            Credentials::Bearer(token) => Some(token),
        }
    }

    #[test]
    fn rfc7617_2_the_name_ends_at_the_first_colon() {
        // The examples of sections 2 and 2.1, and a password with a colon.
        let basic = |text: &str| read(&format!("Basic {}", STANDARD.encode(text)));
        assert_eq!(read("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==").unwrap(), "Aladdin|open sesame");
        assert_eq!(read("basic dGVzdDoxMjPCow==").unwrap(), "test|123£");
        assert_eq!(basic("a:b:c").unwrap(), "a|b:c");
        assert_eq!(basic(":").unwrap(), "|");
        for wrong in ["ab", "a:\n", "a\0:b"] {
            assert_eq!(basic(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn rfc9110_11_4_what_is_malformed_or_unknown_is_nothing() {
        let long = format!("Bearer {}", "a".repeat(CREDENTIALS_BYTES_MAX + 1));
        for text in ["", "Basic", "Basic %%", "Basic YQ", "Digest a=b", "Basic /w==", &*long] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read("bearer  abc ").unwrap(), "abc");
    }
}
