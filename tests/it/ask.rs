//! `ask` and `backtest` as somebody types them who tries the product: on a demo's folder, against a server, and beside a database.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::support::{Client, Database, Deployment, Server, assert_refused, command};

/// An address of the seed's labels, those of Binance. Source: README.md.
const LABELLED: &str = "1NDyJtNTjmwk5xPNhjgAMu4HDHigtobu1s";
/// The demo's proven address. Source: README.md.
const PROVEN: &str = "EtABjKgJRPFQ1FAqsKgDgThEMVAVYHSXHasT31BDSAR8";

fn said(output: &Output) -> String {
    assert_ne!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Returns words as if the terminal were wide enough.
fn on_one_line(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Runs a command in a folder, without a configured database.
fn typed(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = command(arguments);
    command.env_remove("VASP_REGISTRY_DATABASE").current_dir(folder).output().unwrap()
}

/// The one signed answer in a folder, which has its report beside it.
fn signed(folder: &Path) -> Value {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("pre_")).collect();
    files.sort();
    let [report, file] = files.as_slice() else { panic!("{files:?}") };
    assert_eq!((report, report.extension()), (&file.with_extension("html"), Some("html".as_ref())));
    assert!(std::fs::read_to_string(report).unwrap().starts_with("<!doctype html>"));
    let answer = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    for file in [report, file] {
        std::fs::remove_file(file).unwrap();
    }
    answer
}

/// What a browser says of such a file is checked by `scripts/check-pages`.
fn the_report_proves_itself(folder: &Path, client: &Client, id: &str) {
    let bearer = format!("Bearer {}", std::fs::read_to_string(folder.join("data/demo/us-gateway-key")).unwrap());
    let report = client.get_with(&format!("/v1/prechecks/{id}/report"), &[("authorization", &bearer)]).with(200).text;
    std::fs::write(folder.join("jwks.json"), client.get("/.well-known/jwks.json").text).unwrap();
    let verified = |page: &str| {
        std::fs::write(folder.join("report.html"), page).unwrap();
        let output = typed(folder, &["verify", "answer", "report.html", "--jwks", "jwks.json"]);
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };

    let (code, words) = verified(&report);

    assert_eq!(code, Some(0), "{words}");
    assert!(words.starts_with("valid: ") && words.contains(id), "{words}");
    for (part, from, to) in [
        ("verdict", "\"recommendation\":\"", "\"recommendation\":\"x"),
        ("evidence", "\"evidence\":{", "\"evidence\":{\"a\":1,"),
        ("request", "\"request\":{", "\"request\":{\"a\":1,"),
        ("outcome", "\"outcome\":{", "\"outcome\":{\"a\":1,"),
        ("report", "<h1>", "<h1>x"),
        ("report", "<!doctype html>", "<p>proceed</p><!doctype html>"),
        ("report", "<!doctype html>", "<!doctype html><p>proceed</p>"),
        ("report", "<body>", "<body><template shadowrootmode=\"open\"><p>proceed</p></template>"),
    ] {
        let (code, words) = verified(&report.replacen(from, to, 1));
        assert_eq!(code, Some(1), "{part}: {words}");
        assert!(words.starts_with("altered: ") && words.contains(&format!("  {part}")), "{part}: {words}");
    }
    assert_eq!(verified("<!doctype html><html lang=\"en\"></html>").0, Some(2));
}

/// Asks the demo about names, LEIs, domains and folders as a stranger typed them.
fn names_that_are_not_exact_get_no_verdict(here: &Path, key: &[&str]) {
    let asked = |more: &[&str]| typed(here, &[&["ask"], more, &["--from", "DE"], key].concat());
    let words = |more: &[&str]| on_one_line(&said(&asked(more)));

    assert_refused(&typed(here, &["ask", "zzzz-no-such-thing-zzzz", "--from", "DE"]), "zzzz-no-such-thing-zzzz");
    assert_refused(&typed(here, &["ask", PROVEN, "--network", "solana", "--from", "ZZ"]), "--from");
    let named = ["ask", PROVEN, "--network", "solana", "--from", "DE", "--declared-vasp", "Binance"];
    assert_refused(&typed(here, &named), "the LEI or the id of a firm");

    let has = ["ask", PROVEN, "--network", "solana", "--from", "DE", "--provided-fields", "originator.name,nonsense"];
    assert_refused(&typed(here, &has), "--provided-fields");

    let lei = asked(&["5493007WZ7IFULIL8G22"]);
    assert_refused(&lei, "its check digits do not match; did you mean 5493007WZ7IFULIL8G21, Bitpanda GmbH?");

    let near = words(&["Lazer Digitl"]);
    assert!(near.starts_with("No one firm has exactly the name") && near.contains("Laser Digital"), "{near}");
    let json: Value = serde_json::from_str(&said(&asked(&["Lazer Digitl", "--json"]))).unwrap();
    assert!(json["items"].is_array(), "{json:#}");
    let exact = said(&asked(&[" Payward Europe Solutions Limited "]));
    assert!(exact.contains("Read as   Name of a firm") && exact.contains("254900641D8KNHUZYX24"), "{exact}");
    drop(signed(here));

    let domain = words(&["binance.com"]);
    assert!(domain.contains("Not for real transfers.") && domain.contains("Read as Domain"), "{domain}");
    assert!(domain.contains("Ask again with the id or LEI of the firm above") && !domain.contains("Give --from"), "{domain}");
    let unknown = words(&["529900T8BM49AURSDO55"]);
    assert!(unknown.contains("Ask again with its name"), "{unknown}");
    assert_refused(&asked(&["Pay to: 1NDyJtNTjmwk5xPNhjgAMu4HDHigtobu1s"]), "no such firm or address");

    let kept = here.join("new/kept");
    let saved = asked(&["5493007WZ7IFULIL8G21", "--save-to", "new/kept"]);
    assert_ne!(saved.status.code(), Some(2), "{}", String::from_utf8_lossy(&saved.stderr));
    drop(signed(&kept));
    std::fs::write(here.join("file"), "").unwrap();
    assert_refused(&asked(&["5493007WZ7IFULIL8G21", "--save-to", "file/kept"]), "--save-to");
    assert!(words(&["Bitpanda"]).contains("Bitpanda GmbH"));
}

#[test]
fn the_help_of_ask_lists_its_exit_codes_and_a_refused_connection_names_no_limit() {
    let folder = tempfile::tempdir().unwrap();

    let help = on_one_line(&said(&typed(folder.path(), &["ask", "--help"])));
    assert!(help.contains("Exit codes: 0 proceed") && help.contains("3 proceed once every condition is met"), "{help}");
    let refused = typed(folder.path(), &["ask", LABELLED, "--url", "http://127.0.0.1:9"]);
    let words = String::from_utf8_lossy(&refused.stderr);
    assert!(refused.status.code() == Some(2) && words.contains("does not answer") && !words.contains("ulimit"), "{words}");
}

#[test]
fn whoever_has_a_demo_asks_its_folder_or_its_server_and_tries_last_months_transfers() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let mut demo = command(&["demo", "--listen", "127.0.0.1:0", "--log-level=warn"]);
    demo.env_remove("VASP_REGISTRY_DATABASE").current_dir(here);
    // The list that may not be packed lies beside.
    demo.arg("--beside").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/seed/beside"));
    let server = Server::start(demo);
    let url = format!("http://{}", server.address);

    let asked = format!("bitcoin:{LABELLED}?amount=0.05");
    let held = typed(here, &["ask", &asked, "--from", "DE", "--fiat", "2000 EUR"]);

    let words = said(&held);
    assert_eq!(held.status.code(), Some(1), "{words}");
    assert!(words.starts_with("HOLD  ") && !words.contains('\u{1b}'), "{words}");
    for part in [
        "Not for real transfers.",
        "Read as Payment text (BIP-21): address on Bitcoin",
        "on Bitcoin, 0.05 BTC",
        "Who ",
        "Binance",
        "Data ",
        "Regulation (EU) 2023/1113",
        "rule DE@",
        "Next ",
        "Signed ",
    ] {
        assert!(on_one_line(&words).contains(part.trim()), "{part}: {words}");
    }
    let answer = signed(here);
    assert_eq!((&answer["recommendation"], &answer["environment"]), (&"hold".into(), &"demo".into()));
    assert!(answer["receipt"].is_string() && answer["evidence"]["checks"].is_array(), "{answer:#}");

    let key = ["--url", &url, "--key-file", "data/demo/us-gateway-key"];
    let proceeds =
        [&["ask", PROVEN, "--network", "solana", "--from", "US", "--fiat", "300 USD", "--correspondent", "false"], &key[..]]
            .concat();
    let conditions = typed(here, &proceeds);
    let code = conditions.status.code();
    assert_eq!((code, said(&conditions).starts_with("PROCEED, but incomplete  ")), (Some(0), true), "{}", said(&conditions));
    assert!(said(&conditions).contains("Note "), "{}", said(&conditions));
    let answer = signed(here);
    assert_eq!(answer["counterparty"]["country"], "DE");
    the_report_proves_itself(here, &Client::new(server.address), answer["id"].as_str().unwrap());
    let answer: Value = serde_json::from_str(&said(&typed(here, &[&proceeds[..], &["--json"]].concat()))).unwrap();
    assert!(answer["receipt"].is_string() && answer.get("evidence").is_none(), "{answer:#}");
    drop(signed(here));

    names_that_are_not_exact_get_no_verdict(here, &key);
    last_months_transfers_are_tried(here);
}

