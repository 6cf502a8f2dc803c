//! A row of the table: all that is known of a method.

use bytes::Bytes;
use methodical_semantics::{
    authority::Authority, error::Result, footprint::Footprint, header::depth::Depth,
    rule::tunnelling::Reach,
};
use methodical_store::{transaction::Transaction, view::View};

use crate::{
    admission::switch::Switch,
    reply::Reply,
    request::{Input, Request},
};

/// A method. Everything that depends on the method is computed from its row.
#[derive(Debug, Clone, Copy)]
pub struct Method {
    /// The method token, as registered with IANA.
    pub name: &'static str,
    /// What the method is for, in one sentence.
    pub summary: &'static str,
    /// The content that a request may carry.
    pub accepts: Accepts,
    /// What it can be applied to.
    pub applies: Applies,
    /// Which preconditions of RFC 9110 section 13 count.
    pub conditions: Preconditions,
    /// The amount that it may have to look at.
    pub work: Work,
    /// What it asks for.
    pub asks: Asks,
    /// Says whether its answers carry content.
    pub answer: AnswerContent,
    /// What the operator has to permit.
    pub switch: Switch,
    /// What it does with locks.
    pub locks: Locks,
    /// True if browsers let a script send it (WHATWG Fetch section 2.2.1, forbidden methods).
    pub scripts: bool,
    /// True if Destination says where it leads (RFC 4918 section 10.3).
    pub destination: bool,
    /// True if a little content that is here in whole already is taken without staging it.
    pub small_inline: bool,
    /// The classes of compliance that need it.
    pub classes: &'static [Class],
    /// The field that tells which media types it takes.
    pub accept_field: Option<&'static str>,
    /// The defining sections: `RFC 9110 section 9.3.1`.
    pub spec: &'static [&'static str],
    /// The text of the method's file, `include_str!`; [`Method::page`] reads its `//!` lines.
    pub page: &'static str,
    /// What it does.
    pub run: Run,
}

/// What a method does. Whether it is safe is which arm this is, not a flag.
#[derive(Debug, Clone, Copy)]
pub enum Run {
    /// Safe: there is nothing in a [`View`] that writes.
    Read(fn(&View<'_>, &Request) -> Result<Reply>),
    /// Safe, with a question in its content: there is nothing in a [`View`] that writes.
    Ask(fn(&View<'_>, &Request, &Bytes) -> Result<Reply>),
    /// Unsafe.
    Write {
        /// What it will change, also of what its content names: judged, guarded and asserted. While
        /// the content is on its way ([`Input::Pending`]), what the head tells of it.
        touches: fn(&View<'_>, &Request, &Input) -> Result<Footprint>,
        /// Makes the change, under the guard.
        run: fn(&mut Transaction<'_>, &Request, Input) -> Result<Reply>,
    },
    /// CONNECT: turns the connection into a tunnel; says where it may lead.
    Tunnel(fn(&Request, &Authority) -> Result<Dial>),
    /// Never dispatched, and why: answered 501.
    Reserved(&'static str),
    /// Registered, not written yet: answered 501. `safe` is the registry's word.
    Planned {
        /// True if IANA's table says that the method is safe.
        safe: bool,
    },
}

/// Where a tunnel goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dial {
    /// The host and port that the client named.
    pub authority: Authority,
    /// The addresses that it may lead to.
    pub reach: Reach,
}

/// The content that a request may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepts {
    /// None.
    None(Unasked),
    /// Content up to the limit for patches and documents, kept in memory.
    Small {
        /// Its greatest length in bytes.
        bytes_max: usize,
        /// The media types that the method reads; any if empty.
        types: &'static [&'static str],
    },
    /// Content of any length, staged as it comes.
    Staged,
    /// As `Staged`, and `multipart/form-data` taken apart, each file staged.
    StagedOrForm,
}

/// What becomes of content that has no meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unasked {
    /// Up to a small limit it is read and dropped (RFC 9110 section 9.3.1).
    Dropped,
    /// A client that sends some expects a meaning: 415 (RFC 4918 section 8.4).
    Unsupported,
    /// A client must not send any: 400 (RFC 9110 section 9.3.8).
    Malformed,
}

/// What a method asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// A representation and nothing else (RFC 9110 sections 9.3.1 and 9.3.2), so that it may be led
    /// on to another address without loss.
    Representation,
    /// What can be done (RFC 9110 section 9.3.7), which is how browsers ask on behalf of pages of
    /// other origins.
    Capabilities,
    /// Anything else.
    Other,
}

/// Says whether answers to a method carry content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerContent {
    /// They may.
    Sent,
    /// They do not, whatever they are about (RFC 9110 section 9.3.2).
    Omitted,
}

/// What a method does with locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locks {
    /// Nothing.
    Nothing,
    /// Takes one out.
    Takes,
    /// Gives one back.
    Gives,
}

/// A class of compliance (RFC 4918 section 18 and what was registered since).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// `1`: properties, collections, copies.
    One,
    /// `2`: locks.
    Two,
    /// `3`: as RFC 4918 has it, and not only RFC 2518 (section 18.3).
    Three,
    /// `extended-mkcol` (RFC 5689 section 3.1).
    ExtendedMkcol,
    /// `ordered-collections` (RFC 3648 section 10), of collections and of where one can be made.
    OrderedCollections,
    /// `sabredav-partialupdate`, which is not registered: clients look for it before they send
    /// PATCH with a part of a file.
    PartialUpdate,
}

