//! How types are stored in database columns. `FromSql` and `ToSql` are defined beside the type, so the store reads rows directly
//! into records. The queries are in the store. Without the feature `sql`, this module is empty.

#[cfg(feature = "sql")]
#[doc(hidden)]
pub use diesel;

/// Implements for a type what its rows and queries need. `Type as Text: String, |text| …` defines how it is read. `@borrowed`
/// defines how it is written if it already contains the stored value. `@shown` writes it in its displayed form.
#[cfg(feature = "sql")]
#[doc(hidden)]
#[macro_export]
macro_rules! sql_column {
    ($name:ty as $sql:ident: $stored:ty, |$value:ident| $read:expr) => {
        const _: () = {
            use diesel::backend::Backend;
            use diesel::deserialize::{self, FromSql, Queryable};
            use diesel::serialize::{self, Output, ToSql};
            use diesel::sql_types::{Nullable, SingleValue, $sql};
            use $crate::sql::diesel;

            impl<DB: Backend> FromSql<$sql, DB> for $name
            where
                $stored: FromSql<$sql, DB>,
            {
                fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
                    let $value = <$stored as FromSql<$sql, DB>>::from_sql(bytes)?;
                    Ok($read?)
                }
            }

            impl<DB: Backend, ST: SingleValue> Queryable<ST, DB> for $name
            where
                Self: FromSql<ST, DB>,
            {
                type Row = Self;

                fn build(row: Self) -> deserialize::Result<Self> {
                    Ok(row)
                }
            }

            impl<DB: Backend> ToSql<Nullable<$sql>, DB> for $name
            where
                Self: ToSql<$sql, DB>,
            {
                fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                    <Self as ToSql<$sql, DB>>::to_sql(self, out)
                }
            }

            $crate::sql_column! { @expression [] $name, $sql }
            $crate::sql_column! { @expression [] &$name, $sql }
            $crate::sql_column! { @expression [] &&$name, $sql }
            $crate::sql_column! { @expression [] $name, Nullable<$sql> }
            $crate::sql_column! { @expression [] &$name, Nullable<$sql> }
            $crate::sql_column! { @expression [] &&$name, Nullable<$sql> }
        };
    };
    (@expression [$($generic:ident)?] $name:ty, $sql:ty) => {
        impl<$($generic)?> diesel::expression::AsExpression<$sql> for $name {
            type Expression = diesel::internal::derives::as_expression::Bound<$sql, Self>;

            fn as_expression(self) -> Self::Expression {
                diesel::internal::derives::as_expression::Bound::new(self)
            }
        }
    };
    (@borrowed $name:ty as $sql:ident: $stored:ty, |$value:ident| $held:expr) => {
        const _: () = {
            use diesel::serialize::{self, Output, ToSql};
            use $crate::sql::diesel;

            impl<DB: diesel::backend::Backend> ToSql<diesel::sql_types::$sql, DB> for $name
            where
                $stored: ToSql<diesel::sql_types::$sql, DB>,
            {
                fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                    let $value = self;
                    <$stored as ToSql<diesel::sql_types::$sql, DB>>::to_sql($held, out)
                }
            }
        };
    };
    (@shown $name:ty) => {
        const _: () = {
            use diesel::serialize::{IsNull, Output, Result, ToSql};
            use diesel::sql_types::Text;
            use $crate::sql::diesel;

            impl ToSql<Text, diesel::sqlite::Sqlite> for $name {
                fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, diesel::sqlite::Sqlite>) -> Result {
                    out.set_value(self.to_string());
                    Ok(IsNull::No)
                }
            }

            impl ToSql<Text, diesel::pg::Pg> for $name {
                fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, diesel::pg::Pg>) -> Result {
                    std::io::Write::write_fmt(out, format_args!("{self}"))?;
                    Ok(IsNull::No)
                }
            }
        };
    };
}

/// Without the feature `sql`, this macro does nothing.
#[cfg(not(feature = "sql"))]
#[doc(hidden)]
#[macro_export]
macro_rules! sql_column {
    ($($any:tt)*) => {};
}

/// Stores types in text columns, in the same text form as everywhere else.
#[doc(hidden)]
#[macro_export]
macro_rules! sql_as_text {
    ($($name:ty),*) => {$(
        $crate::sql_column! { $name as Text: String, |text| text.parse::<$name>() }
        $crate::sql_column! { @shown $name }
    )*};
}
/// A boolean, stored in a column as 1 or 0.
#[cfg(feature = "sql")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct Flag(pub bool);

crate::sql_column! { Flag as SmallInt: i16, |number| Ok::<_, std::convert::Infallible>(Flag(number != 0)) }
crate::sql_column! { @borrowed Flag as SmallInt: i16, |flag| if flag.0 { &1 } else { &0 } }

/// A value, stored in a column as JSON text.
#[cfg(feature = "sql")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct Json<T>(pub T);

