//! `GET /v1/vasps?q=`: what is found in a real register, in which order, and why. Names and LEIs are those of ESMA's register
//! of 26 April 2026; what a query should find was read there by hand.

use serde_json::{Value, json};
use vasp_registry::imports::ImportFormat;

use crate::filled::{Filled, LEIS, entity, fault};
use crate::support::{Database, on_every_database};

const REGISTER: &[u8] = include_bytes!("../../tests/fixtures/esma/register-2026-04-26.json");
const CLAIMS: &[u8] = include_bytes!("../fixtures/claims/labels.csv");
const LINKS: &[u8] = b"group_key,lei,source,as_of\nokx,54930069NLWEIGLHXU42,test,2026-04-26\n";

const BITPANDA: &str = "5493007WZ7IFULIL8G21";

fn esma(database: Database) -> Filled {
    let filled = Filled::start(database);
    let report = filled.registry.import(ImportFormat::RegisterJson, "esma.json", REGISTER);
    assert_eq!(report.new, 189, "{report:?}");
    filled
}

/// Escapes a query for a URL.
fn path(q: &str) -> String {
    let escaped: String = q.bytes().map(|byte| format!("%{byte:02x}")).collect();
    format!("/v1/vasps?q={escaped}")
}

fn search(filled: &Filled, q: &str) -> Vec<Value> {
    filled.read(&path(q))["items"].as_array().unwrap().clone()
}

/// Asserts that a query finds a record first, and returns why.
#[track_caller]
fn assert_finds(filled: &Filled, q: &str, lei: &str) -> Value {
    let items = search(filled, q);
    let first = items.first().unwrap_or_else(|| panic!("`{q}` finds nothing"));
    assert_eq!(first["lei"], lei, "`{q}` finds {} by {}", first["legal_name"], first["matched"]);
    first["matched"].clone()
}

#[on_every_database(esma)]
fn names_are_found_in_spite_of_what_people_do_to_them(filled: Filled) {
    for (q, lei) in [
        // A letter missing, added, wrong, two swapped; two errors.
        ("Bitpnda GmbH", BITPANDA),
        ("Bitpaanda GmbH", BITPANDA),
        ("Bitpamda GmbH", BITPANDA),
        ("Btipanda GmbH", BITPANDA),
        ("Safelo", "894500QKMN1PCG2V7U40"),
        ("Bitvaov", "724500MX2WBKDJP9HE56"),
        ("Comerzbank Aktiengesellschaft", "851WYGNLUQLFZBSYGB56"),
        ("Banco Bilboa Viscaya", "K8MS7FD7N5Z2WQ51AZ71"),
        // Accents and umlauts left out, or spelt out.
        ("Hauck Aufhauser", "391200LACJ601I2ONV49"),
        ("Hauck Aufhaeuser Digital Custody", "391200LACJ601I2ONV49"),
        ("Baden-Wuerttembergische Wertpapierboerse", "529900A0WHA0NVXY0G45"),
        ("Orcabay financne storitve", "485100OLL2HA92JDWC71"),
        ("SOCIÉTÉ GÉNÉRALE FORGE", "969500FX8K40ZDW4F377"),
        // Other scripts: Cyrillic, Greek, full-width letters.
        ("Битпанда ГмбХ", BITPANDA),
        ("Сафелло", "894500QKMN1PCG2V7U40"),
        ("Σαφελλο", "894500QKMN1PCG2V7U40"),
        ("Ｃｏｉｎｆｉｎｉｔｙ", "529900BSNR4XPZ6WBK17"),
        // Legal forms left out, spelt out, taken for others, standing elsewhere.
        ("Commerzbank", "851WYGNLUQLFZBSYGB56"),
        ("Commerzbank AG", "851WYGNLUQLFZBSYGB56"),
        ("Coinfinity Gesellschaft mit beschränkter Haftung", "529900BSNR4XPZ6WBK17"),
        ("Decentralized UAB", "6488907MV9XAA08E4E40"),
        ("Bitstamp Europe Ltd.", "549300XIBGTJ0PLIEO72"),
        ("Okazio spol. s r.o.", "097900CAKA0000233454"),
        // Words in another order, only some of them, begun.
        ("Europe Bitstamp", "549300XIBGTJ0PLIEO72"),
        ("Berenberg", "529900UC2OD7II24Z667"),
        ("Gossler Berenberg", "529900UC2OD7II24Z667"),
        ("Crypto Fin Deutsch", "3912009ZGE8258OMPE28"),
    ] {
        assert_finds(&filled, q, lei);
    }
}

