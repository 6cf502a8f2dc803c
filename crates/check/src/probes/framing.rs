//! Requests that can be read in two ways, each on a connection of its own.
//!
//! A head or content that two servers in a row read differently is how requests are smuggled: what
//! the first takes for content, the second takes for a request of whoever comes next on the
//! connection. Right is to refuse and to close, or to read it in the one way that the specification
//! permits. The rows send raw bytes, each on a connection of its own, and look for a second answer
//! to what was one request. Where right is to refuse, a connection that ends without an answer
//! passes, too: nothing was read in two ways.
//!
//! The requirement behind each row, in the order in which they run:
//!
//! * FRM-01 (RFC 9112 section 2.2, MUST): A bare CR is not taken for the end of a line.
//! * FRM-02 (RFC 9112 section 2.2, MUST): A bare LF as a line end is either taken as one or
//!   refused, in the same way everywhere.
//! * FRM-03 (RFC 9112 section 6.1, MUST): Transfer-Encoding in an HTTP/1.0 request is a faulty
//!   framing: the connection is closed after the answer.
//! * FRM-04 (RFC 9112 section 6.3, MUST): A Content-Length that is no number is refused with 400,
//!   and the connection closed.
//! * FRM-05 (RFC 9112 section 7.1, MUST): A chunk size that is no hexadecimal number is an error.
//! * FRM-06 (RFC 9112 section 7.1, MUST): The bytes after a chunk are CRLF; anything else is an
//!   error.
//! * FRM-07 (RFC 9112 section 6.1, MUST): A transfer coding whose name merely resembles chunked is
//!   not chunked.
//! * FRM-08 (RFC 9112 section 2.2, MUST): White space between the start line and the first field is
//!   refused or the line is dropped.
//! * FRM-09 (RFC 9110 section 5.5, MUST): A NUL in a field value makes the message invalid: refused
//!   or replaced by a space.
//! * FRM-10 (RFC 6585 section 5, SHOULD): A head with too many or too long fields is refused with
//!   431 or another 4xx.
//! * FRM-11 (RFC 9112 section 6.3, MUST): A repeated Content-Length with the same value is refused
//!   or taken as that one value.
//! * FRM-12 (RFC 9112 section 2.2, SHOULD): An empty line before the request line is ignored.
//! * FRM-18 (RFC 9112 section 7.1.1, SHOULD): A chunk line that the grammar does not know is
//!   refused with 400.
//! * FRM-19 (RFC 9112 section 7.1, MUST): A chunk size may have leading zeros, and extensions that
//!   nobody knows.

use crate::client::Next;
use crate::lab::Lab;
use crate::probe::{Probe, reads};
use crate::verdict::{Outcome, PASS, Stop, fail, given, must, need, need_status};

