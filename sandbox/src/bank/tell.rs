//! A day's statement as files, by the bank's habits of telling.

use super::faults::{Fault, Planted};
use super::money::{Movement, Sort};
use super::second::reversal;
use super::telling::{STRANGER, Telling};
use super::{Bank, BankError, OutFile};
use crate::chance::{About, draw};
use formats::statement::{AccountNumber, Document, Line, Page, Purpose, Statement};
use formats::{bai2, camt053};
use jiff::civil::Date;
use settlement::bank::StatementFormat;
use settlement::money::SignedCents;

/// Banking days on which a habit shows that does not show each day: all of it has come in a week.
const HABIT_DAYS: u32 = 3;

/// A credit of somebody else's, which a wrong statement has.
const MISDIRECTED: (&str, i64, &str) = ("142", 7_777, "MISDIRECTED");

impl Bank {
    /// The same bank with habits of telling.
    #[must_use]
    pub fn telling(mut self, telling: Telling) -> Bank {
        self.telling = telling;
        self
    }

    /// The files of a morning: what the statement of `day` is told in, and what was held.
    pub(super) fn tell(
        &mut self,
        day: Date,
        morning: Date,
        document: Document,
    ) -> Result<Vec<OutFile>, BankError> {
        let mut ours = document.statements.first().cloned().unwrap_or_default();
        if self.telling.numbered {
            self.told.number += 1;
            ours.numbers.electronic = Some(self.told.number);
        }
        let chosen = self.knows(day) && self.draws(day);
        let (told, is_wrong) = self.told_first(&ours, morning, chosen);
        let mut files = Vec::new();
        for (page, statement) in pages_of(&told, self.telling.pages).into_iter().enumerate() {
            let mut statements = vec![statement];
            if self.telling.overlaps {
                let before = self.told.before.iter();
                let before = before.flat_map(|file| match self.terms.format {
                    StatementFormat::Bai2 => bai2::read(file).statements,
                    StatementFormat::Camt053 => camt053::read(file).statements,
                });
                statements.splice(0..0, before);
            }
            if self.telling.strangers {
                statements.insert(0, stranger(day));
            }
            let document = Document {
                file_id: format!("{}{page}", document.file_id),
                statements,
                ..document.clone()
            };
            let hour = 5 + page;
            let name = format!("{morning}-{hour:02}00-statement-{day}");
            let late = chosen && (self.telling.late || (self.telling.pages && page > 0));
            for file in self.written(&name, &document)? {
                match late {
                    true => self.told.held.push((morning, file.name, file.bytes)),
                    false => files.push(file),
                }
            }
        }
        if is_wrong {
            self.hold_correction((day, morning), &document, &ours)?;
        }
        let right = Document {
            statements: vec![ours],
            ..Document::default()
        };
        let wrong = BankError::of("statement");
        self.told.before = Some(match self.terms.format {
            StatementFormat::Bai2 => bai2::write(&right).map_err(|e| wrong(&e))?,
            StatementFormat::Camt053 => camt053::write(&right),
        });
        files.extend(self.released(morning));
        Ok(files)
    }

    /// Keeps a day's correction for the next morning.
    fn hold_correction(
        &mut self,
        (day, morning): (Date, Date),
        document: &Document,
        ours: &Statement,
    ) -> Result<(), BankError> {
        let corrected = Statement {
            purpose: Purpose::Correction,
            ..ours.clone()
        };
        let document = Document {
            file_id: format!("{}C", document.file_id),
            statements: vec![corrected],
            ..document.clone()
        };
        let name = format!("{morning}-0700-corrected-{day}");
        let files = self.written(&name, &document)?.into_iter();
        let held = files.map(|file| (morning, file.name, file.bytes));
        self.told.held.extend(held);
        Ok(())
    }

    /// What was held on an earlier morning: a page or a correction for one morning, a late
    /// statement for two, so that the next day's comes before it.
    fn released(&mut self, morning: Date) -> Vec<OutFile> {
        let mornings = if self.telling.late { 2 } else { 1 };
        let due =
            |since: Date| settlement::calendar::banking_days_between(since, morning) >= mornings;
        let held = std::mem::take(&mut self.told.held);
        let (out, held): (Vec<_>, Vec<_>) = held.into_iter().partition(|held| due(held.0));
        self.told.held = held;
        let out = out.into_iter();
        out.map(|(_, name, bytes)| OutFile { name, bytes })
            .collect()
    }

    /// Whether a habit that does not show each day shows on this one.
    fn draws(&self, day: Date) -> bool {
        let (year, nth) = (day.year().unsigned_abs(), day.day_of_year().unsigned_abs());
        let luck = draw(self.seed, About::Telling, nth.into(), year.into());
        self.day_number(day) < HABIT_DAYS && !luck.is_multiple_of(3)
    }

