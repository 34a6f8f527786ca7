//! Documents of public libraries, and their fields.

use super::*;
use proptest::prelude::*;
use serde_json::json;
use vasp_record::vasp::{OtherName, Vasp};

use crate::precheck::examples::entity;
use crate::rulebook::Rulebook;

static BOOK: std::sync::LazyLock<Rulebook> = std::sync::LazyLock::new(|| Rulebook::embedded().unwrap());

/// Source: TRISA, `pkg/ivms101/testdata/identity_payload.json` (MIT licence); its people and firms are invented. Spelling of 2020, with the
/// VASP in a member of its own name.
fn trisa() -> Value {
    let person = |first: &str, last: &str, id: &str, id_type: &str, country: &str, address: Value| {
        json!({"naturalPerson": {
            "name": {"nameIdentifier": [
                {"primaryIdentifier": last, "secondaryIdentifier": first, "nameIdentifierType": "LEGL"},
                {"primaryIdentifier": "Price", "secondaryIdentifier": first, "nameIdentifierType": "MAID"}]},
            "geographicAddress": [address],
            "nationalIdentification": {"nationalIdentifier": id, "nationalIdentifierType": id_type, "countryOfIssue": country,
                                       "registrationAuthority": "RA777777"},
            "customerIdentification": "2642",
            "dateAndPlaceOfBirth": {"dateOfBirth": "1992-10-04", "placeOfBirth": "West Islip, NY"},
            "countryOfResidence": country}})
    };
    let greystone = json!({"addressType": "HOME", "streetName": "Greystone Street", "buildingNumber": "28", "postCode": "38017",
                           "townName": "Collierville", "countrySubDivision": "TN", "country": "US"});
    let watling = json!({"addressType": "HOME", "streetName": "Watling St", "buildingNumber": "249", "postCode": "WD7 7AL",
                         "townName": "Radlett", "country": "GB"});
    json!({
        "originator": {
            "originatorPersons": [person("Jane", "Howard", "112502920", "SOCS", "US", greystone)],
            "accountNumber": ["14HmBSwec8XrcWge9Zi1ZngNia64u3Wd2v"]},
        "beneficiary": {
            "beneficiaryPersons": [person("Lawrence", "Clark", "319560446", "DRLC", "GB", watling)],
            "accountNumber": ["14WU745djqecaJ1gmtWQGeMCFim1W5MNp3"]},
        "originatingVASP": {"originatingVASP": alice_coin()},
        "beneficiaryVASP": {"beneficiaryVASP": {"legalPerson": {"name": {"nameIdentifier": [
            {"legalPersonName": "Bob's Discount VASP, PLC", "legalPersonNameIdentifierType": "LEGL"}]}}}},
    })
}

/// The originating VASP of the same document.
fn alice_coin() -> Value {
    json!({"legalPerson": {
        "name": {"nameIdentifier": [
            {"legalPersonName": "AliceCoin, Inc.", "legalPersonNameIdentifierType": "LEGL"},
            {"legalPersonName": "AliceCoin", "legalPersonNameIdentifierType": "TRAD"}]},
        "geographicAddress": [{"addressType": "GEOG", "addressLine": ["Roosevelt Place 23, 02151 Boston, MA"], "country": "US"}],
        "nationalIdentification": {"nationalIdentifier": "506700T7Z685VUOZL877", "nationalIdentifierType": "LEIX"},
        "countryOfRegistration": "US"}})
}

fn fields(document: &Value) -> Vec<String> {
    Ivms101::read(document).expect("read").fields().map(str::to_owned).collect()
}

const ORIGINATOR: [&str; 11] = [
    "account",
    "address",
    "birth",
    "country",
    "customer_id",
    "date_of_birth",
    "dlt_address",
    "institution",
    "name",
    "national_id",
    "place_of_birth",
];

