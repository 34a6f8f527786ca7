//! Reads the published files, complete and damaged, and checks the results of unusual cells.

use super::*;
use crate::{authorities, register_json};
use proptest::prelude::*;
use std::collections::BTreeSet;
use vasp_record::register::RejectedRow;

const PUBLISHED: &[u8] = include_bytes!("../../../tests/fixtures/esma/CASPS_20260426.csv");
const LATER: &[u8] = include_bytes!("../../../tests/fixtures/esma/CASPS_20260510.csv");
const BROKEN: &[u8] = include_bytes!("../../../tests/fixtures/esma/CASPS_20260512.csv");

/// Records of a tracker's file of 29 July 2026 with ESMA's cells; the tracker's ids are left out.
const TRACKED: &[u8] = include_bytes!("../../../tests/fixtures/esma/casps_20260729.json");

fn known() -> Authorities {
    authorities::parse(include_bytes!("../../../seed/authorities.csv"), "authorities.csv").unwrap()
}

fn read(bytes: &[u8], file: &str) -> RegisterSnapshot {
    parse(bytes, file, None, &known()).unwrap()
}

fn entity<'a>(snapshot: &'a RegisterSnapshot, name: &str) -> &'a RegisterEntity {
    snapshot.entities.iter().find(|entity| entity.legal_name == name).unwrap_or_else(|| panic!("{name} is missing"))
}

fn services(entity: &RegisterEntity) -> Vec<String> {
    let service = |s: &RegisterService| format!("{} {}", s.activity, s.valid_from.map_or_else(String::new, |d| d.to_string()));
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
            (37, Some("ac_serviceCode_cou"), Reason::CountryUnknown),
            (38, Some("ae_homeMemberState"), Reason::CountryUnknown),
            (39, Some("ae_address"), Reason::NotUtf8),
            (41, Some("ac_serviceCode"), Reason::ServiceUnknown),
            (44, None, Reason::ColumnCount),
            (50, Some("ae_lei_name"), Reason::Missing),
        ]
    );
    let held: Vec<_> = broken.held.iter().map(|row| (row.line, row.authority.as_str(), row.state.unwrap().to_string())).collect();
    assert_eq!(
        held,
        [(36, "Finanzmarktaufsicht (FMA)", "DE".to_owned()), (46, "Dutch Authority for the Markets", "NL".to_owned())]
    );
    assert_eq!((broken.rows.read, broken.rows.repeated, broken.entities.len()), (48, 1, 37));
}

#[test]
fn an_authorisation_that_ends_before_it_begins_is_rejected() {
    let text = String::from_utf8(LATER.to_vec()).unwrap().replacen("02/07/2025,30/04/2026", "30/04/2026,02/07/2025", 1);
    let snapshot = read(text.as_bytes(), "CASPS_20260510.csv");

    let [rejected] = snapshot.rows.rejected.as_slice() else { panic!("{:?}", snapshot.rows.rejected) };
    assert_eq!((rejected.column.as_deref(), rejected.reason), (Some("ac_authorisationEndDate"), Reason::DateInvalid));
    assert_eq!(rejected.text, "02/07/2025 is before 30/04/2026");
    assert!(snapshot.entities.iter().all(|entity| entity.legal_name != "Coinmotion Oy"));
}

/// Most rows have no end. With both columns exchanged every licence would have ended, so such a file must not be taken without a word.
///
/// Source: docs/registers.md, "Registers of authorities".
#[test]
fn a_file_whose_beginnings_and_ends_are_exchanged_is_refused() {
    let (begin, end) = ("ac_authorisationNotificationDate", "ac_authorisationEndDate");
    let table = String::from_utf8(LATER.to_vec()).unwrap().replace(begin, "x").replace(end, begin).replacen('x', end, 1);
    let tracked = String::from_utf8(TRACKED.to_vec()).unwrap();
    let tracked = tracked.replace("authorisation_date", "x_date").replace("withdrawal_date", "authorisation_date");
    let refused = |bytes: &str, file: &str| parse(bytes.as_bytes(), file, None, &known()).unwrap_err().to_string();

    let of_table = refused(&table, "CASPS_20260510.csv");
    assert!(of_table.contains("authorisations end before they begin, or have an end only"), "{of_table}");
    let of_tracker = refused(&tracked.replace("x_date", "withdrawal_date"), "casps.json");
    assert!(of_tracker.contains("authorisations end before they begin, or have an end only"), "{of_tracker}");
}

