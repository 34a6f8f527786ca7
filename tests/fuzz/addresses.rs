//! Addresses, memos, Travel Addresses and subjects.

use std::sync::LazyLock;

use vasp_addresses::address::MemoRule;
use vasp_addresses::inquiry_url::{InquiryUrl, URL_LENGTH_MAX};
use vasp_addresses::lnurl::{Lnurl, LnurlError};
use vasp_addresses::network::{Network, NetworkTable};
use vasp_addresses::payment_uri::PaymentUri;
use vasp_addresses::subject::{ReadText, Subject, SubjectKind, read_subject, read_text};
use vasp_addresses::travel_address::{TravelAddress, TravelAddressError};
use vasp_record::delegation::DelegatedPath;

use crate::target::{Outcome, Target, accepted, picked, read, refused, round_trip, text};

/// The targets of this file.
pub(crate) const TARGETS: &[Target] = &[
    Target { name: "address on a network", examples: on_networks, run: address },
    Target { name: "bare address", examples: bare, run: candidates },
    Target { name: "base58 address", examples: examples_of::<0>, run: address_of::<0> },
    Target { name: "base58-blocks address", examples: examples_of::<1>, run: address_of::<1> },
    Target { name: "bech32 address", examples: examples_of::<2>, run: address_of::<2> },
    Target { name: "cashaddr address", examples: examples_of::<3>, run: address_of::<3> },
    Target { name: "hex address", examples: examples_of::<4>, run: address_of::<4> },
    Target { name: "base32 address", examples: examples_of::<5>, run: address_of::<5> },
    Target { name: "nano32 address", examples: examples_of::<6>, run: address_of::<6> },
    Target { name: "c32check address", examples: examples_of::<7>, run: address_of::<7> },
    Target { name: "iban32 address", examples: examples_of::<8>, run: address_of::<8> },
    Target { name: "base64 address", examples: examples_of::<9>, run: address_of::<9> },
    Target { name: "icp-principal address", examples: examples_of::<10>, run: address_of::<10> },
    Target { name: "filecoin-delegated address", examples: examples_of::<11>, run: address_of::<11> },
    Target { name: "byron address", examples: examples_of::<12>, run: address_of::<12> },
    Target { name: "text address", examples: examples_of::<13>, run: address_of::<13> },
    Target { name: "memo", examples: memos, run: memo },
    Target { name: "travel address", examples: travel_addresses, run: travel_address },
    Target { name: "travel address of a URL", examples: urls, run: travel_address_of_url },
    Target { name: "lnurl", examples: lnurls, run: lnurl },
    Target { name: "lnurl of a URL", examples: full_urls, run: lnurl_of_url },
    Target { name: "url", examples: full_urls, run: url },
    Target { name: "delegated path", examples: delegated_paths, run: delegated_path },
    Target { name: "subject", examples: subjects, run: subject },
    Target { name: "payment URI", examples: payment_uris, run: payment_uri },
];

/// The families of forms, as `kind` of the table of networks names them; the targets above go by the place in this list.
const KINDS: [&str; 14] = [
    "base58",
    "base58-blocks",
    "bech32",
    "cashaddr",
    "hex",
    "base32",
    "nano32",
    "c32check",
    "iban32",
    "base64",
    "icp-principal",
    "filecoin-delegated",
    "byron",
    "text",
];

/// Networks that have a format of a kind.
fn networks_of(kind: usize) -> &'static [&'static Network] {
    static NETWORKS: LazyLock<Vec<Vec<&Network>>> = LazyLock::new(|| {
        let has = |network: &&Network, kind: &str| network.formats.iter().any(|format| format.names().kind == kind);
        // The many chains that are only listed have Ethereum's formats.
        let table = || NetworkTable::embedded().iter().take(DESCRIBED);
        KINDS.iter().map(|kind| table().filter(|network| has(network, kind)).collect()).collect()
    });
    &NETWORKS[kind]
}

/// Networks that `seed/networks.json` describes.
const DESCRIBED: usize = 166;

fn examples_of<const KIND: usize>() -> Vec<Vec<u8>> {
    let file: serde_json::Value = serde_json::from_str(include_str!("../../seed/networks.json")).unwrap();
    let networks = file["networks"].as_array().unwrap();
    let mut examples = Vec::new();
    for (place, network) in (0u16..).zip(networks_of(KIND)) {
        let entry = networks.iter().find(|entry| entry["caip2"] == network.caip2.as_str()).unwrap();
        let formats = entry["formats"].as_array().unwrap().iter().filter(|format| format["kind"] == KINDS[KIND]);
        examples
            .extend(formats.filter_map(|format| Some([&place.to_be_bytes(), format["example"].as_str()?.as_bytes()].concat())));
    }
    examples
}

