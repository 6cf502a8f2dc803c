//! Forms (RFC 7578) taken apart while they come: each file is staged as it arrives.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::stream;
use methodical_methods::{
    receive::Checks,
    request::{FormPart, Request},
};
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    header::{
        content_disposition,
        content_transfer_encoding::{self, Broken, Decoder},
        content_type::MediaType,
    },
};
use multer::{Constraints, Field, Multipart, SizeLimit};

use crate::{
    live::Shared,
    receive::{Feed, Incoming, Most, Stopped, fits},
};

/// The boundary of a form; nothing if the content is none.
///
/// # Errors
/// A form without a boundary.
pub(crate) fn boundary(request: &Request) -> Result<Option<String>> {
    let kind = MediaType::from_headers(&request.fields)
        .map_err(|malformed| Error::refused(Condition::BadField, malformed.to_string()))?;
    match kind {
        Some(kind) if kind.essence() == "multipart/form-data" => match kind.boundary() {
            Some(boundary) => Ok(Some(boundary.to_owned())),
            None => Err(Error::refused(
                Condition::BadContent,
                "Content-Type: multipart/form-data needs a boundary parameter.",
            )),
        },
        _ => Ok(None),
    }
}

/// The parts of a form, every file staged for the request's resource.
///
/// # Errors
/// A part without a name, too many parts, too many octets, what breaks the grammar.
pub(crate) async fn parts(
    shared: &Arc<Shared>,
    request: &Arc<Request>,
    incoming: &mut Incoming<'_>,
    (boundary, octets_max): (String, u64),
) -> Result<Vec<FormPart>, Stopped> {
    let passed = Arc::new(Mutex::new(Passed {
        checks: Checks::from_fields(&request.fields)?,
        stopped: None,
    }));
    let seen = Arc::clone(&passed);
    let pieces = stream::unfold((&mut *incoming, seen), |(incoming, seen)| async move {
        let piece = incoming.piece().await;
        let passes = seen.lock().unwrap_or_else(PoisonError::into_inner).pass(piece);
        passes.map(|piece| (piece, (incoming, seen)))
    });
    let limits = SizeLimit::new().whole_stream(octets_max);
    let form = Multipart::with_constraints(pieces, boundary, Constraints::new().size_limit(limits));
    let taken = take_apart(shared, request, form, octets_max).await;
    let passed = std::mem::take(&mut *passed.lock().unwrap_or_else(PoisonError::into_inner));
    match taken {
        Ok(parts) => {
            passed.end(incoming, octets_max).await?;
            Ok(parts)
        }
        Err(Failed::Stopped(stopped)) => Err(stopped),
        Err(Failed::Grammar(error)) => {
            Err(passed.stopped.unwrap_or_else(|| Stopped::Refused(refusal(&error))))
        }
    }
}

/// What is known of the content beside its parts.
#[derive(Debug, Default)]
struct Passed {
    checks: Checks,
    stopped: Option<Stopped>,
}

impl Passed {
    /// Looks at a piece on its way to being taken apart.
    fn pass(&mut self, piece: Result<Option<Bytes>, Stopped>) -> Option<Result<Bytes, Ended>> {
        match piece {
            Ok(piece) => {
                let piece = piece?;
                self.checks.update(&piece);
                Some(Ok(piece))
            }
            Err(why) => {
                self.stopped = Some(why);
                Some(Err(Ended))
            }
        }
    }

    /// Takes what stands behind the last part, and verifies all.
    async fn end(mut self, incoming: &mut Incoming<'_>, most: u64) -> Result<(), Stopped> {
        let mut octets = 0;
        while let Some(piece) = incoming.piece().await? {
            octets += piece.len() as u64;
            fits(Some(octets), most)?;
            self.checks.update(&piece);
        }
        Ok(self.checks.finish()?)
    }
}

enum Failed {
    Stopped(Stopped),
    Grammar(multer::Error),
}

/// The content ended early; why stands elsewhere.
#[derive(Debug)]
struct Ended;

impl std::fmt::Display for Ended {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("the content ended early")
    }
}

impl std::error::Error for Ended {}

