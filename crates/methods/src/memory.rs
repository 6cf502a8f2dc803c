//! Memory that all requests share: for content on its way in, which may stop in the middle, and for
//! what is made of it.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use bytes::Bytes;
use http::{HeaderValue, header};
use methodical_semantics::{
    condition::Condition,
    error::{Error, Refusal},
};

/// How many octets are held, and how many may be.
#[derive(Debug, Clone)]
pub struct Memory {
    octets: Arc<AtomicU64>,
    most: u64,
}

impl Default for Memory {
    /// Memory without a bound.
    fn default() -> Self {
        Self { octets: Arc::default(), most: u64::MAX }
    }
}

/// What one request holds of it; given back when dropped.
#[derive(Debug)]
pub struct Held {
    memory: Memory,
    octets: u64,
}

impl Memory {
    /// The same memory, of which all may hold so many octets.
    #[must_use]
    pub fn within(&self, most: u64) -> Self {
        Self { octets: Arc::clone(&self.octets), most }
    }

    /// The same memory, of which half may be held before there is none: what clients can make the
    /// server hold by asking leaves room for what others send.
    #[must_use]
    pub fn half(&self) -> Self {
        self.within(self.most / 2)
    }

    /// Nothing yet of it.
    ///
    /// ```
    /// use methodical_methods::memory::Memory;
    ///
    /// let memory = Memory::default().within(100);
    /// let (mut one, mut other) = (memory.hold(), memory.hold());
    /// assert!(one.reaches(60) && !other.reaches(60));
    /// drop(one);
    /// assert!(other.reaches(60));
    /// ```
    pub fn hold(&self) -> Held {
        Held { memory: self.clone(), octets: 0 }
    }
}

impl Held {
    /// Takes what is missing to so many octets. Gives whether there was room for it.
    pub fn reaches(&mut self, octets: usize) -> bool {
        let more = (octets as u64).saturating_sub(self.octets);
        let before = self.memory.octets.fetch_add(more, Ordering::Relaxed);
        self.octets += more;
        let there_is = more == 0 || before.saturating_add(more) <= self.memory.most;
        if !there_is {
            self.give_back(more);
        }
        there_is
    }

    /// Gives back what is beyond so many octets.
    pub fn keeps(&mut self, octets: usize) {
        self.give_back(self.octets.saturating_sub(octets as u64));
    }

    /// Gives back all.
    pub fn release(&mut self) {
        self.give_back(self.octets);
    }

    /// Content for which this was taken, and which gives it back when it is dropped.
    pub fn with(self, content: Bytes) -> Bytes {
        if self.octets == 0 {
            return content;
        }
        Bytes::from_owner(Counted { content, _held: self })
    }

    fn give_back(&mut self, octets: u64) {
        self.memory.octets.fetch_sub(octets, Ordering::Relaxed);
        self.octets -= octets;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.release();
    }
}

struct Counted {
    content: Bytes,
    _held: Held,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.content
    }
}

/// The refusal of what there is no memory for.
pub fn full() -> Error {
    let detail = "The server holds as much content as it may (--content-memory-bytes-max); \
                  try again later.";
    Refusal::new(Condition::Overloaded, detail)
        .with(header::RETRY_AFTER, HeaderValue::from_static("1"))
        .into()
}
