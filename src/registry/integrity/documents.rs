//! Verifies the files of members' documents: each opens under its organisation's key and has the digest in its row.

use std::collections::HashMap;

use aws_lc_rs::digest::{SHA256, digest};
use vasp_pki::DataKey;
use vasp_words::ids::OrganisationId;

use super::private_keys::named;
use super::{Place, Verification};
use crate::documents::keep::file_purpose;
use crate::node::ServiceError;

/// Number of rows read at once.
const PAGE: i64 = 100;

impl Verification<'_> {
    pub(super) fn documents(&mut self) -> Result<(), ServiceError> {
        let folder = self.of.documents;
        let (mut after, mut keys) = (String::new(), HashMap::<OrganisationId, Option<DataKey>>::new());
        loop {
            let page = self.read(|conn| conn.document_files_after(&after, PAGE))?;
            let Some((last, ..)) = page.last() else { return Ok(()) };
            after = last.to_string();
            let Some(folder) = folder else {
                self.report.not_cover("documents were not looked at here: their folder is not here (--documents DIR)");
                return Ok(());
            };
            for (id, organisation, sha256) in page {
                let file = sha256.to_string();
                let Some(sealed) = folder.read(&organisation.to_string(), &file).map_err(ServiceError::Store)? else {
                    self.report.missing_files.push(id.to_string());
                    continue;
                };
                self.report.documents += 1;
                let key = match keys.get(&organisation) {
                    Some(key) => key.clone(),
                    None => {
                        let (master, name) = (self.of.keys, format!("organisation:{organisation}"));
                        let key = self.of.store.read(|conn| named(conn, master, &name))?;
                        keys.entry(organisation).or_insert(key).clone()
                    }
                };
                let Some(key) = key else {
                    self.report.not_cover("documents: their files cannot be decrypted without the master key");
                    continue;
                };
                let content = key.open(&file_purpose(&file), &sealed);
                if !content.is_ok_and(|content| digest(&SHA256, &content).as_ref() == sha256.0) {
                    self.altered("member_documents", id, "its file is not the uploaded file");
                }
            }
            if !self.goes_on(Place::Documents) {
                return Ok(());
            }
        }
    }
}
