//! Tests of chains of owners: which are refused, who the beneficial owners are, and that the shares never add up to more than the whole.

use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};
use vasp_words::time::Date;

fn today() -> Date {
    "2026-06-01".parse().unwrap()
}

fn chain(parties: &[Value], links: &[Value]) -> OwnershipChain {
    serde_json::from_value(json!({"as_of": "2026-06-01", "parties": parties, "links": links})).unwrap()
}

fn person(id: &str) -> Value {
    json!({"id": id, "kind": "natural_person", "name": format!("Person {id}"), "country": "CH"})
}

fn entity(id: &str) -> Value {
    json!({"id": id, "kind": "legal_entity", "name": format!("Entity {id}"), "country": "LU"})
}

static PERSON: std::sync::LazyLock<Value> = std::sync::LazyLock::new(|| person("p"));

fn with(party: &Value, member: &str, value: Value) -> Value {
    let mut party = party.clone();
    party[member] = value;
    party
}

fn listed(id: &str) -> Value {
    json!({"id": id, "kind": "legal_entity", "name": "Listed", "country": "US", "ends": "listed_company"})
}

fn link(owner: &str, owned: &str, share: u32) -> Value {
    json!({"owner": owner, "owned": owned, "basis_points": share})
}

fn codes(chain: &OwnershipChain) -> Vec<(String, &'static str)> {
    let faults = chain.check(today()).err().unwrap_or_default();
    faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
}

fn beneficial(chain: &OwnershipChain) -> Vec<(String, u32)> {
    chain.owners().beneficial.iter().map(|owner| (owner.party.to_string(), owner.basis_points)).collect()
}

#[track_caller]
fn refused(name: &str, parties: &[Value], links: &[Value], expected: &[(&str, &str)]) {
    let found = codes(&chain(parties, links));
    let found: Vec<(&str, &str)> = found.iter().map(|(pointer, code)| (pointer.as_str(), *code)).collect();
    assert_eq!(found, expected, "{name}");
}

#[test]
fn shares_of_more_than_the_whole_are_refused() {
    let (p, q, whole) = (person("p"), person("q"), &[("/links", "more_than_whole")]);
    refused("directly", &[p.clone(), q.clone()], &[link("p", "self", 6_000), link("q", "self", 4_001)], whole);
    let of_holding = [link("h", "self", 10_000), link("p", "h", 9_000), link("q", "h", 1_001)];
    refused("of a holding", &[p.clone(), q, entity("h")], &of_holding, whole);
    let share = &[("/links/0/basis_points", "invalid_value")];
    refused("nothing", std::slice::from_ref(&p), &[link("p", "self", 0)], share);
    refused("one link", std::slice::from_ref(&p), &[link("p", "self", 10_001)], share);
}

#[test]
fn chains_that_end_nowhere_are_refused() {
    let p = person("p");
    let aside = [link("p", "self", 5_000), link("h", "self", 5_000)];
    refused("an entity that nobody owns", &[p.clone(), entity("h")], &aside, &[("/parties/1/ends", "open_end")]);
    let ring = [link("a", "self", 10_000), link("b", "a", 10_000), link("a", "b", 10_000)];
    let open = [("/parties/0/ends", "open_end"), ("/parties/1/ends", "open_end"), ("/links", "open_end")];
    refused("a ring of entities", &[entity("a"), entity("b")], &ring, &open);
    refused("nobody at all", &[], &[], &[("/links", "open_end")]);
    let two = [p, person("q")];
    refused("somebody aside", &two, &[link("p", "self", 5_000)], &[("/parties/1/id", "unconnected")]);
}

