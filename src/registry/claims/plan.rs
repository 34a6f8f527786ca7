//! Works out what sayings about accounts come to: which are new, which say the same again, which take another's place, and
//! whose claims they contradict. Reads under the lock of claims, so that nothing changes before it is written.

use std::collections::{BTreeMap, HashMap};

use super::allowance::Told;
use super::claimant::{Claimant, Speaker};
use super::read::BatchNotes;
use super::write::{Replaced, Statement};
use crate::node::ServiceError;
use vasp_addresses::address::Account;
use vasp_addresses::network::{Family, NetworkTable};
use vasp_ingest::member_claims::{OwnAddress, RowFault};
use vasp_record::attestation::{Again, Seen, Standing, expiry};
use vasp_record::claim::{AddressRole, Reader, Strength, may_see};
use vasp_record::resolution::{Parties, SubAccount};
use vasp_store::{BatchRow, ClaimRow, Conn, StoreError};
use vasp_words::time::UtcTime;

/// Network, account key and memo.
type Place = (i32, Vec<u8>, String);

/// A claim of another party on the same account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Contested {
    /// Number of the claim.
    pub claim: i64,
    /// Number of its owner.
    pub owner: i64,
    /// Memo it is limited to; empty for none.
    pub memo: String,
    /// Whether the member may know of it.
    pub is_seen: bool,
    /// Number of its batch.
    pub batch: i64,
    /// Since when its VASP says so, microseconds since the epoch.
    pub asserted_at: Option<i64>,
}

impl Contested {
    /// Is the claim of a row.
    pub(super) fn of(row: &ClaimRow, is_seen: bool) -> Self {
        let (memo, asserted_at) = (row.memo.clone(), row.asserted_at);
        Self { claim: row.number, owner: row.vasp, memo, is_seen, batch: row.batch, asserted_at }
    }
}

/// What one saying comes to.
pub(super) enum Verdict {
    /// It is to be written, as the statement of this place.
    New(usize),
    /// It is to be written, as the statement of this place, in the place of the claim of this number, which still counts.
    Renews(usize, i64),
    /// A claim says it already.
    Same(i64),
    /// It is to wait for a reviewer, as the statement of this place among those that wait.
    Waits(usize),
    /// A claim says it already and waits for a reviewer; whether its member is told so.
    SameWaits(i64, bool),
    /// An earlier saying of this list said it.
    Repeated(usize),
    /// It is not taken.
    Refused(RowFault),
}

impl Verdict {
    /// Returns the place of the statement that only renews a claim.
    pub(super) fn renewal(&self) -> Option<usize> {
        if let Self::Renews(place, _) = self { Some(*place) } else { None }
    }
}

/// What a list of sayings comes to.
#[derive(Default)]
pub(super) struct Plan {
    /// What is to be written.
    pub statements: Vec<Statement>,
    /// For each statement the claims that it contradicts; none for one that takes the place of another that counts.
    pub contested: Vec<Vec<Contested>>,
    /// What is to wait for a reviewer, and whether its member is told so.
    pub waiting: Vec<(Statement, Told)>,
    /// For each saying what it comes to.
    pub verdicts: Vec<Verdict>,
}

/// What stands already.
pub(super) struct Standings<'a> {
    pub(super) claimant: &'a Claimant,
    reader: Reader,
    /// Live claims by network, or family of networks, and account key.
    rows: HashMap<(i32, Vec<u8>), Vec<ClaimRow>>,
    sub_accounts: HashMap<(i32, Vec<u8>), Vec<SubAccount>>,
    /// What the VASP itself says that waits for a reviewer: number, and whether its member is told.
    waiting: HashMap<Place, (i64, bool)>,
    pub(super) batches: HashMap<i64, BatchRow>,
    pub(super) notes: BatchNotes,
    pub(super) now: UtcTime,
}

/// Tells whether a claim is about a memo, or it or the memo's side is about the whole address.
fn speaks_of(row: &ClaimRow, memo: &str) -> bool {
    row.memo.is_empty() || memo.is_empty() || row.memo == memo
}

fn place_of(account: &Account) -> Place {
    (account.network.0, account.key.as_bytes().to_vec(), account.memo.clone().unwrap_or_default())
}

/// The numbers under which claims stand that name a family of networks.
pub(super) fn families() -> Vec<i32> {
    Family::ALL.iter().map(|family| family.number().0).collect()
}

