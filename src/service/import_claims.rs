//! Imports address labels as claims: groups by entity key, one batch a source, claims that are known already confirmed
//! and not repeated. The file is read in stretches, so memory does not grow with it; one transaction, so it is all or
//! nothing.

use std::collections::{BTreeMap, HashMap, HashSet};

use rand_core::RngCore;
use serde_json::json;

use super::claim_batch::{OpenBatch, SEEDS, Said};
use super::groups::Groups;
use super::registry::named_key;
use super::{ImportError, ImportReport, ServiceError};
use crate::domain::change::{Audience, ChangeKind, NewChange};
use crate::domain::claim::{Strength, Visibility};
use crate::domain::register::RejectedRow;
use crate::domain::time::UtcTime;
use crate::ingest::IngestError;
use crate::ingest::claims_csv::ClaimRow;
use crate::pki::{DataKey, MasterKeys};
use crate::store::{ClaimRow as StoredClaim, Edit, NewClaim, Store, Transaction, WriteMode};

/// Name of the format and origin of the groups it makes.
pub(super) const ORIGIN: &str = "claims-csv";
/// Rows matched and written at once.
const STRETCH: usize = 10_000;

/// One row of the file, read or rejected.
pub type ClaimRowResult = Result<Result<ClaimRow, RejectedRow>, IngestError>;

/// How to import claims.
pub struct ClaimOptions<'a> {
    /// File name for the report.
    pub file: &'a str,
    /// Whether to keep them.
    pub mode: WriteMode,
    /// Called now and then with the number of rows read.
    pub progress: &'a mut dyn FnMut(u64),
}

/// Imports rows.
///
/// # Errors
/// `ImportError::Ingest` where the file cannot be read further, `Store`, `Key`; nothing was written.
pub fn import_claims(
    store: &Store,
    keys: &MasterKeys,
    rows: impl Iterator<Item = ClaimRowResult>,
    options: ClaimOptions<'_>,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<ImportReport, ImportError> {
    let seal_key = named_key(store, keys, SEEDS, now, rng).map_err(|error| match error {
        ServiceError::Key(error) => ImportError::Key(error),
        ServiceError::Store(error) => ImportError::Store(error),
        other => ImportError::Document { file: SEEDS.to_owned(), reason: other.to_string() },
    })?;
    let ClaimOptions { file, mode, progress } = options;
    // Left once the write lock is held, so that it never hides the note of whoever is waited for.
    let mut note = None;
    let written = store.write_as(mode, now, rng, |transaction| {
        transaction.lock_vasps()?;
        note = store.announce_long_write("import claims-csv", now);
        let mut import = Import::begin(transaction, file, mode)?;
        let mut stretch = Vec::with_capacity(STRETCH);
        for row in rows {
            import.report.read += 1;
            match row? {
                Ok(row) => stretch.push(row),
                Err(rejected) => import.report.rejected.push(rejected),
            }
            if stretch.len() == STRETCH {
                import.write(transaction, std::mem::take(&mut stretch), &seal_key)?;
                progress(import.report.read);
            }
        }
        import.write(transaction, stretch, &seal_key)?;
        import.finish(transaction)
    });
    drop(note);
    let written = written?;
    Ok(ImportReport { sequence: written.sequence, ..written.value })
}

/// An import under way.
struct Import {
    groups: Groups,
    /// Batches of this import by their source.
    batches: BTreeMap<String, OpenBatch>,
    /// Source keys of the batches that were there before, by number.
    known_sources: HashMap<i64, String>,
    report: ImportReport,
}

/// What makes two rows the same claim: account, owner and source, whatever version of the source.
type Identity = (i32, Box<[u8]>, String, i64, String);

/// The source without its version: `repository@commit:file` without the commit.
fn source_key(source: &str) -> String {
    match source.split_once('@') {
        Some((repository, rest)) => {
            let file = rest.split_once(':').map_or("", |(_, file)| file);
            format!("{repository}:{file}")
        }
        None => source.to_owned(),
    }
}

impl Import {
    fn begin(transaction: &mut Transaction<'_>, file: &str, mode: WriteMode) -> Result<Self, ImportError> {
        let batches = transaction.conn().claim_batches_between(0, i64::MAX)?;
        Ok(Self {
            groups: Groups::load(transaction.conn())?,
            batches: BTreeMap::new(),
            known_sources: batches.into_iter().map(|batch| (batch.number, batch.source_key)).collect(),
            report: ImportReport {
                format: ORIGIN.to_owned(),
                file: file.to_owned(),
                dry_run: mode == WriteMode::Rehearse,
                ..ImportReport::default()
            },
        })
    }

