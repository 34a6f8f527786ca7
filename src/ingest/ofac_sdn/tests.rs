//! Thirteen rows as OFAC published them in July 2021 (US government work), with their aliases and comments.

use super::*;
use proptest::prelude::*;

const SDN: SdnFile<'_> =
    SdnFile { file: "sdn_20210707.csv", bytes: include_bytes!("../../../tests/fixtures/ofac/sdn_20210707.csv") };
const ALT: SdnFile<'_> = SdnFile { file: "alt.csv", bytes: include_bytes!("../../../tests/fixtures/ofac/alt_20210707.csv") };
const COM: SdnFile<'_> =
    SdnFile { file: "sdn_comments.csv", bytes: include_bytes!("../../../tests/fixtures/ofac/sdn_comments_20210707.csv") };

fn read(files: &[SdnFile<'_>]) -> (SanctionsList, RowReport) {
    parse(files, None).unwrap()
}

fn entry<'a>(list: &'a SanctionsList, uid: &str) -> &'a SanctionsEntry {
    list.entries.iter().find(|entry| entry.uid == uid).unwrap()
}

#[test]
fn the_files_make_one_whole_version_of_the_list() {
    let (list, rows) = read(&[SDN, ALT, COM]);

    assert_eq!(list.id.as_str(), OFAC_SDN);
    assert_eq!(list.as_of.to_string(), "2021-07-07");
    assert_eq!(list.coverage, ListCoverage::Complete);
    assert_eq!(list.source, "sdn_20210707.csv + alt.csv + sdn_comments.csv");
    assert_eq!((list.entries.len(), rows.read, rows.rejected.len()), (13, 13 + 15 + 4, 0));
}

#[test]
fn a_long_list_without_any_digital_currency_address_is_partial() {
    let rows: String = (1..=101).map(|n| format!("{n},\"NAME {n}\"{}\r\n", ",-0- ".repeat(10))).collect();
    let (list, _) = read(&[SdnFile { bytes: rows.as_bytes(), ..SDN }, ALT, COM]);

    assert_eq!(list.coverage, ListCoverage::Partial);
    assert!(list.source.contains("no remark has a digital currency address: were they renamed?"), "{}", list.source);
}

#[test]
fn files_of_different_days_are_no_version_of_the_list() {
    let other = SdnFile { file: "alt_20210708.csv", ..ALT };
    let same = SdnFile { file: "alt_2021-07-07.csv", ..ALT };
    let day = "2021-07-06".parse().ok();

    for given in [None, day] {
        let refused = parse(&[SDN, other, COM], given).unwrap_err().to_string();
        assert!(refused.contains("the files are of different days (sdn_20210707.csv and alt_20210708.csv)"), "{refused}");
    }
    assert!(parse(&[SDN, same, COM], None).is_ok());
}

#[test]
fn kinds_programmes_and_names_are_read() {
    let (list, _) = read(&[SDN, ALT, COM]);

    let bank = entry(&list, "4632");
    assert_eq!((bank.kind, bank.name.as_str()), (EntryKind::Entity, "BANK MARKAZI JOMHOURI ISLAMI IRAN"));
    assert_eq!(bank.programs, ["IRAN", "SDGT", "IRGC", "IFSR"]);
    assert_eq!(bank.aliases, ["CENTRAL BANK OF THE ISLAMIC REPUBLIC OF IRAN", "BANK MARKAZI IRAN", "CENTRAL BANK OF IRAN"]);
    assert_eq!(entry(&list, "306").weak_aliases, ["BNC"]);
    let kinds = ["4234", "15431", "25308"].map(|uid| entry(&list, uid).kind);
    assert_eq!(kinds, [EntryKind::Vessel, EntryKind::Aircraft, EntryKind::Individual]);
    assert_eq!(entry(&list, "32064").leis[0].to_string(), "485100GBI2SE0KIX8T70");
    assert_eq!(entry(&list, "26138").hosts[0].to_string(), "enexchanger.com");
}

#[test]
fn remarks_go_on_in_the_comments_in_the_middle_of_a_word() {
    let (list, _) = read(&[SDN, ALT, COM]);

    // The text is cut between `snowsjo` and `hn`, and inside the Ethereum address of 29703.
    assert!(entry(&list, "28263").weak_aliases.contains(&"snowsjohn".to_owned()));
    let andreyev: Vec<&str> = entry(&list, "29703").addresses.iter().map(|one| one.currency.as_str()).collect();
    assert!(["XBT", "ETH", "LTC", "ZEC", "BSV"].iter().all(|code| andreyev.contains(code)), "{andreyev:?}");
}

#[test]
fn every_address_is_an_account_where_its_currency_is_paid() {
    let (list, rows) = read(&[SDN, ALT, COM]);

    let yan = entry(&list, "25308");
    assert_eq!(yan.addresses.len(), 6);
    let is_read = |one: &SanctionedAddress| {
        let accounts = one.meaning().accounts;
        accounts.len() == 1 && accounts[0].account.address == one.text
    };
    assert!(yan.addresses.iter().all(is_read), "{yan:?}");
    assert_eq!(rows.flagged, []);
}

#[test]
fn what_is_missing_is_said() {
    let (list, _) = read(&[SDN]);

    assert_eq!(list.coverage, ListCoverage::Partial);
    assert_eq!(
        list.source,
        "sdn_20210707.csv; ALT.CSV is missing: no aliases; SDN_COMMENTS.CSV is missing: the remarks of 4 entries are cut off, with the \
         addresses in them"
    );
}

#[test]
fn rows_at_fault_are_rejected_with_their_place() {
    let bytes = b"36,\"AIR\",-0- ,\"CUBA\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\nx,\"AIR\",-0- ,\"CUBA\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n37,-0- ,-0- ,\"CUBA\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n38,\"A\"\r\n36,\"AIR\",-0- ,\"CUBA\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n\x1a";
    let orphan = SdnFile { file: "alt.csv", bytes: b"99,1,\"aka\",\"NOBODY\",-0- \r\n" };

    let (list, rows) = read(&[SdnFile { file: "sdn_20210707.csv", bytes }, orphan]);

    let said: Vec<(u64, Reason)> = rows.rejected.iter().map(|row| (row.line, row.reason)).collect();
    assert_eq!(
        said,
        [
            (2, Reason::Unrecognised),
            (3, Reason::Missing),
            (4, Reason::ColumnCount),
            (5, Reason::Unrecognised),
            (1, Reason::Unrecognised)
        ]
    );
    assert_eq!(list.entries.len(), 1);
    assert!(list.source.ends_with("5 of 6 rows could not be read"), "{}", list.source);
}

#[test]
fn other_files_and_files_without_a_date_are_refused() {
    let refused = |files: &[SdnFile<'_>]| parse(files, None).unwrap_err().to_string();

    assert!(refused(&[SdnFile { file: "x20260101", bytes: b"a,b,c\n" }]).contains("3 columns; SDN.CSV has 12"));
    assert!(refused(&[SdnFile { file: "x20260101", ..ALT }]).contains("none of these files has entries"));
    assert!(refused(&[SdnFile { file: "SDN.CSV", ..SDN }]).contains("--observed-on"));
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), width in 0usize..13) {
        let line = vec!["1"; width].join(",").into_bytes();
        let _ = parse(&[SdnFile { file: "x20260101", bytes: &[line, b"\n".to_vec(), bytes].concat() }], None);
    }
}
