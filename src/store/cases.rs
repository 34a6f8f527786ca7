//! Cases: pieces of operator work, one open a VASP, with what opened them and what was said and done.

use super::backend::on_backend;
use super::schema::{case_entries, case_triggers, cases};
use super::{Conn, StoreError, Transaction};
use diesel::prelude::*;

/// A case as it stands in the table.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = cases, treat_none_as_default_value = false)]
pub struct CaseRow {
    /// Public id.
    pub id: String,
    /// Public id of the VASP.
    pub vasp: String,
    /// Where it stands.
    pub status: String,
    /// 0 to 100; higher comes first.
    pub risk: i16,
    /// Rises with every change.
    pub version: i64,
    /// When, microseconds since the epoch.
    pub opened_at: i64,
    /// When it should be decided.
    pub due_at: i64,
    /// Id of the reviewer who took it.
    pub assignee: Option<String>,
    /// When it was closed; none while it is open.
    pub closed_at: Option<i64>,
    /// How it ended.
    pub outcome: Option<String>,
}

/// Why a case was opened, or joined.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = case_triggers, treat_none_as_default_value = false)]
pub struct CaseTriggerRow {
    /// Id of the case.
    pub case_id: String,
    /// Place among its triggers, from 1.
    pub number: i32,
    /// Kind of trigger.
    pub kind: String,
    /// What happened, as JSON.
    pub detail: String,
    /// When, microseconds since the epoch.
    pub at: i64,
}

/// One thing that was said or done in a case.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = case_entries, treat_none_as_default_value = false)]
pub struct CaseEntryRow {
    /// Id of the case.
    pub case_id: String,
    /// Place, from 1.
    pub number: i32,
    /// Kind of entry.
    pub kind: String,
    /// Who; none for the registry itself.
    pub actor: Option<String>,
    /// When, microseconds since the epoch.
    pub at: i64,
    /// What, as JSON.
    pub body: String,
}

/// Which cases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseFilter {
    /// In this status; without one, the open ones.
    pub status: Option<String>,
    /// With a trigger of this kind.
    pub kind: Option<String>,
    /// Taken by this user.
    pub assignee: Option<String>,
    /// Due before, microseconds since the epoch.
    pub due_before: Option<i64>,
    /// About this VASP.
    pub vasp: Option<String>,
}

/// Order of a queue of cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CaseOrder {
    /// Riskiest first, then the one due first.
    #[default]
    Risk,
    /// Due first.
    Due,
    /// Opened first.
    Opened,
}

impl Conn {
    /// Returns a case.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn case(&mut self, id: &str) -> Result<Option<CaseRow>, StoreError> {
        cases::table.find(id).select(CaseRow::as_select()).first(self).optional().map_err(StoreError::on("cases"))
    }

    /// Returns the open case of a VASP.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn open_case_of(&mut self, vasp: &str) -> Result<Option<CaseRow>, StoreError> {
        cases::table
            .filter(cases::vasp.eq(vasp))
            .filter(cases::closed_at.is_null())
            .select(CaseRow::as_select())
            .first(self)
            .optional()
            .map_err(StoreError::on("cases"))
    }

    /// Returns a page of the cases that pass a filter, after `skip` of them.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn cases(&mut self, filter: &CaseFilter, order: CaseOrder, skip: i64, limit: i64) -> Result<Vec<CaseRow>, StoreError> {
        let mut query = cases::table.offset(skip).limit(limit).select(CaseRow::as_select()).into_boxed();
        query = match &filter.status {
            Some(status) => query.filter(cases::status.eq(status)),
            None => query.filter(cases::closed_at.is_null()),
        };
        if let Some(kind) = &filter.kind {
            let triggered = case_triggers::table.filter(case_triggers::kind.eq(kind)).select(case_triggers::case_id);
            query = query.filter(cases::id.eq_any(triggered));
        }
        if let Some(assignee) = &filter.assignee {
            query = query.filter(cases::assignee.eq(assignee));
        }
        if let Some(due_before) = filter.due_before {
            query = query.filter(cases::due_at.lt(due_before));
        }
        if let Some(vasp) = &filter.vasp {
            query = query.filter(cases::vasp.eq(vasp));
        }
        let query = match order {
            CaseOrder::Risk => query.order((cases::risk.desc(), cases::due_at, cases::id)),
            CaseOrder::Due => query.order((cases::due_at, cases::id)),
            CaseOrder::Opened => query.order((cases::opened_at, cases::id)),
        };
        query.load(self).map_err(StoreError::on("cases"))
    }

    /// Returns what opened some cases, in order.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn case_triggers(&mut self, of: &[String]) -> Result<Vec<CaseTriggerRow>, StoreError> {
        let mut rows = Vec::new();
        for chunk in of.chunks(500) {
            let query = case_triggers::table
                .filter(case_triggers::case_id.eq_any(chunk))
                .order((case_triggers::case_id, case_triggers::number))
                .select(CaseTriggerRow::as_select());
            rows.extend(query.load::<CaseTriggerRow>(self).map_err(StoreError::on("case_triggers"))?);
        }
        Ok(rows)
    }

    /// Returns the details of the triggers of one kind in any case, open or closed, about some VASPs; each with the VASP.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn trigger_details(&mut self, kind: &str, vasps: &[String]) -> Result<Vec<(String, String)>, StoreError> {
        let mut found = Vec::new();
        for chunk in vasps.chunks(500) {
            let query = case_triggers::table
                .inner_join(cases::table)
                .filter(case_triggers::kind.eq(kind))
                .filter(cases::vasp.eq_any(chunk))
                .select((cases::vasp, case_triggers::detail));
            found.extend(query.load::<(String, String)>(self).map_err(StoreError::on("case_triggers"))?);
        }
        Ok(found)
    }

    /// Returns what was said and done in a case, in order.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn case_entries(&mut self, case: &str) -> Result<Vec<CaseEntryRow>, StoreError> {
        case_entries::table
            .filter(case_entries::case_id.eq(case))
            .order(case_entries::number)
            .select(CaseEntryRow::as_select())
            .load(self)
            .map_err(StoreError::on("case_entries"))
    }
}

