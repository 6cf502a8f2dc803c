//! The table: every method of the IANA registry, one row each, in the registry's order.

use methodical_semantics::registry::{IANA, registered, same};

use crate::{
    method::{Method, Run, Switch},
    methods,
};

/// All registered methods. A row that contradicts the registry does not compile.
///
/// ```
/// let patch = methodical_methods::table::find("PATCH").unwrap();
/// assert!(!patch.is_safe());
/// assert!(methodical_methods::table::find("patch").is_none());
/// ```
#[rustfmt::skip]
pub static METHODS: [Method; IANA.len()] = ROWS;

#[rustfmt::skip]
const ROWS: [Method; IANA.len()] = [
    unwritten("ACL", "Sets the access control list of a resource.", &["RFC 3744 section 8.1"], Run::Planned { safe: false }),
    unwritten("BASELINE-CONTROL", "Puts a collection under baseline control.", &["RFC 3253 section 12.6"], Run::Planned { safe: false }),
    unwritten("BIND", "Gives a resource one more name in a collection.", &["RFC 5842 section 4"], Run::Planned { safe: false }),
    unwritten("CHECKIN", "Makes a version of a checked-out resource.", &["RFC 3253 section 4.4", "RFC 3253 section 9.4"], Run::Planned { safe: false }),
    unwritten("CHECKOUT", "Prepares a version-controlled resource for changes.", &["RFC 3253 section 4.3", "RFC 3253 section 8.8"], Run::Planned { safe: false }),
    methods::connect::CONNECT,
    methods::copy::COPY,
    methods::delete::DELETE,
    methods::get::GET,
    methods::head::HEAD,
    unwritten("LABEL", "Gives a version a name, or takes it away.", &["RFC 3253 section 8.2"], Run::Planned { safe: false }),
    unwritten("LINK", "Adds relations between this resource and others.", &["RFC 2068 section 19.6.1.2"], Run::Planned { safe: false }),
    methods::lock::LOCK,
    unwritten("MERGE", "Merges changes of other versions.", &["RFC 3253 section 11.2"], Run::Planned { safe: false }),
    unwritten("MKACTIVITY", "Makes an activity.", &["RFC 3253 section 13.5"], Run::Planned { safe: false }),
    unwritten("MKCALENDAR", "Makes a calendar collection.", &["RFC 4791 section 5.3.1", "RFC 8144 section 2.3"], Run::Planned { safe: false }),
    methods::mkcol::MKCOL,
    unwritten("MKREDIRECTREF", "Makes a resource that redirects elsewhere.", &["RFC 4437 section 6"], Run::Planned { safe: false }),
    unwritten("MKWORKSPACE", "Makes a workspace.", &["RFC 3253 section 6.3"], Run::Planned { safe: false }),
    methods::move_::MOVE,
    methods::options::OPTIONS,
    unwritten("ORDERPATCH", "Changes the order of a collection's members.", &["RFC 3648 section 7"], Run::Planned { safe: false }),
    methods::patch::PATCH,
    methods::post::POST,
    unwritten("PRI", "Begins a connection of HTTP/2.", &["RFC 9113 section 3.4"], Run::Reserved("it is the first line of an HTTP/2 connection, no method")),
    methods::propfind::PROPFIND,
    methods::proppatch::PROPPATCH,
    methods::put::PUT,
    unwritten("QUERY", "Asks a question that stands in the content.", &["RFC 10008 section 2"], Run::Planned { safe: true }),
    unwritten("REBIND", "Moves a binding to another collection.", &["RFC 5842 section 6"], Run::Planned { safe: false }),
    methods::report::REPORT,
    unwritten("SEARCH", "Searches for resources.", &["RFC 5323 section 2"], Run::Planned { safe: true }),
    methods::trace::TRACE,
    unwritten("UNBIND", "Takes one name of a resource away.", &["RFC 5842 section 5"], Run::Planned { safe: false }),
    unwritten("UNCHECKOUT", "Cancels a checkout.", &["RFC 3253 section 4.5"], Run::Planned { safe: false }),
    unwritten("UNLINK", "Removes relations between this resource and others.", &["RFC 2068 section 19.6.1.3"], Run::Planned { safe: false }),
    methods::unlock::UNLOCK,
    unwritten("UPDATE", "Sets a version-controlled resource to another version.", &["RFC 3253 section 7.1"], Run::Planned { safe: false }),
    unwritten("UPDATEREDIRECTREF", "Changes where a redirect reference leads.", &["RFC 4437 section 7"], Run::Planned { safe: false }),
    unwritten("VERSION-CONTROL", "Puts a resource under version control.", &["RFC 3253 section 3.5"], Run::Planned { safe: false }),
    unwritten("*", "Reserved by the registry.", &["RFC 9110 section 18.2"], Run::Reserved("no method may have this name")),
];

/// The row of a method; names are case-sensitive (RFC 9110 section 9.1).
pub fn find(name: &str) -> Option<&'static Method> {
    position(name).and_then(|at| METHODS.get(at))
}

/// Where the row of a method stands among [`METHODS`].
pub fn position(name: &str) -> Option<usize> {
    METHODS.binary_search_by(|row| order(row.name).cmp(&order(name))).ok()
}

/// The registry is sorted by name, with `*` behind all others.
fn order(name: &str) -> (bool, &str) {
    (name == "*", name)
}

/// The row of a method that is registered and not written yet.
const fn unwritten(
    name: &'static str,
    summary: &'static str,
    spec: &'static [&'static str],
    run: Run,
) -> Method {
    Method { summary, spec, ..Method::base(name, Switch::Always, run) }
}

/// Whether a row's code is as safe as the registry says of its method; asserted at compile time for
/// every row.
///
/// ```
/// use methodical_methods::{methods::get::GET, table::agrees};
/// const _: () = assert!(agrees(&GET));
/// ```
///
/// # Panics
/// At compile time, when the name is not registered.
pub const fn agrees(row: &Method) -> bool {
    let registered = registered(row.name);
    match row.run {
        Run::Read(_) | Run::Ask(_) => registered.safe,
        Run::Write { .. } | Run::Tunnel(_) => !registered.safe,
        Run::Planned { safe } => registered.safe == safe,
        Run::Reserved(_) => true,
    }
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler alone")]
const _: () = {
    let mut at = 0;
    while at < ROWS.len() {
        assert!(same(ROWS[at].name, IANA[at].name), "METHODS is not in the registry's order");
        assert!(agrees(&ROWS[at]), "a method that is not safe only reads, or a safe one writes");
        at += 1;
    }
};

/// How many of the registered methods do something here, as words for sentences on the whole.
///
/// ```
/// assert!(methodical_methods::table::counted().ends_with(" of the 41 registered methods"));
/// ```
pub fn counted() -> String {
    let done = METHODS.iter().filter(|method| method.is_implemented()).count();
    format!("{done} of the {} registered methods", METHODS.len())
}
