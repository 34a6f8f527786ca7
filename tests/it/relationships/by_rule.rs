//! Approval of many: one rule that two people sign. The proposal lists whom it covers; who leaves it is not approved at once; who newly meets it
//! becomes a proposal.
//!
//! Source: docs/relationships.md, "Approval of many".

use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_registry::relationships::ApprovalRuleJob;

use super::desk::{Desk, approved, closed};
use crate::prechecks::expect::finding;
use crate::prechecks::other_lists::{gleif, golden_copy, listed, ncasp};
use crate::prechecks::world::{ALSTER, GONE, LIFFEY, NIGHTFALL, SOFIA, VALLETTA, World, lei, register};
use crate::screening::{entry, import_list};
use crate::support::{Database, Person, on_every_database, step};
use vasp_registry::imports::ImportFormat;
use vasp_store::{ApprovalRuleRow, SealedRow};

const RULES: &str = "/v1/approval-rules";
const CHECK: &str = "travel_rule_due_diligence";

/// All MiCA firms with custody, in the EEA, on no list, whose register is younger than 30 days.
pub(crate) fn rule() -> Value {
    json!({"criteria": {"regime": "MiCA", "services": ["custody"], "territory": "eea", "register_within_days": 30},
           "travel_rule": {"status": "approved", "review_due": "2027-05-31"}, "terms": {"risk": "low"}, "reason": "Looked at the register."})
}

/// Rows of a list of non-compliant providers that means nobody of this world.
fn others(count: usize) -> Vec<String> {
    (0..count).map(|number| listed(&format!("Qwertz Uiopasdf {number}"), "", "", "01/05/2026")).collect()
}

/// Replaces the binding list: Nightfall stays on it, and so does whoever is named.
fn list_too(desk: &Desk, day: &str, name: &str) {
    let entries = [entry("1", "SOMEBODY LISTED", &["NIGHTFALL EXCHANGE"]), entry("7", name, &[])];
    import_list(&desk.world, day, &entries);
}

/// A desk whose registry searches a list of non-compliant providers, too.
pub(crate) fn desk(database: Database) -> Desk {
    let desk = Desk::new(database);
    ncasp(&desk.world, "2026-05-20", &others(20));
    desk
}

#[track_caller]
fn propose(desk: &Desk, body: &Value) -> Value {
    desk.ada.post(&desk.world.registry, &format!("{RULES}/propose"), body).answered(201)
}

/// Has two people approve a rule, and returns its path.
#[track_caller]
fn decide(desk: &Desk) -> String {
    let proposed = propose(desk, &rule());
    desk.approve(&desk.bert, &proposed).answered(200);
    format!("{RULES}/{}", proposed["subject"].as_str().unwrap())
}

fn names(list: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = list.as_array().unwrap().iter().map(|one| one["legal_name"].as_str().unwrap()).collect();
    names.sort_unstable();
    names
}

fn why<'a>(list: &'a Value, name: &str) -> &'a str {
    let one = list.as_array().unwrap().iter().find(|one| one["legal_name"] == name).unwrap_or_else(|| panic!("{name}: {list}"));
    one["why"].as_str().unwrap()
}

fn found(desk: &Desk, firm: u32) -> String {
    finding(&desk.ask(&lei(firm), &json!({"correspondent": false})), CHECK).replace("travel_rule_due_diligence.", "")
}

fn read(desk: &Desk, path: &str) -> Value {
    desk.ada.read(&desk.world.registry, path)
}

/// Has the background work look once.
fn look(desk: &Desk) -> usize {
    let registry = &desk.world.registry;
    let mut rng = registry.random.fork();
    ApprovalRuleJob::default().step(&registry.registry, registry.clock.now(), &mut rng).unwrap()
}

const COVERED: [&str; 5] =
    ["Alster Krypto AG", "Liffey Custody Limited", "Sofia Coins AD", "Valletta Exchange Ltd", "Without Number GmbH"];

