//! Forms (RFC 7578) taken apart while they come: each file is staged as it arrives.
//!
//! A form may hold many files, but each octet of it is looked at once, digested where a digest was
//! promised, and written where its file is staged. Nothing is placed before the whole form was
//! read, so a form that breaks off leaves nothing behind.

pub(crate) mod boundary;
mod multipart;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use methodical_methods::{
    content::content_checks::Checks,
    memory::{Held, full},
    request::FormPart,
};
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    header::{
        content_disposition,
        content_transfer_encoding::{self, Decoder},
        content_type::MediaType,
    },
};
use methodical_wire::{incoming::Incoming, message::Stopped};
use multipart::{Broken, EPILOGUE_BYTES_MAX, Multipart, Next};

use self::boundary::PARTS_MAX;
use crate::request::receive::{Feed, Most, Sent, fits};

/// The parts of a form, every file staged for the request's resource.
///
/// # Errors
/// A part without a name, too many parts, too many octets, what breaks the grammar.
pub(crate) async fn parts(
    sent: Sent<'_>,
    incoming: &mut Incoming<'_>,
    (boundary, octets_max): (String, u64),
) -> Result<Vec<FormPart>, Stopped> {
    let request = sent.errand.request;
    let mut form = Form {
        incoming,
        sent: &sent,
        multipart: Multipart::new(&boundary),
        checks: Checks::from_fields(&request.fields)?,
        held: request.memory.hold(),
        octets: 0,
        octets_max,
    };
    let mut parts = Vec::new();
    while let Some(fields) = form.part().await? {
        if parts.len() >= PARTS_MAX {
            let detail = format!("Send at most {PARTS_MAX} parts in one form.");
            return Err(Error::refused(Condition::ContentTooLarge, detail).into());
        }
        parts.push(part(&fields, &mut form).await?);
    }
    form.end().await?;
    Ok(parts)
}

/// A form on its way in.
struct Form<'f, 'c> {
    /// The content as it comes.
    incoming: &'f mut Incoming<'c>,
    /// The request that it is for.
    sent: &'f Sent<'f>,
    /// The reader that takes it apart.
    multipart: Multipart,
    /// The digests that the request promised for the whole.
    checks: Checks,
    /// Memory for what is held of it beside the content of files.
    held: Held,
    /// Octets that came.
    octets: u64,
    /// Octets that may come.
    octets_max: u64,
}

impl Form<'_, '_> {
    /// The fields of the next part; nothing behind the last one.
    async fn part(&mut self) -> Result<Option<HeaderMap>, Stopped> {
        loop {
            match self.next().await? {
                Next::Part(fields) => return Ok(Some(fields)),
                Next::End => return Ok(None),
                Next::Content(_) | Next::PartEnd | Next::More => {}
            }
        }
    }

    /// Content of the part; nothing at its end.
    async fn content(&mut self) -> Result<Option<Bytes>, Stopped> {
        match self.next().await? {
            Next::Content(content) => Ok(Some(content)),
            Next::Part(_) | Next::PartEnd | Next::End | Next::More => Ok(None),
        }
    }

    /// Returns what comes next, never that more has to come.
    async fn next(&mut self) -> Result<Next, Stopped> {
        loop {
            let next = self.multipart.next().map_err(refusal)?;
            if next != Next::More {
                return Ok(next);
            }
            let octets = self.multipart.octets();
            if octets > UNCOUNTED_BYTES_MAX && !self.held.reaches(octets) {
                return Err(full().into());
            }
            let Some(piece) = self.piece().await? else {
                return Err(refusal(Broken::Grammar("it ends before its last boundary")).into());
            };
            self.multipart.add(&piece);
        }
    }

    /// The next octets as they came, counted and digested.
    async fn piece(&mut self) -> Result<Option<Bytes>, Stopped> {
        let piece = self.sent.piece(self.incoming).await?;
        if let Some(piece) = &piece {
            self.octets += piece.len() as u64;
            fits(Some(self.octets), Most::set(self.octets_max, "--upload-bytes-max"))?;
            self.checks.update(piece);
        }
        Ok(piece)
    }

