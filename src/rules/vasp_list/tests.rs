//! Which record a row is about. Firms and numbers are invented.

use super::*;
use crate::brand_links::tests::entry;
use crate::linked_entity::RegisterNumber;
use crate::precheck::examples::entity;
use crate::protocol::Protocols;
use vasp_words::ids::VaspId;

const LEI: &str = "529900T8BM49AURSDO55";

fn row(change: impl FnOnce(&mut ListedVasp)) -> ListedVasp {
    let location = Location::Identifier { scheme: "gtr_vasp_code".into(), value: "MAkGAda4ac".into() };
    let mut row = ListedVasp {
        row: 1,
        location,
        name: "Axchange".into(),
        legal_name: None,
        lei: None,
        number: None,
        country: None,
        alliance: None,
        required_fields: vec![],
        is_reachable: true,
    };
    change(&mut row);
    row
}

/// A firm of Ireland with this name and LEI.
fn firm(number: u8, name: &str, lei: Option<&str>) -> Vasp {
    let record = entity(number);
    let (country, lei) = (Some("IE".parse().unwrap()), lei.map(|text| text.parse().unwrap()));
    Vasp { legal_name: name.into(), country, lei, entries: vec![], ..record }
}

fn found(row: &ListedVasp, firms: &[Vasp]) -> Result<(VaspId, ListedBy), Unmatched> {
    let with = |mark: &EntityMark| firms.iter().filter(|firm| EntityMark::of(firm).contains(mark)).collect::<Vec<&Vasp>>();
    row.find(&with).map(|(vasp, by)| (vasp.id, by))
}

#[test]
fn lei_decides_and_name_with_country_only_if_one_firm_has_it() {
    let (one, other) = (firm(1, "Axchange Ireland Limited", None), firm(2, "Axchange Ireland Limited", Some(LEI)));
    let by_name = row(|row| {
        row.legal_name = Some("AXCHANGE IRELAND LTD".into());
        row.country = Some("IE".parse().unwrap());
    });
    let by_lei = ListedVasp { lei: Some(LEI.parse().unwrap()), ..by_name.clone() };

    assert_eq!(found(&by_name, std::slice::from_ref(&one)), Ok((one.id, ListedBy::NameAndCountry)));
    assert_eq!(found(&by_name, &[one.clone(), other.clone()]), Err(Unmatched::Several));
    assert_eq!(found(&by_lei, &[one.clone(), other.clone()]), Ok((other.id, ListedBy::Lei)));
    // A row with an LEI is not about a firm of that name whose LEI is not known.
    assert_eq!(found(&by_lei, &[one]), Err(Unmatched::LeiUnknown));
    let numbered = ListedVasp { number: Some(RegisterNumber { authority: "IE-CBI".into(), number: "C1".into() }), ..by_lei };
    let of_number = |lei| Vasp { entries: vec![entry("IE-CBI", "C1")], ..firm(3, "Elsewhere Limited", lei) };
    assert_eq!(
        found(&numbered, &[of_number(Some("5493001KJTIIGC8Y1R12"))]),
        Err(Unmatched::Several),
        "the number is another firm's"
    );
    assert_eq!(found(&numbered, &[of_number(None)]).map(|(_, by)| by), Ok(ListedBy::RegisterNumber));
}

#[test]
fn a_brand_a_name_without_country_and_a_firm_elsewhere_are_nobody() {
    let firms = [firm(1, "Axchange Ireland Limited", None)];
    let named = |country: Option<&str>| {
        row(|row| {
            row.legal_name = Some("Axchange Ireland Limited".into());
            row.country = country.map(|code| code.parse().unwrap());
        })
    };

    assert_eq!(found(&row(|_| ()), &firms), Err(Unmatched::NoIdentity));
    assert_eq!(found(&named(None), &firms), Err(Unmatched::NoIdentity));
    assert_eq!(found(&named(Some("GB")), &firms), Err(Unmatched::NameUnknown));
    assert_eq!(found(&ListedVasp { is_reachable: false, ..named(Some("IE")) }, &firms), Err(Unmatched::NotReachable));
}

#[test]
fn every_reason_says_what_would_be_right() {
    assert!(Unmatched::ALL.into_iter().all(|reason| reason.remedy().ends_with('.')));
}

/// Source: the documentation of GTR ("Global Travel Rule", "Smile Travel Rule") and CODE ("Verify VASP, GTR, and Sygna").
#[test]
fn networks_are_known_as_the_providers_write_them() {
    let protocols = Protocols::embedded().unwrap();
    let over = |own: &str, written: Option<&str>| Over::read(written, &own.parse().unwrap(), &protocols);
    let bridge = |to: &str| Over::Bridge(to.parse().unwrap());

    assert_eq!(over("gtr", None), Over::Itself);
    assert_eq!(over("gtr", Some("Global Travel Rule")), Over::Itself);
    assert_eq!(over("gtr", Some("Smile Travel Rule")), Over::Unknown("Smile Travel Rule".to_owned()));
    assert_eq!(over("code", Some("CODE")), Over::Itself);
    for (written, to) in [("Verify VASP", "verifyvasp"), ("VerifyVASP", "verifyvasp"), ("GTR", "gtr"), ("Sygna", "sygna_bridge")]
    {
        assert_eq!(over("code", Some(written)), bridge(to));
    }
}

#[test]
fn an_index_returns_the_rows_of_a_record_only() {
    let firms = [firm(1, "Axchange Ireland Limited", None), firm(2, "Other Limited", Some(LEI))];
    let named = row(|row| {
        row.legal_name = Some("Axchange Ireland Limited".into());
        row.country = Some("IE".parse().unwrap());
    });
    let other = row(|row| row.lei = Some(LEI.parse().unwrap()));
    let rows = vec![named, other, row(|_| ())];
    let protocol = "gtr".parse().unwrap();
    let index = VaspListIndex::of(vec![VaspList { protocol, as_of: "2026-11-20".parse().unwrap(), source: "x".into(), rows }]);

    let with = |mark: &EntityMark| firms.iter().filter(|firm| EntityMark::of(firm).contains(mark)).collect::<Vec<&Vasp>>();
    for (number, firm) in firms.iter().enumerate() {
        let of_firm = index.of_vasp(firm, &with);
        assert_eq!(of_firm.iter().map(|(_, row, _)| *row).collect::<Vec<_>>(), [&index.lists()[0].rows[number]]);
    }
}
