//! The kinds of column: each knows its value in a row, its builder, and its way back.
//!
//! The names here ([`Day`], [`Text`], [`Money`], ...) are what the lists in
//! [`rows`](crate::tables::rows) are written with. They are never values, only types.

use crate::tables::limits::MAX_TEXT;
use crate::tables::schema::{ColumnKind, MONEY_DIGITS, MONEY_SCALE};
use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Int32Builder, Int64Builder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int32Array, Int64Array,
    StringArray, TimestampMicrosecondArray,
};
use jiff::{SignedDuration, Timestamp, civil::Date};
use settlement::money::SignedCents;
use std::{borrow::Cow, sync::Arc};

/// How one kind of column is filled and read.
pub trait Column {
    /// The value in a row.
    type Value<'a>;
    /// The column while it is being filled.
    type Builder: Default + Send;
    /// The column of a batch that is being read.
    type Cells: Array + Clone + 'static;
    /// What the column holds.
    const KIND: ColumnKind;
    /// Whether it may be empty.
    const NULLABLE: bool = false;

    /// Adds a value.
    fn push(builder: &mut Self::Builder, value: &Self::Value<'_>);
    /// Adds an empty cell.
    fn push_null(builder: &mut Self::Builder);
    /// Adds the filled column, or for money both, to `columns`.
    fn drain(builder: &mut Self::Builder, columns: &mut Vec<ArrayRef>);
    /// The value of a row; `None` where it is empty or out of range.
    fn value(cells: &Self::Cells, at: usize) -> Option<Self::Value<'static>>;
    /// Whether the value is short enough.
    fn fits(_value: &Self::Value<'_>) -> bool {
        true
    }
    /// The amount, where this is money.
    fn cents(_value: &Self::Value<'_>) -> Option<SignedCents> {
        None
    }
}

/// A date: [`Date`].
pub enum Day {}
/// A moment in UTC, whole microseconds: [`Timestamp`].
pub enum Moment {}
/// A text.
pub enum Text {}
/// A text that names something and is looked up.
pub enum Id {}
/// A number that names something and is looked up.
pub enum Key {}
/// A 64 bit number.
pub enum Number {}
/// A 32 bit number.
pub enum Small {}
/// Yes or no.
pub enum Flag {}
/// Signed cents: [`SignedCents`].
pub enum Money {}
/// A value that may be missing: an [`Option`].
pub struct Maybe<K>(std::marker::PhantomData<K>);

const EPOCH: Date = Date::constant(1970, 1, 1);
const HOURS_A_DAY: i64 = 24;

/// Days since 1970-01-01, as Parquet counts dates.
fn days(date: Date) -> i32 {
    let hours = EPOCH.duration_until(date).as_hours();
    i32::try_from(hours / HOURS_A_DAY)
        .unwrap_or_else(|_| unreachable!("the last year is 9999, its days fit 32 bits"))
}

fn date(days: i32) -> Option<Date> {
    EPOCH
        .checked_add(SignedDuration::from_hours(
            i64::from(days).checked_mul(HOURS_A_DAY)?,
        ))
        .ok()
}

/// A column whose cells are one Arrow array and whose values are copied.
macro_rules! plain {
    ($name:ident, $kind:ident, $value:ty, $builder:ty, $cells:ty,
     |$v:ident| $to:expr, |$c:ident| $from:expr) => {
        impl Column for $name {
            type Value<'a> = $value;
            type Builder = $builder;
            type Cells = $cells;
            const KIND: ColumnKind = ColumnKind::$kind;

            fn push(builder: &mut Self::Builder, $v: &Self::Value<'_>) {
                builder.append_value($to);
            }
            fn push_null(builder: &mut Self::Builder) {
                builder.append_null();
            }
            fn drain(builder: &mut Self::Builder, columns: &mut Vec<ArrayRef>) {
                columns.push(Arc::new(builder.finish()));
            }
            fn value(cells: &Self::Cells, at: usize) -> Option<Self::Value<'static>> {
                if cells.is_null(at) {
                    return None;
                }
                let $c = cells.value(at);
                $from
            }
        }
    };
}