#[test]
fn parties_and_links_are_refused_place_by_place() {
    let p: &[Value] = std::slice::from_ref(&*PERSON);
    let one =
        |parties: &[Value], links: &[Value], pointer: &str, code: &str| refused(pointer, parties, links, &[(pointer, code)]);
    let (p0, q) = (p[0].clone(), person("q"));
    one(&[with(&p0, "ends", json!("state"))], &[link("p", "self", 10_000)], "/parties/0/ends", "needless");
    one(&[p0.clone(), p0.clone()], &[link("p", "self", 5_000)], "/parties/1/id", "repeated");
    one(&[p0.clone(), q], &[link("p", "self", 10_000), link("q", "p", 100)], "/links/1/owned", "person_owned");
    one(p, &[link("p", "self", 10_000), link("p", "h", 1)], "/links/1/owned", "unknown_party");
    one(p, &[link("p", "self", 9_000), link("h", "self", 1)], "/links/1/owner", "unknown_party");
    let own = [link("p", "h", 9_000), link("h", "h", 1), link("h", "self", 1)];
    one(&[p0, entity("h")], &own, "/links/1/owned", "own_share");
    one(p, &[link("p", "self", 5_000), link("p", "self", 5_000)], "/links/1/owner", "repeated");
    one(p, &[json!({"owner": "p", "owned": "self"})], "/links/0/basis_points", "missing");
    let ended = json!({"owner": "p", "owned": "self", "basis_points": 1, "from": "2026-01-02", "to": "2026-01-02"});
    one(p, &[ended], "/links/0/to", "invalid_value");
    let reserved = [("/parties/0/id", "reserved"), ("/links/0/owned", "own_share"), ("/links/0/owned", "person_owned")];
    refused("the VASP among the parties", &[person("self")], &[link("self", "self", 1)], &reserved);
    let late = OwnershipChain { as_of: "2026-06-02".parse().unwrap(), ..chain(p, &[link("p", "self", 1)]) };
    assert_eq!(codes(&late), [("/as_of".to_owned(), "in_the_future")]);
}

#[test]
fn faults_never_repeat_a_name() {
    let named = json!({"id": "p", "kind": "natural_person", "name": "Secret\u{7}Name", "country": "CH", "ends": "state"});
    let faults = chain(&[named], &[link("p", "p", 1)]).check(today()).unwrap_err();
    assert!(faults.len() >= 3);
    assert!(faults.iter().all(|fault| !fault.detail.contains("Secret")), "{faults:?}");
    let facts = OwnershipFacts::of(
        "vasp_00000000000000000000000001".parse().unwrap(),
        &chain(&[person("p")], &[link("p", "self", 1)]),
        today().start(),
    );
    assert!(!format!("{facts:?} {:?}", facts.owners[0]).contains("Person"));
}

/// Source: AMLR Art. 52(1): 25 % or more, direct or through others, shares multiplied along a chain and added across chains.
#[test]
fn beneficial_owners_have_a_quarter_or_more() {
    let direct = chain(
        &[person("p"), person("q"), person("r")],
        &[link("p", "self", 2_500), link("q", "self", 2_499), link("r", "self", 5_001)],
    );
    assert_eq!(direct.check(today()), Ok(()));
    assert_eq!(beneficial(&direct), [("p".to_owned(), 2_500), ("r".to_owned(), 5_001)]);
    assert!(direct.owners().is_whole());

    // 50 % of 50 % is a quarter; 50 % of 49.99 % is not.
    let through = |share| {
        chain(
            &[person("p"), entity("h"), listed("l")],
            &[link("h", "self", 5_000), link("l", "self", 5_000), link("p", "h", share), link("l", "h", 10_000 - share)],
        )
    };
    assert_eq!(beneficial(&through(5_000)), [("p".to_owned(), 2_500)]);
    assert_eq!(beneficial(&through(4_999)), []);

    // 10 % directly and 30 % of a half: a quarter in total.
    let both = chain(
        &[person("p"), entity("h"), listed("l")],
        &[
            link("p", "self", 1_000),
            link("h", "self", 5_000),
            link("l", "self", 4_000),
            link("p", "h", 3_000),
            link("l", "h", 7_000),
        ],
    );
    assert_eq!(beneficial(&both), [("p".to_owned(), 2_500)]);
}

/// Two companies own 40 % of each other, and a person owns 60 % of each. The first company owns the whole VASP. Calculated by hand: the
/// first person's share is 0.6 / (1 − 0.16) = 71.42 %, the second's 0.4 · 0.6 / 0.84 = 28.57 %.
#[test]
fn shares_that_come_round_are_added_up_and_end() {
    let ring = chain(
        &[person("p"), person("q"), entity("a"), entity("b")],
        &[link("a", "self", 10_000), link("p", "a", 6_000), link("b", "a", 4_000), link("q", "b", 6_000), link("a", "b", 4_000)],
    );
    assert_eq!(ring.check(today()), Ok(()));
    assert_eq!(beneficial(&ring), [("p".to_owned(), 7_142), ("q".to_owned(), 2_857)]);
    assert_eq!(ring.owners().accounted_basis_points, 10_000);
}

