//! Parts of a representation (RFC 9110 sections 14.2, 15.3.7 and 15.5.17).

use http::{HeaderValue, StatusCode, header};
use methodical_content::Content;
use methodical_semantics::{
    condition::Condition,
    error::{Error, Refusal, Result},
    range::{Boundary, ByteRange, ByteRanges, Multipart, Parsed, Resolved, unsatisfied},
};
use methodical_store::view::View;
use sha2::{Digest, Sha256};

use super::Representation;
use crate::{reply::Reply, request::Request};
use methodical_content::body::Body;

impl Representation {
    /// Returns what Range and If-Range ask for: 206, or 200 where they do not count.
    ///
    /// # Errors
    /// `RangeUnsatisfiable` where no range lies in the content, or where there are too many.
    pub fn ranged(self, view: &View<'_>, request: &Request) -> Result<Reply> {
        let Some(length) = self.content.length().filter(|_| self.content.is_cuttable()) else {
            return Ok(self.whole());
        };
        // Step 5 of section 13.2.2.
        if !request.conditions.range_counts(&self.validators, view.now()) {
            return Ok(self.whole());
        }
        let resolved = match ByteRanges::from_headers(&request.fields) {
            Parsed::Ranges(ranges) => ranges.resolve(length),
            Parsed::Ignored => Resolved::Whole,
            Parsed::Refused => return Err(refused(length, "Ask for fewer ranges at once.")),
        };
        match resolved {
            Resolved::Whole => Ok(self.whole()),
            Resolved::Unsatisfiable => {
                Err(refused(length, "Content-Range says how many bytes there are."))
            }
            Resolved::Satisfiable(ranges) => self.parts(&ranges, length, view, request),
        }
    }

    fn parts(
        mut self,
        ranges: &[ByteRange],
        length: u64,
        view: &View<'_>,
        request: &Request,
    ) -> Result<Reply> {
        self.head.status = StatusCode::PARTIAL_CONTENT;
        let witness = self.head.witness.take();
        if request.fields.contains_key(header::IF_RANGE) {
            // Section 15.3.7: who sends If-Range has these already. Content-Type stays, since it
            // says what this content is to those who do not put it together.
            self.head.fields.remove(header::LAST_MODIFIED);
        }
        if let [range] = ranges {
            let body = Body::Content(self.part(*range)?);
            let mut reply = Reply { body, ..self.head };
            if let Content::File(whole) = self.content {
                (reply.witness, reply.whole) = (witness, Some(whole));
            }
            return Ok(reply.with(header::CONTENT_RANGE, range.content_range(length)));
        }
        let boundary = self.boundary(view)?;
        let content_type: Option<&HeaderValue> = self.head.fields.get(header::CONTENT_TYPE);
        let framing = Multipart::new(ranges, length, content_type, &boundary);
        let mut pieces = Vec::with_capacity(ranges.len() * 2 + 1);
        for (range, head) in ranges.iter().zip(framing.heads()) {
            pieces.push(Content::Bytes(head.clone()));
            pieces.push(self.part(*range)?);
        }
        pieces.push(Content::Bytes(framing.closing().clone()));
        let reply = Reply { body: Body::Parts(pieces), ..self.head };
        Ok(reply.with(header::CONTENT_TYPE, framing.content_type()))
    }

    fn part(&self, range: ByteRange) -> Result<Content> {
        let part = self.content.slice(range.first(), range.length());
        part.ok_or_else(|| Error::failed("a range was resolved that is not in the content"))
    }

    /// Another one each time, so that no content that was stored before can hold it.
    fn boundary(&self, view: &View<'_>) -> Result<Boundary> {
        let mut hash = Sha256::new();
        hash.update(format!("{:?} {:?}", view.now(), self.validators));
        let text = super::hex(&hash.finalize());
        Boundary::new(&text).ok_or_else(|| Error::failed("hexadecimal digits are no boundary"))
    }
}

fn refused(length: u64, detail: &'static str) -> Error {
    let refusal = Refusal::new(Condition::RangeUnsatisfiable, detail);
    match HeaderValue::from_str(&unsatisfied(length)) {
        Ok(value) => refusal.with(header::CONTENT_RANGE, value).into(),
        Err(cause) => Error::failed(cause),
    }
}
