//! The duties of a server to people with a browser: pages of other origins read only what is shared
//! with them (CORS), change nothing unasked (CSRF), and do not get at it under a name of their own
//! (DNS rebinding).
//!
//! None of it is a right of its own: a request that passes here is judged by the rules like any
//! other. Programs without pages (curl, file managers) send none of the fields that are looked at,
//! and notice nothing.

mod names;
mod preflight;
mod sharing;

use http::{HeaderMap, header};
use methodical_methods::method::{Method, Run};
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    header::origin::Origin,
};

use methodical_wire::peer::Peer;
pub(crate) use names::Names;
pub(crate) use sharing::{Sharing, Visit};

use crate::settings::Settings;

/// The operator's choices about names and origins.
#[derive(Debug)]
pub(crate) struct Browsers {
    /// The names that the server answers for.
    names: Names,
    /// The origins that may read or write.
    sharing: Sharing,
}

impl Browsers {
    /// Those of the settings.
    pub(crate) fn of(settings: &Settings) -> Self {
        Self { names: Names::of(settings), sharing: Sharing::of(settings) }
    }

    /// Returns what a request has to do with other origins.
    pub(crate) fn visit(&self, row: Option<&Method>, fields: &HeaderMap) -> Visit {
        self.sharing.visit(row, fields)
    }

    /// Returns whether a request without TLS may be led on to this authority.
    ///
    /// # Errors
    /// `Misdirected`.
    pub(crate) fn admit_unproven(
        &self,
        authority: &str,
        is_certified: impl Fn(&str) -> bool,
    ) -> Result<()> {
        self.names.check_unproven(authority, is_certified)
    }

    /// Returns whether a request may go on, as far as names and origins are concerned. The
    /// authority of an absolute-form takes the place of Host (RFC 9112 section 3.2.2).
    ///
    /// # Errors
    /// `Misdirected`, `Forbidden`.
    pub(crate) fn admit(
        &self,
        method: &Method,
        authority: Option<&str>,
        fields: &HeaderMap,
        caller: Peer,
    ) -> Result<()> {
        // The Host of a request for a tunnel is the tunnel's other end.
        let of_tunnel = matches!(method.run, Run::Tunnel(_));
        let host = fields.get(header::HOST).and_then(|host| host.to_str().ok());
        let host = authority.or(host).filter(|_| !of_tunnel);
        if let Some(host) = host {
            self.names.check(host)?;
        }
        if method.is_safe() {
            return Ok(());
        }
        match writer(fields, host, caller) {
            Writer::Own => Ok(()),
            Writer::Foreign(origin) if self.sharing.lets_write(origin.as_ref(), fields) => Ok(()),
            Writer::Foreign(origin) => Err(foreign(origin.as_ref())),
        }
    }
}

/// Whose page makes the browser send a request, if it is a browser.
enum Writer {
    /// No page, or one of this server, or one of a program that the person installed.
    Own,
    /// A page of another origin, or one that hides where it is from.
    Foreign(Option<Origin>),
}

/// Decides whose a request is that may change something. An extension's origin is the person's own
/// choice; `Sec-Fetch-Site`, which no page can set, decides where a browser sends it (W3C Fetch
/// Metadata); else Origin does. A request with neither comes from no page.
fn writer(fields: &HeaderMap, host: Option<&str>, caller: Peer) -> Writer {
    let of_page = Origin::from_headers(fields);
    if of_page.as_ref().is_ok_and(|origin| origin.as_ref().is_some_and(Origin::is_extension)) {
        return Writer::Own;
    }
    // Pages cannot set it: what it says is the browser's own word.
    let mut sites = fields.get_all(SEC_FETCH_SITE).iter().peekable();
    if sites.peek().is_some() {
        let own = sites.all(|site| matches!(site.as_bytes(), b"same-origin" | b"none"));
        return if own { Writer::Own } else { Writer::Foreign(of_page.ok().flatten()) };
    }
    match of_page {
        Ok(None) => Writer::Own,
        Ok(Some(origin)) if is_own(&origin, host, caller) => Writer::Own,
        Ok(origin @ Some(_)) => Writer::Foreign(origin),
        Err(_) => Writer::Foreign(None),
    }
}

/// Returns whether an origin is this server's. Who is before us may speak TLS where we do not: the
/// scheme counts only where nobody can be.
fn is_own(origin: &Origin, host: Option<&str>, caller: Peer) -> bool {
    let by_tls = caller.secure && caller.address.is_some();
    let served = if by_tls { &["https"][..] } else { &["https", "http"] };
    host.is_some_and(|host| origin.is_at(host)) && served.contains(&origin.scheme())
}

/// The refusal of a page's request, with the setting that would let it.
fn foreign(origin: Option<&Origin>) -> Error {
    let detail = match origin {
        Some(origin) => format!(
            "A page of {origin} may change nothing here. Start the server with --cors-origin \
             {origin} if it may; if it is this server's own page, let the proxy between pass on \
             Host."
        ),
        None => "A page that hides its origin may change nothing here. If it may, whosever it is, \
                 start the server with --cors-origin null."
            .to_owned(),
    };
    Error::refused(Condition::Forbidden, detail)
}

/// Fetch Metadata: how the page that makes a request is related to its target.
const SEC_FETCH_SITE: &str = "sec-fetch-site";
