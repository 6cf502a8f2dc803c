//! POST adds a member to a folder (RFC 9110 section 9.3.3).
//!
//! Content of any type becomes a new file under a name that the server chooses: as `Slug` wishes
//! (RFC 5023 section 9.7), made safe; else one that says when it came. Where the name says nothing
//! of the media type, its extension is added. Nothing is overwritten: where the name is taken, a
//! number is added.
//!
//! ```http
//! > POST /photos/ HTTP/1.1
//! > Host: example.com
//! > Content-Type: text/plain
//! > Slug: The beach at S%C3%A8te
//! >
//! > Sand and more sand.
//! < HTTP/1.1 201 Created
//! < Location: /photos/The%20beach%20at%20S%C3%A8te.txt
//! < ETag: "..."
//! ```
//!
//! A form (`multipart/form-data`, RFC 7578) may bring several files, each kept under its own name,
//! made safe; plain fields are ignored. A browser, which prefers HTML, is sent back to the folder
//! (303); programs get 201 with the address of the file, and for several a JSON list of them. Forms
//! of other kinds (`application/x-www-form-urlencoded`, `text/plain`) are kept as they are, and a
//! browser is sent to what was made.
//!
//! * Onto a file: 405; use PUT or PATCH.
//! * `Position` says where it comes to stand in a folder that is ordered (RFC 3648 section 6), else
//!   it comes last; several files stand behind each other.
//! * A form part without a name is 400, a form without a file 422.
//! * A part in base64 or quoted-printable (`Content-Transfer-Encoding`) is decoded; one that is
//!   broken is 400, in another encoding 415.
//! * `Content-Encoding` is 415: content is stored as it is served.

use http::{StatusCode, header};
use methodical_content::staging::Staged;
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    footprint::{Footprint, Touch},
    header::{accept::Accept, content_type::MediaType, slug::Slug},
    media::{implied_by, same_type, says_nothing},
    mount::Mount,
    path::Path,
    rule::negotiating::{Negotiated, choose},
};
use methodical_store::{
    resource::Resource, store::Placement, transaction::Transaction, view::View,
};
use serde_json::{Value, json};

use crate::{
    content::content_checks,
    method::{Accepts, Applies, Fit, Method, Run},
    place::{member_names, ordering::Placing},
    reply::Reply,
    request::{FormPart, Input, Request},
};

/// The row of POST.
pub const POST: Method = Method {
    summary: "Has the resource process the content by its own semantics.",
    accepts: Accepts::StagedOrForm,
    applies: Applies {
        root: Fit::Yes,
        collection: Fit::Yes,
        unmapped: Fit::Missing,
        unmapped_collection: Fit::Missing,
        ..Applies::NOTHING
    },
    accept_field: Some("accept-post"),
    spec: &["RFC 9110 section 9.3.3"],
    page: include_str!("post.rs"),
    ..Method::writing("POST", Run::Write { touches, run: post })
};

/// A new file, before it has a place.
struct New {
    name: String,
    media_type: Option<MediaType>,
    content: Staged,
}

/// A new file that has its place.
struct Made {
    path: Path,
    length: u64,
    media_type: String,
}

fn touches(view: &View<'_>, request: &Request, _: &Input) -> Result<Footprint> {
    content_checks::check_head(&request.fields)?;
    let found = collection(view, request)?;
    let placing = Placing::of(view, request, &found)?;
    let collection = found.path;
    if is_form(request)? {
        return Ok(Footprint(vec![Touch::any_member(&collection)]));
    }
    let given = MediaType::from_headers(&request.fields)?;
    let name = member_names::name(wish(request), given.as_ref(), view.now());
    let path = member_names::free(view, request, &[], &collection, &name)?;
    content_checks::media_type(&request.fields, &path)?;
    if path.name() == name.as_bytes() {
        let footprint = Footprint(vec![Touch::content(&path), Touch::members(&collection)]);
        return Ok(placing.with(footprint, true));
    }
    // Others want this name too: which number is free is found while nobody else adds a member.
    Ok(Footprint(vec![Touch::any_member(&collection)]))
}

fn post(transaction: &mut Transaction<'_>, request: &Request, input: Input) -> Result<Reply> {
    let collection = collection(&transaction.view(), request)?;
    let placing = Placing::of(&transaction.view(), request, &collection)?;
    let Input::Form(parts) = input else {
        let (made, reply) = add(transaction, request, &collection, input)?;
        placing.give_all(transaction, [&made].into_iter())?;
        return Ok(reply);
    };
    let mut made: Vec<Made> = Vec::new();
    for part in parts {
        let Some(new) = file(part, transaction)? else { continue };
        let taken: Vec<Path> = made.iter().map(|made| made.path.clone()).collect();
        made.push(place(transaction, request, &collection, &taken, new)?);
    }
    placing.give_all(transaction, made.iter().map(|made| &made.path))?;
    answer(request, &collection, &made)
}

