//! Every rule the reader holds a file against, as one table.
//!
//! An error is what an originating bank or the operator rejects; a warning is what a receiving
//! bank would return, or what is odd; an info is worth knowing. The return code is the one the
//! single entry would earn. Sources: the operator edits and layouts of the Nacha Rules 2013
//! (Appendices Two and Three, pages OR62-OR190), and later rules by name.

use crate::finding::Severity;

/// One rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleRow {
    /// The id, which never changes.
    pub id: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// The records it is about: `6`, `5 8`, or `*` for any.
    pub record: &'static str,
    /// The field it is about, by the end of its name in the layout; `*` for any, empty for the
    /// whole record.
    pub field: &'static str,
    /// Why it is wrong, in one line.
    pub reason: &'static str,
    /// The code with which the entry would come back.
    pub return_code: Option<&'static str>,
    /// Where the rule stands.
    pub source: &'static str,
}

const fn code(text: &'static str) -> Option<&'static str> {
    if text.is_empty() { None } else { Some(text) }
}

macro_rules! rules {
    ($($name:ident $id:literal $severity:ident $record:literal $field:literal
       $code:literal $source:literal $reason:literal;)*) => {
        /// A rule of the table, as the checks name it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Rule { $($name),* }

        /// Every rule, in the order of the file's parts.
        pub const RULES: &[RuleRow] = &[$(RuleRow {
            id: $id,
            severity: Severity::$severity,
            record: $record,
            field: $field,
            reason: $reason,
            return_code: code($code),
            source: $source,
        }),*];
    };
}

#[rustfmt::skip]
rules! {
    FileEmpty        "file.empty"             Error   "*" "" "" "OR68"
        "the file holds no record";
    FileMark         "file.byte-order-mark"   Warning "*" "" "" "OR62"
        "the file begins with a byte order mark, which is not a record";
    LineShort        "line.short"             Warning "*" "" "" "OR62"
        "the record is shorter than 94 characters; blanks are taken for the rest";
    LineLong         "line.long"              Error   "*" "" "" "OR62"
        "the record is longer than 94 characters; the rest is not read";
    LineTrailing     "line.trailing-blanks"   Info    "*" "" "" "OR62"
        "blanks follow the 94 characters";
    LineBlank        "line.blank"             Info    "*" "" "" "OR62"
        "the line is blank";
    LineEnds         "line.mixed-ends"        Info    "*" "" "" "OR62"
        "the line ends in another way than the first one";
    CharsControl     "chars.control"          Error   "*" "" "" "OR62"
        "a control character; only printable ones are allowed";
    CharsNotAscii    "chars.not-ascii"        Warning "*" "" "" "OR62"
        "a character outside ASCII; many banks reject it";
    CharsUtf8        "chars.utf8"             Warning "*" "" "" "OR62"
        "UTF-8: a character takes several bytes, the record is wider than 94 bytes";
    RecordUnknown    "record.unknown-type"    Error   "*" "" "" "OR68"
        "the record type must be 1, 5, 6, 7, 8 or 9";

    FileNoHeader     "file.no-header"         Error   "*" "" "" "OR68"
        "a file begins with a file header";
    FileHeaderAgain  "file.header-again"      Error   "1" "" "" "OR68"
        "a second file header before the file control";
    FileAnother      "file.another-file"      Warning "1" "" "" "OR68"
        "another file follows in the same transmission; its totals are checked on their own";
    FileNoControl    "file.no-control"        Error   "9" "" "" "OR68"
        "the file ends without a file control";
    FileAfter        "file.record-after-control" Error "*" "" "" "OR68"
        "a record after the file control";
    FileNoBatch      "file.no-batch"          Warning "9" "" "" "OR68"
        "the file holds no batch";
    FileMicro        "file.micro-debits"      Warning "9" "" "" "Nacha 2022-09-16"
        "micro-entries that verify accounts debit more than they credit";
    FileFiller       "file.filler"            Warning "9" "" "" "OR66"
        "records of nines must fill up the last block of ten";
    FileFillerEarly  "file.filler-early"      Error   "9" "" "" "OR66"
        "a record of nines before the file control";
    FileFillerWidth  "file.filler-width"      Warning "9" "" "" "OR66"
        "a record of nines must be 94 nines";

    FieldFixed       "field.fixed"            Error   "*" "*" "" "OR102"
        "the field must hold a fixed text";
    FieldDigits      "field.not-digits"       Error   "*" "*" "R26" "OR62"
        "the field must be digits, right-justified, zero-filled";
    FieldBlank       "field.blank"            Error   "*" "*" "R26" "OR102"
        "a mandatory field is blank";
    FieldMissing     "field.missing"          Warning "*" "*" "R26" "OR102"
        "a required field is blank; the receiving bank may return the entry";
    FieldChoice      "field.choice"           Error   "*" "*" "R26" "OR102"
        "the field must be one of a few values";
    FieldCase        "field.case"             Error   "*" "*" "" "OR62"
        "the field must be upper case";
    FieldDate        "field.date"             Error   "*" "*" "" "OR102"
        "the field must be a date, YYMMDD";
    FieldDateOdd     "field.not-a-date"       Warning "*" "*" "" "OR102"
        "the field may be left out, but what stands in it must be a date, YYMMDD";
    FieldDay         "field.day-of-year"      Error   "*" "*" "" "OR108"
        "the field must be a day of the year, 001 to 366";
    FieldTime        "field.time"             Warning "1" "file_creation_time" "" "OR102"
        "the field must be a time, HHMM";
    FieldReserved    "field.reserved"         Info    "*" "*" "" "OR102"
        "the field is not used and should be blank";
    FieldPriority    "file.priority"          Warning "1" "priority_code" "" "OR102"
        "the priority code is 01";
    FieldRouting     "file.routing"           Warning "1" "*" "" "OR103"
        "not a routing number whose check digit holds";

    BatchNoHeader    "batch.no-header"        Error   "6" "" "" "OR68"
        "an entry outside of a batch";
    BatchNoControl   "batch.no-control"       Error   "8" "" "" "OR68"
        "the batch ends without a batch control";
    BatchStray       "batch.control-alone"    Error   "8" "" "" "OR68"
        "a batch control without a batch header";
    BatchEmpty       "batch.empty"            Error   "5" "" "" "OR68"
        "the batch holds no entry";
    BatchClass       "batch.service-class"    Error   "5 8" "service_class_code" "" "OR69"
        "the service class code must be 200, 220, 225 or 280";
    BatchClassSec    "batch.class-of-sec"     Error   "5" "service_class_code" "" "OR120"
        "the service class code does not fit the entry class";
    BatchSec         "batch.sec"              Error   "5" "standard_entry_class_code" "" "OR69"
        "the standard entry class code must be one of the 23";
    BatchBlank       "batch.blank-or-zeros"   Error   "5" "*" "" "OR69"
        "the field must not be all blanks or zeros";
    BatchStatus      "batch.originator-status" Error  "5" "originator_status_code" "" "OR69"
        "the originator status code does not fit the entry class";
    BatchOdfi        "batch.odfi"             Error   "5" "originating_dfi_identification" "" "OR69"
        "the originating bank must be eight digits, not zeros";
    BatchNumber      "batch.number-order"     Error   "5" "batch_number" "" "OR104"
        "batch numbers must ascend in a file";
    BatchDescription "batch.description"      Error   "5" "*" "" "OR106"
        "the entry class has a company entry description of its own";
    BatchReserved    "batch.reserved-word"    Warning "5" "company_entry_description" "" "OR105"
        "a reserved company entry description is out of place or not upper case";
    BatchDate        "batch.effective-date"   Error   "5" "effective_entry_date" "R18" "OR106"
        "the effective entry date must be a date";
    BatchDateBlank   "batch.effective-date-blank" Warning "5" "effective_entry_date" "" "OR106"
        "without an effective entry date the operator takes the next banking day";
    BatchDatePast    "batch.effective-date-past" Warning "5" "effective_entry_date" "R18" "OR106"
        "the effective entry date is before the file's creation date";
    BatchDateFar     "batch.effective-date-far" Warning "5" "effective_entry_date" "R18" "OR108"
        "credits may be dated two banking days ahead, debits one; a bank must hold them till then";
    BatchDateClosed  "batch.effective-date-closed" Warning "5" "effective_entry_date" "" "OR106"
        "banks are closed on the effective entry date; the entries settle on the next banking day";
    BatchSameDay     "batch.same-day-of-sec"  Warning "5" "effective_entry_date" "" "SDA 2016-09-23"
        "entries of the class never settle on the day the file is made";
    BatchMixed       "batch.mixed"            Error   "5" "" "" "OR70"
        "forward entries, returns, dishonored and contested returns never share a batch";

    EntryCode        "entry.transaction-code" Error   "6" "transaction_code" "R26" "OR69"
        "the transaction code is not in the table";
    EntryClass       "entry.service-class"    Error   "6" "transaction_code" "" "OR69"
        "the entry goes against the batch's service class";
    EntrySec         "entry.code-of-sec"      Error   "6" "transaction_code" "R26" "OR69"
        "the entry class does not allow the transaction code";
    EntryDirection   "entry.direction"        Error   "6" "transaction_code" "R36" "OR71"
        "the entry class takes no credits but in a reversal";
    EntryDebit       "entry.improper-debit"   Error   "6" "transaction_code" "R35" "OR71"
        "the entry class or a loan account takes no debits but in a reversal";
    EntryRouting     "entry.routing"          Error   "6" "receiving_dfi_identification"
        "R13" "OR71" "the receiving bank must be eight digits, not zeros";
    EntryCheckDigit  "entry.check-digit"      Error   "6" "check_digit" "R28" "OR71"
        "the check digit of the routing number does not hold";
    EntryAccount     "entry.account"          Warning "6" "account_number" "R04" "OR107"
        "the account number is blank or zeros";
    EntryAmount      "entry.amount"           Error   "6" "amount" "R19" "OR71"
        "the amount must be digits";
    EntryZero        "entry.amount-zero"      Error   "6" "amount" "R19" "OR71"
        "an entry that moves money must have an amount";
    EntryNotZero     "entry.amount-not-zero"  Error   "6" "amount" "R19" "OR71"
        "an entry that moves no money must have an amount of zero";
    EntryLimit       "entry.amount-limit"     Error   "6" "amount" "R19" "OR71"
        "the amount is above what the entry class allows";
    EntrySameDay     "entry.same-day-limit"   Warning "6" "amount" "" "SDA 2016-09-23"
        "the amount is above what a same-day entry may have on its date";
    EntryMicro       "entry.micro"            Warning "6" "amount" "" "Nacha 2022-09-16"
        "a micro-entry that verifies an account is a credit below 1.00";
    EntryPayment     "entry.payment-type"     Warning "6" "payment_type_code" "" "OR110"
        "the payment type must be R (recurring) or S (single)";
    EntryIndicator   "entry.addenda-indicator" Error  "6" "addenda_record_indicator" "R25" "OR71"
        "the addenda record indicator must be 0 or 1";
    EntryNoAddenda   "entry.addenda-missing"  Error   "6" "addenda_record_indicator" "R25" "OR71"
        "the addenda record indicator is 1 but no addenda follows";
    EntryNeeds       "entry.addenda-needed"   Error   "6" "addenda_record_indicator" "R25" "OR71"
        "the entry class demands an addenda";
    EntryExtra       "entry.addenda-unexpected" Error "6" "addenda_record_indicator" "R25" "OR71"
        "the addenda record indicator is 0 but an addenda follows";
    EntryTooMany     "entry.addenda-too-many" Error   "6" "addenda_record_indicator" "R25" "OR71"
        "more addenda than the entry class allows";
    EntryCount       "entry.addenda-count"    Error   "6" "number_of_addenda_records" "R25" "OR71"
        "the number of addenda is not the one the entry states";
    EntryCountIat    "entry.iat-addenda-count" Warning "6" "number_of_addenda_records" "R25" "OR86"
        "the number of addenda is not the one the international entry states";
    EntryTrace       "entry.trace"            Error   "6" "trace_number" "R27" "OR71"
        "the trace number must be digits";
    EntryTraceZero   "entry.trace-zero"       Warning "6" "trace_number" "R27" "OR71"
        "the trace number's sequence is zero";
    EntryTraceOdfi   "entry.trace-odfi"       Error   "6" "trace_number" "R27" "OR69"
        "the trace number must begin with the batch's originating bank";
    EntryTraceOrder  "entry.trace-order"      Error   "6" "trace_number" "R27" "OR69"
        "trace numbers must ascend in a batch";
    EntryTraceTwice  "entry.trace-duplicate"  Error   "6" "trace_number" "R27" "OR69"
        "the trace number is the one of the entry before";
    EntryTraceAgain  "entry.trace-again"      Warning "6" "trace_number" "R24" "OR69"
        "an entry earlier in the file has the trace number; answers could not be told apart";
    EntryAgain       "entry.again"            Warning "6" "" "R24" "OR126"
        "a little earlier stands the same but for the trace: is it to be paid twice?";

    AddendaAlone     "addenda.no-entry"       Error   "7" "" "R25" "OR68"
        "an addenda without an entry";
    AddendaType      "addenda.type"           Error   "7" "addenda_type_code" "R25" "OR71"
        "the addenda type code is not known";
    AddendaSec       "addenda.type-of-sec"    Error   "7" "addenda_type_code" "R25" "OR71"
        "the entry class does not allow this type of addenda";
    AddendaSequence  "addenda.sequence"       Error   "7" "addenda_sequence_number" "R25" "OR71"
        "the addenda sequence number must start at 1 and go up by 1";
    AddendaEntry     "addenda.entry-sequence" Error   "7" "entry_detail_sequence_number"
        "R25" "OR71" "the addenda must name the last seven digits of its entry's trace number";
    AddendaTrace     "addenda.trace"          Error   "7" "trace_number" "R27" "OR71"
        "the addenda must repeat its entry's trace number";
    AddendaOrder     "addenda.iat-order"      Error   "6 7" "*" "R25" "OR86"
        "addenda 10 to 16 must come once each, in order, then at most two 17, five 18";
    ReturnCode       "return.code-unknown"    Warning "7" "*" "" "OR126"
        "the return reason code is not in the table; it is kept";
    ReturnUnfit      "return.code-unfit"      Warning "7" "*" "" "OR126"
        "entries of the class, or that go this way, do not come back with the return reason";
    ReturnEntry      "return.transaction-code" Error  "7" "addenda_type_code" "" "OR126"
        "a return or notification of change needs a return transaction code (1 or 6)";
    ReturnAddenda    "return.addenda-missing" Error   "6" "addenda_record_indicator" "R25" "OR126"
        "a return transaction code needs an addenda 98 or 99";
    ReturnOnce       "return.addenda-once"    Error   "7" "addenda_type_code" "R25" "OR126"
        "a return or notification of change has one addenda 98 or 99, and it comes last";
    ReturnDispute    "return.iat-dispute"     Error   "7" "*" "" "OR71"
        "answers to international entries are never dishonored, contested or refused";
    ReturnFields     "return.information"     Warning "7" "*" "" "OR147"
        "the return reason demands a date or information that is not there";
    NocCode          "noc.code-unknown"       Warning "7" "change_code" "" "OR130"
        "the change code is not in the table; it is kept";
    NocData          "noc.corrected-data"     Error   "7" "corrected_data" "" "OR130"
        "a notification of change must say what changed";
    NocUnfit         "noc.corrected-data-unfit" Warning "7" "corrected_data" "" "OR130"
        "the corrected data are not what the change code says";

    ControlClass     "control.service-class"  Error   "8" "service_class_code" "" "OR69"
        "the service class code must be the batch header's";
    ControlCount     "control.count"          Error   "8" "entry_addenda_count" "" "OR69"
        "the entry and addenda count is not the number of records";
    ControlHash      "control.hash"           Error   "8" "entry_hash" "" "OR69"
        "the entry hash is not the sum of the receiving banks";
    ControlDebit     "control.debit"          Error   "8" "total_debit_amount" "" "OR69"
        "the debit total is not the sum of the debits";
    ControlCredit    "control.credit"         Error   "8" "total_credit_amount" "" "OR69"
        "the credit total is not the sum of the credits";
    ControlCompany   "control.company"        Warning "8" "company_identification" "" "OR69"
        "the company identification must be the batch header's";
    ControlOdfi      "control.odfi"           Error   "8" "originating_dfi_identification" "" "OR69"
        "the originating bank must be the batch header's";
    ControlNumber    "control.batch-number"   Error   "8" "batch_number" "" "OR69"
        "the batch number must be the batch header's";

    TotalBatches     "total.batches"          Error   "9" "batch_count" "" "OR68"
        "the batch count is not the number of batches";
    TotalBlocks      "total.blocks"           Error   "9" "block_count" "" "OR68"
        "the block count is not the number of blocks of ten records";
    TotalCount       "total.count"            Error   "9" "entry_addenda_count" "" "OR68"
        "the entry and addenda count is not the number of records";
    TotalHash        "total.hash"             Error   "9" "entry_hash" "" "OR68"
        "the entry hash is not the sum of the batches' hashes";
    TotalDebit       "total.debit"            Error   "9" "total_debit_amount" "" "OR68"
        "the debit total is not the sum of the debits";
    TotalCredit      "total.credit"           Error   "9" "total_credit_amount" "" "OR68"
        "the credit total is not the sum of the credits";
    TotalOverflow    "total.overflow"         Error   "*" "" "" "OR68"
        "from this batch on the sums outgrow 64 bits: what was counted is not all of it";
}

impl Rule {
    /// The rule's row of the table.
    pub(crate) const fn row(self) -> &'static RuleRow {
        &RULES[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nacha::generate::{Defect, Plan, Planter, generate};
    use crate::nacha::tests::laws::corpus;
    use crate::nacha::{LineEnd, validate};

    #[test]
    fn every_rule_has_an_id_of_its_own_and_a_reason() {
        for (at, row) in RULES.iter().enumerate() {
            assert!(
                RULES.iter().skip(at + 1).all(|other| other.id != row.id),
                "{}",
                row.id
            );
            assert!(row.id.contains('.') && !row.reason.is_empty() && !row.source.is_empty());
        }
    }

    /// Every finding in files with planted defects, and in real ones, is where the table says.
    #[test]
    fn a_finding_is_about_the_record_and_field_of_its_rule() {
        let mut elsewhere = std::collections::BTreeSet::new();
        let mut files: Vec<_> = corpus().into_iter().map(|(_, bytes)| bytes).collect();
        for row in RULES {
            let Some(defect) = Defect::of_rule(row.id) else {
                continue;
            };
            let planter = Planter::new(Vec::new(), defect, LineEnd::Lf);
            let plan = Plan {
                returns: defect.returns,
                ..Plan::of(defect.sec, 5)
            };
            files.push(generate(planter, &plan).unwrap().0.into_inner().unwrap());
        }
        for bytes in files {
            for found in validate(&bytes[..]).unwrap().findings.kept() {
                let row = RULES.iter().find(|row| row.id == found.rule).unwrap();
                let record =
                    row.record == "*" || row.record.split(' ').any(|r| found.record.starts_with(r));
                let field = match row.field {
                    "*" => !found.field.is_empty(),
                    "" => found.field.is_empty(),
                    name => found.field.ends_with(name),
                };
                if !(record && field) {
                    elsewhere.insert((found.rule, found.record, found.field));
                }
            }
        }
        assert!(elsewhere.is_empty(), "{elsewhere:?}");
    }
}
