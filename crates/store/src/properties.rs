//! Dead properties: what clients say of a resource, which is kept as it was said and means nothing
//! here (RFC 4918 section 4).

use std::collections::{BTreeMap, btree_map};

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    xml::Name,
};

use crate::resource::Resource;

/// The dead properties of one resource, by name.
///
/// ```
/// use methodical_semantics::xml::Name;
/// use methodical_store::properties::Properties;
/// let mut properties = Properties::default();
/// let author = Name::new("urn:x", "author");
/// properties.set(author.clone(), "<author xmlns='urn:x'>A</author>")?;
/// assert_eq!(properties.value(&author), Some("<author xmlns='urn:x'>A</author>"));
/// # Ok::<(), methodical_semantics::error::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Properties(BTreeMap<Name, Box<str>>);

/// Reads the dead properties of resources that were found.
pub type PropertyReader = Box<dyn Fn(&Resource) -> Result<Properties> + Send>;

impl Properties {
    /// Gives a property a value: its whole element, able to stand alone.
    ///
    /// # Errors
    /// `InsufficientStorage` beyond [`PROPERTIES_MAX`], [`PROPERTY_BYTES_MAX`] or
    /// [`PROPERTIES_BYTES_MAX`]; then it is as it was.
    pub fn set(&mut self, name: Name, element: &str) -> Result<()> {
        if element.len() > PROPERTY_BYTES_MAX {
            return Err(no_room(format!(
                "A property has {PROPERTY_BYTES_MAX} bytes at most; store more in a file."
            )));
        }
        let former = self.0.get(&name);
        if former.is_none() && self.0.len() >= PROPERTIES_MAX {
            return Err(no_room(format!(
                "A resource has {PROPERTIES_MAX} properties at most; remove some first."
            )));
        }
        if self.bytes() - former.map_or(0, |it| it.len()) + element.len() > PROPERTIES_BYTES_MAX {
            return Err(no_room(format!(
                "The properties of a resource have {PROPERTIES_BYTES_MAX} bytes at most."
            )));
        }
        self.0.insert(name, element.into());
        Ok(())
    }

    /// Takes a property away; one that is not there is gone already (RFC 4918 section 14.23).
    pub fn remove(&mut self, name: &Name) {
        self.0.remove(name);
    }

    /// The element of a property, if it is there.
    pub fn value(&self, name: &Name) -> Option<&str> {
        self.0.get(name).map(|element| &**element)
    }

    /// All properties, by name, with their elements.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &str)> {
        self.0.iter().map(|(name, element)| (name, &**element))
    }

    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn bytes(&self) -> usize {
        self.0.values().map(|element| element.len()).sum()
    }
}

impl FromIterator<(Name, Box<str>)> for Properties {
    fn from_iter<I: IntoIterator<Item = (Name, Box<str>)>>(properties: I) -> Self {
        Self(properties.into_iter().collect())
    }
}

impl IntoIterator for Properties {
    type Item = (Name, Box<str>);
    type IntoIter = btree_map::IntoIter<Name, Box<str>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

fn no_room(detail: String) -> Error {
    Error::refused(Condition::InsufficientStorage, detail)
}

/// Dead properties of one resource: all are shown by one PROPFIND. Known clients set some ten.
pub const PROPERTIES_MAX: usize = 1000;

/// Bytes (64 KiB) of one property's element: what is longer is content.
pub const PROPERTY_BYTES_MAX: usize = 64 * 1024;

/// Bytes (1 MiB) of all elements of one resource: they are held in memory while they are shown or
/// changed.
pub const PROPERTIES_BYTES_MAX: usize = 1024 * 1024;
