//! What plain HTTP is answered where everything is at https (RFC 9110 section 15.4.9).

use http::{HeaderMap, HeaderValue, StatusCode, header};
use methodical_methods::{reply::Body, table};
use methodical_semantics::{condition::Condition, header::host::Host};
use methodical_store::content::Content;

use crate::{answer::Answer, pipeline::Call};

/// The same resource, by way of TLS on this port.
pub(crate) fn answer(call: &Call, port: u16) -> Answer {
    let host = call.fields.get(header::HOST).and_then(|host| host.to_str().ok());
    let url = url(&call.target, host.unwrap_or_default(), port);
    let Some((url, location)) = url.and_then(|url| {
        let location = HeaderValue::from_str(&url).ok()?;
        Some((url, location))
    }) else {
        let detail = "Everything is at https://; name the host and an absolute path.";
        return Answer::of_bad_message(Condition::BadTarget, detail);
    };
    let mut fields = HeaderMap::new();
    fields.insert(header::LOCATION, location);
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    let text = format!("This is at {url}\n");
    let body = Body::Content(Content::Bytes(text.into()));
    let status = StatusCode::PERMANENT_REDIRECT;
    let answer = Answer { status, fields, body, close: false };
    let omits = table::find(&call.method).is_some_and(table::omits_content);
    if omits { answer.without_content() } else { answer }
}

/// The origin-form and the absolute-form lead on; what is about no resource does not.
fn url(target: &str, host: &str, port: u16) -> Option<String> {
    let (authority, path) = match target.get(..PLAIN.len()) {
        Some(scheme) if scheme.eq_ignore_ascii_case(PLAIN) => {
            let rest = target.get(PLAIN.len()..)?;
            rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()))
        }
        _ if target.starts_with('/') => (host, target),
        _ => return None,
    };
    let name = name(authority);
    if name.is_empty() || !Host::is_valid(authority) {
        return None;
    }
    let slash = if path.starts_with('/') { "" } else { "/" };
    Some(match port {
        HTTPS_PORT => format!("https://{name}{slash}{path}"),
        port => format!("https://{name}:{port}{slash}{path}"),
    })
}

/// The host without its port.
fn name(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|octet| octet.is_ascii_digit()) => name,
        _ => authority,
    }
}

const PLAIN: &str = "http://";
const HTTPS_PORT: u16 = 443;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc9110_15_4_9_host_and_path_stay_and_the_port_changes() {
        let at = |target: &str, host: &str, port| url(target, host, port).unwrap_or_default();
        assert_eq!(at("/a?b=c", "h.example", 443), "https://h.example/a?b=c");
        assert_eq!(at("/", "h.example:80", 443), "https://h.example/");
        assert_eq!(at("/%2F//", "h.example:8080", 8443), "https://h.example:8443/%2F//");
        assert_eq!(at("/", "[::1]", 443), "https://[::1]/");
        assert_eq!(at("/", "[::1]:80", 8443), "https://[::1]:8443/");
        assert_eq!(at("HTTP://other:81/x", "h.example", 443), "https://other/x");
        assert_eq!(at("http://other?q", "h.example", 443), "https://other/?q");
    }

    #[test]
    fn rfc9110_15_4_9_what_names_no_resource_leads_nowhere() {
        for (target, host) in [
            ("*", "h"),
            ("/", ""),
            ("h:443", "h"),
            ("/", "a/b"),
            ("/", "user@h"),
            ("http:///", "h"),
        ] {
            assert_eq!(url(target, host, 443), None, "{target} {host}");
        }
    }
}