async fn take_apart(
    shared: &Arc<Shared>,
    request: &Arc<Request>,
    mut form: Multipart<'_>,
    octets_max: u64,
) -> Result<Vec<FormPart>, Failed> {
    let mut parts = Vec::new();
    while let Some(field) = form.next_field().await.map_err(Failed::Grammar)? {
        if parts.len() >= PARTS_MAX {
            let detail = format!("Send at most {PARTS_MAX} parts in one form.");
            let refused = Error::refused(Condition::ContentTooLarge, detail);
            return Err(Failed::Stopped(refused.into()));
        }
        parts.push(part(shared, request, field, octets_max).await?);
    }
    Ok(parts)
}

async fn part(
    shared: &Arc<Shared>,
    request: &Arc<Request>,
    mut field: Field<'_>,
    octets_max: u64,
) -> Result<FormPart, Failed> {
    let disposition = field.headers().get(http::header::CONTENT_DISPOSITION);
    let disposition = disposition.map(http::HeaderValue::as_bytes).unwrap_or_default();
    let named = content_disposition::FormPart::parse(disposition).map_err(|malformed| {
        let refused = Error::refused(Condition::BadContent, malformed.to_string());
        Failed::Stopped(refused.into())
    })?;
    let file_name = named.filename.clone();
    let mut part = FormPart {
        name: named.name.clone(),
        media_type: field.content_type().map(ToString::to_string),
        file_name,
        content: None,
    };
    let mut feed = match part.file_name {
        Some(_) => Some(begin(shared, request, &field).await?),
        None => None,
    };
    let mut octets = 0;
    while let Some(piece) = field.chunk().await.map_err(Failed::Grammar)? {
        octets += piece.len() as u64;
        let most = match feed {
            Some(_) => Most::set(octets_max, "--upload-bytes-max"),
            None => VALUE_BYTES_MAX.into(),
        };
        fits(Some(octets), most).map_err(Failed::Stopped)?;
        feed = match feed {
            Some((feed, mut decoder)) => {
                let piece = decoded(&mut decoder, piece)?;
                Some((feed.add(&piece).await.map_err(stopped)?, decoder))
            }
            None => None,
        };
    }
    if let Some((mut feed, decoder)) = feed {
        let mut rest = Vec::new();
        decoder.finish(&mut rest).map_err(broken)?;
        feed = feed.add(&rest.into()).await.map_err(stopped)?;
        part.content = Some(feed.finish().await.map_err(stopped)?);
    }
    Ok(part)
}

/// Begins to stage a file, and to take off the encoding in which it comes (RFC 7578 section 4.7).
async fn begin(
    shared: &Arc<Shared>,
    request: &Arc<Request>,
    field: &Field<'_>,
) -> Result<(Feed, Decoder), Failed> {
    let encoding = field.headers().get(content_transfer_encoding::NAME);
    let encoding = encoding.map_or(Some(""), |value| value.to_str().ok());
    let Some(decoder) = encoding.and_then(Decoder::of) else {
        let detail = "Send files in a form as they are, or in base64 or quoted-printable.";
        return Err(stopped(Error::refused(Condition::UnsupportedCoding, detail)));
    };
    Ok((Feed::begin(shared, request, None).await.map_err(stopped)?, decoder))
}

fn decoded(decoder: &mut Decoder, piece: Bytes) -> Result<Bytes, Failed> {
    if decoder.is_identity() {
        return Ok(piece);
    }
    let mut out = Vec::with_capacity(piece.len());
    decoder.decode(&piece, &mut out).map_err(broken)?;
    Ok(out.into())
}

fn broken(why: Broken) -> Failed {
    let detail = format!("A file is not in its Content-Transfer-Encoding: {why}.");
    stopped(Error::refused(Condition::BadContent, detail))
}

fn stopped(error: Error) -> Failed {
    Failed::Stopped(error.into())
}

fn refusal(error: &multer::Error) -> Error {
    let too_large = matches!(
        error,
        multer::Error::StreamSizeExceeded { .. } | multer::Error::FieldSizeExceeded { .. }
    );
    if too_large {
        return Error::refused(
            Condition::ContentTooLarge,
            "The form is too large (--upload-bytes-max).",
        );
    }
    Error::refused(Condition::BadContent, format!("The form cannot be read: {error}."))
}

/// Parts of one form: each file holds a descriptor until the form is whole.
const PARTS_MAX: usize = 256;

/// Octets of a plain field, which nobody reads.
const VALUE_BYTES_MAX: u64 = 64 * 1024;
