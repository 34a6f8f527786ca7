//! What each kind of change says in the log: the recorded examples of `docs/trust.md` are what the types write and read.

use vasp_log::change::{
    AuthorityChange, ChangeKind, ClaimBatchAdded, ClaimBatchEnded, ClaimsEnded, DocumentRead, EvidenceCount, FactChange,
    HexBytes, LeiRecordsRead, LogRestored, Payload, RecordChange, RowCount, SigningKeyChange, SnapshotRead, SubAccountChange,
};
use vasp_record::attestation::EndReason;
use vasp_record::claim::{Strength, Visibility};
use vasp_record::register::Extent;
use vasp_record::signing_key::SigningPurpose;

const DOCUMENT: &str = include_str!("../../../docs/trust.md");
const VASP: &str = "vasp_01ks000000000000000000000a";
const DAY: &str = "2026-06-01";

fn changed(pointer: &str, from: Option<&str>, to: Option<&str>) -> FactChange {
    let text = |value: Option<&str>| value.map(str::to_owned);
    FactChange { pointer: pointer.to_owned(), valid_from: None, valid_to: None, from: text(from), to: text(to) }
}

fn record(origin: &str, source: &str, changes: Vec<FactChange>) -> RecordChange {
    let (origin, source) = (origin.to_owned(), source.to_owned());
    RecordChange { vasp: VASP.parse().unwrap(), origin, source, observed_on: DAY.parse().unwrap(), changes, evidence: None }
}

fn hex(byte: u8) -> HexBytes {
    HexBytes::of(&[byte; 32])
}

fn counted(said: RecordChange, counts: usize, ended: usize) -> RecordChange {
    RecordChange { evidence: Some(EvidenceCount { counts, ended }), ..said }
}

