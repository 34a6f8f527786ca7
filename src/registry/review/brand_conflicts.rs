//! Conflicts between a member's claims and the labels of a group. They are settled in the transaction in which two people decide that
//! the group is the member's own brand. If two people reverse that decision, its transaction opens the conflicts again.

use std::collections::{BTreeMap, HashMap};

use serde_json::json;

use crate::cases::{Trigger, open_or_join};
use crate::node::ServiceError;
use vasp_record::case::TriggerKind;
use vasp_store::{ClaimDispute, ClaimRow, Conn, Transaction};
use vasp_words::ids::{UserId, VaspId};

/// A member's record and the group that is its brand. Each has its id and its number in the table of claims.
pub(crate) struct Sides {
    pub own: (VaspId, i64),
    pub group: (VaspId, i64),
}

impl Sides {
    /// Returns the outcome that settled conflicts between them get.
    fn outcome(&self) -> String {
        format!("own_brand:{}", self.group.0)
    }

    /// Settles the open conflicts between them. Returns how many there were.
    pub(crate) fn settle(&self, transaction: &mut Transaction<'_>) -> Result<usize, ServiceError> {
        let (now, outcome) = (transaction.now(), self.outcome());
        let conflicts = self.conflicts(transaction.conn(), None)?;
        for conflict in &conflicts {
            transaction.close_dispute(conflict.id, &outcome, now)?;
        }
        Ok(conflicts.len())
    }

    /// Opens the settled conflicts again, in the member's case, if both sides still claim the address. Returns how many were opened.
    pub(crate) fn reopen(&self, transaction: &mut Transaction<'_>, actor: UserId) -> Result<usize, ServiceError> {
        let conflicts = self.conflicts(transaction.conn(), Some(&self.outcome()))?;
        if conflicts.is_empty() {
            return Ok(0);
        }
        let summary = format!("{} of its claims contradict labels of a group that it no longer belongs to", conflicts.len());
        let detail = json!({"summary": summary, "count": conflicts.len(), "group": self.group.0});
        let trigger = Trigger { kind: TriggerKind::Dispute, detail, actor: Some(actor) };
        let case = open_or_join(transaction, self.own.0, &trigger)?;
        for conflict in &conflicts {
            transaction.reopen_dispute(&ClaimDispute { case_id: case.id, ..conflict.clone() })?;
        }
        Ok(conflicts.len())
    }

    /// Returns the conflicts between live claims of both sides. Each names the claims' present numbers, because a claim gets another
    /// number when it changes.
    fn conflicts(&self, conn: &mut Conn, ended: Option<&str>) -> Result<Vec<ClaimDispute>, ServiceError> {
        let Some(organisation) = conn.organisation_speaking_for(self.own.0)? else { return Ok(Vec::new()) };
        let rows = conn.conflicts_of(organisation, ended)?;
        let claims: Vec<i64> = rows.iter().map(|row| row.claim).collect();
        let places = conn.claims_numbered(&claims)?;
        let places: HashMap<i64, (i32, Vec<u8>)> =
            places.into_iter().map(|claim| (claim.number, (claim.class, claim.controller))).collect();
        let mut by_class: BTreeMap<i32, Vec<&[u8]>> = BTreeMap::new();
        for (class, controller) in places.values() {
            by_class.entry(*class).or_default().push(controller);
        }
        // This includes claims that have ended: they show which party a conflict was with.
        let mut said: HashMap<(i32, Vec<u8>), Vec<ClaimRow>> = HashMap::new();
        for (class, controllers) in by_class {
            for claim in conn.claims_of(class, &controllers)? {
                said.entry((class, claim.controller.clone())).or_default().push(claim);
            }
        }
        let standing = |row: ClaimDispute| {
            let of_class = said.get(places.get(&row.claim)?)?;
            let here = || of_class.iter();
            here().find(|claim| Some(claim.number) == row.against && claim.vasp == self.group.1)?;
            let of = |vasp: i64| here().filter(move |claim| claim.vasp == vasp && claim.seq_to.is_none());
            let is_own = |claim: &&ClaimRow| {
                (claim.network, &claim.account_key, &claim.memo) == (row.network, &row.account_key, &row.memo)
            };
            let claim = of(self.own.1).find(is_own)?.number;
            let against = of(self.group.1).min_by_key(|claim| Some(claim.number) != row.against)?.number;
            Some(ClaimDispute { claim, against: Some(against), ..row })
        };
        Ok(rows.into_iter().filter_map(standing).collect())
    }
}
