//! Reads and writes the table of authorities (`seed/authorities.csv`), one row for each. Lists in a cell are separated by `|`; each of `names` begins with the code of its
//! language, as in `de=Finanzmarktaufsicht`. Every row must be valid.

use std::collections::BTreeMap;

use super::IngestError;
use super::table::read_own;
use vasp_record::authority::{Authorities, AuthorityEntry};
use vasp_record::licence::Authority;

const COLUMNS: [&str; 10] =
    ["id", "name", "names", "country", "jurisdiction", "regime", "registration", "register_page", "spellings", "source"];

/// The day of the compiled-in table.
pub const EMBEDDED_ON: (i16, i8, i8) = (2026, 11, 21);

/// Reads the table of authorities.
///
/// # Errors
/// `IngestError::Table` with line and column of the first cell that is wrong or contradicts another row.
pub fn parse(bytes: &[u8], file: &str) -> Result<Authorities, IngestError> {
    let mut authorities = Authorities::default();
    read_own(bytes, file, COLUMNS, |_, cells| {
        entry(cells).and_then(|entry| authorities.add(entry).map_err(|error| error.to_string()))
    })?;
    Ok(authorities)
}

/// A table with rows that amended it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amended {
    /// The table.
    pub table: Authorities,
    /// The line of each row, by the id of its authority.
    pub lines: BTreeMap<String, u64>,
}

/// Reads rows that amend a table, as [`Authorities::amended`] does. Returns the table with them.
///
/// # Errors
/// `IngestError::Table` with line and column of the first cell that is wrong or contradicts another row or the table; also without a row.
pub fn amend(known: &Authorities, bytes: &[u8], file: &str) -> Result<Amended, IngestError> {
    let (mut rows, mut lines) = (Vec::new(), Vec::new());
    read_own(bytes, file, COLUMNS, |line, cells| {
        lines.push(line);
        entry(cells).map(|entry| rows.push(entry))
    })?;
    let wrong = |line, detail| IngestError::Table { file: file.to_owned(), line, detail };
    if rows.is_empty() {
        return Err(wrong(1, "it has no row; write one row for each authority to add or to replace".to_owned()));
    }
    let ids: Vec<String> = rows.iter().map(|row: &AuthorityEntry| row.authority.id.clone()).collect();
    let line = |place: usize| lines.get(place).copied().unwrap_or_default();
    let table = known.amended(rows).map_err(|(place, error)| wrong(line(place), error.to_string()))?;
    Ok(Amended { table, lines: ids.into_iter().zip(lines.iter().copied()).collect() })
}

fn entry(cells: [String; COLUMNS.len()]) -> Result<AuthorityEntry, String> {
    let [id, name, names, country, jurisdiction, regime, registration, page, spellings, source] = cells;
    let country = country.parse().map_err(|error| format!("column country: {error}"))?;
    let registration = registration.parse().map_err(|error| format!("column registration: {error}"))?;
    let list = |cell: &str| cell.split('|').map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let named = |one: String| match one.split_once('=') {
        Some((code, name)) => (code.to_owned(), name.to_owned()),
        None => (String::new(), one),
    };
    let entry = AuthorityEntry {
        authority: Authority { id, name, country }.into(),
        names: list(&names).into_iter().map(named).collect(),
        jurisdiction: Some(jurisdiction).filter(|id| !id.is_empty()),
        regime,
        registration,
        register_page: Some(page).filter(|page| !page.is_empty()),
        spellings: list(&spellings),
        source,
    };
    entry.check().map_err(|error| error.to_string())?;
    Ok(entry)
}

/// Writes a table in the same form, so that it can be read again.
///
/// # Errors
/// `IngestError::Read` if the text cannot be written, which memory does not do.
pub fn write(authorities: &Authorities) -> Result<String, IngestError> {
    let failed = |source: std::io::Error| IngestError::Read { file: "authorities.csv".to_owned(), source };
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS).map_err(|error| failed(error.into()))?;
    for entry in authorities.entries() {
        let Authority { id, name, country } = entry.authority.as_ref();
        let names: Vec<String> = entry.names.iter().map(|(code, name)| format!("{code}={name}")).collect();
        let cells = [
            id,
            name,
            &names.join("|"),
            country.as_str(),
            entry.jurisdiction.as_deref().unwrap_or_default(),
            &entry.regime,
            entry.registration.as_str(),
            entry.register_page.as_deref().unwrap_or_default(),
            &entry.spellings.join("|"),
            &entry.source,
        ];
        writer.write_record(cells).map_err(|error| failed(error.into()))?;
    }
    let bytes = writer.into_inner().map_err(|error| failed(error.into_error()))?;
    String::from_utf8(bytes).map_err(|error| failed(std::io::Error::other(error)))
}

/// The text of the table that is compiled into the program.
pub const EMBEDDED: &str = include_str!("data/authorities.csv");

