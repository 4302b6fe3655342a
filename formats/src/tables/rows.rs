//! The tables, one list each: this is where a column is added or a meaning looked up.
//!
//! A list names the table, its partition, the type that stands for the table, and the row. Each
//! column has one line of meaning, a name and a kind. The order is the file's order; a new column
//! goes to the end, so that old files differ from new ones only in what they lack.

use crate::tables::column::{
    Column, Day, Flag, Id, Key, Maybe, Moment, Money, Number, Small, Text,
};
use crate::tables::declare::{cells, info, table};
use crate::tables::schema::TableInfo;
use crate::tables::table::Table;
use arrow_array::{ArrayRef, RecordBatch};
use settlement::money::SignedCents;

table! {
    /// One event of one payment.
    payment_events by event_date, PaymentEvents of PaymentEvent {
        /// The banking day the event belongs to.
        event_date: Day,
        /// When it happened; for a job's event its nominal moment.
        at: Moment,
        /// The payment.
        payment_id: Id,
        /// The payment as a number.
        payment_key: Key,
        /// The payment's version after the event.
        version: Small,
        /// What happened.
        event: Text,
        /// The payment's state before; the same as after where nothing moved.
        from_state: Text,
        /// The payment's state after.
        to_state: Text,
        /// `credit` or `debit`, seen from the receiver.
        direction: Text,
        /// The payment's amount.
        amount: Money,
        /// Whose payment it is.
        originator: Text,
        /// The trace number of its entry, once it has one.
        trace: Maybe<Key>,
        /// The batch of its entry, once it has one.
        batch: Maybe<Text>,
        /// What else the event says: a return code, a reason.
        detail: Text,
        /// The ISO code of the currency of its amounts.
        currency: Maybe<Text>,
        /// The client's own name for the payment, where the client gave one.
        reference: Maybe<Text>,
    }
}

table! {
    /// One entry we sent.
    ach_entries by cut_date, AchEntries of AchEntry {
        /// The banking day of the cut.
        cut_date: Day,
        /// The cut that claimed the payment.
        cut_id: Text,
        /// The file that carries the entry.
        file: Text,
        /// The window it was cut for: `sd1`, `sd2`, `sd3` or `standard`.
        window: Text,
        /// The batch, as the bank repeats it.
        batch: Text,
        /// The batch as a number.
        batch_key: Key,
        /// The trace number, fifteen digits.
        trace: Key,
        /// The payment.
        payment_id: Id,
        /// The payment as a number.
        payment_key: Key,
        /// `credit` or `debit`, seen from the receiver.
        direction: Text,
        /// The transaction code. NACHA entry detail, positions 2-3.
        transaction_code: Small,
        /// The receiving bank's routing number, nine digits.
        routing: Number,
        /// What stands for the account number.
        account_token: Text,
        /// The account number's last four characters.
        account_last4: Text,
        /// The entry's amount; never negative.
        amount: Money,
        /// The standard entry class of the batch.
        sec: Text,
        /// The originator's company identification in the batch.
        company_id: Text,
        /// The originator's name in the batch.
        company_name: Text,
        /// The company entry description.
        description: Text,
        /// The receiver's name; empty where `names` has it.
        individual_name: Text,
        /// The effective entry date.
        effective_date: Day,
        /// The banking day on which it settles.
        settles_on: Day,
        /// Whose payment it is.
        originator: Text,
        /// What the addenda say to the receiver; nothing where `names` has it.
        remittance: Maybe<Text>,
        /// The last day on which a return as unauthorized may settle.
        last_return_day: Maybe<Day>,
        /// The ISO code of the currency of its amounts.
        currency: Maybe<Text>,
        /// The client's own name for the payment, where the client gave one.
        reference: Maybe<Text>,
        /// What commits to the receiver's name and the remittance: their SHA-256 with a salt.
        name_commitment: Maybe<Text>,
    }
}

table! {
    /// One return, change, dishonored or contested return.
    ach_returns by received_date, AchReturns of AchReturn {
        /// The banking day on which it came.
        received_date: Day,
        /// The file it came in.
        file: Text,
        /// Its line in that file, counted from 1.
        line: Number,
        /// `return`, `noc`, `dishonored`, `contested` or `refused`.
        kind: Text,
        /// The return reason or change code.
        code: Text,
        /// The trace number the returning bank gave.
        return_trace: Key,
        /// The trace number of the entry it answers.
        original_trace: Key,
        /// The bank that received that entry, eight digits.
        original_rdfi: Number,
        /// The originator's company identification in the batch.
        company_id: Text,
        /// The standard entry class of the batch.
        sec: Text,
        /// The transaction code of the return.
        transaction_code: Small,
        /// The original entry's: `credit` or `debit`, seen from the receiver.
        direction: Text,
        /// The amount that comes back; nothing for a change.
        amount: Money,
        /// The payment, where it is known.
        payment_id: Maybe<Id>,
        /// The payment as a number, where it is known.
        payment_key: Maybe<Key>,
        /// The batch of the original entry, where it is known.
        batch: Maybe<Text>,
        /// Whether it came after its code's window.
        late: Flag,
        /// What else it says: corrected data, a date of death.
        note: Maybe<Text>,
        /// Its name: the content of its file, and its place among the file's entries.
        return_id: Maybe<Id>,
        /// The day on which it settled itself.
        settled_date: Maybe<Day>,
        /// What says so: `settlement`, `effective` or `received`.
        settled_by: Maybe<Text>,
        /// The payment that its individual id names, whether or not it is about that.
        names_payment: Maybe<Key>,
        /// Whose payment it is, where it is known.
        originator: Maybe<Text>,
        /// The banking day of the cut that sent the original entry, where it is known.
        cut_date: Maybe<Day>,
        /// The ISO code of the currency of its amounts.
        currency: Maybe<Text>,
    }
}

