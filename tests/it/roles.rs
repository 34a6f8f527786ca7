//! Every kind, role and scope of a caller against every route that asks for more than a key: who is let in, and who is not.

use vasp_record::role::OrganisationKind::{Gateway, Member, Operator};
use vasp_record::role::Role::{Admin, Approver, Compliance, Editor, Reviewer, SeniorManagement};
use vasp_record::role::{OrganisationKind, Role, Scope};

use crate::support::{Access, Database, Registry};

const EVERYBODY: &[OrganisationKind] = &[Operator, Member, Gateway];

const fn route(
    method: &'static str,
    path: &'static str,
    (kinds, roles, scope): (&'static [OrganisationKind], &'static [Role], Scope),
) -> Access {
    Access { method, path, kinds, roles, scope }
}

/// Users, keys, organisations and the audit chain of the registry: its admins, with a key for that.
const OPERATOR_ADMIN: (&[OrganisationKind], &[Role], Scope) = (&[Operator], &[Admin], Scope::Admin);

/// Users and delegations of one's own organisation: its admins.
const OWN_ADMIN: (&[OrganisationKind], &[Role], Scope) = (EVERYBODY, &[Admin], Scope::Admin);

/// Alerts and what is watched: members and gateways, also their programs; where it is sent: their admins.
const WATCH: (&[OrganisationKind], &[Role], Scope) = (&[Member, Gateway], &[], Scope::Precheck);
const WATCH_ADMIN: (&[OrganisationKind], &[Role], Scope) = (&[Member, Gateway], &[Admin], Scope::Admin);

/// One's own keys: everybody.
const OWN_KEYS: (&[OrganisationKind], &[Role], Scope) = (EVERYBODY, &[], Scope::Admin);

/// A member's own record, to read and to change.
const MEMBER_READ: (&[OrganisationKind], &[Role], Scope) = (&[Member], &[Editor, Compliance, Admin], Scope::Member);
const MEMBER_EDIT: (&[OrganisationKind], &[Role], Scope) = (&[Member], &[Editor, Admin], Scope::Member);

/// An organisation's policies, and how long its pre-checks are kept.
const POLICY_READ: (&[OrganisationKind], &[Role], Scope) = (&[Member, Gateway], &[Compliance, Admin], Scope::Compliance);
const POLICY_EDIT: (&[OrganisationKind], &[Role], Scope) = (&[Member, Gateway], &[Compliance], Scope::Compliance);
/// Who reads what the member answered about itself; and asking another for its answers.
const MEMBER_SHARE: (&[OrganisationKind], &[Role], Scope) = (&[Member], &[Compliance, Admin], Scope::Member);
const ASK_FOR_ANSWERS: (&[OrganisationKind], &[Role], Scope) = (&[Member, Gateway], &[Compliance], Scope::Compliance);

/// The registry's work, to read.
const OPERATOR_READ: (&[OrganisationKind], &[Role], Scope) = (&[Operator], &[Reviewer, Approver, Admin], Scope::Operator);

/// A case's work, and its decision.
const REVIEW: (&[OrganisationKind], &[Role], Scope) = (&[Operator], &[Reviewer], Scope::Operator);
const APPROVE: (&[OrganisationKind], &[Role], Scope) = (&[Operator], &[Approver], Scope::Operator);

/// What one's own organisation decides about counterparties.
const RELATIONSHIPS: (&[OrganisationKind], &[Role], Scope) =
    (&[Member, Gateway], &[Compliance, SeniorManagement], Scope::Compliance);
const RELATIONSHIP_WORK: (&[OrganisationKind], &[Role], Scope) = (&[Member, Gateway], &[Compliance], Scope::Compliance);

