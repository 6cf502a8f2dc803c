//! What users store is not the server's page (Content Security Policy section 6.3.2).

use methodical_methods::admission::policy::{Login, Policy};
use methodical_store::{
    store::Placement,
    testing::{change, path, staged},
};

use crate::world::{World, on_every_store};

/// Puts a file with a media type of its own.
fn place(world: &World, at: &str, as_: Placement) {
    let at = path(at);
    let made = change(&*world.store, &at, |changes| {
        changes.place(&at, staged(&*world.store, &at, b"content")?, as_)
    });
    made.unwrap();
}

/// What browsers make a document of, with scripts of its own.
const ACTIVE: [(&str, Option<&str>); 9] = [
    ("/p.html", None),
    ("/p.HTM", None),
    ("/p.xhtml", None),
    ("/p.svg", None),
    ("/p.xml", None),
    ("/p.rss", None),
    ("/a", Some("Text/HTML; charset=utf-8")),
    ("/b", Some("application/vnd.x+XML")),
    ("/c.png", Some("text/xsl")),
];

#[test]
fn what_users_store_is_no_page_of_the_server() {
    on_every_store(|world| {
        for (at, media_type) in ACTIVE {
            let media_type = media_type.map(Into::into);
            place(world, at, Placement { media_type, ..Placement::default() });
            for line in [format!("GET {at}"), format!("HEAD {at}")] {
                let answer = world.send(&line);
                assert_eq!(answer.field("content-security-policy"), "sandbox", "{line}");
                let tag = answer.field("etag").to_owned();
                let same = world.send(&format!("{line}\nIf-None-Match: {tag}"));
                assert_eq!(same.status, 304, "{line}");
                assert_eq!(same.field("content-security-policy"), "sandbox", "{line}");
            }
            for range in ["bytes=0-1", "bytes=0-1,4-5"] {
                let part = world.send(&format!("GET {at}\nRange: {range}"));
                assert_eq!(part.status, 206, "{at}");
                assert_eq!(part.field("content-security-policy"), "sandbox", "{at}");
            }
        }
        for at in ["/t.txt", "/t.pdf", "/t.png", "/t.json", "/t.css", "/t.js", "/t"] {
            place(world, at, Placement::default());
            assert!(!world.send(&format!("GET {at}")).has("content-security-policy"), "{at}");
        }
    });
}

#[test]
fn what_only_the_operator_stores_is_a_page_of_the_server() {
    let bearer = Login { bearer: true, ..Login::default() };
    let site = Policy::default();
    let policies = [
        (site.clone(), false),
        (Policy { writable: true, ..site.clone() }, true),
        (Policy { login: bearer, ..site.clone() }, true),
        (Policy { writable: true, trusts_content: true, login: bearer, ..site }, false),
    ];
    on_every_store(|world| {
        place(world, "/index.html", Placement::default());
        for (policy, sandboxed) in &policies {
            world.policy = policy.clone();
            for target in ["/", "/index.html"] {
                let answer = world.send(&format!("GET {target}"));
                assert_eq!(answer.has("content-security-policy"), *sandboxed, "{policy:?}");
            }
        }
    });
}