impl<'a> Standings<'a> {
    /// Reads what stands on some accounts; whoever writes by it has locked the claims.
    pub(super) fn read<'b>(
        conn: &mut Conn,
        (claimant, speaker, now): (&'a Claimant, Speaker, UtcTime),
        accounts: impl Iterator<Item = &'b Account>,
    ) -> Result<Self, ServiceError> {
        let mut by_network: BTreeMap<i32, Vec<&[u8]>> = BTreeMap::new();
        for account in accounts {
            for network in NetworkTable::embedded().with_family(account.network) {
                by_network.entry(network.0).or_default().push(account.key.as_bytes());
            }
        }
        let mut rows: HashMap<(i32, Vec<u8>), Vec<ClaimRow>> = HashMap::new();
        let mut sub_accounts: HashMap<(i32, Vec<u8>), Vec<SubAccount>> = HashMap::new();
        let (mut batches, mut waiting) = (vec![], HashMap::new());
        for (network, mut keys) in by_network {
            keys.sort_unstable();
            keys.dedup();
            for row in conn.confirmed_sub_accounts(network, &keys)? {
                sub_accounts.entry((network, row.account_key.clone())).or_default().push(row.says());
            }
            for row in conn.waiting_claims_of_keys(claimant.number, network, &keys)? {
                if row.claim.expires_at.is_none_or(|at| at > now.micros()) {
                    let place = (network, row.claim.account_key, row.claim.memo);
                    waiting.insert(place, (row.claim.number, row.waits == Some(true)));
                }
            }
            for row in conn.live_claims_of_keys(network, &keys)? {
                batches.push(row.batch);
                rows.entry((network, row.account_key.clone())).or_default().push(row);
            }
        }
        batches.sort_unstable();
        batches.dedup();
        let notes = BatchNotes::of(conn, &batches)?;
        let batches: HashMap<i64, BatchRow> =
            conn.claim_batches(&batches)?.into_iter().map(|batch| (batch.number, batch)).collect();
        // Rows of an import that is under way are no claims yet.
        rows.values_mut().for_each(|rows| rows.retain(|row| batches.contains_key(&row.batch)));
        let reader = Reader::Organisation(speaker.organisation);
        Ok(Self { claimant, reader, rows, sub_accounts, waiting, batches, notes, now })
    }

    fn is_over(&self, row: &ClaimRow) -> bool {
        row.expires_at.is_some_and(|at| at <= self.now.micros())
    }

    fn seen_of(&self, row: &ClaimRow) -> Result<(Seen, Strength), ServiceError> {
        let wrong = || StoreError::impossible_column("claims", "batch", row.number);
        let batch = self.batches.get(&row.batch).ok_or_else(wrong)?;
        Ok((self.notes.seen(batch), batch.strength))
    }

    /// Returns the VASP's own claim on an account: what its member said, not what others say of it.
    fn own(&self, (network, key, memo): &Place) -> Result<Option<(&ClaimRow, Standing)>, ServiceError> {
        let rows = self.rows.get(&(*network, key.clone())).into_iter().flatten();
        let mut rows: Vec<&ClaimRow> = rows.filter(|row| row.memo == *memo && row.vasp == self.claimant.number).collect();
        // One that counts comes before one whose time is over.
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

    /// Tells whether the VASP says of a place what counts, or waits, other than by this claim of its own.
    pub(super) fn says_elsewhere(&self, place: &Place, claim: i64) -> Result<bool, ServiceError> {
        let counts = self.own(place)?.is_some_and(|(row, _)| !self.is_over(row) && row.number != claim);
        Ok(counts || self.waiting.get(place).is_some_and(|(number, _)| *number != claim))
    }

    /// Returns the VASP's own claim on the place of a claim that waits: one whose time is over.
    pub(super) fn replaced(&self, place: &Place) -> Result<Option<Replaced>, ServiceError> {
        let own = self.own(place)?;
        Ok(own.map(|(row, standing)| Replaced { number: row.number, visibility: Some(standing.seen.visibility) }))
    }

    /// Tells whether the VASP itself says that an account is its own, and that still counts.
    pub(super) fn has_live(&self, account: &Account) -> Result<bool, ServiceError> {
        Ok(self.own(&place_of(account))?.is_some_and(|(row, _)| !self.is_over(row)))
    }

    /// Returns the live claims of other parties that say otherwise of an account: with its very memo, of the whole address, or, where
    /// the account is that, with any memo; on the network or its family. What both sides confirmed is no contradiction.
    pub(super) fn contested(&self, account: &Account) -> Result<Vec<Contested>, ServiceError> {
        let memo = account.memo.as_deref().unwrap_or_default();
        let mut found = vec![];
        let networks = NetworkTable::embedded().with_family(account.network);
        let keys = networks.map(|network| (network.0, account.key.as_bytes().to_vec()));
        for row in keys.filter_map(|key| self.rows.get(&key)).flatten().filter(|row| speaks_of(row, memo)) {
            if self.is_over(row) || !self.claimant.is_other_party(row.vasp) || self.is_confirmed(account, row) {
                continue;
            }
            let (seen, _) = self.seen_of(row)?;
            let is_seen = may_see(self.reader, seen.visibility, &seen.named);
            found.push(Contested::of(row, is_seen));
        }
        Ok(found)
    }
}

impl Standings<'_> {
    /// Tells whether a sub-account settles that one of the two sayings is of the address and the other of its memo.
    fn is_confirmed(&self, account: &Account, row: &ClaimRow) -> bool {
        let records = self.claimant.generation.records();
        let (own, memo) = (records.party(self.claimant.vasp), account.memo.as_deref().unwrap_or_default());
        let Some(other) = self.claimant.generation.vasp_of(row.vasp).map(|vasp| records.party(vasp)) else { return false };
        let (owner, holder, held) = match (memo, row.memo.as_str()) {
            ("", held) if !held.is_empty() => (own, other, held),
            (held, "") if !held.is_empty() => (other, own, held),
            _ => return false,
        };
        let said = self.sub_accounts.get(&(account.network.0, account.key.as_bytes().to_vec()));
        said.into_iter().flatten().any(|said| {
            let of_memo = said.memo.as_deref().is_none_or(|memo| memo == held);
            of_memo && records.party(said.owner) == owner && records.party(said.holder) == holder
        })
    }
}

