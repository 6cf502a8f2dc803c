//! Pages of other origins, and names of others.

mod csrf;
mod kept;
mod names;
mod preflight;
mod sharing;

use methodical_server::settings::{Cors, Settings};

use crate::harness::{Answer, Client, Server};

/// An origin that may do everything in these tests.
const APP: &str = "https://app.example";

/// Origins that extensions have.
const EXTENSIONS: [&str; 4] = [
    "moz-extension://330ff25a-276a-49b1-8265-b4e517e32f17",
    "chrome-extension://fnaicdffflnofjppbagibeoednhnbjhg",
    "safari-web-extension://330FF25A-276A-49B1-8265-B4E517E32F17",
    "ms-browser-extension://EdgeExtension_8wekyb3d8bbwe",
];

/// Those of programs that show pages of their own.
const PROGRAMS: [&str; 5] =
    ["app://obsidian.md", "capacitor://localhost", "ionic://localhost", "file://", "null"];

/// One that may do nothing.
const STRANGER: &str = "https://stranger.example";

/// A server that shares with [`APP`], with a file.
fn sharing(credentials: bool) -> Server {
    serving(|settings| {
        settings.cors = Cors::Origins { origins: vec![APP.parse_origin()], credentials };
    })
}

/// A server that everybody may read of, and [`APP`] write to, with a file.
fn sharing_with_anyone() -> Server {
    serving(|settings| settings.cors = Cors::Anyone { writers: vec![APP.parse_origin()] })
}

fn serving(change: impl FnOnce(&mut Settings)) -> Server {
    let server = Server::with(change);
    server.put("/file.txt", "content");
    server
}

trait ParseOrigin {
    fn parse_origin(&self) -> methodical_semantics::header::origin::Origin;
}

impl ParseOrigin for str {
    fn parse_origin(&self) -> methodical_semantics::header::origin::Origin {
        if self == "null" {
            return methodical_semantics::header::origin::Origin::hidden();
        }
        methodical_semantics::header::origin::Origin::parse(self).unwrap()
    }
}

/// Asks in the name of a page.
#[track_caller]
fn from(client: &mut Client, origin: &str, line: &str) -> Answer {
    client.ask_with(line, &format!("Origin: {origin}\r\n"))
}

/// What a browser asks before a page sends a method with these fields.
#[track_caller]
fn preflight(server: &Server, origin: &str, asked: (&str, &str), fields: &str) -> Answer {
    let (path, method) = asked;
    let asks = if fields.is_empty() {
        String::new()
    } else {
        format!("Access-Control-Request-Headers: {fields}\r\n")
    };
    let lines = format!("Origin: {origin}\r\nAccess-Control-Request-Method: {method}\r\n{asks}");
    server.connect().ask_with(&format!("OPTIONS {path}"), &lines)
}

/// Whether a browser would hand the answer to a page of the origin (WHATWG Fetch section 4.10).
#[track_caller]
fn is_shared(answer: &Answer, origin: &str) -> bool {
    answer.field("access-control-allow-origin").is_some_and(|said| said == origin || said == "*")
}

/// Demands that the answer says nothing of sharing.
#[track_caller]
fn is_kept(answer: &Answer) {
    let said = |(name, _): &&(String, String)| name.starts_with("access-control-");
    assert!(!answer.fields.iter().any(|field| said(&field)), "{answer:?}");
}

/// The members of a list field.
#[track_caller]
fn list<'a>(answer: &'a Answer, name: &str) -> Vec<&'a str> {
    answer.field(name).map(|value| value.split(", ").collect()).unwrap_or_default()
}