#[on_every_database(desk)]
fn two_people_approve_whom_a_rule_covers_and_nobody_else(desk: Desk) {
    let proposed = propose(&desk, &rule());

    let content = &proposed["content"];
    assert_eq!(names(&content["covers"]), COVERED);
    let left_out = &content["left_out"];
    let listed = |list: &Value| list.as_array().unwrap().iter().map(|one| one["legal_name"].to_string()).collect::<Vec<_>>();
    assert!(listed(&content["covers"]).is_sorted() && listed(left_out).is_sorted(), "{content}");
    assert_eq!(names(left_out), ["Ended SAS", "Gone Wallets UAB", "Later B.V.", "Nightfall Exchange OÜ"]);
    assert_eq!(why(left_out, "Nightfall Exchange OÜ"), "It is on a screening list, or like an entry of one.");
    assert_eq!(why(left_out, "Gone Wallets UAB"), "Its licence is not in force, or the newest register does not show it.");
    assert!(proposed["says"].as_str().unwrap().contains("Liffey Custody Limited"), "{proposed}");
    assert_eq!(found(&desk, LIFFEY), "unknown not_started");
    desk.approve(&desk.ada, &proposed).problem(409, "same_person");
    assert_eq!(desk.ada.read(&desk.world.registry, RULES)["items"], json!([]));

    desk.approve(&desk.bert, &proposed).answered(200);

    assert_eq!(found(&desk, LIFFEY), "pass approved");
    assert_eq!(found(&desk, ALSTER), "pass approved");
    assert_eq!(found(&desk, NIGHTFALL), "unknown not_started");
    let path = format!("{RULES}/{}", proposed["subject"].as_str().unwrap());
    let rule = read(&desk, &path);
    assert_eq!((names(&rule["covers"]), &rule["state"]), (COVERED.to_vec(), &json!("in_force")));
    assert_eq!(rule["decided_by"], json!([desk.ada.user, desk.bert.user]));
    let liffey = desk.read(&lei(LIFFEY));
    assert_eq!((&liffey["travel_rule"]["by_rule"], &liffey["terms"]["risk"]), (&proposed["subject"], &json!("low")));
    assert_eq!(liffey["travel_rule"]["decided_by"], json!([desk.ada.user, desk.bert.user]));
    assert_eq!(liffey["correspondent"]["status"], "not_started");
}

#[on_every_database(desk)]
fn an_approval_of_a_list_that_changed_since_is_refused(desk: Desk) {
    let proposed = propose(&desk, &rule());
    list_too(&desk, "2026-05-29", "LIFFEY CUSTODY LIMITED");

    desk.approve(&desk.bert, &proposed).problem(412, "stale_version");
    assert_eq!(found(&desk, ALSTER), "unknown not_started");

    // So it is if somebody decides about one of them.
    let proposed = propose(&desk, &rule());
    assert!(!names(&proposed["content"]["covers"]).contains(&"Liffey Custody Limited"));
    desk.restrict(&lei(SOFIA), &closed("refused"));
    desk.approve(&desk.bert, &proposed).problem(412, "stale_version");
}

#[on_every_database(desk)]
fn a_decision_about_one_firm_is_not_overruled(desk: Desk) {
    desk.restrict(&lei(SOFIA), &closed("refused"));
    desk.decide(&lei(ALSTER), &approved());
    desk.propose(&desk.ada, &lei(VALLETTA), &approved()).answered(201);
    desk.restrict(&desk.world.group_id("lagoon"), &closed("refused"));

    let content = &propose(&desk, &rule())["content"];

    assert_eq!(names(&content["covers"]), ["Without Number GmbH"]);
    let left_out = &content["left_out"];
    assert_eq!(why(left_out, "Sofia Coins AD"), "Your own decision about it applies: `refused`.");
    assert_eq!(why(left_out, "Alster Krypto AG"), "Your own decision about it applies: `approved`.");
    assert_eq!(why(left_out, "Liffey Custody Limited"), "The status of its group is `refused`.");
    assert!(why(left_out, "Valletta Exchange Ltd").ends_with('.'));
}

