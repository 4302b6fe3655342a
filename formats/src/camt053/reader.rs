//! Elements to statements.

use crate::camt053::elements::{Element, Visitor, walk};
use crate::camt053::entry::Entry;
use crate::camt053::fields::{Signed, amount, date};
use crate::camt053::pages::Pages;
use crate::finding::{Place, Severity};
use crate::statement::{AccountNumber, Document, Findings, Purpose, Statement, Summary};
use jiff::civil::Date;
use settlement::exact::Exact;
use settlement::money::SignedCents;

/// Opening booked balance, and the name it has where it repeats the day before's closing.
const OPENING: &str = "OPBD";
const PREVIOUS: &str = "PRCD";
/// Closing booked balance.
const CLOSING: &str = "CLBD";
/// A balance between two pages: the closing of one and the opening of the next.
const INTERIM: &str = "ITBD";

/// Reads a whole file. Never fails: what is wrong is among the findings.
///
/// ```
/// let document = formats::camt053::read(b"<Document><BkToCstmrStmt/></Document>");
/// assert!(document.statements.is_empty());
/// assert_eq!(document.findings.first_error().map(|f| f.rule), Some("NO_STATEMENT"));
/// ```
pub fn read(bytes: &[u8]) -> Document {
    let mut reader = Reader::default();
    let mut findings = Findings::default();
    walk(bytes, &mut reader, &mut findings);
    // What was read before the file broke off is given; the finding says that it is not all.
    if let Some(mut open) = reader.open.take() {
        open.torn = true;
        reader.finish(open, &mut findings);
    }
    let mut document = reader.document;
    if document.statements.is_empty() {
        let place = Place {
            line: 1,
            column: 1,
            byte: 0,
        };
        let why = "the file has no statement: it is empty, or another message";
        findings.add(place.finding("NO_STATEMENT", Severity::Error, "file", why));
    }
    document.findings = findings;
    document
}

/// A balance that is being read.
#[derive(Default)]
struct Balance {
    code: String,
    signed: Signed,
    currency: String,
    date: Option<Date>,
}

/// What `TxsSummry` says.
#[derive(Default)]
struct Said {
    entries: Option<u64>,
    credits: Option<i64>,
    debits: Option<i64>,
}

/// A statement that is being read.
struct Open {
    statement: Statement,
    place: Place,
    /// How deep its element lies.
    depth: usize,
    balance: Option<Balance>,
    entry: Option<Entry>,
    said: Said,
    entries: u64,
    credits: i128,
    debits: i128,
    /// The closing balance's day, or the best there is, with how good it is.
    as_of: Option<(u8, Date)>,
    other_currency: bool,
    /// Interim balances, in the order in which they stand.
    interim: Vec<Option<SignedCents>>,
    pages: Pages,
    /// Whether the file ends inside it.
    torn: bool,
}

#[derive(Default)]
struct Reader {
    document: Document,
    open: Option<Open>,
    /// Pages of the message.
    pages: Pages,
    /// Errors found before the statement that is being read.
    errors: u64,
}

impl Visitor for Reader {
    fn schema(&mut self, schema: &str) {
        self.document.format = schema.to_owned();
    }

    fn open(&mut self, path: &[&'static str], place: Place) {
        match &mut self.open {
            None => {
                if let [.., parent, "Stmt" | "Rpt" | "Ntfctn"] = path {
                    if self.document.format.is_empty() {
                        self.document.format = format_of(parent).to_owned();
                    }
                    let mut open = Open::new(place, path.len());
                    if path.last() != Some(&"Stmt") {
                        open.statement.purpose = Purpose::Intraday;
                    }
                    self.open = Some(open);
                }
            }
            Some(open) => match path.get(open.depth..).unwrap_or_default() {
                ["Bal"] => open.balance = Some(Balance::default()),
                ["Ntry"] => open.entry = Some(Entry::new(place)),
                ["Ntry", inside @ ..] => {
                    if let Some(entry) = &mut open.entry {
                        entry.open(inside);
                    }
                }
                _ => {}
            },
        }
    }

    fn close(&mut self, element: &Element, findings: &mut Findings) {
        let Some(open) = &mut self.open else {
            return self.close_header(element, findings);
        };
        match element.path.get(open.depth..).unwrap_or_default() {
            [] => {
                if let Some(open) = self.open.take() {
                    self.finish(open, findings);
                }
            }
            ["Acct", "Svcr", "FinInstnId", "BIC" | "BICFI" | "Nm"] => {
                if self.document.sender.is_empty() {
                    self.document.sender = element.text.to_owned();
                }
            }
            path => open.close(path, element, findings),
        }
    }
}

fn format_of(parent: &str) -> &'static str {
    match parent {
        "BkToCstmrAcctRpt" => "camt.052",
        "BkToCstmrDbtCdtNtfctn" => "camt.054",
        _ => "camt.053",
    }
}