#[test]
fn a_document_of_a_public_library_names_every_field_that_it_holds() {
    let found = fields(&trisa());

    let beneficiary = ["account", "address", "country", "dlt_address", "institution", "name", "national_id"];
    let wanted = beneficiary.iter().map(|name| format!("beneficiary.{name}"));
    let wanted: Vec<String> = wanted.chain(ORIGINATOR.iter().map(|name| format!("originator.{name}"))).collect();
    assert_eq!(found, wanted);
    // Every code is one of the rulebook's, so that it can be asked for.
    assert!(BOOK.read_field_codes(&found).is_ok());
    assert_eq!(Ivms101::read(&trisa()).unwrap().originator_type(), Some(PersonType::Natural));
}

#[test]
fn the_spellings_of_2023_and_of_other_programs_are_read_alike() {
    let text = trisa().to_string();
    // Source: TAP's converter from 2020 to 2023; CODE's documentation.
    let of_2023 = text
        .replace("originatorPersons", "originatorPerson")
        .replace("beneficiaryPersons", "beneficiaryPerson")
        .replace("\"nameIdentifierType\"", "\"naturalPersonNameIdentifierType\"")
        .replacen('{', "{\"payloadMetadata\":{\"payloadVersion\":\"101.2023\"},", 1);
    let of_code = text.replace("\"originator\"", "\"Originator\"").replace("\"beneficiary\"", "\"Beneficiary\"");
    for document in [of_2023, of_code] {
        assert_eq!(fields(&serde_json::from_str(&document).unwrap()), fields(&trisa()), "{document}");
    }
}

#[test]
fn what_lacks_is_not_among_the_fields() {
    let without = |pointer: &str, value: Value| {
        let mut document = trisa();
        *document.pointer_mut(pointer).unwrap() = value;
        fields(&document)
    };
    let person = "/originator/originatorPersons/0/naturalPerson";
    for (pointer, value, lacking) in [
        (format!("{person}/name/nameIdentifier/0/nameIdentifierType"), json!("ALIA"), "originator.name"),
        (format!("{person}/name/nameIdentifier/0/primaryIdentifier"), json!("N/A"), "originator.name"),
        (format!("{person}/name"), Value::Null, "originator.name"),
        (format!("{person}/geographicAddress/0/streetName"), json!(" "), "originator.address"),
        (format!("{person}/geographicAddress/0/country"), json!("XX"), "originator.country"),
        (format!("{person}/nationalIdentification/nationalIdentifierType"), json!("MISC"), "originator.national_id"),
        (format!("{person}/dateAndPlaceOfBirth/dateOfBirth"), json!("1992-13-04"), "originator.birth"),
        ("/originator/accountNumber/0".to_owned(), json!("DE89370400440532013000"), "originator.dlt_address"),
        ("/originator/accountNumber".to_owned(), json!([]), "originator.account"),
        ("/originatingVASP".to_owned(), Value::Null, "originator.institution"),
    ] {
        let found = without(&pointer, value);
        assert!(!found.iter().any(|code| code == lacking), "{pointer}: {found:?}");
        assert!(found.iter().any(|code| code == "beneficiary.name"));
    }
    // Of two originators, both need the name.
    let mut two = trisa();
    let mut nameless = two["originator"]["originatorPersons"][0].clone();
    nameless["naturalPerson"]["name"] = json!({});
    two["originator"]["originatorPersons"].as_array_mut().unwrap().push(nameless);
    assert!(!fields(&two).contains(&"originator.name".to_owned()) && fields(&two).contains(&"originator.birth".to_owned()));
}

#[test]
fn a_legal_person_is_read_as_one_beside_who_represents_it() {
    // Source: CODE, `complete-example-legal-person.json`: a firm, and the person who acts for it.
    let mut document = trisa();
    document["originator"]["originatorPersons"] = json!([alice_coin(), {"naturalPerson": {"name": {"nameIdentifier": [{"primaryIdentifier": "Barnes", "nameIdentifierType": "LEGL"}]}}}]);
    let read = Ivms101::read(&document).unwrap();

    assert_eq!(read.originator_type(), Some(PersonType::Legal));
    let own: Vec<&str> = read.fields().filter_map(|code| code.strip_prefix("originator.")).collect();
    assert_eq!(own, ["account", "country", "dlt_address", "institution", "lei", "name", "registered_address"]);
    document["originator"]["originatorPersons"][0]["legalPerson"]["nationalIdentification"]["nationalIdentifier"] =
        json!("506700T7Z685VUOZL878");
    assert!(!fields(&document).contains(&"originator.lei".to_owned()), "a wrong check digit");
}

