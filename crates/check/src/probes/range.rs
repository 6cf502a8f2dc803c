//! Ranges of bytes (RFC 9110 section 14).
//!
//! Parts of content, by which downloads are resumed and films are sought in. A part that says
//! wrongly which one it is makes a file that is silently broken, which is worse than to send the
//! whole: that is always permitted. Most rows ask for parts of the sample of the lab and compare
//! bytes or fields.
//!
//! The requirement behind each row, in the order in which they run:
//!
//! * RNG-01 (RFC 9110 section 14.2, MAY): A server may ignore Range.
//! * RNG-02 (RFC 9110 section 14.2, MUST): Range is ignored for methods where it is not defined.
//! * RNG-03 (RFC 9110 section 14.2, MUST): An unknown range unit is ignored.
//! * RNG-04 (RFC 9110 section 14.2, SHOULD): Satisfiable: 206 with the part.
//! * RNG-05 (RFC 9110 section 15.3.7.1, MUST): A single-part 206 has Content-Range.
//! * RNG-06 (RFC 9110 section 14.1.2, MUST): last-pos beyond the end is cut to the end.
//! * RNG-07 (RFC 9110 section 14.1.2, MUST): A suffix longer than the whole gives the whole.
//! * RNG-08 (RFC 9110 section 14.1.2, MUST): bytes=-0 is unsatisfiable.
//! * RNG-09 (RFC 9110 section 14.2, SHOULD): Unsatisfiable: 416.
//! * RNG-10 (RFC 9110 section 14.4, SHOULD): 416 has Content-Range: bytes */length.
//! * RNG-11 (RFC 9110 section 14.2, MAY): An invalid specifier (5-2, letters) may be ignored or
//!   refused.
//! * RNG-12 (RFC 9110 section 14.1.2, MUST): Large numbers do not overflow.
//! * RNG-13 (RFC 9110 section 15.3.7.2, MUST): Several parts: multipart/byteranges with a boundary.
//! * RNG-14 (RFC 9110 section 15.3.7.2, MUST): No Content-Range in the header section of a
//!   multipart 206.
//! * RNG-15 (RFC 9110 section 15.3.7.2, MUST): Each part has its Content-Range.
//! * RNG-16 (RFC 9110 section 15.3.7.2, SHOULD): Each part has the Content-Type of the 200.
//! * RNG-17 (RFC 9110 section 15.3.7.2, MUST): No multipart for a single requested range.
//! * RNG-18 (RFC 9110 section 15.3.7.2, SHOULD): Parts come in the order requested.
//! * RNG-19 (RFC 9110 section 15.3.7.2, MAY): Overlapping or near ranges may be joined.
//! * RNG-20 (RFC 9110 section 14.2, MAY): Many small, overlapping or unordered ranges may be
//!   ignored or refused.
//! * RNG-21 (RFC 9110 section 15.3.7, MUST): 206 carries Date, Cache-Control, ETag, Expires,
//!   Content-Location and Vary where the 200 would.
//! * RNG-22 (RFC 9110 section 15.3.7, MUST): Without If-Range a 206 carries all representation
//!   fields of the 200.
//! * RNG-23 (RFC 9110 section 14.2, MUST): Range is considered only if the answer without it would
//!   be 200, after the conditionals.
//! * RNG-24 (RFC 9110 section 14.1.2, MUST): Offsets count in the coded bytes when a content coding
//!   is applied.
//! * RNG-25 (RFC 9110 section 14.3, MAY): Accept-Ranges: bytes is sent on 200 by a server that
//!   supports it, none by one that does not.
//! * RNG-26 (RFC 9110 section 15.3.7.1, MUST): Content-Length of a 206 is the length of the part.
//! * RNG-27 (RFC 9110 section 14.4, MUST): Content-Range in a request is ignored for methods not
//!   defined for it.
//! * RNG-28 (RFC 9110 section 14.2, SHOULD): Zero-length representation: bytes=0- is unsatisfiable
//!   or Range is ignored.
//! * RNG-29 (RFC 9110 section 8.8.3, MUST): Pieces joined under one strong ETag equal the whole.

