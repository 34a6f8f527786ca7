//! Every kind, role and scope of a caller against every route that asks for more than a key: who is let in, and who is not.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_record::proposal::{ProposalKind, ProposalState};
use vasp_record::role::OrganisationKind::{Gateway, Member, Operator};
use vasp_record::role::Role::{Admin, Approver, Compliance, Editor, Reviewer, SeniorManagement};
use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_store::{ProposalRow, StoreError};
use vasp_words::ids::{
    ApprovalRuleId, AuthorityAmendmentId, CaseId, CredentialId, GrantId, LegalHoldId, OrganisationId, PrecheckId, ProposalId,
    RelationshipId, RulebookImportId, ScreeningHitId, UserId, VaspId,
};

use super::absent;
use crate::support::contract::{document, operations, texts};
use crate::support::{Answer, Database, Person, Registry, on_every_database};

const EVERYBODY: &[OrganisationKind] = &[Operator, Member, Gateway];

/// Whom a route lets in: kinds of organisations; roles of which one is needed, none where any user will do; the scope of the key.
type Allowed = (&'static [OrganisationKind], &'static [Role], Scope);

/// Users, keys, organisations and the audit chain of the registry: its admins, with a key for that.
const OPERATOR_ADMIN: Allowed = (&[Operator], &[Admin], Scope::Admin);

/// Users and delegations of one's own organisation: its admins.
const OWN_ADMIN: Allowed = (EVERYBODY, &[Admin], Scope::Admin);

/// What is watched: compliance and admins of members and gateways; alerts: editors too. Their programs need no role, which
/// `prechecks::readers` tests. Where alerts are sent: their admins.
const WATCH: Allowed = (&[Member, Gateway], &[Compliance, Admin], Scope::Precheck);
const ALERTS: Allowed = (&[Member, Gateway], &[Editor, Compliance, Admin], Scope::Precheck);
const WATCH_ADMIN: Allowed = (&[Member, Gateway], &[Admin], Scope::Admin);

/// One's own keys: everybody.
const OWN_KEYS: Allowed = (EVERYBODY, &[], Scope::Admin);

/// A member's own record, to read and to change.
const MEMBER_READ: Allowed = (&[Member], &[Editor, Compliance, Admin], Scope::Member);
const MEMBER_EDIT: Allowed = (&[Member], &[Editor, Admin], Scope::Member);

/// An organisation's policies, and how long its pre-checks are kept.
const POLICY_READ: Allowed = (&[Member, Gateway], &[Compliance, Admin], Scope::Compliance);
const POLICY_EDIT: Allowed = (&[Member, Gateway], &[Compliance], Scope::Compliance);
/// Who reads what the member answered about itself; and asking another for its answers.
const MEMBER_SHARE: Allowed = (&[Member], &[Compliance, Admin], Scope::Member);
const ASK_FOR_ANSWERS: Allowed = (&[Member, Gateway], &[Compliance], Scope::Compliance);

/// Lists of VASPs that an organisation's own providers reach.
const VASP_LIST_READ: Allowed = (&[Member, Gateway], &[Compliance, Admin], Scope::Compliance);
const VASP_LIST_EDIT: Allowed = (&[Member, Gateway], &[Compliance], Scope::Compliance);

/// The registry's work, to read.
const OPERATOR_READ: Allowed = (&[Operator], &[Reviewer, Approver, Admin], Scope::Operator);

/// A case's work, and its decision.
const REVIEW: Allowed = (&[Operator], &[Reviewer], Scope::Operator);
const APPROVE: Allowed = (&[Operator], &[Approver], Scope::Operator);

/// What one's own organisation decides about counterparties.
const RELATIONSHIPS: Allowed = (&[Member, Gateway], &[Compliance, SeniorManagement], Scope::Compliance);
const RELATIONSHIP_WORK: Allowed = (&[Member, Gateway], &[Compliance], Scope::Compliance);

