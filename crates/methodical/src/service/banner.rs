//! The words that are said as soon as the server listens.
//!
//! The one line is for logs and for programs that start a server and wait for its address; the
//! banner is for people, and says above all who can change the folder, in a colour where that is
//! everybody.

use std::io::{self, IsTerminal as _, Write as _};

use anstyle::{AnsiColor, Style};
use methodical_semantics::name::visible;
use methodical_server::certificates;
use methodical_server::settings::{Durability, Settings, ShownTo};

use super::{reachable, sandbox::Sandbox};

/// Says where the folder is served: a banner on a terminal, else one line; then the address as a
/// code for cameras, if there is one.
///
/// # Errors
/// Standard output is closed.
pub(crate) fn say(
    settings: &Settings,
    urls: &[String],
    sandbox: Sandbox,
    code: Option<&str>,
) -> io::Result<()> {
    let mut text = if io::stdout().is_terminal() {
        banner(settings, urls, sandbox)
    } else {
        line(settings, urls, sandbox)
    };
    if let Some(code) = code {
        text.push_str(code);
    }
    // Takes the styles out again for NO_COLOR, for a dumb terminal and where there is none.
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// One line with all of it, for what is no terminal.
fn line(settings: &Settings, urls: &[String], sandbox: Sandbox) -> String {
    let access = if settings.policy.writable { "read-write" } else { "read-only" };
    let certificate = match fingerprint(settings) {
        Some(print) => format!(" (certificate SHA-256 {print})"),
        None => String::new(),
    };
    let durability = match settings.durability {
        Durability::Full => "",
        Durability::Relaxed => " (durability relaxed)",
    };
    let (urls, root) = (shown(settings, urls), visible(&settings.root.display().to_string()));
    format!(
        "methodical {VERSION} (sandbox {sandbox}) (folder {root}) serving {access} on \
         {urls}{certificate}{durability}\n"
    )
}

/// The addresses apart: where the folder is served, what only leads there, and where the metrics
/// are.
fn parts<'u>(settings: &Settings, urls: &'u [String]) -> [&'u [String]; 3] {
    let split = |urls: &'u [String], last: usize| {
        urls.split_at_checked(urls.len().saturating_sub(last)).unwrap_or((urls, &[]))
    };
    let (urls, metrics) = split(urls, usize::from(settings.admin.is_some()));
    let (served, led_on) = split(urls, settings.redirect_http.len());
    [served, led_on, metrics]
}

/// The addresses in a line: those served, those that lead there, and that of the metrics.
fn shown(settings: &Settings, urls: &[String]) -> String {
    let [served, led_on, metrics] =
        parts(settings, urls).map(|urls| reachable::urls(urls).join(" "));
    let led_on = if led_on.is_empty() { led_on } else { format!(" (and from {led_on})") };
    let metrics = if metrics.is_empty() { metrics } else { format!(" (metrics at {metrics})") };
    format!("{served}{led_on}{metrics}")
}

/// The lines for a terminal; warnings stand out.
fn banner(settings: &Settings, urls: &[String], sandbox: Sandbox) -> String {
    let mut text = format!("\n{BOLD}methodical {VERSION}{BOLD:#}\n\n");
    text.push_str(&entry("Folder", PLAIN, &visible(&settings.root.display().to_string())));
    let names = ["Address", "Leads here", "Metrics"];
    for (name, urls) in names.into_iter().zip(parts(settings, urls)) {
        for url in reachable::urls(urls) {
            text.push_str(&entry(name, ADDRESS, &url));
        }
    }
    if let Some(print) = fingerprint(settings) {
        text.push_str(&entry("SHA-256", PLAIN, &print));
    }
    let (style, writing) = writing(settings);
    text.push_str(&entry("Writing", style, writing));
    if settings.policy.writable {
        text.push_str(&entry("Dot names", PLAIN, dotted(settings)));
    }
    if settings.durability == Durability::Relaxed {
        text.push_str(&entry("Durability", WARNING, RELAXED));
    }
    let style = if sandbox == Sandbox::Missing { WARNING } else { PLAIN };
    text.push_str(&entry("Sandbox", style, &sandbox.to_string()));
    text.push_str(&entry("Stop", PLAIN, "Ctrl-C"));
    text.push('\n');
    text
}

/// The fingerprint that people compare with what their client shows, where nobody vouches for the
/// certificate.
fn fingerprint(settings: &Settings) -> Option<String> {
    let tls = settings.tls.as_ref().filter(|tls| tls.self_signed)?;
    certificates::fingerprint(&tls.certificates.first()?.chain).ok()
}

/// A line of the banner: a name, and what is to be said of it.
fn entry(name: &str, style: Style, value: &str) -> String {
    format!("  {DIM}{name:<WIDTH$}{DIM:#}{style}{value}{style:#}\n")
}

/// The words for who can change the folder, in the style of a warning where that is everybody.
fn writing(settings: &Settings) -> (Style, &'static str) {
    let strangers = settings.binds.iter().any(|bind| !bind.is_local());
    match (settings.policy.writable, strangers) {
        (true, _) if !settings.policy.rules.is_open() => {
            (PLAIN, "who has the right (methodical access)")
        }
        (false, _) => (PLAIN, "nobody: read-only (--write allows it)"),
        (true, false) => (PLAIN, "everybody on this machine, without login"),
        (true, true) => (WARNING, "EVERYBODY who reaches an address above, without login"),
    }
}

/// The words for who sees names that begin with a dot.
fn dotted(settings: &Settings) -> &'static str {
    match (settings.policy.hidden, settings.policy.rules.is_open()) {
        (ShownTo::Everybody, _) => "shown to everybody (--hidden always)",
        (ShownTo::Nobody, _) => "hidden and refused (--hidden never)",
        (ShownTo::Writers, true) => "shown, as everybody may write (--hidden never hides them)",
        (ShownTo::Writers, false) => "shown to who may write there (--hidden)",
    }
}

const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The warning of `--durability relaxed`.
const RELAXED: &str = "relaxed: a power cut may take writes that were acknowledged";
/// Columns of the names.
const WIDTH: usize = 12;
const PLAIN: Style = Style::new();
const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const ADDRESS: Style = AnsiColor::Cyan.on_default().underline();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
