//! The table of methods: what is known of all rows, and how one is found.

use methodical_semantics::registry::{IANA, registered, same};

use crate::{
    method::{Method, Run},
    methods::ROWS,
};

/// All registered methods. A row that contradicts the registry does not compile.
///
/// ```
/// let patch = methodical_methods::table::find("PATCH").unwrap();
/// assert!(!patch.is_safe());
/// assert!(methodical_methods::table::find("patch").is_none());
/// ```
pub static METHODS: [Method; IANA.len()] = ROWS;

/// The row of a method; names are case-sensitive (RFC 9110 section 9.1).
pub fn find(name: &str) -> Option<&'static Method> {
    position(name).and_then(|at| METHODS.get(at))
}

/// Returns where the row of a method stands among [`METHODS`].
pub fn position(name: &str) -> Option<usize> {
    METHODS.binary_search_by(|row| order(row.name).cmp(&order(name))).ok()
}

/// The registry is sorted by name, with `*` behind all others.
fn order(name: &str) -> (bool, &str) {
    (name == "*", name)
}

/// Returns whether a row's code is as safe as the registry says of its method; asserted at compile
/// time for every row.
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

/// Returns how many of the registered methods do something here, as words for sentences on the
/// whole.
///
/// ```
/// assert!(methodical_methods::table::counted().ends_with(" of the 41 registered methods"));
/// ```
pub fn counted() -> String {
    let done = METHODS.iter().filter(|method| method.is_implemented()).count();
    format!("{done} of the {} registered methods", METHODS.len())
}
