//! Screening lists as the UN, the United Kingdom, the EU and Switzerland publish them: recognised by their own marks, whole by them,
//! and never replaced by a file that lost entries. What is in the files says `tests/fixtures/README.md`.

use super::*;
use crate::prechecks::world::{ALSTER, World, lei};
use crate::support::Person;
use vasp_record::role::{OrganisationKind, Role};
use vasp_registry::imports::ImportFormat;

const UN: &str = include_str!("../../fixtures/un/consolidated_20260227.xml");
const EU: &str = include_str!("../../fixtures/eu_consolidated/fsf_1_1.xml");
const SECO: &str = include_str!("../../fixtures/seco/whole_list_20260827.xml");

/// Every list that is held: id, day, whether it is whole, and how many are on it.
fn held(home: &Home) -> Vec<String> {
    let generation = home.at(home.sequence(), "2026-11-20");
    let lists = generation.documents().screen.as_ref().unwrap().value.lists().iter();
    lists.map(|list| format!("{} {} {} {}", list.id, list.as_of, list.coverage, list.entries.len())).collect()
}

#[on_every_database(Home::new)]
fn published_lists_are_known_by_their_own_marks_and_are_whole_of_their_own_day(home: Home) {
    let files = [
        ("un-consolidated", "un/consolidated_20260227.xml", 3),
        ("uk-sanctions", "uk/uk_sanctions_list_20260213.csv", 6),
        // An older version stands in for none.
        ("uk-sanctions", "uk/conlist_20180413.csv", 5),
        ("eu-consolidated", "eu_consolidated/fsf_1_0.csv", 5),
        ("eu-consolidated", "eu_consolidated/fsf_1_1.csv", 12),
        ("seco", "seco/whole_list_20260827.xml", 5),
    ];
    for (format, file, rows) in files {
        let bytes = std::fs::read(fixture(file)).unwrap();
        // No name says what it is or when it was published.
        let report = home.report(format, &home.file("list", bytes), &[], 0);
        assert_eq!((&report["format"], &report["read"], &report["taken"]), (&json!(format), &json!(rows), &json!(rows)));
        assert!(report.get("partial").is_none(), "{report}");
    }

    assert_eq!(
        held(&home),
        [
            "CH-SANCTIONS 2026-08-27 complete 4",
            "EU-SANCTIONS 2026-08-21 complete 3",
            "UK-SANCTIONS 2026-02-13 complete 3",
            "UN-SANCTIONS 2026-02-27 complete 3"
        ]
    );
    let same_day = home.report("eu-consolidated", &home.file("list", EU), &[], 0);
    assert_eq!(same_day["observed_on"], json!("2026-08-21"), "the other form of the same list");
}

/// The attack, or the accident: a file that lost entries looks like a list from which they were taken off.
#[on_every_database(Home::new)]
fn a_file_that_is_no_whole_list_replaces_none(home: Home) {
    let firm =
        |n: usize| format!("<ENTITY><FIRST_NAME>Firm {n}</FIRST_NAME><REFERENCE_NUMBER>XXe.1{n}</REFERENCE_NUMBER></ENTITY>");
    let person = |n: usize| {
        format!("<INDIVIDUAL><FIRST_NAME>Ann {n}</FIRST_NAME><REFERENCE_NUMBER>XXi.1{n}</REFERENCE_NUMBER></INDIVIDUAL>")
    };
    let list = |day: &str, firms: usize, persons: usize| {
        let (firms, persons) = ((0..firms).map(firm).collect::<String>(), (0..persons).map(person).collect::<String>());
        let text = UN.replace("2026-02-27T", &format!("{day}T")).replace("</ENTITIES>", &format!("{firms}</ENTITIES>"));
        home.file("un.xml", text.replace("</INDIVIDUALS>", &format!("{persons}</INDIVIDUALS>")))
    };
    home.report("un-consolidated", &list("2026-02-27", 38, 59), &[], 0);
    let refused =
        |format: &str, file: &Path, options: &[&str], why: &str| assert_refused(&home.import(format, file, options), why);

    refused(
        "un-consolidated",
        &list("2026-03-01", 31, 55),
        &[],
        "it has 89 entries, but the newest stored version (UN-SANCTIONS@2026-02-27) has 100",
    );
    refused("un-consolidated", &list("2026-03-01", 35, 62), &[], "it has 37 entities, but the newest stored version");
    refused(
        "un-consolidated",
        &list("2026-03-01", 38, 59),
        &["--observed-on", "2026-03-02"],
        "the file gives its own day, 2026-03-01, and not 2026-03-02",
    );
    refused("un-consolidated", &home.file("un.xml", UN.split_once("</ENTITIES>").unwrap().0), &[], "the file is incomplete");
    refused("un-consolidated", &home.file("un.xml", EU), &[], "its outermost element is `export`");
    refused("seco", &home.file("ch.xml", SECO.replace("whole-list", "amendment")), &[], "the complete list has the type");
    let laughs = UN.replacen("<CONSOLIDATED_LIST", "<!DOCTYPE x [<!ENTITY a 'ha'>]><CONSOLIDATED_LIST", 1);
    refused("un-consolidated", &home.file("un.xml", laughs), &[], "document type definition");
    assert_eq!(home.sequence(), 1);

    home.report("un-consolidated", &list("2026-03-01", 0, 0), &["--accept-shrink"], 0);
    let without_persons = UN.replace("INDIVIDUALS>", "OTHERS>").replace("2026-02-27T", "2026-03-02T");
    // Before, the import of a list that is not whole ended with 0.
    let report = home.report("un-consolidated", &home.file("un.xml", &without_persons), &["--accept-shrink"], 1);
    home.report("un-consolidated", &home.file("un.xml", without_persons), &["--accept-shrink", "--partial"], 0);
    assert_eq!(report["partial"], json!("un.xml; `OTHERS` is ignored; it has no `INDIVIDUAL`"));
    assert_eq!(held(&home), ["UN-SANCTIONS 2026-03-02 partial 2"], "what its marks do not say to be whole is not");
}