fn address_of<const KIND: usize>(input: &[u8]) -> Outcome {
    let networks = networks_of(KIND);
    match picked(input, networks.len()) {
        Some((place, text)) => read_on(networks[place], &text),
        None => Outcome::Refused(String::new()),
    }
}

/// Labelled addresses: network and address.
fn labelled() -> Vec<(String, String)> {
    let mut reader = csv::Reader::from_reader(include_bytes!("../../seed/claims.csv").as_slice());
    let rows = reader.records().map(|row| row.unwrap());
    rows.step_by(97).map(|row| (row[0].to_owned(), row[1].to_owned())).collect()
}

/// The example of every address format of the table of networks, with its network.
fn documented() -> Vec<(String, String)> {
    let file: serde_json::Value = serde_json::from_str(include_str!("../../seed/networks.json")).unwrap();
    let networks = file["networks"].as_array().unwrap().iter();
    let formats = networks.flat_map(|network| network["formats"].as_array().unwrap().iter().map(move |format| (network, format)));
    formats
        .filter_map(|(network, format)| Some((network["caip2"].as_str()?.to_owned(), format["example"].as_str()?.to_owned())))
        .collect()
}

fn on_networks() -> Vec<Vec<u8>> {
    let place = |name: &str| NetworkTable::embedded().iter().position(|network| network.caip2.as_str() == name);
    let known = documented().into_iter().chain(labelled());
    let placed = known.filter_map(|(network, address)| Some((u16::try_from(place(&network)?).ok()?, address)));
    placed.map(|(place, address)| [&place.to_be_bytes(), address.as_bytes()].concat()).collect()
}

fn bare() -> Vec<Vec<u8>> {
    documented().into_iter().chain(labelled()).map(|(_, address)| address.into_bytes()).collect()
}

fn address(input: &[u8]) -> Outcome {
    let table = NetworkTable::embedded();
    let networks = table.iter().count();
    let Some((place, text)) = picked(input, networks) else { return Outcome::Refused(String::new()) };
    read_on(table.iter().nth(place).unwrap(), &text)
}

fn read_on(network: &Network, text: &str) -> Outcome {
    let table = NetworkTable::embedded();
    match table.parse_on(network, text) {
        Ok(account) => {
            let again = table.parse_on(network, &account.canonical).expect("the canonical form is an address");
            assert_eq!((&again.canonical, &again.key), (&account.canonical, &account.key));
            assert_eq!(table.canonical_text(account.network, &account.key).as_ref(), Some(&account.canonical));
            accepted(network.caip2.namespace())
        }
        Err(error) => {
            assert!(!error.code().is_empty());
            refused(&error)
        }
    }
}

fn candidates(input: &[u8]) -> Outcome {
    let table = NetworkTable::embedded();
    read(table.candidates(&text(input)), |found| {
        assert!(!found.accounts.is_empty());
        // The many EVM networks of one text read alike.
        for account in found.accounts.iter().take(4) {
            let network = table.by_number(account.network).unwrap();
            let again = table.parse_on(network, &account.canonical).expect("the canonical form is an address");
            assert_eq!((&again.canonical, &again.key), (&account.canonical, &account.key));
        }
        accepted(found.accounts[0].caip2.namespace())
    })
}

/// One rule for each form of a memo, and one that forbids them; no network of the table has memos yet.
static MEMO_RULES: LazyLock<Vec<MemoRule>> = LazyLock::new(|| {
    let rules = [
        r#"{"presence": "required_by_custodians", "kinds": [{"type": "uint", "name": null, "bits": 32}], "carried_by_formats": []}"#,
        r#"{"presence": "optional", "kinds": [{"type": "uint", "name": "id", "bits": 64}, {"type": "text", "name": "text", "max_bytes": 28}, {"type": "bytes", "name": "hash", "max_bytes": null, "exact_bytes": 32}], "carried_by_formats": []}"#,
        r#"{"presence": "optional", "kinds": [{"type": "bytes", "name": null, "max_bytes": 8, "exact_bytes": null}], "carried_by_formats": []}"#,
        r#"{"presence": "none", "kinds": [], "carried_by_formats": []}"#,
    ];
    rules.map(|rule| serde_json::from_str(rule).unwrap()).into()
});

fn memos() -> Vec<Vec<u8>> {
    let memos = ["4294967295", "hello", "0a1b2c3d", "18446744073709551615"];
    (0..4u16).flat_map(|rule| memos.map(|memo| [&rule.to_be_bytes(), memo.as_bytes()].concat())).collect()
}

