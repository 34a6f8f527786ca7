//! Measures over ten seeds how often a listed firm is found although its name has one wrong letter, and how many firms that have nothing to
//! do with the lists are held. The names are the seed's. `scripts/long names` runs it over other lists and firms, given by
//! `SCREENING_LISTS` (a folder of files of the form `sanctions-json`) and `SCREENING_FIRMS` (a file of the form `register-json`).
//! `SCREENING_MISSES=1` prints who is missed. `SCREENING_PAIRS` names a file to which each pair of a misspelt name and the listed firm is
//! added, for `scripts/names_beside.py`.

use std::io::Write;

use super::sound::Spoken;
use super::*;
use crate::precheck::examples::{entity, licence};
use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};
use vasp_record::vasp::{OtherName, Vasp};
use vasp_words::country::Country;

/// From this score on a person has to look. Source: `seed/policy.json`, `screening.name_score.possible`.
const POSSIBLE: Score = 85;
/// From this score on the name counts as the listed one. Source: the same, `sure`.
const SURE: Score = 95;
/// A name with more letters is no short one. Source: docs/screening.md, "Matching".
const SHORT: usize = 6;
const SEEDS: u64 = 10;
/// At most so many names of a class are changed with each seed.
const SAMPLE: usize = 300;

/// Where the wrong letter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Name,
    Form,
    Short,
}

/// How many names with a wrong letter were asked for, and how many of them are for a person.
#[derive(Debug, Default)]
struct Measured {
    asked: usize,
    possible: usize,
    /// Of these, taken for the same name.
    sure: usize,
    /// How many of the names have a country on the list.
    with_country: usize,
    /// Of these, for a person if the firm's country is the same.
    same_country: usize,
    /// Of these, for a person if the firm's country is another one.
    other_country: usize,
}

/// A listed name with the entry that has it.
struct Listed<'a> {
    list: &'a SanctionsList,
    entry: &'a SanctionsEntry,
    name: Vec<char>,
}

fn lists() -> Vec<SanctionsList> {
    let seed = || {
        let texts = [include_str!("../../../seed/sanctions.json"), include_str!("../../../seed/sanctions_eu.json")];
        texts.into_iter().map(|text| SanctionsList::from_json(text).unwrap()).collect()
    };
    let read = |folder: String| {
        let files = std::fs::read_dir(folder).unwrap().map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        files.map(|text| SanctionsList::from_json(&text).unwrap()).collect()
    };
    std::env::var("SCREENING_LISTS").map_or_else(|_| seed(), read)
}

/// The firms of a register, with their names, countries and the days of their licences.
fn firms() -> Vec<Vasp> {
    let seed = include_str!("../../../tests/fixtures/esma/register-2026-07-29.json");
    let text = std::env::var("SCREENING_FIRMS").map_or_else(|_| seed.to_owned(), |file| std::fs::read_to_string(file).unwrap());
    let register: serde_json::Value = serde_json::from_str(&text).unwrap();
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let firm = |one: &serde_json::Value| Vasp {
        legal_name: text(&one["legal_name"]).unwrap(),
        other_names: one["commercial_names"].as_array().into_iter().flatten().filter_map(text).map(other_name).collect(),
        country: one["country"].as_str().and_then(|code| code.parse().ok()),
        lei: one["lei"].as_str().and_then(|lei| lei.parse().ok()),
        licences: one["licences"][0]["services"][0]["valid_from"].as_str().map(licence).into_iter().collect(),
        ..entity(1)
    };
    register["entities"].as_array().unwrap().iter().map(firm).collect()
}

fn other_name(name: String) -> OtherName {
    OtherName { name, name_type: "commercial".to_owned() }
}

/// Returns the places of letters in a name that make an error of a class.
fn places(name: &[char], class: Class) -> Vec<usize> {
    let text = |letters: &[char]| letters.iter().collect::<String>();
    let Some(spoken) = Spoken::of(&text(name)) else { return vec![] };
    let is_short = spoken.count <= SHORT;
    let is_in_form = |place: usize| {
        let from = name[..place].iter().rposition(|c| c.is_whitespace()).map_or(0, |blank| blank + 1);
        let to = name[place..].iter().position(|c| c.is_whitespace()).map_or(name.len(), |blank| place + blank);
        let rest = [&name[..from], &name[to..]].concat();
        Spoken::of(&text(&rest)).is_some_and(|rest| rest.words == spoken.words)
    };
    let of_class = |place: &usize| match (class, is_in_form(*place)) {
        (Class::Form, in_form) => in_form,
        (Class::Name, in_form) => !in_form && !is_short,
        (Class::Short, in_form) => !in_form && is_short,
    };
    (0..name.len()).filter(|place| name[*place].is_alphanumeric()).filter(of_class).collect()
}

