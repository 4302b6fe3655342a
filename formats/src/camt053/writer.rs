//! Statements to camt.053.001.08: what a bank would send. The sandbox's bank uses it.

use crate::statement::{Detail, Document, Line, Page, Statement};
use jiff::civil::Date;
use quick_xml::escape::escape;
use settlement::exact::Exact;
use settlement::money::SignedCents;
use std::fmt::{self, Write};

/// The file of `document`'s statements.
///
/// Type codes of three digits are written as the bank's own, issued by BAI; others are taken as
/// domain, family and sub-family joined by dashes. Funds types and summaries have no place in
/// the message and are left out; the totals of the entries are computed.
pub fn write(document: &Document) -> Vec<u8> {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write_document(&mut out, document);
    out.into_bytes()
}

fn write_document(out: &mut String, document: &Document) -> fmt::Result {
    let first = document
        .statements
        .first()
        .and_then(|statement| statement.as_of);
    let created = moment(document.created.or(first));
    let schema = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08";
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<Document xmlns=\"{schema}\">")?;
    writeln!(out, "<BkToCstmrStmt>")?;
    write!(out, "<GrpHdr><MsgId>{}</MsgId>", text(&document.file_id))?;
    write!(out, "<CreDtTm>{created}</CreDtTm>")?;
    if !document.receiver.is_empty() {
        write!(
            out,
            "<MsgRcpt><Nm>{}</Nm></MsgRcpt>",
            text(&document.receiver)
        )?;
    }
    writeln!(out, "</GrpHdr>")?;
    for (at, statement) in document.statements.iter().enumerate() {
        let number = at.plus(1);
        writeln!(out, "<Stmt><Id>{}-{number}</Id>", text(&document.file_id))?;
        if let Some(Page { number, last }) = statement.page {
            let last = format!("<LastPgInd>{last}</LastPgInd>");
            writeln!(out, "<StmtPgntn><PgNb>{number}</PgNb>{last}</StmtPgntn>")?;
        }
        let numbers = statement.numbers;
        let (electronic, legal) = (numbers.electronic, numbers.legal);
        for (name, number) in [("ElctrncSeqNb", electronic), ("LglSeqNb", legal)] {
            if let Some(number) = number {
                writeln!(out, "<{name}>{number}</{name}>")?;
            }
        }
        writeln!(out, "<CreDtTm>{created}</CreDtTm>")?;
        write_statement(out, statement, &document.sender)?;
        writeln!(out, "</Stmt>")?;
    }
    writeln!(out, "</BkToCstmrStmt>\n</Document>")
}

fn write_statement(out: &mut String, statement: &Statement, sender: &str) -> fmt::Result {
    let currency = if statement.currency.is_empty() {
        "USD"
    } else {
        &statement.currency
    };
    let number = text(statement.account.expose());
    write!(
        out,
        "<Acct><Id><Othr><Id>{number}</Id></Othr></Id><Ccy>{}</Ccy>",
        text(currency)
    )?;
    if !sender.is_empty() {
        write!(
            out,
            "<Svcr><FinInstnId><Nm>{}</Nm></FinInstnId></Svcr>",
            text(sender)
        )?;
    }
    writeln!(out, "</Acct>")?;
    // Between two pages stands an interim balance.
    let continues = statement.page.is_some_and(|page| page.number > 1);
    let opening = if continues { "ITBD" } else { "OPBD" };
    let closing = if statement.more { "ITBD" } else { "CLBD" };
    for (code, balance) in [(opening, statement.opening), (closing, statement.closing)] {
        if let Some(balance) = balance {
            write!(out, "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>")?;
            write_amount(out, balance, currency)?;
            let as_of = statement.as_of.unwrap_or_default();
            writeln!(out, "<Dt><Dt>{as_of}</Dt></Dt></Bal>")?;
        }
    }
    write_totals(out, statement)?;
    for line in &statement.lines {
        write_entry(out, line, currency, statement.as_of)?;
    }
    Ok(())
}

fn write_totals(out: &mut String, statement: &Statement) -> fmt::Result {
    let side = |credit: bool| {
        let lines = statement
            .lines
            .iter()
            .filter(move |line| (line.amount.get() >= 0) == credit);
        let sum: i128 = lines
            .clone()
            .map(|line| i128::from(line.amount.get()))
            .sum();
        (lines.count(), decimal(sum.unsigned_abs()))
    };
    let all = statement.lines.len();
    write!(
        out,
        "<TxsSummry><TtlNtries><NbOfNtries>{all}</NbOfNtries></TtlNtries>"
    )?;
    for (name, credit) in [("TtlCdtNtries", true), ("TtlDbtNtries", false)] {
        let (count, sum) = side(credit);
        write!(
            out,
            "<{name}><NbOfNtries>{count}</NbOfNtries><Sum>{sum}</Sum></{name}>"
        )?;
    }
    writeln!(out, "</TxsSummry>")
}