impl Reader {
    fn close_header(&mut self, element: &Element, findings: &mut Findings) {
        match element.path {
            [.., "GrpHdr", "MsgId"] => self.document.file_id = element.text.to_owned(),
            [.., "GrpHdr", "CreDtTm"] => self.document.created = date(element, findings),
            [.., "GrpHdr", "MsgRcpt", "Nm"] => self.document.receiver = element.text.to_owned(),
            [.., "GrpHdr", "MsgPgntn", inside] => self.pages.close(inside, element.text),
            _ => {}
        }
        self.errors = findings.errors();
    }

    fn finish(&mut self, mut open: Open, findings: &mut Findings) {
        let place = open.place;
        open.take_interim();
        let more = open.statement.more || open.pages.is_followed();
        let page = open.pages.page().or(self.pages.page());
        // What is said of all pages is said of each, so a page's own figures may be those of all.
        if page.is_none() {
            open.check_totals(findings);
        }
        let mut statement = open.statement;
        (statement.page, statement.more) = (page, more);
        statement.as_of = open.as_of.map(|(_, date)| date);
        if open.other_currency {
            let why = "amounts in several currencies: the balance is not checked; ask the bank";
            findings.add(place.finding("CURRENCY", Severity::Error, "Ccy", why));
        } else if let (Err(why), None) = (statement.check_balance(), page) {
            findings.add(place.finding("BALANCE_ASSERTION", Severity::Error, "Bal", why));
        }
        // The file breaks off in it: that is about all of the file.
        if !open.torn {
            statement.errors = findings.errors().less(self.errors);
        }
        self.errors = findings.errors();
        self.document.statements.push(statement);
    }
}

impl Open {
    fn new(place: Place, depth: usize) -> Open {
        Open {
            statement: Statement {
                line: place.line,
                ..Statement::default()
            },
            place,
            depth,
            balance: None,
            entry: None,
            said: Said::default(),
            entries: 0,
            credits: 0,
            debits: 0,
            as_of: None,
            other_currency: false,
            interim: Vec::new(),
            pages: Pages::default(),
            torn: false,
        }
    }

    /// What the summary says of the entries, held against them.
    fn check_totals(&self, findings: &mut Findings) {
        let said = [
            (
                "NbOfNtries",
                self.said.entries.map(i128::from),
                i128::from(self.entries),
            ),
            (
                "TtlCdtNtries",
                self.said.credits.map(i128::from),
                self.credits,
            ),
            (
                "TtlDbtNtries",
                self.said.debits.map(i128::from),
                self.debits,
            ),
        ];
        for (field, said, found) in said {
            if said.is_some_and(|said| said != found) {
                let why = format!(
                    "the summary says {}, the entries make {found}: ask the bank for the file \
                     again",
                    said.unwrap_or(0)
                );
                findings.add(
                    self.place
                        .finding("CONTROL_TOTAL", Severity::Error, field, why),
                );
            }
        }
    }

    /// Gives interim balances their place: the first opens a page that has no other opening, the
    /// last closes one that has no other closing.
    fn take_interim(&mut self) {
        let mut interim = self.interim.iter().copied();
        let statement = &mut self.statement;
        match (statement.opening, statement.closing, self.interim.len()) {
            (None, Some(_), _) => statement.opening = interim.next().flatten(),
            (None, None, 2..) => {
                statement.opening = interim.next().flatten();
                (statement.closing, statement.more) = (interim.next_back().flatten(), true);
            }
            (Some(_), None, 1..) => {
                (statement.closing, statement.more) = (interim.next_back().flatten(), true);
            }
            _ => {}
        }
        let code = || INTERIM.to_owned();
        statement.summaries.extend(interim.map(|amount| Summary {
            code: code(),
            amount,
            ..Summary::default()
        }));
    }

