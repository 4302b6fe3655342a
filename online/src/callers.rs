//! Who calls: a key that is known by its hash, and what it may be used for.

use crate::limits::Buckets;
use crate::wire::problem::{Problem, Result};
use desk::merchants::{Key, Merchant, Standing};
use std::collections::HashMap; // order never reaches bytes
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// For how long what is known of a key is believed: so long a key that was revoked is used still.
const BELIEVED: Duration = Duration::from_secs(5);

/// Keys that are remembered; all are forgotten where there are more.
const MOST_KEYS: usize = 10_000;

/// Somebody who calls.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Under which name its key is kept: tells two callers apart.
    pub id: String,
    /// Its key.
    pub key: Key,
    /// Its merchant; none for the operator.
    pub merchant: Option<Merchant>,
}

impl Caller {
    /// Refuses a caller whose key is not for this.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn may(&self, scope: &str) -> Result<()> {
        match self.key.scopes.contains(scope) {
            true => Ok(()),
            false => Err(Problem::new(
                "forbidden",
                format!("the key has no scope {scope}"),
            )),
        }
    }

    /// Whether it may see what is this merchant's.
    pub fn sees(&self, merchant: Option<&str>) -> bool {
        match &self.key.merchant {
            None => true,
            Some(own) => merchant == Some(own.as_str()),
        }
    }

    /// The merchant for whom it may ask for payments.
    ///
    /// # Errors
    /// `forbidden` for the operator, `merchant-not-approved`.
    pub fn asks_for(&self) -> Result<&Merchant> {
        let merchant = self.merchant.as_ref().ok_or_else(|| {
            Problem::new(
                "forbidden",
                "the operator's key is no merchant's; use one that is",
            )
        })?;
        match merchant.standing {
            Standing::Approved => Ok(merchant),
            other => Err(Problem::new(
                "merchant-not-approved",
                format!("the merchant is {}", other.as_str()),
            )),
        }
    }

    /// Requests a second.
    pub fn per_second(&self, otherwise: u32) -> u32 {
        let own = self.merchant.as_ref();
        own.and_then(|one| one.limits.requests_per_second)
            .unwrap_or(otherwise)
    }
}

/// What was found of a key, and when.
type Found = (Option<Arc<Caller>>, Instant);

/// Who called lately.
#[derive(Default)]
pub struct Callers {
    /// By the hash of the key.
    known: Mutex<HashMap<[u8; 32], Found>>, // order never reaches bytes
    /// How much each asked for.
    pub buckets: Buckets,
}

impl Callers {
    /// What is known of a key by its hash, where that is believed still.
    pub fn known(&self, key: &[u8; 32], now: Instant) -> Option<Option<Arc<Caller>>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (caller, at) = known.get(key)?;
        (now.saturating_duration_since(*at) < BELIEVED).then(|| caller.clone())
    }

    /// Remembers what was found of a key.
    pub fn remember(&self, key: [u8; 32], caller: Option<Arc<Caller>>, now: Instant) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_KEYS {
            known.clear();
        }
        known.insert(key, (caller, now));
    }
}
