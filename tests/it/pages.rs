//! The pages for people: the first page, the documentation, the reference of the API. `scripts/check-pages` looks at them in a browser.

use std::collections::{BTreeMap, BTreeSet};

use vasp_registry::imports::ImportFormat;

use crate::filled::{Filled, LEIS, entity};
use crate::support::{Answer, Database, Registry, on_every_database};

const CLAIMS: &[u8] = include_bytes!("../fixtures/claims/labels.csv");

const PAGE_POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

fn open_registry() -> Registry {
    Registry::start_with(Database::sqlite(), |settings| {
        settings.public_read = true;
        settings.public_rate = None;
    })
}

fn page(registry: &Registry, path: &str) -> Answer {
    let answer = registry.client.get(path);
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "text/html; charset=utf-8"), "{path}: {answer:?}");
    answer
}

/// The values of the attributes `href` and `src`.
fn links(html: &str) -> impl Iterator<Item = &str> {
    let after = ["href=\"", "src=\""].into_iter().flat_map(|name| html.split(name).skip(1));
    after.filter_map(|rest| rest.split('"').next())
}

#[on_every_database(Filled::start_public)]
fn first_page_shows_figures_and_sources_where_reading_is_public(mut filled: Filled) {
    filled.read_at("2026-05-16T08:00:00Z", "2026-05-15", vec![entity(LEIS[0], "A GmbH"), entity(LEIS[1], "B GmbH")]);
    filled.registry.import(ImportFormat::ClaimsCsv, "labels.csv", CLAIMS);

    let answer = page(&filled.registry, "/");

    // It has the box that looks firms and addresses up.
    assert_eq!(answer.header("content-security-policy"), PAGE_POLICY.replace("form-action 'none'", "form-action 'self'"));
    assert_eq!(answer.header("cache-control"), "private, no-store");
    assert!(answer.text.contains("<li><b>2</b>legal entities</li>"), "{}", answer.text);
    assert!(answer.text.contains("<li><b>2</b>with a licence in force</li>"), "{}", answer.text);
    assert!(answer.text.contains("Sources and their age"), "{}", answer.text);
    // It is 1 June 2026.
    assert!(answer.text.contains("<td>2026-05-15</td><td>17</td><td>120</td>"), "{}", answer.text);
    assert!(answer.text.contains("href=\"/coverage\""), "{}", answer.text);
    for door in ["/docs/gateway", "/docs/member", "/docs/operator", "/docs/api", "/docs/coverage#challenges", "/enrol"] {
        assert!(answer.text.contains(&format!("href=\"{door}\"")), "{door}: {}", answer.text);
    }
}

#[on_every_database(Filled::start)]
fn first_page_shows_strangers_no_figures_where_reading_is_not_public(mut filled: Filled) {
    filled.read_at("2026-05-16T08:00:00Z", "2026-05-15", vec![entity(LEIS[0], "A GmbH")]);

    let answer = page(&filled.registry, "/");

    assert!(answer.text.contains("only with credentials"), "{}", answer.text);
    for hidden in ["legal entities", "Sources", "2026-05-15", "/coverage\""] {
        assert!(!answer.text.contains(hidden), "{hidden}: {}", answer.text);
    }
}

#[on_every_database(Filled::start_public)]
fn first_page_looks_up_firms_and_addresses(mut filled: Filled) {
    filled.read_at("2026-05-16T08:00:00Z", "2026-05-15", vec![entity(LEIS[0], "Lagoon GmbH")]);
    filled.registry.import(ImportFormat::ClaimsCsv, "labels.csv", CLAIMS);

    let by_name = page(&filled.registry, "/?q=lagoon");
    assert!(by_name.text.contains("Lagoon GmbH"), "{}", by_name.text);
    let unknown = page(&filled.registry, "/?q=0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed");
    assert!(
        unknown.text.contains("No owner is known.") || unknown.text.contains("<caption><span>Owners</span></caption>"),
        "{}",
        unknown.text
    );
    let markup = page(&filled.registry, "/?q=%3Cscript%3E");
    assert!(!markup.text.contains("<script>"), "{}", markup.text);
}

#[test]
fn index_of_the_documentation_has_two_addresses_and_leads_to_the_api() {
    let registry = open_registry();

    let index = page(&registry, "/docs/");

    assert_eq!(index.header("content-security-policy"), PAGE_POLICY);
    assert_eq!(page(&registry, "/docs").text, index.text);
    assert!(index.text.contains("<a href=\"/docs/api\">API reference</a>"), "{}", index.text);
    assert!(index.text.contains("<h1 id=\"all-pages\">All pages</h1>"), "{}", index.text);
}

