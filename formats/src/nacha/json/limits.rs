//! How much of either form is held at a time.

/// Bytes gathered before they go to the sink, and read at a time.
pub(super) const BUFFER: usize = 64 * 1024;

/// The longest string: far above any record, far below what could fill a memory.
pub(super) const MAX_STRING: usize = 4096;
