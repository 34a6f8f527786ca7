//! Lists of the VASPs that a protocol reaches, as a gateway gets them from its own provider: the provider's JSON, whose form the document of
//! protocols describes, or a table that anybody can type. Which record a row is about, `vasp_rules::vasp_list` says.

use std::collections::HashSet;

use serde_json::Value;

use super::IngestError;
use super::esma_cells::tidy;
use super::table::Table;
use vasp_record::endpoint::Location;
use vasp_record::register::{Reason, RejectedRow, RowReport, cut};
use vasp_rules::endpoint_rules::LocationText;
use vasp_rules::linked_entity::RegisterNumber;
use vasp_rules::protocol::{ListForm, LocationKind, Protocol};
use vasp_rules::vasp_list::{ListedVasp, VaspList};
use vasp_words::country::Country;
use vasp_words::rule_names::FieldCode;
use vasp_words::time::Date;

/// The columns of the table; only the first one is needed.
const COLUMNS: [&str; 7] = ["id", "name", "legal_name", "lei", "number", "country", "alliance"];

/// How many rows a list may have. The number is ours.
pub const MOST_ROWS: usize = 20_000;

/// The port of a place without one: that of HTTPS.
const HTTPS: u16 = 443;

/// The words of one row, before they are read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Words {
    id: String,
    name: String,
    legal_name: String,
    lei: String,
    number: String,
    country: String,
    alliance: String,
    required_fields: Vec<FieldCode>,
    is_reachable: bool,
}

