//! Names, ids, numbers, times and codes: one text, one value.

use vasp_addresses::subject::SubjectKind;
use vasp_ingest::authorities;
use vasp_record::domain_proof::{Challenge, ProofToken, PublishedFile};
use vasp_record::licence::Activity;
use vasp_record::vasp_name::VaspName;
use vasp_registry::config::DnsResolver;
use vasp_registry::http::ProblemCode;
use vasp_registry::imports::ImportFormat;
use vasp_registry::node::AsOf;
use vasp_registry::vasps::{HistoryPosition, VaspPosition};
use vasp_rules::lists::ListId;
use vasp_rules::policy::PolicyReference;
use vasp_rules::precheck::CheckCode;
use vasp_rules::rulebook::{FieldCode, JurisdictionId, RuleVersionId, Rulebook};
use vasp_words::caip::{Caip2, Caip10, Caip19};
use vasp_words::country::Country;
use vasp_words::host::Host;
use vasp_words::ids::{ApiKeyId, ImportId, LicenceId, OrganisationId, PrecheckId, RequestId, UserId, VaspId};
use vasp_words::lei::Lei;
use vasp_words::money::{Amount, Currency, Money};
use vasp_words::name::NameKey;
use vasp_words::time::{Date, UtcTime};

use crate::target::{Outcome, Target, accepted, examples, read_file, refused, round_trip, text, variant};

macro_rules! round_trips {
    ($($name:literal: $type:ty, [$($example:literal),* $(,)?];)*) => {
        &[$(Target { name: $name, examples: || examples(&[$($example),*]), run: |input| round_trip::<$type>(&text(input)) }),*]
    };
}

/// Types that read back what they write.
pub(crate) const ROUND_TRIPS: &[Target] = round_trips! {
    "lei": Lei, ["529900HNOAA1KXQJUQ27", "5493001KJTIIGC8Y1R12", "9845005X9B7N610K0093"];
    "caip2": Caip2, ["eip155:1", "bip122:000000000019d6689c085ae165831e93", "cosmos:cosmoshub-3", "tron:0x2b6653dc"];
    "caip10": Caip10, ["eip155:1:0xab16a96d359ec26a11e2c2b3d8f8b8942d5bfcdb", "bip122:000000000019d6689c085ae165831e93:128Lkh3S7CkDTBZ8W7BbpsN3YYizJMp8p6"];
    "caip19": Caip19, ["eip155:1/slip44:60", "eip155:1/erc721:0x06012c8cf97BEaD5deAe237070F9587f8E7A266d/771769", "bip122:000000000019d6689c085ae165831e93/slip44:0"];
    "host": Host, ["api.example.com", "bücher.example.de", "xn--bcher-kva.example.com", "www.bitpanda.com", "a.b.c.co.uk"];
    "date": Date, ["2024-12-30", "2024-02-29", "0001-01-01", "9999-12-31"];
    "time": UtcTime, ["2024-12-30T01:02:03.000004+01:00", "2026-06-01T12:00:00Z", "9999-12-30T00:00:00Z"];
    "amount": Amount, ["1000.50", "0", "0.05", "1234567890123456789012345678"];
    "currency": Currency, ["EUR", "usd", "XAU"];
    "country": Country, ["DE", "EL", "gr", "XK", "UK"];
    "activity": Activity, ["custody", "transfer", "other:safe deposit boxes"];
    "subject kind": SubjectKind, ["vasp", "travel_address", "identifier:gleif"];
    "vasp name": VaspName, ["vasp_01jgd3ya0400000000000000g1", "529900HNOAA1KXQJUQ27"];
    "name key": NameKey, ["Autorité des Marchés Financiers (AMF)", "金融庁", "Finanzmarktaufsicht", "ﬁnance №1", "Ǆ"];
    "field code": FieldCode, ["originator.name", "beneficiary.account", "transfer.reason"];
    "rule version id": RuleVersionId, ["EU-TFR@2024-12-30"];
    "jurisdiction id": JurisdictionId, ["DE", "AE-VARA", "EU"];
    "list position": VaspPosition, ["vasp_00000000000000000000000000", "vasp_00000000000000000000000000 acme gmbh"];
    "domain token": ProofToken, ["vasp", "mfrggzdfmztwq2lkmnrhg33vmzrggz3i"];
    "dns resolver": DnsResolver, ["9.9.9.9", "127.0.0.1:5353", "[2620:fe::fe]:53"];
    "policy reference": PolicyReference, ["default", "strict-1@12", "a_b@4294967295"];
    "history position": HistoryPosition, ["12.3", "4294967295.0"];
};