table! {
    /// One line of a bank statement.
    bank_lines by statement_date, BankLines of BankLine {
        /// The day the statement is of.
        statement_date: Day,
        /// The day the money counts.
        value_date: Day,
        /// The line's name: day, account, what it is, and the how-manieth of the same.
        line_id: Id,
        /// The file it came in.
        file: Text,
        /// Its line in that file, counted from 1.
        line: Number,
        /// The last four characters of the bank account's number.
        account_last4: Text,
        /// The bank's code for the kind of line.
        type_code: Text,
        /// What the bank's profile takes that code for.
        role: Text,
        /// Positive where it raises the account.
        amount: Money,
        /// The bank's reference.
        bank_reference: Text,
        /// Our reference as the bank repeats it: a batch or a trace.
        customer_reference: Text,
        /// The bank's text.
        text: Text,
        /// The batch it settles, as a number.
        batch_key: Maybe<Key>,
        /// The trace number of the entry it returns.
        trace: Maybe<Key>,
        /// The line that it takes back, where a later version of the statement drops one.
        corrects: Maybe<Text>,
        /// The ISO code of the currency of its amounts.
        currency: Maybe<Text>,
    }
}

table! {
    /// One part of a line of a statement, where the bank lists what it is made of.
    bank_line_details by statement_date, BankLineDetails of BankLineDetail {
        /// The day the statement is of.
        statement_date: Day,
        /// The line it is a part of, by its name.
        line_id: Id,
        /// Its place among the line's parts, counted from 1.
        part_no: Small,
        /// What it moved, where the bank says so; positive raises the account.
        amount: Maybe<Money>,
        /// Our reference as the bank repeats it: a trace, an end to end id.
        reference: Text,
        /// Everything that it is called by, that reference too, with `; ` in between.
        references: Text,
        /// Why it came back: a return reason code.
        return_reason: Text,
        /// What it says.
        text: Text,
        /// The ISO code of the currency of its amounts.
        currency: Maybe<Text>,
    }
}

table! {
    /// One statement of an account: a day, a page of one, or a later version.
    bank_balances by statement_date, BankBalances of BankBalance {
        /// The day the statement is of.
        statement_date: Day,
        /// The last four characters of the bank account's number.
        account: Text,
        /// The ledger balance before its lines.
        opening: Money,
        /// The ledger balance after its lines.
        closing: Money,
        /// What could be used at the end of it, where the bank says so.
        available: Maybe<Money>,
        /// The ISO code of the account's currency.
        currency: Text,
        /// The file it came in.
        file: Text,
        /// Which it is of those of its day, from 0.
        nth: Maybe<Small>,
    }
}

table! {
    /// One line of a journal: a debit or a credit.
    journal by ledger_date, Journal of JournalLine {
        /// The day in whose books it stands.
        ledger_date: Day,
        /// The day from which it counts.
        effective_date: Day,
        /// When we knew.
        posted_at: Moment,
        /// The journal; its lines balance.
        journal_id: Id,
        /// The line's place in the journal, counted from 1.
        line_no: Small,
        /// The rule that made it.
        posting: Text,
        /// The account, four digits.
        account: Text,
        /// What the account is kept by here: a trace, a batch, a customer.
        key: Text,
        /// `D` for debit, `C` for credit.
        side: Text,
        /// The amount; never negative.
        amount: Money,
        /// The record it was posted for.
        source: Text,
        /// The journal that it corrects.
        corrects: Maybe<Text>,
        /// The ISO code of the currency of its amounts.
        currency: Maybe<Text>,
    }
}

table! {
    /// One account and key at the end of a day.
    balances by ledger_date, Balances of Balance {
        /// The day.
        ledger_date: Day,
        /// The account, four digits.
        account: Text,
        /// What the account is kept by: a trace, a batch, a customer.
        key: Text,
        /// The balance; positive where debits are more.
        balance: Money,
        /// Since when it has not been zero.
        since: Day,
        /// Calendar days since then.
        age_days: Maybe<Small>,
        /// The ISO code of the currency of its amounts.
        currency: Maybe<Text>,
    }
}

table! {
    /// One match of one leg of the reconciliation.
    matches by recon_date, Matches of Match {
        /// The day of the run.
        recon_date: Day,
        /// `L1` to `L4`.
        leg: Text,
        /// The record on the left.
        left_id: Text,
        /// The record on the right.
        right_id: Text,
        /// The amount on which they agree.
        amount: Money,
        /// How they were found, and what differed within bounds.
        note: Text,
        /// The ISO code of the currency of its amounts.
        currency: Maybe<Text>,
    }
}

