//! WHATWG Fetch section 4.8: what a browser asks before it lets a page send more than a simple
//! request.

use methodical_server::settings::Cors;

use super::{
    APP, EXTENSIONS, PROGRAMS, ParseOrigin, STRANGER, from, is_kept, is_shared, list, preflight,
    sharing, sharing_with_anyone,
};

const METHODS: &str = "access-control-allow-methods";
const FIELDS: &str = "access-control-allow-headers";

// covers: CORS-01 CORS-02
#[test]
fn fetch_3_3_2_origin_and_a_method_make_a_preflight() {
    let server = sharing(false);
    let answer = preflight(&server, APP, ("/file.txt", "PUT"), "");
    assert_eq!(answer.status, 204);
    assert!(is_shared(&answer, APP) && !list(&answer, METHODS).is_empty(), "{answer:?}");
    let plain = from(&mut server.connect(), APP, "OPTIONS /file.txt");
    assert_eq!((plain.status, plain.field(METHODS)), (200, None));
    let asked = "Access-Control-Request-Method: PUT\r\n";
    let plain = server.connect().ask_with("OPTIONS /file.txt", asked);
    assert_eq!((plain.status, plain.field(METHODS)), (200, None));
    is_kept(&plain);
    let get = format!("Origin: {APP}\r\n{asked}");
    let get = server.connect().ask_with("GET /file.txt", &get);
    assert_eq!((get.status, get.field(METHODS)), (200, None));
}

#[test]
fn fetch_4_8_extensions_and_listed_programs_are_answered() {
    let plain = super::serving(|_| {});
    let listing = super::serving(|settings| {
        let origins = PROGRAMS.iter().map(|origin| origin.parse_origin()).collect();
        settings.cors = Cors::Origins { origins, credentials: true };
    });
    let asked = EXTENSIONS.map(|origin| (&plain, origin)).into_iter();
    let asked = asked.chain(EXTENSIONS.map(|origin| (&listing, origin)));
    for (server, origin) in asked.chain(PROGRAMS.map(|origin| (&listing, origin))) {
        let answer = preflight(server, origin, ("/new.txt", "PUT"), "authorization");
        assert_eq!(answer.status, 204, "{origin}: {answer:?}");
        assert_eq!(answer.field("access-control-allow-origin"), Some(origin));
        assert!(list(&answer, METHODS).contains(&"PUT"), "{answer:?}");
        assert!(list(&answer, "vary").contains(&"Origin"), "{answer:?}");
        let read = from(&mut server.connect(), origin, "GET /file.txt");
        assert_eq!(read.field("access-control-allow-origin"), Some(origin), "{read:?}");
        let login = read.field("access-control-allow-credentials");
        assert_eq!(login.is_some(), !EXTENSIONS.contains(&origin), "{read:?}");
    }
    for origin in [STRANGER, "app://obsidian.md", "null", "moz-extension://a/b"] {
        let answer = preflight(&plain, origin, ("/new.txt", "PUT"), "");
        is_kept(&answer);
        is_kept(&from(&mut plain.connect(), origin, "GET /file.txt"));
    }
}

// covers: CORS-03
#[test]
fn fetch_4_8_a_preflight_is_not_challenged_where_nobody_may_look() {
    let server = sharing(false);
    for path in ["/.hidden", "/.methodical/health", "/.methodical/nothing", "/missing"] {
        let answer = preflight(&server, APP, (path, "GET"), "authorization");
        assert_eq!(answer.status, 204, "{path}: {answer:?}");
        assert!(is_shared(&answer, APP));
    }
}

// covers: CORS-06 CORS-07
#[test]
fn fetch_4_8_the_methods_are_those_of_allow_with_their_case() {
    let server = sharing(false);
    for method in ["PUT", "PATCH", "DELETE", "PROPFIND", "PROPPATCH", "LOCK", "COPY", "GET"] {
        let answer = preflight(&server, APP, ("/file.txt", method), "");
        assert_eq!(answer.status, 204, "{method}: {answer:?}");
        assert!(list(&answer, METHODS).contains(&method), "{answer:?}");
    }
    for (path, method) in [("/file.txt", "patch"), ("/file.txt", "MKCOL"), ("/", "PUT")] {
        let answer = preflight(&server, APP, (path, method), "");
        answer.is_problem(403);
        is_kept(&answer);
    }
}

// covers: CORS-13
#[test]
fn fetch_2_2_1_what_browsers_never_send_is_not_listed() {
    let server = super::serving(|settings| {
        settings.policy.trace = true;
        settings.cors =
            Cors::Origins { origins: vec![ParseOrigin::parse_origin(APP)], credentials: false };
    });
    let answer = preflight(&server, APP, ("/file.txt", "PUT"), "");
    assert!(list(&answer, "allow").contains(&"TRACE"), "{answer:?}");
    for banned in ["CONNECT", "TRACE", "TRACK"] {
        assert!(!list(&answer, METHODS).contains(&banned), "{answer:?}");
        preflight(&server, APP, ("/file.txt", banned), "").is_problem(403);
    }
}

