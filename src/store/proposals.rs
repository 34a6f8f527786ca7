//! Proposals that one person makes and another decides: one table for every kind. The content is bytes here, sealed if it is private. A
//! writer must hold the lock of the subject.

use super::backend::{written, written_once};
use super::edge::*;
use super::schema::proposals;
use super::{Conn, StoreError, Transaction};
use vasp_record::proposal::{ProposalKind, ProposalState};
use vasp_words::ids::{CredentialId, OrganisationId, ProposalId, UserId};
use vasp_words::time::UtcTime;

/// A row of the table of proposals.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = proposals, treat_none_as_default_value = false)]
pub struct ProposalRow {
    /// Public id.
    pub id: ProposalId,
    /// Kind of the subject.
    pub kind: ProposalKind,
    /// Id of the subject.
    pub subject: String,
    /// Number among the proposals about this subject, from 1.
    pub number: i32,
    /// The organisation whose people decide.
    pub organisation: OrganisationId,
    /// State: pending, or its outcome.
    pub state: ProposalState,
    /// The proposed content, the reason, its description and its digest (JSON); sealed if it is private.
    pub content: Vec<u8>,
    /// The user who proposed it.
    pub proposed_by: UserId,
    /// The credential that this user proposed it with.
    pub proposed_with: CredentialId,
    /// When it was proposed.
    pub proposed_at: UtcTime,
    /// The user who decided it; `None` if nobody has.
    pub decided_by: Option<UserId>,
    /// When it was decided or ended; `None` if it is pending.
    pub decided_at: Option<UtcTime>,
}

impl Conn {
    /// Returns the newest proposals about some subjects.
    pub fn last_proposals(&mut self, kind: ProposalKind, subjects: &[String]) -> Result<Vec<ProposalRow>, StoreError> {
        let mut rows: Vec<ProposalRow> = Vec::new();
        for chunk in subjects.chunks(500) {
            let query = proposals::table
                .filter(proposals::kind.eq(kind))
                .filter(proposals::subject.eq_any(chunk))
                .order((proposals::subject, proposals::number.desc()))
                .select(ProposalRow::as_select());
            rows.extend(query.load::<ProposalRow>(self).map_err(StoreError::on("proposals"))?);
        }
        rows.dedup_by(|next, newest| next.subject == newest.subject);
        Ok(rows)
    }

    /// Returns an organisation's proposals of one kind after `after`, oldest first.
    pub fn proposals_of(
        &mut self,
        (kind, organisation): (ProposalKind, OrganisationId),
        after: &str,
        limit: i64,
    ) -> Result<Vec<ProposalRow>, StoreError> {
        proposals::table
            .filter(proposals::organisation.eq(organisation))
            .filter(proposals::kind.eq(kind))
            .filter(proposals::id.gt(after))
            .order(proposals::id)
            .limit(limit)
            .select(ProposalRow::as_select())
            .load(self)
            .map_err(StoreError::on("proposals"))
    }
}

impl Transaction<'_> {
    /// Adds a pending proposal.
    pub fn add_proposal(&mut self, row: &ProposalRow) -> Result<(), StoreError> {
        written!(self, "proposals", diesel::insert_into(proposals::table).values(row)).map(drop)
    }

    /// Writes the outcome of a pending proposal.
    ///
    /// # Errors
    /// `StoreError::Stale` if it is no longer pending.
    pub fn settle_proposal(&mut self, row: &ProposalRow) -> Result<(), StoreError> {
        let waiting = proposals::table.find(row.id).filter(proposals::state.eq(ProposalState::Pending));
        let update = diesel::update(waiting).set((
            proposals::state.eq(row.state),
            proposals::content.eq(&row.content),
            proposals::decided_by.eq(row.decided_by),
            proposals::decided_at.eq(row.decided_at),
        ));
        written_once!(self, "proposals", update)
    }

    /// Supersedes the pending proposal about a subject, if there is one, because its basis has changed.
    pub fn supersede_proposal(&mut self, kind: ProposalKind, subject: &str) -> Result<(), StoreError> {
        let at = self.now();
        let waiting = proposals::table
            .filter(proposals::kind.eq(kind))
            .filter(proposals::subject.eq(subject))
            .filter(proposals::state.eq(ProposalState::Pending));
        let update = diesel::update(waiting).set((proposals::state.eq(ProposalState::Superseded), proposals::decided_at.eq(at)));
        written!(self, "proposals", update).map(drop)
    }
}