table! {
    /// One line of an allocation: a share of a receipt, of an expectation, or of a cause.
    allocations by allocation_date, Allocations of AllocationShare {
        /// The day of the run.
        allocation_date: Day,
        /// The allocation's name. Its lines sum to zero.
        allocation_id: Id,
        /// The line's number within it, from 1.
        line_no: Small,
        /// The pass that found it: `reversal`, `named`, `details`, `group`, `cause`, `nameless`.
        pass: Text,
        /// The version of the rules that found it.
        rules: Small,
        /// What the line is of: `receipt`, `expectation`, `netted_fee`, `rounding`.
        item: Text,
        /// Its name: a statement line, a batch and side, a return.
        item_id: Id,
        /// How much: a receipt's as it moved the account, an expectation's the other way.
        amount: Money,
        /// What tells that it is so.
        evidence: Text,
        /// The allocation that it takes back.
        reverses: Maybe<Text>,
        /// Who decided it; empty where the rules did.
        decided_by: Text,
        /// The ISO code of the currency of its amounts.
        currency: Maybe<Text>,
    }
}

table! {
    /// One break as known on a run.
    breaks by recon_date, Breaks of Break {
        /// The day of the run.
        recon_date: Day,
        /// The break's name, the same on every run that finds it.
        break_id: Id,
        /// What kind of break.
        kind: Text,
        /// The leg that found it: `L1` to `L4`.
        leg: Text,
        /// The key that did not match.
        key: Text,
        /// What is at stake, left less right.
        amount: Money,
        /// The record on the left, where there is one.
        left_id: Maybe<Text>,
        /// The record on the right, where there is one.
        right_id: Maybe<Text>,
        /// The day of the first run that found it.
        first_seen: Day,
        /// Calendar days since then.
        age_days: Small,
        /// Where it stands in its life: `OPEN`, `ASSIGNED`, ...
        status: Text,
        /// What was found and what to do.
        explanation: Text,
        /// The ISO code of the currency of its amounts.
        currency: Maybe<Text>,
    }
}

table! {
    /// One payment's cost, item by item, against the baseline.
    savings by savings_date, Savings of Saving {
        /// The day the payment is counted on.
        savings_date: Day,
        /// The payment.
        payment_id: Id,
        /// `credit` or `debit`, seen from the receiver.
        direction: Text,
        /// The standard entry class.
        sec: Text,
        /// The window it was cut for.
        window: Text,
        /// The payment's amount.
        amount: Money,
        /// Its share of the bank's fee for the file, in millionths of a dollar.
        bank_file_micros: Number,
        /// Its share of the fee for the batch, in millionths of a dollar.
        bank_batch_micros: Number,
        /// The fee for the entry, in millionths of a dollar.
        bank_item_micros: Number,
        /// The same-day surcharge, in millionths of a dollar.
        same_day_micros: Number,
        /// The fee for its return, in millionths of a dollar.
        return_micros: Number,
        /// What running it cost, in millionths of a dollar.
        aws_micros: Number,
        /// All of these, in millionths of a dollar.
        total_micros: Number,
        /// What the card processor would take, in millionths of a dollar.
        baseline_micros: Number,
        /// The difference, in millionths of a dollar.
        saved_micros: Number,
        /// The price list all this was computed from: the first 16 digits of its SHA-256.
        price_list: Text,
        /// The ISO code of the currency of its amounts.
        currency: Maybe<Text>,
    }
}

table! {
    /// One run's report.
    job_runs by run_date, JobRuns of JobRun {
        /// The banking day the job ran for.
        run_date: Day,
        /// The job.
        job: Text,
        /// Which part of it: a window, a file, a leg.
        part: Text,
        /// Records that came in.
        records_in: Number,
        /// Records that went out.
        records_out: Number,
        /// Money that came in.
        amount_in: Money,
        /// Money that went out.
        amount_out: Money,
        /// Whether in and out agree.
        tied_out: Flag,
        /// What else the report says.
        detail: Text,
        /// The ISO code of the currency of its amounts.
        currency: Maybe<Text>,
    }
}

table! {
    /// One part of a table, as a record of a job names it.
    parts by sealed_in, Parts of PartRow {
        /// The banking day whose record names it, and in whose package it is sealed.
        sealed_in: Day,
        /// The table that it is a part of.
        table_name: Text,
        /// The day of the table's partition that it stands in.
        partition_date: Day,
        /// Its name in the object store.
        path: Id,
        /// Its rows.
        row_count: Number,
        /// The sum of the table's first money column that every row has; 0 where there is none.
        amount: Money,
        /// The job that wrote it.
        written_by: Text,
        /// The record that names it.
        record: Text,
        /// SHA-256 of its bytes, in hexadecimal; empty where a record of before hashes names it.
        sha256: Text,
        /// The ISO code of the currency of its amounts.
        currency: Maybe<Text>,
    }
}
