//! Registers that an operator types as a table: from the file to a pre-check that uses it, and what becomes of rows without a known authority.
//! The firms are invented.

use super::*;

const COLUMNS: &str = "authority,number,name,lei,country,activities,from,to,website,source,seen_on\n";
const TABLES: [(&str, &str, &str); 3] = [
    (
        "GB-FCA",
        "Invented Exchange Ltd",
        "GB-FCA,900001,Invented Exchange Ltd,,GB,custody|exchange_for_funds,2024-05-01,,https://inventex.com,https://register.fca.org.uk,2026-11-01\n",
    ),
    (
        "SG-MAS",
        "Invented Token Pte. Ltd.",
        "Monetary Authority of Singapore,PS1,Invented Token Pte. Ltd.,,SG,transfer,2023-10-01,,,https://eservices.mas.gov.sg/fid,2026-11-01\n",
    ),
    ("AE-VARA", "Invented Custody FZE", "VARA,VL/1,Invented Custody FZE,,AE,a|j,2025-02-01,,,https://www.vara.ae,2026-11-01\n"),
];

#[on_every_database(Home::new)]
fn a_typed_table_of_another_countrys_register_decides_the_licence_of_a_precheck(home: Home) {
    for (authority, name, rows) in TABLES {
        let report = home.report("register-csv", &home.file("table.csv", format!("{COLUMNS}{rows}")), &[], 0);
        assert_eq!((&report["format"], &report["new"]), (&json!(authority), &json!(1)), "{report}");

        let generation = home.at(home.sequence(), "2026-11-20");
        let firm = named(&generation, name);
        assert_eq!(firm.licences[0].authority.id, authority);
        assert!(firm.licences[0].source.starts_with("table.csv, typed from https://"), "{}", firm.licences[0].source);
        let id = firm.id.to_string();
        let asked = ["ask", &id, "--from", "DE", "--fiat", "100 EUR", "--date", "2026-11-20", "--json", "--full"];
        let answer: Value = serde_json::from_slice(&home.command(&asked).output().unwrap().stdout).unwrap();
        let checks = answer["evidence"]["checks"].as_array().unwrap();
        let licence = checks.iter().find(|check| check["check"] == "licence").unwrap();
        assert_eq!(licence["code"], "licence.in_force", "{licence}");
    }
}

