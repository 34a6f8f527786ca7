//! `ca init`, `ca show` and `ca rotate`, as an operator types them.

use std::os::unix::fs::PermissionsExt;

use crate::support::{Deployment, assert_refused, on_every_database};

#[on_every_database(Deployment::new)]
fn the_root_s_key_goes_to_its_file_and_nowhere_else(deployment: Deployment) {
    let taken = deployment.file("taken.pem", "something of somebody's");
    let key = taken.with_file_name("root.pem");
    let (taken, key_text) = (taken.to_str().unwrap().to_owned(), key.to_str().unwrap().to_owned());
    assert!(deployment.said(&["ca", "show"]).contains("no certificate authority yet"));
    let refused = deployment.command(&["ca", "init", "--root-key-out", &taken]).output().unwrap();
    assert_refused(&refused, "cannot write the root's key");
    assert_eq!(std::fs::read_to_string(&taken).unwrap(), "something of somebody's");

    let made = deployment.said(&["ca", "init", "--root-key-out", &key_text, "--name", "Example Registry"]);

    let root_key = std::fs::read_to_string(&key).unwrap();
    assert!(root_key.starts_with("-----BEGIN PRIVATE KEY-----"));
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    let shown = deployment.said(&["ca", "show"]);
    let (id, sha256) = made.split_once(" sha256:").unwrap();
    assert!(shown.contains(&format!("issuing {id} (active)")) && shown.contains(sha256), "{shown}");
    assert_eq!(shown.matches("-----BEGIN CERTIFICATE-----").count(), 2);
    assert!(!shown.contains("PRIVATE"));

    let again = key.with_file_name("again.pem");
    let twice = deployment.command(&["ca", "init", "--root-key-out", again.to_str().unwrap()]).output().unwrap();
    assert_refused(&twice, "already has a root certificate");
    assert!(!again.exists());
    std::fs::set_permissions(&taken, std::fs::Permissions::from_mode(0o600)).unwrap();
    let wrong = deployment.command(&["ca", "rotate", "--root-key", &taken]).output().unwrap();
    assert_refused(&wrong, "has no private key");
    let next = deployment.said(&["ca", "rotate", "--root-key", &key_text, "--name", "Example Registry"]);
    assert_ne!(next, made);
    let shown = deployment.said(&["ca", "show"]);
    assert!(shown.contains(&format!("issuing {id} (retired)")), "{shown}");
}
