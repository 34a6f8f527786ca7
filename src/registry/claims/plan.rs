//! Plans a list of submitted claims: which are new, which repeat a claim, which replace one, and which other claims they contradict. It
//! reads under the lock of claims, so nothing changes before the plan is written. Of many claims it reads most before the lock is held
//! (`Ahead`), and under the lock only whether that is still true.

use std::collections::{HashMap, HashSet};

use super::standings::{Contested, Place, Standings, controller_of, place_of};
use super::write::{Replaced, Statement};
use crate::node::ServiceError;
use vasp_ingest::member_claims::{OwnAddress, RowFault};
use vasp_record::attestation::{Again, Seen, Standing, expiry};
use vasp_record::claim::Strength;
use vasp_record::resolution::remembered_until;
use vasp_words::time::UtcTime;

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
    /// The statements that give the VASP its answer back after a claim ended. They use no allowance.
    pub restored: HashSet<usize>,
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
        let contested = if renews { vec![] } else { standings.contested(&saying.account)? };
        let lasts = own.as_ref().filter(|(_, standing)| renews || restores(standing.expires_at, &contested, standings.now));
        let first_said = lasts.and_then(|(row, _)| UtcTime::from_micros(row.asserted_at?).ok());
        let waits = standings.waiting.get(place).filter(|_| !renews);
        if let Some((number, told, said_at)) = waits
            && !(contested.is_empty() && standings.holding(&saying.account, *said_at)?.is_empty())
        {
            return Ok(Verdict::SameWaits(*number, *told));
        }
        // It is given back against younger claims only. Against others the allowance counts.
        let since = first_said.unwrap_or(standings.now);
        let is_older = contested.iter().all(|one| one.asserted_at.is_some_and(|at| at > since.micros()));
        self.contested.push(contested);
        let (network, account_key, memo) = place.clone();
        // What a key proved is remembered beside a claim that nobody proved.
        let own = own.filter(|(row, standing)| !standings.is_over(row) || !is_remembered_proof(standing, standings.now));
        let replaces = own.map(|(row, standing)| Replaced { number: row.number, visibility: Some(standing.seen.visibility) });
        // Nobody contradicts it any more: the new claim takes effect and replaces the waiting one.
        let replaces = waits.map(|(number, ..)| Replaced { number: *number, visibility: None }).or(replaces);
        let index = self.statements.len();
        if first_said.is_some() && !renews && is_older {
            self.restored.insert(index);
        }
        let (controller, role) = (controller_of(&saying.account), saying.role);
        self.statements.push(Statement { network, account_key, controller, memo, role, since, expires_at, replaces });
        Ok(replaces.filter(|_| renews).map_or(Verdict::New(index), |replaced| Verdict::Renews(index, replaced.number)))
    }
}

/// Returns whether a claim that ended is given back to who claims again: it ended within the remembered days, and nobody whom it would newly
/// contradict has claimed the account since.
pub(super) fn restores(end: Option<UtcTime>, contested: &[Contested], now: UtcTime) -> bool {
    let is_older = |end: UtcTime| contested.iter().all(|one| one.asserted_at.is_some_and(|at| at < end.micros()));
    end.is_some_and(|end| end <= now && now < remembered_until(end) && is_older(end))
}

/// Returns whether a proof that ended still holds others' claims.
fn is_remembered_proof(standing: &Standing, now: UtcTime) -> bool {
    standing.strength == Strength::Proven && standing.expires_at.is_some_and(|end| now < remembered_until(end))
}

fn visibility_differs(own: &Standing) -> Verdict {
    let own = own.seen.visibility;
    let detail = format!("your claim on this account has the visibility `{own}`: say `visibility` for its renewal");
    refused(None, "visibility_differs", detail)
}

fn refused(column: Option<&'static str>, code: &'static str, detail: String) -> Verdict {
    Verdict::Refused(RowFault { column, code, detail })
}
