//! Tests that need more than one crate. They are one binary, `tests/it/main.rs`, because linking
//! is what costs; nothing is in this library.
