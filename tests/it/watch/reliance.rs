//! A recorded pre-check makes a watch of the counterparty, and nothing else does by itself.

use serde_json::{Value, json};
use vasp_record::role::{OrganisationKind, Role};
use vasp_registry::watch::Watcher;

use super::{NO_BODY, World};
use crate::prechecks::world::{ALSTER, LIFFEY, LISTED_AND_OWNED, World as Bank, lei};
use crate::relationships::desk::Desk;
use crate::support::on_every_database;

const DAY_SECS: i64 = 86_400;

impl World {
    /// Asks, and has it recorded unless the body says otherwise.
    #[track_caller]
    fn precheck(&self, jurisdiction: &str, more: &Value) -> Value {
        let mut body = json!({"direction": "outgoing", "originator": {"jurisdiction": jurisdiction},
                              "beneficiary": {"vasp": self.vasp}});
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        self.registry.post_as(&self.gateway, "/v1/prechecks", &body).answered(200)
    }

    fn watches(&self) -> Vec<Value> {
        self.registry.get_as(&self.gateway, "/v1/watches").json()["items"].as_array().unwrap().clone()
    }

    fn days_later(&self, days: i64) {
        let now = vasp_clock::Clock::now(self.registry.clock.as_ref());
        self.registry.clock.set(now.plus_secs(days * DAY_SECS));
    }
}

#[on_every_database(World::new)]
fn who_recorded_a_precheck_is_told_that_the_licence_ended_and_nobody_else(mut world: World) {
    let other = world.registry.person_of_new(OrganisationKind::Gateway, &[Role::Compliance]);

    world.precheck("DE", &json!({}));

    let watches = world.watches();
    let watch = json!({"vasp": world.vasp, "asked": false, "relied_at": "2026-06-01T12:00:00Z",
                       "ends_at": "2027-06-01T12:00:00Z", "jurisdiction": "DE", "created_at": "2026-06-01T12:00:00Z"});
    assert_eq!(watches, [watch]);
    assert!(world.registry.get_as(&other, "/v1/watches").json()["items"].as_array().unwrap().is_empty());
    world.look();
    world.licence_ends();
    assert_eq!(world.kinds(), ["licence.ended"]);
    assert!(world.alerts(&other, "").is_empty());
    assert_eq!(world.alerts(&world.gateway, "")[0]["precheck"], Value::Null);
}

#[on_every_database(World::new)]
fn a_change_between_the_precheck_and_the_first_look_is_told(mut world: World) {
    world.precheck("DE", &json!({}));

    world.licence_ends();

    assert_eq!(world.kinds(), ["licence.ended"]);
}

#[on_every_database(World::new)]
fn a_later_precheck_moves_the_date_and_leaves_the_jurisdiction(mut world: World) {
    let path = format!("/v1/watches/{}", world.vasp);
    world.registry.send_as(&world.gateway, "PUT", &path, &[], &json!({"jurisdiction": "DE"}));
    world.look();

    world.precheck("CH", &json!({}));
    world.precheck("CH", &json!({}));

    let told = |world: &World| {
        let watches = world.watches();
        assert_eq!(watches.len(), 1, "{watches:?}");
        (watches[0]["asked"].clone(), watches[0]["jurisdiction"].clone(), watches[0]["relied_at"].clone())
    };
    assert_eq!(told(&world), (json!(true), json!("DE"), json!("2026-06-01T12:00:00Z")));
    world.days_later(1);
    world.precheck("CH", &json!({}));
    assert_eq!(told(&world), (json!(true), json!("DE"), json!("2026-06-02T12:00:00Z")));
    world.days_later(-1);
    world.precheck("CH", &json!({}));
    assert_eq!(told(&world).2, "2026-06-02T12:00:00Z", "never back");

    // Nobody asks for it any more: the pre-checks go on making it, for a year after the last.
    let ended = world.registry.send_as(&world.gateway, "DELETE", &path, &[], &NO_BODY);
    assert_eq!(ended.json()["ends_at"], "2027-06-02T12:00:00Z");
    world.days_later(366);
    world.look();
    assert_eq!(world.watches().len(), 1, "to the day");
    world.days_later(1);
    world.watcher = Watcher::default();
    world.look();
    assert_eq!(world.watches(), [Value::Null; 0]);
}