/// Tries a file of which one row cannot be read.
fn last_months_transfers_are_tried(here: &Path) {
    let row = |address: &str, network: &str| format!("{address},{network},2000,EUR,2026-10-01,");
    let bad = "zzzz,bitcoin,2000,EUR,2026-10-01,";
    let file =
        [&["address,network,amount,currency,date,country".to_owned()][..], &[row(LABELLED, "bitcoin"), bad.to_owned()]].concat();
    std::fs::write(here.join("withdrawals.csv"), file.join("\n")).unwrap();
    let tested = typed(here, &["backtest", "withdrawals.csv", "--from", "DE"]);
    let words = said(&tested);
    assert_eq!(tested.status.code(), Some(1), "a row was not read: {words}");
    assert!(words.contains("1 transfers: 0 proceed, 0 proceed with conditions, 1 hold, 0 reject."), "{words}");
    let page = std::fs::read_to_string(here.join("backtest.html")).unwrap();
    for part in ["identity.group_only", "<td>3</td><td>address</td>", LABELLED, "Demo: not for real transfers."] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("<script") && !page.contains("http:") && !page.contains("https:"), "{page}");
}

#[test]
fn beside_a_database_ask_says_who_and_records_nothing() {
    let deployment = Deployment::new(Database::sqlite());
    let address = "0x0000000000000000000000000000000000000001";

    let who = deployment.command(&["ask", address, "--network", "eip155:1"]).output().unwrap();
    let held = deployment.command(&["ask", address, "--network", "eip155:1", "--from", "DE"]).output().unwrap();

    assert_eq!((who.status.code(), held.status.code()), (Some(1), Some(1)));
    assert!(said(&who).contains("no owner is known") && said(&who).contains("--from"), "{}", said(&who));
    assert!(said(&held).starts_with("HOLD") && said(&held).contains("nothing is signed"), "{}", said(&held));
    assert_refused(
        &deployment.command(&["ask", address, "--network", "bitcion"]).output().unwrap(),
        "--network: network `bitcion` is not supported",
    );
}

