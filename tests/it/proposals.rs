//! Every kind of proposal takes the same steps. One table lists the kinds, and each test runs for all of them.
//!
//! Source: docs/organisations.md, "Two people".

use std::cell::{Cell, RefCell};

use serde_json::{Value, json};
use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_rules::rulebook::EMBEDDED;

use crate::member_claims::world::{World as ClaimWorld, address};
use crate::policies::{Office, lax, strict};
use crate::prechecks::world::{ALSTER, LAGOON, LIFFEY, World, lei};
use crate::relationships::by_rule;
use crate::relationships::desk::{Desk, approved};
use crate::rules_proposals::{import, years_in_singapore};
use crate::screening::{entry, import_list};
use crate::support::{Answer, Database, Person, Registry, on_every_database, step};

/// The path of something to decide about, with what it is proposed by.
type Begun = (String, Value);

/// Changes what a proposal rests on.
type Change<'a> = Box<dyn Fn(&Value) + 'a>;

/// One kind of thing that two people decide.
struct Kind<'a> {
    /// As its proposals name it.
    name: &'static str,
    registry: &'a Registry,
    /// Who proposes; who approves; another who may approve, and did neither.
    people: [Person; 3],
    /// Who may read what is proposed, and not decide it; none where whoever reads decides.
    reader: Option<Person>,
    /// Who may not even read it.
    stranger: Person,
    /// The path of something new to decide about, with what it is proposed by; the reason is added.
    begin: Box<dyn Fn() -> Begun + 'a>,
    /// Proposes, where that is not a route of its own, and returns the proposal.
    propose_otherwise: Option<Box<dyn Fn() -> Value + 'a>>,
    /// Whether it acted.
    acted: Box<dyn Fn() -> bool + 'a>,
    /// Changes what the proposal rests on; none where nothing can but what takes it back.
    change: Option<Change<'a>>,
}

