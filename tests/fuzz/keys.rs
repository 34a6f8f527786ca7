//! What an operator gives (configuration, database address, master key), what is opened with keys, and what
//! clients show of theirs.

use std::sync::LazyLock;

use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;
use vasp_log::Frontier;
use vasp_pki::{ClaimIdKey, DataKey, MasterKeys, first_certificate, read_leaf};
use vasp_record::claim::ClaimNumber;
use vasp_registry::config::{DatabaseUrl, FileOptions};

use crate::target::{Outcome, Target, accepted, examples, read, read_file, refused, refused_file, text};

/// The targets of this file.
pub(crate) const TARGETS: &[Target] = &[
    Target { name: "configuration", examples: configurations, run: configuration },
    Target { name: "database address", examples: || examples(DATABASES), run: database },
    Target { name: "master key file", examples: master_keys, run: master_key },
    Target { name: "sealed answer", examples: || vec![sealed()], run: open },
    Target { name: "claim id", examples: || examples(&["clm_0123456789abcdef"]), run: claim_id },
    Target { name: "client certificate", examples: certificates, run: certificate },
    Target { name: "certificate in PEM", examples: || vec![CERTIFICATE.as_bytes().to_vec()], run: certificate_file },
    Target { name: "tree frontier", examples: frontiers, run: frontier },
];

const DATABASES: &[&str] = &[
    "sqlite://data/registry.db",
    "postgres://user:secret@localhost:5433/registry?connect_timeout=3",
    "postgresql:///registry?host=%2Frun%2Fpostgresql",
    "postgres://[::1]:5432/registry",
];

static KEY: LazyLock<DataKey> = LazyLock::new(|| DataKey::generate(&mut ChaCha8Rng::seed_from_u64(1)));

fn configurations() -> Vec<Vec<u8>> {
    examples(&[
        "listen = \"0.0.0.0:80\"\nlog_level = \"warn\"\nlog_format = \"json\"\nkeep_alive_secs = 5\npublic_read = true\nworkers = 2",
        "database = \"sqlite://registry.db\"\nmaster_key_file = \"key\"\nclaim_index_limit = 1000000\nbody_limit_bytes = 1",
    ])
}

fn configuration(input: &[u8]) -> Outcome {
    match toml::from_str::<FileOptions>(&text(input)) {
        Ok(options) => {
            let server = options.server.clone().settle(&options.server);
            assert!(options.server.listen.is_none_or(|listen| server.listen == listen));
            assert!(!format!("{:?}", options.store).contains("secret"));
            accepted("")
        }
        Err(error) => refused_file(&error),
    }
}

/// Whatever is written of an address, in an error too, the password is not.
fn database(input: &[u8]) -> Outcome {
    read_file(text(input).parse::<DatabaseUrl>(), |url| {
        assert_eq!(url.whole().parse().as_ref(), Ok(&url));
        accepted(if matches!(url, DatabaseUrl::Sqlite(_)) { "sqlite" } else { "postgres" })
    })
}

fn master_keys() -> Vec<Vec<u8>> {
    let one = MasterKeys::generate(&mut ChaCha8Rng::seed_from_u64(1)).to_text();
    vec![one.clone().into_bytes(), format!("{one}2:{}\n\n# old\n", "ab".repeat(32)).into_bytes()]
}

fn master_key(input: &[u8]) -> Outcome {
    match MasterKeys::parse(&text(input)) {
        Ok(keys) => {
            let written = keys.to_text();
            assert_eq!(MasterKeys::parse(&written).unwrap().to_text(), written);
            assert!(!format!("{keys:?}").contains("abab"), "keys are shown");
            accepted("")
        }
        Err(error) => refused(&error),
    }
}

fn sealed() -> Vec<u8> {
    KEY.seal("precheck", b"{\"recommendation\": \"proceed\"}", &mut ChaCha8Rng::seed_from_u64(2)).unwrap()
}

/// Nothing but what was sealed opens.
fn open(input: &[u8]) -> Outcome {
    static SEALED: LazyLock<Vec<u8>> = LazyLock::new(sealed);
    read(KEY.open("precheck", input), |_| {
        assert_eq!(input, *SEALED, "altered bytes open");
        accepted("")
    })
}

fn claim_id(input: &[u8]) -> Outcome {
    static IDS: LazyLock<ClaimIdKey> = LazyLock::new(|| ClaimIdKey::new(&KEY));
    let text = text(input);
    read(IDS.number(&text), |ClaimNumber(number)| {
        assert_eq!(IDS.public_id(ClaimNumber(number)), text);
        accepted("")
    })
}

/// Made by `openssl req -x509`.
const CERTIFICATE: &str = include_str!("../fixtures/certificates/client.pem");

fn certificates() -> Vec<Vec<u8>> {
    vec![first_certificate(CERTIFICATE).unwrap()]
}

/// What is kept of a certificate can be written and shown, whatever it says.
fn certificate(input: &[u8]) -> Outcome {
    match read_leaf(input) {
        Ok(read) => {
            assert!(read.subject.chars().chain(read.issuer.chars()).all(|c| !c.is_control()), "{read:?}");
            assert!(read.subject.len() + read.issuer.len() + read.serial.len() <= 8_000);
            assert_eq!(read_leaf(input).as_ref(), Ok(&read));
            accepted(if read.unfit(read.not_after).is_none() { "fit" } else { "unfit" })
        }
        Err(error) => refused(&error),
    }
}

fn certificate_file(input: &[u8]) -> Outcome {
    read(first_certificate(&text(input)), |der| certificate(&der))
}

fn frontiers() -> Vec<Vec<u8>> {
    let mut frontier = Frontier::from_bytes(0, &[]).unwrap();
    let stored = (1u64..=8).map(|size| {
        frontier.append([size as u8; 32]);
        [size.to_be_bytes().as_slice(), &frontier.to_bytes()].concat()
    });
    stored.collect()
}

/// Eight bytes of size, then the frontier.
fn frontier(input: &[u8]) -> Outcome {
    let Some((size, bytes)) = input.split_first_chunk::<8>() else { return Outcome::Refused(String::new()) };
    read(Frontier::from_bytes(u64::from_be_bytes(*size), bytes), |mut frontier| {
        assert_eq!(frontier.to_bytes(), bytes);
        frontier.append(frontier.root());
        accepted("")
    })
}
