//! Tables in the way of three registers that nobody publishes as a file, and every wrong cell with what would be right.

use super::*;
use crate::authorities;
use proptest::prelude::*;

const HEADING: &str = "authority,number,name,lei,country,activities,from,to,website,source,seen_on\n";
const FCA: &str = "GB-FCA,900001,Invented Exchange Ltd,,GB,exchange_for_funds|custody,2024-05-01,,https://www.inventex.com/uk,\
    https://register.fca.org.uk/s/search?predefined=CA,2026-07-01\n";

fn read(text: &str) -> Result<RegisterSnapshot, IngestError> {
    parse(text.as_bytes(), "t.csv", None, &authorities::embedded().unwrap())
}

/// Returns what is said of a second row after one edit of the first.
fn refusal(from: &str, to: &str) -> String {
    let other = FCA.replace("Exchange", "Custody");
    assert!(other.contains(from));
    let other = other.replace(from, to);
    read(&format!("{HEADING}{FCA}{other}")).unwrap_err().to_string()
}

#[test]
fn a_table_of_the_fca_is_its_register() {
    let table = read(&format!("{HEADING}{FCA}{}", FCA.replace("Exchange", "Custody").replace("07-01", "06-30"))).unwrap();
    let firm = &table.entities[1];
    let licence = &firm.licences[0];

    assert_eq!((table.register.as_str(), table.observed_on.to_string().as_str()), ("GB-FCA", "2026-06-30"));
    assert_eq!(table.source, "t.csv, typed from https://register.fca.org.uk/s/search?predefined=CA");
    assert_eq!((firm.legal_name.as_str(), firm.authority.as_str()), ("Invented Exchange Ltd", "GB-FCA"));
    assert_eq!(firm.domains.iter().map(String::as_str).collect::<Vec<_>>(), ["inventex.com"]);
    assert_eq!((licence.regime.as_str(), licence.number.as_deref()), ("MLR 2017", Some("900001")));
    assert_eq!(licence.valid_from.unwrap().to_string(), "2024-05-01");
    let codes: Vec<String> = licence.services.iter().map(|one| one.activity.to_string()).collect();
    assert_eq!(codes, ["custody", "exchange_for_funds"]);
    assert_eq!(licence.territories.iter().map(ToString::to_string).collect::<Vec<_>>(), ["GB"]);
}

/// If the misspelt column `too` were ignored, a licence that ended would be in force.
#[test]
fn a_column_that_is_not_of_the_form_is_refused_and_one_for_people_is_not() {
    let refused = read(&format!("{}{FCA}", HEADING.replace(",to,", ",too,"))).unwrap_err().to_string();
    assert!(refused.contains("has the column `too`, which is not read; the columns are authority, name, "), "{refused}");

    let noted = read(&format!("{},note\n{},why\n", HEADING.trim_end(), FCA.trim_end())).unwrap();
    assert_eq!(noted.entities.len(), 1);
}

#[test]
fn a_table_says_how_much_of_the_register_it_has() {
    let table = |extents: [&str; 2]| {
        let row = |text: &str, extent: &str| format!("{},{extent}\n", text.trim_end());
        let heading = HEADING.trim_end();
        let rows = [row(FCA, extents[0]), row(&FCA.replace("Exchange", "Custody"), extents[1])].concat();
        read(&format!("{heading},extent\n{rows}"))
    };

    for (written, extent) in [("whole", Extent::Whole), ("part", Extent::Part), ("typed", Extent::Typed), ("", Extent::Typed)] {
        assert_eq!(table([written, written]).unwrap().extent, extent);
    }
    assert_eq!(read(&format!("{HEADING}{FCA}")).unwrap().extent, Extent::Typed, "it does not say, so absence means nothing");
    let contradicts = table(["whole", "part"]).unwrap_err().to_string();
    assert!(contradicts.contains("line 3, column extent: `part`: rows above say `whole`"), "{contradicts}");
    let unknown = table(["all", "all"]).unwrap_err().to_string();
    assert!(unknown.contains("`all` is not known; write whole if the table has all rows"), "{unknown}");
}

#[test]
fn tables_of_mas_and_vara_are_read_with_semicolons_tabs_names_of_authorities_and_other_columns() {
    let mas = "name;authority;source;seen_on;activities;from;note\n\
        Invented Token Pte. Ltd.;Monetary Authority of Singapore;https://eservices.mas.gov.sg/fid;2026-07-01;other:digital payment token service;2023-10-01;x\n";
    let vara = "authority\tname\tsource\tseen_on\tactivities\tto\ttrades_as\n\
        VARA\tInvented Custody FZE\thttps://www.vara.ae\t2026-07-01\ta|j\t2026-06-01\tInvex|Invex UAE\n";
    let (mas, vara) = (read(mas).unwrap(), read(vara).unwrap());

    assert_eq!((mas.register.as_str(), mas.entities[0].licences[0].regime.as_str()), ("SG-MAS", "Payment Services Act"));
    assert_eq!((vara.register.as_str(), vara.entities[0].licences[0].regime.as_str()), ("AE-VARA", "VARA"));
    assert_eq!(vara.entities[0].licences[0].valid_to.unwrap().to_string(), "2026-06-01");
    assert_eq!(vara.entities[0].commercial_names, ["Invex", "Invex UAE"]);
    assert_eq!(vara.entities[0].licences[0].services.len(), 2);
}

