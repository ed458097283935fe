//! Conversion between columns and the types of the program. A BIGINT holds days or seconds since 1970. In the column of
//! an optional day, 0 stands for none.

use calendar::{Day, Timestamp};
use licence::Serial;
use sqlx::any::AnyRow;
use sqlx::{Any, ColumnIndex, Decode, Row as _, Type};

use crate::Error;
use crate::batch_insert::Cell;

/// A value that can be bound to a statement.
pub(crate) trait IntoColumn {
    /// Its type in the database driver.
    type Column;

    /// Converts it for the database driver.
    fn into_column(self) -> Self::Column;
}

macro_rules! bound_unchanged {
    ($($kind:ty),*) => {
        $(impl IntoColumn for $kind {
            type Column = Self;

            fn into_column(self) -> Self {
                self
            }
        })*
    };
}

bound_unchanged!(i64, String, Vec<u8>, &str, &String, &[u8]);

macro_rules! bound_as_number {
    ($($kind:ty: |$value:ident| $number:expr;)*) => {
        $(impl IntoColumn for $kind {
            type Column = i64;

            fn into_column(self) -> i64 {
                let $value = self;
                $number
            }
        }

        impl From<$kind> for Cell {
            fn from(value: $kind) -> Self {
                Self::Number(value.into_column())
            }
        })*
    };
}

bound_as_number! {
    Day: |day| day.to_unix_days();
    Option<Day>: |day| day.map_or(0, Day::to_unix_days);
    Timestamp: |at| at.to_unix_seconds();
    Serial: |serial| serial.bits().cast_signed();
    Option<Serial>: |serial| serial.map_or(0, IntoColumn::into_column);
}

/// Reads a number that a smaller type holds. Columns are named with their table, as in `product.seats`, because an error
/// repeats the name: a number out of range is one.
pub(crate) fn number<N: TryFrom<i64>>(row: &AnyRow, name: &'static str) -> Result<N, Error> {
    number_at(row, without_table(name), name)
}

/// Like [`number`], from a position in the row, for a column that has no name of its own or is read often.
pub(crate) fn number_at<N: TryFrom<i64>, C: ColumnIndex<AnyRow>>(
    row: &AnyRow,
    column: C,
    name: &'static str,
) -> Result<N, Error> {
    N::try_from(row.try_get::<i64, _>(column)?).map_err(|_| Error::Unknown(name))
}

/// Reads a day. A number that is no day is an error.
pub(crate) fn day(row: &AnyRow, name: &'static str) -> Result<Day, Error> {
    day_at(row, without_table(name), name)
}

/// Like [`day`], from a position in the row.
pub(crate) fn day_at<C: ColumnIndex<AnyRow>>(
    row: &AnyRow,
    column: C,
    name: &'static str,
) -> Result<Day, Error> {
    let number = row.try_get(column)?;
    let day = Day::from_unix_days(number);
    (day.to_unix_days() == number).then_some(day).ok_or(Error::Unknown(name))
}

/// Reads an optional day.
pub(crate) fn optional_day(row: &AnyRow, name: &'static str) -> Result<Option<Day>, Error> {
    optional_day_at(row, without_table(name), name)
}

/// Like [`optional_day`], from a position in the row.
pub(crate) fn optional_day_at<C: ColumnIndex<AnyRow>>(
    row: &AnyRow,
    column: C,
    name: &'static str,
) -> Result<Option<Day>, Error> {
    Ok(Some(day_at(row, column, name)?).filter(|day| *day != Day::UNIX_EPOCH))
}

fn without_table(name: &'static str) -> &'static str {
    name.split_once('.').map_or(name, |(_, column)| column)
}

/// Reads a moment.
pub(crate) fn timestamp<C: ColumnIndex<AnyRow>>(row: &AnyRow, column: C) -> Result<Timestamp, Error> {
    Ok(Timestamp::from_unix_seconds(row.try_get(column)?))
}

/// Reads an optional number of a row. The column holds 0 for none.
pub(crate) fn optional_id<'r, T>(row: &'r AnyRow, name: &'static str) -> Result<Option<T>, Error>
where
    T: Decode<'r, Any> + Type<Any> + Into<i64> + Copy,
{
    let id: T = row.try_get(without_table(name))?;
    Ok(Some(id).filter(|id| (*id).into() != 0))
}

/// Reads a licence number.
pub(crate) fn serial(row: &AnyRow, name: &'static str) -> Result<Serial, Error> {
    serial_at(row, without_table(name), name)
}

/// Like [`serial`], from a position in the row.
pub(crate) fn serial_at<C: ColumnIndex<AnyRow>>(
    row: &AnyRow,
    column: C,
    name: &'static str,
) -> Result<Serial, Error> {
    serial_of(row.try_get(column)?).ok_or(Error::Unknown(name))
}

/// Reads an optional licence number. The column holds 0 for none.
pub(crate) fn optional_serial(row: &AnyRow, name: &'static str) -> Result<Option<Serial>, Error> {
    Ok(Some(serial(row, name)?).filter(|serial| serial.bits() != 0))
}

/// Converts the number of a column to a licence number.
pub(crate) fn serial_of(number: i64) -> Option<Serial> {
    Serial::from_bits(number.cast_unsigned()).ok()
}
