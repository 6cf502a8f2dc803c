//! The command `methodical`: arguments in, wiring, exit code out.
//!
//! No logic is here: each command is a file under `commands`, gives its output as text or its
//! failure as a sentence with an exit code, and this file joins them to the arguments. Standard
//! output holds what was asked for, standard error what is said besides.

mod commands;
mod failure;
mod output;
mod service;
mod settings;

use std::process::ExitCode;

use clap::ArgMatches;

use self::{
    commands::{check, examine, explain, health, locks, manual, methods, print, serve, token},
    failure::Failure,
    output::{put, warn},
    settings::{args, config, tips},
};

fn main() -> ExitCode {
    let matches = match args::command().try_get_matches() {
        Ok(matches) => matches,
        Err(answer) => return shown(&tips::with_tip(answer)),
    };
    for hint in config::mistyped_variables() {
        warn(&hint);
    }
    match run(&matches) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.say();
            failure.exit_code()
        }
    }
}

/// Runs the command that the arguments name; help and a missing command were answered before.
fn run(matches: &ArgMatches) -> Result<(), Failure> {
    match matches.subcommand() {
        Some(("serve", inner)) => serve::run(args::command_line(inner)),
        Some(("config", inner)) => match inner.subcommand() {
            Some(("check", inner)) => examine::config(&args::command_line(inner)),
            Some((_, inner)) => {
                let effective = args::command_line(inner).effective()?;
                Ok(put(print::toml(&effective).as_bytes())?)
            }
            None => Ok(()),
        },
        Some(("check", inner)) => check::run(inner),
        Some(("health", inner)) => health::run(inner),
        Some(("locks", inner)) => match inner.subcommand() {
            Some((_, inner)) => Ok(put(locks::end(inner)?.as_bytes())?),
            None => Ok(put(locks::list(inner)?.as_bytes())?),
        },
        Some(("access", inner)) => match inner.subcommand() {
            Some((_, inner)) => {
                let (text, may) = explain::explain(inner, &args::command_line(inner))?;
                put(text.as_bytes())?;
                if may { Ok(()) } else { Err(Failure::told()) }
            }
            None => Ok(()),
        },
        Some(("token", inner)) => token(inner),
        Some(("methods", inner)) => {
            let name = inner.get_one::<String>("name").map(String::as_str);
            let json = inner.get_flag("json");
            let printed = if json { methods::json(name) } else { methods::text(name) };
            Ok(put(printed?.as_bytes())?)
        }
        Some(("completions", inner)) => match inner.get_one("shell") {
            Some(shell) => Ok(put(&manual::completions(args::command(), *shell))?),
            None => Ok(()),
        },
        Some(("manpage", inner)) => {
            let command = inner.get_one::<String>("command");
            Ok(put(&manual::page(args::command(), command.map(String::as_str))?)?)
        }
        _ => Ok(()),
    }
}

/// Runs what `token` was followed by.
fn token(matches: &ArgMatches) -> Result<(), Failure> {
    let (name, inner) = matches.subcommand().unwrap_or(("", matches));
    let line = args::command_line(inner);
    match name {
        "create" => Ok(put(token::create(inner, &line)?.as_bytes())?),
        "list" => Ok(put(token::list(&line)?.as_bytes())?),
        "revoke" => token::revoke(inner, &line),
        _ => Ok(()),
    }
}

/// The help, or what is wrong with the arguments.
/// Help and version go to standard output and end with 0, all else goes to standard error and ends
/// with 2.
fn shown(answer: &clap::Error) -> ExitCode {
    match answer.print() {
        Ok(()) => ExitCode::from(u8::try_from(answer.exit_code()).unwrap_or(u8::MAX)),
        Err(_) => ExitCode::FAILURE,
    }
}
