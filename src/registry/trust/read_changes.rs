//! Reads the public changes of the log in order, for mirrors: with payload and salt, so that the reader can check each against its
//! envelope. What is not public is left out; its envelope is in the log's tiles.

use crate::node::{Registry, ServiceError};
use vasp_log::change::Audience;
use vasp_store::{Conn, StoreError};

pub use vasp_store::ChangeRow;

/// A part of the public changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangesPage {
    /// In order.
    pub items: Vec<ChangeRow>,
    /// The last sequence that was looked at: where the next part begins.
    pub next: i64,
    /// Whether there is more already.
    pub more: bool,
}

/// Returns the public changes after `since`, at most `limit`.
pub fn read_changes(registry: &Registry, since: i64, limit: usize) -> Result<ChangesPage, ServiceError> {
    let most = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let (head, mut items) = registry.store().read::<_, StoreError>(|conn| {
        let head = Conn::log_head(conn)?.sequence;
        Ok((head, conn.published_changes(Audience::Public, (since, head), most)?))
    })?;
    let more = items.len() > limit;
    items.truncate(limit);
    // At the end everything up to the head was looked at, also what is not public.
    let next = items.last().filter(|_| more).map_or(head.max(since), |last| last.envelope.sequence);
    Ok(ChangesPage { items, next, more })
}