// covers: CORS-08 CORS-18
#[test]
fn fetch_4_8_each_field_that_is_asked_for_is_named() {
    let server = sharing(false);
    for asked in ["authorization,depth,x-own", "Depth, x-own ,, Authorization"] {
        let answer = preflight(&server, APP, ("/file.txt", "PUT"), asked);
        let mut named = list(&answer, FIELDS);
        named.sort_unstable();
        assert_eq!(named, ["authorization", "depth", "x-own"]);
    }
    let answer = preflight(&server, APP, ("/file.txt", "PUT"), "");
    assert_eq!(answer.field(FIELDS), None);
}

#[test]
fn fetch_4_8_no_page_may_speak_as_a_proxy() {
    let server = sharing(false);
    let asked = "depth,forwarded,via,x-forwarded-for,x-forwarded-host,x-real-ip";
    let answer = preflight(&server, APP, ("/file.txt", "PUT"), asked);
    assert_eq!(answer.field(FIELDS), Some("depth"));
}

// covers: CORS-09
#[test]
fn fetch_3_3_4_the_age_is_a_number_of_seconds() {
    let answer = preflight(&sharing(false), APP, ("/file.txt", "PUT"), "");
    let age: u32 = answer.field("access-control-max-age").unwrap().parse().unwrap();
    assert!((60..=7200).contains(&age));
}

// covers: CORS-16
#[test]
fn fetch_3_3_3_a_strange_origin_is_told_in_a_sentence() {
    let server = sharing(true);
    for origin in [STRANGER, "null", "https://app.example.stranger.example"] {
        let answer = preflight(&server, origin, ("/file.txt", "PUT"), "depth");
        answer.is_problem(403);
        is_kept(&answer);
        assert!(list(&answer, "vary").contains(&"Origin"));
    }
}

// covers: CORS-17
#[test]
fn fetch_3_3_3_a_folder_without_its_slash_is_not_redirected() {
    let server = sharing(false);
    server.connect().ask("MKCOL /folder");
    assert_eq!(server.status_of("/folder"), 301);
    let answer = preflight(&server, APP, ("/folder", "PROPFIND"), "depth");
    assert_eq!((answer.status, answer.field("location")), (204, None));
}

// covers: CORS-19
#[test]
fn fetch_2_2_2_what_needs_no_preflight_is_judged_all_the_same() {
    let server = sharing(false);
    for kind in ["text/plain", "multipart/form-data; boundary=x", "application/json"] {
        let fields = format!("Origin: {STRANGER}\r\nContent-Type: {kind}\r\nContent-Length: 0\r\n");
        let answer = server.connect().ask_with("POST /", &fields);
        answer.is_problem(403);
        is_kept(&answer);
    }
    assert_eq!(std::fs::read_dir(server.root.path()).unwrap().count(), 1);
}

// covers: CORS-20
#[test]
fn rfc9110_9_3_7_allow_stays_what_it_is() {
    let server = sharing(false);
    let plain = server.connect().ask("OPTIONS /file.txt");
    let asked = preflight(&server, APP, ("/file.txt", "PUT"), "");
    assert_eq!(plain.field("allow"), asked.field("allow"));
    assert!(asked.field("allow").is_some());
}

#[test]
fn fetch_3_3_what_anyone_may_read_only_listed_origins_may_write() {
    let server = sharing_with_anyone();
    for method in ["PROPFIND", "GET"] {
        let answer = preflight(&server, STRANGER, ("/file.txt", method), "depth");
        assert_eq!(answer.status, 204);
        assert_eq!(answer.field("access-control-allow-origin"), Some("*"));
        assert!(!list(&answer, METHODS).contains(&"PUT"), "{answer:?}");
    }
    let answer = preflight(&server, STRANGER, ("/file.txt", "PUT"), "");
    answer.is_problem(403);
    assert!(answer.text().contains("--cors-origin"), "{}", answer.text());
    is_kept(&answer);
    let answer = preflight(&server, APP, ("/file.txt", "PUT"), "");
    assert_eq!(answer.status, 204);
    assert!(list(&answer, METHODS).contains(&"PUT"));
}

#[test]
fn fetch_3_3_read_only_shares_no_method_that_writes() {
    let server = super::Server::with(|settings| {
        settings.policy.writable = false;
        settings.cors = Cors::Anyone { writers: vec![ParseOrigin::parse_origin(APP)] };
    });
    preflight(&server, APP, ("/", "DELETE"), "").is_problem(403);
}