#[test]
fn every_entity_of_the_register_is_found_by_its_names_its_domains_and_its_lei() {
    let filled = esma(Database::sqlite());
    let all = filled.walk("/v1/vasps?view=full", 1_000);
    assert_eq!(all.len(), 189);
    for record in &all {
        let names = record["other_names"].as_array().unwrap().iter().map(|other| (&other["name"], "other_name"));
        let domains = record["domains"].as_array().unwrap().iter().map(|domain| (&domain["domain"], "domain"));
        let texts = names.chain(domains).chain([(&record["legal_name"], "legal_name"), (&record["id"], "id")]);
        for (text, field) in texts.chain(record["lei"].as_str().map(|_| (&record["lei"], "lei"))) {
            let found = search(&filled, text.as_str().unwrap());
            let own = found.iter().find(|item| item["id"] == record["id"]).unwrap_or_else(|| panic!("{text}: {found:?}"));
            assert_eq!((&own["matched"]["kind"], &own["matched"]["score"]), (&json!("exact"), &json!(1.0)), "{text}");
            let mut exact = found.iter().map(|item| item["matched"]["kind"] == "exact");
            assert!(exact.next().unwrap() && exact.is_sorted_by(|a, b| a >= b), "{text}: exact ones come first");
            if field != "other_name" && field != "domain" {
                assert_eq!(own["matched"]["text"], *text);
                assert_eq!(own["matched"]["field"], field);
            }
        }
    }
}

#[test]
fn each_result_says_what_matched_and_how() {
    let filled = esma(Database::sqlite());
    let matched = |field: &str, text: &str, kind: &str| json!({"field": field, "text": text, "kind": kind});
    for (q, lei, expected) in [
        ("bitpanda gmbh", BITPANDA, matched("legal_name", "Bitpanda GmbH", "exact")),
        ("Bit-Panda G.m.b.H.", BITPANDA, matched("legal_name", "Bitpanda GmbH", "exact")),
        ("commerzb", "851WYGNLUQLFZBSYGB56", matched("legal_name", "Commerzbank Aktiengesellschaft", "prefix")),
        ("Sutor Bank AG", "529900BQBP4JMDPM6Q19", matched("legal_name", "Sutor Bank GmbH", "similar")),
        ("BVNK", "984500640Z8ADE893D04", matched("other_name", "BVNK", "exact")),
        ("novelst", "724500T7PFN30PF3ZQ87", matched("other_name", "Novelist", "similar")),
        ("delubac banque", "969500A4IPKVUBH3CA90", matched("other_name", "BANQUE DELUBAC", "words")),
        ("https://sling.money/de?x=1", "894500KQLQQYOD1PPX55", matched("domain", "sling.money", "exact")),
        ("www.hal-privatbank.com", "391200LACJ601I2ONV49", matched("domain", "hal-privatbank.com", "exact")),
        ("followmymony", "391200LUYJY880GPSY38", matched("domain", "followmymoney.de", "similar")),
        ("anycoin", "64889KAWPMO81X649843", matched("domain", "anycoin.cz", "prefix")),
        ("391200LUYJ", "391200LUYJY880GPSY38", matched("lei", "391200LUYJY880GPSY38", "prefix")),
        ("391200LUYJY880GPSY83", "391200LUYJY880GPSY38", matched("lei", "391200LUYJY880GPSY38", "similar")),
    ] {
        let mut found = assert_finds(&filled, q, lei);
        let score = found.as_object_mut().unwrap().remove("score").unwrap().as_f64().unwrap();
        assert_eq!(found, expected, "{q}");
        assert_eq!(score == 1.0, expected["kind"] == "exact", "{q}: {score}");
        assert!((0.6..=1.0).contains(&score), "{q}: {score}");
    }
    assert!(filled.walk("/v1/vasps", 50).iter().all(|item| item["matched"] == Value::Null));
    assert_eq!(filled.read(&format!("/v1/vasps/{BITPANDA}")).get("matched"), None);
}

#[on_every_database(esma)]
fn entities_are_found_by_the_name_of_their_group(filled: Filled) {
    filled.registry.import(ImportFormat::ClaimsCsv, "labels.csv", CLAIMS);
    filled.registry.import(ImportFormat::GroupLinks, "links.csv", LINKS);

    let items = search(&filled, "okx");

    let found: Vec<_> = items.iter().map(|item| (&item["kind"], &item["matched"]["field"], &item["matched"]["kind"])).collect();
    let (group, firm) = (json!("group"), json!("entity"));
    let (legal, other, exact) = (json!("legal_name"), json!("other_name"), json!("exact"));
    assert_eq!(found[..2], [(&group, &legal, &exact), (&firm, &other, &exact)]);
    // The commercial name taken away, the group's remains.
    let mut filled = Filled::start(Database::sqlite());
    let other_brand = entity("54930069NLWEIGLHXU42", "Aux Cayes Limited");
    filled.read_at("2026-01-02T08:00:00Z", "2026-01-01", vec![other_brand]);
    filled.registry.import(ImportFormat::ClaimsCsv, "labels.csv", CLAIMS);
    filled.registry.import(ImportFormat::GroupLinks, "links.csv", LINKS);
    let by_group = search(&filled, "OKX").into_iter().find(|item| item["kind"] == "entity").unwrap();
    assert_eq!(by_group["matched"], json!({"field": "group_name", "text": "OKX", "kind": "exact", "score": 1.0}));
}