/// The rows of this group.
pub(crate) const PROBES: &[Probe] = &[
    reads("FRM-01", "*", "A proxy sees one field where the server sees two.", |lab| {
        let path = lab.sample()?.path;
        let head = lab.head("GET", &path, &["X-Check: 1\rRange: bytes=0-0", "Connection: close"]);
        match lab.told(&head)?.0 {
            Some(answer) => {
                must(answer.status() != 206, "a field after a bare CR is taken for a field")
            }
            None => PASS,
        }
    }),
    reads("FRM-02", "*", "A proxy and the server disagree on where a head ends.", |lab| {
        let head = String::from_utf8_lossy(&lab.head("GET", lab.base(), &[])).replace("\r\n", "\n");
        let (answer, mut connection) = lab.told(head.as_bytes())?;
        let Some(answer) = answer else { return PASS };
        need(matches!(answer.status(), 200..=404), format!("answered {}", answer.status()))?;
        must(!speaks(&mut connection, lab), "two answers to one request")
    }),
    reads(
        "FRM-03",
        "*",
        "Old proxies pass on what the server takes for a second request.",
        |lab| {
            let fields = lab.client.fields(false);
            let lines = fields.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
            let head = format!(
                "GET {} HTTP/1.0\r\n{}Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n",
                lab.base(),
                lines.collect::<String>()
            );
            one_answer_then_close(lab, format!("{head}0\r\n\r\n{}", lab.smuggled()).as_bytes())
        },
    ),
    reads("FRM-04", "*", "Servers in a row read different lengths: smuggling.", |lab| {
        for value in ["+5", "5a", "0x5", "-1"] {
            let head = lab.head("GET", lab.base(), &[&format!("Content-Length: {value}")]);
            let (answer, mut connection) = lab.told(&[head, b"12345".to_vec()].concat())?;
            if let Some(answer) = answer {
                need_status(&answer, &[400])?;
                need(connection.closes(lab.wait() * 5), "the connection stays open")?;
            }
        }
        PASS
    }),
    reads(
        "FRM-05",
        "*",
        "What one server takes for content the other takes for a request.",
        |lab| {
            for size in ["g", "-1", "0x5", "fffffffffffffffff"] {
                let content = format!("{size}\r\nhello\r\n0\r\n\r\n{}", lab.smuggled());
                chunked_is_refused(lab, &content)?;
            }
            PASS
        },
    ),
    reads(
        "FRM-06",
        "*",
        "What one server takes for content the other takes for a request.",
        |lab| chunked_is_refused(lab, &format!("3\r\nhello\r\n0\r\n\r\n{}", lab.smuggled())),
    ),
    reads("FRM-07", "*", "Requests can be smuggled past a proxy that ignores the name.", |lab| {
        let head = lab.head("GET", lab.base(), &["Transfer-Encoding: xchunked"]);
        let (answer, mut connection) =
            lab.told(&[head, format!("0\r\n\r\n{}", lab.smuggled()).into_bytes()].concat())?;
        let Some(answer) = answer else { return PASS };
        need(answer.status() >= 400, format!("answered {}", answer.status()))?;
        must(closes_without_a_word(&mut connection, lab), "the bytes behind it are read on")
    }),
    reads("FRM-08", "*", "A field is hidden from one server of a chain.", |lab| {
        let path = lab.sample()?.path;
        let head = String::from_utf8_lossy(&lab.head("GET", &path, &["Connection: close"]))
            .replacen("\r\n", "\r\n Range: bytes=0-0\r\n", 1);
        match lab.told(head.as_bytes())?.0 {
            Some(answer) => {
                must(matches!(answer.status(), 400 | 200), format!("answered {}", answer.status()))
            }
            None => PASS,
        }
    }),
    reads("FRM-09", "*", "Programs behind the server cut the value at the NUL.", |lab| {
        let head = lab.head("GET", lab.base(), &["X-Check: a\0b", "Connection: close"]);
        match lab.told(&head)?.0 {
            Some(answer) => must(answer.status() < 500, format!("answered {}", answer.status())),
            None => PASS,
        }
    }),
    reads("FRM-10", "*", "A single client can fill the server's memory.", |lab| {
        let long = format!("X-Check: {}", "a".repeat(LONG_FIELD_BYTES));
        let head = lab.head("GET", lab.base(), &[&long, "Connection: close"]);
        if let Some(answer) = lab.told(&head)?.0 {
            need(answer.is_client_error(), format!("answered {}", answer.status()))?;
        }
        let after = lab.get(lab.base())?;
        must(after.status() < 500, "the server does not live on")
    }),
    reads("FRM-11", "*", "Servers in a row read different lengths: smuggling.", |lab| {
        let content = lab.smuggled().into_bytes();
        let twice = format!("Content-Length: {0}, {0}", content.len());
        let head = lab.head("GET", lab.base(), &[&twice]);
        let (answer, mut connection) = lab.told(&[head, content].concat())?;
        match answer {
            Some(answer) if answer.status() == 400 => {
                must(connection.closes(lab.wait() * 5), "the connection stays open")
            }
            Some(_) => must(!speaks(&mut connection, lab), "the content is taken for a request"),
            None => PASS,
        }
    }),
    reads("FRM-12", "*", "Some old clients are not understood.", |lab| {
        let head = lab.head("GET", lab.base(), &["Connection: close"]);
        match lab.told(&[b"\r\n".to_vec(), head].concat())?.0 {
            Some(answer) => must(answer.status() != 400, "answered 400"),
            None => fail("no answer"),
        }
    }),
    reads("FRM-18", "*", "What one server skips the next one reads: smuggling.", |lab| {
        given(chunk_is_read(lab, "5")?, "the content of a GET is not read")?;
        let mut taken = Vec::new();
        for line in BAD_CHUNK_LINES {
            if chunk_is_read(lab, line)? {
                taken.push(format!("{line:?}"));
            }
        }
        must(taken.is_empty(), format!("taken: {}", taken.join(", ")))
    }),
    reads("FRM-19", "*", "Clients that pad the size of a chunk are refused.", |lab| {
        given(chunk_is_read(lab, "5")?, "the content of a GET is not read")?;
        for line in GOOD_CHUNK_LINES {
            need(chunk_is_read(lab, line)?, format!("refused: {line}"))?;
        }
        PASS
    }),
];

