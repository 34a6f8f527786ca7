//! The kinds of proposals as a table: who may read, propose and decide one, whose they are, and the decision behind it.

use crate::acts::{Act, Identity, Reply};
use crate::authorities::AuthoritiesDecision;
use crate::brands::CandidateDecision;
use crate::claims::{EndDecision, EndsDecision, SubAccountDecision};
use crate::http::Problem;
use crate::http::caller::check;
use crate::http::permission::{
    Approve, OperatorRead, OwnAdmin, Permission, PolicyEdit, PolicyRead, PrecheckErase, RelationshipWork, Relationships, Review,
};
use crate::node::ServiceError;
use crate::organisations::{BudgetDecision, GrantDecision, LinkDecision, Reach};
use crate::policies::PolicyDecision;
use crate::precheck::{ErasureDecision, LiftDecision, OverrideDecision, RetentionDecision};
use crate::proposals::{Decided, Proposal, ProposerMay, Settling, settle};
use crate::relationships::{RelationshipDecision, RuleDecision};
use crate::review::{BrandDecision, CaseDecision};
use crate::rulebook::imports::RulebookDecision;
use crate::screening::{HitDecision, OwnHitDecision};
use vasp_record::proposal::ProposalKind;

/// Settles a proposal of one kind.
type Settle = fn(Act<'_, Decided>, &Proposal, &Settling, ProposerMay<'_>) -> Result<Reply, ServiceError>;

/// Refuses a caller without a permission.
type May = fn(&Identity) -> Result<(), Problem>;

/// One kind of proposals.
pub(super) struct Kind {
    /// Reads them.
    pub(super) reads: May,
    /// Makes and withdraws them.
    pub(super) proposes: May,
    /// Approves and declines them.
    pub(super) decides: May,
    /// Reaches those of every organisation, not only its own.
    pub(super) reaches_all: fn(&Identity) -> bool,
    pub(super) settle: Settle,
}

/// Proposals about records of the registry: any operator may decide those of any other.
fn of_operators<P: Permission>(settle: Settle) -> Kind {
    let (reads, proposes, decides): (May, May, May) = (check::<OperatorRead>, check::<P>, check::<Approve>);
    Kind { reads, proposes, decides, reaches_all: |_| true, settle }
}

/// Proposals about people: an organisation's admins decide those of their own people, the registry's admins those of all.
fn of_admins(settle: Settle) -> Kind {
    let may: May = check::<OwnAdmin>;
    Kind { reads: may, proposes: may, decides: may, reaches_all: |identity| Reach::of(identity) == Reach::Every, settle }
}

/// Proposals about an organisation's own counterparties and transfers: its compliance people propose, they or senior management decide.
fn of_compliance(settle: Settle) -> Kind {
    let (reads, proposes): (May, May) = (check::<Relationships>, check::<RelationshipWork>);
    Kind { reads, proposes, decides: reads, reaches_all: |_| false, settle }
}

/// Proposals about an organisation's own settings: its compliance people propose and decide, its admins read.
fn of_settings(settle: Settle) -> Kind {
    let (reads, decides): (May, May) = (check::<PolicyRead>, check::<PolicyEdit>);
    Kind { reads, proposes: decides, decides, reaches_all: |_| false, settle }
}

/// Proposals about what an organisation keeps: nobody but its compliance people knows of them.
fn of_keeping(settle: Settle) -> Kind {
    let may: May = check::<PrecheckErase>;
    Kind { reads: may, proposes: may, decides: may, reaches_all: |_| false, settle }
}

/// Makes the function that settles proposals of one kind, from how the decision is made.
macro_rules! by {
    (|$act:ident, $of:ident| $decision:expr) => {
        |$act, $of, settling, proposer_may| {
            let decision = $decision;
            settle($act, &decision, ($of.id, settling), proposer_may)
        }
    };
    // Of a decision whose contents are sealed: it takes the key from the act.
    (mut |$act:ident, $of:ident| $decision:expr) => {
        |mut $act, $of, settling, proposer_may| {
            let decision = $decision;
            settle($act, &decision, ($of.id, settling), proposer_may)
        }
    };
}

impl Kind {
    /// Returns whether somebody may still stand behind a proposal that another person approves. The first person who approves a proposal of
    /// the registry becomes its proposer; such a person may have no right to propose.
    pub(super) fn proposer_may(&self, proposer: &Identity) -> bool {
        (self.proposes)(proposer).is_ok() || (self.decides)(proposer).is_ok()
    }

    /// Returns the row of the table for a kind.
    pub(super) fn of(kind: ProposalKind) -> Self {
        match kind {
            ProposalKind::Case => of_operators::<Review>(by!(|act, of| CaseDecision::of(&act, of.subject_id()?))),
            ProposalKind::Screening => of_operators::<Review>(by!(|act, of| HitDecision::of(&act, of.subject_id()?))),
            ProposalKind::Rulebook => of_operators::<Approve>(by!(|act, of| RulebookDecision(of.subject_id()?))),
            ProposalKind::Authorities => of_operators::<Review>(by!(|act, of| AuthoritiesDecision(of.subject_id()?))),
            ProposalKind::ClaimEnd => of_operators::<Review>(by!(|act, of| EndDecision::of(&act, of.subject.clone()))),
            ProposalKind::ClaimEnds => of_operators::<Review>(by!(|act, of| EndsDecision::of(&act, of.subject.clone()))),
            ProposalKind::SubAccount => of_operators::<Review>(by!(|act, of| SubAccountDecision::of(&act, of.subject.clone()))),
            ProposalKind::Brand => of_operators::<Review>(by!(|act, of| BrandDecision::of(&act, of.subject_id()?))),
            ProposalKind::BrandCandidate => {
                of_operators::<Review>(by!(|act, of| CandidateDecision::of(&act, of.subject.clone())))
            }
            ProposalKind::RoleGrant => of_admins(by!(|act, of| GrantDecision { id: of.subject_id()? })),
            ProposalKind::Enrolment => of_admins(by!(|act, of| LinkDecision { user: of.subject_id()? })),
            ProposalKind::AddressBudget => of_operators::<Review>(by!(|act, of| BudgetDecision(of.subject_id()?))),
            ProposalKind::Policy => of_settings(by!(|act, of| PolicyDecision::about(&act, of)?)),
            ProposalKind::Retention => of_settings(by!(mut |act, _of| RetentionDecision { key: act.data_key()? })),
            ProposalKind::LegalHold => of_keeping(by!(mut |act, of| LiftDecision { id: of.subject_id()?, key: act.data_key()? })),
            ProposalKind::Erasure => of_keeping(
                by!(mut |act, of| ErasureDecision { registry: act.registry, id: of.subject_id()?, key: act.data_key()? }),
            ),
            ProposalKind::Relationship => {
                of_compliance(by!(mut |act, of| RelationshipDecision::about(&mut act, of.subject_id()?)?))
            }
            ProposalKind::ApprovalRule => of_compliance(by!(mut |act, of| RuleDecision::of(&mut act, of.subject_id()?)?)),
            ProposalKind::OwnScreening => of_compliance(by!(mut |act, of| OwnHitDecision::about(&mut act, of)?)),
            ProposalKind::Override => of_compliance(by!(mut |act, of| OverrideDecision::about(&mut act, of.subject_id()?)?)),
        }
    }
}
