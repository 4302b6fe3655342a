//! What can happen to a payment, and what it remembers of that.

use crate::codes::returns::ReturnCode;
use crate::ids::{BatchKey, CutId, TraceNumber};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The entry that carries a payment to the bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryRef {
    /// The entry's trace number.
    pub trace: TraceNumber,
    /// The batch it stands in.
    pub batch: BatchKey,
    /// The banking day on which it should settle.
    pub settles_on: Date,
}

/// A return as the payment remembers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnRef {
    /// Why it came back.
    pub code: ReturnCode,
    /// The trace the returning bank gave to the return.
    pub trace: TraceNumber,
    /// The day we received it.
    pub received_on: Date,
    /// Whether it came after its code's window.
    pub late: bool,
}

/// What the bank said of a payment that its state alone does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// That it rejects the file, the batch or the entry.
    pub rejected: bool,
    /// How many settlements it has taken back: those of lower numbers.
    pub undone: u32,
    /// The number of the settlement that dates the entry.
    pub first: u32,
    /// The number of the newest settlement.
    pub last: u32,
}

/// What happened to a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// Accepted under a new idempotency key.
    Created,
    /// Refused by the risk rules.
    Denied {
        /// Why.
        reason: String,
    },
    /// Taken back by the client.
    Cancelled,
    /// Never claimed in time.
    Expired,
    /// Claimed by a batch of a cut.
    Claimed {
        /// Which cut.
        cut: CutId,
    },
    /// A cut had claimed it, and was frozen without it.
    Released {
        /// Which cut.
        cut: CutId,
    },
    /// The upload is known not to have been accepted.
    UploadFailed {
        /// Which file.
        file: String,
    },
    /// The upload was read back whole.
    Sent {
        /// The entry that carries the payment.
        entry: EntryRef,
    },
    /// Nobody knows whether the upload arrived.
    UploadUnknown {
        /// Which file.
        file: String,
    },
    /// The bank accepted the file.
    Acknowledged {
        /// Which file.
        file: String,
    },
    /// The bank rejected the file, the batch or the entry.
    Rejected {
        /// Which file.
        file: String,
        /// The bank's reason.
        reason: String,
    },
    /// The settlement date came and the bank line was matched.
    Settled {
        /// The bank's reference of the line.
        bank_reference: String,
        /// The line's value date.
        on: Date,
    },
    /// The entry came back.
    Returned {
        /// How.
        of: ReturnRef,
    },
    /// The funds of a pull became available: its ordinary return window is over.
    HoldEnded,
    /// Every window closed, every leg matched.
    Closed,
    /// We refused the return.
    Dishonored {
        /// With which code.
        code: ReturnCode,
        /// The trace of the dishonored return.
        trace: TraceNumber,
    },
    /// The receiving bank stands by its return.
    Contested {
        /// With which code.
        code: ReturnCode,
        /// The trace of the contested one.
        trace: TraceNumber,
    },
    /// We sent a reversing entry.
    ReversalSent,
    /// The reversing entry settled.
    ReversalSettled,
    /// The reversing entry came back.
    ReversalReturned {
        /// Why.
        code: ReturnCode,
    },
    /// The receiving bank asks for a correction; no money moves.
    NoticeOfChange {
        /// The change code, `C01`.
        change: String,
        /// The trace the receiving bank gave to the notice.
        trace: TraceNumber,
    },
    /// The bank took back what had settled it.
    SettlementUndone {
        /// The allocation that counts no more.
        allocation: String,
        /// How many settlements the bank has taken back by now.
        times: u32,
    },
    /// It settled once more, after the bank had taken a settlement back.
    SettledAgain {
        /// The bank's reference of the line.
        bank_reference: String,
        /// The line's value date.
        on: Date,
        /// How many settlements the bank had taken back before.
        times: u32,
    },
    /// A person let it go on after a review.
    Approved {
        /// Who.
        by: String,
        /// Why.
        note: String,
    },
}

/// The kind of an [`Event`]: what `STEPS` is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum EventKind {
    Created,
    Denied,
    Cancelled,
    Expired,
    Claimed,
    Released,
    UploadFailed,
    Sent,
    UploadUnknown,
    Acknowledged,
    Rejected,
    Settled,
    Returned,
    HoldEnded,
    Closed,
    Dishonored,
    Contested,
    ReversalSent,
    ReversalSettled,
    ReversalReturned,
    NoticeOfChange,
    SettlementUndone,
    Approved,
}

