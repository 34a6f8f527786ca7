//! A member's own addresses, as CSV (network, address, memo, role, expires_at) or as JSON lines with the same members. Rows are read while
//! the bytes arrive, so memory holds rows and not the whole file. A wrong row is reported and does not affect the others. The caller is
//! `vasp_registry::claims::import_claims`.

use std::io::{BufRead, BufReader, Read};

use serde::Deserialize;

use super::IngestError;
use super::table::Table;
use vasp_addresses::address::{Account, AddressError};
use vasp_addresses::network::{Family, NetworkTable};
use vasp_addresses::subject::{Subject, SubjectError, SubjectKind, read_subject};
use vasp_record::claim::AddressRole;
use vasp_record::register::Reason;
use vasp_words::time::UtcTime;

const COLUMNS: [&str; 5] = ["network", "address", "memo", "role", "expires_at"];

/// The maximum length of a JSON line, in bytes: an address has at most 4,096, its memo 1,024.
const LINE_MAX: usize = 16 << 10;

/// The name of the request body in errors.
const FILE: &str = "the body";

/// The form of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowForm {
    /// A table with a heading.
    Csv,
    /// One JSON object per line.
    JsonLines,
}

/// An address that a member claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnAddress {
    /// The account, with its memo if it has one.
    pub account: Account,
    /// What the address is used for.
    pub role: AddressRole,
    /// When the claim expires; `None` if the member does not say.
    pub expires_at: Option<UtcTime>,
}

/// Why a row is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowFault {
    /// The wrong member or column; `None` if the row as a whole is wrong.
    pub column: Option<&'static str>,
    /// Stable code.
    pub code: &'static str,
    /// What is wrong and what would be right, without text from the row.
    pub detail: String,
}

/// One row, valid or wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentRow {
    /// The line on which the row begins, counted from 1.
    pub line: u64,
    /// The claimed address, or the fault.
    pub read: Result<OwnAddress, RowFault>,
}

/// The rows of one request body.
pub struct SentRows<'a, R> {
    networks: &'a NetworkTable,
    source: Source<R>,
}

enum Source<R> {
    Csv(Box<Table<R, 5>>),
    Lines(Box<Lines<R>>),
}

/// Reads lines with a maximum length.
struct Lines<R> {
    input: BufReader<R>,
    line: u64,
}

/// A line with its number; a fault if the line is too long.
type Line = (u64, Result<Vec<u8>, RowFault>);

/// One line of JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JsonRow {
    network: String,
    address: String,
    #[serde(default)]
    memo: Option<String>,
    role: String,
    #[serde(default)]
    expires_at: Option<String>,
}

impl<R> std::fmt::Debug for SentRows<'_, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SentRows").finish_non_exhaustive()
    }
}

/// Starts to read rows.
///
/// # Errors
/// The errors of bytes that are not such a table, or cannot be read; `ColumnUnknown`.
pub fn open<R: Read>(input: R, form: RowForm, networks: &NetworkTable) -> Result<SentRows<'_, R>, IngestError> {
    let source = match form {
        RowForm::Csv => {
            let table = Table::open(input, FILE, COLUMNS)?;
            // Such as one that seems to say who may see an address.
            table.assert_all_read(&[])?;
            Source::Csv(Box::new(table))
        }
        RowForm::JsonLines => Source::Lines(Box::new(Lines { input: BufReader::new(input), line: 0 })),
    };
    Ok(SentRows { networks, source })
}

/// Reads an account that a member names. It is always on one network or family, never an address alone.
pub fn read_account(networks: &NetworkTable, network: &str, address: &str, memo: Option<&str>) -> Result<Account, SubjectError> {
    if let Some(family) = Family::from_text(network) {
        return read_on_family(networks, family, address, memo);
    }
    match read_subject(networks, address, Some(&SubjectKind::Address), Some(network), memo)? {
        Subject::Address(account) | Subject::Caip10(account) => Ok(account),
        // If a network is given, the text is read as an account only.
        _ => Err(SubjectError::UnsupportedKind(SubjectKind::Address)),
    }
}

/// Reads an account that one claim names on every network of a family.
fn read_on_family(networks: &NetworkTable, family: Family, address: &str, memo: Option<&str>) -> Result<Account, SubjectError> {
    let account = networks.family_account(family, address).map_err(SubjectError::Address)?;
    if networks.class(account.controllers.first().class).is_none() {
        let reason = "it is an id, which another account has on every network of the family; name its network";
        return Err(SubjectError::Address(AddressError::InvalidPayload { reason }));
    }
    match memo {
        None => Ok(account),
        Some(_) => Err(SubjectError::Memo(AddressError::MemoInvalid { reason: format!("accounts of {family} have none") })),
    }
}

