//! JSON web tokens: callers that another system has signed in.
//!
//! An issuer is configured with its keys (a JWKS file or address), and with what its tokens must
//! say. A token names its issuer and its key by their names alone: which algorithm a key is for
//! stands with the key, and what a token says of that must agree. Nothing that a token brings
//! along (`jwk`, `jku`, `x5c`) is ever used. What was checked is read by the same strict reader as
//! a request's body, so that no name stands twice, and the moment is the clock port's.

mod claims;
mod issuers;
mod keys;
mod token;

pub use claims::Claims;
pub use issuers::{Issuers, Source};

#[cfg(test)]
mod tests;
