//! Many who write at once, and the same request twice.

use serde_json::json;

use super::{World, trp, version};
use crate::support::{Answer, Person, assert_audit_recomputes, assert_log_recomputes, on_every_database};
use crate::write_races::at_once;

const WRITERS: usize = 12;

fn count(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status.as_u16() == status).count()
}

#[on_every_database(World::new)]
fn of_many_who_publish_the_same_one_does(world: World) {
    let member = world.alpha();

    let answers = at_once(WRITERS, |_| world.post(&member, "", &trp("https://alpha.com/trp")));

    assert_eq!((count(&answers, 201), count(&answers, 409)), (1, WRITERS - 1), "{answers:?}");
    assert_eq!(world.record(member.vasp())["endpoints"].as_array().unwrap().len(), 1);
    let store = world.registry.registry.store();
    assert_log_recomputes(store);
    assert_audit_recomputes(store);
}

#[on_every_database(World::new)]
fn of_many_who_change_one_version_one_does_and_none_is_lost(world: World) {
    let member = world.alpha();
    let id = world.trp(&member, "https://alpha.com/trp");
    let countries = ["DE", "AT", "FR", "IT", "ES", "PT", "NL", "BE", "LU", "IE", "DK", "SE"];
    let regions = |number: usize| json!({"regions": [countries[number]]});

    let answers = at_once(WRITERS, |number| world.patch(&member, &id, "\"1\"", &regions(number)));
    assert_eq!((count(&answers, 200), count(&answers, 412)), (1, WRITERS - 1), "{answers:?}");

    // What restricts goes through whatever the others did.
    let window = |number: usize| {
        let day = format!("2026-07-{:02}T00", number + 1);
        json!({"from": format!("{day}:00:00Z"), "to": format!("{day}:30:00Z")})
    };
    let announce = |member: &Person, number| loop {
        let answer = world.post(member, &format!("/{id}/maintenance"), &window(number));
        match answer.status.as_u16() {
            // Another was faster at the very row: the one who sends repeats.
            412 => {}
            _ => break answer,
        }
    };
    let answers = at_once(WRITERS, |number| announce(&member, number));
    assert_eq!(count(&answers, 200), WRITERS, "{answers:?}");
    let own = world.own(&member, &id);
    assert_eq!(own.json()["maintenance"].as_array().unwrap().len(), WRITERS);
    assert_eq!(usize::try_from(version(&own)).unwrap(), 2 + WRITERS);
}
