//! Named keys that are wrapped by the master key. The store cannot unwrap them.

use super::backend::written;
use super::edge::*;
use super::schema::wrapped_keys;
use super::{Conn, StoreError, Transaction};

/// A wrapped key.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = wrapped_keys, treat_none_as_default_value = false)]
pub struct WrappedKeyRow {
    /// Name of its purpose; the wrapping is bound to it.
    pub name: String,
    /// Version of the master key.
    pub master_version: i32,
    /// The wrapped bytes.
    pub wrapped: Vec<u8>,
}

impl Conn {
    /// Tells whether any key has been wrapped.
    pub fn has_wrapped_keys(&mut self) -> Result<bool, StoreError> {
        let count: i64 = wrapped_keys::table.count().get_result(self).map_err(StoreError::on("wrapped_keys"))?;
        Ok(count > 0)
    }

    /// Returns all wrapped keys, in order of their names.
    pub fn wrapped_keys(&mut self) -> Result<Vec<WrappedKeyRow>, StoreError> {
        wrapped_keys::table
            .order(wrapped_keys::name)
            .select(WrappedKeyRow::as_select())
            .load(self)
            .map_err(StoreError::on("wrapped_keys"))
    }

    /// Returns the wrapped key with a name.
    pub fn wrapped_key(&mut self, name: &str) -> Result<Option<WrappedKeyRow>, StoreError> {
        wrapped_keys::table
            .find(name)
            .select(WrappedKeyRow::as_select())
            .first(self)
            .optional()
            .map_err(StoreError::on("wrapped_keys"))
    }
}

impl Transaction<'_> {
    /// Adds a wrapped key unless there is one with that name, and returns the one in the table.
    pub fn keep_wrapped_key(&mut self, row: WrappedKeyRow) -> Result<WrappedKeyRow, StoreError> {
        let insert = diesel::insert_into(wrapped_keys::table).values(&row);
        written(self.conn(), "wrapped_keys", insert.unless_there())?;
        Ok(self.conn().wrapped_key(&row.name)?.unwrap_or(row))
    }
}
