//! Registers that authorities publish as a sheet, saved as CSV: FinCEN's list of money services businesses, and the SFC's list of licensed
//! trading platforms. Nobody here has seen a whole file of either; the columns are those that are known of them. The rows become rows of
//! `register_csv`. The caller is `vasp_registry::imports`.

use super::IngestError;
use super::esma_casps::day_of_file;
use super::esma_cells::{date, tidy};
use super::register_csv::{Cells, TypedTable};
use super::table::Table;
use vasp_record::authority::Authorities;
use vasp_record::register::{Extent, RegisterSnapshot};
use vasp_words::time::Date;

/// Reads FinCEN's list of registrants. A registration there is no licence, so the firms become known without one. The file is always read as
/// a part of the register: it has 33,000 firms, and an operator takes out those that are not needed.
///
/// # Errors
/// `NoDate`, and the errors of a file that is not such a table. A wrong row is not an error.
pub fn fincen_msb(
    bytes: &[u8],
    file: &str,
    observed_on: Option<Date>,
    authorities: &Authorities,
) -> Result<RegisterSnapshot, IngestError> {
    let columns = ["LEGAL NAME", "STREET ADDRESS", "CITY", "STATE", "ZIP", "FOREIGN LOCATION"];
    sheet(
        bytes,
        file,
        observed_on,
        authorities,
        ("US-FINCEN", Extent::Part, columns),
        |[name, street, city, state, zip, abroad]| {
            // Trade names stand in the cell of the legal name.
            let mut names = name.split(" DBA ").map(|one| one.trim_matches([' ', ',', ';']));
            let (name, trades_as) = (names.next().unwrap_or_default().to_owned(), names.collect::<Vec<_>>().join("|"));
            let place = format!("{state} {zip}");
            let parts = [street.as_str(), city, &place, abroad].map(str::trim);
            let address = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
            let country = if abroad.is_empty() && !state.is_empty() { "US" } else { "" }.to_owned();
            Typed { name, trades_as, address, country, ..Typed::default() }
        },
    )
}

/// Reads the SFC's list of licensed platforms.
///
/// Source of the activities: Anti-Money Laundering and Counter-Terrorist Financing Ordinance (Cap. 615), Schedule 3B: a platform holds its
/// clients' assets.
///
/// # Errors
/// `NoDate`, and the errors of a file that is not such a table. A wrong row is not an error.
pub fn sfc_vatp(
    bytes: &[u8],
    file: &str,
    observed_on: Option<Date>,
    authorities: &Authorities,
) -> Result<RegisterSnapshot, IngestError> {
    let columns = ["CE Reference", "English name", "Chinese name", "platform", "date of licence"];
    sheet(
        bytes,
        file,
        observed_on,
        authorities,
        ("HK-SFC", Extent::Whole, columns),
        |[number, name, chinese, platform, since]| Typed {
            number: number.clone(),
            name: name.clone(),
            trades_as: format!("{chinese}|{platform}"),
            country: String::new(),
            activities: "custody|trading_platform".to_owned(),
            // A day in another form stays as it is, and its row is rejected.
            from: date(since).ok().flatten().map_or_else(|| since.clone(), |day| day.to_string()),
            ..Typed::default()
        },
    )
}

/// What a sheet's row says, as cells of a typed table.
#[derive(Default)]
struct Typed {
    number: String,
    name: String,
    trades_as: String,
    address: String,
    country: String,
    activities: String,
    from: String,
}