/// Who may use which operations: methods and paths as the document writes them; of `(a|b)` a path has either part.
const TABLE: &[(&[Allowed], &[&str])] = &[
    (&[OPERATOR_ADMIN], &["post get /v1/organisations", "get patch /v1/organisations/{id}", "get /v1/(links|audit/export)"]),
    (
        &[OPERATOR_READ],
        &[
            "get /v1/(authorities/amendments|imports|rulebook/imports|cases)(|/{id})",
            "get /v1/claims/pending(|/{case}/rows)",
            "get /v1/brands/(links|candidates/{id})",
            "get /v1/(held-rows|rulebook|ca/certificates|screening/lists|disputes)",
            "get /v1/(imports/{id}/rows|cases/{id}/checklist|vasps/{vasp}/brands)",
            "get /v1/vasps/drafts",
        ],
    ),
    (
        &[REVIEW],
        &[
            "post /v1/authorities/amendments",
            "post /v1/ca/certificates/{serial}/revoke",
            "post /v1/(authorities/amendments|cases|brands/candidates|organisations)/{id}/propose",
            "post /v1/(vasps/{vasp}/brands|claims/{id}/sub-account|claims/{id}/end|claims/ends)/propose",
            "post /v1/cases/{id}/(take|notes|messages|evidence)",
            "post /v1/vasps/{vasp}/(cases|merge|draft)",
            "post /v1/claims/pending/{case}/count",
        ],
    ),
    (&[RELATIONSHIPS, OPERATOR_READ], &["get /v1/screening/hits(|/{id})"]),
    (&[RELATIONSHIP_WORK, REVIEW], &["post /v1/screening/hits/{id}/propose"]),
    (&[APPROVE], &["post /v1/(rulebook/imports/{id}/propose|disputes/{id}/dismiss)"]),
    (&[WATCH], &["get /v1/watches", "put delete /v1/watches/{vasp}"]),
    (&[ALERTS], &["get /v1/alerts(|/{id})", "post /v1/alerts/{id}/acknowledge"]),
    (
        &[WATCH_ADMIN],
        &[
            "get post /v1/webhooks",
            "get patch delete /v1/webhooks/{id}",
            "post /v1/webhooks/{id}/(rotate|test|replay|messages/{message}/resend)",
            "get /v1/webhooks/{id}/messages",
        ],
    ),
    (
        &[OWN_ADMIN],
        &[
            "get post /v1/(users|machine-users|delegations)",
            "get patch /v1/users/{id}",
            "post /v1/users/{id}/(invite|disable|enable)",
            "get /v1/audit",
            "delete /v1/delegations/{id}",
        ],
    ),
    (
        &[OWN_KEYS],
        &[
            "get post /v1/(api-keys|client-certificates)",
            "post /v1/api-keys/{id}/rotate",
            "delete /v1/(api-keys|client-certificates)/{id}",
        ],
    ),
    (
        &[MEMBER_READ],
        &[
            "get /v1/(questionnaires/submissions|claims)(|/{id})",
            "get /v1/(documents|claims/{id}/usage|sub-accounts)",
            "get /v1/vasps/{vasp}/(messages|path-delegations)",
            "get /v1/questionnaires(|/draft|/access|/access-requests)",
        ],
    ),
    (
        &[MEMBER_EDIT],
        &[
            "post /v1/vasps/{vasp}/(adopt|messages|certificates|domains|endpoints|keys)",
            "post /v1/(documents|claims|disputes|sub-accounts)",
            "post /v1/vasps/{vasp}/certificates/(csr|{certificate}/revoke|{certificate}/crl)",
            "delete /v1/(vasps/{vasp}/domains/{domain}|sub-accounts/{id})",
            "post /v1/vasps/{vasp}/domains/{domain}/verify",
            "patch delete /v1/(vasps/{vasp}/endpoints/{endpoint}|claims/{id})",
            "post /v1/vasps/{vasp}/endpoints/{endpoint}/(pause|resume|maintenance|probe)",
            "post /v1/vasps/{vasp}/keys/{key}/(proof|revoke)",
            "patch /v1/questionnaires/draft",
            "post /v1/questionnaires/(submit|withdraw)",
            "post /v1/claims/(import|{id}/challenge|{id}/proof)",
            "post /v1/vasps/{vasp}/path-delegations(|/end)",
            "post /v1/sub-accounts/(refuse|{id}/confirm)",
        ],
    ),
    (&[MEMBER_READ, OPERATOR_READ], &["get /v1/vasps/{vasp}/(draft|licences)", "get /v1/documents/{id}(|/content)"]),
    (
        &[MEMBER_EDIT, REVIEW],
        &[
            "post /v1/vasps(|/{vasp}/draft/submit|/{vasp}/licences)",
            "patch delete /v1/vasps/{vasp}/draft",
            "put delete /v1/vasps/{vasp}/licences/{licence}",
        ],
    ),
    (&[POLICY_READ, OPERATOR_READ], &["get /v1/policies/default"]),
    (
        &[MEMBER_SHARE],
        &["post /v1/questionnaires/(access|access-requests/{id}/decline)", "delete /v1/questionnaires/access/{id}"],
    ),
    (
        &[POLICY_READ],
        &[
            "get /v1/(policies|policies/{policy}|policies/{policy}/difference|settings/precheck-retention)",
            "post /v1/policies/simulate",
        ],
    ),
    (
        &[POLICY_EDIT],
        &[
            "post /v1/policies(|/{policy}/propose)",
            "post /v1/(settings/precheck-retention|prechecks/{id}/payload|legal-holds/{id})/propose",
            "get post /v1/legal-holds",
        ],
    ),
    (&[VASP_LIST_READ], &["get /v1/vasp-lists(|/{protocol})"]),
    (&[VASP_LIST_EDIT], &["put delete /v1/vasp-lists/{protocol}"]),
    (&[ASK_FOR_ANSWERS], &["post get /v1/vasps/{vasp}/access-requests"]),
    (&[RELATIONSHIPS], &["get /v1/relationships(|/{vasp})", "get /v1/approval-rules(|/{id})"]),
    (
        &[RELATIONSHIP_WORK],
        &[
            "post /v1/relationships/{vasp}/(propose|restrict|incidents)",
            "post /v1/approval-rules/(propose|{id}/end)",
            "post /v1/prechecks/{id}/outcome/propose",
        ],
    ),
];

