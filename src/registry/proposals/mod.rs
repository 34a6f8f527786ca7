//! How two people decide: one person proposes, another person approves the digest of exactly that, or declines it. The proposer may
//! withdraw it. Each kind implements [`Decision`]. `vasp_rules::four_eyes` decides whether two users can be the same person.
//!
//! Source: docs/organisations.md, "Two people".
//!
//! `decide` proposes, approves, declines and withdraws. `record` reads and writes the rows of `proposals`; private content is sealed.
//! `digest` computes the digest (SHA-256 over RFC 8785, salted), and again at the approval. Any change of the basis supersedes a proposal.
//! `list` reads those that concern the caller. `http` has the views; `decisions` has the routes.

mod decide;
mod digest;
pub(crate) mod four_eyes;
pub(crate) mod http;
mod list;
mod record;

pub use decide::{ProposerMay, Settling, propose, settle};
pub use list::{ProposalFilter, list_proposals, read_proposal};
pub use record::{Proposal, Told};

pub(crate) use decide::{begin, begin_by_registry, require_session};
pub(crate) use record::{last, last_one};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::acts::Identity;
use crate::node::ServiceError;
use vasp_pki::DataKey;
use vasp_record::proposal::{ProposalKind, Reason};
use vasp_store::Transaction;
use vasp_words::closed_list::closed_list;
use vasp_words::ids::OrganisationId;
use vasp_words::time::UtcTime;

closed_list! {
    /// The step of a person on a proposal, and its result in the words of case entries.
    pub enum Step as "ProposalStep" with &'static str {
        /// Proposes it.
        Propose = "propose" => "proposed",
        /// Approves what another person proposed.
        Approve = "approve" => "approved",
        /// Declines what another person proposed.
        Decline = "decline" => "declined",
        /// Withdraws the person's own proposal.
        Withdraw = "withdraw" => "withdrawn",
    }
}

impl Step {
    /// Returns the result of the step, in the words of case entries.
    #[must_use]
    pub fn done(self) -> &'static str {
        self.with()
    }
}

/// The content of a proposal that is only about its subject: nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoContent {}

/// The result of a wish to propose something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// It waits for a second person.
    Waits,
    /// One person was enough: it is in force already.
    Acted,
}

/// The transaction of a step, and the person or program that takes it.
pub struct Scene<'s, 't> {
    /// The transaction.
    pub transaction: &'s mut Transaction<'t>,
    /// The person or program.
    pub identity: &'s Identity,
}

/// A step with its content and proposal.
#[derive(Debug)]
pub struct Taken<'a, C> {
    /// The step.
    pub step: Step,
    /// The proposed content.
    pub content: &'a C,
    /// The proposal; `None` in the step of a person who was enough. In [`Decision::consider`]: the proposal that waits already.
    pub proposal: Option<&'a Proposal>,
    /// The reason for proposing or declining; `None` for other steps.
    pub reason: Option<&'a Reason>,
}

/// The result of a step.
#[derive(Debug)]
pub struct Decided {
    /// The proposal after the step.
    pub proposal: Proposal,
    /// What the approval made for the approver to hand out, once.
    pub handed: Option<Handed>,
}

/// The secret of a link that an approver hands out.
#[derive(Clone, Debug)]
pub struct Handed {
    /// The secret.
    pub secret: String,
    /// When the link stops working.
    pub expires_at: UtcTime,
}

/// A kind of decision that two people make. A value belongs to one request: it names the subject and holds what was read before the
/// transaction. Each method fails with the kind's own `ServiceError`.
pub trait Decision {
    /// The kind.
    const KIND: ProposalKind;
    /// Whether everything about it is private to the organisation, so that its traces are sealed.
    const IS_PRIVATE: bool = false;
    /// The proposed content: stored with the proposal, covered by its digest and recorded in the audit line.
    type Content: Serialize + DeserializeOwned;
    /// The basis that the digest also covers: all facts on which the decision depends, so that no change of them goes unnoticed.
    type Ground: Serialize;
    /// The subject, locked until the end of the transaction.
    type Held;

    /// Returns the key that seals the content; `None` if operators may read it.
    fn key(&self) -> Option<&DataKey> {
        None
    }

    /// Locks and reads the subject; refuses it if no decision about it is possible any more.
    fn hold(&self, scene: &mut Scene<'_, '_>, step: Step) -> Result<Self::Held, ServiceError>;

    /// Returns the id of the subject.
    fn subject(&self, held: &Self::Held) -> String;

    /// Returns the organisation whose people decide.
    fn organisation(&self, _held: &Self::Held, identity: &Identity) -> OrganisationId {
        identity.organisation
    }

    /// Describes the proposed content in words.
    fn says(&self, held: &Self::Held, content: &Self::Content) -> String;

    /// Returns the current facts on which `content` depends.
    fn ground(&self, scene: &mut Scene<'_, '_>, held: &Self::Held, content: &Self::Content)
    -> Result<Self::Ground, ServiceError>;

    /// Refuses content that cannot be proposed, and does at once what needs only one person.
    fn consider(
        &self,
        _scene: &mut Scene<'_, '_>,
        _held: &mut Self::Held,
        _wanted: &Taken<'_, Self::Content>,
    ) -> Result<Wish, ServiceError> {
        Ok(Wish::Waits)
    }

    /// Takes a step, after the proposal was written or settled: carries out an approved change, and records the step in the subject.
    fn take(
        &self,
        scene: &mut Scene<'_, '_>,
        held: &mut Self::Held,
        taken: &Taken<'_, Self::Content>,
    ) -> Result<(), ServiceError>;

    /// Returns what the step made for the approver to hand out.
    fn handed(&self, _held: Self::Held) -> Option<Handed> {
        None
    }
}
