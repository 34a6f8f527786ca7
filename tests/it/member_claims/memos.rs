//! Memos of one address: another party's word takes none, and what both sides confirmed counts.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine as _;
use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_record::role::{OrganisationKind, Role, Scope};

use super::world::{World, address};
use crate::support::{Answer, Person, on_every_database};
use vasp_registry::imports::ImportFormat;

pub(crate) const STELLAR: &str = "stellar:pubnet";

/// A key of Stellar.
pub(crate) struct Account(Ed25519KeyPair);

impl Account {
    pub(crate) fn new(number: u8) -> Self {
        Self(Ed25519KeyPair::from_seed_unchecked(&[number; 32]).unwrap())
    }

    /// Source: SEP-23: version byte `6 << 3`, the key, CRC16 (XMODEM) little-endian, in base32.
    pub(crate) fn address(&self) -> String {
        let mut bytes = vec![6 << 3];
        bytes.extend(self.0.public_key().as_ref());
        let mut crc = 0u16;
        for byte in &bytes {
            crc ^= u16::from(*byte) << 8;
            for _ in 0..8 {
                crc = if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 };
            }
        }
        bytes.extend(crc.to_le_bytes());
        data_encoding::BASE32_NOPAD.encode(&bytes)
    }

    /// Source: SEP-53: Ed25519 over SHA-256 of the prefix and the text.
    fn prove(&self, challenge: &str) -> Value {
        let signed = digest(&SHA256, format!("Stellar Signed Message:\n{challenge}").as_bytes());
        let signature = base64::engine::general_purpose::STANDARD.encode(self.0.sign(signed.as_ref()));
        json!({"scheme": "stellar_sep53", "network": STELLAR, "address": self.address(), "challenge": challenge, "signature": signature})
    }
}

pub(super) fn claim(world: &World, party: &Person, account: &Account, memo: Option<&str>) -> Value {
    world.claim(party, &account.address(), &json!({"network": STELLAR, "memo": memo}))
}

pub(crate) fn prove(world: &World, party: &Person, account: &Account, claim: &Value) {
    let path = format!("/v1/claims/{}", claim["id"].as_str().unwrap());
    let challenge = world.post(party, &format!("{path}/challenge"), &json!({})).json();
    let proof = account.prove(challenge["challenge"].as_str().unwrap());
    world.post(party, &format!("{path}/proof"), &proof).with(200);
}

/// Status, owners' ids and the ids of those beside the answer.
pub(super) fn ask(world: &World, asker: &Person, account: &Account, memo: Option<&str>) -> (String, Vec<String>, Vec<String>) {
    let subjects = json!({"subjects": [{"subject": account.address(), "network": STELLAR, "memo": memo}]});
    let answer = world.post(asker, "/v1/resolve", &subjects).json()["results"][0].clone();
    let ids = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|one| one["vasp"]["id"].as_str().unwrap().to_owned()).collect()
    };
    (answer["status"].as_str().unwrap().to_owned(), ids(&answer["owners"]), ids(&answer["related_claims"]))
}

pub(super) fn found(status: &str, owners: &[&Person], related: &[&Person]) -> (String, Vec<String>, Vec<String>) {
    let ids = |parties: &[&Person]| parties.iter().map(|party| party.vasp().to_string()).collect();
    (status.to_owned(), ids(owners), ids(related))
}

pub(super) fn open_disputes(world: &World) -> usize {
    let operator = world.registry.person_of_new(OrganisationKind::Operator, &[Role::Reviewer]);
    world.get(&operator, "/v1/disputes").json()["items"].as_array().unwrap().len()
}

pub(super) fn sub_account(world: &World, party: &Person, account: &Account, memo: Option<&str>, holder: &Person) -> Answer {
    say(world, party, "", account, memo, holder)
}

pub(super) fn say(world: &World, party: &Person, what: &str, account: &Account, memo: Option<&str>, holder: &Person) -> Answer {
    let body = json!({"network": STELLAR, "address": account.address(), "memo": memo, "vasp": holder.vasp()});
    world.post(party, &format!("/v1/sub-accounts{what}"), &body)
}

