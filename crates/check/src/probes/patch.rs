//! PATCH (RFC 5789) by JSON Patch, Merge Patch and byte ranges.
//!
//! A change is made as a whole or not at all, to the version that was meant, and in the format that
//! was named. Anything else leaves documents that nobody wrote. Rows patch documents of their own
//! and read them again afterwards; most apply where Accept-Patch lists the format, since RFC 5789
//! names none that every server must take.
//!
//! The requirement behind each row, in the order in which they run:
//!
//! * PAT-01 (RFC 5789 section 2, MUST): All changes of a patch document apply, or none.
//! * PAT-02 (RFC 5789 section 2, MUST): No reader ever sees a half-applied patch.
//! * PAT-03 (RFC 5789 section 2, MUST): The patch type is checked to fit the resource.
//! * PAT-04 (RFC 5789 section 2.2, SHOULD): Unsupported patch type: 415 with Accept-Patch.
//! * PAT-05 (RFC 5789 section 2.2, SHOULD): Malformed patch document: 400.
//! * PAT-06 (RFC 5789 section 2.2, SHOULD): Well-formed but impossible: 422; clash with the current
//!   state: 409.
//! * PAT-07 (RFC 5789 section 2.2, SHOULD): Patch of a missing resource that cannot create it: 404.
//! * PAT-08 (RFC 9110 section 13.1.1, MUST): If-Match that fails: not applied.
//! * PAT-09 (RFC 5789 section 2, MUST): Entity fields of the request describe the patch, not the
//!   resource.
//! * PAT-11 (RFC 5789 section 2, MUST): A cached PATCH answer serves later GET and HEAD only, with
//!   explicit freshness and Content-Location equal to the target.
//! * PAT-12 (RFC 5789 section 3.1, SHOULD): Accept-Patch on OPTIONS.
//! * PAT-13 (RFC 6902 section 5, MUST): JSON Patch operations run in order and stop at the first
//!   error with nothing applied.
//! * PAT-14 (RFC 6902 section 4.6, MUST): test compares JSON values: numbers by value, objects by
//!   members in any order.
//! * PAT-15 (RFC 6902 section 4.1, MUST): add at an array index beyond the length is an error; -
//!   appends.
//! * PAT-16 (RFC 6902 section 4.4, MUST): move into one of its own children is an error.
//! * PAT-17 (RFC 6902 section 4.2, MUST): remove needs the target to exist.
//! * PAT-18 (RFC 6901 section 4, MUST): Pointer: ~1 is decoded before ~0; array indexes have no
//!   leading zero.
//! * PAT-19 (RFC 7396 section 2, MUST): Merge Patch: null removes, objects merge, arrays and all
//!   else replace.
//! * PAT-20 (RFC 7396 section 2, MUST): Merge Patch on a non-object target starts from an empty
//!   object.
//! * PAT-21 (RFC 5261 section 4.1, MUST): XML Patch: sel picks exactly one node, else an error.
//! * PAT-22 (RFC 7351 section 2, MUST): application/xml-patch+xml is used with PATCH; errors may be
//!   application/patch-ops-error+xml.
//! * PAT-23 (draft-ietf-httpapi-patch-byterange 2, MUST): Byte-range PATCH: each part names one
//!   range; unknown range form: 400 or 422.
//! * PAT-24 (draft-ietf-httpapi-patch-byterange 2.2, MUST): Part Content-Length that differs from
//!   the range: error.
//! * PAT-25 (draft-ietf-httpapi-patch-byterange 2.6, SHOULD): Writes beyond and not next to the end
//!   are refused.
//! * PAT-26 (RFC 6902 section 3, MUST): A patch document is a JSON array of objects; unknown
//!   members are ignored, unknown op is an error.
//! * PAT-27 (RFC 4918 section 7.4, MUST): PATCH of a locked resource needs the token.

use super::options::accept_patch;
use crate::lab::{Lab, Sample};
use crate::message::{Answer, Request};
use crate::probe::{Probe, Property, writes};
use crate::verdict::{Outcome, PASS, Stop, given, must, need, need_status, status};