/// Source: docs/registers.md, "Registers of authorities".
#[test]
fn a_file_with_other_columns_exchanged_is_refused() {
    let table = String::from_utf8(LATER.to_vec()).unwrap();
    for (one, other, why) in [
        ("ac_authorisationEndDate", "ac_lastupdate", "authorisations have an end: are `ac_authorisationEndDate` and"),
        ("ae_address", "ae_website", "websites have no host: are `ae_website` and"),
    ] {
        let exchanged = table.replacen(one, "x", 1).replacen(other, one, 1).replacen('x', other, 1);
        let refused = parse(exchanged.as_bytes(), "CASPS_20260510.csv", None, &known()).unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
    }
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
    let without = |columns: &[&str]| {
        let text = String::from_utf8(PUBLISHED.to_vec()).unwrap();
        columns.iter().fold(text, |text, column| text.replacen(column, "x,", 1)).into_bytes()
    };

    assert!(error("casps.csv", PUBLISHED).contains("--observed-on"));
    assert_eq!(parse(PUBLISHED, "casps.csv", day, &known()).unwrap().observed_on, day.unwrap());
    assert_eq!(
        error("CASP20260101.csv", &without(&["ae_lei,"])),
        "CASP20260101.csv has no column `ae_lei`: the file does not have this format"
    );
    assert_eq!(
        error("CASP20260101.csv", &without(&["ae_lei,", "ac_lastupdate"])),
        "CASP20260101.csv has no columns `ae_lei`, `ac_lastupdate`: the file does not have this format"
    );
}

