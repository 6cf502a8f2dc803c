//! The resources that represent users and groups (RFC 3744 sections 2 and 4, RFC 5397).

use std::sync::Arc;

use methodical_server::{
    login::{Secret, TokenFile, Users},
    settings::Settings,
};

use crate::{
    harness::{Answer, Server},
    login::{USERS, ask, basic, guarded, rules},
};

const HOME: &str = "/.methodical/principals";

/// Ann administers; she and Bob belong to the staff, and with Bob somebody whom nobody knows.
fn people(settings: &mut Settings) {
    let mut users = Users::read(USERS).unwrap();
    users.add_group("staff", ["ann", "bob", "gone"].map(str::to_owned));
    users.add_group("board", ["ann".to_owned()]);
    settings.users = Arc::new(users);
    settings.policy.rules = rules(&["/ anyone read", "/ authenticated write", "/ ann all"]);
}

/// What PROPFIND says, of these properties or of whatever it tells unasked.
fn propfind(server: &Server, path: &str, who: &str, asked: &str) -> Answer {
    let content = match asked {
        "" => String::new(),
        _ => format!("<propfind xmlns=\"DAV:\"><prop>{asked}</prop></propfind>"),
    };
    let mut client = server.connect();
    let fields = format!("{who}Depth: 1\r\nContent-Type: application/xml\r\n");
    client.send(crate::harness::with_content(&format!("PROPFIND {path}"), &fields, &content));
    client.answer()
}

fn href(path: &str) -> String {
    format!("<D:href>{path}</D:href>")
}

/// Whether an answer names a principal.
fn names(answer: &Answer, path: &str) -> bool {
    answer.text().contains(&href(&format!("{HOME}/{path}")))
}

#[test]
fn rfc5397_3_who_is_logged_in_is_told_where_it_is_represented() {
    let server = Server::with(people);
    let asked = "<current-user-principal/>";
    let told = propfind(&server, "/", &basic("bob", "password"), asked).text();
    let bob = href(&format!("{HOME}/users/bob"));
    assert!(told.contains(&format!("<D:current-user-principal>{bob}</D:")), "{told}");
    let told = propfind(&server, "/", "", asked).text();
    assert!(told.contains("<D:current-user-principal><D:unauthenticated/></D:"), "{told}");
    assert!(!told.contains("bob"));
    // The address is that of the principal resource itself.
    let bob = propfind(&server, &format!("{HOME}/users/bob"), &basic("bob", "password"), asked);
    assert_eq!(bob.text().matches(&href(&format!("{HOME}/users/bob"))).count(), 2, "{bob:?}");
}

#[test]
fn rfc3744_4_a_principal_has_its_properties() {
    let server = Server::with(people);
    let asked = "<displayname/><resourcetype/><alternate-URI-set/><principal-URL/>\
                 <group-membership/><group-member-set/>";
    let ann = basic("ann", "password");
    let told = propfind(&server, &format!("{HOME}/users/ann"), &ann, asked).text();
    for wanted in [
        "<D:displayname>ann</D:displayname>",
        "<D:resourcetype><D:principal/></D:resourcetype>",
        "<D:alternate-URI-set/>",
        &format!("<D:principal-URL>{}</D:", href(&format!("{HOME}/users/ann"))),
        &format!(
            "<D:group-membership>{}{}</D:",
            href(&format!("{HOME}/groups/board")),
            href(&format!("{HOME}/groups/staff"))
        ),
        "<D:prop><D:group-member-set/></D:prop><D:status>HTTP/1.1 404",
    ] {
        assert!(told.contains(wanted), "{wanted} in {told}");
    }
    let told = propfind(&server, &format!("{HOME}/groups/staff"), &ann, asked).text();
    let members = ["ann", "bob"].map(|name| href(&format!("{HOME}/users/{name}"))).concat();
    assert!(told.contains(&format!("<D:group-member-set>{members}</D:")), "{told}");
    assert!(told.contains("<D:group-membership/>") && !told.contains("404"), "{told}");
    // Section 4: they are not told unasked. What is no principal has none of them.
    let unasked = propfind(&server, &format!("{HOME}/users/ann"), &ann, "").text();
    assert!(unasked.contains("<D:principal/>") && !unasked.contains("principal-URL"));
    let none = propfind(&server, "/", &ann, asked).text();
    assert!(!none.contains("<D:principal/>") && none.contains("<D:principal-URL/>"), "{none}");
}

