//! The EU's consolidated list of persons and entities under financial sanctions (Financial Sanctions Files, FSF) as published. There are
//! three forms: XML 1.1, which `xml` reads, and CSV 1.1 or 1.0. In CSV, `;` separates the cells, and an entry has a row for each of its
//! names, addresses, births and other details. The first bytes identify the form. Entries are numbered by the EU's reference numbers, such
//! as `EU.27.28`. The caller is `vasp_registry::screening`.
//!
//! Source: European Commission (DG FISMA), Financial Sanctions Files: CSV 1.0 as published on 4 July 2018, headings of CSV 1.1 as
//! published in 2022 and August 2026.

use super::IngestError;
use super::ofac_digital_currency::add_new;
use super::published_list::{Collected, add_addresses, date, joined, windows_1252};
use super::table::Table;
use vasp_record::register::{Reason, RowReport};
use vasp_rules::screening::{EU_SANCTIONS, EntryKind, SanctionsEntry, SanctionsList};
use vasp_words::time::Date;

mod xml;

/// The columns of CSV 1.1.
const V1_1: [&str; 19] = [
    "fileGenerationDate",
    "Entity_EU_ReferenceNumber",
    "Entity_SubjectType",
    "Entity_Regulation_Programme",
    "NameAlias_WholeName",
    "NameAlias_FirstName",
    "NameAlias_MiddleName",
    "NameAlias_LastName",
    "Entity_LogicalId",
    "Entity_Remark",
    "NameAlias_Remark",
    "Entity_Regulation_EntryIntoForceDate",
    "Entity_DesignationDate",
    "Address_ContactInfo",
    "Address_CountryIso2Code",
    "BirthDate_BirthDate",
    "BirthDate_Year",
    "Identification_Number",
    "Citizenship_CountryIso2Code",
];
/// The same columns in CSV 1.0; `-` marks a column that it does not have. `Entity_logical_id` occurs in it six times.
const V1_0: [&str; 19] = [
    "Date_file",
    "EU_ref_num",
    "Subject_type",
    "Programme",
    "Naal_wholename",
    "Naal_firstname",
    "Naal_middlename",
    "Naal_lastname",
    "-",
    "Entity_remark",
    "-",
    "-",
    "-",
    "-",
    "Addr_country",
    "Birt_date",
    "-",
    "Iden_number",
    "Citi_country",
];
/// How many of the columns, up to the names, a file must have.
const NEEDED: usize = 8;

/// Reads a file in any of the three forms. The file contains its own date; `as_of`, if given, must be the same day.
///
/// # Errors
/// `Table` if the file has none of the forms, is incomplete, has no date or several; and the errors of a file without the columns of its
/// form.
pub fn parse(bytes: &[u8], file: &str, as_of: Option<Date>) -> Result<(SanctionsList, RowReport), IngestError> {
    let mut list = Collected::new(file);
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let day = if bytes.trim_ascii_start().starts_with(b"<") {
        xml::read(bytes, file, &mut list)?
    } else if bytes.starts_with(b"\"Date_file") {
        list.lacks.push("each line is in quotation marks: a spreadsheet program has saved the file".to_owned());
        table(&unwrapped(bytes, file)?, file, &mut list)?
    } else {
        table(bytes, file, &mut list)?
    };
    list.finish(EU_SANCTIONS, day, as_of)
}

/// Removes the pair of quotation marks and the tabs that a spreadsheet adds to each line, and decodes the text.
fn unwrapped(bytes: &[u8], file: &str) -> Result<Vec<u8>, IngestError> {
    let text = windows_1252(bytes, file)?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let (mut record, mut lines) = (csv::ByteRecord::new(), Vec::with_capacity(bytes.len()));
    while reader.read_byte_record(&mut record).map_err(|error| super::table::unreadable(file, error))? {
        lines.extend_from_slice(record.get(0).unwrap_or_default().trim_ascii_end());
        lines.push(b'\n');
    }
    Ok(lines)
}

