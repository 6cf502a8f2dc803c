//! Answers of HTTP/1.1, read as strictly as the specification lets one.

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) content: Vec<u8>,
}

/// Where the content of an answer ends (RFC 9112 section 6.3).
pub(crate) enum Framing {
    None,
    Length(usize),
    Chunked,
    Close,
}

impl Answer {
    /// Reads a head.
    #[track_caller]
    pub(crate) fn parse(head: &[u8]) -> Self {
        let text = std::str::from_utf8(head).unwrap();
        let mut lines = text.strip_suffix("\r\n\r\n").unwrap().split("\r\n");
        let line = lines.next().unwrap();
        assert!(!text.replace("\r\n", "").contains(['\r', '\n', '\0']), "{text:?}");
        let (version, rest) = line.split_at(9);
        assert_eq!(version, "HTTP/1.1 ", "{line}");
        let (status, reason) = rest.split_at(3);
        assert!(reason.starts_with(' '), "{line}");
        let fields = lines.map(|line| {
            let (name, value) = line.split_once(": ").expect(line);
            assert!(!name.contains(' '), "{line}");
            (name.to_ascii_lowercase(), value.to_owned())
        });
        let answer =
            Self { status: status.parse().unwrap(), fields: fields.collect(), content: Vec::new() };
        answer.keeps_the_rules_of_all();
        answer
    }

    /// The value of a field; nothing if it is absent. A field that comes twice fails the test.
    #[track_caller]
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let mut found = self.fields.iter().filter(|(its, _)| its == name);
        let (first, second) = (found.next(), found.next());
        assert!(second.is_none(), "{name} comes twice: {self:?}");
        first.map(|(_, value)| value.as_str())
    }

    /// The content as text.
    #[track_caller]
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.content.clone()).unwrap()
    }

    /// Demands a problem document (RFC 9457) of this status that says something to people.
    #[track_caller]
    pub(crate) fn is_problem(&self, status: u16) {
        assert_eq!(self.status, status, "{self:?}: {}", String::from_utf8_lossy(&self.content));
        assert_eq!(self.field("content-type"), Some("application/problem+json"), "{self:?}");
        let problem: serde_json::Value = serde_json::from_slice(&self.content).unwrap();
        assert_eq!(problem["status"], u64::from(status), "{problem}");
        for member in ["type", "title", "detail"] {
            assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{problem}");
        }
    }

    /// How the content is framed.
    #[track_caller]
    pub(crate) fn framing(&self, to_head: bool) -> Framing {
        let length = self.field("content-length");
        let coding = self.field("transfer-encoding");
        assert!(length.is_none() || coding.is_none(), "two framings: {self:?}");
        match (self.status, length, coding) {
            (100..200 | 204 | 304, ..) => Framing::None,
            _ if to_head => Framing::None,
            (_, Some(length), _) => Framing::Length(length.parse().unwrap()),
            (_, None, Some("chunked")) => Framing::Chunked,
            (_, None, Some(other)) => panic!("coded as {other}"),
            (_, None, None) => {
                assert_eq!(self.field("connection"), Some("close"), "{self:?}");
                Framing::Close
            }
        }
    }

    /// What holds for every answer, whatever was asked.
    #[track_caller]
    fn keeps_the_rules_of_all(&self) {
        let has = |name: &str| self.field(name).is_some();
        let interim = (100..200).contains(&self.status);
        // RFC 9110 section 6.6.1.
        assert!(interim || has("date"), "no Date: {self:?}");
        // RFC 9110 section 8.6, RFC 9112 section 6.1.
        if interim || self.status == 204 {
            assert!(!has("content-length") && !has("transfer-encoding"), "{self:?}");
        }
        // RFC 9110 section 15.5.6.
        assert!(self.status != 405 || has("allow"), "405 without Allow: {self:?}");
        // RFC 9110 section 8.8.3.
        // covers: GEN-31 GEN-33
        if let Some(etag) = self.field("etag") {
            let quoted = etag.strip_prefix("W/").unwrap_or(etag);
            let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
            let opaque = |byte: u8| matches!(byte, b'!' | b'#'..=b'~' | 0x80..);
            assert!(inner.is_some_and(|inner| inner.bytes().all(opaque)), "{etag}");
        }
        if let (Some(date), Some(modified)) = (self.field("date"), self.field("last-modified")) {
            let seconds = |text| httpdate::parse_http_date(text).expect(text);
            assert!(seconds(modified) <= seconds(date), "{self:?}");
        }
    }
}
