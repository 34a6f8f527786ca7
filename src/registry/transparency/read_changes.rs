//! Reads the public changes of the log in order, for mirrors. Payload and salt let the reader check each change against its envelope.
//! Changes that are not public are left out; their envelopes are in the log's tiles.

use crate::node::{Registry, ServiceError, invalid_value};
use vasp_log::change::Audience;
use vasp_store::{Conn, StoreError};

pub use vasp_store::ChangeRow;

/// A page of public changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangesPage {
    /// The changes, in order.
    pub items: Vec<ChangeRow>,
    /// The last sequence that was looked at, after which the next page begins.
    pub next: i64,
    /// Whether there are more changes already.
    pub more: bool,
}

/// Returns the public changes after `since`, at most `limit`.
///
/// # Errors
/// `invalid_request` if the log ends before `since`: who asks has seen entries that are no longer there; `ServiceError::Store`.
pub fn read_changes(registry: &Registry, since: i64, limit: usize) -> Result<ChangesPage, ServiceError> {
    let most = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let (head, mut items) = registry.store().read::<_, StoreError>(|conn| {
        let head = Conn::log_head(conn)?.sequence;
        Ok((head, conn.published_changes(Audience::Public, since, head, most)?))
    })?;
    if since > head {
        let detail = format!(
            "the log ends at entry {head}, before {since}: it is another registry's, or was rolled back to an older state; hold your copy \
             against GET /v1/log/checkpoint"
        );
        return Err(invalid_value("?since", detail));
    }
    let more = items.len() > limit;
    items.truncate(limit);
    // On the last page, everything up to the head was looked at, including what is not public.
    let next = items.last().filter(|_| more).map_or(head, |last| last.envelope.sequence);
    Ok(ChangesPage { items, next, more })
}
