//! CRLs over time: made anew by themselves, numbers that only rise, and authorities that take each other's place.

use vasp_clock::Clock;
use vasp_registry::ca::{renew_due_crls, rotate_ca};

use super::{Openssl, World};
use crate::support::on_every_database;

const HOUR: i64 = 3_600;

fn renew(world: &World) -> usize {
    renew_due_crls(&world.registry.registry, world.registry.clock.now(), &mut world.registry.random.fork()).unwrap()
}

#[on_every_database(World::new)]
fn a_crl_is_made_anew_after_half_its_time_and_once_by_several_nodes(world: World) {
    assert_eq!((world.crl_number(), renew(&world)), (1, 0));
    world.registry.advance(12 * HOUR - 1);
    assert_eq!(renew(&world), 0);

    world.registry.advance(1);
    let renewed: usize = std::thread::scope(|scope| {
        let nodes: Vec<_> = (0..4).map(|_| scope.spawn(|| renew(&world))).collect();
        nodes.into_iter().map(|node| node.join().unwrap()).sum()
    });

    assert_eq!((renewed, world.crl_number()), (1, 2));
    // A clock that was ahead: the CRL would count from the future. Numbers rise all the same.
    world.registry.advance(-24 * HOUR);
    assert_eq!((renew(&world), renew(&world), world.crl_number()), (1, 0, 3));
    world.registry.advance(100 * 24 * HOUR);
    assert_eq!((renew(&world), world.crl_number()), (1, 4));
}

/// Before, nothing told that the issuing authority was about to end. It lasts two years (docs/ca.md).
#[on_every_database(World::new)]
fn days_that_are_left_of_the_authority_are_counted(world: World) {
    let days = || {
        renew(&world);
        let metrics = world.registry.client.get("/metrics").text;
        let line = metrics.lines().find_map(|line| line.strip_prefix("vasp_registry_certificate_days_left{kind=\"authority\"} "));
        line.unwrap_or_else(|| panic!("{metrics}")).parse::<f64>().unwrap()
    };

    assert!((days() - 730.0).abs() <= 1.0, "{}", days());
    world.registry.advance(731 * 24 * HOUR);
    assert!(days() < 0.0, "{}", days());
}

#[on_every_database(World::new)]
fn a_retired_authority_signs_its_crl_until_its_last_certificate_is_over(world: World) {
    let Some(openssl) = Openssl::here() else { return };
    let member = world.member("Lagoon Exchange AG", &[("one.example.com", false)]);
    let old = world.issued(&member, &openssl.ec_csr(), &["tls_client"]);
    let (now, mut rng) = (world.registry.clock.now(), world.registry.random.fork());
    let rotate = |key: &str| rotate_ca(&world.registry.registry, "Test Registry", key, now, &mut world.registry.random.fork());
    let other = vasp_pki::ca::make_root("Other", vasp_record::ca::Validity::days(now, 10), &mut rng).unwrap();
    assert!(rotate("nonsense").is_err() && rotate(&other.key_pem()).is_err());

    let made = rotate(&world.root.key_pem()).unwrap();

    let authorities = world.authorities();
    let states: Vec<_> = authorities.iter().map(|known| known["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["active", "retired", "active"]);
    assert_eq!(authorities[2]["id"], made.issuing.to_string());
    assert_eq!(authorities[2]["sha256"], made.sha256);
    let new = world.issued(&member, &openssl.ec_csr(), &["tls_client"]);
    openssl.take(&world, &new);
    assert!(openssl.verify(&world, "").0);
    assert!(openssl.said("x509 -in leaf.pem -noout -issuer").contains("Issuing CA 2"));

    // What the old one issued is revoked on its own CRL.
    assert_eq!(world.revoke(&old["serial"], "superseded").status, 200);
    openssl.take(&world, &old);
    openssl.take_crl(&world, &authorities[1]);
    let verified = openssl.verify(&world, "");
    assert!(!verified.0 && verified.1.contains("certificate revoked"), "{verified:?}");
    assert_eq!(world.authorities()[1]["crl_number"], 2);
    assert_eq!(world.authorities()[2]["crl_number"], 1);

    world.registry.advance(13 * HOUR);
    assert_eq!(renew(&world), 2);
    world.registry.advance(91 * 24 * HOUR);
    // Once more after the last certificate's end is enough.
    assert_eq!(renew(&world), 2);
    world.registry.advance(24 * HOUR);
    assert_eq!(renew(&world), 1);
}

#[on_every_database(World::new)]
fn crls_and_authorities_are_for_everybody_and_say_how_long_they_may_be_kept(world: World) {
    let authority = world.authorities().last().unwrap().clone();
    let id = authority["id"].as_str().unwrap();
    let (_, headers, der) = world.registry.client.download(&format!("/v1/ca/{id}.crl"), &[]);
    assert_eq!(headers["cache-control"], "public, max-age=60");
    let tag = headers["etag"].to_str().unwrap().to_owned();

    let again = world.registry.client.download(&format!("/v1/ca/{id}.crl"), &[("if-none-match", &tag)]);

    assert_eq!((again.0, again.2.len()), (304, 0));
    assert!(!der.is_empty());
    let certificate = world.registry.client.download(&format!("/v1/ca/{id}.crt"), &[]);
    assert_eq!(certificate.1["content-type"], "application/pkix-cert");
    assert_eq!(vasp_pki::ca::to_pem("CERTIFICATE", &certificate.2), authority["certificate"].as_str().unwrap());
    // One that nobody made anew may not be kept at all.
    world.registry.advance(25 * HOUR);
    let (_, headers, _) = world.registry.client.download(&format!("/v1/ca/{id}.crl"), &[]);
    assert_eq!(headers["cache-control"], "public, max-age=0");
    // The root signs no CRL.
    let root = world.authorities()[0]["id"].as_str().unwrap().to_owned();
    world.registry.client.get(&format!("/v1/ca/{root}.crl")).problem(404, "not_found");
    assert!(world.authorities()[0]["crl"].is_null());
}