#[test]
fn rows_of_an_unknown_authority_are_held_with_all_their_cells() {
    let table = read(&format!("{HEADING}{}", FCA.replace("GB-FCA", "Authority of Atlantis"))).unwrap();

    let [held] = table.held.as_slice() else { panic!("{table:?}") };
    assert_eq!((held.line, held.authority.as_str(), held.why), (2, "Authority of Atlantis", WhyHeld::AuthorityUnknown));
    assert!(held.cells.contains(&("name".to_owned(), "Invented Exchange Ltd".to_owned())));
    assert_eq!((table.entities.len(), table.rows.read, table.rows.rejected.len()), (0, 1, 0));
}

#[test]
fn a_wrong_cell_is_named_by_line_and_column_with_what_would_be_right() {
    for (from, to, said) in [
        ("2024-05-01", "01/05/2024", "column from: `01/05/2024` is not a day; write it as 2026-02-28"),
        ("2024-05-01,", "2024-05-01,2024-04-30", "column to: `2024-04-30` is before `2024-05-01`"),
        (",GB,", ",UK,", "column country: `UK` is not a country; write its two letters, such as GB"),
        ("Ltd,,", "Ltd,529900032TYR45XIEW78,", "column lei: `529900032TYR45XIEW78` is not an LEI"),
        ("|custody", "|keeping", "column activities: `keeping` is not known; write custody, trading_platform"),
        ("https://www.inventex.com/uk", "none", "column website: `none` names no website"),
        ("https://register.fca.org.uk/s/search?predefined=CA", "", "column source: write where you read it"),
        ("2026-07-01", "", "column seen_on: write the day on which you read the page"),
        ("Invented Custody Ltd", "-", "column name: write the firm's legal name"),
        ("GB-FCA", "SG-MAS", "column authority: `SG-MAS` is another authority than `GB-FCA` on line 2"),
        ("GB-FCA", "FSC", "column authority: several authorities are called `FSC`; write the id"),
        (
            "900001,Invented Custody",
            "900002,Invented Exchange",
            "column number: `900002`: line 2 gives this firm the number `900001`",
        ),
        (",GB,", ",", "line 3: the line has 10 columns, the heading has 11"),
    ] {
        let refusal = refusal(from, to);
        assert!(refusal.starts_with("t.csv has wrong rows (1), so none of its rows was taken: line 3"), "{refusal}");
        assert!(refusal.contains(said), "{said}: {refusal}");
    }
}

/// With both columns exchanged, every licence of the table would have ended on the day on which it began.
#[test]
fn a_table_of_ends_without_beginnings_is_refused() {
    let exchanged = format!("{}{FCA}", HEADING.replace("from,to", "to,from"));
    assert!(read(&exchanged).unwrap_err().to_string().contains("are they exchanged?"));
    let ended = FCA.replace("2024-05-01,,", "2024-05-01,2026-05-01,");
    assert!(read(&format!("{HEADING}{FCA}{ended}")).is_ok());
    // One firm of which only the end is shown.
    let firm =
        |number: &str, days: &str| FCA.replace("900001,Invented", &format!("{number},{number}")).replace("2024-05-01,,", days);
    let three = [firm("900002", "2024-05-01,,"), firm("900003", ",2025-05-01,")].concat();
    assert!(read(&format!("{HEADING}{FCA}{three}")).is_ok());
    assert!(read(&format!("{}{FCA}{three}", HEADING.replace("from,to", "to,from"))).is_err());
    // A register that shows ends only.
    let (heading, row) = (HEADING.replace("from,", ""), FCA.replace("2024-05-01,,", "2026-05-01,"));
    assert!(read(&format!("{heading}{row}")).is_ok());
}

/// A licence that ends by one row and not by another must not be in force without a word.
#[test]
fn rows_of_which_one_ends_a_service_and_another_does_not_are_told() {
    let ended = FCA.replace("2024-05-01,", "2024-05-01,2025-01-01");
    for rows in [[FCA, &ended], [&ended, FCA]] {
        let table = read(&format!("{HEADING}{}", rows.concat())).unwrap();
        assert_eq!(table.rows.flagged.iter().map(|row| row.flag).collect::<Vec<_>>(), [Flag::RowsDisagree]);
        assert!(table.entities[0].flags.contains(&Flag::RowsDisagree));
    }
    let renewed = FCA.replace("2024-05-01", "2025-01-01");
    assert!(read(&format!("{HEADING}{ended}{renewed}")).unwrap().rows.flagged.is_empty());
}

#[test]
fn a_repeated_row_counts_once_and_a_later_day_is_refused() {
    let table = read(&format!("{HEADING}{FCA}{FCA}")).unwrap();
    let later =
        parse(format!("{HEADING}{FCA}").as_bytes(), "t.csv", "2026-07-02".parse().ok(), &authorities::embedded().unwrap());

    assert_eq!((table.entities.len(), table.rows.read, table.rows.repeated), (1, 2, 1));
    assert!(later.unwrap_err().to_string().contains("has the day 2026-07-01, which is before 2026-07-02"));
    assert!(read(HEADING).unwrap_err().to_string().contains("has no date"));
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), at in 0usize..200) {
        let mut text = format!("{HEADING}{FCA}").into_bytes();
        text.splice(at..at, bytes);
        let _ = parse(&text, "t.csv", None, &authorities::embedded().unwrap());
    }
}
