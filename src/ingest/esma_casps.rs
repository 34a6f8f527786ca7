//! ESMA's interim MiCA register of crypto-asset service providers, CSV as published. Several rows of one entity become one
//! entity with one licence an authority; each service keeps the dates of its own row. The caller is `service::import`.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::IngestError;
use super::esma_cells::{date, hosts, lei, services, states, tidy};
use super::table::Table;
use crate::domain::authority::Authorities;
use crate::domain::country::Country;
use crate::domain::lei::Lei;
use crate::domain::licence::Activity;
use crate::domain::name::NameKey;
use crate::domain::register::{
    Flag, FlaggedRow, Reason, RegisterEntity, RegisterLicence, RegisterService, RegisterSnapshot, RowReport, cut,
};
use crate::domain::time::Date;

/// Name of the format and of the register.
pub const REGISTER: &str = "esma-casps";

/// Legal regime of every licence in this register.
///
/// Source: Regulation (EU) 2023/1114 (MiCA) Art. 109.
pub const REGIME: &str = "MiCA";

/// Columns that are read; the register also has `ae_website_platform` and `ac_comments`.
const COLUMNS: [&str; 13] = [
    "ae_competentAuthority",
    "ae_homeMemberState",
    "ae_lei_name",
    "ae_lei",
    "ae_lei_cou_code",
    "ae_commercial_name",
    "ae_address",
    "ae_website",
    "ac_authorisationNotificationDate",
    "ac_authorisationEndDate",
    "ac_serviceCode",
    "ac_serviceCode_cou",
    "ac_lastupdate",
];

/// Reads one published file. `observed_on` is the day on which the register said this; by default the date in the file name.
///
/// # Errors
/// `NoDate`, and those of a file that is no such table; a wrong row is no error.
pub fn parse(
    bytes: &[u8],
    file: &str,
    observed_on: Option<Date>,
    authorities: &Authorities,
) -> Result<RegisterSnapshot, IngestError> {
    let observed_on = observed_on.or_else(|| date_in_name(file)).ok_or_else(|| IngestError::NoDate { file: file.to_owned() })?;
    let mut table = Table::open(bytes, file, COLUMNS)?;
    let mut rows = RowReport::default();
    let (mut seen, mut taken) = (BTreeSet::new(), Vec::new());
    while let Some(row) = table.next_row()? {
        rows.read += 1;
        let row = match row {
            Ok(row) => row,
            Err(rejected) => {
                rows.rejected.push(rejected);
                rows.unread.extend(table.leis());
                continue;
            }
        };
        let cells = row.cells.each_ref().map(|cell| tidy(cell));
        if seen.contains(&cells) {
            rows.repeated += 1;
            continue;
        }
        match read_cells(&cells, row.line, authorities) {
            Ok(entity) => {
                seen.insert(cells);
                taken.push(entity);
            }
            Err((column, reason, text)) => {
                rows.rejected.push(table.rejected(row.line, Some(column), reason, &text));
                rows.unread.extend(table.leis());
            }
        }
    }
    let entities = join(taken, &mut rows, file);
    Ok(RegisterSnapshot { register: REGISTER.to_owned(), observed_on, source: file.to_owned(), entities, rows })
}

/// Returns the date in a file name: the only run of exactly eight digits that is a date, such as `CASPS_20260426.csv`.
#[must_use]
pub fn date_in_name(file: &str) -> Option<Date> {
    let name = file.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut dates = name.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() == 8).filter_map(|run| {
        let number = run.parse::<i32>().ok()?;
        Date::new(i16::try_from(number / 10_000).ok()?, i8::try_from(number / 100 % 100).ok()?, i8::try_from(number % 100).ok()?)
    });
    dates.next().filter(|_| dates.next().is_none())
}

type Cells = [String; COLUMNS.len()];

/// One row read: the entity it shows, with one licence, and what was odd about it.
struct Taken {
    line: u64,
    entity: RegisterEntity,
    notes: Vec<(Flag, String)>,
}

/// What the dates, services and states of one row say.
struct Terms {
    valid_from: Option<Date>,
    valid_to: Option<Date>,
    last_update: Option<Date>,
    activities: BTreeSet<Activity>,
    hosts: BTreeSet<Country>,
}