impl<R: Read> Iterator for SentRows<'_, R> {
    type Item = Result<SentRow, IngestError>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.source {
            Source::Csv(table) => match table.next_row() {
                Ok(None) => None,
                Err(error) => Some(Err(error)),
                Ok(Some(Err(rejected))) => {
                    let column = COLUMNS.into_iter().find(|name| rejected.column.as_deref() == Some(name));
                    let code = match rejected.reason {
                        Reason::ColumnCount => "column_count",
                        Reason::QuoteNotClosed => "quote_not_closed",
                        Reason::NotUtf8 => "not_utf8",
                        _ => "invalid_character",
                    };
                    // The rejected text may be an address, so the error must not quote it.
                    let detail = format!("the row cannot be read: {code}");
                    Some(Ok(SentRow { line: rejected.line, read: Err(RowFault { column, code, detail }) }))
                }
                Ok(Some(Ok(row))) => {
                    let [network, address, memo, role, expires_at] = row.cells.each_ref().map(|cell| cell.trim());
                    let given = |text: &'_ str| (!text.is_empty()).then(|| text.to_owned());
                    let texts = JsonRow {
                        network: network.to_owned(),
                        address: address.to_owned(),
                        memo: given(memo),
                        role: role.to_owned(),
                        expires_at: given(expires_at),
                    };
                    Some(Ok(SentRow { line: row.line, read: read(self.networks, &texts) }))
                }
            },
            Source::Lines(lines) => loop {
                return match lines.next() {
                    Ok(None) => None,
                    Err(source) => Some(Err(IngestError::Read { file: FILE.to_owned(), source })),
                    Ok(Some((_, Ok(line)))) if line.trim_ascii().is_empty() => continue,
                    Ok(Some((line, text))) => {
                        let read = text.and_then(|text| json(&text)).and_then(|row| read(self.networks, &row));
                        Some(Ok(SentRow { line, read }))
                    }
                };
            },
        }
    }
}

impl<R: Read> Lines<R> {
    /// Returns the next line with its number; the rest of a line that is too long is skipped.
    fn next(&mut self) -> std::io::Result<Option<Line>> {
        let mut text = Vec::new();
        let limit = u64::try_from(LINE_MAX).unwrap_or(u64::MAX).saturating_add(1);
        let length = self.input.by_ref().take(limit).read_until(b'\n', &mut text)?;
        if length == 0 {
            return Ok(None);
        }
        self.line += 1;
        if length > LINE_MAX && text.last() != Some(&b'\n') {
            self.skip_line()?;
            let detail = format!("a line has at most {LINE_MAX} bytes");
            return Ok(Some((self.line, Err(RowFault { column: None, code: "line_too_long", detail }))));
        }
        if self.line == 1 && text.starts_with(b"\xef\xbb\xbf") {
            text.drain(..3);
        }
        Ok(Some((self.line, Ok(text))))
    }

    fn skip_line(&mut self) -> std::io::Result<()> {
        loop {
            let held = self.input.fill_buf()?;
            let (skipped, ended) = match held.iter().position(|byte| *byte == b'\n') {
                Some(place) => (place + 1, true),
                None => (held.len(), held.is_empty()),
            };
            self.input.consume(skipped);
            if ended {
                return Ok(());
            }
        }
    }
}

fn json(text: &[u8]) -> Result<JsonRow, RowFault> {
    // serde would accept a list and read its items as the members in order.
    let is_object = text.trim_ascii_start().starts_with(b"{");
    let wrong = |words: &str| {
        let detail = format!("a line must be one JSON object with network, address, memo, role and expires_at; {words}");
        Err(RowFault { column: None, code: "invalid_json", detail })
    };
    match serde_json::from_slice(text) {
        Ok(row) if is_object => Ok(row),
        Ok(_) => wrong("this line is a list"),
        // serde's message quotes values of the wrong type, and such a value may be an address.
        Err(error) => wrong(&format!("this line cannot be read at column {}", error.column())),
    }
}

