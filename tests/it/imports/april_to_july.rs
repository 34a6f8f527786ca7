//! ESMA's register of April 2026, and then that of July: what the registry says on the day of July's file, held against the two files as they
//! are. What is expected is read here from the files themselves.

use super::*;

/// A licence as a file shows it: the firm's LEI, else its name; the authority.
type Shown = (String, String);

fn firms(path: &Path) -> Vec<Value> {
    let file: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    file["entities"].as_array().unwrap().clone()
}

/// The licences of a file, each with its dates and activities. A firm that has an LEI only in the later file is the same firm.
fn licences(firms: Vec<Value>, later: &[Value]) -> Vec<(Shown, Value)> {
    let same_name = |firm: &Value| later.iter().find(|other| other["legal_name"] == firm["legal_name"]).cloned();
    let lei = |firm: &Value| firm["lei"].as_str().map(str::to_owned);
    let key = |firm: &Value| {
        let known = lei(firm).or_else(|| lei(&same_name(firm)?));
        known.unwrap_or_else(|| firm["legal_name"].as_str().unwrap().to_owned())
    };
    let of = |firm: Value| {
        let granted = firm["licences"].as_array().unwrap().clone();
        granted.into_iter().map(move |licence| ((key(&firm), licence["authority"].as_str().unwrap().to_owned()), licence))
    };
    firms.into_iter().flat_map(of).collect()
}

/// What a licence of a file is on a day, by the file's own dates.
fn state(licence: &Value, day: &str) -> &'static str {
    if licence["valid_to"].as_str().is_some_and(|end| end <= day) {
        "ended"
    } else if licence["valid_from"].as_str().is_some_and(|start| start > day) {
        "not_yet_in_force"
    } else {
        "in_force"
    }
}

#[on_every_database(Home::new)]
fn the_registry_of_april_agrees_with_july_after_reading_july(home: Home) {
    let (april, july) = (fixture("esma/register-2026-04-26.json"), fixture("esma/register-2026-07-29.json"));

    let first = home.report("register-json", &april, &[], 0);
    let second = home.report("register-json", &july, &[], 0);

    let later = firms(&july);
    let (before, after) = (licences(firms(&april), &later), licences(later.clone(), &later));
    let mut expected: BTreeMap<Shown, &str> = before
        .iter()
        .map(|(shown, licence)| (shown.clone(), if state(licence, JULY) == "ended" { "ended" } else { "not_listed" }))
        .collect();
    expected.extend(after.iter().map(|(shown, licence)| (shown.clone(), state(licence, JULY))));
    let generation = home.at(home.sequence(), JULY);
    let mut said: BTreeMap<Shown, (String, Vec<String>)> = BTreeMap::new();
    for firm in generation.records().iter() {
        for licence in &firm.licences {
            let key = firm.lei.map_or_else(|| firm.legal_name.clone(), |lei| lei.to_string());
            let mut activities: Vec<String> = licence.activities.iter().map(|one| one.activity.to_string()).collect();
            activities.sort();
            let known = said.insert(
                (key, licence.authority.id.clone()),
                (licence.status_on(JULY.parse().unwrap()).as_str().to_owned(), activities),
            );
            assert_eq!(known, None, "{}: two records of one firm", firm.legal_name);
        }
    }

    let agreed = expected.iter().filter(|(shown, state)| said.get(*shown).is_some_and(|(said, _)| said == *state)).count();
    let percent = agreed * 10_000 / expected.len();
    println!("{agreed} of {} licences agree on their state ({}.{:02} %)", expected.len(), percent / 100, percent % 100);
    assert!(percent >= 9_900, "{percent}");
    // Nothing is lost: every firm of either file is a record, or a row that waits.
    let lost: Vec<_> = expected.keys().filter(|shown| !said.contains_key(*shown)).collect();
    let waiting = [&first, &second].iter().filter_map(|report| report["held"].as_array()).map(Vec::len).sum::<usize>();
    assert_eq!((lost, waiting, said.len()), (vec![], 0, expected.len()));
    let services = |licence: &Value| {
        let services = licence["services"].as_array().unwrap().iter();
        let mut codes: Vec<String> = services.map(|one| one["activity"].as_str().unwrap().to_owned()).collect();
        codes.sort();
        codes.dedup();
        codes
    };
    let same = after.iter().filter(|(shown, licence)| said[shown].1 == services(licence)).count();
    println!("{same} of {} licences of July agree on their activities", after.len());
    assert!(same * 100 >= after.len() * 99, "{same}");
    assert_eq!((before.len(), after.len()), (189, 308), "the files were read here");
}

const JULY: &str = "2026-07-29";
