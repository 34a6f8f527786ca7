//! A node that has not followed the log yet refuses nothing for what another node wrote before it was asked. The second node is one
//! without a tailer, so that what it does not look for itself it never learns: the window is as long as the test.

use serde_json::json;
use vasp_log::change::ChangeKind;
use vasp_record::fact::FactValue;
use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_record::vasp::VaspKind;
use vasp_store::{Edit, StoreError, StoreOptions};
use vasp_words::ids::VaspId;

use crate::member_claims::world::{World, address};
use crate::support::{Answer, Person, change, fact, on_every_database};
use vasp_clock::Clock;

/// Sets a VASP's status through another node.
fn set_status_elsewhere(world: &World, node: &vasp_registry::node::Registry, number: i64, status: &'static str) {
    let now = world.registry.clock.now();
    let written = node.store().write::<_, StoreError>(now, &mut world.registry.random.fork(), |transaction| {
        let known = transaction.conn().facts_of(&[number], i64::MAX - 1)?;
        let ended = known.iter().filter(|f| matches!(f.fact.said, FactValue::Status(..)));
        let edits = ended.map(|f| Edit::CloseFact(f.number)).chain([fact(number, "status", status)]).collect();
        transaction.record(change(ChangeKind::VaspStatusChanged, Some(number)), edits);
        Ok(())
    });
    written.unwrap();
    node.let_others_know();
}

/// Adds a VASP through another node.
fn add_elsewhere(world: &World, node: &vasp_registry::node::Registry, name: &'static str) -> VaspId {
    let now = world.registry.clock.now();
    let written = node.store().write::<_, StoreError>(now, &mut world.registry.random.fork(), |transaction| {
        let id = VaspId::new(now, transaction.conn_and_rng().1);
        let number = transaction.add_vasp(id, VaspKind::Entity)?.number;
        let facts = vec![fact(number, "legal_name", name), fact(number, "status", "verified")];
        transaction.record(change(ChangeKind::VaspVerified, Some(number)), facts);
        Ok(id)
    });
    node.let_others_know();
    written.unwrap().value
}

fn claim(world: &World, member: &Person, number: u64) -> Answer {
    world.post(member, "/v1/claims", &json!({"network": "eip155:1", "address": address(number), "role": "hot"}))
}

fn watcher(world: &World) -> Person {
    let vasp = world.registry.record("Watcher", &[("status", "", "verified")]);
    world.registry.person_of(OrganisationKind::Member, Some(vasp), &[Role::Compliance], &[Scope::Precheck])
}

#[on_every_database(World::start)]
fn a_claim_sent_to_another_node_right_after_its_vasp_was_verified_is_taken(world: World) {
    let member = world.editor_of(world.registry.record("Alpha", &[("status", "", "draft")]));
    let number = world.registry.number_of(member.vasp());
    claim(&world, &member, 1).problem(409, "illegal_step");
    let first = world.node(StoreOptions::default());

    set_status_elsewhere(&world, &first, number, "verified");
    let verified = claim(&world, &member, 1);
    set_status_elsewhere(&world, &first, number, "suspended");
    let suspended = claim(&world, &member, 2);

    assert_eq!(verified.status.as_u16(), 201, "{verified:?}");
    suspended.problem(409, "illegal_step");
}

#[on_every_database(World::start)]
fn a_vasp_that_another_node_added_is_found_by_the_next_write(world: World) {
    let watcher = watcher(&world);
    let first = world.node(StoreOptions::default());

    let added = add_elsewhere(&world, &first, "Beta");
    let path = format!("/v1/watches/{added}");
    let answer = world.change(&watcher, "PUT", &path, "", &json!({"jurisdiction": "DE"}));

    assert!(answer.status.is_success(), "{answer:?}");
}

#[on_every_database(World::start)]
fn a_member_whose_first_vasp_another_node_approved_claims_at_once(world: World) {
    let member = world.registry.person_of(OrganisationKind::Member, None, &[Role::Editor], &[Scope::Member]);
    claim(&world, &member, 1).problem(409, "illegal_step");
    let first = world.node(StoreOptions::default());

    let vasp = add_elsewhere(&world, &first, "Gamma");
    let (now, mut rng) = (world.registry.clock.now(), world.registry.random.fork());
    let given = first.store().write::<_, StoreError>(now, &mut rng, |t| t.give_vasp(member.organisation, vasp));
    let claimed = claim(&world, &member, 1);

    assert!(given.unwrap().value);
    assert_eq!(claimed.status.as_u16(), 201, "{claimed:?}");
}
