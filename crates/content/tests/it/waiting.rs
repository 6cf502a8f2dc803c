//! What is of a slow disk is left to threads that may wait.

use std::{
    io::Write as _,
    sync::{Arc, mpsc},
    thread::{self, ThreadId},
    time::Duration,
};

use methodical_content::{
    Content, FileSlice, Pull,
    file::{OpenFile, Pieces},
    staging::Staged,
    waiting::{at_once, let_go, letting_go, may_wait},
};

/// Tells where it is dropped.
struct Told(mpsc::Sender<ThreadId>);

impl Drop for Told {
    fn drop(&mut self) {
        self.0.send(thread::current().id()).unwrap();
    }
}

#[test]
fn what_is_of_a_slow_disk_is_let_go_by_a_thread_that_may_wait() {
    thread::spawn(letting_go().unwrap());
    assert!(letting_go().is_none(), "one is enough");
    let (tell, told) = mpsc::channel();
    let here = thread::current().id();
    let patience = Duration::from_secs(10);
    let thing = || Told(tell.clone());
    let_go(thing());
    assert_eq!(told.recv_timeout(patience), Ok(here), "who may wait does it alone");
    at_once(|| let_go(thing()));
    assert_ne!(told.recv_timeout(patience), Ok(here));
    at_once(|| drop(Staged::new(0, thing()).on_a_slow_disk()));
    assert_ne!(told.recv_timeout(patience), Ok(here));
    at_once(|| drop(Staged::new(0, thing())));
    assert_eq!(told.recv_timeout(patience), Ok(here));
}

#[test]
fn an_open_file_of_a_slow_disk_is_read_and_closed_by_a_thread_that_may_wait() {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(b"0123456789").unwrap();
    let slow = Arc::new(OpenFile::on_a_slow_disk(file));
    assert!(slow.is_slow() && may_wait());
    assert_eq!(at_once(may_wait), Some(false));
    let slice = FileSlice { file: slow, offset: 2, length: 5 };
    let part = Content::File(slice).slice(1, 3).unwrap();
    let Content::File(part) = part else { unreachable!("a part of a file is one") };
    let mut pieces = Pieces::of(part);
    assert_eq!(pieces.pull().unwrap().as_deref(), Some(&b"345"[..]));
    assert_eq!(pieces.pull().unwrap(), None);
    assert_eq!(pieces.pull().unwrap(), None);
}

#[test]
#[should_panic(expected = "an event loop reads what is slow")]
fn an_event_loop_reads_nothing_of_a_slow_disk() {
    let slow = OpenFile::on_a_slow_disk(tempfile::tempfile().unwrap());
    at_once(|| slow.read_at(&mut [0], 0).is_ok());
}