/// Before, an unproven claim with a memo was `owned` beside even a proven one without, and nobody was told.
#[on_every_database(World::start)]
fn a_claim_with_a_memo_takes_no_address(world: World) {
    let (exchange, liar, gateway) = (world.member("Alpha"), world.member("Beta"), world.gateway());
    let account = Account::new(7);
    let own = claim(&world, &exchange, &account, None);

    let taken = claim(&world, &liar, &account, Some("4711"));

    let asked = || ask(&world, &gateway, &account, Some("4711"));
    assert_eq!((asked().0.as_str(), asked().1.len()), ("conflicted", 2));
    assert_eq!((&taken["disputed"], open_disputes(&world)), (&json!(true), 1));
    let watcher = world.registry.person_with(exchange.organisation, &[Role::Admin], &[Scope::Member, Scope::Precheck]);
    let told = watcher.get(&world.registry, "/v1/alerts").json();
    assert_eq!(told["items"][0]["kind"], "own.claim_disputed", "{told}");
    assert!(told["items"][0]["detail"].as_str().unwrap().contains(own["id"].as_str().unwrap()), "{told}");
    for other in [None, Some("4712")] {
        assert_eq!(ask(&world, &gateway, &account, other), found("owned", &[&exchange], &[]));
    }
    prove(&world, &exchange, &account, &own);
    assert_eq!(asked(), found("owned", &[&exchange], &[&liar]));
    // Nor does the liar who came first keep the address from its owner.
    let late = Account::new(8);
    claim(&world, &liar, &late, Some("1"));
    let own = claim(&world, &exchange, &late, None);
    assert_eq!(ask(&world, &gateway, &late, Some("1")).0, "conflicted");
    prove(&world, &exchange, &late, &own);
    assert_eq!(ask(&world, &gateway, &late, Some("1")), found("owned", &[&exchange], &[&liar]));
}

#[on_every_database(World::start)]
fn a_sub_account_counts_while_both_sides_say_so(world: World) {
    let (owner, holder, other, gateway) = (world.member("Alpha"), world.member("Beta"), world.member("Gamma"), world.gateway());
    let account = Account::new(7);
    let own = claim(&world, &owner, &account, None);
    claim(&world, &holder, &account, Some("4711"));
    let asked = || ask(&world, &gateway, &account, Some("4711"));
    assert_eq!((asked().0.as_str(), open_disputes(&world)), ("conflicted", 1));

    let named = sub_account(&world, &owner, &account, Some("4711"), &holder).with(201);
    let named = named.json();
    assert_eq!((&named["state"], &named["owner"], &named["memo"]), (&json!("named"), &json!(owner.vasp()), &json!("4711")));
    assert_eq!(asked().0, "conflicted", "one side alone settles nothing");
    let path = format!("/v1/sub-accounts/{}", named["id"].as_str().unwrap());
    world.post(&owner, &format!("{path}/confirm"), &json!({})).problem(409, "illegal_step");
    world.post(&other, &format!("{path}/confirm"), &json!({})).problem(404, "not_found");
    let confirmed = world.post(&holder, &format!("{path}/confirm"), &json!({}));

    assert_eq!((confirmed.status.as_u16(), &confirmed.json()["state"]), (200, &json!("confirmed")));
    assert_eq!((asked(), open_disputes(&world)), (found("owned", &[&holder], &[]), 0));
    assert_eq!(ask(&world, &gateway, &account, None), found("owned", &[&owner], &[]));
    // It is as sure as the owner's own claim, against whoever else claims the memo.
    let taken = claim(&world, &other, &account, Some("4711"));
    assert_eq!((asked().0.as_str(), &taken["disputed"]), ("conflicted", &json!(true)));
    prove(&world, &owner, &account, &own);
    assert_eq!(asked(), found("owned", &[&holder], &[&other]));
    // A renewed claim opens no dispute with what was confirmed.
    let before = open_disputes(&world);
    let memos = world.get(&holder, "/v1/claims?state=live").json();
    let renewed = format!("/v1/claims/{}", memos["items"][0]["id"].as_str().unwrap());
    assert_eq!(world.change(&holder, "PATCH", &renewed, "*", &json!({"role": "cold"})).status.as_u16(), 200);
    assert_eq!((asked(), open_disputes(&world)), (found("owned", &[&holder], &[&other]), before));
    for side in [&owner, &holder] {
        let seen = world.get(side, "/v1/sub-accounts").json();
        assert_eq!((&seen["items"][0]["id"], &seen["items"][0]["state"]), (&named["id"], &json!("confirmed")));
    }
    assert_eq!(world.get(&other, "/v1/sub-accounts").json()["items"], json!([]));

    let ended = world.change(&holder, "DELETE", &path, "", &Value::Null);

    assert_eq!((ended.status.as_u16(), &ended.json()["state"]), (200, &json!("ended")));
    assert_eq!(asked().1, [owner.vasp().to_string()]);
    assert_eq!(open_disputes(&world), before + 1, "the two contradict each other again");
    world.change(&owner, "DELETE", &path, "", &Value::Null).problem(409, "illegal_step");
    world.post(&holder, &format!("{path}/confirm"), &json!({})).problem(409, "illegal_step");
}

