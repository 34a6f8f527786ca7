//! Address labels of third parties: network, address, entity, entity_name, label, category, source, added_date. The file is read row by
//! row, so memory does not grow with its size. The caller is `vasp_registry::imports`, which also counts repeated rows.

use std::io::Read;

use super::IngestError;
use super::aliases::Aliases;
use super::table::{Row, Table};
use vasp_addresses::address::{Account, AccountKey, Controller, FamilyAccount};
use vasp_addresses::network::{Family, NetworkNumber, NetworkTable};
use vasp_record::claim::{AddressRole, NetworkMatch};
use vasp_record::register::{Reason, RejectedRow};
use vasp_words::time::{Date, TimeError, UtcTime};

const COLUMNS: [&str; 8] = ["network", "address", "entity", "entity_name", "label", "category", "source", "added_date"];

/// One label: a source states that this account belongs to that group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClaimRow {
    /// The line on which the row begins.
    pub line: u64,
    /// The number of the network, or of the network family if the source names only that.
    pub network: NetworkNumber,
    /// Whether `network` is a network or a family.
    pub network_match: NetworkMatch,
    /// The key of the account.
    pub key: AccountKey,
    /// What must act for the account. Of several, the first.
    pub controller: Controller,
    /// The address in canonical spelling.
    pub canonical: String,
    /// The memo inside the address; `None` if it has none.
    pub memo: Option<String>,
    /// The key of the group, after resolving aliases.
    pub group_key: String,
    /// The entity key as the source writes it.
    pub entity_key: String,
    /// The name for `entity_key`; `None` if the source gives none.
    pub entity_name: Option<String>,
    /// The label as the source writes it.
    pub label: String,
    /// The category, such as `exchange`.
    pub category: String,
    /// What the address is used for, according to the label.
    pub role: AddressRole,
    /// The source, as repository@commit:file.
    pub source: String,
    /// The day on which the source added the label; `None` if it does not say.
    pub added_on: Option<Date>,
}

/// The rows of one file.
pub struct ClaimRows<'a, R> {
    table: Table<R, 8>,
    networks: &'a NetworkTable,
    aliases: &'a Aliases,
    today: Date,
}

impl<R> std::fmt::Debug for ClaimRows<'_, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClaimRows").finish_non_exhaustive()
    }
}

/// Opens a file of labels. A row that was added after `today` is wrong.
///
/// # Errors
/// The errors of a file that is not such a table.
pub fn open<'a, R: Read>(
    input: R,
    file: &str,
    networks: &'a NetworkTable,
    aliases: &'a Aliases,
    today: Date,
) -> Result<ClaimRows<'a, R>, IngestError> {
    Ok(ClaimRows { table: Table::open(input, file, COLUMNS)?, networks, aliases, today })
}

impl<R: Read> ClaimRows<'_, R> {
    /// Skips rows that were already read.
    pub fn skip_rows(&mut self, count: u64) -> Result<(), IngestError> {
        for _ in 0..count {
            self.table.next_row()?;
        }
        Ok(())
    }
}

impl<R: Read> Iterator for ClaimRows<'_, R> {
    /// A wrong row is not an error of the file.
    type Item = Result<Result<ClaimRow, RejectedRow>, IngestError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.table.next_row() {
            Ok(row) => Some(Ok(row?.and_then(|row| self.read(&row)))),
            Err(error) => Some(Err(error)),
        }
    }
}

impl<R: Read> ClaimRows<'_, R> {
    fn read(&self, row: &Row<8>) -> Result<ClaimRow, RejectedRow> {
        let [network, address, entity, entity_name, label, category, source, added] = &row.cells;
        let wrong = |column, reason, text: &str| self.table.rejected(row.line, Some(column), reason, text);
        let Placed { network: number, network_match, key, controller, canonical, memo } = self
            .place(network.trim(), address)
            .map_err(|(column, reason)| wrong(column, reason, if column == "network" { network } else { address }))?;
        let entity = entity.trim();
        if entity.is_empty() {
            return Err(wrong("entity", Reason::Missing, entity));
        }
        let wrong_day = || wrong("added_date", Reason::DateInvalid, added);
        let added_on = added_on(added.trim()).map_err(|_| wrong_day())?;
        if added_on.is_some_and(|day| day > self.today) {
            return Err(wrong_day());
        }
        Ok(ClaimRow {
            line: row.line,
            network: number,
            network_match,
            key,
            controller,
            canonical,
            memo,
            group_key: self.aliases.resolve(entity).to_owned(),
            entity_key: entity.to_owned(),
            entity_name: Some(entity_name.trim().to_owned()).filter(|name| !name.is_empty()),
            label: label.trim().to_owned(),
            category: category.trim().to_owned(),
            role: role(label),
            source: source.trim().to_owned(),
            added_on,
        })
    }

    fn place(&self, network: &str, address: &str) -> Result<Placed, (&'static str, Reason)> {
        if let Some(family) = Family::from_text(network) {
            let account = self.networks.parse_on_family(family, address).map_err(|error| ("address", Reason::from(&error)))?;
            let FamilyAccount { network, canonical, key, controllers } = account;
            let controller = controllers.first().clone();
            return Ok(Placed { network, network_match: NetworkMatch::Family, key, controller, canonical, memo: None });
        }
        let network = self.networks.read_name(network, Some(address)).map_err(|error| match network.starts_with("unknown:") {
            true => ("network", Reason::NetworkUnknown),
            false => ("network", Reason::from(&error)),
        })?;
        let account = self.networks.parse_on(network, address).map_err(|error| ("address", Reason::from(&error)))?;
        let Account { network, canonical, key, controllers, memo, .. } = account;
        let controller = controllers.first().clone();
        Ok(Placed { network, network_match: NetworkMatch::Exact, key, controller, canonical, memo })
    }
}

