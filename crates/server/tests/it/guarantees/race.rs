//! RFC 9110 section 13.1: of those who saw the same state and want to change it, one may.

use super::writers::{Over, WRITERS};
use crate::harness::{Answer, Server, with_content};

const ROUNDS: usize = 200;

// covers: COND-02 DEL-04 DEL-05
#[test]
fn rfc9110_13_1_1_of_writers_with_one_valid_tag_exactly_one_wins() {
    let server = Server::start();
    for round in 0..ROUNDS {
        server.put("/x.json", &format!("{{\"round\":{round}}}"));
        let tag = server.connect().ask("GET /x.json").field("etag").unwrap().to_owned();
        let answers = Over::of(round).all_at_once(&server, |writer| write(writer, &tag));
        let winners = statuses(&answers, |status| (200..300).contains(&status));
        assert_eq!(winners.len(), 1, "round {round}: {answers:?}");
        // RFC 9110 section 13.2.1: where nothing is left to patch or delete, that is the answer,
        // whatever the precondition.
        let deleted = winners[0] % 3 == 2;
        // Between the file's end and its tombstone there is a moment in which nothing is known.
        let lost =
            statuses(&answers, |status| status == 412 || deleted && matches!(status, 404 | 410));
        assert_eq!(lost.len(), WRITERS - 1, "{answers:?}");
        stands_as_the_winner_left_it(&server, winners[0], &answers[winners[0]]);
    }
}

// covers: PUT-10
#[test]
fn rfc9110_13_1_2_of_creators_of_one_name_exactly_one_wins() {
    let server = Server::start();
    for round in 0..ROUNDS {
        let answers = Over::of(round).all_at_once(&server, |creator| {
            let content = format!("of {creator}");
            with_content(&format!("PUT /{round}"), "If-None-Match: *\r\n", &content)
        });
        let winners = statuses(&answers, |status| status == 201);
        assert_eq!(winners.len(), 1, "round {round}: {answers:?}");
        assert_eq!(statuses(&answers, |status| status == 412).len(), WRITERS - 1, "{answers:?}");
        assert_eq!(server.get(&format!("/{round}")), format!("of {}", winners[0]));
    }
}

#[test]
fn rfc4918_9_3_of_makers_of_one_collection_exactly_one_wins() {
    let server = Server::start();
    for round in 0..ROUNDS / 4 {
        let answers = Over::of(round).all_at_once(&server, |maker| match maker % 2 {
            0 => crate::harness::request(&format!("MKCOL /{round}")),
            _ => with_content(&format!("PUT /{round}"), "If-None-Match: *\r\n", "a file"),
        });
        let winners = statuses(&answers, |status| status == 201);
        assert_eq!(winners.len(), 1, "round {round}: {answers:?}");
        let lost = statuses(&answers, |status| matches!(status, 405 | 412));
        assert_eq!(lost.len(), WRITERS - 1, "{answers:?}");
    }
}

// A path and what is below it: whoever comes first, no member is left without its collection.
#[test]
fn rfc4918_9_6_1_a_collection_and_a_member_of_it_take_turns() {
    let server = Server::start();
    for round in 0..ROUNDS / 4 {
        let folder = format!("/{round}");
        assert_eq!(server.connect().ask(&format!("MKCOL {folder}")).status, 201);
        let answers = Over::of(round).all_at_once(&server, |writer| match writer {
            0 => crate::harness::request(&format!("DELETE {folder}/")),
            _ => with_content(&format!("PUT {folder}/{writer}"), "", "member"),
        });
        assert_eq!(answers[0].status, 204, "{answers:?}");
        let told = statuses(&answers, |status| matches!(status, 201 | 409)).len();
        assert_eq!(told, WRITERS - 1, "{answers:?}");
        assert!(!server.root.path().join(round.to_string()).exists(), "round {round}");
    }
}

