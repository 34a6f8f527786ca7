//! Finds the rows with new claims. It leaves out rows whose claim the registry already holds: the same account, owner and source, whatever
//! the source's version. It also leaves out repetitions of earlier rows in the file.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::seen_keys::SeenKeys;
use crate::node::ImportError;
use vasp_ingest::claims_csv::ClaimRow;
use vasp_store::{Conn, StoreError};

/// With more claims than this, reading all of them before the first row takes longer than querying for each row.
const READ_AHEAD_MAX: i64 = 1_000_000;
/// Number of rows read at once.
const PAGE: i64 = 10_000;
/// The method of every batch of this importer.
const METHOD: &str = "third_party_label";

/// What makes two rows the same claim: account, memo, owner and number of the source.
type Identity = (i32, Box<[u8]>, String, i64, u32);

/// A source, and whether its batch was there before this import.
#[derive(Clone, Copy)]
struct Known {
    source: u32,
    before: bool,
}

/// The known claims by labels.
pub(super) struct Fresh {
    /// Numbers of sources without their versions.
    sources: HashMap<String, u32>,
    /// Batches of labels.
    batches: HashMap<i64, Known>,
    /// Accounts that may have claims; `None` if every account is queried.
    keys: Option<SeenKeys>,
}

/// The new rows of a stretch, and the numbers of the others.
#[derive(Default)]
pub(super) struct Told {
    /// Rows to write, with their owners.
    pub rows: Vec<(ClaimRow, i64)>,
    /// Number of rows whose claim exists already.
    pub unchanged: u64,
    /// Number of rows that repeat an earlier row of the file.
    pub repeated: u64,
}

/// Returns the source without its version: `repository@commit:file` without the commit.
pub(super) fn source_key(source: &str) -> String {
    match source.split_once('@') {
        Some((repository, rest)) => {
            let file = rest.split_once(':').map_or("", |(_, file)| file);
            format!("{repository}:{file}")
        }
        None => source.to_owned(),
    }
}

impl Fresh {
    /// Reads the known labels: those in force, and those of the import's own batches.
    pub(super) fn load(conn: &mut Conn, own: &[(i64, String)]) -> Result<Self, StoreError> {
        let mut fresh = Self { sources: HashMap::new(), batches: HashMap::new(), keys: None };
        for batch in conn.claim_batches_between(0, i64::MAX)?.into_iter().filter(|batch| batch.method == METHOD) {
            let source = fresh.source(&batch.source_key);
            fresh.batches.insert(batch.number, Known { source, before: true });
        }
        for (number, source_key) in own {
            fresh.add_batch(*number, source_key);
        }
        if conn.claim_count()? <= READ_AHEAD_MAX {
            let mut keys = SeenKeys::default();
            for batch in fresh.batches.keys() {
                read_keys(conn, *batch, &mut keys)?;
            }
            fresh.keys = Some(keys);
        }
        Ok(fresh)
    }

    /// Adds a batch of this import.
    pub(super) fn add_batch(&mut self, number: i64, source_key: &str) {
        let source = self.source(source_key);
        self.batches.insert(number, Known { source, before: false });
    }

    fn source(&mut self, source_key: &str) -> u32 {
        let next = u32::try_from(self.sources.len()).unwrap_or(u32::MAX);
        match self.sources.get(source_key) {
            Some(number) => *number,
            None => *self.sources.entry(source_key.to_owned()).or_insert(next),
        }
    }

    /// Separates new rows from known and repeated ones.
    pub(super) fn of(&mut self, conn: &mut Conn, rows: Vec<(ClaimRow, i64)>) -> Result<Told, ImportError> {
        let known = self.known(conn, &rows)?;
        let mut said: HashSet<Identity> = HashSet::with_capacity(rows.len());
        let (mut told, mut last) = (Told::default(), (String::new(), 0));
        for (row, owner) in rows {
            // Neighbouring rows mostly have the same source.
            if last.0 != row.source || row.source.is_empty() {
                last = (row.source.clone(), self.source(&source_key(&row.source)));
            }
            let memo = row.memo.clone().unwrap_or_default();
            let identity = (row.network.0, Box::from(row.key.as_bytes()), memo, owner, last.1);
            match known.get(&identity) {
                Some(true) => told.unchanged += 1,
                Some(false) => told.repeated += 1,
                None if said.insert(identity) => told.rows.push((row, owner)),
                None => told.repeated += 1,
            }
        }
        Ok(told)
    }

    /// Returns the existing claims on accounts of these rows, and whether they existed before this import.
    fn known(&mut self, conn: &mut Conn, rows: &[(ClaimRow, i64)]) -> Result<HashMap<Identity, bool>, ImportError> {
        let mut by_class: BTreeMap<i32, Vec<&[u8]>> = BTreeMap::new();
        for (row, _) in rows {
            let (network, key) = (row.network.0, row.key.as_bytes());
            if self.keys.as_mut().is_none_or(|keys| keys.insert(network, key)) {
                by_class.entry(row.controller.class.0).or_default().push(row.controller.bytes.as_bytes());
            }
        }
        let mut known = HashMap::new();
        for (class, mut controllers) in by_class {
            controllers.sort_unstable();
            controllers.dedup();
            for claim in conn.live_claims_of(class, &controllers)? {
                let Some(Known { source, before }) = self.batches.get(&claim.batch).copied() else { continue };
                known.insert((claim.network, claim.account_key.into_boxed_slice(), claim.memo, claim.vasp, source), before);
            }
        }
        Ok(known)
    }
}

fn read_keys(conn: &mut Conn, batch: i64, keys: &mut SeenKeys) -> Result<(), StoreError> {
    let mut last = -1;
    loop {
        let rows = conn.claims_of_batch(batch, last, PAGE)?;
        let Some((position, _)) = rows.last() else { return Ok(()) };
        last = *position;
        for (_, row) in &rows {
            keys.insert(row.network, &row.account_key);
        }
    }
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
