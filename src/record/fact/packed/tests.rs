//! Tests that packed facts read back as they were.

use super::*;
use crate::licence::Authority;
use proptest::prelude::*;
use vasp_words::time::UtcTime;

const MOMENT: &str = "2026-01-31T12:00:00Z";

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(prefix: &str, last: u8) -> T {
    format!("{prefix}0000000000000000000000000{last}").parse().unwrap()
}

fn anchor(last: u8) -> LicenceAnchor {
    let authority = Authority { id: "DE-BAFIN".into(), name: "BaFin".into(), country: "DE".parse().unwrap() };
    LicenceAnchor { id: id("lic_", last), authority: authority.into(), regime: "MiCA".into() }
}

/// What a member published, as the store has it.
fn published(attribute: Attribute) -> String {
    let published = match attribute {
        Attribute::Endpoint => serde_json::json!({
            "id": format!("end_{:026}", 1), "version": 2, "protocol": "trp", "versions": ["3.1.0"],
            "location": {"kind": "host_port", "host": "trp.example.com", "port": 443},
            "required_fields": {"incoming": [], "outgoing": []}, "networks": ["eip155:1"], "assets": [], "regions": ["DE"],
            "maintenance": [{"from": MOMENT, "to": MOMENT, "reason": "Grüße"}], "status": "active", "published_at": MOMENT,
            "changed_at": MOMENT,
        }),
        Attribute::Certificate => serde_json::json!({
            "id": format!("crt_{:026}", 1), "version": 1, "use": "signing", "sha256": "ab", "spki_sha256": "cd",
            "common_name": null, "organisation": "A AG", "organisation_identifier": null, "lei": null, "country": "DE",
            "issuer": "CN=B", "serial": "1", "not_before": MOMENT, "not_after": MOMENT, "chain_not_after": MOMENT,
            "dns_names": ["a.example"], "key": "RSA 2048", "root_set": null, "findings": [], "status": "revoked",
            "revoked_at": MOMENT, "revocation_reason": "keyCompromise", "issued_by_registry": true, "published_at": MOMENT,
        }),
        _ => serde_json::json!({
            "id": format!("mky_{:026}", 1), "version": 1, "use": "encryption", "algorithm": "EC P-256", "thumbprint": "x",
            "jwk": {"kty": "EC"}, "status": "active", "published_at": MOMENT, "changed_at": MOMENT, "rotates_until": null,
            "revoked_at": null, "revocation_reason": null,
        }),
    };
    published.to_string()
}

