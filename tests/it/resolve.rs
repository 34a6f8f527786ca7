//! `/v1/resolve` end to end: labels go in by the importer, questions come by GET and POST. Addresses are published examples
//! (BIP-173, EIP-55, the Bitcoin wiki, token contracts); who owns them is invented.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use vasp_addresses::travel_address::TravelAddress;
use vasp_registry::imported::ImportReport;
use vasp_registry::imports::ImportFormat;
use vasp_words::time::UtcTime;

use crate::support::{Answer, Database, NOW, Registry, on_every_database};

const BITCOIN: &str = "bip122:000000000019d6689c085ae165831e93";
const LITECOIN: &str = "bip122:12a765e31ffd4059bada1e25190f6e98";
const TRON: &str = "tron:0x2b6653dc";

/// Alpha's on Bitcoin, in forms shared with other networks and not.
const LEGACY: &str = "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2";
const SEGWIT: &str = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";
/// Alpha's on Bitcoin, Beta's on Litecoin.
const SCRIPT: &str = "3P14159f73E4gFr7JterCCQh9QjiTjiZrG";
/// Alpha's and Beta's on Bitcoin.
const DISPUTED: &str = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
/// Nobody's; 20 bytes of 7.
const UNKNOWN: &str = "1eA9ctCNq41iLLnQErtTUVdxpRyZ9hZmW";
/// Alpha's on Ethereum, Gamma's on OP Mainnet; Alpha's and Beta's somewhere in the family.
const EVM_EXACT: &str = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
/// Alpha's somewhere in the family.
const EVM_FAMILY: &str = "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359";
/// Alpha's and Beta's somewhere in the family.
const EVM_DISPUTED: &str = "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB";
/// Gamma's on Polygon.
const EVM_ELSEWHERE: &str = "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb";

const LABELS: &str = "\
network,address,entity,entity_name,label,category,source,added_date
bip122:000000000019d6689c085ae165831e93,1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2,alpha,Alpha,Alpha cold wallet,exchange,test@1:a.csv,2025-01-02
bip122:000000000019d6689c085ae165831e93,bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4,alpha,Alpha,Alpha,exchange,test@1:a.csv,2025-01-03
bip122:000000000019d6689c085ae165831e93,3P14159f73E4gFr7JterCCQh9QjiTjiZrG,alpha,Alpha,Alpha,exchange,test@1:a.csv,2025-01-04
bip122:12a765e31ffd4059bada1e25190f6e98,3P14159f73E4gFr7JterCCQh9QjiTjiZrG,beta,Beta,Beta,exchange,test@1:b.csv,2025-01-04
bip122:000000000019d6689c085ae165831e93,1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa,alpha,Alpha,Alpha,exchange,test@1:a.csv,2025-01-05
bip122:000000000019d6689c085ae165831e93,1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa,beta,Beta,Beta,exchange,test@1:b.csv,2025-02-01
bip122:12a765e31ffd4059bada1e25190f6e98,ltc1qdp7p2rpx4a2f80h7a4crvppczgg4egmv5c78w8,alpha,Alpha,Alpha,exchange,test@1:a.csv,
bip122:1a91e3dace36e2be3bf030a65679fe82,DTdrvUHbk5oMyi62tM7LqrjAcXfqB7eaad,alpha,Alpha,Alpha,exchange,test@1:a.csv,
tron:mainnet,TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t,gamma,Gamma,Gamma deposit,exchange,test@1:c.csv,
eip155:1,0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed,alpha,Alpha,Alpha hot,exchange,test@1:a.csv,
eip155:*,0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed,alpha,Alpha,Alpha,exchange,test@1:a.csv,
eip155:*,0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed,beta,Beta,Beta,exchange,test@1:b.csv,
eip155:10,0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed,gamma,Gamma,Gamma,exchange,test@1:c.csv,
eip155:*,0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359,alpha,Alpha,Alpha,exchange,test@1:a.csv,
eip155:*,0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359,alpha,Alpha,Alpha,exchange,test@1:d.csv,
eip155:*,0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB,alpha,Alpha,Alpha,exchange,test@1:a.csv,
eip155:*,0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB,beta,Beta,Beta,exchange,test@1:b.csv,
eip155:137,0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb,gamma,Gamma,Gamma,exchange,test@1:c.csv,
";

/// One more, of a later day.
const LATER_LABELS: &str = "\
network,address,entity,entity_name,label,category,source,added_date
tron:mainnet,TAcN9gFvXZAxsWQQzWWbydBmscBHnEi5nZ,alpha,Alpha,Alpha,exchange,test@1:late.csv,2026-05-30
";
const LATER: &str = "TAcN9gFvXZAxsWQQzWWbydBmscBHnEi5nZ";

