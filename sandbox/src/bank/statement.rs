//! The statement of a banking day: what settled, what came back, what was charged.

use super::{
    Bank, BankError, OutFile,
    faults::{Fault, FaultPlan},
    habits::{CURED_AFTER, Listed},
    money::{Movement, Sort},
    sent::Part,
    shape,
    telling::{TWIN, Telling},
};
use crate::chance::{About, draw};
use formats::{
    bai2, camt053,
    statement::{AccountNumber, Detail, Document, Line, Statement, Summary},
};
use jiff::civil::Date;
use settlement::{bank::StatementFormat, calendar, money::SignedCents};

/// Micro-dollars in a cent.
const CENT: i64 = 10_000;

/// Type code of a credit from somebody we do not know. BAI2 142, "ACH Credit Received".
const UNEXPECTED: &str = "142";

/// What a credit nobody expects is at least, and how far it may go above, in cents.
const UNEXPECTED_CENTS: (u64, u64) = (10_000, 4_000_000);

impl Bank {
    /// The statement files that lie in the drop box on `morning`, for the banking day before.
    pub(super) fn statement(&mut self, morning: Date) -> Result<Vec<OutFile>, BankError> {
        let day = calendar::previous_banking_day(morning);
        let movements = self.movements(day);
        let (lines, closing) = self.lines(day, morning, &movements);
        let statement = self.document(day, morning, lines, closing);
        self.balance = closing;
        if self.telling != Telling::default() {
            return self.tell(day, morning, statement);
        }
        let wrong = BankError::of("statement");
        let bytes = match self.terms.format {
            StatementFormat::Bai2 => bai2::write(&statement).map_err(|e| wrong(&e))?,
            StatementFormat::Camt053 => camt053::write(&statement),
        };
        Ok(self.deliver_statement(day, morning, bytes))
    }

    /// Everything that moves on `day` or was left over from days before, in statement order.
    fn movements(&mut self, day: Date) -> Vec<Movement> {
        let mut movements = Vec::new();
        while let Some(entry) = self.settling.first_entry() {
            if *entry.key() > day {
                break;
            }
            for batch in entry.remove() {
                movements.extend(batch.movements(&self.terms));
            }
        }
        while let Some(entry) = self.moving.first_entry() {
            if *entry.key() > day {
                break;
            }
            movements.extend(entry.remove());
        }
        let number = self.day_number(day);
        if self.knows(day) && self.owed.on(&self.plan, Fault::UnexpectedAtBank, number, 0) > 0 {
            let credit = self.unexpected(day);
            self.cure(day, credit.clone().back());
            movements.push(credit);
        }
        if self.telling.no_references && self.knows(day) {
            movements.extend(self.twins());
        }
        movements.extend(self.fees());
        let says = shape::Says {
            naming: self.habits.naming,
            files: &self.sent_as,
        };
        let mut movements = shape::told(&self.terms, day, movements, &says);
        if self.habits.spreads {
            let rests = movements.extract_if(.., |one| one.rest && one.value != Some(day));
            let next = calendar::next_banking_day(day);
            let rests = rests.map(|one| Movement {
                value: Some(next),
                ..one
            });
            let rests: Vec<_> = rests.collect();
            self.moving.entry(next).or_default().extend(rests);
        }
        movements.sort();
        movements
    }

    /// Whether `day` is one of the plan's: the day before the first is not.
    pub(super) fn knows(&self, day: Date) -> bool {
        self.first_day.is_some_and(|first| first <= day)
    }

    /// Puts money right that moved wrongly on `day`, where that is the bank's habit.
    pub(super) fn cure(&mut self, day: Date, line: Movement) {
        if self.habits.cures {
            let on = calendar::add_banking_days(day, CURED_AFTER);
            self.moving.entry(on).or_default().push(line);
        }
    }

    /// Two deposits of which nothing tells the one from the other.
    fn twins(&self) -> [Movement; 2] {
        let (code, cents, text) = TWIN;
        let twin = Movement {
            sort: Sort::Unexpected,
            type_code: code.to_owned(),
            cents,
            text: text.to_owned(),
            ..Movement::default()
        };
        [twin.clone(), twin]
    }

    fn unexpected(&self, day: Date) -> Movement {
        let name = u64::from(day.day_of_year().unsigned_abs());
        let luck = draw(
            self.seed,
            About::Unexpected,
            name,
            u64::from(day.year().unsigned_abs()),
        );
        let cents = UNEXPECTED_CENTS.0 + luck % UNEXPECTED_CENTS.1;
        Movement {
            sort: Sort::Unexpected,
            type_code: UNEXPECTED.to_owned(),
            cents: i64::try_from(cents).expect("a small amount was drawn"),
            text: "ACH CREDIT RECEIVED MISDIRECTED".to_owned(),
            ..Movement::default()
        }
    }

    /// The day's charge in whole cents; what is left of one goes to the next.
    fn fees(&mut self) -> Option<Movement> {
        let cents = (self.fees_due + CENT / 2) / CENT;
        if cents == 0 {
            return None;
        }
        self.fees_due -= cents * CENT;
        Some(Movement {
            sort: Sort::Fee,
            type_code: self.terms.fee.clone(),
            cents: -cents,
            text: "ACH FEES".to_owned(),
            ..Movement::default()
        })
    }

