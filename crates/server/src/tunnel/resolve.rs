//! The addresses of a name.
//!
//! A name is looked up once for a tunnel and never again: the addresses that were judged are those
//! that are dialled, or a name server could answer differently the second time (DNS rebinding).

use std::{
    fmt, io,
    net::{IpAddr, ToSocketAddrs as _},
    sync::Arc,
};

/// The one that knows the addresses of names.
///
/// ```
/// use methodical_server::settings::Resolver;
///
/// let nowhere = Resolver::of(|_| Ok(vec!["192.0.2.1".parse().unwrap()]));
/// assert_eq!(nowhere.addresses("example.com").unwrap().len(), 1);
/// assert_eq!(Resolver::default(), Resolver::System);
/// ```
#[derive(Clone, Default)]
pub enum Resolver {
    /// The system: its files, and DNS as it is configured.
    #[default]
    System,
    /// Whoever is asked in its place; asked on a thread that may wait.
    Other(Arc<Asked>),
}

/// The type of what [`Resolver::of`] takes.
type Asked = dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync;

impl Resolver {
    /// A resolver of one's own.
    pub fn of(asked: impl Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync + 'static) -> Self {
        Self::Other(Arc::new(asked))
    }

    /// The addresses of a name, in the order in which they should be tried. It may take long.
    ///
    /// # Errors
    /// An error when the name has none, or nobody can be asked.
    pub fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        match self {
            Self::System => {
                let found = (name, 0).to_socket_addrs()?;
                Ok(found.map(|address| address.ip()).collect())
            }
            Self::Other(asked) => asked(name),
        }
    }
}

impl PartialEq for Resolver {
    /// Another resolver is the same only if it is the very same object.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::System, Self::System) => true,
            (Self::Other(mine), Self::Other(its)) => Arc::ptr_eq(mine, its),
            (Self::System | Self::Other(_), _) => false,
        }
    }
}

impl Eq for Resolver {}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "System",
            Self::Other(_) => "Other",
        })
    }
}
