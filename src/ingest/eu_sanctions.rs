//! Restrictive measures of the EU as tables, one act per file and one listing per row. The columns are: celex, recordId, programKey, annex,
//! measure, startDate, schema, name, alias, weakAlias, previousName, leiCode, website, address, notes and more. Each act, and each act that
//! amends it, is a part of the EU's list. Regulation 833/2014 and its amendments are parts of the list of transaction bans instead. The
//! caller is `vasp_registry::imports`.
//!
//! Source: the columns in which the annexes are published as tables. The CELEX number of a row identifies its act.

use std::collections::BTreeMap;

use super::IngestError;
use super::esma_casps::day_of_file;
use super::ofac_digital_currency::add_new;
use super::published_list::{add_addresses, date, merge};
use super::table::Table;
use vasp_record::register::{Flag, FlaggedRow, Reason, RowReport, cut};
use vasp_rules::screening::{
    EU_SANCTIONS, EU_TRANSACTION_BANS, EntryKind, ListCoverage, Part, PartOf, SanctionsEntry, SanctionsList,
};
use vasp_words::host::Host;
use vasp_words::time::Date;

const COLUMNS: [&str; 16] = [
    "celex",
    "name",
    "alias",
    "weakAlias",
    "previousName",
    "schema",
    "programKey",
    "annex",
    "measure",
    "startDate",
    "recordId",
    "leiCode",
    "website",
    "notes",
    "address",
    "amendmentCelex",
];
/// The act that bans transactions and freezes no assets, with its amendments.
///
/// Source: Regulation (EU) No 833/2014.
const BANS_TRANSACTIONS: &str = "32014R0833";
/// How many of the columns a file must have.
const NEEDED: usize = 10;
/// The columns in files of amending acts: the amended act is in a column with another name.
const AMENDING: [&str; 16] = [
    "amendedCelex",
    "name",
    "alias",
    "weakAlias",
    "previousName",
    "schema",
    "programKey",
    "annex",
    "measure",
    "startDate",
    "recordId",
    "leiCode",
    "website",
    "notes",
    "address",
    "amendmentCelex",
];

/// Reads the listings of one act. `as_of` is the day of the file; the default is the date in its name.
///
/// # Errors
/// `NoDate`, `Table` if rows belong to several acts, and the errors of a file that is not such a table.
pub fn parse(bytes: &[u8], file: &str, as_of: Option<Date>) -> Result<(SanctionsList, RowReport), IngestError> {
    let as_of = day_of_file(file, as_of)?;
    let mut table = match Table::open_with(bytes, file, COLUMNS, NEEDED) {
        Err(IngestError::ColumnsMissing { columns, .. }) if columns.contains(&"celex") => {
            Table::open_with(bytes, file, AMENDING, NEEDED)?
        }
        opened => opened?,
    };
    let (mut entries, mut rows) = (BTreeMap::<String, SanctionsEntry>::new(), RowReport::default());
    let (mut act, mut is_ban) = (None::<String>, false);
    while let Some(row) = table.next_row()? {
        rows.read += 1;
        let row = match row {
            Ok(row) => row,
            Err(rejected) => {
                rows.rejected.push(rejected);
                continue;
            }
        };
        let cells = row.cells.each_ref().map(|cell| cell.trim());
        let [celex, name, .., amending] = cells;
        let Some(own) = [amending, celex].into_iter().find(|text| !text.is_empty()) else {
            rows.rejected.push(table.rejected(row.line, Some("celex"), Reason::Missing, ""));
            continue;
        };
        if !is_celex(own) {
            rows.rejected.push(table.rejected(row.line, Some("celex"), Reason::Unrecognised, own));
            continue;
        }
        if act.get_or_insert_with(|| own.to_owned()) != own {
            return Err(two_acts(file, row.line, own, &act.unwrap_or_default()));
        }
        is_ban |= celex == BANS_TRANSACTIONS;
        if name.is_empty() {
            rows.rejected.push(table.rejected(row.line, Some("name"), Reason::Missing, ""));
            continue;
        }
        let mut flag =
            |flag, text: &str| rows.flagged.push(FlaggedRow { file: file.to_owned(), line: row.line, flag, text: cut(text) });
        // Only an act that bans transactions is published before it applies.
        let entry = entry(&cells, (!is_ban).then_some(as_of), &mut flag);
        match entries.entry(entry.uid.clone()) {
            std::collections::btree_map::Entry::Vacant(free) => drop(free.insert(entry)),
            std::collections::btree_map::Entry::Occupied(known) if *known.get() == entry => rows.repeated += 1,
            std::collections::btree_map::Entry::Occupied(known) => merge(known.into_mut(), entry),
        }
    }
    let no_act = || IngestError::Table { file: file.to_owned(), line: 2, detail: "no row names its legal act".to_owned() };
    let act = act.ok_or_else(no_act)?;
    let entries = entries.into_values().collect();
    Ok((part_of_act(&act, is_ban, file, as_of, entries), rows))
}

