//! The container's recipe, as far as it can be read without a container engine: what it says is
//! held against the command line.

use std::collections::BTreeMap;

use crate::command::{methodical, ran, run};

const RECIPE: &str = include_str!("../../../../dist/Dockerfile");

/// The instructions of the last stage, in their order.
fn instructions() -> Vec<(&'static str, &'static str)> {
    let last = RECIPE.rsplit("\nFROM ").next().unwrap();
    let lines = last.lines().skip(1).filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| line.split_once(' ').unwrap()).collect()
}

fn only(name: &str) -> &'static str {
    let found: Vec<_> = instructions().into_iter().filter(|(own, _)| *own == name).collect();
    let [(_, words)] = found[..] else { panic!("{name}: {found:?}") };
    words
}

fn words(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap()
}

fn variables() -> BTreeMap<&'static str, &'static str> {
    let set = instructions().into_iter().filter(|(name, _)| *name == "ENV");
    set.flat_map(|(_, words)| words.split(' ')).map(|word| word.split_once('=').unwrap()).collect()
}

#[test]
fn what_the_image_starts_is_a_server_with_these_settings() {
    let start = words(only("ENTRYPOINT"));
    assert_eq!(start[..2], ["/methodical", "serve"]);
    let flags: Vec<&str> = start[2..].iter().map(String::as_str).collect();
    let mut print = methodical(["config", "print"].iter().chain(&flags).copied());
    print.envs(variables());
    let printed = run(print);
    assert_eq!((printed.code, printed.err.as_str()), (Some(0), ""), "also no warning");
    let port = only("EXPOSE");
    assert!(printed.out.contains(&format!("port = {port} ")), "{}", printed.out);
    for name in variables().keys() {
        assert!(printed.out.contains(&format!("# {name}")), "{name} is no setting");
    }
}

#[test]
fn the_image_stops_before_docker_kills_it() {
    assert!(variables()["METHODICAL_DRAIN_SECONDS"].parse::<u32>().unwrap() < STOP_SECONDS);
    // A server that is told to stop otherwise is killed at once.
    assert!(!instructions().iter().any(|(name, _)| *name == "STOPSIGNAL"));
}

#[test]
fn the_image_s_volume_belongs_to_its_user() {
    let (volume, user) = (only("VOLUME"), only("USER"));
    let copies: Vec<_> =
        instructions().into_iter().filter(|(name, _)| *name == "COPY").map(|(_, to)| to).collect();
    let made = copies.iter().find(|copy| copy.ends_with(&format!(" {volume}"))).unwrap();
    assert!(made.contains(&format!("--chown={user} ")), "{made}");
    // What is there before the volume is declared is what a new volume is filled with.
    let place = |wanted: &str| instructions().iter().position(|(name, _)| *name == wanted).unwrap();
    assert!(RECIPE.find(made).unwrap() < RECIPE.find("VOLUME").unwrap());
    assert!(place("USER") < place("ENTRYPOINT"));
}

#[test]
fn the_image_s_health_check_is_a_command_of_ours() {
    let check = only("HEALTHCHECK");
    let command = words(check.split_once("CMD ").unwrap().1);
    assert_eq!(command[0], "/methodical");
    let help = ran(command[1..].iter().map(String::as_str).chain(["--help"]));
    assert_eq!(help.code, Some(0), "{}", help.err);
}

/// What `docker stop` waits.
const STOP_SECONDS: u32 = 10;
