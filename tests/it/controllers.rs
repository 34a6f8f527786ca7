//! One key, one account, one answer: claims and conflicts by what controls an account, in every spelling and on every network of its class.
//! Vectors: `src/addresses/address/controller/tests.rs`, which names their sources.

use serde_json::{Value, json};
use vasp_addresses::network::NetworkTable;
use vasp_clock::Clock;
use vasp_log::change::ChangeKind;
use vasp_record::allowance::Allowance;
use vasp_record::claim::{Reader, Strength, Visibility};
use vasp_record::role::{Role, Scope};
use vasp_registry::claims::keep_controllers;
use vasp_registry::directory::ClaimIndexOptions;
use vasp_store::{ClaimBatch, ClaimRow, Edit, NewClaim, Reclassified, StoreError};

use crate::member_claims::world::{Wallet, World, address};
use crate::support::{Database, Person, batch_of, change, on_every_database};

/// A unified address, and its transparent and its Sapling receiver. Source: zcash-test-vectors, unified_address.json, row 1. The forms of the
/// receivers: zip_0320.json, first row, and the reference implementation in BIP-173's appendix.
const UNIFIED: &str = "u1l8xunezsvhq8fgzfl7404m450nwnd76zshscn6nfys7vyz2ywyh4cc5daaq0c7q2su5lqfh23sp7fkf3kt27ve5948mzpfdvckzaect2jtte308mkwlycj2u0eac077wu70vqcetkxf";
const TRANSPARENT: &str = "t1V9mnyk5Z5cTNMCkLbaDwSskgJZucTLdgW";
const SAPLING: &str = "zs1mrhc9y7jdh5r9ece8u5khgvj9kg0zgkxzdduyv0whkg7lkcrkx5xqem3e48avjq9wn2rukydkwn";
/// Bitcoin's address of the key hash in `TRANSPARENT`.
const ON_BITCOIN: &str = "1CHAneKwakprmi9rQAm6odmqReNpsurxf2";

fn claim_on(world: &World, party: &Person, (network, address): (&str, &str)) -> Value {
    let body = json!({"network": network, "address": address, "role": "hot"});
    world.post(party, "/v1/claims", &body).answered(201)
}

fn prove(world: &World, party: &Person, claim: &Value, wallet: &Wallet) {
    let path = format!("/v1/claims/{}", claim["id"].as_str().unwrap());
    let challenge = world.post(party, &format!("{path}/challenge"), &json!({})).answered(201);
    let proof = wallet.prove(challenge["challenge"].as_str().unwrap());
    assert_eq!(world.post(party, &format!("{path}/proof"), &proof).answered(200)["strength"], "proven");
}

/// Status, owners, and how the first owner's claim names the network.
fn asked(world: &World, party: &Person, (network, address): (&str, &str)) -> (String, Vec<String>, Value) {
    let body = json!({"subjects": [{"subject": address, "network": network}]});
    let answer = world.post(party, "/v1/resolve", &body).answered(200)["results"][0].clone();
    let owners = answer["owners"].as_array().unwrap_or_else(|| panic!("{network} {address}: {answer}"));
    let ids = owners.iter().map(|owner| owner["vasp"]["id"].as_str().unwrap().to_owned()).collect();
    (answer["status"].as_str().unwrap().to_owned(), ids, owners.first().map_or(Value::Null, |one| one["network_match"].clone()))
}

