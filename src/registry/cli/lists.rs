//! `organisation list`, `user list`, `api-key list`: what is in the database, without a server. They only read, and show no secret: of keys
//! only ids, as the database has nothing else.

use std::io::Write;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::{Outcome, open, table};
use crate::config::{FileOptions, StoreOptions};
use crate::organisations::{stored_keys, stored_organisations, stored_users};
use vasp_words::ids::OrganisationId;

/// Options of `organisation list`.
#[derive(Debug, clap::Args)]
pub(super) struct ListOrganisations {
    /// Print everything as JSON instead of a table
    #[arg(long, env = "VASP_REGISTRY_JSON")]
    json: bool,
    #[command(flatten)]
    store: StoreOptions,
}

/// Options of `user list` and `api-key list`.
#[derive(Debug, clap::Args)]
pub(super) struct ListOfOrganisation {
    /// The organisation's id
    #[arg(long, value_name = "ID", env = "VASP_REGISTRY_ORGANISATION")]
    organisation: OrganisationId,
    /// Print everything as JSON instead of a table
    #[arg(long, env = "VASP_REGISTRY_JSON")]
    json: bool,
    #[command(flatten)]
    store: StoreOptions,
}

impl ListOrganisations {
    /// Runs the command.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub(super) fn run(self, file: &FileOptions) -> Outcome {
        let store = open::store_to_read(&self.store.settle(&file.store))?;
        let rows = stored_organisations(&store)?.into_iter().map(|row| {
            let vasp = row.vasp.map(|id| id.to_string());
            [Some(row.id.to_string()), Some(row.kind.to_string()), Some(row.name), vasp, row.closed_at.map(|at| at.to_string())]
        });
        show(["id", "kind", "name", "vasp", "closed_at"], rows.collect(), self.json)
    }
}

impl ListOfOrganisation {
    /// Lists the users.
    ///
    /// # Errors
    /// If the database cannot be read or the organisation is not known.
    pub(super) fn users(self, file: &FileOptions) -> Outcome {
        let store = open::store_to_read(&self.store.settle(&file.store))?;
        let rows = stored_users(&store, self.organisation)?.into_iter().map(|row| {
            [Some(row.id.to_string()), Some(row.kind.to_string()), Some(row.state.to_string()), Some(row.name), row.email]
        });
        show(["id", "kind", "state", "name", "email"], rows.collect(), self.json)
    }

    /// Lists the API keys.
    ///
    /// # Errors
    /// If the database cannot be read or the organisation is not known.
    pub(super) fn keys(self, file: &FileOptions) -> Outcome {
        let store = open::store_to_read(&self.store.settle(&file.store))?;
        let rows = stored_keys(&store, self.organisation)?.into_iter().map(|row| {
            let (expires, revoked) = (row.expires_at.map(|at| at.to_string()), row.revoked_at.map(|at| at.to_string()));
            [Some(row.id.to_string()), Some(row.owner.to_string()), Some(row.scopes.to_string()), expires, revoked]
        });
        show(["id", "user", "scopes", "expires_at", "revoked_at"], rows.collect(), self.json)
    }
}

/// Prints rows as a table, or as JSON with null for what is absent.
fn show<const N: usize>(names: [&str; N], rows: Vec<[Option<String>; N]>, as_json: bool) -> Outcome {
    if as_json {
        let object = |row: [Option<String>; N]| -> Value {
            names.iter().zip(row).map(|(name, cell)| ((*name).to_owned(), json!(cell))).collect::<serde_json::Map<_, _>>().into()
        };
        let all: Vec<Value> = rows.into_iter().map(object).collect();
        writeln!(std::io::stdout(), "{}", serde_json::to_string_pretty(&all)?)?;
    } else {
        let rows: Vec<[String; N]> = rows.into_iter().map(|row| row.map(|cell| cell.unwrap_or_else(|| "-".to_owned()))).collect();
        table::print(names, &rows)?;
    }
    Ok(ExitCode::SUCCESS)
}
