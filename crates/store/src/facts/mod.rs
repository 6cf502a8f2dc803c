//! Facts: what is known of a resource beside its content. Each is a file here and its line in
//! [`FACTS`].
//!
//! What becomes of a fact when its resource is moved or copied stands in its row. Stores know rows
//! and bytes: none of them has to learn of a new fact, and the contract holds each row to its word.
//!
//! ```
//! use methodical_store::facts::{Fact, OnCopy, OnMove, Row};
//! static LABEL: Fact<String> = Fact::new(
//!     Row {
//!         name: "label",
//!         on_move: OnMove::Goes,
//!         on_copy: OnCopy::Left,
//!         in_memory: true,
//!         is_told: false,
//!         is_sorted: false,
//!     },
//!     |label| label.clone().into_bytes(),
//!     |bytes| String::from_utf8(bytes.to_vec()).ok(),
//! );
//! let kept = LABEL.encoded(&"blue".to_owned());
//! assert_eq!(LABEL.decoded(&kept)?, "blue");
//! # Ok::<(), methodical_semantics::error::Error>(())
//! ```

mod kept;
pub mod links;
pub mod order;
pub mod row;
pub mod told;

use methodical_semantics::error::Result;

pub use self::{
    kept::{Kept, Value},
    row::{FACT_BYTES_MAX, Fact, MIRRORED_BYTES_MAX, OnCopy, OnMove, Row},
};
use crate::resource::Resource;

/// Reads facts of resources that were found.
pub type FactReader = Box<dyn Fn(&'static Row, &Resource) -> Result<Option<Vec<u8>>> + Send>;

/// The rows of all facts that a store may be asked to keep.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    #[cfg(feature = "testing")]
    let toys = toys::TOYS.iter().map(|toy| &toy.row);
    #[cfg(not(feature = "testing"))]
    let toys = std::iter::empty();
    FACTS.iter().copied().chain(toys)
}

/// Facts that no method sets: one of each kind, so that stores are tried on all of them.
#[cfg(feature = "testing")]
pub mod toys {
    use super::{Fact, OnCopy, OnMove, Row};

    /// One of each kind.
    pub static TOYS: [Fact<Vec<u8>>; 14] = [
        toy("toy goes copied", OnMove::Goes, OnCopy::Copied, false),
        toy("toy goes copied in memory", OnMove::Goes, OnCopy::Copied, true),
        toy("toy goes left", OnMove::Goes, OnCopy::Left, false),
        toy("toy goes left in memory", OnMove::Goes, OnCopy::Left, true),
        toy("toy stays copied", OnMove::Stays, OnCopy::Copied, false),
        toy("toy stays copied in memory", OnMove::Stays, OnCopy::Copied, true),
        toy("toy stays left", OnMove::Stays, OnCopy::Left, false),
        toy("toy stays left in memory", OnMove::Stays, OnCopy::Left, true),
        toy("toy ends copied", OnMove::Ends, OnCopy::Copied, false),
        toy("toy ends copied in memory", OnMove::Ends, OnCopy::Copied, true),
        toy("toy ends left", OnMove::Ends, OnCopy::Left, false),
        toy("toy ends left in memory", OnMove::Ends, OnCopy::Left, true),
        Fact::new(
            Row {
                name: "toy goes copied told",
                on_move: OnMove::Goes,
                on_copy: OnCopy::Copied,
                in_memory: true,
                is_told: true,
                is_sorted: false,
            },
            Vec::clone,
            |bytes| Some(bytes.to_vec()),
        ),
        Fact::new(
            Row {
                name: "toy goes copied sorted",
                on_move: OnMove::Goes,
                on_copy: OnCopy::Copied,
                in_memory: true,
                is_told: false,
                is_sorted: true,
            },
            Vec::clone,
            |bytes| Some(bytes.to_vec()),
        ),
    ];

    const fn toy(
        name: &'static str,
        on_move: OnMove,
        on_copy: OnCopy,
        in_memory: bool,
    ) -> Fact<Vec<u8>> {
        let row = Row { name, on_move, on_copy, in_memory, is_told: false, is_sorted: false };
        Fact::new(row, Vec::clone, |bytes| Some(bytes.to_vec()))
    }
}

/// All facts. What was released keeps its name, and goes, stays or ends as it did: ledgers keep it
/// by that.
pub static FACTS: &[&Row] = &[&links::LINKS.row, &order::ORDERING.row, &order::ORDER.row];
