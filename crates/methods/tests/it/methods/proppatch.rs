//! PROPPATCH (RFC 4918 section 9.2).

use methodical_store::{
    properties::{PROPERTIES_MAX, PROPERTY_BYTES_MAX},
    testing::{dump_with_validators, path},
};

use crate::{
    multistatus::{Said, said},
    world::{World, on_every_store},
    writing::{refused, refused_at_head, state},
};

fn with_members(test: impl Fn(&mut World)) {
    on_every_store(|world| {
        world.seed(&[("/d/", ""), ("/d/a.txt", "text"), ("/d/e/", ""), ("/d/e/f", "f")]);
        test(world);
    });
}

fn update(target: &str, fields: &str, inside: &str) -> String {
    format!(
        "PROPPATCH {target}\ncontent-type: application/xml{fields}\n\n\
         <D:propertyupdate xmlns:D=\"DAV:\" xmlns:x=\"urn:x\">{inside}</D:propertyupdate>"
    )
}

fn set(properties: &str) -> String {
    format!("<D:set><D:prop>{properties}</D:prop></D:set>")
}

fn remove(properties: &str) -> String {
    format!("<D:remove><D:prop>{properties}</D:prop></D:remove>")
}

/// Carries instructions out that all succeed.
fn patch(world: &World, target: &str, inside: &str) {
    let answer = world.send(&update(target, "", inside));
    let said = said(&answer);
    assert_eq!(said.len(), 1);
    assert!(said[0].properties.iter().all(|(status, ..)| *status == 200), "{said:?}");
}

/// What PROPFIND says of one resource.
fn found(world: &World, target: &str, inside: &str) -> Said {
    let mut said = said(&found_text(world, target, inside));
    said.remove(0)
}

fn found_text(world: &World, target: &str, inside: &str) -> crate::world::Answer {
    world.send(&format!(
        "PROPFIND {target}\ndepth: 0\ncontent-type: application/xml\n\n\
         <D:propfind xmlns:D=\"DAV:\" xmlns:x=\"urn:x\">{inside}</D:propfind>"
    ))
}

/// The value of a property of ours; nothing where the resource has none.
fn value(world: &World, target: &str, name: &str) -> Option<String> {
    let asked = format!("<D:prop><x:{name}/></D:prop>");
    let (status, _, value) = found(world, target, &asked).properties.remove(0);
    (status == 200).then_some(value)
}

#[test]
fn rfc4918_9_2_properties_are_set_and_removed() {
    with_members(|world| {
        for at in ["/", "/d/", "/d/a.txt"] {
            patch(world, at, &(set("<x:a>1</x:a><x:b>2</x:b>") + &set("<x:a>3</x:a>")));
            assert_eq!(value(world, at, "a").as_deref(), Some("3"));
            assert_eq!(value(world, at, "b").as_deref(), Some("2"));
            // RFC 4918 section 14.23: what is not there is removed already.
            patch(world, at, &remove("<x:a/><x:none/>"));
            assert_eq!(value(world, at, "a"), None);
            assert_eq!(value(world, at, "b").as_deref(), Some("2"));
        }
    });
}

#[test]
fn rfc4918_9_2_instructions_are_processed_in_document_order() {
    with_members(|world| {
        patch(world, "/d/a.txt", &(remove("<x:a/>") + &set("<x:a>1</x:a>")));
        assert_eq!(value(world, "/d/a.txt", "a").as_deref(), Some("1"));
        patch(world, "/d/a.txt", &(set("<x:a>2</x:a>") + &remove("<x:a/>")));
        assert_eq!(value(world, "/d/a.txt", "a"), None);
    });
}

#[test]
fn rfc4918_9_2_all_or_nothing() {
    with_members(|world| {
        patch(world, "/d/a.txt", &set("<x:a>before</x:a>"));
        let before = dump_with_validators(&*world.store);
        let inside = set("<x:a>after</x:a><D:getetag>x</D:getetag>") + &remove("<D:resourcetype/>");
        let answer = world.send(&update("/d/a.txt", "", &inside));
        let of = said(&answer).remove(0);
        assert_eq!(of.href, "/d/a.txt");
        assert_eq!(of.names(403), ["{DAV:}getetag", "{DAV:}resourcetype"]);
        assert_eq!(of.names(424), ["{urn:x}a"]);
        let condition = "<D:error><D:cannot-modify-protected-property/></D:error>";
        assert!(answer.text().contains(condition), "{}", answer.text());
        assert_eq!(dump_with_validators(&*world.store), before);
    });
}

