//! One account in all spellings of its ledger, and one key on all networks of its class. What is asked is generated from the table of networks,
//! so a new network is asked about too.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Value, json};
use vasp_addresses::{Account, Controller, Network, NetworkTable};
use vasp_registry::imports::ImportFormat;

use crate::member_claims::world::{Wallet, World};
use crate::prechecks::expect::finding;
use crate::support::{Database, Person, on_every_database};

/// A network and an address on it, as somebody writes them.
type Spelling = (String, String);

fn start(database: Database) -> World {
    World::start_with(database, |settings| settings.body_limit_bytes = (2 << 20).try_into().unwrap())
}

/// The networks that are asked about. All EVM networks read alike; two stand for them.
fn networks() -> impl Iterator<Item = &'static Network> {
    let table = NetworkTable::embedded();
    let stands = |network: &Network| matches!(network.caip2.as_str(), "eip155:1" | "eip155:8453");
    let is_plain_evm = |network: &Network| network.family.is_some() && network.other_ids().is_empty();
    table.iter().filter(move |network| stands(network) || !is_plain_evm(network))
}

fn read(network: &Network, text: &str) -> Option<Account> {
    NetworkTable::embedded().parse_on(network, text).ok().filter(|account| account.memo.is_none())
}

/// The texts of the seed's examples, by network. Those of Ethereum are every EVM network's.
fn examples(network: &Network) -> Vec<String> {
    let file: Value = serde_json::from_str(include_str!("../../seed/networks.json")).unwrap();
    let of = |id: &str| file["networks"].as_array().unwrap().iter().find(|one| one["caip2"] == id).cloned();
    let own = of(network.caip2.as_str()).or_else(|| of("eip155:1")).unwrap();
    let formats = own["formats"].as_array().unwrap().iter();
    formats.filter_map(|format| Some(format["example"].as_str()?.to_owned())).collect()
}

/// All that the table can write of a controller on the ledger of a network, and each text in one case and without its prefix.
fn spellings(network: &Network, controller: &Controller, example: &str) -> BTreeSet<Spelling> {
    let mut found = BTreeSet::new();
    let others = network.other_ids().iter().filter_map(|id| NetworkTable::embedded().by_caip2(id));
    for id in std::iter::once(network).chain(others) {
        let written = id.formats.iter().filter_map(|format| id.write_controller(format.id(), &controller.bytes));
        for text in written.chain([example.to_owned()]) {
            let bare = text.split_once(':').map_or(text.as_str(), |(_, bare)| bare).to_owned();
            for spelt in [text.to_lowercase(), text.to_uppercase(), bare, text] {
                if read(id, &spelt).is_some_and(|account| account.controllers.first() == controller) {
                    found.insert((id.caip2.to_string(), spelt));
                }
            }
        }
    }
    found
}

/// The accounts of all examples, each in all its spellings, with the number of its owner: who has a controller has it on all networks.
fn accounts() -> Vec<(usize, Vec<Spelling>)> {
    let mut accounts: BTreeMap<_, BTreeSet<Spelling>> = BTreeMap::new();
    for network in networks() {
        let texts = examples(network);
        let read: Vec<_> = texts.iter().filter_map(|text| Some((text, read(network, text)?))).collect();
        assert!(!read.is_empty(), "{} has no example that can be claimed", network.caip2);
        for (text, account) in read {
            let controller = account.controllers.first();
            let spelt = spellings(network, controller, text);
            accounts.entry((network.ledger(), controller.clone())).or_default().extend(spelt);
        }
    }
    let owner = |controller: &Controller| controller.bytes.as_bytes().iter().map(|byte| usize::from(*byte)).sum::<usize>();
    accounts.into_iter().map(|((_, controller), spelt)| (owner(&controller), spelt.into_iter().collect())).collect()
}

fn import(world: &World, member: &Person, claimed: &[&Spelling]) {
    let mut file = "network,address,memo,role,expires_at\n".to_owned();
    claimed.iter().for_each(|(network, address)| writeln!(file, "{network},{address},,hot,").unwrap());
    let headers = [("authorization", member.bearer.as_str()), ("content-type", "text/csv")];
    let report = world.registry.client.send("POST", "/v1/claims/import", &headers, &file).json();
    let rows = report["rows"].as_array().unwrap_or_else(|| panic!("{report}")).iter().zip(claimed);
    let refused: Vec<_> = rows.filter(|(row, _)| row["outcome"] == "rejected").collect();
    assert!(refused.is_empty(), "{refused:?}");
}

/// Asks about all, in batches.
fn ask(world: &World, who: &Person, path: &str, member: &str, questions: &[Value]) -> Vec<Value> {
    let answer = |some: &[Value]| match world.post(who, path, &json!({member: some})).answered(200)["results"].take() {
        Value::Array(answers) => answers,
        other => panic!("{other}"),
    };
    questions.chunks(1_000).flat_map(answer).collect()
}

/// Status and owners of each.
fn owners(world: &World, who: &Person, asked: &[&Spelling]) -> Vec<(String, Vec<String>)> {
    let questions: Vec<Value> = asked.iter().map(|(network, text)| json!({"network": network, "subject": text})).collect();
    let told = |(answer, asked): (Value, &&Spelling)| {
        let owners = answer["owners"].as_array().unwrap_or_else(|| panic!("{asked:?}: {answer}"));
        let ids = owners.iter().map(|owner| owner["vasp"]["id"].as_str().unwrap().to_owned()).collect();
        (answer["status"].as_str().unwrap().to_owned(), ids)
    };
    ask(world, who, "/v1/resolve", "subjects", &questions).into_iter().zip(asked).map(told).collect()
}

