//! One file a report.

mod expand_property;
