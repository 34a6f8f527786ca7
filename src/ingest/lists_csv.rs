//! FATF's and the EU's lists of jurisdictions as a table that anybody can type, CSV: a row for each stay on a list. It becomes the text of the
//! document `lists`, which is then checked as such. It is used as a whole or not at all. The caller is `vasp_registry::imports`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::IngestError;
use super::esma_cells::tidy;
use super::register_csv::{day, missing, optional};
use super::register_rows::Wrong;
use super::table::Table;
use vasp_record::register::{Reason, RejectedRow};
use vasp_rules::lists::{ListId, Measure};
use vasp_rules::rulebook::Confidence;
use vasp_words::country::Country;
use vasp_words::time::Date;

/// The columns. The first six are needed; those after them may be left out.
const COLUMNS: [&str; 8] = ["list", "country", "from", "to", "source", "known_through", "measure", "confidence"];

/// Reads a table and returns the document. `known_through` is the day up to which the row's list is known; the latest of a list counts.
///
/// # Errors
/// `Rows` with every wrong row, and the errors of a file that is not such a table.
pub fn parse(bytes: &[u8], file: &str, generated_on: Option<Date>) -> Result<String, IngestError> {
    let mut table = Table::open_with(bytes, file, COLUMNS, 6)?;
    let (mut typed, mut wrong) = (Typed::default(), Vec::new());
    while let Some(row) = table.next_row()? {
        match row {
            Ok(row) => {
                if let Err((column, reason, text)) = typed.add(&row.cells.each_ref().map(|cell| tidy(cell))) {
                    wrong.push(table.rejected(row.line, Some(column), reason, &text));
                }
            }
            Err(rejected) => wrong.push(rejected),
        }
    }
    if wrong.is_empty() { typed.document(file, generated_on) } else { Err(refused(file, wrong)) }
}

fn refused(file: &str, rows: Vec<RejectedRow>) -> IngestError {
    IngestError::Rows { file: file.to_owned(), rows }
}

#[derive(Default)]
struct Typed {
    members: BTreeMap<ListId, Vec<Value>>,
    known_through: BTreeMap<ListId, Date>,
    /// Ids of the sources, by their text.
    sources: BTreeMap<String, String>,
}

impl Typed {
    fn add(&mut self, cells: &[String; COLUMNS.len()]) -> Result<(), Wrong> {
        let [list, country, from, to, source, known, measure, confidence] = cells;
        let id: Option<ListId> =
            optional("list", Reason::Unrecognised, list, "is not known; write FATF-BLACK, FATF-GREY or EU-HRTC")?;
        let id = id.ok_or_else(|| missing("list", "write FATF-BLACK, FATF-GREY or EU-HRTC"))?;
        let iso2: Option<Country> =
            optional("country", Reason::CountryUnknown, country, "is not a country; write its two letters, such as KP")?;
        let iso2 = iso2.ok_or_else(|| missing("country", "write the two letters of the country, such as KP"))?;
        let from = day("from", from)?.ok_or_else(|| missing("from", "write the first day on the list"))?;
        let to = day("to", to)?;
        if to.is_some_and(|to| to <= from) {
            return Err((
                "to",
                Reason::DateInvalid,
                format!("it must be after {from}: write the first day on which it is no longer listed"),
            ));
        }
        let known = day("known_through", known)?
            .ok_or_else(|| missing("known_through", "write the day up to which the list is known"))?;
        if source.is_empty() {
            return Err(missing("source", "write where you read it: an address, or the publication and its day"));
        }
        let words = "is not known; write countermeasures or enhanced_due_diligence";
        let measure: Option<Measure> = optional("measure", Reason::Unrecognised, measure, words)?;
        if measure.is_some() != (id == ListId::FatfBlack) {
            return Err(("measure", Reason::Contradicts, "write it for each country on FATF-BLACK, and for no other".to_owned()));
        }
        let confidence: Option<Confidence> =
            optional("confidence", Reason::Unrecognised, confidence, "is not known; write high, medium or low")?;
        let next = format!("s{}", self.sources.len() + 1);
        let source = self.sources.entry(source.clone()).or_insert(next).clone();
        let latest = self.known_through.entry(id).or_insert(known);
        *latest = known.max(*latest);
        self.members.entry(id).or_default().push(json!({
            "iso2": iso2, "name": iso2.name(), "from": from, "to": to, "source_in": source, "source_out": to.map(|_| &source),
            "confidence": confidence.unwrap_or(Confidence::Medium), "membership_confirmed_by": null, "measure": measure,
        }));
        Ok(())
    }