use crate::lab::{Lab, Sample};
use crate::message::{Answer, Request};
use crate::probe::{Probe, reads, writes};
use crate::verdict::{
    Outcome, PASS, Stop, Verdict, given, must, need, need_status, status, without,
};

/// The rows of this group.
pub(crate) const PROBES: &[Probe] = &[
    reads("RNG-01", "GET", "Downloads cannot be resumed.", |lab| {
        let (_, answer) = ask(lab, "bytes=0-3")?;
        Ok(match answer.status() {
            206 => Verdict::Pass,
            other => Verdict::Warn { observed: format!("ranges are not served: {other}") },
        })
    }),
    reads("RNG-02", "*", "A part is taken for the whole.", |lab| {
        let sample = lab.sample()?;
        let head = lab.ask(&Request::head(&sample.path).with("Range", "bytes=0-0"))?;
        given(head.status() != 206, "HEAD is answered 206: see GET-12")?;
        if !sample.is_ours {
            return PASS;
        }
        let own = lab.file(b"before")?;
        let put = lab.ask(&Request::put(&own.path, "after").with("Range", "bytes=0-0"))?;
        need(put.is_success() && put.status() != 206, format!("PUT: {}", put.status()))?;
        must(lab.get(&own.path)?.content == b"after", "PUT with Range stores a part")
    }),
    reads("RNG-03", "GET", "Clients with other units get an error.", |lab| {
        status(&ask(lab, "lines=0-1")?.1, &[200])
    }),
    reads("RNG-04", "GET", "Ranges are promised and not given.", |lab| {
        let (sample, answer) = ask(lab, "bytes=0-3")?;
        let promised = sample.answer.head.fields.lists("Accept-Ranges", "bytes");
        given(promised || answer.status() == 206, "ranges are neither promised nor given")?;
        need_status(&answer, &[206])?;
        must(answer.content == slice(&sample, 0, 4), "other bytes than asked for")
    }),
    reads("RNG-05", "GET", "Clients do not know which part they have.", |lab| {
        let (sample, answer) = part(lab, "bytes=0-3")?;
        let right = format!("bytes 0-3/{}", sample.answer.content.len());
        content_range(&answer, &right)
    }),
    reads("RNG-06", "GET", "The last piece of a download fails.", |lab| {
        let (sample, answer) = part(lab, "bytes=5-999999999")?;
        let length = sample.answer.content.len();
        content_range(&answer, &format!("bytes 5-{}/{length}", length.saturating_sub(1)))
    }),
    reads("RNG-07", "GET", "Clients that ask for the end get an error.", |lab| {
        let (sample, answer) = ask(lab, "bytes=-999999999")?;
        need_status(&answer, &[200, 206])?;
        must(answer.content == sample.answer.content, "not the whole")
    }),
    reads("RNG-08", "GET", "Clients get what they did not ask for.", |lab| {
        status(&ask(lab, "bytes=-0")?.1, &[416, 200])
    }),
    reads("RNG-09", "GET", "Clients that have everything already download it again.", |lab| {
        part(lab, "bytes=0-0")?;
        let (sample, _) = ask(lab, "bytes=0-0")?;
        let behind = format!("bytes={}-", sample.answer.content.len());
        status(&ask(lab, &behind)?.1, &[416])
    }),
    reads("RNG-10", "GET", "Clients do not learn how long it is.", |lab| {
        let (sample, answer) = ask(lab, "bytes=999999999-")?;
        given(answer.status() == 416, "there is no 416")?;
        content_range(&answer, &format!("bytes */{}", sample.answer.content.len()))
    }),
    reads("RNG-11", "GET", "Clients get bytes that they did not ask for.", |lab| {
        for bad in ["bytes=5-2", "bytes=a-b", "bytes=--1", "bytes="] {
            need_status(&ask(lab, bad)?.1, &[200, 400, 416])?;
        }
        PASS
    }),
    reads("RNG-12", "GET", "A number makes the server fail.", |lab| {
        let (_, answer) = ask(lab, "bytes=0-99999999999999999999999")?;
        status(&answer, &[200, 206])
    }),
    reads("RNG-13", "GET", "Clients cannot take the parts apart.", |lab| {
        let (sample, parts) = parts(lab, "bytes=0-0,9-9")?;
        let bodies: Vec<&[u8]> = parts.iter().map(|part| part.body.as_slice()).collect();
        let right = [slice(&sample, 0, 1), slice(&sample, 9, 10)];
        must(bodies == right, format!("{} parts, or other bytes", bodies.len()))
    }),
    reads("RNG-14", "GET", "Clients take the multipart content for one part.", |lab| {
        let (_, answer) = multipart(lab, "bytes=0-0,9-9")?;
        must(!answer.has("Content-Range"), "multipart/byteranges with a Content-Range")
    }),
    reads("RNG-15", "GET", "Clients do not know which part is which.", |lab| {
        let (_, parts) = parts(lab, "bytes=0-0,9-9")?;
        must(
            parts.iter().all(|part| part.head.contains("content-range: bytes ")),
            "a part lacks it",
        )
    }),
    reads("RNG-16", "GET", "Clients do not know the type of what they have.", |lab| {
        let (sample, parts) = parts(lab, "bytes=0-0,9-9")?;
        let kind = sample.answer.field("Content-Type").unwrap_or_default().to_lowercase();
        let line = format!("content-type: {kind}");
        must(parts.iter().all(|part| part.head.contains(&line)), "a part lacks Content-Type")
    }),
    reads("RNG-17", "GET", "Clients that asked for one range cannot read the answer.", |lab| {
        let (_, answer) = part(lab, "bytes=0-0")?;
        must(!is_multipart(&answer), "multipart for a single range")
    }),
    reads("RNG-18", "GET", "Clients that rely on the order mix up the parts.", |lab| {
        let (sample, parts) = parts(lab, "bytes=9-9,0-0")?;
        let first = parts.first().map(|part| part.body.clone()).unwrap_or_default();
        must(first == slice(&sample, 9, 10) || parts.len() == 1, "another order")
    }),
    reads("RNG-19", "GET", "Clients get other bytes than asked for.", |lab| {
        let (sample, answer) = ask(lab, "bytes=0-5,3-8")?;
        if is_multipart(&answer) {
            let parts = taken_apart(&answer)?;
            let joined: Vec<u8> = parts.into_iter().flat_map(|part| part.body).collect();
            let both = [slice(&sample, 0, 6), slice(&sample, 3, 9)].concat();
            return must(joined == both || joined == slice(&sample, 0, 9), "other bytes");
        }
        match answer.status() {
            206 => must(answer.content == slice(&sample, 0, 9), "other bytes"),
            _ => status(&answer, &[200, 416, 400]),
        }
    }),
    reads("RNG-20", "GET", "A small request costs the server a large answer.", |lab| {
        let many: Vec<String> = (0..MANY_RANGES).map(|_| "0-".to_owned()).collect();
        let (sample, answer) = ask(lab, &format!("bytes={}", many.join(",")))?;
        need(answer.status() < 500, format!("answered {}", answer.status()))?;
        let most = sample.answer.content.len().saturating_mul(4) + MULTIPART_BYTES;
        must(answer.content.len() <= most, format!("{} bytes of answer", answer.content.len()))
    }),
    reads("RNG-21", "GET", "Caches forget what holds for the part.", |lab| {
        let fields = ["Date", "Cache-Control", "ETag", "Expires", "Content-Location", "Vary"];
        same_fields(lab, &fields)
    }),
    reads("RNG-22", "GET", "Clients without the whole do not know what they have.", |lab| {
        same_fields(lab, &["Last-Modified", "Content-Type", "Content-Encoding"])
    }),
    reads("RNG-23", "GET", "Clients with a good copy download again.", |lab| {
        let sample = lab.sample()?;
        super::conditional::tag_is_honoured(lab, &sample)?;
        let get = Request::get(&sample.path).with("Range", "bytes=0-0");
        status(&lab.ask(&get.with("If-None-Match", sample.etag()?))?, &[304])
    }),
    reads("RNG-24", "GET", "A part cannot be decoded.", |lab| {
        let get = Request::get(&lab.sample()?.path).with("Accept-Encoding", "gzip");
        let whole = lab.ask(&get)?;
        given(whole.has("Content-Encoding"), "the content is never coded")?;
        let part = lab.ask(&get.with("Range", "bytes=0-1"))?;
        given(part.status() == 206 && part.has("Content-Encoding"), "coded is not cut")?;
        must(whole.content.starts_with(&part.content), "not the bytes of the coded content")
    }),
    reads("RNG-25", "GET", "Clients do not know that they may resume.", |lab| {
        let (sample, answer) = ask(lab, "bytes=0-0")?;
        given(answer.status() == 206, "ranges are ignored")?;
        let said = sample.answer.head.fields.lists("Accept-Ranges", "bytes");
        must(said, "ranges are served, and Accept-Ranges: bytes is not sent")
    }),
    reads("RNG-26", "GET", "Clients wait for more, or cut it off.", |lab| {
        let (_, answer) = part(lab, "bytes=0-3")?;
        let length = answer.field("Content-Length").unwrap_or("4");
        must(length == "4" && answer.content.len() == 4, format!("Content-Length: {length}"))
    }),
    writes("RNG-27", "POST", "A form is refused for a field that does not apply to it.", |lab| {
        let folder = lab.own_collection()?;
        let post = Request::new("POST", folder).with("Content-Type", "text/plain").content("x");
        let plain = lab.ask(&post)?;
        given(plain.is_success(), "POST does nothing here")?;
        let ranged = lab.ask(&post.with("Content-Range", "bytes 0-0/1"))?;
        status(&ranged, &[plain.status()])
    }),
    writes("RNG-28", "GET", "Clients of empty files get an error.", |lab| {
        let path = lab.file(b"")?.path;
        let answer = lab.ask(&Request::get(&path).with("Range", "bytes=0-"))?;
        match answer.status() {
            416 => content_range(&answer, "bytes */0"),
            _ => must(answer.status() == 200 && answer.content.is_empty(), "neither 416 nor 200"),
        }
    }),
    reads("RNG-29", "GET", "A download in pieces is garbage.", pieces_equal_the_whole),
];

