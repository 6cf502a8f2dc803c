//! TRACE (RFC 9110 section 9.3.8).

use methodical_store::testing::dump_with_validators;

use crate::world::on_every_store;

// covers: TRC-01 TRC-02 TRC-06 TRC-12
#[test]
fn rfc9110_9_3_8_trace_reflects_the_request() {
    on_every_store(|world| {
        let answer = world.send("TRACE /x HTTP/1.1\nHost: a\nX-A: 1\nVia: 1.1 proxy");
        assert_eq!(answer.status, 200);
        assert_eq!(answer.field("content-type"), "message/http");
        assert_eq!(
            answer.text(),
            "TRACE /x HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nVia: 1.1 proxy\r\n\r\n"
        );
        assert_eq!(answer.field("cache-control"), "no-store");
        assert_eq!(answer.field("x-content-type-options"), "nosniff");
    });
}

// covers: TRC-03
#[test]
fn rfc9110_9_3_8_fields_with_secrets_are_left_out() {
    on_every_store(|world| {
        world.policy.trace_omits = vec!["x-key".to_owned()];
        let answer = world.send(
            "TRACE / HTTP/1.1\nAuthorization: s\nHost: a\nCOOKIE: s\nCookie: s\n\
             Proxy-Authorization: s\nX-Key: s\nX-Keys: 1",
        );
        assert_eq!(answer.text(), "TRACE / HTTP/1.1\r\nHost: a\r\nX-Keys: 1\r\n\r\n");
    });
}

// covers: TRC-03
#[test]
fn rfc9112_5_2_a_folded_line_goes_with_its_field() {
    on_every_store(|world| {
        let (mut request, _) = world.request("TRACE / HTTP/1.1");
        let head = b"TRACE / HTTP/1.1\r\nCookie: a\r\n b\r\n\tc\r\nHost: a\r\n\r\n";
        request.head = head.as_slice().into();
        let answer = world.perform(&request, methodical_methods::request::Input::Nothing);
        assert_eq!(answer.text(), "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n");
    });
}

// covers: TRC-04
#[test]
fn rfc9110_9_3_8_content_is_refused() {
    on_every_store(|world| {
        assert_eq!(world.send("TRACE /\nContent-Length: 1\n\nx").status, 400);
        assert_eq!(world.send("TRACE /\nTransfer-Encoding: chunked\n\nx").status, 400);
        assert_eq!(world.send("TRACE /\nContent-Length: 0").status, 200);
    });
}

// covers: TRC-05
#[test]
fn rfc9110_7_6_2_the_request_ends_here_whatever_max_forwards_says() {
    on_every_store(|world| {
        for value in ["0", "1", "99999999999999999999"] {
            let answer = world.send(&format!("TRACE /\nMax-Forwards: {value}"));
            assert_eq!(answer.status, 200);
            assert!(answer.text().contains(&format!("Max-Forwards: {value}\r\n")));
        }
    });
}

#[test]
fn rfc9110_7_6_2_max_forwards_is_one_number() {
    on_every_store(|world| {
        for value in ["-1", "", "1, 2", "a"] {
            assert_eq!(world.send(&format!("TRACE /\nMax-Forwards: {value}")).status, 400);
        }
        assert_eq!(world.send("TRACE /\nMax-Forwards: 1\nMax-Forwards: 1").status, 400);
    });
}

// covers: TRC-07 COND-03
#[test]
fn rfc9110_13_2_1_trace_ignores_preconditions() {
    on_every_store(|world| {
        world.seed(&[("/a", "")]);
        assert_eq!(world.send("TRACE /a\nIf-None-Match: *").status, 200);
        assert_eq!(world.send("TRACE /a\nIf-Match: \"x\"").status, 200);
    });
}

// covers: TRC-09
#[test]
fn rfc9110_9_2_1_trace_changes_nothing() {
    on_every_store(|world| {
        world.seed(&[("/a", "")]);
        let before = dump_with_validators(&*world.store);
        world.send("TRACE /a");
        world.send("TRACE /none");
        assert_eq!(dump_with_validators(&*world.store), before);
    });
}

// covers: TRC-10
#[test]
fn rfc9110_15_5_6_trace_is_not_allowed_unless_the_operator_turns_it_on() {
    on_every_store(|world| {
        world.policy.trace = false;
        let answer = world.send("TRACE /");
        assert_eq!(answer.status, 405);
        assert!(!answer.field("allow").contains("TRACE"));
    });
}

#[test]
fn rfc9112_3_2_4_trace_takes_no_asterisk() {
    on_every_store(|world| assert_eq!(world.send("TRACE *").status, 405));
}
