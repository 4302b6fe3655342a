//! How likely a request is a fraud, asked of a scorer before a payment is made.
//!
//! What was asked for before is kept in memory, bounded, and counted once a payment was made: a
//! request that is repeated counts once. A server that starts finds it in its store ([`lately`]).
//! Scorer, blocklist and database of addresses are exchanged together while others ask; who has
//! begun with one set ends with it, and what judged stands with each payment.

pub mod lately;
pub mod names;

use crate::wire::problem::Result;
use connectors::{GeoReader, PaymentStore, Scorer, ToScore};
use jiff::{Timestamp, civil::Date};
use names::Origin;
use settlement::authorize::NewPayment;
use settlement::ids::AccountToken;
use settlement::payment::{CameFrom, Decision, Judged, Reason};
use settlement::risk::blocklist::Blocklist;
use settlement::risk::known::features;
use settlement::risk::place::Place;
use settlement::risk::reason;
use settlement::risk::velocity::{Asked, MOST_KEYS, Velocity};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

/// Reasons that are kept with a payment: the heaviest.
const MOST_REASONS: usize = 8;

/// What judges.
#[derive(Clone)]
pub struct Judging {
    /// Who scores.
    pub scorer: Arc<dyn Scorer>,
    /// Who is on the blocklist, and which list it is; empty where there is none.
    pub blocked: (Blocklist, String),
    /// Where addresses are.
    pub geo: Option<Arc<dyn GeoReader>>,
}

/// What judges now, and what was asked for lately.
pub struct Risk {
    judging: RwLock<Arc<Judging>>,
    lately: Mutex<Velocity>,
}

impl Risk {
    /// Asks this scorer, without a blocklist and geography.
    pub fn new(scorer: Arc<dyn Scorer>) -> Risk {
        Risk::with(Judging {
            scorer,
            blocked: Default::default(),
            geo: None,
        })
    }

    /// Judges by all of this.
    pub fn with(judging: Judging) -> Risk {
        Risk {
            judging: RwLock::new(Arc::new(judging)),
            lately: Mutex::new(Velocity::new(MOST_KEYS)),
        }
    }

    fn judging(&self) -> Arc<Judging> {
        let here = self.judging.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&here)
    }

    fn lately(&self) -> MutexGuard<'_, Velocity> {
        self.lately.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Judges by this from now on.
    pub fn swap(&self, judging: Judging) {
        let mut here = self.judging.write().unwrap_or_else(PoisonError::into_inner);
        *here = Arc::new(judging);
    }

    /// Finds again in the store what was asked for before `now`, and answers how much that is.
    ///
    /// # Errors
    /// Where the store does not answer.
    pub async fn remember(&self, store: &dyn PaymentStore, now: Timestamp) -> Result<usize> {
        let mut velocity = Velocity::new(MOST_KEYS);
        let counted = lately::rebuilt(store, &mut velocity, now, lately::MOST).await?;
        *self.lately() = velocity;
        Ok(counted)
    }

    /// Counts what came back behind the place `after` of the feed, and answers where that ends.
    ///
    /// # Errors
    /// Where the store does not answer.
    pub async fn hear(&self, store: &dyn PaymentStore, after: u64) -> Result<u64> {
        let (place, back) = lately::heard(store, after).await?;
        lately::count(&mut self.lately(), &back);
        Ok(place)
    }

    /// What is known of a request for a payment to or from the account of `token`, and what of it
    /// is kept with the payment.
    pub fn asked(
        &self,
        new: &NewPayment,
        token: &AccountToken,
        from: &Origin,
        at: Timestamp,
    ) -> (Asked, CameFrom) {
        let kept = from.kept(self.place(from));
        let order = (new.order.direction, new.order.amount);
        let who = (from.merchant.as_str(), from.customer.as_deref());
        (names::asked(order, token, who, kept, at), kept)
    }

    /// Where a request comes from. A database that is damaged there says nothing.
    fn place(&self, from: &Origin) -> Place {
        let judging = self.judging();
        let (Some(geo), Some(address)) = (&judging.geo, from.address()) else {
            return Place::default();
        };
        geo.place(address).unwrap_or_else(|error| {
            tracing::error!(%error, "geography is not known");
            Place::default()
        })
    }

    /// Judges a request on a day.
    ///
    /// # Errors
    /// Where the scorer does not answer.
    pub async fn judged(&self, asked: &Asked, on: Date) -> Result<Judged> {
        let judging = self.judging();
        let habits = self.lately().read(asked);
        let features = features(asked, &habits, judging.blocked.0.hits(asked));
        let to_score = ToScore {
            features,
            direction: asked.direction,
            on,
        };
        let said = judging.scorer.assess(&to_score).await?;
        let mut by = match &said.model {
            Some(model) => format!("rules {} and model {model}", said.rules),
            None => format!("rules {}", said.rules),
        };
        if !judging.blocked.1.is_empty() {
            by = format!("{by}, blocklist {}", judging.blocked.1);
        }
        let mut reasons: Vec<Reason> = said
            .reasons
            .into_iter()
            .map(|one| Reason {
                id: one.id,
                points: one.points,
                text: one.words,
            })
            .collect();
        reasons.sort_by_key(|one| std::cmp::Reverse(one.points.unsigned_abs()));
        reasons.truncate(MOST_REASONS);
        Ok(Judged {
            score: said.score,
            decision: match said.decision {
                reason::Decision::Approve => Decision::Approve,
                reason::Decision::Review => Decision::Review,
                reason::Decision::Deny => Decision::Deny,
            },
            reasons,
            by,
        })
    }

    /// A payment was made of what was asked.
    pub fn made(&self, asked: &Asked) {
        self.lately().record(asked);
    }
}
