//! The short way: records that are as they should be, told so without looking at each field.
//!
//! # How it works
//!
//! A record has a fixed stride: 94 columns, each field always in the same ones. A line that comes
//! here is whole and printable ([`Lines::step`](crate::nacha::lines::Lines::step) has seen to
//! it), so nothing is left but to ask its columns the questions that the rules ask. They are
//! asked eight columns at a time: a [`word`] is read from wherever a field stands, one operation
//! tells whether all eight are digits, three multiplications make them a number
//! ([`digits`](crate::nacha::digits)). What depends on the batch was looked up when its header
//! came: what each transaction code may do is a byte of a table of a hundred, the columns that
//! the entry class wants filled are four indices, the limits two numbers
//! ([`Batch`](crate::nacha::check::header::Batch)). So an entry of any class costs the same few
//! dozen comparisons, gathered into one `bool` and one branch; no list of fields is walked.
//!
//! # Why it is exact
//!
//! It knows only *yes* and *I cannot tell*. Yes means: the long way would find nothing, and would
//! leave counts, sums and marks exactly as this way does. Each condition is at least as strict as
//! the rule it stands for, so a doubt costs time and never a finding. Until the last condition
//! holds nothing is changed: `false` hands over a checker that has not seen the record.
//! The property `any_damage_is_survived` reads damaged files of every class both ways and compares
//! every finding and total.
//!
//! # When it hands over
//!
//! To the long way goes every line that is not 94 printable columns and a line end; every record
//! but entries and the addenda 05 and 99; what stands outside of a batch or a file; classes whose
//! own columns hold more than text; a code, an amount, a payment type that the batch does not
//! allow, or an amount above a limit; an account that is blank or begins with eight zeros; a
//! trace that does not ascend or came before, a payment that came a little before; micro-entries;
//! returns about a death and whatever disputes an answer.
//!
//! # What must never be changed
//!
//! - No finding is made here: each rule has its wording and its place once, in the long way.
//! - A new rule of entries needs its condition here in the same change, or `Batch::plain` off for
//!   the classes it is about. A condition may become stricter at any time; a laxer one must be
//!   proved against the long way first.
//! - Nothing is written before all conditions hold; what is written then is what
//!   `Checker::entry_detail` and `Checker::addenda` write, neither more nor less.
//! - Sums go through [`Tally`](crate::nacha::check::tally::Tally), which notices one that does
//!   not fit.

use crate::nacha::check::again;
use crate::nacha::check::checker::Checker;
use crate::nacha::check::header::allow;
use crate::nacha::check::open::Quiet;
use crate::nacha::check::totals::category;
use crate::nacha::digits::{all_digits, check_digit8, number8, word};
use crate::nacha::findings::Place;
use crate::nacha::layout::{self, Layout, WIDTH};
use settlement::codes::sec::SecCode;

/// Eight ASCII zeros.
const ZEROS: u64 = 0x3030_3030_3030_3030;

impl Checker {
    /// Takes an entry that is as it should be; `false` leaves everything as it was.
    #[inline(always)]
    #[allow(clippy::arithmetic_side_effects, reason = "a few digits, and counts")]
    pub(super) fn plain_entry(&mut self, text: &[u8; WIDTH], place: Place) -> bool {
        let batch = &mut self.batch;
        let (tens, units) = (text[1].wrapping_sub(b'0'), text[2].wrapping_sub(b'0'));
        if !batch.open || !batch.plain || tens > 9 || units > 9 || !self.file.open() {
            return false;
        }
        let flags = batch.allowed[usize::from(tens * 10 + units)];
        let (rdfi, high, tail) = (word(text, 3), word(text, 29), word(text, 86));
        let (c1, c2) = (text[37].wrapping_sub(b'0'), text[38].wrapping_sub(b'0'));
        let shaped = flags & allow::PLAIN != 0
            && all_digits(rdfi)
            && all_digits(high)
            && all_digits(tail)
            && c1 <= 9
            && c2 <= 9
            && text[11] == check_digit8(rdfi)
            && word(text, 79) == batch.odfi
            && rdfi != ZEROS
            && text[78] & 0xFE == b'0';
        if !shaped {
            return false;
        }
        let amount = number8(high) * 100 + u64::from(c1) * 10 + u64::from(c2);
        let trace = number8(tail);
        let money = if amount == 0 {
            flags & allow::MONEY == 0
        } else {
            flags & allow::ZERO == 0
        };
        let limited = flags & allow::RETURN == 0 && amount > batch.limit;
        let special = batch.micro || amount > batch.same_day_limit;
        let filled = text[12] != b' '
            && word(text, 12) != ZEROS
            && batch
                .filled
                .iter()
                .all(|column| text[*column % WIDTH] != b' ');
        let typed = batch.types[0] == 0 || batch.types.contains(&text[76]);
        let fits = money && !limited && !special && filled && typed && trace > batch.last_trace;
        if !fits || trace.is_multiple_of(10_000_000) {
            return false;
        }
        if !self.comes_first(text, trace, flags) {
            return false;
        }
        if self.entry.open {
            self.close_entry();
        }
        let batch = &mut self.batch;
        batch.last_trace = trace;
        batch.entries += 1;
        batch
            .tally
            .entry(number8(rdfi), amount, flags & allow::CREDIT != 0);
        self.records += 1;
        self.file.records += 1;
        let quiet = text[78] == b'0' && flags & (allow::RETURN | allow::ADDENDA) == 0;
        if quiet {
            batch.categories |= category::FORWARD;
            self.quiet = Some(Quiet {
                place,
                trace,
                words: (batch.odfi, tail),
            });
        } else {
            self.quiet = None;
            self.open_entry(text, place, flags);
        }
        true
    }

