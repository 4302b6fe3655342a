//! The returns and notifications of change of a morning, as one NACHA file.
//!
//! A return repeats its batch header and entry but for what the rules change: the originating
//! bank is the one that received the original, the receiving bank is ours, the transaction code
//! is that of a return, the trace is a new one. Entries of one receiving bank and one batch
//! share a batch; returns and notifications never do.

use super::{
    Bank, BankError, OutFile,
    faults::{Fault, FaultPlan, Planted},
    money,
    notice::Notice,
    sent::{Entry, Header, Reason},
};
use crate::{
    chance::{About, draw},
    names,
};
use jiff::civil::Date;
use settlement::bank::shape::Returns;
use settlement::{
    calendar,
    codes::sec::SecCode,
    ids::{BatchKey, TRACE_SEQUENCE_MAX},
};
use std::collections::BTreeMap;

/// Sequence numbers of entries we never sent start here: ours do not get that far in a demo.
const NEVER_SENT: u32 = 9_990_000;

/// The number of a batch that nobody sent.
const NOBODY: u32 = 9_999_999;

impl Bank {
    /// The return files that lie in the drop box on `morning`; their money moves on that day.
    pub(super) fn returns(&mut self, morning: Date) -> Result<Vec<OutFile>, BankError> {
        let mut notices = Vec::new();
        while let Some(entry) = self.returning.first_entry() {
            if *entry.key() > morning {
                break;
            }
            notices.extend(entry.remove());
        }
        notices.extend(self.never_sent(morning));
        if notices.is_empty() {
            return Ok(Vec::new());
        }
        notices.sort_by(|a, b| (a.group(), a.entry.trace).cmp(&(b.group(), b.entry.trace)));
        let traces = traces(morning, &notices, self.habits.recurring);
        let mut all: Vec<_> = notices.iter().zip(traces).collect();
        // Within a batch the traces ascend.
        all.sort_by(|(a, one), (b, other)| (a.group(), one).cmp(&(b.group(), other)));
        let again: Vec<_> = all
            .iter()
            .filter(|(notice, _)| notice.twice)
            .copied()
            .collect();
        let mut files = vec![self.return_file(morning, b'A', &all)?];
        if let Some(torn) = self.tear(morning, &mut files[0]) {
            files.insert(0, torn);
        }
        if !again.is_empty() {
            files.push(self.return_file(morning, b'B', &again)?);
        }
        // The whole one names the money, where a torn one came before it.
        let whole = usize::from(files.len() > 1 && files[0].bytes.len() < files[1].bytes.len());
        let name = files[whole].name.clone();
        self.book(morning, &notices, &name);
        if self.habits.money_first {
            let next = calendar::next_banking_day(morning);
            self.post.entry(next).or_default().extend(files);
            return Ok(Vec::new());
        }
        Ok(files)
    }

    /// Where a torn return file is due: the first half of `file` under its name; the whole file
    /// comes an hour later under another.
    fn tear(&mut self, morning: Date, file: &mut OutFile) -> Option<OutFile> {
        let number = self.day_number(morning);
        let due = self.owed.on(&self.plan, Fault::ControlTotal, number, 0) > 0;
        if !due || FaultPlan::tears_statements(number) {
            return None;
        }
        let half = file.bytes[..file.bytes.len() / 2].to_vec();
        let torn = OutFile {
            name: file.name.clone(),
            bytes: half,
        };
        file.name = file.name.replace("-0630-", "-0730-");
        let note = "a return file cut in the middle; the whole one follows an hour later";
        self.plant(Fault::ControlTotal, torn.name.clone(), 0, morning, note);
        Some(torn)
    }

    /// What a habit brings is found by name, as if it were a fault.
    fn remember(&mut self, morning: Date, notice: &Notice) {
        let (kind, note) = match (notice.wrong, notice.billed) {
            _ if notice.is_dispute() => return,
            (true, _) => (Fault::ReturnUnmatched, "a return of a wrong trace"),
            (false, false) => (Fault::DupEntry, "a return told again"),
            _ => return,
        };
        self.planted.push(Planted {
            kind,
            key: format!("{:015}", notice.original_trace()),
            cents: notice.entry.signed(),
            date: morning,
            note: note.to_owned(),
        });
    }

    /// The money and the fees of a morning's notices.
    fn book(&mut self, morning: Date, notices: &[Notice], file: &str) {
        let told = match self.habits.money_first {
            true => calendar::next_banking_day(morning),
            false => morning,
        };
        for notice in notices {
            self.remember(told, notice);
            if let (NOBODY, Reason::Return(code)) = (notice.batch.number(), &notice.reason) {
                let line = money::returned(notice, *code, &self.terms, file);
                self.cure(morning, line.back());
            }
        }
        let mut fees = 0;
        for notice in notices {
            let bills = i64::from(notice.billed);
            if let Reason::Return(code) = notice.reason {
                if notice.moves {
                    self.moves_back(morning, notice, code, file);
                }
                fees += self.terms.prices.returned * bills;
            } else {
                fees += self.terms.prices.change;
            }
        }
        // They are charged on the day of their file.
        match told == morning {
            true => self.fees_due += fees,
            false => *self.charged_later.entry(told).or_default() += fees,
        }
    }

