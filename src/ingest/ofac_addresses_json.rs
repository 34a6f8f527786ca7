//! OFAC's digital currency addresses, as a third party publishes them in JSON, with each address in lower case. On networks with
//! case-sensitive addresses, the file no longer identifies the exact address. Such addresses are stored separately and reported as possible
//! matches. The caller is `vasp_registry::imports`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::IngestError;
use super::ofac_digital_currency::{add_new, list_of_addresses};
use vasp_record::register::{Flag, FlaggedRow, Reason, RejectedRow, RowReport, cut};
use vasp_rules::screening::{ListCoverage, SanctionedAddress, SanctionsEntry, SanctionsList};
use vasp_words::time::Date;

#[derive(Deserialize)]
struct File {
    metadata: Metadata,
    addresses: BTreeMap<String, Address>,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(rename = "sdnListDate")]
    list_date: String,
}

#[derive(Deserialize)]
struct Address {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    entity: String,
    #[serde(default)]
    program: String,
    #[serde(rename = "type")]
    kind: String,
    uid: String,
    #[serde(default)]
    akas: Vec<String>,
}

const ADDRESS: &str = "Digital Currency Address - ";

/// Reads one list. `as_of` is its day; the default is the day in the file.
pub fn parse(bytes: &[u8], file: &str, as_of: Option<Date>) -> Result<(SanctionsList, RowReport), IngestError> {
    let read: File = serde_json::from_slice(bytes).map_err(|source| IngestError::Json { file: file.to_owned(), source })?;
    let as_of =
        as_of.or_else(|| american(&read.metadata.list_date)).ok_or_else(|| IngestError::NoDate { file: file.to_owned() })?;
    let (mut entries, mut rows) = (BTreeMap::<String, SanctionsEntry>::new(), RowReport::default());
    for (text, address) in read.addresses {
        for said in address.entries {
            rows.read += 1;
            let currency = said.kind.strip_prefix(ADDRESS).unwrap_or_default().trim();
            if currency.is_empty() || said.uid.is_empty() || said.entity.trim().is_empty() || text.contains('\0') {
                let at_fault = RejectedRow {
                    file: file.to_owned(),
                    line: rows.read,
                    column: None,
                    reason: Reason::Missing,
                    text: cut(&text),
                };
                rows.rejected.push(at_fault);
                continue;
            }
            let address = SanctionedAddress { case_lost: true, ..SanctionedAddress::published(currency, text.trim()) };
            if address.meaning().is_odd {
                let flag = Flag::AddressUnreadable;
                rows.flagged.push(FlaggedRow { file: file.to_owned(), line: rows.read, flag, text: cut(&text) });
            }
            let new = || SanctionsEntry { uid: said.uid.clone(), name: said.entity.clone(), ..SanctionsEntry::default() };
            let entry = entries.entry(said.uid.clone()).or_insert_with(new);
            add_new(&mut entry.aliases, said.akas.into_iter());
            add_new(&mut entry.programs, said.program.split(',').map(|one| one.trim().to_owned()));
            if !entry.addresses.contains(&address) {
                entry.addresses.push(address);
            }
        }
    }
    let coverage = if rows.rejected.is_empty() { ListCoverage::Complete } else { ListCoverage::Partial };
    Ok((list_of_addresses(as_of, format!("{file}; addresses in lower case"), coverage, entries.into_values().collect()), rows))
}

/// Reads a date in the form month/day/year.
fn american(text: &str) -> Option<Date> {
    let mut parts = text.trim().splitn(3, '/');
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FILE: &str = r#"{"metadata": {"sdnListDate": "05/29/2025"}, "addresses": {
        "12qtd5bfwrsdnsazy76uve1xycgntojh9h": {"type": "x", "entries": [{"entity": "Xiaobing YAN", "program": "SDNTK",
            "type": "Digital Currency Address - XBT", "uid": "25308", "akas": ["ZHOU, William"]}]},
        "0x098b716b8aaf21512996dc57eb0615e2383e2f96": {"type": "x", "entries": [{"entity": "LAZARUS GROUP", "program": "DPRK3",
            "type": "Digital Currency Address - ETH", "uid": "2", "akas": []}]},
        "nobody": {"type": "x", "entries": [{"entity": "", "type": "Digital Currency Address - ETH", "uid": "3"}]}}}"#;

    #[test]
    fn what_case_tells_apart_is_kept_apart() {
        let (list, rows) = parse(FILE.as_bytes(), "list.json", None).unwrap();

        assert_eq!((list.as_of.to_string().as_str(), list.coverage), ("2025-05-29", ListCoverage::Partial));
        let of = |uid: &str| list.entries.iter().find(|entry| entry.uid == uid).unwrap().addresses[0].clone();
        let accounts = |uid: &str| of(uid).meaning().accounts.len();
        assert!(of("25308").case_lost && of("2").case_lost);
        assert_eq!((accounts("25308"), accounts("2")), (0, 1), "hex loses nothing by it");
        assert_eq!((rows.read, rows.rejected.len()), (3, 1));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC*", uid in "\\PC*") {
            let file = serde_json::json!({"metadata": {"sdnListDate": text}, "addresses": {&text: {"entries": [
                {"entity": "A", "type": format!("Digital Currency Address - {uid}"), "uid": uid}]}}}).to_string();
            let _ = parse(file.as_bytes(), "x.json", None);
            let _ = parse(text.as_bytes(), "x.json", None);
        }
    }
}
