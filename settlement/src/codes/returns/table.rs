//! The rows of the return reason codes. Sources: Nacha Rules 2013 appendix 4, and for R11, R17,
//! R62, R77 and R90 the later rule changes. Titles and actions are our own words.

use super::code::ReturnCode;
use super::reason::Bucket::*;
use super::reason::Initiator::{Agency, Gateway, Odfi, Operator, Rdfi};
use super::reason::Reinitiate::{self, *};
use super::reason::ReturnWindow::{self, *};
use super::reason::Side::{self, *};
use super::reason::{Bucket, Initiator, ReturnReason};
use crate::codes::sec::SecCode::{self, Arc, Boc, Ccd, Ctx, Enr, Iat, Pop, Trc, Trx, Xck};
use jiff::civil::{Date, date};

/// From and until when a meaning holds.
type Validity = (Option<Date>, Option<Date>);

const ALWAYS: Validity = (None, None);
/// Folded into R69; the sources do not say when, only that it was before R62 had a new meaning.
const UNTIL_R69: Validity = until(2015, 3, 19);
const fn from(year: i16, month: i8, day: i8) -> Validity {
    (Some(date(year, month, day)), None)
}
const fn until(year: i16, month: i8, day: i8) -> Validity {
    (None, Some(date(year, month, day)))
}

const BD2: ReturnWindow = BankingDays(2);
const CD60: ReturnWindow = CalendarDays(60);
const AGREED: ReturnWindow = Agreed;
const NEXT: ReturnWindow = NextFile;
const REFUSAL: ReturnWindow = AfterRefusal(2);
const RETURN5: ReturnWindow = AfterReturn(5);
const DISH2: ReturnWindow = AfterDishonor(2);
const NONE: ReturnWindow = Unlimited;

#[allow(clippy::too_many_arguments)] // a row of a table
const fn row(
    code: &str,
    initiator: Initiator,
    side: Side,
    window: ReturnWindow,
    written_statement: bool,
    bucket: Bucket,
    again: Reinitiate,
    (since, until): Validity,
    title: &'static str,
    action: &'static str,
) -> ReturnReason {
    let Some(code) = ReturnCode::from_bytes(code.as_bytes()) else {
        panic!("a code of this table is not R and two digits") // at compile time
    };
    ReturnReason {
        code,
        initiator,
        side,
        window,
        written_statement,
        bucket,
        again,
        since,
        until,
        title,
        action,
    }
}

