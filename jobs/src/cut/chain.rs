//! The chain of a bank's frozen cuts: where it ends, and which cut may follow.

use crate::order::{in_order, open_books};
use crate::parts;
use crate::records::frozen::FrozenCut;
use crate::records::{self, Read, Source};
use crate::sent_before::{Back, unknown_to_the_store};
use connectors::ArchiveId;
use desk::Desk;
use desk::failure::{Failure, Result};
use desk::names;
use desk::records::RESTORE;
use jiff::civil::Date;
use settlement::calendar::next_banking_day;
use settlement::cut::Slot;
use settlement::ids::CutId;
use settlement::windows::Window;

/// What to do where store, objects and archive are not of one moment.
pub const ONE_MOMENT: &str = "nothing was cut: put store, objects, archive and vault back from one \
                          moment, then run tieout check";

/// What a cut of this date and window is called.
pub fn cut_id(desk: &Desk, date: Date, window: Window) -> CutId {
    CutId(format!("{date}/{window}/{}", desk.bank.odfi))
}

/// The recent end of a bank's chain of cuts.
pub struct Chain {
    /// The cuts back to the date that is cut or the newest one's, the newest first.
    recent: Vec<Read<FrozenCut>>,
    /// The newest cut.
    pub newest: Option<Source>,
    /// The place of the next cut in the chain.
    pub next_seq: u64,
    last_sequence: u32,
}

impl Chain {
    /// Reads the chain as far back as a cut of `date` needs it.
    pub async fn read(desk: &Desk, date: Date) -> Result<Chain> {
        let (objects, odfi) = (&*desk.ports.objects, desk.bank.odfi);
        let all = objects.list(&names::frozen_prefix(odfi)).await?;
        let newest = match all.last() {
            Some(name) => records::read::<FrozenCut>(objects, name).await?,
            None => None,
        };
        let oldest = newest.as_ref().map_or(date, |cut| cut.date.min(date));
        let recent = parts::frozen_since(objects, odfi, oldest).await?;
        let (seq, last) = newest
            .as_ref()
            .map_or((0, 0), |cut| (cut.seq, cut.last_sequence));
        let full = || Failure::damaged("the chain of cuts: the newest has no number after it");
        Ok(Chain {
            recent,
            newest: newest.map(|cut| cut.source),
            next_seq: seq.checked_add(1).ok_or_else(full)?,
            last_sequence: last,
        })
    }

    /// Refuses a cut that is not the chain's next. Dates only ascend in it, by banking days and
    /// with every window of each: a date that was skipped could never be cut, nor its books
    /// closed, and no later date's either.
    pub async fn next(&self, desk: &Desk, date: Date) -> Result<()> {
        self.whole(desk).await?;
        self.of_one_moment(desk, date).await?;
        open_books(desk, date, "cut").await?;
        let Some(newest) = self.recent.first().map(|cut| cut.date) else {
            return in_order(desk, date).await;
        };
        if newest > date {
            return Err(
                Failure::usage(format!("{newest} is cut already, so {date} is over"))
                    .remedy(format!("what waits goes with --date {newest} or later")),
            );
        }
        if newest == date {
            return Ok(());
        }
        let cut = |window: &Window| {
            let mut of_day = self.recent.iter().filter(|cut| cut.date == newest);
            of_day.any(|cut| cut.window == *window)
        };
        let expected = match Window::ALL.iter().all(cut) {
            true => next_banking_day(newest),
            false => newest,
        };
        if expected == date {
            return Ok(());
        }
        Err(Failure::usage(format!("{expected} comes before {date}"))
            .remedy(format!("run tieout cut --date {expected} first")))
    }

    /// Refuses to cut with a store that does not know of all that the newest cut took that took
    /// anything, however old it is, or beside an archive that has the date already: one of them was
    /// put back from an earlier moment, and what was sent would be sent again.
    async fn of_one_moment(&self, desk: &Desk, date: Date) -> Result<()> {
        let package = ArchiveId(names::package(date));
        if desk.ports.archive.head(&package).await?.is_some() {
            return Err(Failure::findings(format!(
                "{}: in the archive, and {date} is not cut: the objects are of an earlier moment",
                package.0
            ))
            .remedy(ONE_MOMENT));
        }
        let mut back = Back::from_newest(desk).await?;
        while let Some(cut) = back.peek(desk).await? {
            if cut.entries.is_none() {
                back.take(); // quiet days say nothing of the store
                continue;
            }
            let Some(id) = unknown_to_the_store(desk, cut).await? else {
                return Ok(());
            };
            return Err(Failure::findings(format!(
                "payment {id}: cut with {}, and the store does not know of it: the store is of an \
                 earlier moment",
                cut.cut.0
            ))
            .remedy(ONE_MOMENT));
        }
        Ok(())
    }

    /// Refuses to go on where a cut is lost: the books of a date are closed only when all of its
    /// windows were cut, so the chain reaches at least to the newest posting.
    async fn whole(&self, desk: &Desk) -> Result<()> {
        let posted = desk.ports.objects.list(names::POSTED_PREFIX).await?;
        let closed = posted.iter().filter_map(|name| names::date_of(name)).max();
        let Some(closed) = closed else {
            return Ok(());
        };
        let newest = self.recent.first().map(|cut| cut.date);
        let cut = |window: &Window| {
            let mut of_day = self.recent.iter().filter(|cut| cut.date == closed);
            of_day.any(|cut| cut.window == *window)
        };
        let there = newest.is_some_and(|newest| newest > closed) || Window::ALL.iter().all(cut);
        if there {
            return Ok(());
        }
        let lost = names::frozen(desk.bank.odfi, self.next_seq);
        Err(Failure::findings(format!(
            "{lost}: gone: the books of {closed} are closed, and not all of its windows are in the \
             chain of cuts"
        ))
        .remedy(RESTORE))
    }

    /// The cut of this id, where it is frozen already.
    pub fn find(&self, cut: &CutId) -> Option<&FrozenCut> {
        let mut recent = self.recent.iter().map(|read| &read.record);
        recent.find(|frozen| frozen.cut == *cut)
    }

    /// Where the next cut goes on: its traces, and its files among those of the date.
    pub fn slot(&self, date: Date, window: Window) -> Slot {
        let of_day = self.recent.iter().filter(|cut| cut.date == date);
        let files = of_day.map(|cut| cut.files.len()).sum::<usize>();
        let files_so_far = u32::try_from(files).expect("files of a day in memory");
        Slot {
            date,
            window,
            last_sequence: self.last_sequence,
            files_so_far,
        }
    }
}