/// Returns whether five bytes of content are read whose chunk begins with this line: what follows
/// them is then taken for the next request.
fn chunk_is_read(lab: &Lab, line: &str) -> Result<bool, Stop> {
    let head = lab.head("GET", lab.base(), &["Transfer-Encoding: chunked"]);
    let next = lab.head("GET", lab.base(), &["Connection: close"]);
    let content = format!("{line}\r\nhello\r\n0\r\n\r\n").into_bytes();
    let (answer, mut connection) = lab.told(&[head, content, next].concat())?;
    if answer.is_none_or(|answer| answer.status() >= 400) {
        return Ok(false);
    }
    let second = lab.more(&mut connection, lab.wait() * 5);
    Ok(matches!(second, Ok(Next::Answer(answer)) if answer.status() < 400))
}

/// One answer, and then the end: what follows is not taken for a request.
pub(super) fn one_answer_then_close(lab: &Lab, bytes: &[u8]) -> Outcome {
    let (answer, mut connection) = lab.told(bytes)?;
    if answer.is_none() {
        return PASS;
    }
    match lab.more(&mut connection, lab.wait() * 5) {
        Ok(Next::Closed) => PASS,
        Ok(Next::Silence) => fail("the connection stays open"),
        Ok(Next::Answer(_)) | Err(_) => fail("the bytes behind it are taken for a request"),
    }
}

/// Refused, or closed; nothing behind it is a request.
fn chunked_is_refused(lab: &Lab, content: &str) -> Outcome {
    let head = lab.head("GET", lab.base(), &["Transfer-Encoding: chunked"]);
    let (answer, mut connection) = lab.told(&[head, content.as_bytes().to_vec()].concat())?;
    let Some(_) = answer else { return PASS };
    let silent = closes_without_a_word(&mut connection, lab);
    need(silent, "the bytes behind a broken chunk are taken for a request")?;
    PASS
}

/// Returns whether there is another answer on the connection.
fn speaks(connection: &mut crate::client::Connection, lab: &Lab) -> bool {
    matches!(lab.more(connection, lab.wait()), Ok(Next::Answer(_)))
}

/// Returns whether the connection ends without another answer.
fn closes_without_a_word(connection: &mut crate::client::Connection, lab: &Lab) -> bool {
    matches!(lab.more(connection, lab.wait() * 5), Ok(Next::Closed) | Err(_))
}

/// First lines of chunks of five bytes that are none (RFC 9112 sections 7.1 and 7.1.1).
const BAD_CHUNK_LINES: &[&str] = &[
    "5;", "5;=x", "5;a=", "5;a b", "5;bad[=x", "5;a=\"x", "5;a;", "+5", " 5", "5 ", "5\t", "5 a",
    "5,5",
];
/// And such that are.
const GOOD_CHUNK_LINES: &[&str] = &["0000000000000005", "05", "5;a", "5;a=b", "5;a=\"b c\""];
/// Bytes of a field line that no server should keep.
const LONG_FIELD_BYTES: usize = 1024 * 1024;