#[test]
fn rfc3744_5_8_the_collections_of_principals_are_told_and_list_them() {
    let server = Server::with(people);
    let ann = basic("ann", "password");
    let asked = "<principal-collection-set/>";
    let told = propfind(&server, "/", "", asked);
    assert!(names(&told, "users/") && names(&told, "groups/"), "{told:?}");
    let listed = propfind(&server, &format!("{HOME}/"), &ann, "<resourcetype/>");
    assert!(names(&listed, "") && names(&listed, "users/") && names(&listed, "groups/"));
    let listed = propfind(&server, &format!("{HOME}/users/"), &ann, "<displayname/>");
    assert!(names(&listed, "users/ann") && names(&listed, "users/bob") && !names(&listed, "gone"));
    let page = ask(&server, &format!("GET {HOME}/users/"), &format!("{ann}Accept: text/plain\r\n"));
    assert!(page.text().contains("ann\n") && page.text().contains("bob\n"), "{page:?}");
    let name = ask(&server, &format!("GET {HOME}/users/ann"), &ann);
    assert_eq!((name.text().as_str(), name.field("cache-control")), ("ann\n", Some("no-store")));
    // Where nobody can log in there is nobody.
    let open = Server::start();
    let told = propfind(&open, "/", "", asked).text();
    assert!(told.contains("<D:principal-collection-set/></D:prop><D:status>HTTP/1.1 404"));
    ask(&open, &format!("GET {HOME}/users/"), "").is_problem(404);
}

#[test]
fn rfc6578_3_1_collections_of_principals_are_not_synchronized() {
    let server = Server::with(people);
    let at = format!("{HOME}/users/");
    let ann = basic("ann", "password");
    let told = propfind(&server, &at, &ann, "<supported-report-set/>").text();
    assert!(told.contains("expand-property") && !told.contains("sync-collection"), "{told}");
    let told = propfind(&server, &at, &ann, "<sync-token/>").text();
    assert!(told.contains("<D:sync-token/></D:prop><D:status>HTTP/1.1 404"), "{told}");
    let asked = "<sync-collection xmlns=\"DAV:\"><sync-token/><sync-level>1</sync-level><prop/>\
                 </sync-collection>";
    let mut client = server.connect();
    let fields = format!("{ann}Content-Type: application/xml\r\n");
    client.send(crate::harness::with_content(&format!("REPORT {at}"), &fields, asked));
    let refused = client.answer();
    assert_eq!(refused.status, 403, "{refused:?}");
    assert!(refused.text().contains("report"), "{refused:?}");
}

#[test]
fn rfc3744_3_one_sees_oneself_and_ones_groups_and_nobody_else() {
    let server = Server::with(people);
    let bob = basic("bob", "password");
    let users = propfind(&server, &format!("{HOME}/users/"), &bob, "<displayname/>");
    assert!(names(&users, "users/bob") && !users.text().contains("ann"), "{users:?}");
    let groups = propfind(&server, &format!("{HOME}/groups/"), &bob, "<group-member-set/>");
    assert!(names(&groups, "groups/staff") && names(&groups, "users/bob"), "{groups:?}");
    assert!(!groups.text().contains("board") && !groups.text().contains("ann"), "{groups:?}");
    let answers = ["users/ann", "users/none", "groups/board", "groups/none", "users/bob/x", "x"]
        .map(|path| ask(&server, &format!("GET {HOME}/{path}"), &bob));
    for answer in &answers {
        answer.is_problem(404);
        assert_eq!(answer.text(), answers[0].text());
    }
}

#[test]
fn rfc3744_3_strangers_are_told_the_same_whoever_there_is() {
    let server = Server::with(people);
    for method in ["GET", "HEAD", "OPTIONS", "PROPFIND", "PUT", "DELETE", "REPORT"] {
        let paths = ["users/ann", "users/none", "groups/staff", "groups/none", "users/", ""];
        let answers = paths.map(|path| ask(&server, &format!("{method} {HOME}/{path}"), ""));
        for answer in &answers {
            assert_eq!((answer.status, answer.text()), (401, answers[0].text()), "{method}");
            assert!(answer.field("www-authenticate").is_some() && answer.field("allow").is_none());
        }
    }
    ask(&server, &format!("GET {HOME}/users/ann"), &basic("ann", "passwor")).is_problem(401);
    // Rules that let anyone do everything make nobody known either.
    let server = Server::with(|settings| {
        people(settings);
        settings.policy.rules = rules(&["/ anyone all"]);
    });
    ask(&server, &format!("GET {HOME}/users/"), "").is_problem(401);
}

