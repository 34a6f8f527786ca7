//! Cases of operator work, at most one open case for a VASP, with their triggers and entries.

use super::backend::{written, written_once};
use super::edge::*;
use super::schema::{case_entries, case_triggers, cases};
use super::{Conn, StoreError, Transaction};
use serde_json::Value;
use vasp_record::case::{CaseOrder, CaseStatus, TriggerKind};
use vasp_words::ids::{CaseId, UserId, VaspId};
use vasp_words::sql::Json;
use vasp_words::time::UtcTime;

/// A case.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = cases, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Case {
    /// Its id.
    pub id: CaseId,
    /// Its VASP; `None` for a case about an authority that a register names.
    pub vasp: Option<VaspId>,
    /// Its status.
    pub status: CaseStatus,
    /// 0 to 100; higher comes first.
    pub risk: i16,
    /// Rises with every change.
    pub version: i64,
    /// When it was opened.
    pub opened_at: UtcTime,
    /// When it should be decided.
    pub due_at: UtcTime,
    /// The operator who took it; `None` if nobody has.
    pub assignee: Option<UserId>,
    /// When it was closed; `None` if it is open.
    pub closed_at: Option<UtcTime>,
    /// The outcome; `None` if it is open.
    pub outcome: Option<String>,
}

/// An event that opened a case, or was added to an open one.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = case_triggers, treat_none_as_default_value = false)]
pub struct CaseTrigger {
    /// Id of the case.
    pub case_id: CaseId,
    /// Number among the case's triggers, from 1.
    pub number: i32,
    /// Kind of trigger.
    pub kind: TriggerKind,
    /// What happened.
    pub detail: Json<Value>,
    /// When it happened.
    pub at: UtcTime,
}

/// One message, note or action in a case.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = case_entries, treat_none_as_default_value = false)]
pub struct CaseEntry {
    /// Id of the case.
    pub case_id: CaseId,
    /// Number among the case's entries, from 1.
    pub number: i32,
    /// Kind: `trigger:…`, `taken`, `note`, `message`, `reply`, `evidence`, `proposed`, `approved`, `declined`, `closed` ….
    pub kind: String,
    /// The user who made the entry; `None` for the registry itself.
    pub actor: Option<UserId>,
    /// When it was made.
    pub at: UtcTime,
    /// The content.
    pub body: Json<Value>,
}

/// Selects cases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseFilter {
    /// Only cases with this status; without it, the open cases.
    pub status: Option<CaseStatus>,
    /// Only cases with a trigger of this kind.
    pub kind: Option<TriggerKind>,
    /// Only cases that this user took.
    pub assignee: Option<UserId>,
    /// Only cases due before this instant.
    pub due_before: Option<UtcTime>,
    /// Only cases about this VASP.
    pub vasp: Option<VaspId>,
}

/// A trigger's VASP, its detail, and when its case was closed.
type ToldTrigger = (VaspId, Json<Value>, Option<UtcTime>);

impl Conn {
    /// Returns a case.
    pub fn case(&mut self, id: CaseId) -> Result<Option<Case>, StoreError> {
        cases::table.find(id).select(Case::as_select()).first(self).optional().map_err(StoreError::on("cases"))
    }

    /// Returns the open case of a VASP.
    pub fn open_case_of(&mut self, vasp: VaspId) -> Result<Option<Case>, StoreError> {
        cases::table
            .filter(cases::vasp.eq(vasp))
            .filter(cases::closed_at.is_null())
            .select(Case::as_select())
            .first(self)
            .optional()
            .map_err(StoreError::on("cases"))
    }

    /// Returns a page of the cases that pass a filter. Skips the first `skip` of them.
    pub fn cases(&mut self, filter: &CaseFilter, order: CaseOrder, skip: i64, limit: i64) -> Result<Vec<Case>, StoreError> {
        let mut query = cases::table.offset(skip).limit(limit).select(Case::as_select()).into_boxed();
        query = match filter.status {
            Some(status) => query.filter(cases::status.eq(status)),
            None => query.filter(cases::closed_at.is_null()),
        };
        if let Some(kind) = filter.kind {
            let triggered = case_triggers::table.filter(case_triggers::kind.eq(kind)).select(case_triggers::case_id);
            query = query.filter(cases::id.eq_any(triggered));
        }
        if let Some(assignee) = filter.assignee {
            query = query.filter(cases::assignee.eq(assignee));
        }
        if let Some(due_before) = filter.due_before {
            query = query.filter(cases::due_at.lt(due_before));
        }
        if let Some(vasp) = filter.vasp {
            query = query.filter(cases::vasp.eq(vasp));
        }
        let query = match order {
            CaseOrder::Risk => query.order((cases::risk.desc(), cases::due_at, cases::id)),
            CaseOrder::Due => query.order((cases::due_at, cases::id)),
            CaseOrder::Opened => query.order((cases::opened_at, cases::id)),
        };
        query.load(self).map_err(StoreError::on("cases"))
    }

