//! The entry, taken apart: code, bank, amount, trace, and whether its addenda are the right ones.

use crate::nacha::check::again;
use crate::nacha::check::checker::Checker;
use crate::nacha::check::header::{allow, code_fits, direction_fits};
use crate::nacha::check::open::Open;
use crate::nacha::check::totals::category;
use crate::nacha::digits::{number, word};
use crate::nacha::findings::Place;
use crate::nacha::layout::{self, Layout, WIDTH};
use crate::nacha::records::is_void;
use crate::nacha::rules::Rule;
use settlement::codes::sec::SecCode;
use settlement::codes::transactions::{Purpose, TransactionCode};
use settlement::exact::Exact;
use settlement::ids::Direction;
use settlement::money::Cents;

impl Checker {
    /// Opens the entry before after all: it said that no addenda follows, and one does.
    pub(super) fn reopen_entry(&mut self) {
        let Some(quiet) = self.quiet.take() else {
            return;
        };
        let rule = self.batch.sec.map(SecCode::rule);
        self.entry = Open {
            open: true,
            place: quiet.place,
            indicator: b'0',
            trace: quiet.trace,
            trace_words: quiet.words,
            takes_05: rule.is_none_or(|r| r.addenda_type == "05"),
            ..Open::default()
        };
    }

    /// Opens an entry that may have addenda.
    pub(super) fn open_entry(&mut self, text: &[u8; WIDTH], place: Place, flags: u8) {
        let back = flags & allow::RETURN != 0;
        let layout = self.batch.entry_layout;
        let rule = self.batch.sec.map(SecCode::rule);
        self.entry = Open {
            open: true,
            place,
            indicator: text[78],
            trace: number(&text[86..94]).unwrap_or(0),
            trace_words: (word(text, 79), word(text, 86)),
            back,
            credit: flags & allow::CREDIT != 0,
            takes_05: rule.is_none_or(|r| r.addenda_type == "05"),
            needs: !back && flags & allow::ADDENDA != 0,
            declared: layout
                .field("number_of_addenda_records")
                .and_then(|field| number(field.value(text))),
            ..Open::default()
        };
        if !back {
            let advice = self.batch.sec == Some(SecCode::Adv);
            self.batch.categories |= if advice {
                category::ADVICE
            } else {
                category::FORWARD
            };
        }
    }

    /// The next record is no addenda: the entry has all that it will have. What is wrong with it
    /// is its own, not the next record's.
    pub(super) fn close_entry(&mut self) {
        if self.entry.open {
            self.entry.open = false;
            let before = self.findings.errors();
            self.whole_entry();
            let found = self.findings.errors().less(before);
            self.closing = self.closing.plus(found);
        }
    }

    /// What can only be said of an entry with all its addenda.
    fn whole_entry(&mut self) {
        let (place, layout) = (self.entry.place, self.batch.entry_layout);
        let (count, indicator) = (self.entry.addenda, self.entry.indicator);
        let at = (layout, "addenda_record_indicator");
        if self.entry.back && !self.entry.answered {
            self.batch.categories |= category::RETURN;
            self.field(Rule::ReturnAddenda, place, at, String::new);
        } else if self.entry.needs && count == 0 {
            self.field(Rule::EntryNeeds, place, at, String::new);
        } else if indicator == b'1' && count == 0 {
            self.field(Rule::EntryNoAddenda, place, at, String::new);
        }
        if indicator == b'0' && count > 0 {
            self.field(Rule::EntryExtra, place, at, || {
                format!("{count} addenda follow")
            });
        }
        let most = self
            .batch
            .sec
            .map_or(u64::MAX, |sec| u64::from(sec.rule().max_addenda));
        if !self.entry.back && count > most && indicator == b'1' {
            self.field(Rule::EntryTooMany, place, at, || {
                format!("{count}, at most {most}")
            });
        }
        self.addenda_counted(place, layout);
    }