/// An item and value of each attribute, as the store has them.
fn example(attribute: Attribute) -> (String, String) {
    let group: VaspId = id("vasp_", 7);
    let (item, value): (&str, String) = match attribute {
        Attribute::Status => ("", "suspended".into()),
        Attribute::LegalName => ("", "Löwen Börse AG".into()),
        Attribute::OtherName => ("Löwen", "commercial".into()),
        Attribute::Country => ("", "DE".into()),
        Attribute::Lei => ("", "529900HNOAA1KXQJUQ27".into()),
        Attribute::Website => ("", "https://www.example.com/".into()),
        Attribute::RegisteredAddress => ("", "Straße 1\n10115 Berlin".into()),
        Attribute::Group | Attribute::MergedInto => ("", group.to_string()),
        Attribute::Domain => ("a.example", "lost".into()),
        Attribute::DomainScope => ("a.example", "subdomains".into()),
        Attribute::Delegation => ("a.example/pay%20me", "offered".into()),
        Attribute::RegisterName => ("DE-BAFIN", "löwen börse".into()),
        Attribute::Identifier => ("trisa", "A-1".into()),
        Attribute::Activity => ("other:staking", String::new()),
        Attribute::Contact => ("legal/0", r#"{"role":"legal","name":"Desk","email":null,"phone":"+49"}"#.into()),
        Attribute::Endpoint => ("ep", published(attribute)),
        Attribute::Certificate => ("crt", published(attribute)),
        Attribute::MessageKey => ("mk", published(attribute)),
        Attribute::ScreeningDecision => (
            "EU-SANCTIONS/541/2",
            r#"{"verdict":"false_positive","entry_sha256":"ab","record_sha256":"cd","matched":["A","B"],"decided_on":"2026-02-01"}"#.into(),
        ),
        Attribute::EntityKey => ("", "binance".into()),
        Attribute::Listing => ("", "not_listed".into()),
        Attribute::LicenceStart => ("", "0001-01-01".into()),
        Attribute::LicenceEnd => ("", "9999-12-31".into()),
        Attribute::LicenceNumber => ("", "N 1".into()),
        Attribute::LicenceStanding => ("", "withdrawn".into()),
        Attribute::LicenceActivity => ("custody", "2025-03-01/".into()),
        Attribute::LicenceTerritory => ("AT", String::new()),
    };
    (item.to_owned(), value)
}

fn facts(facts: Vec<Fact>) -> VaspFacts {
    let evidence = RecordedEvidence {
        attribute: "legal_name".into(),
        method: "register_website".into(),
        source: "page".into(),
        verified_at: UtcTime::EPOCH,
        expires_at: None,
    };
    VaspFacts { id: id("vasp_", 1), kind: VaspKind::Group, licences: vec![anchor(1), anchor(2)], facts, evidence: vec![evidence] }
}

fn day() -> impl Strategy<Value = Option<Date>> {
    proptest::option::of((1_i16..=9999, 1_i8..=12, 1_i8..=31).prop_filter_map("a day", |(y, m, d)| Date::new(y, m, d)))
}

fn fact() -> impl Strategy<Value = Fact> {
    let attribute = proptest::sample::select(Attribute::ALL.to_vec());
    let said = (attribute, "\\PC{0,300}", "\\PC{0,300}").prop_map(|(attribute, item, value)| {
        let (known_item, known_value) = example(attribute);
        FactValue::read(attribute, &item, &value)
            .or_else(|| FactValue::read(attribute, &item, &known_value))
            .unwrap_or_else(|| FactValue::read(attribute, &known_item, &known_value).unwrap())
    });
    let licence = proptest::option::of((1_u8..=3).prop_map(|last| id("lic_", last)));
    (licence, "[a-z]{1,2}", said, day(), day(), "\\PC{0,3}").prop_map(|(licence, origin, said, from, to, source)| Fact {
        licence,
        origin: origin.into(),
        said,
        from,
        to,
        source: source.into(),
    })
}

#[test]
fn a_fact_of_every_attribute_reads_back() {
    for attribute in Attribute::ALL {
        let (item, value) = example(attribute);
        let said = FactValue::read(attribute, &item, &value).unwrap_or_else(|| panic!("{attribute}: {item} {value}"));
        let licence = Some(id("lic_", 2));
        let fact = Fact { licence, origin: "register".into(), said, from: None, to: None, source: "file".into() };
        let [packed]: [PackedFacts; 1] = PackedFacts::pack_all([facts(vec![fact.clone()])]).try_into().unwrap();

        assert_eq!(packed.unpack(), facts(vec![fact]));
        let says: Vec<Attribute> = Attribute::ALL.into_iter().filter(|of| packed.says(*of)).collect();
        assert_eq!(says, [attribute]);
    }
}

#[test]
fn vasps_that_are_packed_together_share_their_sources() {
    let said = FactValue::read(Attribute::Country, "", "DE").unwrap();
    let fact =
        || Fact { licence: None, origin: "register".into(), said: said.clone(), from: None, to: None, source: "file".into() };
    let packed = PackedFacts::pack_all([facts(vec![fact()]), facts(vec![fact()])]);

    let sources: Vec<Arc<str>> = packed.iter().map(|packed| Arc::clone(&packed.unpack().facts[0].source)).collect();
    assert!(Arc::ptr_eq(&sources[0], &sources[1]));
}

proptest! {
    #[test]
    fn packed_facts_read_back_as_they_were(vasps in proptest::collection::vec(proptest::collection::vec(fact(), 0..8), 0..4)) {
        let vasps: Vec<VaspFacts> = vasps.into_iter().map(facts).collect();

        let packed = PackedFacts::pack_all(vasps.clone());

        prop_assert_eq!(packed.iter().map(PackedFacts::unpack).collect::<Vec<_>>(), vasps.clone());
        for (packed, facts) in packed.iter().zip(&vasps) {
            prop_assert_eq!((packed.id(), packed.kind(), packed.count()), (facts.id, facts.kind, facts.facts.len()));
        }
    }

    #[test]
    fn a_number_reads_back(number in any::<u32>()) {
        let mut bytes = Vec::new();
        put_number(&mut bytes, number);

        let mut rest = Packed(&bytes);
        prop_assert_eq!((rest.number(), rest.number()), (Some(number), None));
    }
}
