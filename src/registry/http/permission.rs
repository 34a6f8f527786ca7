//! The permissions of routes: scope, kind of organisation and role, each as a type for [`super::Caller`]. This file alone shows who may do
//! what; the OpenAPI document says it of each operation.

use super::App;
use vasp_record::role::{OrganisationKind, Role, Scope};

/// A permission that a route needs.
pub trait Permission {
    /// The scope that the credentials need; `None` if any credentials will do.
    const SCOPE: Option<Scope>;
    /// Whether it needs a session. An API key, which a program holds, is then refused.
    const SESSION: bool = false;
    /// The kinds of organisations that have it; empty if all kinds do.
    const KINDS: &'static [OrganisationKind] = &[];
    /// The roles that have it, of which the user needs one; empty if it needs no role.
    const ROLES: &'static [Role] = &[];
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
    ($($(#[$doc:meta])* $name:ident: $scope:ident $(of $kinds:expr)? $(, as $roles:expr)? $(, open by $open:ident)?;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}

        impl Permission for $name {
            const SCOPE: Option<Scope> = Some(Scope::$scope);
            $(const KINDS: &'static [OrganisationKind] = &$kinds;)?
            $(const ROLES: &'static [Role] = &$roles;)?
            $(const OPEN: Open = Open::$open;)?
        }
    )*};
}

use OrganisationKind::{Gateway, Member, Operator};
use Role::{Admin, Approver, Compliance, Editor, Reviewer, SeniorManagement};

permissions! {
    /// Reads the directory.
    Resolve: Resolve, open by PublicRead;
    /// Asks for a pre-check.
    Precheck: Precheck, open by PublicRead;
    /// Reads a recorded pre-check.
    PrecheckRecord: Precheck;
    /// Manages alerts and the list of watched counterparties.
    Watch: Precheck of [Member, Gateway];
    /// Manages webhooks and their secrets.
    WatchAdmin: Admin of [Member, Gateway], as [Admin];
    /// Erases the question and answer of a recorded pre-check.
    PrecheckErase: Compliance of [Member, Gateway], as [Compliance];
    /// Reads the organisation's own policies and tests others.
    PolicyRead: Compliance of [Member, Gateway], as [Compliance, Admin];
    /// Writes, activates and retires the organisation's own policies.
    PolicyEdit: Compliance of [Member, Gateway], as [Compliance];
    /// Reads the metrics.
    Metrics: Operator, open by PublicMetrics;
    /// Reads the member's own record.
    MemberRead: Member of [Member], as [Editor, Compliance, Admin];
    /// Changes the member's own record.
    MemberEdit: Member of [Member], as [Editor, Admin];
    /// Reads, approves and declines the organisation's decisions about counterparties.
    Relationships: Compliance of [Member, Gateway], as [Compliance, SeniorManagement];
    /// Proposes and restricts the organisation's decisions about counterparties, and notes failures.
    RelationshipWork: Compliance of [Member, Gateway], as [Compliance];
    /// Decides who may read the member's answers about itself.
    MemberShare: Member of [Member], as [Compliance, Admin];
    /// Asks a member for its answers.
    AskForAnswers: Compliance of [Member, Gateway], as [Compliance];
    /// Manages the organisation's own users, delegations and keys.
    OwnAdmin: Admin of [Member, Gateway, Operator], as [Admin];
    /// Manages your own keys and client certificates.
    OwnKeys: Admin;
    /// Reads cases and records.
    OperatorRead: Operator of [Operator], as [Reviewer, Approver, Admin];
    /// Works on cases: takes them, asks questions, records evidence, proposes decisions.
    Review: Operator of [Operator], as [Reviewer];
    /// Approves or declines another person's proposal.
    Approve: Operator of [Operator], as [Approver];
    /// Manages organisations and their users, and reads the audit chain.
    OperatorAdmin: Admin of [Operator], as [Admin];
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
    const SCOPE: Option<Scope> = None;
    const CERTIFICATE: bool = false;
    const OPEN: Open = Open::Always;
}

impl Permission for Known {
    const SCOPE: Option<Scope> = None;
}

impl Permission for OwnSession {
    const SCOPE: Option<Scope> = None;
    const SESSION: bool = true;
}

impl Permission for SignedIn {
    // Every complete session has this scope.
    const SCOPE: Option<Scope> = Some(Scope::Resolve);
    const SESSION: bool = true;
}