fn labels(registry: &Registry) -> ImportReport {
    let report = registry.import(ImportFormat::ClaimsCsv, "labels.csv", LABELS.as_bytes());
    assert_eq!((report.taken, report.rejected.as_slice()), (18, &[][..]));
    report
}

/// A registry with the labels, open to everybody.
fn filled(database: Database) -> Registry {
    let registry = Registry::start_with(database, |settings| settings.public_read = true);
    labels(&registry);
    registry
}

fn ask(registry: &Registry, query: &str) -> Answer {
    registry.client.get(&format!("/v1/resolve?{query}"))
}

#[track_caller]
fn answer(registry: &Registry, query: &str) -> Value {
    let answer = ask(registry, query);
    assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "private, no-store"), "{answer:?}");
    answer.json()
}

fn post(registry: &Registry, subjects: &Value) -> Answer {
    registry.client.post("/v1/resolve", &json!({ "subjects": subjects }))
}

/// The status with every owner and its network.
fn verdict(answer: &Value) -> (String, Vec<(String, String)>) {
    (text(&answer["status"]), owners(&answer["owners"]))
}

/// Names with networks of owners or related claims, in order of name.
fn owners(list: &Value) -> Vec<(String, String)> {
    let mut owners: Vec<_> =
        list.as_array().unwrap().iter().map(|o| (text(&o["vasp"]["legal_name"]), text(&o["network"]))).collect();
    owners.sort();
    owners
}

