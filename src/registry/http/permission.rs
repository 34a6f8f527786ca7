//! The permissions of routes: scope, kind of organisation and role, each as a type for [`super::Caller`]. This file alone shows who may do
//! what; the OpenAPI document says it of each operation.

use super::App;
use vasp_record::role::{OrganisationKind, Role, Scope, UserKind};

/// One way to have a permission: a scope, and of whom.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    /// The scope that the credentials need.
    pub scope: Scope,
    /// The kinds of organisations that have it; empty if all kinds do.
    pub kinds: &'static [OrganisationKind],
    /// The roles that have it, of which the user needs one; empty if it needs no role.
    pub roles: &'static [Role],
    /// The kinds of users that need none of these roles.
    pub exempt: &'static [UserKind],
}

/// A permission that a route needs.
pub trait Permission {
    /// The ways to have it, of which a caller needs one; empty if any credentials will do.
    const WAYS: &'static [Way];
    /// Whether it needs a session. An API key, which a program holds, is then refused.
    const SESSION: bool = false;
    /// Whether a client certificate counts as credentials if no others are sent. False for sign-in routes, because a browser may show a
    /// certificate without being asked.
    const CERTIFICATE: bool = true;
    /// When callers without credentials may use it.
    const OPEN: Open = Open::Never;
}

/// When callers without credentials are let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// Never.
    Never,
    /// If the server's setting `public-read` is on.
    PublicRead,
    /// If the server's setting `public-metrics` is on.
    PublicMetrics,
    /// Always.
    Always,
}

impl Open {
    /// Returns whether this server lets in callers without credentials.
    pub(super) fn at(self, app: &App) -> bool {
        match self {
            Self::Never => false,
            Self::PublicRead => app.public_read,
            Self::PublicMetrics => app.public_metrics,
            Self::Always => true,
        }
    }

    /// Returns the name of the setting on which it depends; `None` if it depends on none.
    pub(super) fn setting(self) -> Option<&'static str> {
        match self {
            Self::PublicRead => Some("public-read"),
            Self::PublicMetrics => Some("public-metrics"),
            Self::Never | Self::Always => None,
        }
    }
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident:
        $($scope:ident $(of [$($kind:ident),+])? $(as [$($role:ident),+] $(or $exempt:ident)?)?)|+ $(, open by $open:ident)?;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}

        impl Permission for $name {
            const WAYS: &'static [Way] =
                &[$(Way {
                    scope: Scope::$scope,
                    kinds: &[$($($kind),+)?],
                    roles: &[$($($role),+)?],
                    exempt: &[$($($exempt)?)?],
                }),+];
            $(const OPEN: Open = Open::$open;)?
        }
    )*};
}

use OrganisationKind::{Gateway, Member, Operator};
use Role::{Admin, Approver, Compliance, Editor, Reviewer, SeniorManagement};
use UserKind::Machine;