type Wrong = (&'static str, Reason, String);

/// Reads the cells of one row, tidied, in the order of `COLUMNS`.
fn read_cells(cells: &Cells, line: u64, authorities: &Authorities) -> Result<Taken, Wrong> {
    let [authority, home, name, lei_text, country, commercial, address, website, from, to, service, host_states, updated] = cells;
    let home = state("ae_homeMemberState", home)?;
    let authority = authorities.find(authority, home).ok_or_else(|| {
        let place = home.map_or_else(|| "no state".to_owned(), |home| home.to_string());
        ("ae_competentAuthority", Reason::AuthorityUnknown, format!("{authority} ({place})"))
    })?;
    let name_key = NameKey::of(name).ok_or_else(|| ("ae_lei_name", Reason::Missing, name.clone()))?;
    let country = state("ae_lei_cou_code", country)?;
    let mut notes = Vec::new();
    let terms = read_terms([from, to, updated, service, host_states], &mut notes)?;
    let (lei, lei_flag) = lei(lei_text);
    let (domains, website_flag) = hosts(website);
    notes.extend(lei_flag.map(|flag| (flag, lei_text.clone())));
    notes.extend(website_flag.map(|flag| (flag, website.clone())));
    notes.extend(home.is_none().then(|| (Flag::HomeStateMissing, String::new())));
    notes.extend(country.is_none().then(|| (Flag::CountryMissing, String::new())));
    notes.extend(
        [name, commercial, address].into_iter().filter(|t| t.contains('\u{fffd}')).map(|t| (Flag::CharacterLost, t.clone())),
    );

    let home = home.unwrap_or(authority.country);
    let some = |text: &String| (!text.is_empty()).then(|| text.clone());
    let entity = RegisterEntity {
        lei,
        authority: authority.id.clone(),
        name_key,
        flags: notes.iter().map(|(flag, _)| *flag).collect(),
        legal_name: name.clone(),
        commercial_names: commercial.split('|').map(tidy).filter(|other| !other.is_empty() && other != name).collect(),
        country: country.or(Some(home)),
        registered_address: some(address),
        website: some(website).filter(|_| !domains.is_empty()),
        domains: domains.iter().map(ToString::to_string).collect(),
        licences: vec![licence(&authority.id, home, terms)],
        lines: vec![line],
    };
    Ok(Taken { line, entity, notes })
}

fn state(column: &'static str, text: &str) -> Result<Option<Country>, Wrong> {
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(|_| (column, Reason::CountryUnknown, text.to_owned())) }
}

fn read_terms([from, to, updated, service, host_states]: [&String; 5], notes: &mut Vec<(Flag, String)>) -> Result<Terms, Wrong> {
    let day = |column, text: &String| date(text).map_err(|()| (column, Reason::DateInvalid, text.clone()));
    let valid_from = day("ac_authorisationNotificationDate", from)?;
    let valid_to = day("ac_authorisationEndDate", to)?;
    let last_update = day("ac_lastupdate", updated)?;
    let (activities, flags) = services(service).map_err(|text| ("ac_serviceCode", Reason::ServiceUnknown, text))?;
    let hosts = states(host_states).map_err(|error| ("ac_serviceCode_cou", Reason::CountryUnknown, error.0))?;
    notes.extend(flags.into_iter().map(|flag| (flag, service.clone())));
    let missing = [
        (valid_from.is_none(), Flag::DateMissing),
        (activities.is_empty(), Flag::ServicesMissing),
        (hosts.is_empty(), Flag::HostStatesMissing),
    ];
    notes.extend(missing.into_iter().filter(|(odd, _)| *odd).map(|(_, flag)| (flag, String::new())));
    Ok(Terms { valid_from, valid_to, last_update, activities, hosts })
}

fn licence(authority: &str, home: Country, terms: Terms) -> RegisterLicence {
    let Terms { valid_from, valid_to, last_update, activities, mut hosts } = terms;
    hosts.insert(home);
    RegisterLicence {
        authority: authority.to_owned(),
        regime: REGIME.to_owned(),
        number: None,
        services: activities.into_iter().map(|activity| RegisterService { activity, valid_from, valid_to }).collect(),
        territories: hosts,
        valid_from,
        valid_to,
        last_update,
    }
}

/// How rows of one entity are known to be of one: by LEI, else by authority and name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Lei(Lei),
    Name(String, NameKey),
}

