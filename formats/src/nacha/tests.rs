//! What holds of the whole format: its laws as properties, and what its neighbours do with it.

pub(super) mod laws;
mod peer;