fn expect(status: &str, owners: &[(&str, &str)]) -> (String, Vec<(String, String)>) {
    (status.to_owned(), owners.iter().map(|(name, network)| ((*name).to_owned(), (*network).to_owned())).collect())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Asserts that a question is refused for this reason at this member.
#[track_caller]
fn refused(registry: &Registry, query: &str, problem: &str, pointer: &str, code: &str) {
    assert_refused(&ask(registry, query), problem, pointer, code);
}

#[track_caller]
fn assert_refused(answer: &Answer, problem: &str, pointer: &str, code: &str) {
    let problem = answer.problem(422, problem);
    let errors = problem["errors"].as_array().unwrap();
    assert_eq!((&errors[0]["pointer"], &errors[0]["code"], errors.len()), (&json!(pointer), &json!(code), 1), "{problem}");
}

#[on_every_database(filled)]
fn address_with_its_network_is_owned(registry: Registry) {
    let answer = answer(&registry, &format!("subject={LEGACY}&network=bitcoin"));

    let (vasp, claim) = (&answer["owners"][0]["vasp"]["id"], &answer["owners"][0]["claim"]["id"]);
    assert!(text(vasp).starts_with("vasp_") && text(claim).starts_with("clm_"), "{answer}");
    assert_eq!(
        answer,
        json!({
            "subject": {
                "kind": "address", "value": LEGACY, "network": BITCOIN, "address": LEGACY, "memo": null,
                "caip10": format!("{BITCOIN}:{LEGACY}"), "memo_rule": "none",
            },
            "status": "owned",
            "owners": [{
                "vasp": {
                    "id": vasp, "kind": "group", "legal_name": "Alpha", "lei": null, "country": null, "status": "listed",
                    "website": null, "protocols": [], "entities": [],
                },
                "network": BITCOIN, "network_match": "exact", "memo_matched": true,
                "claim": {
                    "id": claim, "role": "cold", "strength": "attributed", "method": "third_party_label",
                    "source": "test@1:a.csv", "confidence": null, "asserted_at": "2025-01-02T00:00:00Z",
                    "verified_at": null, "expires_at": null,
                },
                "brand": {"candidates": [], "question": null, "settled_by": ["ask_counterparty"]},
            }],
            "related_claims": [], "memo_claims_exist": false, "candidates": [], "unverified_candidates": [],
            "platform": null,
            "coverage": [{"network": BITCOIN, "claims": 5, "entities": 0, "groups": 2, "newest": "2025-02-01T00:00:00Z"}],
            // Three groups and four batches, each a microsecond later.
            "directory": {"sequence": 7, "as_of": "2026-06-01T12:00:00.000006Z"},
            "valid_until": "2026-06-01T12:01:00Z",
        })
    );
}

#[on_every_database(filled)]
fn get_and_post_answer_alike(registry: Registry) {
    let single = answer(&registry, &format!("subject={SEGWIT}&kind=address"));

    let batch = post(&registry, &json!([{"subject": SEGWIT, "kind": "address"}]));

    assert_eq!((batch.status.as_u16(), batch.header("cache-control")), (200, "private, no-store"));
    assert_eq!(batch.json(), json!({ "results": [single] }));
}

#[on_every_database(filled)]
fn bare_address_of_a_form_of_its_own_is_owned(registry: Registry) {
    for (subject, name, network) in [
        (SEGWIT, "Alpha", BITCOIN),
        ("ltc1qdp7p2rpx4a2f80h7a4crvppczgg4egmv5c78w8", "Alpha", LITECOIN),
        ("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "Gamma", TRON),
    ] {
        let answer = answer(&registry, &format!("subject={subject}"));

        assert_eq!(verdict(&answer), expect("owned", &[(name, network)]), "{subject}");
        assert_eq!(answer["candidates"], json!([network]));
    }
}

#[on_every_database(filled)]
fn bare_address_of_a_form_that_several_networks_share_is_ambiguous(registry: Registry) {
    let dogecoin = "bip122:1a91e3dace36e2be3bf030a65679fe82";

    let legacy = answer(&registry, &format!("subject={LEGACY}"));
    let doge = answer(&registry, "subject=DTdrvUHbk5oMyi62tM7LqrjAcXfqB7eaad");
    let unknown = answer(&registry, &format!("subject={UNKNOWN}"));

    assert_eq!(verdict(&legacy), expect("ambiguous", &[("Alpha", BITCOIN)]));
    let shared = ["bip122:000000000000000000651ef99cb9fcbe", "slip44:899", "slip44:236", "slip44:999"];
    assert_eq!(legacy["candidates"], json!([&[BITCOIN], &shared[..]].concat()));
    assert_eq!((&legacy["subject"]["network"], &legacy["subject"]["address"]), (&Value::Null, &json!(LEGACY)));
    assert_eq!(verdict(&doge), expect("ambiguous", &[("Alpha", dogecoin)]));
    assert_eq!(verdict(&unknown), expect("not_found", &[]));
    assert_eq!(unknown["candidates"], legacy["candidates"]);
}

#[on_every_database(filled)]
fn bare_address_of_two_networks_with_different_owners_is_ambiguous_with_both(registry: Registry) {
    let bare = answer(&registry, &format!("subject={SCRIPT}"));
    let given = answer(&registry, &format!("subject={SCRIPT}&network={LITECOIN}"));
    let caip10 = answer(&registry, &format!("subject={BITCOIN}:{SCRIPT}"));

    assert_eq!(verdict(&bare), expect("ambiguous", &[("Alpha", BITCOIN), ("Beta", LITECOIN)]));
    assert_eq!(bare["candidates"].as_array().unwrap()[..2], [json!(BITCOIN), json!(LITECOIN)]);
    assert_eq!(bare["candidates"].as_array().unwrap().len(), 2 + 9);
    // One script hash on two ledgers is one party's, so two who claim it contradict each other.
    assert_eq!(verdict(&given), expect("conflicted", &[("Alpha", LITECOIN), ("Beta", LITECOIN)]));
    assert_eq!(verdict(&caip10), expect("conflicted", &[("Alpha", BITCOIN), ("Beta", BITCOIN)]));
    assert_eq!((&caip10["subject"]["kind"], &caip10["candidates"]), (&json!("caip10"), &json!([])));
}

#[on_every_database(filled)]
fn claims_of_two_parties_on_one_network_conflict(registry: Registry) {
    let given = answer(&registry, &format!("subject={DISPUTED}&network={BITCOIN}"));
    let bare = answer(&registry, &format!("subject={DISPUTED}"));

    assert_eq!(verdict(&given), expect("conflicted", &[("Alpha", BITCOIN), ("Beta", BITCOIN)]));
    assert_eq!(verdict(&bare), expect("ambiguous", &[("Alpha", BITCOIN), ("Beta", BITCOIN)]));
}

#[on_every_database(filled)]
fn unknown_address_is_not_found_with_what_that_is_worth(registry: Registry) {
    let known_network = answer(&registry, &format!("subject={UNKNOWN}&network={BITCOIN}"));
    let other = answer(&registry, "subject=11111111111111111111111111111111");

    assert_eq!(verdict(&known_network), expect("not_found", &[]));
    assert_eq!(known_network["valid_until"], "2026-06-01T12:00:10Z");
    assert_eq!((&known_network["coverage"][0]["claims"], &known_network["coverage"][0]["groups"]), (&json!(5), &json!(2)));
    let solana = "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp";
    let nothing = json!([{"network": solana, "claims": 0, "entities": 0, "groups": 0, "newest": null}]);
    assert_eq!((&other["status"], &other["coverage"]), (&json!("not_found"), &nothing));
}

#[on_every_database(filled)]
fn family_claims_of_one_party_own_and_of_several_conflict(registry: Registry) {
    let on = |network: &str, address: &str| answer(&registry, &format!("subject={network}:{address}"));

    let family = on("eip155:1", EVM_FAMILY);
    let disputed = on("eip155:1", EVM_DISPUTED);
    let base = on("eip155:8453", EVM_EXACT);

    assert_eq!(verdict(&family), expect("owned", &[("Alpha", "eip155:1")]));
    assert_eq!(family["owners"][0]["network_match"], "family");
    assert_eq!(family["related_claims"], json!([]));
    assert_eq!(verdict(&disputed), expect("conflicted", &[("Alpha", "eip155:1"), ("Beta", "eip155:1")]));
    // Gamma claims the key on another network.
    let three = [("Alpha", "eip155:8453"), ("Beta", "eip155:8453"), ("Gamma", "eip155:8453")];
    assert_eq!(verdict(&base), expect("conflicted", &three));
}

#[on_every_database(filled)]
fn an_exact_claim_does_not_silence_another_partys_family_claim(registry: Registry) {
    let answer = answer(&registry, &format!("subject={}&network=eip155:1", EVM_EXACT.to_ascii_lowercase()));

    assert_eq!(verdict(&answer), expect("conflicted", &[("Alpha", "eip155:1"), ("Beta", "eip155:1"), ("Gamma", "eip155:1")]));
    let matches: Vec<_> = answer["owners"].as_array().unwrap().iter().map(|owner| text(&owner["network_match"])).collect();
    assert_eq!((matches.concat().as_str(), &answer["subject"]["address"]), ("exactclassfamily", &json!(EVM_EXACT)));
    // Alpha's own family claim is hidden.
    assert_eq!(answer["related_claims"], json!([]));
}

#[on_every_database(filled)]
fn claim_on_another_network_of_the_family_is_related_and_no_owner(registry: Registry) {
    let given = answer(&registry, &format!("subject={EVM_ELSEWHERE}&network=eip155:1"));
    let bare = answer(&registry, &format!("subject={EVM_ELSEWHERE}"));
    // The mixed case of EIP-1191, chain id 30: only Rootstock reads it.
    let rootstock = answer(&registry, "subject=0x5aaEB6053f3e94c9b9a09f33669435E7ef1bEAeD");

    assert_eq!((verdict(&given), &given["valid_until"]), (expect("not_found", &[]), &json!("2026-06-01T12:00:10Z")));
    assert_eq!(owners(&given["related_claims"]), [("Gamma".to_owned(), "eip155:137".to_owned())]);
    assert_eq!(given["related_claims"][0]["relation"], "other_network");
    assert_eq!(verdict(&bare), expect("ambiguous", &[("Gamma", "eip155:137")]));
    assert_eq!(
        (&bare["related_claims"], &bare["candidates"]),
        (
            &json!([]),
            &json!(["eip155:1", "eip155:*", "vechain:b1ac3413d346d43539627e6be7ec1b4a", "slip44:500", "hedera:mainnet"])
        )
    );
    let three = [("Alpha", "eip155:30"), ("Beta", "eip155:30"), ("Gamma", "eip155:30")];
    assert_eq!(verdict(&rootstock), expect("conflicted", &three));
    assert_eq!(owners(&rootstock["related_claims"]), [("Alpha".to_owned(), "eip155:1".to_owned())]);
}

#[test]
fn malformed_subjects_are_refused_with_the_reason() {
    let registry = filled(Database::sqlite());

    for (query, pointer, code) in [
        ("subject=0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "?subject", "checksum_mismatch"),
        ("subject=0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed&network=eip155:1", "?subject", "checksum_mismatch"),
        ("subject=1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3", "?subject", "checksum_mismatch"),
        ("subject=1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3&network=btc", "?subject", "checksum_mismatch"),
        ("subject=bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "?subject", "checksum_mismatch"),
        ("subject=bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3T4", "?subject", "mixed_case"),
        ("subject=1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN0&network=btc", "?subject", "invalid_character"),
        ("subject=bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4&network=tron:mainnet", "?subject", "wrong_network"),
        ("subject=eip155:1:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "?subject", "wrong_network"),
        ("subject=0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeA&network=eip155:1", "?subject", "wrong_length"),
        ("subject=rEb8TK3gBgk5auZkwc6sHnwrGVJH8DuaLh&network=xrpl:1", "?network", "unsupported_network"),
        ("subject=bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4&network=eip155:*", "?network", "unsupported_network"),
        ("subject=xrpl:1:rEb8TK3gBgk5auZkwc6sHnwrGVJH8DuaLh", "?subject", "unsupported_network"),
        ("subject=bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4&memo=1", "?memo", "memo_invalid"),
        ("subject=5493001KJTIIGC8Y1R13", "?subject", "checksum_mismatch"),
        ("subject=bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4&kind=wallet", "?kind", "unknown_kind"),
        ("subject=%ff", "?subject", "not_utf8"),
        ("subject=a&network=%c3%28", "?network", "not_utf8"),
        ("subject=", "?subject", "wrong_length"),
        ("subject=binance", "?subject", "network_needed"),
        ("subject=mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn&network=btc", "?subject", "wrong_network"),
        ("subject=stake1uyehkck0lajq8gr28t9uxnuvgcqrc6070x3k9r8048z8y5gh6ffgw", "?subject", "not_receivable"),
        ("subject=X7AcgcsBL6XDcUb289X4mJ8djcdyKaGZMhc9YTE92ehJ2Fu&memo=2", "?memo", "memo_invalid"),
    ] {
        refused(&registry, query, "invalid_subject", pointer, code);
    }
}

#[test]
fn texts_with_several_readings_are_refused() {
    let registry = filled(Database::sqlite());

    // 43 characters of a Travel Address are also the 32 bytes of an account of Solana.
    let both = "taLvbnH2C9YyByhPHfQpPHuUdC936ptqXcFhKD7dhuj";
    refused(&registry, &format!("subject={both}"), "ambiguous_subject", "?subject", "ambiguous_subject");
    assert_eq!(answer(&registry, &format!("subject={both}&kind=travel_address"))["subject"]["kind"], "travel_address");
    assert_eq!(answer(&registry, &format!("subject={both}&kind=address"))["subject"]["kind"], "address");
}

#[test]
fn request_members_that_are_not_known_or_missing_are_refused() {
    let registry = filled(Database::sqlite());

    refused(&registry, &format!("subject={SEGWIT}&chain=btc"), "invalid_request", "?chain", "unknown_member");
    refused(&registry, "network=btc", "invalid_request", "?subject", "missing_member");
    for (body, pointer, code) in [
        (json!({"subjects": [], "as_of": "seq:1"}), "/as_of", "unknown_member"),
        (json!({}), "/subjects", "missing_member"),
        (json!({"subjects": SEGWIT}), "/subjects", "invalid_value"),
    ] {
        let problem = registry.client.post("/v1/resolve", &body).problem(422, "invalid_request");
        let fault = (&problem["errors"][0]["pointer"], &problem["errors"][0]["code"]);
        assert_eq!(fault, (&json!(pointer), &json!(code)), "{problem}");
    }
    // What is wrong with one subject stays its own: the others are answered.
    let subjects = json!([{"subject": SEGWIT, "chain": "btc"}, {"network": "btc"}, SEGWIT, {"subject": SEGWIT}]);
    let results = registry.client.post("/v1/resolve", &json!({"subjects": subjects})).json()["results"].clone();
    assert_eq!(results[3]["subject"]["address"], SEGWIT);
    for (place, pointer, code) in [
        (0, "/subjects/0/chain", "unknown_member"),
        (1, "/subjects/1/subject", "missing_member"),
        (2, "/subjects/2", "invalid_value"),
    ] {
        let problem = &results[place]["problem"];
        let fault = (&problem["errors"][0]["pointer"], &problem["errors"][0]["code"]);
        assert_eq!(fault, (&json!(pointer), &json!(code)), "{problem}");
    }
}

#[on_every_database(filled)]
fn network_that_would_be_dropped_is_refused_one_by_one_and_in_a_batch(registry: Registry) {
    // pay.coinmotion.com/inquiries/12345?t=i
    let travel = "ta2snSaH7UKezBpec8jdiK89mtg7wixoYwXzFUPHQH6ax11Q1WuJyjTS1Mq4";
    let lei = "743700PZG5RRF7SA4Q58";

    for subject in [travel, lei, "coinmotion.com", "vasp_01jgd3ya0400000000000000g1"] {
        let one = registry.client.get(&format!("/v1/resolve?subject={subject}&network=eip155:1")).problem(422, "invalid_subject");
        let fault = (&one["errors"][0]["pointer"], &one["errors"][0]["code"]);
        assert_eq!(fault, (&json!("?network"), &json!("network_not_applicable")), "{one}");
        let several = post(&registry, &json!([{"subject": subject, "network": "eip155:1"}, {"subject": SEGWIT}])).json();
        assert_eq!(several["results"][0]["problem"]["errors"][0]["code"], "network_not_applicable", "{several}");
        assert_eq!(several["results"][1]["subject"]["address"], SEGWIT);
    }
}

#[on_every_database(filled)]
fn travel_address_of_another_spelling_and_id_of_a_transaction_say_what_is_wrong(registry: Registry) {
    let refused = |query: &str| {
        let problem = registry.client.get(&format!("/v1/resolve?{query}")).problem(422, "invalid_subject");
        (text(&problem["errors"][0]["code"]), text(&problem["errors"][0]["detail"]))
    };

    let spelt = TravelAddress::from_url("Pay.coinmotion.com/inquiries/12345?t=i").unwrap();
    let (code, detail) = refused(&format!("subject={spelt}"));
    assert_eq!(code, "not_in_normal_form");
    assert!(detail.contains("lower case") && !detail.contains("12345"), "{detail}");
    let id = "f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16";
    for query in [format!("subject={id}&network=btc"), format!("subject=0x{id}&network=eip155:1")] {
        let (code, detail) = refused(&query);
        assert_eq!(code, "transaction_id");
        assert!(detail.contains("transaction id"), "{detail}");
    }
    let solana = "5h6xBEauJ3PK6SWCZ1PGjBvj8vDdWG3KpwATGy1ARAXFSDwt8GFXM7W5Ncn16wmqokgpiKRLuS83KUxyZyv2sUYv";
    assert_eq!(refused(&format!("subject={solana}")).0, "transaction_id");
}

#[on_every_database(filled)]
fn records_are_asked_for_by_id_and_lei(registry: Registry) {
    let snapshot = include_bytes!("../fixtures/esma/CASPS_20260426.csv");
    registry.import(ImportFormat::EsmaCasps, "CASPS_20260426.csv", snapshot);

    let by_lei = answer(&registry, "subject=743700PZG5RRF7SA4Q58");
    let id = text(&by_lei["owners"][0]["vasp"]["id"]);
    let by_id = answer(&registry, &format!("subject={id}"));

    let owner = &by_lei["owners"][0];
    assert_eq!((&by_lei["status"], &by_lei["subject"]["kind"]), (&json!("owned"), &json!("lei")));
    assert_eq!((&owner["vasp"]["legal_name"], &owner["vasp"]["status"]), (&json!("Coinmotion Oy"), &json!("listed")));
    assert_eq!((&owner["network"], &owner["claim"]), (&Value::Null, &Value::Null));
    assert_eq!((&by_id["owners"], &by_id["subject"]["kind"]), (&by_lei["owners"], &json!("vasp")));
    for unknown in ["5493001KJTIIGC8Y1R12", "vasp_01jgd3ya0400000000000000g1"] {
        let answer = answer(&registry, &format!("subject={unknown}"));
        assert_eq!((verdict(&answer), &answer["valid_until"]), (expect("not_found", &[]), &json!("2026-06-01T12:00:10Z")));
    }
}

#[on_every_database(filled)]
fn host_that_nobody_has_proven_is_not_found_with_who_names_it(registry: Registry) {
    let snapshot = include_bytes!("../fixtures/esma/CASPS_20260426.csv");
    registry.import(ImportFormat::EsmaCasps, "CASPS_20260426.csv", snapshot);
    let named = |answer: &Value| {
        let candidates = answer["unverified_candidates"].as_array().unwrap();
        candidates.iter().map(|vasp| text(&vasp["legal_name"])).collect::<Vec<_>>()
    };

    let domain = answer(&registry, "subject=coinmotion.com");
    // pay.coinmotion.com/inquiries/12345?t=i
    let travel = answer(&registry, "subject=ta2snSaH7UKezBpec8jdiK89mtg7wixoYwXzFUPHQH6ax11Q1WuJyjTS1Mq4");
    let stranger = answer(&registry, "subject=example.com");

    assert_eq!((verdict(&domain), named(&domain)), (expect("not_found", &[]), vec!["Coinmotion Oy".to_owned()]));
    assert_eq!((verdict(&travel), named(&travel)), (expect("not_found", &[]), vec!["Coinmotion Oy".to_owned()]));
    let decoded = json!({"url": "https://pay.coinmotion.com/inquiries/12345?t=i", "host": "pay.coinmotion.com"});
    assert_eq!((&travel["subject"]["kind"], &travel["subject"]["travel_address"]), (&json!("travel_address"), &decoded));
    assert_eq!((verdict(&stranger), named(&stranger)), (expect("not_found", &[]), vec![]));
}

#[on_every_database(filled)]
fn batch_is_answered_in_order_and_a_wrong_subject_hurts_no_other(registry: Registry) {
    let results = post(
        &registry,
        &json!([
            {"subject": LEGACY, "network": "btc"},
            {"subject": "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3"},
            {"subject": SEGWIT, "kind": "certificate_sha256"},
            {"subject": UNKNOWN, "network": "btc", "memo": null},
            {"subject": SEGWIT, "network": "nowhere:1"},
            {"subject": SCRIPT},
        ]),
    )
    .json()["results"]
        .take();

    let said: Vec<_> = results.as_array().unwrap().iter().map(|r| (text(&r["status"]), text(&r["problem"]["code"]))).collect();
    let said: Vec<_> = said.iter().map(|(status, code)| (status.as_str(), code.as_str())).collect();
    assert_eq!(
        said,
        [
            ("owned", ""),
            ("", "invalid_subject"),
            ("", "invalid_subject"),
            ("not_found", ""),
            ("", "invalid_subject"),
            ("ambiguous", ""),
        ]
    );
    let problem = &results[1]["problem"];
    assert_eq!(
        (&problem["status"], &problem["type"]),
        (&json!(422), &json!("http://registry.example.org/problems/invalid_subject"))
    );
    let error = (&problem["errors"][0]["pointer"], &problem["errors"][0]["code"]);
    assert_eq!(error, (&json!("/subjects/1/subject"), &json!("checksum_mismatch")));
    assert_eq!(results[4]["problem"]["errors"][0]["pointer"], "/subjects/4/network");
}

#[test]
fn batch_has_one_to_a_thousand_subjects() {
    let registry = Registry::start_with(Database::sqlite(), |settings| {
        settings.public_read = true;
        settings.body_limit_bytes = std::num::NonZeroU32::new(1_000_000).unwrap();
    });
    labels(&registry);
    let batch = |count: usize| post(&registry, &json!(vec![json!({"subject": LEGACY, "network": "btc"}); count]));

    let results = batch(1_000).json();

    let results = results["results"].as_array().unwrap();
    assert_eq!(results.len(), 1_000);
    assert!(results.iter().all(|result| result["status"] == "owned"));
    for count in [0, 1_001] {
        let problem = batch(count).problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["pointer"], "/subjects", "{count}");
    }
}

#[on_every_database]
fn short_batch_says_what_the_full_one_says(database: Database) {
    let registry = Registry::start_with(database, |settings| {
        settings.public_read = true;
        settings.body_limit_bytes = std::num::NonZeroU32::new(1_000_000).unwrap();
    });
    labels(&registry);
    // More than one part, the last not full; owned, not found, ambiguous, disputed and wrong.
    let some = [LEGACY, SEGWIT, UNKNOWN, SCRIPT, DISPUTED, EVM_EXACT, EVM_FAMILY, EVM_DISPUTED, EVM_ELSEWHERE, "x"];
    let subjects: Vec<Value> = some.iter().cycle().take(301).map(|subject| json!({"subject": subject})).collect();
    let asked = json!({"subjects": subjects});

    let full = post(&registry, &asked["subjects"]).json();
    let short = registry.client.post("/v1/resolve?view=compact", &asked).json();

    let named = registry.client.post("/v1/resolve?view=full", &asked).json();
    assert_eq!((&full["results"][0], &full["results"][300]), (&named["results"][0], &named["results"][300]));
    let (full, results) = (full["results"].as_array().unwrap(), short["results"].as_array().unwrap());
    assert_eq!((full.len(), results.len()), (301, 301));
    let mut owners = BTreeMap::new();
    for (one, said) in full.iter().zip(results) {
        if one["problem"].is_object() {
            assert_eq!(one["problem"]["errors"], said["problem"]["errors"]);
            continue;
        }
        let owner = if one["status"] == "owned" { one["owners"][0].clone() } else { Value::Null };
        let expected = json!({"status": one["status"], "owner": owner["vasp"]["id"], "strength": owner["claim"]["strength"]});
        assert_eq!(said, &expected, "{one}");
        if !owner.is_null() {
            owners.insert(text(&owner["vasp"]["id"]), owner["vasp"].clone());
        }
        assert_eq!(one["directory"], short["directory"]);
    }
    assert_eq!(short["vasps"], owners.into_values().collect::<Value>());
    let until = full.iter().filter_map(|one| one["valid_until"].as_str()).min().unwrap();
    assert_eq!(short["valid_until"], until);
    let statuses: BTreeSet<String> = results.iter().map(|said| text(&said["status"])).collect();
    assert!(statuses.len() >= 4, "{statuses:?}");

    let problem = registry.client.post("/v1/resolve?view=brief", &asked).problem(422, "invalid_request");
    assert_eq!(problem["errors"][0]["pointer"], "?view", "{problem}");
}

#[test]
fn short_batch_tells_of_claims_that_need_a_memo() {
    let registry = filled(Database::sqlite());
    // Source: XLS-5d, an account of the XRP Ledger with tag 1, and without.
    let labels = "network,address,entity,entity_name,label,category,source,added_date\n\
                  xrpl:0,X7AcgcsBL6XDcUb289X4mJ8djcdyKaGZMhc9YTE92ehJ2Fu,alpha,Alpha,Alpha,exchange,test@1:m.csv,\n";
    registry.import(ImportFormat::ClaimsCsv, "memo.csv", labels.as_bytes());
    let account = "r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59";
    let asked =
        json!({"subjects": [{"subject": account, "network": "xrpl:0"}, {"subject": account, "network": "xrpl:0", "memo": "1"}]});

    let short = registry.client.post("/v1/resolve?view=compact", &asked).json();

    let [without, with] = short["results"].as_array().unwrap().as_slice() else { panic!("{short}") };
    assert_eq!(without, &json!({"status": "not_found", "owner": null, "strength": null, "memo_claims_exist": true}));
    assert_eq!((&with["status"], &with["memo_claims_exist"]), (&json!("owned"), &json!(true)), "{short}");
}

#[on_every_database(Registry::start)]
fn past_is_answered_as_it_was_known(registry: Registry) {
    let key = registry.api_key("resolve", None).1;
    let ask = |query: &str| registry.client.get_with(&format!("/v1/resolve?{query}"), &[("authorization", &key)]);
    let answer = |query: &str| {
        let answer = ask(query);
        assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "private, no-store"), "{answer:?}");
        answer.json()
    };
    let before = labels(&registry).sequence;
    registry.clock.set("2026-06-02T12:00:00Z".parse().unwrap());
    let after = registry.import(ImportFormat::ClaimsCsv, "late.csv", LATER_LABELS.as_bytes()).sequence;
    let status = |as_of: &str| answer(&format!("subject={LATER}&as_of={as_of}"))["status"].clone();

    assert_eq!(status(&format!("seq:{before}")), "not_found");
    assert_eq!(status(&format!("seq:{after}")), "owned");
    assert_eq!(status("2026-06-02T11:59:59Z"), "not_found");
    assert_eq!(status("2026-06-02T12:00:00Z"), "owned");
    let then = answer(&format!("subject={LEGACY}&network=btc&as_of=seq:{before}"));
    assert_eq!((&then["status"], &then["directory"]["sequence"]), (&json!("owned"), &json!(before)));
    let future = format!("subject={LATER}&as_of=seq:{}", after + 1);
    assert_refused(&ask(&future), "invalid_request", "?as_of", "in_the_future");
    assert_refused(&ask(&format!("subject={LATER}&as_of=yesterday")), "invalid_request", "?as_of", "invalid_value");
    ask(&format!("subject={LATER}&as_of=2026-05-01T00:00:00Z")).problem(404, "not_found");
}

#[on_every_database(Registry::start)]
fn registry_that_is_not_public_answers_right_keys_only(registry: Registry) {
    labels(&registry);
    let path = format!("/v1/resolve?subject={SEGWIT}");
    let with = |header: &str| registry.client.get_with(&path, &[("authorization", header)]);
    let (_, resolve) = registry.api_key("resolve", None);
    let (_, precheck) = registry.api_key("precheck", None);
    let (revoked_id, revoked) = registry.api_key("resolve", None);
    let now: UtcTime = NOW.parse().unwrap();
    let (_, expired) = registry.api_key("resolve", Some(now.plus_secs(1)));
    assert_eq!(with(&expired).status.as_u16(), 200);
    registry.clock.set(now.plus_secs(1));
    assert_eq!(with(&revoked).status.as_u16(), 200);
    registry.revoke(revoked_id);

    assert_eq!(with(&resolve).json()["status"], "owned");
    with(&precheck).problem(403, "forbidden");
    let (other_secret, _) = resolve.split_at(resolve.len() - 1);
    for wrong in [&revoked, &expired, "Bearer vr_x_00", "Basic YTpi", "", other_secret] {
        let answer = with(wrong);
        answer.problem(401, "unauthenticated");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    registry.client.get(&path).problem(401, "unauthenticated");
    post(&registry, &json!([{"subject": SEGWIT}])).problem(401, "unauthenticated");
}

#[test]
fn public_reader_may_also_send_a_key_and_a_wrong_one_is_not_overlooked() {
    let registry = filled(Database::sqlite());
    let path = format!("/v1/resolve?subject={SEGWIT}");
    let (id, key) = registry.api_key("resolve", None);
    let with = |header: &str| registry.client.get_with(&path, &[("authorization", header)]);

    assert_eq!(with(&key).json(), registry.client.get(&path).json());
    registry.revoke(id);
    with(&key).problem(401, "unauthenticated");
}
