//! The existing claims on some accounts: those of the VASP itself, and those of others that contradict its claims, or held them when they
//! ended. A caller that writes by them holds the lock of claims.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::ahead::Ahead;
use super::claimant::{Claimant, Speaker};
use super::read::BatchNotes;
use super::write::Replaced;
use crate::node::ServiceError;
use vasp_addresses::address::{Account, AccountKey, Controller};
use vasp_addresses::network::{NetworkNumber, NetworkTable};
use vasp_record::attestation::{Seen, Standing};
use vasp_record::claim::{AddressRole, Reader, Strength, may_see};
use vasp_record::resolution::{CONTESTED_END, Parties, SubAccount, remembered_until};
use vasp_store::{BatchRow, ClaimRow, Conn, StoreError};
use vasp_words::time::UtcTime;

/// Network, account key and memo.
pub(super) type Place = (i32, Vec<u8>, String);

/// A claim of another party on the same account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Contested {
    /// Number of the claim.
    pub claim: i64,
    /// Number of its owner.
    pub owner: i64,
    /// Number of its network.
    pub network: i32,
    /// Class of networks, and controller.
    pub controller: (i32, Vec<u8>),
    /// The memo that it is limited to; empty if there is none.
    pub memo: String,
    /// Whether the member may know of it.
    pub is_seen: bool,
    /// Number of its batch.
    pub batch: i64,
    /// Since when its VASP makes the claim, in microseconds since the epoch.
    pub asserted_at: Option<i64>,
}

impl Contested {
    /// Makes it from the row of a claim.
    pub(super) fn of(row: &ClaimRow, is_seen: bool) -> Self {
        Self {
            claim: row.number,
            owner: row.vasp,
            network: row.network,
            controller: (row.class, row.controller.clone()),
            memo: row.memo.clone(),
            is_seen,
            batch: row.batch,
            asserted_at: row.asserted_at,
        }
    }

    /// Returns what is one answer on all networks of the class: its owner, class and controller, and memo.
    pub(super) fn answer(&self) -> (i64, &(i32, Vec<u8>), &str) {
        (self.owner, &self.controller, &self.memo)
    }
}

/// The existing claims on some accounts.
pub(super) struct Standings<'a> {
    pub(super) claimant: &'a Claimant,
    reader: Reader,
    /// Live claims by class of networks and controller.
    rows: HashMap<(i32, Vec<u8>), Vec<ClaimRow>>,
    /// Those of the VASP itself, by place.
    own: HashMap<Place, Vec<ClaimRow>>,
    sub_accounts: HashMap<(i32, Vec<u8>), Vec<SubAccount>>,
    /// The VASP's own claims that wait for a reviewer: number, whether the member knows that it waits, and when it was made.
    pub(super) waiting: HashMap<Place, (i64, bool, UtcTime)>,
    pub(super) batches: HashMap<i64, BatchRow>,
    pub(super) notes: BatchNotes,
    pub(super) now: UtcTime,
}

/// Returns whether a claim applies to a memo. It does if the memos are equal, or if one of them is empty and means the whole address.
fn speaks_of(row: &ClaimRow, memo: &str) -> bool {
    row.memo.is_empty() || memo.is_empty() || row.memo == memo
}

/// Returns the network, account key and memo of an account.
pub(super) fn place_of(account: &Account) -> Place {
    (account.network.0, account.key.as_bytes().to_vec(), account.memo.clone().unwrap_or_default())
}

/// Returns the controller under which a claim on an account is stored.
pub(super) fn controller_of(account: &Account) -> (i32, Vec<u8>) {
    stored(account.controllers.first())
}

/// Returns whether an account, or that of a claim, has a controller only as a form that follows from its address.
fn is_form(account: &Account, controller: &Controller, row: &ClaimRow) -> bool {
    let claimed = || NetworkTable::embedded().controllers_of(NetworkNumber(row.network), &AccountKey::new(&row.account_key));
    account.controllers.first() != controller || claimed().is_some_and(|claimed| claimed.first() != controller)
}

/// Returns the number of the class, and the bytes, of a controller.
pub(super) fn stored(controller: &Controller) -> (i32, Vec<u8>) {
    (controller.class.0, controller.bytes.as_bytes().to_vec())
}

