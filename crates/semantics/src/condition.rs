//! CONDITIONS: every way in which a request can be refused, one row each.

#![expect(
    clippy::indexing_slicing,
    reason = "CONDITIONS has a row for every variant, as asserted below"
)]

use http::StatusCode;

/// One way to be refused; its row says all that is known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(usize)]
#[expect(missing_docs, reason = "the row of CONDITIONS is the documentation")]
pub enum Condition {
    BadMessage,
    BadTarget,
    BadField,
    BadContent,
    UnexpectedContent,
    PartialPut,
    LengthMismatch,
    DigestMismatch,
    Unauthorized,
    Forbidden,
    HiddenName,
    ReservedName,
    TunnelDenied,
    SameResource,
    NoExternalEntities,
    PropfindFiniteDepth,
    ProtectedProperty,
    ValidResourcetype,
    SupportedReport,
    ValidSyncToken,
    SegmentMustIdentifyMember,
    NotFound,
    MethodNotAllowed,
    NotAcceptable,
    ProxyLogin,
    Timeout,
    ParentMissing,
    Conflict,
    PatchConflict,
    LockTokenMatchesRequestUri,
    PreservedLiveProperties,
    CollectionMustBeOrdered,
    Gone,
    LengthRequired,
    PreconditionFailed,
    RefreshedLock,
    ContentTooLarge,
    TargetTooLong,
    UnsupportedType,
    UnsupportedCoding,
    RangeUnsatisfiable,
    ExpectationFailed,
    Misdirected,
    Unprocessable,
    Locked,
    ConflictingLock,
    FailedDependency,
    PreconditionRequired,
    TooManyRequests,
    FieldsTooLarge,
    UnknownMethod,
    NotImplemented,
    UnsupportedTransferCoding,
    OtherServer,
    Unreachable,
    Overloaded,
    Away,
    UnreachableInTime,
    UnsupportedVersion,
    InsufficientStorage,
    MatchesWithinLimits,
}

/// All that is known of a condition.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The condition.
    pub condition: Condition,
    /// The status code.
    pub status: u16,
    /// The last part of the problem's type, and its name in logs.
    pub slug: &'static str,
    /// The `DAV:` element for WebDAV clients, where a specification names one.
    pub dav: Option<&'static str>,
    /// The fault, in a few words: the problem's title.
    pub title: &'static str,
    /// The section that specifies it.
    pub section: &'static str,
}

impl Condition {
    /// The condition's row.
    pub const fn row(self) -> &'static Row {
        // The order of CONDITIONS is that of the variants: asserted below at compile time.
        &CONDITIONS[self as usize]
    }

    /// The status that the condition is answered with.
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.row().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The absolute URI that names the problem's type (RFC 9457 section 3.1.1).
    ///
    /// ```
    /// use methodical_semantics::condition::Condition;
    /// assert_eq!(Condition::Gone.problem_type(), "tag:methodical,2026:gone");
    /// ```
    pub fn problem_type(self) -> String {
        format!("tag:methodical,2026:{}", self.row().slug)
    }
}

/// Every condition, in the order of [`Condition`].
pub const CONDITIONS: &[Row] = &rows();

const fn row(
    condition: Condition,
    status: u16,
    slug: &'static str,
    title: &'static str,
    section: &'static str,
) -> Row {
    Row { condition, status, slug, dav: None, title, section }
}

const fn dav(row: Row, element: &'static str) -> Row {
    Row { dav: Some(element), ..row }
}

/// A condition of RFC 4918 section 16, which goes by the name of its element.
const fn rfc4918_16(
    condition: Condition,
    status: u16,
    element: &'static str,
    title: &'static str,
) -> Row {
    dav(row(condition, status, element, title, "RFC 4918 section 16"), element)
}

