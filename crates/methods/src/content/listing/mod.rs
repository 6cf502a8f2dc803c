//! The list of a collection's members, in the form that the client likes best (RFC 9110 section
//! 12.5.1): HTML, JSON or plain text.
//!
//! Who accepts everything alike gets HTML, since programs that read lists of files in the manner of
//! old (wget, pip) look for links in it; curl, which shows what it gets to a person, gets text.

mod form;
mod html;
mod json;
mod member;
mod packed;
mod text;
mod writing;

use http::{StatusCode, header};
use methodical_content::Content;
use methodical_semantics::{
    condition::Condition,
    error::{Error, Refusal, Result},
    etag::ETag,
    header::{accept::Accept, content_type::MediaType},
    rule::{
        conditional::Validators,
        negotiating::{Negotiated, choose},
    },
};
use methodical_store::view::View;
use sha2::{Digest, Sha256};

use self::form::Form;
use super::representation::{Representation, hex};
use crate::{
    reply::{NO_CACHE, NOSNIFF, Reply},
    request::Request,
};
pub use member::LISTING_MEMBERS_MAX;
use member::gather;
use writing::{PIECE_BYTES, Writing};

/// The members of the target, which is a collection: in the order that it was given (RFC 3648);
/// else collections first, then by the bytes of their names.
///
/// Where there are more than [`LISTING_MEMBERS_MAX`] the list ends there, and Link names the
/// address of its next part.
///
/// # Errors
/// `NotAcceptable` where the client accepts none of the forms, `BadTarget` where the query asks for
/// the part of the list that comes after something that is no name.
pub fn list(view: &View<'_>, request: &Request) -> Result<Representation> {
    let form = form(request)?;
    let listing = gather(view, request, form)?;
    let next = listing.next.clone();
    let (content, etag) = written(Writing::of(listing, form))?;
    // What is written again for whoever asks has no parts: each would take as long as the whole.
    let ranges = if content.is_cuttable() { "bytes" } else { "none" };
    let mut head = Reply::empty(StatusCode::OK)
        .with(header::CONTENT_TYPE, form.media_type())
        .with(header::ETAG, etag.to_string())
        .with(header::ACCEPT_RANGES, ranges)
        .with(header::CACHE_CONTROL, NO_CACHE)
        .with(header::VARY, VARY);
    if let Some(next) = next {
        head = head.with(header::LINK, format!("<{next}>; rel=\"next\""));
    }
    head.fields.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    // Neither its own date nor those of its members say when the list was another one.
    let validators = Validators { etag: Some(etag), modified: None };
    Ok(Representation { head, content, validators })
}

/// A list with its entity tag, made of what is written. A long one is written for that alone, and
/// again while it is sent, so that nobody holds it.
fn written(mut writing: Writing) -> Result<(Content, ETag)> {
    let first = writing.piece(LISTING_WHOLE_BYTES_MAX)?;
    let mut digest = Sha256::new();
    digest.update(&first);
    let content = if writing.is_over() {
        Content::Bytes(first.into())
    } else {
        let mut length = first.len() as u64;
        drop(first);
        while !writing.is_over() {
            let piece = writing.piece(PIECE_BYTES)?;
            digest.update(&piece);
            length += piece.len() as u64;
        }
        Content::Remote(Box::new(writing.again(length)))
    };
    Ok((content, ETag::strong(hex(&digest.finalize()))))
}

fn form(request: &Request) -> Result<Form> {
    let for_people =
        request.field(&header::USER_AGENT).is_some_and(|agent| agent.starts_with(CURL));
    let offered = if for_people {
        [Form::Text, Form::Html, Form::Json]
    } else {
        [Form::Html, Form::Json, Form::Text]
    };
    let types = offered.map(Form::media_type);
    let parsed: Vec<MediaType> =
        types.iter().filter_map(|name| MediaType::parse(name).ok()).collect();
    match choose(&Accept::from_headers(&request.fields), &parsed) {
        Negotiated::Acceptable(at) => {
            offered.get(at).copied().ok_or_else(|| not_acceptable(&types))
        }
        Negotiated::NoneAcceptable => Err(not_acceptable(&types)),
    }
}

/// RFC 9110 sections 15.5.7 and 12.5.5: the answer lists what there is, and varies too.
fn not_acceptable(types: &[&str]) -> Error {
    let detail = format!("The list of a folder is there as {}.", types.join(", "));
    Refusal::new(Condition::NotAcceptable, detail)
        .with(header::VARY, http::HeaderValue::from_static(VARY))
        .into()
}

/// The beginning of the User-Agent of curl, which shows what it gets to a person.
const CURL: &str = "curl/";

/// Octets (256 KiB) of a list that is made whole, and held until it is sent: a folder of some
/// 1,500 members, which costs a moment's memory and has parts like any other content.
pub const LISTING_WHOLE_BYTES_MAX: usize = 256 * 1024;

/// The fields that choose the form.
const VARY: &str = "Accept, User-Agent";