/// Nothing has this id; of each kind.
const TABLE: &[Access] = &[
    route("POST", "/v1/operator/organisations", OPERATOR_ADMIN),
    route("GET", "/v1/operator/organisations", OPERATOR_ADMIN),
    route("GET", "/v1/operator/organisations/org_00000000000000000000000000", OPERATOR_ADMIN),
    route("PATCH", "/v1/operator/organisations/org_00000000000000000000000000", OPERATOR_ADMIN),
    route("POST", "/v1/operator/organisations/org_00000000000000000000000000/users", OPERATOR_ADMIN),
    route("GET", "/v1/operator/organisations/org_00000000000000000000000000/users", OPERATOR_ADMIN),
    route("GET", "/v1/operator/machine-users?organisation=org_00000000000000000000000000", OPERATOR_ADMIN),
    route("POST", "/v1/operator/machine-users", OPERATOR_ADMIN),
    route("GET", "/v1/operator/users/usr_00000000000000000000000000", OPERATOR_ADMIN),
    route("POST", "/v1/operator/users/usr_00000000000000000000000000/roles", OPERATOR_ADMIN),
    route("POST", "/v1/operator/users/usr_00000000000000000000000000/invite", OPERATOR_ADMIN),
    route("POST", "/v1/operator/users/usr_00000000000000000000000000/enrolment/approve", OPERATOR_ADMIN),
    route("POST", "/v1/operator/users/usr_00000000000000000000000000/enrolment/decline", OPERATOR_ADMIN),
    route("POST", "/v1/operator/users/usr_00000000000000000000000000/enrolment/withdraw", OPERATOR_ADMIN),
    route("POST", "/v1/operator/users/usr_00000000000000000000000000/disable", OPERATOR_ADMIN),
    route("POST", "/v1/operator/users/usr_00000000000000000000000000/enable", OPERATOR_ADMIN),
    route("GET", "/v1/operator/links", OPERATOR_ADMIN),
    route("GET", "/v1/operator/role-grants", OPERATOR_ADMIN),
    route("GET", "/v1/operator/authorities/amendments", OPERATOR_READ),
    route("POST", "/v1/operator/authorities/amendments", REVIEW),
    route("GET", "/v1/operator/authorities/amendments/aam_00000000000000000000000000", OPERATOR_READ),
    route("POST", "/v1/operator/authorities/amendments/aam_00000000000000000000000000/approve", APPROVE),
    route("POST", "/v1/operator/authorities/amendments/aam_00000000000000000000000000/decline", APPROVE),
    route("POST", "/v1/operator/authorities/amendments/aam_00000000000000000000000000/propose", REVIEW),
    route("POST", "/v1/operator/authorities/amendments/aam_00000000000000000000000000/withdraw", REVIEW),
    route("GET", "/v1/operator/held-rows", OPERATOR_READ),
    route("GET", "/v1/operator/imports", OPERATOR_READ),
    route("GET", "/v1/operator/imports/imp_00000000000000000000000000", OPERATOR_READ),
    route("GET", "/v1/operator/imports/imp_00000000000000000000000000/rows", OPERATOR_READ),
    route("GET", "/v1/operator/rulebook", OPERATOR_READ),
    route("GET", "/v1/operator/rulebook/imports", OPERATOR_READ),
    route("GET", "/v1/operator/rulebook/imports/rbi_00000000000000000000000000", OPERATOR_READ),
    route("POST", "/v1/operator/rulebook/imports/rbi_00000000000000000000000000/approve", APPROVE),
    route("POST", "/v1/operator/rulebook/imports/rbi_00000000000000000000000000/decline", APPROVE),
    route("POST", "/v1/operator/rulebook/imports/rbi_00000000000000000000000000/propose", APPROVE),
    route("POST", "/v1/operator/rulebook/imports/rbi_00000000000000000000000000/withdraw", APPROVE),
    route("POST", "/v1/operator/role-grants/grt_00000000000000000000000000/approve", OPERATOR_ADMIN),
    route("POST", "/v1/operator/role-grants/grt_00000000000000000000000000/decline", OPERATOR_ADMIN),
    route("POST", "/v1/operator/role-grants/grt_00000000000000000000000000/withdraw", OPERATOR_ADMIN),
    route("GET", "/v1/operator/audit", OPERATOR_ADMIN),
    route("GET", "/v1/operator/audit/export", OPERATOR_ADMIN),
    route("GET", "/v1/gateway/alerts", WATCH),
    route("GET", "/v1/gateway/alerts/alr_00000000000000000000000000", WATCH),
    route("POST", "/v1/gateway/alerts/alr_00000000000000000000000000/acknowledge", WATCH),
    route("GET", "/v1/gateway/watches", WATCH),
    route("PUT", "/v1/gateway/watches/vasp_00000000000000000000000000", WATCH),
    route("DELETE", "/v1/gateway/watches/vasp_00000000000000000000000000", WATCH),
    route("GET", "/v1/gateway/webhooks", WATCH_ADMIN),
    route("POST", "/v1/gateway/webhooks", WATCH_ADMIN),
    route("GET", "/v1/gateway/webhooks/whk_00000000000000000000000000", WATCH_ADMIN),
    route("PATCH", "/v1/gateway/webhooks/whk_00000000000000000000000000", WATCH_ADMIN),
    route("DELETE", "/v1/gateway/webhooks/whk_00000000000000000000000000", WATCH_ADMIN),
    route("POST", "/v1/gateway/webhooks/whk_00000000000000000000000000/rotate", WATCH_ADMIN),
    route("POST", "/v1/gateway/webhooks/whk_00000000000000000000000000/test", WATCH_ADMIN),
    route("POST", "/v1/gateway/webhooks/whk_00000000000000000000000000/replay", WATCH_ADMIN),
    route("GET", "/v1/gateway/webhooks/whk_00000000000000000000000000/messages", WATCH_ADMIN),
    route(
        "POST",
        "/v1/gateway/webhooks/whk_00000000000000000000000000/messages/msg_00000000000000000000000000/resend",
        WATCH_ADMIN,
    ),
    route("GET", "/v1/member/alerts", WATCH),
    route("GET", "/v1/member/alerts/alr_00000000000000000000000000", WATCH),
    route("POST", "/v1/member/alerts/alr_00000000000000000000000000/acknowledge", WATCH),
    route("GET", "/v1/member/watches", WATCH),
    route("PUT", "/v1/member/watches/vasp_00000000000000000000000000", WATCH),
    route("DELETE", "/v1/member/watches/vasp_00000000000000000000000000", WATCH),
    route("GET", "/v1/member/webhooks", WATCH_ADMIN),
    route("POST", "/v1/member/webhooks", WATCH_ADMIN),
    route("GET", "/v1/member/webhooks/whk_00000000000000000000000000", WATCH_ADMIN),
    route("PATCH", "/v1/member/webhooks/whk_00000000000000000000000000", WATCH_ADMIN),
    route("DELETE", "/v1/member/webhooks/whk_00000000000000000000000000", WATCH_ADMIN),
    route("POST", "/v1/member/webhooks/whk_00000000000000000000000000/rotate", WATCH_ADMIN),
    route("POST", "/v1/member/webhooks/whk_00000000000000000000000000/test", WATCH_ADMIN),
    route("POST", "/v1/member/webhooks/whk_00000000000000000000000000/replay", WATCH_ADMIN),
    route("GET", "/v1/member/webhooks/whk_00000000000000000000000000/messages", WATCH_ADMIN),
    route(
        "POST",
        "/v1/member/webhooks/whk_00000000000000000000000000/messages/msg_00000000000000000000000000/resend",
        WATCH_ADMIN,
    ),
    route("GET", "/v1/member/audit", OWN_ADMIN),
    route("POST", "/v1/member/documents?name=x&type=other", MEMBER_EDIT),
    route("GET", "/v1/member/documents", MEMBER_READ),
    route("GET", "/v1/member/documents/doc_00000000000000000000000000", MEMBER_READ),
    route("GET", "/v1/member/documents/doc_00000000000000000000000000/content", MEMBER_READ),
    route("GET", "/v1/operator/documents/doc_00000000000000000000000000", OPERATOR_READ),
    route("GET", "/v1/operator/documents/doc_00000000000000000000000000/content", OPERATOR_READ),
    route("GET", "/v1/member/users", OWN_ADMIN),
    route("POST", "/v1/member/users", OWN_ADMIN),
    route("GET", "/v1/member/users/usr_00000000000000000000000000", OWN_ADMIN),
    route("PATCH", "/v1/member/users/usr_00000000000000000000000000", OWN_ADMIN),
    route("POST", "/v1/member/users/usr_00000000000000000000000000/invite", OWN_ADMIN),
    route("POST", "/v1/member/users/usr_00000000000000000000000000/enrolment/approve", OWN_ADMIN),
    route("POST", "/v1/member/users/usr_00000000000000000000000000/enrolment/decline", OWN_ADMIN),
    route("POST", "/v1/member/users/usr_00000000000000000000000000/enrolment/withdraw", OWN_ADMIN),
    route("POST", "/v1/member/users/usr_00000000000000000000000000/disable", OWN_ADMIN),
    route("POST", "/v1/member/users/usr_00000000000000000000000000/enable", OWN_ADMIN),
    route("GET", "/v1/member/machine-users", OWN_ADMIN),
    route("POST", "/v1/member/machine-users", OWN_ADMIN),
    route("GET", "/v1/member/role-grants", OWN_ADMIN),
    route("POST", "/v1/member/role-grants/grt_00000000000000000000000000/approve", OWN_ADMIN),
    route("POST", "/v1/member/role-grants/grt_00000000000000000000000000/decline", OWN_ADMIN),
    route("POST", "/v1/member/role-grants/grt_00000000000000000000000000/withdraw", OWN_ADMIN),
    route("GET", "/v1/member/relationships", RELATIONSHIPS),
    route("GET", "/v1/member/relationships/vasp_00000000000000000000000000", RELATIONSHIPS),
    route("POST", "/v1/member/relationships/vasp_00000000000000000000000000/propose", RELATIONSHIP_WORK),
    route("POST", "/v1/member/relationships/vasp_00000000000000000000000000/approve", RELATIONSHIPS),
    route("POST", "/v1/member/relationships/vasp_00000000000000000000000000/decline", RELATIONSHIPS),
    route("POST", "/v1/member/relationships/vasp_00000000000000000000000000/withdraw", RELATIONSHIP_WORK),
    route("POST", "/v1/member/relationships/vasp_00000000000000000000000000/restrict", RELATIONSHIP_WORK),
    route("POST", "/v1/member/relationships/vasp_00000000000000000000000000/incidents", RELATIONSHIP_WORK),
    route("GET", "/v1/member/delegations", OWN_ADMIN),
    route("POST", "/v1/member/delegations", OWN_ADMIN),
    route("DELETE", "/v1/member/delegations/del_00000000000000000000000000", OWN_ADMIN),
    route("GET", "/v1/member/vasp", MEMBER_READ),
    route("POST", "/v1/member/vasp", MEMBER_EDIT),
    route("PATCH", "/v1/member/vasp", MEMBER_EDIT),
    route("DELETE", "/v1/member/vasp", MEMBER_EDIT),
    route("POST", "/v1/member/vasp/submit", MEMBER_EDIT),
    route("POST", "/v1/member/vasp/adopt", MEMBER_EDIT),
    route("GET", "/v1/member/licences", MEMBER_READ),
    route("POST", "/v1/member/licences", MEMBER_EDIT),
    route("PUT", "/v1/member/licences/lic_00000000000000000000000000", MEMBER_EDIT),
    route("DELETE", "/v1/member/licences/lic_00000000000000000000000000", MEMBER_EDIT),
    route("GET", "/v1/member/messages", MEMBER_READ),
    route("POST", "/v1/member/messages", MEMBER_EDIT),
    route("GET", "/v1/member/certificates", MEMBER_READ),
    route("POST", "/v1/member/certificates", MEMBER_EDIT),
    route("GET", "/v1/member/certificates/crt_absent", MEMBER_READ),
    route("POST", "/v1/member/certificates/crt_absent/revoke", MEMBER_EDIT),
    route("POST", "/v1/member/certificates/crt_absent/crl", MEMBER_EDIT),
    route("GET", "/v1/member/domains", MEMBER_READ),
    route("POST", "/v1/member/domains", MEMBER_EDIT),
    route("GET", "/v1/member/domains/absent.example.com", MEMBER_READ),
    route("DELETE", "/v1/member/domains/absent.example.com", MEMBER_EDIT),
    route("POST", "/v1/member/domains/absent.example.com/verify", MEMBER_EDIT),
    route("GET", "/v1/member/endpoints", MEMBER_READ),
    route("POST", "/v1/member/endpoints", MEMBER_EDIT),
    route("GET", "/v1/member/endpoints/end_00000000000000000000000000", MEMBER_READ),
    route("PATCH", "/v1/member/endpoints/end_00000000000000000000000000", MEMBER_EDIT),
    route("DELETE", "/v1/member/endpoints/end_00000000000000000000000000", MEMBER_EDIT),
    route("POST", "/v1/member/endpoints/end_00000000000000000000000000/pause", MEMBER_EDIT),
    route("POST", "/v1/member/endpoints/end_00000000000000000000000000/resume", MEMBER_EDIT),
    route("POST", "/v1/member/endpoints/end_00000000000000000000000000/maintenance", MEMBER_EDIT),
    route("POST", "/v1/member/endpoints/end_00000000000000000000000000/probe", MEMBER_EDIT),
    route("GET", "/v1/member/keys", MEMBER_READ),
    route("POST", "/v1/member/keys", MEMBER_EDIT),
    route("POST", "/v1/member/keys/mky_00000000000000000000000000/proof", MEMBER_EDIT),
    route("POST", "/v1/member/keys/mky_00000000000000000000000000/revoke", MEMBER_EDIT),
    route("POST", "/v1/member/certificates/csr", MEMBER_EDIT),
    route("GET", "/v1/member/policies", POLICY_READ),
    route("POST", "/v1/member/policies", POLICY_EDIT),
    route("POST", "/v1/member/policies/simulate", POLICY_READ),
    route("GET", "/v1/member/policies/absent@1", POLICY_READ),
    route("GET", "/v1/member/policies/absent@1/difference", POLICY_READ),
    route("POST", "/v1/member/policies/absent@1/propose", POLICY_EDIT),
    route("POST", "/v1/member/policies/absent@1/approve", POLICY_EDIT),
    route("POST", "/v1/member/policies/absent@1/decline", POLICY_EDIT),
    route("POST", "/v1/member/policies/absent@1/withdraw", POLICY_EDIT),
    route("GET", "/v1/member/policy-proposals", POLICY_READ),
    route("GET", "/v1/member/settings/precheck-retention", POLICY_READ),
    route("PUT", "/v1/member/settings/precheck-retention", POLICY_EDIT),
    route("DELETE", "/v1/prechecks/pre_00000000000000000000000000/payload", POLICY_EDIT),
    route("GET", "/v1/operator/policies", OPERATOR_READ),
    route("GET", "/v1/member/questionnaires", MEMBER_READ),
    route("GET", "/v1/member/questionnaires/draft", MEMBER_READ),
    route("PATCH", "/v1/member/questionnaires/draft", MEMBER_EDIT),
    route("PUT", "/v1/member/questionnaires/draft", MEMBER_EDIT),
    route("POST", "/v1/member/questionnaires/submit", MEMBER_EDIT),
    route("POST", "/v1/member/questionnaires/withdraw", MEMBER_EDIT),
    route("GET", "/v1/member/questionnaires/submissions", MEMBER_READ),
    route("GET", "/v1/member/questionnaires/submissions/ans_00000000000000000000000000", MEMBER_READ),
    route("GET", "/v1/member/questionnaires/access", MEMBER_READ),
    route("POST", "/v1/member/questionnaires/access", MEMBER_SHARE),
    route("DELETE", "/v1/member/questionnaires/access/aac_00000000000000000000000000", MEMBER_SHARE),
    route("GET", "/v1/member/questionnaires/access-requests", MEMBER_READ),
    route("POST", "/v1/member/questionnaires/access-requests/arq_00000000000000000000000000/decline", MEMBER_SHARE),
    route("POST", "/v1/vasps/vasp_00000000000000000000000000/due-diligence/access-requests", ASK_FOR_ANSWERS),
    route("GET", "/v1/vasps/vasp_00000000000000000000000000/due-diligence/access-requests", ASK_FOR_ANSWERS),
    route("GET", "/v1/operator/ca", OPERATOR_READ),
    route("GET", "/v1/operator/ca/certificates", OPERATOR_READ),
    route("POST", "/v1/operator/ca/certificates/0100000000000000000000000000000000000000/revoke", REVIEW),
    route("GET", "/v1/operator/cases", OPERATOR_READ),
    route("GET", "/v1/operator/cases/case_00000000000000000000000000", OPERATOR_READ),
    route("GET", "/v1/operator/cases/case_00000000000000000000000000/checklist", OPERATOR_READ),
    route("POST", "/v1/operator/cases/case_00000000000000000000000000/take", REVIEW),
    route("POST", "/v1/operator/cases/case_00000000000000000000000000/notes", REVIEW),
    route("POST", "/v1/operator/cases/case_00000000000000000000000000/messages", REVIEW),
    route("POST", "/v1/operator/cases/case_00000000000000000000000000/evidence", REVIEW),
    route("POST", "/v1/operator/cases/case_00000000000000000000000000/propose", REVIEW),
    route("POST", "/v1/operator/cases/case_00000000000000000000000000/approve", APPROVE),
    route("POST", "/v1/operator/cases/case_00000000000000000000000000/decline", APPROVE),
    route("POST", "/v1/operator/cases/case_00000000000000000000000000/withdraw", REVIEW),
    route("GET", "/v1/operator/screening/hits", OPERATOR_READ),
    route("GET", "/v1/operator/screening/hits/hit_00000000000000000000000000", OPERATOR_READ),
    route("POST", "/v1/operator/screening/hits/hit_00000000000000000000000000/propose", REVIEW),
    route("POST", "/v1/operator/screening/hits/hit_00000000000000000000000000/approve", APPROVE),
    route("POST", "/v1/operator/screening/hits/hit_00000000000000000000000000/decline", APPROVE),
    route("POST", "/v1/operator/screening/hits/hit_00000000000000000000000000/withdraw", REVIEW),
    route("GET", "/v1/operator/screening/lists", OPERATOR_READ),
    route("GET", "/v1/operator/brand-links", OPERATOR_READ),
    route("GET", "/v1/operator/brand-candidates/brc_0000000000000000", OPERATOR_READ),
    route("POST", "/v1/operator/brand-candidates/brc_0000000000000000/propose", REVIEW),
    route("POST", "/v1/operator/brand-candidates/brc_0000000000000000/approve", APPROVE),
    route("POST", "/v1/operator/brand-candidates/brc_0000000000000000/decline", APPROVE),
    route("POST", "/v1/operator/brand-candidates/brc_0000000000000000/withdraw", REVIEW),
    route("GET", "/v1/operator/vasps/vasp_00000000000000000000000000/brands", OPERATOR_READ),
    route("POST", "/v1/operator/vasps/vasp_00000000000000000000000000/brands/propose", REVIEW),
    route("POST", "/v1/operator/vasps/vasp_00000000000000000000000000/brands/approve", APPROVE),
    route("POST", "/v1/operator/vasps/vasp_00000000000000000000000000/brands/decline", APPROVE),
    route("POST", "/v1/operator/vasps/vasp_00000000000000000000000000/brands/withdraw", REVIEW),
    route("POST", "/v1/operator/vasps/vasp_00000000000000000000000000/cases", REVIEW),
    route("POST", "/v1/operator/vasps/vasp_00000000000000000000000000/merge", REVIEW),
    route("GET", "/v1/operator/vasps", OPERATOR_READ),
    route("POST", "/v1/operator/vasps", REVIEW),
    route("POST", "/v1/operator/vasps/vasp_00000000000000000000000000/draft", REVIEW),
    route("GET", "/v1/operator/vasps/vasp_00000000000000000000000000", OPERATOR_READ),
    route("PATCH", "/v1/operator/vasps/vasp_00000000000000000000000000", REVIEW),
    route("DELETE", "/v1/operator/vasps/vasp_00000000000000000000000000", REVIEW),
    route("POST", "/v1/operator/vasps/vasp_00000000000000000000000000/submit", REVIEW),
    route("GET", "/v1/operator/vasps/vasp_00000000000000000000000000/licences", OPERATOR_READ),
    route("POST", "/v1/operator/vasps/vasp_00000000000000000000000000/licences", REVIEW),
    route("PUT", "/v1/operator/vasps/vasp_00000000000000000000000000/licences/lic_00000000000000000000000000", REVIEW),
    route("DELETE", "/v1/operator/vasps/vasp_00000000000000000000000000/licences/lic_00000000000000000000000000", REVIEW),
    route("POST", "/v1/member/claims", MEMBER_EDIT),
    route("GET", "/v1/member/claims", MEMBER_READ),
    route("POST", "/v1/member/claims/import", MEMBER_EDIT),
    route("GET", "/v1/member/claims/clm_00000000000000000000000000", MEMBER_READ),
    route("PATCH", "/v1/member/claims/clm_00000000000000000000000000", MEMBER_EDIT),
    route("DELETE", "/v1/member/claims/clm_00000000000000000000000000", MEMBER_EDIT),
    route("POST", "/v1/member/claims/clm_00000000000000000000000000/challenge", MEMBER_EDIT),
    route("POST", "/v1/member/claims/clm_00000000000000000000000000/proof", MEMBER_EDIT),
    route("GET", "/v1/member/claims/clm_00000000000000000000000000/usage", MEMBER_READ),
    route("POST", "/v1/member/claim-batches/1/spot-check", MEMBER_EDIT),
    route("POST", "/v1/member/claim-batches/1/spot-check/proofs", MEMBER_EDIT),
    route("POST", "/v1/member/disputes", MEMBER_EDIT),
    route("GET", "/v1/member/path-delegations", MEMBER_READ),
    route("POST", "/v1/member/path-delegations", MEMBER_EDIT),
    route("POST", "/v1/member/path-delegations/end", MEMBER_EDIT),
    route("GET", "/v1/member/sub-accounts", MEMBER_READ),
    route("POST", "/v1/member/sub-accounts", MEMBER_EDIT),
    route("POST", "/v1/member/sub-accounts/refuse", MEMBER_EDIT),
    route("POST", "/v1/member/sub-accounts/sub_00000000000000000000000000/confirm", MEMBER_EDIT),
    route("DELETE", "/v1/member/sub-accounts/sub_00000000000000000000000000", MEMBER_EDIT),
    route("POST", "/v1/operator/claim-ends/propose", REVIEW),
    route("GET", "/v1/operator/claims/pending", OPERATOR_READ),
    route("GET", "/v1/operator/claims/pending/{case}", OPERATOR_READ),
    route("POST", "/v1/operator/claims/pending/{case}/count", REVIEW),
    route("GET", "/v1/operator/claim-ends/batch-0", OPERATOR_READ),
    route("POST", "/v1/operator/claim-ends/batch-0/decline", APPROVE),
    route("POST", "/v1/operator/claim-ends/batch-0/withdraw", REVIEW),
    route("POST", "/v1/operator/claim-ends/batch-0/approve", APPROVE),
    route("POST", "/v1/operator/claims/clm_00000000000000000000000000/sub-account/propose", REVIEW),
    route("POST", "/v1/operator/claims/clm_00000000000000000000000000/sub-account/decline", APPROVE),
    route("POST", "/v1/operator/claims/clm_00000000000000000000000000/sub-account/withdraw", REVIEW),
    route("POST", "/v1/operator/claims/clm_00000000000000000000000000/sub-account/approve", APPROVE),
    route("GET", "/v1/operator/claims", OPERATOR_READ),
    route("POST", "/v1/operator/claims/clm_00000000000000000000000000/end/propose", REVIEW),
    route("POST", "/v1/operator/claims/clm_00000000000000000000000000/end/decline", APPROVE),
    route("POST", "/v1/operator/claims/clm_00000000000000000000000000/end/withdraw", REVIEW),
    route("POST", "/v1/operator/claims/clm_00000000000000000000000000/end/approve", APPROVE),
    route("POST", "/v1/operator/disputes/dsp_00000000000000000000000000/dismiss", APPROVE),
    route("GET", "/v1/member/api-keys", OWN_KEYS),
    route("POST", "/v1/member/api-keys", OWN_KEYS),
    route("POST", "/v1/member/api-keys/key_00000000000000000000000000/rotate", OWN_KEYS),
    route("DELETE", "/v1/member/api-keys/key_00000000000000000000000000", OWN_KEYS),
    route("GET", "/v1/member/client-certificates", OWN_KEYS),
    route("POST", "/v1/member/client-certificates", OWN_KEYS),
    route("DELETE", "/v1/member/client-certificates/ccr_00000000000000000000000000", OWN_KEYS),
];

