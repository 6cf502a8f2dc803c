//! Trees, choices of the operator and requests made by chance, for laws that hold for all of them.

use std::collections::BTreeMap;

use methodical_methods::{
    METHODS,
    admission::policy::{MacJunk, Policy},
    method::{Accepts, Method, Run},
};
use methodical_semantics::path::Path;
use methodical_store::testing::{hold, path};
use proptest::{
    collection::vec,
    prelude::{Strategy, any},
    sample::select,
};

use crate::world::World;

/// What is there, what the operator chose, and something to ask for.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    tree: Vec<(String, &'static str)>,
    /// What of it is locked, if anything.
    held: Option<usize>,
    policy: Policy,
    target: String,
    fields: Vec<&'static str>,
    destination: String,
    media_type: usize,
    content: &'static str,
    /// Whether it is also tried in a folder, which takes longer.
    in_folder: bool,
}

impl Case {
    /// An empty world made into the one of this case.
    pub(crate) fn made(&self, world: World) -> World {
        self.made_of(world, |_| true)
    }

    /// The same with a part of what is there.
    pub(crate) fn made_of(&self, mut world: World, is_there: impl Fn(&str) -> bool) -> World {
        let tree: Vec<_> = self.tree.iter().map(|(at, text)| (at.as_str(), *text)).collect();
        let part: Vec<_> = tree.iter().copied().filter(|(at, _)| is_there(at)).collect();
        world.seed(&part);
        if let (Some(place), false) = (self.held, tree.is_empty()) {
            let at = tree[place % tree.len()].0;
            if is_there(at) {
                hold(&*world.store, at, "urn:x:held");
            }
        }
        world.policy = self.policy.clone();
        world
    }

    /// The request of this case to a method, as text.
    pub(crate) fn request(&self, method: &Method, world: &World) -> String {
        let mut text = format!("{} {} HTTP/1.1\nHost: example.com\n", method.name, self.target);
        let etag = world.etag_or_none(&self.target);
        for field in &self.fields {
            text += &field.replace("ETAG", &etag);
            text += "\n";
        }
        text = text + "Destination: " + &self.destination + "\n";
        let types = types(method);
        if let Some(media_type) = types.get(self.media_type % (types.len() + 1)) {
            text = text + "Content-Type: " + media_type + "\n";
        }
        text + "\n" + self.content
    }

    /// The target of the request, and with another method's name that of another one.
    pub(crate) fn target(&self) -> &str {
        &self.target
    }
}

/// A case made by chance.
pub(crate) fn case() -> impl Strategy<Value = Case> {
    let asked = (aim(), vec(select(FIELDS), 0..3), aim(), any::<usize>(), select(CONTENTS));
    let in_folder = proptest::bool::weighted(0.1);
    let there = (tree(), proptest::option::of(any::<usize>()));
    (there, policy(), asked, in_folder).prop_map(|((tree, held), policy, asked, in_folder)| {
        let (target, fields, destination, media_type, content) = asked;
        let (target, destination) = (aimed(&tree, target), aimed(&tree, destination));
        Case { tree, held, policy, target, fields, destination, media_type, content, in_folder }
    })
}