#[test]
fn rfc4918_15_protected_properties_are_not_set() {
    with_members(|world| {
        for live in methodical_methods::properties::all() {
            let property = format!("<p:{0} xmlns:p=\"{1}\">x</p:{0}>", live.name, live.namespace);
            let of = said(&world.send(&update("/d/a.txt", "", &set(&property)))).remove(0);
            let status = if live.is_protected() { 403 } else { 200 };
            assert_eq!(of.properties[0].0, status, "{}", live.name);
        }
    });
}

#[test]
fn rfc4918_4_3_values_are_kept_exactly() {
    with_members(|world| {
        let value = "<x:v xmlns:y=\"urn:y\" y:b='1' a=\"&lt;&#10;\">one <y:i>two</y:i>\
                     \n\u{e9}\u{10fff0}\
                     <!-- three --><![CDATA[<four>]]> &amp;<n xmlns=\"\"/><D:href/></x:v>";
        let text = update(
            "/d/a.txt",
            "",
            &format!("<D:set xml:lang=\"de-CH\"><D:prop>{value}</D:prop></D:set>"),
        );
        assert_eq!(said(&world.send(&text))[0].names(200), ["{urn:x}v"]);
        for asked in ["<D:prop><x:v/></D:prop>", "<D:allprop/>"] {
            let answer = found_text(world, "/d/a.txt", asked);
            let (_, inner) = value.split_once('>').unwrap();
            assert!(answer.text().contains(inner), "{}", answer.text());
            assert!(answer.text().contains("xml:lang=\"de-CH\""), "{}", answer.text());
            assert!(answer.text().contains("xmlns:y=\"urn:y\" y:b='1' a=\"&lt;&#10;\""));
        }
    });
}

#[test]
fn rfc4918_9_1_propfind_shows_dead_properties() {
    with_members(|world| {
        patch(world, "/d/", &set("<x:a>1</x:a><b>2</b><D:own>3</D:own>"));
        let names = ["{urn:x}a", "{}b", "{DAV:}own"];
        for asked in ["<D:allprop/>", "<D:propname/>"] {
            let all = found(world, "/d/", asked);
            for name in names {
                assert!(all.names(200).contains(&name), "{asked} {name} {all:?}");
            }
        }
        let empty = found(world, "/d/", "<D:propname/>");
        assert!(empty.properties.iter().all(|(.., value)| value.is_empty()));
        let asked = found(world, "/d/", "<D:prop><b/><x:none/><D:own/><x:a/></D:prop>");
        assert_eq!(asked.names(200), ["{}b", "{DAV:}own", "{urn:x}a"]);
        assert_eq!(asked.names(404), ["{urn:x}none"]);
        let included = found(world, "/d/", "<D:allprop/><D:include><x:a/></D:include>");
        let a = |name: &&&str| **name == "{urn:x}a";
        assert_eq!(included.names(200).iter().filter(a).count(), 1, "{included:?}");
        let below = said(&world.send("PROPFIND /d/\ndepth: 1"));
        let holders = below.iter().filter(|of| of.names(200).contains(&"{urn:x}a"));
        assert_eq!(holders.map(|of| of.href.as_str()).collect::<Vec<_>>(), ["/d/"]);
    });
}

#[test]
fn rfc4918_15_2_displayname_can_be_set() {
    with_members(|world| {
        for (inside, expected) in [
            (set("<D:displayname>A &amp; B</D:displayname>"), "A &amp; B"),
            (remove("<D:displayname/>"), "a.txt"),
        ] {
            patch(world, "/d/a.txt", &inside);
            for asked in ["<D:allprop/>", "<D:prop><D:displayname/></D:prop>"] {
                let of = found(world, "/d/a.txt", asked);
                assert_eq!(of.value("displayname"), Some(expected));
            }
        }
    });
}

#[test]
fn rfc4918_9_8_2_and_9_9_1_properties_go_with_the_resource() {
    with_members(|world| {
        for at in ["/d/", "/d/a.txt", "/d/e/f"] {
            patch(world, at, &set("<x:a>kept</x:a>"));
        }
        world.send("COPY /d/ HTTP/1.1\nhost: h\ndestination: /copy/");
        world.send("MOVE /d/ HTTP/1.1\nhost: h\ndestination: /moved/");
        world.send("PUT /moved/a.txt\n\nother");
        for at in ["/copy/", "/copy/e/f", "/moved/", "/moved/a.txt", "/moved/e/f"] {
            assert_eq!(value(world, at, "a").as_deref(), Some("kept"), "{at}");
        }
        world.send("DELETE /moved/");
        world.send("MKCOL /moved/");
        world.send("PUT /moved/a.txt\n\nnew");
        assert_eq!(value(world, "/moved/", "a"), None);
        assert_eq!(value(world, "/moved/a.txt", "a"), None);
    });
}

