//! Issuers: their keys, fetched when they are needed and kept for a while.

use super::claims::Claims;
use super::keys::KeySet;
use super::token::Unproved;
use crate::wire::problem::{Problem, Result};
use async_trait::async_trait;
use desk::config::Issuer;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// After so long keys are fetched anew, so that one that was withdrawn is used no longer.
const FRESH: Duration = Duration::from_secs(3_600);

/// For how long keys are used that cannot be fetched anew.
const BELIEVED: Duration = Duration::from_secs(24 * 3_600);

/// Between two fetches: a stranger's tokens with keys that nobody knows must not make more.
const PAUSE: Duration = Duration::from_secs(30);

/// The same in seconds, for whoever is to come again.
const PAUSE_SECONDS: u32 = 30;

/// Where the keys of an issuer come from.
#[async_trait]
pub trait Source: Send + Sync {
    /// The JWK set, of bounded size and in bounded time.
    ///
    /// # Errors
    /// Why it could not be read, for the log.
    async fn keys(&self) -> std::result::Result<Vec<u8>, String>;
}

/// An issuer and what is known of its keys.
struct One {
    issuer: Issuer,
    source: Box<dyn Source>,
    known: Mutex<Known>,
    /// Held while keys are fetched, so that many who need them fetch once.
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Known {
    keys: Option<(Arc<KeySet>, Instant)>,
    tried: Option<Instant>,
}

/// The issuers whose tokens are taken.
#[derive(Default)]
pub struct Issuers(Vec<One>);

impl Issuers {
    /// Issuers, each with where its keys come from. No two have one name.
    pub fn new(all: Vec<(Issuer, Box<dyn Source>)>) -> Issuers {
        let one = |(issuer, source)| One {
            issuer,
            source,
            known: Mutex::default(),
            fetching: tokio::sync::Mutex::default(),
        };
        Issuers(all.into_iter().map(one).collect())
    }

    /// What a token is good for at the second `now` of Unix time.
    ///
    /// # Errors
    /// `unauthenticated` with the reason, `unavailable` where the issuer's keys cannot be read.
    pub async fn claims(&self, token: &str, now: i64) -> Result<Claims> {
        let refused =
            |why: &str| Problem::new("unauthenticated", format!("the token {why}; get a new one"));
        let unproved = Unproved::read(token).map_err(refused)?;
        let by = |one: &&One| unproved.issuer() == Some(one.issuer.issuer.as_str());
        let one = self.0.iter().find(by);
        let one = one.ok_or_else(|| refused("is of an issuer that is not configured"))?;
        let keys = one.keys(&unproved.kid, Instant::now()).await?;
        let proved = unproved.proved_by(&keys);
        let claims = proved.ok_or_else(|| refused("is not signed by a key of its issuer"))?;
        Claims::read(&claims, &one.issuer, now).map_err(refused)
    }
}

impl One {
    /// The keys, among them the one of this name if the issuer has it.
    async fn keys(&self, kid: &str, now: Instant) -> Result<Arc<KeySet>> {
        if let Some(ready) = self.ready(kid, now) {
            return ready.ok_or_else(missing);
        }
        let _one_at_a_time = self.fetching.lock().await;
        if let Some(ready) = self.ready(kid, now) {
            return ready.ok_or_else(missing);
        }
        let fetched = match self.source.keys().await {
            Ok(bytes) => KeySet::read(&bytes).map_err(str::to_owned),
            Err(why) => Err(why),
        };
        let mut known = self.known();
        known.tried = Some(now);
        match fetched {
            Ok(keys) => known.keys = Some((Arc::new(keys), now)),
            Err(why) => {
                tracing::warn!(issuer = self.issuer.issuer, why, "keys could not be read");
            }
        }
        known.usable(now).ok_or_else(missing)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What there is where nothing is to be fetched now: the keys, or none that may be used.
    fn ready(&self, kid: &str, now: Instant) -> Option<Option<Arc<KeySet>>> {
        let known = self.known();
        let since = |at: Instant| now.saturating_duration_since(at);
        let waits = known.tried.is_some_and(|at| since(at) < PAUSE);
        match &known.keys {
            Some((keys, at)) if since(*at) < FRESH && keys.has(kid) => Some(Some(Arc::clone(keys))),
            _ if waits => Some(known.usable(now)),
            _ => None,
        }
    }
}

impl Known {
    fn usable(&self, now: Instant) -> Option<Arc<KeySet>> {
        let (keys, at) = self.keys.as_ref()?;
        (now.saturating_duration_since(*at) < BELIEVED).then(|| Arc::clone(keys))
    }
}

fn missing() -> Problem {
    Problem::new(
        "unavailable",
        "the keys of the token's issuer cannot be read",
    )
    .after(PAUSE_SECONDS)
}