#[cfg(feature = "sql")]
impl<T> std::ops::Deref for Json<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

#[cfg(feature = "sql")]
mod json {
    use super::Json;
    use diesel::backend::Backend;
    use diesel::deserialize::{self, FromSql, Queryable};
    use diesel::pg::Pg;
    use diesel::serialize::{IsNull, Output, Result, ToSql};
    use diesel::sql_types::{Nullable, SingleValue, Text};
    use diesel::sqlite::Sqlite;
    use serde::Serialize;
    use serde::de::DeserializeOwned;
    use std::fmt::Debug;

    impl<T: DeserializeOwned, DB: Backend> FromSql<Text, DB> for Json<T>
    where
        String: FromSql<Text, DB>,
    {
        fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
            Ok(Self(serde_json::from_str(&String::from_sql(bytes)?)?))
        }
    }

    impl<T, DB: Backend, ST: SingleValue> Queryable<ST, DB> for Json<T>
    where
        Self: FromSql<ST, DB>,
    {
        type Row = Self;

        fn build(row: Self) -> deserialize::Result<Self> {
            Ok(row)
        }
    }

    impl<T: Serialize + Debug> ToSql<Text, Sqlite> for Json<T> {
        fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> Result {
            out.set_value(serde_json::to_string(&self.0)?);
            Ok(IsNull::No)
        }
    }

    impl<T: Serialize + Debug> ToSql<Text, Pg> for Json<T> {
        fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> Result {
            serde_json::to_writer(out, &self.0)?;
            Ok(IsNull::No)
        }
    }

    impl<T: Debug, DB: Backend> ToSql<Nullable<Text>, DB> for Json<T>
    where
        Self: ToSql<Text, DB>,
    {
        fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> Result {
            <Self as ToSql<Text, DB>>::to_sql(self, out)
        }
    }

    // For every payload type.
    crate::sql_column! { @expression [T] Json<T>, Text }
    crate::sql_column! { @expression [T] &Json<T>, Text }
    crate::sql_column! { @expression [T] &&Json<T>, Text }
    crate::sql_column! { @expression [T] Json<T>, Nullable<Text> }
    crate::sql_column! { @expression [T] &Json<T>, Nullable<Text> }
    crate::sql_column! { @expression [T] &&Json<T>, Nullable<Text> }
}

#[cfg(test)]
#[cfg(feature = "sql")]
pub(crate) mod tests {
    use super::Json;
    use crate::error_chain::error_chain;
    use diesel::deserialize::FromSqlRow;
    use diesel::expression::TypedExpressionType;
    use diesel::prelude::*;
    use diesel::query_builder::QueryId;
    use diesel::serialize::ToSql;
    use diesel::sql_types::{HasSqlType, SingleValue, Text};
    use diesel::sqlite::Sqlite;

    #[derive(QueryableByName)]
    struct Written {
        #[diesel(sql_type = Text)]
        literal: String,
    }

    fn memory() -> SqliteConnection {
        SqliteConnection::establish(":memory:").unwrap()
    }

    /// Reads an SQL literal as a value of the type.
    pub(crate) fn raw<ST, T>(literal: &str) -> Result<T, String>
    where
        ST: SingleValue + TypedExpressionType + QueryId + 'static,
        Sqlite: HasSqlType<ST>,
        T: FromSqlRow<ST, Sqlite> + 'static,
    {
        let query = diesel::select(diesel::dsl::sql::<ST>(literal));
        query.get_result::<T>(&mut memory()).map_err(|error| error_chain(&error))
    }

    /// Sends a value to SQLite. Returns the value that comes back, and the literal that was sent.
    pub(crate) fn round_trip<ST, T>(value: T) -> (T, String)
    where
        ST: SingleValue + TypedExpressionType + QueryId + 'static,
        Sqlite: HasSqlType<ST>,
        T: FromSqlRow<ST, Sqlite> + ToSql<ST, Sqlite> + 'static,
    {
        let query = diesel::sql_query("SELECT quote(?) AS literal").bind::<ST, _>(value);
        let written: Written = query.get_result(&mut memory()).unwrap();
        (raw::<ST, T>(&written.literal).unwrap(), written.literal)
    }

    #[test]
    fn flags_stand_as_one_and_nought() {
        use diesel::sql_types::SmallInt;

        for (flag, stored) in [(true, "1"), (false, "0")] {
            assert_eq!(round_trip::<SmallInt, _>(super::Flag(flag)), (super::Flag(flag), stored.to_owned()));
        }
    }

    #[test]
    fn payloads_stand_as_json_and_what_does_not_read_is_refused() {
        let written = round_trip::<Text, _>(Json(vec![(1, "one".to_owned())]));

        assert_eq!(written, (Json(vec![(1, "one".to_owned())]), "'[[1,\"one\"]]'".to_owned()));
        assert!(raw::<Text, Json<Vec<u8>>>("'[1, 256]'").unwrap_err().contains("expected u8"));
    }
}
