//! DAV:sync-collection: what changed below a collection since a client last asked (RFC 6578).

use http::StatusCode;
use methodical_semantics::{
    condition::Condition,
    document::{
        propfind::Propfind,
        sync_collection::{SyncCollection, SyncLevel},
    },
    error::{Error, Result},
    header::{
        depth::Depth,
        prefer::{Prefer, Preference, applied},
    },
};
use methodical_store::{
    resource::Resource,
    sync::{self, Change, Changes, Found, Member, Synchronizer},
    walk::Reach,
};

use super::{
    arranged::arrange,
    report::{Question, Report},
};
use crate::{
    properties::{
        multistatus::{Entry, MultistatusStream, PREFERENCE_APPLIED},
        selection::{Missing, Selection},
    },
    reply::Reply,
    request::Request,
};

/// The row of the report.
pub const REPORT: Report = Report {
    name: "sync-collection",
    applies: Resource::is_synchronized,
    spec: "RFC 6578 section 3.2",
    run: sync_collection,
};

/// Members that one answer tells of; the client asks for the rest by the token of the answer
/// (section 3.6).
pub const SYNC_RESULTS_MAX: usize = 20_000;

fn sync_collection(question: &Question<'_>) -> Result<Reply> {
    let Question { view, request, target, document } = *question;
    let asked = SyncCollection::read(document)?;
    let reach = reach(request, asked.level)?;
    let max = max(asked.limit)?;
    let synchronizer = view.synchronizer();
    let since = asked.token.as_deref();
    let Changes { mut members, token, is_cut } =
        synchronizer.changes(target, &sync::SyncQuery { since, reach, max })?;
    arrange(view, &target.path, &mut members, |member| &member.path)?;
    let minimal = Prefer::from_headers(&request.fields).asks_for(Preference::ReturnMinimal);
    let missing = if minimal { Missing::Omitted } else { Missing::Told };
    let selection = Selection::of(Propfind::Prop(asked.prop), missing);
    let known = selection.context(view, request, target)?;
    let cut = is_cut.then(|| Entry::Whole {
        path: target.path.clone(),
        is_collection: true,
        status: StatusCode::INSUFFICIENT_STORAGE,
        condition: Some("number-of-matches-within-limits"),
    });
    let told = members.into_iter().filter_map(move |member| entry(&synchronizer, member));
    let entries = Box::new(told.chain(cut.map(Ok)));
    let answering = MultistatusStream::of(entries, selection, known, view.property_reader());
    let reply = answering.with_token(token).reply(&request.memory)?;
    Ok(match applied(&[Preference::ReturnMinimal]).filter(|_| minimal) {
        Some(applied) => reply.with(PREFERENCE_APPLIED, applied),
        None => reply,
    })
}

/// Returns how far below the collection: by DAV:sync-level, or by Depth where a client of a draft
/// sends that instead (appendix A).
fn reach(request: &Request, level: Option<SyncLevel>) -> Result<Reach> {
    match (level, request.depth()?) {
        (Some(SyncLevel::One), None | Some(Depth::Zero)) | (None, Some(Depth::One)) => {
            Ok(Reach::Members)
        }
        (Some(SyncLevel::Infinite), None | Some(Depth::Zero)) | (None, Some(Depth::Infinity)) => {
            Ok(Reach::Tree)
        }
        (Some(_), Some(Depth::One | Depth::Infinity)) => Err(Error::refused(
            Condition::BadField,
            "Send Depth: 0, or none; DAV:sync-level says how far to go.",
        )),
        (None, None | Some(Depth::Zero)) => Err(Error::refused(
            Condition::BadContent,
            "DAV:sync-collection has one DAV:sync-level: 1 or infinite.",
        )),
    }
}

fn max(limit: Option<u64>) -> Result<usize> {
    match limit {
        Some(0) => Err(Error::refused(
            Condition::MatchesWithinLimits,
            "An answer that tells of no member leads nowhere: ask for one at least.",
        )),
        Some(limit) => {
            Ok(usize::try_from(limit).map_or(SYNC_RESULTS_MAX, |it| it.min(SYNC_RESULTS_MAX)))
        }
        None => Ok(SYNC_RESULTS_MAX),
    }
}

/// Returns what is told of a member; nothing where a link leads to what may not be shown.
fn entry(synchronizer: &Synchronizer, member: Member) -> Option<Result<Entry>> {
    let Member { path, is_collection, change } = member;
    let whole = |status, condition| {
        let path = path.clone();
        Entry::Whole { path, is_collection, status, condition }
    };
    match change {
        Change::Removed => Some(Ok(whole(StatusCode::NOT_FOUND, None))),
        Change::Untraversed => match synchronizer.find(&path) {
            Ok(Found::Hidden) => None,
            Ok(Found::There(_) | Found::Nothing) => {
                let condition = Some("sync-traversal-supported");
                Some(Ok(whole(StatusCode::FORBIDDEN, condition)))
            }
            Err(error) => Some(Err(error)),
        },
        Change::Changed => match synchronizer.find(&path) {
            Ok(Found::There(resource)) => Some(Ok(Entry::Properties(*resource))),
            // It disappeared meanwhile.
            Ok(Found::Nothing) => Some(Ok(whole(StatusCode::NOT_FOUND, None))),
            Ok(Found::Hidden) => None,
            Err(error) => Some(Err(error)),
        },
    }
}
