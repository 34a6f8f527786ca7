//! The server's own certificate: read again while it runs, and refused at the start where it does not fit.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt;

use vasp_clock::{Clock, Stopwatch};

use crate::support::{Client, Database, Registry, Server, TlsFiles, assert_refused, command};

#[test]
fn new_files_are_shown_to_whoever_connects_next_and_old_connections_go_on() {
    let files = TlsFiles::new();
    let first = files.renew();
    let registry = Registry::start_tls(Database::sqlite(), &files, |_| ());
    let reload = || registry.tls.as_ref().unwrap().reload(registry.clock.now());
    let shown = || files.connect(registry.address, None).server_certificate();
    let mut open = files.connect(registry.address, None);

    reload();
    assert_eq!((open.server_certificate(), shown()), (first.clone(), first));
    let second = files.renew();
    reload();

    assert_eq!(shown(), second);
    assert_eq!(open.get("/healthz").status.as_u16(), 200);
}

#[test]
fn files_that_do_not_fit_change_nothing_until_they_do() {
    let files = TlsFiles::new();
    let first = files.renew();
    let registry = Registry::start_tls(Database::sqlite(), &files, |_| ());
    let shown = || {
        registry.tls.as_ref().unwrap().reload(registry.clock.now());
        files.connect(registry.address, None).server_certificate()
    };
    let (certificate, key, second) = files.issue(2090);
    let half_a_key = key.split_at(key.len() / 2).0;

    for (written_certificate, written_key) in [
        (certificate.as_str(), half_a_key),
        ("", key.as_str()),
        (certificate.split_at(100).0, key.as_str()),
        (certificate.as_str(), ""),
        (certificate.as_str(), files.issue(2090).1.as_str()),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", key.as_str()),
    ] {
        files.write(written_certificate, written_key);
        assert_eq!(shown(), first, "{written_certificate} {written_key}");
    }
    std::fs::remove_file(files.settings().key).unwrap();
    assert_eq!(shown(), first);
    files.write(&certificate, &key);

    assert_eq!(shown(), second);
}

/// Before, a key that others may read was refused at the start, and taken when the files were read again.
#[test]
fn a_key_that_others_may_read_is_refused_when_it_is_read_again_too() {
    let files = TlsFiles::new();
    let first = files.renew();
    let registry = Registry::start_tls(Database::sqlite(), &files, |settings| settings.public_metrics = true);
    let reload = || registry.tls.as_ref().unwrap().reload(registry.clock.now());
    let shown = || files.connect(registry.address, None).server_certificate();
    let refused = || {
        let metrics = files.connect(registry.address, None).get("/metrics").text;
        metrics.lines().find_map(|line| line.strip_prefix("vasp_registry_tls_certificate_refused ").map(str::to_owned))
    };
    let set_mode = |mode| set_permissions(files.settings().key, Permissions::from_mode(mode)).unwrap();
    reload();
    assert_eq!(refused().as_deref(), Some("0"));

    let second = files.renew();
    for mode in [0o644, 0o640, 0o602] {
        set_mode(mode);
        reload();
        assert_eq!((shown(), refused().as_deref()), (first.clone(), Some("1")), "{mode:o}");
    }
    set_mode(0o400);
    reload();

    assert_eq!((shown(), refused().as_deref()), (second, Some("0")));
    set_mode(0o644);
    reload();
    assert_eq!(refused().as_deref(), Some("1"), "the key that is in use already");
}

#[test]
fn the_binary_says_which_mode_a_key_that_it_does_not_take_should_have() {
    let files = TlsFiles::new();
    let server = Server::start(serve(&files));
    files.renew();
    set_permissions(files.settings().key, Permissions::from_mode(0o644)).unwrap();
    server.signal("HUP");
    server.signal("HUP");
    let watch = Stopwatch::start();
    while watch.elapsed_micros() < 1_000_000 {
        files.connect(server.address, None);
        // An address may begin so many handshakes a second.
        std::thread::sleep(std::time::Duration::from_millis(20));
    }

    let (code, log) = server.stop("TERM");

    assert_eq!(code, Some(0), "{log}");
    let key = files.settings().key;
    let told: Vec<&str> = log.lines().filter(|line| line.contains("was refused; the old one stays in use")).collect();
    assert_eq!(told.len(), 1, "{log}");
    assert!(told[0].contains(&format!("{} has mode 0644", key.display())), "{log}");
    assert!(told[0].contains(&format!("`chmod 600 {}`", key.display())), "{log}");
}

#[test]
fn days_that_are_left_are_counted() {
    let files = TlsFiles::new();
    let (certificate, key, _) = files.issue(2027);
    files.write(&certificate, &key);
    let registry = Registry::start_tls(Database::sqlite(), &files, |settings| settings.public_metrics = true);
    let days = || {
        let metrics = registry.client.get("/metrics").text;
        let line = metrics.lines().find(|line| line.starts_with("vasp_registry_certificate_days_left{")).unwrap();
        line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()
    };

    // From noon on 1 June 2026 to the beginning of 2027.
    assert!((days() - 213.5).abs() < 1e-9, "{}", days());
    registry.clock.set("2027-01-02T00:00:00Z".parse().unwrap());
    assert!((days() + 1.0).abs() < 1e-9, "{}", days());
    let plain = Registry::start_with(Database::sqlite(), |settings| settings.public_metrics = true);
    assert!(!plain.client.get("/metrics").text.contains("certificate_days_left{"));
}