#[on_every_database(desk)]
fn what_a_single_approval_demands_a_rule_demands(desk: Desk) {
    let post = |body: &Value| desk.ada.post(&desk.world.registry, &format!("{RULES}/propose"), body);
    for (pointer, value, place) in [
        // The shipped policy requires a rating.
        ("/terms", json!({}), "/terms/risk"),
        ("/travel_rule/review_due", json!("2027-06-03"), "/travel_rule/review_due"),
        ("/travel_rule/review_due", Value::Null, "/travel_rule/review_due"),
        ("/travel_rule/status", json!("refused"), "/travel_rule/status"),
        ("/terms/questionnaire_version", json!(1), "/terms/questionnaire_version"),
        ("/criteria/services", json!([]), "/criteria/services"),
        ("/criteria/register_within_days", json!(0), "/criteria/register_within_days"),
        ("/criteria/regime", json!("XYZ"), "/criteria/regime"),
        ("/criteria/authorities", json!(["XX-NOBODY"]), "/criteria/authorities"),
    ] {
        let mut body = rule();
        let (parent, member) = pointer.rsplit_once('/').unwrap();
        body.pointer_mut(parent).unwrap()[member] = value;
        let problem = post(&body).problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["pointer"], place, "{problem}");
    }
    let program = desk.world.key_of(desk.world.organisation, &["compliance"]);
    desk.world.post_as(&program, &format!("{RULES}/propose"), &rule()).problem(403, "forbidden");
}

#[on_every_database(desk)]
fn who_leaves_a_rule_is_not_approved_at_once_and_not_again_by_itself(desk: Desk) {
    let path = decide(&desk);
    assert_eq!(found(&desk, LIFFEY), "pass approved");

    list_too(&desk, "2026-05-29", "LIFFEY CUSTODY LIMITED");

    // No background work ran.
    let answer = desk.ask(&lei(LIFFEY), &json!({"correspondent": false}));
    assert_eq!(finding(&answer, CHECK), "fail travel_rule_due_diligence.left_rule");
    let reason = answer["reasons"].as_array().unwrap().iter().find(|one| one["code"] == "travel_rule_due_diligence.left_rule");
    assert_eq!(
        reason.unwrap()["detail"],
        "It was approved by a rule, which covers it no more: it is on a screening list, or like an entry of one."
    );
    assert_eq!(answer["due_diligence"]["travel_rule"]["status"], "expired");
    assert_eq!(desk.read(&lei(LIFFEY))["travel_rule"]["left_rule"], "It is on a screening list, or like an entry of one.");
    assert_eq!(found(&desk, ALSTER), "pass approved");
    assert_eq!(names(&read(&desk, &path)["left"]), ["Liffey Custody Limited"]);
    // One person does not restore it by "restricting" it.
    let narrowed = json!({"travel_rule": {"status": "approved", "review_due": "2027-05-30"}, "reason": "x"});
    desk.post(&desk.ada, &lei(LIFFEY), "restrict", &narrowed).problem(409, "illegal_step");

    assert_eq!(look(&desk), 1);
    assert_eq!(look(&desk), 0, "it is written once");
    list_too(&desk, "2026-05-30", "SOMEBODY ELSE ENTIRELY");
    assert_eq!(found(&desk, LIFFEY), "fail left_rule");
    let why_now = desk.read(&lei(LIFFEY))["travel_rule"]["left_rule"].as_str().unwrap().to_owned();
    assert!(
        why_now.contains("it left the rule on 2026-06-01") || why_now.starts_with("It left the rule on 2026-06-01"),
        "{why_now}"
    );

    // It meets the rule again, so it is proposed like a newcomer.
    assert_eq!(look(&desk), 1);
    let proposal = read(&desk, &path)["proposal"].clone();
    assert_eq!(names(&proposal["content"]["covers"]), ["Liffey Custody Limited"]);
    let signed = desk.approve(&desk.bert, &proposal).answered(200);
    desk.approve(&desk.ada, &signed).answered(200);
    assert_eq!(found(&desk, LIFFEY), "pass approved");
}

