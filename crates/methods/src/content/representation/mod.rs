//! The representation that a request selects, with what every method that reads makes of it
//! (RFC 9110 sections 3.2, 8, 13 and 15.4.5).

mod partial;

use http::{HeaderMap, HeaderName, StatusCode, header};
use methodical_content::Content;
use methodical_semantics::{error::Result, rule::conditional::Validators};
use methodical_store::resource::{Resource, Tag};

use super::linking;

use crate::reply::Reply;
use methodical_content::body::Body;

/// A representation: the answer of a GET without conditions, its content apart.
#[derive(Debug)]
pub struct Representation {
    /// The answer 200, with its fields and without its content.
    pub head: Reply,
    /// The content.
    pub content: Content,
    /// The validators that conditions are judged against.
    pub validators: Validators,
}

impl Representation {
    /// The same with what is told of its collection, whose content it is.
    pub(super) fn beside(mut self, collection: &Resource) -> Result<Self> {
        if let (Some(etag), Some(_)) = (&self.validators.etag, &collection.told) {
            let etag = Tag::from(etag.clone()).with(collection.told.as_deref()).etag();
            self.head = self.head.with(header::ETAG, etag.to_string());
            self.validators.etag = Some(etag);
        }
        linking::tell(collection, &mut self.head.fields)?;
        Ok(self)
    }

    /// 200 with all of the content.
    pub fn whole(self) -> Reply {
        Reply { body: Body::Content(self.content), ..self.head }
    }

    /// Returns what [`Self::whole`] says, without the content (RFC 9110 section 9.3.2).
    pub fn without_content(self) -> Reply {
        Reply { body: Body::Omitted(self.content.length()), ..self.head }
    }

    /// 304: the client has this representation already (RFC 9110 section 15.4.5).
    pub fn not_modified(self) -> Reply {
        let mut reply = Reply::empty(StatusCode::NOT_MODIFIED);
        reply.witness = self.head.witness;
        // Content-Length: 0 would say that the representation is empty.
        reply.body = Body::Omitted(None);
        let dated = self.validators.etag.is_none().then_some(header::LAST_MODIFIED);
        for name in KEPT_BY_NOT_MODIFIED.into_iter().chain(dated) {
            copy(&self.head.fields, &name, &mut reply.fields);
        }
        reply
    }
}

fn copy(from: &HeaderMap, name: &HeaderName, to: &mut HeaderMap) {
    for value in from.get_all(name) {
        to.append(name, value.clone());
    }
}

/// The first half of a SHA-256 as hexadecimal digits: enough to tell any two contents apart.
pub(crate) fn hex(digest: &[u8]) -> String {
    let half = digest.iter().take(DIGEST_BYTES);
    half.fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// Bytes of a digest that tags and boundaries keep: 128 bits.
const DIGEST_BYTES: usize = 16;

/// RFC 9110 section 15.4.5; Date is added where the answer is sent.
const KEPT_BY_NOT_MODIFIED: [HeaderName; 7] = [
    header::CACHE_CONTROL,
    header::CONTENT_LOCATION,
    // What was kept from before it was demanded must not go on without it.
    header::CONTENT_SECURITY_POLICY,
    header::ETAG,
    header::EXPIRES,
    header::LINK,
    header::VARY,
];
