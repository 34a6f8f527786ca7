//! Whatever two people decide goes the same way: one table of every kind, and the same story told of each.
//!
//! Source: wire contract, "Proposals".

use std::cell::Cell;

use serde_json::{Value, json};
use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_rules::rulebook::EMBEDDED;

use crate::member_claims::world::{World as ClaimWorld, address};
use crate::policies::{Office, lax, strict};
use crate::prechecks::world::{ALSTER, LIFFEY, World, lei};
use crate::relationships::desk::{Desk, approved};
use crate::rules_proposals::{import, years_in_singapore};
use crate::screening::{entry, import_list};
use crate::support::{Answer, Database, Person, Registry, approval, on_every_database};

/// The path of something to decide about, with what it is proposed by, or with the proposal.
type Begun = (String, Value);

/// Changes what the proposal about something at a path rests on.
type Change<'a> = Box<dyn Fn(&str) + 'a>;

/// One kind of thing that two people decide.
struct Kind<'a> {
    name: &'static str,
    registry: &'a Registry,
    /// Who proposes; who approves; another who may approve, and did neither.
    people: [Person; 3],
    /// The path of something new to decide about, with what it is proposed by; the reason is added.
    begin: Box<dyn Fn() -> Begun + 'a>,
    /// Proposes, where that is not a route of its own: returns the path and the proposal.
    propose_otherwise: Option<Box<dyn Fn() -> Begun + 'a>>,
    /// Whether it acted.
    acted: Box<dyn Fn() -> bool + 'a>,
    /// Changes what the proposal rests on; none where nothing can but what takes it back.
    change: Option<Change<'a>>,
}

