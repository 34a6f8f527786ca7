//! XML 1.1 of the EU's consolidated list: the element `export` has the time of generation and contains one `sanctionEntity` per entry. The
//! parent module decides what the content means for the list.
//!
//! Source: European Commission, Financial Sanctions Files, XML based on the schema 1.1 (namespace
//! `http://eu.europa.ec/fpi/fsd/export`).

use super::{is_said, is_weak, kind};
use crate::IngestError;
use crate::ofac_digital_currency::add_new;
use crate::published_list::{Collected, add_addresses, date, joined};
use crate::xml::{Element, Form, Records};
use vasp_rules::screening::SanctionsEntry;
use vasp_words::time::Date;

const FORM: Form = Form {
    list: "the EU's consolidated list (XML 1.1)",
    root: "export",
    sections: &[],
    records: &["sanctionEntity"],
    always: &[
        "sanctionEntity@euReferenceNumber",
        "remark",
        "regulation@programme",
        "regulation@entryIntoForceDate",
        "subjectType@code",
        "nameAlias@wholeName",
        "nameAlias@strong",
        "birthdate@birthdate",
        "birthdate@year",
        "citizenship@countryIso2Code",
        "address@countryIso2Code",
        "contactInfo@value",
        "identification@number",
    ],
};

/// Reads all entries into `list` and returns the day of the file.
pub(super) fn read(bytes: &[u8], file: &str, list: &mut Collected<'_>) -> Result<Date, IngestError> {
    let mut records = Records::open(bytes, file, FORM)?;
    let Some(day) = date(records.root.attribute("generationDate")) else {
        return Err(records.wrong("its element `export` has no date of generation (`generationDate`)".to_owned()));
    };
    while let Some((line, record)) = records.next()? {
        list.rows.read += 1;
        let entry = entry(list, line, &record);
        list.add(line, entry);
    }
    list.lacks.extend(records.lacks());
    Ok(day)
}

fn entry(list: &mut Collected<'_>, line: u64, record: &Element) -> SanctionsEntry {
    let numbers = ["euReferenceNumber", "logicalId"].map(|name| record.attribute(name));
    let acts = record.all("regulation").map(|act| act.attribute("entryIntoForceDate"));
    let begins = std::iter::once(record.attribute("designationDate")).chain(acts);
    let mut entry = SanctionsEntry {
        uid: numbers.into_iter().find(|text| !text.is_empty()).unwrap_or_default().to_owned(),
        kind: record.all("subjectType").map(|subject| kind(subject.attribute("code"))).next().unwrap_or_default(),
        // A listing is valid from the earliest of its acts.
        since: begins.filter_map(|text| list.since(line, text)).min(),
        leis: record.all("identification").filter_map(|number| number.attribute("number").parse().ok()).collect(),
        ..SanctionsEntry::default()
    };
    for alias in record.all("nameAlias") {
        let parts = ["firstName", "middleName", "lastName"].map(|name| alias.attribute(name));
        let whole = joined([alias.attribute("wholeName")]);
        let name = if whole.is_empty() { joined(parts) } else { whole };
        if alias.attribute("strong") == "false" || alias.all("remark").any(|remark| is_weak(remark.text())) {
            add_new(&mut entry.weak_aliases, std::iter::once(name));
        } else if entry.name.is_empty() {
            entry.name = name;
        } else if entry.name != name {
            add_new(&mut entry.aliases, std::iter::once(name));
        }
    }
    add_new(&mut entry.programs, record.all("regulation").map(|act| act.attribute("programme").to_owned()));
    add_new(&mut entry.born, record.all("birthdate").map(born));
    let places = record.all("citizenship").chain(record.all("address")).map(|place| place.attribute("countryIso2Code"));
    add_new(&mut entry.countries, places.filter(|code| is_said(code)).map(str::to_owned));
    for contact in record.all("address").flat_map(|address| address.all("contactInfo")) {
        if contact.attribute("key").eq_ignore_ascii_case("WEB") {
            entry.hosts.extend(list.hosts(line, contact.attribute("value")));
        }
    }
    for remark in record.all("remark") {
        add_addresses(&mut entry, remark.text());
    }
    entry
}

/// Returns a birth as in the list: a day, a year, or a range of years.
fn born(birth: &Element) -> String {
    let range = [birth.attribute("yearRangeFrom"), birth.attribute("yearRangeTo")];
    let said = ["birthdate", "year"].map(|name| birth.attribute(name)).into_iter().find(|text| !text.is_empty());
    let said =
        said.map_or_else(|| range.into_iter().filter(|year| !year.is_empty()).collect::<Vec<_>>().join(" to "), str::to_owned);
    if said.is_empty() || birth.attribute("circa") != "true" { said } else { format!("about {said}") }
}
