//! Look-ups of texts: resolvers must agree, signatures must hold.

use std::collections::BTreeSet;

use vasp_record::dns_answer::{DnssecStatus, TxtAnswer, TxtOutcome, outcome};

use super::World;
use crate::support::{MuteNameServer, NameServer, Names, RootKey, UNSIGNED_ZONE};

const AT: &str = "_vasp-registry.vasp.example.com";

fn agreed(texts: &[&str], dnssec: DnssecStatus) -> TxtOutcome {
    TxtOutcome::Agreed { texts: texts.iter().map(|text| (*text).to_owned()).collect(), dnssec }
}

impl World {
    fn outcome_at(&self, name: &str) -> TxtOutcome {
        outcome(&self.outbound.texts(name))
    }
}

#[test]
fn texts_that_all_resolvers_give_are_agreed_with_their_dnssec_status() {
    let world = World::new();
    let unsigned = format!("_vasp-registry.{UNSIGNED_ZONE}");
    world.internet.set_names(&Names::default().text(AT, "one").text(AT, "two").text(&unsigned, "three"));

    assert_eq!(world.outcome_at(AT), agreed(&["one", "two"], DnssecStatus::Secure));
    assert_eq!(world.outcome_at(&unsigned), agreed(&["three"], DnssecStatus::Insecure));
    // Source: RFC 4343: names in any case are one name.
    assert_eq!(world.outcome_at("_VASP-Registry.Vasp.Example.COM"), agreed(&["one", "two"], DnssecStatus::Secure));
}

#[test]
fn long_texts_come_by_tcp_and_their_strings_are_joined() {
    let world = World::new();
    let long = "0123456789".repeat(200);
    world.internet.set_names(&Names::default().text(AT, &long));

    assert_eq!(world.outcome_at(AT), agreed(&[&long], DnssecStatus::Secure));
}

#[test]
fn missing_names_and_names_without_texts_are_nothing() {
    let world = World::new();
    world.internet.set_names(&Names::default().address(AT, "127.0.0.1").address(&format!("x.{UNSIGNED_ZONE}"), "127.0.0.1"));

    for name in [AT, "_vasp-registry.nowhere.example.com", &format!("x.{UNSIGNED_ZONE}"), &format!("y.{UNSIGNED_ZONE}")] {
        assert_eq!(world.outcome_at(name), TxtOutcome::Nothing, "{name}");
    }
}

#[test]
fn resolvers_that_say_different_things_disagree_and_the_report_says_which() {
    let world = World::new();
    for at in [AT, &format!("_vasp-registry.{UNSIGNED_ZONE}")] {
        world.internet.resolvers[0].set(&Names::default().text(at, "one"));
        world.internet.resolvers[1].set(&Names::default().text(at, "other"));

        let answers = world.outbound.texts(at);

        assert_eq!(outcome(&answers), TxtOutcome::Disagree);
        for (answer, (resolver, text)) in answers.iter().zip([(0, "one"), (1, "other")]) {
            assert_eq!(answer.resolver, world.internet.resolvers[resolver].address.to_string());
            assert!(matches!(&answer.answer, TxtAnswer::Texts { texts, .. } if *texts == BTreeSet::from([text.to_owned()])));
        }
        world.internet.resolvers[1].set(&Names::default());
        assert_eq!(world.outcome_at(at), TxtOutcome::Disagree);
    }
}

#[test]
fn silent_resolvers_do_not_count_but_two_must_have_answered() {
    let world = World::new();
    world.internet.set_names(&Names::default().text(AT, "one"));
    let mute = MuteNameServer::start();
    let [first, second] = world.internet.resolvers.each_ref().map(|resolver| resolver.address);

    let answers = world.internet.outbound_asking(&[first, mute.address(), second]).texts(AT);
    assert_eq!(outcome(&answers), agreed(&["one"], DnssecStatus::Secure));
    assert_eq!(answers[1].answer, TxtAnswer::Silent);

    assert_eq!(outcome(&world.internet.outbound_asking(&[first, mute.address()]).texts(AT)), TxtOutcome::Unreachable);
}

#[test]
fn answers_that_nobody_signed_or_the_wrong_key_did_are_bogus() {
    let world = World::new();
    let names = Names::default().text(AT, "one");
    world.internet.set_names(&names);
    let unsigned = NameServer::start(&names, None);
    let forged = NameServer::start(&names, Some(&RootKey::generate()));

    for liar in [unsigned, forged] {
        let answers = world.internet.outbound_asking(&[world.internet.resolvers[0].address, liar.address]).texts(AT);

        assert_eq!(answers[1].answer, TxtAnswer::Bogus);
        assert_eq!(outcome(&answers), TxtOutcome::Bogus);
    }
}

#[test]
fn names_that_cannot_be_asked_for_are_answered_by_nobody() {
    let world = World::new();

    for name in ["", "a..b", &"a".repeat(300), "ü.example.com"] {
        assert!(world.outbound.texts(name).iter().all(|answer| answer.answer != TxtAnswer::Bogus), "{name}");
        assert!(!matches!(world.outcome_at(name), TxtOutcome::Agreed { .. }), "{name}");
    }
}