/// The others.
pub(crate) const NAMES: &[Target] = &[
    Target {
        name: "ids",
        examples: || {
            examples(&["vasp_01jgd3ya0400000000000000g1", "key_00000000000000000000000000", "pre_7zzzzzzzzzzzzzzzzzzzzzzzzz"])
        },
        run: ids,
    },
    Target {
        name: "closed lists",
        examples: || examples(&["FATF-GREY", "not_found", "licence.withdrawn", "esma-casps", "custody"]),
        run: closed_lists,
    },
    Target {
        name: "domain file",
        examples: || {
            let line = "vasp-registry-verification=mfrggzdfmztwq2lkmnrhg33vmzrggz3i";
            examples(&[&format!("{line}\n"), &format!("\u{feff}# ours\r\n{line}x\r\n"), "vasp-registry-verification=\nhello"])
        },
        run: domain_file,
    },
    Target { name: "as_of", examples: || examples(&["seq:42", "2026-01-01T00:00:00Z"]), run: as_of },
    Target { name: "money", examples: || examples(&[r#"{"amount": "900.5", "currency": "EUR"}"#]), run: money },
    Target {
        name: "jurisdiction name",
        examples: || examples(&["DE", "germany", "ae-vara", "el", "United States"]),
        run: jurisdiction,
    },
    Target {
        name: "authority",
        examples: || examples(&["Austrian Financial Market Authority (FMA)|AT", "Finansinspektionen|SE"]),
        run: authority,
    },
    Target {
        name: "website cell",
        examples: || examples(&["https.//www.example.com/a | b.de", "http:/bitpanda.com:8080?x", "www.example.co.uk; n/a"]),
        run: website,
    },
];

/// An id of any kind: taken by exactly the kind of its prefix.
fn ids(input: &[u8]) -> Outcome {
    let text = text(input);
    let outcomes = [
        round_trip::<VaspId>(&text),
        round_trip::<LicenceId>(&text),
        round_trip::<OrganisationId>(&text),
        round_trip::<UserId>(&text),
        round_trip::<ApiKeyId>(&text),
        round_trip::<PrecheckId>(&text),
        round_trip::<ImportId>(&text),
        round_trip::<RequestId>(&text),
    ];
    let taken = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Accepted(_))).count();
    assert!(taken <= 1, "{text:?} is an id of {taken} kinds");
    if taken == 1 { accepted("") } else { Outcome::Refused(String::new()) }
}

/// Words of closed lists: each is taken by its own spelling only.
fn closed_lists(input: &[u8]) -> Outcome {
    let text = text(input);
    let mut taken = String::new();
    match text.parse::<ListId>() {
        Ok(list) => taken += &list.to_string(),
        Err(error) => drop(refused(&error)),
    }
    match text.parse::<ProblemCode>() {
        Ok(code) => taken += code.as_str(),
        Err(error) => drop(refused(&error)),
    }
    match text.parse::<CheckCode>() {
        Ok(code) => taken += code.as_str(),
        Err(error) => drop(refused(&error)),
    }
    match text.parse::<ImportFormat>() {
        Ok(format) => taken += format.as_str(),
        Err(error) => drop(refused(&error)),
    }
    if taken.is_empty() {
        return Outcome::Refused(String::new());
    }
    assert_eq!(taken, text, "another spelling is taken, or one word stands in two lists");
    accepted(taken)
}

fn as_of(input: &[u8]) -> Outcome {
    match text(input).parse::<AsOf>() {
        Ok(AsOf::Sequence(sequence)) => {
            assert_eq!(format!("seq:{sequence}").parse(), Ok(AsOf::Sequence(sequence)));
            accepted("sequence")
        }
        Ok(AsOf::Time(time)) => {
            assert_eq!(time.to_string().parse(), Ok(AsOf::Time(time)));
            accepted("time")
        }
        Err(error) => refused(&error),
    }
}

fn money(input: &[u8]) -> Outcome {
    read_file(serde_json::from_slice::<Money>(input), |money| {
        let written = serde_json::to_string(&money).unwrap();
        assert_eq!(serde_json::from_str::<Money>(&written).unwrap(), money);
        accepted("")
    })
}

fn jurisdiction(input: &[u8]) -> Outcome {
    thread_local!(static BOOK: Rulebook = Rulebook::embedded().unwrap());
    BOOK.with(|book| match book.resolve_id(&text(input)) {
        Ok(id) => {
            assert_eq!(book.resolve_id(id.as_str()).as_ref(), Ok(&id));
            accepted(if book.entry(&id).is_some() { "entry" } else { "country" })
        }
        Err(error) => refused(&error),
    })
}

fn authority(input: &[u8]) -> Outcome {
    thread_local!(static KNOWN: vasp_record::authority::Authorities = authorities::embedded().unwrap());
    let text = text(input);
    let (spelling, state) = text.rsplit_once('|').unwrap_or((&text, ""));
    KNOWN.with(|known| match known.find(spelling, state.parse().ok()) {
        Ok(found) => {
            assert_eq!(known.get(&found.authority.id), Some(&found.authority));
            accepted(found.authority.id.clone())
        }
        Err(why) => Outcome::Refused(why.to_string()),
    })
}

fn website(input: &[u8]) -> Outcome {
    match Host::from_website_cell(&text(input)) {
        Some(host) => {
            // `https.` at the beginning is read as a misspelt scheme.
            if !host.as_str().starts_with("http") {
                assert_eq!(Host::from_website_cell(host.as_str()).as_ref(), Some(&host));
            }
            let (parents, registrable) = (host.parents(), host.registrable_domain());
            assert_eq!((parents.first(), parents.last()), (Some(&host), Some(&registrable)));
            assert_eq!(registrable.as_str().parse().as_ref(), Ok(&registrable));
            assert!(host.as_str().ends_with(host.without_www().as_str()));
            accepted("")
        }
        None => Outcome::Refused(variant(&"none")),
    }
}

/// A file proves the domain exactly where one of its lines is the challenge's own.
fn domain_file(input: &[u8]) -> Outcome {
    let challenge = Challenge {
        domain: "vasp.example.com".parse().unwrap(),
        token: "mfrggzdfmztwq2lkmnrhg33vmzrggz3i".parse().unwrap(),
        expires_at: UtcTime::EPOCH,
    };
    let read = |content_type| {
        challenge.judge_file(&PublishedFile {
            host: &challenge.domain,
            status: 200,
            content_type: Some(content_type),
            body: input,
        })
    };
    // The input also as what a server may say of its type.
    let lossy = text(input);
    let _ = read(&lossy);
    let has_line = lossy.lines().any(|line| line.trim().trim_start_matches('\u{feff}').trim() == challenge.text());
    match read("text/plain") {
        Ok(()) => {
            assert!(has_line, "a file without the line proves the domain");
            accepted("")
        }
        Err(fault) => refused(&fault),
    }
}
