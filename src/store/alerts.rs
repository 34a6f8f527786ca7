//! The alerts that the registry raises for organisations.

use super::backend::{written, written_once};
use super::edge::*;
use super::schema::alerts;
use super::{Conn, StoreError, Transaction};
use vasp_record::alert::Severity;
use vasp_words::ids::{AlertId, OrganisationId, UserId, VaspId};
use vasp_words::time::UtcTime;

/// An alert.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = alerts, treat_none_as_default_value = false)]
pub struct AlertRow {
    /// Its id.
    pub id: AlertId,
    /// The organisation that receives the alert.
    pub organisation: OrganisationId,
    /// The severity.
    pub severity: Severity,
    /// The VASP that the alert is about; `None` if it is about something else.
    pub vasp: Option<VaspId>,
    /// The VASP whose acts this alert counts. Later acts of the same kind on the same day are added to it.
    /// `None` if the alert counts no acts of another VASP.
    pub opposing_vasp: Option<VaspId>,
    /// Kind, earlier and present finding, and notes; sealed.
    pub sealed: Vec<u8>,
    /// When the alert was raised.
    pub raised_at: UtcTime,
    /// When a user acknowledged it; `None` if nobody has.
    pub acknowledged_at: Option<UtcTime>,
    /// The user who acknowledged it; `None` if nobody has.
    pub acknowledged_by: Option<UserId>,
    /// Rises with every change.
    pub version: i64,
}

/// Selects alerts of an organisation.
#[derive(Clone, Copy, Debug, Default)]
pub struct AlertFilter {
    /// `true`: only acknowledged alerts. `false`: only unacknowledged alerts.
    pub acknowledged: Option<bool>,
    /// Only alerts about this VASP.
    pub vasp: Option<VaspId>,
    /// Only alerts of at least this severity.
    pub min_severity: Option<Severity>,
    /// Only alerts raised at this instant or later.
    pub since: Option<UtcTime>,
}

impl Conn {
    /// Returns alerts of an organisation, newest first. If `before` is not empty, only alerts before that id.
    pub fn alerts(
        &mut self,
        organisation: OrganisationId,
        wanted: &AlertFilter,
        before: &str,
        limit: i64,
    ) -> Result<Vec<AlertRow>, StoreError> {
        let mut query = alerts::table
            .filter(alerts::organisation.eq(organisation))
            .order(alerts::id.desc())
            .limit(limit)
            .select(AlertRow::as_select())
            .into_boxed();
        match wanted.acknowledged {
            None => {}
            Some(true) => query = query.filter(alerts::acknowledged_at.is_not_null()),
            Some(false) => query = query.filter(alerts::acknowledged_at.is_null()),
        }
        if let Some(vasp) = wanted.vasp {
            query = query.filter(alerts::vasp.eq(vasp));
        }
        if let Some(least) = wanted.min_severity {
            query = query.filter(alerts::severity.eq_any(Severity::ALL.into_iter().filter(move |severity| *severity <= least)));
        }
        if let Some(since) = wanted.since {
            query = query.filter(alerts::raised_at.ge(since));
        }
        if !before.is_empty() {
            query = query.filter(alerts::id.lt(before));
        }
        query.load(self).map_err(StoreError::on("alerts"))
    }

    /// Returns an alert of an organisation.
    pub fn alert(&mut self, organisation: OrganisationId, id: AlertId) -> Result<Option<AlertRow>, StoreError> {
        let query = alerts::table.find(id).filter(alerts::organisation.eq(organisation)).select(AlertRow::as_select());
        query.first(self).optional().map_err(StoreError::on("alerts"))
    }
}

impl Transaction<'_> {
    /// Adds an alert.
    pub fn add_alert(&mut self, row: &AlertRow) -> Result<(), StoreError> {
        written(self.conn(), "alerts", diesel::insert_into(alerts::table).values(row)).map(drop)
    }

    /// Locks and returns the unacknowledged alerts of an organisation about a VASP's acts that were raised at `since` or later. Nobody
    /// else can change them until the transaction ends.
    pub fn lock_alerts_against(
        &mut self,
        organisation: OrganisationId,
        opposing: VaspId,
        since: UtcTime,
    ) -> Result<Vec<AlertRow>, StoreError> {
        let rows = alerts::table
            .filter(alerts::organisation.eq(organisation))
            .filter(alerts::opposing_vasp.eq(opposing))
            .filter(alerts::raised_at.ge(since))
            .filter(alerts::acknowledged_at.is_null())
            .order(alerts::id);
        rows.select(AlertRow::as_select()).locking().load(self.conn()).map_err(StoreError::on("alerts"))
    }

    /// Writes the present content of an alert and the user who acknowledged it. Fails if the version that was read has changed.
    pub fn change_alert(&mut self, row: &AlertRow) -> Result<(), StoreError> {
        let place = alerts::table.find(row.id).filter(alerts::version.eq(row.version - 1));
        let change = (
            alerts::acknowledged_at.eq(row.acknowledged_at),
            alerts::acknowledged_by.eq(row.acknowledged_by),
            alerts::sealed.eq(&row.sealed),
            alerts::version.eq(row.version),
        );
        written_once(self.conn(), "alerts", diesel::update(place).set(change))
    }
}
