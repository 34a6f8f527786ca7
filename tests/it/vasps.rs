//! `/v1/vasps`: records at both clocks, lists and searches, history.

use serde_json::{Value, json};
use vasp_log::change::{Audience, FactChange, NewChange, Payload, RecordChange};
use vasp_registry::imports::ImportFormat;

use crate::filled::{Filled, LEIS, entity, fault};
use crate::support::{Database, nothing_said, on_every_database};

const CASPS: &[u8] = include_bytes!("../fixtures/esma/CASPS_20260426.csv");
const CLAIMS: &[u8] = include_bytes!("../fixtures/claims/labels.csv");
const LINKS: &[u8] = b"group_key,lei,source,as_of\nokx,54930069NLWEIGLHXU42,test,2026-04-26\n";

const FIRST: &str = LEIS[0];
const SECOND: &str = LEIS[1];
const THIRD: &str = LEIS[2];

fn names(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["legal_name"].as_str().unwrap()).collect()
}

#[on_every_database(Filled::start)]
fn record_says_what_the_register_says(mut filled: Filled) {
    let mut bybit = entity(FIRST, "Bybit EU GmbH");
    bybit.commercial_names = vec!["Bybit".to_owned()];
    bybit.registered_address = Some("Donau-City-Straße 7, Wien".to_owned());
    bybit.website = Some("https://www.bybit.eu".to_owned());
    bybit.domains = ["bybit.eu".to_owned()].into();
    filled.read_at("2026-01-02T08:00:00Z", "2026-01-01", vec![bybit]);

    let answer = filled.get(&format!("/v1/vasps/{FIRST}"));

    assert_eq!(answer.status.as_u16(), 200, "{answer:?}");
    insta::assert_json_snapshot!("record", answer.json());
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(filled.read(&format!("/v1/vasps/{id}")), answer.json());
    assert_eq!(filled.read(&format!("/v1/vasps/{}", FIRST.to_lowercase())), answer.json());
}

/// A withdrawal learned in February and valid from January answers differently in all four combinations.
#[on_every_database(Filled::start)]
fn both_clocks_are_read_apart(mut filled: Filled) {
    let before = filled.read_at("2025-12-16T08:00:00Z", "2025-12-15", vec![entity(FIRST, "A GmbH")]);
    let mut ended = entity(FIRST, "A GmbH");
    ended.licences[0].valid_to = Some("2026-01-10".parse().unwrap());
    let after = filled.read_at("2026-02-02T08:00:00Z", "2026-02-01", vec![ended]);
    let status = |as_of: &str, day: &str| {
        let record = filled.read(&format!("/v1/vasps/{FIRST}?as_of={as_of}&valid_on={day}"));
        record["licences"][0]["status"].as_str().unwrap().to_owned()
    };

    for (early, late) in
        [(format!("seq:{before}"), format!("seq:{after}")), ("2026-01-31T00:00:00Z".into(), "2026-03-01T00:00:00Z".into())]
    {
        assert_eq!(status(&early, "2026-01-05"), "in_force");
        assert_eq!(status(&early, "2026-01-15"), "in_force");
        assert_eq!(status(&late, "2026-01-05"), "in_force");
        assert_eq!(status(&late, "2026-01-15"), "ended");
    }
    let told = filled.read(&format!("/v1/vasps/{FIRST}?as_of=seq:{before}"))["directory"].clone();
    assert_eq!(told, json!({"sequence": before, "as_of": "2025-12-16T08:00:00.000001Z"}));
    assert_eq!(filled.read(&format!("/v1/vasps/{FIRST}"))["licences"][0]["status"], "ended");
    assert_eq!(filled.read(&format!("/v1/vasps/{FIRST}?valid_on=2026-01-05"))["licences"][0]["status"], "in_force");
}

