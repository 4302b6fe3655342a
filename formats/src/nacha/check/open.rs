//! What is open while the records go by: the file, the entry, the entry before.

use crate::nacha::check::header::Batch;
use crate::nacha::check::tally::Tally;
use crate::nacha::findings::Place;
use crate::nacha::layout::Layout;
use jiff::civil::Date;

/// What is known of the file that is open.
#[derive(Default)]
pub(super) struct File {
    pub header: bool,
    pub adv: bool,
    pub created: Option<Date>,
    pub tally: Tally,
    /// Of the batches that verify accounts.
    pub micro: Tally,
    pub batches: u64,
    pub last_number: Option<u64>,
    /// Records that are not filler.
    pub records: u64,
    /// The header is not there, and that was found.
    pub missing_header: bool,
    /// The block count the control states, and where it does.
    pub control: Option<(Option<u64>, Place, &'static Layout)>,
    /// Records of nines.
    pub filler: u64,
    /// Something stands after the control, and was found.
    pub after: bool,
}

impl File {
    /// Whether batches may come now: after the header, before the control.
    #[inline(always)]
    pub fn open(&self) -> bool {
        self.header && self.control.is_none()
    }
}

/// The entry whose addenda are being read.
#[derive(Default)]
pub(super) struct Open {
    pub open: bool,
    pub place: Place,
    pub indicator: u8,
    /// The last eight digits of its trace.
    pub trace: u64,
    /// Its fifteen columns of trace, as two overlapping words.
    pub trace_words: (u64, u64),
    pub addenda: u64,
    /// A return or notification of change.
    pub back: bool,
    pub credit: bool,
    /// Its addenda 98 or 99 has come.
    pub answered: bool,
    pub takes_05: bool,
    /// An addenda must follow.
    pub needs: bool,
    /// How many addenda it says it has, where its layout has a field for it.
    pub declared: Option<u64>,
    pub last_type: u8,
    pub run: u64,
}

impl Open {
    /// Whether the entry comes back with a reason of that number in such a batch.
    #[inline(always)]
    pub fn fits(&self, batch: &Batch, reason: u64) -> bool {
        (batch.reasons[usize::from(self.credit)] >> (reason % 128)) & 1 == 1
    }
}

/// An entry that says it has no addenda: all that is kept of it, should one follow all the same.
#[derive(Clone, Copy)]
pub(super) struct Quiet {
    pub place: Place,
    pub trace: u64,
    pub words: (u64, u64),
}