#[on_every_database(desk)]
fn an_old_register_and_a_licence_that_ends_take_an_approval_away(desk: Desk) {
    decide(&desk);
    // The newest register is of 20 May: on 18 June it is 29 days old.
    desk.world.set_clock("2026-06-18T12:00:00Z");
    assert_eq!(found(&desk, ALSTER), "pass approved");
    desk.world.set_clock("2026-06-19T12:00:00Z");
    assert_eq!(found(&desk, ALSTER), "fail left_rule");

    desk.world.import_register("2026-06-18", &[VALLETTA]);
    assert_eq!(found(&desk, ALSTER), "pass approved", "no background work noticed that it had left");
    assert_eq!(found(&desk, VALLETTA), "fail left_rule");
}

#[on_every_database(desk)]
fn a_newcomer_becomes_a_proposal_that_two_people_sign(desk: Desk) {
    let path = decide(&desk);
    assert_eq!(look(&desk), 0, "nobody is new");

    // The register shows it again.
    desk.world.import_register("2026-05-30", &[]);
    assert_eq!(found(&desk, GONE), "unknown not_started");
    assert_eq!(look(&desk), 1);
    assert_eq!(look(&desk), 0, "it is proposed once");

    let waits = |who: &Person| who.read(&desk.world.registry, "/v1/proposals?waits_for=me")["items"].clone();
    let proposal = waits(&desk.ada)[0].clone();
    assert_eq!(waits(&desk.bert)[0]["id"], proposal["id"], "it waits for everybody: nobody signed it");
    assert_eq!((&proposal["kind"], &proposal["proposed_by"]), (&json!("approval_rule"), &Value::Null));
    assert_eq!(names(&proposal["content"]["covers"]), ["Gone Wallets UAB"]);
    assert_eq!(read(&desk, &path)["proposal"]["id"], proposal["id"]);

    let signed = desk.approve(&desk.ada, &proposal).answered(200);
    assert_eq!((&signed["state"], &signed["proposed_by"]), (&json!("pending"), &json!(desk.ada.user)));
    assert_eq!(found(&desk, GONE), "unknown not_started", "one person is not enough");
    desk.approve(&desk.ada, &signed).problem(409, "same_person");
    assert_eq!(look(&desk), 0);
    let approved = desk.approve(&desk.bert, &signed).answered(200);
    assert_eq!(approved["state"], "approved");
    assert_eq!(found(&desk, GONE), "pass approved");
    assert!(names(&read(&desk, &path)["covers"]).contains(&"Gone Wallets UAB"));
}

#[on_every_database(desk)]
fn a_newcomer_that_people_decline_is_not_proposed_again(desk: Desk) {
    let path = decide(&desk);
    desk.world.import_register("2026-05-30", &[]);
    look(&desk);
    let proposal = read(&desk, &path)["proposal"].clone();

    let declined = desk.bert.post(&desk.world.registry, &step(&proposal, "decline"), &json!({"reason": "unknown to us"}));
    assert_eq!(declined.answered(200)["state"], "declined");

    assert_eq!(look(&desk), 0);
    let rule = read(&desk, &path);
    assert_eq!((&rule["proposal"], rule["set_aside"].as_array().unwrap().len()), (&Value::Null, 1));
    assert_eq!(found(&desk, GONE), "unknown not_started");
}