    /// The number of addenda an entry states. A domestic answer keeps the forward entry's, whose
    /// addenda do not come back.
    fn addenda_counted(&mut self, place: Place, layout: &'static Layout) {
        let (count, iat) = (self.entry.addenda, layout.id == layout::ENTRY_IAT.id);
        let at = (layout, "number_of_addenda_records");
        if let Some(declared) = self.entry.declared
            && declared != count
            && (iat || !self.entry.back)
        {
            let rule = if iat {
                Rule::EntryCountIat
            } else {
                Rule::EntryCount
            };
            self.field(rule, place, at, || {
                format!("stated {declared}, counted {count}")
            });
        }
        if self.batch.sec == Some(SecCode::Iat) && count > 0 && self.entry.last_type < 16 {
            self.field(Rule::AddendaOrder, place, at, || {
                "one of 10 to 16 is missing".to_owned()
            });
        }
    }

    pub(super) fn entry_detail(
        &mut self,
        text: &[u8; WIDTH],
        place: Place,
        layout: &'static Layout,
    ) {
        if !self.batch.open {
            self.whole(Rule::BatchNoHeader, place, layout.id);
            self.stray_batch();
        }
        self.fields(layout, text, place);
        let code = TransactionCode::from_bytes(&text[1..3]);
        let flags = self.entry_code(code, place, layout);
        let rdfi = self.entry_bank(text, place, layout);
        let amount = self.entry_amount(text, code, flags, place);
        self.entry_trace(text, place, layout);
        self.entry_again(text, flags, place, layout);
        self.entry_words(text, place, layout);
        let credit = match code {
            Some(code) => code.direction() == Direction::Credit,
            None => matches!(text[2], b'0'..=b'4'),
        };
        self.batch.entries = self.batch.entries.plus(1);
        self.batch.tally.entry(rdfi, amount, credit);
        self.open_entry(text, place, flags);
    }

    /// The transaction code against the tables; gives what the batch allows it.
    fn entry_code(
        &mut self,
        code: Option<TransactionCode>,
        place: Place,
        layout: &'static Layout,
    ) -> u8 {
        let at = (layout, "transaction_code");
        let Some(code) = code.filter(|c| c.purpose() != Purpose::Reserved) else {
            self.field(Rule::EntryCode, place, at, String::new);
            return 0;
        };
        let row = code.row();
        let flags = self
            .batch
            .allowed
            .get(usize::from(code.get()))
            .copied()
            .unwrap_or(0);
        let Some(sec) = self.batch.sec else {
            return if row.purpose == Purpose::ReturnOrNoc {
                allow::RETURN
            } else {
                0
            };
        };
        if !code_fits(row, sec) {
            self.field(Rule::EntrySec, place, at, || {
                format!("{code} in a batch of {sec}")
            });
        } else if !direction_fits(row, sec) && !self.is_reversal() {
            let rule = match row.direction {
                Direction::Credit => Rule::EntryDirection,
                Direction::Debit => Rule::EntryDebit,
            };
            self.field(rule, place, at, || format!("{code} in a batch of {sec}"));
        }
        let class = self.batch.class;
        let goes = match class {
            220 => row.direction == Direction::Credit,
            225 => row.direction == Direction::Debit,
            _ => true,
        };
        if !goes {
            self.field(Rule::EntryClass, place, at, || {
                format!("a {} in a batch of {class}", row.direction.as_str())
            });
        }
        flags
    }

    /// Whether the batch takes erroneous entries back; it may go against its class's direction.
    fn is_reversal(&self) -> bool {
        self.batch.header.get(53..61) == Some(b"REVERSAL")
    }

    #[allow(clippy::arithmetic_side_effects, reason = "a few digits")]
    fn entry_bank(&mut self, text: &[u8; WIDTH], place: Place, layout: &'static Layout) -> u64 {
        let name = layout.fields.get(2).map_or("", |f| f.name);
        let Some(rdfi) = number(&text[3..11]) else {
            return 0;
        };
        if rdfi == 0 {
            self.field(Rule::EntryRouting, place, (layout, name), String::new);
        } else if text[11].is_ascii_digit() {
            let right = settlement::ids::check_digit(u32::try_from(rdfi).unwrap_or(0));
            if u32::from(text[11] - b'0') != right {
                self.field(
                    Rule::EntryCheckDigit,
                    place,
                    (layout, "check_digit"),
                    || format!("must be {right}"),
                );
            }
        }
        rdfi
    }

