//! The files of docker/: that the image and the compose files give away no more than they must, and that the example of a
//! configuration names every setting there is. `scripts/long docker` builds and runs them.

use std::collections::BTreeMap;

use yaml_rust2::{Yaml, YamlLoader};

use crate::support::command;

const DOCKERFILE: &str = include_str!("../../docker/Dockerfile");
const DOCKERIGNORE: &str = include_str!("../../.dockerignore");
const COMPOSE: [(&str, usize); 2] =
    [(include_str!("../../docker/compose.sqlite.yaml"), 1), (include_str!("../../docker/compose.postgres.yaml"), 4)];
const EXAMPLE: &str = include_str!("../../docker/vasp-registry.toml");

/// The steps of the Dockerfile, each in one line.
fn steps() -> Vec<String> {
    let lines: Vec<_> = DOCKERFILE.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
    let joined = lines.join("\n").replace("\\\n", " ");
    joined.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|line| !line.is_empty()).collect()
}

/// Whether an image is named by the tag of one version.
fn is_pinned(image: &str) -> bool {
    let tag = image.split('@').next().unwrap().rsplit_once(':').map_or("", |(_, tag)| tag);
    tag.split('-').next().unwrap().split('.').filter(|part| part.parse::<u32>().is_ok()).count() >= 2
}

