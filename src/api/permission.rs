//! What routes need: scope, kind of organisation and role, each as a type for [`super::Caller`]. The one screen to read for who
//! may do what.

use super::App;
use crate::domain::role::{OrganisationKind, Role, Scope};

/// What a route needs.
pub trait Permission {
    /// The scope of the credentials.
    const SCOPE: Scope;
    /// The kinds of organisations that have it; all where none is named.
    const KINDS: &'static [OrganisationKind] = &[];
    /// The roles of which the user needs one; none where none is named.
    const ROLES: &'static [Role] = &[];
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
            const SCOPE: Scope = Scope::$scope;
            $(const KINDS: &'static [OrganisationKind] = &$kinds;)?
            $(const ROLES: &'static [Role] = &$roles;)?
            $(fn is_public(app: &App) -> bool { app.$open })?
        }
    )*};
}

use OrganisationKind::{Gateway, Member, Operator};
use Role::{Admin, Approver, Compliance, Editor, Reviewer};

permissions! {
    /// Reading the directory.
    Resolve: Resolve, public where public_read;
    /// Asking for a pre-check.
    Precheck: Precheck, public where public_read;
    /// Reading a recorded pre-check.
    PrecheckRecord: Precheck;
    /// Reading the metrics.
    Metrics: Operator, public where public_metrics;
    /// Reading the member's own record.
    MemberRead: Member of [Member], as [Editor, Compliance, Admin];
    /// Changing the member's own record.
    MemberEdit: Member of [Member], as [Editor, Admin];
    /// Managing the organisation's own users, delegations and keys.
    OwnAdmin: Admin of [Member, Gateway, Operator], as [Admin];
    /// Managing one's own keys.
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