const LOCKINFO: &str = "<D:lockinfo xmlns:D=\"DAV:\"><D:lockscope><D:exclusive/></D:lockscope>\
                        <D:locktype><D:write/></D:locktype></D:lockinfo>";

fn lock(at: &str) -> String {
    with_content(&format!("LOCK {at}"), "Content-Type: application/xml\r\n", LOCKINFO)
}

#[test]
fn rfc4918_6_2_of_those_who_want_an_exclusive_lock_exactly_one_gets_it() {
    let server = Server::start();
    for round in 0..ROUNDS / 2 {
        // A file in every other round; else nothing is there, and the lock makes it.
        let at = format!("/{round}");
        if round % 2 == 0 {
            server.put(&at, "text");
        }
        let answers = Over::of(round).all_at_once(&server, |_| lock(&at));
        let winners = statuses(&answers, |status| matches!(status, 200 | 201));
        assert_eq!(winners.len(), 1, "round {round}: {answers:?}");
        let lost = statuses(&answers, |status| status == 423);
        assert_eq!(lost.len(), WRITERS - 1, "round {round}: {answers:?}");
        // The one token that was given out is the one that counts.
        let token = answers[winners[0]].field("lock-token").unwrap();
        let mut client = server.connect();
        client.send(with_content(&format!("PUT {at}"), "", "x"));
        assert_eq!(client.answer().status, 423);
        client.send(with_content(&format!("PUT {at}"), &format!("If: ({token})\r\n"), "x"));
        assert_eq!(client.answer().status, 204);
    }
}

/// A folder and what is in it: either the whole is locked or some of it, never both.
#[test]
fn rfc4918_7_4_a_lock_of_a_folder_and_locks_within_it_exclude_each_other() {
    let server = Server::start();
    for round in 0..ROUNDS / 4 {
        assert_eq!(server.connect().ask(&format!("MKCOL /{round}")).status, 201);
        let answers = Over::of(round).all_at_once(&server, |locker| match locker % 4 {
            0 => lock(&format!("/{round}/")),
            _ => lock(&format!("/{round}/{locker}")),
        });
        let folder = [0, 4].into_iter().filter(|at| answers[*at].status == 200).count();
        let members = statuses(&answers, |status| status == 201).len();
        assert!(folder == 1 && members == 0 || folder == 0 && members == 6, "{answers:?}");
        let lost = statuses(&answers, |status| matches!(status, 423 | 207)).len();
        assert_eq!(folder + members + lost, WRITERS, "{answers:?}");
    }
}

fn to(line: &str, destination: &str) -> String {
    let fields = format!("Destination: {destination}\r\nOverwrite: F\r\n\r\n");
    format!("{line} HTTP/1.1\r\nHost: localhost\r\n{fields}")
}

#[test]
fn rfc4918_9_9_of_movers_of_one_resource_exactly_one_wins() {
    let server = Server::start();
    for round in 0..ROUNDS / 4 {
        server.put(&format!("/{round}"), "text");
        let answers = Over::of(round)
            .all_at_once(&server, |at| to(&format!("MOVE /{round}"), &format!("/{round}-{at}")));
        let winners = statuses(&answers, |status| status == 201);
        assert_eq!(winners.len(), 1, "round {round}: {answers:?}");
        assert_eq!(statuses(&answers, |status| status == 404).len(), WRITERS - 1, "{answers:?}");
        assert_eq!(server.get(&format!("/{round}-{}", winners[0])), "text");
    }
}

