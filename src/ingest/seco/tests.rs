//! All persons are invented, in the form of the SECO's own example.

use super::*;
use crate::published_list::broken;
use proptest::prelude::*;
use vasp_rules::screening::ListCoverage;

const FILE: &str = include_str!("../../../tests/fixtures/seco/whole_list_20260827.xml");

fn read(text: &str) -> Result<(SanctionsList, RowReport), IngestError> {
    parse(text.as_bytes(), "ch.xml", None)
}

fn entry_of(uid: &str) -> SanctionsEntry {
    read(FILE).unwrap().0.entries.into_iter().find(|entry| entry.uid == uid).unwrap()
}

#[test]
fn the_list_is_whole_and_of_its_own_day() {
    let (list, rows) = read(FILE).unwrap();

    assert_eq!((list.id.as_str(), list.list(), list.as_of.to_string()), (CH_SANCTIONS, CH_SANCTIONS, "2026-08-27".to_owned()));
    assert_eq!((list.coverage, list.source.as_str()), (ListCoverage::Complete, "ch.xml"));
    assert_eq!((rows.read, rows.rejected.len(), rows.flagged.len()), (5, 0, 0));
}

#[test]
fn the_newest_change_in_force_says_whether_a_target_is_listed() {
    let (list, _) = read(FILE).unwrap();

    assert_eq!(list.entries.iter().map(|entry| entry.uid.as_str()).collect::<Vec<_>>(), ["100", "200", "400", "500"]);
    assert_eq!(entry_of("400").since.unwrap().to_string(), "2026-01-01");
    assert_eq!(entry_of("200").since, None);
    let (later, _) = read(&FILE.replacen("date=\"2026-08-27\"", "date=\"2026-09-20\"", 1)).unwrap();
    assert!(later.entries.iter().all(|entry| entry.uid != "500"), "taken off on that day");
}

/// If a change without a date counted as the oldest, a listed target could be removed.
#[test]
fn a_target_whose_changes_cannot_be_put_in_order_stays_listed_and_is_told() {
    let (list, rows) = read(&FILE.replace("effective-date=\"2025-06-03\"", "effective-date=\"lately\"")).unwrap();

    assert!(list.entries.iter().any(|entry| entry.uid == "300"));
    assert_eq!(rows.flagged.iter().map(|row| (row.line, row.flag)).collect::<Vec<_>>(), [(47, Flag::DateMissing)]);
}

/// A de-listing is published before it takes effect.
#[test]
fn a_target_whose_end_has_only_a_day_of_publication_stays_listed_and_is_told() {
    let (list, rows) = read(&FILE.replace(" effective-date=\"2026-09-20\"", "")).unwrap();

    assert!(list.entries.iter().any(|entry| entry.uid == "500"));
    assert_eq!(rows.flagged.iter().map(|row| (row.line, row.flag)).collect::<Vec<_>>(), [(61, Flag::DateMissing)]);
}

#[test]
fn a_target_with_an_unknown_element_stays_listed_and_the_list_is_partial() {
    let with = |place: &str| FILE.replace(place, &format!("<exemption/>{place}"));

    let (list, rows) = read(&with("<modification modification-type=\"amended\" effective-date=\"2025-06-03\"/>")).unwrap();

    assert!(list.entries.iter().any(|entry| entry.uid == "300"), "it was taken off, as far as we can read");
    assert_eq!((list.coverage, list.source.as_str()), (ListCoverage::Partial, "ch.xml; `exemption` is ignored"));
    assert_eq!(rows.flagged, []);
}

#[test]
fn names_programmes_countries_and_hosts_of_an_entity_are_read_without_those_of_its_changes() {
    let entry = entry_of("100");

    assert_eq!((entry.kind, entry.name.as_str()), (EntryKind::Entity, "Nightfall Exchange"));
    assert_eq!(entry.aliases, ["Найтфолл", "Dusk OTC"]);
    assert_eq!(entry.weak_aliases, ["NFX"]);
    assert_eq!((entry.programs.as_slice(), entry.countries.as_slice()), (&["Examplia".to_owned()][..], &["RU".to_owned()][..]));
    assert_eq!((entry.hosts[0].to_string(), entry.addresses.len()), ("example.org".to_owned(), 1));
    assert_eq!(entry_of("500").kind, EntryKind::Vessel);
}

#[test]
fn parts_of_a_name_are_joined_in_their_order_in_every_spelling() {
    let entry = entry_of("200");

    assert_eq!((entry.kind, entry.name.as_str()), (EntryKind::Individual, "Example Ann"));
    assert_eq!(entry.aliases, ["Eksempl Anna", "Exempel Ann", "Second Identity"]);
    assert_eq!(entry.born, ["1970-12-03", "1971"]);
    assert_eq!(entry.countries, ["GB"]);
}

/// The SECO publishes amendments in the same form. If one were read as the whole list, it would remove all other entries.
#[test]
fn an_amendment_and_broken_files_are_refused() {
    let refused = |text: &str| read(text).unwrap_err().to_string();

    assert!(
        refused(&FILE.replace("whole-list", "amendment")).contains("its `list-type` is `amendment`, but the complete list has")
    );
    assert!(refused(&FILE.replacen(" date=", " day=", 1)).contains("has no `date`"));
    assert!(refused(FILE.split_once("<place").unwrap().0).contains("the file is incomplete"));
    assert!(refused("<export/>").contains("the SECO's list has `swiss-sanctions-list`"));
}

#[test]
fn a_target_without_a_name_or_number_makes_the_list_partial() {
    let (list, rows) =
        read(&FILE.replace("<value>Put On Again Ltd</value>", "").replace("target ssid=\"500\"", "target")).unwrap();

    assert_eq!(rows.rejected.iter().map(|row| row.line).collect::<Vec<_>>(), [54, 61]);
    assert_eq!((list.coverage, list.source.as_str()), (ListCoverage::Partial, "ch.xml; 2 of 5 rows could not be read"));
}

proptest! {
    #[test]
    fn a_broken_file_is_refused_and_never_a_shorter_whole_list(at in 0..FILE.len(), text in "\\PC{0,5}") {
        for broken in broken(FILE, at, &text) {
            if let Ok((list, _)) = read(&broken) {
                prop_assert!(list.entries.len() >= 4 || list.coverage == ListCoverage::Partial, "{broken}");
            }
        }
    }
}
