//! Imports a reference document (rulebook, lists, screening list, policy): read strictly first, then kept whole as a new
//! version. The same text again changes nothing.

use aws_lc_rs::digest::{SHA256, digest};
use rand_core::RngCore;
use serde_json::json;

use super::{ImportError, ImportReport};
use crate::domain::change::{Audience, ChangeKind, NewChange};
use crate::domain::lists::JurisdictionLists;
use crate::domain::policy::Policy;
use crate::domain::rulebook::Rulebook;
use crate::domain::screening::SanctionsList;
use crate::domain::time::{Date, UtcTime};
use crate::store::{DocumentRow, Edit, Store, StoreError, WriteMode};

/// Kinds of reference documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentKind {
    /// The rulebook.
    Rulebook,
    /// FATF's and the EU's lists.
    Lists,
    /// OFAC's digital currency addresses, as a `SanctionsList`.
    OfacDigitalCurrency,
    /// A policy.
    Policy,
}

impl DocumentKind {
    /// Returns the name of the format and of the stored kind.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rulebook => "rulebook",
            Self::Lists => "lists",
            Self::OfacDigitalCurrency => "ofac-digital-currency",
            Self::Policy => "policy",
        }
    }

    /// Reads the text strictly and returns its version, its day and how many records it holds.
    fn check(self, text: &str, observed_on: Option<Date>) -> Result<(String, Date, usize), String> {
        match self {
            Self::Rulebook => {
                let book = Rulebook::from_json(text).map_err(|e| e.to_string())?;
                Ok((book.version.clone(), observed_on.unwrap_or(book.generated_on), book.jurisdictions().count()))
            }
            Self::Lists => {
                let lists = JurisdictionLists::from_json(text).map_err(|e| e.to_string())?;
                Ok((lists.version.clone(), observed_on.unwrap_or(lists.generated_on), 3))
            }
            Self::OfacDigitalCurrency => {
                let list: SanctionsList = serde_json::from_str(text).map_err(|e| e.to_string())?;
                Ok((format!("{}@{}", list.id, list.as_of), list.as_of, list.entries.len()))
            }
            Self::Policy => {
                let policy = Policy::from_json(text).map_err(|e| e.to_string())?;
                let day = observed_on.ok_or("a policy has no date of its own: give --observed-on")?;
                Ok((policy.to_string(), day, policy.rules().len()))
            }
        }
    }
}

/// Imports the text of a document.
///
/// # Errors
/// `ImportError::Document` where it is not valid, `ImportError::Store`; nothing was written.
pub fn import_document(
    store: &Store,
    kind: DocumentKind,
    text: &str,
    file: &str,
    observed_on: Option<Date>,
    mode: WriteMode,
    (now, rng): (UtcTime, &mut dyn RngCore),
) -> Result<ImportReport, ImportError> {
    let refused = |reason| ImportError::Document { file: file.to_owned(), reason };
    let (version, day, records) = kind.check(text, observed_on).map_err(refused)?;
    let row = DocumentRow {
        kind: kind.as_str().to_owned(),
        version,
        observed_on: day.to_string(),
        source: file.to_owned(),
        digest: digest(&SHA256, text.as_bytes()).as_ref().to_vec(),
        body: text.to_owned(),
        seq_from: 0,
    };
    let records = u64::try_from(records).unwrap_or(u64::MAX);
    let written = store.write_as(mode, now, rng, |transaction| {
        if transaction.conn().document_digest(&row.kind, &row.observed_on)?.as_ref() == Some(&row.digest) {
            return Ok::<_, StoreError>(false);
        }
        let payload = json!({
            "document": row.kind, "version": row.version, "observed_on": row.observed_on,
            "source": row.source, "sha256": hex::encode(&row.digest), "records": records,
        });
        let change = NewChange { kind: ChangeKind::Document, audience: Audience::Public, subject: None, payload };
        transaction.record(change, vec![Edit::AddDocument(row)]);
        Ok(true)
    })?;
    let (taken, unchanged) = if written.value { (records, 0) } else { (0, records) };
    Ok(ImportReport {
        format: kind.as_str().to_owned(),
        file: file.to_owned(),
        observed_on: Some(day),
        dry_run: mode == WriteMode::Rehearse,
        read: records,
        taken,
        unchanged,
        log_changes: u64::from(written.value),
        sequence: written.sequence,
        ..ImportReport::default()
    })
}