    /// The day as it is told at first, and whether it is wrong so.
    fn told_first(&mut self, ours: &Statement, morning: Date, chosen: bool) -> (Statement, bool) {
        let mut told = ours.clone();
        if self.telling.no_references {
            for line in &mut told.lines {
                line.bank_reference = "NONREF".to_owned();
            }
        }
        if !chosen {
            return (told, false);
        }
        let mut wrong: Vec<Line> = Vec::new();
        if self.telling.corrections {
            told.lines.pop();
            wrong.push(self.misdirected(told.lines.len(), morning));
        }
        if self.telling.wrong_reversals {
            wrong.extend(self.wrong_reversal(morning));
        }
        if wrong.is_empty() {
            return (told, false);
        }
        let (value_date, booked) = (told.as_of, told.as_of);
        let dated = wrong.into_iter().map(|line| Line {
            value_date,
            booked,
            ..line
        });
        told.lines.extend(dated);
        let movement = told.movement().unwrap_or_default();
        told.closing = told
            .opening
            .and_then(|opening| opening.checked_add(movement));
        told.summaries.clear();
        (told.clone().with_totals().unwrap_or(told), true)
    }

    /// A credit of somebody else's.
    fn misdirected(&mut self, number: usize, morning: Date) -> Line {
        let (code, cents, text) = MISDIRECTED;
        let bank_reference = format!("SBX{number}");
        self.planted.push(Planted {
            kind: Fault::UnexpectedAtBank,
            key: bank_reference.clone(),
            cents,
            date: morning,
            note: "a credit that the corrected statement does not have".to_owned(),
        });
        Line {
            type_code: code.to_owned(),
            amount: SignedCents::new(cents),
            bank_reference,
            text: text.to_owned(),
            ..Line::default()
        }
    }

    /// A line that takes back, by its reference, what the statement before had and what stands.
    fn wrong_reversal(&mut self, morning: Date) -> Option<Line> {
        let luck = |reference: &String| {
            let name = reference.bytes().map(u64::from).sum();
            draw(self.seed, About::Telling, name, 2)
        };
        let stands = |line: &Movement| {
            line.sort == Sort::Settlement
                && !line.answers.is_empty()
                && !line.answers.iter().any(|(key, _)| self.has_planted(key))
        };
        let lines = self.told.lines_before.iter();
        let lines = lines.filter(|(_, line)| stands(line));
        let (reference, line) = lines.min_by_key(|(name, _)| luck(name)).cloned()?;
        self.undone(&line, morning, "a settlement taken back that never was");
        let back = reversal(&line);
        Some(Line {
            amount: SignedCents::new(back.cents),
            details: self.details(&back),
            type_code: back.type_code,
            bank_reference: reference,
            customer_reference: back.customer_reference,
            text: back.text,
            ..Line::default()
        })
    }

    fn written(&self, name: &str, document: &Document) -> Result<Vec<OutFile>, BankError> {
        let wrong = BankError::of("statement");
        let formats: &[StatementFormat] = match self.telling.both_formats {
            true => &[StatementFormat::Bai2, StatementFormat::Camt053],
            false => &[self.terms.format],
        };
        let mut files = Vec::new();
        for format in formats {
            let (bytes, kind) = match format {
                StatementFormat::Bai2 => (bai2::write(document).map_err(|e| wrong(&e))?, "bai"),
                StatementFormat::Camt053 => (camt053::write(document), "xml"),
            };
            let bytes = match self.telling.one_line && kind == "xml" {
                true => bytes.into_iter().filter(|byte| *byte != b'\n').collect(),
                false => bytes,
            };
            let name = format!("{name}.{kind}");
            files.push(OutFile { name, bytes });
        }
        Ok(files)
    }
}

/// The statement of an account that is none of ours.
fn stranger(day: Date) -> Statement {
    let (account, currency, cents) = STRANGER;
    let moves = |cents: i64| Line {
        type_code: if cents < 0 { "455" } else { "142" }.to_owned(),
        amount: SignedCents::new(cents),
        value_date: Some(day),
        booked: Some(day),
        bank_reference: format!("EX{}", cents.unsigned_abs()),
        text: "TRANSFER".to_owned(),
        ..Line::default()
    };
    let opening = SignedCents::new(i64::from(day.day_of_year()) * cents);
    let statement = Statement {
        account: AccountNumber::new(account),
        currency: currency.to_owned(),
        as_of: Some(day),
        opening: Some(opening),
        closing: opening.checked_add(SignedCents::new(cents)),
        lines: vec![moves(2 * cents), moves(-cents)],
        ..Statement::default()
    };
    statement.clone().with_totals().unwrap_or(statement)
}

/// A day in two pages, where it has lines for two: what is between them is an interim balance.
fn pages_of(whole: &Statement, pages: bool) -> Vec<Statement> {
    if !pages || whole.lines.len() < 2 {
        return vec![whole.clone()];
    }
    let (first, second) = whole.lines.split_at(whole.lines.len() / 2);
    let mut opening = whole.opening;
    let page = |number: u32, lines: &[Line]| {
        let last = number == 2;
        let mut page = Statement {
            opening,
            lines: lines.to_vec(),
            summaries: Vec::new(),
            page: Some(Page { number, last }),
            more: !last,
            ..whole.clone()
        };
        let movement = page.movement().unwrap_or_default();
        page.closing = opening.and_then(|opening| opening.checked_add(movement));
        opening = page.closing;
        page.clone().with_totals().unwrap_or(page)
    };
    let mut page = page;
    vec![page(1, first), page(2, second)]
}