impl Kind<'_> {
    fn post(&self, who: usize, path: &str, body: &Value) -> Answer {
        self.people[who].send(self.registry, "POST", path, &[("if-match", "*")], body)
    }

    fn approve(&self, who: usize, proposal: &Value) -> Answer {
        self.people[who].approve(self.registry, proposal)
    }

    /// Has something wait, and returns the proposal.
    fn propose(&self) -> Value {
        if let Some(propose) = &self.propose_otherwise {
            return propose();
        }
        let (base, mut body) = (self.begin)();
        body["reason"] = json!("looked at everything");
        self.post(0, &format!("{base}/propose"), &body).answered(201)
    }

    /// The proposal, as the list of what waits for a person shows it.
    fn waiting_for(&self, who: usize, proposal: &Value) -> Option<Value> {
        let listed = self.people[who].read(self.registry, "/v1/proposals?waits_for=me");
        listed["items"].as_array().unwrap().iter().find(|item| item["id"] == proposal["id"]).cloned()
    }

    /// A proposal has one shape, and says in words what is proposed.
    fn assert_shape(&self, proposal: &Value) {
        let Self { name, people, .. } = self;
        let text = |member: &str| proposal[member].as_str().unwrap_or_else(|| panic!("{name}: {member} of {proposal}"));
        assert!(text("id").starts_with("prp_") && !text("subject").is_empty(), "{name}: {proposal}");
        assert_eq!((text("kind"), text("digest").len(), text("state")), (*name, 64, "pending"), "{name}: {proposal}");
        assert_eq!(proposal["proposed_by"], json!(people[0].user), "{name}");
        assert!(text("proposed_at").starts_with("2026-06-01T12:00:00"), "{name}: {proposal}");
        assert!(text("says").ends_with('.') && !text("reason").is_empty(), "{name}: {proposal}");
        assert_eq!((&proposal["decided_by"], &proposal["decided_at"]), (&Value::Null, &Value::Null), "{name}");
    }

    /// It waits for whoever may decide it, but its proposer; who may only read it does not decide it, and nobody else sees it.
    fn assert_seen(&self, proposal: &Value) {
        let Self { name, registry, stranger, .. } = self;
        let path = format!("/v1/proposals/{}", proposal["id"].as_str().unwrap());
        for person in self.people.iter().chain(&self.reader) {
            assert_eq!(&person.read(registry, &path), proposal, "{name}");
        }
        assert_eq!(self.waiting_for(1, proposal).as_ref(), Some(proposal), "{name}");
        assert_eq!(self.waiting_for(0, proposal), None, "{name}: it does not wait for its proposer");
        if let Some(reader) = &self.reader {
            reader.approve(registry, proposal).problem(403, "forbidden");
            reader.post(registry, &step(proposal, "decline"), &json!({"reason": "no"})).problem(403, "forbidden");
        }
        stranger.get(registry, &format!("/v1/proposals?kind={name}")).problem(403, "forbidden");
        stranger.get(registry, &path).problem(404, "not_found");
        stranger.approve(registry, proposal).problem(404, "not_found");
    }

    fn assert_reasons(&self, who: usize, path: &str, body: &Value) {
        for reason in ["", " \n", &"x".repeat(4_001)] {
            let mut body = body.clone();
            body["reason"] = json!(reason);
            let refused = self.post(who, path, &body);
            let fault = &refused.problem(422, "invalid_request")["errors"][0];
            assert_eq!((&fault["pointer"], &fault["code"]), (&json!("/reason"), &json!("invalid_value")), "{}", self.name);
        }
    }

    /// What one person may not do alone, and what another person does not approve unseen.
    fn assert_two_people(&self) {
        let name = self.name;
        if self.propose_otherwise.is_none() {
            let (base, body) = (self.begin)();
            self.assert_reasons(0, &format!("{base}/propose"), &body);
            // Nothing waits.
            self.post(1, &step(&Value::Null, "approve"), &json!({"digest": "00"})).problem(404, "not_found");
        }
        let proposal = self.propose();
        self.assert_shape(&proposal);
        self.assert_seen(&proposal);
        let decline = step(&proposal, "decline");
        self.approve(0, &proposal).problem(409, "same_person");
        self.post(0, &decline, &json!({"reason": "no"})).problem(409, "same_person");
        let wrong = json!({"digest": "0".repeat(64)});
        self.post(1, &step(&proposal, "approve"), &wrong).problem(412, "stale_version");
        self.assert_reasons(1, &decline, &json!({}));
        self.post(2, &step(&proposal, "withdraw"), &Value::Null).problem(409, "illegal_step");
        assert!(!(self.acted)(), "{name}: one person is not enough");

        let reason = json!("x".repeat(4_000));
        let declined = self.post(1, &decline, &json!({"reason": reason})).answered(200);
        assert_eq!((&declined["state"], &declined["decline_reason"]), (&json!("declined"), &reason), "{name}");
        self.approve(1, &proposal).problem(409, "illegal_step");

        let other = self.propose();
        assert_ne!(other["digest"], proposal["digest"], "{name}: another proposal has another digest");
        let withdrawn = self.post(0, &step(&other, "withdraw"), &Value::Null).answered(200);
        assert_eq!(withdrawn["state"], "withdrawn", "{name}");
        self.approve(1, &other).problem(409, "illegal_step");
        assert!(!(self.acted)(), "{name}: declined and withdrawn");
    }

    /// What changed since is not approved.
    fn assert_stale(&self) {
        let Some(change) = &self.change else { return };
        let proposal = self.propose();
        change(&proposal);
        self.approve(1, &proposal).problem(412, "stale_version");
        assert!(!(self.acted)(), "{}: it rests on something else by now", self.name);
    }

    /// Another person approves exactly that, once.
    fn assert_approved(&self) {
        let name = self.name;
        let proposal = self.propose();
        let approved = self.approve(1, &proposal).answered(200);
        assert_eq!((&approved["id"], &approved["state"]), (&proposal["id"], &json!("approved")), "{name}");
        assert_eq!(approved["decided_by"], json!(self.people[1].user), "{name}");
        assert!((self.acted)(), "{name}");
        assert_eq!(self.waiting_for(2, &proposal), None, "{name}: it waits no more");
        let again = self.approve(2, &proposal);
        assert!([404, 409].contains(&again.status.as_u16()), "{name}: {again:?}");
    }

    fn goes_the_one_way(&self) {
        self.assert_two_people();
        self.assert_stale();
        self.assert_approved();
    }
}

fn operators(registry: &Registry) -> [Person; 3] {
    let home = registry.home(OrganisationKind::Operator, None);
    [0, 1, 2].map(|_| registry.person_with(home, &[Role::Reviewer, Role::Approver], &[Scope::Operator, Scope::Resolve]))
}

/// One of the registry's people who reads what is proposed, and decides nothing.
fn reviewer(registry: &Registry) -> Person {
    registry.person_of_new(OrganisationKind::Operator, &[Role::Reviewer])
}

