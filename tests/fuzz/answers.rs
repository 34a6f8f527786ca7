//! What members answer about themselves: questionnaires, answers to them, and chains of owners.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;
use vasp_rules::ownership::{OwnershipChain, WHOLE_BASIS_POINTS};
use vasp_rules::questionnaire::answers::{AnswerInput, Answers, change};
use vasp_rules::questionnaire::standing::{items, lines};
use vasp_rules::questionnaire::{ItemId, Questionnaire};
use vasp_words::time::Date;

use crate::target::{Outcome, Target, accepted, examples, read_file, round_trip, text};

/// The targets of this file.
pub(crate) const TARGETS: &[Target] = &[
    Target { name: "questionnaire", examples: || examples(&[QUESTIONNAIRE]), run: questionnaire },
    Target { name: "questionnaire item", examples: || examples(ITEMS), run: |input| round_trip::<ItemId>(&text(input)) },
    Target { name: "answers", examples: || examples(ANSWERS), run: answers },
    Target { name: "ownership chain", examples: || examples(CHAINS), run: chain },
];

const ITEMS: &[&str] = &["aml.programme", "data_protection.secure"];

const QUESTIONNAIRE: &str = r#"{"id":"q","version":2,"generated_on":"2026-11-20","about":"x","sections":[{"id":"aml","title":"AML"}],"items":[{"id":"aml.a","section":"aml","text":"?","answer":{"kind":"yes_no"},"evidence":"none","valid_months":12,"requirements":["CP-10"],"track":"both","sources":["x"],"changed_in":1,"adverse":["no"]},{"id":"aml.b","section":"aml","text":"?","answer":{"kind":"choice","options":["x","y"],"many":true},"evidence":"required","valid_months":6,"requirements":["CP-14"],"track":"travel_rule","sources":["x"],"changed_in":2,"asked_if":{"item":"aml.a","is":["yes"]},"check":"data_protection"}],"retired":["aml.z"]}"#;

const ANSWERS: &[&str] = &[
    r#"{"aml.officer":{"value":"yes","note":"n"},"aml.records":{"value":5},"geographies.operates":{"value":["EL","de"]}}"#,
    r#"{"aml.programme":{"value":"yes","evidence":["ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"]},"aml.risk_assessment":{"value":"2026-01-01"},"products.services":{"value":["custody","transfer"]},"training.staff":null}"#,
];

const CHAINS: &[&str] = &[
    r#"{"as_of":"2026-05-01","parties":[{"id":"h","kind":"legal_entity","name":"H","country":"LU"},{"id":"p","kind":"natural_person","name":"P","country":"CH"}],"links":[{"owner":"h","owned":"self","basis_points":10000},{"owner":"p","owned":"h","basis_points":7500,"from":"2020-01-01"}]}"#,
    r#"{"as_of":"2026-05-01","parties":[{"id":"a","kind":"legal_entity","name":"A","country":"LU","ends":"listed_company"},{"id":"b","kind":"legal_entity","name":"B","country":"LU"}],"links":[{"owner":"a","owned":"self","basis_points":4000},{"owner":"b","owned":"a","control":"agreement"},{"owner":"a","owned":"b","basis_points":4000}]}"#,
];

fn today() -> Date {
    "2026-06-01".parse().unwrap()
}

/// What is taken succeeds itself in nothing but the number, and has at least one item.
fn questionnaire(input: &[u8]) -> Outcome {
    read_file(Questionnaire::from_json(&text(input)), |taken| {
        assert!(taken.items().count() > 0 && taken.check_succeeds(&taken).is_err());
        assert!(taken.items().all(|item| taken.item(&item.id) == Some(item)));
        accepted("")
    })
}

/// Answers that are taken are taken again as they were kept, and no line is better for less of them.
fn answers(input: &[u8]) -> Outcome {
    static SHIPPED: LazyLock<Questionnaire> = LazyLock::new(|| Questionnaire::embedded().unwrap());
    let changes: BTreeMap<String, Option<AnswerInput>> = match serde_json::from_slice(input) {
        Ok(changes) => changes,
        Err(_) => return Outcome::Refused("form".to_owned()),
    };
    match change(&SHIPPED, &Answers::new(), &changes, today()) {
        Ok(taken) => {
            let kept = serde_json::to_string(&taken).unwrap();
            assert_eq!(serde_json::from_str::<Answers>(&kept).unwrap(), taken);
            let again = taken.iter().map(|(id, answer)| {
                let evidence = answer.evidence.iter().map(ToString::to_string).collect();
                let value: Value = serde_json::to_value(&answer.value).unwrap();
                (id.to_string(), Some(AnswerInput { value, evidence, note: answer.note.clone() }))
            });
            assert_eq!(change(&SHIPPED, &Answers::new(), &again.collect(), today()).unwrap(), taken);
            let status = lines(&items(&SHIPPED, &taken, None, today()));
            accepted(format!("{:?}", status.iter().map(|line| line.status).collect::<Vec<_>>()))
        }
        Err(faults) => {
            assert!(!faults.is_empty() && faults.iter().all(|fault| fault.pointer.starts_with('/')));
            Outcome::Refused(faults[0].code.to_owned())
        }
    }
}

/// No chain, however odd, makes more of a VASP than the whole.
fn chain(input: &[u8]) -> Outcome {
    let chain: OwnershipChain = match serde_json::from_slice(input) {
        Ok(chain) => chain,
        Err(_) => return Outcome::Refused("form".to_owned()),
    };
    match chain.check(today()) {
        Ok(()) => {
            let owners = chain.owners();
            assert!(owners.accounted_basis_points <= WHOLE_BASIS_POINTS);
            assert!(owners.effective.values().all(|share| *share <= WHOLE_BASIS_POINTS));
            accepted(format!("{} {}", owners.beneficial.len(), owners.is_whole()))
        }
        Err(faults) => {
            assert!(!faults.is_empty());
            Outcome::Refused(faults[0].code.to_owned())
        }
    }
}
