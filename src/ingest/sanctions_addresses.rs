//! Addresses on OFAC's list, as third parties publish them in text files. Each line is one address, `#` starts a comment, and the currency
//! is in the file name (`sanctioned_addresses_XBT.txt`) or missing. The files do not name the owners. The caller is `vasp_registry::imports`.

use std::collections::BTreeSet;

use super::IngestError;
use super::esma_casps::day_of_file;
use vasp_addresses::address::is_invisible;
use vasp_record::register::{Flag, FlaggedRow, Reason, RejectedRow, RowReport, cut};
use vasp_rules::screening::{
    EntryKind, ListCoverage, OFAC_SDN, OFAC_SDN_ADDRESSES, Part, PartOf, SanctionedAddress, SanctionsEntry, SanctionsList,
    UNNAMED_UID, labels,
};
use vasp_words::time::Date;

/// The maximum length of a line; a longer one is not an address.
const LONGEST: usize = 200;

/// Reads one file. `as_of` is its day; the default is the date in its name.
pub fn parse(bytes: &[u8], file: &str, as_of: Option<Date>) -> Result<(SanctionsList, RowReport), IngestError> {
    let as_of = day_of_file(file, as_of)?;
    let currency = currency_in_name(file).unwrap_or_default();
    let (mut entry, mut seen, mut rows) = (unnamed(currency), BTreeSet::new(), RowReport::default());
    for (line, text) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        let text: String = String::from_utf8_lossy(text).chars().filter(|c| !is_invisible(*c)).collect();
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        rows.read += 1;
        let address = Some(text).filter(|text| text.len() <= LONGEST && text.bytes().all(|b| b.is_ascii_graphic()));
        let Some(address) = address else {
            let text = cut(text);
            rows.rejected.push(RejectedRow { file: file.to_owned(), line, column: None, reason: Reason::InvalidCharacter, text });
            continue;
        };
        if !seen.insert(address.to_owned()) {
            rows.repeated += 1;
            continue;
        }
        let published = SanctionedAddress::published(currency, address);
        if published.meaning().is_odd {
            rows.flagged.push(FlaggedRow { file: file.to_owned(), line, flag: Flag::AddressUnreadable, text: cut(address) });
        }
        entry.addresses.push(published);
    }
    let id = if currency.is_empty() { format!("{OFAC_SDN_ADDRESSES}-ALL") } else { format!("{OFAC_SDN_ADDRESSES}-{currency}") };
    let part_of = Some(PartOf { list: OFAC_SDN.to_owned(), part: Part::Entries });
    // The file has addresses only, without their owners.
    let source = format!("{file}; addresses only, without names");
    let entries = if entry.addresses.is_empty() { vec![] } else { vec![entry] };
    Ok((SanctionsList { id, part_of, as_of, source, coverage: ListCoverage::Partial, entries }, rows))
}

fn unnamed(currency: &str) -> SanctionsEntry {
    SanctionsEntry {
        uid: UNNAMED_UID.to_owned(),
        kind: EntryKind::Asset,
        name: format!("{currency} address on OFAC's list").trim_start().to_owned(),
        programs: vec!["SDN".to_owned()],
        ..SanctionsEntry::default()
    }
}

/// Returns the currency that is a separate word in a file name; `None` if there is none.
fn currency_in_name(file: &str) -> Option<&'static str> {
    let name = file.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    words.find_map(|word| labels().find(|label| *label == word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(file: &str, text: &str) -> (SanctionsList, RowReport) {
        parse(text.as_bytes(), file, "2024-09-27".parse().ok()).unwrap()
    }

    /// Source: OFAC's entry 25308.
    #[test]
    fn lines_are_addresses_of_the_currency_in_the_files_name() {
        let text = "# Last Updated: 2025-06-01\n\n12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h\r\n12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h\na b\n0x098b\n";
        let (list, rows) = read("sanctioned_addresses_XBT.txt", text);

        assert_eq!(
            (list.id.as_str(), list.list(), list.coverage),
            ("US-OFAC-SDN-DIGITAL-CURRENCY-XBT", OFAC_SDN, ListCoverage::Partial)
        );
        assert_eq!(list.entries[0].addresses[0].meaning().accounts[0].account.address, "12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h");
        assert_eq!((rows.read, rows.repeated, rows.rejected.len(), rows.flagged.len()), (4, 1, 1, 1));
        assert_eq!((rows.rejected[0].line, rows.flagged[0].line), (5, 6));
    }

    #[test]
    fn without_a_currency_an_address_is_read_wherever_it_can_be() {
        let (list, _) = read("wallets.txt", "0x098b716b8aaf21512996dc57eb0615e2383e2f96\n12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h\n");

        assert_eq!(list.id, "US-OFAC-SDN-DIGITAL-CURRENCY-ALL");
        assert!(list.entries[0].addresses.iter().all(|address| !address.meaning().accounts.is_empty()));
        assert!(read("wallets.txt", "# nothing\n").0.entries.is_empty(), "which is refused when it is kept");
    }

    /// What nobody sees is no reason to lose a line.
    #[test]
    fn invisible_characters_are_no_part_of_a_line() {
        let (list, rows) = read("wallets.txt", "\u{feff}12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h\u{200b}\n\u{a0}\n");

        assert_eq!((list.entries[0].addresses[0].text.as_str(), rows.read), ("12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h", 1));
        assert!(rows.rejected.is_empty() && rows.flagged.is_empty());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&bytes, "x_XBT_20260101.txt", None);
        }
    }
}