/// Joins the rows of each entity. A row without a usable LEI joins the entity whose LEI another row of the same authority
/// and name gives, if there is exactly one.
fn join(taken: Vec<Taken>, rows: &mut RowReport, file: &str) -> Vec<RegisterEntity> {
    let mut named: BTreeMap<(String, NameKey), BTreeSet<Lei>> = BTreeMap::new();
    for entity in taken.iter().map(|row| &row.entity) {
        named.entry((entity.authority.clone(), entity.name_key.clone())).or_default().extend(entity.lei);
    }
    let mut entities: BTreeMap<Key, RegisterEntity> = BTreeMap::new();
    for Taken { line, entity, mut notes } in taken {
        let name = (entity.authority.clone(), entity.name_key.clone());
        let only = named.get(&name).filter(|leis| leis.len() == 1).and_then(|leis| leis.first().copied());
        let key = entity.lei.or(only).map_or(Key::Name(name.0, name.1), Key::Lei);
        match entities.entry(key) {
            Entry::Vacant(vacant) => {
                vacant.insert(entity);
            }
            Entry::Occupied(mut known) => {
                notes.extend(merge(known.get_mut(), entity).map(|text| (Flag::RowsDisagree, text)));
            }
        }
        let flagged = |(flag, text): (Flag, String)| FlaggedRow { file: file.to_owned(), line, flag, text: cut(&text) };
        rows.flagged.extend(notes.into_iter().map(flagged));
    }
    entities.into_values().collect()
}

/// Adds a later row of the same entity; returns what it says otherwise than the first.
fn merge(known: &mut RegisterEntity, other: RegisterEntity) -> Option<String> {
    let differs = [
        (known.legal_name != other.legal_name, &other.legal_name),
        (known.registered_address != other.registered_address, other.registered_address.as_ref().unwrap_or(&other.legal_name)),
    ];
    let disagrees = differs.into_iter().find(|(differ, _)| *differ).map(|(_, text)| text.clone());
    known.flags.extend(other.flags.into_iter().chain(disagrees.as_ref().map(|_| Flag::RowsDisagree)));
    known.lei = known.lei.or(other.lei);
    known.country = known.country.or(other.country);
    known.website = known.website.take().or(other.website);
    known.domains.extend(other.domains);
    known.lines.extend(other.lines);
    for name in other.commercial_names {
        if !known.commercial_names.contains(&name) {
            known.commercial_names.push(name);
        }
    }
    for licence in other.licences {
        match known.licences.iter_mut().find(|known| known.authority == licence.authority) {
            Some(known) => merge_licence(known, licence),
            None => known.licences.push(licence),
        }
    }
    disagrees
}

