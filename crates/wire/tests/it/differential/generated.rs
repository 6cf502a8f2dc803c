//! Connections that are nearly right: requests with the fields that frame them in every odd form,
//! content that fits them or not, and octets changed anywhere.

use proptest::{collection::vec, prelude::*, sample::select};

/// What comes on a connection, in the pieces in which it comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pieces(pub(super) Vec<Vec<u8>>);

impl Pieces {
    /// Each piece.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(Vec::as_slice)
    }

    /// All of them as one.
    pub(super) fn joined(&self) -> Vec<u8> {
        self.0.concat()
    }

    /// The same octets, each as a piece.
    pub(super) fn of_single_octets(pieces: &Self) -> Self {
        Self(pieces.joined().iter().map(|octet| vec![*octet]).collect())
    }
}

/// A connection with a few requests.
pub(super) fn connection() -> impl Strategy<Value = Pieces> {
    let changes = vec((any::<prop::sample::Index>(), odd_octet(), change()), 0..3);
    let kept = prop_oneof![3 => Just(Vec::new()).boxed(), 2 => changes.boxed()];
    let cuts = vec(any::<prop::sample::Index>(), 0..4);
    (vec(request(), 1..4), kept, cuts).prop_map(|(requests, changes, cuts)| {
        let mut octets = requests.concat().into_bytes();
        for (at, octet, change) in changes {
            change.carry_out(&mut octets, at, octet);
        }
        cut(&octets, &cuts)
    })
}

#[derive(Debug, Clone, Copy)]
enum Change {
    Replace,
    Insert,
    Remove,
}

