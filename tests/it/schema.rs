//! The schema: both databases have the same, it is what its one source says, its closed lists are those of the program, and SQLite's
//! own programs find every file of it whole.

mod catalogue;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use vasp_clock::Random;
use vasp_log::audit::AuditOutcome;
use vasp_pki::MasterKeys;
use vasp_record::attestation::EndReason;
use vasp_record::ca::RevocationReason;
use vasp_record::case::{CaseStatus, TriggerKind};
use vasp_record::challenge::ChallengedField;
use vasp_record::claim::{AddressRole, Strength, Visibility};
use vasp_record::dns_answer::DnssecStatus;
use vasp_record::document::{DocumentType, MediaType};
use vasp_record::domain_proof::ProofMethod;
use vasp_record::domain_standing::DomainState;
use vasp_record::fact::Attribute;
use vasp_record::proposal::{ProposalKind, ProposalState};
use vasp_record::register::{Extent, WhyHeld};
use vasp_record::role::{GrantState, OrganisationKind, Role, UserKind, UserState};
use vasp_record::screening_decision::{HitStatus, HitSubject};
use vasp_record::signing_key::SigningPurpose;
use vasp_record::vasp::VaspStatus;
use vasp_registry::imports::{ImportOutcome, ImportedBy};
use vasp_registry::imports::{SeedPolicy, load_seed};
use vasp_registry::webhooks::DeliveryState;
use vasp_rules::alert::Severity;
use vasp_rules::policy::Recommendation;
use vasp_store::{BudgetOf, ImportedRowOutcome};

use self::catalogue::{Index, Table, Tables, plain, tables};
use crate::support::{Database, assert_undamaged, not_run, open_store};

fn made(database: &Database) -> Tables {
    drop(open_store(database, 1));
    tables(database)
}

#[test]
fn the_committed_migrations_are_what_their_source_gives() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/foundation");
    let Ok(output) = Command::new("python3").args([script, "--check"]).output() else {
        return not_run("the migrations beside their source: no python3");
    };
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "run scripts/foundation:\n{said}");
}

/// Takes out of `claims` what differs on purpose: its key, and the index that stands for the key of the other database.
fn without_the_key_of_claims(tables: &mut Tables) -> (Vec<String>, Option<Index>) {
    let claims = tables.get_mut("claims").unwrap();
    let index = claims.indexes.remove("claims_by_controller").or_else(|| claims.indexes.remove("claims_by_number"));
    (std::mem::take(&mut claims.key), index)
}

#[test]
fn both_databases_have_the_same_schema() {
    let Ok(admin) = std::env::var("TEST_DATABASE_URL") else {
        return not_run("the schemas of both databases side by side: no PostgreSQL");
    };
    let (mut sqlite, mut postgres) = (made(&Database::sqlite()), made(&Database::postgres(admin)));
    let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let index = |column| Some(Index { unique: false, columns: vec![plain(column)], condition: String::new() });

    assert_eq!(without_the_key_of_claims(&mut sqlite), (names(&["number"]), index("substr(controller, -8)")));
    assert_eq!(without_the_key_of_claims(&mut postgres), (names(&["class", "controller", "memo", "number"]), index("number")));

    assert_eq!(sqlite.keys().collect::<Vec<_>>(), postgres.keys().collect::<Vec<_>>());
    for (name, table) in &sqlite {
        let Table { columns, key, unique, indexes, foreign, checks } = &postgres[name];
        assert_eq!(&table.columns, columns, "columns of {name}");
        assert_eq!(&table.key, key, "key of {name}");
        assert_eq!(&table.unique, unique, "what is unique in {name}");
        assert_eq!(&table.indexes, indexes, "indexes of {name}");
        assert_eq!(&table.foreign, foreign, "what {name} points to");
        assert_eq!(&table.checks, checks, "checks of {name}");
    }
    // The catalogues were read: a table with each of these.
    let case_triggers = &sqlite["case_triggers"];
    assert_eq!((case_triggers.key.len(), case_triggers.foreign.len(), case_triggers.checks.len()), (2, 1, 1));
    assert_eq!(sqlite["licences"].unique.len(), 1);
    assert_eq!(sqlite["cases"].indexes["cases_by_queue"].columns, ["risk desc", "due_at", "id"]);
    assert_eq!(sqlite["facts"].columns[0].kind, "numbered");
}

