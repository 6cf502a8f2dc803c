//! Locks: nobody takes them all.

use methodical_store::locking::LOCKS_OF_ONE_MAX;

use crate::{
    harness::{Client, Server, with_content},
    login::{basic, guarded},
};

const LOCKINFO: &str = "<lockinfo xmlns=\"DAV:\"><lockscope><shared/></lockscope>\
                        <locktype><write/></locktype></lockinfo>";

fn lock(client: &mut Client, target: &str, fields: &str) -> u16 {
    client.send(with_content(&format!("LOCK {target}"), fields, LOCKINFO));
    client.answer().status
}

#[test]
fn rfc4918_9_10_one_user_takes_no_locks_of_others() {
    let server = Server::with(guarded);
    let mut client = server.connect();
    let (ann, bob) = (basic("ann", "password"), basic("bob", "password"));
    for n in 0..LOCKS_OF_ONE_MAX {
        let status = lock(&mut client, &format!("/{}", n % 100), &ann);
        assert!(matches!(status, 200 | 201), "{status} for lock {n}");
    }
    client.send(with_content("LOCK /more", &ann, LOCKINFO));
    client.answer().is_problem(507);
    // What was to be locked was not made either.
    assert_eq!(client.ask_with("HEAD /more", &ann).status, 404);
    assert_eq!(lock(&mut client, "/more", &bob), 201);
}
