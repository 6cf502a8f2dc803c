//! The mirror: one file a method, then the laws that hold for all of them.