/// Before, whoever ended a sub-account contradicted as many answers as the other side had memos.
/// Before, an entity gave away the memos of an address that a sibling had claimed or proven.
#[on_every_database(World::start)]
fn an_entity_of_a_group_gives_away_no_memo_of_a_siblings_address(world: World) {
    let group = world.registry.record_of(vasp_record::vasp::VaspKind::Group, "Holding", &[]).to_string();
    let facts = [("status", "", "verified"), ("group", "", group.as_str())];
    let [owner, sibling] = ["Alpha", "Beta"].map(|name| world.editor_of(world.registry.record(name, &facts)));
    let (holder, gateway, account) = (world.member("Gamma"), world.gateway(), Account::new(7));
    let own = claim(&world, &owner, &account, None);
    claim(&world, &holder, &account, Some("4711"));
    let asked = || ask(&world, &gateway, &account, Some("4711"));
    let give = |party: &Person| {
        let named = sub_account(&world, party, &account, None, &holder).answered(201);
        world.post(&holder, &format!("/v1/sub-accounts/{}/confirm", named["id"].as_str().unwrap()), &json!({})).with(200);
    };

    sub_account(&world, &sibling, &account, Some("4711"), &holder).problem(409, "illegal_step");
    claim(&world, &sibling, &account, None);
    give(&sibling);

    assert_eq!((asked().0.as_str(), open_disputes(&world)), ("conflicted", 1), "the owner did not say so");
    assert_eq!(claim(&world, &holder, &account, Some("4712"))["disputed"], json!(true));
    prove(&world, &owner, &account, &own);
    assert_eq!((asked().0.as_str(), asked().1), ("owned", vec![owner.vasp().to_string()]));
    give(&owner);
    assert_eq!((asked(), open_disputes(&world)), (found("owned", &[&holder], &[]), 0));
}

#[on_every_database(World::start)]
fn claims_contradict_within_the_holders_allowance_once_a_sub_account_ended(world: World) {
    let (owner, holder, gateway) = (world.member("Alpha"), world.member("Beta"), world.gateway());
    let shared = |account: &Account| {
        let own = claim(&world, &owner, account, None);
        let named = sub_account(&world, &owner, account, None, &holder).json();
        let path = format!("/v1/sub-accounts/{}", named["id"].as_str().unwrap());
        assert_eq!(world.post(&holder, &format!("{path}/confirm"), &json!({})).status.as_u16(), 200);
        let memos: Vec<Value> =
            (0..11).map(|memo| claim(&world, &holder, account, Some(&memo.to_string()))["id"].clone()).collect();
        (own, path, memos)
    };
    let (account, proven) = (Account::new(7), Account::new(8));
    let (_, path, memos) = shared(&account);
    let end = |party: &Person, path: &str| world.change(party, "DELETE", path, "", &Value::Null);
    let asked = |account: &Account, memo: u8| ask(&world, &gateway, account, Some(&memo.to_string()));

    assert_eq!(end(&owner, &path).status.as_u16(), 200);

    let conflicted = (0..11).filter(|memo| asked(&account, *memo).0 == "conflicted").count();
    assert_eq!((conflicted, open_disputes(&world)), (10, 10));
    assert_eq!(asked(&account, 10), found("owned", &[&owner], &[]), "the youngest claim waits");
    let waits = world.get(&holder, "/v1/claims?state=pending_review").json();
    assert_eq!((waits["items"].as_array().unwrap().len(), &waits["items"][0]["replaces"]), (1, &memos[10]));
    let third = world.member("Gamma");
    claim(&world, &third, &Account::new(9), None);
    let states = [&owner, &holder].map(|side| claim(&world, side, &Account::new(9), None)["state"].clone());
    assert_eq!(states, ["live", "pending_review"], "it is the holder's allowance that is used");
    // What is proven is given back by either, and costs nothing.
    let (own, path, _) = shared(&proven);
    prove(&world, &owner, &proven, &own);
    assert_eq!(end(&holder, &path).status.as_u16(), 200);
    assert_eq!(asked(&proven, 3), found("owned", &[&owner], &[&holder]));
}

