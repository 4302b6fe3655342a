//! The entries that answers may be about, found by what names them and at any age.
//!
//! No list of all entries is kept for this. Two things that are there anyway lead to an entry:
//!
//! 1. **Its payment.** The individual id of an entry is our payment id, and a bank sends it back.
//!    The store says by which entry the payment went, and so in the cut of which date that stands.
//!    The chain's dates ascend: the cut is found by halving, in a dozen records of a thousand.
//! 2. **Its trace.** Each frozen cut says which traces it took, `first_after` to `last_sequence`:
//!    arithmetic tells whether it can hold one; only then is its part read. An answer without an id
//!    of ours is looked for so in every cut whose entries can still be answered in time, and where
//!    that gives nothing, in all the cuts before, the newest first, until it is found.
//!
//! Neither is believed by itself: what an answer is about is for [`original_of`] to say of the rows
//! that were read, and these are held against the hash that their cut's record has of them, that
//! record against its own, and each cut that is read in a row against the one that follows it.

use crate::parts::{self, follows};
use crate::records;
use crate::records::Read;
use crate::records::frozen::FrozenCut;
use connectors::Name;
use desk::failure::Result;
use desk::{CHUNK, Desk, names};
use formats::tables::AchEntry;
use jiff::civil::Date;
use settlement::ids::{PaymentId, TraceNumber};
use settlement::returns::{Answer, Entry, Original, oldest_original, original_of};
use std::collections::{BTreeMap, BTreeSet};

/// The entries that may be the originals of `answers`, and others of their traces: by cut, oldest
/// first, each in file order. Who asks must look at all that an answer repeats.
///
/// # Errors
/// Where a record or a part is missing or damaged.
pub async fn candidates(
    desk: &Desk,
    date: Date,
    answers: &[Answer],
) -> Result<Vec<AchEntry<'static>>> {
    let ours = answers
        .iter()
        .filter(|a| a.original_trace.odfi() == desk.bank.odfi);
    let ours: Vec<&Answer> = ours.collect();
    if ours.is_empty() {
        return Ok(Vec::new());
    }
    let (mut chain, mut found) = (Chain::open(desk).await?, Found::default());
    for (day, traces) in named(desk, &ours).await? {
        for at in chain.of_date(desk, day).await? {
            found.look(desk, &chain, at, &traces).await?;
        }
    }
    let open = found.not_named(&ours)?;
    chain.read.clear(); // what is read now is read in a row
    by_trace(desk, oldest_original(date), &mut chain, &mut found, open).await?;
    Ok(found.rows.into_values().flatten().collect())
}

/// Looks for what is not found yet in one cut after the other, the newest first: in all that can
/// still be answered in time, then in those before until it is found.
async fn by_trace(
    desk: &Desk,
    oldest: Date,
    chain: &mut Chain,
    found: &mut Found,
    mut open: Vec<&Answer>,
) -> Result<()> {
    let mut in_time = true;
    for at in (0..chain.names.len()).rev() {
        let Some(cut) = chain.cut(desk, at).await? else {
            continue;
        };
        if in_time && cut.date < oldest {
            in_time = false;
            open = found.unanswered(&open)?;
        }
        if open.is_empty() {
            return Ok(());
        }
        let traces = open.iter().map(|answer| answer.original_trace).collect();
        if found.look(desk, chain, at, &traces).await? && !in_time {
            open = found.unanswered(&open)?;
        }
        chain.forget(at);
    }
    Ok(())
}

/// The traces looked for on the dates on which, as the store says, their payments were cut.
async fn named(desk: &Desk, answers: &[&Answer]) -> Result<BTreeMap<Date, BTreeSet<TraceNumber>>> {
    let named: BTreeMap<PaymentId, TraceNumber> = answers
        .iter()
        .filter_map(|answer| Some((answer.payment?, answer.original_trace)))
        .collect();
    let ids: Vec<PaymentId> = named.keys().copied().collect();
    let mut days: BTreeMap<Date, BTreeSet<TraceNumber>> = BTreeMap::new();
    for chunk in ids.chunks(CHUNK) {
        for payment in desk.ports.payments.get(chunk).await?.into_iter().flatten() {
            let wanted = named.get(&payment.id).copied();
            let entry = payment.entry.filter(|entry| Some(entry.trace) == wanted);
            if let Some(entry) = entry {
                days.entry(entry.batch.date())
                    .or_default()
                    .insert(entry.trace);
            }
        }
    }
    Ok(days)
}

/// The chain of a bank's frozen cuts, of which as few are read as will do.
struct Chain {
    names: Vec<Name>,
    read: BTreeMap<usize, Read<FrozenCut>>,
}