    /// The money of a return, on the day of its file or the one after; twice where that is due.
    fn moves_back(&mut self, morning: Date, notice: &Notice, code: u8, file: &str) {
        let netted = self.terms.shape_on(morning).returns == Returns::Netted;
        let on = match self.habits.money_later && !netted {
            true => calendar::next_banking_day(morning),
            false => morning,
        };
        let mut line = money::returned(notice, code, &self.terms, file);
        if notice.doubled {
            let told = calendar::next_banking_day(on);
            let note = "a return whose money moves twice";
            let key = line.customer_reference.clone();
            self.plant(Fault::ReturnTwice, key, line.cents, told, note);
            self.cure(on, line.clone().back());
            (line.twice, line.answers) = (true, Vec::new());
        }
        self.moving.entry(on).or_default().push(line);
    }

    /// A return of an entry we never sent, where one is due.
    fn never_sent(&mut self, morning: Date) -> Option<Notice> {
        let number = self.day_number(morning);
        let lumped = self.terms.shape_on(morning).returns != Returns::Each;
        if lumped || self.owed.on(&self.plan, Fault::ReturnUnmatched, number, 0) == 0 {
            return None;
        }
        let before = calendar::previous_banking_day(morning);
        let key = BatchKey::new(before, b'Z', NOBODY).ok()?;
        let luck = draw(self.seed, About::Unexpected, key.key().unsigned_abs(), 1);
        let sequence = NEVER_SENT + u32::try_from(luck % 9_000).unwrap_or(0);
        let trace = u64::from(self.terms.odfi.get()) * u64::from(TRACE_SEQUENCE_MAX + 1)
            + u64::from(sequence);
        let entry = Entry {
            trace,
            code: 27,
            rdfi: names::bank((luck >> 16) as u32).dfi().get(),
            account: names::account(luck, 10),
            cents: 1_000 + (luck >> 20) % 200_000,
            individual_id: String::new(),
            name: names::person((luck >> 8) as u32),
            discretionary: String::new(),
        };
        let header = Header {
            company_name: self.terms.company_name.clone(),
            discretionary: String::new(),
            company_id: self.terms.company_id.clone(),
            sec: SecCode::Ppd,
            description: "PAYMENT".to_owned(),
            descriptive_date: String::new(),
            effective: before,
        };
        let key_text = format!("{trace:015}");
        let note = "a return of an entry we never sent, with its money";
        self.plant(
            Fault::ReturnUnmatched,
            key_text,
            entry.signed(),
            morning,
            note,
        );
        Some(Notice::of(header, key, entry, Reason::Return(3)))
    }

    /// The corrected data of a notification of change, in the columns of its code.
    pub(super) fn corrected(&self, entry: &Entry, code: u8) -> String {
        let luck = draw(self.seed, About::Corrected, entry.trace, u64::from(code));
        let routing = names::bank((luck >> 40) as u32);
        let account = names::account(luck, 10);
        match code {
            1 => account,
            2 => routing.to_string(),
            3 => format!("{routing}   {account}"),
            // The same purpose on the other kind of account: checking 2x, savings 3x.
            _ => {
                let series = if entry.code / 10 == 2 { 3 } else { 2 };
                format!("{series}{}", entry.code % 10)
            }
        }
    }
}

/// Traces a returning bank keeps for each day of the year.
const TRACES_A_DAY: u64 = 20_000;

/// The traces the returning banks give, one for each notice: each bank counts its own, some from
/// one again each day.
fn traces(morning: Date, notices: &[Notice], recurring: bool) -> Vec<u64> {
    let day = if recurring {
        0
    } else {
        morning.day_of_year().unsigned_abs()
    };
    let first = u64::from(day) * TRACES_A_DAY;
    let mut used: BTreeMap<u32, u64> = BTreeMap::new();
    let mut traces = Vec::with_capacity(notices.len());
    for notice in notices {
        let count = used.entry(notice.entry.rdfi).or_insert(0);
        *count += 1;
        let sequence = (first + *count) % u64::from(TRACE_SEQUENCE_MAX);
        let next = u64::from(notice.entry.rdfi) * u64::from(TRACE_SEQUENCE_MAX + 1) + sequence;
        traces.push(notice.by.unwrap_or(next));
    }
    traces
}