#[test]
fn key_columns_come_first_where_sqlite_keeps_a_table_by_its_key() {
    let database = Database::sqlite();
    let tables = made(&database);
    let by_key = "SELECT json_array(name) AS line FROM pragma_table_list WHERE type = 'table' AND wr = 1";
    let by_key = catalogue::ask(&database, by_key);

    assert!(by_key.len() > 60, "{by_key:?}");
    for row in by_key {
        let table = &tables[row[0].as_str().unwrap()];
        let first: Vec<&String> = table.columns.iter().map(|column| &column.name).take(table.key.len()).collect();
        assert_eq!(first, table.key.iter().collect::<Vec<_>>(), "{row:?}");
    }
}

/// Reads checks of the form `column in 'a' , 'b'`.
fn words_checked(tables: &Tables) -> BTreeMap<String, BTreeSet<String>> {
    let mut found = BTreeMap::new();
    for (name, table) in tables {
        for check in &table.checks {
            if let Some((column, words)) = check.split_once(" in ") {
                let words = words.split(" , ").map(|word| word.trim_matches('\'').to_owned()).collect();
                assert!(found.insert(format!("{name}.{column}"), words).is_none(), "{name}.{column} has two checks");
            }
        }
    }
    found
}

fn set<T: ToString>(words: impl IntoIterator<Item = T>) -> BTreeSet<String> {
    words.into_iter().map(|word| word.to_string()).collect()
}

/// Columns, and the closed list that they hold.
type Lists = Vec<(&'static [&'static str], BTreeSet<String>)>;

/// The closed lists about organisations, people and what they publish; flags are apart.
fn lists_of_organisations() -> Lists {
    use VaspStatus as S;
    let statuses = [
        S::Revoked,
        S::Suspended,
        S::Rejected,
        S::Withdrawn,
        S::Retired,
        S::Draft,
        S::Submitted,
        S::InReview,
        S::Listed,
        S::Verified,
    ];
    let dnssec = [DnssecStatus::Unknown, DnssecStatus::Insecure, DnssecStatus::Secure];
    let deliveries = [DeliveryState::Failed, DeliveryState::Pending, DeliveryState::Delivered];
    vec![
        (&["audit_events.outcome"], set([AuditOutcome::Done, AuditOutcome::Refused].map(AuditOutcome::as_str))),
        (&["organisations.kind"], set(OrganisationKind::ALL)),
        (&["users.kind"], set(UserKind::ALL)),
        (&["users.state", "users.disabled_from"], set(UserState::ALL)),
        (&["role_grants.role"], set(Role::ALL)),
        (&["role_grants.state"], set(GrantState::ALL)),
        (&["signing_keys.purpose"], set(SigningPurpose::ALL)),
        (&["ca_issuers.kind"], set(["root", "issuing"])),
        (&["ca_issuers.state"], set(["active", "retired"])),
        (&["issued_certificates.reason"], set(RevocationReason::ALL)),
        (&["submissions.status"], set(statuses.map(VaspStatus::as_str))),
        (&["member_documents.kind"], set(DocumentType::ALL)),
        (&["member_documents.media_type"], set(MediaType::ALL)),
        (&["member_domains.state"], set(DomainState::ALL.map(DomainState::as_str))),
        (&["member_domains.proven_by"], set(ProofMethod::ALL.map(ProofMethod::as_str))),
        (&["member_domains.dnssec"], set(dnssec.map(DnssecStatus::as_str))),
        (&["message_key_challenges.key_use"], set(["signing", "encryption"])),
        (&["challenges.field"], set(ChallengedField::ALL)),
        (&["not_found_budgets.counts"], set(BudgetOf::ALL.map(BudgetOf::as_str))),
        (&["proposals.kind"], set(ProposalKind::ALL)),
        (&["proposals.state"], set(ProposalState::ALL)),
        (&["prechecks.recommendation"], set(Recommendation::ALL.map(Recommendation::as_str))),
        (&["questionnaire_requests.state"], set(["open", "granted", "declined"])),
        (&["alerts.severity", "webhooks.min_severity"], set(Severity::ALL.map(Severity::as_str))),
        (&["webhooks.state"], set(["active", "paused", "disabled"])),
        (&["webhook_deliveries.state"], set(deliveries.map(DeliveryState::as_str))),
    ]
}