/// A first import has no version before it with which it could be compared.
#[on_every_database(Home::new)]
fn a_renamed_element_in_a_first_import_makes_the_list_incomplete(home: Home) {
    let person = |n: usize| {
        let born = "<INDIVIDUAL_DATE_OF_BIRTH><DATE>1970-01-01</DATE></INDIVIDUAL_DATE_OF_BIRTH>";
        format!("<INDIVIDUAL><FIRST_NAME>Ann {n}</FIRST_NAME><REFERENCE_NUMBER>XXi.1{n}</REFERENCE_NUMBER>{born}</INDIVIDUAL>")
    };
    let persons: String = (0..120).map(person).collect();
    let whole = UN.replace("</INDIVIDUALS>", &format!("{persons}</INDIVIDUALS>"));

    for element in ["ENTITY_ALIAS", "ENTITY_ADDRESS", "INDIVIDUAL_DATE_OF_BIRTH"] {
        let renamed = home.file("un.xml", whole.replace(element, "OTHER"));
        let report = home.report("un-consolidated", &renamed, &["--dry-run"], 1);
        assert_eq!(report["partial"], json!(format!("un.xml; no record has `{element}`: was it renamed?")));
    }
    let report = home.report("un-consolidated", &home.file("un.xml", whole), &[], 0);
    assert!(report.get("partial").is_none(), "{report}");
}

#[on_every_database(World::start)]
fn who_is_on_a_published_list_is_a_hit_and_operators_see_how_whole_the_list_is(world: World) {
    let operator = world.registry.organisation(OrganisationKind::Operator, "Operator");
    let reviewer: Person = world.registry.person(operator, &[Role::Reviewer]);
    let listed = UN.replace("<FIRST_NAME>ADF</FIRST_NAME>", "<FIRST_NAME>Alster Krypto AG</FIRST_NAME>");
    // Newer than the list that is held.
    let listed = listed.replace("2026-02-27", "2026-05-29");

    world.import(ImportFormat::UnConsolidated, "un.xml", &listed);

    let items = |path: &str| world.registry.get_as(&reviewer, path).json()["items"].as_array().unwrap().clone();
    let hits = items(&format!("/v1/screening/hits?vasp={}", world.vasp_id(ALSTER)));
    let hit = hits.iter().find(|hit| hit["list"] == "UN-SANCTIONS").unwrap();
    assert_eq!((&hit["uid"], &hit["score"], &hit["programs"]), (&json!("CDe.001"), &json!(100), &json!(["DRC"])));
    let lists = items("/v1/screening/lists");
    let list = lists.iter().find(|list| list["id"] == "UN-SANCTIONS").unwrap();
    assert_eq!((&list["as_of"], &list["coverage"], &list["entries"]), (&json!("2026-05-29"), &json!("complete"), &json!(3)));
    assert!(world.ask(json!({"vasp": lei(ALSTER)}))["checks"].to_string().contains("UN-SANCTIONS"));
}

/// Before, the refusal offered `--accept-shrink`, which would have dropped the addresses in the file that was not given.
#[on_every_database(Home::new)]
fn the_refusal_of_a_list_without_its_other_files_names_these_and_offers_nothing_that_drops_addresses(home: Home) {
    const ADDRESS: &str = "12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h";
    let entry = |n: usize, remarks: &str| {
        let cells = ["-0- "; 7].join(",");
        format!("{n},\"FIRM {n}\",\"entity\",\"SDNTK\",{cells},\"{remarks}\"\n")
    };
    // Source: OFAC, DAT_SPEC.txt: remarks that are too long for SDN.CSV go on in SDN_COMMENTS.CSV.
    let long = "a".repeat(990) + "; Digital Currency";
    let entries = home.file("SDN.CSV", (1..=20).map(|n| entry(n, &long)).collect::<String>());
    let aliases = home.file("ALT.CSV", "1,11,\"aka\",\"OTHER NAME\",-0- \n");
    let rest = (1..=20).map(|n| format!("{n},\" Address - XBT {ADDRESS};\"\n")).collect::<String>();
    let comments = home.file("SDN_COMMENTS.CSV", rest);
    let import = |files: &[&Path], options: &[&str]| {
        let files = files.iter().map(|file| file.to_str().unwrap());
        let arguments: Vec<&str> = ["import", "ofac-sdn"].into_iter().chain(files).chain(options.iter().copied()).collect();
        home.command(&arguments).output().unwrap()
    };
    let whole = import(&[&entries, &aliases, &comments], &["--observed-on", "2026-03-01"]);
    assert_eq!(whole.status.code(), Some(0), "{whole:?}");

    let refused = import(&[&entries], &["--observed-on", "2026-03-02"]);

    assert_refused(&refused, "it is incomplete (ALT.CSV is missing: no aliases; SDN_COMMENTS.CSV is missing");
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("give all files of the list together") && !said.contains("--accept-shrink"), "{said}");
}