#[test]
fn licence_that_is_not_in_force_yet_is_left_out_until_its_day() {
    let mut filled = Filled::start(Database::sqlite());
    let mut coming = entity(FIRST, "A GmbH");
    coming.licences[0].valid_from = Some("2026-06-02".parse().unwrap());
    filled.read_at("2026-05-30T08:00:00Z", "2026-05-29", vec![coming]);
    let path = format!("/v1/vasps/{FIRST}");

    assert_eq!(filled.read(&path)["licences"], json!([]));
    assert_eq!(filled.read(&format!("{path}?valid_on=2026-06-02"))["licences"][0]["status"], "in_force");

    // The answer of the evening before holds until midnight only.
    filled.registry.clock.set("2026-06-01T23:59:30Z".parse().unwrap());
    assert_eq!(filled.read(&path)["valid_until"], "2026-06-02T00:00:00Z");
    filled.registry.clock.set("2026-06-02T00:00:00Z".parse().unwrap());
    assert_eq!(filled.read(&path)["licences"][0]["status"], "in_force");
}

#[on_every_database(Filled::start)]
fn older_snapshot_imported_later_fills_history_and_undoes_nothing(mut filled: Filled) {
    let first = filled.read_at("2026-02-02T08:00:00Z", "2026-02-01", vec![entity(FIRST, "New GmbH")]);
    filled.read_at("2026-03-01T08:00:00Z", "2026-01-01", vec![entity(FIRST, "Old GmbH")]);
    let name = |query: &str| filled.read(&format!("/v1/vasps/{FIRST}{query}"))["legal_name"].clone();

    assert_eq!(name(""), "New GmbH");
    assert_eq!(name("?valid_on=2026-01-15"), "Old GmbH");
    assert_eq!(name(&format!("?as_of=seq:{first}&valid_on=2026-01-15")), "New GmbH");
}

#[test]
fn missing_entity_is_not_listed_and_not_ended() {
    let mut filled = Filled::start(Database::sqlite());
    filled.read_at("2026-01-02T08:00:00Z", "2026-01-01", vec![entity(FIRST, "A GmbH"), entity(SECOND, "B GmbH")]);
    filled.read_at("2026-02-02T08:00:00Z", "2026-02-01", vec![entity(SECOND, "B GmbH")]);

    let licence = filled.read(&format!("/v1/vasps/{FIRST}"))["licences"][0].clone();

    assert_eq!(licence["status"], "not_listed");
    assert_eq!((&licence["first_seen"], &licence["last_seen"]), (&json!("2026-01-01"), &json!("2026-01-01")));
}

#[on_every_database(Filled::start)]
fn point_of_record_time_is_checked_and_snaps_to_whole_transactions(mut filled: Filled) {
    let first = filled.read_at("2026-01-02T08:00:00Z", "2026-01-01", vec![entity(FIRST, "A GmbH")]);
    let second = filled.read_at("2026-02-02T08:00:00Z", "2026-02-01", vec![entity(FIRST, "B GmbH")]);
    let path = |as_of: &str| format!("/v1/vasps/{FIRST}?as_of={as_of}");
    assert!(second > first + 1);

    let snapped = filled.read(&path(&format!("seq:{}", second - 1)));

    assert_eq!((&snapped["directory"]["sequence"], &snapped["legal_name"]), (&json!(first), &json!("A GmbH")));
    filled.get(&path("seq:0")).problem(404, "not_found");
    filled.get(&path("2020-01-01T00:00:00Z")).problem(404, "not_found");
    for future in [format!("seq:{}", second + 1), "2026-06-01T12:00:01Z".to_owned()] {
        fault(&filled.get(&path(&future)), "invalid_request", "?as_of");
    }
    for nonsense in ["yesterday", "seq:-1", "seq:x", "2026-01-01", ""] {
        fault(&filled.get(&path(nonsense)), "invalid_request", "?as_of");
    }
    fault(&filled.get(&format!("/v1/vasps/{FIRST}?valid_on=2026-02-30")), "invalid_request", "?valid_on");
    fault(&filled.get(&format!("/v1/vasps/{FIRST}?when=now")), "invalid_request", "?when");
}

