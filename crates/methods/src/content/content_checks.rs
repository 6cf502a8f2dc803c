//! What a request's head says of its content, and whether the content keeps it.

use http::{HeaderMap, HeaderValue, header};
use methodical_content::staging::Staged;
use methodical_semantics::{
    condition::Condition,
    error::{Error, Refusal, Result},
    header::{
        content_digest::{CONTENT_DIGEST, Digests, REPR_DIGEST, Verifier},
        content_encoding::is_identity,
        content_type::MediaType,
        oc_checksum,
    },
    media,
    path::Path,
    xml::{DAV, Document, decode},
};
use methodical_store::transaction::Transaction;

use crate::request::Input;

/// The promises about the content, judged when all of it was received: that of which the client
/// sent digests (RFC 9530), or a checksum. Content has no coding here, and none that we take is a
/// part of a representation, so both fields of digests speak of the same bytes, also with PATCH
/// (section
/// 3.1).
///
/// ```
/// use http::{HeaderMap, HeaderValue};
/// use methodical_methods::content::content_checks::Checks;
///
/// let mut fields = HeaderMap::new();
/// let digest = "sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:";
/// fields.insert("content-digest", HeaderValue::from_static(digest));
/// let mut checks = Checks::from_fields(&fields).unwrap();
/// checks.update(b"hel");
/// checks.update(b"lo");
/// assert!(checks.finish().is_ok());
/// assert!(Checks::from_fields(&fields).unwrap().finish().is_err());
/// ```
#[derive(Debug, Clone, Default)]
pub struct Checks {
    digests: Vec<Verifier>,
    /// Of clients that know no digests.
    checksum: oc_checksum::Verifier,
}

impl Checks {
    /// Reads Content-Digest, Repr-Digest and OC-Checksum.
    ///
    /// # Errors
    /// `BadField` where one of them is malformed.
    pub fn from_fields(fields: &HeaderMap) -> Result<Self> {
        let mut verifiers = Vec::new();
        for name in [CONTENT_DIGEST, REPR_DIGEST] {
            let digests = Digests::from_headers(fields, name)?;
            if !digests.is_empty() {
                verifiers.push(digests.verifier());
            }
        }
        let checksum = oc_checksum::Verifier::from_headers(fields)?;
        Ok(Self { digests: verifiers, checksum })
    }

    /// Returns whether there is nothing to verify, so that the bytes need not be shown.
    pub fn is_empty(&self) -> bool {
        self.digests.is_empty() && self.checksum.is_empty()
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        for verifier in &mut self.digests {
            verifier.update(bytes);
        }
        self.checksum.update(bytes);
    }

    /// Compares, when all bytes were received.
    ///
    /// # Errors
    /// `DigestMismatch`: the content is to be dropped.
    pub fn finish(self) -> Result<()> {
        let mismatch = |what: String| {
            let detail = format!("Send the content again: {what}.");
            Error::refused(Condition::DigestMismatch, detail)
        };
        let mut digests = self.digests.into_iter();
        digests.try_for_each(Verifier::finish).map_err(|it| mismatch(it.to_string()))?;
        self.checksum.finish().map_err(|algorithm| {
            mismatch(format!("its {algorithm} is not the one that OC-Checksum says"))
        })
    }
}

/// Judges what a head says of content that is stored or read, whatever the method.
///
/// # Errors
/// `UnsupportedCoding` with Accept-Encoding (RFC 9110 section 8.4); `BadField` for a digest or
/// media type that is none.
pub fn check_head(fields: &HeaderMap) -> Result<()> {
    if !is_identity(fields) {
        let refusal = Refusal::new(
            Condition::UnsupportedCoding,
            "Content is stored as it is served: send it without Content-Encoding.",
        );
        let none = HeaderValue::from_static("identity");
        return Err(refusal.with(header::ACCEPT_ENCODING, none).into());
    }
    Checks::from_fields(fields)?;
    MediaType::from_headers(fields)?;
    Ok(())
}

/// Judges what a head says of content that is to be one of WebDAV's documents. Libraries label what
/// they were told no type of as text or octets; such content is judged by [`check_document`].
///
/// # Errors
/// `UnsupportedType` for a type that is no XML, but says something; as [`check_head`].
pub fn check_xml(fields: &HeaderMap) -> Result<()> {
    check_head(fields)?;
    match MediaType::from_headers(fields)? {
        Some(given) if !is_xml(&given) && !is_untold(&given) => Err(no_xml()),
        Some(_) | None => Ok(()),
    }
}

