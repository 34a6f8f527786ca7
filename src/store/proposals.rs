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

    /// Returns a proposal.
    pub fn proposal(&mut self, id: ProposalId) -> Result<Option<ProposalRow>, StoreError> {
        let query = proposals::table.find(id).select(ProposalRow::as_select());
        query.first(self).optional().map_err(StoreError::on("proposals"))
    }

    /// Returns the selected proposals whose ids come after `after`, oldest first.
    pub fn proposals(&mut self, wanted: &WantedProposals<'_>, after: &str, limit: i64) -> Result<Vec<ProposalRow>, StoreError> {
        let of_own = proposals::organisation.eq(wanted.organisation).and(proposals::kind.eq_any(wanted.own));
        let mut query = proposals::table
            .filter(of_own.or(proposals::kind.eq_any(wanted.everywhere)))
            .filter(proposals::id.gt(after))
            .into_boxed();
        if let Some(state) = wanted.state {
            query = query.filter(proposals::state.eq(state));
        }
        if let Some(subject) = wanted.subject {
            query = query.filter(proposals::subject.eq(subject));
        }
        if let Some(user) = wanted.not_by {
            query = query.filter(proposals::proposed_by.ne(user));
        }
        let query = query.order(proposals::id).limit(limit).select(ProposalRow::as_select());
        query.load(self).map_err(StoreError::on("proposals"))
    }
}

/// Selects proposals.
#[derive(Clone, Debug)]
pub struct WantedProposals<'a> {
    /// The organisation.
    pub organisation: OrganisationId,
    /// The kinds of the organisation's own proposals.
    pub own: &'a [ProposalKind],
    /// The kinds of every organisation's proposals.
    pub everywhere: &'a [ProposalKind],
    /// Only those in this state.
    pub state: Option<ProposalState>,
    /// Only those about this subject.
    pub subject: Option<&'a str>,
    /// Only those that others made.
    pub not_by: Option<UserId>,
}

impl Transaction<'_> {
    /// Adds a pending proposal.
    pub fn add_proposal(&mut self, row: &ProposalRow) -> Result<(), StoreError> {
        written(self.conn(), "proposals", diesel::insert_into(proposals::table).values(row)).map(drop)
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
        written_once(self.conn(), "proposals", update)
    }

    /// Deletes an organisation's proposals about some subjects.
    pub(super) fn delete_proposals(
        &mut self,
        organisation: OrganisationId,
        kind: ProposalKind,
        subjects: &[String],
    ) -> Result<(), StoreError> {
        let of_kind = proposals::table.filter(proposals::organisation.eq(organisation)).filter(proposals::kind.eq(kind));
        let delete = diesel::delete(of_kind.filter(proposals::subject.eq_any(subjects)));
        written(self.conn(), "proposals", delete).map(drop)
    }

    /// Supersedes the pending proposal about a subject, if there is one, because its basis has changed.
    pub fn supersede_proposal(&mut self, kind: ProposalKind, subject: &str) -> Result<(), StoreError> {
        let at = self.now();
        let waiting = proposals::table
            .filter(proposals::kind.eq(kind))
            .filter(proposals::subject.eq(subject))
            .filter(proposals::state.eq(ProposalState::Pending));
        let update = diesel::update(waiting).set((proposals::state.eq(ProposalState::Superseded), proposals::decided_at.eq(at)));
        written(self.conn(), "proposals", update).map(drop)
    }
}