#[on_every_database(World::start)]
fn a_sub_account_of_every_memo_counts_for_each_and_survives_a_restart(world: World) {
    let (owner, holder, gateway) = (world.member("Alpha"), world.member("Beta"), world.gateway());
    let account = Account::new(7);
    claim(&world, &owner, &account, None);
    let named = sub_account(&world, &owner, &account, None, &holder).json();
    let confirm = format!("/v1/sub-accounts/{}/confirm", named["id"].as_str().unwrap());
    assert_eq!(world.post(&holder, &confirm, &json!({})).status.as_u16(), 200);

    for memo in ["1", "2"] {
        let taken = claim(&world, &holder, &account, Some(memo));
        assert_eq!(taken["disputed"], json!(false));
        assert_eq!(ask(&world, &gateway, &account, Some(memo)), found("owned", &[&holder], &[]));
    }

    assert_eq!((open_disputes(&world), ask(&world, &gateway, &account, None)), (0, found("owned", &[&owner], &[])));
    let node = world.node(vasp_store::StoreOptions::default());
    let generation = node.pin(world.registry.clock.now());
    let table = vasp_addresses::network::NetworkTable::embedded();
    let network = table.resolve_name(STELLAR).unwrap().number;
    let key = vasp_addresses::address::AccountKey::new(account.address().as_bytes());
    assert_eq!(generation.sub_accounts(network, &key).len(), 1, "another node reads it");
}

#[on_every_database(World::start)]
fn two_people_decide_for_an_owner_who_is_no_member_or_does_not_answer(world: World) {
    let (owner, holder, gateway) = (world.member("Alpha"), world.member("Beta"), world.gateway());
    let (reviewer, approver) = world.registry.two_operators();
    let (labelled, owned) = (Account::new(7), Account::new(8));
    let label = format!(
        "network,address,entity,entity_name,label,category,source,added_date\n{STELLAR},{},brand,Brand,,exchange,test@0:a,\n",
        labelled.address()
    );
    world.registry.import(ImportFormat::ClaimsCsv, "labels.csv", label.into_bytes().leak());
    claim(&world, &owner, &owned, None);
    let body = json!({"evidence": "statement of the exchange, 1 June 2026", "reason": "it is no member"});
    let propose = |claim: &Value| {
        world.post(&reviewer, &format!("/v1/claims/{}/sub-account/propose", claim["id"].as_str().unwrap()), &body)
    };
    let [first, second] = [&labelled, &owned].map(|account| claim(&world, &holder, account, Some("4711")));

    let proposed = propose(&first).json();
    reviewer.approve(&world.registry, &proposed).problem(409, "same_person");
    assert_eq!(ask(&world, &gateway, &labelled, Some("4711")).0, "conflicted");
    let approved = approver.approve(&world.registry, &proposed);

    assert_eq!(approved.status.as_u16(), 200, "{approved:?}");
    assert_eq!(ask(&world, &gateway, &labelled, Some("4711")), found("owned", &[&holder], &[]));
    // A member is asked itself, and has ten working days.
    let refused = propose(&second).problem(409, "conflict");
    assert_eq!(refused["errors"][0]["code"], "owner_may_answer");
    world.registry.advance(14 * 86_400);
    let proposed = propose(&second).answered(201);
    assert_eq!(approver.approve(&world.registry, &proposed).status.as_u16(), 200);
    assert_eq!((ask(&world, &gateway, &owned, Some("4711")), open_disputes(&world)), (found("owned", &[&holder], &[]), 0));
    // Either side ends it, as any other.
    let listed = world.get(&owner, "/v1/sub-accounts").json();
    let path = format!("/v1/sub-accounts/{}", listed["items"][0]["id"].as_str().unwrap());
    assert_eq!(world.change(&owner, "DELETE", &path, "", &Value::Null).status.as_u16(), 200);
    assert_eq!((ask(&world, &gateway, &owned, Some("4711")).0.as_str(), open_disputes(&world)), ("conflicted", 1));
}

