//! Files that are imported: registers, labels, links, screening lists, the rulebook and the other documents, and the
//! tables that are compiled in.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::sync::LazyLock;

use serde_json::Value;
use vasp_addresses::network::NetworkTable;
use vasp_ingest::aliases::Aliases;
use vasp_ingest::member_claims::RowForm;
use vasp_ingest::ofac_sdn::SdnFile;
use vasp_ingest::{
    IngestError, aliases, authorities, brand_links, claims_csv, ecb_rates, esma_casps, esma_ncasp, eu_consolidated, eu_sanctions,
    gleif_lei, group_links, il_nbctf, master_register, member_claims, ofac_addresses_json, ofac_digital_currency, ofac_sdn,
    register_csv, register_json, sanctions_addresses, seco, source, uk_sanctions, un_consolidated, vasp_list,
};
use vasp_record::authority::Authorities;
use vasp_record::lei_record::LeiRecord;
use vasp_record::platform::PlatformHosts;
use vasp_record::register::{RegisterSnapshot, RowReport};
use vasp_registry::bundles::Manifest;
use vasp_registry::enumeration::sketch::Sketch;
use vasp_rules::brand_links::BrandLinks;
use vasp_rules::lists::JurisdictionLists;
use vasp_rules::non_compliant::{NonCompliantIndex, NonCompliantList};
use vasp_rules::policy::Policy;
use vasp_rules::protocol::Protocols;
use vasp_rules::rulebook::{Rulebook, difference};
use vasp_rules::screening::{SanctionsEntry, SanctionsList, ScreeningIndex};
use vasp_rules::third_party::{ThirdPartyList, ThirdPartyWord};
use vasp_rules::vasp_list::VaspList;
use vasp_words::lei::Lei;
use vasp_words::reference_rates::ReferenceRates;

use crate::target::{Outcome, Target, accepted, read_file, refused, refused_file, text};

