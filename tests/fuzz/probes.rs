//! What endpoints of strangers answer to a probe.

use vasp_rules::endpoint_health::ProbeHistory;
use vasp_rules::probe::trp;

use crate::target::{Outcome, Target, accepted, examples, read_file, refused};

/// The targets of this file.
pub(crate) const TARGETS: &[Target] = &[
    Target { name: "TRP document", examples: || examples(DOCUMENTS), run: document },
    Target { name: "probe history", examples: || examples(HISTORIES), run: history },
];

const DOCUMENTS: &[&str] = &[
    r#"{"version": "3.2.1", "vendor": "x"}"#,
    "34023.5\n",
    r#"{"required": ["message-signing"], "supported": ["extended-ivms101", "discoverability"]}"#,
    r#"{"name": "Alice VASP", "lei": "529900T8BM49AURSDO55", "x509": "-----BEGIN CERTIFICATE-----"}"#,
];

const HISTORIES: &[&str] = &[
    "{}",
    r#"{"samples":[[1780315200,12],[1780315500,null]],"hours":[[494532,2,1]],"days":[[20605,2,1]],"last":null,"failures":1,"failing_since":1780315500,"planned_secs":300,"interval_secs":300}"#,
];

/// Whatever is taken is short, whichever document it is.
fn document(input: &[u8]) -> Outcome {
    let short = |text: &String| assert!(text.chars().count() <= 200 && !text.contains(char::is_control), "{text:?}");
    let mut kinds = Vec::new();
    if let Ok(read) = trp::version(input) {
        [Some(read.version), read.vendor].iter().flatten().for_each(short);
        kinds.push("version");
    }
    if trp::uptime(input).is_ok() {
        kinds.push("uptime");
    }
    if let Ok(read) = trp::extensions(input) {
        read.required.iter().chain(&read.supported).for_each(short);
        assert!(read.required.len() <= 64 && read.supported.len() <= 64);
        kinds.push("extensions");
    }
    match trp::identity(input) {
        Ok(read) => {
            [read.name, read.lei].iter().flatten().for_each(short);
            kinds.push("identity");
        }
        Err(error) if kinds.is_empty() => return refused(&error),
        Err(_) => {}
    }
    accepted(kinds.join(" "))
}

/// What was kept in the table is read without a panic, and has a state at any time.
fn history(input: &[u8]) -> Outcome {
    read_file(serde_json::from_slice::<ProbeHistory>(input), |read| {
        let now = "2026-06-01T12:00:00Z".parse().unwrap();
        assert!(read.pause_secs(3_600) >= 1);
        accepted(read.health(now).state.as_str())
    })
}
