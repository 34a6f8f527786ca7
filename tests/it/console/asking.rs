//! Ask, and what was recorded: the question is sent as it was written, and the person who decides later sees it.

use serde_json::json;
use vasp_record::role::{OrganisationKind, Role};

use super::browser::{Browser, Shown};
use crate::policies::Office;
use crate::prechecks::world::{ALSTER, OWN, UNKNOWN, World};
use crate::support::{Database, Person, Registry};

/// An address of Alster Krypto AG itself.
const CLAIMED: &str = "0x1000000000000000000000000000000000001010";

/// Two officers of a bank, and a pre-check of theirs whose conditions are open: its place in the console.
fn with_conditions(world: &World) -> (Office, String) {
    world.claim(ALSTER, CLAIMED);
    let office = Office::new(world, OrganisationKind::Member, Some(OWN));
    let beneficiary = json!({"address": CLAIMED, "network": "eip155:1", "customer_country": "AT"});
    let question = json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": beneficiary,
                          "transfer": {"amount": "1.5", "asset": "eip155:1/slip44:60"}});
    let answer = office.ada.post(&world.registry, "/v1/prechecks", &question).answered(200);
    assert_eq!(answer["recommendation"], "proceed_with_conditions", "{answer}");
    let place = format!("/console/prechecks/{}", answer["id"].as_str().unwrap());
    (office, place)
}

/// A gateway's compliance officer.
fn officer(registry: &Registry) -> Person {
    registry.person_of_new(OrganisationKind::Gateway, &[Role::Compliance])
}

#[test]
fn the_record_button_is_right_below_the_verdicts_head() {
    let registry = Registry::start(Database::sqlite());
    let vasp = registry.record("Lagoon Exchange GmbH", &[("status", "", "listed"), ("country", "", "DE")]);
    let mut browser = Browser::of(&registry, &officer(&registry));

    let page = browser.get(&format!("/console/ask?q={vasp}&from=DE"));

    assert!(page.text.contains("<button>Ask</button>"), "{}", page.text);
    let (_, below) = page.text.split_once("class=\"word").unwrap();
    let (between, _) = below.split_once("Record this pre-check").unwrap_or_else(|| panic!("{below}"));
    assert!(!between.contains("<table") && below.contains("Who is behind it"), "{between}");
}

#[test]
fn an_empty_field_is_not_sent_so_that_a_plain_address_is_answered() {
    let registry = Registry::start(Database::sqlite());
    let person = officer(&registry);
    let mut browser = Browser::of(&registry, &person);
    let addresses = [
        "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T",
    ];

    for address in addresses {
        let empty = "network=&memo=+&customer_country=&amount=&asset=&value=&currency=&correspondent=";
        let page = browser.get(&format!("/console/ask?q={address}&from=DE&{empty}"));
        assert!(page.text.contains("class=\"word") && !page.text.contains("is not supported"), "{}", page.text);
        let recorded = browser.press(&page, "create_precheck", &[]);
        assert!(recorded.place.starts_with("/console/prechecks/pre_"), "{recorded:?}");
        let id = recorded.place.rsplit('/').next().unwrap().split('?').next().unwrap();
        let asked = registry.get_as(&person, &format!("/v1/prechecks/{id}")).answered(200)["transfer"].clone();
        let [place, memo] = ["address", "memo"].map(|name| &asked["beneficiary"][name]);
        assert!(place.as_str().is_some_and(|read| read.eq_ignore_ascii_case(address)) && memo.is_null(), "{asked}");
    }
    let page = browser.get(&format!("/console/ask?q={}&from=DE&value=250", addresses[1]));
    assert!(
        !page.text.contains("class=\"word") && page.text.contains("notice bad"),
        "a value without its currency: {}",
        page.text
    );
}

#[test]
fn a_choice_between_no_and_yes_says_no_and_yes() {
    let registry = Registry::start(Database::sqlite());
    let mut browser = Browser::of(&registry, &officer(&registry));

    for (place, name, unsaid) in [("/console/ask", "correspondent", "Not said"), ("/console/alerts", "acknowledged", "All")] {
        let page = browser.get(place);
        let choice = page.text.split(&format!("name=\"{name}\"")).nth(1).unwrap().split("</select>").next().unwrap();
        let words: Vec<&str> =
            choice.split("</option>").filter_map(|option| option.rsplit_once('>')).map(|(_, word)| word).collect();
        assert_eq!(words[..3], [unsaid, "No", "Yes"], "{choice}");
    }
}

#[test]
fn a_refusal_that_names_a_route_says_which_form_of_the_page_it_is() {
    let world = World::start(Database::sqlite());
    let (office, place) = with_conditions(&world);
    let mut browser = Browser::of(&world.registry, &office.ada);
    let page = browser.get(&place);

    let refused = browser.press(&page, "result", &[("/result", "released")]);

    assert_eq!(refused.status, 409, "{}", refused.text);
    let said = refused.text.split("role=\"alert\">").nth(1).unwrap().split("</div>").next().unwrap();
    let form = "On this page: Release it although the answer does not clear it: two people.";
    assert!(said.contains("/outcome/propose.") && said.ends_with(form), "{said}");
    assert!(refused.has_form("release"), "{}", refused.text);
}