/// The network and account of an address.
struct Placed {
    network: NetworkNumber,
    network_match: NetworkMatch,
    key: AccountKey,
    controller: Controller,
    canonical: String,
    memo: Option<String>,
}

/// Returns the day of `YYYY-MM-DD` or `YYYY-MM-DD hh:mm:ss[.f]`; `None` for an empty cell.
fn added_on(cell: &str) -> Result<Option<Date>, TimeError> {
    match cell.split_once([' ', 'T']) {
        None if cell.is_empty() => Ok(None),
        None => cell.parse().map(Some),
        Some((day, time)) => {
            let instant: UtcTime = format!("{day}T{}Z", time.trim_end_matches('Z')).parse()?;
            Ok(Some(instant.date()))
        }
    }
}

/// Returns what the address is used for, according to the words of a label; unknown if they say nothing or contradict each other.
fn role(label: &str) -> AddressRole {
    let lower = label.to_lowercase();
    let mut said = lower.split(|c: char| !c.is_alphanumeric()).filter_map(|word| match word {
        "deposit" | "deposits" => Some(AddressRole::Deposit),
        "hot" => Some(AddressRole::Hot),
        "cold" => Some(AddressRole::Cold),
        _ => None,
    });
    let first = said.next().unwrap_or(AddressRole::Unknown);
    if said.all(|other| other == first) { first } else { AddressRole::Unknown }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{aliases, source};
    use proptest::prelude::*;
    use std::collections::HashSet;
    use vasp_rules::screening::{SanctionsList, ScreeningIndex};

    const FIXTURE: &[u8] = include_bytes!("../../tests/fixtures/claims/labels.csv");

    fn read(bytes: &[u8]) -> Vec<Result<ClaimRow, RejectedRow>> {
        let aliases = aliases::parse(b"alias,key,reason\nokex,okx,renamed\n", "a").unwrap();
        let today = "2026-11-25".parse().unwrap();
        open(bytes, "labels.csv", NetworkTable::embedded(), &aliases, today).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn labels_are_read_on_networks_aliases_and_families() {
        let taken: Vec<ClaimRow> = read(FIXTURE).into_iter().filter_map(Result::ok).collect();
        let said: Vec<_> = taken
            .iter()
            .map(|row| (row.line, row.network_match, row.group_key.as_str(), row.canonical.as_str(), row.role))
            .collect();

        assert_eq!(
            said,
            [
                (2, NetworkMatch::Exact, "okx", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", AddressRole::Cold),
                (3, NetworkMatch::Exact, "okx", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", AddressRole::Hot),
                (4, NetworkMatch::Family, "somebody", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", AddressRole::Unknown),
                (5, NetworkMatch::Exact, "somebody", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", AddressRole::Deposit),
            ]
        );
        assert_eq!(taken[1].entity_key, "okex");
        assert_eq!(taken[1].entity_name.as_deref(), Some("OKEx"));
        assert_eq!(
            taken.iter().map(|row| row.added_on.map(|d| d.to_string())).collect::<Vec<_>>(),
            [Some("2022-08-28".to_owned()), Some("2023-08-16".to_owned()), None, None]
        );
    }

    #[test]
    fn wrong_rows_say_where_and_why() {
        let rejected: Vec<_> = read(FIXTURE).into_iter().filter_map(Result::err).collect();
        let said: Vec<_> = rejected.iter().map(|row| (row.line, row.column.as_deref(), row.reason)).collect();

        assert_eq!(
            said,
            [
                (6, Some("network"), Reason::NetworkUnknown),
                (7, Some("network"), Reason::NetworkUnsupported),
                (8, Some("address"), Reason::ChecksumMismatch),
                (9, Some("address"), Reason::ChecksumMismatch),
                (10, Some("entity"), Reason::Missing),
                (11, Some("added_date"), Reason::DateInvalid),
                (12, None, Reason::ColumnCount),
            ]
        );
    }

    #[test]
    fn a_label_was_not_added_after_today() {
        let rows = ["2026-11-25", "2026-11-25 23:59:59", "2026-11-26", "2999-01-01 00:00:00"]
            .map(|day| format!("eip155:1,0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed,okx,,,,test,{day}\n"));
        let file = format!("{}\n{}", COLUMNS.join(","), rows.concat());

        let read = read(file.as_bytes());

        let wrong: Vec<_> = read.iter().filter_map(|row| row.as_ref().err()).map(|row| (row.line, row.reason)).collect();
        assert_eq!(wrong, [(4, Reason::DateInvalid), (5, Reason::DateInvalid)]);
    }

    #[test]
    fn a_label_that_says_two_things_says_nothing() {
        assert_eq!(role("Cold wallet (was hot)"), AddressRole::Unknown);
        assert_eq!(role("Hotbit deposit"), AddressRole::Deposit);
    }

    #[test]
    fn every_label_of_the_seed_is_taken() {
        let aliases = aliases::parse(include_bytes!("../../seed/aliases.csv"), "aliases.csv").unwrap();
        let bitmex = &include_bytes!("../../seed/claims-bitmex.csv.gz")[..];
        let bitmex = source::from_reader(bitmex, "claims-bitmex.csv", 1 << 26).unwrap();
        let labels = &include_bytes!("../../seed/claims.csv")[..];

        let today = "2026-11-25".parse().unwrap();
        let labels = open(labels, "claims.csv", NetworkTable::embedded(), &aliases, today).unwrap();
        let mut bitmex = open(bitmex, "claims-bitmex.csv", NetworkTable::embedded(), &aliases, today).unwrap();

        assert_eq!(labels.filter(|row| matches!(row, Ok(Ok(_)))).count(), 5983);
        assert!(bitmex.by_ref().take(1000).all(|row| row.unwrap().unwrap().group_key == "bitmex"));
    }

    /// A label on an address that is not on a list itself, but is found on one: another form or spelling of a listed key.
    #[test]
    fn labels_that_a_list_means_in_another_form_are_told() {
        let text = |name: &str| std::fs::read_to_string(format!("{}/../../seed/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let lists = ["sanctions.json", "sanctions_eu.json", "eu_transaction_bans.json"]
            .map(|name| SanctionsList::from_json(&text(name)).unwrap());
        let listed: HashSet<String> = lists
            .iter()
            .flat_map(|list| &list.entries)
            .flat_map(|entry| entry.addresses.iter().map(|one| one.text.to_lowercase()))
            .collect();
        let today = "2026-11-26".parse().unwrap();
        let index = ScreeningIndex::newest_on(today, lists);
        let aliases = aliases::parse(include_bytes!("../../seed/aliases.csv"), "aliases.csv").unwrap();
        let bitmex = &include_bytes!("../../seed/claims-bitmex.csv.gz")[..];
        let bitmex = source::from_reader(bitmex, "claims-bitmex.csv", 1 << 26).unwrap();
        let labels = &include_bytes!("../../seed/claims.csv")[..];
        let table = NetworkTable::embedded();
        let labels = open(labels, "claims.csv", table, &aliases, today).unwrap();
        let bitmex = open(bitmex, "claims-bitmex.csv", table, &aliases, today).unwrap();
        let mut looked = 0;
        let mut hits = vec![];
        for row in labels.map(|row| row.unwrap()).chain(bitmex.map(|row| row.unwrap())).filter_map(Result::ok) {
            looked += 1;
            let Some(account) = table.account_of(row.network, &row.key) else { continue };
            if !listed.contains(&account.canonical.to_lowercase())
                && !index.accounts(std::slice::from_ref(&account), today).is_empty()
            {
                hits.push(account.canonical);
            }
        }
        println!("{looked} labels, {} hits that are not on a list themselves: {hits:?}", hits.len());
        assert_eq!(looked, 174_059);
        assert!(hits.is_empty(), "{hits:?}");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut text = COLUMNS.join(",").into_bytes();
            text.push(b'\n');
            text.extend(bytes);
            let _ = read(&text);
        }

        #[test]
        fn any_cells_are_read_without_panic(network in "eip155:(1|\\*)|[a-z0-9:]{0,12}", address in "\\PC{0,60}", date in "[0-9TZ: .-]{0,26}") {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(COLUMNS).unwrap();
            writer.write_record([network.as_str(), &address, "e", "", "", "", "", &date]).unwrap();
            prop_assert_eq!(read(&writer.into_inner().unwrap()).len(), 1);
        }
    }
}