/// Returns the table that is compiled into the program.
pub fn embedded() -> Result<Authorities, IngestError> {
    parse(EMBEDDED.as_bytes(), "authorities.csv")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use vasp_record::authority::Registration;
    use vasp_rules::rulebook::Rulebook;

    const HEADING: &str = "id,name,names,country,jurisdiction,regime,registration,register_page,spellings,source\n";

    fn refusal(row: &str) -> String {
        parse(format!("{HEADING}DE-BAFIN,BaFin,,DE,DE,MiCA,licence,,,x\n{row}\n").as_bytes(), "a.csv").unwrap_err().to_string()
    }

    #[test]
    fn the_seed_is_right_and_tells_the_two_fmas_apart() {
        let authorities = embedded().unwrap();
        let find = |name: &str, state: &str| authorities.find(name, state.parse().ok()).ok().map(|one| one.authority.id.clone());

        assert_eq!(find("Finanzmarktaufsicht (FMA)", "LI").as_deref(), Some("LI-FMA"));
        assert_eq!(find("Financial Market Authority Liechtenstein (FMA)", "LI").as_deref(), Some("LI-FMA"));
        assert_eq!(find("Austrian Financial Market Authority (FMA)\u{a0}", "AT").as_deref(), Some("AT-FMA"));
        assert_eq!(find("Federal Financial Supervisory Authority (BaFin)", "AT"), None);
        assert_eq!(find("金融庁", "JP").as_deref(), Some("JP-FSA"));
    }

    #[test]
    fn the_seed_covers_the_eea_and_the_other_large_markets() {
        let authorities = embedded().unwrap();
        let eea = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK";

        assert!(authorities.iter().count() >= 70);
        for country in eea.split(' ') {
            let mica = |one: &AuthorityEntry| one.authority.country.as_str() == country && one.regime == "MiCA";
            assert!(authorities.entries().any(|one| mica(one) && one.registration == Registration::Licence), "{country}");
        }
        for id in ["GB-FCA", "JP-FSA", "SG-MAS", "AE-VARA", "HK-SFC", "CH-FINMA", "US-NYDFS", "KR-KOFIU"] {
            assert_eq!(authorities.entry(id).map(|one| one.registration), Some(Registration::Licence), "{id}");
        }
        for id in ["US-FINCEN", "CA-FINTRAC", "AU-AUSTRAC"] {
            assert_eq!(authorities.entry(id).map(|one| one.registration), Some(Registration::Registration), "{id}");
        }
        assert_eq!(authorities.entry("TR-SPK").map(|one| one.registration), Some(Registration::InOperation));
    }

    #[test]
    fn every_jurisdiction_of_the_seed_is_in_the_rulebook_and_belongs_to_the_country() {
        let (authorities, book) = (embedded().unwrap(), Rulebook::embedded().unwrap());
        for entry in authorities.entries() {
            let Some(id) = &entry.jurisdiction else { continue };
            let known = book.entries_for_country(entry.authority.country).any(|one| one.id.as_str() == id);
            assert!(known, "{}: {id}", entry.authority.id);
        }
    }

    #[test]
    fn a_wrong_cell_is_named_by_line_and_column() {
        for (row, said) in [
            ("DE-X,X,,XX,,r,licence,,,x", "a.csv line 3: column country: `XX` is not an ISO 3166-1 alpha-2 country code"),
            (
                "DE-X,X,,DE,,r,yes,,,x",
                "a.csv line 3: column registration: `yes` is not known; known are licence, registration, in_operation, none",
            ),
            ("DE-X,X,X,DE,,r,none,,,x", "a.csv line 3: column names: `X` does not begin with the code of its language"),
            ("DE-X,X,,DE,,r,none,fma.at,,x", "a.csv line 3: column register_page: write a web address"),
            ("DE-X,X,,DE,,,none,,,x", "a.csv line 3: column regime: it is empty"),
            ("DE-X,X,,DE,,r,none,,bafin,x", "a.csv line 3: column spellings: `bafin` already means DE-BAFIN"),
            ("FR-X,X,,DE,,r,none,,,x", "a.csv line 3: column id: `FR-X` is not an authority id"),
            ("DE-BAFIN,X,,DE,,r,none,,,x", "a.csv line 3: column id: DE-BAFIN occurs twice"),
        ] {
            assert!(refusal(row).starts_with(said), "{row}: {}", refusal(row));
        }
    }

    #[test]
    fn what_is_written_reads_the_same_and_an_amendment_names_its_line() {
        let seed = embedded().unwrap();
        assert_eq!(parse(write(&seed).unwrap().as_bytes(), "a.csv").unwrap(), seed);

        let row = "XA-X,X,,DE,,r,none,,,x\nDE-BANK,Bank,,DE,,r,none,,BaFin,x\n";
        let amended = amend(&seed, format!("{HEADING}{}", row.replace("XA-X", "DE-XA")).as_bytes(), "a.csv").unwrap_err();
        assert_eq!(amended.to_string(), "a.csv line 3: column spellings: `BaFin` already means DE-BAFIN");
        assert!(amend(&seed, HEADING.as_bytes(), "a.csv").unwrap_err().to_string().contains("it has no row"));
        let one = amend(&seed, format!("{HEADING}DE-XA,X,,DE,,r,none,,,x\n").as_bytes(), "a.csv").unwrap();
        assert_eq!(one.table.entries().count(), seed.entries().count() + 1);
        assert_eq!(one.lines, [("DE-XA".to_owned(), 2)].into());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&[HEADING.as_bytes(), &bytes].concat(), "a.csv");
        }

        #[test]
        fn any_damage_to_the_seed_is_read_without_panic(at in 0usize..20_000, bytes in proptest::collection::vec(any::<u8>(), 0..8)) {
            let mut text = include_bytes!("data/authorities.csv").to_vec();
            text.splice(at..at, bytes);
            let _ = parse(&text, "a.csv");
        }
    }
}
