//! A member names what is somebody else's: an LEI, a website, a name. Nothing of it counts without evidence, nobody clones a record
//! that waits for its owner, and of two submissions at once only one passes.

use serde_json::{Value, json};
use vasp_record::fact::REGISTRY;
use vasp_record::role::{OrganisationKind, Role};
use vasp_registry::imports::ImportFormat;

use super::{NO_BODY, Story, adoption, candidates};
use crate::support::{Answer, Database, Internet, Registry, on_every_database};

/// LEIs of GLEIF and of Amazon Digital UK Limited. Source: GLEIF.
const LEI: &str = "506700GE1G29325QX363";
const OTHER_LEI: &str = "254900LNRYNOQ9YPU758";

impl Story {
    fn another_member(self) -> Self {
        let member = self.registry.person_of_new(OrganisationKind::Member, &[Role::Editor]);
        self.with_member(member)
    }

    /// Begins a record and returns its id.
    fn drafts(&self, body: &Value) -> String {
        self.registry.post_as(&self.member, "/v1/vasps", body).answered(201)["id"].as_str().unwrap().to_owned()
    }

    fn hands_in(&self) -> Answer {
        self.member_sends("POST", "/v1/vasps/mine/draft/submit", &NO_BODY)
    }

    fn checklist(&self, case: &str) -> Value {
        self.registry.get_as(&self.alice, &format!("/v1/cases/{case}/checklist")).json()
    }

    /// What an LEI stands for: on a path, in a resolution and in a pre-check.
    fn named_by(&self, lei: &str) -> [Value; 3] {
        let resolved = self.registry.get_as(&self.gateway, &format!("/v1/resolve?kind=lei&subject={lei}")).json();
        let asked = json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": {"vasp": lei}});
        let judged = self.registry.post_as(&self.gateway, "/v1/prechecks", &asked);
        let judged =
            if judged.status == 200 { judged.json()["counterparty"]["id"].clone() } else { judged.json()["code"].clone() };
        let seen = self.seen(lei);
        let seen = if seen.status == 200 { seen.json()["id"].clone() } else { seen.json()["code"].clone() };
        let owner = if resolved["status"] == "owned" { &resolved["owners"][0]["vasp"]["id"] } else { &resolved["status"] };
        [seen, owner.clone(), judged]
    }
}

#[on_every_database(Story::begin)]
fn nothing_by_which_a_record_is_found_is_verified_without_evidence(story: Story) {
    story.drafts(&json!({
        "legal_name": "Lagoon Exchange GmbH", "country": "DE", "lei": LEI, "website": "https://www.lagoon.example.org",
        "other_names": [{"name": "Lagoon", "type": "commercial"}], "activities": ["transfer"],
        "identifiers": [{"scheme": "commercial_register:DE", "value": "HRB 1"}],
    }));
    let case = story.submit();
    story.registry.post_as(&story.alice, &format!("/v1/cases/{case}/take"), &NO_BODY);

    let places = ["country", "identifiers", "legal_name", "lei", "other_names", "website"];
    assert_eq!(story.checklist(&case)["blocking"], json!(places));
    for place in ["country", "legal_name", "identifiers", "other_names", "website"] {
        story.evidence(&story.alice, &case, place);
    }
    let refused = story.propose(&story.alice, &case, "verify").problem(422, "invalid_request");
    assert_eq!(refused["errors"][0]["pointer"], "/lei");
    story.evidence(&story.alice, &case, "lei");
    story.decide(&case, "verify");
}

#[on_every_database(Story::begin)]
fn an_lei_names_the_record_that_has_evidence_for_it(story: Story) {
    let owner = story.drafts(&json!({"legal_name": "Lagoon Exchange GmbH", "country": "DE", "lei": LEI}));
    story.vouched();
    let story = story.another_member();
    let liar = story.drafts(&json!({"legal_name": "Quicksand Trading Ltd", "country": "MT"}));
    story.vouched();
    // As a record verified before evidence was asked for has it.
    story.learn_from(REGISTRY, &liar, "lei", LEI);

    assert_eq!(story.seen(&liar).json()["lei"], LEI);
    assert_eq!(story.named_by(LEI), [json!(owner), json!(owner), json!(owner)]);

    // Two with evidence: nobody can say which is meant.
    story.learn(&liar, "lei", LEI);
    let ambiguous = json!("ambiguous_lei");
    assert_eq!(story.named_by(LEI), [ambiguous.clone(), json!("ambiguous"), ambiguous]);
}

