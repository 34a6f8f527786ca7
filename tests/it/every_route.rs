//! What all routes do alike, tried on each of them: the list is the OpenAPI document, so that no route can be forgotten. Who is let in is in
//! `access.rs`; `writes.rs` tries what is absent, stale or sent again. What only one route does is tested in the file of its resource.

pub(crate) mod access;
mod writes;

use std::collections::BTreeSet;

use crate::support::contract::{METHODS, document, is_described};
use crate::support::{Client, Database, Registry};
use vasp_registry::serve::PAGES;

/// Values of a right form that nothing has, for parts of paths whose form the document does not give.
const ABSENT: [(&str, &str); 14] = [
    ("/problems/{code}", "nothing"),
    ("/v1/ca/{authority}.crl", "ca_00000000000000000000000000.crl"),
    ("/v1/ca/{authority}.crt", "ca_00000000000000000000000000.crt"),
    ("/v1/brands/{id}", "nobody-has-this-key"),
    ("/v1/jurisdictions/{id}", "QZ"),
    ("/v1/lists/{list}", "NO-LIST"),
    ("/v1/log/tile/{tile}", "0/999"),
    ("/v1/vasps/{vasp}/domains/{domain}", "absent.test"),
    ("/v1/policies/{policy}", "absent@1"),
    ("/v1/networks/{caip2}", "eip155:987654321987"),
    ("/v1/ca/certificates/{serial}", "0100000000000000000000000000000000000000"),
    ("/v1/protocols/{id}", "nothing"),
    ("/v1/session/oidc/{provider}", "nothing"),
    ("/v1/vasp-lists/{protocol}", "nothing"),
];

/// Returns what nothing has in place of the part that ends a path, such as `/v1/users/{id}`.
fn absent_part(method: &str, path: &str, start: &str) -> String {
    let part = start.rsplit('/').next().unwrap();
    let name = part.split(['{', '}']).nth(1).unwrap();
    let parameters = document()["paths"][path][method]["parameters"].as_array().into_iter().flatten();
    let pattern =
        parameters.filter(|one| one["in"] == "path" && one["name"] == name).find_map(|one| one["schema"]["pattern"].as_str());
    if let Some(pattern) = pattern {
        let (prefix, rest) = pattern.trim_start_matches(['^', '(']).split_once('[').unwrap();
        let length = rest.split(['{', '}']).nth(1).unwrap().parse().unwrap();
        return prefix.to_owned() + &"0".repeat(length);
    }
    let known = ABSENT.iter().find(|(known, _)| *known == start);
    known.unwrap_or_else(|| panic!("{start} needs a line in ABSENT")).1.to_owned()
}

/// Returns the path of an operation with ids that nothing has.
pub(crate) fn absent(method: &str, path: &str) -> String {
    let mut start = String::new();
    let parts = path.split('/').skip(1).map(|part| {
        start.push('/');
        start.push_str(part);
        if part.contains('{') { absent_part(method, path, &start) } else { part.to_owned() }
    });
    format!("/{}", parts.collect::<Vec<_>>().join("/"))
}

/// Asserts of paths that they refuse each method that neither they nor paths of a pattern that fits take, and name those that they take.
fn assert_wrong_methods_are_refused(client: &Client, of: impl Fn(&str) -> bool) {
    let mut faults = Vec::new();
    let paths = document()["paths"].as_object().unwrap().iter();
    for (path, item) in paths.filter(|(path, _)| of(path)) {
        let taken: Vec<&str> = METHODS.into_iter().filter(|method| item.get(*method).is_some()).collect();
        let heads = taken.contains(&"get").then_some("HEAD");
        let expected: BTreeSet<String> = taken.iter().copied().chain(heads).map(str::to_uppercase).collect();
        let place = absent(taken[0], path);
        let others =
            METHODS.into_iter().chain(["options"]).filter(|method| !taken.contains(method) && !is_described(method, &place));
        for method in others {
            let body = if method == "get" { "" } else { "{}" };
            let answer = client.send(&method.to_uppercase(), &place, &[("content-type", "application/json")], body);
            let allowed: BTreeSet<String> = answer.header("allow").split(", ").map(str::to_owned).collect();
            if (answer.status.as_u16(), &allowed) == (405, &expected) {
                answer.problem(405, "method_not_allowed");
            } else {
                faults.push(format!("{method} {path}: {} {allowed:?}", answer.status));
            }
        }
    }
    assert_eq!(faults, [""; 0]);
}

#[test]
fn each_path_refuses_every_other_method_and_names_those_that_it_takes() {
    let registry = Registry::start(Database::sqlite());

    // Those of a sandbox are in `writes.rs`.
    assert_wrong_methods_are_refused(&registry.client, |path| !path.starts_with("/v1/sandbox/"));
}

/// Pages are for people: no program needs them, so none answers JSON, and the document has none of them.
#[test]
fn pages_are_no_operations_and_refuse_every_other_method_too() {
    let registry = Registry::start_with(Database::sqlite(), |settings| settings.public_read = true);
    let paths: BTreeSet<&str> = PAGES.iter().map(|(_, path)| *path).collect();
    for path in paths {
        assert_eq!(document()["paths"].get(path), None, "{path}");
        let place = path.replace("{operation}", "get_resolution").replace("{page}", "gateway");
        let taken: BTreeSet<&str> = PAGES.iter().filter(|(_, other)| *other == path).map(|(method, _)| *method).collect();
        for method in METHODS {
            let form = [("content-type", "application/x-www-form-urlencoded")];
            let answer = registry.client.send(&method.to_uppercase(), &place, if method == "get" { &[] } else { &form }, "");
            if taken.contains(method) {
                assert!(!answer.header("content-type").contains("json"), "{method} {path}: {answer:?}");
                assert_ne!(answer.status.as_u16(), 405, "{method} {path}");
            } else {
                let allowed: BTreeSet<String> = answer.header("allow").split(", ").map(str::to_lowercase).collect();
                let expected = taken.iter().copied().chain(taken.contains("get").then_some("head"));
                assert_eq!(allowed, expected.map(str::to_owned).collect(), "{method} {path}: {answer:?}");
                answer.problem(405, "method_not_allowed");
            }
        }
    }
}