#[test]
fn name_of_a_record_must_lead_to_one() {
    let mut filled = Filled::start(Database::sqlite());
    let twins = vec![entity(FIRST, "A GmbH"), entity(FIRST, "B GmbH"), entity(SECOND, "C GmbH")];
    filled.read_at("2026-01-02T08:00:00Z", "2026-01-01", twins);

    for tail in ["", "/history"] {
        let problem = filled.get(&format!("/v1/vasps/{FIRST}{tail}")).problem(409, "ambiguous_lei");
        let named = names_in(problem["detail"].as_str().unwrap());
        assert_eq!(named.len(), 2, "{problem}");
        assert_eq!(filled.get(&format!("/v1/vasps/{}{tail}", named[0])).status.as_u16(), 200);
        filled.get(&format!("/v1/vasps/{THIRD}{tail}")).problem(404, "not_found");
        let detail = fault(&filled.get(&format!("/v1/vasps/529900T8BM49AURSDO56{tail}")), "invalid_request", "{vasp}");
        assert!(detail.contains("check digits"), "{detail}");
        fault(&filled.get(&format!("/v1/vasps/vasp_nonsense{tail}")), "invalid_request", "{vasp}");
        let detail = fault(&filled.get(&format!("/v1/vasps/MISSING{tail}")), "invalid_request", "{vasp}");
        assert!(detail.starts_with("`MISSING` is neither a VASP id"), "{detail}");
    }
}

/// The VASP ids in a sentence.
fn names_in(text: &str) -> Vec<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with("vasp_")).collect()
}

#[on_every_database(Filled::start_public)]
fn unchanged_record_is_not_sent_again(mut filled: Filled) {
    filled.read_at("2026-01-02T08:00:00Z", "2026-01-01", vec![entity(FIRST, "A GmbH"), entity(SECOND, "B GmbH")]);
    let path = format!("/v1/vasps/{FIRST}");
    let answer = filled.get(&path);
    let tag = answer.header("etag").to_owned();
    assert!(tag.starts_with("W/\""), "{tag}");
    assert_eq!(answer.header("cache-control"), "private, no-cache");

    let known = filled.get_with(&path, &[("if-none-match", &format!("\"other\", {tag}"))]);
    assert_eq!((known.status.as_u16(), known.text.as_str(), known.header("etag")), (304, "", tag.as_str()));
    assert_eq!(filled.get_with(&path, &[("if-none-match", "\"other\"")]).status.as_u16(), 200);
    assert_ne!(filled.registry.client.get(&path).header("etag"), tag, "a public reader is of another class");

    // Another record's change moves the directory, not this record.
    filled.read_at("2026-02-02T08:00:00Z", "2026-01-01", vec![entity(FIRST, "A GmbH"), entity(SECOND, "New GmbH")]);
    assert_eq!(filled.get_with(&path, &[("if-none-match", &tag)]).status.as_u16(), 304);
    // A confirming look at the register changes when it was last seen.
    filled.read_at("2026-03-02T08:00:00Z", "2026-03-01", vec![entity(FIRST, "A GmbH"), entity(SECOND, "New GmbH")]);
    assert_eq!(filled.get_with(&path, &[("if-none-match", &tag)]).status.as_u16(), 200);
}

#[on_every_database(Filled::start)]
fn history_tells_what_was_learnt_newest_first(mut filled: Filled) {
    filled.read_at("2026-02-02T08:00:00Z", "2026-02-01", vec![entity(FIRST, "New GmbH")]);
    filled.read_at("2026-03-01T08:00:00Z", "2026-01-01", vec![entity(FIRST, "Old GmbH")]);
    let path = format!("/v1/vasps/{FIRST}/history");

    let whole = filled.read(&path);

    insta::assert_json_snapshot!("history", whole);
    let items = whole["items"].as_array().unwrap();
    assert!(items.len() > 3);
    for limit in 1..=items.len() {
        assert_eq!(&filled.walk(&path, limit), items, "{limit}");
    }
    for query in ["limit=0", "limit=1001", "limit=x"] {
        fault(&filled.get(&format!("{path}?{query}")), "invalid_request", "?limit");
    }
    for cursor in ["x", "00", "312e", "zz"] {
        fault(&filled.get(&format!("{path}?cursor={cursor}")), "invalid_request", "?cursor");
    }
}