#[test]
fn each_route_lets_in_whom_the_table_names_and_nobody_else() {
    // The database has no part in it.
    let registry = Registry::start(Database::sqlite());
    let callers = registry.every_caller();

    registry.assert_access(&callers, TABLE);
}

/// A route of members or operators without a line above would go untested.
#[test]
fn every_route_of_members_and_operators_stands_in_the_table() {
    let document = vasp_registry::serve::document();
    let mut missing = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        if !path.starts_with("/v1/member/") && !path.starts_with("/v1/operator/") {
            continue;
        }
        let methods = item.as_object().unwrap().keys();
        for method in methods.filter(|name| ["get", "post", "put", "patch", "delete"].contains(&name.as_str())) {
            let listed = TABLE.iter().any(|line| line.method.eq_ignore_ascii_case(method) && matches(path, line.path));
            if !listed {
                missing.push(format!("{method} {path}"));
            }
        }
    }

    assert_eq!(missing, [""; 0]);
}

/// What the document says of access comes from the handlers' signatures; this table was written by hand.
#[test]
fn the_document_says_of_each_route_what_the_table_says() {
    let document = vasp_registry::serve::document();
    let words = |value: &serde_json::Value| -> Vec<String> {
        let mut words: Vec<String> =
            value.as_array().into_iter().flatten().map(|word| word.as_str().unwrap().to_owned()).collect();
        words.sort();
        words
    };
    for line in TABLE {
        let paths = document["paths"].as_object().unwrap();
        let exact = paths.iter().filter(|(path, _)| matches(path, line.path)).min_by_key(|(path, _)| path.matches('{').count());
        let operation = &exact.unwrap().1[line.method.to_lowercase()];
        let mut kinds: Vec<_> = line.kinds.iter().map(ToString::to_string).collect();
        let mut roles: Vec<_> = line.roles.iter().map(ToString::to_string).collect();
        kinds.sort();
        roles.sort();
        let named = words(&operation["x-required-organisations"]);
        assert!(named == kinds || (named.is_empty() && line.kinds == EVERYBODY), "{line:?}: {named:?}");
        assert_eq!(words(&operation["x-required-roles"]), roles, "{line:?}");
        assert_eq!(operation["x-required-scope"], line.scope.as_str(), "{line:?}");
    }
}

/// Whether a path is of a pattern such as `/v1/member/users/{id}`.
fn matches(pattern: &str, path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let (pattern, path): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
    pattern.len() == path.len() && pattern.iter().zip(&path).all(|(part, text)| part.starts_with('{') || part == text)
}