fn memo(input: &[u8]) -> Outcome {
    let Some((place, text)) = picked(input, MEMO_RULES.len()) else { return Outcome::Refused(String::new()) };
    read(MEMO_RULES[place].read(&text), |_| {
        assert!((1..=64).contains(&text.len()) && !text.contains(char::is_control));
        accepted("")
    })
}

const TRAVEL_ADDRESS: &str = "ta2W2HPKfHxgSgrzY178knqXHg1H3jfeQrwQ9JrKBs9wv";

fn urls() -> Vec<Vec<u8>> {
    crate::target::examples(&[
        "beneficiary.com/x/12345?t=i",
        "api.example.co.uk:8443/trp?a=b&t=i&c=%20",
        "bücher.example.de?t=i",
        "user@example.com/?t=i",
    ])
}

fn travel_addresses() -> Vec<Vec<u8>> {
    let made = urls().into_iter().filter_map(|url| TravelAddress::from_url(&text(&url)).ok());
    made.map(|address| address.to_string().into_bytes()).chain([TRAVEL_ADDRESS.into()]).collect()
}

fn travel_address(input: &[u8]) -> Outcome {
    check_travel_address(text(input).parse())
}

fn travel_address_of_url(input: &[u8]) -> Outcome {
    check_travel_address(TravelAddress::from_url(&text(input)))
}

fn check_travel_address(read: Result<TravelAddress, TravelAddressError>) -> Outcome {
    match read {
        Ok(address) => {
            assert_eq!(address.as_str().parse().as_ref(), Ok(&address));
            assert_eq!(TravelAddress::from_url(address.hidden_url()).as_ref(), Ok(&address));
            address.inquiry_url().map_or_else(|error| accepted(error.code()), |url| check_url(&url))
        }
        Err(error) => {
            assert!(!error.code().is_empty());
            refused(&error)
        }
    }
}

fn check_url(url: &InquiryUrl) -> Outcome {
    // A name in A-labels is longer than in Unicode, and may pass the longest URL.
    if url.to_string().len() <= "https://".len() + URL_LENGTH_MAX {
        let again: InquiryUrl = url.to_string().parse().unwrap_or_else(|error| panic!("{url}: {error}"));
        assert_eq!(&again, url);
    }
    assert!(url.path_and_query().starts_with(url.path()) && !url.path().contains('?'));
    accepted("")
}

fn full_urls() -> Vec<Vec<u8>> {
    let mut all = crate::target::examples(&["HTTPS://example.com", "http://a.onion/x", "https://[::1]/x"]);
    all.extend(urls().iter().map(|url| [b"https://", url.as_slice()].concat()));
    all
}

fn url(input: &[u8]) -> Outcome {
    match text(input).parse::<InquiryUrl>() {
        Ok(url) => check_url(&url),
        Err(error) => {
            assert!(!error.code().is_empty());
            refused(&error)
        }
    }
}

fn lnurls() -> Vec<Vec<u8>> {
    let made = full_urls().into_iter().filter_map(|url| Lnurl::from_url(&text(&url)).ok());
    made.flat_map(|lnurl| [lnurl.to_string(), lnurl.to_string().to_ascii_uppercase()]).map(String::into_bytes).collect()
}

fn lnurl(input: &[u8]) -> Outcome {
    check_lnurl(text(input).parse())
}

fn lnurl_of_url(input: &[u8]) -> Outcome {
    check_lnurl(Lnurl::from_url(&text(input)))
}

fn check_lnurl(read: Result<Lnurl, LnurlError>) -> Outcome {
    match read {
        Ok(lnurl) => {
            assert_eq!(lnurl.as_str().parse().as_ref(), Ok(&lnurl));
            assert_eq!(Lnurl::from_url(lnurl.hidden_url()).as_ref(), Ok(&lnurl));
            lnurl.inquiry_url().map_or_else(|error| accepted(error.code()), |url| check_url(&url))
        }
        Err(error) => {
            assert!(!error.code().is_empty());
            refused(&error)
        }
    }
}

fn delegated_paths() -> Vec<Vec<u8>> {
    crate::target::examples(&["api.example.com/alpha/v1", "alpha.example.com/", "a.example.com/%61%20b/c;d"])
}

fn delegated_path(input: &[u8]) -> Outcome {
    let text = text(input);
    if let Ok(path) = text.parse::<DelegatedPath>() {
        let below = format!("{}/x", path.prefix().to_string().trim_end_matches('/'));
        assert!(path.prefix().covers(&below));
        assert!(!path.prefix().covers(&format!("{below}/../y")));
    }
    round_trip::<DelegatedPath>(&text)
}

