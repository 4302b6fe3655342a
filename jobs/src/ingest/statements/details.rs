//! The parts of a line, as rows of their table.

use formats::statement::Line;
use formats::tables::BankLineDetail;
use jiff::civil::Date;
use settlement::money::Currency;

/// What stands between the references of one part.
pub const BETWEEN: &str = "; ";

/// The parts of the line called `name`, where the bank lists any.
pub(super) fn details<'l>(
    day: Date,
    currency: Currency,
    name: &'l str,
    line: &'l Line,
) -> impl Iterator<Item = BankLineDetail<'static>> + 'l {
    (1i32..)
        .zip(&line.details)
        .map(move |(part_no, part)| BankLineDetail {
            statement_date: day,
            line_id: name.to_owned().into(),
            part_no,
            amount: part.amount,
            reference: part.reference.clone().into(),
            references: part.references.join(BETWEEN).into(),
            return_reason: part.return_reason.clone().into(),
            text: part.text.clone().into(),
            currency: Some(currency.as_str().into()),
        })
}