#[test]
fn rfc4918_10_6_of_those_who_overwrite_nothing_exactly_one_arrives() {
    let server = Server::start();
    for round in 0..ROUNDS / 4 {
        for at in 0..WRITERS {
            server.put(&format!("/{round}-{at}"), &at.to_string());
        }
        let answers = Over::of(round).all_at_once(&server, |at| {
            let method = if at % 2 == 0 { "COPY" } else { "MOVE" };
            to(&format!("{method} /{round}-{at}"), &format!("/{round}"))
        });
        let winners = statuses(&answers, |status| status == 201);
        assert_eq!(winners.len(), 1, "round {round}: {answers:?}");
        assert_eq!(statuses(&answers, |status| status == 412).len(), WRITERS - 1, "{answers:?}");
        assert_eq!(server.get(&format!("/{round}")), winners[0].to_string());
        for at in (0..WRITERS).filter(|at| at % 2 == 0 || *at != winners[0]) {
            assert_eq!(server.get(&format!("/{round}-{at}")), at.to_string(), "it stays");
        }
    }
}

#[test]
fn rfc4918_9_2_properties_that_are_set_at_one_time_are_all_kept() {
    let server = Server::start();
    for round in 0..ROUNDS / 8 {
        let at = format!("/{round}");
        server.put(&at, "text");
        let answers = Over::of(round).all_at_once(&server, |one| {
            let set = format!("<set><prop><p{one} xmlns=\"urn:x\"/></prop></set>");
            let update = format!("<propertyupdate xmlns=\"DAV:\">{set}</propertyupdate>");
            with_content(&format!("PROPPATCH {at}"), "", &update)
        });
        assert_eq!(statuses(&answers, |status| status == 207).len(), WRITERS, "{answers:?}");
        let told = server.connect().ask(&format!("PROPFIND {at}")).text();
        for one in 0..WRITERS {
            assert!(told.contains(&format!("<p{one} xmlns=\"urn:x\"/>")), "round {round}: {told}");
        }
    }
}

/// What was acknowledged is in the folder, wherever that has gone meanwhile.
#[test]
fn rfc4918_9_9_2_what_comes_into_a_folder_that_moves_goes_with_it_or_is_refused() {
    let server = Server::start();
    for round in 0..ROUNDS / 4 {
        assert_eq!(server.connect().ask(&format!("MKCOL /{round}")).status, 201);
        let answers = Over::of(round).all_at_once(&server, |at| match at {
            0 => to(&format!("MOVE /{round}/"), &format!("/moved-{round}/")),
            _ => with_content(&format!("PUT /{round}/{at}"), "", "text"),
        });
        assert_eq!(answers[0].status, 201, "{answers:?}");
        for (at, answer) in answers.iter().enumerate().skip(1) {
            let found = server.connect().ask(&format!("GET /moved-{round}/{at}")).status == 200;
            let told = (answer.status, found);
            assert!(matches!(told, (201, true) | (409, false)), "round {round}, {at}: {told:?}");
        }
    }
}

/// Writer 0, 3 and 6 put, 1, 4 and 7 patch, 2 and 5 delete.
fn write(writer: usize, tag: &str) -> String {
    let condition = format!("If-Match: {tag}\r\n");
    let patch = "Content-Type: application/merge-patch+json\r\n";
    match writer % 3 {
        0 => with_content("PUT /x.json", &condition, &format!("{{\"writer\":{writer}}}")),
        1 => {
            let fields = condition + patch;
            with_content("PATCH /x.json", &fields, &format!("{{\"writer\":{writer}}}"))
        }
        _ => with_content("DELETE /x.json", &condition, ""),
    }
}

#[track_caller]
fn stands_as_the_winner_left_it(server: &Server, winner: usize, answer: &Answer) {
    let now = server.connect().ask_with("GET /x.json", "Accept: text/html\r\n");
    if winner % 3 == 2 {
        assert_eq!(now.status, 410);
        return;
    }
    let document: serde_json::Value = serde_json::from_slice(&now.content).unwrap();
    assert_eq!(document["writer"], winner);
    assert_eq!(now.field("etag"), answer.field("etag"));
}

/// Which of the answers have such a status.
fn statuses(answers: &[Answer], wanted: impl Fn(u16) -> bool) -> Vec<usize> {
    (0..answers.len()).filter(|at| wanted(answers[*at].status)).collect()
}
