//! Tokens: an account or card number is given once and used by its token from then on. The number
//! is never shown again but for its last characters, and stands in no log.

pub mod asked;
pub mod card;
pub mod handle;
pub mod routes;
