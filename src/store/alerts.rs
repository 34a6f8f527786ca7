//! What organisations are told.

use super::backend::on_backend;
use super::schema::alerts;
use super::{Conn, StoreError, Transaction};
use diesel::prelude::*;
use vasp_record::alert::Severity;
use vasp_words::time::UtcTime;

/// An alert.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = alerts, treat_none_as_default_value = false)]
pub struct AlertRow {
    /// Public id.
    pub id: String,
    /// Id of the organisation that is told.
    pub organisation: String,
    /// What of.
    pub kind: String,
    /// How much it matters.
    pub severity: Severity,
    /// Public id of the VASP it is about.
    pub vasp: Option<String>,
    /// JSON: what was found before and now.
    pub body: String,
    /// When.
    pub raised_at: UtcTime,
    /// When somebody took note.
    pub acknowledged_at: Option<UtcTime>,
    /// Id of that user.
    pub acknowledged_by: Option<String>,
    /// What the user noted.
    pub note: Option<String>,
    /// Rises with every change.
    pub version: i64,
}

/// Which alerts of an organisation.
#[derive(Clone, Debug, Default)]
pub struct AlertQuery {
    /// Only those that somebody took note of, or only those that nobody did.
    pub acknowledged: Option<bool>,
    /// Only of this VASP.
    pub vasp: Option<String>,
    /// Only of these severities.
    pub severities: Vec<Severity>,
    /// Only those raised at or after.
    pub since: Option<UtcTime>,
    /// Only those before this id; the newest where it is empty.
    pub before: String,
    /// How many.
    pub limit: i64,
}

impl Conn {
    /// Returns alerts of an organisation, newest first.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn alerts(&mut self, organisation: &str, wanted: &AlertQuery) -> Result<Vec<AlertRow>, StoreError> {
        let mut query = alerts::table
            .filter(alerts::organisation.eq(organisation))
            .order(alerts::id.desc())
            .limit(wanted.limit)
            .select(AlertRow::as_select())
            .into_boxed();
        match wanted.acknowledged {
            None => {}
            Some(true) => query = query.filter(alerts::acknowledged_at.is_not_null()),
            Some(false) => query = query.filter(alerts::acknowledged_at.is_null()),
        }
        if let Some(vasp) = &wanted.vasp {
            query = query.filter(alerts::vasp.eq(vasp));
        }
        if !wanted.severities.is_empty() {
            query = query.filter(alerts::severity.eq_any(&wanted.severities));
        }
        if let Some(since) = wanted.since {
            query = query.filter(alerts::raised_at.ge(since));
        }
        if !wanted.before.is_empty() {
            query = query.filter(alerts::id.lt(&wanted.before));
        }
        query.load(self).map_err(StoreError::on("alerts"))
    }

    /// Returns an alert of an organisation.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn alert(&mut self, organisation: &str, id: &str) -> Result<Option<AlertRow>, StoreError> {
        let query = alerts::table.find(id).filter(alerts::organisation.eq(organisation)).select(AlertRow::as_select());
        query.first(self).optional().map_err(StoreError::on("alerts"))
    }
}

impl Transaction<'_> {
    /// Adds an alert.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn add_alert(&mut self, row: &AlertRow) -> Result<(), StoreError> {
        on_backend!(self.conn(), c => diesel::insert_into(alerts::table).values(row).execute(c))
            .map(drop)
            .map_err(StoreError::on("alerts"))
    }

    /// Notes that a user took note of an alert, over the version that was read.
    ///
    /// # Errors
    /// `StoreError::Stale`, `StoreError::Query`.
    pub fn acknowledge_alert(&mut self, row: &AlertRow) -> Result<(), StoreError> {
        let place = alerts::table.find(&row.id).filter(alerts::version.eq(row.version - 1));
        let change = (
            alerts::acknowledged_at.eq(row.acknowledged_at),
            alerts::acknowledged_by.eq(row.acknowledged_by.as_deref()),
            alerts::note.eq(row.note.as_deref()),
            alerts::version.eq(row.version),
        );
        let changed = on_backend!(self.conn(), c => diesel::update(place).set(change).execute(c));
        if changed.map_err(StoreError::on("alerts"))? == 1 { Ok(()) } else { Err(StoreError::Stale { table: "alerts" }) }
    }
}
