//! The rows of the private audit chain: its head, which every event passes, and the events.

use super::backend::on_backend;
use super::schema::{audit_events, audit_head};
use super::{Conn, StoreError};
use diesel::prelude::*;
use serde_json::Value;
use vasp_log::audit::{AuditHead, AuditOutcome, SealedEvent};
use vasp_words::sql::Json;
use vasp_words::time::UtcTime;

/// An event as it stands in the table.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = audit_events)]
pub struct AuditRow {
    /// Place in the chain.
    pub number: i64,
    /// When.
    pub at: UtcTime,
    /// Whose event it is.
    pub organisation: Option<String>,
    /// Id of the user.
    pub actor: Option<String>,
    /// Id of the credential.
    pub credential: Option<String>,
    /// What was done.
    pub action: String,
    /// To what.
    pub subject: Option<String>,
    /// How it ended.
    pub outcome: AuditOutcome,
    /// Salt of the commitment; none where the payload was erased.
    pub salt: Option<Vec<u8>>,
    /// Details; none where they were erased.
    pub payload: Option<Json<Value>>,
    /// SHA-256(salt ‖ payload).
    pub commitment: Vec<u8>,
    /// Hash of the event after the one before.
    pub hash: Vec<u8>,
}

/// Which events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Of this organisation.
    pub organisation: Option<String>,
    /// By this user.
    pub actor: Option<String>,
    /// With this action.
    pub action: Option<String>,
    /// About this.
    pub subject: Option<String>,
    /// With this outcome.
    pub outcome: Option<AuditOutcome>,
    /// At or after.
    pub since: Option<UtcTime>,
    /// Before.
    pub until: Option<UtcTime>,
}

/// Locks the head until the end of the transaction and returns it. SQLite's writers are alone already.
pub(super) fn lock_head(conn: &mut Conn) -> Result<AuditHead, StoreError> {
    let query = audit_head::table.select((audit_head::number, audit_head::hash));
    let (number, hash): (i64, Vec<u8>) = match conn {
        Conn::Sqlite(c) => query.first(c),
        Conn::Postgres(c) => query.for_update().first(c),
    }
    .map_err(StoreError::on("audit_head"))?;
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
        on_backend!(conn, c => diesel::insert_into(audit_events::table).values(&rows).execute(c))
            .map_err(StoreError::on("audit_events"))?;
    }
    let moved = diesel::update(audit_head::table.find(1))
        .set((audit_head::number.eq(head.number), audit_head::hash.eq(head.hash.as_slice())))
        .execute(conn)
        .map_err(StoreError::on("audit_head"))?;
    if moved == 1 { Ok(()) } else { Err(StoreError::Stale { table: "audit_head" }) }
}

type Query<'a> = audit_events::BoxedQuery<'a, <Conn as Connection>::Backend>;

/// The events that pass a filter.
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
    /// Returns the end of the audit chain.
    pub fn audit_head(&mut self) -> Result<AuditHead, StoreError> {
        let row: (i64, Vec<u8>) =
            audit_head::table.select((audit_head::number, audit_head::hash)).first(self).map_err(StoreError::on("audit_head"))?;
        Ok(AuditHead { number: row.0, hash: row.1 })
    }

    /// Returns the events that pass a filter, newest first, those before `before` only, at most `limit`.
    pub fn audit_events(&mut self, filter: &AuditFilter, before: i64, limit: i64) -> Result<Vec<AuditRow>, StoreError> {
        let query = passing(filter).filter(audit_events::number.lt(before));
        let page = query.order(audit_events::number.desc()).limit(limit).select(AuditRow::as_select());
        page.load(self).map_err(StoreError::on("audit_events"))
    }

    /// Returns the events that pass a filter in order of the chain, those after `after` and up to `last`, at most `limit`,
    /// for recomputing it.
    pub fn audit_chain(
        &mut self,
        filter: &AuditFilter,
        (after, last): (i64, i64),
        limit: i64,
    ) -> Result<Vec<AuditRow>, StoreError> {
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