#[test]
fn rfc3744_2_a_principal_is_only_read() {
    let server = Server::with(people);
    let ann = basic("ann", "password");
    let at = format!("{HOME}/users/ann");
    let allowed = ask(&server, &format!("OPTIONS {at}"), &ann).field("allow").unwrap().to_owned();
    assert!(allowed.contains("PROPFIND") && !allowed.contains("PUT"), "{allowed}");
    for method in ["PUT", "DELETE", "PROPPATCH", "MOVE", "LOCK", "PATCH"] {
        ask(&server, &format!("{method} {at}"), &ann).is_problem(405);
    }
    let copied = ask(&server, "PUT /f", &format!("{ann}Destination: {at}\r\n"));
    assert_eq!(copied.status, 201);
    let copy = ask(&server, "COPY /f", &format!("{ann}Destination: {at}\r\n"));
    assert!(copy.status >= 400, "{copy:?}");
}

#[test]
fn rfc3986_2_1_odd_names_are_encoded_and_found_below_the_mount() {
    let odd = ["a b", "a/b", "100%", "..", "Zo\u{eb} & <x>", "a%2Fb", "?#"];
    let server = Server::with(|settings| {
        guarded(settings);
        settings.policy.mount = "/team/my%20files".parse().unwrap();
        let mut users = Users::default();
        for name in odd {
            users.add(name, Secret::parse(&USERS[4..64]).unwrap()).unwrap();
        }
        settings.users = Arc::new(users);
    });
    let mut seen = Vec::new();
    for name in odd {
        let who = basic(name, "password");
        let asked = "<current-user-principal/>";
        let told = propfind(&server, "/team/my%20files/", &who, asked).text();
        let rest = told.split("<D:current-user-principal><D:href>").nth(1).unwrap();
        let href = rest.split("</D:href>").next().unwrap().to_owned();
        let href = href.replace("&amp;", "&");
        assert!(href.starts_with("/team/my%20files/.methodical/principals/users/"), "{href}");
        let found = ask(&server, &format!("GET {href}"), &who);
        assert_eq!((found.status, found.text()), (200, format!("{name}\n")), "{href}");
        assert!(!seen.contains(&href));
        seen.push(href);
    }
    // What is too long for a name has no address.
    let long = "n".repeat(300);
    let server = Server::with(|settings| {
        let mut users = Users::default();
        users.add(&long, Secret::parse(&USERS[4..64]).unwrap()).unwrap();
        settings.users = Arc::new(users);
    });
    let told = propfind(&server, "/", &basic(&long, "password"), "<current-user-principal/>");
    assert!(told.text().contains("404"), "{told:?}");
}

#[test]
fn rfc6750_2_1_who_has_a_token_and_no_password_is_known_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = TokenFile::at(folder.path().join("tokens"));
    let (_, secret) = file.create(Some("ci"), None).unwrap();
    let path = file.path().into();
    let server = Server::with(|settings| {
        people(settings);
        settings.tokens = Some(path);
    });
    let ci = format!("Authorization: Bearer {secret}\r\n");
    assert_eq!(ask(&server, &format!("GET {HOME}/users/ci"), &ci).text(), "ci\n");
    let all = ask(&server, &format!("GET {HOME}/users/ci"), &basic("ann", "password"));
    assert_eq!(all.text(), "ci\n");
}

#[test]
fn rfc3253_3_8_principals_are_found_where_properties_name_them() {
    let server = Server::with(people);
    let content = "<expand-property xmlns=\"DAV:\"><property name=\"current-user-principal\">\
                   <property name=\"displayname\"/></property></expand-property>";
    let report = |path: &str, content: &str| {
        let mut client = server.connect();
        let fields = format!("{}Content-Type: application/xml\r\n", basic("ann", "password"));
        client.send(crate::harness::with_content(&format!("REPORT {path}"), &fields, content));
        let answer = client.answer();
        assert_eq!(answer.status, 207, "{answer:?}");
        answer.text()
    };
    let told = report("/", content);
    assert!(told.contains("<D:displayname>ann</D:displayname>"), "{told}");
    let content = "<expand-property xmlns=\"DAV:\"><property name=\"group-member-set\">\
                   <property name=\"displayname\"/></property></expand-property>";
    let told = report(&format!("{HOME}/groups/staff"), content);
    assert!(told.contains("<D:displayname>bob</D:displayname>"), "{told}");
}
