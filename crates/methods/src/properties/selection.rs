//! The properties that a request asks for, prepared once and written for each resource.

use std::sync::Arc;

use http::StatusCode;
use methodical_semantics::{
    document::{multistatus::Response, propfind::Propfind},
    error::Result,
    xml::{Name, Prefixes, Tag, Writer},
};
use methodical_store::{resource::Resource, view::View};

use super::{
    all, find,
    property::{Cost, Property, PropertyContext, RequestContext},
};
use crate::request::Request;

/// The properties that are asked for.
#[derive(Debug, Clone)]
pub struct Selection {
    wanted: Vec<Wanted>,
    prefixes: Prefixes,
    values: Values,
    missing: Missing,
    /// True if all dead properties are asked for, whatever they are called.
    all_dead: bool,
}

/// Says whether properties that a resource does not have are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// With 404 (RFC 4918 section 9.1).
    Told,
    /// They are left out (RFC 8144 section 2.1).
    Omitted,
}

/// Says whether the values are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Values {
    Written,
    Omitted,
}

#[derive(Debug, Clone)]
struct Wanted {
    name: Name,
    tag: Tag,
    live: Option<&'static Property>,
    /// True if it was asked for by its name.
    named: bool,
}

impl Selection {
    /// Returns what a PROPFIND asks for.
    pub fn of(asked: Propfind, missing: Missing) -> Self {
        let (wanted, values) = (Vec::new(), Values::Written);
        let all_dead = !matches!(asked, Propfind::Prop(_));
        let mut selection =
            Self { wanted, prefixes: Prefixes::default(), values, missing, all_dead };
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
        self.wanted.push(Wanted { name: name.clone(), tag, live: find(name), named });
    }

    /// The prefixes of the names.
    pub fn prefixes(&self) -> &Prefixes {
        &self.prefixes
    }

    /// Returns whether dead properties may be asked for.
    pub fn wants_dead(&self) -> bool {
        self.all_dead || self.wanted.iter().any(Wanted::may_be_dead)
    }

    /// Returns whether something is asked for that takes this to know.
    pub fn costs(&self, cost: Cost) -> bool {
        // A name costs no walk, and tells no id.
        if matches!(cost, Cost::Tree | Cost::Identity | Cost::Beginning)
            && self.values == Values::Omitted
        {
            return false;
        }
        self.wanted.iter().any(|wanted| wanted.live.is_some_and(|live| live.cost == cost))
    }

    /// Returns what it takes to know of a resource and of what is below it.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn context(
        &self,
        view: &View<'_>,
        request: &Request,
        target: &Resource,
    ) -> Result<RequestContext> {
        let [disk, tree, identity] =
            [Cost::Disk, Cost::Tree, Cost::Identity].map(|cost| self.costs(cost));
        Ok(RequestContext {
            policy: Arc::clone(&request.policy),
            principal: Arc::clone(&request.principal),
            now: view.now(),
            locks: view.locks(),
            room: if disk { view.room(&target.path)? } else { None },
            birth: target.birth,
            synchronizer: tree.then(|| Arc::new(view.synchronizer())),
            identifier: if identity { Some(Arc::new(view.identifier()?)) } else { None },
            beginnings: self.costs(Cost::Beginning).then(|| Arc::new(view.beginnings())),
        })
    }

    /// Writes what a resource has of the properties, and what it has not.
    pub fn write(&self, about: &PropertyContext<'_>, response: &mut Response<'_>) {
        let mut missing = Vec::new();
        let mut found = response.propstat();
        let start = found.writer().len();
        for wanted in &self.wanted {
            if !self.write_one(wanted, about, found.writer()) && wanted.named {
                missing.push(wanted);
            }
        }
        if self.all_dead {
            self.write_others(about, found.writer());
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

    fn write_one(&self, wanted: &Wanted, about: &PropertyContext<'_>, out: &mut Writer) -> bool {
        if !about.dead.is_empty()
            && wanted.may_be_dead()
            && let Some(element) = about.dead.value(&wanted.name)
        {
            match self.values {
                Values::Written => out.element(element),
                Values::Omitted => out.empty(&wanted.tag),
            }
            return true;
        }
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

    /// Dead properties that were asked for together with all others.
    fn write_others(&self, about: &PropertyContext<'_>, out: &mut Writer) {
        let is_wanted = |name: &Name| self.wanted.iter().any(|wanted| wanted.name == *name);
        for (name, element) in about.dead.iter() {
            // What became live since it was set says what the server knows.
            if is_wanted(name) || find(name).is_some_and(Property::is_protected) {
                continue;
            }
            match self.values {
                Values::Written => out.element(element),
                Values::Omitted => out.empty_named(name),
            }
        }
    }
}

impl Wanted {
    /// Returns whether what clients set counts: not where the server alone knows.
    fn may_be_dead(&self) -> bool {
        self.live.is_none_or(|live| !live.is_protected())
    }
}