/// The targets of this file.
pub(crate) const TARGETS: &[Target] = &[
    Target { name: "esma-casps", examples: || rows(include_bytes!("../fixtures/esma/CASPS_20260512.csv"), 4), run: esma },
    Target { name: "esma-casps, json", examples: || json(include_str!("../fixtures/esma/casps_20260729.json"), 3), run: esma },
    Target { name: "register-csv", examples: || vec![TYPED.to_vec()], run: typed_register },
    Target {
        name: "register-json",
        examples: || json(include_str!("../../seed/registers/esma-casps-2026-08-22.json"), 3),
        run: register,
    },
    Target { name: "claims-csv", examples: || rows(include_bytes!("../fixtures/claims/labels.csv"), 6), run: claims },
    Target { name: "member claims, csv", examples: own_table, run: own_csv },
    Target { name: "member claims, json lines", examples: own_lines, run: own_jsonl },
    Target { name: "sketch", examples: sketches, run: sketch },
    Target { name: "group-links", examples: || rows(include_bytes!("../../seed/group_links.csv"), 3), run: links },
    Target { name: "brand-links", examples: || rows(include_bytes!("../../seed/brands/links.csv"), 3), run: brands },
    Target { name: "ofac-digital-currency", examples: || rows(OFAC, 4), run: ofac },
    Target { name: "ofac-sdn", examples: sdn_files, run: sdn },
    Target { name: "ofac-addresses-json", examples: || vec![LOWER_CASE.to_vec()], run: ofac_json },
    Target { name: "eu-sanctions", examples: || rows(include_bytes!("../fixtures/eu_sanctions/32099R0001.csv"), 2), run: eu },
    Target { name: "un-consolidated", examples: || vec![UN.to_vec()], run: un },
    Target { name: "uk-sanctions", examples: || vec![UK_NEW.to_vec(), UK_OLD.to_vec()], run: uk },
    Target { name: "eu-consolidated", examples: eu_forms, run: eu_whole },
    Target { name: "seco", examples: || vec![SWISS.to_vec()], run: swiss },
    Target { name: "il-nbctf", examples: || rows(include_bytes!("../fixtures/il_nbctf/orders_20260901.csv"), 2), run: nbctf },
    Target {
        name: "sanctions-addresses",
        examples: || vec![b"# x\n12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h\n".to_vec()],
        run: address_lines,
    },
    Target { name: "screening names", examples: screened_names, run: screen },
    Target { name: "esma-ncasp", examples: || rows(include_bytes!("../fixtures/esma/NCASP20260130.csv"), 3), run: ncasp },
    Target {
        name: "non-compliant-json",
        examples: || json(include_str!("../../seed/non_compliant.json"), 3),
        run: non_compliant,
    },
    Target {
        name: "master-register",
        examples: || rows(include_bytes!("../fixtures/master_register/master_register_20260520.csv"), 3),
        run: compiled,
    },
    Target { name: "gleif-lei", examples: gleif_files, run: gleif },
    Target { name: "sanctions-json", examples: || json(include_str!("../../seed/sanctions.json"), 2), run: sanctions },
    Target { name: "rulebook", examples: rulebooks, run: rulebook },
    Target { name: "reference-rates, ecb", examples: || rows(include_bytes!("../fixtures/ecb/eurofxref-hist.csv"), 3), run: ecb },
    Target { name: "reference rates", examples: rate_documents, run: reference_rates },
    Target { name: "lists", examples: || vec![include_bytes!("../../seed/lists.json").to_vec()], run: lists },
    Target { name: "policy", examples: || json(include_str!("../../seed/policy.json"), 30), run: policy },
    Target { name: "platform hosts", examples: || json(include_str!("../../seed/platform_hosts.json"), 3), run: platforms },
    Target { name: "protocols", examples: || json(include_str!("../../seed/protocols.json"), 20), run: protocols },
    Target { name: "vasp-list", examples: vasp_lists, run: vasp_list },
    Target { name: "bundle manifest", examples: manifests, run: manifest },
    Target { name: "aliases", examples: || rows(include_bytes!("../../seed/aliases.csv"), 5), run: alias_table },
    Target { name: "authorities", examples: || rows(include_bytes!("../../seed/authorities.csv"), 5), run: authority_table },
    Target { name: "networks", examples: tables, run: networks },
    Target { name: "compressed file", examples: compressed, run: packed },
];

const TYPED: &[u8] = b"authority,number,name,lei,country,activities,from,to,website,source,seen_on\n\
    GB-FCA,900001,Invented Exchange Ltd,,GB,exchange_for_funds|custody,2024-05-01,,inventex.com,https://register.fca.org.uk,2026-07-01\n";
const OFAC: &[u8] = include_bytes!("../fixtures/ofac/ofac_sdn_digital_currency_20260822.csv");
static BOOK: LazyLock<Rulebook> = LazyLock::new(|| Rulebook::embedded().unwrap());
const UN: &[u8] = include_bytes!("../fixtures/un/consolidated_20260227.xml");
const UK_NEW: &[u8] = include_bytes!("../fixtures/uk/uk_sanctions_list_20260213.csv");
const UK_OLD: &[u8] = include_bytes!("../fixtures/uk/conlist_20180413.csv");
const SWISS: &[u8] = include_bytes!("../fixtures/seco/whole_list_20260827.xml");
const LOWER_CASE: &[u8] = br#"{"metadata": {"sdnListDate": "05/29/2025"}, "addresses": {"12qtd5bfwrsdnsazy76uve1xycgntojh9h":
    {"entries": [{"entity": "Xiaobing YAN", "program": "SDNTK", "type": "Digital Currency Address - XBT", "uid": "25308", "akas": ["ZHOU, William"]}]}}}"#;
static AUTHORITIES: LazyLock<Authorities> = LazyLock::new(|| authorities::embedded().unwrap());
/// The day on which rows are read.
const TODAY: &str = "2026-11-28";
static ALIASES: LazyLock<Aliases> = LazyLock::new(|| aliases::embedded().unwrap());

