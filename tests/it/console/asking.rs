//! Ask, and what was recorded of it: the question is sent as it was written, and whoever decides later sees it.

use vasp_record::role::{OrganisationKind, Role};

use super::browser::Browser;
use crate::support::{Database, Person, Registry};

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
