//! Fills a running registry as the command line does: imports and credentials.

use std::io::Cursor;

use vasp_clock::Clock;
use vasp_ingest::source;
use vasp_record::role::{OrganisationKind, Scope, UserKind};
use vasp_registry::imported::ImportReport;
use vasp_registry::imports::{ImportFormat, ImportJob, import_file};
use vasp_registry::node::ImportError;
use vasp_registry::organisations::NewUser;
use vasp_store::WriteMode;
use vasp_words::ids::ApiKeyId;
use vasp_words::time::UtcTime;

use super::Registry;

impl Registry {
    /// Imports a file and has the registry see it.
    pub(crate) fn import(&self, format: ImportFormat, file: &str, bytes: &[u8]) -> ImportReport {
        self.try_import(format, file, bytes.to_vec(), |_| ()).unwrap()
    }

    /// As [`Self::import`], also where much fewer stand in it than before.
    pub(crate) fn import_shrunk(&self, format: ImportFormat, file: &str, bytes: Vec<u8>) -> ImportReport {
        self.try_import(format, file, bytes, |job| job.accept_shrink = true).unwrap()
    }

    /// Imports a file with other settings than usual, and has the registry see it.
    pub(crate) fn try_import(
        &self,
        format: ImportFormat,
        file: &str,
        bytes: Vec<u8>,
        change: impl FnOnce(&mut ImportJob<'_>),
    ) -> Result<ImportReport, ImportError> {
        let mut job = ImportJob {
            store: self.registry.store(),
            keys: &self.keys,
            format,
            observed_on: None,
            mode: WriteMode::Keep,
            accept_shrink: false,
            progress: &mut |_| (),
        };
        change(&mut job);
        let input = source::from_reader(Cursor::new(bytes), file, source::LIMIT_BYTES).unwrap();
        let report = import_file(job, input, self.clock.now(), &mut self.random.fork());
        self.registry.directory().catch_up().unwrap();
        report
    }

    /// Makes an API key of a new organisation and returns its id and the `Authorization` header to send.
    pub(crate) fn api_key(&self, scope: &str, expires_at: Option<UtcTime>) -> (ApiKeyId, String) {
        let (now, mut rng) = (self.clock.now(), self.random.fork());
        let scope: Scope = scope.parse().unwrap();
        let kind = if scope == Scope::Operator { OrganisationKind::Operator } else { OrganisationKind::Gateway };
        let organisation =
            vasp_registry::organisations::create_organisation(&self.registry, "Gateway", kind, None, now, &mut rng).unwrap();
        let user = vasp_registry::organisations::create_user(&self.registry, organisation, &machine(), now, &mut rng).unwrap();
        let key =
            vasp_registry::organisations::create_api_key(&self.registry, user, &[scope], expires_at, now, &mut rng).unwrap();
        (key.id, format!("Bearer {}", key.text))
    }

    /// Revokes an API key.
    pub(crate) fn revoke(&self, key: ApiKeyId) {
        vasp_registry::organisations::revoke_api_key(&self.registry, key, self.clock.now(), &mut self.random.fork()).unwrap();
    }
}

/// A program without roles.
pub(crate) fn machine() -> NewUser {
    NewUser { name: "Machine".to_owned(), email: None, kind: UserKind::Machine, roles: vec![] }
}
