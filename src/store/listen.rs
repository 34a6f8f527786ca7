//! Wakes other nodes. On PostgreSQL some transactions notify all listeners with their commit: those that move the head of the log, and
//! those that change credentials or an organisation's private state. A notification only makes a node look earlier: a node that misses
//! one still looks at its usual interval. SQLite has no notifications.

use super::edge::*;
use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;

use super::{Conn, Store, StoreError};

/// Name of the channel. Each database has its own, so that registries in several databases of one server do not wake each other.
const CHANNEL: &str = "vasp_registry_log";

/// A connection that receives notifications of writes.
pub struct Listener(diesel::PgConnection);

/// Makes all listeners look at the database once the open transaction is committed. `sequence` is the last sequence of the transaction, so
/// that a listener can tell whether it knows it already.
pub(super) fn wake(conn: &mut Conn, sequence: Option<i64>) -> Result<(), StoreError> {
    let Conn::Postgres(conn) = conn else { return Ok(()) };
    let payload = sequence.map(|sequence| sequence.to_string()).unwrap_or_default();
    diesel::sql_query("SELECT pg_notify($1, $2)")
        .bind::<Text, _>(CHANNEL)
        .bind::<Text, _>(payload)
        .execute(conn)
        .map(drop)
        .map_err(StoreError::on("log_head"))
}

impl Store {
    /// Starts to listen; `None` on SQLite.
    pub fn listen(&self) -> Result<Option<Listener>, StoreError> {
        if self.is_sqlite() {
            return Ok(None);
        }
        let Conn::Postgres(mut conn) = self.target.connect()? else { return Ok(None) };
        conn.batch_execute(&format!("LISTEN {CHANNEL}")).map_err(StoreError::on("log_head"))?;
        Ok(Some(Listener(conn)))
    }
}

impl Listener {
    /// Tells whether anything was written beyond what is known up to `sequence`. It checks only the notifications that have arrived. It
    /// does not ask the server and does not wait, because the library does not expose its socket.
    ///
    /// # Errors
    /// `StoreError` if the connection has ended.
    pub fn heard_beyond(&mut self, sequence: i64) -> Result<bool, StoreError> {
        let mut heard = false;
        for notification in self.0.notifications_iter() {
            let notification = notification.map_err(StoreError::on("log_head"))?;
            heard |= notification.payload.parse().is_ok_and(|told: i64| told > sequence) || notification.payload.is_empty();
        }
        Ok(heard)
    }
}