#[on_every_database(desk)]
fn one_person_ends_a_rule_and_all_that_it_approved(desk: Desk) {
    let path = decide(&desk);
    desk.decide(&lei(SOFIA), &approved());
    let ended = desk.ada.post(&desk.world.registry, &format!("{path}/end"), &json!({"reason": "Too wide."})).answered(200);

    assert_eq!((&ended["state"], &ended["end_reason"], &ended["covers"]), (&json!("ended"), &json!("Too wide."), &json!([])));
    assert_eq!(found(&desk, LIFFEY), "fail left_rule");
    assert_eq!(desk.read(&lei(LIFFEY))["travel_rule"]["left_rule"], "The rule was ended on 2026-06-01.");
    assert_eq!(found(&desk, SOFIA), "pass approved", "two people approved it for itself");
    desk.ada.post(&desk.world.registry, &format!("{path}/end"), &json!({"reason": "Again."})).problem(409, "illegal_step");
    desk.world.import_register("2026-05-30", &[]);
    assert_eq!(look(&desk), 0);
    // A rule of its own brings it back.
    decide(&desk);
    assert_eq!(found(&desk, LIFFEY), "pass approved");
}

#[on_every_database(desk)]
fn a_restricted_approval_still_ends_with_its_rule(desk: Desk) {
    let path = decide(&desk);
    desk.restrict(&lei(SOFIA), &closed("suspended"));
    let rule = read(&desk, &path);
    assert!(!names(&rule["covers"]).contains(&"Sofia Coins AD"));
    assert_eq!(why(&rule["left"], "Sofia Coins AD"), "Your own decision about it applies.");
    let track =
        json!({"status": "approved_with_conditions", "review_due": "2027-05-31", "conditions": {"proof_of_control": true}});
    desk.restrict(&lei(LIFFEY), &json!({"travel_rule": track, "reason": "Prudence."}));
    assert!(found(&desk, LIFFEY).ends_with("conditions_to_meet"), "{}", found(&desk, LIFFEY));

    desk.ada.post(&desk.world.registry, &format!("{path}/end"), &json!({"reason": "Too wide."})).answered(200);

    assert_eq!(found(&desk, LIFFEY), "fail left_rule");
}

#[on_every_database(desk)]
fn a_recorded_precheck_is_answered_again_as_it_was(desk: Desk) {
    let path = decide(&desk);
    let body = json!({"direction": "outgoing", "beneficiary": {"vasp": lei(LIFFEY)}, "transfer": {"correspondent": false}});
    let recorded = desk.world.post("/v1/prechecks", &body).answered(200);
    assert_eq!(finding(&recorded, CHECK), "pass travel_rule_due_diligence.approved");
    desk.ada.post(&desk.world.registry, &format!("{path}/end"), &json!({"reason": "Too wide."})).answered(200);

    let replayed = desk.world.post(&format!("/v1/prechecks/{}/replay", recorded["id"].as_str().unwrap()), &Value::Null);

    assert_eq!(replayed.answered(200)["same"], true);
}

#[on_every_database(desk)]
fn nobody_else_sees_a_rule_or_profits_from_it(desk: Desk) {
    let world: &World = &desk.world;
    let path = decide(&desk);
    let proposed = propose(&desk, &rule());
    let home = world.registry.home(OrganisationKind::Gateway, None);
    let stranger = world.registry.person_with(home, &[Role::Compliance], &[Scope::Compliance, Scope::Precheck, Scope::Resolve]);

    assert_eq!(stranger.read(&world.registry, RULES)["items"], json!([]));
    stranger.get(&world.registry, &path).problem(404, "not_found");
    stranger.post(&world.registry, &format!("{path}/end"), &json!({"reason": "x"})).problem(404, "not_found");
    stranger.get(&world.registry, &format!("/v1/proposals/{}", proposed["id"].as_str().unwrap())).problem(404, "not_found");
    stranger.approve(&world.registry, &proposed).problem(404, "not_found");
    let body = json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": {"vasp": lei(LIFFEY)},
                      "record": false});
    let answer = stranger.post(&world.registry, "/v1/prechecks", &body).answered(200);
    assert_eq!(finding(&answer, CHECK), "unknown travel_rule_due_diligence.not_started");
    // Nor do the registry's people.
    let (reviewer, _) = world.registry.two_operators();
    reviewer.get(&world.registry, &format!("/v1/proposals/{}", proposed["id"].as_str().unwrap())).problem(404, "not_found");
}