permissions! {
    /// Reads the directory.
    Resolve: Resolve, open by PublicRead;
    /// Asks for a pre-check.
    Precheck: Precheck, open by PublicRead;
    /// Reads recorded pre-checks, with the reasons that a customer must not learn, and makes links to their reports.
    PrecheckRecord: Precheck as [Compliance, Admin] or Machine;
    /// Manages the list of watched counterparties.
    Watch: Precheck of [Member, Gateway] as [Compliance, Admin] or Machine;
    /// Reads and acknowledges alerts, which are also about the member's own record.
    Alerts: Precheck of [Member, Gateway] as [Editor, Compliance, Admin] or Machine;
    /// Manages webhooks and their secrets.
    WatchAdmin: Admin of [Member, Gateway] as [Admin];
    /// Decides what is erased of recorded pre-checks, and what must not be.
    PrecheckErase: Compliance of [Member, Gateway] as [Compliance];
    /// Reads the organisation's own policies and tests others.
    PolicyRead: Compliance of [Member, Gateway] as [Compliance, Admin];
    /// Reads the registry's default policy.
    DefaultPolicyRead: Compliance of [Member, Gateway] as [Compliance, Admin] | Operator of [Operator] as [Reviewer, Approver, Admin];
    /// Writes, activates and retires the organisation's own policies.
    PolicyEdit: Compliance of [Member, Gateway] as [Compliance];
    /// Reads the metrics.
    Metrics: Operator, open by PublicMetrics;
    /// Reads what a member keeps about its own VASP.
    MemberRead: Member of [Member] as [Editor, Compliance, Admin];
    /// Changes what a member keeps about its own VASP.
    MemberEdit: Member of [Member] as [Editor, Admin];
    /// Reads what a VASP published. A member's own key may also have the scope `member` alone.
    OfVasp: Resolve | Member of [Member] as [Editor, Compliance, Admin], open by PublicRead;
    /// Reads drafts and documents: a member's own, or as an operator those that the registry keeps or examines.
    DraftRead: Member of [Member] as [Editor, Compliance, Admin] | Operator of [Operator] as [Reviewer, Approver, Admin];
    /// Changes the draft of a record: a member's own, or as an operator one that the registry keeps.
    DraftEdit: Member of [Member] as [Editor, Admin] | Operator of [Operator] as [Reviewer];
    /// Reads, approves and declines the organisation's decisions about counterparties.
    Relationships: Compliance of [Member, Gateway] as [Compliance, SeniorManagement];
    /// Proposes and restricts the organisation's decisions about counterparties, and notes failures.
    RelationshipWork: Compliance of [Member, Gateway] as [Compliance];
    /// Reads the lists of VASPs that the organisation's own providers reach.
    VaspListRead: Compliance of [Member, Gateway] as [Compliance, Admin];
    /// Loads and drops such lists.
    VaspListEdit: Compliance of [Member, Gateway] as [Compliance];
    /// Reads screening hits: an organisation with its own decisions, an operator with the registry's.
    Hits: Compliance of [Member, Gateway] as [Compliance, SeniorManagement] | Operator of [Operator] as [Reviewer, Approver, Admin];
    /// Proposes decisions about screening hits: an organisation's for itself, an operator's as evidence for all.
    HitWork: Compliance of [Member, Gateway] as [Compliance] | Operator of [Operator] as [Reviewer];
    /// Decides who may read the member's answers about itself.
    MemberShare: Member of [Member] as [Compliance, Admin];
    /// Asks a member for its answers.
    AskForAnswers: Compliance of [Member, Gateway] as [Compliance];
    /// Manages the organisation's own users, delegations and keys.
    OwnAdmin: Admin of [Member, Gateway, Operator] as [Admin];
    /// Manages your own keys and client certificates.
    OwnKeys: Admin;
    /// Reads cases and records.
    OperatorRead: Operator of [Operator] as [Reviewer, Approver, Admin];
    /// Works on cases: takes them, asks questions, records evidence, proposes decisions.
    Review: Operator of [Operator] as [Reviewer];
    /// Approves or declines another person's proposal.
    Approve: Operator of [Operator] as [Approver];
    /// Manages organisations and their users, and reads the audit chain.
    OperatorAdmin: Admin of [Operator] as [Admin];
}

/// Signs in. Open to everybody, whatever other permissions they have.
#[derive(Debug)]
pub enum Anyone {}

/// Any caller with a credential, including a session that still lacks its second factor.
#[derive(Debug)]
pub enum Known {}

/// The caller's own session, even if it still lacks its second factor.
#[derive(Debug)]
pub enum OwnSession {}

/// The caller's own session, with its second factor given.
#[derive(Debug)]
pub enum SignedIn {}

impl Permission for Anyone {
    const WAYS: &'static [Way] = &[];
    const CERTIFICATE: bool = false;
    const OPEN: Open = Open::Always;
}

impl Permission for Known {
    const WAYS: &'static [Way] = &[];
}

impl Permission for OwnSession {
    const WAYS: &'static [Way] = &[];
    const SESSION: bool = true;
}

impl Permission for SignedIn {
    // Every complete session has this scope.
    const WAYS: &'static [Way] = &[Way { scope: Scope::Resolve, kinds: &[], roles: &[], exempt: &[] }];
    const SESSION: bool = true;
}
