//! The rows of a file of transfers, each read into the request that a gateway would send. A row that cannot be read says where and what
//! would be right. Also knows by which column a sentence of the API is followed.

use csv::{Reader, ReaderBuilder, StringRecord, Trim};
use serde_json::{Map, Value, json};

use super::file::Lines;
use vasp_words::country::Country;
use vasp_words::ids::VaspId;
use vasp_words::money::{Amount, Currency};
use vasp_words::time::Date;

/// A transfer of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The line on which it begins.
    pub line: u64,
    pub address: String,
    /// The pre-check to ask for.
    pub request: Value,
}

impl Row {
    /// The same transfer, if the customer had declared who hosts the address.
    pub(super) fn declaring(&self, vasp: VaspId) -> Self {
        let mut row = self.clone();
        if let Some(beneficiary) = row.request.get_mut("beneficiary").and_then(Value::as_object_mut) {
            beneficiary.insert("declared".to_owned(), json!({"kind": "vasp", "vasp": vasp}));
        }
        row
    }
}

/// A row that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unread {
    pub line: u64,
    /// The column; empty for the whole row.
    pub column: String,
    /// What is wrong, and what would be right.
    pub why: String,
}

/// The columns that are read.
const COLUMNS: [&str; 8] = ["address", "network", "asset", "amount", "currency", "date", "country", "memo"];

/// What sentences call members of a request, and what they are for somebody who has a file.
const WRITTEN: [(&str, &str); 11] = [
    ("; `GET /v1/networks` lists the supported networks", ""),
    (": `brand.question` asks for it, and `brand.candidates` says who it may be.", "."),
    ("in `candidates` it is", "of the brand it is"),
    ("`customer_country`", "the column `country`"),
    ("in `declared`", "by `ask --declared-vasp`"),
    ("with `declared`", "by `ask --declared-vasp`"),
    ("`declared`", "`ask --declared-vasp`"),
    ("Say `transfer.correspondent`: false", "Ask with `ask --correspondent false`"),
    ("State `transfer.correspondent`: `false`", "Ask with `ask --correspondent false`"),
    ("`transfer.fiat`", "`amount` and `currency`"),
    ("`transfer.asset`", "the column `asset`"),
];

/// Writes a sentence of the API for somebody who has a file with columns.
pub(super) fn in_columns(sentence: &str) -> String {
    WRITTEN.iter().fold(sentence.to_owned(), |sentence, (member, column)| sentence.replace(member, column))
}

/// Returns where each column is. Capitals and blanks do not matter, and other columns are left alone.
fn places(headings: &StringRecord) -> Result<[Option<usize>; 8], String> {
    let known: Vec<String> = headings.iter().map(str::to_lowercase).collect();
    let places = COLUMNS.map(|column| known.iter().position(|heading| heading == column));
    if let Some(twice) = COLUMNS.iter().find(|column| known.iter().filter(|heading| heading == *column).count() > 1) {
        return Err(format!("it has two columns `{twice}`; remove one, or make a line for each transfer"));
    }
    let apart = |separator| known.first().is_some_and(|heading| heading.contains(separator));
    match places {
        [Some(_), ..] => Ok(places),
        _ if apart(';') => {
            Err("its columns are separated by semicolons; separate them by commas, and write 1.5 for 1,5".to_owned())
        }
        _ if apart('\t') => Err("its columns are separated by tabs; separate them by commas".to_owned()),
        _ => Err(format!(
            "the first line must name the columns, one of them `address`; it has {}. Others that are read: {}",
            known.join(", "),
            COLUMNS.iter().skip(1).copied().collect::<Vec<_>>().join(", ")
        )),
    }
}

/// Returns the headings of a file's columns that are not read.
pub(super) fn not_read(text: &str) -> Vec<String> {
    let headings = reader_of(bare(text)).headers().cloned().unwrap_or_default();
    headings.iter().filter(|heading| !COLUMNS.contains(&heading.to_lowercase().as_str())).map(str::to_owned).collect()
}

