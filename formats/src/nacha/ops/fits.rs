//! Whether an entry may be answered so: the entry is sound and no answer itself, the code is one
//! that answers entries and is in force, the corrected data are what the code says.

use crate::nacha::layout;
use crate::nacha::ops::error::OpError;
use crate::nacha::reader::Entry;
use jiff::civil::Date;
use settlement::codes::changes::{ChangeCode, ChangeError, Standing, decode, encode};
use settlement::codes::returns::{Bucket, ReturnCode};
use settlement::codes::sec::SecCode;
use settlement::codes::transactions::{Purpose, TransactionCode};
use settlement::ids::{DfiId, TraceNumber};
use std::borrow::Cow;

/// What happens to an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It comes back.
    Return {
        /// Why.
        code: ReturnCode,
        /// More, for those codes that say more.
        information: String,
    },
    /// It was posted, and something must be corrected.
    Change {
        /// What: `C01`.
        code: String,
        /// The right data, laid out as the code says.
        corrected_data: String,
    },
}

/// An entry as far as its answer needs it.
pub(super) struct Answered<'a> {
    pub answer: &'a Answer,
    /// What the answer says beside its code, in the columns' order.
    pub words: Cow<'a, str>,
    /// The code with which the entry comes back.
    pub code: TransactionCode,
    pub original: TraceNumber,
    pub rdfi: DfiId,
    pub odfi: DfiId,
    pub iat: bool,
}

/// What the answer to an entry is made of.
pub(super) fn fit<'a>(
    entry: &Entry<'_>,
    answer: &'a Answer,
    day: Date,
) -> Result<Answered<'a>, OpError> {
    let line = entry.place.line;
    let bad = |why| OpError::Entry { line, why };
    sound(entry).map_err(bad)?;
    let detail = entry.detail;
    if entry.sec().is_none_or(|sec| sec == SecCode::Adv) {
        return Err(bad("advices and unknown entry classes are not answered"));
    }
    let code = detail.transaction_code();
    if code.is_some_and(|code| code.purpose() == Purpose::ReturnOrNoc) {
        return Err(bad(
            "it is an answer itself: it is dishonored, not returned",
        ));
    }
    let code = code.and_then(TransactionCode::return_code);
    let iat = detail.layout().id == layout::ENTRY_IAT.id;
    let words = match answer {
        Answer::Return { code, information } => {
            returns(*code, day).map_err(bad)?;
            Cow::Borrowed(information.as_str())
        }
        Answer::Change {
            code,
            corrected_data,
        } => {
            let code = ChangeCode::from_bytes(code.as_bytes());
            let code = code.ok_or(bad("a change code is C and two digits"))?;
            corrected(code, corrected_data, iat).map_err(|wrong| match wrong {
                Wrong::Code(why) => bad(why),
                Wrong::Data(error) => OpError::Corrected { line, error },
            })?
        }
    };
    Ok(Answered {
        answer,
        words,
        code: code.ok_or(bad("the transaction code has no return code"))?,
        original: detail.trace().ok_or(bad("the trace is unreadable"))?,
        rdfi: detail
            .rdfi()
            .ok_or(bad("the receiving bank is unreadable"))?,
        odfi: entry
            .batch()
            .odfi()
            .ok_or(bad("the originating bank is unreadable"))?,
        iat,
    })
}

/// Whether an entry can be carried into another file: what is wrong with it would be there too.
pub(super) fn sound(entry: &Entry<'_>) -> Result<(), &'static str> {
    if entry.errors > 0 {
        return Err("the entry has errors: validate the file and mend it first");
    }
    Ok(())
}

/// Whether entries are returned with the code on that day.
fn returns(code: ReturnCode, day: Date) -> Result<(), &'static str> {
    let reason = code.reason();
    let reason = reason.ok_or("the return code is not in the table")?;
    if matches!(reason.bucket, Bucket::Dishonor | Bucket::Contest) {
        return Err("R61 to R77 dispute a return: an entry does not come back with them");
    }
    let begun = reason.since.is_none_or(|since| since <= day);
    if !begun || reason.until.is_some_and(|until| until < day) {
        return Err("the return code is not in force on the file's date");
    }
    Ok(())
}

/// Why a change is not one.
enum Wrong {
    Code(&'static str),
    Data(ChangeError),
}

/// The corrected data, each part at its columns. International ones have more columns and stay
/// as they are.
fn corrected(code: ChangeCode, data: &str, iat: bool) -> Result<Cow<'_, str>, Wrong> {
    use settlement::codes::changes::Part;
    let row = code
        .row()
        .ok_or(Wrong::Code("the change code is not in the table"))?;
    match row.standing {
        Standing::Asks => {}
        Standing::Retired => return Err(Wrong::Code("the change code is no longer in use")),
        Standing::Refuses => {
            return Err(Wrong::Code(
                "C61 to C69 refuse a notification of change: they do not answer an entry",
            ));
        }
    }
    let has = |part| row.parts.iter().any(|(own, ..)| *own == part);
    if has(Part::ReceivingBank) && !iat {
        return Err(Wrong::Code("C08 corrects international entries only"));
    }
    let corrections = decode(code, data).map_err(Wrong::Data)?;
    if has(Part::SecCode) && (iat || corrections.sec != Some(SecCode::Iat)) {
        return Err(Wrong::Code("C14 asks to send as IAT what is not"));
    }
    if iat {
        return Ok(Cow::Borrowed(data));
    }
    encode(code, &corrections)
        .map(Cow::Owned)
        .map_err(Wrong::Data)
}
