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
    for value in ["", "a", "*", "//h/x", "ftp://h/x", "/a/../b", "/a/%2e%2e/b", "/a#b", "/a//b"] {
        assert!(Destination::parse(value).is_err(), "{value}");
    }
}
