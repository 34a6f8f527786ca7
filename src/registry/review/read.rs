//! Reads cases: the queue, riskiest first, and one case with its whole history.

use super::decision::CaseProposal;
use crate::node::{Page, Registry, ServiceError};
use crate::proposals::{Proposal, Step, last, last_one};
use vasp_record::case::CaseOrder;
use vasp_record::proposal::{ProposalKind, ProposalState};
use vasp_store::{Case, CaseEntry, CaseFilter, CaseTrigger, Conn};
use vasp_words::ids::CaseId;

/// A case with all that belongs to it.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseRecord {
    /// The case.
    pub case: Case,
    /// The proposal that waits for a second person, or that two people decided; `None` if there is neither.
    pub proposal: Option<Proposal>,
    /// The decision that is proposed or was made; `None` if there is neither.
    pub proposed: Option<CaseProposal>,
    /// Why it was opened.
    pub triggers: Vec<CaseTrigger>,
    /// The history of the case, oldest first; empty in lists.
    pub entries: Vec<CaseEntry>,
}

impl CaseRecord {
    /// Returns the summaries of what opened or joined the case since the pending proposal was made. Empty in lists.
    pub fn since_proposed(&self) -> impl Iterator<Item = &str> {
        let waiting = self.proposal.as_ref().is_some_and(Proposal::is_pending);
        let after = self.entries.iter().rev().take_while(|entry| entry.kind != Step::Propose.done()).filter(move |_| waiting);
        let joined: Vec<&CaseEntry> = after.filter(|entry| entry.kind.starts_with("trigger:")).collect();
        joined.into_iter().rev().filter_map(|entry| entry.body.0.get("summary")?.as_str())
    }
}

impl CaseRecord {
    /// Reads a case with all that belongs to it.
    pub(crate) fn read(conn: &mut Conn, case: Case) -> Result<Self, ServiceError> {
        let (entries, triggers) = (conn.case_entries(case.id)?, conn.case_triggers(&[case.id])?);
        let proposal = last_one(conn, ProposalKind::Case, &case.id.to_string(), None)?;
        Ok(Self { entries, ..Self::of(case, triggers, proposal)? })
    }

    fn of(case: Case, triggers: Vec<CaseTrigger>, proposal: Option<Proposal>) -> Result<Self, ServiceError> {
        let proposal = proposal.filter(|last| matches!(last.state, ProposalState::Pending | ProposalState::Approved));
        let proposed = proposal.as_ref().map(Proposal::content).transpose()?;
        Ok(Self { case, proposal, proposed, triggers, entries: vec![] })
    }
}

/// Returns a page of the queue, after `skip` cases.
pub fn list_cases(
    registry: &Registry,
    filter: &CaseFilter,
    order: CaseOrder,
    skip: u32,
    limit: usize,
) -> Result<Page<CaseRecord, u32>, ServiceError> {
    let wanted = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    registry.store().read(|conn| {
        let mut rows = conn.cases(filter, order, skip.into(), wanted)?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let ids: Vec<CaseId> = rows.iter().map(|row| row.id).collect();
        let triggers = conn.case_triggers(&ids)?;
        let mut proposals = last(conn, ProposalKind::Case, &ids.iter().map(CaseId::to_string).collect::<Vec<_>>(), None)?;
        let of = |case: Case| {
            let triggers = triggers.iter().filter(|trigger| trigger.case_id == case.id).cloned().collect();
            let proposal = proposals.remove(&case.id.to_string());
            CaseRecord::of(case, triggers, proposal)
        };
        let items: Vec<CaseRecord> = rows.into_iter().map(of).collect::<Result<_, _>>()?;
        let next = more.then(|| skip.saturating_add(u32::try_from(items.len()).unwrap_or(u32::MAX)));
        Ok(Page { items, next })
    })
}

/// Returns a case.
pub fn read_case(registry: &Registry, id: CaseId) -> Result<CaseRecord, ServiceError> {
    registry.store().read(|conn| {
        let row = conn.case(id)?;
        let row = row.ok_or_else(|| ServiceError::NotFound("There is no case with this id.".to_owned()))?;
        CaseRecord::read(conn, row)
    })
}