#[test]
fn rfc4918_9_2_the_etag_and_the_date_stay() {
    with_members(|world| {
        let before = world.send("HEAD /d/a.txt");
        patch(world, "/d/a.txt", &set("<x:a>1</x:a>"));
        let after = world.send("HEAD /d/a.txt");
        assert_eq!(before.field("etag"), after.field("etag"));
        assert_eq!(before.field("last-modified"), after.field("last-modified"));
    });
}

const WINDOWS: &str = "<W:Win32CreationTime>Mon, 12 Dec 2011 17:37:08 GMT</W:Win32CreationTime>\
    <W:Win32LastAccessTime>Mon, 12 Dec 2011 17:37:09 GMT</W:Win32LastAccessTime>\
    <W:Win32LastModifiedTime>Mon, 12 Dec 2011 17:37:10 GMT</W:Win32LastModifiedTime>\
    <W:Win32FileAttributes>00000020</W:Win32FileAttributes>";

fn windows() -> String {
    set(WINDOWS).replace("<D:prop>", "<D:prop xmlns:W=\"urn:schemas-microsoft-com:\">")
}

#[test]
fn windows_times_are_kept_and_date_the_file() {
    with_members(|world| {
        for at in ["/d/a.txt", "/d/e/", "/"] {
            patch(world, at, &windows());
            let all = found(world, at, "<D:allprop/>");
            let name = "{urn:schemas-microsoft-com:}Win32CreationTime";
            assert!(all.names(200).contains(&name), "{all:?}");
            let modified = all.value("getlastmodified");
            assert_eq!(modified == Some("Mon, 12 Dec 2011 17:37:10 GMT"), at != "/", "{all:?}");
        }
        let file = world.send("GET /d/a.txt");
        assert_eq!(file.field("last-modified"), "Mon, 12 Dec 2011 17:37:10 GMT");
        assert_eq!(file.text(), "text");
        let odd = "<Win32LastModifiedTime xmlns=\"urn:schemas-microsoft-com:\">soon\
                   </Win32LastModifiedTime>";
        patch(world, "/d/a.txt", &set(odd));
        let file = world.send("HEAD /d/a.txt");
        assert_eq!(file.field("last-modified"), "Mon, 12 Dec 2011 17:37:10 GMT", "kept alone");
    });
}

/// What two kinds of clients are told of a file's time.
fn times(world: &World) -> [String; 2] {
    let asked = "<D:prop><W:Win32LastModifiedTime xmlns:W=\"urn:schemas-microsoft-com:\"/>\
        <D:lastmodified/></D:prop>";
    let of = found(world, "/d/a.txt", asked);
    [0, 1].map(|at| of.properties[at].2.clone())
}

#[test]
fn a_time_that_a_client_set_is_no_longer_told_when_the_file_is_another() {
    with_members(|world| {
        patch(world, "/d/a.txt", &windows());
        assert_eq!(times(world), ["Mon, 12 Dec 2011 17:37:10 GMT", "1323711430"]);
        assert_eq!(world.send("PUT /d/a.txt\n\nother").status, 204);
        let modified = world.send("HEAD /d/a.txt").field("last-modified").to_owned();
        assert_eq!(times(world)[0], modified);
        assert_ne!(modified, "Mon, 12 Dec 2011 17:37:10 GMT");
    });
}

#[test]
fn rclone_sets_the_time_of_a_file_as_of_nextcloud() {
    with_members(|world| {
        patch(world, "/d/a.txt", &set("<lastmodified xmlns=\"DAV:\">1323711430</lastmodified>"));
        assert_eq!(times(world), ["Mon, 12 Dec 2011 17:37:10 GMT", "1323711430"]);
        let file = world.send("HEAD /d/a.txt");
        assert_eq!(file.field("last-modified"), "Mon, 12 Dec 2011 17:37:10 GMT");
        let all = found(world, "/d/a.txt", "<D:allprop/>");
        assert!(!all.names(200).iter().any(|name| name.ends_with("}lastmodified")), "{all:?}");
    });
}