/// Source: docs/claims.md, "Against another party's claim": a proof travels.
#[on_every_database(World::start)]
fn a_proven_wallet_is_nobody_elses_on_any_network_of_its_class(world: World) {
    let (owner, other, gateway) = (world.member("Alpha"), world.member("Beta"), world.gateway());
    let wallet = Wallet::new(1);
    let address = wallet.address();
    let first = claim_on(&world, &owner, ("eip155:1", &address));
    let reader = world.registry.person_with(owner.organisation, &[Role::Admin], &[Scope::Member, Scope::Precheck]);
    let alert = |world: &World| world.get(&reader, "/v1/alerts").json()["items"].to_string().contains("own.claim_disputed");

    // Before the proof, who claims the key elsewhere contradicts it.
    let second = claim_on(&world, &other, ("eip155:8453", &address));
    assert_eq!((&second["disputed"], alert(&world)), (&json!(true), true));
    assert_eq!(asked(&world, &gateway, ("eip155:8453", &address)).0, "conflicted");
    assert_eq!(asked(&world, &gateway, ("eip155:1", &address)).0, "conflicted");
    let nobodys = asked(&world, &gateway, ("eip155:10", &address));
    assert_eq!(nobodys, ("not_found".to_owned(), vec![], Value::Null), "what is not proven owns nothing elsewhere");

    prove(&world, &owner, &first, &wallet);

    let id = owner.vasp().to_string();
    for (network, matched) in [("eip155:1", "exact"), ("eip155:8453", "class"), ("eip155:10", "class"), ("eip155:361", "class")] {
        assert_eq!(
            asked(&world, &gateway, (network, &address)),
            ("owned".to_owned(), vec![id.clone()], json!(matched)),
            "{network}"
        );
    }
    let on_base = world.post(&gateway, "/v1/resolve", &json!({"subjects": [{"subject": address, "network": "eip155:8453"}]}));
    let related = on_base.answered(200)["results"][0]["related_claims"].clone();
    assert_eq!((&related[0]["relation"], &related[0]["owner"]), (&json!("outweighed_by_proof"), &Value::Null));
    assert_eq!(related[0]["vasp"]["id"], json!(other.vasp()));
    // Keys of TRON's accounts can be exchanged: no proof travels there.
    let on_tron = ("eip155:728126428", address.as_str());
    assert_eq!(asked(&world, &gateway, on_tron).0, "not_found");
    claim_on(&world, &other, on_tron);
    assert_eq!(asked(&world, &gateway, on_tron).0, "conflicted");
}

