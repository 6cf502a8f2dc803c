//! `check`: the arguments given to the examiner, its progress and its report to the terminal.
//!
//! The examiner itself is the crate `methodical-check`; here its options are read from the
//! arguments, with the usual rate for servers on other machines, and its findings become the exit
//! code.

use std::io::{self, IsTerminal as _, Write as _};

use std::time::Duration;

use clap::ArgMatches;
use methodical_check::{
    Examination, Options, Settings, Severity, Trouble, Url, announcement, examine, interruption,
    report,
};

use crate::failure::Failure;
use crate::output::say;

/// Examines a server, or prints what is known of the requirements.
///
/// # Errors
/// The arguments are wrong, the server cannot be reached, or it was found wrong.
pub(crate) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    if matches.get_flag("list") {
        return Ok(styled(&report::list())?);
    }
    if let Some(id) = matches.get_one::<String>("explain") {
        let text = report::explain(id);
        let unknown = || Failure::refused(format!("there is no requirement {id:?}; see --list"));
        return Ok(styled(&text.ok_or_else(unknown)?)?);
    }
    let options = options(matches)?;
    say(&announcement(&options));
    let interrupted = interruption().map_err(|cause| Failure::run(cause.to_string()))?;
    let found = examine(&options, &interrupted, &mut progress());
    let examination = found.map_err(|trouble| unreachable(&options.url, &trouble))?;
    styled(&written(matches, &examination))?;
    judged(matches, &examination)
}

/// # Errors
/// The URL, a header, a name for `--only` or the file is none.
fn options(matches: &ArgMatches) -> Result<Options, Failure> {
    let url = matches.get_one::<String>("url").map(String::as_str).unwrap_or_default();
    let words = |name| matches.get_many::<String>(name).into_iter().flatten();
    let mut fields = Vec::new();
    for line in words("header") {
        let split = line.split_once(':').filter(|(name, _)| !name.trim().is_empty());
        let wrong =
            || Failure::refused(format!("--header {line:?} is not of the form Name: value"));
        let (name, value) = split.ok_or_else(wrong)?;
        fields.push((name.trim().to_owned(), value.trim().to_owned()));
    }
    let url = Url::parse(url).map_err(Failure::refused)?;
    let near = matches!(url.host.as_str(), "localhost" | "127.0.0.1" | "::1");
    let usual = if near { None } else { Some(RATE) };
    let only = words("only").flat_map(|list| list.split(',')).map(|one| one.trim().to_owned());
    let only: Vec<String> = only.filter(|one| !one.is_empty()).collect();
    let options = Options {
        url,
        write: matches.get_flag("write"),
        only,
        file: words("file").next().cloned(),
        origin: words("origin").next().cloned().unwrap_or_default(),
        client: Settings {
            user: words("user").next().cloned(),
            fields,
            insecure: matches.get_flag("insecure"),
            rate: matches.get_one::<u32>("rate").copied().or(usual),
            requests_max: REQUESTS_MAX,
            answer_time: matches.get_one::<u64>("timeout").copied().map(Duration::from_secs),
            time_max: matches.get_one::<u64>("total-timeout").copied().map(Duration::from_secs),
        },
    };
    methodical_check::chosen_count(&options).map_err(Failure::refused)?;
    Ok(options)
}

/// Says on a terminal how far it is; elsewhere nothing.
fn progress() -> impl FnMut(usize, usize, &str) {
    let shown = io::stderr().is_terminal();
    move |done, all, id| {
        if shown {
            let line = format!(
                "\r\x1b[K{}",
                if id.is_empty() { String::new() } else { format!("{done}/{all} {id}") }
            );
            match io::stderr().write_all(line.as_bytes()) {
                Ok(()) | Err(_) => {}
            }
        }
    }
}

/// The report in the form that `--format` names; a table for a terminal if it names none.
fn written(matches: &ArgMatches, examination: &Examination) -> String {
    match matches.get_one::<String>("format").map(String::as_str) {
        Some("json") => report::json(examination),
        Some("junit") => report::junit(examination, threshold(matches)),
        Some("markdown") => report::markdown(examination),
        Some("html") => report::html(examination),
        _ => report::table(examination),
    }
}

/// The least grave finding that makes the command fail (`--fail-on`): MUST, unless SHOULD is named.
fn threshold(matches: &ArgMatches) -> Severity {
    match matches.get_one::<String>("fail-on").map(String::as_str) {
        Some("should") => Severity::Should,
        _ => Severity::Must,
    }
}

/// Fails the command, in this order, for what is left behind, for an early end, for findings, and
/// with `--strict` for probes that could not be run. The report was written before, whatever comes
/// of it.
fn judged(matches: &ArgMatches, examination: &Examination) -> Result<(), Failure> {
    let threshold = threshold(matches);
    let findings = examination.findings();
    let grave = findings.iter().filter(|checked| checked.severity() >= threshold).count();
    if !examination.left_behind.is_empty() {
        return Err(Failure::run("what was made could not be removed; see the report"));
    }
    if examination.interrupted {
        return Err(Failure::run("interrupted; what was made is removed"));
    }
    if let Some(time) = examination.given_up {
        let seconds = time.as_secs();
        return Err(Failure::run(format!("given up after {seconds} s (--total-timeout)")));
    }
    if grave > 0 {
        let word = if threshold == Severity::Should { "SHOULD or MUST" } else { "MUST" };
        let plural = if grave == 1 { "" } else { "s" };
        return Err(Failure::run(format!("{grave} {word} finding{plural}")));
    }
    let untested = examination.count("not tested");
    if matches.get_flag("strict") && untested > 0 {
        return Err(Failure::run(format!("{untested} probes could not be run")));
    }
    Ok(())
}

/// The failure where there is no examination; its sentence may hold words of the server's.
fn unreachable(url: &Url, trouble: &Trouble) -> Failure {
    if *trouble == Trouble::Interrupted {
        return Failure::run("interrupted; what was made is removed");
    }
    let said = report::visible(&format!("{url} cannot be reached: {trouble}"));
    Failure::unavailable(said)
}

/// Writes to standard output; styles are taken out where nobody sees them.
fn styled(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(cause) if cause.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Requests a second to other machines, unless --rate says otherwise.
const RATE: u32 = 50;
/// Requests of one examination at most; a full one sends about two thousand.
const REQUESTS_MAX: usize = 6000;
