//! Names that show another name than they hold, or act where they are shown: refused wherever a caller writes one. Names that only look
//! like others: shown to the reviewer. Names of public registers: as they are.

use serde_json::{Value, json};
use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_registry::imports::ImportFormat;

use super::{NO_BODY, Story, adoption};
use crate::support::{Answer, Registry, on_every_database};

/// A name that is refused, and the code that says why.
const ATTACKS: [(&str, &str); 8] = [
    ("Lagoon \u{202e}HbmG", "direction_control"),
    ("\u{2066}Lagoon\u{2069}", "direction_control"),
    ("Lag\u{200b}oon", "invisible_character"),
    ("Lag\u{3164}oon", "invisible_character"),
    ("Lagoon<script>", "markup"),
    ("Lagoon＜b＞", "markup"),
    ("=HYPERLINK(\"https://evil.example\")", "formula_start"),
    ("＠SUM(1)", "formula_start"),
];

#[track_caller]
fn assert_refused(answer: &Answer, (pointer, code): (&str, &str)) {
    let problem = answer.problem(422, "invalid_request");
    let error = &problem["errors"][0];
    assert_eq!((&error["pointer"], &error["code"]), (&json!(pointer), &json!(code)), "{problem}");
    assert!(error["detail"].as_str().is_some_and(|detail| detail.starts_with("the name ")), "{problem}");
}

#[on_every_database(Story::begin)]
fn a_record_takes_no_name_that_hides_or_acts(story: Story) {
    for (name, code) in ATTACKS {
        for who in [&story.member, &story.carol] {
            let posts = |body: Value| story.registry.post_as(who, "/v1/vasps", &body);
            assert_refused(&posts(json!({"legal_name": name})), ("/legal_name", code));
            let other = json!({"legal_name": "Lagoon", "other_names": [{"name": name, "type": "commercial"}]});
            assert_refused(&posts(other), ("/other_names/0/name", code));
        }
    }
    story.draft();
    for (name, code) in ATTACKS {
        let amended = |body: Value| story.member_sends("PATCH", "/v1/vasps/mine/draft", &body);
        assert_refused(&amended(json!({"legal_name": name})), ("/legal_name", code));
        let contact = json!([{"role": "legal", "name": name, "phone": "1"}]);
        assert_refused(&amended(json!({"contacts": contact})), ("/contacts/0/name", code));
    }
    // Tabs and line breaks are control characters, which no line of a record has.
    for start in ["\t=1", "\r=1", "Lagoon\tGmbH"] {
        story.member_sends("PATCH", "/v1/vasps/mine/draft", &json!({"legal_name": start})).problem(422, "invalid_request");
    }
    assert_eq!(story.registry.get_as(&story.member, "/v1/vasps/mine/draft").json()["said"]["legal_name"], "Lagoon Exchange GmbH");
    let honest =
        json!({"other_names": [{"name": "株式会社ラグーン", "type": "former"}, {"name": "Лагуна", "type": "commercial"}]});
    assert_eq!(story.member_sends("PATCH", "/v1/vasps/mine/draft", &honest).status, 200);
}

#[on_every_database(Registry::start)]
fn organisations_users_programs_and_keys_take_no_name_that_hides_or_acts(registry: Registry) {
    let (admin, _) = registry.two_admins();
    let home = registry.home(OrganisationKind::Member, None);
    let own = registry.person_with(home, &[Role::Admin], &[Scope::Admin, Scope::Member]);
    let organisation = format!("/v1/organisations/{home}");
    let user = format!("/v1/users/{}", own.user);

    for (name, code) in ATTACKS {
        let person = json!({"name": name, "email": "ada@alpha.example", "roles": ["editor"]});
        let program = json!({"name": name, "scopes": ["member"], "expires_at": null, "roles": ["editor"]});
        let renamed = [("if-match", "*")];
        for answer in [
            admin.post(&registry, "/v1/organisations", &json!({"name": name, "kind": "member"})),
            admin.send(&registry, "PATCH", &organisation, &renamed, &json!({"name": name})),
            admin.post(&registry, &format!("/v1/users?organisation={home}"), &person),
            admin.post(&registry, &format!("/v1/machine-users?organisation={home}"), &program),
            own.post(&registry, "/v1/users", &person),
            own.post(&registry, "/v1/machine-users", &program),
            own.send(&registry, "PATCH", &user, &renamed, &json!({"name": name, "roles": null})),
            own.post(&registry, "/v1/api-keys", &json!({"name": name, "scopes": ["member"], "expires_at": null})),
        ] {
            assert_refused(&answer, ("/name", code));
        }
    }
}

