//! What a type code is: its three digits, its level, the way its money goes, its name.

/// Which way the money of a code goes, seen from the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Raises the account.
    Credit,
    /// Lowers it.
    Debit,
    /// Neither: a balance, or a text.
    None,
}

/// What a code stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The state of the account: its amount has a sign.
    Status,
    /// The sum of several movements.
    Summary,
    /// One movement.
    Detail,
}

/// One type code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeCode {
    /// Three digits.
    pub code: &'static str,
    /// Which way its money goes.
    pub direction: Direction,
    /// What it stands for.
    pub level: Level,
    /// What it is called.
    pub name: &'static str,
}

pub(super) const fn row(
    code: &'static str,
    direction: Direction,
    level: Level,
    name: &'static str,
) -> TypeCode {
    TypeCode {
        code,
        direction,
        level,
        name,
    }
}