/// The sample, and the answer to a GET with this Range.
fn ask(lab: &Lab, range: &str) -> Result<(Sample, Answer), Stop> {
    let sample = lab.sample()?;
    given(sample.answer.content.len() >= 10, "the content is shorter than ten bytes")?;
    let answer = lab.ask(&Request::get(&sample.path).with("Range", range))?;
    Ok((sample, answer))
}

/// The same, where ranges are served.
fn part(lab: &Lab, range: &str) -> Result<(Sample, Answer), Stop> {
    let (sample, answer) = ask(lab, range)?;
    given(answer.status() != 200, "ranges are ignored")?;
    need(answer.status() == 206, format!("answered {}", answer.status()))?;
    Ok((sample, answer))
}

/// The same, where several ranges are served apart.
fn multipart(lab: &Lab, ranges: &str) -> Result<(Sample, Answer), Stop> {
    let (sample, answer) = part(lab, ranges)?;
    if !is_multipart(&answer) {
        let one = answer.has("Content-Range");
        need(one, "206 that is neither one part nor multipart/byteranges")?;
        return Err(without("several ranges are answered with one part"));
    }
    Ok((sample, answer))
}

/// The same, with the parts taken apart.
fn parts(lab: &Lab, ranges: &str) -> Result<(Sample, Vec<Part>), Stop> {
    let (sample, answer) = multipart(lab, ranges)?;
    Ok((sample, taken_apart(&answer)?))
}