/// Short files of a table: its heading and a few rows each.
fn rows(file: &[u8], count: usize) -> Vec<Vec<u8>> {
    let lines: Vec<&[u8]> = file.split_inclusive(|byte| *byte == b'\n').collect();
    let (heading, rows) = lines.split_first().unwrap();
    rows.chunks(count).take(20).map(|rows| [&[*heading], rows].concat().concat()).collect()
}

/// A document cut down to the first `count` items of every list, and to one of them.
fn json(file: &str, count: usize) -> Vec<Vec<u8>> {
    let whole: Value = serde_json::from_str(file).unwrap();
    [count, 1].map(|count| shortened(&whole, count).to_string().into_bytes()).into()
}

fn shortened(value: &Value, count: usize) -> Value {
    match value {
        Value::Array(items) => items.iter().take(count).map(|item| shortened(item, 8)).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), shortened(value, count))).collect(),
        other => other.clone(),
    }
}

/// Rulebooks with one jurisdiction each; the rule sets are what they refer to.
fn rulebooks() -> Vec<Vec<u8>> {
    let whole: Value = serde_json::from_str(include_str!("../../seed/rulebook.json")).unwrap();
    let jurisdictions = whole["jurisdictions"].as_array().unwrap();
    let with = |jurisdiction: &Value| {
        let mut book = whole.clone();
        book["jurisdictions"] = Value::Array(vec![jurisdiction.clone()]);
        book.to_string().into_bytes()
    };
    jurisdictions.iter().step_by(12).map(with).collect()
}

/// Tables of a few networks each, Ethereum among them.
fn tables() -> Vec<Vec<u8>> {
    let whole: Value = serde_json::from_str(include_str!("../../seed/networks.json")).unwrap();
    let (ethereum, others): (Vec<Value>, Vec<Value>) =
        whole["networks"].as_array().unwrap().iter().cloned().partition(|network| network["caip2"] == "eip155:1");
    let with = |others: &[Value]| {
        let mut table = whole.clone();
        table["networks"] = Value::Array([&ethereum, others].concat());
        table
    };
    others.chunks(3).map(|others| with(others).to_string().into_bytes()).collect()
}

/// Asserts that the report accounts for every row once, and repeats none at full length.
fn check_rows(rows: &RowReport) {
    assert!(rows.rejected.len() as u64 + rows.repeated <= rows.read, "{rows:?}");
    assert!(rows.rejected.iter().all(|row| row.text.chars().count() <= 200), "{rows:?}");
}

fn check_snapshot(snapshot: &RegisterSnapshot) -> Outcome {
    check_rows(&snapshot.rows);
    let written = register_json::write(snapshot).unwrap();
    match register_json::parse(written.as_bytes(), "written.json", &AUTHORITIES) {
        Ok(again) => {
            assert_eq!(again.entities.len(), snapshot.entities.len());
            assert_eq!(register_json::write(&again).unwrap(), written, "what was written is written otherwise");
        }
        Err(error) => panic!("what was written does not read back: {error:?}\n{written}"),
    }
    accepted(if snapshot.entities.is_empty() { "empty" } else { "entities" })
}

fn esma(input: &[u8]) -> Outcome {
    read_file(esma_casps::parse(input, "CASPS_20260426.csv", None, &AUTHORITIES), |snapshot| check_snapshot(&snapshot))
}

fn typed_register(input: &[u8]) -> Outcome {
    read_file(register_csv::parse(input, "register.csv", None, &AUTHORITIES), |snapshot| check_snapshot(&snapshot))
}

fn register(input: &[u8]) -> Outcome {
    read_file(register_json::parse(input, "register.json", &AUTHORITIES), |snapshot| check_snapshot(&snapshot))
}

