use http::{HeaderMap, HeaderValue};
use methodical_semantics::header::destination::Destination;

fn on(value: &str, authority: &str) -> bool {
    Destination::parse(value).unwrap().is_on(authority)
}

#[test]
fn rfc4918_10_3_an_absolute_uri_may_name_another_server() {
    assert!(!on("http://b/x", "a"));
    assert!(!on("http://a:81/x", "a:80"));
    assert!(on("http://a:81/x", "A:81"));
}

#[test]
fn rfc9110_4_2_a_port_that_is_the_schemes_own_may_be_left_out() {
    assert!(on("http://a/x", "a:80") && on("http://a:/x", "a"));
    assert!(on("https://a:443/x", "a") && !on("https://a/x", "a:80"));
    assert!(on("http://[::1]:8000/x", "[::1]:8000") && on("http://[::1]/x", "[::1]"));
    assert!(!on("http://[::1]/x", "[::1]:8000"));
    assert!(!on("http://a:99999/x", "a:99999"));
}

#[test]
fn rfc4918_8_3_a_path_is_on_the_same_server() {
    let destination = Destination::parse("/a%20b?c").unwrap();
    assert!(destination.is_on("any") && !destination.names_server());
    assert_eq!(destination.path().encoded(), "/a%20b");
}

#[test]
fn rfc4918_8_3_what_is_no_simple_ref_is_refused() {
    for value in
        ["", "a", "*", "ftp://h/x", "/a/../b", "/a/%2e%2e/b", "/a#b", "http:///x", "http://a/%2F"]
    {
        assert!(Destination::parse(value).is_err(), "{value}");
    }
}

#[test]
fn rfc3986_3_3_empty_segments_name_nothing() {
    for value in ["/a//b", "//a/b", "http://h//a///b", "/./a//./b//"] {
        assert_eq!(Destination::parse(value).unwrap().path().encoded(), "/a/b", "{value}");
    }
    // Not a reference to another server: a path-absolute does not begin with two slashes.
    assert!(!Destination::parse("//h/x").unwrap().names_server());
}

#[test]
fn rfc3986_3_2_1_a_user_in_it_names_nothing() {
    for user in ["u:p@", "u@", ":@", "@", "a%40b:c%3A%2F@", "u;x=1:p:q@"] {
        let destination = Destination::parse(&format!("http://{user}host:8/a@b?c@d")).unwrap();
        assert!(destination.is_on("host:8") && !destination.is_on("u"), "{user}");
        assert_eq!(destination.path().encoded(), "/a@b");
    }
    assert!(Destination::parse("http://u@h/x").unwrap().is_on("h"));
    for value in ["http://u@/x", "http://u@v@h/x", "http://u:p@", "ftp://u@h/x", "u@h/x"] {
        assert!(Destination::parse(value).is_err(), "{value}");
    }
    assert_eq!(Destination::parse("/a://u@h").unwrap().path().encoded(), "/a:/u@h");
}

#[test]
fn rfc4918_8_3_octets_that_are_no_utf8_name_nothing_else() {
    let mut fields = HeaderMap::new();
    fields.insert("destination", HeaderValue::from_bytes(b"/n\xe4me").unwrap());
    let told = Destination::from_headers(&fields).unwrap_err().to_string();
    assert!(told.contains("percent-encoded"), "{told}");
    fields.insert("destination", HeaderValue::from_static("/n%E4me"));
    assert!(Destination::from_headers(&fields).is_ok());
}

#[test]
fn rfc4918_10_3_the_sentence_names_what_is_wrong() {
    let long = format!("http://h/{}", "x".repeat(300));
    let deep = "/x".repeat(257);
    for (value, cause) in [
        (long.as_str(), "255 octets"),
        (&deep, "256 names"),
        ("/a%zz", "percent-encoded"),
        ("/a b", "percent-encoded"),
        ("/a#b", "percent-encoded"),
        ("/a/../b", "segments . and .."),
        ("/a%2fb", "slash"),
        ("/a%00b", "NUL"),
        ("ftp://h/x", "scheme"),
        ("a/b", "begins with a slash"),
        ("*", "URL of this server"),
        ("http:///x", "URL of this server"),
    ] {
        let told = Destination::parse(value).unwrap_err().to_string();
        assert!(told.starts_with("Destination must be ") && told.contains(cause), "{told}");
    }
}