/// Somebody who is none of the registry's people.
fn outsider(registry: &Registry) -> Person {
    registry.person_of_new(OrganisationKind::Member, &[Role::Editor])
}

#[on_every_database(World::start)]
fn cases_go_the_one_way(world: World) {
    let (registry, people) = (&world.registry, operators(&world.registry));
    let vasp = world.vasp_id(ALSTER);
    let opened = || {
        let path = format!("/v1/vasps/{vasp}/cases");
        let case = people[0].post(registry, &path, &json!({"reason": "a look"})).json()["id"].clone();
        let base = format!("/v1/cases/{}", case.as_str().unwrap());
        people[0].done(registry, &format!("{base}/take"), &Value::Null);
        base
    };
    let evidence = json!({"attribute": "legal_name", "method": "register_look_up", "source": "commercial register"});
    let kind = Kind {
        name: "case",
        registry,
        people: people.clone(),
        reader: Some(reviewer(registry)),
        stranger: outsider(registry),
        begin: Box::new(|| (opened(), json!({"decision": "keep"}))),
        propose_otherwise: None,
        acted: Box::new(|| {
            let cases = people[0].read(registry, &format!("/v1/cases?status=closed&vasp={vasp}"));
            !cases["items"].as_array().unwrap().is_empty()
        }),
        change: Some(Box::new(|proposal| {
            let path = format!("/v1/cases/{}/evidence", proposal["subject"].as_str().unwrap());
            people[0].post(registry, &path, &evidence).with(201);
        })),
    };
    kind.goes_the_one_way();
}

#[on_every_database(World::start)]
fn screening_hits_go_the_one_way(world: World) {
    let (registry, people) = (&world.registry, operators(&world.registry));
    let day = Cell::new(29);
    let renewed = |alias: &str| {
        import_list(&world, &format!("2026-05-{}", day.get()), &[entry("7", "ALSTER KRYPTO HOLDING", &[alias])]);
        day.set(day.get() + 1);
    };
    renewed("AKH");
    let hit = || people[0].read(registry, "/v1/screening/hits")["items"][0].clone();
    let kind = Kind {
        name: "screening",
        registry,
        people: people.clone(),
        reader: Some(reviewer(registry)),
        stranger: outsider(registry),
        begin: Box::new(|| {
            let base = format!("/v1/screening/hits/{}", hit()["id"].as_str().unwrap());
            (base, json!({"decision": "false_positive"}))
        }),
        propose_otherwise: None,
        acted: Box::new(|| hit()["status"] == "false_positive"),
        change: Some(Box::new(|_| renewed("AKH NOW"))),
    };
    kind.goes_the_one_way();
}

#[on_every_database(Desk::new)]
fn own_decisions_about_hits_go_the_one_way(desk: Desk) {
    let world = &desk.world;
    let person = |role| world.registry.person_with(world.organisation, &[role], &[Scope::Compliance]);
    let day = Cell::new(29);
    let renewed = |alias: &str| {
        import_list(world, &format!("2026-05-{}", day.get()), &[entry("7", "ALSTER KRYPTO HOLDING", &[alias])]);
        day.set(day.get() + 1);
    };
    renewed("AKH");
    let hit = || {
        let all = desk.ada.read(&world.registry, "/v1/screening/hits")["items"].as_array().unwrap().clone();
        all.into_iter().find(|hit| hit["uid"] == "7").unwrap()
    };
    let kind = Kind {
        name: "own_screening",
        registry: &world.registry,
        people: [desk.ada.clone(), desk.bert.clone(), person(Role::Compliance)],
        reader: None,
        stranger: person(Role::Admin),
        begin: Box::new(|| {
            let base = format!("/v1/screening/hits/{}", hit()["id"].as_str().unwrap());
            (base, json!({"decision": "false_positive"}))
        }),
        propose_otherwise: None,
        acted: Box::new(|| hit()["status"] == "false_positive"),
        change: Some(Box::new(|_| renewed("AKH NOW"))),
    };
    kind.goes_the_one_way();
}

