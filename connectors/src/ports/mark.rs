//! Which installation a place belongs to.

use super::strangers::Strangers;
use crate::error::Result;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// What the places of one installation share, and those of no other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// 32 hexadecimal digits, drawn once.
    pub id: String,
    /// 1 at first, and one more with each restore: what was left behind by one has a lower epoch.
    pub epoch: u32,
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = self.id.get(..8).unwrap_or(&self.id);
        write!(f, "{short}, epoch {}", self.epoch)
    }
}

/// Where a place says which installation it belongs to.
#[async_trait]
pub trait Mark: Send + Sync {
    /// What stands there; `None` where nothing does.
    ///
    /// # Errors
    /// [`crate::Error::Corrupt`] where it is no identity, or not one of what is kept here.
    async fn read(&self) -> Result<Option<Identity>>;

    /// Writes `identity` in the place of `expected`.
    ///
    /// # Errors
    /// [`crate::Error::Conflict`] where something else stands there.
    async fn write(&self, expected: Option<&Identity>, identity: &Identity) -> Result<()>;

    /// Whether anything is kept here, the mark apart.
    async fn holds(&self) -> Result<bool>;

    /// What stands here and is nothing of what is kept here. It is not opened.
    async fn strangers(&self) -> Result<Strangers>;
}

/// One of the places of an installation.
#[derive(Clone)]
pub struct Place {
    /// What is kept there: `store`, `objects`, `archive`, `vault`.
    pub name: &'static str,
    /// Where it is, for a person.
    pub at: String,
    /// What it says of itself.
    pub mark: Arc<dyn Mark>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.name, self.at)
    }
}