fn claims(input: &[u8]) -> Outcome {
    let table = NetworkTable::embedded();
    let rows = match claims_csv::open(input, "claims.csv", table, &ALIASES, TODAY.parse().unwrap()) {
        Ok(rows) => rows,
        Err(error) => return refused_file(&error),
    };
    let mut taken = 0;
    for row in rows {
        match row {
            Ok(Ok(row)) => {
                assert_eq!(table.canonical_text(row.network, &row.key).as_ref(), Some(&row.canonical));
                assert!(!row.entity_key.is_empty() && !row.group_key.is_empty());
                taken += 1;
            }
            Ok(Err(rejected)) => assert!(rejected.line > 0 && rejected.text.chars().count() <= 200),
            Err(error) => return refused_file(&error),
        }
    }
    accepted(if taken > 0 { "rows" } else { "none" })
}

/// Accounts with what members say about them, one a line.
const OWN: [[&str; 5]; 4] = [
    ["eip155:1", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "", "hot", ""],
    ["xrpl:0", "rN7n7otQDd6FczFgLdSqtcsAUxDkw6fzRH", "12345", "deposit", "2027-01-01T00:00:00Z"],
    ["bitcoin", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "", "cold", ""],
    ["nowhere", "x", "", "warm", "tomorrow"],
];

fn own_table() -> Vec<Vec<u8>> {
    let rows = OWN.map(|row| row.join(",")).join("\n");
    vec![format!("network,address,memo,role,expires_at\n{rows}\n").into_bytes()]
}

fn own_lines() -> Vec<Vec<u8>> {
    let line = |[network, address, memo, role, _]: [&str; 5]| serde_json::json!({"network": network, "address": address, "memo": Some(memo).filter(|m| !m.is_empty()), "role": role});
    OWN.map(|row| line(row).to_string().into_bytes()).into()
}

fn own_csv(input: &[u8]) -> Outcome {
    own(input, RowForm::Csv)
}

fn own_jsonl(input: &[u8]) -> Outcome {
    own(input, RowForm::JsonLines)
}

/// Asserts that what is taken is an account as the table writes it, and that no fault repeats a long text.
fn own(input: &[u8], form: RowForm) -> Outcome {
    let table = NetworkTable::embedded();
    let rows = match member_claims::open(input, form, table) {
        Ok(rows) => rows,
        Err(error) => return refused_file(&error),
    };
    let (mut taken, mut last) = (0, 0);
    for row in rows {
        let row = match row {
            Ok(row) => row,
            Err(error) => return refused_file(&error),
        };
        assert!(row.line > last, "{} after {last}", row.line);
        last = row.line;
        match row.read {
            Ok(own) => {
                assert_eq!(table.canonical_text(own.account.network, &own.account.key), Some(own.account.canonical));
                taken += 1;
            }
            Err(fault) => assert!(!fault.code.is_empty() && fault.detail.chars().count() <= 1_000, "{fault:?}"),
        }
    }
    accepted(if taken > 0 { "rows" } else { "none" })
}

fn sketches() -> Vec<Vec<u8>> {
    let of = |count: u64| {
        let mut sketch = Sketch::default();
        for number in 0..count {
            sketch.add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        }
        sketch.to_bytes()
    };
    [0, 3, 2_000].map(of).into()
}

fn sketch(input: &[u8]) -> Outcome {
    match Sketch::from_bytes(input) {
        Some(sketch) => {
            assert_eq!(sketch.to_bytes(), input);
            let mut twice = sketch.clone();
            twice.merge(&sketch);
            assert_eq!(twice, sketch);
            accepted(if sketch.count() > 512 { "many" } else { "few" })
        }
        None => refused(&"sketch"),
    }
}

fn links(input: &[u8]) -> Outcome {
    read_file(group_links::parse(input, "group_links.csv", TODAY.parse().unwrap()), |(links, rows)| {
        check_rows(&rows);
        accepted(if links.is_empty() { "none" } else { "links" })
    })
}

fn brands(input: &[u8]) -> Outcome {
    static ALIASES: LazyLock<Aliases> = LazyLock::new(|| aliases::embedded().unwrap());
    read_file(brand_links::parse(input, "links.csv", &ALIASES), |(list, rows)| {
        check_rows(&rows);
        let text = serde_json::to_string(&list).unwrap();
        assert_eq!(BrandLinks::from_json(&text), Ok(list));
        accepted("links")
    })
}

