//! A proposal as the other services see it, and how its row is read and written. The row contains its text and content as JSON, sealed
//! under the organisation's key if the proposal is private.

use std::collections::HashMap;
use std::ops::Deref;

use rand_core::RngCore;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Scene;
use super::digest::digest_of;
use crate::acts::Identity;
use crate::acts::sealed_traces::padded;
use crate::node::ServiceError;
use vasp_pki::DataKey;
use vasp_record::proposal::{ProposalKind, ProposalState, Reason};
use vasp_record::role::OrganisationKind;
use vasp_store::{Conn, ProposalRow};
use vasp_words::ids::{OrganisationId, ProposalId, UserId};

/// A proposal of one person, for another person to decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    row: ProposalRow,
    /// People of the registry, whose ids its customers are not told.
    hidden: Vec<UserId>,
    /// The proposed content, in the kind's own form, and the texts about it.
    pub told: Told<Value>,
}

impl Deref for Proposal {
    type Target = ProposalRow;
    fn deref(&self) -> &ProposalRow {
        &self.row
    }
}

/// What a proposal would change, and what people wrote about it. If the proposal is private, this is encrypted in its row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told<C> {
    /// The proposed content.
    pub content: C,
    /// The proposer's reason.
    pub reason: Reason,
    /// A description of the content.
    pub says: String,
    /// The digest of exactly this content on its basis, in hex. An approval names it.
    pub digest: String,
    /// The reason for declining it; `None` if it was not declined.
    pub declined: Option<Reason>,
    /// Whether the two people who decided are the founders of one organisation.
    pub founders: bool,
    pub(super) salt: String,
}

fn unreadable(error: impl ToString) -> ServiceError {
    ServiceError::Unreadable { what: "proposal", reason: error.to_string() }
}

fn purpose(id: ProposalId) -> String {
    format!("proposal:{id}")
}

impl<C: Serialize> Told<C> {
    fn written(&self, id: ProposalId, key: Option<&DataKey>, rng: &mut dyn RngCore) -> Result<Vec<u8>, ServiceError> {
        let plain = serde_json::to_vec(self)?;
        match key {
            Some(key) => key.seal(&purpose(id), &padded(plain), rng).map_err(ServiceError::Key),
            None => Ok(plain),
        }
    }
}

impl Proposal {
    /// Reads a row.
    pub(super) fn read(row: ProposalRow, key: Option<&DataKey>) -> Result<Self, ServiceError> {
        let opened = key.map(|key| key.open(&purpose(row.id), &row.content)).transpose().map_err(ServiceError::Key)?;
        let told = serde_json::from_slice(opened.as_ref().unwrap_or(&row.content)).map_err(unreadable)?;
        Ok(Self { row, hidden: vec![], told })
    }

    /// Returns the proposal as a caller may see it: without the ids of people of other organisations, unless the caller is an operator.
    pub(crate) fn seen_by(mut self, conn: &mut Conn, identity: &Identity) -> Result<Self, ServiceError> {
        if identity.kind != OrganisationKind::Operator {
            let mut people: Vec<UserId> = [Some(self.proposed_by), self.decided_by].into_iter().flatten().collect();
            let ours = conn.members_among(identity.organisation, &people)?;
            people.retain(|user| !ours.contains(user));
            self.hidden = people;
        }
        Ok(self)
    }

    /// Returns the id of a person, if the caller may see it.
    #[must_use]
    pub fn shown(&self, user: UserId) -> Option<UserId> {
        Some(user).filter(|user| !self.hidden.contains(user))
    }

