//! The properties of RFC 3253 section 3.1 that every resource has: what can be done with it.

use methodical_semantics::xml::{DAV, Writer};

use super::{
    all,
    property::{Cost, Property, PropertyContext, Set},
};
use crate::{
    METHODS,
    admission::allow::{Situation, fit},
    method::Fit,
    reports,
};

/// The rows.
#[rustfmt::skip]
pub const PROPERTIES: [Property; 3] = [
    row("supported-method-set", Cost::Tables, "RFC 3253 section 3.1.3", supported_method_set),
    row(LIVE_SET, Cost::Disk, "RFC 3253 section 3.1.4", supported_live_property_set),
    row("supported-report-set", Cost::Tables, "RFC 3253 section 3.1.5", supported_report_set),
];

const fn row(
    name: &'static str,
    cost: Cost,
    spec: &'static str,
    value: fn(&PropertyContext<'_>, &mut Writer) -> bool,
) -> Property {
    // RFC 3253 section 3.11: not with DAV:allprop.
    Property { namespace: DAV, name, in_allprop: false, set: Set::Protected, cost, spec, value }
}

fn supported_method_set(about: &PropertyContext<'_>, out: &mut Writer) -> bool {
    let situation = Situation::of(about.resource);
    let fits = |row| fit(row, situation, &about.asked.policy) == Fit::Yes;
    for method in METHODS.iter().filter(|row| fits(row)) {
        out.markup("<D:supported-method name");
        out.value(method.name);
        out.markup("/>");
    }
    true
}

fn supported_live_property_set(about: &PropertyContext<'_>, out: &mut Writer) -> bool {
    // Itself it would ask without end.
    for property in all().filter(|it| it.name == LIVE_SET || it.is_defined(about)) {
        out.markup("<D:supported-live-property><D:prop><");
        out.markup(property.name);
        out.markup(" xmlns");
        out.value(property.namespace);
        out.markup("/></D:prop></D:supported-live-property>");
    }
    true
}

fn supported_report_set(about: &PropertyContext<'_>, out: &mut Writer) -> bool {
    for report in reports::of(about.resource) {
        out.markup("<D:supported-report><D:report><D:");
        out.markup(report.name);
        out.markup("/></D:report></D:supported-report>");
    }
    true
}

const LIVE_SET: &str = "supported-live-property-set";