fn ofac(input: &[u8]) -> Outcome {
    read_file(ofac_digital_currency::parse(input, "ofac_20260822.csv", None), |(list, rows)| {
        check_rows(&rows);
        let written = serde_json::to_string(&list).unwrap();
        match SanctionsList::from_json(&written) {
            Ok(again) => assert_eq!(serde_json::to_string(&again).unwrap(), written),
            Err(error) => assert!(list.entries.is_empty(), "what was read is no screening list: {error}"),
        }
        accepted(if list.entries.is_empty() { "none" } else { "entries" })
    })
}

/// Files of OFAC's, each alone: the first row tells which it is.
fn sdn_files() -> Vec<Vec<u8>> {
    let files: [&[u8]; 3] = [
        include_bytes!("../fixtures/ofac/sdn_20210707.csv"),
        include_bytes!("../fixtures/ofac/alt_20210707.csv"),
        include_bytes!("../fixtures/ofac/sdn_comments_20210707.csv"),
    ];
    files.iter().flat_map(|file| file.split_inclusive(|byte| *byte == b'\n')).map(<[u8]>::to_vec).collect()
}

fn sdn(input: &[u8]) -> Outcome {
    let aliases = SdnFile { file: "alt.csv", bytes: include_bytes!("../fixtures/ofac/alt_20210707.csv") };
    let files = [SdnFile { file: "sdn_20210707.csv", bytes: input }, aliases];
    check_list(ofac_sdn::parse(&files, None))
}

fn ofac_json(input: &[u8]) -> Outcome {
    check_list(ofac_addresses_json::parse(input, "list.json", None))
}

fn eu(input: &[u8]) -> Outcome {
    check_list(eu_sanctions::parse(input, "act_20260901.csv", None))
}

fn un(input: &[u8]) -> Outcome {
    check_list(un_consolidated::parse(input, "list", None))
}

fn uk(input: &[u8]) -> Outcome {
    check_list(uk_sanctions::parse(input, "list", None))
}

fn eu_forms() -> Vec<Vec<u8>> {
    let forms: [&[u8]; 3] = [
        include_bytes!("../fixtures/eu_consolidated/fsf_1_0.csv"),
        include_bytes!("../fixtures/eu_consolidated/fsf_1_1.csv"),
        include_bytes!("../fixtures/eu_consolidated/fsf_1_1.xml"),
    ];
    forms.map(<[u8]>::to_vec).into()
}

fn eu_whole(input: &[u8]) -> Outcome {
    check_list(eu_consolidated::parse(input, "list", None))
}

fn swiss(input: &[u8]) -> Outcome {
    check_list(seco::parse(input, "list", None))
}

fn nbctf(input: &[u8]) -> Outcome {
    check_list(il_nbctf::parse(input, "orders_20260901.csv", None))
}

fn address_lines(input: &[u8]) -> Outcome {
    check_list(sanctions_addresses::parse(input, "sanctioned_addresses_XBT_20260901.txt", None))
}

/// Asserts that a list which was read is one that can be kept, and reads back as it was written.
fn check_list(read: Result<(SanctionsList, RowReport), IngestError>) -> Outcome {
    let (list, rows) = match read {
        Ok(read) => read,
        Err(error) => return refused_file(&error),
    };
    check_rows(&rows);
    let written = serde_json::to_string(&list).unwrap();
    match SanctionsList::from_json(&written) {
        Ok(again) => assert_eq!(again, list),
        Err(error) => assert!(list.entries.is_empty(), "what was read is no screening list: {error}"),
    }
    accepted(if list.entries.is_empty() { "none" } else { "entries" })
}

fn screened_names() -> Vec<Vec<u8>> {
    ["Garantex Europe OÜ", "Гарантекс", "YAN, Xiaobing", "株式会社ビットバンク", "S.A."]
        .map(|name| name.as_bytes().to_vec())
        .into()
}