/// Adds the content as it is; says where.
fn add(
    transaction: &mut Transaction<'_>,
    request: &Request,
    collection: &Resource,
    input: Input,
) -> Result<(Path, Reply)> {
    let media_type = MediaType::from_headers(&request.fields)?;
    let name = member_names::name(wish(request), media_type.as_ref(), transaction.now());
    let at = member_names::free(&transaction.view(), request, &[], &collection.path, &name)?;
    let content = content_checks::staged(transaction, &at, input)?;
    let by_form = media_type.as_ref().is_some_and(|given| FORMS.contains(&given.essence()));
    let made = place(transaction, request, collection, &[], New { name, media_type, content })?;
    if by_form && prefers_html(request)? {
        let reply = see_other(made.path.encoded());
        return Ok((made.path, reply));
    }
    let reply = created(&made);
    Ok((made.path, reply))
}

fn place(
    transaction: &mut Transaction<'_>,
    request: &Request,
    collection: &Resource,
    taken: &[Path],
    new: New,
) -> Result<Made> {
    let path =
        member_names::free(&transaction.view(), request, taken, &collection.path, &new.name)?;
    let remembered = match &new.media_type {
        Some(given) => content_checks::remembered(given, &path)?,
        None => None,
    };
    let served = match &remembered {
        Some(given) => given.to_string(),
        None => implied_by(&path.name_text()).into_owned(),
    };
    let made = Made { path, length: new.content.length(), media_type: served };
    let placement = Placement { media_type: remembered, modified: None };
    transaction.place(&made.path, new.content, placement)?;
    Ok(made)
}

/// The file that a part of a form brings; nothing for a plain field, and for a choice of file that
/// was left empty.
fn file(part: FormPart, transaction: &Transaction<'_>) -> Result<Option<New>> {
    if part.name.is_empty() {
        return Err(Error::refused(
            Condition::BadContent,
            "Each part of a form needs a Content-Disposition with a name.",
        ));
    }
    let Some(content) = part.content else { return Ok(None) };
    if content.length() == 0 && part.file_name.as_deref().is_none_or(str::is_empty) {
        return Ok(None);
    }
    let given = part.media_type.as_deref().map(MediaType::parse).transpose()?;
    // RFC 7578 section 4.4: this is also what a client says who knows no better.
    let media_type = given.filter(|given| !says_nothing(given));
    let wish = part.file_name.as_deref().and_then(member_names::name_of_file);
    let name = member_names::name(wish, media_type.as_ref(), transaction.now());
    Ok(Some(New { name, media_type, content }))
}

fn answer(request: &Request, collection: &Resource, made: &[Made]) -> Result<Reply> {
    let Some(first) = made.first() else {
        return Err(Error::refused(
            Condition::Unprocessable,
            "The form brings no file; send one as a part with a filename.",
        ));
    };
    if prefers_html(request)? {
        return Ok(see_other(collection.path.encoded_collection()));
    }
    if made.len() == 1 {
        return Ok(created(first));
    }
    let list: Vec<Value> = made.iter().map(|one| described(one, &request.policy.mount)).collect();
    let list = Value::Array(list).to_string();
    let reply = Reply::bytes(StatusCode::CREATED, "application/json", list);
    Ok(reply.with(header::LOCATION, first.path.encoded()))
}

/// RFC 9110 section 15.4.4: a browser shows it in the place of an empty page.
fn see_other(location: String) -> Reply {
    Reply::empty(StatusCode::SEE_OTHER).with(header::LOCATION, location)
}

fn created(made: &Made) -> Reply {
    let location = made.path.encoded();
    let mut reply = Reply::empty(StatusCode::CREATED).with(header::LOCATION, location);
    reply.etag_of = Some(made.path.clone());
    reply
}

/// As the list of a folder's members has it.
fn described(made: &Made, mount: &Mount) -> Value {
    json!({
        "name": made.path.name_text(),
        "kind": "file",
        "size": made.length,
        "type": made.media_type,
        "href": format!("{}{}", mount.prefix(), made.path.encoded()),
    })
}

/// Returns whether the client would rather look at the folder than at a list for programs.
fn prefers_html(request: &Request) -> Result<bool> {
    let offered = [MediaType::parse("application/json")?, MediaType::parse("text/html")?];
    let chosen = choose(&Accept::from_headers(&request.fields), &offered);
    Ok(chosen == Negotiated::Acceptable(1))
}

fn wish(request: &Request) -> Option<String> {
    Slug::from_headers(&request.fields).as_ref().and_then(Slug::member_name)
}

fn is_form(request: &Request) -> Result<bool> {
    let form = MediaType::from_headers(&request.fields)?
        .filter(|given| same_type(given.essence(), "multipart/form-data"));
    match form {
        Some(form) if form.boundary().is_none() => Err(Error::refused(
            Condition::BadField,
            "Content-Type must have the boundary that separates the parts of the form.",
        )),
        form => Ok(form.is_some()),
    }
}

fn collection(view: &View<'_>, request: &Request) -> Result<Resource> {
    let found = view.find(request.path())?;
    found.ok_or_else(|| Error::refused(Condition::NotFound, "There is nothing at this address."))
}

/// What browsers send forms as, besides `multipart/form-data`.
const FORMS: [&str; 2] = ["application/x-www-form-urlencoded", "text/plain"];
