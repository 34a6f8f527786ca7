//! Plans a list of submitted claims: which are new, which repeat a claim, which replace one, and which other claims they contradict. It
//! reads under the lock of claims, so nothing changes before the plan is written. Of many claims it reads most before the lock is held
//! (`Ahead`), and under the lock only whether that is still true.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::ahead::Ahead;
use super::claimant::{Claimant, Speaker};
use super::read::BatchNotes;
use super::write::{Replaced, Statement};
use crate::node::ServiceError;
use vasp_addresses::address::{Account, AccountKey, Controller};
use vasp_addresses::network::{NetworkNumber, NetworkTable};
use vasp_ingest::member_claims::{OwnAddress, RowFault};
use vasp_record::attestation::{Again, Seen, Standing, expiry};
use vasp_record::claim::{AddressRole, Reader, Strength, may_see};
use vasp_record::resolution::{Parties, SubAccount};
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

/// The outcome for one submitted claim.
pub(super) enum Verdict {
    /// It must be written. The number is the index of its statement.
    New(usize),
    /// It must be written and replaces a claim that is still in force. The numbers are the index of its statement and that claim's number.
    Renews(usize, i64),
    /// An existing claim says the same. The number is that claim's number.
    Same(i64),
    /// It must wait for a reviewer. The number is the index of its statement among the waiting ones.
    Waits(usize),
    /// An existing claim says the same and waits for a reviewer. The flag is true if the member knows that it waits.
    SameWaits(i64, bool),
    /// An earlier item of this list says the same. The number is the index of that item.
    Repeated(usize),
    /// It is refused.
    Refused(RowFault),
}

impl Verdict {
    /// Returns the index of the statement if it only renews a claim.
    pub(super) fn renewal(&self) -> Option<usize> {
        if let Self::Renews(place, _) = self { Some(*place) } else { None }
    }
}

/// The plan for a list of submitted claims.
#[derive(Default)]
pub(super) struct Plan {
    /// The claims to write.
    pub statements: Vec<Statement>,
    /// For each statement, the claims that it contradicts; empty for one that replaces another claim in force.
    pub contested: Vec<Vec<Contested>>,
    /// The claims that must wait for a reviewer, and whether the member learns that each waits.
    pub waiting: Vec<(Statement, bool)>,
    /// The outcome of each submitted claim.
    pub verdicts: Vec<Verdict>,
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
    /// The VASP's own claims that wait for a reviewer: number, and whether the member knows that it waits.
    waiting: HashMap<Place, (i64, bool)>,
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
                    waiting.insert(place, (row.claim.number, row.waits == Some(true)));
                }
            }
        }
        let Ahead { rows, own, batches, notes, .. } = ahead;
        let reader = Reader::Organisation(speaker.organisation);
        Ok(Self { claimant, reader, rows, own, sub_accounts, waiting, batches, notes, now })
    }

    fn is_over(&self, row: &ClaimRow) -> bool {
        row.expires_at.is_some_and(|at| at <= self.now.micros())
    }

    fn seen_of(&self, row: &ClaimRow) -> Result<(Seen, Strength), ServiceError> {
        let wrong = || StoreError::impossible_column("claims", "batch", row.number);
        let batch = self.batches.get(&row.batch).ok_or_else(wrong)?;
        Ok((self.notes.seen(batch), batch.strength))
    }

    /// Returns the VASP's own claim on an account: one that its member made, not what others say about it.
    fn own(&self, place: &Place) -> Result<Option<(&ClaimRow, Standing)>, ServiceError> {
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
        Ok(counts || self.waiting.get(place).is_some_and(|(number, _)| *number != claim))
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
        let rows_of = |controller| self.rows.get(&stored(controller)).into_iter().flatten().map(move |row| (controller, row));
        for (controller, row) in account.controllers.iter().flat_map(rows_of).filter(|(_, row)| speaks_of(row, memo)) {
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

/// Who may see claims, as their member wishes.
#[derive(Debug)]
pub(super) struct Wish {
    pub(super) seen: Seen,
    /// Whether the member said so itself.
    pub(super) is_said: bool,
}

impl Plan {
    /// Makes the plan for a list of submitted claims, which all have the same visibility.
    pub(super) fn make(
        standings: &Standings<'_>,
        sayings: &[OwnAddress],
        wish: &Wish,
        lifetime_secs: i64,
    ) -> Result<Self, ServiceError> {
        let mut plan = Self::default();
        let mut said: HashMap<Place, usize> = HashMap::new();
        for (index, saying) in sayings.iter().enumerate() {
            let place = place_of(&saying.account);
            let verdict = match said.get(&place) {
                Some(first) => Verdict::Repeated(*first),
                None => plan.judge(standings, saying, &place, wish, lifetime_secs)?,
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
        wish: &Wish,
        lifetime_secs: i64,
    ) -> Result<Verdict, ServiceError> {
        let expires_at = match expiry(saying.expires_at, lifetime_secs, standings.now) {
            Ok(at) => at,
            Err(error) => return Ok(refused(Some("expires_at"), error.code(), error.to_string())),
        };
        let own = standings.own(place)?;
        let widens = |standing: &Standing| !wish.is_said && standing.seen != wish.seen;
        if let Some((_, standing)) = own.as_ref().filter(|(row, standing)| standings.is_over(row) && widens(standing)) {
            return Ok(visibility_differs(standing));
        }
        if let Some((row, standing)) = own.as_ref().filter(|(row, _)| !standings.is_over(row)) {
            let seen = if wish.is_said { &wish.seen } else { &standing.seen };
            match standing.again(saying.role, seen, saying.expires_at) {
                Again::Same => return Ok(Verdict::Same(row.number)),
                Again::Proven => {
                    let detail = "the claim on this account is already proven; to keep the proof, change that claim by its id";
                    return Ok(refused(None, "proven_already", detail.to_owned()));
                }
                // What the member does not say must not show its claim to more.
                Again::Renews if widens(standing) => return Ok(visibility_differs(standing)),
                Again::Renews => {}
            }
        }
        // A renewed claim keeps its disputes.
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
        // Nobody contradicts it any more: the new claim takes effect and replaces the waiting one.
        let replaces = waits.map(|(number, _)| Replaced { number: *number, visibility: None }).or(replaces);
        let index = self.statements.len();
        let since = first_said.unwrap_or(standings.now);
        let (controller, role) = (controller_of(&saying.account), saying.role);
        self.statements.push(Statement { network, account_key, controller, memo, role, since, expires_at, replaces });
        Ok(replaces.filter(|_| renews).map_or(Verdict::New(index), |replaced| Verdict::Renews(index, replaced.number)))
    }
}

fn visibility_differs(own: &Standing) -> Verdict {
    let own = own.seen.visibility;
    let detail = format!("your claim on this account has the visibility `{own}`: say `visibility` for its renewal");
    refused(None, "visibility_differs", detail)
}

fn refused(column: Option<&'static str>, code: &'static str, detail: String) -> Verdict {
    Verdict::Refused(RowFault { column, code, detail })
}