impl Transaction<'_> {
    /// Returns a case and keeps others from changing it until the end. SQLite's writers are alone already.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn lock_case(&mut self, id: &str) -> Result<Option<CaseRow>, StoreError> {
        let row = cases::table.find(id);
        match self.conn() {
            Conn::Sqlite(c) => row.select(CaseRow::as_select()).first(c),
            Conn::Postgres(c) => row.select(CaseRow::as_select()).for_update().first(c),
        }
        .optional()
        .map_err(StoreError::on("cases"))
    }

    /// Keeps others from changing the cases that are open until the end. SQLite's writers are alone already.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn lock_open_cases(&mut self) -> Result<(), StoreError> {
        let open = cases::table.filter(cases::closed_at.is_null()).order(cases::id).select(cases::id);
        match self.conn() {
            Conn::Sqlite(_) => Ok(()),
            Conn::Postgres(c) => open.for_update().load::<String>(c).map(drop).map_err(StoreError::on("cases")),
        }
    }

    /// Adds a case; false where the VASP has an open one already, which then stays.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn add_case(&mut self, row: &CaseRow) -> Result<bool, StoreError> {
        let insert = diesel::insert_into(cases::table).values(row);
        let added = on_backend!(self.conn(), c => insert.on_conflict_do_nothing().execute(c));
        added.map(|rows| rows == 1).map_err(StoreError::on("cases"))
    }

    /// Puts `row` in the place of the version before it.
    ///
    /// # Errors
    /// `StoreError::Stale` where another writer changed it meanwhile.
    pub fn change_case(&mut self, row: &CaseRow) -> Result<(), StoreError> {
        let place = cases::table.find(&row.id).filter(cases::version.eq(row.version - 1));
        let update = diesel::update(place).set((
            cases::status.eq(&row.status),
            cases::risk.eq(row.risk),
            cases::version.eq(row.version),
            cases::due_at.eq(row.due_at),
            cases::assignee.eq(&row.assignee),
            cases::closed_at.eq(row.closed_at),
            cases::outcome.eq(&row.outcome),
        ));
        let changed = on_backend!(self.conn(), c => update.execute(c)).map_err(StoreError::on("cases"))?;
        if changed == 1 { Ok(()) } else { Err(StoreError::Stale { table: "cases" }) }
    }

    /// Adds a trigger to a case that is locked or new.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn add_case_trigger(&mut self, row: &CaseTriggerRow) -> Result<(), StoreError> {
        on_backend!(self.conn(), c => diesel::insert_into(case_triggers::table).values(row).execute(c))
            .map(drop)
            .map_err(StoreError::on("case_triggers"))
    }

    /// Adds an entry to a case that is locked or new, after the last one.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn add_case_entry(&mut self, mut row: CaseEntryRow) -> Result<CaseEntryRow, StoreError> {
        let last: Option<i32> = case_entries::table
            .filter(case_entries::case_id.eq(&row.case_id))
            .select(diesel::dsl::max(case_entries::number))
            .first(self.conn())
            .map_err(StoreError::on("case_entries"))?;
        row.number = last.unwrap_or(0) + 1;
        on_backend!(self.conn(), c => diesel::insert_into(case_entries::table).values(&row).execute(c))
            .map_err(StoreError::on("case_entries"))?;
        Ok(row)
    }
}