#[on_every_database(by_rule::desk)]
fn approval_rules_go_the_one_way(desk: Desk) {
    let world = &desk.world;
    let person = |role| world.registry.person_with(world.organisation, &[role], &[Scope::Compliance]);
    let day = Cell::new(29);
    let kind = Kind {
        name: "approval_rule",
        registry: &world.registry,
        people: [desk.ada.clone(), desk.bert.clone(), person(Role::Compliance)],
        reader: None,
        stranger: person(Role::Admin),
        begin: Box::new(|| {
            let mut body = by_rule::rule();
            body.as_object_mut().unwrap().remove("reason");
            ("/v1/approval-rules".to_owned(), body)
        }),
        propose_otherwise: None,
        acted: Box::new(|| desk.read(&lei(ALSTER))["travel_rule"]["status"] == "approved"),
        change: Some(Box::new(|_| {
            import_list(world, &format!("2026-05-{}", day.get()), &[entry("7", "VALLETTA EXCHANGE LTD", &[])]);
            day.set(day.get() + 1);
        })),
    };
    kind.goes_the_one_way();
}

#[on_every_database]
fn rulebooks_go_the_one_way(database: Database) {
    let registry = &Registry::start(database);
    let people = operators(registry);
    import(registry, EMBEDDED);
    let years = Cell::new(7);
    let imported = || {
        years.set(years.get() + 1);
        let kept = import(registry, &years_in_singapore(years.get())).proposal.unwrap();
        format!("/v1/rulebook/imports/{}", kept.id)
    };
    let source = || {
        let read = people[0].read(registry, "/v1/jurisdictions/SG?date=2026-01-01");
        read["rule"]["retention_years"].as_i64().unwrap()
    };
    let before = Cell::new(source());
    let kind = Kind {
        name: "rulebook",
        registry,
        people: people.clone(),
        reader: Some(reviewer(registry)),
        stranger: outsider(registry),
        begin: Box::new(|| (imported(), json!({}))),
        propose_otherwise: None,
        acted: Box::new(|| source() != before.get()),
        change: Some(Box::new(|_| {
            // Another rulebook comes into force.
            let base = imported();
            let proposed = people[0].done(registry, &format!("{base}/propose"), &json!({"reason": "read"}));
            people[1].approve(registry, &proposed).with(200);
            before.set(source());
        })),
    };
    kind.goes_the_one_way();
}

#[on_every_database(World::start)]
fn policies_go_the_one_way(world: World) {
    let office = Office::new(&world, OrganisationKind::Gateway, None);
    let person = |role| world.registry.person_with(office.organisation, &[role], &[Scope::Compliance, Scope::Precheck]);
    office.keep(&world, &lax(1));
    office.keep(&world, &strict(1));
    let kind = Kind {
        name: "policy",
        registry: &world.registry,
        people: [office.ada.clone(), office.ben.clone(), person(Role::Compliance)],
        reader: Some(person(Role::Admin)),
        stranger: person(Role::SeniorManagement),
        begin: Box::new(|| ("/v1/policies/lax@1".to_owned(), json!({}))),
        propose_otherwise: None,
        acted: Box::new(|| office.ada.read(&world.registry, "/v1/policies/lax@1")["in_force"] == true),
        change: Some(Box::new(|_| office.activate_alone(&world, "strict@1"))),
    };
    kind.goes_the_one_way();
}

#[on_every_database(Desk::new)]
fn relationships_go_the_one_way(desk: Desk) {
    let person = |role| desk.world.registry.person_with(desk.world.organisation, &[role], &[Scope::Compliance]);
    let alster = lei(ALSTER);
    let kind = Kind {
        name: "relationship",
        registry: &desk.world.registry,
        people: [desk.ada.clone(), desk.bert.clone(), person(Role::Compliance)],
        reader: None,
        stranger: person(Role::Admin),
        begin: Box::new(|| (format!("/v1/relationships/{alster}"), approved())),
        propose_otherwise: None,
        acted: Box::new(|| desk.read(&alster)["travel_rule"]["status"] == "approved"),
        change: None,
    };
    kind.goes_the_one_way();

    // What changed: a failure is noted meanwhile.
    let path = format!("/v1/relationships/{}", lei(LIFFEY));
    let failed = json!({"kind": "missing_data", "occurred_at": "2026-05-31T00:00:00Z"});
    let kind = Kind {
        begin: Box::new(|| (path.clone(), approved())),
        acted: Box::new(|| desk.read(&lei(LIFFEY))["travel_rule"]["status"] == "approved"),
        change: Some(Box::new(|_| drop(desk.bert.done(&desk.world.registry, &format!("{path}/incidents"), &failed)))),
        ..kind
    };
    kind.assert_stale();
}