#[on_every_database(Filled::start)]
fn history_keeps_from_readers_what_only_operators_may_know(mut filled: Filled) {
    filled.read_at("2026-02-02T08:00:00Z", "2026-02-01", vec![entity(FIRST, "A GmbH")]);
    let path = format!("/v1/vasps/{FIRST}/history");
    let before = filled.read(&path)["items"].clone();

    for audience in [Audience::Operator, Audience::Public] {
        let (pointer, from, to) = ("/status".to_owned(), Some("listed".to_owned()), Some("secret".to_owned()));
        let changed = FactChange { pointer, valid_from: None, valid_to: None, from, to };
        let payload = Payload::VaspChanged(RecordChange { changes: vec![changed], ..nothing_said() });
        filled.record(NewChange { audience, subject: Some(1), payload });
        let expected = usize::from(audience == Audience::Public);
        let items = filled.read(&path)["items"].as_array().unwrap().clone();
        assert_eq!(items.len(), before.as_array().unwrap().len() + expected, "{audience:?}");
        assert_eq!(filled.walk(&path, 1), items);
    }
}

#[on_every_database(Filled::start)]
fn walk_sees_every_record_once_although_the_directory_moves_on(mut filled: Filled) {
    filled.registry.import(ImportFormat::EsmaCasps, "CASPS_20260426.csv", CASPS);
    let all = filled.walk("/v1/vasps", 1_000);
    assert!(all.len() > 40, "{}", all.len());
    let ids = |items: &[Value]| items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    let mut sorted = ids(&all);
    sorted.sort();
    sorted.dedup();
    assert_eq!(ids(&all), sorted);

    for limit in [1, 7, 50] {
        assert_eq!(ids(&filled.walk("/v1/vasps", limit)), ids(&all), "{limit}");
        assert_eq!(ids(&filled.walk("/v1/vasps?q=b", limit)), ids(&filled.walk("/v1/vasps?q=b", 1_000)), "{limit}");
    }
    let page = filled.read("/v1/vasps?limit=20");
    filled.read_at("2026-05-01T08:00:00Z", "2026-04-30", vec![entity("5493001KJTIIGC8Y1R12", "Z GmbH")]);
    let rest = filled.read(&format!("/v1/vasps?limit=1000&cursor={}", page["next_cursor"].as_str().unwrap()));
    let seen = [page["items"].as_array().unwrap().as_slice(), rest["items"].as_array().unwrap()].concat();
    assert_eq!(ids(&seen).iter().filter(|id| ids(&all).contains(id)).count(), all.len());
}

#[on_every_database(Filled::start)]
fn filters_narrow_the_list(mut filled: Filled) {
    filled.read_at("2026-01-02T08:00:00Z", "2026-01-01", vec![entity(FIRST, "A GmbH")]);
    let mut german = entity(SECOND, "B GmbH");
    (german.authority, german.country) = ("DE-BAFIN".to_owned(), Some("DE".parse().unwrap()));
    german.licences[0].authority = "DE-BAFIN".to_owned();
    filled.read_at("2026-02-02T08:00:00Z", "2026-02-01", vec![entity(FIRST, "A GmbH"), german]);
    let found = |query: &str| {
        let items = filled.read(&format!("/v1/vasps?{query}"))["items"].as_array().unwrap().clone();
        names(&items).join(" ")
    };

    for (query, expected) in [
        ("country=DE", "B GmbH"),
        ("country=at", "A GmbH"),
        ("country=FR", ""),
        ("status=listed", "A GmbH B GmbH"),
        ("status=verified", ""),
        ("kind=entity", "A GmbH B GmbH"),
        ("kind=group", ""),
        ("authority=DE-BAFIN", "B GmbH"),
        ("authority=FR-AMF", ""),
        ("regime=mica", "A GmbH B GmbH"),
        ("regime=other", ""),
        ("protocol=trisa", ""),
        ("network=ethereum", ""),
        ("updated_since=2026-02-01T00:00:00Z", "B GmbH"),
        ("updated_since=2026-01-01T00:00:00Z&country=AT", "A GmbH"),
        ("q=b&country=AT", ""),
    ] {
        assert_eq!(found(query), expected, "{query}");
    }
}