    /// Writes one stretch of rows.
    fn write(
        &mut self,
        transaction: &mut Transaction<'_>,
        stretch: Vec<ClaimRow>,
        seal_key: &DataKey,
    ) -> Result<(), ImportError> {
        let known = self.known_claims(transaction, &stretch)?;
        let mut seen: HashSet<Identity> = HashSet::new();
        let mut fresh = Vec::new();
        for row in stretch {
            let owner = self.groups.ensure(transaction, &row)?;
            let memo = row.memo.clone().unwrap_or_default();
            let identity = (row.network.0, Box::from(row.key.as_bytes()), memo, owner, source_key(&row.source));
            match known.get(&identity) {
                Some(Known::Before) => self.report.unchanged += 1,
                Some(Known::InThisFile) => self.report.repeated += 1,
                None if seen.contains(&identity) => self.report.repeated += 1,
                None => {
                    seen.insert(identity);
                    fresh.push((row, owner));
                }
            }
        }
        self.report.taken += u64::try_from(fresh.len()).unwrap_or(u64::MAX);
        let count = i64::try_from(fresh.len()).unwrap_or(i64::MAX);
        let first = transaction.take_numbers("claims", count)?;
        let mut rows = Vec::with_capacity(fresh.len());
        for (number, (row, owner)) in (first..).zip(fresh) {
            rows.push(self.claim(transaction, number, row, owner, seal_key)?);
        }
        transaction.add_claims(&rows).map_err(ImportError::Store)
    }

    /// Returns the claims on these accounts that stand already, from before or from earlier rows of this file.
    fn known_claims(
        &self,
        transaction: &mut Transaction<'_>,
        stretch: &[ClaimRow],
    ) -> Result<HashMap<Identity, Known>, ImportError> {
        let mut by_network: BTreeMap<i32, Vec<&[u8]>> = BTreeMap::new();
        for row in stretch {
            by_network.entry(row.network.0).or_default().push(row.key.as_bytes());
        }
        let mut known = HashMap::new();
        for (network, mut keys) in by_network {
            keys.sort_unstable();
            keys.dedup();
            for claim in transaction.conn().live_claims_of_keys(network, &keys)? {
                let (source, when) = match self.known_sources.get(&claim.batch) {
                    Some(source) => (source.clone(), Known::Before),
                    None => match self.batches.values().find(|open| open.number() == claim.batch) {
                        Some(open) => (open.source_key().to_owned(), Known::InThisFile),
                        None => continue,
                    },
                };
                known.insert((network, claim.account_key.into_boxed_slice(), claim.memo, claim.vasp, source), when);
            }
        }
        Ok(known)
    }

    /// Makes the row of a new claim and adds it to its batch.
    fn claim(
        &mut self,
        transaction: &mut Transaction<'_>,
        number: i64,
        row: ClaimRow,
        owner: i64,
        seal_key: &DataKey,
    ) -> Result<NewClaim, ImportError> {
        let asserted_at = row.added_on.map(|day| day.start().micros());
        let role = row.role.code();
        let open = match self.batches.entry(row.source.clone()) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(new) => new.insert(open_batch(transaction, &row.source, seal_key)?),
        };
        Ok(open.push(StoredClaim {
            network: row.network.0,
            account_key: row.key.as_bytes().to_vec(),
            memo: row.memo.unwrap_or_default(),
            number,
            vasp: owner,
            batch: open.number(),
            role,
            confidence: None,
            asserted_at,
            expires_at: None,
            seq_to: None,
        }))
    }

    /// Records the batches and the groups.
    fn finish(mut self, transaction: &mut Transaction<'_>) -> Result<ImportReport, ImportError> {
        let groups = self.groups.record_changes(transaction);
        (self.report.new, self.report.changed) = groups;
        let batches = u64::try_from(self.batches.len()).unwrap_or(u64::MAX);
        for open in self.batches.into_values() {
            let batch = open.close();
            let payload = json!({
                "batch": batch.number, "source": batch.source, "method": batch.method, "strength": Strength::Attributed,
                "visibility": Visibility::Public, "claims": batch.row_count, "root": hex::encode(&batch.root),
            });
            let change = NewChange { kind: ChangeKind::ClaimBatch, audience: Audience::Public, subject: None, payload };
            transaction.record(change, vec![Edit::AddBatch(batch)]);
        }
        self.report.log_changes = groups.0 + groups.1 + batches;
        Ok(self.report)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    Before,
    InThisFile,
}

fn open_batch(transaction: &mut Transaction<'_>, source: &str, seal_key: &DataKey) -> Result<OpenBatch, ImportError> {
    let number = transaction.take_numbers("claim_batches", 1)?;
    let said = Said {
        source: source.to_owned(),
        source_key: source_key(source),
        method: "third_party_label",
        strength: Strength::Attributed,
        visibility: Visibility::Public,
        verified_at: None,
    };
    OpenBatch::open(number, said, seal_key, transaction.conn_and_rng().1).map_err(ImportError::Key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_keeps_its_identity_from_version_to_version() {
        assert_eq!(source_key("graphsense-tagpacks@29ff93c8ab:binance.yaml"), "graphsense-tagpacks:binance.yaml");
        assert_eq!(
            source_key("graphsense-tagpacks@29ff93c8ab:binance.yaml"),
            source_key("graphsense-tagpacks@ffff:binance.yaml")
        );
        assert_ne!(source_key("a@1:x.yaml"), source_key("a@1:y.yaml"));
        assert_eq!(source_key("plain"), "plain");
    }
}