/// Throws names at a list: scores stay in bounds, and a listed name always finds itself.
fn screen(input: &[u8]) -> Outcome {
    static INDEX: LazyLock<ScreeningIndex> = LazyLock::new(|| {
        let list = SanctionsList::from_json(include_str!("../../seed/sanctions.json")).unwrap();
        ScreeningIndex::newest_on(list.as_of, [list])
    });
    let (name, today) = (text(input).into_owned(), "2026-11-20".parse().unwrap());
    let found = INDEX.named(&name, today);
    assert!(found.iter().all(|hit| (80..=100).contains(&hit.score) && !hit.entry_sha256.is_empty()), "{found:?}");
    let entry = SanctionsEntry { uid: "1".into(), name: name.clone(), ..SanctionsEntry::default() };
    let own = SanctionsList { entries: vec![entry], ..INDEX.lists()[0].clone() };
    let of_itself = ScreeningIndex::newest_on(today, [own]).named(&name, today);
    let nameless = of_itself.is_empty();
    assert!(nameless || of_itself[0].score == 100, "{of_itself:?}");
    assert!(!nameless || !name.chars().any(|c| c.is_ascii_alphanumeric()), "`{name}` does not find itself");
    accepted(if found.is_empty() { "nobody" } else { "somebody" })
}

fn ncasp(input: &[u8]) -> Outcome {
    read_file(esma_ncasp::parse(input, "NCASP20260130.csv", None), |read| {
        check_rows(&read.rows);
        assert_eq!(read.lines.len(), read.list.entries.len());
        check_non_compliant(&read.list)
    })
}

fn non_compliant(input: &[u8]) -> Outcome {
    read_file(NonCompliantList::from_json(&text(input)), |list| check_non_compliant(&list))
}

/// Asserts that a list reads back as written, and that everybody on it is found by what it says of them.
fn check_non_compliant(list: &NonCompliantList) -> Outcome {
    let written = serde_json::to_string(list).unwrap();
    match NonCompliantList::from_json(&written) {
        Ok(again) => assert_eq!(&again, list),
        Err(error) => assert!(list.entries.is_empty(), "what was read is no list: {error}"),
    }
    drop(NonCompliantIndex::of(list.clone()));
    accepted(if list.entries.is_empty() { "none" } else { "entries" })
}

fn compiled(input: &[u8]) -> Outcome {
    read_file(master_register::parse(input, "master_register_20260520.csv", None), |(list, rows)| {
        check_rows(&rows);
        let written = serde_json::to_string(&list).unwrap();
        match ThirdPartyList::from_json(&written) {
            Ok(again) => assert_eq!(serde_json::to_string(&again).unwrap(), written),
            Err(error) => assert!(list.rows.is_empty(), "what was read is no list: {error}"),
        }
        let unclear = list.rows.iter().filter(|row| row.word() == ThirdPartyWord::Unclear).count();
        assert!(unclear <= rows.flagged.len(), "a status that is not understood is flagged");
        accepted(if list.rows.is_empty() { "none" } else { "rows" })
    })
}

/// The three published forms.
fn gleif_files() -> Vec<Vec<u8>> {
    let golden = json(include_str!("../fixtures/lei/20240505-0000-gleif-goldencopy-lei2-intra-day.json"), 2);
    let answer = json(include_str!("../fixtures/lei/lei-records.json"), 2);
    let table = rows(include_bytes!("../fixtures/lei/20260520-0800-invented-lei2-golden-copy.csv"), 3);
    [golden, answer, table].concat()
}

fn gleif(input: &[u8]) -> Outcome {
    let wanted = ["097900BID10000147476", "254900LNRYNOQ9YPU758", "549300XIBGTJ0PLIEO72", "213800W1NGBLERUS6M39"];
    let wanted: BTreeSet<Lei> = wanted.into_iter().map(|lei| lei.parse().unwrap()).collect();
    read_file(gleif_lei::read(input, "lei_20260520", None, wanted.clone(), &mut |_| ()), |file| {
        check_rows(&file.rows);
        assert!(file.records.len() as u64 <= file.rows.read);
        for record in file.records.values() {
            let successors = || file.records.values().flat_map(|record| &record.successors);
            assert!(wanted.contains(&record.lei) || successors().any(|successor| successor.lei == Some(record.lei)));
            let written = serde_json::to_string(record).unwrap();
            assert_eq!(&serde_json::from_str::<LeiRecord>(&written).unwrap(), record);
        }
        accepted(if file.records.is_empty() { "none" } else { "records" })
    })
}

