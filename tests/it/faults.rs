//! docs/faults.md and docs/alerts.yaml: that what they name is there. That each alert fires when it should, `promtool` tries.

use std::collections::BTreeSet;
use std::path::Path;

use vasp_clock::Stopwatch;
use vasp_registry::node::DegradedCause;

use crate::support::{Client, Database, Deployment, Server};

const FAULTS: &str = include_str!("../../docs/faults.md");
const ALERTS: &str = include_str!("../../docs/alerts.yaml");

/// The words of a text that a sign surrounds.
fn between(text: &str, sign: char) -> impl Iterator<Item = &str> {
    text.split(sign).skip(1).step_by(2)
}

#[test]
fn every_fault_names_a_test_that_makes_it() {
    let rows = FAULTS.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| Fault"));
    let mut count = 0;
    for row in rows {
        let cell = row.trim_end_matches(['|', ' ']).rsplit('|').next().unwrap();
        let name = between(cell, '`').next().unwrap_or_else(|| panic!("no test: {row}"));
        let (module, function) = name.rsplit_once("::").unwrap();
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it").join(module.replace("::", "/"));
        let texts =
            [file.with_extension("rs"), file.join("mod.rs")].map(|file| std::fs::read_to_string(file).unwrap_or_default());
        let begins = format!("]\nfn {function}(");
        let is_test = |text: &String| {
            let before = text.split_once(&begins).map(|(before, _)| before.rsplit('\n').next().unwrap());
            before.is_some_and(|attribute| attribute == "#[test" || attribute.starts_with("#[on_every_database"))
        };
        assert!(texts.iter().any(is_test), "there is no test {name}");
        count += 1;
    }
    assert!(count >= 15, "{count} rows were read");
}

#[test]
fn every_cause_has_its_row_and_its_alert_and_every_metric_of_an_alert_is_shown() {
    for cause in DegradedCause::ALL {
        let rule = format!("expr: vasp_registry_degraded{{cause=\"{cause}\"}} == 1");
        assert!(ALERTS.contains(&rule), "no alert for {cause}");
        assert!(FAULTS.contains(&format!("`{cause}`")), "no row for {cause}");
    }
    let deployment = Deployment::new(Database::sqlite());
    let mut serve = deployment.serve();
    serve.arg("--public-metrics");
    let server = Server::start(serve);
    let (client, watch) = (Client::new(server.address), Stopwatch::start());
    let shown = loop {
        let shown = client.get("/metrics").text;
        // The disk is looked at after a moment.
        if shown.contains("disk_free") || watch.elapsed_micros() > 10_000_000 {
            break shown;
        }
    };
    let types: BTreeSet<&str> = shown.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();

    let expressions = ALERTS.lines().filter_map(|line| line.trim().strip_prefix("expr: "));
    let words = expressions.flat_map(|rule| rule.split(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_'));
    let named: BTreeSet<&str> = words.filter(|word| word.starts_with("vasp_registry_")).collect();
    assert!(named.len() >= 8, "{named:?}");
    // Shown by a server that has a certificate: `tls` tests it.
    for name in named.into_iter().filter(|name| *name != "vasp_registry_certificate_days_left") {
        assert!(types.contains(name.strip_suffix("_total").unwrap_or(name)), "{name} is not in {types:?}");
    }
}
