//! Fields to statements: what belongs to what, and whether it adds up.

use crate::bai2::codes::{self, CLOSING_LEDGER, Direction, OPENING_LEDGER};
use crate::bai2::fields::{Fields, shown};
use crate::bai2::purpose::purpose;
use crate::bai2::records::{Record, Records, line_end};
use crate::bai2::totals::{Totals, check_account, check_parts};
use crate::finding::{Place, Severity};
use crate::statement::{AccountNumber, Document, Funds, Line, Purpose, Statement, Summary};
use jiff::civil::Date;
use settlement::exact::Exact;
use settlement::money::SignedCents;

/// Reads a whole file. Never fails: what is wrong is among the findings.
///
/// ```
/// let document = formats::bai2::read(b"01,056005075,SAMPLECO,261126,0500,1,,,2/\n99,0,0,3/\n");
/// let finding = document.findings.first_error().expect("two records are not three");
/// assert_eq!((finding.rule, finding.line, finding.column), ("CONTROL_TOTAL", 2, 8));
/// ```
pub fn read(bytes: &[u8]) -> Document {
    let mut statements = Vec::new();
    let mut document = read_each(bytes, &mut |statement| statements.push(statement));
    document.statements = statements;
    document
}

/// Reads a file and hands over each account as it ends; the document has no statements in it.
pub fn read_each(bytes: &[u8], each: &mut dyn FnMut(Statement)) -> Document {
    let document = Document {
        format: "bai2".to_owned(),
        ..Document::default()
    };
    let mut reader = Reader {
        document,
        each,
        seen: 0,
        file: None,
        group: None,
        account: None,
        errors: 0,
    };
    let mut records = Records::new(bytes);
    let mut logical: Vec<Record> = Vec::new();
    while let Some(record) = records.next(&mut reader.document.findings) {
        if record.code == "88" && !logical.is_empty() {
            logical.push(record);
            continue;
        }
        reader.logical_record(&logical, &mut records);
        logical = vec![record];
        if logical.first().is_some_and(|record| record.code == "01") {
            // Its record length decides where the records after it end.
            reader.logical_record(&logical, &mut records);
            logical.clear();
        }
    }
    reader.logical_record(&logical, &mut records);
    reader.end(records_end(bytes));
    reader.document
}

fn records_end(bytes: &[u8]) -> Place {
    let end = line_end(bytes);
    let lines = bytes.iter().filter(|byte| **byte == end).count() as u64;
    Place {
        line: lines.plus(1),
        column: 1,
        byte: bytes.len() as u64,
    }
}

/// An open group.
#[derive(Default)]
struct Group {
    totals: Totals,
    as_of: Option<Date>,
    currency: String,
    purpose: Purpose,
}

struct Reader<'s> {
    document: Document,
    each: &'s mut dyn FnMut(Statement),
    /// Physical records so far.
    seen: u64,
    file: Option<Totals>,
    group: Option<Group>,
    account: Option<(Totals, Statement)>,
    /// Errors found before the open account.
    errors: u64,
}

