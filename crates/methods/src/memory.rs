//! Memory that all requests share: for content on its way in, which may stop in the middle, and for
//! what is made of it.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, Hash, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use http::{HeaderValue, header};
use methodical_semantics::{
    condition::Condition,
    error::{Error, Refusal},
};

/// The number of octets that are held, and how many may be: of all, and of one client half of that.
#[derive(Debug, Clone)]
pub struct Memory {
    taken: Arc<Mutex<Taken>>,
    clients: Arc<RandomState>,
    most: u64,
    client: Option<Client>,
}

/// Who is counted as one, by a hash that nobody outside can foresee.
pub type Client = u64;

/// Octets that are held.
#[derive(Debug, Default)]
struct Taken {
    all: u64,
    clients: HashMap<Client, u64>,
}

impl Default for Memory {
    /// Memory without a bound.
    fn default() -> Self {
        Self { taken: Arc::default(), clients: Arc::default(), most: u64::MAX, client: None }
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
        Self { most, ..self.clone() }
    }

    /// The same memory for a client, who may hold half of it: so nobody's content, however slowly
    /// it comes, keeps others from theirs.
    ///
    /// ```
    /// use methodical_methods::memory::Memory;
    ///
    /// let memory = Memory::default().within(100);
    /// let (ann, bob) = (memory.of(&"ann"), memory.of(&"bob"));
    /// let (mut one, mut two, mut other) = (ann.hold(), ann.hold(), bob.hold());
    /// assert!(one.reaches(30) && two.reaches(20) && !two.reaches(21));
    /// assert!(other.reaches(50));
    /// ```
    #[must_use]
    pub fn of(&self, client: &impl Hash) -> Self {
        Self { client: Some(self.clients.hash_one(client)), ..self.clone() }
    }

    /// Returns whose it is; nothing where that was not said.
    pub fn client(&self) -> Option<Client> {
        self.client
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

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Takes what is missing to so many octets. Gives whether there was room for it.
    pub fn reaches(&mut self, octets: usize) -> bool {
        let more = (octets as u64).saturating_sub(self.octets);
        if more == 0 {
            return true;
        }
        let Memory { most, client, .. } = self.memory;
        let mut taken = self.memory.taken();
        if taken.all.saturating_add(more) > most {
            return false;
        }
        if let Some(client) = client {
            let its = taken.clients.get(&client).copied().unwrap_or_default().saturating_add(more);
            if its > most / 2 {
                return false;
            }
            taken.clients.insert(client, its);
        }
        taken.all += more;
        drop(taken);
        self.octets += more;
        true
    }

    /// Gives back what is beyond so many octets.
    pub fn keeps(&mut self, octets: usize) {
        self.give_back(self.octets.saturating_sub(octets as u64));
    }

    /// Gives back all.
    pub fn release(&mut self) {
        self.give_back(self.octets);
    }

    fn give_back(&mut self, octets: u64) {
        if octets == 0 {
            return;
        }
        let mut taken = self.memory.taken();
        taken.all = taken.all.saturating_sub(octets);
        if let Some(client) = self.memory.client
            && let Some(its) = taken.clients.get_mut(&client)
        {
            *its = its.saturating_sub(octets);
            if *its == 0 {
                taken.clients.remove(&client);
            }
        }
        drop(taken);
        self.octets -= octets;
    }

    /// Content for which this was taken, and which gives it back when it is dropped.
    pub fn with(self, content: Bytes) -> Bytes {
        if self.octets == 0 {
            return content;
        }
        Bytes::from_owner(Counted { content, _held: self })
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
    let detail = "The server holds as much content as it may (--content-memory-bytes-max), or as \
                  much of yours as one client may have; try again later.";
    Refusal::new(Condition::Overloaded, detail)
        .with(header::RETRY_AFTER, HeaderValue::from_static("1"))
        .into()
}