/// The closed lists about records, claims and the registry's work.
fn lists_of_records() -> Lists {
    let cases = [CaseStatus::Open, CaseStatus::Taken, CaseStatus::Waiting, CaseStatus::Proposed, CaseStatus::Closed];
    let ends = [EndReason::Withdrawn, EndReason::Replaced, EndReason::Proven, EndReason::Decided];
    let hits = [HitStatus::Open, HitStatus::FalsePositive, HitStatus::TrueMatch, HitStatus::Gone];
    let visible = [Visibility::Named, Visibility::Gateways, Visibility::Public];
    let reviewers =
        ["register_look_up", "document", "dns", "call_back", "certificate", "gleif", "website", "authority_confirmation"];
    vec![
        (&["evidence.method"], set(reviewers.into_iter().chain(ProofMethod::ALL.map(ProofMethod::as_str)))),
        (&["claim_batches.strength"], set([Strength::Attributed, Strength::Attested, Strength::Proven].map(Strength::code))),
        (&["claim_batches.visibility", "waiting_claims.visibility"], set(visible.map(Visibility::code))),
        (&["vasps.kind"], set([1, 2])),
        (&["member_claims.ended_because"], set(ends.map(EndReason::as_str))),
        (&["claim_disputes.kind"], set(["conflict", "report"])),
        (&["cases.status"], set(cases.map(CaseStatus::as_str))),
        (&["case_triggers.kind"], set(TriggerKind::ALL.iter().map(|kind| kind.as_str()))),
        (&["snapshots.extent"], set(Extent::ALL)),
        (&["screening_hits.about"], set([HitSubject::Party, HitSubject::Address].map(HitSubject::as_str))),
        (&["screening_hits.matched_by"], set(["address", "address_but_for_case", "name", "lei", "host"])),
        (&["screening_hits.status"], set(hits)),
        (&["held_rows.why"], set(WhyHeld::ALL)),
        (&["imports.imported_by"], set(ImportedBy::ALL)),
        (&["imports.outcome"], set(ImportOutcome::ALL)),
        (&["import_rows.outcome"], set(ImportedRowOutcome::ALL)),
        (&["rulebook_imports.state", "authority_amendments.state"], set(["superseded", "declined", "pending", "approved"])),
    ]
}

#[test]
fn closed_lists_of_the_database_are_those_of_the_program() {
    let tables = made(&Database::sqlite());
    let mut checked = words_checked(&tables);
    let roles = [AddressRole::Unknown, AddressRole::Deposit, AddressRole::Hot, AddressRole::Cold].map(AddressRole::code);
    assert_eq!((roles, &tables["claims"].checks), ([0, 1, 2, 3], &set(["role >= 0 and role <= 3"])));
    let attributes = checked.remove("facts.attribute").unwrap();
    assert_eq!(attributes, set(Attribute::ALL));
    checked.retain(|_, words| *words != set([0, 1]));

    for (columns, words) in lists_of_organisations().into_iter().chain(lists_of_records()) {
        for column in columns {
            assert_eq!(checked.remove(*column), Some(words.clone()), "{column}");
        }
    }

    assert_eq!(checked, BTreeMap::new(), "lists that nobody compares");
}

/// Older versions of SQLite find faults in whole tables whose key does not come first: the one that Debian 12 has does.
#[test]
fn a_registry_of_the_seed_is_whole_to_every_sqlite() {
    let database = Database::sqlite();
    let store = open_store(&database, 1);
    let mut rng = Random::seeded(1).fork();
    let keys = MasterKeys::generate(&mut rng);
    load_seed((&store, &keys), SeedPolicy::Shipped, &mut |_, _| {}, crate::officer::NOW.parse().unwrap(), &mut rng).unwrap();
    drop(store);

    assert_undamaged(&database);
    let checked = Command::new("sqlite3").arg(database.file().unwrap()).arg("PRAGMA integrity_check").output();
    let Ok(checked) = checked else {
        return not_run("the integrity_check of another SQLite: no sqlite3 on the PATH");
    };
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    assert_eq!(String::from_utf8_lossy(&checked.stdout), "ok\n");
}