#[on_every_database(World::start)]
fn a_suspended_holder_keeps_what_was_confirmed_and_overlapping_sub_accounts_settle_as_long_as_one_stands(world: World) {
    let (owner, holder, gateway) = (world.member("Alpha"), world.member("Beta"), world.gateway());
    let account = Account::new(7);
    claim(&world, &owner, &account, None);
    world.registry.advance(60);
    claim(&world, &holder, &account, Some("1"));
    let confirmed = |memo| {
        let named = sub_account(&world, &owner, &account, memo, &holder).json();
        let path = format!("/v1/sub-accounts/{}", named["id"].as_str().unwrap());
        assert_eq!(world.post(&holder, &format!("{path}/confirm"), &json!({})).status.as_u16(), 200);
        path
    };
    let (one, every) = (confirmed(Some("1")), confirmed(None));
    let asked = || ask(&world, &gateway, &account, Some("1"));

    assert_eq!(world.change(&owner, "DELETE", &one, "", &Value::Null).status.as_u16(), 200);
    assert_eq!((asked(), open_disputes(&world)), (found("owned", &[&holder], &[]), 0));
    world.set_status(&holder, "suspended");
    assert_eq!(asked(), found("owned", &[&holder], &[]), "asking finds whom the registry warns of, not the owner");
    // A suspended one may still give it back.
    assert_eq!(world.change(&holder, "DELETE", &every, "", &Value::Null).status.as_u16(), 200);
    assert_eq!((asked(), open_disputes(&world)), (found("owned", &[&owner], &[&holder]), 1));
}

#[on_every_database(World::start)]
fn sub_accounts_are_given_by_owners_of_addresses_with_memos_to_others(world: World) {
    let (owner, holder) = (world.member("Alpha"), world.member("Beta"));
    let account = Account::new(7);
    let code = |answer: Answer, status, problem| answer.problem(status, problem)["errors"][0]["code"].clone();

    sub_account(&world, &owner, &account, Some("1"), &holder).problem(409, "illegal_step");
    claim(&world, &owner, &account, Some("1"));
    sub_account(&world, &owner, &account, Some("1"), &holder).problem(409, "illegal_step");
    claim(&world, &owner, &account, None);
    assert_eq!(code(sub_account(&world, &owner, &account, Some("1"), &owner), 422, "invalid_request"), "own_party");
    let nobody = Person { vasp: Some("vasp_01ks000000000000000000000a".parse().unwrap()), ..world.gateway() };
    assert_eq!(code(sub_account(&world, &owner, &account, Some("1"), &nobody), 422, "invalid_request"), "unknown_vasp");
    world.claim(&owner, &address(1), &json!({}));
    let ethereum = json!({"network": "eip155:1", "address": address(1), "vasp": holder.vasp()});
    assert_eq!(code(world.post(&owner, "/v1/sub-accounts", &ethereum), 422, "invalid_request"), "no_memos");
    assert_eq!(sub_account(&world, &owner, &account, Some("1"), &holder).status.as_u16(), 201);
    assert_eq!(code(sub_account(&world, &owner, &account, Some("1"), &holder), 409, "conflict"), "named_already");
}