#[on_every_database(Bank::start)]
fn what_is_not_recorded_or_rejected_or_about_the_past_makes_no_watch(bank: Bank) {
    let ask = |beneficiary: Value, more: Value| {
        let mut body = json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": beneficiary});
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        bank.post("/v1/prechecks", &body).answered(200)
    };
    let watches = || {
        let listed = bank.get_as(&bank.key, "/v1/watches").json();
        listed["items"].as_array().unwrap().iter().map(|watch| watch["vasp"].clone()).collect::<Vec<_>>()
    };

    ask(json!({"vasp": lei(ALSTER)}), json!({"record": false}));
    bank.set_clock("2026-06-02T00:00:00Z");
    ask(json!({"vasp": lei(ALSTER)}), json!({"as_of": "2026-06-01T23:00:00Z"}));
    ask(json!({"jurisdiction": "SG"}), json!({}));
    let listed = json!({"address": LISTED_AND_OWNED, "network": "eip155:1", "declared": {"kind": "vasp", "vasp": lei(LIFFEY)}});
    let rejected = ask(listed, json!({}));
    assert_eq!(rejected["recommendation"], "reject");
    assert_eq!(rejected["counterparty"]["id"], bank.vasp_id(LIFFEY));
    assert_eq!(watches(), [Value::Null; 0]);

    ask(json!({"vasp": lei(ALSTER)}), json!({}));
    assert_eq!(watches(), [json!(bank.vasp_id(ALSTER))]);
    // Of an incoming transfer one relies on the sender as well.
    let body = json!({"direction": "incoming", "beneficiary": {"jurisdiction": "DE"}, "originator": {"vasp": lei(LIFFEY)}});
    assert_eq!(bank.post("/v1/prechecks", &body).status.as_u16(), 200);
    assert_eq!(watches().len(), 2);
    let batch = json!({"prechecks": [body, body]});
    assert_eq!(bank.post("/v1/prechecks/batch", &batch).status.as_u16(), 200);
    assert_eq!(watches().len(), 2);
}

#[on_every_database(Desk::new)]
fn a_review_that_fell_due_is_told(desk: Desk) {
    let alster = lei(ALSTER);
    let wanted =
        json!({"travel_rule": {"status": "approved", "review_due": "2026-06-30"}, "terms": {"risk": "low"}, "reason": "x"});
    desk.decide(&alster, &wanted);
    let registry = &desk.world.registry;
    let body = json!({"direction": "outgoing", "beneficiary": {"vasp": alster}});
    assert_eq!(desk.ada.post(registry, "/v1/prechecks", &body).status.as_u16(), 200);
    let mut watcher = Watcher::default();
    let mut look = || watcher.step(&registry.registry, desk.world.now(), &mut registry.random.fork(), &|| false).unwrap();
    let told = || {
        let listed = desk.ada.read(registry, "/v1/alerts");
        let alerts = listed["items"].as_array().unwrap().iter();
        let due = alerts.filter(|alert| alert["check"] == "travel_rule_due_diligence");
        due.map(|alert| (alert["kind"].clone(), alert["vasp"].clone())).collect::<Vec<_>>()
    };
    look();
    desk.world.set_clock("2026-06-30T23:59:59Z");
    look();
    assert!(!told().iter().any(|(kind, _)| kind == "travel_rule_due_diligence.expired"), "{:?}", told());

    desk.world.set_clock("2026-07-01T00:00:00Z");
    look();

    assert_eq!(told()[0], (json!("travel_rule_due_diligence.expired"), json!(desk.world.vasp_id(ALSTER))));
}
