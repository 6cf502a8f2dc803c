//! What the operator chose, as far as methods ask for it.

use std::sync::Arc;

use methodical_semantics::{
    mount::Mount,
    principal::Principal,
    rule::{
        caching,
        privilege::{Rules, ShownTo},
        tunnelling,
    },
};

use super::switch::Switch;

/// The operator's choices that change what methods do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one switch of the command line")]
pub struct Policy {
    /// True if methods that are not safe apply at all.
    pub writable: bool,
    /// True if a folder's `index.html` stands for it.
    pub index: bool,
    /// True if TRACE applies.
    pub trace: bool,
    /// Fields that TRACE leaves out, besides the three that it always leaves out; lower case.
    pub trace_omits: Vec<String>,
    /// The rules of who may have tunnels, and where to; none means that there are none.
    pub tunnels: tunnelling::Rules,
    /// True if DELETE leaves a tombstone, so that GET answers 410.
    pub tombstones: bool,
    /// True if a write without precondition is refused with 428 (RFC 6585 section 3).
    pub require_preconditions: bool,
    /// True if PROPFIND answers for everything below a folder that holds much (RFC 4918 section
    /// 9.1.1).
    pub propfind_infinity: bool,
    /// To whom names that begin with a dot are shown, as far as the store shows them.
    pub hidden: ShownTo,
    /// The fate of the files that a Mac leaves everywhere.
    pub mac_junk: MacJunk,
    /// The rules of what caches may do with files; of others they ask before they use them.
    pub caching: Arc<caching::Rules>,
    /// True if what is in the folder is the operator's own page, whoever wrote it and whoever is
    /// logged in.
    pub trusts_content: bool,
    /// The address at which clients find the root collection. Paths within fields of an answer
    /// leave it out: the server puts it before them.
    pub mount: Mount,
    /// The rules of who may do what.
    pub rules: Arc<Rules>,
    /// The ways to log in.
    pub login: Login,
}

impl Policy {
    /// Returns whether what this switch is about is permitted.
    pub fn permits(&self, switch: Switch) -> bool {
        match switch {
            Switch::Always => true,
            Switch::Write => self.writable,
            Switch::Trace => self.trace,
            Switch::Tunnels => self.tunnels.permit_any(),
        }
    }

    /// To whom names that begin with a dot are shown now: nobody writes where nothing is written.
    pub const fn dotted(&self) -> ShownTo {
        match self.hidden {
            ShownTo::Everybody => ShownTo::Everybody,
            ShownTo::Writers if self.writable => ShownTo::Writers,
            ShownTo::Writers | ShownTo::Nobody => ShownTo::Nobody,
        }
    }

    /// Returns whether a document of the folder may be one person's and act with another's login or
    /// rights: somebody can write here, or log in. What is only read, and without login, is the
    /// operator's own, and there is nothing that its scripts could do.
    pub const fn sandboxes(&self) -> bool {
        !self.trusts_content && (self.writable || self.login.is_offered())
    }
}

/// The ways to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Login {
    /// By name and password (RFC 7617).
    pub basic: bool,
    /// By a bearer token (RFC 6750).
    pub bearer: bool,
    /// Also where others on the way could read along.
    pub insecure: bool,
}

impl Login {
    /// Returns whether there is any way.
    pub const fn is_offered(self) -> bool {
        self.basic || self.bearer
    }

    /// Returns whether somebody may say secrets here: nobody on the way can read them.
    pub const fn is_private(self, principal: &Principal) -> bool {
        principal.secure || principal.local || self.insecure
    }

    /// The challenges for somebody who is not logged in (RFC 9110 section 11.6.1); none where the
    /// secret would travel in the open.
    pub fn challenges(self, principal: &Principal) -> Vec<&'static str> {
        let ways = [(self.basic, BASIC_CHALLENGE), (self.bearer, BEARER_CHALLENGE)];
        let private = self.is_private(principal);
        let offered = ways.into_iter().filter(|(offered, _)| *offered && private);
        offered.map(|(_, challenge)| challenge).collect()
    }
}

/// RFC 7617 sections 2 and 2.1.
const BASIC_CHALLENGE: &str = r#"Basic realm="methodical", charset="UTF-8""#;

/// RFC 6750 section 3.
const BEARER_CHALLENGE: &str = r#"Bearer realm="methodical""#;

/// The fate of the files that a Mac leaves everywhere: those named `._*` and `.DS_Store`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MacJunk {
    /// They are accepted and dropped: nothing is ever found under their names.
    #[default]
    Drop,
    /// They are files like others, also where other names that begin with a dot are hidden.
    Store,
    /// They are refused, as hidden names are.
    Refuse,
}

impl Default for Policy {
    /// Read-only, with `index.html`, without TRACE or tunnels, with tombstones, preconditions at
    /// will, PROPFIND of no large tree, names with a dot for who may write, what a Mac leaves
    /// dropped, and everybody alike.
    fn default() -> Self {
        Self {
            writable: false,
            index: true,
            trace: false,
            trace_omits: Vec::new(),
            tunnels: tunnelling::Rules::default(),
            tombstones: true,
            require_preconditions: false,
            propfind_infinity: false,
            hidden: ShownTo::Writers,
            mac_junk: MacJunk::Drop,
            caching: Arc::default(),
            trusts_content: false,
            mount: Mount::default(),
            rules: Arc::default(),
            login: Login::default(),
        }
    }
}