/// Every code by number, with its newest meaning: who returns, which entries, the window, written
/// statement of unauthorized debit, bucket, when again, since; title, what the originator does.
#[rustfmt::skip]
pub const RETURN_REASONS: &[ReturnReason] = &[
    row("R01", Rdfi,     Debits,  BD2,     false, Nsf,            Twice,      ALWAYS,
        "insufficient funds", "retry at most twice in 180 days, in batches of their own"),
    row("R02", Rdfi,     Either,  BD2,     false, Administrative, Corrected,  ALWAYS,
        "account closed", "stop using the account; ask for another"),
    row("R03", Rdfi,     Either,  BD2,     false, Administrative, Corrected,  ALWAYS,
        "no such account, or not under this name", "stop; check name, account and routing number"),
    row("R04", Rdfi,     Either,  BD2,     false, Administrative, Corrected,  ALWAYS,
        "account number malformed", "stop; correct the account number"),
    row("R05", Rdfi,     Debits,  CD60,    true,  Unauthorized,   Never,      ALWAYS,
        "consumer account debited under a corporate code", "stop; get a consumer authorization"),
    row("R06", Rdfi,     Either,  AGREED,  false, Requested,      Never,      ALWAYS,
        "returned because our bank asked", "match to our own request"),
    row("R07", Rdfi,     Debits,  CD60,    true,  Unauthorized,   Never,      ALWAYS,
        "authorization revoked", "stop; debit again only with a new authorization"),
    row("R08", Rdfi,     Debits,  BD2,     false, Stopped,        Authorized, ALWAYS,
        "payment stopped by the receiver", "send again only if the receiver then says so"),
    row("R09", Rdfi,     Debits,  BD2,     false, Nsf,            Twice,      ALWAYS,
        "funds not collected yet", "retry at most twice in 180 days, in batches of their own"),
    row("R10", Rdfi,     Debits,  CD60,    true,  Unauthorized,   Never,      from(2020, 4, 1),
        "originator not known or not authorized", "stop; get an authorization; review for fraud"),
    row("R11", Rdfi,     Debits,  CD60,    true,  Unauthorized,   Within60,   from(2020, 4, 1),
        "not in accordance with the authorization", "correct it; a new entry within 60 days"),
    row("R12", Rdfi,     Either,  BD2,     false, Account,        Corrected,  ALWAYS,
        "account sold to another bank", "ask for the new routing and account number"),
    row("R13", Operator, Either,  NEXT,    false, Format,         Corrected,  ALWAYS,
        "routing number not in ACH", "correct the routing number; no bank has seen the entry"),
    row("R14", Rdfi,     Either,  BD2,     false, Deceased,       Never,      ALWAYS,
        "representative payee deceased or unable", "stop; contact the beneficiary"),
    row("R15", Rdfi,     Either,  BD2,     false, Deceased,       Never,      ALWAYS,
        "beneficiary or holder deceased", "stop"),
    row("R16", Rdfi,     Either,  BD2,     false, Blocked,        Never,      ALWAYS,
        "account frozen or blocked", "stop; compliance review; pay by other means"),
    row("R17", Rdfi,     Either,  BD2,     false, FormatOrFraud,  Never,      from(2024, 10, 1),
        "unprocessable field, or questionable", "fix the field; QUESTIONABLE means fraud review"),
    row("R18", Operator, Either,  NEXT,    false, Format,         Corrected,  ALWAYS,
        "effective entry date out of range", "hold the entry and send it nearer to its date"),
    row("R19", Operator, Either,  NEXT,    false, Format,         Corrected,  ALWAYS,
        "amount field wrong", "fix the amount or the transaction code"),
    row("R20", Rdfi,     Either,  BD2,     false, Account,        Corrected,  ALWAYS,
        "account takes no such entries", "ask for another account"),
    row("R21", Rdfi,     Either,  BD2,     false, Format,         Corrected,  ALWAYS,
        "company identification not valid", "correct the company identification"),
    row("R22", Rdfi,     Either,  BD2,     false, Format,         Corrected,  ALWAYS,
        "individual identification not valid", "correct the individual identification"),
    row("R23", Rdfi,     Credits, REFUSAL, false, Refused,        Authorized, ALWAYS,
        "credit refused by the receiver", "contact the receiver"),
    row("R24", Rdfi,     Either,  BD2,     false, Duplicate,      Never,      ALWAYS,
        "duplicate entry", "look for a duplicate file; do not reverse as well"),
    row("R25", Operator, Either,  NEXT,    false, Format,         Corrected,  ALWAYS,
        "addenda wrong", "fix the addenda"),
    row("R26", Operator, Either,  NEXT,    false, Format,         Corrected,  ALWAYS,
        "mandatory field wrong", "fix the field"),
    row("R27", Operator, Either,  NEXT,    false, Format,         Corrected,  ALWAYS,
        "trace number wrong", "fix the trace numbers"),
    row("R28", Operator, Either,  NEXT,    false, Format,         Corrected,  ALWAYS,
        "check digit wrong", "fix the routing number"),
    row("R29", Rdfi,     Debits,  BD2,     false, Unauthorized,   Never,      ALWAYS,
        "company says not authorized", "stop; ask whether a debit filter lacks our company id"),
    row("R30", Operator, Either,  NEXT,    false, Check,          Never,      ALWAYS,
        "bank takes no truncated checks", "do not use this entry class for the bank"),
    row("R31", Rdfi,     Either,  AGREED,  false, Requested,      Never,      ALWAYS,
        "late return that was agreed", "match to the agreement; without one, dishonor with R70"),
    row("R32", Operator, Either,  NEXT,    false, Network,        Never,      ALWAYS,
        "bank cannot settle", "pay by other means; never send again"),
    row("R33", Rdfi,     Either,  CD60,    false, Check,          Never,      ALWAYS,
        "destroyed check entry returned", "collect by other means"),
    row("R34", Operator, Either,  NEXT,    false, Network,        Never,      ALWAYS,
        "bank's participation is limited", "pay by other means"),
    row("R35", Operator, Debits,  NEXT,    false, Format,         Never,      ALWAYS,
        "debit where none is allowed", "fix the transaction code or the entry class"),
    row("R36", Operator, Credits, NEXT,    false, Format,         Never,      ALWAYS,
        "credit where none is allowed", "fix the entry class"),
    row("R37", Rdfi,     Debits,  CD60,    true,  Check,          Never,      ALWAYS,
        "source document paid as well", "keep only one of the two payments"),
    row("R38", Rdfi,     Debits,  CD60,    false, Check,          Never,      ALWAYS,
        "source document stopped", "contact the receiver"),
    row("R39", Rdfi,     Debits,  BD2,     false, Check,          Never,      ALWAYS,
        "source document ineligible or paid as well", "collect by other means"),
    row("R40", Agency,   Either,  NONE,    false, Enrollment,     Never,      ALWAYS,
        "enrollment returned by the agency", "correct the enrollment"),
    row("R41", Agency,   Either,  NONE,    false, Enrollment,     Never,      ALWAYS,
        "enrollment: transaction code", "correct the enrollment"),
    row("R42", Agency,   Either,  NONE,    false, Enrollment,     Never,      ALWAYS,
        "enrollment: routing number", "correct the enrollment"),
    row("R43", Agency,   Either,  NONE,    false, Enrollment,     Never,      ALWAYS,
        "enrollment: account number", "correct the enrollment"),
    row("R44", Agency,   Either,  NONE,    false, Enrollment,     Never,      ALWAYS,
        "enrollment: individual id", "correct the enrollment"),
    row("R45", Agency,   Either,  NONE,    false, Enrollment,     Never,      ALWAYS,
        "enrollment: name", "correct the enrollment"),
    row("R46", Agency,   Either,  NONE,    false, Enrollment,     Never,      ALWAYS,
        "enrollment: representative payee", "correct the enrollment"),
    row("R47", Agency,   Either,  NONE,    false, Enrollment,     Never,      ALWAYS,
        "enrollment: duplicate", "correct the enrollment"),
    row("R50", Rdfi,     Either,  BD2,     false, Rck,            Never,      ALWAYS,
        "state law does not allow the check entry", "collect by other means"),
    row("R51", Rdfi,     Either,  CD60,    true,  Unauthorized,   Never,      ALWAYS,
        "check entry ineligible or improper", "collect by other means"),
    row("R52", Rdfi,     Either,  CD60,    false, Rck,            Never,      ALWAYS,
        "check behind the entry stopped", "collect by other means"),
    row("R53", Rdfi,     Either,  CD60,    true,  Rck,            Never,      ALWAYS,
        "check and entry both presented", "give one of the two payments back"),
    row("R61", Odfi,     Either,  RETURN5, false, Dishonor,       Never,      ALWAYS,
        "return went to the wrong bank", "our bank dishonors"),
    row("R62", Odfi,     Debits,  RETURN5, false, Dishonor,       Never,      from(2015, 3, 20),
        "return of a reversal or of its cause", "our bank warrants that it sent a reversal"),
    row("R63", Odfi,     Either,  RETURN5, false, Dishonor,       Never,      UNTIL_R69,
        "amount of the return wrong", "none: folded into R69"),
    row("R64", Odfi,     Either,  RETURN5, false, Dishonor,       Never,      UNTIL_R69,
        "individual id of the return wrong", "none: folded into R69"),
    row("R65", Odfi,     Either,  RETURN5, false, Dishonor,       Never,      UNTIL_R69,
        "transaction code of the return wrong", "none: folded into R69"),
    row("R66", Odfi,     Either,  RETURN5, false, Dishonor,       Never,      UNTIL_R69,
        "company id of the return wrong", "none: folded into R69"),
    row("R67", Odfi,     Either,  RETURN5, false, Dishonor,       Never,      ALWAYS,
        "returned twice", "ask our bank to dishonor"),
    row("R68", Odfi,     Either,  RETURN5, false, Dishonor,       Never,      ALWAYS,
        "returned too late", "ask our bank to dishonor"),
    row("R69", Odfi,     Either,  RETURN5, false, Dishonor,       Never,      ALWAYS,
        "fields of the return wrong", "name the fields: account 01, trace 02, amount 03 and on"),
    row("R70", Odfi,     Either,  RETURN5, false, Dishonor,       Never,      ALWAYS,
        "agreed return that nobody agreed to", "ask our bank to dishonor"),
    row("R71", Rdfi,     Either,  DISH2,   false, Contest,        Never,      ALWAYS,
        "dishonor went to the wrong bank", "accept; further dispute is outside the network"),
    row("R72", Rdfi,     Either,  DISH2,   false, Contest,        Never,      ALWAYS,
        "dishonored too late", "accept; further dispute is outside the network"),
    row("R73", Rdfi,     Either,  DISH2,   false, Contest,        Never,      ALWAYS,
        "original return was timely", "accept; further dispute is outside the network"),
    row("R74", Rdfi,     Either,  DISH2,   false, Contest,        Never,      ALWAYS,
        "return, corrected", "match again with the corrected fields"),
    row("R75", Rdfi,     Either,  DISH2,   false, Contest,        Never,      ALWAYS,
        "return was no duplicate", "accept; further dispute is outside the network"),
    row("R76", Rdfi,     Either,  DISH2,   false, Contest,        Never,      ALWAYS,
        "return had no errors", "accept; further dispute is outside the network"),
    row("R77", Rdfi,     Debits,  DISH2,   false, Contest,        Never,      from(2015, 3, 20),
        "funds of the reversal are gone", "accept; further dispute is outside the network"),
    row("R80", Gateway,  Either,  BD2,     false, International,  Corrected,  ALWAYS,
        "international entry miscoded", "correct, or use another channel"),
    row("R81", Gateway,  Either,  BD2,     false, International,  Corrected,  ALWAYS,
        "gateway takes no such entries", "correct, or use another channel"),
    row("R82", Gateway,  Either,  BD2,     false, International,  Corrected,  ALWAYS,
        "foreign bank's identification invalid", "correct, or use another channel"),
    row("R83", Gateway,  Either,  BD2,     false, International,  Corrected,  ALWAYS,
        "foreign bank cannot settle", "correct, or use another channel"),
    row("R84", Gateway,  Either,  BD2,     false, International,  Corrected,  ALWAYS,
        "gateway did not process", "correct, or use another channel"),
    row("R85", Gateway,  Either,  BD2,     false, International,  Corrected,  ALWAYS,
        "international payment sent as domestic", "send it as IAT"),
    row("R90", Rdfi,     Either,  NONE,    false, Blocked,        Never,      from(2028, 3, 17),
        "held back by sanctions screening", "compliance review"),
];

