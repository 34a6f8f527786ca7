//! A batch of claims while it is filled: its sealed seed, its rows, and the root over them. Importers and members' services fill it inside
//! their own transactions.

use rand_core::RngCore;
use serde::{Deserialize, Serialize};

use super::standings::stored;
use vasp_addresses::class::ClassNumber;
use vasp_addresses::network::{NetworkNumber, NetworkTable};
use vasp_log::change::{ClaimBatchAdded, HexBytes};
use vasp_log::{BatchSeed, BatchTree, RowCommitment};
use vasp_pki::{DataKey, KeyError};
use vasp_record::claim::{Strength, Visibility};
use vasp_store::{ClaimBatch, ClaimRow, NewClaim};
use vasp_words::time::UtcTime;

/// What all claims of a batch share.
pub(crate) struct Said {
    /// The source of the claims.
    pub source: String,
    /// The source without its version.
    pub source_key: String,
    /// How the registry learned of the claims.
    pub method: &'static str,
    /// The strength of the claims.
    pub strength: Strength,
    /// Who may see the claims.
    pub visibility: Visibility,
    /// When the registry checked the claims; `None` if it did not.
    pub verified_at: Option<UtcTime>,
    /// Number of the batch that stands for the whole import; `None` if the batch is whole.
    pub part_of: Option<i64>,
}

/// A batch while it is filled.
pub(crate) struct OpenBatch {
    batch: ClaimBatch,
    tree: BatchTree,
    position: i32,
}

/// A batch between two transactions: its sealed seed, and the tree over the rows written so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BatchAside {
    /// Its number.
    pub number: i64,
    /// The source of its claims.
    pub source: String,
    #[serde(with = "hex::serde")]
    seed: Vec<u8>,
    position: i32,
    #[serde(with = "hex::serde")]
    frontier: Vec<u8>,
}

fn claim_batch(number: i64, said: Said, tree: &BatchTree, seed: Vec<u8>) -> ClaimBatch {
    ClaimBatch {
        number,
        source: said.source,
        source_key: said.source_key,
        method: said.method.to_owned(),
        strength: said.strength,
        visibility: said.visibility,
        row_count: 0,
        root: tree.root().to_vec(),
        seed,
        verified_at: said.verified_at,
        part_of: said.part_of.unwrap_or(number),
    }
}

/// Returns the log's payload about a batch. `ended` are the ids of claims that its claims replace.
pub(crate) fn batch_said(
    batch: &ClaimBatch,
    strength: Strength,
    visibility: Visibility,
    ended: Option<Vec<String>>,
) -> ClaimBatchAdded {
    ClaimBatchAdded {
        batch: batch.number,
        source: batch.source.clone(),
        method: batch.method.clone(),
        strength,
        visibility,
        claims: batch.row_count,
        root: HexBytes::of(&batch.root),
        ended,
        part_of: (batch.part_of != batch.number).then_some(batch.part_of),
    }
}

impl OpenBatch {
    /// Begins a batch with a number that was taken for it.
    ///
    /// # Errors
    /// `KeyError` if its seed cannot be sealed.
    pub(crate) fn open(number: i64, said: Said, seal_key: &DataKey, rng: &mut dyn RngCore) -> Result<Self, KeyError> {
        let mut seed = [0u8; 32];
        rng.fill_bytes(&mut seed);
        let sealed = seal_key.seal(&format!("batch:{number}"), &seed, rng)?;
        let tree = BatchTree::new(&BatchSeed(seed));
        Ok(Self { batch: claim_batch(number, said, &tree, sealed), tree, position: 0 })
    }

    /// Continues a batch that was put aside. `Ok(None)` if the stored parts do not fit together.
    ///
    /// # Errors
    /// `KeyError` if its seed cannot be opened.
    pub(crate) fn take_up(aside: BatchAside, said: Said, seal_key: &DataKey) -> Result<Option<Self>, KeyError> {
        let BatchAside { number, seed, position, frontier, .. } = aside;
        let opened = seal_key.open(&format!("batch:{number}"), &seed)?;
        let tree = match (<[u8; 32]>::try_from(opened), u32::try_from(position)) {
            (Ok(seed), Ok(rows)) => BatchTree::resume(&BatchSeed(seed), rows, &frontier).ok(),
            _ => None,
        };
        Ok(tree.map(|tree| Self { batch: claim_batch(number, said, &tree, seed), tree, position }))
    }

    /// Returns what to store of the batch between two transactions.
    pub(crate) fn put_aside(&self) -> BatchAside {
        let ClaimBatch { number, source, seed, .. } = &self.batch;
        let frontier = self.tree.frontier_bytes();
        BatchAside { number: *number, source: source.clone(), seed: seed.clone(), position: self.position, frontier }
    }

    /// Returns its number.
    pub(crate) fn number(&self) -> i64 {
        self.batch.number
    }

    /// Returns its source without the version.
    pub(crate) fn source_key(&self) -> &str {
        &self.batch.source_key
    }

    /// Adds a claim and returns the row to write.
    pub(crate) fn push(&mut self, row: ClaimRow) -> NewClaim {
        self.tree.push(&RowCommitment {
            number: row.number,
            network: row.network,
            account_key: &row.account_key,
            memo: &row.memo,
            vasp: row.vasp,
            role: row.role,
            confidence: row.confidence,
            asserted_at: row.asserted_at,
            expires_at: row.expires_at,
        });
        let position = self.position;
        self.position = position.saturating_add(1);
        let first = (ClassNumber(row.class), row.controller.as_slice());
        let others = NetworkTable::embedded().other_controllers(NetworkNumber(row.network), &row.account_key, first);
        NewClaim { row, position, others: others.iter().map(stored).collect() }
    }

    /// Returns the batch with its count and root, to record it.
    pub(crate) fn close(self) -> ClaimBatch {
        ClaimBatch { row_count: self.position.into(), root: self.tree.root().to_vec(), ..self.batch }
    }
}
