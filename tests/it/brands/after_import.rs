//! Imports of registers and labels search for links from brands to firms. What they find is a proposal, and no pre-check gets better by it.

use serde_json::{Value, json};
use vasp_registry::imported::BrandSearch;

use super::decided::{LABELLED, VAVO, VAVO_MALTA, find, firm, import_firms, import_label, malta, vavo};
use crate::prechecks::expect::finding;
use crate::prechecks::world::{World, all_fields, lei};
use crate::support::{Database, on_every_database};

fn search(proposed: u64, cases: u64) -> Option<BrandSearch> {
    Some(BrandSearch { proposed, cases, failed: None })
}

/// The links of a standing: brand and firm.
fn links(world: &World, standing: &str) -> Vec<[Value; 2]> {
    let (reviewer, _) = world.registry.two_operators();
    let all = world.registry.get_as(&reviewer, &format!("/v1/brands/links?standing={standing}")).json();
    all["items"].as_array().unwrap().iter().map(|one| [one["brand"].clone(), one["legal_name"].clone()]).collect()
}

#[on_every_database(World::start)]
fn a_firm_that_a_register_adds_becomes_a_proposal_and_a_case_without_anybody_asking(world: World) {
    assert_eq!(import_label(&world).brands, search(0, 0), "no firm of that brand is known");

    let report = import_firms(&world, "2026-05-30", &[vavo()]);

    assert_eq!(report.brands, search(1, 1));
    assert_eq!(links(&world, "proposed"), [[json!("Bitvavo"), json!("Bitvavo B.V.")]]);
    assert_eq!(links(&world, "accepted"), Vec::<[Value; 2]>::new(), "the find is strong, but nobody decided");
    let vasp = world.vasp_id(VAVO).parse().unwrap();
    assert_eq!(world.registry.triggers(vasp).iter().map(|one| one.kind.as_str()).collect::<Vec<_>>(), ["brand_link"]);
    assert_eq!(import_firms(&world, "2026-05-30", &[vavo()]).brands, None, "the same file again");
    assert_eq!(import_firms(&world, "2026-05-31", &[vavo()]).brands, search(0, 0), "the link is known");
    assert_eq!(import_firms(&world, "2026-06-01", &[vavo(), malta()]).brands, search(1, 1));
    assert_eq!(find(&world, vasp_registry::brands::AcceptStrong::No).proposed, 0, "nothing is left to find");
}

#[on_every_database(World::start)]
fn labels_of_a_new_brand_lead_to_firms_that_were_known_before(world: World) {
    assert_eq!(import_firms(&world, "2026-05-30", &[vavo()]).brands, search(0, 0));

    assert_eq!(import_label(&world).brands, search(1, 1));
}

#[on_every_database(World::start)]
fn the_journal_tells_how_many_links_were_proposed(world: World) {
    import_label(&world);
    import_firms(&world, "2026-05-30", &[vavo(), malta()]);
    world.import_list("UN-SANCTIONS", "2026-05-29");

    let (reviewer, _) = world.registry.two_operators();
    let all = world.registry.get_as(&reviewer, "/v1/imports").json();
    let of = |file: &str| -> Vec<Value> {
        let all = all["items"].as_array().unwrap().iter().filter(|one| one["file"] == file);
        all.map(|one| one["links_proposed"].clone()).collect()
    };

    assert_eq!((of("bitvavo.csv"), of("list.json").pop()), (vec![json!(0)], Some(Value::Null)));
    assert!(of("register.json").contains(&json!(2)), "{all}");
}

/// The database refuses what the search would write.
#[test]
fn an_import_stands_if_the_search_after_it_fails_and_the_next_import_searches_again() {
    let world = World::start(Database::sqlite());
    import_label(&world);
    let refusal = "CREATE TRIGGER refuse BEFORE INSERT ON documents WHEN NEW.kind = 'brand-finds' \
                   BEGIN SELECT RAISE(ABORT, 'the test refuses it'); END";
    world.registry.database.run(refusal);

    let report = import_firms(&world, "2026-05-30", &[vavo()]);

    let search_after = report.brands.clone().unwrap();
    assert!(search_after.failed.is_some_and(|reason| reason.contains("the test refuses it")), "{report:?}");
    assert_eq!((search_after.proposed, search_after.cases, report.new, report.exit_code()), (0, 0, 1, 1));
    assert_eq!(world.get_as(&world.key, &format!("/v1/vasps/{}", lei(VAVO))).json()["legal_name"], "Bitvavo B.V.");
    let (reviewer, _) = world.registry.two_operators();
    let imports = world.registry.get_as(&reviewer, "/v1/imports").json();
    let is_it = |one: &&Value| one["file"] == "register.json" && one["observed_on"] == "2026-05-30";
    let noted = imports["items"].as_array().unwrap().iter().find(is_it).unwrap();
    assert_eq!((&noted["outcome"], &noted["links_proposed"]), (&json!("changed"), &Value::Null));

    world.registry.database.run("DROP TRIGGER refuse");
    assert_eq!(import_firms(&world, "2026-05-31", &[vavo()]).brands, search(1, 1));
}

/// Ranks a recommendation: a higher number lets the sender do more.
fn rank(answer: &Value) -> usize {
    let order = ["reject", "hold", "proceed_with_conditions", "proceed"];
    order.iter().position(|word| answer["recommendation"] == *word).unwrap()
}

fn ask_as_of(world: &World, beneficiary: &Value, sequence: i64) -> Value {
    let request = json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": beneficiary, "transfer": {},
                         "provided_fields": all_fields(), "as_of": format!("seq:{sequence}")});
    world.post("/v1/prechecks", &request).answered(200)
}

/// Source: docs/brands.md, "What a pre-check asks": a proposal settles nothing. The sequence of the import's report is before what the search wrote,
/// so both questions see the same registers and labels.
#[on_every_database(World::start)]
fn the_search_after_an_import_lets_no_pre_check_get_better(world: World) {
    import_label(&world);
    let firms = [vavo(), malta(), firm(VAVO_MALTA + 1, "Bitvavo Europe Ltd", "IE", "IE-CBI", "https://bitvavo.com")];
    let mut held = 0;
    for count in 1..=firms.len() {
        let day = format!("2026-05-2{}", count + 2);
        let report = import_firms(&world, &day, &firms[..count]);
        assert_eq!(report.brands, search(1, 1));
        let found = world.registry.registry.pin(world.now()).sequence();
        assert!(found > report.sequence, "the search wrote something");
        let declared =
            [Value::Null, json!({"kind": "vasp", "vasp": lei(VAVO)}), json!({"kind": "vasp", "vasp": lei(VAVO_MALTA)})];
        for (country, declared) in [None, Some("DE"), Some("NL"), Some("MT"), Some("US")]
            .iter()
            .flat_map(|one| declared.iter().map(move |two| (one, two)))
        {
            let beneficiary =
                json!({"address": LABELLED, "network": "eip155:1", "customer_country": country, "declared": declared});
            let before = ask_as_of(&world, &beneficiary, report.sequence);
            let after = ask_as_of(&world, &beneficiary, found);
            // Who declares an entity that is proposed for the brand gets a condition.
            let is_told = finding(&after, "attribution") == "warn attribution.declared_unconfirmed";
            let is_better = rank(&after) > rank(&before);
            assert!(!is_better || is_told, "{beneficiary}: {} -> {}", before["recommendation"], after["recommendation"]);
            held += usize::from(before["recommendation"] == "hold" && after["recommendation"] == "hold");
        }
    }
    assert!(held > 0, "the questions include some that are held");
}
