//! Every firm of the seed's register, asked about from ten jurisdictions: what comes out with nothing decided, after the asker
//! approved it, and with a route agreed on. The table in docs/prechecks.md is this test's.

use serde::Deserialize;
use serde_json::{Value, json};
use vasp_record::claim::Visibility;
use vasp_registry::imports::ImportFormat;
use vasp_store::StoreError;

use crate::prechecks::world::{World, all_fields};
use crate::relationships::desk::Desk;
use crate::support::{Database, Label, add_batch, turn};

/// Where the asker is.
pub(crate) const ASKERS: [&str; 10] = ["DE", "FR", "GB", "CH", "US", "SG", "HK", "JP", "AE-VARA", "BR"];

/// The lists that bind them, by `seed/sanctions_by_law.json`; here each is held whole and nobody is on it.
pub(crate) const LISTS: [&str; 11] = [
    "UN-SANCTIONS",
    "EU-SANCTIONS",
    "EU-TRANSACTION-BANS",
    "FR-GELS",
    "UK-SANCTIONS",
    "CH-SANCTIONS",
    "US-OFAC-SDN",
    "SG-TSOFA",
    "HK-UNATMO",
    "JP-MOF",
    "AE-TERRORISTS",
];

/// The LEI of Bitpanda GmbH, of which the document shows what is asked.
const SHOWN: &str = "5493007WZ7IFULIL8G21";

/// The title of the first table, for which the document also shows what is asked.
const FIRST: &str = "Outgoing, no correspondent relationship:";

const DAY: &str = "2026-06-01";

const REGISTER: &str = include_str!("../../tests/fixtures/esma/register-2026-04-26.json");

/// The number of Ethereum in the seed's table of networks.
const ETHEREUM: i32 = 104;

/// One firm of the register and the address that a claim gives it.
struct Firm {
    id: String,
    address: String,
}

/// What the tables need of an answer. There are some 23,000.
#[derive(Debug, Deserialize)]
struct Verdict {
    counterparty: Counterparty,
    recommendation: String,
    conditions: Vec<Asked>,
    next_steps: Vec<Asked>,
}

#[derive(Debug, Deserialize)]
struct Counterparty {
    id: String,
}

/// A condition or a next step; only steps say who takes them.
#[derive(Debug, Deserialize)]
struct Asked {
    code: String,
    who: Option<String>,
}

#[derive(Deserialize)]
struct Verdicts {
    results: Vec<Verdict>,
}

/// What is asked about each firm.
#[derive(Clone, Copy)]
struct Case {
    asker: &'static str,
    incoming: bool,
    correspondent: bool,
    first_party: bool,
}

