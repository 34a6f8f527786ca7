//! Canada's consolidated list of autonomous sanctions, XML as published: `data-set` with a `record` for each person, entity or ship. The records
//! have no number: schedule and item of the regulations stand for it, and both change when the schedules are amended. The file has no date
//! either; its newest listing shows from when it is at the earliest. The caller is `vasp_registry::imports`.
//!
//! Source: Global Affairs Canada, Consolidated Canadian Autonomous Sanctions List (XML), as published in March 2025.

use super::IngestError;
use super::esma_casps::date_in_name;
use super::ofac_digital_currency::add_new;
use super::published_list::{Collected, add_alias, date, joined};
use super::xml::{Element, Form, Records};
use vasp_record::register::RowReport;
use vasp_rules::screening::{EntryKind, SanctionsEntry, SanctionsList};
use vasp_words::time::Date;

/// Id of the list, as in `seed/sanctions_by_law.json`.
const ID: &str = "CA-AUTONOMOUS";

const FORM: Form = Form {
    list: "Canada's list of autonomous sanctions",
    root: "data-set",
    sections: &[],
    records: &["record"],
    always: &[
        "Country",
        "EntityOrShip",
        "LastName",
        "GivenName",
        "Aliases",
        "DateOfBirthOrShipBuildDate",
        "Schedule",
        "Item",
        "DateOfListing",
    ],
};

/// Reads the list. Its day is `as_of`, otherwise the date in the file name, otherwise that of the newest listing.
///
/// # Errors
/// `Table`, with the line, if the file is another document, is incomplete, has no entries, or has listings after its day.
pub fn parse(bytes: &[u8], file: &str, as_of: Option<Date>) -> Result<(SanctionsList, RowReport), IngestError> {
    let mut records = Records::open(bytes, file, FORM)?;
    let mut list = Collected::new(file);
    let mut newest = None;
    while let Some((line, record)) = records.next()? {
        list.rows.read += 1;
        let since = list.since(line, record.text_of("DateOfListing"));
        newest = newest.max(since);
        list.add(line, SanctionsEntry { since, ..entry(&record) });
    }
    list.lacks.extend(records.lacks());
    list.finish_dated(ID, as_of.or_else(|| date_in_name(file)), newest)
}

fn entry(record: &Element) -> SanctionsEntry {
    let cell = |name: &str| joined([record.text_of(name)]);
    // The names of regimes are bilingual: `Belarus / Bélarus`.
    let regime = cell("Country");
    let regime = regime.split(" / ").next().unwrap_or_default();
    let (schedule, item) = (cell("Schedule"), cell("Item"));
    let number = [regime, &schedule, &item].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
    let entity = cell("EntityOrShip");
    let born = cell("DateOfBirthOrShipBuildDate");
    let mut entry = SanctionsEntry {
        uid: if item.is_empty() { String::new() } else { number.join("/") },
        kind: match (entity.is_empty(), cell("ShipIMONumber").is_empty()) {
            (true, _) => EntryKind::Individual,
            (false, true) => EntryKind::Entity,
            (false, false) => EntryKind::Vessel,
        },
        name: if entity.is_empty() { joined([record.text_of("GivenName"), record.text_of("LastName")]) } else { entity },
        programs: vec![regime.to_owned()],
        ..SanctionsEntry::default()
    };
    if entry.kind == EntryKind::Individual {
        // Some days are written without their year in full; those stay as they are.
        add_new(&mut entry.born, std::iter::once(date(&born).map_or(born, |day| day.to_string())));
    }
    let aliases = cell("Aliases");
    for alias in aliases.split([',', ';']) {
        // Some aliases begin with their language, others end with that of the next: `Dagalo Arabic: …`.
        for part in alias.split(':').map(|part| {
            ["Russian", "Belarusian", "Belarussian", "Arabic"]
                .iter()
                .fold(part.trim(), |part, language| part.strip_suffix(language).unwrap_or(part))
        }) {
            add_alias(&mut entry, part);
        }
    }
    entry
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::published_list::broken;
    use proptest::prelude::*;
    use vasp_rules::screening::ListCoverage;

    /// Written in the published form; everybody in it is invented.
    const FILE: &str = include_str!("../../tests/fixtures/ca/autonomous_sanctions.xml");

    fn read(text: &str) -> Result<(SanctionsList, RowReport), IngestError> {
        parse(text.as_bytes(), "ca.xml", None)
    }

    #[test]
    fn schedule_and_item_number_the_entries_and_the_newest_listing_dates_the_file() {
        let (list, rows) = read(FILE).unwrap();

        assert_eq!((list.id.as_str(), list.as_of.to_string().as_str()), ("CA-AUTONOMOUS", "2025-03-20"));
        assert_eq!((list.coverage, rows.read), (ListCoverage::Complete, 4));
        let told: Vec<_> = list.entries.iter().map(|one| (one.uid.as_str(), one.kind, one.name.as_str())).collect();
        assert_eq!(
            told,
            [
                ("Belarus/1, Part 1/1", EntryKind::Individual, "Ann EXAMPLE"),
                ("Russia/1.1/1", EntryKind::Vessel, "Invented III"),
                ("Sudan/1/2", EntryKind::Entity, "Invented Bank"),
                ("Venezuela/7", EntryKind::Individual, "Bob EXAMPLE"),
            ]
        );
        assert_eq!(list.entries[0].programs, ["Belarus"]);
        assert_eq!((list.entries[0].born.as_slice(), list.entries[1].born.len()), (&["1969-08-30".to_owned()][..], 0));
        assert_eq!(list.entries[3].born, ["Sep-99"]);
    }

    #[test]
    fn aliases_lose_their_languages_and_legal_forms_and_short_ones_are_weak() {
        let (list, _) = read(FILE).unwrap();

        assert_eq!(list.entries[0].aliases, ["Anna Primer", "Ганна Прымер", "Анна Пример"]);
        assert_eq!(list.entries[2].aliases, ["Invented Bank Company Limited", "بنك مخترع"]);
        assert_eq!(list.entries[2].weak_aliases, ["INVB"]);
    }

    #[test]
    fn a_day_before_a_listing_and_a_cut_file_are_refused_and_a_record_without_an_item_makes_it_partial() {
        let early = parse(FILE.as_bytes(), "ca.xml", "2025-03-19".parse().ok()).unwrap_err().to_string();
        let (named, _) = parse(FILE.as_bytes(), "ca_20250401.xml", None).unwrap();
        let (partial, rows) = read(&FILE.replacen("<Item>1</Item>", "", 1)).unwrap();

        assert!(early.contains("a listing of 2025-03-20, which is after 2025-03-19"), "{early}");
        assert_eq!(named.as_of.to_string(), "2025-04-01");
        assert!(read(FILE.split_once("<Item>2").unwrap().0).unwrap_err().to_string().contains("the file is incomplete"));
        assert_eq!((partial.coverage, rows.rejected.len()), (ListCoverage::Partial, 1));
    }

    proptest! {
        #[test]
        fn a_broken_file_is_refused_and_never_a_shorter_whole_list(at in 0..FILE.len(), text in "\\PC{0,5}") {
            for broken in broken(FILE, at, &text) {
                if let Ok((list, _)) = read(&broken) {
                    prop_assert!(list.entries.len() == 4 || list.coverage == ListCoverage::Partial, "{broken}");
                }
            }
        }
    }
}