#[on_every_database(Home::new)]
fn rows_of_an_unknown_authority_are_held_and_a_file_of_nothing_else_says_nothing_of_its_register(home: Home) {
    let published = String::from_utf8(std::fs::read(fixture("esma/CASPS_20260426.csv")).unwrap()).unwrap();
    let text = published.replacen("Malta Financial Services Authority", "Authority of Atlantis", 1);
    assert_ne!(text, published);

    let report = home.report("esma-casps", &home.file("CASPS_20260426.csv", text), &[], 1);
    let whole = home.report("esma-casps", &home.file("CASPS_20260427.csv", published), &[], 0);
    let (_, _, rows) = TABLES[0];
    let unknown = home.file("table.csv", format!("{COLUMNS}{}", rows.replace("GB-FCA", "Authority of Atlantis")));
    let alone = home.report("register-csv", &unknown, &[], 1);
    let rehearsed = home.report("register-csv", &unknown, &["--dry-run"], 1);

    assert_eq!(report["held"][0]["authority"], "Authority of Atlantis (MFSA)");
    assert_eq!(report["held"][0]["state"], "MT");
    assert_eq!((&report["new"], &whole["new"], &report["rejected"]), (&json!(45), &json!(1), &json!([])));
    assert_eq!(counts(&alone), [1, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!((&alone["held"], alone["waiting"].as_array().unwrap().len()), (&rehearsed["held"], 1));
}

#[on_every_database(Home::new)]
fn a_registration_is_no_licence_and_the_check_says_so(home: Home) {
    let row =
        "US-FINCEN,31000,Invented Money Inc.,,US,custody,2024-05-01,,,https://www.fincen.gov/msb-registrant-search,2026-11-01\n";

    home.report("register-csv", &home.file("table.csv", format!("{COLUMNS}{row}")), &[], 0);

    let firm = named(&home.at(home.sequence(), "2026-11-20"), "Invented Money Inc.");
    assert!(firm.licences.is_empty(), "{firm:?}");
    let id = firm.id.to_string();
    let asked = ["ask", &id, "--from", "DE", "--fiat", "100 EUR", "--date", "2026-11-20", "--json", "--full"];
    let answer: Value = serde_json::from_slice(&home.command(&asked).output().unwrap().stdout).unwrap();
    let checks = answer["evidence"]["checks"].as_array().unwrap();
    let licence = checks.iter().find(|check| check["check"] == "licence").unwrap();
    assert_eq!(licence["code"], "licence.none_on_record");
    let words = "No licence of this firm is on record. US-FINCEN shows it as 31000, last seen on 2026-11-01: a registration, which is no \
                 licence.";
    assert_eq!(licence["detail"], words);
    assert_eq!(licence["evidence"][1]["id"], "US-FINCEN");
}

#[on_every_database(Home::new)]
fn lists_of_jurisdictions_come_from_a_typed_table(home: Home) {
    let table = "list,country,from,to,source,known_through,measure\n\
            FATF-BLACK,KP,2011-02-25,,FATF statement of October 2026,2026-10-23,countermeasures\n\
            FATF-GREY,BO,2025-06-13,,FATF statement of October 2026,2026-10-23,\n\
            EU-HRTC,KE,2025-08-05,,Delegated Regulation (EU) 2025/1184,2026-01-29,\n";

    let report = home.report("lists-csv", &home.file("lists.csv", table), &["--accept-shrink"], 0);

    assert_eq!((&report["format"], &report["observed_on"]), (&json!("lists-csv"), &json!("2026-10-23")), "{report}");
}

/// A file that was cut drops countries without a word; a country that really left has the day on which it did.
#[on_every_database(Home::new)]
fn a_table_that_lacks_a_stay_of_the_version_that_is_held_is_refused(home: Home) {
    let row = |list: &str, country: &str, from: &str, to: &str, measure: &str| {
        format!("{list},{country},{from},{to},FATF statement of October 2026,2026-10-23,{measure}\n")
    };
    let heading = "list,country,from,to,source,known_through,measure\n";
    let black = row("FATF-BLACK", "KP", "2011-02-25", "", "countermeasures");
    let (bolivia, bulgaria) = (row("FATF-GREY", "BO", "2025-06-13", "", ""), row("FATF-GREY", "BG", "2023-10-27", "", ""));
    let kenya = row("EU-HRTC", "KE", "2025-08-05", "", "");
    let whole = home.file("lists.csv", format!("{heading}{black}{bolivia}{bulgaria}{kenya}"));
    // The program's own lists count until others are stored.
    assert_refused(&home.import("lists-csv", &whole, &[]), "stays of the newest version (those of the program), such as");
    home.report("lists-csv", &whole, &["--accept-shrink"], 0);
    let before = home.sequence();

    let cut = home.file("lists.csv", format!("{heading}{black}{bolivia}{kenya}"));
    let later =
        home.file("moved.csv", format!("{heading}{black}{bolivia}{}{kenya}", bulgaria.replace("2023-10-27", "2023-10-28")));

    for file in [&cut, &later] {
        let refused = home.import("lists-csv", file, &[]);
        assert_refused(
            &refused,
            "it lacks 1 of the 4 stays of the newest version (2026-10-23+1.0.0), such as BG on FATF-GREY from 2023-10-27",
        );
        assert_eq!(home.sequence(), before);
    }
    let left = home.file(
        "left.csv",
        format!("{heading}{black}{bolivia}{}{kenya}", bulgaria.replace("2023-10-27,", "2023-10-27,2026-10-23")),
    );
    assert_eq!(home.report("lists-csv", &left, &[], 0)["log_changes"], 1);
    assert_eq!(home.report("lists-csv", &cut, &["--accept-shrink"], 0)["log_changes"], 1);
}