/// Whom the proposals of a kind concern: who reads them, who makes and withdraws them, who approves and declines them.
type Concerned = [Allowed; 3];

/// Proposals about records of the registry.
const OF_RECORDS: Concerned = [OPERATOR_READ, REVIEW, APPROVE];

/// Whom the proposals of each kind concern. Their routes are the same for every kind.
const PROPOSALS: &[(ProposalKind, Concerned)] = &[
    (ProposalKind::Case, OF_RECORDS),
    (ProposalKind::Screening, OF_RECORDS),
    (ProposalKind::OwnScreening, [RELATIONSHIPS, RELATIONSHIP_WORK, RELATIONSHIPS]),
    (ProposalKind::Rulebook, [OPERATOR_READ, APPROVE, APPROVE]),
    (ProposalKind::Authorities, OF_RECORDS),
    (ProposalKind::Policy, [POLICY_READ, POLICY_EDIT, POLICY_EDIT]),
    (ProposalKind::Relationship, [RELATIONSHIPS, RELATIONSHIP_WORK, RELATIONSHIPS]),
    (ProposalKind::RoleGrant, [OWN_ADMIN; 3]),
    (ProposalKind::ClaimEnd, OF_RECORDS),
    (ProposalKind::ClaimEnds, OF_RECORDS),
    (ProposalKind::SubAccount, OF_RECORDS),
    (ProposalKind::Brand, OF_RECORDS),
    (ProposalKind::BrandCandidate, OF_RECORDS),
    (ProposalKind::Enrolment, [OWN_ADMIN; 3]),
    (ProposalKind::Override, [RELATIONSHIPS, RELATIONSHIP_WORK, RELATIONSHIPS]),
    (ProposalKind::Retention, [POLICY_READ, POLICY_EDIT, POLICY_EDIT]),
    (ProposalKind::LegalHold, [POLICY_EDIT; 3]),
    (ProposalKind::Erasure, [POLICY_EDIT; 3]),
    (ProposalKind::AddressBudget, OF_RECORDS),
    (ProposalKind::ApprovalRule, [RELATIONSHIPS, RELATIONSHIP_WORK, RELATIONSHIPS]),
];

