//! A loss of entries is noticed by who kept the head of the log outside the database, and is said in the log when it is accepted.

use std::path::Path;

use serde_json::Value;
use vasp_clock::Stopwatch;

use crate::support::{
    Client, Database, Deployment, Server, assert_log_recomputes, assert_refused, on_every_database, open_store,
};

/// Imports one label, which is written to the log.
fn import(deployment: &Deployment, number: u8) {
    let head = "network,address,entity,entity_name,label,category,source,added_date";
    let row = format!("eip155:1,0x{number:040x},group-{number},,,exchange,test@0:full.csv,");
    let labels = deployment.file(&format!("{number}.csv"), &format!("{head}\n{row}\n"));
    deployment.said(&["import", "claims-csv", labels.to_str().unwrap()]);
}

/// Serves with the file, and stops once it says what is signed.
fn serve(deployment: &Deployment, file: &Path, more: &[&str]) -> (Vec<Value>, Value) {
    let (changes, keys, _) = serve_and_say(deployment, file, more);
    (changes, keys)
}

/// Does what [`serve`] does, and returns what the server wrote to its log too.
fn serve_and_say(deployment: &Deployment, file: &Path, more: &[&str]) -> (Vec<Value>, Value, String) {
    let mut command = deployment.serve();
    command.arg("--log-head").arg(file).args(more);
    let server = Server::start(command);
    let client = Client::new(server.address);
    let signed = deployment.get(&client, "/v1/log/checkpoint").text;
    let watch = Stopwatch::start();
    let is_kept = |text: String| {
        let events = deployment.database.number("number", "audit_head");
        text.starts_with(&signed) && text.contains(&format!("\naudit {events} "))
    };
    while !is_kept(std::fs::read_to_string(file).unwrap_or_default()) {
        assert!(watch.elapsed_micros() < 10_000_000, "the file does not say {signed}");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let changes = deployment.get(&client, "/v1/changes?limit=1000").json()["items"].as_array().unwrap().clone();
    let keys = deployment.get(&client, "/.well-known/jwks.json").json();
    let (code, log) = server.stop("TERM");
    assert_eq!(code, Some(0));
    (changes, keys, log)
}

fn declared(changes: &[Value]) -> Vec<&Value> {
    changes.iter().filter(|change| change["kind"] == "log_restored").map(|change| &change["payload"]).collect()
}

fn refused(deployment: &Deployment, file: &Path, why: &str) {
    let mut command = deployment.serve();
    command.arg("--log-head").arg(file);
    assert_refused(&command.output().unwrap(), why);
}

#[on_every_database]
fn a_restore_that_lost_entries_is_refused_until_that_is_accepted_and_then_the_log_says_so(database: Database) {
    let deployment = Deployment::new(database);
    let (file, backup) = (deployment.file_named("log-head"), deployment.file_named("early.backup"));
    import(&deployment, 1);
    let (early, _) = serve(&deployment, &file, &[]);
    deployment.said(&["backup", "--to", backup.to_str().unwrap()]);
    import(&deployment, 2);
    let (_, keys) = serve(&deployment, &file, &[]);
    let known = std::fs::read_to_string(&file).unwrap();

    let restore = ["restore", "--from", backup.to_str().unwrap(), "--replace", "--log-head", file.to_str().unwrap()];
    assert_refused(&deployment.command(&restore).output().unwrap(), "are lost");
    deployment.said(&[&restore[..], &["--accept-fork"]].concat());
    refused(&deployment, &file, "are lost");

    let (changes, new_keys) = serve(&deployment, &file, &["--accept-fork"]);
    let said = declared(&changes);
    let signed: Vec<&str> = known.lines().collect();
    assert_eq!(said.len(), 1, "{changes:?}");
    assert_eq!(said[0]["known"].to_string(), signed[1]);
    assert_eq!(said[0]["ends"], early.last().unwrap()["sequence"]);
    let checkpoint_keys = |keys: &Value| {
        let keys = keys["keys"].as_array().unwrap();
        keys.iter().filter(|key| key["purpose"] == "checkpoint").count()
    };
    assert_eq!(checkpoint_keys(&new_keys), checkpoint_keys(&keys) + 1, "{new_keys}");

    let warning = "--accept-fork (VASP_REGISTRY_ACCEPT_FORK) is set";
    let (changes, _, log) = serve_and_say(&deployment, &file, &[]);
    assert_eq!((declared(&changes).len(), log.contains(warning)), (1, false), "said once");
    let other_node = deployment.file("other-node", &known);
    let (changes, _, log) = serve_and_say(&deployment, &other_node, &["--accept-fork"]);
    assert_eq!((declared(&changes).len(), log.contains(warning)), (1, true), "another node knows that it was said");
    deployment.said(&["verify", "database"]);
    assert_log_recomputes(&open_store(&deployment.database, 1));
}

#[on_every_database(Deployment::new)]
fn a_file_of_another_log_or_of_nothing_is_refused(deployment: Deployment) {
    let other = Deployment::new(Database::sqlite());
    let (file, others) = (deployment.file_named("log-head"), other.file_named("log-head"));
    import(&deployment, 1);
    serve(&deployment, &file, &[]);
    serve(&other, &others, &[]);

    refused(&deployment, &others, "is not the log that was signed");
    std::fs::write(&file, "nothing\n").unwrap();
    refused(&deployment, &file, "is not a checkpoint");
}

/// Before, an old database could be put back whose log was whole, and in which disabled people could sign in again.
#[on_every_database]
fn a_restore_that_lost_only_what_is_not_in_the_log_is_refused_until_that_is_accepted(database: Database) {
    let deployment = Deployment::new(database);
    let (file, backup) = (deployment.file_named("log-head"), deployment.file_named("early.backup"));
    import(&deployment, 1);
    serve(&deployment, &file, &[]);
    deployment.said(&["backup", "--to", backup.to_str().unwrap()]);
    deployment.said(&["organisation", "create", "--name", "Later"]);
    serve(&deployment, &file, &[]);
    let events = deployment.database.number("number", "audit_head");

    let restore = ["restore", "--from", backup.to_str().unwrap(), "--replace", "--log-head", file.to_str().unwrap()];
    assert_refused(&deployment.command(&restore).output().unwrap(), "events are lost");
    deployment.said(&[&restore[..], &["--accept-fork"]].concat());
    refused(&deployment, &file, &format!("but {events} were written"));

    let (changes, _) = serve(&deployment, &file, &["--accept-fork"]);
    assert_eq!(declared(&changes).len(), 0, "the log lost nothing");
    assert_eq!(deployment.database.number("count(*)", "audit_events WHERE action = 'audit.restored'"), 1);
    serve(&deployment, &file, &[]);
}