plain!(
    Day,
    Date,
    Date,
    Date32Builder,
    Date32Array,
    |v| days(*v),
    |c| date(c)
);
plain!(Key, Key, i64, Int64Builder, Int64Array, |v| *v, |c| Some(c));
plain!(Number, Number, i64, Int64Builder, Int64Array, |v| *v, |c| {
    Some(c)
});
plain!(Small, Small, i32, Int32Builder, Int32Array, |v| *v, |c| {
    Some(c)
});
plain!(
    Flag,
    Flag,
    bool,
    BooleanBuilder,
    BooleanArray,
    |v| *v,
    |c| Some(c)
);

/// Timestamps in UTC need the zone on the finished array.
#[derive(Default)]
pub struct MomentBuilder(TimestampMicrosecondBuilder);

impl MomentBuilder {
    fn append_value(&mut self, microseconds: i64) {
        self.0.append_value(microseconds);
    }
    fn append_null(&mut self) {
        self.0.append_null();
    }
    fn finish(&mut self) -> TimestampMicrosecondArray {
        self.0.finish().with_timezone("UTC")
    }
}

plain!(
    Moment,
    Timestamp,
    Timestamp,
    MomentBuilder,
    TimestampMicrosecondArray,
    |v| v.as_microsecond(),
    |c| Timestamp::from_microsecond(c).ok()
);

macro_rules! text {
    ($name:ident, $kind:ident) => {
        impl Column for $name {
            type Value<'a> = Cow<'a, str>;
            type Builder = StringBuilder;
            type Cells = StringArray;
            const KIND: ColumnKind = ColumnKind::$kind;

            fn push(builder: &mut StringBuilder, value: &Cow<'_, str>) {
                builder.append_value(value);
            }
            fn push_null(builder: &mut StringBuilder) {
                builder.append_null();
            }
            fn drain(builder: &mut StringBuilder, columns: &mut Vec<ArrayRef>) {
                columns.push(Arc::new(builder.finish()));
            }
            fn value(cells: &StringArray, at: usize) -> Option<Cow<'static, str>> {
                let here = !cells.is_null(at);
                here.then(|| Cow::Owned(cells.value(at).to_owned()))
            }
            fn fits(value: &Cow<'_, str>) -> bool {
                value.len() <= MAX_TEXT
            }
        }
    };
}
text!(Text, Text);
text!(Id, Id);

impl Column for Money {
    type Value<'a> = SignedCents;
    type Builder = Int64Builder;
    type Cells = Int64Array;
    const KIND: ColumnKind = ColumnKind::Money;

    fn push(builder: &mut Int64Builder, value: &SignedCents) {
        builder.append_value(value.get());
    }
    fn push_null(builder: &mut Int64Builder) {
        builder.append_null();
    }
    /// The column of cents, and from it the column of dollars.
    fn drain(builder: &mut Int64Builder, columns: &mut Vec<ArrayRef>) {
        let cents = builder.finish();
        let dollars: Decimal128Array = cents.unary(i128::from);
        let kind = arrow_schema::DataType::Decimal128(MONEY_DIGITS, MONEY_SCALE);
        columns.push(Arc::new(cents));
        columns.push(Arc::new(dollars.with_data_type(kind)));
    }
    fn value(cells: &Int64Array, at: usize) -> Option<SignedCents> {
        let here = !cells.is_null(at);
        here.then(|| SignedCents::new(cells.value(at)))
    }
    /// Eighteen digits: more than the money of the world.
    fn fits(value: &SignedCents) -> bool {
        value.magnitude().get() < 1_000_000_000_000_000_000
    }
    fn cents(value: &SignedCents) -> Option<SignedCents> {
        Some(*value)
    }
}

impl<K: Column> Column for Maybe<K> {
    type Value<'a> = Option<K::Value<'a>>;
    type Builder = K::Builder;
    type Cells = K::Cells;
    const KIND: ColumnKind = K::KIND;
    const NULLABLE: bool = true;

    fn push(builder: &mut K::Builder, value: &Option<K::Value<'_>>) {
        match value {
            Some(value) => K::push(builder, value),
            None => K::push_null(builder),
        }
    }
    fn push_null(builder: &mut K::Builder) {
        K::push_null(builder);
    }
    fn drain(builder: &mut K::Builder, columns: &mut Vec<ArrayRef>) {
        K::drain(builder, columns);
    }
    fn value(cells: &K::Cells, at: usize) -> Option<Option<K::Value<'static>>> {
        if cells.is_null(at) {
            Some(None)
        } else {
            K::value(cells, at).map(Some)
        }
    }
    fn fits(value: &Option<K::Value<'_>>) -> bool {
        value.as_ref().is_none_or(K::fits)
    }
}