fn sanctions(input: &[u8]) -> Outcome {
    read_file(SanctionsList::from_json(&text(input)), |list| {
        let written = serde_json::to_string(&list).unwrap();
        let again = SanctionsList::from_json(&written).expect("what was read reads back");
        assert_eq!(again.address_count(), list.address_count());
        accepted("")
    })
}

fn rulebook(input: &[u8]) -> Outcome {
    read_file(Rulebook::from_json(&text(input)), |book| {
        assert!(book.jurisdictions().all(|jurisdiction| book.entry(&jurisdiction.id).is_some()));
        // What a person approves by: a book differs from itself in nothing, and from another in as much either way.
        assert_eq!(difference(&book, &book), []);
        assert_eq!(difference(&BOOK, &book).len(), difference(&book, &BOOK).len());
        accepted("")
    })
}

fn ecb(input: &[u8]) -> Outcome {
    match ecb_rates::parse(input, "eurofxref-hist.csv") {
        Ok((rates, rows)) => {
            check_rows(&rows);
            let taken = rows.read - rows.repeated - rows.rejected.len() as u64;
            assert_eq!(rates.count() as u64, taken, "{rows:?}");
            let written = serde_json::to_string(&rates).unwrap();
            assert_eq!(ReferenceRates::from_json(&written).unwrap(), rates);
            accepted("")
        }
        Err(error) => refused_file(&error),
    }
}

/// What the importer keeps.
fn rate_documents() -> Vec<Vec<u8>> {
    let (rates, _) = ecb_rates::parse(include_bytes!("../fixtures/ecb/eurofxref-hist.csv"), "eurofxref-hist.csv").unwrap();
    vec![serde_json::to_vec(&rates).unwrap()]
}

fn reference_rates(input: &[u8]) -> Outcome {
    read_file(ReferenceRates::from_json(&text(input)), |rates| {
        let newest = rates.newest().unwrap();
        assert_eq!(rates.on(newest).unwrap().as_of, newest);
        assert!(rates.on(newest.next()).is_some());
        accepted("")
    })
}

fn lists(input: &[u8]) -> Outcome {
    read_file(JurisdictionLists::from_json(&text(input)), |_| accepted(""))
}

fn platforms(input: &[u8]) -> Outcome {
    read_file(PlatformHosts::from_json(&text(input)), |hosts| accepted(if hosts.count() == 0 { "none" } else { "some" }))
}

fn protocols(input: &[u8]) -> Outcome {
    read_file(Protocols::from_json(&text(input)), |protocols| accepted(if protocols.count() == 0 { "none" } else { "some" }))
}

/// A provider's list, and a table.
fn vasp_lists() -> Vec<Vec<u8>> {
    let gtr = r#"{"data": [{"vaspCode": "a", "brandName": "B", "supportEntities": [{"country": "UK", "vaspEntityId": "c",
        "vaspEntityName": "D Ltd", "allianceName": "Global Travel Rule", "requiredPiiFieldsAsBeneficiary": [{"id": "100025"}]}]}]}"#;
    let table = "id,name,legal_name,lei,number,country,alliance\na,B,D Ltd,529900T8BM49AURSDO55,GB-FCA 900001,GB,\n";
    [gtr, table].map(|text| text.as_bytes().to_vec()).into()
}