/// Before, nothing told that the certificate of probes was about to end.
#[test]
fn days_that_are_left_of_the_certificate_of_probes_are_counted() {
    let files = TlsFiles::new();
    let (certificate, key, _) = files.issue(2200);
    files.write(&certificate, &key);
    let mut serve = command(&["serve", "--listen", "127.0.0.1:0", "--public-metrics"]);
    serve.env("VASP_REGISTRY_PROBE_CERTIFICATE", files.settings().certificate);
    serve.env("VASP_REGISTRY_PROBE_KEY", files.settings().key);
    let server = Server::start(serve);

    let metrics = Client::new(server.address).get("/metrics").text;

    let days = metrics.lines().find_map(|line| line.strip_prefix("vasp_registry_certificate_days_left{kind=\"probes\"} "));
    let days: f64 = days.unwrap_or_else(|| panic!("{metrics}")).parse().unwrap();
    // More than the 100 years from any day on which this runs.
    assert!(days > 36_500.0, "{days}");
    let (code, log) = server.stop("TERM");
    assert_eq!(code, Some(0), "{log}");
}

fn serve(files: &TlsFiles) -> std::process::Command {
    let mut serve = command(&["serve", "--listen", "127.0.0.1:0"]);
    serve.env("VASP_REGISTRY_TLS_CERTIFICATE", files.settings().certificate);
    serve.env("VASP_REGISTRY_TLS_KEY", files.settings().key);
    serve
}

#[test]
fn the_binary_reads_its_certificate_again_when_it_is_told_to() {
    let files = TlsFiles::new();
    let first = files.renew();
    let mut command_of_another_host = serve(&files);
    command_of_another_host.args(["--public-url", "https://registry.example.org"]);
    let server = Server::start(command_of_another_host);
    let shown = || files.connect(server.address, None).server_certificate();
    assert_eq!(shown(), first);
    let checked = command(&["healthcheck", "--url", &format!("https://{}", server.address)]).output().unwrap();
    assert_eq!(checked.status.code(), Some(0), "{checked:?}");

    let second = files.renew();
    server.signal("HUP");

    let watch = Stopwatch::start();
    while shown() != second {
        assert!(watch.elapsed_micros() < 20_000_000, "it goes on with the old one");
    }
    // The files of another host.
    let other = rcgen::generate_simple_self_signed(vec!["other.example".to_owned()]).unwrap();
    files.write(&other.cert.pem(), &other.signing_key.serialize_pem());
    server.signal("HUP");
    while files.try_connect(server.address, None).is_some() {
        assert!(watch.elapsed_micros() < 40_000_000, "it goes on with the old one");
    }
    let (code, log) = server.stop("TERM");
    assert_eq!(code, Some(0), "{log}");
    assert_eq!(log.matches("the server's new certificate is for other hosts").count(), 1, "{log}");
    // Before, the start said nothing of it.
    assert_eq!(log.matches("the server's certificate is not for registry.example.org").count(), 1, "{log}");
    let told = log.lines().filter(|line| line.contains("the server now uses another certificate")).count();
    assert_eq!(told, 2, "{log}");
}

#[test]
fn health_is_asked_over_tls_where_the_settings_say_so() {
    let files = TlsFiles::new();
    let registry = Registry::start_tls(Database::sqlite(), &files, |_| ());
    let mut check = command(&["healthcheck", "--listen", &format!("0.0.0.0:{}", registry.address.port())]);
    check.env("VASP_REGISTRY_TLS_CERTIFICATE", files.settings().certificate);
    check.env("VASP_REGISTRY_TLS_KEY", files.settings().key);

    let said = check.output().unwrap();

    assert_eq!(said.status.code(), Some(0), "{said:?}");
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(said.starts_with(&format!("https://{} is ready", registry.address)), "{said}");
    assert_eq!(Client::secured(registry.address).get("/healthz").status.as_u16(), 200);
}

#[test]
fn what_does_not_fit_is_refused_at_the_start() {
    let files = TlsFiles::new();
    let (certificate, key, _) = files.issue(2090);
    let refused = |certificate: &str, key: &str, why: &str| {
        files.write(certificate, key);
        assert_refused(&serve(&files).output().unwrap(), why);
    };

    refused(&certificate, &files.issue(2090).1, "does not belong to the first certificate in");
    refused("", &key, "has no certificate in PEM");
    refused(&certificate, &certificate, "has no readable private key in PEM");
    refused("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", &key, "cannot be read");
    std::fs::remove_file(files.settings().certificate).unwrap();
    assert_refused(&serve(&files).output().unwrap(), "cannot read");
    let mut half = serve(&files);
    half.env_remove("VASP_REGISTRY_TLS_KEY");
    assert_refused(&half.output().unwrap(), "--tls-certificate also needs --tls-key");
}
