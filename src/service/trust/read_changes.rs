//! Reads the public changes of the log in order, for mirrors: with payload and salt, so that the reader can check each against its
//! envelope. What is not public is left out; its envelope is in the log's tiles.

use crate::service::{Registry, ServiceError};
use vasp_log::change::Audience;
use vasp_store::{Conn, PublishedChangeRow, StoreError};
use vasp_words::time::UtcTime;

/// A public change.
#[derive(Clone, Debug, PartialEq)]
pub struct PublishedChange {
    /// Place in the log.
    pub sequence: i64,
    /// What happened.
    pub kind: String,
    /// Who may read it.
    pub audience: String,
    /// When.
    pub recorded_at: UtcTime,
    /// SHA-256(salt ‖ payload in RFC 8785 form), hex.
    pub payload_commitment: String,
    /// Salt, hex, and payload; none where they were erased.
    pub payload: Option<(String, serde_json::Value)>,
}

/// A part of the public changes.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangesPage {
    /// In order.
    pub items: Vec<PublishedChange>,
    /// The last sequence that was looked at: where the next part begins.
    pub next: i64,
    /// Whether there is more already.
    pub more: bool,
}

impl TryFrom<PublishedChangeRow> for PublishedChange {
    type Error = ServiceError;

    fn try_from(row: PublishedChangeRow) -> Result<Self, ServiceError> {
        let PublishedChangeRow { envelope, salt, payload } = row;
        let wrong = |column| StoreError::Inconsistent { table: "changes", column, id: envelope.sequence.to_string() };
        let read = |text: String| serde_json::from_str(&text).map_err(|_| wrong("payload"));
        Ok(Self {
            recorded_at: UtcTime::from_micros(envelope.recorded_at).map_err(|_| wrong("recorded_at"))?,
            payload: salt.zip(payload.map(read).transpose()?).map(|(salt, payload)| (hex::encode(salt), payload)),
            sequence: envelope.sequence,
            payload_commitment: hex::encode(&envelope.payload_commitment),
            kind: envelope.kind,
            audience: envelope.audience,
        })
    }
}

/// Returns the public changes after `since`, at most `limit`.
///
/// # Errors
/// `ServiceError::Store`.
pub fn read_changes(registry: &Registry, since: i64, limit: usize) -> Result<ChangesPage, ServiceError> {
    let most = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let (head, mut rows) = registry.store().read::<_, StoreError>(|conn| {
        let head = Conn::log_head(conn)?.sequence;
        Ok((head, conn.published_changes(Audience::Public.as_str(), (since, head), most)?))
    })?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    // At the end everything up to the head was looked at, also what is not public.
    let next = rows.last().filter(|_| more).map_or(head.max(since), |last| last.envelope.sequence);
    let items = rows.into_iter().map(PublishedChange::try_from).collect::<Result<_, _>>()?;
    Ok(ChangesPage { items, next, more })
}
