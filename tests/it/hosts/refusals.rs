//! What leads to no host that could be anybody's.

use serde_json::json;

use vasp_addresses::lnurl::Lnurl;
use vasp_addresses::travel_address::TravelAddress;

use super::{ask, filled};
use crate::support::{Database, Registry, on_every_database};

#[test]
fn urls_that_can_name_nobody_are_refused_with_the_reason() {
    let registry = filled(Database::sqlite());

    for (subject, code) in [
        // alpha.com/x, https://alpha.com/x?t=i
        ("ta3j5xHrrpBMCEusQ9TqooH", "missing_t_i"),
        ("taF7pXcna7voXuot5yeVuqj3Pdd7oDF7mYHM65q", "scheme_present"),
        // alpha.com/x?t=i&t=j, u@alpha.com/x?t=i, alpha.com/x?t=i#a, alpha.com:0/x?t=i, localhost/x?t=i, 10.0.0.1/x?t=i
        ("ta31i7N6Hy3HdYjcFwpQcpBU2QdgQVJ4wR", "duplicate_t"),
        ("ta8DBMvG6jmVU1YZyZBtksjyWsaFTRQ", "userinfo_present"),
        ("ta6zToxmbSuNmifQBPbFBAv2oufLirH", "fragment_present"),
        ("ta6zToxmbSuNmifbupPwGcEX7keuAp5", "invalid_port"),
        ("taLrNrPL1iZSQYhHJzA7WuVxqNQM", "host_not_public"),
        ("ta33LAeYEfgaKqWDjmgTxS4tZpB", "host_not_public"),
        ("ta2W2HPKfHxgSgrzY178knqXHg1H3jfeQrwQ9JrKBs9ww", "checksum_mismatch"),
        // http and https URLs of an onion service
        ("lnurl1dp68gup69uhkzcnrv3jkvemgd94ryve5x5mrwtn0de5k7m300q2uv9f9", "https_required"),
        ("lnurl1dp68gurn8ghj7ctzvdjx2en8dp5k5v3nxs6nvdewdahxjmmw9auqy8vtrm", "host_not_public"),
        ("lnurl1dp68gurn8ghj7ctzvdjx2en8dp5k5v3nxs6nvdewdahxjmmw9auqy8vtrn", "checksum_mismatch"),
        ("LNURL1dp68gurn8ghj7ctzvdjx2en8dp5k5v3nxs6nvdewdahxjmmw9auqy8vtrm", "mixed_case"),
        ("http://alpha.com/x?t=i", "https_required"),
        ("https://user:password@alpha.com/x", "userinfo_present"),
        ("https://alpha.com/x#top", "fragment_present"),
        ("https://alpha.com/x?t=i&t=i", "duplicate_t"),
        ("https://alpha.com:99999/", "invalid_port"),
        ("https://2130706433/x", "host_not_public"),
        ("https://0x7f.0.0.1/x", "host_not_public"),
        ("https://[::1]/x", "host_not_public"),
        ("https://intranet/x", "host_not_public"),
        ("https://alpha.local/x", "host_not_public"),
        ("https://printer.home.arpa/x", "host_not_public"),
        ("https://co.uk/x", "host_not_public"),
        ("https://alpha.com/a b", "invalid_character"),
    ] {
        let results = registry.client.post("/v1/resolve", &json!({"subjects": [{"subject": subject}]})).json();
        let problem = &results["results"][0]["problem"];

        assert_eq!((&problem["code"], &problem["status"]), (&json!("invalid_subject"), &json!(422)), "{subject}: {results}");
        let error = &problem["errors"][0];
        assert_eq!((&error["code"], &error["pointer"]), (&json!(code), &json!("/subjects/0/subject")), "{subject}");
    }
}

/// Before, the owner of the host was the answer, or the one of another path.
#[on_every_database(filled)]
fn paths_that_servers_read_differently_are_refused_in_every_form(registry: Registry) {
    for path in [
        "alpha.com/alpha/../gamma",
        "alpha.com/./x",
        "alpha.com//gamma/x",
        "alpha.com/gamma//x",
        "shared.com/alpha%2Fbeta/12345",
        "shared.com/alpha%5Cbeta/12345",
        "shared.com/alpha%252Fbeta/12345",
        "shared.com/alpha/..;/beta",
        "shared.com/alpha/%2E%2E/beta",
        "eu.shared.com/a%2fb",
        "eu.shared.com/a%00",
    ] {
        let url = format!("https://{path}?t=i");
        let address = TravelAddress::from_url(&format!("{path}?t=i")).unwrap().to_string();
        for subject in [Lnurl::from_url(&url).unwrap().to_string(), address, url] {
            let results = registry.client.post("/v1/resolve", &json!({"subjects": [{"subject": subject}]})).json();
            assert_eq!(results["results"][0]["problem"]["errors"][0]["code"], "not_in_normal_form", "{path}: {results}");
        }
    }
    for clear in ["https://alpha.com/a/b/?t=i&next=//a/../b%2Fc", "https://alpha.com", "https://alpha.com/a..b;v=1/%C3%A4"] {
        assert_eq!(ask(&registry, clear)["status"], "owned", "{clear}");
    }
}
