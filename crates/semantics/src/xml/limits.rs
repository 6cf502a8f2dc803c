//! How much of anything a document that is read may have (RFC 4918 section 20.6).

/// Bytes (1 MiB) of a document that is read, whatever the method takes: it is held in memory, as a
/// tree several times as large.
pub const XML_BYTES_MAX: usize = 1024 * 1024;

/// Elements inside each other. Documents of WebDAV nest ten deep; the rest is for dead properties.
pub const XML_DEPTH_MAX: usize = 128;

/// Nodes of a document, elements, comments and pieces of text alike: some 60 bytes each.
pub const XML_NODES_MAX: u32 = 50_000;

/// Attributes and declarations of one element, since each is compared with all others.
pub const XML_ATTRIBUTES_MAX: usize = 256;

/// Namespace declarations in force at one place, since elements that declare one more carry them
/// all.
pub const XML_PREFIXES_MAX: usize = 256;
