//! Links from brands to legal entities as a table that anybody can type, CSV: one row a link, with the document that it rests on. The caller
//! is `vasp_registry::imports`.

use std::collections::BTreeSet;

use super::IngestError;
use super::aliases::Aliases;
use super::esma_cells::tidy;
use super::table::Table;
use vasp_record::register::{Reason, RowReport};
use vasp_rules::brand_links::{BrandLink, BrandLinks, LinkEvidence, LinkEvidenceKind, LinkRole, Served};
use vasp_rules::linked_entity::{LinkedEntity, RegisterNumber};
use vasp_words::country::Country;
use vasp_words::lei::Lei;
use vasp_words::time::Date;

/// The columns that are read; the table may have more.
const COLUMNS: [&str; 15] = [
    "brand",
    "keys",
    "entity",
    "lei",
    "country",
    "countries",
    "role",
    "since",
    "until",
    "evidence_kind",
    "source",
    "sha256",
    "seen_on",
    // The last two may be left out.
    "number",
    "except",
];

type Wrong = (&'static str, Reason, String);

/// Reads the links of one file, in its order, with a report of the rows. Keys that are aliases are replaced. The day of the links is the
/// latest `seen_on`.
///
/// # Errors
/// The errors of a file that is not such a table. A wrong row is not an error.
pub fn parse(bytes: &[u8], file: &str, aliases: &Aliases) -> Result<(BrandLinks, RowReport), IngestError> {
    let mut table = Table::open_with(bytes, file, COLUMNS, COLUMNS.len() - 2)?;
    let (mut links, mut rows) = (Vec::<BrandLink>::new(), RowReport::default());
    while let Some(row) = table.next_row()? {
        rows.read += 1;
        let read = row.and_then(|row| {
            let wrong = |(column, reason, text): Wrong| table.rejected(row.line, Some(column), reason, &text);
            read_cells(&row.cells.each_ref().map(|cell| tidy(cell)), aliases).map_err(wrong)
        });
        match read {
            Ok(link) if links.contains(&link) => rows.repeated += 1,
            Ok(link) => links.push(link),
            Err(rejected) => rows.rejected.push(rejected),
        }
    }
    let newest = links.iter().map(|link| link.evidence.seen_on).max();
    let as_of = newest.ok_or_else(|| IngestError::NoDate { file: file.to_owned() })?;
    Ok((BrandLinks { as_of, links }, rows))
}

fn read_cells(cells: &[String; COLUMNS.len()], aliases: &Aliases) -> Result<BrandLink, Wrong> {
    let [brand, keys, entity, lei, country, countries, role, since, until, kind, source, sha256, seen_on, number, except] = cells;
    for (column, text) in [("brand", brand), ("entity", entity), ("source", source)] {
        if text.is_empty() {
            return Err((column, Reason::Missing, String::new()));
        }
    }
    let optional = |text: &String| (!text.is_empty()).then(|| text.clone());
    let day = |column, text: &String| text.parse::<Date>().map_err(|_| (column, Reason::DateInvalid, text.clone()));
    let day_if_any = |column, text: &String| if text.is_empty() { Ok(None) } else { day(column, text).map(Some) };
    let word = |column, text: &String| (column, Reason::OtherKind, text.clone());
    let lei = optional(lei).map(|text| text.parse().map_err(|_| ("lei", Reason::LeiInvalid, text))).transpose()?;
    let is_digest = sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !sha256.is_empty() && !is_digest {
        return Err(("sha256", Reason::WrongLength, sha256.clone()));
    }
    let mut keys: Vec<String> = parts(keys).map(|key| aliases.resolve(key).to_owned()).collect();
    keys.sort_unstable();
    keys.dedup();
    Ok(BrandLink {
        brand: brand.clone(),
        keys,
        entity: read_entity([entity, country, number], lei)?,
        role: role.parse::<LinkRole>().map_err(|_| word("role", role))?,
        serves: read_served(countries, except)?,
        since: day_if_any("since", since)?,
        until: day_if_any("until", until)?,
        evidence: LinkEvidence {
            kind: kind.parse::<LinkEvidenceKind>().map_err(|_| word("evidence_kind", kind))?,
            source: source.clone(),
            sha256: optional(&sha256.to_ascii_lowercase()),
            seen_on: day("seen_on", seen_on)?,
        },
        likeness: None,
    })
}

/// Reads whom the entity serves. Countries can be excepted only if `countries` is `*`.
fn read_served(countries: &str, except: &str) -> Result<Served, Wrong> {
    match (countries, except) {
        ("", "") => Ok(Served::Unknown),
        ("*", "") => Ok(Served::Everywhere),
        ("*", excluded) => Ok(Served::EverywhereBut(read_countries("except", excluded)?)),
        (all, "") => Ok(Served::Countries(read_countries("countries", all)?)),
        (_, excluded) => Err(("except", Reason::Contradicts, excluded.to_owned())),
    }
}

/// Reads country codes, each once and in order.
fn read_countries(column: &'static str, cell: &str) -> Result<Vec<Country>, Wrong> {
    let all: BTreeSet<Country> = parts(cell).map(|code| read_country(column, code)).collect::<Result<_, _>>()?;
    Ok(all.into_iter().collect())
}

/// Reads the entity as the source names it: name, country and number.
fn read_entity([name, country, number]: [&String; 3], lei: Option<Lei>) -> Result<LinkedEntity, Wrong> {
    let optional = |text: &String| (!text.is_empty()).then(|| text.clone());
    let number = optional(number).map(|text| RegisterNumber::read(&text).ok_or(("number", Reason::Unrecognised, text)));
    Ok(LinkedEntity {
        vasp: None,
        legal_name: name.clone(),
        lei,
        country: optional(country).map(|text| read_country("country", &text)).transpose()?,
        number: number.transpose()?,
    })
}

/// Returns the parts of a cell that holds several.
fn parts(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('|').map(str::trim).filter(|part| !part.is_empty())
}

fn read_country(column: &'static str, text: &str) -> Result<Country, Wrong> {
    text.parse().map_err(|_| (column, Reason::CountryUnknown, text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::aliases;
    use super::*;
    use proptest::prelude::*;

    const SEED: &[u8] = include_bytes!("../../seed/brands/links.csv");

    fn read(bytes: &[u8]) -> (BrandLinks, RowReport) {
        parse(bytes, "links.csv", &aliases::embedded().unwrap()).unwrap()
    }

    /// Source: `seed/README.md`: 345 links of registers, and those of documents, third parties and general knowledge.
    #[test]
    fn the_seed_has_no_wrong_row_and_says_what_each_link_rests_on() {
        let (links, rows) = read(SEED);
        let of = |kind| links.links.iter().filter(|link| link.evidence.kind == kind).count();

        assert!(rows.rejected.is_empty() && rows.repeated == 0, "{rows:?}");
        assert_eq!(of(LinkEvidenceKind::Register), 345);
        assert_eq!((of(LinkEvidenceKind::TermsOfUse), of(LinkEvidenceKind::PublicFiling)), (56, 8));
        assert_eq!((of(LinkEvidenceKind::SanctionsList), of(LinkEvidenceKind::AuthorityWarning)), (3, 2));
        assert_eq!(of(LinkEvidenceKind::SecondaryCompilation), 0, "no licence allows to ship them");
        let united_states: Country = "US".parse().unwrap();
        let binance: Vec<&BrandLink> = links.links.iter().filter(|link| link.keys == ["binance"]).collect();
        assert!(
            binance
                .iter()
                .any(|link| link.entity.legal_name == "Nest Exchange Limited" && !link.serves.may_include(united_states))
        );
        assert!(binance.iter().any(|link| link.role == LinkRole::FormerOperator && link.until == "2026-01-05".parse().ok()));
    }

    #[test]
    fn wrong_rows_are_named_by_column_and_keys_are_resolved() {
        let heading = COLUMNS.join(",");
        let good =
            "Kraken,kraken|mt-gox,Payward Ltd.,,GB,GB|IE,licensed_entity,2021-11-23,,register,FCA,,2026-11-21,GB-FCA 900001,";
        let wrong = [
            (good.replace("Kraken,", ","), "brand"),
            (good.replace("Payward Ltd.,,", "Payward Ltd.,529900,"), "lei"),
            (good.replace(",GB,GB|IE", ",Britain,GB"), "country"),
            (good.replace("GB|IE", "GB|EEA"), "countries"),
            (good.replace("licensed_entity", "owner"), "role"),
            (good.replace("2021-11-23", "23.11.2021"), "since"),
            (good.replace("register", "hearsay"), "evidence_kind"),
            (good.replace("FCA,,", "FCA,abc,"), "sha256"),
            (good.replace("2026-11-21", ""), "seen_on"),
            (good.replace("GB-FCA 900001", "900001"), "number"),
            (good.replace("GB|IE", "*").replace("900001,", "900001,US|EEA"), "except"),
            (good.replace("900001,", "900001,US"), "except"),
            (good.replace("GB|IE", "").replace("900001,", "900001,US"), "except"),
        ];
        let rows: Vec<&str> = wrong.iter().map(|(row, _)| row.as_str()).chain([good, good]).collect();
        let (links, report) = read(format!("{heading}\n{}\n", rows.join("\n")).as_bytes());

        let named: Vec<&str> = report.rejected.iter().map(|row| row.column.as_deref().unwrap()).collect();
        assert_eq!(named, wrong.iter().map(|(_, column)| *column).collect::<Vec<_>>());
        assert_eq!((links.links.len(), report.repeated), (1, 1));
        assert_eq!(links.as_of, "2026-11-21".parse().unwrap());
    }

    /// Binance's terms are for all countries but those of a list: the column `countries` alone cannot say it.
    #[test]
    fn terms_for_all_countries_may_except_some() {
        let row = |countries: &str, except: &str| {
            format!("Brand,brand,Brand Ltd,,SC,{countries},operator,,,terms_of_use,https://brand.example,,2026-11-21,,{except}\n")
        };
        let serves = |countries: &str, except: &str| {
            let (links, rows) = read(format!("{}\n{}", COLUMNS.join(","), row(countries, except)).as_bytes());
            assert!(rows.rejected.is_empty(), "{rows:?}");
            links.links[0].serves.clone()
        };
        let codes = |all: &[&str]| all.iter().map(|code| code.parse().unwrap()).collect::<Vec<Country>>();
        let (thirteen, _) = COLUMNS.split_at(13);
        let short = format!("{}\nBrand,brand,Brand Ltd,,SC,*,operator,,,terms_of_use,source,,2026-11-21\n", thirteen.join(","));

        assert_eq!(serves("*", "US| CA|US"), Served::EverywhereBut(codes(&["CA", "US"])));
        assert_eq!(serves("*", ""), Served::Everywhere);
        assert_eq!(serves("US|CA", ""), Served::Countries(codes(&["CA", "US"])));
        assert_eq!(read(short.as_bytes()).0.links[0].serves, Served::Everywhere, "the last two columns may be left out");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut text = format!("{}\n", COLUMNS.join(",")).into_bytes();
            text.extend(bytes);
            let _ = parse(&text, "l.csv", &aliases::embedded().unwrap());
        }
    }
}