    fn entry_amount(
        &mut self,
        text: &[u8; WIDTH],
        code: Option<TransactionCode>,
        flags: u8,
        place: Place,
    ) -> u64 {
        let layout = self.batch.entry_layout;
        let at = (layout, "amount");
        let Some(amount) = number(layout.value("amount", text)) else {
            return 0;
        };
        if amount == 0 && flags & allow::MONEY != 0 {
            self.field(Rule::EntryZero, place, at, String::new);
        }
        if amount != 0 && flags & allow::ZERO != 0 {
            self.field(Rule::EntryNotZero, place, at, String::new);
        }
        let back = flags & allow::RETURN != 0;
        let limit = self.batch.limit;
        if !back && flags & allow::ZERO == 0 && amount > limit {
            self.field(Rule::EntryLimit, place, at, || {
                format!("at most {}", Cents::new(limit))
            });
        }
        let limit = self.batch.same_day_limit;
        if !back && amount > limit {
            self.field(Rule::EntrySameDay, place, at, || {
                format!("at most {}", Cents::new(limit))
            });
        }
        let credit = code.is_some_and(|c| c.direction() == Direction::Credit);
        if self.batch.micro && credit && amount >= 100 {
            self.field(Rule::EntryMicro, place, at, String::new);
        }
        amount
    }

    fn entry_trace(&mut self, text: &[u8; WIDTH], place: Place, layout: &'static Layout) {
        if layout.id == layout::ENTRY_ADV.id {
            return;
        }
        let at = (layout, "trace_number");
        let Some(trace) = number(&text[79..94]) else {
            return;
        };
        if trace % 10_000_000 == 0 {
            self.field(Rule::EntryTraceZero, place, at, String::new);
        }
        if word(text, 79) != self.batch.odfi && self.batch.open {
            self.field(Rule::EntryTraceOdfi, place, at, String::new);
        }
        let tail = number(&text[86..94]).unwrap_or(0);
        let last = self.batch.last_trace;
        let before = self.traces.has(trace);
        self.traces.keep(trace);
        if self.batch.entries > 0 && tail == last {
            self.field(Rule::EntryTraceTwice, place, at, String::new);
        } else if tail < last {
            self.field(Rule::EntryTraceOrder, place, at, || {
                format!("{:07} after {:07}", tail % 10_000_000, last % 10_000_000)
            });
        } else if before {
            self.field(Rule::EntryTraceAgain, place, at, String::new);
        }
        // One trace too high is one fault, not one of every entry after it.
        self.batch.last_trace = tail;
    }

    /// Whether the same was to be paid a little before; only what moves money can be twice.
    fn entry_again(
        &mut self,
        text: &[u8; WIDTH],
        flags: u8,
        place: Place,
        layout: &'static Layout,
    ) {
        if flags & allow::MONEY == 0 {
            return;
        }
        let payment = again::payment(text, self.batch.origin);
        if self.payments.has(payment) {
            self.whole(Rule::EntryAgain, place, layout.id);
        }
        self.payments.keep(payment);
    }

    /// Account number and payment type, which the layout alone cannot judge.
    fn entry_words(&mut self, text: &[u8; WIDTH], place: Place, layout: &'static Layout) {
        for name in ["dfi_account_number", "receiver_account_number"] {
            let value = layout.value(name, text);
            if !value.is_empty() && is_void(value) && value.contains(&b'0') {
                self.field(Rule::EntryAccount, place, (layout, name), String::new);
            }
        }
        if self.batch.types[0] != 0 && !matches!(text[76], b'R' | b'S' | b' ') {
            self.field(
                Rule::EntryPayment,
                place,
                (layout, "payment_type_code"),
                String::new,
            );
        }
    }
}
