//! Many at once: each serial number once, no more certificates than allowed, and CRL numbers that rise by one.

use std::collections::HashSet;
use std::sync::Mutex;

use super::{Openssl, World};
use crate::support::{assert_log_recomputes, on_every_database};

/// Source: a reader of the change that made the holder of a key a row: two firms that asked at once both passed.
#[on_every_database(World::new)]
fn of_two_firms_that_ask_with_one_key_at_once_one_gets_a_certificate(world: World) {
    let Some(openssl) = Openssl::here() else { return };
    let members = [world.member("One AG", &[]), world.member("Other AG", &[])];
    for _ in 0..5 {
        let csr = openssl.ec_csr();
        let ask = |member| loop {
            let answer = world.ask(member, &csr, &["tls_client"]);
            match answer.status.as_u16() {
                201 => return "issued".to_owned(),
                409 => return answer.problem(409, "conflict")["errors"][0]["code"].as_str().unwrap().to_owned(),
                412 | 503 => {}
                _ => panic!("{answer:?}"),
            }
        };
        let mut answers = std::thread::scope(|scope| {
            let asked = members.each_ref().map(|member| scope.spawn(|| ask(member)));
            asked.map(|one| one.join().unwrap())
        });
        answers.sort();
        assert_eq!(answers, ["issued", "key_in_use"]);
    }
}

#[on_every_database(World::new)]
fn certificates_and_revocations_at_once_lose_nothing(world: World) {
    let Some(openssl) = Openssl::here() else { return };
    let member = world.member("Lagoon Exchange AG", &[("one.example.com", false)]);
    let csr = openssl.ec_csr();
    let (serials, refused) = (Mutex::new(Vec::new()), Mutex::new(0));
    std::thread::scope(|scope| {
        for _ in 0..25 {
            scope.spawn(|| {
                // Another writer may be faster: told so, one asks again.
                loop {
                    let answer = world.ask(&member, &csr, &["tls_client", "tls_server"]);
                    match answer.status.as_u16() {
                        201 => return serials.lock().unwrap().push(answer.json()["serial"].clone()),
                        409 => {
                            assert_eq!(answer.problem(409, "conflict")["errors"][0]["code"], "too_many");
                            *refused.lock().unwrap() += 1;
                            return;
                        }
                        412 | 503 => {}
                        _ => panic!("{answer:?}"),
                    }
                }
            });
        }
    });
    let serials = serials.into_inner().unwrap();
    assert_eq!((serials.len(), refused.into_inner().unwrap()), (20, 5));
    assert_eq!(serials.iter().map(ToString::to_string).collect::<HashSet<_>>().len(), 20);

    let numbers = Mutex::new(vec![world.crl_number()]);
    std::thread::scope(|scope| {
        // Each is revoked by two.
        for serial in serials.iter().chain(&serials) {
            scope.spawn(|| {
                while world.revoke(serial, "superseded").status != 200 {}
                numbers.lock().unwrap().push(world.crl_number());
            });
        }
    });

    assert_eq!(world.crl_number(), 21);
    assert!(numbers.into_inner().unwrap().into_iter().all(|number| (1..=21).contains(&number)));
    openssl.file("all.der", world.crl(world.authorities().last().unwrap()));
    let text = openssl.said("crl -inform DER -in all.der -noout -text").to_lowercase();
    for serial in &serials {
        assert_eq!(text.matches(serial.as_str().unwrap()).count(), 1, "{serial}");
    }
    assert_log_recomputes(world.registry.registry.store());
}