    /// The statement's lines with their bank references, and the balance they lead to.
    fn lines(
        &mut self,
        day: Date,
        morning: Date,
        movements: &[Movement],
    ) -> (Vec<Line>, SignedCents) {
        let mut lines = Vec::with_capacity(movements.len() + 4);
        self.told.lines_before = std::mem::take(&mut self.told.lines);
        let mut closing = self.balance.get();
        for (at, movement) in movements.iter().enumerate() {
            let line = Line {
                type_code: movement.type_code.clone(),
                amount: SignedCents::new(movement.cents),
                value_date: Some(movement.value.unwrap_or(day)),
                booked: Some(day),
                bank_reference: self.reference(day, at, movement),
                customer_reference: movement.customer_reference.clone(),
                text: movement.text.clone(),
                details: self.details(movement),
                ..Line::default()
            };
            if movement.sort == Sort::Unexpected && movement.text != TWIN.2 {
                let key = line.bank_reference.clone();
                let (fault, note) = match movement.type_code == self.terms.wires.0 {
                    true => (Fault::WireUnannounced, "a wire that nobody announced"),
                    false => (Fault::UnexpectedAtBank, "a credit of no origin of ours"),
                };
                self.plant(fault, key, movement.cents, morning, note);
            }
            self.remember_line(movement, &line.bank_reference);
            self.think_of_line(day, movement, &line.bank_reference);
            let times = if movement.twice { 2 } else { 1 };
            for _ in 0..times {
                closing += movement.cents;
                lines.push(line.clone());
            }
        }
        (lines, SignedCents::new(closing))
    }

    /// The bank's reference of a line. Of what nobody expects it is one of its own in any case.
    fn reference(&self, day: Date, at: usize, movement: &Movement) -> String {
        let own = movement.sort == Sort::Unexpected || !self.habits.recurring;
        match (movement.repeats.is_empty(), own) {
            (false, _) => movement.repeats.clone(),
            (true, true) => format!("SB{}{:06}", day.strftime("%y%m%d"), at + 1),
            (true, false) => format!("SB{:06}", at + 1),
        }
    }

    /// Keeps what a later statement may say that it takes back, where that is the bank's way.
    fn remember_line(&mut self, movement: &Movement, reference: &str) {
        // What came in two lines is not taken back by one.
        let whole = movement.answers.iter().map(|(_, cents)| cents).sum::<i64>();
        if whole == movement.cents && self.telling.wrong_reversals {
            let line = (reference.to_owned(), movement.clone());
            self.told.lines.push(line);
        }
    }

    /// What a line lists of what it is made of.
    pub(super) fn details(&self, movement: &Movement) -> Vec<Detail> {
        let named = |part: &Part| {
            let (reference, others) = match self.habits.listed {
                Listed::Ids if !part.id.is_empty() => (String::new(), vec![part.id.clone()]),
                _ => (part.reference.clone(), Vec::new()),
            };
            let references = others.into_iter().chain([reference.clone()]);
            Detail {
                amount: Some(SignedCents::new(part.cents)),
                references: references.filter(|one| !one.is_empty()).collect(),
                reference,
                ..Detail::default()
            }
        };
        match self.habits.listed {
            Listed::Nothing => Vec::new(),
            _ => movement.parts.iter().map(named).collect(),
        }
    }

    fn document(
        &self,
        day: Date,
        morning: Date,
        lines: Vec<Line>,
        closing: SignedCents,
    ) -> Document {
        let total = |positive: bool| {
            let side = lines
                .iter()
                .map(|l| l.amount.get())
                .filter(|c| (*c > 0) == positive);
            let (count, cents) = side.fold((0u64, 0i64), |(n, sum), cents| (n + 1, sum + cents));
            (Some(count), Some(SignedCents::new(cents)))
        };
        let summary = |code: &str, (count, amount)| Summary {
            code: code.to_owned(),
            amount,
            count,
            ..Summary::default()
        };
        let summaries = vec![summary("100", total(true)), summary("400", total(false))];
        let statement = Statement {
            account: AccountNumber::new(self.terms.account.clone()),
            currency: self.terms.currency.as_str().to_owned(),
            as_of: Some(day),
            opening: Some(self.balance),
            closing: Some(closing),
            summaries,
            lines,
            ..Statement::default()
        };
        Document {
            format: String::new(),
            sender: self.terms.bank.to_string(),
            receiver: self.terms.customer.trim().to_owned(),
            file_id: day.strftime("%y%m%d").to_string(),
            created: Some(morning),
            statements: vec![statement],
            ..Document::default()
        }
    }

    /// Puts the statement into the drop box: torn first, or twice, where a fault is due.
    fn deliver_statement(&mut self, day: Date, morning: Date, bytes: Vec<u8>) -> Vec<OutFile> {
        let name = |hour: u32| {
            let kind = match self.terms.format {
                StatementFormat::Bai2 => "bai",
                StatementFormat::Camt053 => "xml",
            };
            format!("{morning}-{hour:02}00-statement-{day}.{kind}")
        };
        let (first, second) = (name(5), name(6));
        let number = self.day_number(day);
        let busy = self.knows(day);
        let torn = busy && FaultPlan::tears_statements(number);
        if torn && self.owed.on(&self.plan, Fault::ControlTotal, number, 0) > 0 {
            let torn = bytes[..bytes.len() / 2].to_vec();
            let note = "a statement cut in the middle; the whole one follows an hour later";
            self.plant(Fault::ControlTotal, first.clone(), 0, morning, note);
            return vec![
                OutFile {
                    name: first,
                    bytes: torn,
                },
                OutFile {
                    name: second,
                    bytes,
                },
            ];
        }
        let mut files = vec![OutFile { name: first, bytes }];
        if busy && self.owed.on(&self.plan, Fault::DupFile, number, 0) > 0 {
            let note = "the same statement again under another name";
            self.plant(Fault::DupFile, second.clone(), 0, morning, note);
            files.push(OutFile {
                name: second,
                bytes: files[0].bytes.clone(),
            });
        }
        files
    }
}