/// The entry classes that come back with a code, of the codes that are not for any of them.
#[rustfmt::skip]
pub(super) const CLASSES: &[(&str, &[SecCode])] = &[
    ("R05", &[Ccd, Ctx]),
    ("R29", &[Ccd, Ctx]),
    ("R30", &[Trc, Trx]),
    ("R31", &[Ccd, Ctx]),
    ("R33", &[Xck]),
    ("R37", &[Arc, Boc, Pop]),
    ("R38", &[Arc, Boc]),
    ("R39", &[Arc, Boc, Pop]),
    ("R40", &[Enr]),
    ("R41", &[Enr]),
    ("R42", &[Enr]),
    ("R43", &[Enr]),
    ("R44", &[Enr]),
    ("R45", &[Enr]),
    ("R46", &[Enr]),
    ("R47", &[Enr]),
    ("R50", &[SecCode::Rck]),
    ("R51", &[SecCode::Rck]),
    ("R52", &[SecCode::Rck]),
    ("R53", &[SecCode::Rck]),
    ("R80", &[Iat]),
    ("R81", &[Iat]),
    ("R82", &[Iat]),
    ("R83", &[Iat]),
    ("R84", &[Iat]),
];

/// The entry classes that never come back with a code, of the codes that are for many. A company
/// answers for its own account within two days (R29): it does not advise as a consumer does.
/// Checks have codes of their own. Sources: Nacha Rules 2013 3.12, Appendix Four; for R10 and R11
/// the changes of 2020-04-01.
#[rustfmt::skip]
pub(super) const OTHER_CLASSES: &[(&str, &[SecCode])] = &[
    ("R07", &[Arc, Boc, Ccd, Ctx, Pop, SecCode::Rck]),
    ("R10", &[Ccd, Ctx]),
    ("R11", &[Ccd, Ctx]),
];

/// What codes of [`RETURN_REASONS`] meant before.
#[rustfmt::skip]
pub const EARLIER_REASONS: &[ReturnReason] = &[
    row("R11", Rdfi,     Either,  BD2,     false, Check,          Never,      until(2020, 3, 31),
        "truncated check entry returned", "none: the code has another meaning now"),
    row("R62", Odfi,     Either,  RETURN5, false, Dishonor,       Never,      UNTIL_R69,
        "trace number of the return wrong", "none: folded into R69"),
];
