//! Reads held rows again, once their authority is known. Their columns tell which importer read them. The caller is
//! `vasp_registry::registers`.

use super::IngestError;
use super::register_csv::{self, TypedTable};
use super::register_rows::RegisterRows;
use super::{esma_casps, register_csv::TYPED};
use vasp_record::authority::Authorities;
use vasp_record::register::{HeldRow, RegisterSnapshot};
use vasp_words::time::Date;

/// The file that the rows are from.
#[derive(Clone, Copy, Debug)]
pub struct HeldFile<'a> {
    /// Register, as the importer named it.
    pub register: &'a str,
    /// The source of the snapshot.
    pub source: &'a str,
    /// Day of the snapshot.
    pub observed_on: Date,
}

/// Reads rows of one file again, as a snapshot that has only these rows.
///
/// # Errors
/// `IngestError::Table` if the rows have the columns of no importer.
pub fn reread(rows: &[HeldRow], file: HeldFile<'_>, authorities: &Authorities) -> Result<RegisterSnapshot, IngestError> {
    let HeldFile { register, source, observed_on } = file;
    let snapshot = match rows.first().and_then(|row| row.cells.first()).map(|(column, _)| column.as_str()) {
        Some(column) if column == esma_casps::COLUMNS[0] => {
            let (mut read, mut seen) = (RegisterRows::new(source), esma_casps::Seen::default());
            for row in rows {
                esma_casps::take(&mut read, &mut seen, cells(row, esma_casps::COLUMNS), row.line, authorities);
            }
            read.finish(register, observed_on)
        }
        Some(column) if column == register_csv::COLUMNS[0] => {
            let mut read = TypedTable::new(source, authorities);
            for row in rows {
                read.add(row.line, cells(row, register_csv::COLUMNS));
            }
            let snapshot = read.finish(Some(observed_on))?;
            // The importer could not name the register before the authority was known.
            let named = if register == TYPED { snapshot.register.clone() } else { register.to_owned() };
            RegisterSnapshot { register: named, ..snapshot }
        }
        _ => {
            let detail = "its held rows have the columns of no importer".to_owned();
            return Err(IngestError::Table { file: source.to_owned(), line: 0, detail });
        }
    };
    Ok(RegisterSnapshot { source: source.to_owned(), ..snapshot })
}

/// Returns the cells of a row in the order of an importer's columns.
fn cells<const N: usize>(row: &HeldRow, columns: [&str; N]) -> [String; N] {
    let cell = |column: &str| row.cells.iter().find(|(name, _)| name == column).map(|(_, cell)| cell.clone());
    columns.map(|column| cell(column).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorities;

    fn known() -> Authorities {
        authorities::embedded().unwrap()
    }

    /// Without the authority that a file names.
    fn without(id: &str) -> Authorities {
        let mut left = Authorities::default();
        for entry in known().entries().filter(|entry| entry.authority.id != id) {
            left.add(entry.clone()).unwrap();
        }
        left
    }

    #[test]
    fn held_rows_of_esmas_register_read_as_if_their_authority_had_been_known() {
        let bytes: &[u8] = include_bytes!("../../tests/fixtures/esma/CASPS_20260426.csv");
        let whole = esma_casps::parse(bytes, "CASPS_20260426.csv", None, &known()).unwrap();
        let held = esma_casps::parse(bytes, "CASPS_20260426.csv", None, &without("MT-MFSA")).unwrap();
        assert!(!held.held.is_empty());

        let file = HeldFile { register: "esma-casps", source: "CASPS_20260426.csv", observed_on: whole.observed_on };
        let again = reread(&held.held, file, &known()).unwrap();

        let maltese: Vec<_> = whole.entities.iter().filter(|entity| entity.authority == "MT-MFSA").cloned().collect();
        assert_eq!((again.entities, again.held, again.rows.rejected), (maltese, vec![], vec![]));
        assert_eq!((again.register, again.source), (whole.register, whole.source));
    }

    #[test]
    fn held_rows_of_a_typed_table_are_the_register_of_their_authority() {
        let table = "authority,name,source,seen_on,activities\nGB-FCA,Invented Ltd,https://register.fca.org.uk,2026-07-01,a\n";
        let whole = register_csv::parse(table.as_bytes(), "t.csv", None, &known()).unwrap();
        let held = register_csv::parse(table.as_bytes(), "t.csv", None, &without("GB-FCA")).unwrap();

        let file = HeldFile { register: &held.register, source: &held.source, observed_on: held.observed_on };
        let again = reread(&held.held, file, &known()).unwrap();

        assert_eq!((held.register.as_str(), again.register.as_str()), (TYPED, "GB-FCA"));
        assert_eq!((again.entities, again.source, again.observed_on), (whole.entities, whole.source, whole.observed_on));
    }

    #[test]
    fn rows_of_no_importer_are_an_error() {
        let row = HeldRow {
            line: 1,
            authority: "X".to_owned(),
            state: None,
            why: vasp_record::register::WhyHeld::AuthorityUnknown,
            cells: vec![("a".to_owned(), "b".to_owned())],
        };
        let file = HeldFile { register: "r", source: "f", observed_on: "2026-07-01".parse().unwrap() };
        assert!(reread(&[row], file, &known()).is_err() && reread(&[], file, &known()).is_err());
    }
}