fn vasp_list(input: &[u8]) -> Outcome {
    let protocols = Protocols::embedded().unwrap();
    let gtr = protocols.get(&"gtr".parse().unwrap()).unwrap();
    read_file(vasp_list::parse(input, "list", gtr, "2026-11-20".parse().unwrap()), |(list, rows)| {
        check_rows(&rows);
        let written = serde_json::to_string(&list).unwrap();
        assert_eq!(VaspList::from_json(&written).as_ref(), Ok(&list));
        accepted(if list.rows.is_empty() { "none" } else { "rows" })
    })
}

fn manifests() -> Vec<Vec<u8>> {
    let file = |path: &str, import: &str| {
        let document = serde_json::json!({"path": path, "import": import, "as_of": "2026-08-22", "publisher": "P", "licence": "MIT AND LicenseRef-A"});
        serde_json::json!({"document": document, "sha256": "ab".repeat(32), "size_bytes": 9})
    };
    let files = [file("registers/a.csv", "register-csv"), file("SDN.CSV", "ofac-sdn"), file("ALT.CSV", "ofac-sdn")];
    let whole =
        serde_json::json!({"format": "vasp-registry-bundle/1", "made_at": "2026-11-28T10:00:00Z", "serial": 3, "files": files});
    vec![whole.to_string().into_bytes()]
}

fn manifest(input: &[u8]) -> Outcome {
    read_file(Manifest::from_json(input), |manifest| {
        let written = serde_json::to_vec(&manifest).unwrap();
        assert_eq!(Manifest::from_json(&written).unwrap(), manifest);
        assert_eq!(manifest.groups().concat().len(), manifest.files.len());
        for file in &manifest.files {
            assert!(
                file.size_bytes <= file.limit_bytes()
                    && !file.document.path.split('/').any(|part| part == ".." || part.is_empty()),
                "{file:?}"
            );
        }
        accepted(if manifest.groups().len() < manifest.files.len() { "together" } else { "alone" })
    })
}

fn policy(input: &[u8]) -> Outcome {
    read_file(Policy::from_json(&text(input)), |policy| {
        assert!(!policy.rules().is_empty());
        assert!(policy.looser_than(&policy).is_empty());
        // What an organisation hands in is kept as it is written again.
        let written = serde_json::to_string(&policy).unwrap();
        assert_eq!(Policy::from_json(&written).unwrap(), policy);
        accepted("")
    })
}

fn alias_table(input: &[u8]) -> Outcome {
    read_file(aliases::parse(input, "aliases.csv"), |aliases| {
        assert!(aliases.iter().all(|(alias, key)| aliases.resolve(alias) == key && aliases.resolve(key) == key));
        accepted("")
    })
}

fn authority_table(input: &[u8]) -> Outcome {
    read_file(authorities::parse(input, "authorities.csv"), |known| {
        assert!(known.iter().all(|authority| known.get(&authority.id) == Some(authority)));
        accepted("")
    })
}

fn networks(input: &[u8]) -> Outcome {
    match NetworkTable::from_seed(
        &text(input),
        "number,chain_id,name,native_asset,testnet\n10001,2,Expanse Network,EXP,false\n",
        "network,name,kind,source\neip155:2,EXP,ticker,SLIP-44\n",
    ) {
        Ok(table) => {
            for network in table.iter() {
                drop(table.parse_on(network, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"));
                drop(network.read_memo("12"));
            }
            drop(table.candidates("1NDyJtNTjmwk5xPNhjgAMu4HDHigtobu1s"));
            accepted("")
        }
        Err(error) => refused_file(&error),
    }
}

fn compressed() -> Vec<Vec<u8>> {
    use std::io::Write;
    let packed = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    vec![packed(OFAC), packed(&[0; 5_000]), [packed(b"a"), packed(b"b")].concat(), OFAC.to_vec()]
}

fn packed(input: &[u8]) -> Outcome {
    const LIMIT_BYTES: u64 = 10_000;
    let read = source::from_reader(Cursor::new(input.to_vec()), "file.csv", LIMIT_BYTES).and_then(source::Source::into_bytes);
    read_file(read, |bytes| {
        assert!(bytes.len() as u64 <= LIMIT_BYTES);
        accepted(if bytes == input { "plain" } else { "compressed" })
    })
}