#[on_every_database(Story::begin)]
fn a_source_that_names_another_lei_is_no_evidence_for_the_one_that_shows(story: Story) {
    let owner = story.drafts(&json!({"legal_name": "Lagoon Exchange GmbH", "country": "DE", "lei": LEI}));
    story.vouched();
    let story = story.another_member();
    let liar = story.drafts(&json!({"legal_name": "Quicksand Trading Ltd", "country": "MT"}));
    story.vouched();

    story.learn_from(REGISTRY, &liar, "lei", LEI);
    story.learn(&liar, "lei", OTHER_LEI);

    assert_eq!(story.named_by(LEI), [json!(owner), json!(owner), json!(owner)]);
}

#[on_every_database(Story::begin)]
fn of_two_submissions_of_one_lei_at_once_one_is_verified(story: Story) {
    let first = story.drafts(&json!({"legal_name": "Lagoon Exchange GmbH", "country": "DE", "lei": LEI}));
    let first_case = story.submit();
    let story = story.another_member();
    story.drafts(&json!({"legal_name": "Quicksand Trading Ltd", "country": "MT", "lei": LEI}));
    let second_case = story.submit();
    let proposed = |case: &str| {
        story.registry.post_as(&story.alice, &format!("/v1/cases/{case}/take"), &NO_BODY);
        story.evidence_for_all(case);
        story.propose(&story.alice, case, "verify").answered(201)
    };
    let (one, two) = (proposed(&first_case), proposed(&second_case));

    assert_eq!(story.approve(&story.bob, &one).status, 200);
    let refused = story.approve(&story.bob, &two);
    assert_eq!(candidates(&refused, "possible_duplicate"), [json!(first)]);
    let refused = story.propose(&story.alice, &second_case, "verify");
    assert_eq!(candidates(&refused, "possible_duplicate"), [json!(first)]);

    // The member says that it is another one: the reviewer sees that, and which record has the same LEI.
    let said = story.member_sends("PATCH", "/v1/vasps/mine/draft", &json!({"distinct_from": [first]}));
    assert_eq!((said.status.as_u16(), &said.json()["said"]["distinct_from"]), (200, &json!([first])), "{said:?}");
    let list = story.checklist(&second_case);
    let shown = list["look_alikes"].as_array().unwrap();
    let same = shown.iter().find(|one| one["attribute"] == "lei").unwrap_or_else(|| panic!("{list}"));
    assert_eq!((&same["code"], &same["name"], &same["record"]["vasp"]), (&json!("same_value"), &json!(LEI), &json!(first)));
}

#[on_every_database(Story::begin)]
fn a_change_to_somebody_elses_lei_is_refused_when_it_is_written_and_when_it_is_handed_in(story: Story) {
    let owner = story.drafts(&json!({"legal_name": "Lagoon Exchange GmbH", "country": "DE", "lei": LEI}));
    let owners = story.member.clone();
    let story = story.another_member();
    story.drafts(&json!({"legal_name": "Quicksand Trading Ltd", "country": "MT", "lei": LEI}));
    let liar = story.member.clone();
    let elsewhere = story.registry.person_of_new(OrganisationKind::Member, &[Role::Editor]);
    story.registry.post_as(&elsewhere, "/v1/vasps", &json!({"legal_name": "Marsh Coins SA", "country": "FR"}));
    // The owner is verified while the two drafts wait.
    let story = story.with_member(owners);
    story.vouched();

    let story = story.with_member(liar);
    assert_eq!(candidates(&story.hands_in(), "possible_duplicate"), [json!(owner)]);
    let story = story.with_member(elsewhere);
    let changed = story.member_sends("PATCH", "/v1/vasps/mine/draft", &json!({"lei": LEI}));
    assert_eq!(candidates(&changed, "possible_duplicate"), [json!(owner)]);
}