fn two_acts(file: &str, line: u64, one: &str, other: &str) -> IngestError {
    let detail = format!("the file has rows of {one} and rows of {other}; a file may only have the rows of one act");
    IngestError::Table { file: file.to_owned(), line, detail }
}

/// Makes the list from an act's listings. A file never states that it contains the whole annex.
fn part_of_act(act: &str, is_ban: bool, file: &str, as_of: Date, entries: Vec<SanctionsEntry>) -> SanctionsList {
    let list = if is_ban { EU_TRANSACTION_BANS } else { EU_SANCTIONS };
    SanctionsList {
        id: format!("{list}-{act}"),
        part_of: Some(PartOf { list: list.to_owned(), part: Part::Entries }),
        as_of,
        source: format!("{file}; it is unknown whether these are all listings of {act}"),
        coverage: ListCoverage::Partial,
        entries,
    }
}

fn entry(cells: &[&str; 16], last_day: Option<Date>, flag: &mut dyn FnMut(Flag, &str)) -> SanctionsEntry {
    let [celex, name, alias, weak, previous, schema, programme, annex, measure, start, record, lei, website, notes, address, _] =
        *cells;
    let mut entry = SanctionsEntry {
        uid: [celex, annex, if record.is_empty() { name } else { record }]
            .iter()
            .filter(|text| !text.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join("/"),
        kind: match schema {
            "Person" => EntryKind::Individual,
            "Vessel" => EntryKind::Vessel,
            "Airplane" => EntryKind::Aircraft,
            "Asset" => EntryKind::Asset,
            "LegalEntity" | "Company" | "Organization" | "PublicBody" => EntryKind::Entity,
            _ => EntryKind::Unknown,
        },
        name: name.to_owned(),
        since: date(start),
        ..SanctionsEntry::default()
    };
    if !start.is_empty() && entry.since.is_none_or(|since| last_day.is_some_and(|last| since > last)) {
        flag(Flag::DateUnreadable, start);
    }
    let several = |text: &str| text.split(';').map(|one| one.trim().to_owned()).collect::<Vec<_>>();
    add_new(&mut entry.aliases, several(alias).into_iter().chain(several(previous)));
    add_new(&mut entry.weak_aliases, several(weak).into_iter());
    add_new(&mut entry.programs, [programme, measure].into_iter().map(str::to_owned));
    for text in several(lei).iter().filter(|text| !text.is_empty()) {
        match text.parse() {
            Ok(lei) => entry.leis.push(lei),
            Err(_) => flag(Flag::LeiMalformed, text),
        }
    }
    for text in several(website).iter().filter(|text| !text.is_empty()) {
        let known = entry.hosts.len();
        entry.hosts.extend(Host::all_of_website_cell(text).map(|host| host.without_www()));
        if entry.hosts.len() == known {
            flag(Flag::WebsiteUnreadable, text);
        }
    }
    // Wallet addresses appear only in the text of addresses and notes, if they are published at all.
    add_addresses(&mut entry, address);
    add_addresses(&mut entry, notes);
    entry
}

/// Tells whether a text is the CELEX number of an act, such as `32014R0269`.
fn is_celex(text: &str) -> bool {
    (9..=14).contains(&text.len()) && text.starts_with('3') && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<(SanctionsList, RowReport), IngestError> {
        parse(text.as_bytes(), "act.csv", "2026-09-01".parse().ok())
    }

    #[test]
    fn listings_are_read_with_their_measures_dates_and_names() {
        let (list, rows) = read(include_str!("../../tests/fixtures/eu_sanctions/32099R0001.csv")).unwrap();

        assert_eq!(list.id.as_str(), "EU-SANCTIONS-32099R0001");
        assert_eq!(list.list(), EU_SANCTIONS);
        assert_eq!(list.coverage, ListCoverage::Partial);
        let [exchange, coin, ship] = list.entries.as_slice() else { panic!("{list:?}") };
        assert_eq!((exchange.uid.as_str(), exchange.name.as_str()), ("32099R0001/I.ENTITIES/541", "Nightfall Exchange"));
        assert_eq!(exchange.aliases, ["Найтфолл", "Nightfall OTC"]);
        assert_eq!(exchange.weak_aliases, ["NFX"]);
        assert_eq!(exchange.programs, ["EU-UKR", "Asset freeze"]);
        assert_eq!(exchange.since.unwrap().to_string(), "2025-02-24");
        assert_eq!((exchange.hosts[0].to_string(), exchange.addresses.len()), ("example.org".to_owned(), 1));
        assert_eq!((coin.kind, coin.since.unwrap().to_string()), (EntryKind::Asset, "2025-11-25".to_owned()));
        assert_eq!(ship.kind, EntryKind::Vessel);
        assert_eq!((rows.read, rows.repeated, rows.rejected.len()), (6, 1, 1));
        assert_eq!(rows.flagged.iter().map(|row| row.flag).collect::<Vec<_>>(), [Flag::DateUnreadable, Flag::LeiMalformed]);
    }

    #[test]
    fn an_amending_act_is_a_part_of_its_own() {
        let text = "amendedCelex,amendmentCelex,programKey,annex,measure,startDate,schema,name,alias,weakAlias,previousName\n\
            32014R0833,32026R1848,EU-RUS,XLV.A,Financial restrictions,23.8.2026,LegalEntity,Somebody,,,\n";

        let (list, _) = read(text).unwrap();

        // It amends the act that bans transactions and freezes no assets.
        assert_eq!((list.id.as_str(), list.list()), ("EU-TRANSACTION-BANS-32026R1848", EU_TRANSACTION_BANS));
        assert_eq!(list.entries[0].uid, "32014R0833/XLV.A/Somebody");
    }

    #[test]
    fn a_listing_that_begins_after_its_list_is_flagged_unless_it_bans_transactions() {
        let act = |celex: &str| {
            let heading = "celex,name,alias,weakAlias,previousName,schema,programKey,annex,measure,startDate";
            read(&format!("{heading}\n{celex},Somebody,,,,LegalEntity,EU-RUS,I,,2.9.2026\n")).unwrap().1.flagged.len()
        };

        assert_eq!((act("32014R0269"), act(BANS_TRANSACTIONS)), (1, 0));
    }

    #[test]
    fn rows_of_two_acts_and_other_tables_are_refused() {
        let heading = "celex,name,alias,weakAlias,previousName,schema,programKey,annex,measure,startDate\n";
        let two = format!("{heading}32014R0269,A,,,,,,,,\n32014R0833,B,,,,,,,,\n");

        assert!(read(&two).unwrap_err().to_string().contains("line 3: the file has rows of 32014R0833 and rows of 32014R0269"));
        assert!(read("a,b\n").unwrap_err().to_string().contains("no columns `amendedCelex`"));
        assert!(read(heading).unwrap_err().to_string().contains("no row names its legal act"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC*") {
            let heading = "celex,name,alias,weakAlias,previousName,schema,programKey,annex,measure,startDate";
            let _ = read(&format!("{heading}\n{text}"));
        }
    }
}
