//! An address as a QR code: who comes by telephone need not type it.
//!
//! It is drawn by half blocks, and the address stands below it for who has no camera at hand.

use fast_qr::QRBuilder;

use super::reachable;

/// The code of the first address that others can reach, else of the first, in characters for a
/// terminal with the address below. `None` where there is none, or it is too long for a code.
pub(crate) fn code(urls: &[String]) -> Option<String> {
    let urls = reachable::urls(urls);
    let served = || urls.iter().filter(|url| url.starts_with("http"));
    let url = served().find(|url| !is_loopback(url)).or_else(|| served().next())?;
    let code = QRBuilder::new(url.as_bytes()).build().ok()?;
    Some(format!("{}\n{url}\n\n", code.to_str()))
}

/// Returns whether a URL leads to this machine only, by what its host begins with.
fn is_loopback(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    ["127.", "[::1]", "localhost"].iter().any(|own| host.starts_with(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url_of(urls: &[&str]) -> Option<String> {
        let urls: Vec<_> = urls.iter().map(|&url| url.to_owned()).collect();
        let code = code(&urls)?;
        assert!(code.contains('\u{2580}') && code.contains('\u{2584}'), "{code}");
        code.lines().rfind(|line| !line.is_empty()).map(str::to_owned)
    }

    #[test]
    fn the_address_that_others_can_reach_is_the_one_that_is_shown() {
        let ours = "http://127.0.0.1:8000/";
        let theirs = "https://192.0.2.7:8000/files/";
        assert_eq!(url_of(&[ours, "http://[::1]:1/", theirs]).as_deref(), Some(theirs));
        assert_eq!(url_of(&[ours]).as_deref(), Some(ours));
        assert_eq!(url_of(&["unix:/run/methodical", ours]).as_deref(), Some(ours));
        assert_eq!(url_of(&["unix:/run/methodical"]), None);
        assert_eq!(url_of(&[&format!("http://h/{}", "a".repeat(5000))]), None);
    }
}