#[test]
fn who_has_neither_a_server_nor_a_database_nor_a_demo_is_told_what_to_give() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("w.csv"), "address\n1NDy\n").unwrap();

    assert_refused(&typed(folder.path(), &["ask", LABELLED]), "start `vasp-registry demo` first");
    assert_refused(&typed(folder.path(), &["backtest", "w.csv", "--from", "DE"]), "start `vasp-registry demo` first");
    assert_refused(&typed(folder.path(), &["ask", LABELLED, "--url", "registry.example.org"]), "https://HOST");
}

#[test]
fn init_makes_a_registry_for_one_firm_and_asking_again_makes_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let begun = |name: &str, more: &[&str]| {
        let people = ["--person", "Anna Schmidt <anna@example.org>", "--person", "Ben Okafor <ben@example.org>"];
        let rest = ["--lei", "none", "--policy", "default", "--lists", "none"];
        typed(here, &[&["init", "--name", name], &people[..], &rest[..], more].concat())
    };
    let links = |output: &Output| said(output).matches("http://127.0.0.1:8080/enrol#ve_").count();
    let listed = |what: &[&str]| {
        let config = ["--config", "registry/registry.toml"];
        serde_json::from_str::<Value>(&said(&typed(here, &[&config[..], what, &["--json"]].concat()))).unwrap()
    };

    assert_refused(&begun("Acme GmbH", &[]), "--proxy is missing");
    let first = begun("Acme GmbH", &["--proxy", "none"]);
    let again = begun("Acme GmbH", &["--proxy", "none"]);

    assert_eq!((links(&first), links(&again)), (2, 2), "{}", said(&again));
    assert!(said(&first).contains("vasp-registry serve --config"), "{}", said(&first));
    let organisations = listed(&["organisation", "list"]);
    let kinds: Vec<&str> = organisations.as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["operator", "gateway"]);
    let operator = organisations[0]["id"].as_str().unwrap();
    assert_eq!(listed(&["user", "list", "--organisation", operator]).as_array().unwrap().len(), 2);
    assert_refused(&begun("Other GmbH", &["--proxy", "none"]), "this registry is that of Acme GmbH");
}
