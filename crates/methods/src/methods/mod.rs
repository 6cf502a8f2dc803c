//! One file a method.