impl Plan {
    /// Works out what a list of sayings comes to, each said with the same visibility.
    pub(super) fn make(
        standings: &Standings<'_>,
        sayings: &[OwnAddress],
        seen: &Seen,
        lifetime_secs: i64,
    ) -> Result<Self, ServiceError> {
        let mut plan = Self::default();
        let mut said: HashMap<Place, usize> = HashMap::new();
        for (index, saying) in sayings.iter().enumerate() {
            let place = place_of(&saying.account);
            let verdict = match said.get(&place) {
                Some(first) => Verdict::Repeated(*first),
                None => plan.judge(standings, saying, &place, seen, lifetime_secs)?,
            };
            if !matches!(verdict, Verdict::Refused(_)) {
                said.entry(place).or_insert(index);
            }
            plan.verdicts.push(verdict);
        }
        Ok(plan)
    }

    fn judge(
        &mut self,
        standings: &Standings<'_>,
        saying: &OwnAddress,
        place: &Place,
        seen: &Seen,
        lifetime_secs: i64,
    ) -> Result<Verdict, ServiceError> {
        let expires_at = match expiry(saying.expires_at, lifetime_secs, standings.now) {
            Ok(at) => at,
            Err(error) => return Ok(refused(Some("expires_at"), error.code(), error.to_string())),
        };
        let own = standings.own(place)?;
        if let Some((row, standing)) = own.as_ref().filter(|(row, _)| !standings.is_over(row)) {
            match standing.again(saying.role, seen, saying.expires_at) {
                Again::Same => return Ok(Verdict::Same(row.number)),
                Again::Proven => {
                    let detail = "the claim on this account is proven; change that claim by its id, so that its proof is kept";
                    return Ok(refused(None, "proven_already", detail.to_owned()));
                }
                Again::Renews => {}
            }
        }
        // A renewed claim keeps the disputes that are about it.
        let renews = own.as_ref().is_some_and(|(row, _)| !standings.is_over(row));
        let first_said = own.as_ref().filter(|_| renews).and_then(|(row, _)| UtcTime::from_micros(row.asserted_at?).ok());
        let contested = if renews { vec![] } else { standings.contested(&saying.account)? };
        let waits = standings.waiting.get(place).filter(|_| !renews);
        if let Some((number, told)) = waits.filter(|_| !contested.is_empty()) {
            return Ok(Verdict::SameWaits(*number, *told));
        }
        self.contested.push(contested);
        let (network, account_key, memo) = place.clone();
        let replaces = own.map(|(row, standing)| Replaced { number: row.number, visibility: Some(standing.seen.visibility) });
        // Nobody says otherwise any more: it counts, in the place of what waited.
        let replaces = waits.map(|(number, _)| Replaced { number: *number, visibility: None }).or(replaces);
        let index = self.statements.len();
        let since = first_said.unwrap_or(standings.now);
        self.statements.push(Statement { network, account_key, memo, role: saying.role, since, expires_at, replaces });
        Ok(replaces.filter(|_| renews).map_or(Verdict::New(index), |replaced| Verdict::Renews(index, replaced.number)))
    }
}

fn refused(column: Option<&'static str>, code: &'static str, detail: String) -> Verdict {
    Verdict::Refused(RowFault { column, code, detail })
}
