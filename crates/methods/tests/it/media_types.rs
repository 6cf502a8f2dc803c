//! The Content-Type of files: given, implied by the name, or told by the bytes (RFC 9110 section
//! 8.3).

use methodical_store::{
    store::Placement,
    testing::{change, path, staged},
};

use crate::world::{World, on_every_store};

/// Puts a file with a media type of its own.
fn place(world: &World, at: &str, media_type: &str) {
    let at = path(at);
    let as_ = Placement { media_type: Some(media_type.into()), ..Placement::default() };
    let made = change(&*world.store, &at, |changes| {
        changes.place(&at, staged(&*world.store, &at, b"content")?, as_)
    });
    made.unwrap();
}

// covers: GET-02
#[test]
fn rfc9110_8_3_a_media_type_that_was_given_is_served() {
    on_every_store(|world| {
        place(world, "/a.html", "text/x-special; charset=koi8-r");
        assert_eq!(
            world.send("GET /a.html").field("content-type"),
            "text/x-special; charset=koi8-r"
        );
    });
}

#[test]
fn rfc9110_8_3_a_name_that_tells_nothing_is_a_stream_of_octets() {
    on_every_store(|world| {
        world.seed(&[("/blob", "x")]);
        assert_eq!(world.send("GET /blob").field("content-type"), "application/octet-stream");
    });
}