impl<'a> Standings<'a> {
    /// Reads the existing claims on some accounts. A caller that writes by the result must hold the lock of claims.
    pub(super) fn read<'b>(
        conn: &mut Conn,
        claimant: &'a Claimant,
        speaker: Speaker,
        now: UtcTime,
        accounts: impl Iterator<Item = &'b Account> + Clone,
    ) -> Result<Self, ServiceError> {
        let ahead = Ahead::read(conn, claimant, accounts.clone())?;
        Self::over(conn, claimant, speaker, now, accounts, ahead)
    }

    /// Does the same as [`Self::read`]. Under the lock it reads claims again only if they changed since they were read ahead.
    pub(super) fn read_on<'b>(
        conn: &mut Conn,
        claimant: &'a Claimant,
        speaker: Speaker,
        now: UtcTime,
        accounts: impl Iterator<Item = &'b Account> + Clone,
        ahead: Ahead,
    ) -> Result<Self, ServiceError> {
        if ahead.is_current(conn)? {
            Self::over(conn, claimant, speaker, now, accounts, ahead)
        } else {
            Self::read(conn, claimant, speaker, now, accounts)
        }
    }

    fn over<'b>(
        conn: &mut Conn,
        claimant: &'a Claimant,
        speaker: Speaker,
        now: UtcTime,
        accounts: impl Iterator<Item = &'b Account>,
        ahead: Ahead,
    ) -> Result<Self, ServiceError> {
        let mut by_network: BTreeMap<i32, Vec<&[u8]>> = BTreeMap::new();
        for account in accounts {
            by_network.entry(account.network.0).or_default().push(account.key.as_bytes());
        }
        let mut sub_accounts: HashMap<(i32, Vec<u8>), Vec<SubAccount>> = HashMap::new();
        let mut waiting = HashMap::new();
        for (network, mut keys) in by_network {
            keys.sort_unstable();
            keys.dedup();
            for row in conn.confirmed_sub_accounts(network, &keys)? {
                sub_accounts.entry((network, row.account_key.clone())).or_default().push(row.says());
            }
            for row in conn.waiting_claims_of_keys(claimant.number, network, &keys)? {
                if row.claim.expires_at.is_none_or(|at| at > now.micros()) {
                    let place = (network, row.claim.account_key, row.claim.memo);
                    let said_at = row.claim.asserted_at.and_then(|at| UtcTime::from_micros(at).ok()).unwrap_or(now);
                    waiting.insert(place, (row.claim.number, row.waits == Some(true), said_at));
                }
            }
        }
        let Ahead { rows, own, batches, notes, .. } = ahead;
        let reader = Reader::Organisation(speaker.organisation);
        Ok(Self { claimant, reader, rows, own, sub_accounts, waiting, batches, notes, now })
    }

    pub(super) fn is_over(&self, row: &ClaimRow) -> bool {
        row.expires_at.is_some_and(|at| at <= self.now.micros())
    }

    fn seen_of(&self, row: &ClaimRow) -> Result<(Seen, Strength), ServiceError> {
        let wrong = || StoreError::impossible_column("claims", "batch", row.number);
        let batch = self.batches.get(&row.batch).ok_or_else(wrong)?;
        Ok((self.notes.seen(batch), batch.strength))
    }

    /// Returns the VASP's own claim on an account: one that its member made, not what others say about it.
    pub(super) fn own(&self, place: &Place) -> Result<Option<(&ClaimRow, Standing)>, ServiceError> {
        let mut rows: Vec<&ClaimRow> = self.own.get(place).into_iter().flatten().collect();
        // A claim in force comes before an expired one.
        rows.sort_by_key(|row| (self.is_over(row), row.number));
        for row in rows {
            let (seen, strength) = self.seen_of(row)?;
            if strength >= Strength::Attested {
                let role = AddressRole::from_code(row.role).unwrap_or(AddressRole::Unknown);
                let expires_at = row.expires_at.and_then(|at| UtcTime::from_micros(at).ok());
                return Ok(Some((row, Standing { role, seen, strength, expires_at })));
            }
        }
        Ok(None)
    }

    /// Returns whether the VASP has another claim on the account and memo, in force or waiting, than this one.
    pub(super) fn says_elsewhere(&self, place: &Place, claim: i64) -> Result<bool, ServiceError> {
        let counts = self.own(place)?.is_some_and(|(row, _)| !self.is_over(row) && row.number != claim);
        Ok(counts || self.waiting.get(place).is_some_and(|(number, ..)| *number != claim))
    }

    /// Returns the VASP's own expired claim on the account and memo of a waiting claim.
    pub(super) fn replaced(&self, place: &Place) -> Result<Option<Replaced>, ServiceError> {
        let own = self.own(place)?;
        Ok(own.map(|(row, standing)| Replaced { number: row.number, visibility: Some(standing.seen.visibility) }))
    }

    /// Returns whether the VASP itself has a claim in force on an account.
    pub(super) fn has_live(&self, account: &Account) -> Result<bool, ServiceError> {
        Ok(self.own(&place_of(account))?.is_some_and(|(row, _)| !self.is_over(row)))
    }

    /// Returns the live claims of other parties that contradict a claim on an account: those on any of its controllers, on every network of
    /// the class. They have the same memo or are on the whole address. If the account is a whole address, claims with any memo contradict
    /// it. What both sides confirmed is no contradiction.
    ///
    /// Source: docs/claims.md, "Against another party's claim" (contradiction).
    pub(super) fn contested(&self, account: &Account) -> Result<Vec<Contested>, ServiceError> {
        let memo = account.memo.as_deref().unwrap_or_default();
        let (mut found, mut seen) = (vec![], HashSet::new());
        for (controller, row) in self.rows_on(account).into_iter().filter(|(_, row)| speaks_of(row, memo)) {
            if !account.controllers.meet(controller, is_form(account, controller, row), NetworkNumber(row.network))
                || !seen.insert(row.number)
                || self.is_over(row)
                || !self.claimant.is_other_party(row.vasp)
            {
                continue;
            }
            let (readers, strength) = self.seen_of(row)?;
            if self.is_confirmed(account, row, strength) {
                continue;
            }
            let is_seen = may_see(self.reader, readers.visibility, &readers.named);
            found.push(Contested::of(row, is_seen));
        }
        Ok(found)
    }
}

