//! Tests of the record on a day, and of texts that cannot be read.

use super::*;
use crate::licence::LicenceStatus;
use crate::register::Extent;
use proptest::prelude::*;

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn fact(licence: Option<LicenceId>, attribute: Attribute, item: &str, value: &str, days: (&str, &str)) -> Fact {
    let said = FactValue::read(attribute, item, value).unwrap();
    assert_eq!((&*said.item(), &*said.text()), (item, value), "what is read is written so");
    Fact { licence, origin: "r".into(), said, from: days.0.parse().ok(), to: days.1.parse().ok(), source: "first.csv".into() }
}

fn facts() -> VaspFacts {
    let licence: LicenceId = "lic_00000000000000000000000000".parse().unwrap();
    let authority = Authority { id: "DE-BAFIN".into(), name: "BaFin".into(), country: "DE".parse().unwrap() }.into();
    VaspFacts {
        id: "vasp_00000000000000000000000000".parse().unwrap(),
        kind: VaspKind::Entity,
        licences: vec![LicenceAnchor { id: licence, authority, regime: "MiCA".into() }],
        facts: vec![
            fact(None, Attribute::LegalName, "", "Old AG", ("", "2026-02-01")),
            fact(None, Attribute::LegalName, "", "New AG", ("2026-02-01", "")),
            fact(None, Attribute::Listing, "", "listed", ("2026-01-01", "")),
            fact(Some(licence), Attribute::Listing, "", "listed", ("2026-01-01", "2026-02-01")),
            fact(Some(licence), Attribute::Listing, "", "not_listed", ("2026-02-01", "")),
            fact(Some(licence), Attribute::LicenceActivity, "custody", "2025-03-01/", ("", "")),
            fact(Some(licence), Attribute::LicenceStart, "", "2025-03-01", ("", "")),
        ],
        evidence: vec![],
    }
}

#[test]
fn the_record_is_that_of_the_asked_day() {
    let snapshots = Snapshots::from([(
        "r".to_owned(),
        [("2026-01-01", "first.csv"), ("2026-02-01", "second.csv")]
            .map(|(day, file)| Reading { day: date(day), extent: Extent::Whole, source: file.into() })
            .into(),
    )]);

    let january = facts().record_on(date("2026-01-15"), &snapshots);
    let february = facts().record_on(date("2026-02-15"), &snapshots);

    assert_eq!(january.legal_name, "Old AG");
    assert_eq!(february.legal_name, "New AG");
    assert_eq!(january.licences[0].status_on(date("2026-01-15")), LicenceStatus::InForce);
    assert_eq!(february.licences[0].status_on(date("2026-02-15")), LicenceStatus::NotListed);
    assert_eq!(february.licences[0].last_seen, Some(date("2026-01-01")));
    assert_eq!(&*february.licences[0].source, "first.csv");
    assert_eq!(february.licences[0].activities_on(date("2025-02-28")).count(), 0);
    assert_eq!(&*february.evidence[0].source, "second.csv");
    assert_eq!(february.evidence[0].verified_at, Some(date("2026-02-01").start()));
}

#[test]
fn of_what_several_say_of_a_host_the_strongest_counts_with_its_own_scope() {
    let say = |origin: &str, attribute, item: &str, value: &str| Fact {
        origin: origin.into(),
        ..fact(None, attribute, item, value, ("", ""))
    };
    let said = vec![
        say("register", Attribute::Domain, "a.com", "unproven"),
        say("member", Attribute::Domain, "a.com", "proven"),
        say("register", Attribute::DomainScope, "a.com", "subdomains"),
        say("register", Attribute::Domain, "b.com", "unproven"),
        say("member", Attribute::Domain, "b.com", "lost"),
        say("member", Attribute::Domain, "c.com", "proven"),
        say("member", Attribute::DomainScope, "c.com", "subdomains"),
        say("member", Attribute::DomainScope, "d.com", "subdomains"),
    ];

    for facts_in_order in [said.clone(), said.into_iter().rev().collect()] {
        let record = VaspFacts { facts: facts_in_order, ..facts() }.record_on(date("2026-01-15"), &Snapshots::new());
        let found: Vec<_> = record.domains.iter().map(|d| (d.domain.as_str(), d.status, d.covers_subdomains)).collect();

        let expected =
            [("a.com", DomainStatus::Proven, false), ("b.com", DomainStatus::Lost, false), ("c.com", DomainStatus::Proven, true)];
        assert_eq!(found, expected);
    }
}

#[test]
fn the_next_change_is_the_next_day_that_a_fact_names() {
    assert_eq!(facts().next_change(date("2025-01-01")), Some(date("2025-03-01")));
    assert_eq!(facts().next_change(date("2025-03-01")), Some(date("2026-01-01")));
    assert_eq!(facts().next_change(date("2026-02-01")), None);
}

#[test]
fn pointers_escape_what_rfc_6901_demands() {
    assert_eq!(pointer(None, &FactValue::OtherName("a/b~c".into(), "brand".into())), "/other_names/a~1b~0c");
}

/// An unknown word, a cut date or an unknown country must not be read as absent.
#[test]
fn what_cannot_be_read_is_told_apart_from_silence() {
    let readable = |attribute, item: &str, value: &str| FactValue::read(attribute, item, value).is_some();

    for status in "revoked suspended rejected withdrawn retired draft submitted in_review listed verified".split(' ') {
        assert!(readable(Attribute::Status, "", status), "{status}");
    }
    assert!(!readable(Attribute::Status, "", "quarantined"));
    assert!(readable(Attribute::Domain, "a.example", "proven") && !readable(Attribute::Domain, "a.example", "maybe"));
    assert!(readable(Attribute::LicenceStanding, "", "withdrawn") && !readable(Attribute::LicenceStanding, "", "paused"));
    assert!(readable(Attribute::LicenceEnd, "", "2026-02-01") && !readable(Attribute::LicenceEnd, "", "2026-02-30"));
    assert!(
        readable(Attribute::LicenceActivity, "custody", "2025-03-01/") && readable(Attribute::LicenceActivity, "custody", "/")
    );
    assert!(
        !readable(Attribute::LicenceActivity, "custody", "2025-03-01") && !readable(Attribute::LicenceActivity, "gaming", "/")
    );
    assert!(readable(Attribute::LicenceTerritory, "DE", "") && !readable(Attribute::LicenceTerritory, "Germany", ""));
    assert!(readable(Attribute::Listing, "", "not_listed") && !readable(Attribute::Listing, "", "gone"));
    assert!(readable(Attribute::Lei, "", "5493007WZ7IFULIL8G21") && !readable(Attribute::Lei, "", "5493007WZ7IFULIL8G22"));
}

proptest! {
    /// A written value reads back as the same value, any number of times.
    #[test]
    fn what_is_read_is_written_so_that_it_reads_the_same(
        attribute in proptest::sample::select(Attribute::ALL.to_vec()),
        item in "|custody|DE|a\\.com|[a-z0-9/:~ ]{0,20}|\\PC{0,12}",
        value in "|listed|not_listed|proven|2026-0[1-9]-[0-3][0-9]|/2026-01-01|\\{\"role\":\"compliance\"\\}|\\PC{0,24}",
    ) {
        prop_assert_eq!(Attribute::from_text(attribute.as_str()), Some(attribute));
        if let Some(said) = FactValue::read(attribute, &item, &value) {
            let (item, value) = (said.item(), said.text());
            prop_assert_eq!(said.attribute(), attribute);
            prop_assert_eq!(FactValue::read(attribute, &item, &value), Some(said));
        }
    }
}