/// A person of one role, or of none, with a key of one scope.
#[derive(Debug)]
struct Caller {
    kind: OrganisationKind,
    role: Option<Role>,
    scope: Scope,
    person: Person,
}

/// Makes a caller of every kind, role (and none) and scope.
fn every_caller(registry: &Registry) -> Vec<Caller> {
    let mut callers = Vec::new();
    for kind in OrganisationKind::ALL.iter().copied() {
        let home = registry.home(kind, None);
        let roles = Role::ALL.iter().copied().filter(|role| role.exists_in(kind)).map(Some);
        for role in roles.chain([None]) {
            for scope in Scope::ALL.iter().copied().filter(|scope| scope.exists_in(kind)) {
                let held: Vec<Role> = role.into_iter().collect();
                callers.push(Caller { kind, role, scope, person: registry.person_with(home, &held, &[scope]) });
            }
        }
    }
    callers
}

/// The ends of the log and of the audit chain.
fn heads(registry: &Registry) -> (i64, i64) {
    let store = registry.registry.store();
    store.read::<_, StoreError>(|conn| Ok((conn.log_head()?.sequence, conn.audit_head()?.number))).unwrap()
}

/// Sends a request that changes nothing: its body, if it has one, has no members, and its version is none.
fn ask(registry: &Registry, method: &str, path: &str, credentials: &[(&str, &str)]) -> Answer {
    let headers = [credentials, &[("content-type", "application/json"), ("if-match", "\"0\"")]].concat();
    registry.client.send(&method.to_uppercase(), &absent(method, path), &headers, if method == "get" { "" } else { "{}" })
}

/// Each line that a line of the table stands for.
fn each(line: &str) -> Vec<String> {
    let Some((start, rest)) = line.split_once('(') else { return vec![line.to_owned()] };
    let (parts, end) = rest.split_once(')').unwrap();
    parts.split('|').flat_map(|part| each(&format!("{start}{part}{end}"))).collect()
}

/// Each operation of the table: method, path and whom it lets in.
fn lines() -> Vec<(String, String, &'static [Allowed])> {
    let mut lines = Vec::new();
    for (allowed, operations) in TABLE {
        for line in operations.iter().flat_map(|line| each(line)) {
            let (methods, path) = line.rsplit_once(' ').unwrap();
            lines.extend(methods.split(' ').map(|method| (method.to_owned(), path.to_owned(), *allowed)));
        }
    }
    lines
}

/// Whether a caller is one of the kinds, has one of the roles, and has the scope.
fn has(caller: &Caller, (kinds, roles, scope): &Allowed) -> [bool; 3] {
    let has_role = roles.is_empty() || caller.role.is_some_and(|role| roles.contains(&role));
    [kinds.contains(&caller.kind), has_role, caller.scope == *scope]
}

