//! DAV:expand-property: properties, and those of the resources that they name (RFC 3253 section
//! 3.8).

use methodical_semantics::{
    condition::Condition,
    document::{
        expand_property::{Wanted, read, replaced},
        multistatus::{nothing_alone, response_alone},
        propfind::Propfind,
    },
    error::{Error, Result},
    header::{
        depth::Depth,
        destination::Destination,
        prefer::{Prefer, Preference, applied},
    },
    xml::Name,
};
use methodical_store::{
    properties::PropertyReader,
    resource::Resource,
    store::Members,
    sync::{Found, Synchronizer},
    walk::Reach,
};

use super::report::{Question, Report};
use crate::{
    admission::principal::Directory,
    place::destination::here,
    properties::{
        multistatus::{Entry, MultistatusStream, PREFERENCE_APPLIED},
        property::{PropertyContext, RequestContext},
        selection::{Missing, Selection},
    },
    reply::Reply,
    request::Request,
};

/// The row of the report.
pub const REPORT: Report = Report {
    name: "expand-property",
    applies: |_| true,
    spec: "RFC 3253 section 3.8",
    run: expand_property,
};

/// Addresses that one answer looks at for each resource that it is about: values with many
/// addresses in each other would multiply.
pub const EXPANDED_MAX: usize = 1000;

fn expand_property(question: &Question<'_>) -> Result<Reply> {
    let Question { view, request, target, document } = *question;
    let prefer = Prefer::from_headers(&request.fields);
    let depth = depth(request, target)?;
    let minimal = prefer.asks_for(Preference::ReturnMinimal);
    let noroot = prefer.asks_for(Preference::DepthNoroot) && depth.is_some();
    let missing = if minimal { Missing::Omitted } else { Missing::Told };
    let wanted = read(document)?;
    let mut names = Vec::new();
    for wanted in &wanted {
        all_names(wanted, &mut names);
    }
    let all = Selection::of(Propfind::Prop(names), missing);
    let known = all.context(view, request, target)?;
    let below: Members<'static> = match depth {
        Some(reach) => view.walk(&target.path, reach)?,
        None => Box::new(std::iter::empty()),
    };
    let resources = (!noroot).then(|| Ok(target.clone())).into_iter().chain(below);
    let expander = Expander {
        request: request.clone(),
        asked: known.clone(),
        reader: view.property_reader(),
        synchronizer: view.synchronizer(),
        principals: Directory::seen_by(&request.principal),
    };
    let level = Level::of(wanted, missing);
    let entries = resources.map(move |resource| {
        let mut left = EXPANDED_MAX;
        expander.response(&level, &resource?, &mut left).map(Entry::Written)
    });
    let reply = MultistatusStream::of(Box::new(entries), all, known, view.property_reader())
        .reply(&request.memory)?;
    let honoured =
        [minimal.then_some(Preference::ReturnMinimal), noroot.then_some(Preference::DepthNoroot)];
    let honoured: Vec<Preference> = honoured.into_iter().flatten().collect();
    Ok(match applied(&honoured) {
        Some(applied) => reply.with(PREFERENCE_APPLIED, applied),
        None => reply,
    })
}

/// Returns how far below the target (RFC 3253 section 3.6: not below it where Depth is absent).
fn depth(request: &Request, target: &Resource) -> Result<Option<Reach>> {
    let depth = request.depth()?.unwrap_or(Depth::Zero);
    Ok(match depth {
        Depth::One if target.is_collection() => Some(Reach::Members),
        Depth::Infinity if !target.is_collection() => None,
        Depth::Infinity if request.policy.propfind_infinity => Some(Reach::Tree),
        Depth::Infinity => {
            let detail = "Send Depth: 0 or Depth: 1, and ask for each folder by itself.";
            return Err(Error::refused(Condition::PropfindFiniteDepth, detail));
        }
        Depth::Zero | Depth::One => None,
    })
}

fn all_names(wanted: &Wanted, names: &mut Vec<Name>) {
    if !names.contains(&wanted.name) {
        names.push(wanted.name.clone());
    }
    for inside in &wanted.inside {
        all_names(inside, names);
    }
}

/// The properties that are asked for of a resource, and of those that its properties name.
#[derive(Debug)]
struct Level {
    selection: Selection,
    inside: Vec<(Name, Level)>,
}

impl Level {
    fn of(wanted: Vec<Wanted>, missing: Missing) -> Self {
        let names = wanted.iter().map(|wanted| wanted.name.clone()).collect();
        let selection = Selection::of(Propfind::Prop(names), missing);
        let deeper = wanted.into_iter().filter(|wanted| !wanted.inside.is_empty());
        let inside = deeper.map(|wanted| (wanted.name, Self::of(wanted.inside, missing))).collect();
        Self { selection, inside }
    }
}

/// The means to look at the resources that properties name.
struct Expander {
    request: Request,
    asked: RequestContext,
    reader: PropertyReader,
    synchronizer: Synchronizer,
    /// Those that are beside the folder, and not in it.
    principals: Directory,
}

impl Expander {
    /// The part about a resource, as an element that can stand alone.
    fn response(&self, level: &Level, resource: &Resource, left: &mut usize) -> Result<String> {
        let dead = &(self.reader)(resource)?;
        let about = PropertyContext { resource, dead, asked: &self.asked };
        let response = response_alone(
            level.selection.prefixes(),
            &self.asked.policy.mount,
            (&resource.path, resource.is_collection()),
            |response| level.selection.write(&about, response),
        );
        let response = String::from_utf8(response).map_err(Error::failed)?;
        if level.inside.is_empty() {
            return Ok(response);
        }
        replaced(&response, |name, href| {
            let Some((_, inside)) = level.inside.iter().find(|(it, _)| it == name) else {
                return Ok(None);
            };
            *left = left.checked_sub(1).ok_or_else(too_many)?;
            let expanded = match self.find(href)? {
                Some(found) => self.response(inside, &found, left)?,
                None => String::from_utf8(nothing_alone(href)).map_err(Error::failed)?,
            };
            Ok(Some(expanded))
        })
    }

    /// The resource of this server at an address.
    fn find(&self, href: &str) -> Result<Option<Resource>> {
        let Ok(reference) = Destination::parse(href) else { return Ok(None) };
        let Some(path) = here(&reference, &self.request) else { return Ok(None) };
        if let Some(principal) = self.principals.find(&path, self.asked.now) {
            return Ok(Some(principal));
        }
        Ok(match self.synchronizer.find(&path)? {
            Found::There(resource) => Some(*resource),
            Found::Nothing | Found::Hidden => None,
        })
    }
}

fn too_many() -> Error {
    let detail = format!("The properties name more than {EXPANDED_MAX} resources; ask for less.");
    Error::refused(Condition::MatchesWithinLimits, detail)
}
