//! Switzerland's list of sanctioned persons, entities and objects, XML as published by the SECO: `swiss-sanctions-list` with
//! `list-type="whole-list"`. It also contains removed targets: the newest change of a target says whether it is listed. Entries are
//! numbered by the SECO's numbers (`ssid`). The caller is `vasp_registry::screening`.
//!
//! Source: State Secretariat for Economic Affairs (SECO), sanctions in XML: its example of 17 January 2024 and the whole list as of
//! August 2026.

use std::collections::BTreeMap;

use super::IngestError;
use super::ofac_digital_currency::add_new;
use super::published_list::{Collected, add_addresses, date, joined};
use super::xml::{Element, Form, Records};
use vasp_record::register::{Flag, RowReport};
use vasp_rules::screening::{CH_SANCTIONS, EntryKind, SanctionsEntry, SanctionsList};
use vasp_words::time::Date;

const FORM: Form = Form {
    list: "the SECO's list",
    root: "swiss-sanctions-list",
    sections: &[],
    records: &["sanctions-program", "target", "place"],
    always: &[
        "individual",
        "entity",
        "identity@main",
        "name@name-type",
        "name@quality",
        "name-part@name-part-type",
        "value",
        "spelling-variant",
        "nationality",
        "day-month-year@year",
        "address@place-id",
        "country@iso-code",
        "other-information",
        "modification@modification-type",
    ],
};
const WHOLE: &str = "whole-list";

/// The data to which targets refer by number.
#[derive(Default)]
struct Known {
    /// The keys of programmes, by the number of their set of sanctions.
    programs: BTreeMap<String, String>,
    /// The countries of places.
    places: BTreeMap<String, String>,
}

/// Reads the list. The file contains its own date; `as_of`, if given, must be the same day.
///
/// # Errors
/// `Table`, with the line, if the file is another document, is not the whole list, is incomplete, has no date or no entries.
pub fn parse(bytes: &[u8], file: &str, as_of: Option<Date>) -> Result<(SanctionsList, RowReport), IngestError> {
    let mut records = Records::open(bytes, file, FORM)?;
    let kind = records.root.attribute("list-type").to_owned();
    if kind != WHOLE {
        let detail = format!("its `list-type` is `{kind}`, but the complete list has the type `{WHOLE}`");
        return Err(records.wrong(detail));
    }
    let Some(day) = date(records.root.attribute("date")) else {
        return Err(records.wrong("its element `swiss-sanctions-list` has no `date`".to_owned()));
    };
    let (mut list, mut known, mut targets) = (Collected::new(file), Known::default(), vec![]);
    while let Some((line, record)) = records.next()? {
        match record.name.as_str() {
            "target" => {
                list.rows.read += 1;
                if !is_taken_off(&mut list, line, &record, day) {
                    targets.push((line, entry(&mut list, line, &record)));
                }
            }
            "place" => {
                known.places.insert(record.attribute("ssid").to_owned(), country(&record).to_owned());
            }
            _ => programme(&record, &mut known.programs),
        }
    }
    add_new(&mut list.lacks, records.lacks().into_iter());
    for (line, mut entry) in targets {
        entry.programs = named(&entry.programs, &known.programs);
        entry.countries = named(&entry.countries, &known.places);
        list.add(line, entry);
    }
    list.finish(CH_SANCTIONS, day, as_of)
}

/// The known elements of a target.
const OF_A_TARGET: [&str; 7] =
    ["sanctions-set-id", "individual", "entity", "object", "foreign-identifier", "generic-attribute", "modification"];

/// Tells whether a target is no longer listed on the day of the list, because its newest change in force removed it. If several changes
/// have the same day, the first one decides, because the SECO publishes the newest first. A target stays listed if one of several changes
/// has no date. It also stays listed if it has an element that this importer does not know. That element could say otherwise, so the list
/// is then partial.
fn is_taken_off(list: &mut Collected<'_>, line: u64, target: &Element, day: Date) -> bool {
    let mut newest: Option<(Date, &Element)> = None;
    for change in target.all("modification") {
        match in_force(change) {
            Some(since) if since <= day && newest.is_none_or(|(known, _)| since > known) => newest = Some((since, change)),
            Some(_) => {}
            None if target.all("modification").count() == 1 => {}
            None => {
                list.flag(line, Flag::DateMissing, target.attribute("ssid"));
                return false;
            }
        }
    }
    let is_off = newest.is_some_and(|(_, change)| change.attribute("modification-type") == "de-listed");
    let unknown = target.unknown_beside(&OF_A_TARGET).filter(|_| is_off);
    if let Some(name) = unknown {
        add_new(&mut list.lacks, std::iter::once(format!("`{name}` is ignored")));
    }
    is_off && unknown.is_none()
}

/// Returns the day from which a change is in force. The publication date of a de-listing is not used: the de-listing may take effect later.
fn in_force(change: &Element) -> Option<Date> {
    let is_end = change.attribute("modification-type") == "de-listed";
    let dates = ["effective-date", "enactment-date", "publication-date"].into_iter().take(if is_end { 2 } else { 3 });
    dates.map(|name| change.attribute(name)).find(|text| !text.is_empty()).and_then(date)
}

