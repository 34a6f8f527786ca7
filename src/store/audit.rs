//! The rows of the private audit chain: its events, and its head, which every new event must update.

use super::backend::{MultiBackend, on_backend};
use super::edge::*;
use super::schema::{audit_events, audit_head};
use super::{Conn, StoreError};
use serde_json::Value;
use vasp_log::audit::{AuditHead, AuditOutcome, SealedEvent};
use vasp_words::sql::Json;
use vasp_words::time::UtcTime;

/// A row of the table of events.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = audit_events)]
pub struct AuditRow {
    /// Place in the chain.
    pub number: i64,
    /// When it happened.
    pub at: UtcTime,
    /// The organisation whose event it is.
    pub organisation: Option<String>,
    /// Id of the user.
    pub actor: Option<String>,
    /// Id of the credential.
    pub credential: Option<String>,
    /// What was done.
    pub action: String,
    /// What the action was applied to.
    pub subject: Option<String>,
    /// The outcome.
    pub outcome: AuditOutcome,
    /// Salt of the commitment; `None` if the payload was erased.
    pub salt: Option<Vec<u8>>,
    /// Details; `None` if they were erased.
    pub payload: Option<Json<Value>>,
    /// SHA-256(salt ‖ payload).
    pub commitment: Vec<u8>,
    /// Hash of this event, chained to the hash of the event before it.
    pub hash: Vec<u8>,
}

/// Selects events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only events of this organisation.
    pub organisation: Option<String>,
    /// Only events by this user.
    pub actor: Option<String>,
    /// Only events with this action.
    pub action: Option<String>,
    /// Only events about this subject.
    pub subject: Option<String>,
    /// Only events with this outcome.
    pub outcome: Option<AuditOutcome>,
    /// Only events at this instant or later.
    pub since: Option<UtcTime>,
    /// Only events before this instant.
    pub until: Option<UtcTime>,
}

/// Locks the head until the end of the transaction and returns it. SQLite has one writer at a time and needs no lock.
pub(super) fn lock_head(conn: &mut Conn) -> Result<AuditHead, StoreError> {
    let query = audit_head::table.select((audit_head::number, audit_head::hash));
    let (number, hash): (i64, Vec<u8>) = query.locking().get_result(conn).map_err(StoreError::on("audit_head"))?;
    Ok(AuditHead { number, hash })
}

/// Appends sealed events and moves the locked head.
pub(super) fn append(conn: &mut Conn, sealed: &[SealedEvent], head: &AuditHead) -> Result<(), StoreError> {
    for chunk in sealed.chunks(500) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|s| {
                (
                    audit_events::number.eq(s.number),
                    audit_events::at.eq(s.at),
                    audit_events::organisation.eq(s.event.organisation.as_deref()),
                    audit_events::actor.eq(s.event.actor.as_deref()),
                    audit_events::credential.eq(s.event.credential.as_deref()),
                    audit_events::action.eq(s.event.action.as_str()),
                    audit_events::subject.eq(s.event.subject.as_deref()),
                    audit_events::outcome.eq(s.event.outcome),
                    audit_events::salt.eq(Some(s.salt.as_slice())),
                    audit_events::payload.eq(Some(s.payload.as_str())),
                    audit_events::commitment.eq(s.commitment.as_slice()),
                    audit_events::hash.eq(s.hash.as_slice()),
                )
            })
            .collect();
        on_backend!(conn, c => diesel::insert_into(audit_events::table).values(&rows).execute_typed(c))
            .map_err(StoreError::on("audit_events"))?;
    }
    let moved = diesel::update(audit_head::table.find(1))
        .set((audit_head::number.eq(head.number), audit_head::hash.eq(head.hash.as_slice())))
        .execute(conn)
        .map_err(StoreError::on("audit_head"))?;
    if moved == 1 { Ok(()) } else { Err(StoreError::Stale { table: "audit_head" }) }
}

type Query<'a> = audit_events::BoxedQuery<'a, MultiBackend>;

/// Returns the query for the events that pass a filter.
fn passing(filter: &AuditFilter) -> Query<'_> {
    let mut query = audit_events::table.into_boxed();
    if let Some(since) = filter.since {
        query = query.filter(audit_events::at.ge(since));
    }
    if let Some(until) = filter.until {
        query = query.filter(audit_events::at.lt(until));
    }
    if let Some(organisation) = &filter.organisation {
        query = query.filter(audit_events::organisation.eq(organisation));
    }
    if let Some(actor) = &filter.actor {
        query = query.filter(audit_events::actor.eq(actor));
    }
    if let Some(action) = &filter.action {
        query = query.filter(audit_events::action.eq(action));
    }
    if let Some(subject) = &filter.subject {
        query = query.filter(audit_events::subject.eq(subject));
    }
    if let Some(outcome) = filter.outcome {
        query = query.filter(audit_events::outcome.eq(outcome));
    }
    query
}

impl Conn {
    /// Returns the head of the audit chain.
    pub fn audit_head(&mut self) -> Result<AuditHead, StoreError> {
        let row: (i64, Vec<u8>) =
            audit_head::table.select((audit_head::number, audit_head::hash)).first(self).map_err(StoreError::on("audit_head"))?;
        Ok(AuditHead { number: row.0, hash: row.1 })
    }

    /// Returns the events before `before` that pass a filter, newest first, at most `limit`.
    pub fn audit_events(&mut self, filter: &AuditFilter, before: i64, limit: i64) -> Result<Vec<AuditRow>, StoreError> {
        let query = passing(filter).filter(audit_events::number.lt(before));
        let page = query.order(audit_events::number.desc()).limit(limit).select(AuditRow::as_select());
        page.load(self).map_err(StoreError::on("audit_events"))
    }

    /// Returns the events after `after` and up to `last` that pass a filter, in the order of the chain, at most `limit`. A caller uses
    /// them to recompute the chain.
    pub fn audit_chain(&mut self, filter: &AuditFilter, after: i64, last: i64, limit: i64) -> Result<Vec<AuditRow>, StoreError> {
        let query = passing(filter).filter(audit_events::number.gt(after)).filter(audit_events::number.le(last));
        let page = query.order(audit_events::number).limit(limit).select(AuditRow::as_select());
        page.load(self).map_err(StoreError::on("audit_events"))
    }

    /// Returns the hashes of events by number.
    pub fn audit_hashes(&mut self, numbers: &[i64]) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
        let mut hashes = Vec::new();
        for chunk in numbers.chunks(500) {
            let query =
                audit_events::table.filter(audit_events::number.eq_any(chunk)).select((audit_events::number, audit_events::hash));
            hashes.extend(query.load::<(i64, Vec<u8>)>(self).map_err(StoreError::on("audit_events"))?);
        }
        Ok(hashes)
    }
}
