//! The keys that sign receipts and checkpoints. They are wrapped, and the store cannot unwrap them.

use super::backend::{written, written_once};
use super::edge::*;
use super::schema::signing_keys;
use super::{Conn, StoreError, Transaction};
use vasp_record::signing_key::SigningPurpose;
use vasp_words::time::UtcTime;

/// A row of the table of signing keys.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = signing_keys, treat_none_as_default_value = false)]
pub struct SigningKeyRow {
    /// SHA-256 thumbprint of the public key.
    pub id: String,
    /// What it signs.
    pub purpose: SigningPurpose,
    /// For a checkpoint key, the log's origin; otherwise empty.
    pub name: String,
    /// The public key, 32 bytes.
    pub public_key: Vec<u8>,
    /// Version of the master key.
    pub master_version: i32,
    /// The wrapped key.
    pub wrapped: Vec<u8>,
    /// When it first signs.
    pub started_at: UtcTime,
    /// When it stops signing; `None` if it is in use.
    pub ended_at: Option<UtcTime>,
}

impl Conn {
    /// Returns every signing key, in the order in which they were made.
    pub fn signing_keys(&mut self) -> Result<Vec<SigningKeyRow>, StoreError> {
        signing_keys::table
            .order((signing_keys::started_at, signing_keys::purpose, signing_keys::id))
            .select(SigningKeyRow::as_select())
            .load(self)
            .map_err(StoreError::on("signing_keys"))
    }
}

impl Transaction<'_> {
    /// Adds a signing key.
    pub fn add_signing_key(&mut self, row: &SigningKeyRow) -> Result<(), StoreError> {
        written(self.conn(), "signing_keys", diesel::insert_into(signing_keys::table).values(row)).map(drop)
    }

    /// Sets the time after which a key no longer signs.
    ///
    /// # Errors
    /// `StoreError::Stale` if the key has an end already.
    pub fn end_signing_key(&mut self, id: &str, ended_at: UtcTime) -> Result<(), StoreError> {
        let place = signing_keys::table.find(id).filter(signing_keys::ended_at.is_null());
        let update = diesel::update(place).set(signing_keys::ended_at.eq(ended_at));
        written_once(self.conn(), "signing_keys", update)
    }
}