#[on_every_database(desk)]
fn a_firm_on_the_list_of_non_compliant_providers_leaves(desk: Desk) {
    decide(&desk);
    let named = [others(20), vec![listed("Sofia Coins AD", "Sofia Coins", "", "01/05/2026")]].concat();
    ncasp(&desk.world, "2026-05-28", &named);

    assert_eq!(found(&desk, SOFIA), "fail left_rule");
    assert_eq!(desk.read(&lei(SOFIA))["travel_rule"]["left_rule"], "It is on a list of non-compliant providers.");
}

/// The registry saw each leave and return, and no look of the job came in between.
#[on_every_database(desk)]
fn firms_that_leave_and_return_between_two_looks_are_not_approved(desk: Desk) {
    let path = decide(&desk);
    let (registry, mut job) = (&desk.world.registry, ApprovalRuleJob::default());
    let mut step = || job.step(&registry.registry, registry.clock.now(), &mut registry.random.fork()).unwrap();
    assert_eq!(step(), 0);

    list_too(&desk, "2026-05-28", "VALLETTA EXCHANGE LTD");
    list_too(&desk, "2026-05-29", "LIFFEY CUSTODY LIMITED");
    list_too(&desk, "2026-05-30", "SOMEBODY ELSE ENTIRELY");

    assert_eq!(step(), 1, "they left");
    assert_eq!(found(&desk, LIFFEY), "fail left_rule");
    assert_eq!(found(&desk, ALSTER), "pass approved");
    let both = ["Liffey Custody Limited", "Valletta Exchange Ltd"];
    let left = read(&desk, &path)["left"].clone();
    assert_eq!(names(&left), both);
    assert!(both.iter().all(|name| why(&left, name) == "It is on a screening list, or like an entry of one."), "{left}");
    assert_eq!(step(), 1, "they newly meet the rule");
    assert_eq!(names(&read(&desk, &path)["proposal"]["content"]["covers"]), both);
    assert_eq!(step(), 0);
}

#[on_every_database(desk)]
fn rules_of_one_organisation_that_cannot_be_read_stop_no_others(desk: Desk) {
    let path = decide(&desk);
    let registry = &desk.world.registry;
    let home = registry.home(OrganisationKind::Gateway, None);
    let stranger = registry.person_with(home, &[Role::Compliance], &[Scope::Compliance]);
    stranger.post(registry, &format!("{RULES}/propose"), &rule()).answered(201);
    registry.write(|transaction| {
        let revision_from = transaction.next_private_revision(home)?;
        let (id, sealed) = ("apr_00000000000000000000000001".parse().unwrap(), b"no seal".to_vec());
        ApprovalRuleRow { id, revision_from, organisation: home, revision_to: None, sealed }.add(transaction)
    });
    list_too(&desk, "2026-05-29", "LIFFEY CUSTODY LIMITED");

    assert_eq!(look(&desk), 1, "the other organisation's job is done");
    assert_eq!(names(&read(&desk, &path)["left"]), ["Liffey Custody Limited"]);
}