/// Callers that differ from those whom a route lets in by more than one of kind, role and scope are left out: each condition that they fail is
/// tested by itself.
#[test]
fn each_route_lets_in_whom_the_table_names_and_nobody_else() {
    // The database has no part in it.
    let registry = Registry::start(Database::sqlite());
    let callers = every_caller(&registry);

    for (method, path, allowed) in &lines() {
        ask(&registry, method, path, &[]).problem(401, "unauthenticated");
        let let_in = Cell::new(0);
        for caller in &callers {
            let lacks = |allowed: &Allowed| has(caller, allowed).iter().filter(|has| !**has).count();
            let lacks = allowed.iter().map(lacks).min().unwrap();
            if lacks > 1 {
                continue;
            }
            let before = heads(&registry);
            let answer = ask(&registry, method, path, &[("authorization", &caller.person.bearer)]);
            if lacks == 0 {
                let_in.set(let_in.get() + 1);
                // The route is the caller's; of a key it wants a person's session besides.
                let takes_session = answer.status.as_u16() == 403 && answer.json()["code"] == "session_needed";
                let refused = [401, 403, 405, 500].contains(&answer.status.as_u16()) && !takes_session;
                assert!(!refused, "{method} {path} {caller:?}: {answer:?}");
                assert!(!answer.text.contains("No route has this path"), "{method} {path}: {answer:?}");
            } else {
                answer.problem(403, "forbidden");
                // A line in the audit chain, and nothing else.
                assert_eq!(heads(&registry), (before.0, before.1 + 1), "{method} {path} {caller:?}");
            }
        }
        assert!(let_in.get() > 0, "{method} {path} lets nobody in");
    }
}

/// Before, a list without pages answered all of itself to any cursor.
#[test]
fn each_list_refuses_a_cursor_that_it_did_not_give() {
    let registry = Registry::start(Database::sqlite());
    let keys: Vec<String> = every_caller(&registry).into_iter().map(|caller| caller.person.bearer).collect();
    let is_list = |operation: &Value| {
        let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        let named = schema["$ref"].as_str().map(|place| document().pointer(place.trim_start_matches('#')).unwrap());
        named.unwrap_or(schema)["properties"].get("items").is_some()
    };
    let (mut tried, mut faults) = (0, Vec::new());
    for (method, path, operation) in operations(document()) {
        if method != "get" || !is_list(operation) {
            continue;
        }
        let place = format!("{}?cursor=6162", absent(method, path));
        let mut answers =
            keys.iter().map(|key| registry.client.get_with(&place, &[("authorization", key), ("accept", "application/json")]));
        let let_in = answers.find(|answer| !matches!(answer.status.as_u16(), 401 | 403));
        let pointer = let_in.as_ref().map(|answer| (answer.status.as_u16(), answer.json()["errors"][0]["pointer"].clone()));
        if pointer != Some((422, json!("?cursor"))) {
            faults.push(format!("{path}: {let_in:?}"));
        }
        tried += 1;
    }
    assert!(faults.is_empty() && tried > 60, "{tried}: {faults:#?}");
}

#[test]
fn a_list_of_proposals_has_the_kinds_that_concern_the_caller() {
    let registry = Registry::start(Database::sqlite());
    let callers = every_caller(&registry);
    assert_eq!(PROPOSALS.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), ProposalKind::ALL);

    for (kind, [reads, ..]) in PROPOSALS {
        for rest in ["", "&waits_for=me"] {
            let path = format!("/v1/proposals?kind={kind}{rest}");
            for caller in &callers {
                let answer = caller.person.get(&registry, &path);
                if has(caller, reads) == [true; 3] {
                    assert_eq!(answer.status.as_u16(), 200, "{path} {caller:?}: {answer:?}");
                } else {
                    answer.problem(403, "forbidden");
                }
            }
        }
    }
    for caller in &callers {
        let concerned = PROPOSALS.iter().any(|(_, [reads, ..])| has(caller, reads) == [true; 3]);
        let answer = caller.person.get(&registry, "/v1/proposals");
        assert_eq!(answer.status.as_u16(), if concerned { 200 } else { 403 }, "{caller:?}: {answer:?}");
    }
}

/// What is told of a proposal to whom it does not concern.
const NO_PROPOSAL: &str = "There is no such proposal.";

