//! Reads cases: the queue, riskiest first, and one case with all that was said and done.

use serde_json::Value;

use super::super::proposals::{Proposal, last, last_one};
use super::super::{Page, Registry, ServiceError};
use super::decision::CaseProposal;
use vasp_record::case::{CaseStatus, TriggerKind};
use vasp_record::proposal::{ProposalKind, ProposalState};
use vasp_store::{CaseEntryRow, CaseFilter, CaseOrder, CaseRow, CaseTriggerRow, Conn, StoreError};
use vasp_words::ids::{CaseId, UserId, VaspId};
use vasp_words::time::UtcTime;

/// Why a case was opened, or joined.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseTrigger {
    /// Kind.
    pub kind: TriggerKind,
    /// What happened.
    pub detail: Value,
    /// When.
    pub at: UtcTime,
}

/// One thing that was said or done.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseEntry {
    /// Id of the case.
    pub case: CaseId,
    /// Place in the case, from 1.
    pub number: i32,
    /// Kind: `trigger:…`, `taken`, `note`, `message`, `reply`, `evidence`, `proposed`, `approved`, `declined`, `closed` ….
    pub kind: String,
    /// Who; none for the registry itself.
    pub actor: Option<UserId>,
    /// When.
    pub at: UtcTime,
    /// What.
    pub body: Value,
}

/// A case.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseRecord {
    /// Its id.
    pub id: CaseId,
    /// Its VASP.
    pub vasp: VaspId,
    /// Where it stands.
    pub status: CaseStatus,
    /// 0 to 100; higher comes first.
    pub risk: i16,
    /// Rises with every change.
    pub version: i64,
    /// When it was opened.
    pub opened_at: UtcTime,
    /// When it should be decided.
    pub due_at: UtcTime,
    /// Who took it.
    pub assignee: Option<UserId>,
    /// What waits for a second person, or what two people decided.
    pub proposal: Option<Proposal>,
    /// What of the case is proposed, or was decided.
    pub proposed: Option<CaseProposal>,
    /// When it was closed.
    pub closed_at: Option<UtcTime>,
    /// How it ended.
    pub outcome: Option<String>,
    /// Why it was opened.
    pub triggers: Vec<CaseTrigger>,
    /// What was said and done; empty in lists.
    pub entries: Vec<CaseEntry>,
}

/// Which cases are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseQuestion {
    /// In this status; without one, the open ones.
    pub status: Option<CaseStatus>,
    /// With a trigger of this kind.
    pub kind: Option<TriggerKind>,
    /// Taken by this user.
    pub assignee: Option<UserId>,
    /// Due before.
    pub due_before: Option<UtcTime>,
    /// About this VASP.
    pub vasp: Option<VaspId>,
    /// In which order: `risk` (default), `due`, `opened`.
    pub sort: CaseSort,
}

/// Order of the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CaseSort {
    /// Riskiest first, then the one due first.
    #[default]
    Risk,
    /// Due first.
    Due,
    /// Opened first.
    Opened,
}

impl CaseEntry {
    pub(super) fn read(row: CaseEntryRow) -> Result<Self, StoreError> {
        let wrong = |column| StoreError::Inconsistent { table: "case_entries", column, id: row.case_id.clone() };
        Ok(Self {
            case: row.case_id.parse().map_err(|_| wrong("case_id"))?,
            number: row.number,
            actor: row.actor.as_deref().map(str::parse).transpose().map_err(|_| wrong("actor"))?,
            at: UtcTime::from_micros(row.at).map_err(|_| wrong("at"))?,
            body: serde_json::from_str(&row.body).map_err(|_| wrong("body"))?,
            kind: row.kind.clone(),
        })
    }
}

impl CaseRecord {
    /// Reads a case with all that belongs to it.
    ///
    /// # Errors
    /// `ServiceError::Store`.
    pub(super) fn read(conn: &mut Conn, row: CaseRow) -> Result<Self, ServiceError> {
        let entries = conn.case_entries(&row.id)?;
        let triggers = conn.case_triggers(std::slice::from_ref(&row.id))?;
        let entries: Result<Vec<_>, _> = entries.into_iter().map(CaseEntry::read).collect();
        let proposal = last_one(conn, ProposalKind::Case, &row.id, None)?;
        Ok(Self { entries: entries?, ..Self::of(row, triggers.iter(), proposal)? })
    }