/// What a method can be applied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applies {
    /// The server as a whole (`*`).
    pub server: Fit,
    /// The root collection.
    pub root: Fit,
    /// A collection.
    pub collection: Fit,
    /// A file.
    pub file: Fit,
    /// A URL where nothing is.
    pub unmapped: Fit,
    /// A URL where nothing is, with a slash at its end as a collection has; also a file's URL with
    /// such a slash, for what fits files.
    pub unmapped_collection: Fit,
}

/// Says whether a method fits a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// It does.
    Yes,
    /// It would, if something were there: 404.
    Missing,
    /// It does not: 405 with Allow.
    No,
}

/// Which preconditions count for a method (RFC 9110 section 13.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preconditions {
    /// None: the method selects no representation.
    Ignored,
    /// Those of a method that reads; judged where the representation is chosen.
    Selected,
    /// Those of a method that writes; judged against the target's present state under the guard.
    State,
}

/// The amount that a method may have to look at to be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// One resource, or a collection with its members.
    One,
    /// One resource, whose content some formats of the request hold whole in memory.
    Document,
    /// As far as `Depth` says: everything below a collection where that is infinity.
    ByDepth {
        /// What no `Depth` means.
        absent: Depth,
    },
    /// Everything below a collection.
    Tree,
}

impl Method {
    /// The row of a method that only reads, as far as most such methods are alike.
    pub const fn reading(
        name: &'static str,
        run: fn(&View<'_>, &Request) -> Result<Reply>,
    ) -> Self {
        Self::base(name, Switch::Always, Run::Read(run))
    }

    /// The row of a method that asks in its content, as far as most such methods are alike.
    pub const fn asking(
        name: &'static str,
        run: fn(&View<'_>, &Request, &Bytes) -> Result<Reply>,
    ) -> Self {
        Self::base(name, Switch::Always, Run::Ask(run))
    }

    /// The row of a method that writes, as far as most such methods are alike.
    pub const fn writing(name: &'static str, run: Run) -> Self {
        let base = Self::base(name, Switch::Write, run);
        Self { conditions: Preconditions::State, ..base }
    }

    /// A row that says nothing of a method but what it does.
    pub(crate) const fn base(name: &'static str, switch: Switch, run: Run) -> Self {
        Self {
            name,
            summary: "",
            accepts: Accepts::None(Unasked::Dropped),
            applies: Applies::NOTHING,
            conditions: Preconditions::Ignored,
            work: Work::One,
            asks: Asks::Other,
            answer: AnswerContent::Sent,
            switch,
            locks: Locks::Nothing,
            scripts: true,
            destination: false,
            small_inline: false,
            classes: &[],
            accept_field: None,
            spec: &[],
            page: "",
            run,
        }
    }

    /// Returns whether the method is safe (RFC 9110 section 9.2.1).
    pub const fn is_safe(&self) -> bool {
        match self.run {
            Run::Read(_) | Run::Ask(_) => true,
            Run::Write { .. } | Run::Tunnel(_) => false,
            Run::Reserved(_) => methodical_semantics::registry::registered(self.name).safe,
            Run::Planned { safe } => safe,
        }
    }

    /// The page of the method in Markdown: what stands in the `//!` lines at the top of its file.
    /// Empty for a method that is not written yet.
    ///
    /// A fenced block `http` in it is an example exchange that the tests carry out against a store
    /// of examples: lines of the request begin with `> `, lines of the answer with `< `.
    ///
    /// ```
    /// let get = methodical_methods::table::find("GET").unwrap();
    /// assert!(get.page().contains("> GET "));
    /// ```
    pub fn page(&self) -> String {
        let lines = self.page.lines().map_while(|line| line.strip_prefix("//!"));
        let lines: Vec<&str> = lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
        lines.join("\n")
    }

    /// Returns whether its answers carry no content, whatever they are about.
    pub fn omits_content(&self) -> bool {
        self.answer == AnswerContent::Omitted
    }

    /// Returns whether the method does something here.
    pub const fn is_implemented(&self) -> bool {
        matches!(self.run, Run::Read(_) | Run::Ask(_) | Run::Write { .. } | Run::Tunnel(_))
    }
}

impl Applies {
    /// Nothing.
    pub const NOTHING: Self = Self {
        server: Fit::No,
        root: Fit::No,
        collection: Fit::No,
        file: Fit::No,
        unmapped: Fit::No,
        unmapped_collection: Fit::No,
    };

    /// Whatever is asked for, there or not.
    pub const EVERYWHERE: Self = Self {
        server: Fit::Yes,
        root: Fit::Yes,
        collection: Fit::Yes,
        file: Fit::Yes,
        unmapped: Fit::Yes,
        unmapped_collection: Fit::Yes,
    };

    /// Whatever is there, file or collection.
    pub const EXISTING: Self = Self {
        server: Fit::No,
        root: Fit::Yes,
        collection: Fit::Yes,
        file: Fit::Yes,
        unmapped: Fit::Missing,
        unmapped_collection: Fit::Missing,
    };
}