/// Changes a name at one letter: another letter, one more, one less, or two swapped. `None` if this changes nothing.
fn misspelt(name: &[char], place: usize, rng: &mut ChaCha8Rng) -> Option<String> {
    let mut changed = name.to_vec();
    let letter = char::from(b'a' + u8::try_from(rng.next_u32() % 26).unwrap());
    match rng.next_u32() % 4 {
        0 => changed[place] = letter,
        1 => changed.insert(place, letter),
        2 => drop(changed.remove(place)),
        _ if name.get(place + 1).is_some_and(|next| next.is_alphanumeric()) => changed.swap(place, place + 1),
        _ => changed[place] = letter,
    }
    let changed: String = changed.into_iter().collect();
    let differs = |one: &str, other: &str| Spoken::of(one)?.with_forms.ne(&Spoken::of(other)?.with_forms).then_some(());
    differs(&name.iter().collect::<String>(), &changed)?;
    Some(changed)
}

fn measure(index: &ScreeningIndex, class: Class) -> Measured {
    let firms = index.lists().iter().flat_map(|list| list.entries.iter().map(move |entry| (list, entry)));
    let firms = firms.filter(|(_, entry)| entry.kind.may_be_a_firm());
    let names = firms.flat_map(|(list, entry)| entry.names().map(move |name| (list, entry, name)));
    let all: Vec<Listed<'_>> = names.map(|(list, entry, name)| Listed { list, entry, name: name.chars().collect() }).collect();
    let all: Vec<(&Listed<'_>, Vec<usize>)> =
        all.iter().map(|one| (one, places(&one.name, class))).filter(|(_, places)| !places.is_empty()).collect();
    let mut measured = Measured::default();
    let drawn = |rng: &mut ChaCha8Rng, of: usize| usize::try_from(rng.next_u32()).unwrap() % of;
    for seed in 0..SEEDS {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        for number in 0..all.len().min(SAMPLE) {
            let (listed, places) = if all.len() <= SAMPLE { &all[number] } else { &all[drawn(&mut rng, all.len())] };
            let place = places[drawn(&mut rng, places.len())];
            let Some(changed) = misspelt(&listed.name, place, &mut rng) else { continue };
            let score = |country: Option<Country>| {
                let asked = Vasp { country, lei: None, licences: vec![], legal_name: changed.clone(), ..entity(1) };
                let hits = index.meaning(&Sought::of(&asked), "2026-11-26".parse().unwrap());
                let own = hits.iter().find(|hit| hit.uid == listed.entry.uid && hit.list == listed.list.id);
                own.map_or(0, |hit| hit.score)
            };
            let (own, other) = (listed.entry.countries.iter().find_map(|text| Country::named(text)), "IS".parse().ok());
            let unknown = score(None);
            if unknown < POSSIBLE && class != Class::Short && std::env::var_os("SCREENING_MISSES").is_some() {
                println!("{class:?} missed: {changed}, listed as {}, score {unknown}", listed.name.iter().collect::<String>());
            }
            if let Ok(file) = std::env::var("SCREENING_PAIRS") {
                let pair = serde_json::json!({"class": format!("{class:?}").to_lowercase(), "asked": changed, "country": own,
                    "list": listed.list.id, "uid": listed.entry.uid, "score": unknown});
                let mut file = std::fs::OpenOptions::new().create(true).append(true).open(file).unwrap();
                writeln!(file, "{pair}").unwrap();
            }
            measured.asked += 1;
            measured.possible += usize::from(unknown >= POSSIBLE);
            measured.sure += usize::from(unknown >= SURE);
            if own.is_some() {
                measured.with_country += 1;
                measured.same_country += usize::from(score(own) >= POSSIBLE);
                measured.other_country += usize::from(score(other) >= POSSIBLE);
            }
        }
    }
    measured
}

#[test]
fn one_wrong_letter_in_a_name_or_its_legal_form_hides_no_listed_firm() {
    let index = ScreeningIndex::newest_on("2026-11-26".parse().unwrap(), lists());

    let [name, form, short] = [Class::Name, Class::Form, Class::Short].map(|class| measure(&index, class));

    println!("{} names\nname  {name:?}\nform  {form:?}\nshort {short:?}", index.name_count());
    for found in [&name, &form] {
        assert!(found.asked > 100 && found.possible * 100 >= found.asked * 97, "{found:?}");
    }
    assert!(name.sure * 100 <= name.asked, "{name:?}");
}

#[test]
fn at_most_one_firm_in_a_hundred_of_a_register_is_held() {
    let (index, firms) = (ScreeningIndex::newest_on("2026-11-26".parse().unwrap(), lists()), firms());

    let best = |firm: &Vasp| {
        let hits = index.meaning(&Sought::of(firm), "2026-11-26".parse().unwrap());
        hits.into_iter().next().map(|hit| (hit.matched.text(), hit.listed, hit.score))
    };
    let found: Vec<_> = firms.iter().filter_map(best).collect();
    let held: Vec<_> = found.iter().filter(|(.., score)| (POSSIBLE..SURE).contains(score)).collect();
    let same: Vec<_> = found.iter().filter(|(.., score)| *score >= SURE).collect();

    println!("{} of {} firms held: {held:?}\n{} have a listed name: {same:?}", held.len(), firms.len(), same.len());
    assert!(firms.len() > 150 && held.len() * 100 <= firms.len(), "{} of {}", held.len(), firms.len());
}
