//! A bank that does nothing by chance, and with single entries what it is asked for.

use super::{Bank, asked::Asked, notice::Notice};
use jiff::civil::Date;
use settlement::calendar::{add_banking_days, next_banking_day};

impl Bank {
    /// The same bank, which does nothing by chance.
    #[must_use]
    pub fn alone(mut self) -> Bank {
        self.alone.on = true;
        self
    }

    /// Asks for what is to become of the entry with this individual identification number, whether
    /// it is still to come or was taken before. Answers the morning on which that will be heard,
    /// where it was.
    pub fn ask(&mut self, individual_id: &str, asked: Asked) -> Option<Date> {
        let Some(kept) = self.alone.kept.get(individual_id) else {
            self.alone.asked.insert(individual_id.to_owned(), asked);
            return None;
        };
        let first = add_banking_days(kept.settles, 1);
        let next = self.last_morning.map_or(first, next_banking_day);
        let morning = first.max(next);
        let (header, entry) = (kept.header.clone(), kept.entry.clone());
        let notice = Notice::of(header, kept.batch, entry, asked.reason());
        self.returning.entry(morning).or_default().push(notice);
        Some(morning)
    }
}