#[on_every_database(Story::begin)]
fn gleif_and_live_records_speak_in_the_checklist(story: Story) {
    let owner = story.drafts(&json!({"legal_name": "Amazon Digital UK Limited", "country": "GB", "lei": OTHER_LEI,
        "website": "https://digital.example.org", "identifiers": [{"scheme": "commercial_register:GB", "value": "04392195"}]}));
    story.vouched();
    let answer = json!({"meta": {"goldenCopy": {"publishDate": "2026-05-29T00:00:00Z"}}, "data": {
        "type": "lei-records", "id": OTHER_LEI, "attributes": {"lei": OTHER_LEI,
            "entity": {"legalName": {"name": "Amazon Digital UK Limited"}, "otherNames": [], "jurisdiction": "GB",
                       "status": "ACTIVE", "legalAddress": {"country": "GB"}, "successorEntity": {"lei": null, "name": null}},
            "registration": {"status": "ISSUED", "lastUpdateDate": "2026-05-28T00:00:00Z",
                             "nextRenewalDate": "2027-01-01T00:00:00Z"}}}});
    story.registry.import(ImportFormat::GleifLei, "answer.json", answer.to_string().leak().as_bytes());
    let story = story.another_member();
    story.drafts(&json!({"legal_name": "Quicksand Trading Ltd", "country": "MT", "lei": OTHER_LEI, "distinct_from": [owner],
        "website": "https://digital.example.org/de",
        "identifiers": [{"scheme": "commercial_register:GB", "value": "04392195"}]}));

    let list = story.checklist(&story.submit());

    let of_lei = list["items"].as_array().unwrap().iter().find(|item| item["attribute"] == "lei").unwrap();
    let voices = of_lei["contradicted_by"].as_array().unwrap();
    let said: Vec<&str> = voices.iter().map(|voice| voice["value"].as_str().unwrap()).collect();
    assert_eq!((voices[0]["origin"].as_str(), said.len()), (Some("gleif"), 2), "{of_lei}");
    assert!(said[0].contains("`Amazon Digital UK Limited`") && said[1].contains("GB"), "{said:?}");
    let shown: Vec<_> = list["look_alikes"].as_array().unwrap().iter().map(|one| (&one["attribute"], &one["code"])).collect();
    let same = json!("same_value");
    let expected = [json!("lei"), json!("identifiers"), json!("website")];
    assert_eq!(shown, expected.iter().map(|place| (place, &same)).collect::<Vec<_>>(), "{list}");
}

#[on_every_database]
fn what_names_a_listed_record_proves_the_listed_record_s_domain(database: Database) {
    let internet = Internet::start(&[adoption::HARBOUR]);
    let story = Story::of(Registry::start_calling(database, Some(internet.outbound()), |_| ()));
    let mut register: Value = serde_json::from_str(&adoption::register()).unwrap();
    register["entities"][0]["lei"] = json!(LEI);
    story.registry.import(ImportFormat::RegisterJson, "register.json", register.to_string().leak().as_bytes());
    let listed = story.seen(LEI).json()["id"].clone();

    let assert_refused = |what: Value| {
        let clone = story.registry.person_of_new(OrganisationKind::Member, &[Role::Editor]);
        let mut body = what.clone();
        (body["country"], body["distinct_from"]) = (json!("DE"), json!([listed]));
        story.registry.post_as(&clone, "/v1/vasps", &body).with(201);
        let refused = story.registry.send_as(&clone, "POST", "/v1/vasps/mine/draft/submit", &[("if-match", "*")], &NO_BODY);
        assert_eq!(candidates(&refused, "duplicate"), std::slice::from_ref(&listed), "{what}");
        assert_eq!(refused.json()["errors"][0]["code"], "domain_not_proven");
    };
    assert_refused(json!({"legal_name": "Quicksand Trading Ltd", "lei": LEI}));
    assert_refused(json!({"legal_name": "Quicksand Trading Ltd", "website": "https://harbour.example.com/quicksand"}));
    assert_refused(json!({"legal_name": "Quicksand Trading Ltd", "website": "https://quicksand.harbour.example.com"}));
    assert_refused(json!({"legal_name": "HARBOUR EXCHANGE G.M.B.H."}));
    // Nor is a record free to be cloned while a reviewer holds it back.
    let case = story.opened(listed.as_str().unwrap());
    story.registry.post_as(&story.carol, &format!("/v1/cases/{case}/take"), &NO_BODY);
    assert_eq!(story.propose(&story.carol, &case, "suspend").status, 201);
    assert_refused(json!({"legal_name": "Quicksand Trading Ltd", "lei": LEI}));

    // Whoever holds the domain may have a record of its own beside it.
    story.drafts(&json!({"legal_name": "Harbour Exchange GmbH", "country": "DE", "distinct_from": [listed]}));
    story.proves(&internet, adoption::HARBOUR);
    assert_eq!(story.hands_in().status, 200);
}