impl Event {
    /// The kind of this event.
    pub const fn kind(&self) -> EventKind {
        match self {
            Event::Created => EventKind::Created,
            Event::Denied { .. } => EventKind::Denied,
            Event::Cancelled => EventKind::Cancelled,
            Event::Expired => EventKind::Expired,
            Event::Claimed { .. } => EventKind::Claimed,
            Event::Released { .. } => EventKind::Released,
            Event::UploadFailed { .. } => EventKind::UploadFailed,
            Event::Sent { .. } => EventKind::Sent,
            Event::UploadUnknown { .. } => EventKind::UploadUnknown,
            Event::Acknowledged { .. } => EventKind::Acknowledged,
            Event::Rejected { .. } => EventKind::Rejected,
            Event::Settled { .. } => EventKind::Settled,
            Event::Returned { .. } => EventKind::Returned,
            Event::HoldEnded => EventKind::HoldEnded,
            Event::Closed => EventKind::Closed,
            Event::Dishonored { .. } => EventKind::Dishonored,
            Event::Contested { .. } => EventKind::Contested,
            Event::ReversalSent => EventKind::ReversalSent,
            Event::ReversalSettled => EventKind::ReversalSettled,
            Event::ReversalReturned { .. } => EventKind::ReversalReturned,
            Event::NoticeOfChange { .. } => EventKind::NoticeOfChange,
            Event::SettlementUndone { .. } => EventKind::SettlementUndone,
            Event::SettledAgain { .. } => EventKind::Settled,
            Event::Approved { .. } => EventKind::Approved,
        }
    }

    /// Whether it is a step of every payment's way to the bank.
    pub const fn is_usual(&self) -> bool {
        matches!(
            self,
            Event::Created | Event::Claimed { .. } | Event::Sent { .. }
        )
    }

    /// Which settlement it is, by how many the bank had taken back before; `None` where it is none.
    pub const fn settlement(&self) -> Option<u32> {
        match self {
            Event::Settled { .. } => Some(0),
            Event::SettledAgain { times, .. } => Some(*times),
            _ => None,
        }
    }

    /// What makes two events the same happening, told twice. Unique within one payment.
    pub fn sameness(&self) -> String {
        match self {
            Event::Claimed { cut } => format!("claimed {}", cut.0),
            Event::Released { cut } => format!("released {}", cut.0),
            Event::UploadFailed { file } => format!("upload_failed {file}"),
            Event::UploadUnknown { file } => format!("upload_unknown {file}"),
            Event::Sent { entry } => format!("sent {} {}", entry.batch, entry.trace),
            Event::Acknowledged { file } => format!("acknowledged {file}"),
            Event::Rejected { file, .. } => format!("rejected {file}"),
            Event::Returned { of } => format!("returned {} {}", of.received_on, of.trace),
            Event::NoticeOfChange { trace, .. } => format!("notice_of_change {trace}"),
            Event::Dishonored { code, trace } => format!("dishonored {code} {trace}"),
            Event::Contested { code, trace } => format!("contested {code} {trace}"),
            Event::SettlementUndone { allocation, .. } => format!("settlement_undone {allocation}"),
            Event::SettledAgain { times, .. } => format!("settled again {times}"),
            other => other.kind().as_str().to_owned(),
        }
    }
}

impl EventKind {
    /// The name of the kind in tables and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            EventKind::Created => "created",
            EventKind::Denied => "denied",
            EventKind::Cancelled => "cancelled",
            EventKind::Expired => "expired",
            EventKind::Claimed => "claimed",
            EventKind::Released => "released",
            EventKind::UploadFailed => "upload_failed",
            EventKind::Sent => "sent",
            EventKind::UploadUnknown => "upload_unknown",
            EventKind::Acknowledged => "acknowledged",
            EventKind::Rejected => "rejected",
            EventKind::Settled => "settled",
            EventKind::Returned => "returned",
            EventKind::HoldEnded => "hold_ended",
            EventKind::Closed => "closed",
            EventKind::Dishonored => "dishonored",
            EventKind::Contested => "contested",
            EventKind::ReversalSent => "reversal_sent",
            EventKind::ReversalSettled => "reversal_settled",
            EventKind::ReversalReturned => "reversal_returned",
            EventKind::NoticeOfChange => "notice_of_change",
            EventKind::SettlementUndone => "settlement_undone",
            EventKind::Approved => "approved",
        }
    }
}
