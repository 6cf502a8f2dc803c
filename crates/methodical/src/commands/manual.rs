//! Manual pages and completions, made from the command line.
//!
//! They are never written by hand, so that no flag is missing from them: clap renders what it
//! knows, and the sections about configuration and exit codes come from the tables that the program
//! itself goes by.

use std::io;

use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::{
    failure::{Failure, exit_codes_of},
    settings::{args::SOURCES, suggestions::did_you_mean, tables::TABLES},
};

/// The completion script of one shell.
pub(crate) fn completions(mut command: Command, shell: Shell) -> Vec<u8> {
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, name, &mut script);
    script
}

/// The manual page of the whole, or of a command named as `serve` or `config-print`.
///
/// # Errors
/// There is no such command.
pub(crate) fn page(mut command: Command, name: Option<&str>) -> Result<Vec<u8>, Failure> {
    // Gives each command its full name: methodical-serve.
    command.build();
    let pages = pages(&command);
    let wanted = name.map_or("methodical".to_owned(), |name| format!("methodical-{name}"));
    let Some((_, found)) = pages.iter().find(|(name, _)| *name == wanted) else {
        let names = pages.iter().filter_map(|(name, _)| name.strip_prefix("methodical-"));
        let name = name.unwrap_or_default();
        let hint = did_you_mean(name, names);
        return Err(Failure::refused(format!("there is no command {name:?}{hint}")));
    };
    Ok(render((*found).clone())?)
}

/// A command and all below it, with their full names; `help` has no page.
fn pages(command: &Command) -> Vec<(String, &Command)> {
    let own = command.get_display_name().unwrap_or(command.get_name()).to_owned();
    let commands = command.get_subcommands().filter(|inner| inner.get_name() != "help");
    std::iter::once((own, command)).chain(commands.flat_map(pages)).collect()
}

/// A manual page in roff. Commands that read a configuration have a section about it.
fn render(command: Command) -> io::Result<Vec<u8>> {
    let configured = command.get_arguments().any(|arg| arg.get_id() == "config");
    let name = command.get_display_name().unwrap_or_default();
    let exit_codes = exit_codes_of(name.strip_prefix("methodical-").unwrap_or_default());
    let mut page = Vec::new();
    // Our own sections say what stands below the help.
    let man = Man::new(command.after_help(None)).source(SOURCE).manual("methodical");
    man.render(&mut page)?;
    let mut sections = Roff::new();
    if configured {
        let lines = SOURCES.lines().map(|line| roman(format!("{line}\n")));
        sections.control("SH", ["CONFIGURATION"]).text(lines.collect::<Vec<_>>());
    }
    if configured {
        sections.control("SH", ["TABLES"]).text([roman(TABLES_FOLLOW)]);
        for table in TABLES {
            let example: Vec<_> =
                table.example.lines().map(|line| roman(format!("{line}\n"))).collect();
            sections.control("PP", []).text([roman(table.help)]);
            sections.control("PP", []).control("nf", []).text(example).control("fi", []);
        }
    }
    sections.control("SH", ["EXIT STATUS"]);
    for (code, meaning) in exit_codes {
        sections.control("TP", []).text([bold(*code)]).text([roman(*meaning)]);
    }
    sections.to_writer(&mut page)?;
    Ok(page)
}

const TABLES_FOLLOW: &str = "Behind its keys the configuration file has these tables:";

/// The version, at the foot of each page.
const SOURCE: &str = concat!("methodical ", env!("CARGO_PKG_VERSION"));