/// Returns a text without its byte order mark.
fn bare(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

fn reader_of(text: &str) -> Reader<&[u8]> {
    ReaderBuilder::new().flexible(true).trim(Trim::All).from_reader(text.as_bytes())
}

/// Refuses a row that has not one value for each column: an unquoted comma would shift all values behind it.
fn check_count(values: usize, columns: usize) -> Result<(), String> {
    let have = format!("it has {values} values, and the headings name {columns} columns");
    match values.cmp(&columns) {
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => {
            Err(format!("{have}: write an amount as 1.5, not 1,5, and put any other value with a comma in \"quotation marks\""))
        }
        std::cmp::Ordering::Less => Err(format!("{have}: leave a value empty if you do not know it, but write its comma")),
    }
}

/// Reads a file.
///
/// # Errors
/// If it has no column of addresses, no rows, or none that can be read.
pub(super) fn read_rows(text: &str, from: &str, today: Date) -> Result<(Vec<Row>, Vec<Unread>), String> {
    let text = bare(text);
    let mut reader = reader_of(text);
    let headings = reader.headers().map_err(|error| error.to_string())?;
    let (places, columns) = (places(headings)?, headings.len());
    let mut lines = Lines::of(text.as_bytes());
    let (mut rows, mut unread) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        if record.iter().eq([""]) {
            continue;
        }
        // The reader's own count of lines is too small after CR LF and empty lines.
        let begin = record.position().and_then(|position| usize::try_from(position.byte()).ok());
        let line = lines.line_at(begin.unwrap_or_default());
        let values = places.map(|place| place.and_then(|at| record.get(at)).unwrap_or_default());
        let counted = check_count(record.len(), columns).map_err(|why| ("", why));
        match counted.and_then(|()| read_row(line, values, from, today)) {
            Ok(row) => rows.push(row),
            Err((column, why)) => unread.push(Unread { line, column: column.to_owned(), why }),
        }
    }
    match (rows.as_slice(), unread.as_slice()) {
        ([], []) => Err("it has headings and no transfers; write a line for each transfer".to_owned()),
        ([], [first, ..]) => {
            let column = if first.column.is_empty() { String::new() } else { format!(", column {}", first.column) };
            Err(format!("no row can be read; the first is line {}{column}: {}", first.line, first.why))
        }
        _ => Ok((rows, unread)),
    }
}

fn read_row(line: u64, values: [&str; 8], from: &str, today: Date) -> Result<Row, (&'static str, String)> {
    let [address, network, asset, amount, currency, date, country, memo] = values;
    if address.is_empty() {
        return Err(("address", "it is empty; a transfer needs the address that it goes to".to_owned()));
    }
    let mut beneficiary = Map::from_iter([("address".to_owned(), json!(address))]);
    let mut transfer = Map::new();
    let text = |members: &mut Map<String, Value>, name: &str, value: &str| {
        members.extend((!value.is_empty()).then(|| (name.to_owned(), json!(value))));
    };
    text(&mut beneficiary, "network", network);
    text(&mut beneficiary, "memo", memo);
    text(&mut transfer, "asset", asset);
    if !amount.is_empty() {
        let decimal = format!("`{amount}` is no amount; write digits with a point, such as 1500.50");
        amount.parse::<Amount>().map_err(|_| ("amount", decimal))?;
        if currency.is_empty() || currency.eq_ignore_ascii_case(asset) {
            text(&mut transfer, "amount", amount);
        } else {
            let wrong = format!("`{currency}` is neither a currency, such as EUR, nor the asset of this row");
            let currency: Currency = currency.parse().map_err(|_| ("currency", wrong))?;
            transfer.insert("fiat".to_owned(), json!({"amount": amount, "currency": currency}));
        }
    }
    if !date.is_empty() {
        let read: Date = date.parse().map_err(|_| ("date", format!("`{date}` is no day; write 2026-11-30")))?;
        if read > today {
            return Err(("date", format!("{read} is in the future; write the day on which the transfer went out")));
        }
        transfer.insert("date".to_owned(), json!(read));
    }
    if !country.is_empty() {
        let read: Country =
            country.parse().map_err(|_| ("country", format!("`{country}` is no country; write two letters, such as JP")))?;
        beneficiary.insert("customer_country".to_owned(), json!(read));
    }
    let request =
        json!({"direction": "outgoing", "originator": {"jurisdiction": from}, "beneficiary": beneficiary, "transfer": transfer});
    Ok(Row { line, address: address.to_owned(), request })
}

#[cfg(test)]
mod tests {
    use super::super::file::text_of;
    use super::*;
    use proptest::prelude::*;

    fn read(file: &str) -> Result<(Vec<Row>, Vec<Unread>), String> {
        read_rows(file, "DE", "2026-11-28".parse().unwrap())
    }

