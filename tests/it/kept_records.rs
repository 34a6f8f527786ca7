//! `GET /v1/vasps/{vasp}` keeps the text of a record that was asked for. Whatever changes, the answer is the one that is made anew: the same
//! record "as true on" today, which is never kept.

use rand_core::RngCore;
use serde_json::{Value, json};
use vasp_clock::{Clock, Random};
use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_record::vasp::VaspKind;
use vasp_words::ids::VaspId;

use crate::support::published::{certificate, endpoint};
use crate::support::{Database, Person, Registry, on_every_database};

struct Readers {
    gateway: Person,
    member: Person,
    operator: Person,
}

impl Readers {
    fn of(registry: &Registry, own: VaspId) -> Self {
        let reader = |kind, vasp, role| registry.person_of(kind, vasp, &[role], &[Scope::Resolve]);
        Self {
            gateway: reader(OrganisationKind::Gateway, None, Role::Compliance),
            member: reader(OrganisationKind::Member, Some(own), Role::Editor),
            operator: reader(OrganisationKind::Operator, None, Role::Reviewer),
        }
    }

    /// Asks twice, so that the second answer comes from what is kept; both must be what an answer made anew says.
    #[track_caller]
    fn assert_current(&self, registry: &Registry, vasps: &[VaspId]) {
        let today = registry.clock.now().date();
        for reader in [&self.gateway, &self.member, &self.operator] {
            for vasp in vasps {
                let path = format!("/v1/vasps/{vasp}");
                let anew = shown(reader.read(registry, &format!("{path}?valid_on={today}")));
                for turn in ["first", "second"] {
                    assert_eq!(shown(reader.read(registry, &path)), anew, "{turn} answer about {vasp}");
                }
            }
        }
    }
}

/// An answer without what changes with every answer.
fn shown(mut answer: Value) -> Value {
    answer.as_object_mut().unwrap().retain(|name, _| name != "valid_until");
    answer
}

#[on_every_database(Registry::start)]
fn what_is_kept_is_what_is_made_anew(registry: Registry) {
    let groups = [registry.record_of(VaspKind::Group, "Alpha", &[]), registry.record_of(VaspKind::Group, "Beta", &[])];
    let entities: Vec<VaspId> = (0..4).map(|n| registry.record(&format!("Firm {n} GmbH"), &[])).collect();
    let all = [&groups[..], &entities[..]].concat();
    let readers = Readers::of(&registry, entities[0]);
    let mut random = Random::seeded(25).fork();
    let mut below = |end: u64| usize::try_from(random.next_u64() % end).unwrap();

    for step in 0..30 {
        let (entity, group) = (entities[below(4)], groups[below(2)]);
        match below(8) {
            0 => registry.replace(group, ("legal_name", "", &format!("Group {step}"))),
            1 => registry.replace(entity, ("legal_name", "", &format!("Firm {step} AG"))),
            2 => registry.replace(entity, ("group", "", &group.to_string())),
            3 => registry.replace(entity, ("status", "", ["verified", "listed"][below(2)])),
            4 => registry.publish(&entity.to_string(), &endpoint(small(below(90)), "trp", &["3.2.1"], url(step))),
            5 => registry.publish(&entity.to_string(), &certificate(small(below(6)), "firm.example")),
            6 => registry.replace(entity, ("domain", "firm.example", ["proven", "unproven"][below(2)])),
            _ => drop(registry.advance([1, 59, 86_400][below(3)])),
        }
        readers.assert_current(&registry, &all);
    }
}

fn url(step: i32) -> Value {
    json!({"kind": "url", "url": format!("https://firm.example/trp/{step}")})
}

/// A record that nobody changed is another one on its licence's last day, and when its evidence expires.
#[test]
fn kept_answer_ends_with_the_day_and_tells_when() {
    let registry = Registry::start(Database::sqlite());
    let vasp = registry.record("Firm GmbH", &[]);
    let readers = Readers::of(&registry, vasp);
    let path = format!("/v1/vasps/{vasp}");
    registry.publish(&vasp.to_string(), &certificate(1, "firm.example"));
    registry.clock.set("2026-12-31T23:59:20Z".parse().unwrap());

    let [first, second] = [10, 20].map(|secs| {
        let answer = readers.gateway.read(&registry, &path);
        registry.advance(secs);
        answer
    });
    registry.advance(20);
    let after = readers.gateway.read(&registry, &path);

    // Source: RFC 5280, section 4.1.2.5: `not_after`, 23:59:59, is the last second of validity.
    assert_eq!([&first["valid_until"], &second["valid_until"]], [&json!("2027-01-01T00:00:00Z"); 2]);
    assert_eq!(
        [&first, &second, &after].map(|answer| answer["certificates"][0]["state"].clone()),
        ["active", "active", "expired"]
    );
}

#[test]
fn kept_answer_has_the_tag_of_a_new_one_and_is_not_sent_again() {
    let registry = Registry::start(Database::sqlite());
    let vasp = registry.record("Firm GmbH", &[]);
    let readers = Readers::of(&registry, vasp);
    let path = format!("/v1/vasps/{vasp}");
    let first = readers.gateway.get(&registry, &path);
    registry.advance(5);
    let second = readers.gateway.get(&registry, &path);

    assert_eq!(first.header("etag"), second.header("etag"));
    assert_ne!(first.json()["valid_until"], second.json()["valid_until"]);
    let known = [("if-none-match", second.header("etag"))];
    assert_eq!(readers.gateway.send(&registry, "GET", &path, &known, &Value::Null).status.as_u16(), 304);
}

fn small(number: usize) -> u8 {
    u8::try_from(number).unwrap()
}
