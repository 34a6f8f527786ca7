//! Which rows say something new: not those of which the registry holds the same claim (same account, owner and source, whatever
//! the version of the source), nor those that an earlier row of the file said.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::seen_keys::SeenKeys;
use crate::node::ImportError;
use vasp_ingest::claims_csv::ClaimRow;
use vasp_store::{Conn, StoreError};

/// With so many claims it takes longer to read all of them before the first row than to ask for each row's.
const READ_AHEAD_MAX: i64 = 1_000_000;
/// Rows read at once.
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

/// What is known of claims.
pub(super) struct Fresh {
    /// Numbers of sources without their versions.
    sources: HashMap<String, u32>,
    /// Batches of labels.
    batches: HashMap<i64, Known>,
    /// Accounts that may have claims; none where all are asked for.
    keys: Option<SeenKeys>,
}

/// What a stretch of rows came to.
#[derive(Default)]
pub(super) struct Told {
    /// Rows to write, with their owners.
    pub rows: Vec<(ClaimRow, i64)>,
    /// How many claims stand already.
    pub unchanged: u64,
    /// How many an earlier row of the file said.
    pub repeated: u64,
}

/// The source without its version: `repository@commit:file` without the commit.
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
    /// Learns which labels there are: those that count, and those of the import's own batches.
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

    /// Notes a batch of this import.
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

    /// Tells rows apart.
    pub(super) fn of(&mut self, conn: &mut Conn, rows: Vec<(ClaimRow, i64)>) -> Result<Told, ImportError> {
        let known = self.known(conn, &rows)?;
        let mut said: HashSet<Identity> = HashSet::with_capacity(rows.len());
        let (mut told, mut last) = (Told::default(), (String::new(), 0));
        for (row, owner) in rows {
            // Neighbours mostly have one source.
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

    /// Returns the claims that stand on accounts of these rows, and whether they stood before this import.
    fn known(&mut self, conn: &mut Conn, rows: &[(ClaimRow, i64)]) -> Result<HashMap<Identity, bool>, ImportError> {
        let mut by_network: BTreeMap<i32, Vec<&[u8]>> = BTreeMap::new();
        for (row, _) in rows {
            let (network, key) = (row.network.0, row.key.as_bytes());
            if self.keys.as_mut().is_none_or(|keys| keys.insert(network, key)) {
                by_network.entry(network).or_default().push(key);
            }
        }
        let mut known = HashMap::new();
        for (network, mut keys) in by_network {
            keys.sort_unstable();
            keys.dedup();
            for claim in conn.live_claims_of_keys(network, &keys)? {
                let Some(Known { source, before }) = self.batches.get(&claim.batch).copied() else { continue };
                known.insert((network, claim.account_key.into_boxed_slice(), claim.memo, claim.vasp, source), before);
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
