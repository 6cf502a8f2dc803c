//! The forms in which clients name one resource: of Unicode, and with a slash at the end or
//! without.

use crate::world::on_every_store;

/// `ü` in the forms C and D.
const FORMS: [&str; 2] = ["/%C3%BC", "/u%CC%88"];

#[test]
fn unicode_annex_15_a_new_name_is_stored_in_form_c() {
    for [method, field] in [
        ["PUT", "Accept: */*"],
        ["MKCOL", "Accept: */*"],
        ["COPY /f", "Destination: "],
        ["MOVE /f", "Destination: "],
    ] {
        on_every_store(|world| {
            world.seed(&[("/f", "text")]);
            let [c, d] = FORMS;
            let made = if field.ends_with(": ") {
                world.send(&format!("{method}\n{field}{d}"))
            } else {
                world.send(&format!("{method} {d}\n{field}\n\n"))
            };
            let location = made.field("location").trim_end_matches('/');
            assert_eq!((made.status, location), (201, c), "{method}");
        });
    }
    on_every_store(|world| {
        let made = world.send("POST /\nSlug: u%CC%88\n\ntext");
        assert_eq!((made.status, made.field("location")), (201, "/%C3%BC"));
    });
}

#[test]
fn unicode_annex_15_all_forms_of_a_name_mean_one_resource() {
    for stored in FORMS {
        for asked in FORMS {
            on_every_store(|world| {
                world.seed(&[(stored, "text")]);
                assert_eq!(world.send(&format!("GET {asked}")).text(), "text");
                assert_eq!(world.send(&format!("PUT {asked}\nIf-None-Match: *\n\nx")).status, 412);
                assert_eq!(world.send(&format!("PUT {asked}\n\nnew")).status, 204);
                assert_eq!(world.send(&format!("GET {stored}")).text(), "new");
                let onto_itself = format!("COPY {stored}\nDestination: {asked}");
                assert_eq!(world.send(&onto_itself).status, 403);
                assert_eq!(world.send(&format!("DELETE {asked}")).status, 204);
                assert_ne!(world.send(&format!("GET {stored}")).status, 200);
            });
        }
    }
}

#[test]
fn unicode_annex_15_what_is_below_a_name_is_found_by_all_of_its_forms() {
    let [c, d] = FORMS;
    on_every_store(|world| {
        world.seed(&[(&format!("{d}/"), ""), (&format!("{d}/f"), "text")]);
        assert_eq!(world.send(&format!("GET {c}/f")).text(), "text");
        let made = world.send(&format!("PUT {c}/g\n\nx"));
        assert_eq!((made.status, made.field("location")), (201, &*format!("{d}/g")));
        let listed = world.send(&format!("PROPFIND {c}/\nDepth: 1"));
        assert_eq!(listed.status, 207);
        assert!(listed.text().contains(&format!("{d}/g")), "{}", listed.text());
        assert_eq!(world.send(&format!("GET {c}/")).status, 200);
    });
}

#[test]
fn rfc4918_5_2_a_collection_is_meant_with_a_slash_and_without() {
    for at in ["/d", "/d/"] {
        for (request, status) in [
            (format!("OPTIONS {at}"), 200),
            (format!("PROPFIND {at}\nDepth: 0"), 207),
            (format!("PROPFIND {at}\nDepth: 1"), 207),
            (format!("COPY {at}\nDestination: /e"), 201),
            (format!("COPY {at}\nDestination: /e/"), 201),
            (format!("MOVE {at}\nDestination: /e"), 201),
            (format!("MOVE {at}\nDestination: /e/"), 201),
            (format!("COPY /there\nDestination: {at}"), 204),
            (format!("MOVE /there/\nDestination: {at}"), 204),
            (format!("MKCOL {at}"), 405),
            (format!("DELETE {at}"), 204),
        ] {
            on_every_store(|world| {
                world.seed(&[("/d/", ""), ("/d/f", "text"), ("/there/", "")]);
                let answer = world.send(&request);
                assert_eq!(answer.status, status, "{request} {answer:?}");
            });
        }
    }
}
