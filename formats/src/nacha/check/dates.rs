//! The dates of a batch: when its entries are to settle, held against when the file was made.

use crate::nacha::check::checker::Checker;
use crate::nacha::findings::Place;
use crate::nacha::layout::{Layout, WIDTH};
use crate::nacha::records::date;
use crate::nacha::rules::Rule;
use jiff::civil::Date;
use settlement::calendar::{add_banking_days, is_banking_day, on_or_after};
use settlement::codes::sec::Directions;
use settlement::windows::same_day_limit;

/// How many banking days ahead of the day of processing the operator takes debits, and credits.
/// Nacha Rules 2013 OR108.
const DEBITS_AHEAD: u16 = 1;
const CREDITS_AHEAD: u16 = 2;

impl Checker {
    /// The effective entry date; what is no date was found as a field.
    pub(super) fn dates_fit(&mut self, text: &[u8; WIDTH], place: Place, layout: &'static Layout) {
        let Some(effective) = date(layout.value("effective_entry_date", text)) else {
            return;
        };
        // The operator fills in when a batch settles; before that it is a wish.
        let settled = layout.value("settlement_date_julian", text);
        if !settled.trim_ascii().is_empty() {
            return;
        }
        self.batch.same_day = self.file.created == Some(effective);
        // Before there were same-day entries, the date of today meant the next settlement.
        if self.batch.same_day
            && let Some(limit) = same_day_limit(effective)
        {
            self.batch.same_day_limit = limit.get();
        }
        let at = (layout, "effective_entry_date");
        let rules = [
            (Rule::BatchDatePast, self.file.created > Some(effective)),
            (Rule::BatchDateFar, self.is_far(effective)),
            (Rule::BatchDateClosed, !is_banking_day(effective)),
            (
                Rule::BatchSameDay,
                self.batch.same_day && self.takes_longer(),
            ),
        ];
        for (rule, broken) in rules {
            if broken {
                self.field(rule, place, at, || format!("found {effective}"));
            }
        }
    }

    /// Whether the operator would return the entries as too early. A file made on a day without
    /// banking is processed on the next one.
    fn is_far(&self, effective: Date) -> bool {
        let days = if self.batch.class == 225 {
            DEBITS_AHEAD
        } else {
            CREDITS_AHEAD
        };
        let last = |created| add_banking_days(on_or_after(created), days);
        self.file
            .created
            .is_some_and(|created| effective > last(created))
    }

    /// Whether entries of the class never settle on the day; advices do not settle at all.
    fn takes_longer(&self) -> bool {
        let rule = self.batch.sec.map(|sec| sec.rule());
        rule.is_some_and(|rule| {
            rule.same_day == Some(false) && rule.directions != Directions::Advices
        })
    }
}
