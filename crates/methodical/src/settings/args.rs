//! The command line, made from the table of settings.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{OsStringValueParser, PossibleValue, PossibleValuesParser};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, ValueHint, value_parser};
use clap_complete::Shell;

use super::{
    DIR, SETTINGS,
    config::{CONFIG_VARIABLE, CommandLine},
    draft::Draft,
    kind::Kind,
    setting::Setting,
    tables::TABLES,
};
use crate::{
    commands::{health, methods as table},
    failure::exit_codes_of,
};

/// The whole command with its subcommands.
pub(crate) fn command() -> Command {
    let config = Command::new("config")
        .about("Show or check how the server would be configured")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(with_settings(
            Command::new("print")
                .about("Print the effective configuration as TOML, with the source of each value"),
        ))
        .subcommand(with_settings(
            Command::new("check")
                .about("Tell whether a server would start with it: each problem with its place")
                .after_help(exit_codes("config-check")),
        ));
    Command::new("methodical")
        .version(env!("CARGO_PKG_VERSION"))
        .about(table::about())
        .max_term_width(TERMINAL_COLUMNS)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .after_help(exit_codes(""))
        .subcommand(serve())
        .subcommand(check())
        .subcommand(health())
        .subcommand(config)
        .subcommand(methods())
        .subcommand(access())
        .subcommand(token())
        .subcommand(locks())
        .subcommand(completions())
        .subcommand(manpage())
}

/// What a call of `serve` or `config print` says.
pub(crate) fn command_line(matches: &ArgMatches) -> CommandLine {
    // Commands that take a few of the settings know nothing of the others.
    let source = |id| match matches.try_contains_id(id) {
        Ok(true) => matches.value_source(id),
        Ok(false) | Err(_) => None,
    };
    let words = |setting: &Setting| match source(setting.long) {
        Some(ValueSource::CommandLine) => raw(matches, setting.long),
        _ => Vec::new(),
    };
    CommandLine {
        words: SETTINGS.iter().map(words).collect(),
        config: matches.get_one::<PathBuf>("config").cloned(),
    }
}

fn raw(matches: &ArgMatches, id: &str) -> Vec<OsString> {
    matches.get_raw(id).into_iter().flatten().map(OsString::from).collect()
}

fn serve() -> Command {
    let serve = Command::new("serve")
        .about("Serve a folder: read-only, and on this machine only, unless told otherwise")
        .after_help(format!("{}\n\n{}\n\n{}", sources(), tables(), exit_codes("serve")));
    with_settings(serve)
}

fn with_settings(command: Command) -> Command {
    command.arg(config()).args(SETTINGS.iter().map(arg))
}

/// The same with a few of them.
fn with_some(command: Command, names: &[&str]) -> Command {
    let some = SETTINGS.iter().filter(|setting| names.contains(&setting.long));
    command.arg(config()).args(some.map(|setting| arg(setting).help_heading(None)))
}

fn config() -> Arg {
    Arg::new("config")
        .long("config")
        .value_name("FILE")
        .value_hint(ValueHint::FilePath)
        .value_parser(value_parser!(PathBuf))
        .help(format!("Read settings from this TOML file [${CONFIG_VARIABLE}]"))
}

fn access() -> Command {
    let word =
        |id: &'static str, name, help| Arg::new(id).value_name(name).required(true).help(help);
    let explain = Command::new("explain")
        .about("Tell whether somebody may use a method on a path, and which rule says so")
        .after_help(exit_codes("access-explain"))
        .arg(word("who", "USER", "The user, or anyone"))
        .arg(word("method", "METHOD", "The method, as PUT"))
        .arg(word(
            "path",
            "PATH",
            "The path, as /photos/a.jpg, not percent-encoded; for CONNECT host:port",
        ))
        .arg(
            Arg::new("destination")
                .long("destination")
                .value_name("PATH")
                .help("Where to, for COPY and MOVE"),
        );
    Command::new("access")
        .about("Explain who may do what")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(with_some(explain, EXPLAINED).mut_arg(DIR, |dir| {
            dir.help("The folder that is served, whose contents count, too [$METHODICAL_DIR]")
        }))
}

fn token() -> Command {
    let word = |id: &'static str, name, help| Arg::new(id).value_name(name).help(help);
    let create = Command::new("create")
        .about("Make a token and print it; only its hash is kept")
        .arg(word("as", "NAME", "As whom it logs in; else under its own id").long("user"))
        .arg(
            word("expires", "TIME", "When it ends, as 90d, 12h or 30m; else never").long("expires"),
        );
    let list = Command::new("list").about("Print id, user and end of each token");
    let revoke = Command::new("revoke")
        .about("End a token; a server that runs knows within a second")
        .arg(word("id", "ID", "As `token list` prints it").required(true));
    let commands = [create, list, revoke].map(|command| with_some(command, &["tokens"]));
    Command::new("token")
        .about("Make, list and revoke bearer tokens")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands(commands)
}

