//! `upgrade-check`: run by the newer program against the data of the older one, before it takes over. Says of each thing whether the newer
//! program can work with it and what to do. It changes nothing, and works beside a running server. Exit codes: 0 nothing failed, 1 something
//! failed.

use super::super::{Outcome, open};
use super::{Doctor, Finding, Health, database};
use crate::config::{DatabaseUrl, FileOptions, StoreSettings};
use crate::node::{Registry, ServiceError};
use vasp_clock::Random;
use vasp_store::{StoreError, schema_version};
use vasp_words::error_chain::error_chain;
use vasp_words::ids::OrganisationId;

/// Options of `upgrade-check`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct UpgradeCheck {
    #[command(flatten)]
    options: Doctor,
}

impl UpgradeCheck {
    /// Runs the command.
    ///
    /// # Errors
    /// If the findings cannot be printed.
    pub(in crate::cli) fn run(self, file: &FileOptions) -> Outcome {
        self.options.look(file, |settings, machine, now| {
            let mut findings = vec![program(), schema(settings)];
            let is_current = findings.iter().all(|finding| finding.health == Health::Ok);
            findings.push(data(settings, is_current));
            findings.extend(database::of_data(settings, now));
            findings.extend(machine);
            findings.push(order(settings));
            findings
        })
    }
}

/// The settings were read, or the command would have ended before.
fn program() -> Finding {
    let version = env!("CARGO_PKG_VERSION");
    Finding::ok(
        "program",
        format!("{version} with schema {}; it knows every setting of the file and the environment", schema_version()),
    )
}

/// Whether this program can use or migrate the schema.
fn schema(settings: &StoreSettings) -> Finding {
    let check = "schema";
    match open::store_to_read(settings) {
        Ok(_) => Finding::ok(check, "no migration is needed"),
        Err(error) => match error.downcast_ref() {
            Some(StoreError::SchemaBehind) => {
                Finding::warning(check, "older than this program: `migrate` of this program brings it up to date")
            }
            _ => Finding::failed(check, database::advised(error.as_ref())),
        },
    }
}

/// Starts on the database as a server does, and opens what each organisation keeps for itself. Recorded pre-checks are not opened.
fn data(settings: &StoreSettings, is_current: bool) -> Finding {
    let check = "data";
    if !is_current {
        let detail = "not read, because of the schema; `restore` a backup in another place, `migrate` it there, and check again";
        return Finding::of(check, Health::Unknown, detail);
    }
    let read = Random::from_system().map_err(Into::into).and_then(|random| open::registry_to_inspect(settings, &random));
    let registry = match read {
        Ok(registry) => registry,
        Err(error) => {
            return Finding::failed(check, format!("a server of this program would not start: {}", error_chain(error.as_ref())));
        }
    };
    let (_, organisations) = registry.directory().private_since(0);
    let closed = |organisation: &OrganisationId| open_own(&registry, *organisation).err().map(|error| (*organisation, error));
    let closed: Vec<_> = organisations.iter().filter_map(closed).collect();
    let (sequence, all) = (registry.directory().sequence(), organisations.len());
    match closed.first() {
        None if all == 0 => Finding::ok(check, format!("a server starts on it, at sequence {sequence}")),
        None => {
            let detail =
                format!("a server starts on it, at sequence {sequence}, and opens what {all} organisations keep for themselves");
            Finding::ok(check, detail)
        }
        Some((organisation, error)) => {
            let (count, why) = (closed.len(), error_chain(error));
            let detail =
                format!("what {count} of {all} organisations keep for themselves cannot be read, such as {organisation}: {why}");
            Finding::failed(check, detail)
        }
    }
}

/// Opens an organisation's policies, relationships and answers.
fn open_own(registry: &Registry, organisation: OrganisationId) -> Result<(), ServiceError> {
    let state = registry.directory().private(organisation).map_err(ServiceError::Directory)?;
    match registry.own_data_key(organisation)? {
        Some(key) => state.relationships.open(&key).map(drop).map_err(ServiceError::Directory),
        None => Ok(()),
    }
}

/// In which order to go on.
fn order(settings: &StoreSettings) -> Finding {
    let detail = match open::database(settings) {
        Ok(DatabaseUrl::Postgres(_)) => "`backup --verify`, `migrate` once, then replace the nodes one by one",
        _ => "`backup --verify`, stop the server, replace the program, `migrate`, start",
    };
    Finding::ok("order", detail)
}