/// Changes about one VASP.
fn of_records() -> Vec<Payload> {
    let endpoint = r#"{"id":"end_01ks000000000000000000000b","protocol":"trp"}"#;
    let proven = FactChange { valid_from: Some(DAY.parse().unwrap()), ..changed("/domains/example.com", None, Some("proven")) };
    vec![
        Payload::VaspListed(record(
            "esma-casps",
            "CASPS_20260601.csv",
            vec![changed("/legal_name", None, Some("Bitpanda GmbH"))],
        )),
        Payload::VaspChanged(counted(record("member", "https://example.com/.well-known/travel-rule", vec![proven]), 1, 0)),
        Payload::VaspVerified(counted(record("registry", "registry", vec![changed("/status", None, Some("verified"))]), 4, 0)),
        Payload::VaspStatusChanged(counted(
            record("registry", "registry", vec![changed("/status", Some("verified"), Some("suspended"))]),
            0,
            0,
        )),
        Payload::EvidenceChanged(counted(record("member", "_travel-rule.example.com", vec![]), 1, 1)),
        Payload::EndpointChanged(record(
            "member",
            "member",
            vec![changed("/endpoints/end_01ks000000000000000000000b", None, Some(endpoint))],
        )),
        Payload::CertificateChanged(record(
            "member",
            "registry",
            vec![changed("/certificates/cert_01ks000000000000000000000c", None, Some(r#"{"state":"active"}"#))],
        )),
        Payload::KeyChanged(record(
            "member",
            "member",
            vec![changed("/keys/key_01ks000000000000000000000d", None, Some(r#"{"state":"active"}"#))],
        )),
        Payload::ScreeningDecided(record(
            "registry",
            "decided by two people",
            vec![changed("/screening/OFAC-SDN 12345", None, Some(r#"{"verdict":"false_positive"}"#))],
        )),
    ]
}

/// Changes about claims.
fn of_claims() -> Vec<Payload> {
    vec![
        Payload::ClaimBatch(ClaimBatchAdded {
            batch: 7,
            source: VASP.to_owned(),
            method: "member_attestation".to_owned(),
            strength: Strength::Attested,
            visibility: Visibility::Public,
            claims: 120,
            root: hex(0x5a),
            ended: Some(vec!["clm_00000000000000000000000001".to_owned()]),
            part_of: None,
        }),
        Payload::ClaimsEnded(ClaimsEnded {
            claims: vec!["clm_00000000000000000000000002".to_owned()],
            reason: EndReason::Withdrawn,
        }),
        Payload::ClaimBatchEnded(ClaimBatchEnded { batch: 7, claims: 99_906, reason: EndReason::Decided }),
        Payload::SubAccount(SubAccountChange {
            sub_account: "sub_01ks0000000000000000000010".parse().unwrap(),
            owner: VASP.parse().unwrap(),
            holder: "vasp_01ks000000000000000000000b".parse().unwrap(),
            counts: true,
        }),
    ]
}

/// Changes about the registry and what it reads.
fn of_registry() -> Vec<Payload> {
    let (source, observed_on) = (|file: &str| file.to_owned(), DAY.parse().unwrap());
    let root = "ca_01ks000000000000000000000e".parse().unwrap();
    let (register, document) = ("esma-casps".to_owned(), "lists".to_owned());
    vec![
        Payload::RegisterSnapshot(SnapshotRead {
            register,
            observed_on,
            source: source("CASPS_20260601.csv"),
            extent: Extent::Whole,
            sha256: hex(0xc4),
            entities: 47,
            vanished: 1,
            rows: RowCount { read: 48, taken: 3, unchanged: 44, repeated: 0, rejected: 1 },
        }),
        Payload::AuthorityChanged(AuthorityChange::Root { root, root_sha256: hex(0xe7) }),
        Payload::AuthorityChanged(AuthorityChange::Issuing {
            issuing: "ca_01ks000000000000000000000f".parse().unwrap(),
            number: 1,
            sha256: hex(0xe8),
            root,
        }),
        Payload::SigningKeyChanged(SigningKeyChange::Begun {
            purpose: SigningPurpose::Receipt,
            kid: "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k".to_owned(),
            at: "2026-06-01T12:00:00Z".parse().unwrap(),
            jwk: serde_json::json!({"kty": "OKP", "crv": "Ed25519", "purpose": "receipt", "nbf": 1_780_315_200}),
        }),
        Payload::SigningKeyChanged(SigningKeyChange::Ended {
            purpose: SigningPurpose::Receipt,
            kid: "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k".to_owned(),
            at: "2026-06-01T12:01:00Z".parse().unwrap(),
        }),
        Payload::LogRestored(LogRestored { ends: 97, known: 120, root: hex(0x5a) }),
        Payload::Document(DocumentRead {
            document,
            version: DAY.to_owned(),
            observed_on,
            source: source("lists.json"),
            sha256: hex(0xd0),
            records: 3,
        }),
        Payload::LeiRecords(LeiRecordsRead {
            source: source("20260601-lei2.csv"),
            observed_on,
            sha256: hex(0x1e),
            count: 41,
            new: 2,
            changed: 5,
        }),
    ]
}

#[test]
fn the_document_has_an_example_of_what_each_kind_of_change_says() {
    let examples: Vec<Payload> = [of_records(), of_claims(), of_registry()].concat();

    let shown: Vec<String> = examples
        .iter()
        .map(|said| format!("    {}\n    {}\n", said.kind().as_str(), serde_json_canonicalizer::to_string(said).unwrap()))
        .collect();
    assert!(DOCUMENT.contains(&shown.concat()), "docs/trust.md is to have:\n{}", shown.concat());
    for kind in ChangeKind::ALL {
        assert!(examples.iter().any(|said| said.kind() == kind), "{}", kind.as_str());
    }
}

#[test]
fn what_the_document_shows_is_read_back_and_nothing_else_is() {
    let lines: Vec<&str> = DOCUMENT.lines().map(str::trim_start).collect();
    let kinds: Vec<&str> = ChangeKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let shown = lines.windows(2).filter_map(|pair| match pair {
        [kind, text] if kinds.contains(kind) => Some((*kind, *text)),
        _ => None,
    });
    for (kind, text) in shown {
        let read = Payload::read(kind, text).unwrap();
        assert_eq!((read.kind().as_str(), serde_json_canonicalizer::to_string(&read).unwrap().as_str()), (kind, text));
        let more = text.replacen('{', "{\"unheard_of\":1,", 1);
        assert!(Payload::read(kind, &more).is_err(), "{kind}");
        assert!(Payload::read("unheard_of", text).is_err());
    }
}
