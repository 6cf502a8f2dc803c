//! Who may tunnel where (RFC 9110 section 9.3.6).

use methodical_semantics::{
    authority::Authority,
    rule::{
        address::Class,
        tunnelling::{Asker, Denied, HostPattern, Reach, Rule, Rules, Subject},
    },
};

const STRANGER: Asker<'_> = Asker { name: None, groups: &[], privileged: false };
const PRIVILEGED: Asker<'_> = Asker { privileged: true, ..STRANGER };

fn judge(rules: &Rules, asker: &Asker<'_>, to: &str) -> Result<Reach, Denied> {
    rules.judge(asker, &Authority::parse(to).unwrap())
}

fn hosts(patterns: &[&str]) -> Rules {
    let hosts = patterns.iter().map(|text| HostPattern::parse(text).unwrap()).collect();
    Rules(vec![Rule { hosts, ..Rule::default() }])
}

#[test]
fn rfc9110_9_3_6_without_rules_nothing_is_to_be_had() {
    assert!(!Rules::default().permit_any());
    assert_eq!(judge(&Rules::default(), &PRIVILEGED, "h:443"), Err(Denied::Target));
}

// covers: CON-06
#[test]
fn rfc9110_9_3_6_port_443_and_what_is_public_unless_rules_say_more() {
    let web = Rules::web();
    assert_eq!(judge(&web, &PRIVILEGED, "h:443"), Ok(Reach::PUBLIC));
    for port in [1, 22, 25, 80, 442, 444, 8443, 65535] {
        assert_eq!(judge(&web, &PRIVILEGED, &format!("h:{port}")), Err(Denied::Target), "{port}");
    }
    assert_eq!(judge(&web, &STRANGER, "h:443"), Err(Denied::Asker));
    let reach = Reach::PUBLIC;
    assert_eq!(reach.permits("10.0.0.1".parse().unwrap()), Err(Class::Private));
    let mapped = reach.permits("::ffff:1.1.1.1".parse().unwrap());
    assert_eq!(mapped, Ok("1.1.1.1".parse().unwrap()));
}

#[test]
fn rfc9110_9_3_6_a_rule_names_hosts() {
    let rules = hosts(&["*.example.com", "one.test", "192.0.2.1", "[2001:db8::1]"]);
    for to in [
        "a.example.com:443",
        "b.a.EXAMPLE.com:443",
        "a.example.com.:443",
        "one.test:443",
        "192.0.2.1:443",
        "[::ffff:192.0.2.1]:443",
        "[2001:db8:0::1]:443",
    ] {
        assert!(judge(&rules, &PRIVILEGED, to).is_ok(), "{to}");
    }
    for to in [
        "example.com:443",
        "xexample.com:443",
        "a.example.com.evil.test:443",
        "a.one.test:443",
        "192.0.2.2:443",
    ] {
        assert_eq!(judge(&rules, &PRIVILEGED, to), Err(Denied::Target), "{to}");
    }
    assert!(judge(&hosts(&["*"]), &PRIVILEGED, "any.test:443").is_ok());
}

#[test]
fn a_pattern_that_means_nothing_is_refused() {
    for text in ["", "*.", "a.*", "*a", "**", "*.*.com", "a b", "127.1", "*.1.2.3.4", "h:443", "@"]
    {
        assert!(HostPattern::parse(text).is_err(), "{text}");
    }
    assert!(Subject::parse("").is_err());
}

#[test]
fn rfc9110_9_3_6_a_rule_names_users() {
    let groups = ["staff".to_owned()];
    let anna = Asker { name: Some("anna"), ..STRANGER };
    let member = Asker { name: Some("bert"), groups: &groups, privileged: false };
    let permits = |subject: &str, asker: &Asker<'_>| {
        let users = vec![Subject::parse(subject).unwrap()];
        judge(&Rules(vec![Rule { users, ..Rule::default() }]), asker, "h:443").is_ok()
    };
    assert!(permits("anna", &anna) && !permits("anna", &member) && !permits("anna", &STRANGER));
    assert!(permits("staff", &member) && !permits("staff", &anna));
    assert!(permits("authenticated", &anna) && !permits("authenticated", &STRANGER));
    assert!(permits("anyone", &STRANGER));
    // Who is named is named instead of those who have the right by themselves.
    assert!(!permits("anna", &PRIVILEGED));
}

#[test]
fn rfc9110_9_3_6_a_rule_names_addresses_in_place_of_public_ones() {
    let rule = Rule { addresses: vec!["10.0.0.0/8".parse().unwrap()], ..Rule::default() };
    let reach = judge(&Rules(vec![rule.clone()]), &PRIVILEGED, "h:443").unwrap();
    assert!(reach.permits("10.1.2.3".parse().unwrap()).is_ok());
    assert!(reach.permits("::ffff:10.1.2.3".parse().unwrap()).is_ok());
    for address in ["1.1.1.1", "192.168.0.1", "127.0.0.1", "64:ff9b::10.0.0.1", "2002:a00:1::"] {
        assert!(reach.permits(address.parse().unwrap()).is_err(), "{address}");
    }
    // Several rules about one target permit what each of them permits.
    let reach = judge(&Rules(vec![rule, Rule::default()]), &PRIVILEGED, "h:443").unwrap();
    assert!(reach.permits("1.1.1.1".parse().unwrap()).is_ok());
    assert!(reach.permits("10.1.2.3".parse().unwrap()).is_ok());
    assert!(reach.permits("192.168.0.1".parse().unwrap()).is_err());
}

#[test]
fn rfc9110_15_5_8_who_may_not_is_told_apart_from_what_nobody_may() {
    let only_anna = Rule { users: vec![Subject::parse("anna").unwrap()], ..Rule::default() };
    let rules = Rules(vec![only_anna]);
    assert_eq!(judge(&rules, &PRIVILEGED, "h:443"), Err(Denied::Asker));
    assert_eq!(judge(&rules, &PRIVILEGED, "h:25"), Err(Denied::Target));
}