#[test]
fn rfc8144_2_2_a_minimal_answer_has_no_content() {
    with_members(|world| {
        let minimal = "\nprefer: return=minimal";
        let answer = world.send(&update("/d/", minimal, &set("<x:a>1</x:a>")));
        assert_eq!((answer.status, answer.text()), (200, ""));
        assert_eq!(answer.field("preference-applied"), "return=minimal");
        assert_eq!(value(world, "/d/", "a").as_deref(), Some("1"));
        let answer = world.send(&update("/d/", minimal, &set("<D:getetag/><x:a>2</x:a>")));
        assert_eq!(said(&answer)[0].names(424), ["{urn:x}a"]);
        assert!(!answer.has("preference-applied"));
    });
}

#[test]
fn rfc4918_9_2_1_what_is_too_much_is_507() {
    with_members(|world| {
        let long = "x".repeat(PROPERTY_BYTES_MAX);
        let answer = world.send(&update("/d/", "", &set(&format!("<x:a>{long}</x:a><x:b/>"))));
        let of = said(&answer).remove(0);
        assert_eq!((of.names(507), of.names(424)), (vec!["{urn:x}a"], vec!["{urn:x}b"]));
        let many: String =
            (0..PROPERTIES_MAX).fold(String::new(), |all, at| all + &format!("<x:a{at}/>"));
        patch(world, "/d/", &set(&many));
        let answer = world.send(&update("/d/", "", &set("<x:more/>")));
        assert_eq!(said(&answer)[0].names(507), ["{urn:x}more"]);
        patch(world, "/d/", &(remove("<x:a0/>") + &set("<x:more/>")));
    });
}

#[test]
fn rfc4918_8_2_content_that_is_no_instruction_is_refused() {
    with_members(|world| {
        let send = |media_type: &str, content: &str| {
            let text = format!("PROPPATCH /d/a.txt\ncontent-type: {media_type}\n\n{content}");
            refused(world, &text).status
        };
        assert_eq!(send("application/xml", ""), 400);
        assert_eq!(send("application/xml", "<propertyupdate"), 400);
        assert_eq!(send("text/xml", "<propfind xmlns=\"DAV:\"><allprop/></propfind>"), 400);
        let bomb =
            "<!DOCTYPE a [<!ENTITY e \"e\">]><propertyupdate xmlns=\"DAV:\">&e;</propertyupdate>";
        assert_eq!(send("application/xml", bomb), 400);
        let outside = "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><propertyupdate xmlns=\"DAV:\"/>";
        assert_eq!(send("application/xml", outside), 403);
        assert_eq!(send("text/plain", "x"), 415);
        let other = "PROPPATCH /d/a.txt\ncontent-type: image/png\ncontent-length: 1\n\nx";
        assert_eq!(refused_at_head(world, other).status, 415);
    });
}

#[test]
fn rfc4918_9_2_only_what_is_there_has_properties() {
    with_members(|world| {
        let inside = set("<x:a>1</x:a>");
        for at in ["/none", "/none/", "/d/a.txt/"] {
            assert_eq!(refused_at_head(world, &update(at, "", &inside)).status, 404, "{at}");
        }
        world.send("DELETE /d/a.txt");
        assert_eq!(refused_at_head(world, &update("/d/a.txt", "", &inside)).status, 404);
        world.policy.writable = false;
        assert_eq!(refused_at_head(world, &update("/d/", "", &inside)).status, 405);
    });
}

#[test]
fn rfc9110_13_1_preconditions_count() {
    with_members(|world| {
        let inside = set("<x:a>1</x:a>");
        let other = update("/d/a.txt", "\nif-match: \"x\"", &inside);
        assert_eq!(refused_at_head(world, &other).status, 412);
        let own = format!("\nif-match: {}", world.etag("/d/a.txt"));
        assert_eq!(world.send(&update("/d/a.txt", &own, &inside)).status, 207);
    });
}

#[test]
fn rfc4918_5_2_a_collection_named_without_slash_is_located() {
    with_members(|world| {
        let answer = world.send(&update("/d", "", &set("<x:a>1</x:a>")));
        assert_eq!(answer.field("content-location"), "/d/");
        assert_eq!(said(&answer)[0].href, "/d/");
        assert!(state(world).contains("/d/ collection {urn:x}a="), "{}", state(world));
        let snapshot = world.store.snapshot();
        let found = snapshot.find(&path("/d")).unwrap().unwrap();
        assert_eq!(snapshot.properties(&found).unwrap().iter().count(), 1);
    });
}