    fn document(self, file: &str, generated_on: Option<Date>) -> Result<String, IngestError> {
        let newest = self.known_through.values().max().copied();
        let generated_on = generated_on.or(newest).ok_or_else(|| IngestError::NoDate { file: file.to_owned() })?;
        let as_of = newest.unwrap_or(generated_on).to_string();
        let sources: BTreeMap<&String, Value> =
            self.sources.iter().map(|(text, id)| (id, json!({ "kind": "public_text", "ref": text, "as_of": as_of }))).collect();
        let lists: Vec<Value> = self
            .members
            .iter()
            .map(|(id, members)| json!({ "id": id, "name": name(*id), "meaning": "typed from its publication", "members": members }))
            .collect();
        let document = json!({
            "schema_version": "1.0.0", "generated_on": generated_on, "known_through": self.known_through,
            "sources": sources, "lists": lists,
        });
        Ok(document.to_string())
    }
}

fn name(id: ListId) -> &'static str {
    match id {
        ListId::FatfBlack => "FATF high-risk jurisdictions subject to a call for action",
        ListId::FatfGrey => "FATF jurisdictions under increased monitoring",
        ListId::EuHrtc => "EU high-risk third countries",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use vasp_rules::lists::JurisdictionLists;

    const TABLE: &str = "list,country,from,to,source,known_through,measure,confidence\n\
        FATF-BLACK,KP,2011-02-25,,FATF statement of June 2026,2026-06-19,countermeasures,high\n\
        FATF-GREY,DZ,2024-10-25,2026-06-19,FATF statement of June 2026,2026-06-19,,\n\
        FATF-GREY,BO,2025-06-13,,FATF statement of June 2025,2025-06-13,,\n\
        EU-HRTC,KE,2025-08-05,,Delegated Regulation (EU) 2025/1184,2026-01-29,,\n";

    fn lists(text: &str) -> Result<String, IngestError> {
        parse(text.as_bytes(), "lists.csv", None)
    }

    #[test]
    fn a_typed_table_is_a_document_that_the_registry_reads() {
        let read = JurisdictionLists::from_json(&lists(TABLE).unwrap()).unwrap();
        let on =
            |list, day: &str| read.members_on(list, day.parse().unwrap()).iter().map(ToString::to_string).collect::<Vec<_>>();

        assert_eq!(read.version, "2026-06-19+1.0.0");
        assert_eq!(on(ListId::FatfGrey, "2026-06-18"), ["BO", "DZ"]);
        assert_eq!(on(ListId::FatfGrey, "2026-06-19"), ["BO"]);
        assert_eq!(read.known_through(ListId::FatfGrey).unwrap().to_string(), "2026-06-19");
        assert_eq!(read.known_through(ListId::EuHrtc).unwrap().to_string(), "2026-01-29");
        let korea = read.membership(ListId::FatfBlack, "KP".parse().unwrap(), "2026-01-01".parse().unwrap()).unwrap();
        assert_eq!((korea.measure, korea.confidence), (Some(Measure::Countermeasures), Confidence::High));
    }

    #[test]
    fn every_wrong_cell_is_named_with_what_would_be_right() {
        let wrong = TABLE
            .replace("EU-HRTC", "EU")
            .replace(",KP,", ",NK,")
            .replace("2025-06-13,,", "13.6.2025,,")
            .replace("2024-10-25,2026-06-19", "2024-10-25,2024-10-25");

        let said = lists(&wrong).unwrap_err().to_string();

        for part in [
            "lists.csv has wrong rows (4)",
            "line 2, column country: `NK` is not a country; write its two letters",
            "line 3, column to: it must be after 2024-10-25",
            "line 4, column from: `13.6.2025` is not a day; write it as 2026-02-28",
            "line 5, column list: `EU` is not known; write FATF-BLACK, FATF-GREY or EU-HRTC",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert!(
            lists(&TABLE.replace("countermeasures", ""))
                .unwrap_err()
                .to_string()
                .contains("write it for each country on FATF-BLACK")
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100), at in 0..TABLE.len()) {
            let mut text = TABLE.as_bytes().to_vec();
            text.splice(at..at, bytes);
            let _ = parse(&text, "lists.csv", None);
        }
    }
}
