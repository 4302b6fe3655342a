//! L1: every payment a cut claimed is in exactly one entry of one file we sent.

use super::{BreakKind, Details, Finding, Leg, Outcome, difference, in_order, keyed, place_of};
use crate::ids::{BatchKey, PaymentId, TraceNumber};
use crate::money::SignedCents;
use crate::reconcile::kernel::{KernelError, Kind};
use std::collections::BTreeMap;

/// A payment claimed by a cut. The sign of its cents is its direction: payouts are negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// The payment.
    pub payment: PaymentId,
    /// What it moves on our bank account.
    pub cents: SignedCents,
}

/// An entry of a file we sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The payment its individual id names.
    pub payment: PaymentId,
    /// What it moves on our bank account.
    pub cents: SignedCents,
    /// The batch it went out in.
    pub batch: BatchKey,
    /// Its trace.
    pub trace: TraceNumber,
}

/// Matches payments with entries. A payment that a cut of a day `before` has sent, by its name, is
/// not to be sent again, whatever the store says of it.
///
/// # Errors
/// Where there are more than four billion rows.
pub fn reconcile(
    claimed: &[Claimed],
    sent: &[Sent],
    before: &BTreeMap<PaymentId, String>,
) -> Result<Outcome, KernelError> {
    let left_cents: Vec<_> = claimed.iter().map(|c| c.cents).collect();
    let right_cents: Vec<_> = sent.iter().map(|s| s.cents).collect();
    let mut found = Finding::new(Leg::L1, &left_cents, &right_cents);
    let left: Vec<_> = in_order(claimed, |c| (c.payment, c.cents))
        .into_iter()
        .filter_map(|i| claimed.get(i).map(|c| (c.payment.key(), c.cents, i)))
        .collect();
    let right: Vec<_> = in_order(sent, |s| (s.payment, s.batch, s.trace, s.cents))
        .into_iter()
        .filter_map(|i| sent.get(i).map(|s| (s.payment.key(), s.cents, i)))
        .collect();
    let pass = keyed(&left, &right, |_, _| true)?;
    for (l, r) in pass.pairs {
        match sent.get(r).filter(|one| before.contains_key(&one.payment)) {
            Some(one) => found.breaks(BreakKind::DupEntry, Some(l), Some(r), again(one, before)),
            None => found.matched(l, r),
        }
    }
    for outcome in pass.outcomes {
        let (l, r) = (
            place_of(&left, outcome.left),
            place_of(&right, outcome.right),
        );
        let ours = l.and_then(|l| claimed.get(l));
        let theirs = r.and_then(|r| sent.get(r));
        let (kind, explanation) = name(outcome.kind, ours, theirs);
        let cents = match (ours, theirs) {
            (Some(a), Some(b)) => difference(a.cents, b.cents),
            (a, b) => a
                .map(|a| a.cents)
                .or(b.map(|b| b.cents))
                .unwrap_or_default(),
        };
        let payment = ours.map(|c| c.payment).or(theirs.map(|s| s.payment));
        let details = Details {
            key: payment.map(|p| p.to_string()).unwrap_or_default(),
            cents,
            left: ours.map(|c| c.payment.to_string()),
            right: theirs.map(|s| format!("{}/{}", s.batch, s.trace)),
            explanation,
        };
        found.breaks(kind, l, r, details);
    }
    Ok(found.finish())
}

/// An entry whose payment went out before.
fn again(sent: &Sent, before: &BTreeMap<PaymentId, String>) -> Details {
    let cut = before.get(&sent.payment).map(String::as_str);
    let cut = cut.unwrap_or_default();
    Details {
        key: sent.payment.to_string(),
        cents: sent.cents,
        left: Some(sent.payment.to_string()),
        right: Some(format!("{}/{}", sent.batch, sent.trace)),
        explanation: format!("sent already, by cut {cut}, and sent again"),
    }
}

fn name(kind: Kind, ours: Option<&Claimed>, sent: Option<&Sent>) -> (BreakKind, String) {
    match kind {
        Kind::LeftOnly => (
            BreakKind::MissingInFile,
            "the cut claimed it, no entry carries it".to_owned(),
        ),
        Kind::RightOnly => (
            BreakKind::MissingInLedger,
            "an entry went out for no claimed payment".to_owned(),
        ),
        Kind::DuplicateLeft => (
            BreakKind::DupEntry,
            "claimed more often than sent".to_owned(),
        ),
        Kind::DuplicateRight => (
            BreakKind::DupEntry,
            "sent more often than claimed".to_owned(),
        ),
        Kind::Ambiguous => (
            BreakKind::Ambiguous,
            "several claims and entries, none of equal amount".to_owned(),
        ),
        Kind::AmountDiffers => {
            let ours = ours.map(|c| c.cents).unwrap_or_default();
            let sent = sent.map(|s| s.cents).unwrap_or_default();
            if ours.checked_neg() == Some(sent) {
                return (
                    BreakKind::Direction,
                    format!("claimed as {ours}, sent as {sent}"),
                );
            }
            (BreakKind::Amount, format!("claimed {ours}, sent {sent}"))
        }
    }
}