/// What a request is about.
#[derive(Debug, Clone)]
enum Aim {
    /// Something of the tree, by its place there.
    Known(usize),
    /// The same, with a slash too many or too few at its end.
    Misnamed(usize),
    /// Something new beside it, or in it.
    New(usize, &'static str),
    /// Anything.
    Any(String),
}

fn aim() -> impl Strategy<Value = Aim> {
    proptest::prop_oneof![
        8 => any::<usize>().prop_map(Aim::Known),
        1 => any::<usize>().prop_map(Aim::Misnamed),
        4 => (any::<usize>(), select(NEW)).prop_map(|(place, name)| Aim::New(place, name)),
        3 => target().prop_map(Aim::Any),
    ]
}

/// The request target.
fn aimed(tree: &[(String, &'static str)], aim: Aim) -> String {
    let known = |place: usize| tree.get(place % tree.len().max(1)).map_or("/", |(at, _)| at);
    match aim {
        Aim::Known(place) => known(place).to_owned(),
        Aim::Misnamed(place) => match known(place) {
            "/" => "/".to_owned(),
            at => at.strip_suffix('/').map_or_else(|| format!("{at}/"), str::to_owned),
        },
        Aim::New(place, name) => {
            let at = known(place);
            let folder = at.rfind('/').map_or("", |slash| &at[..slash]);
            format!("{folder}/{name}")
        }
        Aim::Any(target) => target,
    }
}

/// A case, and requests that follow one another in its world, each to the method at a place among
/// those that are carried out.
pub(crate) fn sequence() -> impl Strategy<Value = (Case, Vec<(usize, Case)>)> {
    (case(), vec((any::<usize>(), case()), 1..8))
}

/// All methods that are carried out on resources.
pub(crate) fn implemented() -> impl Iterator<Item = &'static Method> {
    METHODS.iter().filter(|method| method.is_implemented() && !matches!(method.run, Run::Tunnel(_)))
}

/// All places that a case may be about.
pub(crate) fn places() -> Vec<Path> {
    let mut places = vec![Path::root()];
    let mut level = vec![Path::root()];
    for _ in 0..DEPTH {
        let below = |of: &Path| {
            let of = of.encoded_collection();
            NAMES.iter().map(move |name| path(&format!("{of}{name}")))
        };
        level = level.iter().flat_map(below).collect();
        places.extend(level.iter().cloned());
    }
    let new = |of: &Path| {
        let of = of.encoded_collection();
        NEW.iter().map(move |name| path(&format!("{of}{name}")))
    };
    places.extend(places.clone().iter().flat_map(new));
    places
}

/// Collections and files, each behind the collection that holds it.
fn tree() -> impl Strategy<Value = Vec<(String, &'static str)>> {
    let resource = (vec(select(NAMES), 1..=DEPTH), proptest::option::of(select(TEXTS)));
    vec(resource, 0..8).prop_map(|resources| {
        let mut tree = BTreeMap::new();
        for (names, text) in resources {
            plant(&mut tree, &names, text);
        }
        let slash = |(at, text): (String, Option<_>)| match text {
            Some(text) => (at, text),
            None => (at + "/", ""),
        };
        tree.into_iter().map(slash).collect()
    })
}

fn plant(
    tree: &mut BTreeMap<String, Option<&'static str>>,
    names: &[&'static str],
    text: Option<&'static str>,
) {
    let mut at = String::new();
    for (place, name) in names.iter().enumerate() {
        at = at + "/" + name;
        let content = if place + 1 == names.len() { text } else { None };
        if tree.entry(at.clone()).or_insert(content).is_some() {
            return;
        }
    }
}

fn policy() -> impl Strategy<Value = Policy> {
    // What allows more is more often so, that more is tried.
    let switches = vec(proptest::bool::weighted(0.9), 6);
    (switches, select(MAC_JUNK)).prop_map(|(on, mac_junk)| Policy {
        writable: on[0],
        index: on[1],
        trace: on[2],
        trace_omits: Vec::new(),
        tombstones: on[3],
        require_preconditions: !on[4],
        propfind_infinity: on[5],
        mac_junk,
        ..Policy::default()
    })
}

fn target() -> impl Strategy<Value = String> {
    let names = vec(select(NAMES), 0..DEPTH);
    let ordinary = (names, any::<bool>()).prop_map(|(names, slash)| {
        let path = format!("/{}", names.join("/"));
        if slash && path.len() > 1 { path + "/" } else { path }
    });
    let odd = select(vec![
        "*",
        "/.hidden",
        "/.well-known/a",
        "/.methodical/state",
        "/a/b/c/d/e",
        "/._a",
        "/a/.DS_Store",
    ]);
    proptest::prop_oneof![9 => ordinary, 1 => odd.prop_map(str::to_owned)]
}

/// Media types that the method reads, and some that it may not.
fn types(method: &Method) -> Vec<&'static str> {
    let mut types = vec!["text/plain", "application/json", "application/xml"];
    match method.accepts {
        Accepts::Small { types: read, .. } => types.extend(read),
        Accepts::None(_) | Accepts::Staged | Accepts::StagedOrForm => {}
    }
    types
}

/// The case, its request to each method that is carried out, and a world of each kind for each.
pub(crate) fn exchanges(case: &Case) -> impl Iterator<Item = (&'static Method, World, String)> {
    implemented().flat_map(move |method| {
        let in_folder = case.in_folder.then(World::in_folder);
        [World::in_memory()].into_iter().chain(in_folder).map(move |world| {
            let world = case.made(world);
            let request = case.request(method, &world);
            (method, world, request)
        })
    })
}

/// Something that proptest can be told to do a number of times.
pub(crate) fn cases(number: u32) -> proptest::test_runner::Config {
    // No files are left behind: a case that fails is printed.
    let failure_persistence = None;
    proptest::test_runner::Config { cases: number, failure_persistence, ..Default::default() }
}

/// Names of members: few, so that requests meet what is there.
const NAMES: &[&str] = &["a", "b.json", "c%20d", "index.html"];

/// Names that no member has yet.
const NEW: &[&str] = &["new", "new/", "new.html"];

/// What the stores of all worlds do: they hide these names. (Where they show them, these are names
/// like others.)
const MAC_JUNK: &[MacJunk] = &[MacJunk::Drop, MacJunk::Refuse];

/// How deep trees are.
const DEPTH: usize = 3;

const TEXTS: &[&str] = &["", "one\ntwo\n", "{\"a\": 1, \"list\": [1]}\n", "<p>"];

const FIELDS: &[&str] = &[
    "If-Match: ETAG",
    "If-Match: ETAG",
    "If-Match: *",
    "If-Match: \"x\"",
    "If-None-Match: ETAG",
    "If-None-Match: *",
    "If-Modified-Since: Sat, 01 Jan 2050 00:00:00 GMT",
    "If-Unmodified-Since: Sat, 01 Jan 2050 00:00:00 GMT",
    "If-Unmodified-Since: Sat, 01 Jan 1983 00:00:00 GMT",
    "Range: bytes=0-1,3-",
    "If-Range: ETAG",
    "Content-Range: bytes 0-1/5",
    "Content-Encoding: gzip",
    "Content-Digest: sha-256=:AAAA:",
    "Accept: application/json",
    "Accept: image/png",
    "Depth: 0",
    "Depth: 1",
    "Depth: infinity",
    "Overwrite: F",
    "If: (<urn:x:held>)",
    "If: (<urn:x:held>)",
    "If: (<urn:x:none>) (Not <DAV:no-lock>)",
    "If: </a> (Not <urn:x:held>) </b.json> ([ETAG])",
    "If: (",
    "Lock-Token: <urn:x:held>",
    "Lock-Token: <urn:x:held>",
    "Timeout: Second-60, Infinite",
    "Slug: a",
    "X-OC-Mtime: 1000000000",
    "Max-Forwards: x",
    "Link: <a>; rel=up",
    "Link: <a>; rel=up, <../b.json>; rel=\"next prev\"; title=t",
    "Link: <a>",
    "Position: first",
    "Position: after a",
    "Position: third",
    "Ordering-Type: DAV:custom",
    "Ordering-Type: DAV:custom",
];

const CONTENTS: &[&str] = &[
    "",
    "",
    "",
    "text",
    "[{\"op\": \"add\", \"path\": \"/list/-\", \"value\": 2}]",
    "{\"a\": null, \"b\": 2}",
    "<propfind xmlns=\"DAV:\"><allprop/></propfind>",
    "<propertyupdate xmlns=\"DAV:\"><set><prop><a xmlns=\"x:\">1</a></prop></set></propertyupdate>",
    "<orderpatch xmlns=\"DAV:\"><ordering-type><href>DAV:custom</href></ordering-type>\
     </orderpatch>",
    "<orderpatch xmlns=\"DAV:\"><ordering-type><href>x:y</href></ordering-type><order-member>\
     <segment>a</segment><position><last/></position></order-member></orderpatch>",
    "<lockinfo xmlns=\"DAV:\"><lockscope><exclusive/></lockscope>\
     <locktype><write/></locktype><owner>a</owner></lockinfo>",
    "<lockinfo xmlns=\"DAV:\"><lockscope><shared/></lockscope>\
     <locktype><write/></locktype></lockinfo>",
    "<propertyupdate xmlns=\"DAV:\"><set><prop><b>2</b><displayname>d</displayname></prop></set>\
     <remove><prop><a xmlns=\"x:\"/></prop></remove></propertyupdate>",
    "<propertyupdate xmlns=\"DAV:\"><set><prop><a xmlns=\"x:\">3</a><getetag>4</getetag></prop>\
     </set></propertyupdate>",
    "<propertyupdate xmlns=\"DAV:\"><set><prop><Win32LastModifiedTime \
     xmlns=\"urn:schemas-microsoft-com:\">Sun, 06 Nov 1994 08:49:37 GMT</Win32LastModifiedTime>\
     </prop></set></propertyupdate>",
    "<mkcol xmlns=\"DAV:\"><set><prop><resourcetype><collection/></resourcetype><c>5</c></prop>\
     </set></mkcol>",
    "<sync-collection xmlns=\"DAV:\"><sync-token/><sync-level>1</sync-level><prop><a xmlns=\"x:\"/>\
     </prop></sync-collection>",
    "<sync-collection xmlns=\"DAV:\"><sync-token>urn:x</sync-token>\
     <sync-level>infinite</sync-level><prop/></sync-collection>",
    "<expand-property xmlns=\"DAV:\"><property name=\"lockdiscovery\"><property name=\"getetag\"/>\
     </property></expand-property>",
    "--- a\n+++ b\n@@ -1 +1 @@\n-one\n+1\n",
    "Content-Range: bytes 0-0/*\r\n\r\nX",
];