impl Case {
    /// The four tables, each with its title.
    fn all() -> [(&'static str, Vec<Self>); 4] {
        let rows =
            |incoming, correspondent| ASKERS.map(|asker| Self { asker, incoming, correspondent, first_party: false }).to_vec();
        let mut outgoing = rows(false, false);
        outgoing.push(Self { asker: "CH", incoming: false, correspondent: false, first_party: true });
        [
            (FIRST, outgoing),
            ("Outgoing, over a correspondent relationship:", rows(false, true)),
            ("Incoming, no correspondent relationship:", rows(true, false)),
            ("Incoming, over a correspondent relationship:", rows(true, true)),
        ]
    }
}

/// The seed's register, a claim for each firm, whole lists on which nobody is, and a desk that decides.
fn desk() -> (Desk, Vec<Firm>) {
    let world = World::start_empty(Database::sqlite(), |settings| {
        settings.body_limit_bytes = std::num::NonZeroU32::new(2 << 20).unwrap();
    });
    world.import(ImportFormat::RegisterJson, "register.json", REGISTER);
    LISTS.iter().for_each(|id| world.import_list(id, DAY));
    world.import_lists(DAY, DAY);
    let firms = claims(&world);
    (Desk::of(world), firms)
}

/// Gives each firm an address of its own.
fn claims(world: &World) -> Vec<Firm> {
    let mut firms = Vec::new();
    let mut path = "/v1/vasps?kind=entity&limit=100".to_owned();
    loop {
        let page = world.get_as(&world.key, &path).json();
        for record in page["items"].as_array().unwrap() {
            let id = record["id"].as_str().unwrap().to_owned();
            firms.push(Firm { id, address: format!("0x{:040x}", firms.len() + 4096) });
        }
        let Some(next) = page["next_cursor"].as_str() else { break };
        path = format!("/v1/vasps?kind=entity&limit=100&cursor={next}");
    }
    let pinned = world.registry.registry.pin(world.now());
    let label = |firm: &Firm| Label {
        network: ETHEREUM,
        account_key: hex::decode(firm.address.trim_start_matches("0x")).unwrap(),
        owner: pinned.number_of(firm.id.parse().unwrap()).unwrap(),
        expires_at: None,
    };
    let labels: Vec<Label> = firms.iter().map(label).collect();
    let store = world.registry.registry.store();
    store
        .write::<_, StoreError>(world.now(), &mut world.registry.random.fork(), |transaction| {
            add_batch(transaction, &labels, Visibility::Public)
        })
        .unwrap();
    world.registry.registry.let_others_know();
    firms
}

/// Asks about every firm: by its address going out, by its id coming in.
fn ask(desk: &Desk, firms: &[Firm], case: Case) -> Vec<Verdict> {
    let transfer = json!({"fiat": {"amount": "2000", "currency": "USD"}, "correspondent": case.correspondent,
                          "first_party": case.first_party, "originator_type": "natural"});
    let fields = json!(all_fields());
    let one = |firm: &Firm| {
        let own = json!({"jurisdiction": case.asker});
        let (direction, originator, beneficiary) = if case.incoming {
            ("incoming", json!({"vasp": firm.id}), own)
        } else {
            ("outgoing", own, json!({"address": firm.address, "network": "eip155:1"}))
        };
        json!({"direction": direction, "originator": originator, "beneficiary": beneficiary, "transfer": transfer,
               "provided_fields": fields, "record": false})
    };
    let body = json!({"prechecks": firms.iter().map(one).collect::<Vec<_>>()});
    let headers = [("authorization", desk.ada.bearer.as_str()), ("content-type", "application/json")];
    let answer = desk.world.registry.client.send_unheld("POST", "/v1/prechecks/batch", &headers, &body.to_string()).with(200);
    let answers = serde_json::from_str::<Verdicts>(&answer.text).unwrap().results;
    answers.iter().zip(firms).for_each(|(answer, firm)| can_be_obeyed(answer, firm));
    answers
}

/// Every answer is about its firm, and says what to do that somebody can do.
#[track_caller]
fn can_be_obeyed(answer: &Verdict, firm: &Firm) {
    assert_eq!(answer.counterparty.id, firm.id, "{answer:?}");
    match answer.recommendation.as_str() {
        "proceed" => assert!(answer.conditions.is_empty() && answer.next_steps.is_empty(), "{answer:?}"),
        "proceed_with_conditions" => assert!(!answer.conditions.is_empty() && answer.next_steps.is_empty(), "{answer:?}"),
        _ => assert!(answer.next_steps.iter().any(|step| step.who.as_deref() == Some("asker")), "{answer:?}"),
    }
}

fn counts(answers: &[Verdict]) -> String {
    let count = |word: &str| answers.iter().filter(|answer| answer.recommendation == word).count();
    ["proceed", "proceed_with_conditions", "hold", "reject"].map(|word| count(word).to_string()).join(" / ")
}

/// Has two people, one of senior management, approve every firm on both tracks.
fn approve(desk: &Desk, firms: &[Firm], route: &Value) {
    let track = json!({"status": "approved", "review_due": "2027-05-31"});
    let terms = json!({"risk": "low", "responsibilities": "We ask, they answer.", "route": route});
    let body = json!({"travel_rule": track, "correspondent": track, "terms": terms, "reason": "Examined."});
    firms.iter().for_each(|firm| drop(desk.decide(&firm.id, &body)));
}

/// What one case gives: the counts of the verdicts, and all that is asked for before a transfer to the firm that is shown.
struct Outcome {
    counts: String,
    asked: String,
}

fn outcomes(desk: &Desk, firms: &[Firm], cases: &[Case]) -> Vec<Outcome> {
    let shown = desk.world.get_as(&desk.world.key, &format!("/v1/vasps/{SHOWN}")).json()["id"].as_str().unwrap().to_owned();
    let of = |case: &Case| {
        let answers = ask(desk, firms, *case);
        let answer = answers.iter().find(|answer| answer.counterparty.id == shown).unwrap();
        let codes = answer.next_steps.iter().chain(&answer.conditions).map(|one| format!("`{}`", one.code));
        let asked = format!("{}: {}", answer.recommendation, codes.collect::<Vec<_>>().join(", "));
        Outcome { counts: counts(&answers), asked: asked.trim_end_matches(": ").to_owned() }
    };
    cases.iter().map(of).collect()
}

/// Tables of the document: with nothing decided, after an approval, and with a route.
fn tables(desk: &Desk, firms: &[Firm], cases: &[(&str, Vec<Case>)]) -> Vec<String> {
    let flat: Vec<Case> = cases.iter().flat_map(|(_, rows)| rows.clone()).collect();
    let before = outcomes(desk, firms, &flat);
    approve(desk, firms, &Value::Null);
    let approved = outcomes(desk, firms, &flat);
    approve(desk, firms, &json!({"protocol": "trp"}));
    let routed = outcomes(desk, firms, &flat);
    let all: Vec<[Outcome; 3]> =
        before.into_iter().zip(approved).zip(routed).map(|((one, two), three)| [one, two, three]).collect();
    let table = |title: &str, rows: &[(&Case, [&str; 3])]| {
        let own = |case: &Case| if case.first_party { ", the customer's own account" } else { "" };
        let line = |(case, cells): &(&Case, [&str; 3])| format!("| {}{} | {} |\n", case.asker, own(case), cells.join(" | "));
        let lines: String = rows.iter().map(line).collect();
        format!("{title}\n\n| asked from | nothing decided | approved | and a route |\n|---|---|---|---|\n{lines}")
    };
    let mut texts = Vec::new();
    let mut rest = all.iter();
    for (title, rows) in cases {
        let outcomes: Vec<_> = rows.iter().zip(rest.by_ref()).collect();
        let of =
            |cell: fn(&Outcome) -> &str| outcomes.iter().map(|(case, row)| (*case, row.each_ref().map(cell))).collect::<Vec<_>>();
        if *title == FIRST {
            let title = "What is asked before a transfer to Bitpanda GmbH (AT), no correspondent relationship:";
            texts.push(table(title, &of(|one| one.asked.as_str())));
        }
        texts.push(table(title, &of(|one| one.counts.as_str())));
    }
    texts
}

/// The firms of the register that may only advise, pass on orders or manage portfolios: they hold no customer's crypto-assets.
fn without_custody() -> usize {
    const ADVISERS: [&str; 3] = ["advice", "order_transmission", "portfolio_management"];
    let register: Value = serde_json::from_str(REGISTER).unwrap();
    let licences = |firm: &Value| firm["licences"].as_array().unwrap().clone();
    let services = |firm: &Value| licences(firm).iter().flat_map(|one| one["services"].as_array().unwrap().clone()).collect();
    let advises = |services: Vec<Value>| services.iter().all(|one| ADVISERS.iter().any(|word| one["activity"] == *word));
    register["entities"].as_array().unwrap().iter().filter(|firm| advises(services(firm))).count()
}

#[test]
fn the_tables_of_the_document_are_what_comes_out() {
    let (desk, firms) = desk();
    assert_eq!((firms.len(), without_custody()), (189, 21));

    // A short run takes one table of the four.
    let mut cases = Case::all().to_vec();
    if let Some(turn) = turn() {
        cases = vec![cases.swap_remove(usize::try_from(turn % 4).unwrap())];
    }

    let texts = tables(&desk, &firms, &cases);

    let document = include_str!("../../docs/prechecks.md").split_once("<!-- corridors -->\n").unwrap().1;
    let document = document.split_once("<!-- end of corridors -->").unwrap().0;
    let sections: Vec<&str> = document.split("\n\n").collect();
    let part = |text: &str| text.split("\n\n").map(|part| part.trim_end().to_owned()).collect::<Vec<_>>();
    let shown = |text: &String| sections.windows(2).any(|two| part(&two.join("\n\n")) == part(text));
    let whole: String = texts.join("\n");
    assert!(texts.iter().all(shown) && (cases.len() < 4 || document == whole), "\n{whole}");
}
