//! Organisations, users, roles, API keys, client certificates and delegations as the API sends them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::http::listing::pages;
use crate::organisations::{ApiKey, Delegation, HeldCertificate, Invited, Organisation, RoleGrant, User, UserRow, WaitingLink};
use crate::proposals::http::ProposalView;
use vasp_record::role::{GrantState, OrganisationKind, Role, Scopes, UserKind, UserState};
use vasp_words::ids::{DelegationId, GrantId, OrganisationId, UserId, VaspId};
use vasp_words::time::UtcTime;

/// An organisation: a customer of the registry.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Organisation)]
pub(crate) struct OrganisationView {
    id: OrganisationId,
    name: String,
    /// `operator`, `member` or `gateway`.
    #[schema(value_type = String, example = "member")]
    kind: OrganisationKind,
    /// Id of its own VASP; null until that is verified.
    vasp: Option<VaspId>,
    created_at: UtcTime,
    /// When it was closed; null if it is open. The users of a closed organisation cannot act.
    closed_at: Option<UtcTime>,
    /// How many different addresses that it claims without proof it may ask about in a day; null if the registry's default holds.
    own_address_budget: Option<i64>,
}

/// A user of an organisation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub(crate) struct UserView {
    id: UserId,
    organisation: OrganisationId,
    name: String,
    /// The address with which a person signs in; null for programs.
    email: Option<String>,
    /// `person` or `machine`.
    #[schema(value_type = String, example = "person")]
    kind: UserKind,
    /// `disabled`, `invited` or `active`; only active users can act.
    #[schema(value_type = String, example = "active")]
    state: UserState,
    roles: Vec<HeldRoleView>,
    /// The enrolment link that waits until a second admin hands it out; null if none waits.
    enrolment: Option<ProposalView>,
    /// True for the first two people of the organisation, if the command line or an operator created them. What the two decide together is
    /// valid even if one person held the enrolment links of both.
    founder: bool,
    /// Id of the user who created it; null if the command line did, or if that user belongs to another organisation.
    created_by: Option<UserId>,
    created_at: UtcTime,
}

/// A role of a user.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HeldRole)]
pub(crate) struct HeldRoleView {
    /// `reviewer`, `approver`, `admin`, `editor`, `compliance` or `senior_management`.
    #[schema(value_type = String, example = "admin")]
    role: Role,
    /// `pending`: the role waits for a second person and has no effect yet; `active`: it is in force.
    #[schema(value_type = String, example = "active")]
    state: GrantState,
    /// Id of the grant, the subject of its proposals.
    grant: GrantId,
    /// The proposal that waits for a second person; null if none waits.
    proposal: Option<ProposalView>,
}

/// A permission of one organisation to act for another.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Delegation)]
pub(crate) struct DelegationView {
    id: DelegationId,
    /// Id of the organisation that may act.
    organisation: OrganisationId,
    /// Any of `resolve`, `precheck`.
    #[schema(value_type = Vec<String>, example = json!(["precheck"]))]
    scopes: Scopes,
    created_by: UserId,
    created_at: UtcTime,
    /// When it expires; null if it does not expire.
    expires_at: Option<UtcTime>,
    revoked_at: Option<UtcTime>,
}

/// An invited person. The enrolment link goes to the person by mail. If the registry sends no mail, a second admin hands it out.
#[derive(Serialize, ToSchema)]
#[schema(as = Invited)]
pub(crate) struct InvitedView {
    user: UserView,
    /// The secret of the link, for the admin who hands it out; null for everybody else and when a request is repeated. The link for the
    /// person is `<the registry's public address>/enrol#<secret>`.
    secret: Option<String>,
    secret_already_shown: bool,
    /// When the link stops working; null if it was not handed out here.
    link_expires_at: Option<UtcTime>,
    /// True if the link goes to the person by mail.
    mailed: bool,
}

/// A program with its first key.
#[derive(Serialize, ToSchema)]
#[schema(as = MachineMade)]
pub(crate) struct MachineMadeView {
    pub user: UserView,
    pub api_key: ApiKey,
    /// The whole key, `vr_…`. It is shown only once: null when a request is repeated.
    #[schema(value_type = Option<String>)]
    pub secret: String,
    pub secret_already_shown: bool,
}

/// A new API key with its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = NewApiKey)]
pub(crate) struct NewApiKeyView {
    pub api_key: ApiKey,
    /// The old key that this key replaces, with its end; null if it replaces none.
    pub replaces: Option<ApiKey>,
    /// The whole key, `vr_…`. It is shown only once: null when a request is repeated.
    #[schema(value_type = Option<String>)]
    pub secret: String,
    pub secret_already_shown: bool,
}

pages! {
    /// A page of organisations, oldest first.
    OrganisationListView as OrganisationList of OrganisationView;
    /// A page of users, oldest first.
    UserListView as UserList of UserView;
    /// A page of API keys, oldest first.
    ApiKeyListView as ApiKeyList of ApiKey;
    /// A page of client certificates, oldest first.
    ClientCertificateListView as ClientCertificateList of HeldCertificate;
    /// A page of delegations, oldest first.
    DelegationListView as DelegationList of DelegationView;
    /// A page of waiting enrolment links, ordered by the user's id.
    WaitingLinkListView as WaitingLinkList of WaitingLink;
}

impl From<Organisation> for OrganisationView {
    fn from(organisation: Organisation) -> Self {
        let Organisation { id, name, kind, vasp, created_at, closed_at, own_address_budget, version: _ } = organisation;
        Self { id, name, kind, vasp, created_at, closed_at, own_address_budget }
    }
}

impl From<User> for UserView {
    fn from(User { row, roles, enrolment }: User) -> Self {
        let UserRow { id, organisation, name, email, kind, state, created_by, created_at, founder, .. } = row;
        let roles = roles.into_iter().map(HeldRoleView::from).collect();
        let enrolment = enrolment.as_ref().map(ProposalView::from);
        Self { id, organisation, name, email, kind, state, roles, enrolment, founder: founder.0, created_by, created_at }
    }
}

impl From<Invited> for InvitedView {
    fn from(Invited { user, link, mailed }: Invited) -> Self {
        let (secret, link_expires_at) = link.map(|link| (link.secret, link.expires_at)).unzip();
        Self { user: user.into(), secret, secret_already_shown: false, link_expires_at, mailed }
    }
}

impl From<RoleGrant> for HeldRoleView {
    fn from(RoleGrant { row, proposal }: RoleGrant) -> Self {
        Self { role: row.role, state: row.state, grant: row.id, proposal: proposal.as_ref().map(ProposalView::from) }
    }
}

impl From<Delegation> for DelegationView {
    fn from(delegation: Delegation) -> Self {
        let Delegation { id, grantor: _, grantee, scopes, created_by, created_at, expires_at, revoked_at } = delegation;
        Self { id, organisation: grantee, scopes, created_by, created_at, expires_at, revoked_at }
    }
}
