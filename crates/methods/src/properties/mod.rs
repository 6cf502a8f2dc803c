//! Live properties: those that the server computes, one row a property, one file a specification
//! (RFC 4918 sections 4.2 and 15).
//!
//! Everything that depends on which properties there are is computed from the rows: PROPFIND,
//! `supported-live-property-set`, and what PROPPATCH may not set. Only what is asked for is
//! computed.

pub mod clients;
pub mod multistatus;
pub mod property;
pub mod rfc3253;
pub mod rfc3648;
pub mod rfc3744;
pub mod rfc4331;
pub mod rfc4918;
pub mod rfc5397;
pub mod rfc5842;
pub mod rfc6578;
pub mod rfc8288;
pub mod selection;
pub mod updating;

use methodical_semantics::xml::Name;

use self::property::Property;

/// All live properties.
pub fn all() -> impl Iterator<Item = &'static Property> {
    PROPERTIES.iter().copied().flatten()
}

/// The live property of a name.
///
/// ```
/// use methodical_methods::properties::find;
/// use methodical_semantics::xml::Name;
/// assert!(find(&Name::dav("getetag")).unwrap().is_protected());
/// assert!(find(&Name::new("urn:x", "getetag")).is_none());
/// ```
pub fn find(name: &Name) -> Option<&'static Property> {
    all().find(|property| name.is(property.namespace, property.name))
}

const PROPERTIES: [&[Property]; 10] = [
    &rfc4918::PROPERTIES,
    &rfc4331::PROPERTIES,
    &rfc3253::PROPERTIES,
    &rfc3648::PROPERTIES,
    &rfc3744::PROPERTIES,
    &rfc5397::PROPERTIES,
    &rfc5842::PROPERTIES,
    &rfc6578::PROPERTIES,
    &rfc8288::PROPERTIES,
    &clients::PROPERTIES,
];