    /// Returns whether it waits for a second person.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.state == ProposalState::Pending
    }

    /// Returns whether the registry itself made it, so that nobody signed it yet.
    #[must_use]
    pub fn is_of_registry(&self) -> bool {
        self.proposed_by == UserId::REGISTRY
    }

    /// Reads the id of what it is about.
    pub(crate) fn subject_id<I: std::str::FromStr<Err: ToString>>(&self) -> Result<I, ServiceError> {
        self.subject.parse().map_err(|error: I::Err| unreadable(error))
    }

    /// Reads the proposed content.
    pub fn content<C: DeserializeOwned>(&self) -> Result<C, ServiceError> {
        serde_json::from_value(self.told.content.clone()).map_err(unreadable)
    }

    /// Returns whether the proposal is unchanged and its basis is still `ground`.
    pub(super) fn stands_on(&self, kind: ProposalKind, ground: &impl Serialize) -> Result<bool, ServiceError> {
        let proposed = (self.proposed_by, self.proposed_at);
        Ok(digest_of(kind, &self.row.subject, proposed, &self.told, ground)? == self.told.digest)
    }

    /// Writes the result of the proposal.
    pub(super) fn settle(
        mut self,
        Scene { transaction, identity }: &mut Scene<'_, '_>,
        state: ProposalState,
        (declined, key): (Option<&Reason>, Option<&DataKey>),
    ) -> Result<Self, ServiceError> {
        self.told.declined = declined.cloned();
        self.row.state = state;
        self.row.decided_by = Some(identity.user);
        self.row.decided_at = Some(transaction.now());
        self.row.content = self.told.written(self.id, key, transaction.conn_and_rng().1)?;
        transaction.settle_proposal(&self.row)?;
        Ok(self)
    }
}

/// Begins a proposal, and supersedes a waiting one about the same subject. The caller has locked the subject.
///
/// # Errors
/// `ServiceError::Store`, `Unwritable` if the content has no JSON form.
pub(super) fn open<C: Serialize, G: Serialize>(
    Scene { transaction, identity }: &mut Scene<'_, '_>,
    key: Option<&DataKey>,
    kind: ProposalKind,
    subject: &str,
    organisation: OrganisationId,
    (content, says, reason): (&C, String, &Reason),
    ground: &G,
) -> Result<Proposal, ServiceError> {
    transaction.supersede_proposal(kind, subject)?;
    let subjects = [subject.to_owned()];
    let before = transaction.conn().last_proposals(kind, &subjects)?.first().map_or(0, |row| row.number);
    let (now, mut salt) = (transaction.now(), [0; 16]);
    let rng = transaction.conn_and_rng().1;
    rng.fill_bytes(&mut salt);
    let id = ProposalId::new(now, rng);
    let salt = hex::encode(salt);
    let mut told = Told { content, reason: reason.clone(), says, salt, digest: String::new(), declined: None, founders: false };
    told.digest = digest_of(kind, subject, (identity.user, now), &told, ground)?;
    let row = ProposalRow {
        content: told.written(id, key, rng)?,
        id,
        kind,
        subject: subject.to_owned(),
        number: before.saturating_add(1),
        organisation,
        state: ProposalState::Pending,
        proposed_by: identity.user,
        proposed_with: identity.credential,
        proposed_at: now,
        decided_by: None,
        decided_at: None,
    };
    transaction.add_proposal(&row)?;
    Proposal::read(row, key)
}

/// Returns the newest proposal about each of the subjects, by their ids.
pub(crate) fn last(
    conn: &mut Conn,
    kind: ProposalKind,
    subjects: &[String],
    key: Option<&DataKey>,
) -> Result<HashMap<String, Proposal>, ServiceError> {
    let rows = conn.last_proposals(kind, subjects)?.into_iter();
    rows.map(|row| Ok((row.subject.clone(), Proposal::read(row, key)?))).collect()
}

/// Returns the newest proposal about a subject.
pub(crate) fn last_one(
    conn: &mut Conn,
    kind: ProposalKind,
    subject: &str,
    key: Option<&DataKey>,
) -> Result<Option<Proposal>, ServiceError> {
    Ok(last(conn, kind, &[subject.to_owned()], key)?.remove(subject))
}

/// Returns a proposal.
///
/// # Errors
/// `ServiceError::NotFound`, `Store`, `Key`.
pub(super) fn by_id(conn: &mut Conn, id: ProposalId, key: Option<&DataKey>) -> Result<Proposal, ServiceError> {
    let row = conn.proposal(id)?.ok_or_else(none_such)?;
    Proposal::read(row, key)
}

/// Returns the error for a proposal that does not exist or does not concern the caller.
pub(super) fn none_such() -> ServiceError {
    ServiceError::NotFound("There is no such proposal.".to_owned())
}
