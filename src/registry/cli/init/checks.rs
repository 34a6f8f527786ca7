//! What is looked at before the first write, so that a refusal leaves nothing behind: whose folder it is, and whether an earlier `init` got
//! other answers.

use std::error::Error;
use std::path::Path;

use super::answers::{Answers, Lists};
use crate::cli::demo::MARKER;
use crate::cli::open;
use crate::config::{FileOptions, StoreOptions};
use crate::imports::seed_names;
use vasp_record::role::{OrganisationKind, UserKind};
use vasp_rules::policy::Policy;
use vasp_store::{Store, StoreError};

/// Refuses a folder that holds something else.
pub(super) fn check_folder(folder: &Path) -> Result<(), String> {
    let (name, there) = (folder.display(), |file: &str| folder.join(file).exists());
    let what = if there("sandbox") {
        "a sandbox, in which everything is invented"
    } else if there(MARKER) || there("filled.json") {
        "a demo"
    } else if there("registry.db") && !there("registry.toml") {
        "a database that `init` did not make"
    } else {
        return Ok(());
    };
    Err(format!("this folder holds {what}: {name}; give another one with --data"))
}

/// Refuses answers that cannot be carried out, or that differ from those of an earlier `init`.
///
/// # Errors
/// Which answer it is, and what to do.
pub(super) fn check_answers(answers: &Answers, folder: &Path, config: &Path) -> Result<(), Box<dyn Error>> {
    if !config.exists() {
        return Ok(check_lei(answers)?);
    }
    let kept = FileOptions::read(Some(config))?;
    answers.reach.check_same(config, &kept)?;
    if !folder.join("registry.db").exists() {
        return Ok(check_lei(answers)?);
    }
    // A database that an interrupted `init` left half made is completed later, and any other failure comes again there.
    match open::store_to_read(&StoreOptions::default().settle(&kept.store)) {
        Ok(store) => check_stored(answers, &store),
        Err(_) => Ok(()),
    }
}

/// Refuses an LEI that no VASP will have, whatever is loaded.
fn check_lei(answers: &Answers) -> Result<(), String> {
    match (answers.lei, answers.lists) {
        (Some(lei), Lists::None) => {
            Err(format!("--lei: with `--lists none` no VASP is known, nor {lei}: give --lei none, or --lists seed"))
        }
        (Some(lei), Lists::Seed) if !seed_names(lei) => {
            Err(format!("--lei: no VASP of the data that come with the program has the LEI {lei}: check it, or give --lei none"))
        }
        _ => Ok(()),
    }
}

/// Refuses another name, other people or another policy than the registry has.
fn check_stored(answers: &Answers, store: &Store) -> Result<(), Box<dyn Error>> {
    let known = crate::organisations::stored_organisations(store)?;
    let operator = known.iter().find(|one| one.kind == OrganisationKind::Operator && one.closed_at.is_none());
    let Some(operator) = operator else { return Ok(()) };
    if operator.name != answers.name {
        let name = &operator.name;
        return Err(format!("this registry is that of {name}: give its name, or another folder with --data").into());
    }
    let users = crate::organisations::stored_users(store, operator.id)?;
    let people = users.iter().filter(|user| user.kind == UserKind::Person).filter_map(|user| user.email.as_deref());
    let people: Vec<&str> = people.collect();
    let new: Vec<&str> = answers.people.iter().map(|one| one.email.as_str()).filter(|email| !people.contains(email)).collect();
    if let Some(first) = new.first().filter(|_| people.len() + new.len() > answers.people.len()) {
        let people = people.join(", ");
        return Err(format!(
            "{first} is none of the people of this registry ({people}); they invite others once they are signed in"
        )
        .into());
    }
    let stored = store.read::<_, StoreError>(|conn| Ok(conn.document_at("policy", i64::MAX)?.map(|row| row.body)))?;
    let stored = stored.map_or_else(Policy::embedded, |body| Policy::from_json(&body))?;
    let answer = answers.policy.as_ref().map_or_else(Policy::embedded, |(_, policy)| Ok(policy.clone()))?;
    if stored != answer {
        let change = "give its file, or replace it with `vasp-registry import policy` first";
        return Err(format!("this registry has the policy {stored}, and you answer {answer}: {change}").into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_something_else_is_refused_by_what_it_holds() {
        for (file, says) in [("demo", "holds a demo"), ("sandbox", "holds a sandbox"), ("registry.db", "`init` did not make")] {
            let folder = tempfile::tempdir().unwrap();
            assert_eq!(check_folder(folder.path()), Ok(()));
            std::fs::write(folder.path().join(file), "").unwrap();

            let error = check_folder(folder.path()).unwrap_err();

            assert!(error.contains(says), "{error}");
        }
    }

    /// Bitpanda GmbH. Source: `seed/registers/`, ESMA's register.
    #[test]
    fn the_seed_names_an_lei_of_its_registers() {
        assert!(seed_names("5493007WZ7IFULIL8G21".parse().unwrap()));
        assert!(!seed_names("529900T8BM49AURSDO55".parse().unwrap()));
    }
}