/// Every link of every page of the documentation: its page is there, and so is the place on it.
#[test]
fn every_link_of_the_documentation_leads_somewhere_on_this_server() {
    let registry = open_registry();
    let (mut waiting, mut seen) = (vec!["/docs/".to_owned()], BTreeSet::from(["/docs/".to_owned()]));
    let (mut places, mut wanted) = (BTreeMap::<String, BTreeSet<String>>::new(), BTreeMap::new());

    while let Some(path) = waiting.pop() {
        let answer = registry.client.get(&path);
        assert_eq!(answer.status.as_u16(), 200, "{path}");
        if !answer.header("content-type").starts_with("text/html") {
            continue;
        }
        let ids = answer.text.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next());
        places.insert(path.clone(), ids.map(str::to_owned).collect());
        assert!(!answer.text.contains("<script") && !answer.text.contains("style=\""), "{path}");
        for link in links(&answer.text).filter(|link| !link.starts_with("https://")) {
            let (page, anchor) = link.split_once('#').unwrap_or((link, ""));
            let page = if page.is_empty() { path.as_str() } else { page };
            assert!(page.starts_with('/'), "{path} links to {link}");
            if !anchor.is_empty() {
                wanted.insert((page.to_owned(), anchor.to_owned()), path.clone());
            }
            // The pages of the single operations are many, and made alike: a unit test makes them all. `/enrol` has a script.
            // The console leads whoever is not signed in elsewhere; its tests read it.
            if !page.starts_with("/docs/api/")
                && !page.starts_with("/console/")
                && !["/coverage", "/enrol"].contains(&page)
                && seen.insert(page.to_owned())
            {
                waiting.push(page.to_owned());
            }
        }
    }

    for ((page, anchor), from) in wanted.iter().filter(|((page, _), _)| places.contains_key(page)) {
        assert!(places[page].contains(anchor), "{from} links to {page}#{anchor}");
    }
    assert!(places.len() > 50, "{places:?}");
}

#[test]
fn each_page_of_the_documentation_has_its_text_as_markdown() {
    let registry = open_registry();
    let list = registry.client.get("/llms.txt");
    assert_eq!((list.status.as_u16(), list.header("content-type")), (200, "text/plain; charset=utf-8"));
    assert!(list.text.starts_with("# VASP registry\n\n> "), "{}", list.text);
    let twins: Vec<&str> =
        list.text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter(|link| link.ends_with(".md")).collect();
    assert!(twins.len() > 45, "{twins:?}");

    for twin in twins {
        let text = registry.client.get(twin);
        assert_eq!((text.status.as_u16(), text.header("content-type")), (200, "text/markdown; charset=utf-8"), "{twin}");
        assert!(text.text.starts_with("# "), "{twin}: {}", text.text);
        page(&registry, twin.strip_suffix(".md").unwrap());
    }
    assert_eq!(registry.client.get("/docs/claims.md").text, include_str!("../../docs/claims.md"));
}

#[test]
fn reference_lists_finds_and_explains_every_operation() {
    let registry = open_registry();
    let document = registry.client.get("/openapi.json").json();
    let items = document["paths"].as_object().unwrap().values();
    let operations: Vec<&str> = items
        .flat_map(|item| item.as_object().unwrap().values())
        .map(|operation| operation["operationId"].as_str().unwrap())
        .collect();

    let list = page(&registry, "/docs/api");

    for operation in &operations {
        assert!(list.text.contains(&format!("href=\"/docs/api/{operation}\"")), "{operation}");
    }
    let found = page(&registry, "/docs/api?q=enrolment+link");
    assert!(
        found.text.contains("/docs/api/redeem_enrolment\"") && !found.text.contains("/docs/api/get_coverage\""),
        "{}",
        found.text
    );
    assert!(found.header("content-security-policy").contains("form-action 'self'"), "{found:?}");
    let one = page(&registry, "/docs/api/create_precheck");
    for part in ["POST</span> /v1/prechecks", "<h2 id=\"body\">", "id=\"PrecheckRequest\"", "<code>recommendation</code>"] {
        assert!(one.text.contains(part), "{part}: {}", one.text);
    }
    registry.client.get("/docs/nothing.md").problem(404, "not_found");
}