impl Standings<'_> {
    /// Returns the claims on an account's controllers, each with the controller by which it was found.
    fn rows_on<'b, 'c>(&'b self, account: &'c Account) -> Vec<(&'c Controller, &'b ClaimRow)> {
        let mut found = vec![];
        for controller in account.controllers.iter() {
            found.extend(self.rows.get(&stored(controller)).into_iter().flatten().map(|row| (controller, row)));
        }
        found
    }

    /// Returns the claims of other parties whose end holds a claim on an account that was made at `said_at`: it contradicted them while they
    /// counted, or they were proven not long ago.
    ///
    /// Source: docs/claims.md, "When a claim ends".
    pub(super) fn holding(&self, account: &Account, said_at: UtcTime) -> Result<Vec<&ClaimRow>, ServiceError> {
        let memo = account.memo.as_deref().unwrap_or_default();
        let mut found = vec![];
        for (controller, row) in self.rows_on(account).into_iter().filter(|(_, row)| self.is_over(row) && speaks_of(row, memo)) {
            if !account.controllers.meet(controller, is_form(account, controller, row), NetworkNumber(row.network))
                || !self.claimant.is_other_party(row.vasp)
            {
                continue;
            }
            let Some(end) = row.expires_at.and_then(|at| UtcTime::from_micros(at).ok()) else { continue };
            let was_contradicted = row.asserted_at.is_some_and(|since| since < said_at.micros()) && said_at < end;
            let strength = self.seen_of(row)?.1;
            let is_remembered = strength == Strength::Proven && self.now < remembered_until(end);
            if (was_contradicted || is_remembered) && !self.is_confirmed(account, row, strength) {
                found.push(row);
            }
        }
        Ok(found)
    }

    /// Returns whether a member's claim that ended does not tell yet that a claim made at `said_at` contradicted it.
    pub(super) fn is_unmarked(&self, row: &ClaimRow, said_at: UtcTime) -> bool {
        let unmarked = |batch: &BatchRow| batch.strength >= Strength::Attested && batch.method != CONTESTED_END;
        self.batches.get(&row.batch).is_some_and(unmarked) && row.expires_at.is_some_and(|end| said_at.micros() < end)
    }

    /// Returns whether a confirmed sub-account explains that one claim is on the address and the other on its memo.
    fn is_confirmed(&self, account: &Account, row: &ClaimRow, strength: Strength) -> bool {
        let records = self.claimant.generation.records();
        let (own, memo) = (self.claimant.vasp, account.memo.as_deref().unwrap_or_default());
        let Some(other) = self.claimant.generation.vasp_of(row.vasp) else { return false };
        let (owner, holder, held) = match (memo, row.memo.as_str()) {
            ("", held) if !held.is_empty() => ((own, Strength::Attested), other, held),
            (held, "") if !held.is_empty() => ((other, strength), own, held),
            _ => return false,
        };
        let said = self.sub_accounts.get(&(account.network.0, account.key.as_bytes().to_vec()));
        said.into_iter().flatten().any(|said| {
            let of_memo = said.memo.as_deref().is_none_or(|memo| memo == held);
            of_memo && said.speaks_for(owner.0, owner.1, records) && records.party(said.holder) == records.party(holder)
        })
    }
}