fn table(bytes: &[u8], file: &str, list: &mut Collected<'_>) -> Result<Date, IngestError> {
    let mut columns = if bytes.starts_with(b"Date_file") { V1_0 } else { V1_1 };
    if let ([date, ..], true) = (&mut columns, bytes.starts_with(b"Date_filexxxx")) {
        *date = "Date_filexxxx";
    }
    let mut table = Table::open_with(bytes, file, columns, NEEDED)?;
    let absent = table.absent().filter(|name| *name != "-");
    list.lacks.extend(absent.map(|name| format!("it has no column `{name}`")));
    let wrong = |line, detail| IngestError::Table { file: file.to_owned(), line, detail };
    let mut day: Option<Date> = None;
    while let Some(row) = table.next_row()? {
        list.rows.read += 1;
        let row = match row {
            Ok(row) => row,
            Err(rejected) => {
                list.rows.rejected.push(rejected);
                continue;
            }
        };
        let cells = row.cells.each_ref().map(|cell| cell.trim());
        let [generated, ..] = cells;
        match (date(generated), day) {
            (Some(generated), None) => day = Some(generated),
            (Some(generated), Some(day)) if generated == day => {}
            (Some(generated), Some(day)) => {
                let detail = format!("one row is from {generated} and the file is from {day}: two files were mixed");
                return Err(wrong(row.line, detail));
            }
            (None, _) => list.reject(row.line, "fileGenerationDate", Reason::DateInvalid, generated),
        }
        if date(generated).is_some() {
            read(list, row.line, cells);
        }
    }
    day.ok_or_else(|| wrong(2, "no row has the date on which the file was generated".to_owned()))
}

/// Reads one row: one name of an entry, or one of its addresses, births or other details.
fn read(list: &mut Collected<'_>, line: u64, cells: [&str; 19]) {
    let [_, reference, subject, programme, whole, first, middle, last, logical, remark, cells @ ..] = cells;
    let [name_remark, in_force, designated, contact, home, birth, birth_year, number, citizenship] = cells;
    let mut entry = SanctionsEntry {
        uid: [reference, logical].into_iter().find(|text| !text.is_empty()).unwrap_or_default().to_owned(),
        kind: kind(subject),
        programs: vec![programme.to_owned()],
        // A listing is valid from the earliest of its acts.
        since: list.since(line, in_force).into_iter().chain(list.since(line, designated)).min(),
        // Form: `EMAIL[a@example.org] WEB[example.org]`.
        hosts: contact
            .split("WEB[")
            .skip(1)
            .flat_map(|web| list.hosts(line, web.split(']').next().unwrap_or_default()))
            .collect(),
        leis: number.parse().into_iter().collect(),
        ..SanctionsEntry::default()
    };
    let name = if whole.is_empty() { joined([first, middle, last]) } else { joined([whole]) };
    if is_weak(name_remark) {
        add_new(&mut entry.weak_aliases, std::iter::once(name));
    } else {
        entry.name = name;
    }
    add_new(&mut entry.born, [birth, birth_year].into_iter().find(|text| is_said(text)).map(str::to_owned).into_iter());
    add_new(&mut entry.countries, [citizenship, home].into_iter().filter(|code| is_said(code)).map(str::to_owned));
    add_addresses(&mut entry, remark);
    list.add(line, entry);
}

/// Tells whether a cell has a value. `00` is not a value: it is the EU's code for an unknown country.
fn is_said(text: &str) -> bool {
    !matches!(text, "" | "00" | "N/A")
}

fn kind(subject: &str) -> EntryKind {
    match subject {
        "P" | "person" => EntryKind::Individual,
        "E" | "enterprise" => EntryKind::Entity,
        _ => EntryKind::Unknown,
    }
}

/// Tells whether the remark on a name marks it as weak, such as `low quality a.k.a.`.
fn is_weak(remark: &str) -> bool {
    remark.to_ascii_lowercase().contains("low quality")
}

#[cfg(test)]
mod tests;