#[test]
fn control_counts_whatever_the_share_and_links_that_ended_do_not() {
    let control = json!({"owner": "q", "owned": "h", "control": "appointment"});
    let ended = json!({"owner": "r", "owned": "self", "basis_points": 9_000, "to": "2026-06-01"});
    let controlled = chain(
        &[person("p"), person("q"), person("r"), entity("h")],
        &[link("h", "self", 10_000), link("p", "h", 10_000), control, ended],
    );
    assert_eq!(controlled.check(today()), Ok(()));
    let owners = controlled.owners();
    let shown: Vec<_> = owners.beneficial.iter().map(|owner| (owner.party.as_str(), owner.basis_points, owner.control)).collect();
    assert_eq!(shown, [("p", 10_000, None), ("q", 0, Some(Control::Appointment))]);
}

#[test]
fn what_leads_nowhere_is_not_accounted_for() {
    let open = chain(&[person("p")], &[link("p", "self", 7_500)]);
    assert!(!open.owners().is_whole(), "a quarter may be somebody's");
    let nearly = chain(&[person("p")], &[link("p", "self", 7_501)]);
    assert!(nearly.owners().is_whole());
    // Nothing is counted again beyond a listed company: 40 % stay 40 %.
    let listed = chain(&[person("p"), listed("l")], &[link("l", "self", 4_000), link("p", "l", 10_000)]);
    assert_eq!(listed.owners().accounted_basis_points, 4_000);
}

#[test]
fn facts_for_screening_have_every_name_and_the_direct_shares() {
    let found = chain(
        &[person("p"), entity("h")],
        &[link("h", "self", 6_000), link("p", "h", 10_000), json!({"owner": "p", "owned": "self", "control": "agreement"})],
    );
    let facts = OwnershipFacts::of("vasp_00000000000000000000000001".parse().unwrap(), &found, today().start());
    let names: Vec<_> = facts.owners.iter().map(|owner| owner.names.concat()).collect();
    assert_eq!(names, ["Person p", "Entity h"]);
    let shares: Vec<_> =
        facts.shares.iter().map(|share| (share.owner.as_str(), share.owned.as_str(), share.basis_points)).collect();
    assert_eq!((shares, facts.subject), (vec![("h", "self", 6_000), ("p", "h", 10_000)], "self"));
}

proptest! {
    /// No chain, valid or not, causes a panic. In a valid chain nobody owns more than the whole, and all ends together own no more than the
    /// whole.
    #[test]
    fn nobody_owns_more_than_the_whole(
        kinds in prop::collection::vec(0u8..3, 1..7),
        links in prop::collection::vec((0usize..8, 0usize..8, 0u32..10_050), 0..14),
    ) {
        let parties: Vec<Value> = kinds.iter().enumerate().map(|(index, kind)| match kind {
            0 => person(&format!("n{index}")),
            1 => entity(&format!("n{index}")),
            _ => listed(&format!("n{index}")),
        }).collect();
        let name = |index: usize| if index % (kinds.len() + 1) == kinds.len() { "self".to_owned() } else { format!("n{}", index % (kinds.len() + 1)) };
        let links: Vec<Value> = links.iter().map(|(owner, owned, share)| link(&name(*owner), &name(*owned), *share)).collect();
        let found = chain(&parties, &links);
        let owners = found.owners();
        if found.check(today()).is_ok() {
            prop_assert!(owners.accounted_basis_points <= WHOLE_BASIS_POINTS);
            let people: u64 = found.parties.iter().filter(|party| party.kind == PartyKind::NaturalPerson)
                .map(|party| u64::from(owners.effective[&party.id])).sum();
            prop_assert!(people <= u64::from(WHOLE_BASIS_POINTS) + 1);
            let text = serde_json::to_string(&found).unwrap();
            prop_assert_eq!(serde_json::from_str::<OwnershipChain>(&text).unwrap(), found);
        }
    }
}