fn read(networks: &NetworkTable, row: &JsonRow) -> Result<OwnAddress, RowFault> {
    let account = read_account(networks, &row.network, &row.address, row.memo.as_deref()).map_err(|error| {
        let column = match error.member() {
            "network" => "network",
            "memo" => "memo",
            _ => "address",
        };
        RowFault { column: Some(column), code: error.code(), detail: error.to_string() }
    })?;
    let fault = |column, detail: String| RowFault { column: Some(column), code: "invalid_value", detail };
    let role = row.role.parse().map_err(|_| fault("role", "one of unknown, deposit, hot, cold".into()))?;
    let time =
        |text: &str| text.parse().map_err(|_| fault("expires_at", "an RFC 3339 time, such as 2027-01-01T00:00:00Z".into()));
    let expires_at = row.expires_at.as_deref().map(time).transpose()?;
    Ok(OwnAddress { account, role, expires_at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Source: EIP-55's first test vector.
    const ADDRESS: &str = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";

    fn rows(text: &[u8], form: RowForm) -> Vec<(u64, Result<String, &'static str>)> {
        let rows = open(text, form, NetworkTable::embedded()).unwrap();
        rows.map(|row| {
            let row = row.unwrap();
            (row.line, row.read.map(|own| format!("{} {}", own.account.canonical, own.role.as_str())).map_err(|f| f.code))
        })
        .collect()
    }

    /// Source: docs/claims.md, "Against another party's claim": on the EVM networks one claim may name all.
    #[test]
    fn an_account_may_be_named_on_every_network_of_a_family() {
        let table = NetworkTable::embedded();
        let read = |address: &str, memo| read_account(table, "eip155:*", address, memo).map_err(|error| error.code());

        let account = read(ADDRESS, None).unwrap();
        assert_eq!((account.network, account.canonical.as_str()), (Family::Eip155.number(), ADDRESS));
        assert_eq!(account.controllers, read_account(table, "eip155:1", ADDRESS, None).unwrap().controllers);
        assert_eq!(table.account_of(account.network, &account.key), Some(account));
        assert_eq!(read(ADDRESS, Some("7")), Err("memo_invalid"));
        assert_eq!(read("0x0000000000000000000000000000000000000005", None), Err("wrong_content"));
    }

    #[test]
    fn rows_of_a_table_are_read_alone() {
        let text = format!(
            "network,address,memo,role,expires_at\n\
             eip155:1,{ADDRESS},,hot,\n\
             eip155:1,{},,hot,\n\
             eip155:1,{ADDRESS},,warm,\n\
             nowhere:1,{ADDRESS},,hot,\n\
             eip155:1,{ADDRESS},,cold,tomorrow\n\
             eip155:1,{ADDRESS}\n\
             ethereum,{ADDRESS},,cold,2027-01-01T00:00:00Z\n",
            ADDRESS.replace("5aA", "5aa")
        );
        let well = |role: &str| Ok(format!("{ADDRESS} {role}"));

        assert_eq!(
            rows(text.as_bytes(), RowForm::Csv),
            [
                (2, well("hot")),
                (3, Err("checksum_mismatch")),
                (4, Err("invalid_value")),
                (5, Err("unsupported_network")),
                (6, Err("invalid_value")),
                (7, Err("column_count")),
                (8, well("cold")),
            ]
        );
    }

    #[test]
    fn lines_of_json_are_read_alone() {
        let well = format!(r#"{{"network": "eip155:1", "address": "{ADDRESS}", "role": "deposit"}}"#);
        let text = format!(
            "\u{feff}{well}\n\n{{\"network\": 1}}\n[\"a\"]\n{}\n{well} \n{}",
            "x".repeat(LINE_MAX + 10),
            well.replace("\"role\"", "\"rôle\"")
        );

        assert_eq!(
            rows(text.as_bytes(), RowForm::JsonLines),
            [
                (1, Ok(format!("{ADDRESS} deposit"))),
                (3, Err("invalid_json")),
                (4, Err("invalid_json")),
                (5, Err("line_too_long")),
                (6, Ok(format!("{ADDRESS} deposit"))),
                (7, Err("invalid_json")),
            ]
        );
    }

    #[test]
    fn no_fault_repeats_an_address() {
        for text in
            [format!("{{\"network\": \"eip155:1\", \"address\": \"{ADDRESS}\", \"role\": \"{ADDRESS}x\"}}"), ADDRESS.into()]
        {
            for row in open(text.as_bytes(), RowForm::JsonLines, NetworkTable::embedded()).unwrap() {
                let fault = row.unwrap().read.unwrap_err();
                assert!(!fault.detail.contains("5aAeb6053F3E94C9"), "{fault:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut table = b"network,address,memo,role,expires_at\n".to_vec();
            table.extend(&bytes);
            let _ = rows(&table, RowForm::Csv);
            let _ = rows(&bytes, RowForm::JsonLines);
        }
    }
}