#[on_every_database(desk)]
fn a_firm_whose_lei_is_over_is_not_covered(desk: Desk) {
    let path = decide(&desk);
    let over = gleif(LIFFEY, "Liffey Custody Limited", "IE", ["INACTIVE", "ANNULLED", ""], None);
    golden_copy(&desk.world, "2026-05-25", &[over]);

    assert_eq!(found(&desk, LIFFEY), "fail left_rule");
    let left = read(&desk, &path)["left"].clone();
    assert!(why(&left, "Liffey Custody Limited").starts_with("Its LEI is annulled"), "{left}");
    let content = &propose(&desk, &rule())["content"];
    assert!(names(&content["left_out"]).contains(&"Liffey Custody Limited"), "{content}");
}

/// As the 50 % rule demands it of a pre-check: the owner is listed, not the firm.
#[on_every_database(desk)]
fn a_firm_that_a_listed_person_owns_is_not_covered(desk: Desk) {
    let (registry, vasp) = (&desk.world.registry, desk.world.vasp_id(LIFFEY).parse().unwrap());
    registry.replace(vasp, ("status", "", "verified"));
    decide(&desk);
    let member = registry.member_of(vasp);
    let owners = json!({"as_of": "2026-05-01",
        "parties": [{"id": "person", "kind": "natural_person", "name": "Ottilie Verborgen-Geheim", "country": "CH"}],
        "links": [{"owner": "person", "owned": "self", "basis_points": 6_000}]});
    let send = |method: &str, action: &str, version: &str, body: &Value| {
        member.send(registry, method, &format!("/v1/questionnaires/{action}"), &[("if-match", version)], body)
    };
    send("PATCH", "draft", "\"0\"", &json!({"ownership": owners})).answered(200);
    send("POST", "submit", "\"1\"", &json!({})).answered(201);
    assert_eq!(found(&desk, LIFFEY), "pass approved", "nobody of them is listed");

    list_too(&desk, "2026-05-29", "Ottilie Verborgen-Geheim");

    assert_eq!(found(&desk, LIFFEY), "fail left_rule");
    assert_eq!(desk.read(&lei(LIFFEY))["travel_rule"]["left_rule"], "Listed persons own at least half of it, or may.");
    assert_eq!(look(&desk), 1);
    assert_eq!(found(&desk, ALSTER), "pass approved");
}

#[on_every_database(desk)]
fn a_rule_says_which_rule_took_its_firms_over(desk: Desk) {
    let first = decide(&desk);
    let mut wider = rule();
    (wider["criteria"]["register_within_days"], wider["travel_rule"]["review_due"]) = (json!(60), json!("2027-05-30"));
    let proposed = propose(&desk, &wider);
    assert!(names(&proposed["content"]["covers"]).contains(&"Liffey Custody Limited"), "{proposed}");
    desk.approve(&desk.bert, &proposed).answered(200);

    let rule = read(&desk, &first);

    assert_eq!((&rule["reason"], names(&rule["covers"]).len()), (&json!("Looked at the register."), 0));
    assert_eq!(
        why(&rule["left"], "Liffey Custody Limited"),
        "Another rule approved it: MiCA licence with custody, in the EEA, on no list, register younger than 60 days."
    );
    desk.ada.post(&desk.world.registry, &format!("{first}/end"), &json!({"reason": "Replaced."})).answered(200);
    assert_eq!(found(&desk, LIFFEY), "pass approved", "the other rule approves it");
}

/// Withdrawn by its authority, as registers in the project's own form say it.
#[on_every_database(desk)]
fn a_withdrawn_licence_takes_the_approval_away(desk: Desk) {
    decide(&desk);
    let mut next = register("2026-05-30", &[]);
    for firm in next["entities"].as_array_mut().unwrap() {
        if firm["lei"] == lei(LIFFEY) {
            firm["licences"][0]["standing"] = json!("withdrawn");
        }
    }
    desk.world.import(ImportFormat::RegisterJson, "register.json", &next.to_string());

    assert_eq!(found(&desk, LIFFEY), "fail left_rule");
    assert_eq!(desk.read(&lei(LIFFEY))["travel_rule"]["left_rule"], "One of its licences is withdrawn or suspended.");
}