/// A part of multipart content.
struct Part {
    head: String,
    body: Vec<u8>,
}

/// The parts of multipart content (RFC 2046 section 5.1.1).
fn taken_apart(answer: &Answer) -> Result<Vec<Part>, Stop> {
    let kind = answer.field("Content-Type").unwrap_or_default();
    let boundary = kind.split("boundary=").nth(1).unwrap_or_default();
    let boundary = boundary.split(';').next().unwrap_or_default().trim_matches('"');
    need(!boundary.is_empty(), "multipart without a boundary")?;
    let text: String = answer.content.iter().map(|byte| char::from(*byte)).collect();
    let mut parts = Vec::new();
    for piece in format!("\r\n{text}").split(&format!("\r\n--{boundary}")).skip(1) {
        if piece.starts_with("--") {
            return Ok(parts);
        }
        let Some((head, body)) = piece.split_once("\r\n\r\n") else { break };
        let body = body.chars().filter_map(|letter| u8::try_from(letter).ok()).collect();
        parts.push(Part { head: format!("{}\r\n", head.to_lowercase()), body });
    }
    Err(Stop::Verdict(Verdict::Fail { observed: "the multipart content does not end".to_owned() }))
}

/// Returns whether content is several parts.
fn is_multipart(answer: &Answer) -> bool {
    answer.field("Content-Type").is_some_and(|kind| kind.starts_with("multipart/byteranges"))
}

