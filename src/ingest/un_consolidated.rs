//! The consolidated list of the United Nations Security Council, XML as published: `CONSOLIDATED_LIST` with the day of its generation,
//! `INDIVIDUALS` and `ENTITIES`. Entries are numbered by the permanent reference numbers, such as `QDi.018`. The caller is
//! `vasp_registry::screening`.
//!
//! Source: United Nations Security Council, consolidated list in XML (schema `sc-sanctions.xsd`), as published on 27 February 2026.

use super::IngestError;
use super::ofac_digital_currency::add_new;
use super::published_list::{Collected, add_addresses, date, joined};
use super::xml::{Element, Form, Records};
use vasp_record::register::RowReport;
use vasp_rules::screening::{EntryKind, SanctionsEntry, SanctionsList, UN_SANCTIONS};
use vasp_words::time::Date;

const FORM: Form = Form {
    list: "the consolidated list of the UN Security Council",
    root: "CONSOLIDATED_LIST",
    sections: &["INDIVIDUALS", "ENTITIES"],
    records: &["INDIVIDUAL", "ENTITY"],
    always: &[
        "FIRST_NAME",
        "REFERENCE_NUMBER",
        "UN_LIST_TYPE",
        "LISTED_ON",
        "NAME_ORIGINAL_SCRIPT",
        "INDIVIDUAL_ALIAS",
        "ENTITY_ALIAS",
        "ALIAS_NAME",
        "QUALITY",
        "INDIVIDUAL_DATE_OF_BIRTH",
        "DATE",
        "YEAR",
        "NATIONALITY",
        "VALUE",
        "INDIVIDUAL_ADDRESS",
        "ENTITY_ADDRESS",
        "COUNTRY",
    ],
};

/// Reads the list. The file contains its own date; `as_of`, if given, must be the same day.
///
/// # Errors
/// `Table`, with the line, if the file is another document, is incomplete, has no date or no entries.
pub fn parse(bytes: &[u8], file: &str, as_of: Option<Date>) -> Result<(SanctionsList, RowReport), IngestError> {
    let mut records = Records::open(bytes, file, FORM)?;
    let Some(day) = date(records.root.attribute("dateGenerated")) else {
        return Err(records.wrong("its element `CONSOLIDATED_LIST` has no date of generation (`dateGenerated`)".to_owned()));
    };
    let mut list = Collected::new(file);
    let mut found = [("INDIVIDUAL", false), ("ENTITY", false)];
    while let Some((line, record)) = records.next()? {
        list.rows.read += 1;
        for (name, is_there) in &mut found {
            *is_there |= record.name == *name;
        }
        let mut entry = entry(&record);
        entry.since = list.since(line, record.text_of("LISTED_ON"));
        list.add(line, entry);
    }
    list.lacks.extend(records.lacks());
    list.lacks.extend(found.iter().filter(|(_, is_there)| !is_there).map(|(name, _)| format!("it has no `{name}`")));
    list.finish(UN_SANCTIONS, day, as_of)
}

fn entry(record: &Element) -> SanctionsEntry {
    let names = ["FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME"];
    let is_individual = record.name == "INDIVIDUAL";
    let mut entry = SanctionsEntry {
        uid: record.text_of("REFERENCE_NUMBER").to_owned(),
        kind: if is_individual { EntryKind::Individual } else { EntryKind::Entity },
        name: joined(names.map(|name| record.text_of(name))),
        programs: vec![record.text_of("UN_LIST_TYPE").to_owned()],
        ..SanctionsEntry::default()
    };
    add_new(&mut entry.aliases, std::iter::once(joined([record.text_of("NAME_ORIGINAL_SCRIPT")])));
    for alias in ["INDIVIDUAL_ALIAS", "ENTITY_ALIAS"].into_iter().flat_map(|name| record.all(name)) {
        let is_weak = alias.text_of("QUALITY").eq_ignore_ascii_case("low");
        let names = if is_weak { &mut entry.weak_aliases } else { &mut entry.aliases };
        add_new(names, alias.text_of("ALIAS_NAME").split(';').map(|name| joined([name])));
    }
    add_new(&mut entry.born, record.all("INDIVIDUAL_DATE_OF_BIRTH").map(born));
    let nationalities = record.all("NATIONALITY").flat_map(|one| one.all("VALUE")).map(Element::text);
    let homes = ["INDIVIDUAL_ADDRESS", "ENTITY_ADDRESS"].into_iter().flat_map(|name| record.all(name));
    let countries = nationalities.chain(homes.map(|home| home.text_of("COUNTRY")));
    add_new(&mut entry.countries, countries.map(str::to_owned));
    add_addresses(&mut entry, record.text_of("COMMENTS1"));
    entry
}