#[test]
fn the_date_is_read_from_published_file_names_only() {
    let said = |name: &str| date_in_name(name).map(|date| date.to_string());

    assert_eq!(said("CASP20251208.csv").as_deref(), Some("2025-12-08"));
    assert_eq!(said("20240101/CASPS_20260224.csv").as_deref(), Some("2026-02-24"));
    for name in ["jp-fsa-2026-05-31.csv", "2026-05-31.csv", "jp-2026-05-31@4f0c2a914f0c", "x_2026-05-31-0800-20.csv"] {
        assert_eq!(said(name).as_deref(), Some("2026-05-31"), "{name}");
    }
    assert_eq!(said("20240505-0000-gleif-goldencopy-lei2.csv").as_deref(), Some("2024-05-05"));
    for name in [
        "CASPS.csv",
        "CASP20251308.csv",
        "CASP202512081.csv",
        "20260101_20260102.csv",
        "2026-13-31.csv",
        "2026-05.csv",
        "2026-5-31.csv",
        "12026-05-31.csv",
        "2026_05_31.csv",
        "2026-05-31_20260601.csv",
        "2026-05-31-2026-06-01.csv",
    ] {
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
fn a_trackers_json_is_the_register_of_the_day_it_was_made() {
    let snapshot = read(TRACKED, "casps.json");
    let shown = |name: &str| entity(&snapshot, name);
    let authority = |name: &str| shown(name).licences[0].authority.as_str();

    assert_eq!((snapshot.observed_on.to_string().as_str(), snapshot.register.as_str()), ("2026-07-29", REGISTER));
    // Eleven records, one of them with two services.
    assert_eq!((snapshot.entities.len(), snapshot.rows.read, snapshot.rows.rejected.len(), snapshot.held.len()), (11, 12, 0, 0));
    assert_eq!(shown("Bitpanda GmbH").registered_address.as_deref(), Some("Stella-Klein-Löw-Weg 17, 1020 Vienna, Austria"));
    assert_eq!(shown("Bitpanda GmbH").licences[0].territories.len(), 30);
    assert_eq!(shown("DekaBank Deutsche Girozentrale").lines, [3, 3]);
    let days = ["custody", "exchange_for_funds", "order_execution", "transfer"].map(|code| format!("{code} 2025-12-01"));
    assert_eq!(services(shown("DekaBank Deutsche Girozentrale")), days);
    assert_eq!(shown("Decubate B.V.").licences[0].valid_to.unwrap().to_string(), "2026-03-26");
    assert_eq!(shown("KBC Bank NV").licences[0].valid_from, None);
    assert_eq!(shown("EU Internet Ventures B.V.").lei, None);
    assert_eq!(shown("Ramp Swaps (Ireland) Limited").lei.unwrap().as_str(), "89450036UW3ID72T1M84");
    let homes = ["AK JENSEN NORWAY AS", "Bison Bank, S.A.", "Myntkaup ehf.", "Hrvatska poštanska banka d.d."];
    assert_eq!(homes.map(authority), ["NO-FINANSTILSYNET", "PT-BDP", "IS-CBI", "HR-HNB"]);
}

#[test]
fn a_trackers_other_registers_and_a_later_day_are_refused_and_an_unknown_authority_is_held() {
    let text = String::from_utf8(TRACKED.to_vec()).unwrap();
    let refused = |text: &str, day| parse(text.as_bytes(), "c.json", day, &known()).unwrap_err().to_string();

    assert!(refused(&text.replace("\"casps\"", "\"emt\""), None).contains("it has the register `emt`"));
    assert!(refused(&text, "2026-07-30".parse().ok()).contains("has the day 2026-07-29, which is before 2026-07-30"));
    let other = read(text.replace("Banco de Portugal", "Banco de Atlantis").as_bytes(), "c.json");
    assert_eq!((other.entities.len(), other.held[0].line, other.held[0].authority.as_str()), (10, 9, "Banco de Atlantis"));
    assert!(other.rows.unread.leis.contains(&"549300V4H4USWZUCE073".parse().unwrap()));
}

/// The figures were counted in the tracker's file by another program.
#[test]
fn the_seed_holds_every_firm_of_the_register_of_august_2026() {
    let bytes = include_bytes!("../../../seed/registers/esma-casps-2026-08-22.json");
    let seed = register_json::parse(bytes, "seed.json", &known()).unwrap();
    let by = |authority: &str| seed.entities.iter().filter(|one| one.authority == authority).count();

    assert_eq!((seed.register.as_str(), seed.observed_on.to_string().as_str()), (REGISTER, "2026-08-22"));
    assert_eq!(seed.entities.len(), 330);
    // Each service is a row. The publisher names the Dutch authority beside the home states CY and LT, so a person has to look.
    let held: BTreeSet<(&str, String)> = seed
        .held
        .iter()
        .map(|row| (row.authority.as_str(), row.state.map(|state| state.to_string()).unwrap_or_default()))
        .collect();
    let afm = "Netherlands Authority for the Financial Markets (AFM)";
    assert_eq!((seed.held.len(), held), (11, BTreeSet::from([(afm, "CY".to_owned()), (afm, "LT".to_owned())])));
    assert_eq!([by("DE-BAFIN"), by("FR-AMF"), by("NO-FINANSTILSYNET"), by("IS-CBI"), by("HR-HNB")], [76, 34, 6, 1, 1]);
    assert_eq!(seed.entities.iter().filter(|one| one.licences[0].valid_to.is_some()).count(), 2);
    assert_eq!(seed.entities.iter().filter(|one| one.lei.is_none()).count(), 6);
    assert!(!std::str::from_utf8(bytes).unwrap().contains('\u{fffd}'));
}

#[test]
fn a_day_that_is_given_makes_no_file_look_younger_than_its_name_says() {
    let day = |file: &str, given: Option<&str>| {
        day_of_file(file, given.map(|text| text.parse().unwrap())).map(|day| day.to_string()).map_err(|error| error.to_string())
    };

    assert_eq!(day("CASPS_20260426.csv", None), Ok("2026-04-26".to_owned()));
    assert_eq!(day("CASPS_20260426.csv", Some("2026-04-25")), Ok("2026-04-25".to_owned()));
    assert_eq!(day("CASPS.csv", Some("2026-11-01")), Ok("2026-11-01".to_owned()));
    assert!(day("CASPS_20260426.csv", Some("2026-11-01")).unwrap_err().contains("the file's name has the day 2026-04-26"));
    assert!(day("CASPS.csv", None).is_err());
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), at in 0usize..24_000) {
        let mut text = PUBLISHED.to_vec();
        text.splice(at..at, bytes);
        let _ = parse(&text, "CASPS_20260426.csv", None, &known());
    }

    #[test]
    fn any_damage_to_a_trackers_file_is_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..8), at in 0usize..12_000) {
        let mut text = TRACKED.to_vec();
        text.splice(at..at, bytes);
        let _ = parse(&text, "casps.json", None, &known());
    }

    #[test]
    fn any_file_name_is_read_without_panic(name in "\\PC*") {
        let _ = date_in_name(&name);
    }
}