    /// Drops what stands behind the last part (RFC 2046 section 5.1.1), and verifies all.
    async fn end(mut self) -> Result<(), Stopped> {
        let mut octets = self.multipart.epilogue();
        loop {
            if octets > EPILOGUE_BYTES_MAX {
                let broken = Broken::TooLarge(EPILOGUE_BYTES_MAX, "behind the last part of a form");
                return Err(refusal(broken).into());
            }
            let Some(piece) = self.piece().await? else { break };
            octets += piece.len();
        }
        Ok(self.checks.finish()?)
    }
}

/// Reads one part: a file is staged as it comes, the value of a field is bounded and dropped.
async fn part(fields: &HeaderMap, form: &mut Form<'_, '_>) -> Result<FormPart, Stopped> {
    let disposition = fields.get(http::header::CONTENT_DISPOSITION);
    let disposition = disposition.map(HeaderValue::as_bytes).unwrap_or_default();
    let named = content_disposition::FormPart::parse(disposition)
        .map_err(|malformed| Error::refused(Condition::BadContent, malformed.to_string()))?;
    let mut feed = match named.filename {
        Some(_) => Some(begin(form.sent, fields).await?),
        None => None,
    };
    let mut octets = 0;
    while let Some(piece) = form.content().await? {
        octets += piece.len() as u64;
        let Some((begun, mut decoder)) = feed.take() else {
            fits(Some(octets), VALUE_BYTES_MAX)?;
            continue;
        };
        let piece = decoded(&mut decoder, piece)?;
        feed = Some((begun.add(&piece).await?, decoder));
    }
    let content = match feed {
        Some((feed, decoder)) => {
            let mut rest = Vec::new();
            decoder.finish(&mut rest).map_err(broken)?;
            Some(feed.add(&rest.into()).await?.finish().await?)
        }
        None => None,
    };
    let media_type = MediaType::from_headers(fields).unwrap_or_default();
    Ok(FormPart {
        name: named.name,
        media_type: media_type.map(|given| given.to_string()),
        file_name: named.filename,
        content,
    })
}

/// Begins to stage a file, and to take off the encoding in which it comes (RFC 7578 section 4.7).
async fn begin(sent: &Sent<'_>, fields: &HeaderMap) -> Result<(Feed, Decoder)> {
    let encoding = fields.get(content_transfer_encoding::NAME);
    let encoding = encoding.map_or(Some(""), |value| value.to_str().ok());
    let Some(decoder) = encoding.and_then(Decoder::of) else {
        let detail = "Send files in a form as they are, or in base64 or quoted-printable.";
        return Err(Error::refused(Condition::UnsupportedCoding, detail));
    };
    Ok((Feed::begin(sent, None).await?, decoder))
}

/// A piece without its transfer encoding (RFC 7578 section 4.7, which old clients still use).
fn decoded(decoder: &mut Decoder, piece: Bytes) -> Result<Bytes> {
    if decoder.is_identity() {
        return Ok(piece);
    }
    let mut out = Vec::with_capacity(piece.len());
    decoder.decode(&piece, &mut out).map_err(broken)?;
    Ok(out.into())
}

/// The refusal of content that is not in its encoding.
fn broken(why: content_transfer_encoding::Broken) -> Error {
    let detail = format!("A file is not in its Content-Transfer-Encoding: {why}.");
    Error::refused(Condition::BadContent, detail)
}

/// The refusal of a form that cannot be taken apart.
fn refusal(broken: Broken) -> Error {
    match broken {
        Broken::TooLarge(most, place) => Error::refused(
            Condition::ContentTooLarge,
            format!("Send at most {most} octets {place}."),
        ),
        Broken::Grammar(why) => {
            Error::refused(Condition::BadContent, format!("The form cannot be read: {why}."))
        }
    }
}

/// Octets of a plain field, which nobody reads.
const VALUE_BYTES_MAX: u64 = 64 * 1024;

/// Octets of a form, beside the content of its files, that are held whatever others hold.
const UNCOUNTED_BYTES_MAX: usize = 1024;