/// Returns a birth as in the list: a day, a year, or a range of years.
fn born(birth: &Element) -> String {
    let (from, to) = (birth.text_of("FROM_YEAR"), birth.text_of("TO_YEAR"));
    let said = [birth.text_of("DATE"), birth.text_of("YEAR")].into_iter().find(|text| !text.is_empty());
    let said = said.map_or_else(|| if from.is_empty() { String::new() } else { format!("{from} to {to}") }, str::to_owned);
    if said.is_empty() || birth.text_of("TYPE_OF_DATE") != "APPROXIMATELY" { said } else { format!("about {said}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::published_list::broken;
    use proptest::prelude::*;
    use vasp_rules::screening::ListCoverage;

    /// One record of the list of 27 February 2026 and two invented ones; source: United Nations Security Council.
    const FILE: &str = include_str!("../../tests/fixtures/un/consolidated_20260227.xml");

    fn read(text: &str) -> Result<(SanctionsList, RowReport), IngestError> {
        parse(text.as_bytes(), "un.xml", None)
    }

    #[test]
    fn the_list_is_whole_and_of_its_own_day() {
        let (list, rows) = read(FILE).unwrap();

        assert_eq!(list.id.as_str(), UN_SANCTIONS);
        assert_eq!(list.list(), UN_SANCTIONS);
        assert_eq!(list.as_of.to_string(), "2026-02-27");
        assert_eq!((list.coverage, list.source.as_str()), (ListCoverage::Complete, "un.xml"));
        assert_eq!((rows.read, rows.rejected.len(), rows.flagged.len()), (3, 0, 0));
    }

    #[test]
    fn names_births_countries_and_programmes_are_read() {
        let (list, _) = read(FILE).unwrap();

        let [adf, trust, person] = list.entries.as_slice() else { panic!("{list:?}") };
        assert_eq!((adf.uid.as_str(), adf.kind, adf.name.as_str()), ("CDe.001", EntryKind::Entity, "ADF"));
        assert_eq!(adf.aliases, ["Allied Democratic Forces", "ADF/NALU", "NALU"]);
        assert_eq!(adf.programs, ["DRC"]);
        assert_eq!(adf.countries, ["Democratic Republic of the Congo"]);
        assert_eq!((person.uid.as_str(), person.kind, person.name.as_str()), ("XXi.001", EntryKind::Individual, "ANN EXAMPLE"));
        assert_eq!(person.born, ["about 1971", "1970 to 1972"]);
        assert_eq!(person.since.unwrap().to_string(), "2012-12-31");
        assert_eq!(person.countries, ["Democratic Republic of the Congo", "Rwanda"]);
        assert_eq!(person.aliases, ["آن"]);
        assert_eq!(person.weak_aliases, ["Annie", "Ex"]);
        assert_eq!(trust.name, "AAA & Sons");
    }

    #[test]
    fn what_its_own_marks_do_not_say_to_be_whole_is_partial() {
        let without = |from: &str, to: &str| {
            let ((start, rest), (_, end)) = (FILE.split_once(from).unwrap(), FILE.split_once(to).unwrap());
            assert!(rest.contains(to));
            format!("{start}{end}")
        };

        let (firms, _) = read(&without("<INDIVIDUALS>", "</INDIVIDUALS>")).unwrap();
        let (renamed, _) = read(&FILE.replace("ENTITIES>", "GROUPS>")).unwrap();
        let (numberless, rows) = read(&FILE.replace("<REFERENCE_NUMBER>CDe.001</REFERENCE_NUMBER>", "")).unwrap();

        assert_eq!((firms.coverage, firms.source.as_str()), (ListCoverage::Partial, "un.xml; it has no `INDIVIDUAL`"));
        assert_eq!(renamed.source, "un.xml; `GROUPS` is ignored; it has no `ENTITY`");
        assert_eq!((numberless.source.as_str(), rows.rejected[0].line), ("un.xml; 1 of 3 rows could not be read", 45));
    }

    #[test]
    fn a_file_that_is_cut_off_or_has_no_day_is_refused() {
        let refused = |text: &str| read(text).unwrap_err().to_string();

        assert!(refused(FILE.split_once("<LISTED_ON>").unwrap().0).contains("the file is incomplete"));
        assert!(refused(&FILE.replace("dateGenerated", "generated")).contains("has no date of generation"));
        assert!(refused("<export/>").contains("its outermost element is `export`"));
        let other_day = parse(FILE.as_bytes(), "un.xml", "2026-03-01".parse().ok());
        assert!(other_day.unwrap_err().to_string().contains("the file gives its own day, 2026-02-27, and not 2026-03-01"));
    }

    proptest! {
        #[test]
        fn a_broken_file_is_refused_and_never_a_shorter_whole_list(at in 0..FILE.len(), text in "\\PC{0,5}") {
            for broken in broken(FILE, at, &text) {
                if let Ok((list, _)) = read(&broken) {
                    prop_assert!(list.entries.len() == 3 || list.coverage == ListCoverage::Partial, "{broken}");
                }
            }
        }
    }
}