    fn close(&mut self, path: &[&'static str], element: &Element, findings: &mut Findings) {
        match path {
            ["Acct", "Id", "IBAN"] | ["Acct", "Id", "Othr", "Id"] => {
                self.statement.account = AccountNumber::new(element.text);
            }
            ["Acct", "Ccy"] => self.statement.currency = element.text.to_owned(),
            ["CreDtTm"] => self.know_date(0, element, findings),
            ["FrToDt", "ToDtTm"] => self.know_date(2, element, findings),
            ["ElctrncSeqNb"] => self.statement.numbers.electronic = element.text.parse().ok(),
            ["LglSeqNb"] => self.statement.numbers.legal = element.text.parse().ok(),
            ["StmtPgntn", inside] => self.pages.close(inside, element.text),
            ["TxsSummry", "TtlNtries", "NbOfNtries"] => {
                self.said.entries = element.text.parse().ok();
            }
            ["TxsSummry", "TtlCdtNtries", "Sum"] => self.said.credits = amount(element, findings),
            ["TxsSummry", "TtlDbtNtries", "Sum"] => self.said.debits = amount(element, findings),
            ["Bal"] => self.close_balance(element.place, findings),
            ["Bal", inside @ ..] => self.close_in_balance(inside, element, findings),
            ["Ntry"] => self.close_entry(findings),
            ["Ntry", inside @ ..] => {
                if let Some(entry) = &mut self.entry {
                    entry.close(inside, element, findings);
                }
            }
            _ => {}
        }
    }

    fn know_date(&mut self, rank: u8, element: &Element, findings: &mut Findings) {
        if let Some(date) = date(element, findings) {
            self.rank_date(rank, date);
        }
    }

    fn rank_date(&mut self, rank: u8, date: Date) {
        if self.as_of.is_none_or(|(known, _)| rank >= known) {
            self.as_of = Some((rank, date));
        }
    }

    fn close_in_balance(&mut self, path: &[&str], element: &Element, findings: &mut Findings) {
        let Some(balance) = &mut self.balance else {
            return;
        };
        match path {
            ["Tp", "CdOrPrtry", "Cd" | "Prtry"] => balance.code = element.text.to_owned(),
            ["Amt"] => {
                balance.signed.set_amount(element, findings);
                balance.currency = element.currency.to_owned();
            }
            ["CdtDbtInd"] => balance.signed.set_indicator(element, findings),
            ["Dt", "Dt" | "DtTm"] => balance.date = date(element, findings),
            _ => {}
        }
    }

    fn close_balance(&mut self, place: Place, findings: &mut Findings) {
        let Some(balance) = self.balance.take() else {
            return;
        };
        let amount = balance.signed.get();
        if amount.is_none() {
            let why = "the balance has no amount or no indicator: ask the bank";
            findings.add(place.finding("FIELD", Severity::Error, "Bal", why));
        }
        self.know_currency(&balance.currency);
        // The day of the balance before is that of the statement before.
        let rank = match balance.code.as_str() {
            PREVIOUS => Some(1),
            OPENING => Some(3),
            CLOSING | INTERIM => Some(4),
            _ => None,
        };
        if let (Some(date), Some(rank)) = (balance.date, rank) {
            self.rank_date(rank, date);
        }
        let statement = &mut self.statement;
        match balance.code.as_str() {
            OPENING => statement.opening = amount,
            PREVIOUS if statement.opening.is_none() => statement.opening = amount,
            CLOSING => statement.closing = amount,
            INTERIM => self.interim.push(amount),
            code => {
                let code = code.to_owned();
                statement.summaries.push(Summary {
                    code,
                    amount,
                    ..Summary::default()
                });
            }
        }
    }

    fn close_entry(&mut self, findings: &mut Findings) {
        let Some(entry) = self.entry.take() else {
            return;
        };
        self.know_currency(&entry.currency);
        self.entries = self.entries.plus(1);
        if let Some(amount) = entry.amount() {
            let side = if amount.get() < 0 {
                &mut self.debits
            } else {
                &mut self.credits
            };
            *side = side.plus(i128::from(amount.magnitude().get()));
        }
        self.statement.lines.extend(entry.finish(findings));
    }

    fn know_currency(&mut self, currency: &str) {
        if self.statement.currency.is_empty() {
            self.statement.currency = currency.to_owned();
        } else if !currency.is_empty() && currency != self.statement.currency {
            self.other_currency = true;
        }
    }
}
