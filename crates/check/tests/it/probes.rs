//! The laws of the table of probes.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::thread;

use methodical_check::{UNSEEN, Verdict, probe, probes, requirements};

use crate::examined::{examined, options, verdict};
use crate::faults::{Case, cases};
use crate::server::{NONE, Server};

#[test]
fn every_requirement_is_probed_or_said_to_be_unseen() {
    let unseen: BTreeSet<&str> = UNSEEN.iter().map(|(id, _)| *id).collect();
    for requirement in requirements() {
        let id = requirement.id.as_str();
        assert_ne!(probe(id).is_some(), unseen.contains(id), "{id}");
    }
    for probe in probes() {
        let own = requirements().iter().filter(|requirement| requirement.id == probe.id);
        assert_eq!(own.count(), 1, "{}", probe.id);
    }
    assert!(unseen.iter().all(|id| requirements().iter().any(|own| own.id == *id)));
}

#[test]
fn every_probe_has_a_fault() {
    let cases = cases();
    let lacking: Vec<&str> = probes()
        .map(|probe| probe.id)
        .filter(|id| !cases.iter().any(|case| case.id == *id))
        .collect();
    assert!(lacking.is_empty(), "{lacking:?}");
    for case in &cases {
        assert!(probe(case.id).is_some(), "{}", case.id);
    }
}

#[test]
fn a_correct_server_is_found_correct_and_left_clean() {
    let server = Server::start(NONE);
    let examination = examined(&options(&server, &[]));
    let special: BTreeSet<&str> =
        cases().iter().filter(|case| case.special).map(|case| case.id).collect();
    let not_green: Vec<String> = examination
        .checked
        .iter()
        .filter(|checked| checked.verdict != Verdict::Pass && !special.contains(checked.probe.id))
        .map(|checked| format!("{}: {:?}", checked.probe.id, checked.verdict))
        .collect();
    assert!(not_green.is_empty(), "{}", not_green.join("\n"));
    assert_eq!(examination.findings().len(), 0);
    assert_eq!(examination.left_behind, Vec::<String>::new());
    assert_eq!(server.world.left(), Vec::<String>::new());
}

#[test]
fn every_fault_turns_its_probe_red() {
    let wrong = all(&cases(), |case| {
        let found = verdict(case.id, case.fault());
        let red = matches!(found, Verdict::Fail { .. } | Verdict::Warn { .. });
        (!red).then(|| format!("{} is not red: {found:?}", case.id))
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_needs_a_special_server_is_green_on_a_correct_one() {
    let special: Vec<Case> = cases().into_iter().filter(|case| case.special).collect();
    let wrong = all(&special, |case| {
        let found = verdict(case.id, case.right);
        (found != Verdict::Pass).then(|| format!("{} is not green: {found:?}", case.id))
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Judges the cases on a few threads.
fn all(cases: &[Case], judge: impl Fn(&Case) -> Option<String> + Sync) -> Vec<String> {
    let results = Mutex::new(Vec::new());
    let (found, judge) = (&results, &judge);
    thread::scope(|scope| {
        for part in cases.chunks(cases.len().div_ceil(THREADS).max(1)) {
            scope.spawn(move || {
                for case in part {
                    let judged = judge(case);
                    found.lock().unwrap().extend(judged);
                }
            });
        }
    });
    results.into_inner().unwrap()
}

const THREADS: usize = 8;
