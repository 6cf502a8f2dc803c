//! The switches by which an operator lets methods work.

/// The switch that the operator has to turn on for a method to be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// Nothing.
    Always,
    /// Changes of the folder.
    Write,
    /// Requests that are sent back.
    Trace,
    /// Tunnels, to one place at least.
    Tunnels,
}