impl Chain {
    async fn open(desk: &Desk) -> Result<Chain> {
        let names = desk
            .ports
            .objects
            .list(&names::frozen_prefix(desk.bank.odfi))
            .await?;
        let read = BTreeMap::new();
        Ok(Chain { names, read })
    }

    /// The cut at a place of the chain, which is the one that the next names, where that was read.
    async fn cut(&mut self, desk: &Desk, at: usize) -> Result<Option<&FrozenCut>> {
        let objects = &*desk.ports.objects;
        if let (false, Some(name)) = (self.read.contains_key(&at), self.names.get(at)) {
            let Some(cut) = records::read::<FrozenCut>(objects, name).await? else {
                return Ok(None);
            };
            if let Some(after) = at.checked_add(1).and_then(|next| self.read.get(&next)) {
                follows(desk.bank.odfi, after, &cut)?;
            }
            self.read.insert(at, cut);
        }
        Ok(self.read.get(&at).map(|read| &read.record))
    }

    /// Drops the cut after this place: it is not needed any more.
    fn forget(&mut self, at: usize) {
        if let Some(next) = at.checked_add(1) {
            self.read.remove(&next);
        }
    }

    /// The places of a date's cuts, found by halving: dates ascend in the chain.
    async fn of_date(&mut self, desk: &Desk, date: Date) -> Result<Vec<usize>> {
        let (mut from, mut to) = (0, self.names.len());
        while from < to {
            let middle = from.midpoint(to);
            match self.cut(desk, middle).await? {
                Some(cut) if cut.date < date => from = middle + 1,
                _ => to = middle,
            }
        }
        let mut places = Vec::new();
        for at in from..self.names.len() {
            match self.cut(desk, at).await? {
                Some(cut) if cut.date == date => places.push(at),
                _ => break,
            }
        }
        Ok(places)
    }
}

/// The rows that were found, by the place of their cut in the chain.
#[derive(Default)]
struct Found {
    rows: BTreeMap<usize, Vec<AchEntry<'static>>>,
    /// The traces looked for in a cut.
    looked: BTreeMap<usize, BTreeSet<TraceNumber>>,
}

impl Found {
    /// Reads the rows of these traces in the cut at a place, if it can hold any; whether it did.
    async fn look(
        &mut self,
        desk: &Desk,
        chain: &Chain,
        at: usize,
        traces: &BTreeSet<TraceNumber>,
    ) -> Result<bool> {
        let Some(cut) = chain.read.get(&at) else {
            return Ok(false);
        };
        let looked = self.looked.entry(at).or_default();
        let new = traces.iter().filter(|trace| cut.may_hold(trace.sequence()));
        let new: BTreeSet<i64> = new
            .filter(|trace| looked.insert(**trace))
            .map(|trace| trace.key())
            .collect();
        let Some(part) = cut.entries.as_ref().filter(|_| !new.is_empty()) else {
            return Ok(false);
        };
        let rows = parts::of_traces(&*desk.ports.objects, part, &new).await?;
        let hit = !rows.is_empty();
        self.rows.entry(at).or_default().extend(rows);
        Ok(hit)
    }

    /// The answers of which no row found is the original by the payment that they name.
    fn not_named<'a>(&self, answers: &[&'a Answer]) -> Result<Vec<&'a Answer>> {
        self.open(answers, |answer, original| match original {
            Some(Some(entry)) => Some(entry.payment) != answer.payment,
            _ => true,
        })
    }

    /// The answers that no row found fits; several are for somebody else to tell apart.
    fn unanswered<'a>(&self, answers: &[&'a Answer]) -> Result<Vec<&'a Answer>> {
        self.open(answers, |_, original| original.is_none())
    }

    /// The answers that are open by what is found of them: an entry, several, or nothing.
    fn open<'a>(
        &self,
        answers: &[&'a Answer],
        is_open: impl Fn(&Answer, Option<Option<&Entry>>) -> bool,
    ) -> Result<Vec<&'a Answer>> {
        let entries = self.rows.values().flatten().map(parts::sent);
        let entries = entries.collect::<Result<Vec<_>>>()?;
        let mut of_trace: BTreeMap<TraceNumber, Vec<_>> = BTreeMap::new();
        for (at, entry) in entries.iter().enumerate() {
            of_trace.entry(entry.trace).or_default().push((at, entry));
        }
        let open = |answer: &&&'a Answer| {
            let candidates = of_trace.get(&answer.original_trace).into_iter().flatten();
            let original = match original_of(answer, candidates.copied()) {
                Original::Entry(at) => Some(entries.get(at)),
                Original::Several => Some(None),
                Original::OtherAmount(_) | Original::Unknown => None,
            };
            is_open(answer, original)
        };
        Ok(answers.iter().filter(open).copied().collect())
    }
}
