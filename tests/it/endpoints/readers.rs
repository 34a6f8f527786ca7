//! What makes an endpoint stop at once, and what different readers see: domains, shared hosts, the record's life, protocols, mail.

use serde_json::{Value, json};
use vasp_registry::imports::ImportFormat;

use super::{ALPHA, World, trp};
use crate::support::on_every_database;

#[on_every_database(World::new)]
fn an_endpoint_stops_at_once_with_what_it_stands_on(world: World) {
    let member = world.alpha();
    let id = world.trp(&member, "https://x.below.com/trp");
    let standing = || world.usable(member.vasp()).1;
    assert_eq!(standing(), Value::Null);

    for (fact, good, reason) in [
        (("domain", "below.com", "lost"), ("domain", "below.com", "proven"), "domain_not_proven"),
        (("domain_scope", "below.com", "host"), ("domain_scope", "below.com", "subdomains"), "domain_not_proven"),
        (("status", "", "suspended"), ("status", "", "verified"), "vasp_not_verified"),
        (("status", "", "revoked"), ("status", "", "verified"), "vasp_not_verified"),
    ] {
        world.registry.replace(member.vasp(), fact);
        assert_eq!(standing(), json!(reason), "{fact:?}");
        assert_eq!(world.speaking("trp"), [""; 0], "{fact:?}");
        assert_eq!(world.own(&member, &id).json()["reason"], json!(reason));
        world.registry.replace(member.vasp(), good);
        assert_eq!(standing(), Value::Null, "{good:?}");
    }

    // A protocol that a new edition of the document retires.
    let mut document: Value = serde_json::from_str(include_str!("../../../seed/protocols.json")).unwrap();
    document["protocols"][0]["status"] = "retired".into();
    document["version"] = "2026-12-01".into();
    let report = world.registry.import(ImportFormat::Protocols, "protocols.json", document.to_string().into_bytes().leak());
    assert_eq!(report.log_changes, 1);
    assert_eq!(standing(), json!("protocol_retired"));
    let refused = world.post(&member, "", &trp("https://alpha.com/other")).problem(422, "invalid_request");
    assert_eq!(refused["errors"][0]["pointer"], "/protocol");
    assert_eq!(refused["errors"][0]["code"], "protocol_retired");
}

/// A shared host is nobody's; what lies below a confirmed path of it is the VASP's.
#[on_every_database(World::new)]
fn a_path_of_a_shared_host_is_the_vasps_own_once_both_sides_said_so(world: World) {
    let platforms = br#"{"version": "1", "generated_on": "2026-05-01", "hosts": [
            {"host": "shared.com", "covers_subdomains": true, "platform": "Shared", "source": "test"}]}"#;
    world.registry.import(ImportFormat::PlatformHosts, "platforms.json", platforms);
    let member = world
        .registry
        .verified_member("Alpha", &[("domain", "shared.com", "proven"), ("delegation", "shared.com/alpha", "confirmed")]);

    for url in ["https://shared.com/", "https://shared.com/beta", "https://shared.com/alphabet"] {
        let refused = world.post(&member, "", &trp(url)).problem(422, "invalid_request");
        assert_eq!(refused["errors"][0]["code"], "domain_not_proven", "{url}");
    }
    world.trp(&member, "https://shared.com/alpha/trp");
    assert_eq!(world.usable(member.vasp()), (json!(true), Value::Null));
    world.registry.replace(member.vasp(), ("delegation", "shared.com/alpha", "requested"));
    assert_eq!(world.usable(member.vasp()), (json!(false), json!("domain_not_proven")));
}

