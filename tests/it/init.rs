//! `init` as somebody types it who errs: refused before the first write, and other answers than before are refused. How it goes well is
//! tried in `ask`.

use std::path::Path;
use std::process::Output;

use crate::support::{Database, assert_refused, command};

const PEOPLE: [&str; 4] = ["--person", "Anna Schmidt <anna@example.org>", "--person", "Ben Okafor <ben@example.org>"];
const REST: [&str; 8] = ["--name", "Acme GmbH", "--lei", "none", "--policy", "default", "--lists", "none"];

/// Runs `init` in a folder. Options that `instead` has take the place of the usual ones.
fn begun(folder: &Path, instead: &[&str]) -> Output {
    let usual = [&REST[..], &PEOPLE[..], &["--proxy", "none"]].concat();
    let given = usual.chunks(2).filter(|option| !instead.contains(&option[0])).flatten().copied();
    let arguments: Vec<&str> = ["init"].into_iter().chain(given).chain(instead.iter().copied()).collect();
    command(&arguments).env_remove("VASP_REGISTRY_DATABASE").current_dir(folder).output().unwrap()
}

fn said(output: &Output) -> String {
    assert_ne!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn what_init_refuses_leaves_no_folder() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    std::fs::write(here.join("w.csv"), "address,network\n").unwrap();
    let anna = "Anna Schmidt <anna@example.org>";

    for (instead, says) in [
        (&["--person", anna, "--person", "Ben <ben@tiny>"][..], "`ben@tiny`, of Ben: an e-mail address must have the form"),
        (&["--person", anna], "a second --person is missing: decisions that give trust need a second person"),
        (&["--policy", "missing.json"], "cannot read `missing.json`"),
        (&["--policy", "w.csv"], "`w.csv` is no policy"),
        (&["--lei", "529900T8BM49AURSDO55"], "--lei: with `--lists none` no VASP is known"),
        (&["--lei", "529900T8BM49AURSDO55", "--lists", "seed"], "no VASP of the data that come with the program has the LEI"),
        (&["--proxy", "http://registry.example.org"], "must begin with https://"),
        (&["--listen", "0.0.0.0:8701"], "other machines are answered without TLS"),
    ] {
        assert_refused(&begun(here, instead), says);
        assert!(!here.join("registry").exists(), "{instead:?}");
    }
}

#[test]
fn a_demos_folder_is_named_as_such() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("registry")).unwrap();
    std::fs::write(folder.path().join("registry/demo"), "The files in this folder are a demo's.\n").unwrap();

    assert_refused(&begun(folder.path(), &[]), "this folder holds a demo");
    assert!(!folder.path().join("registry/registry.toml").exists());
}

/// Before, links kept the old host, with exit code 0.
#[test]
fn other_answers_than_before_are_refused_by_what_differs() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let listen = ["--listen", "127.0.0.1:8701"];

    let first = said(&begun(here, &listen));
    let again = said(&begun(here, &listen));

    assert_eq!(first.matches("http://127.0.0.1:8701/enrol#ve_").count(), 2, "{first}");
    assert!(!first.contains("A new link ends"), "{first}");
    assert!(again.contains("A new link ends the one that its person had before."), "{again}");
    assert_refused(&begun(here, &[]), "has `listen` 127.0.0.1:8701, and you answer 127.0.0.1:8080");
    let proxy = [&listen[..], &["--proxy", "https://registry.example.org"]].concat();
    assert_refused(&begun(here, &proxy), "has `public_url` http://127.0.0.1:8701, and you answer https://registry.example.org");
    let people = [&listen[..], &["--person", "Anna <anna@example.org>", "--person", "Cem <cem@example.org>"]].concat();
    assert_refused(&begun(here, &people), "cem@example.org is none of the people of this registry");
    let name = [&listen[..], &["--name", "Other GmbH"]].concat();
    assert_refused(&begun(here, &name), "this registry is that of Acme GmbH");
}

/// Before, a key stayed in force that nobody held.
#[test]
fn no_key_of_the_program_is_in_force_that_its_file_does_not_have() {
    let folder = tempfile::tempdir().unwrap();
    let (here, registry) = (folder.path(), folder.path().join("registry"));
    let key = registry.join("gateway-key");
    let in_force = || {
        let database = Database::at(format!("sqlite://{}", registry.join("registry.db").display()).parse().unwrap());
        database.number("count(*)", "api_keys WHERE revoked_at IS NULL")
    };
    std::fs::create_dir(&registry).unwrap();
    std::os::unix::fs::symlink(here.join("missing/gateway-key"), &key).unwrap();

    assert_refused(&begun(here, &[]), "cannot write ");
    assert_eq!(in_force(), 0);

    std::fs::remove_file(&key).unwrap();
    said(&begun(here, &[]));
    let first = std::fs::read_to_string(&key).unwrap();
    assert_eq!(in_force(), 1);

    // As after a kill between the key and its file.
    std::fs::write(&key, "").unwrap();
    said(&begun(here, &[]));

    let second = std::fs::read_to_string(&key).unwrap();
    assert!(second != first && second.len() == first.len(), "{second}");
    assert_eq!(in_force(), 1);
}