fn merge_licence(known: &mut RegisterLicence, other: RegisterLicence) {
    known.services.extend(other.services);
    known.territories.extend(other.territories);
    known.valid_from = [known.valid_from, other.valid_from].into_iter().flatten().min();
    known.valid_to = known.valid_to.zip(other.valid_to).map(|(a, b)| a.max(b));
    known.last_update = known.last_update.max(other.last_update);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::register::RejectedRow;
    use crate::ingest::{authorities, register_json};
    use proptest::prelude::*;

    const PUBLISHED: &[u8] = include_bytes!("../../tests/fixtures/esma/CASPS_20260426.csv");
    const LATER: &[u8] = include_bytes!("../../tests/fixtures/esma/CASPS_20260510.csv");
    const BROKEN: &[u8] = include_bytes!("../../tests/fixtures/esma/CASPS_20260512.csv");

    fn known() -> Authorities {
        authorities::parse(include_bytes!("../../seed/authorities.csv"), "authorities.csv").unwrap()
    }

    fn read(bytes: &[u8], file: &str) -> RegisterSnapshot {
        parse(bytes, file, None, &known()).unwrap()
    }

    fn entity<'a>(snapshot: &'a RegisterSnapshot, name: &str) -> &'a RegisterEntity {
        snapshot.entities.iter().find(|entity| entity.legal_name == name).unwrap_or_else(|| panic!("{name} is missing"))
    }

    fn services(entity: &RegisterEntity) -> Vec<String> {
        let service =
            |s: &RegisterService| format!("{} {}", s.activity, s.valid_from.map_or_else(String::new, |d| d.to_string()));
        entity.licences.iter().flat_map(|licence| &licence.services).map(service).collect()
    }

    #[test]
    fn every_row_is_counted_once() {
        let snapshot = read(PUBLISHED, "CASPS_20260426.csv");

        assert_eq!(snapshot.observed_on.to_string(), "2026-04-26");
        assert_eq!((snapshot.rows.read, snapshot.rows.repeated, snapshot.entities.len()), (48, 1, 46));
        assert_eq!(snapshot.rows.rejected, []);
    }

    #[test]
    fn each_service_has_the_date_of_its_own_row() {
        let snapshot = read(PUBLISHED, "CASPS_20260426.csv");
        let euwax = entity(&snapshot, "EUWAX AG");

        assert_eq!(
            services(euwax),
            [
                "exchange_for_funds 2025-04-01",
                "exchange_for_crypto 2025-04-01",
                "order_execution 2025-04-01",
                "order_execution 2025-11-21"
            ]
        );
        assert_eq!((euwax.licences.len(), euwax.lines.len()), (1, 2));
        assert_eq!(euwax.licences[0].valid_from.unwrap().to_string(), "2025-04-01");
        assert_eq!(euwax.licences[0].last_update.unwrap().to_string(), "2025-11-21");
    }

    #[test]
    fn an_unusable_lei_leaves_authority_and_name() {
        let snapshot = read(PUBLISHED, "CASPS_20260426.csv");
        let without = entity(&snapshot, "OPEN BANK S.A.");
        let trimmed = entity(&snapshot, "Ramp Swaps (Ireland) Limited");

        assert_eq!((without.lei, without.authority.as_str(), without.name_key.as_str()), (None, "ES-CNMV", "open bank s a"));
        assert!(without.flags.contains(&Flag::LeiMalformed));
        assert_eq!(trimmed.lei.unwrap().as_str(), "89450036UW3ID72T1M84");
        assert!(trimmed.flags.contains(&Flag::LeiTrimmed));
    }

    #[test]
    fn cells_are_read_with_their_quirks() {
        let snapshot = read(PUBLISHED, "CASPS_20260426.csv");
        let domains = |name: &str| entity(&snapshot, name).domains.iter().cloned().collect::<Vec<_>>().join(" ");
        let territories = |name: &str| entity(&snapshot, name).licences[0].territories.len();

        assert_eq!(domains("Coinbase Luxembourg S.A."), "coinbase.com");
        assert_eq!(domains("Paysafe Payment Solutions Limited."), "neteller.com skrill.com");
        assert_eq!(entity(&snapshot, "RELAI EU SASU").website, None);
        assert_eq!(entity(&snapshot, "WEB3 Technology B.V.").commercial_names, ["Ari10", "Ari10 NL"]);
        assert_eq!(territories("Validvent Technology GmbH"), 16);
        assert_eq!(territories("Bittimaatti Oy"), 1);
        assert_eq!(entity(&snapshot, "Bittimaatti Oy").country.unwrap().as_str(), "FI");
        assert_eq!(entity(&snapshot, "KBC Bank NV").licences[0].valid_from, None);
        assert!(entity(&snapshot, "Payward Europe Solutions Limited").flags.contains(&Flag::CharacterLost));
    }

    #[test]
    fn a_later_snapshot_shows_what_changed() {
        let later = read(LATER, "CASPS_20260510.csv");
        let ended = &entity(&later, "Coinmotion Oy").licences[0];

        assert_eq!((later.rows.read, later.rows.repeated, later.rows.rejected.len(), later.entities.len()), (48, 1, 0, 46));
        assert!(later.entities.iter().all(|entity| entity.legal_name != "COINMATE a.s."));
        assert_eq!(ended.valid_to.unwrap().to_string(), "2026-04-30");
        assert!(ended.services.iter().all(|service| service.valid_to == ended.valid_to));
        assert_eq!(entity(&later, "OPEN BANK S.A.").lei.unwrap().as_str(), "5493000LM0MZ4JPMGM90");
        assert_eq!(entity(&later, "Banking Circle Europe S.A.").lei.unwrap().as_str(), "213800W1NGBLERUS6M39");
    }

    #[test]
    fn broken_rows_are_rejected_by_line_column_and_reason() {
        let broken = read(BROKEN, "CASPS_20260512.csv");
        let said: Vec<_> =
            broken.rows.rejected.iter().map(|row: &RejectedRow| (row.line, row.column.as_deref(), row.reason)).collect();

        assert_eq!(
            said,
            [
                (6, Some("ac_authorisationNotificationDate"), Reason::DateInvalid),
                (36, Some("ae_competentAuthority"), Reason::AuthorityUnknown),
                (37, Some("ac_serviceCode_cou"), Reason::CountryUnknown),
                (38, Some("ae_homeMemberState"), Reason::CountryUnknown),
                (39, Some("ae_address"), Reason::NotUtf8),
                (41, Some("ac_serviceCode"), Reason::ServiceUnknown),
                (44, None, Reason::ColumnCount),
                (46, Some("ae_competentAuthority"), Reason::AuthorityUnknown),
                (50, Some("ae_lei_name"), Reason::Missing),
            ]
        );
        assert_eq!(broken.rows.rejected[7].text, "Dutch Authority for the Markets (NL)");
        assert_eq!((broken.rows.read, broken.rows.repeated, broken.entities.len()), (48, 1, 37));
    }

    #[test]
    fn rows_of_one_name_join_where_only_one_of_them_has_an_lei() {
        let text = String::from_utf8(PUBLISHED.to_vec()).unwrap().replacen("529900032TYR45XIEW79", "5299", 1);
        let snapshot = read(text.as_bytes(), "CASPS_20260426.csv");
        let euwax = entity(&snapshot, "EUWAX AG");

        assert_eq!(snapshot.entities.len(), 46);
        assert_eq!((euwax.lei.unwrap().as_str(), euwax.lines.len()), ("529900032TYR45XIEW79", 2));
    }

    #[test]
    fn an_empty_home_state_comes_from_the_authority() {
        let text = String::from_utf8(PUBLISHED.to_vec()).unwrap().replacen("(BaFin),DE,N26", "(BaFin),,N26", 1);
        let snapshot = read(text.as_bytes(), "CASPS_20260426.csv");
        let bank = entity(&snapshot, "N26 Bank SE");

        assert!(bank.flags.contains(&Flag::HomeStateMissing));
        assert_eq!(bank.authority, "DE-BAFIN");
        assert_eq!(bank.country.unwrap().as_str(), "DE");
    }

    #[test]
    fn a_file_without_date_or_column_is_refused() {
        let day = "2026-01-01".parse().ok();
        let error = |file: &str, bytes: &[u8]| parse(bytes, file, None, &known()).unwrap_err().to_string();

        assert!(error("casps.csv", PUBLISHED).contains("--observed-on"));
        assert_eq!(parse(PUBLISHED, "casps.csv", day, &known()).unwrap().observed_on, day.unwrap());
        assert_eq!(
            error("CASP20260101.csv", b"a,b\n"),
            "CASP20260101.csv has no column `ae_competentAuthority`: it is not a file of this format"
        );
    }

    #[test]
    fn the_date_is_read_from_published_file_names_only() {
        let said = |name: &str| date_in_name(name).map(|date| date.to_string());

        assert_eq!(said("CASP20251208.csv").as_deref(), Some("2025-12-08"));
        assert_eq!(said("20240101/CASPS_20260224.csv").as_deref(), Some("2026-02-24"));
        for name in ["CASPS.csv", "CASP20251308.csv", "CASP202512081.csv", "20260101_20260102.csv"] {
            assert_eq!(said(name), None, "{name}");
        }
    }

    #[test]
    fn a_snapshot_round_trips_through_the_seed_form() {
        let snapshot = read(PUBLISHED, "CASPS_20260426.csv");
        let again = register_json::parse(register_json::write(&snapshot).unwrap().as_bytes(), "x.json", &known()).unwrap();

        assert_eq!(again.entities, snapshot.entities);
        assert_eq!((again.observed_on, again.rows.read), (snapshot.observed_on, 46));
    }

    #[test]
    fn the_seed_is_a_snapshot() {
        let bytes = include_bytes!("../../seed/registers/esma-casps-2026-04-26.json");
        let seed = register_json::parse(bytes, "seed.json", &known()).unwrap();

        // 191 published rows: one repeated, two of EUWAX AG.
        assert_eq!((seed.register.as_str(), seed.entities.len()), (REGISTER, 189));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), at in 0usize..24_000) {
            let mut text = PUBLISHED.to_vec();
            text.splice(at..at, bytes);
            let _ = parse(&text, "CASPS_20260426.csv", None, &known());
        }

        #[test]
        fn any_file_name_is_read_without_panic(name in "\\PC*") {
            let _ = date_in_name(&name);
        }
    }
}
