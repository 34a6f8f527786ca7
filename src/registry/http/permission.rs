//! What routes need: scope, kind of organisation and role, each as a type for [`super::Caller`]. The one screen to read for who
//! may do what.

use super::App;
use vasp_record::role::{OrganisationKind, Role, Scope};

/// What a route needs.
pub trait Permission {
    /// The scope of the credentials; none where any will do.
    const SCOPE: Option<Scope>;
    /// Whether it takes a session: an API key, which a program holds, will not do.
    const SESSION: bool = false;
    /// The kinds of organisations that have it; all where none is named.
    const KINDS: &'static [OrganisationKind] = &[];
    /// The roles of which the user needs one; none where none is named.
    const ROLES: &'static [Role] = &[];
    /// Whether a client certificate speaks for whoever sends no other credentials; not where people sign in, whose browsers may
    /// show one unasked.
    const CERTIFICATE: bool = true;
    /// Whether a caller without credentials is let in.
    fn is_public(_: &App) -> bool {
        false
    }
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident: $scope:ident $(of $kinds:expr)? $(, as $roles:expr)? $(, public where $open:ident)?;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}

        impl Permission for $name {
            const SCOPE: Option<Scope> = Some(Scope::$scope);
            $(const KINDS: &'static [OrganisationKind] = &$kinds;)?
            $(const ROLES: &'static [Role] = &$roles;)?
            $(fn is_public(app: &App) -> bool { app.$open })?
        }
    )*};
}

use OrganisationKind::{Gateway, Member, Operator};
use Role::{Admin, Approver, Compliance, Editor, Reviewer, SeniorManagement};

permissions! {
    /// Reading the directory.
    Resolve: Resolve, public where public_read;
    /// Asking for a pre-check.
    Precheck: Precheck, public where public_read;
    /// Reading a recorded pre-check.
    PrecheckRecord: Precheck;
    /// Alerts, and which counterparties are watched.
    Watch: Precheck of [Member, Gateway];
    /// Webhooks, and their secrets.
    WatchAdmin: Admin of [Member, Gateway], as [Admin];
    /// Erasing what was asked and answered in a recorded pre-check.
    PrecheckErase: Compliance of [Member, Gateway], as [Compliance];
    /// Reading the organisation's own policies, and trying others out.
    PolicyRead: Compliance of [Member, Gateway], as [Compliance, Admin];
    /// Writing, activating and retiring the organisation's own policies.
    PolicyEdit: Compliance of [Member, Gateway], as [Compliance];
    /// Reading the metrics.
    Metrics: Operator, public where public_metrics;
    /// Reading the member's own record.
    MemberRead: Member of [Member], as [Editor, Compliance, Admin];
    /// Changing the member's own record.
    MemberEdit: Member of [Member], as [Editor, Admin];
    /// Reading, approving and declining what the organisation decides about counterparties.
    Relationships: Compliance of [Member, Gateway], as [Compliance, SeniorManagement];
    /// Proposing and restricting what the organisation decides about counterparties, and noting what failed.
    RelationshipWork: Compliance of [Member, Gateway], as [Compliance];
    /// Deciding who reads what the member answered about itself.
    MemberShare: Member of [Member], as [Compliance, Admin];
    /// Asking a member for its answers.
    AskForAnswers: Compliance of [Member, Gateway], as [Compliance];
    /// Managing the organisation's own users, delegations and keys.
    OwnAdmin: Admin of [Member, Gateway, Operator], as [Admin];
    /// Managing one's own keys and client certificates.
    OwnKeys: Admin;
    /// Reading cases and records.
    OperatorRead: Operator of [Operator], as [Reviewer, Approver, Admin];
    /// Working on cases: taking, asking, recording evidence, proposing.
    Review: Operator of [Operator], as [Reviewer];
    /// Approving or declining what another person proposed.
    Approve: Operator of [Operator], as [Approver];
    /// Organisations, their users, and the audit chain.
    OperatorAdmin: Admin of [Operator], as [Admin];
}

/// Signing in: everybody, whatever else they may do.
#[derive(Debug)]
pub enum Anyone {}

/// Whoever has a credential, also a session that lacks its second factor.
#[derive(Debug)]
pub enum Known {}

/// One's own session, also where it lacks its second factor.
#[derive(Debug)]
pub enum OwnSession {}

/// One's own session, its second factor given.
#[derive(Debug)]
pub enum SignedIn {}

impl Permission for Anyone {
    const SCOPE: Option<Scope> = None;
    const CERTIFICATE: bool = false;
    fn is_public(_: &App) -> bool {
        true
    }
}

impl Permission for Known {
    const SCOPE: Option<Scope> = None;
}

impl Permission for OwnSession {
    const SCOPE: Option<Scope> = None;
    const SESSION: bool = true;
}

impl Permission for SignedIn {
    // Every session that lacks nothing has it.
    const SCOPE: Option<Scope> = Some(Scope::Resolve);
    const SESSION: bool = true;
}
