//! Elements to statements.

use crate::camt053::elements::{Element, Visitor, walk};
use crate::camt053::entry::{Entry, Signed, amount, date};
use crate::finding::{Place, Severity};
use crate::statement::{AccountNumber, Document, Findings, Purpose, Statement, Summary};
use jiff::civil::Date;
use settlement::exact::Exact;
use settlement::money::SignedCents;

/// Opening booked balance, and the name it has where it repeats the day before's closing.
const OPENING: [&str; 2] = ["OPBD", "PRCD"];
/// Closing booked balance.
const CLOSING: &str = "CLBD";

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
    if let Some(open) = reader.open.take() {
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
    credits: SignedCents,
    debits: SignedCents,
    /// The closing balance's day, or the best there is, with how good it is.
    as_of: Option<(u8, Date)>,
    other_currency: bool,
}

#[derive(Default)]
struct Reader {
    document: Document,
    open: Option<Open>,
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
            _ => {}
        }
    }

    fn finish(&mut self, open: Open, findings: &mut Findings) {
        let place = open.place;
        let said = [
            (
                "NbOfNtries",
                open.said.entries.map(i128::from),
                i128::from(open.entries),
            ),
            (
                "TtlCdtNtries",
                open.said.credits.map(i128::from),
                open.credits.get().into(),
            ),
            (
                "TtlDbtNtries",
                open.said.debits.map(i128::from),
                0i128.less(i128::from(open.debits.get())),
            ),
        ];
        for (field, said, found) in said {
            if said.is_some_and(|said| said != found) {
                let why = format!(
                    "the summary says {}, the entries make {found}: ask the bank for the file \
                     again",
                    said.unwrap_or(0)
                );
                findings.add(place.finding("CONTROL_TOTAL", Severity::Error, field, why));
            }
        }
        let mut statement = open.statement;
        statement.as_of = open.as_of.map(|(_, date)| date);
        if open.other_currency {
            let why = "amounts in several currencies: the balance is not checked; ask the bank";
            findings.add(place.finding("CURRENCY", Severity::Error, "Ccy", why));
        } else if let Err(why) = statement.check_balance() {
            findings.add(place.finding("BALANCE_ASSERTION", Severity::Error, "Bal", why));
        }
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
            credits: SignedCents::ZERO,
            debits: SignedCents::ZERO,
            as_of: None,
            other_currency: false,
        }
    }

    fn close(&mut self, path: &[&'static str], element: &Element, findings: &mut Findings) {
        match path {
            ["Acct", "Id", "IBAN"] | ["Acct", "Id", "Othr", "Id"] => {
                self.statement.account = AccountNumber::new(element.text);
            }
            ["Acct", "Ccy"] => self.statement.currency = element.text.to_owned(),
            ["CreDtTm"] => self.know_date(0, element, findings),
            ["FrToDt", "ToDtTm"] => self.know_date(1, element, findings),
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
        let is_opening = OPENING.contains(&balance.code.as_str());
        if let (Some(date), true) = (balance.date, is_opening || balance.code == CLOSING) {
            self.rank_date(if is_opening { 2 } else { 3 }, date);
        }
        let statement = &mut self.statement;
        match balance.code.as_str() {
            "OPBD" => statement.opening = amount,
            "PRCD" if statement.opening.is_none() => statement.opening = amount,
            CLOSING => statement.closing = amount,
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
            *side = side.checked_add(amount).unwrap_or(*side);
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