fn write_entry(out: &mut String, line: &Line, currency: &str, as_of: Option<Date>) -> fmt::Result {
    write!(out, "<Ntry>")?;
    write_amount(out, line.amount, currency)?;
    write!(out, "<Sts><Cd>BOOK</Cd></Sts>")?;
    for (name, date) in [
        ("BookgDt", line.booked.or(as_of)),
        ("ValDt", line.value_date),
    ] {
        if let Some(date) = date {
            write!(out, "<{name}><Dt>{date}</Dt></{name}>")?;
        }
    }
    write!(
        out,
        "<AcctSvcrRef>{}</AcctSvcrRef>",
        text(&line.bank_reference)
    )?;
    write_code(out, &line.type_code)?;
    if !line.customer_reference.is_empty() || !line.details.is_empty() {
        write!(out, "<NtryDtls>")?;
        if !line.customer_reference.is_empty() {
            let reference = text(&line.customer_reference);
            write!(out, "<Btch><PmtInfId>{reference}</PmtInfId></Btch>")?;
        }
        for detail in &line.details {
            write_detail(out, detail, line, currency)?;
        }
        write!(out, "</NtryDtls>")?;
    }
    if !line.text.is_empty() {
        write!(out, "<AddtlNtryInf>{}</AddtlNtryInf>", text(&line.text))?;
    }
    writeln!(out, "</Ntry>")
}

fn write_code(out: &mut String, code: &str) -> fmt::Result {
    let bai = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = code.splitn(3, '-').map(text);
    match (bai, parts.next(), parts.next(), parts.next()) {
        (false, Some(domain), Some(family), Some(sub)) => write!(
            out,
            "<BkTxCd><Domn><Cd>{domain}</Cd><Fmly><Cd>{family}</Cd>\
             <SubFmlyCd>{sub}</SubFmlyCd></Fmly></Domn></BkTxCd>"
        ),
        _ => {
            let issuer = if bai { "<Issr>BAI</Issr>" } else { "" };
            write!(
                out,
                "<BkTxCd><Prtry><Cd>{}</Cd>{issuer}</Prtry></BkTxCd>",
                text(code)
            )
        }
    }
}

fn write_detail(out: &mut String, detail: &Detail, of: &Line, currency: &str) -> fmt::Result {
    write!(out, "<TxDtls>")?;
    // Our reference is the clearing one; of the others the schema's places for ours take two.
    let others = detail.references.iter();
    let written = [&detail.reference, &of.customer_reference];
    let mut others = others.filter(|one| !written.contains(one));
    let named = [
        ("EndToEndId", others.next()),
        ("TxId", others.next()),
        ("ClrSysRef", Some(&detail.reference)),
    ];
    let named = named.into_iter().filter_map(|(name, reference)| {
        let reference = reference.filter(|one| !one.is_empty())?;
        Some(format!("<{name}>{}</{name}>", text(reference)))
    });
    let named: String = named.collect();
    if !named.is_empty() {
        write!(out, "<Refs>{named}</Refs>")?;
    }
    if let Some(amount) = detail.amount {
        write_amount(out, amount, currency)?;
    }
    if !detail.text.is_empty() {
        write!(
            out,
            "<RmtInf><Ustrd>{}</Ustrd></RmtInf>",
            text(&detail.text)
        )?;
    }
    if !detail.return_reason.is_empty() {
        let reason = text(&detail.return_reason);
        write!(out, "<RtrInf><Rsn><Prtry>{reason}</Prtry></Rsn></RtrInf>")?;
    }
    write!(out, "</TxDtls>")
}

fn write_amount(out: &mut String, amount: SignedCents, currency: &str) -> fmt::Result {
    let side = if amount.get() < 0 { "DBIT" } else { "CRDT" };
    let decimal = decimal(u128::from(amount.magnitude().get()));
    let currency = text(currency);
    write!(
        out,
        "<Amt Ccy=\"{currency}\">{decimal}</Amt><CdtDbtInd>{side}</CdtDbtInd>"
    )
}

fn decimal(cents: u128) -> String {
    format!("{}.{:02}", cents.div_euclid(100), cents.rem_euclid(100))
}

fn moment(date: Option<Date>) -> String {
    format!("{}T05:00:00", date.unwrap_or_default())
}

/// A text as XML can carry it: escaped, and blanks for what XML forbids.
fn text(text: &str) -> String {
    let forbidden = |c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}');
    let clean: String = text
        .chars()
        .map(|c| if forbidden(c) { ' ' } else { c })
        .collect();
    escape(clean).into_owned()
}
