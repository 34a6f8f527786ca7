//! Seizure orders of Israel's National Bureau for Counter Terror Financing: order, wallet_or_user_id, currency. A cell contains a wallet
//! address, or the number of a user at an exchange. Such a number is not an address and is stored as a number. The caller is
//! `vasp_registry::imports`.

use std::collections::BTreeMap;

use super::IngestError;
use super::esma_casps::day_of_file;
use super::table::Table;
use vasp_record::register::{Flag, FlaggedRow, Reason, RowReport, cut};
use vasp_rules::screening::{EntryKind, IL_NBCTF, ListCoverage, SanctionedAddress, SanctionsEntry, SanctionsList};
use vasp_words::time::Date;

const COLUMNS: [&str; 3] = ["order", "wallet_or_user_id", "currency"];
/// The maximum length of a user number; a longer text can only be an address.
const LONGEST_USER_ID: usize = 20;

/// Reads the orders. `as_of` is the day of the file; the default is the date in its name.
///
/// # Errors
/// `NoDate`, and the errors of a file that is not such a table.
pub fn parse(bytes: &[u8], file: &str, as_of: Option<Date>) -> Result<(SanctionsList, RowReport), IngestError> {
    let as_of = day_of_file(file, as_of)?;
    let mut table = Table::open(bytes, file, COLUMNS)?;
    let (mut entries, mut rows) = (BTreeMap::<String, SanctionsEntry>::new(), RowReport::default());
    while let Some(row) = table.next_row()? {
        rows.read += 1;
        let row = match row {
            Ok(row) => row,
            Err(rejected) => {
                rows.rejected.push(rejected);
                continue;
            }
        };
        let [order, text, currency] = row.cells.each_ref().map(|cell| cell.trim_matches(|c: char| c.is_whitespace() || c == '"'));
        let order = order.split_whitespace().collect::<Vec<_>>().join(" ");
        let Some((column, _)) =
            [("order", order.as_str()), ("wallet_or_user_id", text)].into_iter().find(|(_, text)| text.is_empty())
        else {
            let entry = entries.entry(order.clone()).or_insert_with(|| new(&order));
            let currency = if currency == "-" { "" } else { currency };
            match say(entry, currency, text) {
                Said::New => (),
                Said::Known => rows.repeated += 1,
                Said::Odd => {
                    rows.flagged.push(FlaggedRow {
                        file: file.to_owned(),
                        line: row.line,
                        flag: Flag::AddressUnreadable,
                        text: cut(text),
                    });
                }
            }
            continue;
        };
        rows.rejected.push(table.rejected(row.line, Some(column), Reason::Missing, ""));
    }
    let coverage = if rows.rejected.is_empty() { ListCoverage::Complete } else { ListCoverage::Partial };
    let source = match rows.rejected.len() {
        0 => file.to_owned(),
        unread => format!("{file}; {unread} of {} rows could not be read", rows.read),
    };
    let list = SanctionsList {
        id: IL_NBCTF.to_owned(),
        part_of: None,
        as_of,
        source,
        coverage,
        entries: entries.into_values().collect(),
    };
    Ok((list, rows))
}

/// Makes the entry of an order, which names wallets but no persons.
fn new(order: &str) -> SanctionsEntry {
    SanctionsEntry {
        uid: order.to_owned(),
        kind: EntryKind::Asset,
        name: format!("Seizure order {order}"),
        programs: vec!["NBCTF".to_owned()],
        ..SanctionsEntry::default()
    }
}

enum Said {
    New,
    Known,
    Odd,
}

fn say(entry: &mut SanctionsEntry, currency: &str, text: &str) -> Said {
    if text.len() <= LONGEST_USER_ID && text.bytes().all(|byte| byte.is_ascii_digit()) {
        if entry.accounts_elsewhere.iter().any(|known| known == text) {
            return Said::Known;
        }
        entry.accounts_elsewhere.push(text.to_owned());
        return Said::New;
    }
    let address = SanctionedAddress::published(currency, text);
    if entry.addresses.contains(&address) {
        return Said::Known;
    }
    let is_odd = address.meaning().is_odd;
    entry.addresses.push(address);
    if is_odd { Said::Odd } else { Said::New }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wallets_are_accounts_and_users_of_exchanges_are_not() {
        let text = include_str!("../../tests/fixtures/il_nbctf/orders_20260901.csv");
        let (list, rows) = parse(text.as_bytes(), "orders_20260901.csv", None).unwrap();

        let [first, second] = list.entries.as_slice() else { panic!("{list:?}") };
        assert_eq!((list.id.as_str(), list.as_of.to_string()), (IL_NBCTF, "2026-09-01".to_owned()));
        assert_eq!((first.uid.as_str(), first.accounts_elsewhere.as_slice()), ("צ.ת 1/99", &["905360000000".to_owned()][..]));
        let accounts = |address: &SanctionedAddress| address.meaning().accounts;
        assert!(accounts(&first.addresses[0]).iter().any(|one| one.account.network.starts_with("tron:")));
        assert_eq!(second.addresses.iter().map(|one| accounts(one).len()).collect::<Vec<_>>(), [1, 0]);
        assert_eq!((rows.read, rows.repeated, rows.rejected.len(), rows.flagged.len()), (6, 1, 1, 1));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC*") {
            let _ = parse(format!("order,wallet_or_user_id,currency\n{text}").as_bytes(), "x20260101", None);
        }
    }
}