    #[test]
    fn a_row_becomes_the_request_of_a_gateway() {
        let file =
            "\u{feff}Date, ADDRESS ,network,amount,currency,country,\"ours, old\"\n2026-10-01,1NDy,bitcoin,1500.50,EUR,jp,x\n";

        let (rows, unread) = read(file).unwrap();

        assert_eq!(unread, []);
        assert_eq!(not_read(file), ["ours, old"]);
        assert_eq!(rows[0].line, 2);
        assert_eq!(
            rows[0].request,
            json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"},
                   "beneficiary": {"address": "1NDy", "network": "bitcoin", "customer_country": "JP"},
                   "transfer": {"fiat": {"amount": "1500.50", "currency": "EUR"}, "date": "2026-10-01"}})
        );
    }

    #[test]
    fn an_amount_of_the_asset_itself_is_no_value() {
        let (rows, _) = read("address,asset,amount,currency\na,USDT,5,usdt\nb,BTC,1,\n").unwrap();

        assert_eq!(rows[0].request["transfer"], json!({"asset": "USDT", "amount": "5"}));
        assert_eq!(rows[1].request["transfer"], json!({"asset": "BTC", "amount": "1"}));
    }

    #[test]
    fn a_row_that_cannot_be_read_says_where_and_what_would_be_right() {
        let rows =
            [",1,EUR,,", "a,1.000,50,EUR,", "a,1,EUR,1/2/26,", "a,1,EUR,,Japan", "a,1,EUR,2026-11-29,", "a,1,EUR,2026-11-28,"];
        let file = format!("address,amount,currency,date,country\n{}\n", rows.join("\n"));

        let (rows, unread) = read(&file).unwrap();

        let said: Vec<(u64, &str, bool)> =
            unread.iter().map(|one| (one.line, one.column.as_str(), one.why.contains("write"))).collect();
        assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [7]);
        let expected =
            [(2, "address", false), (3, "currency", false), (4, "date", true), (5, "country", true), (6, "date", true)];
        assert_eq!(said, expected);
    }

    #[test]
    fn a_file_without_a_row_that_can_be_read_is_refused_in_words() {
        for (file, says) in [
            ("adress,amount\na,1\n", "it has adress, amount"),
            ("address;amount\na;1,5\n", "separated by semicolons; separate them by commas"),
            ("address\tamount\na\t1\n", "separated by tabs"),
            ("address,amount\n", "it has headings and no transfers"),
            ("address,amount,Address\na,1,b\n", "it has two columns `address`"),
            (
                "address,amount\r\na,1,5\r\n",
                "the first is line 2: it has 3 values, and the headings name 2 columns: write an amount as 1.5",
            ),
            ("address,amount\na\n", "it has 1 values, and the headings name 2 columns: leave a value empty"),
            ("address,amount\na,x\n", "the first is line 2, column amount: `x` is no amount"),
        ] {
            let error = read(file).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn a_row_is_on_the_line_that_an_editor_shows() {
        let file = "\u{feff}address,memo\r\na,\r\n\r\n  \r\nb,\"x\r\ny\"\r\nc,\r\nd,1,5\r\n";

        let (rows, unread) = read(file).unwrap();

        assert_eq!(rows.iter().map(|row| (row.address.as_str(), row.line)).collect::<Vec<_>>(), [("a", 2), ("b", 5), ("c", 7)]);
        assert_eq!(unread.iter().map(|row| row.line).collect::<Vec<_>>(), [8]);
    }

    #[test]
    fn what_to_do_names_columns_and_no_members_of_a_request() {
        let policy = include_str!("../../../../seed/policy.json");
        let steps = "Give the country of the account there in `customer_country`: `brand.question` asks for it, and \
                     `brand.candidates` says who it may be. Or find out which entity it is.";

        assert_eq!(
            in_columns(steps),
            "Give the country of the account there in the column `country`. Or find out which entity it is."
        );
        let policy: Value = serde_json::from_str(policy).unwrap();
        let lines = policy["rules"].as_array().unwrap().iter().filter_map(|line| line["next_steps"].as_array()).flatten();
        for step in lines.map(|step| in_columns(step["detail"].as_str().unwrap())) {
            for member in ["`customer_country`", "`declared`", "`candidates`", "`transfer."] {
                assert!(!step.contains(member), "{step}");
            }
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics(bytes: Vec<u8>) {
            let _ = text_of([b"address,amount,currency,date\n", bytes.as_slice()].concat()).map(|text| read(&text).ok());
        }
    }
}