#[test]
fn an_open_condition_is_marked_as_met_by_the_person_who_is_signed_in() {
    let world = World::start(Database::sqlite());
    let (office, place) = with_conditions(&world);
    let mut browser = Browser::of(&world.registry, &office.ada);
    let page = browser.get(&place);
    let form = page.text.split("id=\"met-c1\"").nth(1).unwrap().split("</form>").next().unwrap();
    assert!(page.text.contains("<summary>Mark as met: ") && !form.contains("optional"), "{}", page.text);
    let name = page.fields("met-c1", &[]).into_iter().find(|(name, _)| name == "/conditions/0/by").unwrap().1;
    assert!(!name.is_empty() && page.text.contains(&format!("{name}, ")), "{name}");

    let met = browser.press(&page, "met-c1", &[("/conditions/0/proof/text", "The customer's letter of 1 June.")]);

    assert!(met.text.contains("Done:") && !met.has_form("met-c1"), "{}", met.text);
}

#[test]
fn whoever_decides_sees_what_was_asked_on_the_pre_check_in_the_list_and_on_the_proposal() {
    let world = World::start(Database::sqlite());
    let (office, place) = with_conditions(&world);
    let (mut first, mut second) = (Browser::of(&world.registry, &office.ada), Browser::of(&world.registry, &office.ben));
    let facts = |page: &Shown| {
        let table =
            page.text.split("<caption><span>What was asked</span></caption>").nth(1).unwrap().split("</table>").next().unwrap();
        for said in [CLAIMED, "Ethereum", "1.5 ETH", "customer&#39;s country", ">AT<"] {
            assert!(table.contains(said), "{said}: {table}");
        }
    };
    let row = |browser: &mut Browser<'_>| {
        let text = browser.get("/console/prechecks").text;
        text.split("<tbody>").nth(1).unwrap().split("</tr>").next().unwrap().to_owned()
    };

    let page = first.get(&place);
    facts(&page);
    let listed = row(&mut first);
    for said in [CLAIMED, "Ethereum", "1.5 ETH", "customer in AT", "<td>open</td>"] {
        assert!(listed.contains(said), "{said}: {listed}");
    }
    let release = [("/result", "released"), ("/transaction", "book-7"), ("/reason", "The board decided it.")];
    let proposed = first.press(&page, "release", &release);
    assert!(proposed.text.contains("another person decides it"), "{}", proposed.text);
    let waiting = office.ben.read(&world.registry, "/v1/proposals?state=pending");
    let proposal = second.get(&format!("/console/proposals/{}", waiting["items"][0]["id"].as_str().unwrap()));
    facts(&proposal);
    assert!(proposal.text.contains(&format!("href=\"{place}\"")), "{}", proposal.text);
    second.press(&proposal, "approve", &[]);
    let listed = row(&mut second);
    assert!(listed.contains("<td>released</td>"), "{listed}");
}

#[test]
fn what_is_missing_is_named_and_the_form_has_the_fields_that_the_next_steps_ask_for() {
    let registry = Registry::start(Database::sqlite());
    let vasp = registry.record("Lagoon Exchange GmbH", &[("status", "", "listed"), ("country", "", "DE")]);
    let person = officer(&registry);
    let mut browser = Browser::of(&registry, &person);
    let ask = format!("/console/ask?q={UNKNOWN}&network=eip155:1&from=DE");

    let page = browser.get(&ask);

    let notice = page.text.split("Facts are missing.</strong>").nth(1).unwrap().split("</div>").next().unwrap();
    assert!(notice.contains("Attribution: "), "{notice}");
    let named = page.text.split("On Ask: ").nth(1).unwrap_or_else(|| panic!("{}", page.text)).split("</span>").next().unwrap();
    assert!(named.contains("Which firm it is, Self-hosted wallet"), "{named}");
    for field in ["declared", "self_hosted", "customer_country"] {
        assert!(page.text.contains(&format!("name=\"{field}\"")), "{field}: {}", page.text);
    }
    for (field, value, declared) in [
        ("declared", vasp.to_string(), json!({"kind": "vasp", "vasp": vasp})),
        ("self_hosted", "true".to_owned(), json!({"kind": "self_hosted", "own_wallet": true})),
    ] {
        let page = browser.get(&format!("{ask}&{field}={value}"));
        let recorded = browser.press(&page, "create_precheck", &[]);
        let id = recorded.place.rsplit('/').next().unwrap().split('?').next().unwrap();
        let asked = registry.get_as(&person, &format!("/v1/prechecks/{id}")).answered(200)["transfer"].clone();
        assert_eq!(asked["beneficiary"]["declared"], declared, "{asked}");
    }
}
