//! Defects by rule id: a generated file with one thing wrong, so that the rule fires.
//!
//! A [`Planter`] stands between the generator and its sink. It knows records, not bytes: each of
//! its defect's edits is done once, to the first record that begins with the edit's prefix.

use crate::nacha::layout::WIDTH;
use crate::nacha::writer::LineEnd;
use settlement::codes::sec::SecCode;
use settlement::exact::Exact;
use std::io::{self, Write};

/// What is done to a record.
#[derive(Clone, Copy, Debug)]
enum Edit {
    /// From this column, so many columns become this.
    Put(usize, usize, &'static [u8]),
    /// The record is left out.
    Drop,
    /// It comes twice.
    Twice,
    /// Only so many columns are kept.
    Cut(usize),
    /// This follows its 94 columns.
    Tail(&'static [u8]),
    /// This stands before it.
    Lead(&'static [u8]),
    /// It ends so.
    End(&'static [u8]),
}

/// A defect: the rule it breaks, the entries in which it shows, and what is done.
#[derive(Clone, Copy, Debug)]
pub struct Defect {
    /// The rule's id.
    pub rule: &'static str,
    /// An entry class in whose files it shows.
    pub sec: SecCode,
    /// Whether it shows in returns only.
    pub returns: bool,
    edits: &'static [(&'static str, Edit)],
}

const fn defect(rule: &'static str, edits: &'static [(&'static str, Edit)]) -> Defect {
    of(SecCode::Ppd, rule, edits)
}

const fn of(sec: SecCode, rule: &'static str, edits: &'static [(&'static str, Edit)]) -> Defect {
    Defect {
        rule,
        sec,
        returns: false,
        edits,
    }
}

const fn back(rule: &'static str, edits: &'static [(&'static str, Edit)]) -> Defect {
    Defect {
        rule,
        sec: SecCode::Ppd,
        returns: true,
        edits,
    }
}

use Edit::{Cut, Drop, End, Lead, Put, Tail, Twice};
use SecCode::{Arc, Ccd, Cor, Ctx, Iat, Mte, Rck, Tel, Web};

/// A second file's header.
const HEADER: &[u8] = b"101 076401251 0560050752611230600B094101SAMPLE DEST BANK       \
SAMPLE ORIGIN BANK             \n";

/// A record of nines.
const NINES: &[u8] = &{
    let mut nines = [b'9'; WIDTH + 1];
    nines[WIDTH] = b'\n';
    nines
};

/// A batch whose entry has the trace of the first one; the file's totals leave it out.
const BATCH: &[u8] = b"5220SAMPLE CO                           1123456789PPDPAYROL\
L         261124   1076401259999999\n\
622056005075100000037        0000000100EMP000000000001PERSO\
N 00000001         0076401250000001\n\
82200000010005600507000000000000000000000100112345678\
9                         076401259999999\n";

/// Every defect that can be planted, in the order of [`RULES`](crate::nacha::RULES).
#[rustfmt::skip]
pub const DEFECTS: &[Defect] = &[
    defect("file.byte-order-mark",      &[("1", Lead(b"\xEF\xBB\xBF"))]),
    defect("line.short",                &[("90", Cut(80))]),
    defect("line.long",                 &[("90", Tail(b"X"))]),
    defect("line.trailing-blanks",      &[("90", Tail(b"  "))]),
    defect("line.blank",                &[("5", Lead(b"\n"))]),
    defect("line.mixed-ends",           &[("5", End(b"\r\n"))]),
    defect("chars.control",             &[("6", Put(55, 1, b"\x07"))]),
    defect("chars.not-ascii",           &[("6", Put(55, 1, b"\xE9"))]),
    defect("chars.utf8",                &[("6", Put(55, 1, b"\xC3\xA9"))]),
    defect("record.unknown-type",       &[("6", Put(1, 1, b"4"))]),
    defect("file.no-header",            &[("1", Drop)]),
    defect("file.header-again",         &[("1", Twice)]),
    defect("file.another-file",         &[("99", Lead(HEADER))]),
    defect("file.no-control",           &[("90", Drop)]),
    defect("file.record-after-control", &[("90", Twice)]),
    of(Tel, "file.micro-debits",        &[("5", Put(54, 10, b"ACCTVERIFY"))]),
    defect("file.filler",               &[("99", Drop)]),
    defect("file.filler-early",         &[("8", Lead(NINES))]),
    defect("file.filler-width",         &[("99", Cut(90))]),
    defect("field.fixed",               &[("1", Put(35, 3, b"095"))]),
    defect("field.not-digits",          &[("8", Put(5, 6, b"00000X"))]),
    defect("field.blank",               &[("1", Put(24, 6, b"      "))]),
    defect("field.missing",             &[("6", Put(55, 22, &[b' '; 22]))]),
    of(Iat, "field.choice",             &[("5", Put(21, 2, b"XX"))]),
    defect("field.case",                &[("5", Put(51, 3, b"ppd"))]),
    defect("field.date",                &[("1", Put(24, 6, b"991399"))]),
    back("field.not-a-date",            &[("7", Put(22, 6, b"991399"))]),
    back("field.day-of-year",           &[("5", Put(76, 3, b"367"))]),
    defect("field.time",                &[("1", Put(30, 4, b"2561"))]),
    defect("field.reserved",            &[("8", Put(74, 1, b"X"))]),
    defect("file.priority",             &[("1", Put(2, 2, b"02"))]),
    defect("file.routing",              &[("1", Put(13, 1, b"9"))]),
    defect("batch.no-header",           &[("5", Drop)]),
    defect("batch.no-control",          &[("8", Drop)]),
    defect("batch.control-alone",       &[("8", Twice)]),
    defect("batch.empty",               &[("5", Twice)]),
    defect("batch.service-class",       &[("5", Put(2, 3, b"210"))]),
    defect("batch.class-of-sec",        &[("5", Put(2, 3, b"280"))]),
    defect("batch.sec",                 &[("5", Put(51, 3, b"XYZ"))]),
    defect("batch.blank-or-zeros",      &[("5", Put(41, 10, b"0000000000"))]),
    defect("batch.originator-status",   &[("5", Put(79, 1, b"0"))]),
    defect("batch.odfi",                &[("5", Put(80, 8, b"00000000"))]),
    defect("batch.number-order",        &[("5", Put(88, 7, b"9999999"))]),
    of(Rck, "batch.description",        &[("5", Put(54, 10, b"CHECK     "))]),
    defect("batch.reserved-word",       &[("5", Put(54, 10, b"Payroll   "))]),
    defect("batch.effective-date",      &[("5", Put(70, 6, b"991399"))]),
    defect("batch.effective-date-past", &[("5", Put(70, 6, b"261101"))]),
    defect("batch.effective-date-blank", &[("5", Put(70, 6, b"      "))]),
    defect("batch.effective-date-far",  &[("5", Put(70, 6, b"270524"))]),
    defect("batch.effective-date-closed", &[("5", Put(70, 6, b"261126"))]),
    of(Iat, "batch.same-day-of-sec",    &[("5", Put(70, 6, b"261123"))]),
    defect("batch.mixed",               &[("6", Put(2, 2, b"21"))]),
    defect("entry.transaction-code",    &[("6", Put(2, 2, b"99"))]),
    defect("entry.service-class",       &[("6", Put(2, 2, b"27"))]),
    defect("entry.code-of-sec",         &[("6", Put(2, 2, b"24"))]),
    of(Arc, "entry.direction",          &[("6", Put(2, 2, b"22"))]),
    defect("entry.improper-debit",      &[("6", Put(2, 2, b"55"))]),
    defect("entry.routing",             &[("6", Put(4, 8, b"00000000"))]),
    defect("entry.check-digit",         &[("6", Put(4, 9, b"076401259"))]),
    defect("entry.account",             &[("6", Put(13, 17, &[b'0'; 17]))]),
    defect("entry.amount",              &[("6", Put(30, 10, b"01O0000000"))]),
    defect("entry.amount-zero",         &[("6", Put(30, 10, b"0000000000"))]),
    defect("entry.amount-not-zero",     &[("6", Put(2, 2, b"23"))]),
    of(Arc, "entry.amount-limit",       &[("6", Put(30, 10, b"9999999999"))]),
    defect("entry.same-day-limit",      &[("5", Put(70, 6, b"261123")),
                                          ("6", Put(30, 10, b"0100000001"))]),
    defect("entry.micro",               &[("5", Put(54, 10, b"ACCTVERIFY")),
                                          ("6", Put(30, 10, b"0000000500"))]),
    of(Web, "entry.payment-type",       &[("6", Put(77, 2, b"X "))]),
    defect("entry.addenda-indicator",   &[("6", Put(79, 1, b"2"))]),
    defect("entry.addenda-missing",     &[("6", Put(79, 1, b"1"))]),
    of(Mte, "entry.addenda-needed",     &[("7", Drop)]),
    of(Ccd, "entry.addenda-unexpected", &[("6", Put(79, 1, b"0"))]),
    of(Ccd, "entry.addenda-too-many",   &[("7", Twice)]),
    of(Ctx, "entry.addenda-count",      &[("6", Put(55, 4, b"0009"))]),
    of(Iat, "entry.iat-addenda-count",  &[("6", Put(13, 4, b"0009"))]),
    defect("entry.trace",               &[("6", Put(80, 1, b"X"))]),
    defect("entry.trace-zero",          &[("6", Put(88, 7, b"0000000"))]),
    defect("entry.trace-odfi",          &[("6", Put(80, 8, b"99999999"))]),
    defect("entry.trace-order",         &[("6", Put(88, 7, b"9999999"))]),
    defect("entry.trace-duplicate",     &[("6", Twice)]),
    defect("entry.trace-again",         &[("90", Lead(BATCH))]),
    defect("entry.again",               &[("6", Twice)]),
    of(Ccd, "addenda.no-entry",         &[("6", Drop)]),
    of(Ccd, "addenda.type",             &[("7", Put(2, 2, b"06"))]),
    of(Ccd, "addenda.type-of-sec",      &[("7", Put(2, 2, b"02"))]),
    of(Ccd, "addenda.sequence",         &[("7", Put(84, 4, b"0002"))]),
    of(Ccd, "addenda.entry-sequence",   &[("7", Put(88, 7, b"9999999"))]),
    back("addenda.trace",               &[("7", Put(88, 7, b"9999999"))]),
    of(Iat, "addenda.iat-order",        &[("711", Drop)]),
    back("return.code-unknown",         &[("7", Put(4, 3, b"R99"))]),
    back("return.code-unfit",           &[("7", Put(4, 3, b"R33"))]),
    back("return.transaction-code",     &[("6", Put(2, 2, b"22"))]),
    back("return.addenda-missing",      &[("7", Drop)]),
    back("return.addenda-once",         &[("7", Twice)]),
    of(Iat, "return.iat-dispute",       &[("6", Put(2, 2, b"21")),
                                          ("716", Put(2, 5, b"99R61"))]),
    back("return.information",          &[("7", Put(4, 3, b"R69"))]),
    of(Cor, "noc.code-unknown",         &[("7", Put(4, 3, b"C99"))]),
    of(Cor, "noc.corrected-data",       &[("7", Put(36, 29, &[b' '; 29]))]),
    of(Cor, "noc.corrected-data-unfit", &[("7", Put(4, 3, b"C02"))]),
    defect("control.service-class",     &[("8", Put(2, 3, b"200"))]),
    defect("control.count",             &[("8", Put(5, 6, b"000999"))]),
    defect("control.hash",              &[("8", Put(11, 10, b"0000000001"))]),
    defect("control.debit",             &[("8", Put(21, 12, b"000000000001"))]),
    defect("control.credit",            &[("8", Put(33, 12, b"000000000001"))]),
    defect("control.company",           &[("8", Put(45, 1, b"X"))]),
    defect("control.odfi",              &[("8", Put(80, 8, b"99999999"))]),
    defect("control.batch-number",      &[("8", Put(88, 7, b"9999999"))]),
    defect("total.batches",             &[("90", Put(2, 6, b"000999"))]),
    defect("total.blocks",              &[("90", Put(8, 6, b"000999"))]),
    defect("total.count",               &[("90", Put(14, 8, b"00000999"))]),
    defect("total.hash",                &[("90", Put(22, 10, b"0000000001"))]),
    defect("total.debit",               &[("90", Put(32, 12, b"000000000001"))]),
    defect("total.credit",              &[("90", Put(44, 12, b"000000000001"))]),
];

impl Defect {
    /// The defect that makes the rule of that id fire, `None` where none can be planted.
    pub fn of_rule(id: &str) -> Option<&'static Defect> {
        DEFECTS.iter().find(|defect| defect.rule == id)
    }
}

/// Plants a defect in the records that are written through it.
pub struct Planter<W> {
    sink: W,
    defect: &'static Defect,
    /// Which of its edits are done, as bits.
    done: u8,
    end: usize,
    pending: Vec<u8>,
}

impl<W: Write> Planter<W> {
    /// A planter before `sink` of records that end so.
    pub fn new(sink: W, defect: &'static Defect, line_end: LineEnd) -> Planter<W> {
        Planter {
            sink,
            defect,
            done: 0,
            end: line_end.bytes().len(),
            pending: Vec::new(),
        }
    }

    /// The sink, after the last record.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn into_inner(mut self) -> io::Result<W> {
        self.sink.write_all(&self.pending)?;
        self.sink.flush()?;
        Ok(self.sink)
    }

    fn record(&mut self, record: &[u8]) -> io::Result<()> {
        for (at, (prefix, edit)) in self.defect.edits.iter().enumerate() {
            let bit = 1u8.wrapping_shl(u32::try_from(at).unwrap_or(0));
            if self.done & bit == 0 && record.starts_with(prefix.as_bytes()) {
                self.done |= bit;
                return self.edited(record, *edit);
            }
        }
        self.sink.write_all(record)
    }

    fn edited(&mut self, record: &[u8], edit: Edit) -> io::Result<()> {
        let (text, end) = record.split_at_checked(WIDTH).unwrap_or((record, b""));
        let cut = |from: usize, to: usize| text.get(from..to).unwrap_or(b"");
        let whole: [&[u8]; 4] = match edit {
            Edit::Put(column, len, new) => {
                let from = column.less(1); // columns count from 1
                [cut(0, from), new, cut(from.plus(len), WIDTH), end]
            }
            Edit::Drop => [b"", b"", b"", b""],
            Edit::Twice => [text, end, text, end],
            Edit::Cut(columns) => [cut(0, columns), b"", b"", end],
            Edit::Tail(more) => [text, more, b"", end],
            Edit::Lead(more) => [more, b"", text, end],
            Edit::End(end) => [text, end, b"", b""],
        };
        whole.iter().try_for_each(|part| self.sink.write_all(part))
    }
}

impl<W: Write> Write for Planter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut pending = std::mem::take(&mut self.pending);
        pending.extend_from_slice(bytes);
        let size = WIDTH.plus(self.end);
        let mut records = pending.chunks_exact(size);
        for record in records.by_ref() {
            self.record(record)?;
        }
        let rest = records.remainder().len();
        pending.drain(..pending.len().less(rest));
        self.pending = pending;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nacha::generate::{Plan, generate};
    use crate::nacha::{RULES, validate};

    #[test]
    fn every_defect_makes_its_rule_fire_and_a_sound_file_does_not() {
        for defect in DEFECTS {
            let plan = Plan {
                batch: 3,
                returns: defect.returns,
                ..Plan::of(defect.sec, 5)
            };
            let sound = generate(Vec::new(), &plan).unwrap().0;
            let report = validate(&sound[..]).unwrap();
            assert_eq!(report.findings.count(defect.rule), 0, "{}", defect.rule);
            let planter = Planter::new(Vec::new(), defect, LineEnd::Lf);
            let bytes = generate(planter, &plan).unwrap().0.into_inner().unwrap();
            let report = validate(&bytes[..]).unwrap();
            let found: Vec<_> = report.findings.kept().iter().map(|f| f.rule).collect();
            assert!(
                report.findings.count(defect.rule) > 0,
                "{}: {found:?}",
                defect.rule
            );
        }
    }

    #[test]
    fn all_rules_but_those_of_an_empty_file_can_be_planted() {
        let missing: Vec<_> = RULES
            .iter()
            .map(|row| row.id)
            .filter(|id| Defect::of_rule(id).is_none())
            .collect();
        // What outgrows 64 bits takes more entries than a test has time for.
        assert_eq!(missing, ["file.empty", "file.no-batch", "total.overflow"]);
    }
}
