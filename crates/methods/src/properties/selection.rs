//! The properties that a request asks for, prepared once and written for each resource.

use http::StatusCode;
use methodical_semantics::{
    document::{multistatus::Response, propfind::Propfind},
    xml::{Name, Prefixes, Tag, Writer},
};

use super::{About, Cost, Property, all, find};

/// The properties that are asked for.
#[derive(Debug, Clone)]
pub struct Selection {
    wanted: Vec<Wanted>,
    prefixes: Prefixes,
    values: Values,
    missing: Missing,
}

/// Whether properties that a resource does not have are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// With 404 (RFC 4918 section 9.1).
    Told,
    /// They are left out (RFC 8144 section 2.1).
    Omitted,
}

/// Whether the values are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Values {
    Written,
    Omitted,
}

#[derive(Debug, Clone)]
struct Wanted {
    tag: Tag,
    live: Option<&'static Property>,
    /// Whether it was asked for by its name.
    named: bool,
}

impl Selection {
    /// What a PROPFIND asks for.
    pub fn of(asked: Propfind, missing: Missing) -> Self {
        let (wanted, values) = (Vec::new(), Values::Written);
        let mut selection = Self { wanted, prefixes: Prefixes::default(), values, missing };
        match asked {
            Propfind::Prop(names) => selection.add_named(names),
            Propfind::AllProp { include } => {
                let basic = || all().filter(|property| property.in_allprop);
                basic().for_each(|property| selection.add(&property.expanded(), false));
                let is_new = |name: &Name| !basic().any(|it| name.is(it.namespace, it.name));
                selection.add_named(include.into_iter().filter(is_new));
            }
            Propfind::PropName => {
                selection.values = Values::Omitted;
                all().for_each(|property| selection.add(&property.expanded(), false));
            }
        }
        selection
    }

    fn add_named(&mut self, names: impl IntoIterator<Item = Name>) {
        names.into_iter().for_each(|name| self.add(&name, true));
    }

    fn add(&mut self, name: &Name, named: bool) {
        let tag = self.prefixes.tag(name);
        self.wanted.push(Wanted { tag, live: find(name), named });
    }

    /// The prefixes of the names.
    pub fn prefixes(&self) -> &Prefixes {
        &self.prefixes
    }

    /// Whether something is asked for that takes this to know.
    pub fn costs(&self, cost: Cost) -> bool {
        self.wanted.iter().any(|wanted| wanted.live.is_some_and(|live| live.cost == cost))
    }

    /// Writes what a resource has of the properties, and what it has not.
    pub fn write(&self, about: &About<'_>, response: &mut Response<'_>) {
        let mut missing = Vec::new();
        let mut found = response.propstat();
        let start = found.writer().len();
        for wanted in &self.wanted {
            if !self.write_one(wanted, about, found.writer()) && wanted.named {
                missing.push(wanted);
            }
        }
        if self.missing == Missing::Omitted {
            missing.clear();
        }
        // RFC 4918 section 14.24, RFC 8144 section 2.1: there is one list, if an empty one.
        if found.writer().len() > start || missing.is_empty() {
            found.end(StatusCode::OK);
        } else {
            found.drop();
        }
        if !missing.is_empty() {
            let mut list = response.propstat();
            for wanted in missing {
                list.writer().empty(&wanted.tag);
            }
            list.end(StatusCode::NOT_FOUND);
        }
    }

    fn write_one(&self, wanted: &Wanted, about: &About<'_>, out: &mut Writer) -> bool {
        let Some(live) = wanted.live else { return false };
        let before = out.len();
        out.start(&wanted.tag);
        if !(live.value)(about, out) {
            out.back_to(before);
            return false;
        }
        match self.values {
            Values::Written => out.close(&wanted.tag),
            Values::Omitted => {
                out.back_to(before);
                out.empty(&wanted.tag);
            }
        }
        true
    }
}