impl Change {
    fn carry_out(self, octets: &mut Vec<u8>, at: prop::sample::Index, octet: u8) {
        if octets.is_empty() {
            return;
        }
        let at = at.index(octets.len());
        match self {
            Self::Replace => octets[at] = octet,
            Self::Insert => octets.insert(at, octet),
            Self::Remove => drop(octets.remove(at)),
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    select(&[Change::Replace, Change::Insert, Change::Remove][..])
}

fn odd_octet() -> impl Strategy<Value = u8> {
    select(&b"\r\n \t:;,0159afxA\0\x0b\x0c\x7f\x80\"=-+"[..])
}

fn cut(octets: &[u8], cuts: &[prop::sample::Index]) -> Pieces {
    let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(octets.len() + 1)).collect();
    at.extend([0, octets.len()]);
    at.sort_unstable();
    at.dedup();
    Pieces(at.windows(2).map(|ends| octets[ends[0]..ends[1]].to_vec()).collect())
}

fn request() -> impl Strategy<Value = String> {
    (line(), fields(), framing(), fields()).prop_map(|(line, before, (lines, content), after)| {
        format!("{line}\r\nHost: a\r\n{before}{lines}{after}\r\n{content}")
    })
}

fn line() -> impl Strategy<Value = String> {
    let method = select(&["GET", "PUT", "POST", "HEAD", "DELETE", "BREW"][..]);
    let target = select(&["/", "/a", "/a/b?c", "/%41", "*", "http://a/b"][..]);
    let version = prop_oneof![9 => Just("HTTP/1.1"), 1 => Just("HTTP/1.0")];
    (method, target, version)
        .prop_map(|(method, target, version)| format!("{method} {target} {version}"))
}

fn fields() -> impl Strategy<Value = String> {
    let field = select(
        &[
            "A: b\r\n",
            "A:b\r\n",
            "A: \r\n",
            "Connection: close\r\n",
            "Connection: keep-alive\r\n",
            "Connection: x, Close\r\n",
            "Expect: 100-continue\r\n",
            "Accept: */*\r\n",
            "TE: trailers\r\n",
            "Content-Type: text/plain\r\n",
            "A: b\r\n c\r\n",
            "A : b\r\n",
            "A: b\n",
            "\r\n",
        ][..],
    );
    let common = select(&["A: b\r\n", "Accept: */*\r\n", "User-Agent: c\r\n"][..]);
    vec(prop_oneof![6 => common, 1 => field], 0..3).prop_map(|fields| fields.concat())
}

/// The lines that say how content is framed, and content.
fn framing() -> impl Strategy<Value = (String, String)> {
    prop_oneof![
        2 => Just((String::new(), String::new())),
        3 => by_length(),
        3 => by_chunks(),
        3 => (odd_lines(), prop_oneof![chunks(), any_content()]),
    ]
}

fn by_length() -> impl Strategy<Value = (String, String)> {
    let off = prop_oneof![4 => Just(0_i64), 1 => -2_i64..3];
    (any_content(), off).prop_map(|(content, off)| {
        let length = i64::try_from(content.len()).unwrap() + off;
        (format!("Content-Length: {length}\r\n"), content)
    })
}

fn by_chunks() -> impl Strategy<Value = (String, String)> {
    chunks().prop_map(|chunks| ("Transfer-Encoding: chunked\r\n".to_owned(), chunks))
}

/// Content that could be taken for requests.
fn any_content() -> impl Strategy<Value = String> {
    let content = select(
        &[
            "",
            "12345",
            "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n",
            "0\r\n\r\n",
            "\r\n",
            "5\r\n12345\r\n0\r\n\r\n",
        ][..],
    );
    content.prop_map(str::to_owned)
}

fn chunks() -> impl Strategy<Value = String> {
    let off = prop_oneof![9 => Just(0_i64), 1 => -2_i64..3];
    let extension = prop_oneof![
        6 => Just(""),
        2 => select(&[";a", ";a=b", ";a=\"b\"", " ;a", "; a=b", ";", ";;"][..]),
        1 => select(&[" ", "\t", ";\n", ";a\r", "x", ";a=\"\r\n\"", "\0", ";\x0b"][..]),
    ];
    let digits = select(&["", "0", "000000", "00000000000000000"][..]);
    let zeros = prop_oneof![9 => Just(""), 1 => digits];
    let end = prop_oneof![15 => Just("\r\n"), 1 => select(&["\n", "\r", "", " \r\n"][..])];
    let chunk = (any_content(), off, extension, zeros, end).prop_map(
        |(content, off, extension, zeros, end)| {
            let size = i64::try_from(content.len()).unwrap() + off;
            format!("{zeros}{size:x}{extension}{end}{content}\r\n")
        },
    );
    let last = prop_oneof![
        8 => Just("0\r\n\r\n"),
        2 => select(GOOD_ENDS),
        1 => select(BAD_ENDS),
    ];
    (vec(chunk, 0..3), last).prop_map(|(chunks, last)| chunks.concat() + last)
}

/// Lines about the framing that are odd, together or alone.
fn odd_lines() -> impl Strategy<Value = String> {
    let line = select(
        &[
            "Content-Length: 5\r\n",
            "Content-Length: 05\r\n",
            "Content-Length: +5\r\n",
            "Content-Length: -5\r\n",
            "Content-Length: 5, 5\r\n",
            "Content-Length: 0x5\r\n",
            "Content-Length: 5 \r\n",
            "Content-Length:\t5\r\n",
            "Content-Length:\r\n",
            "Content-Length: 5\r\n\r\n",
            "Content-Length : 5\r\n",
            "Content-Length: 99999999999999999999\r\n",
            "Transfer-Encoding: chunked\r\n",
            "Transfer-Encoding: Chunked\r\n",
            "transfer-encoding:chunked\r\n",
            "Transfer-Encoding: chunked, chunked\r\n",
            "Transfer-Encoding: gzip, chunked\r\n",
            "Transfer-Encoding: chunked, gzip\r\n",
            "Transfer-Encoding: gzip\r\n",
            "Transfer-Encoding: identity\r\n",
            "Transfer-Encoding: , chunked\r\n",
            "Transfer-Encoding: chunked,\r\n",
            "Transfer-Encoding:\r\n",
            "Transfer-Encoding : chunked\r\n",
            "Transfer-Encoding: \r\n chunked\r\n",
            "Transfer-Encoding: \x0bchunked\r\n",
            "Transfer-Encoding: chunked\x0b\r\n",
            "Transfer_Encoding: chunked\r\n",
            "X-Transfer-Encoding: chunked\r\n",
            "Transfer-Encoding\r\n",
            "A: b\nTransfer-Encoding: chunked\r\n",
            "A: b\rTransfer-Encoding: chunked\r\n",
        ][..],
    );
    vec(line, 1..4).prop_map(|lines| lines.concat())
}

/// Last chunks with and without extensions and trailers.
const GOOD_ENDS: &[&str] =
    &["0\r\nA: b\r\n\r\n", "0;a\r\n\r\n", "00\r\n\r\n", "0\r\nA: b\r\nB:c\r\n\r\n"];

/// What looks like one.
const BAD_ENDS: &[&str] =
    &["0\r\nA\r\n\r\n", "0\r\n A: b\r\n\r\n", "0\r\n", "", "0\n\n", "0\r\nA : b\r\n\r\n"];