#[test]
fn nonsense_finds_nothing_and_is_no_error() {
    let filled = esma(Database::sqlite());
    for q in
        ["xqzvkw", "zzzzzz", "qwertzuiop asdfghjkl", "9999999999999", "Müllabfuhr Posemuckel", "👑👑👑", "%00%", "' OR 1=1 --"]
    {
        assert_eq!(search(&filled, q), Vec::<Value>::new(), "{q}");
    }
}

#[test]
fn queries_that_say_nothing_or_too_much_are_refused() {
    let filled = Filled::start(Database::sqlite());
    for q in ["", " ", "-.", "\u{fffd}", "\0", "\u{200b}\u{202e}"] {
        let detail = fault(&filled.get(&path(q)), "invalid_request", "?q");
        assert!(detail.contains("no letter or digit"), "{q:?}: {detail}");
    }
    assert_eq!(filled.read(&path(&"ä".repeat(200)))["items"], json!([]));
    let detail = fault(&filled.get(&path(&"ä".repeat(201))), "invalid_request", "?q");
    assert!(detail.contains("more than 200 characters") && detail.len() < 400, "{detail}");
    // Not UTF-8: unreadable or refused, never an error of the server.
    assert!(filled.get("/v1/vasps?q=%ff%fe").status.is_client_error());
}

#[on_every_database(esma)]
fn pages_of_a_search_hold_every_result_once_in_order(filled: Filled) {
    for q in ["bank", "b", "digital assets", "europe gmbh"] {
        let whole = filled.walk(&path(q), 1_000);
        assert!(whole.len() > 5, "{q}: {}", whole.len());
        let scores: Vec<_> = whole.iter().map(|item| item["matched"]["score"].as_f64().unwrap()).collect();
        assert!(scores.is_sorted_by(|a, b| a >= b), "{q}: {scores:?}");
        for limit in [1, 3, 7] {
            assert_eq!(filled.walk(&path(q), limit), whole, "{q} by {limit}");
        }
    }
}

#[on_every_database(Filled::start)]
fn cursor_stays_good_while_names_change_and_belongs_to_a_search(mut filled: Filled) {
    let [first, second, third] = LEIS;
    let named = |names: [&str; 3]| [first, second, third].iter().zip(names).map(|(lei, name)| entity(lei, name)).collect();
    filled.read_at("2026-01-02T08:00:00Z", "2026-01-01", named(["Acme GmbH", "Acme Digital GmbH", "Zeta GmbH"]));
    let page = filled.read("/v1/vasps?q=acme&limit=1");
    assert_eq!(page["items"][0]["legal_name"], "Acme GmbH");
    let cursor = page["next_cursor"].as_str().unwrap().to_owned();

    filled.read_at("2026-02-02T08:00:00Z", "2026-02-01", named(["Other GmbH", "Acme Digital GmbH", "Acme Digital Assets GmbH"]));

    let rest = filled.walk(&format!("/v1/vasps?q=acme&cursor={cursor}"), 50);
    let names: Vec<_> = rest.iter().map(|item| item["legal_name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Acme Digital GmbH", "Acme Digital Assets GmbH"]);
    assert_eq!(search(&filled, "other gmbh")[0]["lei"], first);
    let of_list = filled.read("/v1/vasps?limit=1")["next_cursor"].as_str().unwrap().to_owned();
    for mixed in [format!("/v1/vasps?cursor={cursor}"), format!("/v1/vasps?q=acme&cursor={of_list}")] {
        fault(&filled.get(&mixed), "invalid_request", "?cursor");
    }
}

#[test]
fn filters_narrow_a_search() {
    let filled = esma(Database::sqlite());
    let countries = |query: &str| {
        let items = filled.read(query)["items"].as_array().unwrap().clone();
        items.iter().map(|item| item["country"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };

    assert!(countries("/v1/vasps?q=bitpanda").iter().any(|country| country != "DE"));
    assert_eq!(countries("/v1/vasps?q=bitpanda&country=DE"), ["DE"]);
    assert_eq!(countries("/v1/vasps?q=bitpnada&authority=MT-MFSA"), ["MT"]);
    assert_eq!(countries("/v1/vasps?q=bitpanda&country=FR"), [""; 0]);
    assert_eq!(countries("/v1/vasps?q=bitpanda&kind=group"), [""; 0]);
}

#[on_every_database(Filled::start)]
fn what_is_searched_is_what_the_directory_knows_today(mut filled: Filled) {
    filled.read_at("2026-01-02T08:00:00Z", "2026-01-01", vec![entity(LEIS[0], "Oldname GmbH")]);
    assert_eq!(search(&filled, "oldname").len(), 1);

    filled.read_at("2026-02-02T08:00:00Z", "2026-02-01", vec![entity(LEIS[0], "Freshly GmbH")]);

    assert_eq!(search(&filled, "freshli")[0]["matched"]["text"], "Freshly GmbH");
    assert!(search(&filled, "oldname").is_empty());
    // The index is taken over at midnight, and stands for the day's records.
    filled.registry.clock.set("2026-06-02T00:00:01Z".parse().unwrap());
    assert_eq!(search(&filled, "freshli").len(), 1);
}
