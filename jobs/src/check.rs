//! Check: what an installation holds, held against itself.

pub mod store;
