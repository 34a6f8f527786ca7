//! Files of registers, by the command line and from a mirror, lead to links from brands to firms.

use super::*;

const LABEL: &str = "network,address,entity,entity_name,label,category,source,added_date\n\
                     eip155:1,0x1000000000000000000000000000000000003001,bitvavo,Bitvavo,,exchange,labels@0:b.csv,\n";
const TABLE: &str = "authority,number,name,lei,country,activities,from,to,website,source,seen_on\n\
                     GB-FCA,900001,Bitvavo UK Ltd,,GB,custody,2024-05-01,,https://bitvavo.com,https://register.fca.org.uk,2026-05-01\n";

/// The April file shows Bitvavo B.V. with its website bitvavo.com/nl.
#[on_every_database(Home::new)]
fn registers_propose_links_and_a_dry_run_or_a_file_of_gleif_does_not_search(home: Home) {
    let register = fixture("esma/CASPS_20260426.csv");
    home.report("claims-csv", &home.file("labels.csv", LABEL), &[], 0);

    assert_eq!(home.report("esma-casps", &register, &["--dry-run"], 0).get("brands"), None);
    assert_eq!(home.report("esma-casps", &register, &[], 0)["brands"], json!({"proposed": 1, "cases": 1}));
    assert_eq!(home.report("esma-casps", &register, &[], 0).get("brands"), None, "the same file again");
    assert_eq!(home.report("register-csv", &home.file("gb.csv", TABLE), &[], 0)["brands"], json!({"proposed": 1, "cases": 1}));
    let leis = fixture("lei/20260520-0800-invented-lei2-golden-copy.csv");
    let read = home.report("gleif-lei", &leis, &["--accept-shrink"], 1);
    assert!(read["log_changes"] == 1 && read.get("brands").is_none(), "{read}");
}

#[on_every_database(Home::new)]
fn a_fetched_register_proposes_links_and_people_read_how_many(home: Home) {
    home.report("claims-csv", &home.file("labels.csv", LABEL), &[], 0);
    let mirror = tempfile::tempdir().unwrap();
    std::fs::copy(fixture("esma/CASPS_20260426.csv"), mirror.path().join("CASPS_20260426.csv")).unwrap();

    let fetched = home.fetch(mirror.path(), &[], 0);

    assert_eq!(fetched["esma-casps"]["report"]["brands"], json!({"proposed": 1, "cases": 1}));
    let table = home.file("gb.csv", TABLE);
    let told = home.command(&["import", "register-csv", table.to_str().unwrap()]).output().unwrap();
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.contains("1 links from brands to firms proposed"), "{told}");
}