type Wrong = (&'static str, Reason, String);

/// Reads a list. A file that begins with `{` or `[` is the provider's JSON, any other is a table.
///
/// # Errors
/// The errors of a file that is not such a list. A wrong row is not an error.
pub fn parse(bytes: &[u8], file: &str, protocol: &Protocol, as_of: Date) -> Result<(VaspList, RowReport), IngestError> {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    let (words, mut report) = match first {
        Some(b'{' | b'[') => of_json(bytes, file, protocol)?,
        _ => of_table(bytes, file)?,
    };
    if words.len() > MOST_ROWS {
        return Err(IngestError::Table {
            file: file.to_owned(),
            line: 1,
            detail: format!("the list has more than {MOST_ROWS} rows"),
        });
    }
    let (mut rows, mut seen) = (Vec::<ListedVasp>::new(), HashSet::new());
    for (line, words) in words {
        match row(line, &words, protocol) {
            Ok(_) if !seen.insert(words.clone()) => report.repeated += 1,
            Ok(row) => rows.push(row),
            Err((column, reason, text)) => {
                let column = Some(column.to_owned());
                report.rejected.push(RejectedRow { file: file.to_owned(), line, column, reason, text: cut(&text) });
            }
        }
    }
    Ok((VaspList { protocol: protocol.id.clone(), as_of, source: file.to_owned(), rows }, report))
}

fn of_table(bytes: &[u8], file: &str) -> Result<(Vec<(u64, Words)>, RowReport), IngestError> {
    let mut table = Table::open_with(bytes, file, COLUMNS, 1)?;
    let (mut found, mut report) = (vec![], RowReport::default());
    while let Some(row) = table.next_row()? {
        report.read += 1;
        match row {
            Ok(row) => {
                let [id, name, legal_name, lei, number, country, alliance] = row.cells.each_ref().map(|cell| tidy(cell));
                let words =
                    Words { id, name, legal_name, lei, number, country, alliance, is_reachable: true, ..Words::default() };
                found.push((row.line, words));
            }
            Err(rejected) => report.rejected.push(rejected),
        }
    }
    Ok((found, report))
}

fn of_json(bytes: &[u8], file: &str, protocol: &Protocol) -> Result<(Vec<(u64, Words)>, RowReport), IngestError> {
    let wrong = |reason: String| IngestError::Table { file: file.to_owned(), line: 1, detail: reason };
    let form = protocol.vasp_list.as_ref().ok_or_else(|| {
        wrong(format!(
            "no public document describes a list of {}: type it as a table with the columns {}",
            protocol.name,
            COLUMNS.join(", ")
        ))
    })?;
    let whole: Value = serde_json::from_slice(bytes).map_err(|source| IngestError::Json { file: file.to_owned(), source })?;
    let all = whole
        .pointer(&form.rows)
        .and_then(Value::as_array)
        .ok_or_else(|| wrong(format!("it has no list at `{}`, where {} has it ({})", form.rows, protocol.name, form.source)))?;
    let mut found: Vec<(u64, Words)> = vec![];
    for brand in all {
        let entities = form.entities.as_ref().and_then(|place| brand.pointer(place)).and_then(Value::as_array);
        match entities.filter(|entities| !entities.is_empty()) {
            Some(entities) => found.extend(entities.iter().map(|entity| (0, words_of(form, &[entity, brand])))),
            None => found.push((0, words_of(form, &[brand]))),
        }
    }
    for (number, (line, _)) in (1..).zip(&mut found) {
        *line = number;
    }
    let read = u64::try_from(found.len()).unwrap_or(u64::MAX);
    Ok((found, RowReport { read, ..RowReport::default() }))
}

/// Reads the members of a row, and what it lacks from the brand around it.
fn words_of(form: &ListForm, rows: &[&Value]) -> Words {
    let text = |names: &[String]| {
        let found = rows.iter().find_map(|row| names.iter().find_map(|name| row.get(name).and_then(text_of)));
        found.map(|text| tidy(&text)).unwrap_or_default()
    };
    let reachable = form.reachable_if.as_ref().is_none_or(|wanted| {
        let word = text(std::slice::from_ref(&wanted.member));
        wanted.words.iter().any(|known| known.eq_ignore_ascii_case(&word))
    });
    let required = form.required.as_ref().map(|required| {
        let listed = rows.iter().find_map(|row| row.get(&required.member)?.as_array());
        let code = |item: &Value| required.codes.get(&text_of(item.get("id").unwrap_or(item))?).cloned();
        let mut fields: Vec<FieldCode> = listed.into_iter().flatten().filter_map(code).collect();
        fields.sort();
        fields.dedup();
        fields
    });
    Words {
        id: text(&form.id),
        name: text(&form.name),
        legal_name: text(&form.legal_name),
        lei: text(&form.lei),
        number: String::new(),
        country: text(&form.country),
        alliance: text(&form.alliance),
        required_fields: required.unwrap_or_default(),
        is_reachable: reachable,
    }
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn row(line: u64, words: &Words, protocol: &Protocol) -> Result<ListedVasp, Wrong> {
    let optional = |text: &String| (!text.is_empty()).then(|| text.clone());
    if words.id.is_empty() {
        return Err(("id", Reason::Missing, String::new()));
    }
    let unread = |column, reason, text: &String| (column, reason, text.clone());
    let lei =
        optional(&words.lei).map(|text| text.parse().map_err(|_| unread("lei", Reason::LeiInvalid, &words.lei))).transpose()?;
    let number = optional(&words.number);
    let number =
        number.map(|text| RegisterNumber::read(&text).ok_or_else(|| unread("number", Reason::Unrecognised, &words.number)));
    let country = match words.country.as_str() {
        // A provider's word for a firm of no country.
        "" | "GLOBAL" => None,
        text => Some(read_country(text).ok_or_else(|| unread("country", Reason::CountryUnknown, &words.country))?),
    };
    Ok(ListedVasp {
        row: line,
        location: location(&words.id, protocol).ok_or_else(|| unread("id", Reason::Unrecognised, &words.id))?,
        name: words.name.clone(),
        legal_name: optional(&words.legal_name),
        lei,
        number: number.transpose()?,
        country,
        alliance: optional(&words.alliance),
        required_fields: words.required_fields.clone(),
        is_reachable: words.is_reachable,
    })
}

fn read_country(text: &str) -> Option<Country> {
    Country::named(text).or_else(|| Country::of_alpha_3(text))
}

/// Reads where the protocol reaches a VASP, in the first form that the protocol has, as an endpoint that its VASP publishes.
fn location(text: &str, protocol: &Protocol) -> Option<Location> {
    let has = |kind| protocol.locations.contains(&kind);
    let place = if has(LocationKind::Identifier) {
        LocationText::Identifier(None, text.to_owned())
    } else if has(LocationKind::Url) {
        LocationText::Url(text.to_owned())
    } else {
        let (host, port) = text.rsplit_once(':').map_or((text, Some(HTTPS)), |(host, port)| (host, port.parse().ok()));
        LocationText::HostPort(host.to_owned(), port?)
    };
    place.read(protocol).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use vasp_rules::protocol::Protocols;

    fn protocol(id: &str) -> Protocol {
        Protocols::embedded().unwrap().get(&id.parse().unwrap()).cloned().unwrap()
    }

    fn read(id: &str, text: &str) -> (Vec<ListedVasp>, RowReport) {
        let (list, report) = parse(text.as_bytes(), "list", &protocol(id), "2026-11-20".parse().unwrap()).unwrap();
        (list.rows, report)
    }

    /// Place, legal name, country, alliance, reachable.
    fn shown(row: &ListedVasp) -> (String, &str, &str, &str, bool) {
        let place = match &row.location {
            Location::Identifier { value, .. } => value.clone(),
            Location::Url { url } => url.clone(),
            Location::HostPort { host, port } => format!("{host}:{port}"),
            Location::Email { .. } => String::new(),
        };
        let country = row.country.as_ref().map_or("", Country::as_str);
        (place, row.legal_name.as_deref().unwrap_or(""), country, row.alliance.as_deref().unwrap_or(""), row.is_reachable)
    }

    /// Source: www.globaltravelrule.com/documentation, "Get VASP List" and VaspListItemGroupByBrandEntityItemVO.
    #[test]
    fn gtr_lists_brands_with_their_entities() {
        let text = r#"{"verifyStatus": 100000, "data": [
            {"vaspCode": "pW1CZJyrlJ7lRD2jWaAs7", "brandName": "Axchange", "supportEntities": [
                {"country": "UK", "vaspEntityId": "MAkGAda4ac", "vaspEntityName": "Axchange United Kingdom",
                 "allianceName": "Global Travel Rule", "vaspCode": "MAkGAda4ac",
                 "requiredPiiFieldsAsBeneficiary": [{"id": "100026", "name": "x"}, {"id": "100025", "name": "x"}, {"id": "9", "name": "x"}]}]},
            {"vaspCode": "vHEvE66cKBifLjRyAwd71", "brandName": "OoooSwap", "supportEntities": []}]}"#;
        let (rows, report) = read("gtr", text);

        assert_eq!(report.read, 2);
        assert_eq!(shown(&rows[0]), ("MAkGAda4ac".into(), "Axchange United Kingdom", "GB", "Global Travel Rule", true));
        let fields: Vec<&str> = rows[0].required_fields.iter().map(FieldCode::as_str).collect();
        assert_eq!(fields, ["originator.date_of_birth", "originator.name"]);
        assert_eq!((shown(&rows[1]).1, rows[1].name.as_str()), ("", "OoooSwap"));
    }

    /// Sources: docs.codevasp.com, "VASP List Search"; docs.verifyvasp.com, "VASP List"; npm @sygna/bridge-util, getVASPList;
    /// docs.sumsub.com/reference/get-available-vasps; TRISA's members.proto.
    #[test]
    fn each_documented_form_is_read() {
        let code = r#"{"vasps": [{"health": "up", "vaspEntityId": "coinone", "vaspName": "coinone", "vaspLegalName": "Coinone Inc.",
            "countryOfRegistration": "KR", "allianceName": "CODE", "pubkeys": []}]}"#;
        assert_eq!(shown(&read("code", code).0[0]), ("coinone".into(), "Coinone Inc.", "KR", "CODE", true));

        let verify = |status: &str, country: &str| {
            format!(
                r#"{{"vasps": [{{"health": "DOWN", "vaspId": "27372039731940770", "vaspName": "A Exchange", "legalName": "A Exchange",
                    "jurisdiction": "{country}", "country": "{country}", "vaspStatus": "{status}"}}]}}"#
            )
        };
        let member = read("verifyvasp", &verify("VERIFIED-MEMBER", "Singapore"));
        assert_eq!(shown(&member.0[0]), ("27372039731940770".into(), "A Exchange", "SG", "", true));
        assert!(!read("verifyvasp", &verify("VERIFIED", "Singapore")).0[0].is_reachable);
        // Which Korea it is, nobody says.
        let unclear = read("verifyvasp", &verify("VERIFIED-MEMBER", "Korea")).1.rejected;
        assert_eq!((unclear[0].column.as_deref(), unclear[0].reason), (Some("country"), Reason::CountryUnknown));

        let sygna = r#"{"vasp_data": [{"vasp_code": "VASPJPJT4", "vasp_name": "Test", "vasp_pubkey": "04"}], "signature": "00"}"#;
        assert_eq!(shown(&read("sygna_bridge", sygna).0[0]).0, "VASPJPJT4");

        let sumsub = r#"{"list": {"items": [{"id": "6573066bbb812261f6c53572", "name": "Kaurifinance OU", "companyInfos": {"list": [
            {"country": "EST", "legalName": "KAURIFINANCE O\u00dc", "registrationNumber": "14559136", "status": "licensed"}]}}]}}"#;
        assert_eq!(shown(&read("sumsub", sumsub).0[0]), ("6573066bbb812261f6c53572".into(), "KAURIFINANCE OÜ", "EE", "", true));

        let trisa = r#"{"vasps": [{"id": "x", "common_name": "trisa.example.com", "endpoint": "trisa.example.com:4435",
            "name": "Example", "country": "US", "status": "VERIFIED"}]}"#;
        assert_eq!(shown(&read("trisa", trisa).0[0]), ("trisa.example.com:4435".into(), "Example", "US", "", true));
    }

    #[test]
    fn a_table_works_for_every_protocol_and_names_wrong_cells() {
        let table = "id,legal_name,country,lei,number\nA1,Example Ltd,GB,,GB-FCA 900001\n,x,GB,,\nA2,x,Nowhere,,\nA3,x,GB,12,\n\
                     A1,Example Ltd,GB,,GB-FCA 900001\n";
        let (rows, report) = read("trust", table);

        let number = RegisterNumber { authority: "GB-FCA".into(), number: "900001".into() };
        assert_eq!((rows.len(), rows[0].number.as_ref(), report.read, report.repeated), (1, Some(&number), 5, 1));
        let wrong: Vec<_> = report.rejected.iter().map(|row| (row.line, row.column.as_deref().unwrap(), row.reason)).collect();
        let expected = [(3, "id", Reason::Missing), (4, "country", Reason::CountryUnknown), (5, "lei", Reason::LeiInvalid)];
        assert_eq!(wrong, expected);
        let url = read("trp", "id,lei\nhttps://trp.example.com/in,529900T8BM49AURSDO55\nhttp://trp.example.com,\n");
        assert_eq!((shown(&url.0[0]).0.as_str(), url.1.rejected.len()), ("https://trp.example.com/in", 1));
    }

    #[test]
    fn another_document_is_refused_with_what_would_be_right() {
        let refused = |id: &str, text: &str| {
            let error = parse(text.as_bytes(), "list.json", &protocol(id), "2026-11-20".parse().unwrap()).unwrap_err();
            error.to_string()
        };

        assert!(refused("gtr", r#"{"vasps": []}"#).contains("it has no list at `/data`"));
        assert!(refused("trust", "{}").contains("type it as a table with the columns id"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200), id in "gtr|trp|trisa|sumsub") {
            let _ = parse(&bytes, "list", &protocol(&id), "2026-11-20".parse().unwrap());
        }
    }
}
