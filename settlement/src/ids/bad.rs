//! Why a text or a number is not the name it should be.

/// Why a text is not the name it should be. Never repeats the text: it may be an account number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {why}")]
pub struct BadId {
    /// The kind of name.
    pub what: &'static str,
    /// What is wrong with it.
    pub why: &'static str,
}

pub(super) const fn bad(what: &'static str, why: &'static str) -> BadId {
    BadId { what, why }
}
