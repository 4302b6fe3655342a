//! A return file as bytes.

use super::{Bank, BankError, OutFile, returns::Notice, sent::Reason};
use jiff::civil::Date;
use settlement::{codes::sec::SecCode, ids::DfiId};

impl Bank {
    /// One file of returns and notifications, with the traces their banks gave them.
    pub(super) fn return_file(
        &self,
        morning: Date,
        modifier: u8,
        notices: &[(&Notice, u64)],
    ) -> Result<OutFile, BankError> {
        let bytes = self.render(morning, modifier, notices);
        let letter = char::from(modifier);
        Ok(OutFile {
            name: format!("{morning}-0630-returns-{letter}.ach"),
            bytes,
        })
    }

    /// The records of a return file, column by column.
    fn render(&self, morning: Date, modifier: u8, notices: &[(&Notice, u64)]) -> Vec<u8> {
        let t = &self.terms;
        let mut out: Vec<String> = vec![format!(
            "101{:>10}{:>10}{}0630{}094101{:<23}{:<23}{:8}",
            t.customer,
            format!("{:>10}", t.bank.to_string()),
            morning.strftime("%y%m%d"),
            char::from(modifier),
            t.customer_name,
            t.bank_name,
            ""
        )];
        let (mut batches, mut count, mut hash, mut debit, mut credit) =
            (0u64, 0u64, 0u64, 0u64, 0u64);
        for group in notices.chunk_by(|a, b| a.0.group() == b.0.group()) {
            batches += 1;
            let first = group[0].0;
            let h = &first.header;
            let is_return = matches!(first.reason, Reason::Return(_));
            let sec = if is_return { h.sec } else { SecCode::Cor };
            let (mut bc, mut bh, mut bd, mut bcr) = (0u64, 0u64, 0u64, 0u64);
            let mut body = Vec::new();
            let odfi: DfiId = t.odfi;
            for (n, trace) in group {
                let e = &n.entry;
                let cents = if is_return { e.cents } else { 0 };
                if e.is_debit() {
                    bd += cents
                } else {
                    bcr += cents
                }
                bc += 2;
                bh += u64::from(odfi.get());
                body.push(format!(
                    "6{:02}{}{:<17}{:010}{:<15}{:<22}{:<2}1{:015}",
                    e.return_code(),
                    odfi.routing_number(),
                    e.account,
                    cents,
                    e.individual_id,
                    e.name,
                    e.discretionary,
                    trace
                ));
                body.push(match n.reason {
                    Reason::Return(code) => format!(
                        "799R{code:02}{:015}      {:08}{:44}{trace:015}",
                        e.trace, e.rdfi, ""
                    ),
                    Reason::Change(code) => format!(
                        "798C{code:02}{:015}      {:08}{:<29}{:15}{trace:015}",
                        e.trace,
                        e.rdfi,
                        self.corrected(e, code),
                        ""
                    ),
                });
            }
            let class = match (bd > 0, bcr > 0, first.entry.is_debit()) {
                (true, true, _) => 200,
                (true, false, _) | (false, false, true) => 225,
                _ => 220,
            };
            out.push(format!(
                "5{class}{:<16}{:<20}{:<10}{sec}{:<10}{:<6}{}{:3}1{:08}{batches:07}",
                h.company_name,
                h.discretionary,
                h.company_id,
                h.description,
                h.descriptive_date,
                h.effective.strftime("%y%m%d"),
                "",
                first.entry.rdfi
            ));
            out.append(&mut body);
            out.push(format!(
                "8{class}{bc:06}{:010}{bd:012}{bcr:012}{:<10}{:25}{:08}{batches:07}",
                bh % 10_000_000_000,
                h.company_id,
                "",
                first.entry.rdfi
            ));
            count += bc;
            hash += bh;
            debit += bd;
            credit += bcr;
        }
        let records = out.len() + 1;
        let blocks = records.div_ceil(10);
        out.push(format!(
            "9{batches:06}{blocks:06}{count:08}{:010}{debit:012}{credit:012}{:39}",
            hash % 10_000_000_000,
            ""
        ));
        while !out.len().is_multiple_of(10) {
            out.push("9".repeat(94));
        }
        let mut text = out.join("\n");
        text.push('\n');
        text.into_bytes()
    }
}
