//! What time does to a proof: it is looked at again, fails, is lost or mended, and is taken back.

use serde_json::json;

use super::{ALPHA, World};
use crate::support::on_every_database;

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

#[on_every_database(World::new)]
fn proof_is_looked_at_daily_and_lost_a_week_after_it_is_gone(world: World) {
    let member = world.member("Alpha");
    world.prove(&member, ALPHA, true);
    assert_eq!(world.recheck(), 0);

    world.registry.at(2 * DAY);
    assert_eq!((world.recheck(), world.recheck()), (1, 0));
    let renewed = world.own(&member, ALPHA);
    assert_eq!((&renewed["state"], &renewed["proven_at"]), (&json!("proven"), &json!("2026-06-03T12:00:00Z")));

    world.internet.publish(&[]);
    world.registry.at(4 * DAY);
    assert_eq!(world.recheck(), 1);
    let failing = world.own(&member, ALPHA);
    assert_eq!((&failing["state"], &failing["failing_since"]), (&json!("failing"), &json!("2026-06-05T12:00:00Z")));
    assert_eq!(world.owners(ALPHA), [member.vasp().to_string()]);

    world.registry.at(11 * DAY - HOUR);
    assert_eq!(world.recheck(), 1);
    assert_eq!(world.own(&member, ALPHA)["state"], "failing");
    world.registry.at(11 * DAY + 6 * HOUR);
    assert_eq!(world.recheck(), 1);

    let lost = world.own(&member, ALPHA);
    assert_eq!((&lost["state"], &lost["next_look_at"]), (&json!("lost"), &json!(null)));
    assert!(world.owners(ALPHA).is_empty());
    assert_eq!(world.seen(member.vasp())[0]["status"], "lost");
    assert_eq!(world.registry.trigger_kinds(member.vasp()), ["key_rotation", "domain_lost"]);
    let record = world.registry.client.get(&format!("/v1/vasps/{}", member.vasp())).json();
    assert!(!record["evidence"].to_string().contains("dns_txt"), "{record}");
    // The two clocks: it was the member's own the day before, and the registry knew it to be so.
    let before = world.registry.client.get(&format!("/v1/vasps/{}?valid_on=2026-06-11", member.vasp())).json();
    assert_eq!(before["domains"][0]["status"], "proven");

    world.registry.at(60 * DAY);
    assert_eq!(world.recheck(), 0);
    assert_eq!(world.verify(&member, ALPHA).problem(409, "conflict")["errors"][0]["code"], "lost");
    world.prove(&member, ALPHA, false);
    assert_eq!(world.seen(member.vasp())[0]["status"], "proven");
}

#[on_every_database(World::new)]
fn one_good_look_mends_a_failing_proof(world: World) {
    let member = world.member("Alpha");
    let (name, text) = world.challenge(&member, ALPHA, false);
    world.internet.publish(&[(&name, &text)]);
    assert_eq!(world.verify(&member, ALPHA).status.as_u16(), 200);
    world.internet.publish(&[]);
    world.registry.at(2 * DAY);
    // The member's own look that fails begins the grace as well.
    world.verify(&member, ALPHA).problem(409, "conflict");
    assert_eq!(world.own(&member, ALPHA)["state"], "failing");

    world.internet.publish(&[(&name, &text)]);
    world.registry.at(8 * DAY);
    assert_eq!(world.recheck(), 1);

    let mended = world.own(&member, ALPHA);
    assert_eq!((&mended["state"], &mended["failing_since"]), (&json!("proven"), &json!(null)));
    assert_eq!(world.registry.trigger_kinds(member.vasp()), ["key_rotation"]);
}

#[on_every_database(World::new)]
fn resolvers_that_are_gone_take_no_domain_away(mut world: World) {
    let member = world.member("Alpha");
    world.prove(&member, ALPHA, false);
    // Both stop: from now on nobody answers the registry at all.
    let others = crate::support::Internet::start(&[ALPHA]);
    world.internet.resolvers = others.resolvers;

    world.registry.at(9 * DAY);
    assert_eq!(world.recheck(), 1);
    let unseen = world.own(&member, ALPHA);

    assert_eq!((&unseen["state"], &unseen["failing_since"]), (&json!("proven"), &json!(null)));
    assert_eq!(unseen["last_look"]["methods"][0]["code"], "resolvers_unreachable");
    assert_eq!(world.owners(ALPHA), [member.vasp().to_string()]);
}

#[on_every_database(World::new)]
fn several_nodes_at_once_look_once(world: World) {
    let member = world.member("Alpha");
    world.prove(&member, ALPHA, false);
    world.registry.at(2 * DAY);

    let looked: usize = std::thread::scope(|scope| {
        let nodes: Vec<_> = (0..4).map(|_| scope.spawn(|| world.recheck())).collect();
        nodes.into_iter().map(|node| node.join().unwrap()).sum()
    });

    assert_eq!(looked, 1);
}

#[on_every_database(World::new)]
fn domain_that_is_taken_back_is_gone_at_once_and_stays_in_the_past(world: World) {
    let member = world.member("Alpha");
    world.prove(&member, ALPHA, false);
    world.registry.at(DAY / 2);

    let answer = world.ask(&member.bearer, "DELETE", &format!("/{ALPHA}"), None);

    assert_eq!((answer.status.as_u16(), &answer.json()["state"]), (200, &json!("withdrawn")));
    assert_eq!((world.seen(member.vasp()), world.owners(ALPHA)), (json!([]), vec![]));
    let record = |query: &str| world.registry.client.get(&format!("/v1/vasps/{}{query}", member.vasp())).json();
    assert!(!record("")["evidence"].to_string().contains("dns_txt"));
    assert_eq!(record("?valid_on=2026-06-01")["domains"][0]["status"], "proven");
    assert_eq!(world.ask(&member.bearer, "GET", "", None).json()["items"], json!([]));
    world.ask(&member.bearer, "DELETE", &format!("/{ALPHA}"), None).problem(404, "not_found");
    world.verify(&member, ALPHA).problem(404, "not_found");
    assert_eq!(world.recheck(), 0);
    // Another may have it at once, and the member itself again.
    world.prove(&member, ALPHA, true);
    assert_eq!(world.seen(member.vasp())[0]["covers_subdomains"], true);
}
