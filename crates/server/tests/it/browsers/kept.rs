//! Answers that are kept and given again are given to those that they are for.

use super::{APP, STRANGER, from, is_kept, is_shared, list, sharing};

#[test]
fn fetch_4_10_a_kept_answer_is_for_the_origin_that_asked() {
    let server = sharing(true);
    let mut client = server.connect();
    let etag = client.ask("GET /file.txt").field("etag").unwrap().to_owned();
    let unchanged = format!("If-None-Match: {etag}\r\n");
    // The second round is answered out of memory.
    for _ in 0..3 {
        for (more, status) in [("", 200), (unchanged.as_str(), 304)] {
            let plain = client.ask_with("GET /file.txt", more);
            is_kept(&plain);
            assert!(list(&plain, "vary").contains(&"Origin"));
            let ours = client.ask_with("GET /file.txt", &format!("Origin: {APP}\r\n{more}"));
            assert!(is_shared(&ours, APP));
            assert_eq!(ours.field("access-control-allow-credentials"), Some("true"));
            let theirs = client.ask_with("GET /file.txt", &format!("Origin: {STRANGER}\r\n{more}"));
            is_kept(&theirs);
            assert_eq!([plain.status, ours.status, theirs.status], [status; 3]);
        }
    }
    let twice = format!("Origin: {APP}\r\nOrigin: {APP}\r\n");
    is_kept(&client.ask_with("GET /file.txt", &twice));
    is_kept(&from(&mut client, "null", "GET /file.txt"));
}

#[test]
fn fetch_4_10_no_value_passes_for_two_fields() {
    let server = sharing(true);
    let mut client = server.connect();
    from(&mut client, APP, "GET /file.txt");
    // As a key without lines this would be the same.
    let joined = format!("If-None-Match: {APP}\r\n");
    is_kept(&client.ask_with("GET /file.txt", &joined));
}
