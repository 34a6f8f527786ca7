//! An endpoint under a domain that is lost or taken back stops at once, and goes on once the domain is proven again.

use serde_json::{Value, json};

use super::{ALPHA, World};
use crate::support::{Answer, Person, on_every_database};

const DAY: i64 = 86_400;

fn publish(world: &World, member: &Person) -> Answer {
    let body =
        json!({"protocol": "trp", "versions": ["3.2.1"], "location": {"kind": "url", "url": format!("https://{ALPHA}/trp")}});
    let headers = [("authorization", member.bearer.as_str()), ("content-type", "application/json")];
    world.registry.client.send("POST", "/v1/vasps/mine/endpoints", &headers, &body.to_string())
}

/// Why the endpoint may not be used, and which protocols the record has.
fn standing(world: &World, member: &Person) -> (Value, Value) {
    let record = world.registry.client.get(&format!("/v1/vasps/{}", member.vasp())).json();
    (record["endpoints"][0]["reason"].clone(), record["protocols"].clone())
}

#[on_every_database(World::new)]
fn an_endpoint_goes_with_its_domain_and_comes_back_with_it(world: World) {
    let member = world.member("Alpha");
    let refused = publish(&world, &member).problem(422, "invalid_request");
    assert_eq!(refused["errors"][0]["code"], "domain_not_proven");
    world.prove(&member, ALPHA, false);
    assert_eq!(publish(&world, &member).status, 201);
    let (usable, stopped) = ((Value::Null, json!(["trp"])), (json!("domain_not_proven"), json!([])));
    assert_eq!(standing(&world, &member), usable);

    // Taken back.
    assert_eq!(world.ask(&member.bearer, "DELETE", &format!("/{ALPHA}"), None).status, 200);
    assert_eq!(standing(&world, &member), stopped);
    world.registry.at(60);
    world.prove(&member, ALPHA, false);
    assert_eq!(standing(&world, &member), usable);

    // Gone from the DNS for a week.
    world.internet.publish(&[]);
    for days in [3, 6, 11] {
        world.registry.at(days * DAY);
        world.recheck();
    }
    assert_eq!(world.own(&member, ALPHA)["state"], "lost");
    assert_eq!(standing(&world, &member), stopped);
    let (path, key) =
        (format!("/v1/vasps/{}?as_of=2026-06-03T00:00:00Z", member.vasp()), world.registry.api_key("resolve", None).1);
    let past = world.registry.client.get_with(&path, &[("authorization", &key)]).json();
    assert_eq!(past["endpoints"][0]["usable"], json!(true));
}
