//! Money that rests on a clearing account and that nothing waits for.

use crate::reconcile::inputs::Inputs;
use crate::records::breaks::BreakRecord;
use desk::failure::{Result, too_large};
use settlement::journal::Account;
use settlement::reconcile::legs::{BreakKind, BreakStatus, Leg};
use settlement::reconcile::residue::Residue;
use std::collections::{BTreeMap, BTreeSet};

/// Adds a break for each key that is old and unexplained, and clears those that are so no more.
pub(super) fn note(inputs: &Inputs, all: &mut BTreeMap<String, BreakRecord>) -> Result<()> {
    let kind = BreakKind::ClearingResidue;
    let waiting = inputs.l3.waiting();
    let mut known: Vec<BreakRecord> = all.values().cloned().collect();
    known.retain(|b| b.is_open() && b.kind != kind);
    let explained = |open: &Residue| {
        let mut known = known.iter();
        known.any(|b| open.is_explained(&b.key, b.left.as_deref(), b.cents))
    };
    let mut still = BTreeSet::new();
    for open in &inputs.books.clearing {
        let waits = match open.account {
            Account::FeesClearing => inputs.books.fees.overdue(inputs.date).is_none(),
            account => waiting.contains(&(account, open.key.clone())),
        };
        if waits || !open.is_old(inputs.date, inputs.sla_days) || explained(open) {
            continue;
        }
        let account = open.account.number().to_string();
        let why = format!(
            "account {account} is at {} under this key since {}, and nothing says why",
            open.cents, open.since
        );
        // A clearing account holds what our account has not seen.
        let cents = open.cents.checked_neg();
        let cents = cents.ok_or_else(|| too_large(&format!("account {account}")))?;
        let about = (Leg::L3, kind);
        let mut found = BreakRecord::found(inputs.date, about, &open.key, &account, cents, why);
        if let Some(before) = all.get(&found.id) {
            found.first_seen = before.first_seen;
        }
        still.insert(found.id.clone());
        all.insert(found.id.clone(), found);
    }
    for record in all.values_mut().filter(|record| record.kind == kind) {
        if !still.contains(&record.id) {
            record.status = BreakStatus::AutoCleared;
        }
    }
    Ok(())
}
