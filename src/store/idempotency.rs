//! Responses stored under their `Idempotency-Key`, written in the same transaction as the effect of the request.

use super::backend::{written, written_once};
use super::edge::*;
use super::schema::idempotency;
use super::{Conn, StoreError, Transaction};
use diesel::sql_types::{BigInt, Bool};
use vasp_record::client_certificate::Sha256Hex;
use vasp_words::ids::UserId;
use vasp_words::time::UtcTime;

/// How long a response is stored, in seconds.
///
/// Source: docs/gateway.md, "10. When something goes wrong".
pub const ANSWERS_KEPT_SECS: i64 = 24 * 3_600;

/// The response to a request with an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = idempotency, treat_none_as_default_value = false)]
pub struct IdempotencyRow {
    /// The user who sent the request.
    pub user_id: UserId,
    /// HTTP method.
    pub method: String,
    /// Path.
    pub path: String,
    /// The idempotency key.
    pub key: String,
    /// SHA-256 of the request.
    pub request_digest: Sha256Hex,
    /// HTTP status of the response.
    pub status: i16,
    /// Version of the resource in the response.
    pub etag: Option<String>,
    /// The response, without secrets.
    pub body: String,
    /// When it was stored.
    pub created_at: UtcTime,
}

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = Bool)]
    taken: bool,
}

impl Conn {
    /// Stores a response, and replaces one that is a day old or older; `false` if a newer one is stored under the key.
    pub(super) fn keep_answer_once(&mut self, row: &IdempotencyRow) -> Result<bool, StoreError> {
        let since = row.created_at.plus_secs(-ANSWERS_KEPT_SECS);
        let old = diesel::delete(idempotency::table.filter(idempotency::created_at.le(since)));
        old.execute(&mut *self).map_err(StoreError::on("idempotency"))?;
        let insert = diesel::insert_into(idempotency::table).values(row).unless_there();
        let inserted = insert.execute(&mut *self).map_err(StoreError::on("idempotency"))?;
        Ok(inserted == 1)
    }

    /// Deletes a response that this transaction stored.
    pub(super) fn forget_answer(&mut self, row: &IdempotencyRow) -> Result<(), StoreError> {
        let place = (row.user_id, row.method.as_str(), row.path.as_str(), row.key.as_str());
        let own = idempotency::table.find(place).filter(idempotency::body.eq(&row.body));
        diesel::delete(own).execute(&mut *self).map(drop).map_err(StoreError::on("idempotency"))
    }

    /// Returns the response stored for a user under a key, if it was given after `since`.
    pub fn kept_answer(
        &mut self,
        (user, method, path, key): (UserId, &str, &str, &str),
        since: UtcTime,
    ) -> Result<Option<IdempotencyRow>, StoreError> {
        idempotency::table
            .find((user, method, path, key))
            .filter(idempotency::created_at.gt(since))
            .select(IdempotencyRow::as_select())
            .first(self)
            .optional()
            .map_err(StoreError::on("idempotency"))
    }
}

impl Transaction<'_> {
    /// Locks a number until the end of the transaction; `false` if another node holds it. SQLite has one writer at a time and needs no
    /// lock.
    pub fn try_lock_number(&mut self, number: i64) -> Result<bool, StoreError> {
        match self.conn() {
            Conn::Sqlite(_) => Ok(true),
            Conn::Postgres(c) => diesel::sql_query("SELECT pg_try_advisory_xact_lock($1) AS taken")
                .bind::<BigInt, _>(number)
                .get_result::<Taken>(c)
                .map(|row| row.taken)
                .map_err(StoreError::on("idempotency")),
        }
    }

    /// Stores a response, and replaces one that has expired. Deletes all responses that were stored at or before `since`.
    ///
    /// # Errors
    /// `StoreError::Stale` if another writer stored one in the meantime.
    pub fn keep_answer(&mut self, row: &IdempotencyRow, since: UtcTime) -> Result<(), StoreError> {
        let old = diesel::delete(idempotency::table.filter(idempotency::created_at.le(since)));
        written(self.conn(), "idempotency", old)?;
        let insert = diesel::insert_into(idempotency::table).values(row);
        written_once(self.conn(), "idempotency", insert.unless_there())
    }
}
