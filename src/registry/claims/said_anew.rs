//! Finds claims that repeat older claims on the same addresses. A VASP cannot escape the end of a claim by renewing it, or by withdrawing
//! it and claiming the address again. The caller is `end_many`, under the lock of claims.

use std::collections::{BTreeMap, HashMap};

use crate::node::ServiceError;
use vasp_record::claim::Strength;
use vasp_store::{ClaimRow, Conn, SaidPlace, WaitingOf};
use vasp_words::time::UtcTime;

/// The present claims on some accounts and memos.
pub(super) struct SaidAnew {
    /// The claims in force.
    pub counting: Vec<ClaimRow>,
    /// The claims that wait for a reviewer: number, and number of their VASP.
    pub waiting: Vec<(i64, i64)>,
}

/// Returns the present claims on the same accounts and memos by the VASPs that made some claims, if they are no stronger than those. The
/// result includes those claims themselves.
pub(super) fn said_anew(conn: &mut Conn, of: WaitingOf<'_>, now: UtcTime) -> Result<SaidAnew, ServiceError> {
    let places = conn.places_said(of)?;
    let mut by_network: BTreeMap<(i64, i32), Vec<&[u8]>> = BTreeMap::new();
    let mut by_class: BTreeMap<i32, Vec<&[u8]>> = BTreeMap::new();
    let mut strongest: HashMap<(i64, i32, &[u8], &str), Strength> = HashMap::new();
    for SaidPlace { vasp, network, account_key, controller: (class, controller), memo, strength } in &places {
        by_network.entry((*vasp, *network)).or_default().push(account_key);
        by_class.entry(*class).or_default().push(controller);
        let known = strongest.entry((*vasp, *network, account_key, memo)).or_insert(*strength);
        *known = (*strength).max(*known);
    }
    let (mut counting, mut waiting) = (vec![], vec![]);
    let said = |row: &ClaimRow| strongest.get(&(row.vasp, row.network, row.account_key.as_slice(), row.memo.as_str())).copied();
    for (class, mut controllers) in by_class {
        controllers.sort_unstable();
        controllers.dedup();
        let rows = conn.live_claims_of(class, &controllers)?.into_iter();
        counting.extend(rows.filter_map(|row| Some((said(&row)?, row))));
    }
    for ((vasp, network), mut keys) in by_network {
        keys.sort_unstable();
        keys.dedup();
        let rows = conn.waiting_claims_of_keys(vasp, network, &keys)?.into_iter().map(|row| row.claim);
        let rows = rows.filter(|row| said(row).is_some() && row.expires_at.is_none_or(|at| at > now.micros()));
        waiting.extend(rows.map(|row| (row.number, vasp)));
    }
    // A claim on an account with several controllers comes once for each.
    counting.sort_unstable_by_key(|(_, row)| row.number);
    counting.dedup_by_key(|(_, row)| row.number);
    let mut batches: Vec<i64> = counting.iter().map(|(_, row)| row.batch).collect();
    batches.sort_unstable();
    batches.dedup();
    let strength: HashMap<i64, Strength> = conn.claim_batches(&batches)?.iter().map(|row| (row.number, row.strength)).collect();
    // A label about the VASP is not its own statement, and a later proof is a different claim.
    let is_word = |now: &Strength, then: Strength| *now != Strength::Attributed && *now <= then;
    counting.retain(|(then, row)| strength.get(&row.batch).is_some_and(|now| is_word(now, *then)));
    Ok(SaidAnew { counting: counting.into_iter().map(|(_, row)| row).collect(), waiting })
}