    fn of<'a>(
        row: CaseRow,
        triggers: impl Iterator<Item = &'a CaseTriggerRow>,
        proposal: Option<Proposal>,
    ) -> Result<Self, ServiceError> {
        let wrong = |column| StoreError::Inconsistent { table: "cases", column, id: row.id.clone() };
        let time = |at: i64, column| UtcTime::from_micros(at).map_err(|_| wrong(column));
        let user = |id: &Option<String>, column| id.as_deref().map(str::parse).transpose().map_err(|_| wrong(column));
        let triggers = triggers.map(|trigger| {
            Ok(CaseTrigger {
                kind: TriggerKind::from_text(&trigger.kind).ok_or_else(|| wrong("kind"))?,
                detail: serde_json::from_str(&trigger.detail).map_err(|_| wrong("detail"))?,
                at: time(trigger.at, "at")?,
            })
        });
        let proposal = proposal.filter(|last| matches!(last.state, ProposalState::Pending | ProposalState::Approved));
        Ok(Self {
            proposed: proposal.as_ref().map(Proposal::content).transpose()?,
            proposal,
            id: row.id.parse().map_err(|_| wrong("id"))?,
            vasp: row.vasp.parse().map_err(|_| wrong("vasp"))?,
            status: CaseStatus::from_text(&row.status).ok_or_else(|| wrong("status"))?,
            risk: row.risk,
            version: row.version,
            opened_at: time(row.opened_at, "opened_at")?,
            due_at: time(row.due_at, "due_at")?,
            assignee: user(&row.assignee, "assignee")?,
            closed_at: row.closed_at.map(|at| time(at, "closed_at")).transpose()?,
            triggers: triggers.collect::<Result<_, StoreError>>()?,
            entries: vec![],
            outcome: row.outcome.clone(),
        })
    }
}

/// Returns a page of the queue, after `skip` cases.
///
/// # Errors
/// `ServiceError::Store`.
pub fn list_cases(
    registry: &Registry,
    question: &CaseQuestion,
    skip: u32,
    limit: usize,
) -> Result<Page<CaseRecord, u32>, ServiceError> {
    let filter = CaseFilter {
        status: question.status.map(|status| status.as_str().to_owned()),
        kind: question.kind.map(|kind| kind.as_str().to_owned()),
        assignee: question.assignee.map(|id| id.to_string()),
        due_before: question.due_before.map(UtcTime::micros),
        vasp: question.vasp.map(|id| id.to_string()),
    };
    let order = match question.sort {
        CaseSort::Risk => CaseOrder::Risk,
        CaseSort::Due => CaseOrder::Due,
        CaseSort::Opened => CaseOrder::Opened,
    };
    let wanted = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    registry.store().read(|conn| {
        let mut rows = conn.cases(&filter, order, skip.into(), wanted)?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
        let triggers = conn.case_triggers(&ids)?;
        let mut proposals = last(conn, ProposalKind::Case, &ids, None)?;
        let of = |row: CaseRow| {
            let (id, proposal) = (row.id.clone(), proposals.remove(&row.id));
            CaseRecord::of(row, triggers.iter().filter(|trigger| trigger.case_id == id), proposal)
        };
        let items: Vec<CaseRecord> = rows.into_iter().map(of).collect::<Result<_, _>>()?;
        let next = more.then(|| skip.saturating_add(u32::try_from(items.len()).unwrap_or(u32::MAX)));
        Ok(Page { items, next })
    })
}

/// Returns a case.
///
/// # Errors
/// `ServiceError::NotFound`, `Store`.
pub fn read_case(registry: &Registry, id: CaseId) -> Result<CaseRecord, ServiceError> {
    registry.store().read(|conn| {
        let row = conn.case(&id.to_string())?;
        let row = row.ok_or_else(|| ServiceError::NotFound("There is no case with this id.".to_owned()))?;
        CaseRecord::read(conn, row)
    })
}