fn subjects() -> Vec<Vec<u8>> {
    let addresses = documented().into_iter().step_by(3);
    let mut all: Vec<Vec<u8>> = addresses
        .flat_map(|(network, address)| {
            [address.clone(), format!("{address}\naddress\n{network}"), format!("{network}:{address}\n\n\n12")]
        })
        .map(String::into_bytes)
        .collect();
    all.extend(crate::target::examples(&[
        "vasp_01jgd3ya0400000000000000g1",
        "529900HNOAA1KXQJUQ27\nlei",
        TRAVEL_ADDRESS,
        "www.bitpanda.com\ndomain",
        "https://example.com\nurl",
        "lnurl1dp68gurn8ghj7cn9dejkv6trd9shy7fwvdhk6tmc9ucnyve5x5lhg0tf8h5r2u",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\naddress\neip155:1\nmemo",
    ]));
    all
}

/// Four lines: subject, kind, network, memo.
fn subject(input: &[u8]) -> Outcome {
    let text = text(input);
    let mut lines = text.splitn(4, '\n');
    let mut line = || lines.next().filter(|line| !line.is_empty());
    let (subject, kind, network, memo) = (line().unwrap_or_default(), line(), line(), line());
    let kind: Option<SubjectKind> = kind.and_then(|kind| kind.parse().ok());
    let table = NetworkTable::embedded();
    match read_subject(table, subject, kind.as_ref(), network, memo) {
        Ok(read) => {
            let found = read.kind();
            assert_eq!(read_subject(table, subject, Some(&found), network, memo).as_ref(), Ok(&read), "named as {found}");
            if let Subject::Caip10(account) | Subject::Address(account) = &read {
                // Without one asked for, the address may carry one.
                assert!(memo.is_none() || account.memo.as_deref() == memo);
            }
            accepted(found.to_string())
        }
        Err(error) => {
            assert!(["invalid_subject", "ambiguous_subject", "unsupported_kind"].contains(&error.problem()));
            assert!(["subject", "kind", "network", "memo"].contains(&error.member()) && !error.code().is_empty());
            refused(&error)
        }
    }
}

/// Sources: the examples of BIP-21, ERC-681, Solana Pay, SEP-7 and XLS-5d.
fn payment_uris() -> Vec<Vec<u8>> {
    crate::target::examples(&[
        "bitcoin:1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2?amount=50&label=Luke-Jr&message=Donation%20for%20project%20xyz",
        "bitcoin:1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2?req-somethingyoudontunderstand=50",
        "bitcoin:?bc=1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2&lightning=lnbc1",
        "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a?amount=1",
        "ethereum:pay-0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359@1?value=2.014e18&vasp=did:web:a.com",
        "ethereum:0x89205a3a3b2a69de6dbf7f01ed13b2108b2c43e7/transfer?address=0x8e23ee67d1332ad560396262c48ffbb01f93d052&uint256=1",
        "solana:mvines9iiHiQTysrwkJjGf2gb9Ex9jXJX8ns3qwf2kN?amount=0.01&spl-token=EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v&memo=OrderId5678",
        "web+stellar:pay?destination=GCALNQQBXAPZ2WIRSDDBMSTAKCUH5SG6U76YBFLQLIXJTF7FE5AX7AOO&amount=120.1234567&memo=skdjfasf&msg=pay%20me",
        "xrpl:XVLhHMPHU98es4dbozjVtdWzVrDjtV8xvjGQTYPiAx6gwDC?dt=1",
        "rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf?dt=1",
    ])
}

/// Only the address that stands in the URI is read, as it is read without the URI.
fn payment_uri(input: &[u8]) -> Outcome {
    let (text, table) = (text(input), NetworkTable::embedded());
    let uri = match PaymentUri::read(table, &text) {
        Ok(None) => return Outcome::Refused("no payment URI".to_owned()),
        Ok(Some(uri)) => uri,
        Err(error) => return refused(&error),
    };
    assert!(text.contains(&uri.address) || text.contains('%'), "the address is not in the URI");
    let standard = uri.standard.as_str();
    match read_text(table, &text, None, None, None) {
        Ok(ReadText { subject, payment_uri }) => {
            assert_eq!(payment_uri.as_deref(), Some(&uri));
            let network = uri.network.as_ref().map(vasp_words::caip::Caip2::as_str);
            let plain = read_subject(table, &uri.address, Some(&SubjectKind::Address), network, None).expect("read in the URI");
            match (subject, plain) {
                (Subject::Address(one), Subject::Address(plain)) => {
                    assert_eq!((one.key, one.network), (plain.key, plain.network))
                }
                (Subject::BareAddress(some), Subject::BareAddress(all)) => {
                    assert!(!some.accounts.is_empty() && some.accounts.iter().all(|one| all.accounts.contains(one)));
                }
                (one, plain) => panic!("{one:?} instead of {plain:?}"),
            }
            accepted(standard)
        }
        Err(error) => refused(&error),
    }
}
