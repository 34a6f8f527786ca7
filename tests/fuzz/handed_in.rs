//! What members hand in, and what whoever checks the audit chain is handed.

use std::sync::LazyLock;

use vasp_log::{AuditFile, Extent};
use vasp_record::document::{DocumentName, DocumentType, MediaType};
use vasp_rules::endpoint_rules::LocationText;
use vasp_rules::protocol::Protocols;

use crate::target::{Outcome, Target, accepted, examples, refused, round_trip, text};

/// The targets of this file.
pub(crate) const TARGETS: &[Target] = &[
    Target { name: "document", examples: documents, run: document },
    Target { name: "document name", examples: || examples(NAMES), run: |input| round_trip::<DocumentName>(&text(input)) },
    Target { name: "document type", examples: || examples(TYPES), run: |input| round_trip::<DocumentType>(&text(input)) },
    Target { name: "endpoint place", examples: || examples(PLACES), run: place },
    Target { name: "audit line", examples: || examples(AUDIT_LINES), run: audit_line },
];

const NAMES: &[&str] = &["Licence of 2026", "Bescheid der Behörde – Geschäftszahl 7", " x "];
const PLACES: &[&str] = &[
    "https://travelrule.example.com:8443/trp?a=b",
    "trisa.example.com",
    "did:web:example.com:users:a%20b",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "Travel.Rule+desk@b\u{fc}cher.example.com",
];
const TYPES: &[&str] = &["licence", "extract", "audit_report", "policy", "other"];

const AUDIT_LINES: &[&str] = &[
    r#"{"number":1,"at":"2026-06-01T12:00:00Z","organisation":"org_1","actor":null,"credential":"command line","action":"user.create","subject":"usr_1","outcome":"done","payload":{"name":"x"},"salt":"00","payload_commitment":"ab","hash_before":"0000000000000000000000000000000000000000000000000000000000000000","hash":"cd"}"#,
    r#"{"end":{"number":0,"hash":"0000000000000000000000000000000000000000000000000000000000000000","filtered":false}}"#,
];

fn documents() -> Vec<Vec<u8>> {
    let files: [&[u8]; 4] = [b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\xff\xd8\xff\xe0\0\x10JFIF", b"text\n"];
    files.map(<[u8]>::to_vec).into()
}

/// Text that is taken never begins like markup, however it is written.
fn document(input: &[u8]) -> Outcome {
    let Some(media) = MediaType::of_bytes(input) else { return Outcome::Refused("none".to_owned()) };
    let first = text(input).trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').chars().next();
    assert!(media != MediaType::Text || first != Some('<'));
    accepted(media.as_str())
}

/// What a protocol takes as the place of an endpoint, it takes again as it was kept.
fn place(input: &[u8]) -> Outcome {
    static PROTOCOLS: LazyLock<Protocols> = LazyLock::new(|| Protocols::embedded().unwrap());
    let text = text(input).into_owned();
    let places = [
        LocationText::Url(text.clone()),
        LocationText::HostPort(text.clone(), 443),
        LocationText::Identifier(None, text.clone()),
        LocationText::Email(text),
    ];
    let mut taken = Vec::new();
    for (protocol, place) in PROTOCOLS.iter().flat_map(|protocol| places.iter().map(move |place| (protocol, place))) {
        match place.read(protocol) {
            Ok(read) => {
                assert_eq!(LocationText::from(&read).read(protocol).as_ref(), Ok(&read));
                // A backslash of the text itself stands doubled in JSON.
                let written = serde_json::to_string(&read).unwrap().replace("\\\\", "");
                assert!(!written.contains("\\u00"), "{read:?}");
                taken.push(protocol.id.as_str());
            }
            Err(fault) => drop(refused(&fault)),
        }
    }
    if taken.is_empty() { Outcome::Refused(String::new()) } else { accepted(taken.join(" ")) }
}

/// The one line that nobody needs a hash for is the end of an empty chain.
fn audit_line(input: &[u8]) -> Outcome {
    let mut file = AuditFile::new(Extent::Whole);
    match file.line(&text(input)) {
        Ok(()) => accepted(format!("{}", file.finish().is_ok())),
        Err(fault) => refused(&fault),
    }
}
