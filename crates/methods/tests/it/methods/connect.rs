//! CONNECT (RFC 9110 section 9.3.6), as far as it is judged before anything is dialled.

use std::sync::Arc;

use methodical_methods::{
    admission::{
        admit::{perform, tunnel},
        principal::Principal,
    },
    request::Input,
};
use methodical_semantics::{
    authority::Authority,
    path::Path,
    rule::{
        privilege::{Grant, Rules as PrivilegeRules, Who},
        tunnelling::{Reach, Rule, Rules, Subject},
    },
};

use crate::world::World;

fn status(world: &World, target: &str) -> u16 {
    world.send(&format!("CONNECT {target} HTTP/1.1\nHost: h")).status
}

#[test]
fn rfc9110_9_3_6_a_tunnel_leads_to_what_was_named_and_is_public() {
    let mut world = World::in_memory();
    world.principal.local = true;
    let (request, _) = world.request("CONNECT Example.com:443 HTTP/1.1");
    let to = Authority::parse("Example.com:443").unwrap();
    let dial = tunnel(&request, &to).unwrap();
    assert_eq!(dial.authority.to_string(), "example.com:443");
    assert_eq!(dial.reach, Reach::PUBLIC);
}

// covers: CON-01 CON-02
#[test]
fn rfc9112_3_2_3_only_the_authority_form_is_a_target() {
    let world = World::in_memory();
    for target in
        ["/", "*", "http://h/", "https://h:443/", "h", "h:", "h:99999", "h:abc", "u@h:443"]
    {
        assert_eq!(status(&world, target), 400, "{target}");
    }
}

// covers: CON-06
#[test]
fn rfc9110_9_3_6_ports_other_than_443_are_refused() {
    let world = World::in_memory();
    for port in [22, 25, 80, 8080] {
        assert_eq!(status(&world, &format!("localhost:{port}")), 403, "{port}");
    }
}

#[test]
fn rfc9110_15_5_6_without_rules_no_tunnel_is_allowed() {
    let mut world = World::in_memory();
    assert!(world.send("OPTIONS *").field("allow").contains("CONNECT"));
    world.policy.tunnels = Rules::default();
    let answer = world.send("CONNECT h:443 HTTP/1.1");
    assert_eq!(answer.status, 405);
    assert_eq!(answer.field("allow"), world.send("OPTIONS *").field("allow"));
    assert!(!answer.field("allow").contains("CONNECT"));
}

#[test]
fn rfc9110_9_3_6_tunnels_do_not_depend_on_writing_to_the_folder() {
    let mut world = World::in_memory();
    world.policy.writable = false;
    assert_eq!(status(&world, "h:443"), 200);
}

#[test]
fn rfc9110_9_3_6_strangers_have_no_tunnels() {
    let world = World::in_memory();
    let (mut request, _) = world.request("CONNECT h:443 HTTP/1.1");
    let to = Authority::parse("h:443").unwrap();
    request.principal = Arc::default();
    assert_eq!(tunnel(&request, &to).unwrap_err().status(), 403);
}

#[test]
fn rfc9110_9_3_6_rules_say_who_else_may() {
    let mut world = World::in_memory();
    let users = vec![Subject::Anyone];
    world.policy.tunnels = Rules(vec![Rule { ports: vec![8443], users, ..Rule::default() }]);
    let (mut request, _) = world.request("CONNECT h:8443 HTTP/1.1");
    request.principal = Arc::default();
    assert!(tunnel(&request, &Authority::parse("h:8443").unwrap()).is_ok());
    assert_eq!(status(&world, "h:443"), 403);
}

// covers: CON-08
#[test]
fn rfc9110_13_2_1_preconditions_are_ignored() {
    let world = World::in_memory();
    for field in ["If-Match: \"x\"", "If-None-Match: *", "If: (<urn:x>)", "Depth: x"] {
        assert_eq!(world.send(&format!("CONNECT h:443 HTTP/1.1\n{field}")).status, 200, "{field}");
    }
}

#[test]
fn rfc9110_9_3_6_a_request_with_content_is_refused() {
    let world = World::in_memory();
    for field in ["Content-Length: 5", "Transfer-Encoding: chunked"] {
        assert_eq!(world.send(&format!("CONNECT h:443 HTTP/1.1\n{field}")).status, 400, "{field}");
    }
    assert_eq!(world.send("CONNECT h:443 HTTP/1.1\nContent-Length: 0").status, 200);
}

#[test]
fn rfc9110_9_3_6_connect_does_nothing_to_resources() {
    let world = World::in_memory();
    let (request, _) = world.request("CONNECT h:443 HTTP/1.1");
    let before = methodical_store::testing::dump(&*world.store);
    assert!(perform(&*world.store, world.now, &request, Input::Nothing).is_err());
    assert_eq!(methodical_store::testing::dump(&*world.store), before);
    let get = world.request("GET /").0;
    assert_eq!(tunnel(&get, &Authority::parse("h:443").unwrap()).unwrap_err().status(), 501);
}

/// A caller from elsewhere, and rules of the folder by which anna has the right to tunnels.
fn elsewhere(name: Option<&str>) -> World {
    let mut world = World::in_memory();
    let grant = |who, rights: &str| Grant::new(Path::root(), who, rights.parse().unwrap());
    world.policy.rules = Arc::new(PrivilegeRules::of(vec![
        grant(Who::Anyone, "read"),
        grant(Who::User("anna".to_owned()), "tunnel"),
    ]));
    world.policy.login.basic = true;
    world.principal =
        Principal { name: name.map(str::to_owned), secure: true, ..Principal::default() };
    world
}

#[test]
fn rfc9110_9_3_6_who_has_the_right_tunnel_has_tunnels() {
    assert_eq!(status(&elsewhere(Some("anna")), "h:443"), 200);
    assert_eq!(status(&elsewhere(Some("anna")), "h:25"), 403);
    assert_eq!(status(&elsewhere(Some("bert")), "h:443"), 403);
}

// covers: CON-09
#[test]
fn rfc9110_15_5_8_who_could_log_in_is_told_how() {
    let world = elsewhere(None);
    let answer = world.send("CONNECT h:443 HTTP/1.1\nAuthorization: Basic YW5uYTp4");
    assert_eq!(answer.status, 407);
    assert!(answer.field("proxy-authenticate").starts_with("Basic realm="));
    assert!(!answer.has("www-authenticate"));
    // Nobody is asked for a secret that others could read, and a login does not change the target.
    let mut open = elsewhere(None);
    open.principal.secure = false;
    let answer = open.send("CONNECT h:443 HTTP/1.1");
    assert_eq!(answer.status, 403);
    assert!(answer.detail.contains("https"), "{answer:?}");
    assert_eq!(status(&world, "h:25"), 403);
}