#[on_every_database(Desk::new)]
fn overrides_go_the_one_way(desk: Desk) {
    let (registry, home) = (&desk.world.registry, desk.world.organisation);
    let person = |role| registry.person_with(home, &[role], &[Scope::Compliance, Scope::Precheck]);
    let asked = RefCell::new(String::new());
    let held = || {
        let question = json!({"direction": "outgoing", "beneficiary": {"address": LAGOON, "network": "eip155:1"}});
        let answer = desk.ada.done(registry, "/v1/prechecks", &question);
        *asked.borrow_mut() = format!("/v1/prechecks/{}/outcome", answer["id"].as_str().unwrap());
        (asked.borrow().clone(), json!({"result": "released"}))
    };
    let kind = Kind {
        name: "override",
        registry,
        people: [desk.ada.clone(), desk.bert.clone(), person(Role::Compliance)],
        reader: None,
        stranger: person(Role::Admin),
        begin: Box::new(held),
        propose_otherwise: None,
        acted: Box::new(|| desk.ada.read(registry, &asked.borrow())["open"] == false),
        // What changes it is tested with outcomes.
        change: None,
    };
    kind.goes_the_one_way();
}

#[on_every_database(World::start)]
fn shorter_retentions_go_the_one_way(world: World) {
    let office = Office::new(&world, OrganisationKind::Gateway, None);
    let person = |role| world.registry.person_with(office.organisation, &[role], &[Scope::Compliance, Scope::Precheck]);
    let (path, reason) = ("/v1/settings/precheck-retention", json!("the board decided it"));
    let set = |days: u32| office.ada.done(&world.registry, &format!("{path}/propose"), &json!({"days": days, "reason": reason}));
    set(4_000);
    let longer = Cell::new(4_000);
    let kind = Kind {
        name: "retention",
        registry: &world.registry,
        people: [office.ada.clone(), office.ben.clone(), person(Role::Compliance)],
        reader: Some(person(Role::Admin)),
        stranger: person(Role::SeniorManagement),
        begin: Box::new(|| (path.to_owned(), json!({"days": 3_000}))),
        propose_otherwise: None,
        acted: Box::new(|| office.ada.read(&world.registry, path)["days"] == 3_000),
        change: Some(Box::new(|_| {
            longer.set(longer.get() + 1);
            set(longer.get());
        })),
    };
    kind.goes_the_one_way();
}

#[on_every_database(World::start)]
fn lifts_of_legal_holds_go_the_one_way(world: World) {
    let office = Office::new(&world, OrganisationKind::Gateway, None);
    let person = |role| world.registry.person_with(office.organisation, &[role], &[Scope::Compliance, Scope::Precheck]);
    let scope = json!({"recorded": {"from": "2026-06-01T00:00:00Z", "until": null}});
    let placed = RefCell::new(Value::Null);
    let kind = Kind {
        name: "legal_hold",
        registry: &world.registry,
        people: [office.ada.clone(), office.ben.clone(), person(Role::Compliance)],
        reader: None,
        stranger: person(Role::Admin),
        begin: Box::new(|| {
            let hold = office.ada.done(&world.registry, "/v1/legal-holds", &json!({"scope": scope, "reason": "a case"}));
            *placed.borrow_mut() = hold["id"].clone();
            (format!("/v1/legal-holds/{}", hold["id"].as_str().unwrap()), json!({}))
        }),
        propose_otherwise: None,
        acted: Box::new(|| {
            let holds = office.ada.read(&world.registry, "/v1/legal-holds");
            let held = |hold: &&Value| hold["id"] == *placed.borrow();
            !holds["items"].as_array().unwrap().iter().find(held).unwrap()["lifted_at"].is_null()
        }),
        change: None,
    };
    kind.goes_the_one_way();
}