    /// Keeps the trace and the payment of an entry, where neither came before.
    #[inline(always)]
    #[allow(clippy::arithmetic_side_effects, reason = "a few digits, and counts")]
    fn comes_first(&mut self, text: &[u8; WIDTH], tail: u64, flags: u8) -> bool {
        let trace = self.batch.traces + tail;
        let payment = again::payment(text, self.batch.origin);
        let pays = flags & allow::MONEY != 0;
        if self.traces.has(trace) || (pays && self.payments.has(payment)) {
            return false;
        }
        self.traces.keep(trace);
        if pays {
            self.payments.keep(payment);
        }
        true
    }

    /// Takes an addenda 05 or 99 that is as it should be.
    #[inline(always)]
    pub(super) fn plain_addenda(&mut self, text: &[u8; WIDTH]) -> Option<&'static Layout> {
        if !self.entry.open || self.batch.iat || !self.file.open() {
            return None;
        }
        match (text[1], text[2]) {
            (b'0', b'5') => self.plain_payment(text),
            (b'9', b'9') => self.plain_return(text),
            _ => None,
        }
    }

    #[allow(clippy::arithmetic_side_effects, reason = "a few digits, and counts")]
    fn plain_payment(&mut self, text: &[u8; WIDTH]) -> Option<&'static Layout> {
        let entry = &mut self.entry;
        let numbers = word(text, 83);
        let tail = word(text, 86);
        let may = entry.takes_05 && entry.indicator == b'1' && !entry.back;
        if !may || !all_digits(numbers) || !all_digits(tail) {
            return None;
        }
        let sequence = number8(numbers) / 10_000;
        if sequence != entry.addenda + 1 || number8(tail) % 10_000_000 != entry.trace % 10_000_000 {
            return None;
        }
        self.took_addenda();
        Some(layout::ADDENDA_05)
    }

    #[allow(clippy::arithmetic_side_effects, reason = "a few digits, and counts")]
    fn plain_return(&mut self, text: &[u8; WIDTH]) -> Option<&'static Layout> {
        let entry = &mut self.entry;
        let class = self.batch.sec != Some(SecCode::Cor);
        let code = (text[4].wrapping_sub(b'0'), text[5].wrapping_sub(b'0'));
        let may = entry.back && class && entry.addenda == 0 && entry.indicator == b'1';
        if !may || text[3] != b'R' || code.0 > 9 || code.1 > 9 {
            return None;
        }
        // Plain returns only: not those about a death, nor a dishonored or contested one.
        let number = code.0 * 10 + code.1;
        let plain = matches!(number, 1..=13 | 16 | 20..=47 | 50..=53 | 80..=85)
            && entry.fits(&self.batch, u64::from(number));
        let original = all_digits(word(text, 6)) && all_digits(word(text, 13));
        let rdfi = all_digits(word(text, 27));
        let blank = text[21..27] == *b"      ";
        let trace = word(text, 79) == entry.trace_words.0 && word(text, 86) == entry.trace_words.1;
        if !plain || !original || !rdfi || !blank || !trace {
            return None;
        }
        self.batch.categories |= category::RETURN;
        self.entry.answered = true;
        self.took_addenda();
        Some(layout::ADDENDA_99)
    }

    #[inline(always)]
    #[allow(clippy::arithmetic_side_effects, reason = "a few digits, and counts")]
    fn took_addenda(&mut self) {
        self.entry.addenda += 1;
        self.batch.tally.count += 1;
        self.records += 1;
        self.file.records += 1;
    }
}
