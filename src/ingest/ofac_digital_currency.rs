//! Digital currency addresses of OFAC's list of specially designated nationals: ofac_currency, address, case_preserved, sdn_name, programs,
//! sdn_uid, akas. The currency codes are OFAC's own and do not name a network; `vasp_rules::screening` knows their networks. The caller is
//! `vasp_registry::imports`.

use std::collections::{BTreeMap, BTreeSet};

use super::IngestError;
use super::esma_casps::day_of_file;
use super::table::Table;
use vasp_record::register::{Flag, FlaggedRow, Reason, RowReport, cut};
use vasp_rules::screening::{
    ListCoverage, OFAC_SDN, OFAC_SDN_ADDRESSES, Part, PartOf, SanctionedAddress, SanctionsEntry, SanctionsList,
};
use vasp_words::time::Date;

/// Reads one list. `as_of` is the day of the list; the default is the date in the file name.
///
/// # Errors
/// `NoDate`, and the errors of a file that is not such a table.
pub fn parse(bytes: &[u8], file: &str, as_of: Option<Date>) -> Result<(SanctionsList, RowReport), IngestError> {
    let as_of = day_of_file(file, as_of)?;
    let mut table = Table::open(bytes, file, ["ofac_currency", "address", "sdn_name", "programs", "sdn_uid", "akas"])?;
    let (mut entries, mut seen, mut rows) = (BTreeMap::new(), BTreeSet::new(), RowReport::default());
    while let Some(row) = table.next_row()? {
        rows.read += 1;
        let row = row.and_then(|row| {
            let cells = row.cells.each_ref().map(|cell| cell.trim().to_owned());
            let [currency, address, name, _, uid, _] = &cells;
            let needed = [("ofac_currency", currency), ("address", address), ("sdn_name", name), ("sdn_uid", uid)];
            if let Some((column, text)) = needed.into_iter().find(|(_, text)| text.is_empty()) {
                return Err(table.rejected(row.line, Some(column), Reason::Missing, text));
            }
            Ok((row.line, cells))
        });
        match row {
            Ok((_, cells)) if !seen.insert(cells.clone()) => rows.repeated += 1,
            Ok((line, cells)) => {
                let odd = |text: String| FlaggedRow { file: file.to_owned(), line, flag: Flag::AddressUnreadable, text };
                rows.flagged.extend(add(&mut entries, cells).map(odd));
            }
            Err(rejected) => rows.rejected.push(rejected),
        }
    }
    let coverage = if rows.rejected.is_empty() { ListCoverage::Complete } else { ListCoverage::Partial };
    let source = match rows.rejected.len() {
        0 => file.to_owned(),
        unread => format!("{file}; {unread} of {} rows could not be read", rows.read),
    };
    Ok((list_of_addresses(as_of, source, coverage, entries.into_values().collect()), rows))
}

/// Makes the part of OFAC's list that has all addresses.
pub(super) fn list_of_addresses(
    as_of: Date,
    source: String,
    coverage: ListCoverage,
    entries: Vec<SanctionsEntry>,
) -> SanctionsList {
    let part_of = Some(PartOf { list: OFAC_SDN.to_owned(), part: Part::Addresses });
    SanctionsList { id: OFAC_SDN_ADDRESSES.to_owned(), part_of, as_of, source, coverage, entries }
}

/// Adds one row. Returns its address if a person should look at it.
fn add(entries: &mut BTreeMap<String, SanctionsEntry>, cells: [String; 6]) -> Option<String> {
    let [currency, text, name, programs, uid, akas] = cells;
    let entry =
        entries.entry(uid.clone()).or_insert_with(|| SanctionsEntry { uid, name: name.clone(), ..SanctionsEntry::default() });
    let other_name = Some(name).filter(|name| *name != entry.name);
    let aliases = akas.split('|').map(str::trim).map(str::to_owned).chain(other_name);
    add_new(&mut entry.aliases, aliases);
    add_new(&mut entry.programs, programs.split(',').map(str::trim).map(str::to_owned));
    let address = SanctionedAddress::published(&currency, &text);
    let odd = address.meaning().is_odd.then(|| cut(&text));
    if let Err(place) = entry.addresses.binary_search(&address) {
        entry.addresses.insert(place, address);
    }
    odd
}

pub(super) fn add_new(list: &mut Vec<String>, more: impl Iterator<Item = String>) {
    for text in more.filter(|text| !text.is_empty()) {
        if !list.contains(&text) {
            list.push(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> (SanctionsList, RowReport) {
        parse(text.as_bytes(), "ofac_sdn_digital_currency_20260822.csv", None).unwrap()
    }

    #[test]
    fn addresses_are_read_where_their_currency_is_paid() {
        let (list, rows) = read(include_str!("../../tests/fixtures/ofac/ofac_sdn_digital_currency_20260822.csv"));
        let said: Vec<String> = list
            .entries
            .iter()
            .flat_map(|entry| &entry.addresses)
            .map(|address| {
                let on: Vec<_> = address.meaning().accounts.into_iter().map(|one| one.account.network).collect();
                format!("{} {}", address.currency, on.join(" "))
            })
            .collect();

        assert_eq!(list.as_of.to_string(), "2026-08-22");
        assert_eq!(list.entries.iter().map(|entry| entry.uid.as_str()).collect::<Vec<_>>(), ["1001", "1002"]);
        assert_eq!(list.entries[0].aliases, ["FIRST NAME", "Second Name"]);
        assert_eq!(list.entries[0].programs, ["CYBER2", "DPRK3"]);
        assert_eq!(
            said,
            [
                "ETH eip155:*",
                "USDT tron:0x2b6653dc",
                "XMR monero:418015bb9ae982a1975da7d79277c270",
                "LTC bip122:12a765e31ffd4059bada1e25190f6e98",
                "XBT "
            ],
            "{list:?}"
        );
        assert_eq!(list.coverage, ListCoverage::Partial, "a row could not be read");
        assert_eq!((rows.read, rows.repeated), (7, 1));
        assert_eq!(rows.flagged.iter().map(|row| (row.line, row.flag)).collect::<Vec<_>>(), [(7, Flag::AddressUnreadable)]);
        assert_eq!(rows.rejected.iter().map(|row| (row.line, row.reason)).collect::<Vec<_>>(), [(8, Reason::Missing)]);
    }

    #[test]
    fn the_seed_is_a_list_of_this_kind() {
        let list: SanctionsList = serde_json::from_str(include_str!("../../seed/sanctions.json")).unwrap();

        assert_eq!((list.id.as_str(), list.entries.len()), (OFAC_SDN_ADDRESSES, 76));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC*") {
            let _ = parse(format!("ofac_currency,address,sdn_name,programs,sdn_uid,akas\n{text}").as_bytes(), "x20260101", None);
        }
    }
}
