//! Resolving by what a VASP published: certificates by fingerprint and common name, and identifiers. Whole names only, and only
//! what is good now names an owner.

use serde_json::{Value, json};
use vasp_record::certificate::{CertificateStatus, PublishedCertificate, RootSet};

use crate::prechecks::world::{ALSTER, LIFFEY, World};
use crate::support::published::{certificate, member_of, sha256};
use crate::support::{Answer, on_every_database};

const NAME: &str = "trp.alster.example.org";

fn ask(world: &World, kind: &str, subject: &str) -> Answer {
    world.get_as(&world.key, &format!("/v1/resolve?kind={kind}&subject={subject}"))
}

fn status_and_owners(answer: &Value) -> (String, Vec<String>) {
    let owners = answer["owners"].as_array().unwrap().iter().map(|owner| owner["vasp"]["id"].as_str().unwrap().to_owned());
    (answer["status"].as_str().unwrap().to_owned(), owners.collect())
}

fn warnings(answer: &Value) -> Vec<&str> {
    answer["subject"]["warnings"].as_array().unwrap().iter().map(|warning| warning["code"].as_str().unwrap()).collect()
}

#[on_every_database(World::start)]
fn a_good_certificate_names_its_owner_by_every_spelling_of_its_fingerprint(world: World) {
    let alster = world.vasp_id(ALSTER);
    world.registry.publish(&alster, &certificate(1, NAME));
    let colons =
        sha256(1).to_uppercase().as_bytes().chunks(2).map(|two| std::str::from_utf8(two).unwrap()).collect::<Vec<_>>().join(":");

    for subject in [sha256(1), sha256(1).to_uppercase(), colons] {
        let answer = ask(&world, "certificate_sha256", &subject).json();
        assert_eq!(status_and_owners(&answer), ("owned".to_owned(), vec![alster.clone()]), "{answer}");
        assert_eq!((&answer["subject"]["kind"], &answer["subject"]["value"]), (&json!("certificate_sha256"), &json!(sha256(1))));
        assert_eq!((&answer["owners"][0]["network"], &answer["owners"][0]["claim"]), (&Value::Null, &Value::Null));
        assert_eq!((&answer["coverage"], &answer["unverified_candidates"]), (&json!([]), &json!([])));
        assert_eq!(warnings(&answer), [""; 0]);
    }
    let batch = world.post(
        "/v1/resolve",
        &json!({"subjects": [
        {"kind": "common_name", "subject": "TRP.Alster.Example.ORG"}, {"kind": "certificate_sha256", "subject": sha256(2)},
        {"kind": "certificate_sha256", "subject": "abc"}, {"kind": "identifier:nonsense", "subject": "x"}]}),
    );
    let results = batch.json()["results"].clone();
    assert_eq!((&results[0]["status"], &results[1]["status"]), (&json!("owned"), &json!("not_found")));
    assert_eq!(results[2]["problem"]["errors"][0]["code"], "wrong_length");
    assert_eq!(results[3]["problem"]["errors"][0]["pointer"], "/subjects/3/kind");
}

#[on_every_database(World::start)]
fn names_are_never_matched_by_a_part(world: World) {
    world.registry.publish(&world.vasp_id(ALSTER), &certificate(1, NAME));

    for subject in
        ["trp.alster.example", "trp.alster.example.or", "alster.example.org", "x.trp.alster.example.org", "*", "trp%25"]
    {
        assert_eq!(ask(&world, "common_name", subject).json()["status"], "not_found", "{subject}");
    }
    let problem = ask(&world, "certificate_sha256", sha256(1).split_at(62).0).problem(422, "invalid_subject");
    assert_eq!((&problem["errors"][0]["code"], &problem["errors"][0]["pointer"]), (&json!("wrong_length"), &json!("?subject")));
    // Without its kind it is no name of a certificate.
    assert_eq!(world.get_as(&world.key, &format!("/v1/resolve?subject={NAME}")).json()["subject"]["kind"], "domain");
}

#[on_every_database(World::start)]
fn what_is_not_good_names_a_candidate_and_says_why(world: World) {
    let alster = world.vasp_id(ALSTER);
    let good = certificate(1, NAME);
    let revoked = PublishedCertificate { status: CertificateStatus::Revoked, ..good.clone() };
    let expired = PublishedCertificate { not_after: "2026-06-01T11:59:59Z".parse().unwrap(), ..good.clone() };
    let pinned = PublishedCertificate { root_set: Some(RootSet::Pinned), ..good.clone() };

    for (said, kind, subject, code) in [
        (&revoked, "certificate_sha256", sha256(1), "certificate_revoked"),
        (&expired, "certificate_sha256", sha256(1), "certificate_expired"),
        (&expired, "common_name", NAME.to_owned(), "certificate_expired"),
        (&pinned, "common_name", NAME.to_owned(), "common_name_unproven"),
    ] {
        world.registry.publish(&alster, said);
        let answer = ask(&world, kind, &subject).json();
        assert_eq!(status_and_owners(&answer).0, "not_found", "{code}");
        assert_eq!((warnings(&answer), &answer["unverified_candidates"][0]["id"]), (vec![code], &json!(alster)));
    }
    assert_eq!(ask(&world, "certificate_sha256", &sha256(1)).json()["status"], "owned");
    world.registry.prove_domain(&alster, "alster.example.org");
    assert_eq!(ask(&world, "common_name", NAME).json()["status"], "owned");
}

#[on_every_database(World::start)]
fn an_answer_ends_with_the_certificate_and_two_publishers_are_ambiguous(world: World) {
    let (alster, liffey) = (world.vasp_id(ALSTER), world.vasp_id(LIFFEY));
    let ending = PublishedCertificate { not_after: "2026-06-01T12:00:29Z".parse().unwrap(), ..certificate(1, NAME) };
    world.registry.publish(&alster, &ending);

    // The first second after its last.
    assert_eq!(ask(&world, "certificate_sha256", &sha256(1)).json()["valid_until"], "2026-06-01T12:00:30Z");
    world.registry.publish(&liffey, &certificate(2, NAME));
    let answer = ask(&world, "common_name", NAME).json();
    let mut both = vec![alster, liffey];
    both.sort();
    assert_eq!(status_and_owners(&answer), ("ambiguous".to_owned(), both));
}

#[on_every_database(World::start)]
fn identifiers_are_found_whole_and_unknown_schemes_refused(world: World) {
    let alster = world.vasp_id(ALSTER);
    world.registry.publish(&alster, &member_of(1, "gtr"));

    assert_eq!(status_and_owners(&ask(&world, "identifier:gtr_id", "gtr-1").json()), ("owned".to_owned(), vec![alster]));
    for value in ["gtr-", "gtr-11", "GTR-1"] {
        assert_eq!(ask(&world, "identifier:gtr_id", value).json()["status"], "not_found", "{value}");
    }
    // A scheme that a protocol uses is known although nobody bears one yet.
    assert_eq!(ask(&world, "identifier:gtr_vasp_code", "x").json()["status"], "not_found");
    let problem = ask(&world, "identifier:shoe_size", "42").problem(422, "invalid_subject");
    assert_eq!((&problem["errors"][0]["code"], &problem["errors"][0]["pointer"]), (&json!("unknown_scheme"), &json!("?kind")));
}