    /// Returns the triggers of some cases, in order.
    pub fn case_triggers(&mut self, of: &[CaseId]) -> Result<Vec<CaseTrigger>, StoreError> {
        let mut rows = Vec::new();
        for chunk in of.chunks(500) {
            let query = case_triggers::table
                .filter(case_triggers::case_id.eq_any(chunk))
                .order((case_triggers::case_id, case_triggers::number))
                .select(CaseTrigger::as_select());
            rows.extend(query.load::<CaseTrigger>(self).map_err(StoreError::on("case_triggers"))?);
        }
        Ok(rows)
    }

    /// Returns the details of all triggers of one kind about some VASPs; each with its VASP, and when its case was closed (`None` if it
    /// is open).
    pub fn trigger_details(&mut self, kind: TriggerKind, vasps: &[VaspId]) -> Result<Vec<ToldTrigger>, StoreError> {
        let mut found = Vec::new();
        for chunk in vasps.chunks(500) {
            let query = case_triggers::table
                .inner_join(cases::table)
                .filter(case_triggers::kind.eq(kind))
                .filter(cases::vasp.eq_any(chunk))
                .select((cases::vasp.assume_not_null(), case_triggers::detail, cases::closed_at));
            found.extend(query.load::<ToldTrigger>(self).map_err(StoreError::on("case_triggers"))?);
        }
        Ok(found)
    }

    /// Returns the entries of a case, in order.
    pub fn case_entries(&mut self, case: CaseId) -> Result<Vec<CaseEntry>, StoreError> {
        case_entries::table
            .filter(case_entries::case_id.eq(case))
            .order(case_entries::number)
            .select(CaseEntry::as_select())
            .load(self)
            .map_err(StoreError::on("case_entries"))
    }
}

impl Transaction<'_> {
    /// Locks and returns a case until the end of the transaction. SQLite has one writer at a time and needs no lock.
    pub fn lock_case(&mut self, id: CaseId) -> Result<Option<Case>, StoreError> {
        cases::table
            .find(id)
            .select(Case::as_select())
            .locking()
            .get_result(self.conn())
            .optional()
            .map_err(StoreError::on("cases"))
    }

    /// Locks the open cases until the end of the transaction. SQLite has one writer at a time and needs no lock.
    pub fn lock_open_cases(&mut self) -> Result<(), StoreError> {
        let open = cases::table.filter(cases::closed_at.is_null()).order(cases::id).select(cases::id);
        match self.conn() {
            Conn::Sqlite(_) => Ok(()),
            Conn::Postgres(c) => open.for_update().load::<CaseId>(c).map(drop).map_err(StoreError::on("cases")),
        }
    }

    /// Adds a case; `false` if the VASP has an open case already, which then stays.
    pub fn add_case(&mut self, row: &Case) -> Result<bool, StoreError> {
        let insert = diesel::insert_into(cases::table).values(row);
        written(self.conn(), "cases", insert.unless_there()).map(|rows| rows == 1)
    }

    /// Replaces the preceding version of a case by `row`.
    ///
    /// # Errors
    /// `StoreError::Stale` if another writer changed it in the meantime.
    pub fn change_case(&mut self, row: &Case) -> Result<(), StoreError> {
        let place = cases::table.find(row.id).filter(cases::version.eq(row.version - 1));
        let update = diesel::update(place).set(row);
        written_once(self.conn(), "cases", update)
    }

    /// Adds a trigger to a case that is locked or new.
    pub fn add_case_trigger(&mut self, row: &CaseTrigger) -> Result<(), StoreError> {
        written(self.conn(), "case_triggers", diesel::insert_into(case_triggers::table).values(row)).map(drop)
    }

    /// Adds an entry to a case that is locked or new, after the last one.
    pub fn add_case_entry(&mut self, mut row: CaseEntry) -> Result<CaseEntry, StoreError> {
        let last: Option<i32> = case_entries::table
            .filter(case_entries::case_id.eq(row.case_id))
            .select(diesel::dsl::max(case_entries::number))
            .first(self.conn())
            .map_err(StoreError::on("case_entries"))?;
        row.number = last.unwrap_or(0) + 1;
        written(self.conn(), "case_entries", diesel::insert_into(case_entries::table).values(&row))?;
        Ok(row)
    }
}