/// Returns how the id of what proposals of a kind are about begins.
fn subject_of(kind: ProposalKind) -> &'static str {
    match kind {
        ProposalKind::Case => CaseId::PREFIX,
        ProposalKind::Screening | ProposalKind::OwnScreening => ScreeningHitId::PREFIX,
        ProposalKind::Rulebook => RulebookImportId::PREFIX,
        ProposalKind::Authorities => AuthorityAmendmentId::PREFIX,
        ProposalKind::Policy | ProposalKind::Retention | ProposalKind::AddressBudget => OrganisationId::PREFIX,
        ProposalKind::Relationship => RelationshipId::PREFIX,
        ProposalKind::RoleGrant => GrantId::PREFIX,
        ProposalKind::ClaimEnd | ProposalKind::SubAccount => "clm_",
        ProposalKind::ClaimEnds | ProposalKind::Brand => VaspId::PREFIX,
        ProposalKind::BrandCandidate => "brc_",
        ProposalKind::Enrolment => UserId::PREFIX,
        ProposalKind::Override | ProposalKind::Erasure => PrecheckId::PREFIX,
        ProposalKind::LegalHold => LegalHoldId::PREFIX,
        ProposalKind::ApprovalRule => ApprovalRuleId::PREFIX,
    }
}

/// Adds a proposal that waits, about nothing that there is, and returns its id.
fn add_proposal(registry: &Registry, kind: ProposalKind, by: &Person) -> String {
    let (now, mut rng) = (registry.clock.now(), registry.random.fork());
    let id = ProposalId::new(now, &mut rng);
    let prefix = subject_of(kind);
    let content = match kind {
        ProposalKind::Override => json!({"result": "released", "transaction": null}),
        ProposalKind::Retention => json!({"from": 60, "to": 30}),
        ProposalKind::LegalHold | ProposalKind::Erasure => json!({}),
        ProposalKind::OwnScreening => {
            json!({"hit": id.to_string().replace(ProposalId::PREFIX, prefix), "decision": "false_positive"})
        }
        ProposalKind::ApprovalRule => json!({
            "criteria": {"regime": "MiCA", "authorities": [], "services": ["custody"], "territory": "eea", "register_within_days": 30},
            "travel_rule": {"status": "approved", "review_due": "2027-05-31", "terminated_for_aml": null},
            "terms": null, "reason": "so it is", "covers": [], "left_out": [],
        }),
        _ => json!({"from": "default@1", "to": "absent@1", "looser": []}),
    };
    let told = json!({"content": content, "reason": "so it is", "says": "Do it.",
                      "digest": "0".repeat(64), "declined": null, "founders": false, "salt": "00"});
    let mut content = told.to_string().into_bytes();
    if kind.is_sealed() {
        let key = registry.registry.data_key(by.organisation, now, &mut rng).unwrap();
        content = key.seal(&format!("proposal:{id}"), &content, &mut rng).unwrap();
    }
    let row = ProposalRow {
        id,
        kind,
        subject: id.to_string().replace(ProposalId::PREFIX, prefix),
        number: 1,
        organisation: by.organisation,
        state: ProposalState::Pending,
        content,
        proposed_by: by.user,
        proposed_with: CredentialId::Key(by.key_id.parse().unwrap()),
        proposed_at: now,
        decided_by: None,
        decided_at: None,
    };
    registry.write(|transaction| transaction.add_proposal(&row));
    id.to_string()
}

