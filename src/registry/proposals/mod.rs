//! The one way in which two people decide: one proposes, another approves the digest of exactly that, or declines it; the proposer
//! may withdraw it. What can be decided so says it as a [`Decision`]; whether two people are two is `vasp_rules::four_eyes`.
//!
//! Source: wire contract, "Proposals"; design, "Four eyes cannot be faked".
//!
//! `decide` proposes, approves, declines and withdraws. `record` keeps the row of `proposals`, whose content is sealed where it is private.
//! `digest` is the one recipe (SHA-256 over RFC 8785, salted) and is worked out again at the approval. Whatever changes under a proposal
//! supersedes it. `http` has the routes' one shape.

mod decide;
mod digest;
pub(crate) mod four_eyes;
pub(crate) mod http;
mod record;

pub use decide::{approve, decline, propose, withdraw};
pub use record::{Proposal, Told, list_proposals};

pub(crate) use decide::{begin, require_session};
pub(crate) use record::{last, last_one};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::acts::Identity;
use crate::node::ServiceError;
use vasp_pki::DataKey;
use vasp_record::proposal::{ProposalKind, Reason};
use vasp_store::Transaction;
use vasp_words::closed_list::closed_list;

closed_list! {
    /// What one person does about a proposal, and what became of the proposal by it, as entries of cases say it.
    pub enum Step as "ProposalStep" with &'static str {
        /// Proposes it.
        Propose = "propose" => "proposed",
        /// Approves what another person proposed.
        Approve = "approve" => "approved",
        /// Declines what another person proposed.
        Decline = "decline" => "declined",
        /// Takes back what the same person proposed.
        Withdraw = "withdraw" => "withdrawn",
    }
}

impl Step {
    /// Returns what became of the proposal, as entries of cases say it.
    #[must_use]
    pub fn done(self) -> &'static str {
        self.with()
    }
}

/// What became of the wish to propose something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// It waits for a second person.
    Waits,
    /// One person was enough: it acts already.
    Acted,
}

/// Where a step is taken: in which transaction, and by whom.
pub struct Scene<'s, 't> {
    /// The transaction.
    pub transaction: &'s mut Transaction<'t>,
    /// The person or program.
    pub identity: &'s Identity,
}

/// A step with what it is about.
#[derive(Debug)]
pub struct Taken<'a, C> {
    /// Which step.
    pub step: Step,
    /// What is proposed.
    pub content: &'a C,
    /// The proposal; none where one person was enough. Where it is only considered: what waits already.
    pub proposal: Option<&'a Proposal>,
    /// Why it is proposed or declined.
    pub reason: Option<&'a Reason>,
}

/// One kind of thing that two people decide. A value of it is made for one request: it names the thing and holds what was read
/// before the transaction. Each method fails with the kind's own `ServiceError`.
pub trait Decision {
    /// Which kind.
    const KIND: ProposalKind;
    /// Whether everything about it is the organisation's own: its traces are sealed.
    const IS_PRIVATE: bool = false;
    /// What is proposed: kept with the proposal, covered by its digest and told in the audit line.
    type Content: Serialize + DeserializeOwned;
    /// What else the digest covers: all of what the decision rests on, so that no change of it goes unseen.
    type Ground: Serialize;
    /// What it is about, locked until the end of the transaction.
    type Held;
    /// What the answer shows.
    type Shown;

    /// Returns the key that the content is sealed with; none where operators may read it.
    fn key(&self) -> Option<&DataKey> {
        None
    }

    /// Locks and reads what it is about; refuses where nothing can be decided about it any more.
    fn hold(&self, scene: &mut Scene<'_, '_>, step: Step) -> Result<Self::Held, ServiceError>;

    /// Returns the id of what it is about.
    fn subject(&self, held: &Self::Held) -> String;

    /// Says in words what is proposed.
    fn says(&self, held: &Self::Held, content: &Self::Content) -> String;

    /// Returns the facts that `content` rests on, as they are now.
    fn ground(&self, scene: &mut Scene<'_, '_>, held: &Self::Held, content: &Self::Content)
    -> Result<Self::Ground, ServiceError>;

    /// Refuses what cannot be proposed, and does at once what takes one person only.
    fn consider(
        &self,
        _scene: &mut Scene<'_, '_>,
        _held: &mut Self::Held,
        _wanted: &Taken<'_, Self::Content>,
    ) -> Result<Wish, ServiceError> {
        Ok(Wish::Waits)
    }

    /// Takes a step, after the proposal was written or settled: carries out what was approved, and notes the step in what it is about.
    fn take(
        &self,
        scene: &mut Scene<'_, '_>,
        held: &mut Self::Held,
        taken: &Taken<'_, Self::Content>,
    ) -> Result<(), ServiceError>;

    /// Returns what the answer shows; `proposal` is the one that the step was about.
    fn show(&self, scene: &mut Scene<'_, '_>, held: Self::Held, proposal: Option<Proposal>) -> Result<Self::Shown, ServiceError>;
}
