//! Who receives what we sent: apart from the other tables, for its rows may be forgotten.

use crate::tables::column::{Column, Day, Id, Key, Maybe, Text};
use crate::tables::declare::{cells, info, table};
use crate::tables::schema::TableInfo;
use crate::tables::table::Table;
use arrow_array::{ArrayRef, RecordBatch};
use settlement::money::SignedCents;

table! {
    /// Who received one entry, and what was said to them.
    names by cut_date, ReceiverNames of ReceiverName {
        /// The banking day of the cut.
        cut_date: Day,
        /// The trace number of the entry, fifteen digits.
        trace: Key,
        /// The payment.
        payment_id: Id,
        /// The payment as a number.
        payment_key: Key,
        /// Whose payment it is.
        originator: Text,
        /// What stands for the account number.
        account_token: Text,
        /// The receiver's name.
        individual_name: Text,
        /// What the addenda say to the receiver.
        remittance: Maybe<Text>,
        /// The salt of the entry's `name_commitment`, in hexadecimal.
        salt: Text,
    }
}