/// A caller that may not read a proposal gets 404. A caller that reads it and may not take a step gets 403.
#[test]
fn a_proposal_is_read_and_decided_by_whom_its_kind_names() {
    let registry = Registry::start(Database::sqlite());
    let callers = every_caller(&registry);

    for (kind, [reads, proposes, decides]) in PROPOSALS {
        let (mut waiting, mut taken) = (BTreeMap::new(), BTreeSet::new());
        for caller in &callers {
            let home = caller.person.organisation;
            let id = waiting.entry(home).or_insert_with(|| add_proposal(&registry, *kind, &caller.person));
            let (path, may_read) = (format!("/v1/proposals/{id}"), has(caller, reads) == [true; 3]);
            let read = caller.person.get(&registry, &path);
            assert_eq!(read.status.as_u16(), if may_read { 200 } else { 404 }, "{kind} {caller:?}: {read:?}");
            for (step, allowed, body) in [
                ("approve", decides, r#"{"digest": "00"}"#),
                ("decline", decides, r#"{"reason": "no"}"#),
                ("withdraw", proposes, ""),
            ] {
                let headers = [("authorization", caller.person.bearer.as_str()), ("content-type", "application/json")];
                let answer = registry.client.send("POST", &format!("{path}/{step}"), &headers, body);
                if !may_read {
                    assert_eq!(answer.problem(404, "not_found")["detail"], NO_PROPOSAL, "{kind} {step} {caller:?}");
                } else if has(caller, allowed) == [true; 3] {
                    taken.insert(step);
                    // The step is the caller's, but what the proposal is about is not there.
                    let problem = answer.json();
                    let refused = problem["code"] == "forbidden" || problem["detail"] == NO_PROPOSAL;
                    assert!(!refused && answer.status.as_u16() != 500, "{kind} {step} {caller:?}: {answer:?}");
                } else {
                    answer.problem(403, "forbidden");
                }
            }
        }
        assert_eq!(taken.len(), 3, "{kind}: somebody takes each step");
    }
}

/// Questions, the directory, and sign-in: for everybody who has a key, or for all.
const OPEN: [&str; 24] = [
    "authorities",
    "brands",
    "brands/{id}",
    "ca",
    "ca/{authority}.crl",
    "ca/{authority}.crt",
    "changes",
    "coverage",
    "enrolment",
    "jurisdictions",
    "lists",
    "log",
    "networks",
    "objections",
    "obligations",
    "picker",
    "policies/schema",
    "prechecks",
    "protocols",
    "resolve",
    "sandbox",
    "session",
    "sessions",
    "sources",
];

/// Those whose handlers decide by what is asked for: tested by themselves.
const DECIDED_INSIDE: [&str; 1] = ["proposals"];

/// What of a VASP's record is not for everybody to read.
const CLOSED_OF_VASP: [&str; 6] = ["brands", "draft", "drafts", "licences", "messages", "path-delegations"];

/// Whether an operation is of members, gateways or operators: then the table says who may use it.
pub(crate) fn is_closed(method: &str, path: &str) -> bool {
    let Some(rest) = path.strip_prefix("/v1/") else { return false };
    if rest == "vasps" || rest.starts_with("vasps/") {
        return method != "get" || CLOSED_OF_VASP.iter().any(|end| rest.ends_with(&format!("/{end}")));
    }
    let below = |start: &str| rest == start || rest.starts_with(&format!("{start}/"));
    let exact = ["authorities", "brands", "brands/{id}", "ca"];
    let is_open = OPEN.iter().any(|start| if exact.contains(start) { rest == *start } else { below(start) });
    !is_open && !DECIDED_INSIDE.iter().any(|start| below(start))
}

/// Whether an operation is no part of the public directory and its questions.
pub(crate) fn is_private(method: &str, path: &str) -> bool {
    let inside = DECIDED_INSIDE.iter().chain(&["session"]).any(|start| path.starts_with(&format!("/v1/{start}")));
    inside || is_closed(method, path)
}

/// A route of members or operators without a line above would go untested. What the document says of access comes from the handlers'
/// signatures; this table was written by hand.
#[test]
fn the_document_says_of_each_route_what_the_table_says() {
    let lines = lines();
    let in_table: BTreeSet<_> = lines.iter().map(|(method, path, _)| (method.as_str(), path.as_str())).collect();
    let missing =
        operations(document()).filter(|(method, path, _)| is_closed(method, path) && !in_table.contains(&(*method, *path)));
    assert_eq!(missing.map(|(method, path, _)| format!("{method} {path}")).collect::<Vec<_>>(), [""; 0]);

    for (method, path, allowed) in &lines {
        let told = document()["paths"][path][method]["x-access"].as_array().unwrap();
        let told: Vec<_> =
            told.iter().map(|way| (set(&way["organisations"]), set(&way["roles"]), way["scope"].as_str().unwrap())).collect();
        let named = |kinds: &&[OrganisationKind]| -> BTreeSet<&str> {
            if **kinds == *EVERYBODY { BTreeSet::new() } else { kinds.iter().map(|kind| kind.as_str()).collect() }
        };
        let expected = allowed.iter().map(|(kinds, roles, scope)| {
            let kinds =
                if told[0].0.len() == EVERYBODY.len() { kinds.iter().map(|kind| kind.as_str()).collect() } else { named(kinds) };
            (kinds, roles.iter().map(|role| role.as_str()).collect(), scope.as_str())
        });
        assert_eq!(told, expected.collect::<Vec<_>>(), "{method} {path}");
    }
}

/// The texts of a list.
fn set(list: &Value) -> BTreeSet<&str> {
    texts(list).into_iter().collect()
}

/// How the document says that callers without credentials are let in.
#[derive(Debug, PartialEq, Eq)]
enum Open {
    Always,
    BySetting,
    Never,
}

fn open(operation: &Value) -> Open {
    let security = operation["security"].as_array().unwrap();
    match security.as_slice() {
        [] => Open::Always,
        [first, ..] if *first == json!({}) => Open::BySetting,
        _ => Open::Never,
    }
}

#[test]
fn callers_without_credentials_are_let_in_where_the_document_says_it() {
    for public in [false, true] {
        on_every_database(|database| {
            let registry = Registry::start_with(database, |settings| {
                (settings.public_read, settings.public_metrics) = (public, public);
            });
            let mut open_ones = 0;
            for (method, path, operation) in operations(document()) {
                let answer = ask(&registry, method, path, &[]);
                let let_in = match open(operation) {
                    Open::Always => true,
                    Open::BySetting => public,
                    Open::Never => false,
                };
                // Signing in answers 401 to wrong data too.
                let refused = answer.status.as_u16() == 401 && !path.starts_with("/v1/session");
                assert_eq!(!refused, let_in || path.starts_with("/v1/session"), "{method} {path}: {answer:?}");
                open_ones += usize::from(let_in);
            }
            assert!(open_ones > 10, "{open_ones}");
        });
    }
}

#[on_every_database(Registry::start)]
fn a_key_without_the_scope_or_role_that_the_document_names_is_refused(registry: Registry) {
    let callers = every_caller(&registry);
    // The table holds every closed route against all callers.
    for (method, path, operation) in operations(document()).filter(|(method, path, _)| !is_closed(method, path)) {
        let inside = DECIDED_INSIDE.iter().any(|start| path.starts_with(&format!("/v1/{start}")));
        if open(operation) == Open::Always || inside || path.starts_with("/v1/session") {
            continue;
        }
        for caller in &callers {
            let fits = operation["x-access"].as_array().unwrap().iter().any(|way| {
                let [kinds, roles] = ["organisations", "roles"].map(|name| texts(&way[name]));
                way["scope"] == caller.scope.as_str()
                    && (kinds.is_empty() || kinds.contains(&caller.kind.as_str()))
                    && (roles.is_empty() || caller.role.is_some_and(|role| roles.contains(&role.as_str())))
            });
            let answer = ask(&registry, method, path, &[("authorization", &caller.person.bearer)]);
            let forbidden = answer.status.as_u16() == 403 && answer.json()["code"] == "forbidden";
            assert_eq!(!forbidden, fits, "{method} {path} {caller:?}: {answer:?}");
        }
    }
}
