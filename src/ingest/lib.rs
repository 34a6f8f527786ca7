//! Importers: they turn source bytes into domain facts with evidence, one module per format. They use no store and no clock: the result
//! depends only on the bytes, the file name and the given tables. Services match, compare and apply the facts.

pub mod aliases;
mod archive;
pub mod au_dfat;
pub mod authorities;
pub mod brand_links;
pub mod ca_autonomous;
pub mod claims_csv;
pub mod ecb_rates;
pub mod esma_casps;
mod esma_cells;
pub mod esma_ncasp;
pub mod eu_consolidated;
pub mod eu_sanctions;
pub mod gleif_lei;
pub mod group_links;
pub mod held_rows;
pub mod il_nbctf;
pub mod jp_meti;
pub mod lists_csv;
mod lost_letters;
pub mod master_register;
pub mod member_claims;
pub mod ofac_addresses_json;
pub mod ofac_digital_currency;
mod ofac_remarks;
pub mod ofac_sdn;
mod published_list;
pub mod register_csv;
pub mod register_json;
mod register_rows;
pub mod register_sheets;
pub mod sanctions_addresses;
pub mod seco;
pub mod source;
pub mod sources;
mod table;
mod twice_encoded;
pub mod uk_sanctions;
pub mod un_consolidated;
pub mod vasp_list;
mod xml;

use std::io;

use vasp_record::register::RejectedRow;

/// Why a whole file is refused. Wrong rows are not errors: they are listed in the report.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// The bytes cannot be read or decompressed.
    #[error("{file} cannot be read")]
    Read {
        /// File name.
        file: String,
        /// The reason.
        #[source]
        source: io::Error,
    },
    /// The file is larger than the limit after decompression.
    #[error("{file} is larger than the limit of {limit_bytes} bytes after decompression")]
    TooLarge {
        /// File name.
        file: String,
        /// The limit.
        limit_bytes: u64,
    },
    /// Columns of the format are missing.
    #[error("{file} has no {}: the file does not have this format", listed(columns))]
    ColumnsMissing {
        /// File name.
        file: String,
        /// All missing columns.
        columns: Vec<&'static str>,
    },
    /// A column of a typed table is not one of its columns: a misspelt one would be left out without a word.
    #[error("{file} has the column `{column}`, which is not read; the columns are {known}; leave others out")]
    ColumnUnknown {
        /// File name.
        file: String,
        /// The column.
        column: String,
        /// The columns of the form.
        known: String,
    },
    /// A column occurs twice.
    #[error("{file} has the column `{column}` twice")]
    ColumnRepeated {
        /// File name.
        file: String,
        /// The column.
        column: String,
    },
    /// Neither the caller nor the file name gives a date.
    #[error("{file} has no date in its name (such as 20260426): give the day of the register's data with --observed-on")]
    NoDate {
        /// File name.
        file: String,
    },
    /// The JSON document is not of the format.
    #[error("{file} does not have this format")]
    Json {
        /// File name.
        file: String,
        /// The reason.
        #[source]
        source: serde_json::Error,
    },
    /// A table that is used as a whole or not at all has wrong rows.
    #[error("{file} has wrong rows ({}), so none of its rows was taken: {}", rows.len(), shown(rows))]
    Rows {
        /// File name.
        file: String,
        /// The wrong rows, each with its column and what would be right.
        rows: Vec<RejectedRow>,
    },
    /// A file that is used as a whole or not at all, such as one of the registry's own tables, has an error.
    #[error("{file} line {line}: {detail}")]
    Table {
        /// File name.
        file: String,
        /// Line of the row.
        line: u64,
        /// What is wrong, and what would be right.
        detail: String,
    },
}

/// Lists columns, each in quotes.
fn listed(names: &[&str]) -> String {
    let listed: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("{} {}", if names.len() == 1 { "column" } else { "columns" }, listed.join(", "))
}

/// Shows the first wrong rows.
fn shown(rows: &[RejectedRow]) -> String {
    let row = |row: &RejectedRow| {
        let column = row.column.as_ref().map_or_else(String::new, |column| format!(", column {column}"));
        format!("line {}{column}: {}", row.line, row.text)
    };
    let more = rows.len().checked_sub(20).filter(|more| *more > 0).map(|more| format!("and {more} more"));
    rows.iter().take(20).map(row).chain(more).collect::<Vec<_>>().join("; ")
}
