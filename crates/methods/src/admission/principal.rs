//! Who makes a request, and what it may see of the resources that represent users and groups
//! (RFC 3744 section 2).

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use bytes::Bytes;
pub use methodical_semantics::principal::Principal;
use methodical_semantics::{
    path::Path,
    principal::{Represented, Represents, home},
    timestamp::Timestamp,
};
use methodical_store::resource::{Kind, Resource};

/// Groups with the names of their members.
pub type Groups = BTreeMap<String, BTreeSet<String>>;

/// Principal resources, as far as one may see them, in the collections that hold them.
///
/// ```
/// use methodical_methods::admission::principal::{Directory, Principal};
/// use methodical_semantics::{path::Path, timestamp::Timestamp};
/// let ann = Principal { groups: vec!["staff".into()], ..Principal::named("ann") };
/// let (seen, now) = (Directory::seen_by(&ann), Timestamp::new(0, 0));
/// let find = |text| seen.find(&Path::decode(text).unwrap().0, now);
/// assert!(find("/.methodical/principals/users/ann").is_some());
/// assert!(find("/.methodical/principals/groups/staff").is_some());
/// assert!(find("/.methodical/principals/users/bob").is_none());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directory(BTreeMap<Path, Arc<Represented>>);

impl Directory {
    /// Returns what somebody may see who administers nothing: itself and the groups that it belongs
    /// to, but not who else does. Nothing for anyone who did not log in.
    pub fn seen_by(principal: &Principal) -> Self {
        let Some(name) = &principal.name else { return Self::default() };
        let itself = BTreeSet::from([name.clone()]);
        let groups = principal.groups.iter().map(|group| (group.clone(), itself.clone()));
        let groups = groups.collect();
        Self::of(itself, &groups)
    }

    /// All users and groups. Members of groups that are no users are nobody.
    pub fn of(users: BTreeSet<String>, groups: &Groups) -> Self {
        let mut membership: BTreeMap<&str, Vec<Path>> = BTreeMap::new();
        let mut known = BTreeMap::new();
        for (name, members) in groups {
            let Some(path) = Represents::Group.resource(name) else { continue };
            for member in members {
                membership.entry(member).or_default().push(path.clone());
            }
            let members = members.iter().filter(|member| users.contains(*member));
            let members = members.filter_map(|member| Represents::User.resource(member)).collect();
            let name = name.clone();
            let group = Represented { name, membership: Vec::new(), members: Some(members) };
            known.insert(path, Arc::new(group));
        }
        for name in users {
            let Some(path) = Represents::User.resource(&name) else { continue };
            let membership = membership.remove(&*name).unwrap_or_default();
            known.insert(path, Arc::new(Represented { name, membership, members: None }));
        }
        Self(known)
    }

    /// The resource at a path, which is made when it is asked for. Where nobody may be seen, there
    /// are no collections either.
    pub fn find(&self, path: &Path, now: Timestamp) -> Option<Resource> {
        if let Some(represented) = self.0.get(path) {
            return Some(principal_at(path, represented, now));
        }
        let collections = Represents::ALL.map(Represents::collection);
        let is_one = *path == home() || collections.contains(path);
        (is_one && !self.0.is_empty()).then(|| Resource::computed(path, Kind::Collection, 0, now))
    }

    /// Returns what GET shows of a principal resource: the name.
    pub fn content(&self, path: &Path) -> Option<Bytes> {
        self.0.get(path).map(|represented| content(represented))
    }

    /// The members of one of the collections.
    pub fn members(&self, of: &Path, now: Timestamp) -> Vec<Resource> {
        if *of == home() {
            let collections = Represents::ALL.map(Represents::collection);
            return collections.iter().filter_map(|path| self.find(path, now)).collect();
        }
        let members = self.0.iter().filter(|(path, _)| path.parent().as_ref() == Some(of));
        members.map(|(path, represented)| principal_at(path, represented, now)).collect()
    }
}

fn principal_at(path: &Path, represented: &Arc<Represented>, now: Timestamp) -> Resource {
    let length = content(represented).len() as u64;
    let principal = Some(Arc::clone(represented));
    let media_type = Some("text/plain; charset=utf-8".into());
    Resource { principal, media_type, ..Resource::computed(path, Kind::File, length, now) }
}

fn content(represented: &Represented) -> Bytes {
    format!("{}\n", represented.name).into()
}