/// The register of [`adoption::register`] with another name for its firm and one under which it trades.
fn register_with(legal_name: &str, commercial_name: &str) -> String {
    let mut register: Value = serde_json::from_str(&adoption::register()).unwrap();
    register["entities"][0]["legal_name"] = json!(legal_name);
    register["entities"][0]["commercial_names"] = json!([commercial_name]);
    register.to_string()
}

fn listed(story: &Story, query: &str) -> String {
    let found = story.registry.get_as(&story.gateway, &format!("/v1/vasps?q={query}")).json();
    found["items"][0]["id"].as_str().unwrap_or_else(|| panic!("{found}")).to_owned()
}

#[on_every_database(Story::begin)]
fn a_reviewer_is_shown_names_of_mixed_scripts_and_names_that_look_like_live_ones(story: Story) {
    let register = register_with("Harbour Exchange GmbH", "Scope");
    story.registry.import(ImportFormat::RegisterJson, "register.json", register.leak().as_bytes());
    let harbour = listed(&story, "harbour");
    // Cyrillic Н, а, Е and с among Latin letters; and Cyrillic letters alone that read as `scope`.
    let (mixed, whole) = ("\u{41d}\u{430}rbour \u{415}x\u{441}hange Ltd", "\u{455}\u{441}\u{43e}\u{440}\u{435}");
    let draft = json!({"legal_name": mixed, "country": "FR", "distinct_from": [harbour],
                       "other_names": [{"name": whole, "type": "commercial"}, {"name": "Plain", "type": "former"}]});
    assert_eq!(story.registry.post_as(&story.member, "/v1/vasps", &draft).status, 201);
    story.licence();

    let case = story.submit();
    let list = story.registry.get_as(&story.carol, &format!("/v1/cases/{case}/checklist")).json();

    let shown = list["look_alikes"].as_array().unwrap();
    let seen: Vec<_> =
        shown.iter().map(|found| [&found["attribute"], &found["name"], &found["code"], &found["record"]["vasp"]]).collect();
    let (legal_name, other_names, none) = (json!("legal_name"), json!("other_names"), Value::Null);
    let (mixed, whole, harbour) = (json!(mixed), json!(whole), json!(harbour));
    let (mixes, reads, resembles) = (json!("mixed_script"), json!("latin_look_alike"), json!("resembles_record"));
    let expected = [
        [&legal_name, &mixed, &mixes, &none],
        [&legal_name, &mixed, &mixes, &none],
        [&other_names, &whole, &reads, &none],
        [&legal_name, &mixed, &resembles, &harbour],
        [&other_names, &whole, &resembles, &harbour],
    ];
    assert_eq!(seen, expected);
    assert_eq!(shown[4]["record"]["name"], "Scope");
    assert_eq!(shown[3]["record"]["legal_name"], "Harbour Exchange GmbH");
    assert_eq!(shown[3]["record"]["status"], "listed");
    // It is shown, and decides nothing.
    assert!(!list["blocking"].to_string().contains("look"));

    // How a record looks is kept, and it looks the same again.
    let again = story.registry.get_as(&story.carol, &format!("/v1/cases/{case}/checklist")).json();
    assert_eq!(again["look_alikes"], list["look_alikes"]);
}

#[on_every_database(Story::begin)]
fn names_of_public_registers_stay_as_they_are_until_somebody_writes_another(story: Story) {
    let register = register_with("=Harbour <Exchange> GmbH", "Harbour\u{200b}X");
    story.registry.import(ImportFormat::RegisterJson, "register.json", register.leak().as_bytes());
    let vasp = listed(&story, "harbour");
    assert_eq!(story.seen(&vasp).json()["legal_name"], "=Harbour <Exchange> GmbH");

    story.registry.post_as(&story.member, &format!("/v1/vasps/{vasp}/adopt"), &NO_BODY).with(201);
    let kept =
        story.member_sends("PATCH", "/v1/vasps/mine/draft", &json!({"country": "AT", "legal_name": "=Harbour <Exchange> GmbH"}));
    let other = story.member_sends("PATCH", "/v1/vasps/mine/draft", &json!({"legal_name": "=Harbour <Exchange> AG"}));

    assert_eq!((kept.status.as_u16(), &kept.json()["said"]["country"]), (200, &json!("AT")), "{kept:?}");
    assert_refused(&other, ("/legal_name", "markup"));
    // The registry's own draft of it too.
    let own = story.registry.post_as(&story.carol, &format!("/v1/vasps/{vasp}/draft"), &NO_BODY);
    assert_eq!((own.status.as_u16(), &own.json()["said"]["legal_name"]), (201, &json!("=Harbour <Exchange> GmbH")), "{own:?}");
}