/// Judges the field Content-Range.
fn content_range(answer: &Answer, right: &str) -> Outcome {
    let said = answer.field("Content-Range").unwrap_or("nothing");
    must(said == right, format!("Content-Range is {said}, where {right} is right"))
}

/// Judges that a part has these fields where the whole has them.
fn same_fields(lab: &Lab, names: &[&str]) -> Outcome {
    let (sample, answer) = part(lab, "bytes=0-3")?;
    for name in names {
        let lost = sample.answer.has(name) && !answer.has(name);
        need(!lost, format!("{name} is on the 200, not on the 206"))?;
    }
    PASS
}

/// Bytes of the sample; none where it is shorter.
fn slice(sample: &Sample, from: usize, to: usize) -> &[u8] {
    sample.answer.content.get(from..to).unwrap_or_default()
}

/// Downloads piece by piece with If-Range, as a client that resumes, and compares with the whole.
fn pieces_equal_the_whole(lab: &Lab) -> Outcome {
    let (sample, _) = part(lab, "bytes=0-0")?;
    let tag = sample.strong()?;
    let length = sample.answer.content.len().min(PIECES_BYTES_MAX);
    let mut joined = Vec::new();
    while joined.len() < length {
        let last = (joined.len() + PIECE_BYTES).min(length) - 1;
        let range = format!("bytes={}-{last}", joined.len());
        let get = Request::get(&sample.path).with("Range", &range).with("If-Range", tag);
        let piece = lab.ask(&get)?;
        need_status(&piece, &[206])?;
        need(!piece.content.is_empty(), "an empty piece")?;
        joined.extend(piece.content);
    }
    must(sample.answer.content.starts_with(&joined), "the pieces are not the whole")
}

/// Ranges of the whole in one request.
const MANY_RANGES: usize = 200;
/// Bytes that the framing of a few parts may cost.
const MULTIPART_BYTES: usize = 4 * 1024;
/// Bytes of one piece, and of all.
const PIECE_BYTES: usize = 7;
const PIECES_BYTES_MAX: usize = 70;