impl Kind<'_> {
    fn post(&self, who: usize, path: &str, body: &Value) -> Answer {
        self.people[who].send(self.registry, "POST", path, &[("if-match", "*")], body)
    }

    fn approve(&self, who: usize, base: &str, digest: &Value) -> Answer {
        self.post(who, &format!("{base}/approve"), &json!({"proposal_digest": digest}))
    }

    /// Has something wait.
    fn propose(&self) -> (String, Value) {
        if let Some(propose) = &self.propose_otherwise {
            return propose();
        }
        let (base, mut body) = (self.begin)();
        body["reason"] = json!("looked at everything");
        let proposed = self.post(0, &format!("{base}/propose"), &body);
        assert!([200, 202].contains(&proposed.status.as_u16()), "{}: {proposed:?}", self.name);
        (base, proposed.json()["proposal"].clone())
    }

    /// A proposal has one shape, and says in words what is proposed.
    fn assert_shape(&self, proposal: &Value) {
        let Self { name, people, .. } = self;
        let text = |member: &str| proposal[member].as_str().unwrap_or_else(|| panic!("{name}: {member} of {proposal}"));
        assert!(text("id").starts_with("prp_"), "{name}: {proposal}");
        assert_eq!((text("digest").len(), text("state")), (64, "pending"), "{name}: {proposal}");
        assert_eq!(proposal["proposed_by"], json!(people[0].user), "{name}");
        assert!(text("proposed_at").starts_with("2026-06-01T12:00:00"), "{name}: {proposal}");
        assert!(text("says").ends_with('.') && !text("reason").is_empty(), "{name}: {proposal}");
    }

    fn assert_reasons(&self, base: &str, step: &str, body: &Value) {
        for reason in ["", " \n", &"x".repeat(4_001)] {
            let mut body = body.clone();
            body["reason"] = json!(reason);
            let refused = self.post(usize::from(step == "decline"), &format!("{base}/{step}"), &body);
            let fault = &refused.problem(422, "invalid_request")["errors"][0];
            assert_eq!((&fault["pointer"], &fault["code"]), (&json!("/reason"), &json!("invalid_value")), "{}", self.name);
        }
    }

    /// What one person may not do alone, and what another person does not approve unseen.
    fn assert_two_people(&self) {
        let name = self.name;
        if self.propose_otherwise.is_none() {
            let (base, body) = (self.begin)();
            self.assert_reasons(&base, "propose", &body);
            self.approve(1, &base, &json!("00")).problem(409, "illegal_step");
        }
        let (base, proposal) = self.propose();
        self.assert_shape(&proposal);
        let digest = &proposal["digest"];
        self.approve(0, &base, digest).problem(409, "same_person");
        self.post(0, &format!("{base}/decline"), &json!({"reason": "no"})).problem(409, "same_person");
        self.approve(1, &base, &json!("0".repeat(64))).problem(412, "stale_version");
        self.assert_reasons(&base, "decline", &json!({}));
        self.post(2, &format!("{base}/withdraw"), &Value::Null).problem(409, "illegal_step");
        assert!(!(self.acted)(), "{name}: one person is not enough");

        let declined = self.post(1, &format!("{base}/decline"), &json!({"reason": "x".repeat(4_000)}));
        assert_eq!(declined.status.as_u16(), 200, "{name}: {declined:?}");
        self.approve(1, &base, digest).problem(409, "illegal_step");

        let (base, proposal) = self.propose();
        assert_ne!(&proposal["digest"], digest, "{name}: another proposal has another digest");
        let withdrawn = self.post(0, &format!("{base}/withdraw"), &Value::Null);
        assert_eq!(withdrawn.status.as_u16(), 200, "{name}: {withdrawn:?}");
        self.approve(1, &base, &proposal["digest"]).problem(409, "illegal_step");
        assert!(!(self.acted)(), "{name}: declined and withdrawn");
    }

    /// What changed since is not approved.
    fn assert_stale(&self) {
        let Some(change) = &self.change else { return };
        let (base, proposal) = self.propose();
        change(&base);
        self.approve(1, &base, &proposal["digest"]).problem(412, "stale_version");
        assert!(!(self.acted)(), "{}: it rests on something else by now", self.name);
    }

    /// Another person approves exactly that, once.
    fn assert_approved(&self) {
        let name = self.name;
        let (base, proposal) = self.propose();
        let approved = self.approve(1, &base, &proposal["digest"]);
        assert_eq!(approved.status.as_u16(), 200, "{name}: {approved:?}");
        assert!((self.acted)(), "{name}");
        let again = self.approve(2, &base, &proposal["digest"]);
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

#[on_every_database(World::start)]
fn cases_go_the_one_way(world: World) {
    let (registry, people) = (&world.registry, operators(&world.registry));
    let vasp = world.vasp_id(ALSTER);
    let opened = || {
        let path = format!("/v1/operator/vasps/{vasp}/cases");
        let case = people[0].post(registry, &path, &json!({"reason": "a look"})).json()["id"].clone();
        let base = format!("/v1/operator/cases/{}", case.as_str().unwrap());
        people[0].done(registry, &format!("{base}/take"), &Value::Null);
        base
    };
    let evidence = json!({"attribute": "legal_name", "method": "register_look_up", "source": "commercial register"});
    let kind = Kind {
        name: "case",
        registry,
        people: people.clone(),
        begin: Box::new(|| (opened(), json!({"decision": "keep"}))),
        propose_otherwise: None,
        acted: Box::new(|| {
            let cases = people[0].read(registry, &format!("/v1/operator/cases?status=closed&vasp={vasp}"));
            !cases["items"].as_array().unwrap().is_empty()
        }),
        change: Some(Box::new(|base| {
            people[0].post(registry, &format!("{base}/evidence"), &evidence).with(201);
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
    let hit = || people[0].read(registry, "/v1/operator/screening/hits")["items"][0].clone();
    let kind = Kind {
        name: "screening",
        registry,
        people: people.clone(),
        begin: Box::new(|| {
            let base = format!("/v1/operator/screening/hits/{}", hit()["id"].as_str().unwrap());
            (base, json!({"decision": "false_positive"}))
        }),
        propose_otherwise: None,
        acted: Box::new(|| hit()["status"] == "false_positive"),
        change: Some(Box::new(|_| renewed("AKH NOW"))),
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
        format!("/v1/operator/rulebook/imports/{}", kept.id)
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
        begin: Box::new(|| (imported(), json!({}))),
        propose_otherwise: None,
        acted: Box::new(|| source() != before.get()),
        change: Some(Box::new(|_| {
            // Another rulebook comes into force.
            let base = imported();
            let proposed = people[0].done(registry, &format!("{base}/propose"), &json!({"reason": "read"}));
            let digest = approval(&proposed);
            people[1].done(registry, &format!("{base}/approve"), &digest);
            before.set(source());
        })),
    };
    kind.goes_the_one_way();
}

#[on_every_database(World::start)]
fn policies_go_the_one_way(world: World) {
    let office = Office::new(&world, OrganisationKind::Gateway, None);
    let third = world.registry.person_with(office.organisation, &[Role::Compliance], &[Scope::Compliance, Scope::Precheck]);
    office.keep(&world, &lax(1));
    office.keep(&world, &strict(1));
    let kind = Kind {
        name: "policy",
        registry: &world.registry,
        people: [office.ada.clone(), office.ben.clone(), third],
        begin: Box::new(|| ("/v1/member/policies/lax@1".to_owned(), json!({}))),
        propose_otherwise: None,
        acted: Box::new(|| office.ada.read(&world.registry, "/v1/member/policies/lax@1")["in_force"] == true),
        change: Some(Box::new(|_| assert_eq!(office.activate(&world, "strict@1").status.as_u16(), 200))),
    };
    kind.goes_the_one_way();
}

#[on_every_database(Desk::new)]
fn relationships_go_the_one_way(desk: Desk) {
    let third = desk.world.registry.person_with(desk.world.organisation, &[Role::Compliance], &[Scope::Compliance]);
    let alster = lei(ALSTER);
    let kind = Kind {
        name: "relationship",
        registry: &desk.world.registry,
        people: [desk.ada.clone(), desk.bert.clone(), third],
        begin: Box::new(|| (format!("/v1/member/relationships/{alster}"), approved())),
        propose_otherwise: None,
        acted: Box::new(|| desk.read(&alster)["travel_rule"]["status"] == "approved"),
        change: None,
    };
    kind.goes_the_one_way();

    // What changed: a failure is noted meanwhile.
    let path = format!("/v1/member/relationships/{}", lei(LIFFEY));
    let failed = json!({"kind": "missing_data", "occurred_at": "2026-05-31T00:00:00Z"});
    let kind = Kind {
        begin: Box::new(|| (path.clone(), approved())),
        acted: Box::new(|| desk.read(&lei(LIFFEY))["travel_rule"]["status"] == "approved"),
        change: Some(Box::new(|base| drop(desk.bert.done(&desk.world.registry, &format!("{base}/incidents"), &failed)))),
        ..kind
    };
    kind.assert_stale();
}

#[on_every_database]
fn role_grants_go_the_one_way(database: Database) {
    let registry = &Registry::start(database);
    let (first, second) = registry.two_admins();
    let third = registry.person_with(first.organisation, &[Role::Admin], &[Scope::Admin, Scope::Operator]);
    let users = format!("/v1/operator/organisations/{}/users", first.organisation);
    let (number, invited) = (Cell::new(0), Cell::new(String::new()));
    let user = || {
        let user = invited.take();
        invited.set(user.clone());
        format!("/v1/operator/users/{user}")
    };
    let kind = Kind {
        name: "role grant",
        registry,
        people: [first.clone(), second.clone(), third],
        begin: Box::new(|| unreachable!("a role is proposed with its user")),
        propose_otherwise: Some(Box::new(|| {
            number.set(number.get() + 1);
            let email = format!("somebody-{}@registry.example", number.get());
            let body = json!({"name": "Somebody", "email": email, "roles": ["reviewer"]});
            let made = first.done(registry, &users, &body)["user"].clone();
            invited.set(made["id"].as_str().unwrap().to_owned());
            let held = &made["roles"][0];
            (format!("/v1/operator/role-grants/{}", held["grant"].as_str().unwrap()), held["proposal"].clone())
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
        name: "claim end",
        registry: &world.registry,
        people,
        begin: Box::new(|| (format!("/v1/operator/claims/{id}/end"), json!({}))),
        propose_otherwise: None,
        acted: Box::new(|| world.get(&rival, &format!("/v1/member/claims/{id}")).json()["state"] == "ended"),
        change: None,
    };
    kind.goes_the_one_way();
}

#[on_every_database(Registry::start)]
fn a_proposal_is_told_in_one_line_of_the_audit_chain(registry: Registry) {
    let (first, second) = registry.two_admins();
    let users = format!("/v1/operator/organisations/{}/users", first.organisation);
    let body = json!({"name": "Ada", "email": "ada@registry.example", "roles": ["reviewer"]});
    let held = first.done(&registry, &users, &body)["user"]["roles"][0].clone();
    let base = format!("/v1/operator/role-grants/{}", held["grant"].as_str().unwrap());

    second.done(&registry, &format!("{base}/approve"), &approval(&held));

    // A role is proposed with its user, and that leaves the line of a proposal too.
    let lines = first.read(&registry, "/v1/operator/audit?action=role_grant.propose");
    let details = &lines["items"][0]["details"];
    assert_eq!((&details["proposal"], &details["proposal_digest"]), (&held["proposal"]["id"], &held["proposal"]["digest"]));
    assert_eq!((&details["proposed_by"], &details["content"]["role"]), (&json!(first.user), &json!("reviewer")));
    let lines = first.read(&registry, "/v1/operator/audit?action=role_grant.approve");
    let details = &lines["items"][0]["details"];
    assert_eq!((&details["proposal"], &details["proposal_digest"]), (&held["proposal"]["id"], &held["proposal"]["digest"]));
    assert_eq!((&details["proposed_by"], &details["says"]), (&json!(first.user), &held["proposal"]["says"]));
    assert_eq!((&details["content"]["role"], &details["reason"]), (&json!("reviewer"), &Value::Null));
}

#[on_every_database(Desk::new)]
fn what_a_disabled_user_proposed_another_person_withdraws(desk: Desk) {
    let (registry, alster) = (&desk.world.registry, lei(ALSTER));
    let admin = registry.person_with(desk.world.organisation, &[Role::Admin], &[Scope::Admin]);
    desk.propose(&desk.ada, &alster, &approved()).with(200);
    desk.post(&desk.bert, &alster, "withdraw", &Value::Null).problem(409, "illegal_step");

    admin.done(registry, &format!("/v1/member/users/{}/disable", desk.ada.user), &Value::Null);
    let withdrawn = desk.post(&desk.bert, &alster, "withdraw", &Value::Null);

    assert_eq!(withdrawn.status.as_u16(), 200, "{withdrawn:?}");
    desk.propose(&desk.bert, &alster, &approved()).with(200);
}