#[test]
fn what_is_no_document_is_refused_without_its_values() {
    let secret = "Jane Q. Secret";
    for document in [
        json!(secret),
        json!([secret]),
        json!({"name": secret}),
        json!({"originator": {}}),
        json!({"originator": {"originatorPersons": [{"name": secret}]}}),
        json!({"originator": {"originatorPersons": [secret]}}),
        json!({"originator": {"originatorPersons": [{"naturalPerson": {}, "legalPerson": {}}]}}),
        json!({"originator": trisa()["originator"], "Originator": {"originatorPersons": secret}}),
        json!({"payloadMetadata": {"payloadVersion": secret}, "originator": trisa()["originator"]}),
    ] {
        let error = Ivms101::read(&document).expect_err("refused").to_string();
        assert!(!error.contains("Secret") && error.contains("IVMS 101"), "{error}");
        assert_eq!(serde_json::from_value::<Ivms101>(document).unwrap_err().to_string(), error);
    }
    let shown = format!("{:?}", Ivms101::read(&trisa()).unwrap());
    assert!(!shown.contains("Howard") && !shown.contains("Greystone"), "{shown}");
}

#[test]
fn a_record_comes_out_as_the_legal_person_that_went_in() {
    let trading = OtherName { name: "AliceCoin".into(), name_type: "commercial".into() };
    let record = Vasp {
        legal_name: "AliceCoin, Inc.".into(),
        other_names: vec![trading, OtherName { name: "Alice hot wallet".into(), name_type: "label".into() }],
        country: "US".parse().ok(),
        lei: "506700T7Z685VUOZL877".parse().ok(),
        registered_address: Some("Roosevelt Place 23, 02151 Boston, MA".into()),
        ..entity(1)
    };

    let out = IvmsPerson::of(&record).unwrap();
    assert_eq!(serde_json::to_value(&out).unwrap(), alice_coin());
    // What comes out can go in.
    let again = json!({"originator": {"originatorPersons": [out]}});
    assert_eq!(fields(&again), ["originator.country", "originator.lei", "originator.name", "originator.registered_address"]);
    // C4: neither an address nor an identification.
    assert_eq!(IvmsPerson::of(&Vasp { lei: None, registered_address: None, ..record.clone() }), None);
    let long = Vasp { registered_address: Some("Street 1, ".repeat(20)), ..record };
    let lines = IvmsPerson::of(&long).unwrap().legal_person.geographic_address.remove(0).address_line;
    assert!(lines.len() > 1 && lines.iter().all(|line| line.chars().count() <= 70), "{lines:?}");
}

proptest! {
    #[test]
    fn reading_never_panics_and_names_known_fields_only(
        places in prop::collection::vec((0usize..60, "[A-Za-z0-9/ -]{0,12}"), 0..6),
    ) {
        let mut document = trisa();
        for (place, text) in places {
            let mut at = 0;
            replace(&mut document, &mut at, place, &text);
        }
        if let Ok(read) = Ivms101::read(&document) {
            let codes: Vec<String> = read.fields().map(str::to_owned).collect();
            prop_assert!(BOOK.read_field_codes(&codes).is_ok(), "{codes:?}");
        }
    }
}

/// Replaces the value at a place, counted through the whole document.
fn replace(value: &mut Value, at: &mut usize, place: usize, text: &str) {
    *at += 1;
    if *at == place {
        *value = json!(text);
        return;
    }
    match value {
        Value::Object(members) => members.values_mut().for_each(|member| replace(member, at, place, text)),
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, at, place, text)),
        _ => {}
    }
}