impl Reader<'_> {
    /// Takes one record with its continuations.
    fn logical_record(&mut self, parts: &[Record], records: &mut Records) {
        let Some(first) = parts.first() else { return };
        self.check_end(parts);
        let before = self.seen;
        self.seen = self.seen.plus(parts.len() as u64);
        match first.code {
            "01" => self.file_header(parts, before, records),
            "02" => self.group_header(parts, before),
            "03" => self.account_header(parts, before),
            "16" => self.line(parts),
            "49" => self.account_trailer(parts),
            "98" => self.group_trailer(parts),
            "99" => self.file_trailer(parts),
            _ => self.order(first.place, "continues nothing: it is left out"),
        }
    }

    /// Only text runs to the line's end; every other record ends in `/`.
    fn check_end(&mut self, parts: &[Record]) {
        let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
            return;
        };
        if first.code != "16" && !last.ended {
            let place = last.body_place().after(last.body.len());
            let why = "the record does not end in /: the line may be cut off";
            self.add(place, "TERMINATOR", Severity::Warning, "record", why);
        }
    }

    fn add(
        &mut self,
        place: Place,
        rule: &'static str,
        severity: Severity,
        field: &'static str,
        why: impl Into<String>,
    ) {
        self.document
            .findings
            .add(place.finding(rule, severity, field, why));
    }

    fn order(&mut self, place: Place, why: &str) {
        self.add(place, "ORDER", Severity::Error, "record code", why);
    }

    // -------------------------------------------------------------------------------- headers

    fn file_header(&mut self, parts: &[Record], before: u64, records: &mut Records) {
        let place = parts.first().map_or(Place::default(), |part| part.place);
        self.close_file(place);
        self.file = Some(Totals {
            before,
            ..Totals::default()
        });
        let mut fields = Fields::new(parts, &mut self.document.findings);
        let sender = fields.text().text.to_owned();
        let receiver = fields.text().text.to_owned();
        let created = fields.date("file creation date");
        fields.text(); // time
        let file_id = fields.text().text.to_owned();
        let length = fields.count("physical record length");
        fields.text(); // block size
        let version = fields.text();
        if version.text != "2" {
            let why = format!("must be 2; found {}: read as 2", shown(version.text));
            let finding = version
                .place
                .finding("VERSION", Severity::Warning, "version", why);
            self.document.findings.add(finding);
        }
        // A length that cannot hold a record is a length that was not meant.
        records.length = length
            .and_then(|l| usize::try_from(l).ok())
            .filter(|l| *l >= 40);
        (self.document.sender, self.document.receiver) = (sender, receiver);
        (self.document.file_id, self.document.created) = (file_id, created);
    }

    fn group_header(&mut self, parts: &[Record], before: u64) {
        let place = parts.first().map_or(Place::default(), |part| part.place);
        self.close_group(place);
        if self.file.is_none() {
            self.order(place, "a group outside a file: there is no 01 before it");
            self.file = Some(Totals {
                before,
                ..Totals::default()
            });
        }
        let mut fields = Fields::new(parts, &mut self.document.findings);
        fields.text(); // ultimate receiver
        fields.text(); // originator
        let status = fields.text();
        let at = fields.place();
        let as_of = fields.date("as-of date");
        fields.text(); // as-of time
        let currency = Some(fields.text().text)
            .filter(|text| !text.is_empty())
            .unwrap_or("USD");
        let currency = currency.to_owned();
        let modifier = fields.text();
        let (purpose, says) = purpose(status.text, modifier.text);
        if as_of.is_none() {
            let why = "without it nobody knows which day the lines are of: ask the bank";
            self.add(at, "NO_DATE", Severity::Error, "as-of date", why);
        }
        if let Some(says) = says {
            let why = format!("the group {says}: look at it before it is posted");
            let rule = "GROUP_STATUS";
            self.add(status.place, rule, Severity::Warning, "group status", why);
        }
        let totals = Totals {
            before,
            ..Totals::default()
        };
        self.group = Some(Group {
            totals,
            as_of,
            currency,
            purpose,
        });
        if let Some(file) = &mut self.file {
            file.parts = file.parts.plus(1);
        }
    }

    fn account_header(&mut self, parts: &[Record], before: u64) {
        let place = parts.first().map_or(Place::default(), |part| part.place);
        self.close_account(place);
        if self.group.is_none() {
            self.order(
                place,
                "an account outside a group: there is no 02 before it",
            );
            let totals = Totals {
                before,
                ..Totals::default()
            };
            self.group = Some(Group {
                totals,
                currency: "USD".to_owned(),
                ..Group::default()
            });
        }
        self.errors = self.document.findings.errors();
        let mut fields = Fields::new(parts, &mut self.document.findings);
        let number = fields.text();
        if number.text.is_empty() {
            fields.bad(
                number.place,
                "account number",
                "must not be empty".to_owned(),
            );
        }
        let currency = fields.text().text.to_owned();
        let mut statement = Statement {
            line: place.line,
            account: AccountNumber::new(number.text),
            currency,
            ..Statement::default()
        };
        let mut totals = Totals {
            before,
            ..Totals::default()
        };
        read_summaries(&mut fields, &mut statement, &mut totals);
        if let Some(group) = &mut self.group {
            (statement.as_of, statement.purpose) = (group.as_of, group.purpose);
            if statement.currency.is_empty() {
                statement.currency.clone_from(&group.currency);
            }
            group.totals.parts = group.totals.parts.plus(1);
        }
        self.account = Some((totals, statement));
    }

    // ---------------------------------------------------------------------------------- lines

    fn line(&mut self, parts: &[Record]) {
        let Some(first) = parts.first() else { return };
        let Some((totals, statement)) = &mut self.account else {
            return self.order(first.place, "a line outside an account: it is left out");
        };
        let mut fields = Fields::new(parts, &mut self.document.findings);
        let code = fields.text();
        let place = fields.place();
        let amount = fields.amount("amount");
        let written = amount.unwrap_or(SignedCents::ZERO);
        totals.total = totals.total.plus(i128::from(written.get()));
        let Some(direction) = codes::direction(code.text) else {
            let why = format!(
                "must be three digits; found {}: the line is left out, correct it at the bank",
                shown(code.text)
            );
            return fields.bad(code.place, "type code", why);
        };
        let amount = match direction {
            Direction::Credit => written,
            // An amount has at most eighteen digits, so it can be turned around.
            Direction::Debit => SignedCents::new(0i64.less(written.get())),
            Direction::None => SignedCents::ZERO,
        };
        let (mut rule, mut why) = ("", "");
        if direction == Direction::None && !written.is_zero() {
            (rule, why) = (
                "TYPE_CODE",
                "an amount whose code is neither credit nor debit: left out",
            );
        } else if written.get() < 0 {
            (rule, why) = (
                "SIGN",
                "an amount with a minus: the code gives the sign already",
            );
        }
        if !rule.is_empty() {
            fields
                .findings
                .add(place.finding(rule, Severity::Warning, "amount", why));
        }
        let funds = fields.funds();
        let value_date = if let Funds::Dated(date) = funds {
            Some(date)
        } else {
            None
        };
        statement.lines.push(Line {
            line: first.place.line,
            type_code: code.text.to_owned(),
            amount,
            funds,
            value_date,
            booked: None,
            bank_reference: fields.text().text.to_owned(),
            customer_reference: fields.text().text.to_owned(),
            text: fields.rest(),
            details: Vec::new(),
        });
    }

    // ------------------------------------------------------------------------------- trailers

    fn account_trailer(&mut self, parts: &[Record]) {
        let place = parts.first().map_or(Place::default(), |part| part.place);
        let Some((totals, statement)) = self.account.take() else {
            return self.order(
                place,
                "an account trailer without its account: it is left out",
            );
        };
        let mut fields = Fields::new(parts, &mut self.document.findings);
        let read = self.seen.less(totals.before);
        let missing = check_account(&mut fields, read, &totals);
        if let Some(group) = &mut self.group {
            group.totals.missing.add(missing);
        }
        self.finish_account(place, totals, statement, true);
    }

    fn group_trailer(&mut self, parts: &[Record]) {
        let place = parts.first().map_or(Place::default(), |part| part.place);
        self.close_account(place);
        let Some(Group { totals, .. }) = self.group.take() else {
            return self.order(place, "a group trailer without its group: it is left out");
        };
        let mut fields = Fields::new(parts, &mut self.document.findings);
        let read = self.seen.less(totals.before);
        let names = ["group control total", "number of accounts"];
        let (missing, repeated) = check_parts(&mut fields, names, read, &totals);
        self.document.repeated = self.document.repeated.plus(repeated);
        if let Some(file) = &mut self.file {
            file.missing.add(missing);
        }
        self.finish_group(&totals);
    }

    fn file_trailer(&mut self, parts: &[Record]) {
        let place = parts.first().map_or(Place::default(), |part| part.place);
        self.close_group(place);
        let Some(totals) = self.file.take() else {
            return self.order(place, "a file trailer without its file: it is left out");
        };
        let read = self.seen.less(totals.before);
        let mut fields = Fields::new(parts, &mut self.document.findings);
        let names = ["file control total", "number of groups"];
        let (_, repeated) = check_parts(&mut fields, names, read, &totals);
        self.document.repeated = self.document.repeated.plus(repeated);
    }

    // ---------------------------------------------------------- what ends without its trailer

    fn no_trailer(&mut self, place: Place, what: &str) {
        let why = format!("{what} is missing: the file is torn or a line is lost; fetch it again");
        self.add(place, "NO_TRAILER", Severity::Error, "record code", why);
    }

    fn close_account(&mut self, place: Place) {
        if let Some((totals, statement)) = self.account.take() {
            self.no_trailer(place, "the account trailer (49)");
            self.finish_account(place, totals, statement, false);
        }
    }

    fn close_group(&mut self, place: Place) {
        self.close_account(place);
        if let Some(Group { totals, .. }) = self.group.take() {
            self.no_trailer(place, "the group trailer (98)");
            self.finish_group(&totals);
        }
    }

    fn close_file(&mut self, place: Place) {
        self.close_group(place);
        if self.file.take().is_some() {
            self.no_trailer(place, "the file trailer (99)");
        }
    }

    /// Gives the account away. Errors in one that has its trailer are its own; one that has none
    /// is the end of what can be read.
    fn finish_account(
        &mut self,
        place: Place,
        totals: Totals,
        mut statement: Statement,
        whole: bool,
    ) {
        if let Err(why) = statement.check_balance() {
            self.add(
                place,
                "BALANCE_ASSERTION",
                Severity::Error,
                "closing ledger balance",
                why,
            );
        }
        if let Some(group) = &mut self.group {
            group.totals.total = group.totals.total.plus(totals.total);
        }
        if whole {
            statement.errors = self.document.findings.errors().less(self.errors);
        }
        (self.each)(statement);
    }

    fn finish_group(&mut self, totals: &Totals) {
        if let Some(file) = &mut self.file {
            file.total = file.total.plus(totals.total);
        }
    }

    fn end(&mut self, place: Place) {
        if self.seen == 0 {
            let why = "the file has no record: it is empty or no BAI2";
            self.add(place, "NO_TRAILER", Severity::Error, "file", why);
        }
        self.close_file(place);
    }
}

/// Type code, amount, item count, funds type, again and again.
fn read_summaries(fields: &mut Fields, statement: &mut Statement, totals: &mut Totals) {
    while let Some(code) = fields.next() {
        // Empty groups and a comma too many before the record's end are common.
        if code.text.is_empty() {
            continue;
        }
        if codes::direction(code.text).is_none() {
            let why = format!(
                "must be three digits; found {}: the rest of the record is left out",
                shown(code.text)
            );
            return fields.bad(code.place, "type code", why);
        }
        let amount = fields.amount("amount");
        let count = fields.count("item count");
        let funds = fields.funds();
        let written = amount.map_or(0, |amount| i128::from(amount.get()));
        totals.total = totals.total.plus(written);
        match code.text {
            OPENING_LEDGER if statement.opening.is_none() => statement.opening = amount,
            CLOSING_LEDGER if statement.closing.is_none() => statement.closing = amount,
            code => {
                let code = code.to_owned();
                statement.summaries.push(Summary {
                    code,
                    amount,
                    count,
                    funds,
                });
            }
        }
    }
}