#[rustfmt::skip]
const fn rows() -> [Row; 61] {
    use Condition as C;
    [
        row(C::BadMessage, 400, "bad-message", "The message is malformed", "RFC 9112 section 2.2"),
        row(C::BadTarget, 400, "bad-target", "The request target is malformed", "RFC 9112 section 3.2"),
        row(C::BadField, 400, "bad-field", "A field value is malformed", "RFC 9110 section 5.5"),
        row(C::BadContent, 400, "bad-content", "The content is malformed", "RFC 9110 section 15.5.1"),
        row(C::UnexpectedContent, 400, "unexpected-content", "The method takes no content", "RFC 9110 section 9.3.8"),
        row(C::PartialPut, 400, "partial-put", "PUT of a part is not supported", "RFC 9110 section 14.5"),
        row(C::LengthMismatch, 400, "length-mismatch", "The content has another length than declared", "RFC 9112 section 6.3"),
        row(C::DigestMismatch, 400, "digest-mismatch", "The content has another digest than declared", "RFC 9530 section 2"),
        row(C::Unauthorized, 401, "unauthorized", "A login is needed", "RFC 9110 section 15.5.2"),
        row(C::Forbidden, 403, "forbidden", "This is not permitted", "RFC 9110 section 15.5.4"),
        row(C::HiddenName, 403, "hidden-name", "Names that begin with a dot are not served", "RFC 9110 section 15.5.4"),
        row(C::ReservedName, 403, "reserved-name", "This name is the server's own", "RFC 9110 section 15.5.4"),
        row(C::TunnelDenied, 403, "tunnel-denied", "No tunnel leads there", "RFC 9110 section 9.3.6"),
        row(C::SameResource, 403, "same-resource", "Source and destination are the same", "RFC 4918 section 9.8.5"),
        rfc4918_16(C::NoExternalEntities, 403, "no-external-entities", "The XML names something outside of it"),
        rfc4918_16(C::PropfindFiniteDepth, 403, "propfind-finite-depth", "Depth infinity is not answered here"),
        rfc4918_16(C::ProtectedProperty, 403, "cannot-modify-protected-property", "The property cannot be set"),
        dav(row(C::ValidResourcetype, 403, "valid-resourcetype", "No such resource is made here", "RFC 5689 section 3.3"), "valid-resourcetype"),
        dav(row(C::SupportedReport, 403, "supported-report", "The resource has no such report", "RFC 3253 section 3.6"), "supported-report"),
        dav(row(C::ValidSyncToken, 403, "valid-sync-token", "The token is not known any more", "RFC 6578 section 3.2"), "valid-sync-token"),
        dav(row(C::SegmentMustIdentifyMember, 403, "segment-must-identify-member", "Nothing is beside", "RFC 3648 section 6.1"), "segment-must-identify-member"),
        row(C::NotFound, 404, "not-found", "There is nothing here", "RFC 9110 section 15.5.5"),
        row(C::MethodNotAllowed, 405, "method-not-allowed", "The resource does not take this method", "RFC 9110 section 15.5.6"),
        row(C::NotAcceptable, 406, "not-acceptable", "No representation fits Accept", "RFC 9110 section 15.5.7"),
        row(C::ProxyLogin, 407, "proxy-login", "A login is needed for a tunnel", "RFC 9110 section 15.5.8"),
        row(C::Timeout, 408, "timeout", "The request took too long", "RFC 9110 section 15.5.9"),
        row(C::ParentMissing, 409, "parent-missing", "The collection that would hold it does not exist", "RFC 4918 section 9.7.1"),
        row(C::Conflict, 409, "conflict", "The request conflicts with the present state", "RFC 9110 section 15.5.10"),
        row(C::PatchConflict, 409, "patch-conflict", "The patch does not fit the present state", "RFC 5789 section 2.2"),
        rfc4918_16(C::LockTokenMatchesRequestUri, 409, "lock-token-matches-request-uri", "The lock does not cover this resource"),
        rfc4918_16(C::PreservedLiveProperties, 409, "preserved-live-properties", "A live property cannot be kept"),
        dav(row(C::CollectionMustBeOrdered, 409, "collection-must-be-ordered", "It is not ordered", "RFC 3648 section 6.1"), "collection-must-be-ordered"),
        row(C::Gone, 410, "gone", "This was deleted", "RFC 9110 section 15.5.11"),
        row(C::LengthRequired, 411, "length-required", "The content needs a length", "RFC 9110 section 15.5.12"),
        row(C::PreconditionFailed, 412, "precondition-failed", "A precondition does not hold", "RFC 9110 section 15.5.13"),
        dav(row(C::RefreshedLock, 412, "refreshed-lock", "There is no such lock to refresh", "RFC 4918 section 9.10.6"), "lock-token-matches-request-uri"),
        row(C::ContentTooLarge, 413, "content-too-large", "The content is too large", "RFC 9110 section 15.5.14"),
        row(C::TargetTooLong, 414, "target-too-long", "The address is too long", "RFC 9110 section 15.5.15"),
        row(C::UnsupportedType, 415, "unsupported-type", "The content's media type is not taken here", "RFC 9110 section 15.5.16"),
        row(C::UnsupportedCoding, 415, "unsupported-coding", "The content's coding is not supported", "RFC 9110 section 15.5.16"),
        row(C::RangeUnsatisfiable, 416, "range-unsatisfiable", "No requested range lies within the content", "RFC 9110 section 15.5.17"),
        row(C::ExpectationFailed, 417, "expectation-failed", "The expectation cannot be met", "RFC 9110 section 15.5.18"),
        row(C::Misdirected, 421, "misdirected", "This server does not answer for that host", "RFC 9110 section 15.5.20"),
        row(C::Unprocessable, 422, "unprocessable", "The content cannot be processed", "RFC 9110 section 15.5.21"),
        dav(row(C::Locked, 423, "locked", "The resource is locked", "RFC 4918 section 11.3"), "lock-token-submitted"),
        rfc4918_16(C::ConflictingLock, 423, "no-conflicting-lock", "Another lock stands in the way"),
        row(C::FailedDependency, 424, "failed-dependency", "It depends on something that was refused", "RFC 4918 section 11.4"),
        row(C::PreconditionRequired, 428, "precondition-required", "Writes need a precondition here", "RFC 6585 section 3"),
        row(C::TooManyRequests, 429, "too-many-requests", "Too many requests", "RFC 6585 section 4"),
        row(C::FieldsTooLarge, 431, "fields-too-large", "The header fields are too large", "RFC 6585 section 5"),
        row(C::UnknownMethod, 501, "unknown-method", "The method is not known", "RFC 9110 section 9.1"),
        row(C::NotImplemented, 501, "not-implemented", "The method is not implemented yet", "RFC 9110 section 15.6.2"),
        row(C::UnsupportedTransferCoding, 501, "unsupported-transfer-coding", "The transfer coding is not supported", "RFC 9112 section 6.1"),
        row(C::OtherServer, 502, "other-server", "The destination is on another server", "RFC 4918 section 9.8.5"),
        row(C::Unreachable, 502, "unreachable", "The host cannot be reached", "RFC 9110 section 15.6.3"),
        row(C::Overloaded, 503, "overloaded", "The server has too much to do", "RFC 9110 section 15.6.4"),
        row(C::Away, 503, "away", "What is served here is away", "RFC 9110 section 15.6.4"),
        row(C::UnreachableInTime, 504, "unreachable-in-time", "The host does not answer in time", "RFC 9110 section 15.6.5"),
        row(C::UnsupportedVersion, 505, "unsupported-version", "The protocol version is not supported", "RFC 9110 section 15.6.6"),
        row(C::InsufficientStorage, 507, "insufficient-storage", "There is no room to store this", "RFC 4918 section 11.5"),
        dav(row(C::MatchesWithinLimits, 507, "number-of-matches-within-limits", "Too much to tell", "RFC 6578 section 3.7"), "number-of-matches-within-limits"),
    ]
}

const _: () = {
    let mut at = 0;
    while at < CONDITIONS.len() {
        assert!(CONDITIONS[at].condition as usize == at, "CONDITIONS is out of order");
        at += 1;
    }
    assert!(at == Condition::MatchesWithinLimits as usize + 1);
};