#[on_every_database(World::new)]
fn a_mail_address_is_for_those_with_a_key(world: World) {
    let member = world.alpha();
    let location = json!({"kind": "email", "address": "Jane.Doe@ALPHA.com"});
    let mail = world.published(&member, &json!({"protocol": "email", "location": location}));
    assert_eq!(mail["location"], json!({"kind": "email", "address": "Jane.Doe@alpha.com"}));
    world.trp(&member, "https://alpha.com/trp");
    world.trp(&member, "https://x.below.com/trp");

    // The last resort stands last, also behind what was published later.
    let record = world.record(member.vasp());
    let kinds: Vec<&Value> = record["endpoints"].as_array().unwrap().iter().map(|e| &e["location"]["kind"]).collect();
    assert_eq!(kinds, ["url", "url", "email"]);
    assert_eq!(record["endpoints"][2]["location"]["address"], "Jane.Doe@alpha.com");
    assert_eq!(record["protocols"], json!(["email", "trp"]));

    let path = format!("/v1/vasps/{}", member.vasp());
    let public = world.registry.client.get(&path).json();
    assert_eq!(public["endpoints"][2]["location"], json!({"kind": "email", "address": null}));
    assert_eq!(public["endpoints"][0], record["endpoints"][0]);
    for path in [path.clone(), "/v1/vasps?view=full".to_owned(), format!("{path}/history"), format!("{path}?valid_on=2026-06-01")]
    {
        let answer = world.registry.client.get(&path).with(200);
        assert!(!answer.json().to_string().contains("Jane"), "{path}");
    }
    assert!(!world.read(&format!("{path}/history")).to_string().contains("Jane"));
}

#[on_every_database(World::new)]
fn the_members_list_is_paged(world: World) {
    let (member, other) = (world.alpha(), world.registry.verified_member("Beta", ALPHA));
    let mut ids: Vec<String> = (0..5).map(|n| world.trp(&member, &format!("https://alpha.com/{n}"))).collect();
    ids.sort();

    let (mut found, mut query) = (vec![], "?limit=2".to_owned());
    loop {
        let page = world.send(&member, "GET", &query, &[], &Value::Null).json();
        found.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(cursor) => query = format!("?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(found, ids);
    assert_eq!(world.send(&other, "GET", "", &[], &Value::Null).json()["items"], json!([]));
    world.send(&member, "GET", "?cursor=zz", &[], &Value::Null).problem(422, "invalid_request");
    world.send(&member, "GET", "?limit=0", &[], &Value::Null).problem(422, "invalid_request");
    // The version that was read is not sent again.
    let tag = world.own(&member, &ids[0]).header("etag").to_owned();
    world.send(&member, "GET", &format!("/{}", ids[0]), &[("if-none-match", &tag)], &Value::Null).with(304);
}

#[on_every_database(World::new)]
fn protocols_are_listed_as_the_document_has_them(world: World) {
    let list = world.read("/v1/protocols");
    let ids: Vec<&str> = list["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect();
    // In order of id.
    let expected = [
        "code",
        "email",
        "gtr",
        "notabene",
        "openvasp",
        "sumsub",
        "sygna_bridge",
        "tap",
        "trisa",
        "trp",
        "trust",
        "verifyvasp",
        "veriscope",
    ];
    assert_eq!((ids, &list["next_cursor"]), (expected.to_vec(), &Value::Null));
    let page = world.read("/v1/protocols?limit=2");
    let rest = world.read(&format!("/v1/protocols?cursor={}", page["next_cursor"].as_str().unwrap()));
    assert_eq!(rest["items"][0]["id"], "gtr");

    let trp = world.registry.client.get("/v1/protocols/trp");
    insta::assert_json_snapshot!("protocol_trp", trp.json());
    let tag = trp.header("etag").to_owned();
    assert_eq!(world.registry.client.get_with("/v1/protocols/trp", &[("if-none-match", &tag)]).status, 304);
    for unknown in ["nope", "TRP", "a%20b", "x"] {
        world.registry.client.get(&format!("/v1/protocols/{unknown}")).problem(404, "not_found");
    }
    let refused = world.registry.client.get("/v1/vasps?protocol=nope").problem(422, "invalid_request");
    assert_eq!(refused["errors"][0]["pointer"], "?protocol");
    assert_eq!(refused["errors"][0]["code"], "unknown_protocol");
}
