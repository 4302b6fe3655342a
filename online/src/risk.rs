//! How likely a request is a fraud, asked of a scorer before a payment is made.
//!
//! What was asked for before is kept in memory, bounded, and counted once a payment was made: a
//! request that is repeated counts once. A server that starts knows nothing of the days before.

use crate::wire::problem::Result;
use connectors::{Scorer, ToScore};
use jiff::{Timestamp, civil::Date};
use settlement::authorize::NewPayment;
use settlement::payment::{Decision, Judged, Reason};
use settlement::risk::blocklist::Hits;
use settlement::risk::key::{Key, Kind};
use settlement::risk::known::features;
use settlement::risk::place::{Country, Place};
use settlement::risk::reason;
use settlement::risk::velocity::{Asked, MOST_KEYS, Velocity};
use std::sync::{Arc, Mutex, PoisonError};

/// Reasons that are kept with a payment: the heaviest.
const MOST_REASONS: usize = 8;

/// A scorer, and what was asked for lately.
pub struct Risk {
    scorer: Arc<dyn Scorer>,
    lately: Mutex<Velocity>,
}

/// Where a request comes from, as far as the merchant says so.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The merchant.
    pub merchant: String,
    /// The merchant's name for its customer.
    pub customer: Option<String>,
    /// The merchant's name for the device.
    pub device: Option<String>,
    /// The address that asked the merchant.
    pub ip: Option<String>,
}

impl Risk {
    /// Asks this scorer.
    pub fn new(scorer: Arc<dyn Scorer>) -> Risk {
        Risk {
            scorer,
            lately: Mutex::new(Velocity::new(MOST_KEYS)),
        }
    }

    /// What is known of a request. Names are another merchant's where the merchant is another.
    pub fn asked(new: &NewPayment, number: &str, from: &Origin, at: Timestamp) -> Asked {
        let own = |kind: Kind, name: &str| Key::of(kind, &format!("{}\n{name}", from.merchant));
        let account = Key::of(Kind::Account, &format!("{}\n{number}", new.routing));
        // Who is not named is known by the account.
        let customer = match &from.customer {
            Some(name) => own(Kind::Customer, name),
            None => own(Kind::Customer, &format!("{}\n{number}", new.routing)),
        };
        Asked {
            at,
            direction: new.order.direction,
            amount: new.order.amount,
            customer,
            account,
            device: from.device.as_deref().map(|name| own(Kind::Device, name)),
            ip: from.ip.as_deref().map(|ip| Key::of(Kind::Ip, ip)),
            place: Place::default(),
            account_country: Country::UNITED_STATES,
            utc_offset_minutes: 0,
            customer_since: None,
        }
    }

    /// Judges a request on a day.
    ///
    /// # Errors
    /// Where the scorer does not answer.
    pub async fn judged(&self, asked: &Asked, on: Date) -> Result<Judged> {
        let habits = {
            let lately = self.lately.lock().unwrap_or_else(PoisonError::into_inner);
            lately.read(asked)
        };
        let features = features(asked, &habits, Hits::default());
        let to_score = ToScore {
            features,
            direction: asked.direction,
            on,
        };
        let said = self.scorer.assess(&to_score).await?;
        let by = match &said.model {
            Some(model) => format!("rules {} and model {model}", said.rules),
            None => format!("rules {}", said.rules),
        };
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
        let mut lately = self.lately.lock().unwrap_or_else(PoisonError::into_inner);
        lately.record(asked);
    }
}