fn arg(setting: &Setting) -> Arg {
    let arg = Arg::new(setting.long)
        .value_name(setting.kind.placeholder())
        .value_parser(OsStringValueParser::new())
        .value_hint(ValueHint::Other)
        .help(help(setting));
    let arg = match &setting.kind {
        Kind::Folder => return arg.value_hint(ValueHint::DirPath),
        Kind::Switch(_) | Kind::SwitchOff(_) | Kind::Tunnels(_) => {
            arg.num_args(0..=1).require_equals(true).default_missing_value("true")
        }
        Kind::Choice(choices) => {
            let names: Vec<_> = choices.iter().map(|choice| choice.name).collect();
            arg.value_parser(PossibleValuesParser::new(names)).value_hint(ValueHint::Unknown)
        }
        Kind::Grade(choices) => {
            let names = choices.iter().enumerate().map(|(at, choice)| {
                let name = PossibleValue::new(choice.name);
                match at {
                    0 => name.alias("false"),
                    _ if at + 1 == choices.len() => name.alias("true"),
                    _ => name,
                }
            });
            let most = choices.last().map_or("true", |choice| choice.name);
            arg.value_parser(PossibleValuesParser::new(names))
                .value_hint(ValueHint::Unknown)
                .num_args(0..=1)
                .default_missing_value(most)
        }
        Kind::List { .. } | Kind::Secrets { .. } => arg.action(ArgAction::Append),
        Kind::Port
        | Kind::Count { .. }
        | Kind::Seconds { .. }
        | Kind::Bytes(_)
        | Kind::Text { .. } => arg,
    };
    let arg = arg.long(setting.long).help_heading(setting.heading);
    match setting.short {
        Some(letter) => arg.short(letter),
        None => arg,
    }
}

/// The sentence, the default and the variable; a switch's default is plain, it is off.
fn help(setting: &Setting) -> String {
    let value = setting.kind.show(&mut Draft::new());
    let shown = match &value {
        Some(toml_edit::Value::String(text)) => text.value().clone(),
        Some(toml_edit::Value::Integer(number)) => number.value().to_string(),
        Some(toml_edit::Value::Array(members)) => {
            members.iter().filter_map(|member| member.as_str()).collect::<Vec<_>>().join(", ")
        }
        _ => String::new(),
    };
    let default = if shown.is_empty() { shown } else { format!(" [default: {shown}]") };
    format!("{}{default} [${}]", setting.help, setting.variable())
}

fn locks() -> Command {
    let dir = || {
        Arg::new("dir")
            .value_name("DIR")
            .required(true)
            .value_hint(ValueHint::DirPath)
            .value_parser(value_parser!(PathBuf))
            .help("The folder")
    };
    let end = Command::new("break")
        .about("End a lock, also while a server runs: as the user that it runs as, or as root")
        .arg(dir())
        .arg(
            Arg::new("token")
                .value_name("TOKEN")
                .required(true)
                .help("The lock's token, as `methodical locks DIR` lists it"),
        );
    Command::new("locks")
        .about("Print the locks that clients hold on a folder, or break one of them")
        .args_conflicts_with_subcommands(true)
        .subcommand_negates_reqs(true)
        .after_help(
            "A line a lock: token, scope, depth, seconds left, who took it out (by) and what the \
             client said of its owner (owner), what it is on.",
        )
        .arg(dir())
        .subcommand(end)
}

fn methods() -> Command {
    Command::new("methods")
        .about("Print the table of all registered HTTP methods, or one of them in full")
        .arg(Arg::new("name").value_name("METHOD").help("The method, as PATCH; names have case"))
        .arg(
            Arg::new("json")
                .long("json")
                .action(ArgAction::SetTrue)
                .help("Print JSON for programs"),
        )
}