/// Judges the head, and content whose type does not say that it is XML: then its root element must,
/// by being one of WebDAV's.
///
/// # Errors
/// `UnsupportedType` for content that is none of WebDAV's documents; as [`check_xml`], and as
/// [`decode`] and [`Document::parse`] for what begins as one.
pub fn check_document(fields: &HeaderMap, content: &[u8]) -> Result<()> {
    check_xml(fields)?;
    if MediaType::from_headers(fields)?.is_none_or(|given| is_xml(&given)) {
        return Ok(());
    }
    let text = decode(content).map_err(|_| no_xml())?;
    // What speaks of WebDAV's namespace means to be one, and is told what is wrong with it.
    let document = Document::parse(&text)
        .map_err(|error| if text.contains(DAV) { error } else { no_xml() })?;
    if document.root().name().namespace() == DAV { Ok(()) } else { Err(no_xml()) }
}

fn is_xml(given: &MediaType) -> bool {
    XML_TYPES.contains(&given.essence()) || given.subtype().ends_with("+xml")
}

/// Returns whether it is how libraries label text and octets of which they were told no type.
fn is_untold(given: &MediaType) -> bool {
    given.essence() == TEXT || media::says_nothing(given)
}

fn no_xml() -> Error {
    let types = HeaderValue::from_static("application/xml, text/xml");
    let detail = "Send one of WebDAV's documents, as application/xml.";
    Refusal::new(Condition::UnsupportedType, detail).with(header::ACCEPT, types).into()
}

/// Returns whether the head announces content: at least one byte, or a number that is not known
/// yet.
pub fn announces_content(fields: &HeaderMap) -> bool {
    let empty = |length: &HeaderValue| length.as_bytes().iter().all(|byte| *byte == b'0');
    fields.get(header::CONTENT_LENGTH).is_some_and(|length| !empty(length))
}

/// The media type to remember with content at a path: none where the name says the same.
///
/// A type that says nothing gives way to the one that the name implies. Where the name implies none
/// it stays, since it may be told again, but for a range, which is no type.
///
/// # Errors
/// `BadField` where Content-Type is malformed or too long to keep.
pub fn media_type(fields: &HeaderMap, path: &Path) -> Result<Option<Box<str>>> {
    MediaType::from_headers(fields)?.map_or(Ok(None), |given| remembered(&given, path))
}

/// As [`media_type`], for a type that stands elsewhere.
///
/// # Errors
/// `BadField` where it is too long to keep.
pub fn remembered(given: &MediaType, path: &Path) -> Result<Option<Box<str>>> {
    let name = path.name_text();
    let untold = media::says_nothing(given)
        && (media::is_range(given) || media::implied_by(&name) != media::OCTET_STREAM);
    if untold || media::is_implied_by(&name, given) {
        return Ok(None);
    }
    let text = given.to_string();
    if text.len() > MEDIA_TYPE_BYTES_MAX {
        return Err(Error::refused(
            Condition::BadField,
            format!("Content-Type must have {MEDIA_TYPE_BYTES_MAX} bytes at most."),
        ));
    }
    Ok(Some(text.into()))
}

/// The content of a request, staged: it may have been kept in memory, or there may be none.
///
/// # Errors
/// As [`Transaction::stage`]; `BadContent` for a form where none is taken.
pub fn staged(transaction: &mut Transaction<'_>, path: &Path, input: Input) -> Result<Staged> {
    let bytes = match input {
        Input::Staged(staged) => return Ok(staged),
        Input::Bytes(bytes) => bytes,
        Input::Nothing | Input::Pending => bytes::Bytes::new(),
        Input::Form(_) => {
            return Err(Error::refused(Condition::BadContent, "A form has no meaning here."));
        }
    };
    let mut staging = transaction.stage(path)?;
    staging.write(&bytes)?;
    staging.finish()
}

/// The media types of WebDAV's documents (RFC 4918 section 8.2).
pub const XML_TYPES: [&str; 2] = ["application/xml", "text/xml"];

const TEXT: &str = "text/plain";

/// Bytes of a media type that is remembered: as many as RFC 6838 section 4.2 lets the names of a
/// type and a subtype have together, 127 each. The longest registered one has 75. Each is held in
/// memory for as long as its file stands.
pub const MEDIA_TYPE_BYTES_MAX: usize = 255;