#[on_every_database]
fn role_grants_go_the_one_way(database: Database) {
    let registry = &Registry::start(database);
    let (first, second) = registry.two_admins();
    let third = registry.person_with(first.organisation, &[Role::Admin], &[Scope::Admin, Scope::Operator]);
    let users = format!("/v1/users?organisation={}", first.organisation);
    let (number, invited) = (Cell::new(0), Cell::new(String::new()));
    let user = || {
        let user = invited.take();
        invited.set(user.clone());
        format!("/v1/users/{user}")
    };
    let kind = Kind {
        name: "role_grant",
        registry,
        people: [first.clone(), second.clone(), third],
        reader: None,
        stranger: registry.person(first.organisation, &[Role::Reviewer]),
        begin: Box::new(|| unreachable!("a role is proposed with its user")),
        propose_otherwise: Some(Box::new(|| {
            number.set(number.get() + 1);
            let email = format!("somebody-{}@registry.example", number.get());
            let body = json!({"name": "Somebody", "email": email, "roles": ["reviewer"]});
            let made = first.done(registry, &users, &body)["user"].clone();
            invited.set(made["id"].as_str().unwrap().to_owned());
            made["roles"][0]["proposal"].clone()
        })),
        acted: Box::new(|| first.read(registry, &user())["roles"][0]["state"] == "active"),
        change: None,
    };
    kind.goes_the_one_way();
}

#[on_every_database(ClaimWorld::start)]
fn ends_of_claims_go_the_one_way(world: ClaimWorld) {
    let people = operators(&world.registry);
    let (member, rival) = (world.member("Alpha"), world.member("Beta"));
    world.claim(&member, &address(1), &json!({}));
    let disputed = world.claim(&rival, &address(1), &json!({}));
    let id = disputed["id"].as_str().unwrap();
    let kind = Kind {
        name: "claim_end",
        registry: &world.registry,
        people,
        reader: Some(reviewer(&world.registry)),
        stranger: outsider(&world.registry),
        begin: Box::new(|| (format!("/v1/claims/{id}/end"), json!({}))),
        propose_otherwise: None,
        acted: Box::new(|| world.get(&rival, &format!("/v1/claims/{id}")).json()["state"] == "ended"),
        change: None,
    };
    kind.goes_the_one_way();
}

#[on_every_database(Registry::start)]
fn a_proposal_is_told_in_one_line_of_the_audit_chain(registry: Registry) {
    let (first, second) = registry.two_admins();
    let users = format!("/v1/users?organisation={}", first.organisation);
    let body = json!({"name": "Ada", "email": "ada@registry.example", "roles": ["reviewer"]});
    let held = first.done(&registry, &users, &body)["user"]["roles"][0].clone();

    second.approve(&registry, &held).with(200);

    // A role is proposed with its user, and that leaves the line of a proposal too.
    let lines = first.read(&registry, "/v1/audit?organisation=all&action=role_grant.propose");
    let details = &lines["items"][0]["details"];
    assert_eq!((&details["proposal"], &details["proposal_digest"]), (&held["proposal"]["id"], &held["proposal"]["digest"]));
    assert_eq!((&details["proposed_by"], &details["content"]["role"]), (&json!(first.user), &json!("reviewer")));
    let lines = first.read(&registry, "/v1/audit?organisation=all&action=role_grant.approve");
    let details = &lines["items"][0]["details"];
    assert_eq!((&details["proposal"], &details["proposal_digest"]), (&held["proposal"]["id"], &held["proposal"]["digest"]));
    assert_eq!((&details["proposed_by"], &details["says"]), (&json!(first.user), &held["proposal"]["says"]));
    assert_eq!((&details["content"]["role"], &details["reason"]), (&json!("reviewer"), &Value::Null));
}

#[on_every_database(Desk::new)]
fn what_a_disabled_user_proposed_another_person_withdraws(desk: Desk) {
    let (registry, alster) = (&desk.world.registry, lei(ALSTER));
    let admin = registry.person_with(desk.world.organisation, &[Role::Admin], &[Scope::Admin]);
    let proposed = desk.propose(&desk.ada, &alster, &approved()).answered(201);
    desk.withdraw(&desk.bert, &proposed).problem(409, "illegal_step");

    admin.done(registry, &format!("/v1/users/{}/disable", desk.ada.user), &Value::Null);
    // Before, one person alone approved what somebody proposed who was shut out since.
    desk.approve(&desk.bert, &proposed).problem(409, "illegal_step");
    let withdrawn = desk.withdraw(&desk.bert, &proposed).answered(200);

    assert_eq!(withdrawn["state"], "withdrawn");
    let proposed = desk.propose(&desk.bert, &alster, &approved()).answered(201);
    admin
        .send(registry, "PATCH", &format!("/v1/users/{}", desk.bert.user), &[("if-match", "*")], &json!({"roles": ["admin"]}))
        .with(200);
    desk.approve(&desk.chief, &proposed).problem(409, "illegal_step");
}