fn check() -> Command {
    let flag = |name, help| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    let word = |name, value, help| Arg::new(name).long(name).value_name(value).help(help);
    let choice = |name, choices: &[&'static str], help| {
        let parser = PossibleValuesParser::new(choices.iter().copied());
        word(name, "CHOICE", help).value_parser(parser)
    };
    let formats = ["table", "json", "junit", "markdown", "html"];
    Command::new("check")
        .about("Examine a server: does each method do what its specification says?")
        .after_help(exit_codes("check"))
        .arg(
            Arg::new("url")
                .value_name("URL")
                .value_hint(ValueHint::Url)
                .required_unless_present_any(["list", "explain"])
                .help("What to examine; with --write a collection, as http://host/path/"),
        )
        .arg(flag("write", "Also write: only into what it makes itself, and removes again"))
        .arg(
            word("only", "LIST", "Only these methods, groups or ids, as PUT,CORS,GEN-04")
                .action(ArgAction::Append),
        )
        .arg(word("user", "NAME:PASSWORD", "Log in with the Basic scheme"))
        .arg(
            word("header", "LINE", "Send this field with every request, as 'Name: value'")
                .action(ArgAction::Append),
        )
        .arg(
            word("origin", "ORIGIN", "The origin that cross-origin requests come from")
                .default_value("https://check.example"),
        )
        .arg(
            word("file", "PATH", "A file to read; without it one is looked for in the listing")
                .value_hint(ValueHint::Other),
        )
        .arg(
            word("rate", "N", "Requests a second [default: 50; unlimited on this machine]")
                .value_parser(value_parser!(u32).range(1..)),
        )
        .arg(
            word("timeout", "SECONDS", "How long an answer may take [default: 10]")
                .value_parser(value_parser!(u64).range(1..=ANSWER_SECONDS_MAX)),
        )
        .arg(
            word("total-timeout", "SECONDS", "How long all of it may take [default: 3600]")
                .value_parser(value_parser!(u64).range(1..=TOTAL_SECONDS_MAX)),
        )
        .arg(flag("insecure", "Take any certificate"))
        .arg(
            choice("fail-on", &["must", "should"], "From which findings on to exit with 1")
                .default_value("must"),
        )
        .arg(flag("strict", "Exit with 1 also when something could not be tested"))
        .arg(choice("format", &formats, "The form of the report").default_value("table"))
        .arg(flag("list", "List all requirements, and why some cannot be probed"))
        .arg(word("explain", "ID", "Print one requirement, and why it matters"))
}

fn health() -> Command {
    Command::new("health")
        .about("Ask a running server whether it serves: exit code 0 if so, else 1 or 3")
        .after_help(exit_codes("health"))
        .arg(Arg::new("url").value_name("URL").value_hint(ValueHint::Url).help(format!(
            "Where the folder is served [default: {}] [${}]",
            health::URL_DEFAULT,
            health::URL_VARIABLE
        )))
        .arg(
            Arg::new("insecure")
                .long("insecure")
                .action(ArgAction::SetTrue)
                .help("Take any certificate, also elsewhere than on this machine"),
        )
}

fn completions() -> Command {
    Command::new("completions").about("Print the script that completes our words in a shell").arg(
        Arg::new("shell").value_name("SHELL").required(true).value_parser(value_parser!(Shell)),
    )
}

fn manpage() -> Command {
    Command::new("manpage")
        .about("Print the manual page, or that of one command")
        .arg(Arg::new("command").value_name("COMMAND").help("A command, as serve or config-print"))
}

fn sources() -> String {
    let lines = SOURCES.lines().map(|line| format!("\n  {line}"));
    format!("Sources:{}", lines.collect::<String>())
}

/// The tables of the configuration file, which are no settings.
fn tables() -> String {
    let shown = TABLES.iter().map(|table| format!("\n  {}", table.example.replace('\n', "\n  ")));
    format!("Tables of the configuration file:{}", shown.collect::<String>())
}

fn exit_codes(command: &str) -> String {
    let lines =
        exit_codes_of(command).iter().map(|(code, meaning)| format!("\n  {code}  {meaning}"));
    format!("Exit codes:{}", lines.collect::<String>())
}

/// How the sources of a setting relate to each other.
pub(crate) const SOURCES: &str = "\
A flag wins over its environment variable (named by $), that over the configuration file.
A key of the file is the flag's name with _ for -, as in `log_format = \"json\"`; a switch is
true or false there, and --write=false as a flag. Commas separate a list in a variable.
On SIGHUP all is read again; limits, the log and what methods may do change while serving, and a
warning names what changes at a restart only.";

/// The settings that change what may be done; the others are read from the configuration.
const EXPLAINED: &[&str] =
    &["dir", "users", "auth", "auth-file", "tokens", "write", "hidden", "connect"];

/// Seconds for which `check` waits for an answer at most: none is waited for without end.
const ANSWER_SECONDS_MAX: u64 = 300;

/// Seconds that all of it takes at most: a day.
const TOTAL_SECONDS_MAX: u64 = 24 * 60 * 60;

/// Columns: longer lines are hard to read.
const TERMINAL_COLUMNS: usize = 100;
