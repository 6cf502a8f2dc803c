//! One file a method, and the table: every method of the IANA registry, one row each, in the
//! registry's order.

pub mod connect;
pub mod copy;
pub mod delete;
pub mod get;
pub mod head;
pub mod link;
pub mod lock;
pub mod mkcol;
pub mod move_;
pub mod options;
pub mod orderpatch;
pub mod patch;
pub mod post;
pub mod propfind;
pub mod proppatch;
pub mod put;
pub mod report;
pub mod trace;
pub mod unlink;
pub mod unlock;

use methodical_semantics::registry::IANA;

use crate::{
    admission::switch::Switch,
    method::{Method, Run},
};

/// The rows. One that contradicts the registry does not compile.
#[rustfmt::skip]
pub const ROWS: [Method; IANA.len()] = [
    unwritten("ACL", "Sets the access control list of a resource.", &["RFC 3744 section 8.1"], Run::Planned { safe: false }),
    unwritten("BASELINE-CONTROL", "Puts a collection under baseline control.", &["RFC 3253 section 12.6"], Run::Planned { safe: false }),
    unwritten("BIND", "Gives a resource one more name in a collection.", &["RFC 5842 section 4"], Run::Planned { safe: false }),
    unwritten("CHECKIN", "Makes a version of a checked-out resource.", &["RFC 3253 section 4.4", "RFC 3253 section 9.4"], Run::Planned { safe: false }),
    unwritten("CHECKOUT", "Prepares a version-controlled resource for changes.", &["RFC 3253 section 4.3", "RFC 3253 section 8.8"], Run::Planned { safe: false }),
    connect::CONNECT,
    copy::COPY,
    delete::DELETE,
    get::GET,
    head::HEAD,
    unwritten("LABEL", "Gives a version a name, or takes it away.", &["RFC 3253 section 8.2"], Run::Planned { safe: false }),
    link::LINK,
    lock::LOCK,
    unwritten("MERGE", "Merges changes of other versions.", &["RFC 3253 section 11.2"], Run::Planned { safe: false }),
    unwritten("MKACTIVITY", "Makes an activity.", &["RFC 3253 section 13.5"], Run::Planned { safe: false }),
    unwritten("MKCALENDAR", "Makes a calendar collection.", &["RFC 4791 section 5.3.1", "RFC 8144 section 2.3"], Run::Planned { safe: false }),
    mkcol::MKCOL,
    unwritten("MKREDIRECTREF", "Makes a resource that redirects elsewhere.", &["RFC 4437 section 6"], Run::Planned { safe: false }),
    unwritten("MKWORKSPACE", "Makes a workspace.", &["RFC 3253 section 6.3"], Run::Planned { safe: false }),
    move_::MOVE,
    options::OPTIONS,
    orderpatch::ORDERPATCH,
    patch::PATCH,
    post::POST,
    unwritten("PRI", "Begins a connection of HTTP/2.", &["RFC 9113 section 3.4"], Run::Reserved("it is the first line of an HTTP/2 connection, no method")),
    propfind::PROPFIND,
    proppatch::PROPPATCH,
    put::PUT,
    unwritten("QUERY", "Asks a question that stands in the content.", &["RFC 10008 section 2"], Run::Planned { safe: true }),
    unwritten("REBIND", "Moves a binding to another collection.", &["RFC 5842 section 6"], Run::Planned { safe: false }),
    report::REPORT,
    unwritten("SEARCH", "Searches for resources.", &["RFC 5323 section 2"], Run::Planned { safe: true }),
    trace::TRACE,
    unwritten("UNBIND", "Takes one name of a resource away.", &["RFC 5842 section 5"], Run::Planned { safe: false }),
    unwritten("UNCHECKOUT", "Cancels a checkout.", &["RFC 3253 section 4.5"], Run::Planned { safe: false }),
    unlink::UNLINK,
    unlock::UNLOCK,
    unwritten("UPDATE", "Sets a version-controlled resource to another version.", &["RFC 3253 section 7.1"], Run::Planned { safe: false }),
    unwritten("UPDATEREDIRECTREF", "Changes where a redirect reference leads.", &["RFC 4437 section 7"], Run::Planned { safe: false }),
    unwritten("VERSION-CONTROL", "Puts a resource under version control.", &["RFC 3253 section 3.5"], Run::Planned { safe: false }),
    unwritten("*", "Reserved by the registry.", &["RFC 9110 section 18.2"], Run::Reserved("no method may have this name")),
];

/// The row of a method that is registered and not written yet.
const fn unwritten(
    name: &'static str,
    summary: &'static str,
    spec: &'static [&'static str],
    run: Run,
) -> Method {
    Method { summary, spec, ..Method::base(name, Switch::Always, run) }
}