#[test]
fn image_holds_the_binary_and_runs_as_nobody() {
    let steps = steps();
    let last_stage = steps.iter().rposition(|step| step.starts_with("FROM ")).unwrap();
    let step = |name: &str| steps[last_stage..].iter().rfind(|step| step.starts_with(name)).unwrap().as_str();

    assert_eq!(step("FROM "), "FROM scratch");
    assert_eq!(step("USER "), "USER 65532:65532");
    assert_eq!(step("ENTRYPOINT "), r#"ENTRYPOINT ["vasp-registry"]"#);
    assert_eq!(step("CMD "), r#"CMD ["serve"]"#);
    assert!(step("HEALTHCHECK ").ends_with(r#" CMD ["vasp-registry", "healthcheck"]"#));
    let copies: Vec<_> = steps[last_stage..].iter().filter(|step| step.starts_with("COPY ")).collect();
    assert!(!copies.is_empty() && copies.iter().all(|step| step.starts_with("COPY --from=unpacked ")), "{copies:?}");
}

#[test]
fn the_program_is_that_of_an_archive_whose_sum_is_compared_and_the_libraries_are_those_it_was_made_for() {
    let steps = steps();
    let image = steps[0].strip_prefix("ARG BASE_IMAGE=").unwrap();

    // scripts/package makes archives for the C library of Debian 12.
    assert!(is_pinned(image) && image.starts_with("debian:12."), "{image}");
    assert_eq!(steps[1], "FROM ${BASE_IMAGE} AS unpacked");
    assert_eq!(steps.iter().filter(|step| step.starts_with("FROM ")).count(), 2);
    let unpacks = steps.iter().find(|step| step.contains("tar -xzf")).unwrap();
    assert!(unpacks.split("tar -xzf").next().unwrap().contains("sha256sum --check"), "{unpacks}");
    assert!(steps.iter().all(|step| !step.contains("cargo")));
}

#[test]
fn nothing_secret_can_get_into_a_layer() {
    let let_in: Vec<_> = DOCKERIGNORE.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(let_in[0], "*");
    for line in &let_in[1..] {
        assert!(line.starts_with('!') && !line.contains('*') && !["!docker", "!data", "!target", "!."].contains(line), "{line}");
    }
    for step in steps() {
        assert!(!step.starts_with("ADD "), "{step}");
        let is_setting = step.starts_with("ARG ") || step.starts_with("ENV ");
        let tells = ["PASSWORD", "SECRET", "TOKEN", "KEY"].iter().any(|word| step.to_uppercase().contains(word));
        assert!(!(is_setting && tells), "{step}");
    }
}

/// A service with what it takes over by `<<`, as text keys and values.
fn members(service: &Yaml) -> BTreeMap<&str, &Yaml> {
    let own = service.as_hash().unwrap().iter().map(|(key, value)| (key.as_str().unwrap(), value));
    let (merged, own): (Vec<_>, Vec<_>) = own.partition(|(key, _)| *key == "<<");
    let mut all = BTreeMap::new();
    for (_, value) in merged {
        all.extend(members(value));
    }
    all.extend(own);
    all
}

fn texts(list: &Yaml) -> Vec<&str> {
    list.as_vec().unwrap().iter().map(|item| item.as_str().unwrap()).collect()
}

#[test]
fn services_are_confined_and_told_no_secret() {
    for (text, count) in COMPOSE {
        let compose = &YamlLoader::load_from_str(text).unwrap()[0];
        let services = compose["services"].as_hash().unwrap();
        assert_eq!(services.len(), count);
        for (name, service) in services {
            let service = members(service);
            let image = service["image"].as_str().unwrap();
            assert!(image == "vasp-registry" || is_pinned(image), "{name:?}: {image}");
            assert_eq!(service["read_only"].as_bool(), Some(true), "{name:?}");
            assert_eq!(texts(service["cap_drop"]), ["ALL"], "{name:?}");
            assert_eq!(texts(service["security_opt"]), ["no-new-privileges:true"], "{name:?}");
            assert!(service["deploy"]["resources"]["limits"]["memory"].as_str().is_some(), "{name:?}");
            assert!(service["restart"].as_str().is_some(), "{name:?}");
            assert!(!service.contains_key("privileged") && !service.contains_key("cap_add"), "{name:?}");
            for port in service.get("ports").map_or(vec![], |ports| texts(ports)) {
                assert!(port.starts_with("127.0.0.1:"), "{name:?}: {port}");
            }
            for (variable, value) in service["environment"].as_hash().unwrap() {
                let (variable, value) = (variable.as_str().unwrap(), value.as_str().unwrap());
                let is_secret = variable.contains("PASS") || variable.contains("KEY");
                assert!(!is_secret || value.starts_with("/run/secrets/"), "{name:?}: {variable}");
                let user = value.split_once("://").and_then(|(_, rest)| rest.split_once('@')).map_or("", |(user, _)| user);
                assert!(!user.contains(':'), "{name:?}: {variable} has a password");
                assert!(!value.starts_with("postgres://") || value.contains("sslmode=verify-full"), "{name:?}: {variable}");
            }
        }
    }
}

#[test]
fn every_secret_of_the_compose_files_is_made() {
    let makes = include_str!("../../docker/make-secrets");
    for (text, _) in COMPOSE {
        let compose = &YamlLoader::load_from_str(text).unwrap()[0];
        for (name, secret) in compose["secrets"].as_hash().unwrap() {
            let name = name.as_str().unwrap();
            assert_eq!(secret["file"].as_str(), Some(format!("secrets/{name}").as_str()));
            assert!(
                makes.lines().any(|line| line.trim_start().starts_with("keep $") && line.ends_with(&format!(" {name}"))),
                "{name}"
            );
        }
    }
}

#[test]
fn postgresql_lets_nobody_in_from_elsewhere_without_tls() {
    let rules = include_str!("../../docker/pg_hba.conf").lines().filter(|line| !line.starts_with('#'));
    let rules: Vec<_> = rules.map(|line| line.split_whitespace().collect::<Vec<_>>()).collect();

    assert_eq!(
        rules,
        [vec!["local", "all", "postgres", "trust"], vec!["hostssl", "registry", "registry", "all", "scram-sha-256"]]
    );
}

/// The options of `serve` that a file can set, with the default that its help names.
fn options() -> BTreeMap<String, Option<String>> {
    let help = String::from_utf8(command(&["serve", "--help"]).output().unwrap().stdout).unwrap();
    let lines: Vec<_> = help.lines().map(str::trim).collect();
    let mut options = BTreeMap::new();
    for pair in lines.windows(2) {
        let Some(option) = pair[0].strip_prefix("--") else { continue };
        let name = option.split(|c: char| !(c.is_ascii_lowercase() || c == '-')).next().unwrap().replace('-', "_");
        let default = pair[1].split_once("[default: ").map(|(_, rest)| rest.trim_end_matches(']').to_owned());
        options.insert(name, default);
    }
    // They say where the file is, and what to do once.
    assert!(
        ["config", "migrate", "create", "accept_clock", "accept_fork"].iter().all(|once| options.remove(*once).is_some()),
        "{help}"
    );
    options
}

/// The example with every key set, and each key's value with whether it stands behind a `#`.
fn example() -> (String, BTreeMap<&'static str, (&'static str, bool)>) {
    let (mut whole, mut keys) = (String::new(), BTreeMap::new());
    for line in EXAMPLE.lines() {
        let set = line.strip_prefix("# ").unwrap_or(line);
        let pair = set.split_once(" = ").filter(|(key, _)| key.chars().all(|c| c.is_ascii_lowercase() || c == '_'));
        if let Some((key, value)) = pair {
            assert!(keys.insert(key, (value.trim_matches('"'), set != line)).is_none(), "{line}");
            whole.push_str(&format!("{set}\n"));
        }
    }
    (whole, keys)
}

#[test]
fn example_configuration_names_every_setting_at_its_default() {
    let options = options();
    let (_, keys) = example();

    assert_eq!(keys.keys().copied().collect::<Vec<_>>(), options.keys().collect::<Vec<_>>());
    for (key, (value, is_default)) in keys {
        // A list of texts, as the command line takes one.
        let value = value.replace(['[', ']', '"'], "").replace(", ", ",");
        // The default of `workers` is the machine's.
        if let Some(default) = options[key].as_deref().filter(|_| key != "workers") {
            assert_eq!(value == default, is_default, "{key} = {value}: behind a # stands the default, {default}");
        }
    }
}

#[test]
fn example_configuration_is_accepted_as_it_is_and_with_every_key_set() {
    let (whole, keys) = example();
    assert!(keys.len() > 10);

    for text in [EXAMPLE, &whole] {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let output = command(&["openapi", "--config", file.path().to_str().unwrap()]).output().unwrap();

        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