fn sheet<const N: usize>(
    bytes: &[u8],
    file: &str,
    observed_on: Option<Date>,
    authorities: &Authorities,
    (authority, extent, columns): (&str, Extent, [&'static str; N]),
    read: impl Fn(&[String; N]) -> Typed,
) -> Result<RegisterSnapshot, IngestError> {
    let day = day_of_file(file, observed_on)?;
    let page = authorities.entry(authority).and_then(|known| known.register_page.clone()).unwrap_or_default();
    let mut table = Table::open(bytes, file, columns)?;
    let mut typed = TypedTable::new(file, authorities);
    while let Some(row) = table.next_row()? {
        match row {
            Ok(row) => {
                let Typed { number, name, trades_as, address, country, activities, from } =
                    read(&row.cells.each_ref().map(|cell| tidy(cell)));
                let cells: Cells = [
                    authority.to_owned(),
                    name,
                    page.clone(),
                    day.to_string(),
                    number,
                    String::new(),
                    country,
                    activities,
                    from,
                    String::new(),
                    String::new(),
                    trades_as,
                    address,
                    extent.as_str().to_owned(),
                ];
                typed.add(row.line, cells);
            }
            Err(rejected) => typed.reject(rejected),
        }
    }
    typed.finish(Some(day))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorities;
    use proptest::prelude::*;
    use vasp_record::register::Reason;

    const FINCEN: &str = "LEGAL NAME,STREET ADDRESS,CITY,STATE,ZIP,STATES OF MSB ACTIVITIES,\
        ALL STATES & TERRITORIES & FOREIGN FLAG**,FOREIGN LOCATION,# OF BRANCHES,AUTH SIGN DATE,RECEIVED DATE\n";
    const SFC: &str = "CE Reference,English name,Chinese name,platform,date of licence\n";

    #[test]
    fn a_registrant_of_fincen_is_known_without_a_licence() {
        let text = format!(
            "{FINCEN}\"Invented Exchange, Inc. DBA Inventex DBA Invex\",1 Main St,Cheyenne,WY,82001,WY CO,,,0,01/02/2026,01/03/2026\n\
             Foreign Invented Ltd,1 High Street,London,,,WY,,UNITED KINGDOM,0,01/02/2026,01/03/2026\n"
        );
        let list = fincen_msb(text.as_bytes(), "msb_20260301.csv", None, &authorities::embedded().unwrap()).unwrap();
        let firm = |name: &str| list.entities.iter().find(|one| one.legal_name == name).unwrap();

        let known = firm("Invented Exchange, Inc.");
        assert_eq!((list.register.as_str(), list.observed_on.to_string().as_str()), ("US-FINCEN", "2026-03-01"));
        assert_eq!(known.commercial_names, ["Inventex", "Invex"]);
        assert_eq!(known.registered_address.as_deref(), Some("1 Main St, Cheyenne, WY 82001"));
        assert_eq!((known.country.map(|one| one.to_string()).as_deref(), known.licences.len()), (Some("US"), 0));
        assert_eq!(firm("Foreign Invented Ltd").country, None);
    }

    #[test]
    fn a_platform_of_the_sfc_has_a_licence_since_its_day_and_a_wrong_day_rejects_its_row() {
        let text = format!(
            "{SFC}BXX001,Invented Platform Limited,虛構平台有限公司,Inventex,04/10/2024\nBXX002,Other Limited,,,4 Oct 2024\n"
        );
        let list = sfc_vatp(text.as_bytes(), "vatp_20260301.csv", None, &authorities::embedded().unwrap()).unwrap();

        let [platform] = list.entities.as_slice() else { panic!("{list:?}") };
        let licence = &platform.licences[0];
        assert_eq!((licence.number.as_deref(), licence.regime.as_str()), (Some("BXX001"), "AMLO trading platform"));
        assert_eq!(licence.valid_from.unwrap().to_string(), "2024-10-04");
        assert_eq!(platform.commercial_names, ["虛構平台有限公司", "Inventex"]);
        assert_eq!(list.rows.rejected.iter().map(|row| (row.line, row.reason)).collect::<Vec<_>>(), [(3, Reason::DateInvalid)]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let known = authorities::embedded().unwrap();
            let _ = fincen_msb(&[FINCEN.as_bytes(), &bytes].concat(), "x_20260301.csv", None, &known);
            let _ = sfc_vatp(&[SFC.as_bytes(), &bytes].concat(), "x_20260301.csv", None, &known);
        }
    }
}