fn programme(record: &Element, programs: &mut BTreeMap<String, String>) {
    let english = |name| record.all(name).find(|one| one.attribute("lang") == "eng").map_or("", Element::text);
    let name = ["program-key", "program-name"].into_iter().map(english).find(|text| !text.is_empty()).unwrap_or_default();
    for set in record.all("sanctions-set") {
        programs.insert(set.attribute("ssid").to_owned(), name.to_owned());
    }
}

fn country(place: &Element) -> &str {
    let country = place.all("country").next();
    country.map_or("", |country| {
        [country.attribute("iso-code"), country.text()].into_iter().find(|one| !one.is_empty()).unwrap_or("")
    })
}

/// Replaces numbers with the names that they refer to; an unknown number stays.
fn named(numbers: &[String], known: &BTreeMap<String, String>) -> Vec<String> {
    let mut names = vec![];
    add_new(&mut names, numbers.iter().map(|number| known.get(number).unwrap_or(number).clone()));
    names
}

/// Reads a target. Its programmes and the countries of its addresses are still numbers; [`named`] replaces them when all are known.
fn entry(list: &mut Collected<'_>, line: u64, target: &Element) -> SanctionsEntry {
    let listed = target.all("modification").filter(|change| change.attribute("modification-type") == "listed");
    let sets = target.all("sanctions-set-id").map(Element::text).chain([target.attribute("sanctions-set-id")]);
    let mut entry = SanctionsEntry {
        uid: target.attribute("ssid").to_owned(),
        // A target that was removed and listed again counts as listed from the second time.
        since: listed.filter_map(in_force).max(),
        ..SanctionsEntry::default()
    };
    add_new(&mut entry.programs, sets.map(str::to_owned));
    let subjects = [("individual", EntryKind::Individual), ("entity", EntryKind::Entity), ("object", EntryKind::Asset)];
    for (subject, kind) in subjects.into_iter().flat_map(|(name, kind)| target.all(name).map(move |one| (one, kind))) {
        entry.kind = match subject.attribute("object-type") {
            "vessel" => EntryKind::Vessel,
            "aircraft" => EntryKind::Aircraft,
            _ => kind,
        };
        let (main, others): (Vec<&Element>, Vec<&Element>) =
            subject.all("identity").partition(|identity| identity.attribute("main") == "true");
        for identity in main.into_iter().chain(others) {
            identify(&mut entry, identity);
        }
        for text in subject.all("other-information").map(Element::text) {
            if let Some(site) = text.strip_prefix("Website") {
                entry.hosts.extend(list.hosts(line, site.trim_start_matches([' ', ':'])));
            }
            add_addresses(&mut entry, text);
        }
    }
    entry
}

/// Adds one identity: its names in all spellings, births and countries.
fn identify(entry: &mut SanctionsEntry, identity: &Element) {
    for name in identity.all("name") {
        let mut spellings = spellings(name).into_iter();
        if name.attribute("quality") == "low" {
            add_new(&mut entry.weak_aliases, spellings);
        } else {
            if entry.name.is_empty() && name.attribute("name-type") == "primary-name" {
                entry.name = spellings.next().unwrap_or_default();
            }
            let primary = entry.name.clone();
            add_new(&mut entry.aliases, spellings.filter(|spelling| *spelling != primary));
        }
    }
    let day = |birth: &Element| {
        let parts = ["year", "month", "day"].map(|part| birth.attribute(part));
        let said: Vec<String> = parts.iter().take_while(|part| !part.is_empty()).map(|part| format!("{part:0>2}")).collect();
        said.join("-")
    };
    add_new(&mut entry.born, identity.all("day-month-year").map(day));
    let homes =
        identity.all("address").map(|home| if country(home).is_empty() { home.attribute("place-id") } else { country(home) });
    add_new(&mut entry.countries, identity.all("nationality").map(country).chain(homes).map(str::to_owned));
}

/// A language, a script and a number. The number is needed because a part of a name may have several spellings in the same language and
/// script.
type Spelling<'a> = (&'a str, &'a str, usize);

/// Returns a name as written, then all its other spellings. A part without such a spelling stays as written. Titles are left out.
fn spellings(name: &Element) -> Vec<String> {
    let mut parts: Vec<&Element> = name.all("name-part").filter(|part| part.attribute("name-part-type") != "title").collect();
    parts.sort_by_key(|part| part.attribute("order").parse::<u32>().unwrap_or(u32::MAX));
    let mut names = vec![joined(parts.iter().map(|part| part.text_of("value")))];
    let mut spelled: BTreeMap<Spelling<'_>, Vec<(usize, &str)>> = BTreeMap::new();
    for (place, part) in parts.iter().enumerate() {
        let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for variant in part.all("spelling-variant") {
            let (language, script) = (variant.attribute("lang"), variant.attribute("script"));
            let count = counts.entry((language, script)).or_default();
            spelled.entry((language, script, *count)).or_default().push((place, variant.text()));
            *count += 1;
        }
    }
    for variants in spelled.values() {
        let spelling = |(place, part): (usize, &&Element)| {
            let variant = variants.iter().find(|(of, _)| *of == place).map(|(_, text)| (*text).to_owned());
            variant.unwrap_or_else(|| part.text_of("value").to_owned())
        };
        let spelled: Vec<String> = parts.iter().enumerate().map(spelling).collect();
        names.push(joined(spelled.iter().map(String::as_str)));
    }
    names.retain(|name| !name.is_empty());
    names.dedup();
    names
}

#[cfg(test)]
mod tests;
