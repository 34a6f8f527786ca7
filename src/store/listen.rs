//! Waking other nodes: on PostgreSQL the transaction that moves the head of the log, or that changes credentials or what
//! organisations keep for themselves, notifies all who listen, with its commit. A notification is only a reason to look at once:
//! who misses one still looks at its usual interval. SQLite has no such thing.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::{Conn, Store, StoreError};

/// Name of the channel; one a database, so that registries in several databases of one server do not wake each other.
const CHANNEL: &str = "vasp_registry_log";

/// A connection that hears when something was written.
pub struct Listener(diesel::PgConnection);

/// Has all who listen look at the database once the open transaction is committed. What they may know already is told by the
/// sequence that it ends with.
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
    /// Begins to listen; none on SQLite.
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
    /// Tells whether anything was written that is not part of what is known up to `sequence`. Looks at what has arrived, without
    /// asking the server and without waiting: the library does not hand out its socket to wait for.
    ///
    /// # Errors
    /// `StoreError` where the connection has ended.
    pub fn heard_beyond(&mut self, sequence: i64) -> Result<bool, StoreError> {
        let mut heard = false;
        for notification in self.0.notifications_iter() {
            let notification = notification.map_err(StoreError::on("log_head"))?;
            heard |= notification.payload.parse().is_ok_and(|told: i64| told > sequence) || notification.payload.is_empty();
        }
        Ok(heard)
    }
}