/// Source: docs/claims.md, "Against another party's claim": one claim may name all EVM networks.
#[on_every_database(World::start)]
fn one_claim_on_every_evm_network_is_proven_once(world: World) {
    let (owner, other, gateway) = (world.member("Alpha"), world.member("Beta"), world.gateway());
    let wallet = Wallet::new(1);
    let address = wallet.address();
    let claim = claim_on(&world, &owner, ("eip155:*", &address));
    assert_eq!((&claim["network"], &claim["caip10"]), (&json!("eip155:*"), &Value::Null));
    let id = owner.vasp().to_string();
    let owned = |matched| ("owned".to_owned(), vec![id.clone()], json!(matched));
    for network in ["eip155:1", "eip155:8453"] {
        assert_eq!(asked(&world, &gateway, (network, &address)), owned("family"), "{network}");
    }
    assert_eq!(claim_on(&world, &other, ("eip155:8453", &address))["disputed"], json!(true));
    assert_eq!(asked(&world, &gateway, ("eip155:8453", &address)).0, "conflicted");

    prove(&world, &owner, &claim, &wallet);

    for network in ["eip155:1", "eip155:8453"] {
        assert_eq!(asked(&world, &gateway, (network, &address)), owned("family"), "{network}");
    }
    // Keys of TRON's accounts can be exchanged: the claim is on its EVM id, but its proof does not count there.
    let on_tron = ("eip155:728126428", address.as_str());
    claim_on(&world, &other, on_tron);
    assert_eq!(asked(&world, &gateway, on_tron).0, "conflicted");
    let listed = world.get(&owner, "/v1/claims?network=eip155:*&state=live").answered(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
    let body = json!({"network": "eip155:*", "address": "0x0000000000000000000000000000000000000005", "role": "hot"});
    assert_eq!(world.post(&owner, "/v1/claims", &body).status.as_u16(), 422, "an id is nobody's on all networks");
}

/// A Kava account's key is of Ethereum's kind or of Cosmos'. A proof by the latter owned `0x…` on 710 networks. Addresses: key 01…01, by
/// coincurve and bech32.
#[on_every_database(World::start)]
fn a_proof_by_a_cosmos_key_counts_on_cosmos_chains_and_not_on_evm_chains(world: World) {
    let kava = ("kava", "kava10xcqpzrky6eff2g52qdye53xkk9jxkvra4wpky");
    let hex = "0x79b000887626b294a914501a4cd226b58b235983";
    let (owner, other, gateway) = (world.member("Alpha"), world.member("Beta"), world.gateway());
    let wallet = Wallet::new(1);
    let claim = claim_on(&world, &owner, kava);
    let path = format!("/v1/claims/{}", claim["id"].as_str().unwrap());
    let challenge = world.post(&owner, &format!("{path}/challenge"), &json!({})).answered(201);
    let network = NetworkTable::embedded().resolve_name("kava").unwrap().caip2.as_str();
    let proof = wallet.prove_cosmos((network, kava.1), challenge["challenge"].as_str().unwrap());

    assert_eq!(world.post(&owner, &format!("{path}/proof"), &proof).answered(200)["strength"], "proven");

    let owned = |matched: &str| ("owned".to_owned(), vec![owner.vasp().to_string()], json!(matched));
    let cosmos = ("cosmos", "cosmos10xcqpzrky6eff2g52qdye53xkk9jxkvrpq6uqr");
    assert_eq!(asked(&world, &gateway, kava), owned("exact"));
    assert_eq!(asked(&world, &gateway, ("eip155:2222", hex)), owned("exact"), "the other face of the account");
    for place in [cosmos, ("zetachain", "zeta10xcqpzrky6eff2g52qdye53xkk9jxkvrhy5f6n"), ("eip155:7000", hex)] {
        assert_eq!(asked(&world, &gateway, place), owned("class"), "{place:?}");
    }
    for network in ["eip155:1", "eip155:9001"] {
        assert_eq!(asked(&world, &gateway, (network, hex)).0, "not_found", "{network}");
    }
    // What another only says is outweighed on Cosmos chains, and contradicts the account elsewhere.
    claim_on(&world, &other, cosmos);
    assert_eq!(asked(&world, &gateway, cosmos), owned("class"));
    claim_on(&world, &other, ("eip155:1", hex));
    assert_eq!(asked(&world, &gateway, ("eip155:1", hex)).0, "conflicted");
    assert_eq!(asked(&world, &gateway, kava), owned("exact"));
    // Another table of networks keeps under which controller the proof counts; so does an index over the store.
    let store = world.registry.registry.store();
    store.derive::<_, StoreError>(|conn| conn.reclassify(&[], b"another table")).unwrap();
    keep_controllers(store).unwrap();
    assert_eq!(found(&world, &[kava, cosmos, ("eip155:1", hex)])[0], found(&world, &[kava, cosmos, ("eip155:1", hex)])[1]);
    let evm = NetworkTable::embedded().parse("eip155:1", hex).unwrap().controllers;
    let stored =
        store.read::<_, StoreError>(|conn| conn.claims_stored_under(evm.first().class.0, &[evm.first().bytes.as_bytes()]));
    assert!(
        stored.unwrap().iter().all(|row| row.seq_to.is_some() || row.network != 178),
        "the proven claim is stored under `hash160`"
    );
}

/// Before, 20 of 27 such pairs were `not_found`. Source: docs/addresses.md, "Classes": every spelling of an account has the same controller.
#[on_every_database(World::start)]
fn what_is_claimed_in_one_spelling_is_owned_in_the_other(world: World) {
    const XDC: &str = "xdc7e5f4552091a69125d5dfcb7b8c2659029395bdf";
    let (owner, gateway) = (world.member("Alpha"), world.gateway());
    let key = "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf";
    let pairs = [
        (("litecoin", "ME4AKqfzRoeU6AyLS8pkxaa9aPJxVqkHyc"), ("litecoin", "37r21xG2Ugo3HfhSLFqR8wKkFgiWSHXimp")),
        (("zcash", "t1V9mnyk5Z5cTNMCkLbaDwSskgJZucTLdgW"), ("zcash", "tex10wur2u9clts5dcpu2vc6qg93uzyj7cca2xm732")),
        (
            ("bitcoin-cash", "bitcoincash:qr6m7j9njldwwzlg9v7v53unlr4jkmx6eylep8ekg2"),
            ("bitcoin-cash", "bitcoincash:zr6m7j9njldwwzlg9v7v53unlr4jkmx6eycnjehshe"),
        ),
        (
            ("ecash", "ecash:qpm2qsznhks23z7629mms6s4cwef74vcwva87rkuu2"),
            ("ecash", "etoken:qpm2qsznhks23z7629mms6s4cwef74vcwvnehpqmca"),
        ),
        (("hedera", "0.0.1234"), ("eip155:295", "0x00000000000000000000000000000000000004d2")),
        (
            ("filecoin", "f410f2oekwcmo2pueydmaq53eic2i62crtbeyuzx2gmy"),
            ("eip155:314", "0xd388ab098ed3e84c0d808776440b48f685198498"),
        ),
        (("filecoin", "f01234"), ("eip155:314", "0xff000000000000000000000000000000000004d2")),
        (
            ("harmony", "one1a0x3d6xpmr6f8wsyaxd9v36pytvp48zckswvv9"),
            ("eip155:1666600000", "0xeBCD16e8c1D8f493bA04E99a56474122D81A9c58"),
        ),
        (("theta", key), ("eip155:361", key)),
        (("eip155:50", XDC), ("eip155:50", key)),
        (("tron", "TMVQGm1qAQYVdetCeGRRkTWYYrLXuHK2HC"), ("eip155:728126428", key)),
        (
            ("internet-computer", "2vxsx-fae"),
            ("internet-computer", "1c7a48ba6a562aa9eaa2481a9049cdf0433b9738c992d698c31d8abf89cadc79"),
        ),
    ];
    let id = owner.vasp().to_string();
    for (claimed, spelt) in pairs {
        claim_on(&world, &owner, claimed);
        for place in [claimed, spelt] {
            assert_eq!(asked(&world, &gateway, place), ("owned".to_owned(), vec![id.clone()], json!("exact")), "{place:?}");
        }
    }
    let bare = world.get(&gateway, &format!("/v1/resolve?subject={XDC}")).answered(200);
    assert_eq!((&bare["status"], &bare["owners"][0]["network"]), (&json!("owned"), &json!("eip155:50")));
}

/// How many claims an index has on the accounts, and how many the coverage of Zcash counts: an index in memory, and one over the store.
fn found(world: &World, texts: &[(&str, &str)]) -> [Vec<usize>; 2] {
    let (store, now) = (world.registry.registry.store(), world.registry.clock.now());
    [i64::MAX, 0].map(|memory_claims| {
        let limits = ClaimIndexOptions { memory_claims, ..ClaimIndexOptions::default() };
        let (keys, mut rng) = (world.registry.keys.clone(), world.registry.random.fork());
        let node = vasp_registry::node::Registry::open(store.clone(), keys, limits, now, &mut rng).unwrap();
        let generation = node.pin(now);
        let count = |(network, text): &(&str, &str)| {
            let account = NetworkTable::embedded().parse(network, text).unwrap();
            node.directory().claims_at(&account.controllers, &generation).unwrap().len()
        };
        let zcash = NetworkTable::embedded().resolve_name("zcash").unwrap();
        let counted = generation.coverage(zcash, Reader::Gateway).map_or(0, |line| usize::try_from(line.claims).unwrap());
        texts.iter().map(count).chain([counted]).collect()
    })
}

/// Source: docs/addresses.md, "Classes": a unified address has one controller for each receiver.
#[on_every_database(World::start)]
fn a_unified_address_is_found_by_each_of_its_receivers(world: World) {
    let (owner, other, gateway) = (world.member("Alpha"), world.member("Beta"), world.gateway());
    let all = [UNIFIED, TRANSPARENT, SAPLING].map(|text| ("zcash", text));
    let [unified, transparent, sapling] = all;

    let claim = claim_on(&world, &owner, unified);

    let owned = |party: &Person| ("owned".to_owned(), vec![party.vasp().to_string()], json!("exact"));
    for place in all {
        assert_eq!(asked(&world, &gateway, place), owned(&owner), "{place:?}");
    }
    assert_eq!(found(&world, &all), [[1, 1, 1, 1], [1, 1, 1, 1]]);

    let second = claim_on(&world, &other, sapling);

    assert_eq!(second["disputed"], true);
    assert_eq!([unified, sapling].map(|place| asked(&world, &gateway, place).0), ["conflicted", "conflicted"]);
    assert_eq!(asked(&world, &gateway, transparent), owned(&owner), "the other party claims no transparent receiver");
    assert_eq!(found(&world, &all), [[2, 1, 2, 2], [2, 1, 2, 2]]);

    let path = format!("/v1/claims/{}", claim["id"].as_str().unwrap());
    assert_eq!(world.change(&owner, "DELETE", &path, "*", &Value::Null).status.as_u16(), 200);

    assert_eq!(asked(&world, &gateway, transparent).0, "not_found");
    assert_eq!([unified, sapling].map(|place| asked(&world, &gateway, place)), [owned(&other), owned(&other)]);
    // The withdrawn claim's last version stays, as expired.
    assert_eq!(found(&world, &all), [[2, 1, 2, 1], [2, 1, 2, 1]]);
}

/// Adds a claim that the key of a Bitcoin address proved.
fn proven_on_bitcoin(world: &World, party: &Person, text: &str) {
    let account = NetworkTable::embedded().parse("bitcoin", text).unwrap();
    let generation = world.registry.registry.pin(world.registry.clock.now());
    let vasp = generation.number_of(party.vasp()).unwrap();
    world.registry.write(|transaction| {
        let (number, batch) = (transaction.take_numbers("claims", 1)?, transaction.take_numbers("claim_batches", 1)?);
        let row = ClaimRow {
            number,
            class: account.controllers.first().class.0,
            controller: account.controllers.first().bytes.as_bytes().to_vec(),
            memo: String::new(),
            network: account.network.0,
            account_key: account.key.as_bytes().to_vec(),
            vasp,
            batch,
            role: 2,
            confidence: None,
            asserted_at: None,
            expires_at: None,
            seq_to: None,
        };
        transaction.add_claims(&[NewClaim { row, position: 0, others: vec![] }])?;
        let batch = ClaimBatch { strength: Strength::Proven, ..batch_of(batch, 1, Visibility::Public) };
        transaction.record(change(ChangeKind::ClaimBatch, None), vec![Edit::AddBatch(batch)]);
        Ok(())
    });
}

#[on_every_database(World::start)]
fn a_proof_of_one_receivers_key_outweighs_an_unproven_claim_on_the_unified_address(world: World) {
    let (owner, other, gateway) = (world.member("Alpha"), world.member("Beta"), world.gateway());
    claim_on(&world, &other, ("zcash", UNIFIED));

    proven_on_bitcoin(&world, &owner, ON_BITCOIN);

    let owned = ("owned".to_owned(), vec![owner.vasp().to_string()], json!("class"));
    assert_eq!(asked(&world, &gateway, ("zcash", TRANSPARENT)), owned);
    assert_eq!(asked(&world, &gateway, ("zcash", UNIFIED)), owned);
}

/// The answer keeps the id and the spelling that were asked.
#[on_every_database(World::start)]
fn the_answer_names_the_other_id_of_the_ledger(world: World) {
    let gateway = world.gateway();
    let key = "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf";
    let asked = |network: &str, text: &str| {
        let body = json!({"subjects": [{"subject": text, "network": network}]});
        let subject = world.post(&gateway, "/v1/resolve", &body).answered(200)["results"][0]["subject"].clone();
        [subject["network"].clone(), subject["address"].clone(), subject["ledger"].clone()]
    };

    let lower = key.to_lowercase();
    for (network, text, other) in [
        ("eip155:361", key, "slip44:500"),
        ("slip44:500", &lower, "eip155:361"),
        ("eip155:100009", key, "vechain:b1ac3413d346d43539627e6be7ec1b4a"),
        ("eip155:1776", key, "cosmos:injective-1"),
        ("eip155:728126428", key, "tron:0x2b6653dc"),
        ("tron:0x2b6653dc", "TMVQGm1qAQYVdetCeGRRkTWYYrLXuHK2HC", "eip155:728126428"),
        ("eip155:295", key, "hedera:mainnet"),
        ("eip155:314", key, "fil:f"),
        ("eip155:397", key, "near:mainnet"),
    ] {
        let [named, written, ledger] = asked(network, text);
        assert_eq!((named, ledger), (json!(network), json!([other])), "{network}");
        assert_eq!(written.as_str().map(str::to_lowercase), Some(text.to_lowercase()), "{network}");
    }
    assert_eq!(asked("eip155:1", key)[2], Value::Null);
}

/// Two members with one key on 20 networks each: a dispute a claim, not one a pair (451,584 of them on the 672 networks of the class).
#[on_every_database(World::start)]
fn a_key_that_two_members_claim_on_many_networks_is_one_dispute_a_claim(world: World) {
    let (first, second) = (world.member("Alpha"), world.member("Beta"));
    let key = "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf";
    let plain = NetworkTable::embedded().iter().filter(|one| one.family.is_some() && one.other_ids().is_empty());
    let networks: Vec<&str> = plain.map(|network| network.caip2.as_str()).take(20).collect();
    let line = |network: &&str| json!({"network": network, "address": key, "role": "hot"}).to_string();
    let lines: Vec<String> = networks.iter().map(line).collect();
    for party in [&first, &second] {
        let headers = [("authorization", party.bearer.as_str()), ("content-type", "application/jsonl")];
        world.registry.client.send("POST", "/v1/claims/import", &headers, &lines.join("\n")).answered(200);
    }

    let disputes = world.registry.registry.store().read::<_, StoreError>(|conn| conn.disputes(true, "", 500)).unwrap();

    let against: std::collections::BTreeSet<_> = disputes.iter().map(|one| one.against).collect();
    assert_eq!((networks.len(), disputes.len(), against.len()), (20, 20, 20), "each against the claim on its own network");
    assert!(disputes.iter().all(|one| one.against.is_some_and(|other| other < one.claim)));
}

/// A registry where one answer a day may be contradicted.
fn strict(database: Database) -> World {
    World::start_with(database, |settings| {
        settings.claims.allowance = Allowance { a_day: 1, after_days: 0, ..Allowance::default() };
    })
}

/// Source: docs/claims.md, "Allowance": one key on several networks of its class costs once.
#[on_every_database(strict)]
fn a_key_is_contradicted_once_on_however_many_networks(world: World) {
    let (owner, other, gateway) = (world.member("Alpha"), world.member("Beta"), world.gateway());
    for number in [100_001, 100_002] {
        claim_on(&world, &owner, ("eip155:1", &address(number)));
    }
    claim_on(&world, &owner, ("eip155:10", &address(100_001)));
    let sent = |network: &str, number: u64| {
        let body = json!({"network": network, "address": address(number), "role": "hot"});
        world.post(&other, "/v1/claims", &body)
    };
    let on = |network: &str, number: u64| {
        let answer = sent(network, number);
        assert!(answer.status.is_success(), "{answer:?}");
        answer.json()
    };

    let states = ["eip155:1", "eip155:8453", "eip155:137"].map(|network| on(network, 100_001)["state"].clone());

    assert_eq!(states, ["live", "live", "live"]);
    assert_eq!(asked(&world, &gateway, ("eip155:10", &address(100_001))).0, "conflicted");
    assert_eq!(on("eip155:1", 100_002)["state"], "pending_review", "another key is another answer");
    sent("eip155:8453", 100_001).problem(409, "conflict");
}

#[on_every_database(World::start)]
fn claims_are_found_when_another_table_of_networks_computed_their_controllers(world: World) {
    let owner = world.member("Alpha");
    claim_on(&world, &owner, ("zcash", UNIFIED));
    claim_on(&world, &owner, ("eip155:1", "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf"));
    let places = [("zcash", TRANSPARENT), ("zcash", SAPLING), ("eip155:10", "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf")];
    let before = found(&world, &places);
    assert_eq!(before, [[1, 1, 1, 1], [1, 1, 1, 1]]);
    let store = world.registry.registry.store();
    let older: Vec<Reclassified> = store
        .read::<_, StoreError>(|conn| {
            let batches = conn.claim_batches_between(0, i64::MAX)?;
            let mut numbers = vec![];
            for batch in batches {
                numbers.extend(conn.claims_of_batch(batch.number, -1, 10)?.into_iter().map(|(_, row)| row.number));
            }
            Ok(numbers.into_iter().map(|number| Reclassified { number, controllers: vec![(99, vec![1; 9])] }).collect())
        })
        .unwrap();
    store.derive::<_, StoreError>(|conn| conn.reclassify(&older, b"an older table")).unwrap();
    assert_eq!(found(&world, &places)[1], [0, 0, 0, 1]);

    keep_controllers(store).unwrap();

    assert_eq!(found(&world, &places), before);
    let noted = store.read::<_, StoreError>(|conn| conn.claim_classes()).unwrap();
    assert_eq!(noted, Some(NetworkTable::embedded_digest()));
}