/// Recommendation and findings of pre-checks of payments to each.
fn verdicts(world: &World, who: &Person, asked: &[&Spelling]) -> Vec<Value> {
    let precheck = |(network, text): &&Spelling| json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": {"network": network, "address": text}});
    let questions: Vec<Value> = asked.iter().map(precheck).collect();
    ask(world, who, "/v1/prechecks/batch", "prechecks", &questions)
}

/// Listed and claimed in one spelling, asked about in all. Two lists of spellings are shifted against each other, so that each spelling is once that
/// of the claim or of the list for some account.
#[on_every_database(start)]
fn claimed_and_listed_in_one_spelling_an_account_has_one_owner_and_one_verdict_in_all(world: World) {
    let members = ["Alpha", "Beta", "Gamma"].map(|name| world.member(name));
    let (gateway, accounts) = (world.gateway(), accounts());
    for (number, member) in members.iter().enumerate() {
        let own = accounts.iter().enumerate().filter(|(_, (owner, _))| owner % members.len() == number);
        let claimed: Vec<&Spelling> = own.map(|(account, (_, spelt))| &spelt[account % spelt.len()]).collect();
        import(&world, member, &claimed);
    }
    let entry = |(account, (_, spelt)): (usize, &(usize, Vec<Spelling>))| {
        let listed = &spelt[(account + 1) % spelt.len()].1;
        json!({"uid": account.to_string(), "name": format!("PERSON {account}"), "aliases": [], "programs": ["TEST"],
               "addresses": [{"currency": "", "text": listed}]})
    };
    let entries: Vec<Value> = accounts.iter().enumerate().map(entry).collect();
    let list = json!({"id": "EU-SANCTIONS", "as_of": "2026-05-28", "source": "invented", "entries": entries}).to_string();
    let asked: Vec<(usize, &Spelling)> =
        accounts.iter().enumerate().flat_map(|(account, (_, spelt))| spelt.iter().map(move |one| (account, one))).collect();
    let texts: Vec<&Spelling> = asked.iter().map(|(_, spelling)| *spelling).collect();

    let owners = owners(&world, &gateway, &texts);
    world.registry.import_shrunk(ImportFormat::SanctionsJson, "list.json", list.into_bytes());
    let verdicts = verdicts(&world, &gateway, &texts);

    assert!(
        accounts.iter().filter(|(_, spelt)| spelt.len() > 1).count() > 100 && asked.len() > 400,
        "{} {}",
        accounts.len(),
        asked.len()
    );
    for (((account, spelling), owners), verdict) in asked.iter().zip(owners).zip(verdicts) {
        let (owner, spelt) = &accounts[*account];
        let of = (&spelt[account % spelt.len()], spelling);
        assert_eq!(owners, ("owned".to_owned(), vec![members[owner % members.len()].vasp().to_string()]), "{of:?}");
        assert_eq!(verdict["recommendation"], "reject", "{of:?} {verdict}");
        assert_eq!(finding(&verdict, "sanctions"), "fail sanctions.address_listed", "{of:?}");
    }
}

/// Beside a proof, what another party only says changes no answer on the networks on which the proof counts. On the others it can only make the
/// answer visibly conflicted.
#[on_every_database(start)]
fn a_bare_claim_changes_no_answer_that_a_proof_covers_on_any_network_of_the_class(world: World) {
    let (owner, other, gateway) = (world.member("Alpha"), world.member("Beta"), world.gateway());
    let (table, wallet) = (NetworkTable::embedded(), Wallet::new(1));
    let ethereum = table.resolve_name("eip155:1").unwrap();
    let controller = read(ethereum, &wallet.address()).unwrap().controllers.first().clone();
    let claim = world.claim(&owner, &wallet.address(), &json!({}));
    let path = format!("/v1/claims/{}", claim["id"].as_str().unwrap());
    let challenge = world.post(&owner, &format!("{path}/challenge"), &json!({})).answered(201);
    world.post(&owner, &format!("{path}/proof"), &wallet.prove(challenge["challenge"].as_str().unwrap())).answered(200);
    let of_class = networks().filter(|network| network.classes().any(|class| class.number == controller.class));
    let (covered, others): (Vec<_>, Vec<_>) = of_class.partition(|network| table.proof_travels(network, controller.class));
    let spelt = |networks: Vec<&'static Network>| -> Vec<Spelling> {
        networks.into_iter().flat_map(|network| spellings(network, &controller, &wallet.address())).collect()
    };
    let (covered, others) = (spelt(covered), spelt(others));
    let (covered, others): (Vec<&Spelling>, Vec<&Spelling>) = (covered.iter().collect(), others.iter().collect());
    assert!(covered.len() > 20 && others.len() > 5, "{} {}", covered.len(), others.len());
    let is_owned = |owners: Vec<_>| owners.into_iter().all(|told| told == ("owned".to_owned(), vec![owner.vasp().to_string()]));
    assert!(is_owned(owners(&world, &gateway, &covered)));

    let before = owners(&world, &gateway, &others);
    // Those first: of what contradicts others, only so much counts a day.
    import(&world, &other, &others.iter().chain(&covered).copied().collect::<Vec<_>>());

    assert!(is_owned(owners(&world, &gateway, &covered)));
    let after = owners(&world, &gateway, &others);
    assert!(after.iter().any(|(status, _)| status == "conflicted"));
    for ((after, before), spelling) in after.iter().zip(before).zip(&others) {
        assert!(after.0 == "conflicted" || *after == before, "{spelling:?}: {before:?}, then {after:?}");
    }
}