#[on_every_database(Filled::start)]
fn a_list_has_short_records_and_with_view_full_whole_ones(filled: Filled) {
    filled.registry.import(ImportFormat::EsmaCasps, "CASPS_20260426.csv", CASPS);
    for path in ["/v1/vasps?q=b", "/v1/vasps?country=DE"] {
        let (short, full) = (filled.walk(path, 50), filled.walk(&format!("{path}&view=full"), 50));

        assert_eq!(short, filled.walk(&format!("{path}&view=short"), 50));
        assert!(!short.is_empty() && short.len() == full.len(), "{path}");
        for (short, full) in short.iter().zip(&full) {
            assert_is_part(short, full);
            assert_eq!(short.get("evidence"), None);
            let record = filled.read(&format!("/v1/vasps/{}", short["id"].as_str().unwrap()));
            let members = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
            assert!(members(full).iter().filter(|member| *member != "matched").eq(&members(&record)));
            assert_eq!((&full["evidence"], &full["licences"]), (&record["evidence"], &record["licences"]));
        }
    }
}

/// Asserts that every member of a short value is in the whole one, and the same.
#[track_caller]
fn assert_is_part(short: &Value, whole: &Value) {
    match (short, whole) {
        (Value::Object(members), Value::Object(of)) => members.iter().for_each(|(name, value)| assert_is_part(value, &of[name])),
        (Value::Array(items), Value::Array(of)) => {
            assert_eq!(items.len(), of.len());
            items.iter().zip(of).for_each(|(item, of)| assert_is_part(item, of));
        }
        _ => assert_eq!(short, whole),
    }
}

#[test]
fn parameters_that_can_fit_nothing_are_refused_with_what_would_be_right() {
    let filled = Filled::start(Database::sqlite());

    for (parameter, value, right) in [
        ("country", "XX1", "ISO 3166-1"),
        ("status", "good", "verified"),
        ("kind", "company", "entity"),
        ("view", "whole", "short"),
        ("authority", "BAFIN", "DE-BAFIN"),
        ("network", "ether", "/v1/networks"),
        ("updated_since", "2026-01-01", "RFC 3339"),
        ("limit", "0", "1 to 1000"),
        ("cursor", "2", "next_cursor"),
        ("name", "x", "the parameters are"),
    ] {
        let pointer = format!("?{parameter}");
        let detail = fault(&filled.get(&format!("/v1/vasps?{parameter}={value}")), "invalid_request", &pointer);
        assert!(detail.contains(right), "{detail}");
    }
}

#[on_every_database(Filled::start)]
fn groups_show_their_entities_and_the_networks_of_their_claims(filled: Filled) {
    filled.registry.import(ImportFormat::EsmaCasps, "CASPS_20260426.csv", CASPS);
    filled.registry.import(ImportFormat::ClaimsCsv, "labels.csv", CLAIMS);
    let linked = filled.registry.import(ImportFormat::GroupLinks, "links.csv", LINKS);
    assert_eq!(linked.taken, 1, "{linked:?}");

    let groups = filled.walk("/v1/vasps?kind=group", 50);
    let group = groups.iter().find(|group| group["legal_name"] == "OKX").unwrap_or_else(|| panic!("{groups:?}"));

    assert_eq!(group["entities"][0]["lei"], "54930069NLWEIGLHXU42");
    let entity = filled.read("/v1/vasps/54930069NLWEIGLHXU42");
    assert_eq!(entity["group"], json!({"id": group["id"], "name": "OKX"}));
    let on = |network: &str| filled.read(&format!("/v1/vasps?network={network}"))["items"].as_array().unwrap().len();
    // Labels of OKX on Bitcoin and Ethereum; of somebody on Tron and on some EVM chain.
    assert_eq!((on("bitcoin"), on("eip155:1"), on("eip155:137"), on("tron:0x2b6653dc")), (1, 2, 1, 1));
}