/// The rows of this group.
pub(crate) const PROBES: &[Probe] = &[
    writes("PAT-01", "PATCH", "Half of a change is made.", |lab| {
        refused(
            lab,
            "{\"a\":1}",
            r#"[{"op":"add","path":"/b","value":2},{"op":"remove","path":"/x"}]"#,
        )
    }),
    writes("PAT-02", "PATCH", "Readers see half of a change.", no_half_is_seen),
    writes("PAT-03", "PATCH", "A text is destroyed by a patch for something else.", |lab| {
        accepts(lab, JSON_PATCH)?;
        let path = lab.file(b"plain text")?.path;
        let patch = r#"[{"op":"add","path":"/a","value":1}]"#;
        let answer = lab.ask(&Request::patch(&path, JSON_PATCH, patch))?;
        need(lab.get(&path)?.content == b"plain text", "the text is changed")?;
        must(answer.is_client_error(), format!("answered {}", answer.status()))
    }),
    writes("PAT-04", "PATCH", "Clients must guess which patch formats are taken.", |lab| {
        let sample = json(lab, "{}")?;
        let answer = lab.ask(&Request::patch(&sample.path, "application/x-nope", "x"))?;
        need_status(&answer, &[415])?;
        must(answer.has("Accept-Patch"), "415 without Accept-Patch")
    }),
    writes("PAT-05", "PATCH", "Clients look for the mistake in the wrong place.", |lab| {
        status(&patched(lab, "{}", "{\"a\"")?.1, &[400])
    }),
    writes("PAT-06", "PATCH", "Clients look for the mistake in the wrong place.", |lab| {
        status(&patched(lab, "{}", r#"[{"op":"remove","path":"/x"}]"#)?.1, &[409, 422])
    }),
    writes("PAT-07", "PATCH", "Clients do not learn that it is gone.", |lab| {
        accepts(lab, JSON_PATCH)?;
        lab.missing_is_told()?;
        let answer = lab.ask(&Request::patch(&lab.missing(), JSON_PATCH, "[]"))?;
        status(&answer, &[404, 410, 201])
    }),
    writes("PAT-08", "PATCH", "A newer version is changed unseen: lost update.", |lab| {
        accepts(lab, JSON_PATCH)?;
        let sample = json(lab, "{}")?;
        let patch = Request::patch(&sample.path, JSON_PATCH, ADD);
        let answer = lab.ask(&patch.with("If-Match", "\"no-such-tag\""))?;
        need(same(lab, &sample, "{}")?, "it is applied")?;
        status(&answer, &[412])
    })
    .shows(Property::Preconditions),
    writes("PAT-09", "PATCH", "What describes the patch is taken for the document.", |lab| {
        accepts(lab, JSON_PATCH)?;
        let sample = json(lab, "{}")?;
        let patch = Request::patch(&sample.path, JSON_PATCH, ADD).with("Content-Language", "de");
        need(lab.ask(&patch)?.is_success(), "it is refused")?;
        let kind = lab.get(&sample.path)?;
        let patched = kind.field("Content-Type").is_some_and(|own| own.starts_with(JSON_PATCH));
        must(!kind.has("Content-Language") && !patched, "the document has the patch's fields")
    }),
    writes("PAT-11", "PATCH", "A cache answers a GET with the result of a PATCH.", |lab| {
        let (sample, answer) = patched(lab, "{}", ADD)?;
        super::post::cached_by_location(lab, &sample.path, &answer)
    }),
    writes("PAT-12", "PATCH", "Clients must guess which patch formats are taken.", accept_patch),
    writes("PAT-13", "PATCH", "A change is made though its condition is false.", |lab| {
        refused(
            lab,
            "{\"a\":1}",
            r#"[{"op":"add","path":"/b","value":2},{"op":"test","path":"/a","value":9}]"#,
        )
    }),
    writes("PAT-14", "PATCH", "Conditions fail that are true.", |lab| {
        let patch = r#"[{"op":"test","path":"/n","value":1.0},
            {"op":"test","path":"/o","value":{"b":2,"a":1}},{"op":"add","path":"/c","value":3}]"#;
        let (sample, answer) = patched(lab, r#"{"n":1,"o":{"a":1,"b":2}}"#, patch)?;
        need(answer.is_success(), format!("answered {}", answer.status()))?;
        must(same(lab, &sample, r#"{"n":1,"o":{"a":1,"b":2},"c":3}"#)?, "another result")
    }),
    writes("PAT-15", "PATCH", "Elements end up where they do not belong.", |lab| {
        let end = r#"[{"op":"add","path":"/a/-","value":3}]"#;
        let (sample, answer) = patched(lab, r#"{"a":[1,2]}"#, end)?;
        let appended = answer.is_success() && same(lab, &sample, r#"{"a":[1,2,3]}"#)?;
        need(appended, "- does not append")?;
        refused(lab, r#"{"a":[1,2]}"#, r#"[{"op":"add","path":"/a/9","value":3}]"#)
    }),
    writes("PAT-16", "PATCH", "A part of the document is lost.", |lab| {
        refused(lab, r#"{"a":{"b":{}}}"#, r#"[{"op":"move","from":"/a","path":"/a/b"}]"#)
    }),
    writes("PAT-17", "PATCH", "Clients believe that they removed something.", |lab| {
        refused(lab, "{}", r#"[{"op":"remove","path":"/x"}]"#)
    }),
    writes("PAT-18", "PATCH", "Another member is changed than was meant.", |lab| {
        let patch = r#"[{"op":"replace","path":"/a~01","value":2}]"#;
        let (sample, answer) = patched(lab, r#"{"a~1":1}"#, patch)?;
        let right = answer.is_success() && same(lab, &sample, r#"{"a~1":2}"#)?;
        need(right, "/a~01 does not name the key a~1")?;
        refused(lab, r#"{"a":[1,2]}"#, r#"[{"op":"replace","path":"/a/01","value":9}]"#)
    }),
    writes("PAT-19", "PATCH", "Members stay that were taken out, or lists are mixed.", |lab| {
        let document = r#"{"a":1,"o":{"x":1,"y":2},"l":[1,2]}"#;
        merged(lab, document, r#"{"a":null,"o":{"x":9},"l":[3]}"#, r#"{"o":{"x":9,"y":2},"l":[3]}"#)
    }),
    writes("PAT-20", "PATCH", "A patch fails where it is defined.", |lab| {
        merged(lab, "[1]", r#"{"a":1}"#, r#"{"a":1}"#)
    }),
    writes("PAT-21", "PATCH", "The wrong one of two places is changed.", |lab| {
        let (sample, answer) = xml_patched(lab)?;
        need(answer.is_client_error(), format!("answered {}", answer.status()))?;
        must(lab.get(&sample.path)?.content == XML, "it is changed")
    }),
    writes("PAT-22", "PATCH", "Clients do not learn which selector is wrong.", |lab| {
        let (_, answer) = xml_patched(lab)?;
        must(answer.is_client_error(), format!("answered {}", answer.status()))
    }),
    writes("PAT-23", "PATCH", "Bytes are written where nobody said.", |lab| {
        let sample = ranged(lab)?;
        let answer = lab.ask(&Request::patch(&sample.path, BYTES, "X: y\r\n\r\nab"))?;
        need(lab.get(&sample.path)?.content == DIGITS, "it is changed")?;
        status(&answer, &[400, 422])
    }),
    writes("PAT-24", "PATCH", "Bytes that do not fit are written.", |lab| {
        let sample = ranged(lab)?;
        let part = "Content-Range: bytes 0-3/10\r\nContent-Length: 2\r\n\r\nab";
        let answer = lab.ask(&Request::patch(&sample.path, BYTES, part))?;
        need(lab.get(&sample.path)?.content == DIGITS, "it is changed")?;
        must(answer.is_client_error(), format!("answered {}", answer.status()))
    }),
    writes("PAT-25", "PATCH", "Holes appear in a document.", |lab| {
        let sample = ranged(lab)?;
        let part = "Content-Range: bytes 100-101/*\r\n\r\nab";
        let answer = lab.ask(&Request::patch(&sample.path, BYTES, part))?;
        let now = lab.get(&sample.path)?.content;
        let filled = now.len() == 102 && now.iter().skip(10).take(90).all(|byte| *byte == 0);
        let refused = answer.is_client_error() && now == DIGITS;
        must(refused || (answer.is_success() && filled), format!("answered {}", answer.status()))
    }),
    writes("PAT-26", "PATCH", "A change that nobody understands is made in part.", |lab| {
        refused(lab, "{}", r#"[{"op":"spam","path":"/a","value":1}]"#)
    }),
    writes("PAT-27", "PATCH", "Locks do not protect.", |lab| {
        let sample = json(lab, "{}")?;
        accepts(lab, JSON_PATCH)?;
        lab.lock(&sample.path, "0")?;
        status(&lab.ask(&Request::patch(&sample.path, JSON_PATCH, ADD))?, &[423])
    }),
];

/// A document in JSON.
fn json(lab: &Lab, document: &str) -> Result<Sample, Stop> {
    lab.typed(".json", "application/json", document.as_bytes())
}

/// Goes on if Accept-Patch of a document in JSON lists this format.
fn accepts(lab: &Lab, format: &str) -> Result<(), Stop> {
    let sample = json(lab, "{}")?;
    let fields = lab.ask(&Request::options(&sample.path))?.head.fields;
    given(fields.lists("Accept-Patch", format), &format!("Accept-Patch lacks {format}"))
}

/// A JSON Patch of a document.
fn patched(lab: &Lab, document: &str, patch: &str) -> Result<(Sample, Answer), Stop> {
    accepts(lab, JSON_PATCH)?;
    let sample = json(lab, document)?;
    let answer = lab.ask(&Request::patch(&sample.path, JSON_PATCH, patch))?;
    Ok((sample, answer))
}

/// A JSON Patch that is an error, and leaves the document as it was.
fn refused(lab: &Lab, document: &str, patch: &str) -> Outcome {
    let (sample, answer) = patched(lab, document, patch)?;
    need(same(lab, &sample, document)?, "the document is changed")?;
    must(answer.is_client_error(), format!("answered {}", answer.status()))
}

/// Judges that a Merge Patch of a document gives this result.
fn merged(lab: &Lab, document: &str, patch: &str, right: &str) -> Outcome {
    accepts(lab, MERGE_PATCH)?;
    let sample = json(lab, document)?;
    let answer = lab.ask(&Request::patch(&sample.path, MERGE_PATCH, patch))?;
    need(answer.is_success(), format!("answered {}", answer.status()))?;
    must(same(lab, &sample, right)?, format!("the result is {}", lab.get(&sample.path)?.text()))
}

/// Returns whether the document is now this value.
fn same(lab: &Lab, sample: &Sample, right: &str) -> Result<bool, Stop> {
    let parsed = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    let now = parsed(&lab.get(&sample.path)?.text());
    Ok(now.is_some() && now == parsed(right))
}

/// A file of ten digits, where patches of byte ranges are taken.
fn ranged(lab: &Lab) -> Result<Sample, Stop> {
    let sample = lab.typed(".bin", "application/octet-stream", DIGITS)?;
    let fields = lab.ask(&Request::options(&sample.path))?.head.fields;
    given(fields.lists("Accept-Patch", BYTES), "Accept-Patch lacks message/byterange")?;
    Ok(sample)
}

/// A document in XML, and the answer to a patch that removes an element where there are two.
fn xml_patched(lab: &Lab) -> Result<(Sample, Answer), Stop> {
    let sample = lab.typed(".xml", "application/xml", XML)?;
    let fields = lab.ask(&Request::options(&sample.path))?.head.fields;
    given(fields.lists("Accept-Patch", XML_PATCH), "Accept-Patch lacks XML Patch")?;
    let patch = "<diff><remove sel=\"a/b\"/></diff>";
    let answer = lab.ask(&Request::patch(&sample.path, XML_PATCH, patch))?;
    Ok((sample, answer))
}

/// Reads in a loop while a large document is patched back and forth.
fn no_half_is_seen(lab: &Lab) -> Outcome {
    accepts(lab, MERGE_PATCH)?;
    let value =
        |letter: &str| format!("{{\"a\":\"{}\",\"z\":\"{letter}\"}}", letter.repeat(PATCHED_BYTES));
    let sample = json(lab, &value("x"))?;
    let seen = Lab::race(2, |racer| -> Result<(), Stop> {
        for round in 0..PATCH_ROUNDS {
            if racer == 0 {
                let letter = if round % 2 == 0 { "y" } else { "x" };
                lab.ask(&Request::patch(&sample.path, MERGE_PATCH, value(letter)))?;
                continue;
            }
            let text = lab.get(&sample.path)?.text();
            let letter = if text.contains('y') { 'x' } else { 'y' };
            let found: Result<serde_json::Value, _> = serde_json::from_str(&text);
            need(found.is_ok() && !text.contains(letter), "a reader sees a mixture")?;
        }
        Ok(())
    });
    seen.into_iter().collect::<Result<Vec<()>, Stop>>()?;
    PASS
}

const JSON_PATCH: &str = "application/json-patch+json";
const MERGE_PATCH: &str = "application/merge-patch+json";
const XML_PATCH: &str = "application/xml-patch+xml";
const BYTES: &str = "message/byterange";
/// A JSON Patch that fits every object.
const ADD: &str = r#"[{"op":"add","path":"/added","value":1}]"#;
const DIGITS: &[u8] = b"0123456789";
const XML: &[u8] = b"<a><b/><b/></a>";
/// Bytes of a document whose writing takes a while.
const PATCHED_BYTES: usize = 50_000;
const PATCH_ROUNDS: usize = 10;
