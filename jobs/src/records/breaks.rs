//! Breaks as they are kept from day to day.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use settlement::money::SignedCents;
use settlement::reconcile::legs::{BreakKind, BreakStatus, Leg};

/// A break as reports list it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakRecord {
    /// Its name, the same on every run that finds it.
    pub id: String,
    /// Its kind.
    pub kind: BreakKind,
    /// The leg that found it.
    pub leg: Leg,
    /// What it is about.
    pub key: String,
    /// What it moves or moved on our account.
    pub cents: SignedCents,
    /// Our record.
    pub left: Option<String>,
    /// The other record.
    pub right: Option<String>,
    /// The day of the first run that found it.
    pub first_seen: Date,
    /// Whether somebody has to look at it.
    pub status: BreakStatus,
    /// What was found and what to do.
    pub explanation: String,
}

impl BreakRecord {
    /// A break that no leg found.
    pub fn found(
        date: Date,
        (leg, kind): (Leg, BreakKind),
        key: &str,
        right: &str,
        cents: SignedCents,
        explanation: String,
    ) -> BreakRecord {
        BreakRecord {
            id: format!("{leg}/{kind}/{key}@{right}"),
            kind,
            leg,
            key: key.to_owned(),
            cents,
            left: None,
            right: Some(right.to_owned()),
            first_seen: date,
            status: kind.status(),
            explanation,
        }
    }

    /// Whether somebody has to look at it.
    pub fn is_open(&self) -> bool {
        self.status == BreakStatus::Open
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_break_is_written_as_records_have_always_had_it() {
        let day = date(2026, 11, 27);
        let (about, cents) = ((Leg::File, BreakKind::DupFile), SignedCents::new(-5));
        let found = BreakRecord::found(day, about, "a.ach", "inbound/a", cents, "why".into());
        let text = serde_json::to_string(&found).unwrap();
        let expected = concat!(
            r#"{"id":"FILE/DUP_FILE/a.ach@inbound/a","kind":"DUP_FILE","leg":"FILE","#,
            r#""key":"a.ach","cents":-5,"left":null,"right":"inbound/a","#,
            r#""first_seen":"2026-11-27","status":"AUTO_CLEARED","explanation":"why"}"#
        );
        assert_eq!(text, expected);
        assert_eq!(serde_json::from_str::<BreakRecord>(&text).unwrap(), found);
        for wrong in [
            text.replace("DUP_FILE\",\"leg", "DUP\",\"leg"),
            text.replace("AUTO_", ""),
        ] {
            assert!(
                serde_json::from_str::<BreakRecord>(&wrong).is_err(),
                "{wrong}"
            );
        }
    }
}
