//! Reads the existing claims on many accounts before the lock of claims is held, so that other writers do not wait for it. Under the lock
//! only what changed meanwhile is looked up.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::claimant::Claimant;
use super::read::BatchNotes;
use super::standings::{Place, stored};
use crate::node::ServiceError;
use vasp_addresses::address::Account;
use vasp_store::{BatchRow, ClaimRow, Conn};

/// The claims on some accounts, read before the lock is held, and what tells whether they are still those.
pub(super) struct Ahead {
    /// The head of the log when they were read.
    sequence: i64,
    /// Live claims by class of networks and controller.
    pub(super) rows: HashMap<(i32, Vec<u8>), Vec<ClaimRow>>,
    /// Those of the VASP itself, by place.
    pub(super) own: HashMap<Place, Vec<ClaimRow>>,
    pub(super) batches: HashMap<i64, BatchRow>,
    pub(super) notes: BatchNotes,
    controllers: HashSet<(i32, Vec<u8>)>,
}

impl Ahead {
    /// If more claims changed than this, reading which ones takes as long as reading the claims again.
    const CHANGED_MAX: i64 = 2_000;

    /// Reads the claims of everybody on some accounts.
    pub(super) fn read<'b>(
        conn: &mut Conn,
        claimant: &Claimant,
        accounts: impl Iterator<Item = &'b Account>,
    ) -> Result<Self, ServiceError> {
        let sequence = conn.log_head()?.sequence;
        let controllers: HashSet<(i32, Vec<u8>)> = accounts.flat_map(|account| account.controllers.iter()).map(stored).collect();
        let mut by_class: BTreeMap<i32, Vec<&[u8]>> = BTreeMap::new();
        for (class, controller) in &controllers {
            by_class.entry(*class).or_default().push(controller);
        }
        let mut rows: HashMap<(i32, Vec<u8>), Vec<ClaimRow>> = HashMap::new();
        let mut own: HashMap<Place, Vec<ClaimRow>> = HashMap::new();
        let mut batches = vec![];
        for (class, mut controllers) in by_class {
            controllers.sort_unstable();
            for row in conn.live_claims_of(class, &controllers)? {
                batches.push(row.batch);
                if row.vasp == claimant.number {
                    own.entry((row.network, row.account_key.clone(), row.memo.clone())).or_default().push(row.clone());
                }
                rows.entry((class, row.controller.clone())).or_default().push(row);
            }
        }
        batches.sort_unstable();
        batches.dedup();
        let notes = BatchNotes::of(conn, &batches)?;
        let batches: HashMap<i64, BatchRow> =
            conn.claim_batches(&batches)?.into_iter().map(|batch| (batch.number, batch)).collect();
        // Rows of an import that is still running are not claims yet.
        rows.values_mut().chain(own.values_mut()).for_each(|rows| rows.retain(|row| batches.contains_key(&row.batch)));
        Ok(Self { sequence, rows, own, batches, notes, controllers })
    }

    /// Returns whether no claim on these accounts began or ended since. Call it under the lock of claims.
    pub(super) fn is_current(&self, conn: &mut Conn) -> Result<bool, ServiceError> {
        let head = conn.log_head()?.sequence;
        if head == self.sequence {
            return Ok(true);
        }
        let changed = conn.changed_controllers(self.sequence, head, Self::CHANGED_MAX)?;
        let is_few = i64::try_from(changed.len()).is_ok_and(|count| count <= Self::CHANGED_MAX);
        Ok(is_few && changed.iter().all(|controller| !self.controllers.contains(controller)))
    }
}
