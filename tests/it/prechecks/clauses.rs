//! Each condition that the asker's own rule makes names the clause of the law.

use serde_json::{Value, json};

use super::world::{ALSTER, UNKNOWN, World, lei};
use crate::support::on_every_database;

const TFR: &str = "Regulation (EU) 2023/1113";

/// Every condition of some answers that the rule asks for: code and clause.
fn clauses(answer: &Value) -> Vec<(String, Option<String>)> {
    let conditions = answer["conditions"].as_array().unwrap();
    for condition in conditions.iter().filter(|condition| condition["asked_by"]["kind"] != "rule") {
        assert_eq!(condition["asked_by"]["clause"], Value::Null, "only the rule has a clause: {condition}");
    }
    let by_rule = conditions.iter().filter(|condition| condition["asked_by"]["kind"] == "rule");
    let text = |value: &Value| value.as_str().map(str::to_owned);
    by_rule.map(|one| (text(&one["code"]).unwrap(), text(&one["asked_by"]["clause"]))).collect()
}

/// A transfer to another provider of which nothing was said, to one's own wallet and to somebody else's.
fn outgoing(world: &World, from: &str) -> Vec<(String, Option<String>)> {
    let transfer = |first_party: bool| json!({"date": "2026-06-01", "fiat": {"amount": "5000", "currency": "EUR"}, "correspondent": false, "first_party": first_party});
    let wallet =
        |own: bool| json!({"address": UNKNOWN, "network": "eip155:1", "declared": {"kind": "self_hosted", "own_wallet": own}});
    let answers = [
        world.ask_untold(from, json!({"vasp": lei(ALSTER)}), transfer(true)),
        world.ask_from(from, wallet(true), transfer(true)),
        world.ask_from(from, wallet(false), transfer(false)),
    ];
    let mut found: Vec<_> = answers.iter().flat_map(clauses).collect();
    found.sort();
    found.dedup();
    found
}

/// Expected: Regulation (EU) 2023/1113 Art. 14(1) and (2) for the data, 14(5) for self-hosted addresses; the laws that the
/// jurisdictions' sources name for the others (GB: Part 7A of the regulations of 2017, CH: Art. 10 of FINMA's ordinance with its guidance
/// 02/2019, US: 31 CFR 1010.410(f), SG: paragraph 13 of Notice PSN02, HK: chapter 12 of the SFC's guideline, JP: Art. 10-5 of the act
/// on criminal proceeds; IL: no clause).
#[on_every_database(World::start)]
fn conditions_of_the_rule_name_its_clause(world: World) {
    const GB_DATA: &str =
        "Money Laundering, Terrorist Financing and Transfer of Funds (Information on the Payer) Regulations 2017, reg. 64C";
    const GB: &str =
        "Money Laundering, Terrorist Financing and Transfer of Funds (Information on the Payer) Regulations 2017, Part 7A";
    const CH: &str = "AMLO-FINMA Art. 10; FINMA Guidance 02/2019";
    const HK: &str = "SFC Guideline on AML/CFT, chapter 12";
    let tfr = |place: &str| format!("{TFR} {place}");
    let by_clause = |from: &str| -> Vec<(String, String)> {
        let found = outgoing(&world, from).into_iter();
        found.map(|(code, clause)| (code, clause.unwrap_or_else(|| "null".to_owned()))).collect()
    };
    let expected = |rows: &[(&str, &str)]| -> Vec<(String, String)> {
        rows.iter().map(|(code, clause)| ((*code).to_owned(), (*clause).to_owned())).collect()
    };
    let (data, self_hosted) = (tfr("Art. 14(1), (2)"), tfr("Art. 14(5)"));
    let eu = [("proof_of_control", self_hosted.as_str()), ("provide_missing_data", &data), ("send_data_by_other_means", &data)];

    assert_eq!(by_clause("DE"), expected(&eu));
    let by_law = |law: &'static str| [("provide_missing_data", law), ("send_data_by_other_means", law)];
    assert_eq!(by_clause("US"), expected(&by_law("31 CFR 1010.410(f)")));
    // Paragraph 13 does not apply to self-hosted wallets.
    let psn02 = by_law("MAS Notice PSN02, paragraph 13");
    assert_eq!(by_clause("SG"), expected(&[&[("proof_of_control", "null")], psn02.as_slice()].concat()));
    let with_proof =
        |law: &'static str| [("proof_of_control", law), ("provide_missing_data", law), ("send_data_by_other_means", law)];
    let data = by_law(GB_DATA);
    assert_eq!(by_clause("GB"), expected(&[&[("identify_third_party", GB), ("proof_of_control", GB)], data.as_slice()].concat()));
    assert_eq!(by_clause("HK"), expected(&with_proof(HK)));
    let swiss = [
        ("first_party_only", CH),
        ("identify_third_party", CH),
        ("proof_of_control", CH),
        ("provide_missing_data", "AMLO-FINMA Art. 10(1), (2)"),
    ];
    assert_eq!(by_clause("CH"), expected(&swiss));
    let notified = expected(&[("provide_missing_data", "Act on Prevention of Transfer of Criminal Proceeds, Art. 10-5")]);
    assert!(by_clause("JP").contains(&notified[0]), "{:?}", by_clause("JP"));
    assert!(by_clause("IL").iter().all(|(_, clause)| clause == "null"), "{:?}", by_clause("IL"));
}

/// Expected: Regulation (EU) 2023/1113 Art. 16(1), for who receives.
#[on_every_database(World::start)]
fn who_receives_has_clauses_of_its_own(world: World) {
    let body = json!({"direction": "incoming", "originator": {"vasp": lei(ALSTER)}});

    let found = clauses(&world.post("/v1/prechecks", &body).json());

    assert_eq!(found, [("provide_missing_data".to_owned(), Some(format!("{TFR} Art. 16(1)")))]);
}

/// Source: Resolução BCB 521/2025; the rulebook names no article.
#[on_every_database(World::start)]
fn a_cap_of_the_rule_is_asked_for_by_the_rule(world: World) {
    let answer = world.ask_from("BR", json!({"vasp": lei(ALSTER)}), json!({"date": "2026-06-01"}));

    let cap = answer["conditions"].as_array().unwrap().iter().find(|condition| condition["code"] == "max_amount").unwrap();
    assert_eq!(cap["asked_by"]["kind"], "rule", "{cap}");
    assert!(cap["asked_by"]["id"].as_str().unwrap().starts_with("BR@"), "{cap}");
}
