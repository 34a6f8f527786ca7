//! The class and the controllers that are stored with each claim follow from the table of networks. If another release has another table, they
//! are computed again before this process answers. The caller is `cli::open`.

use std::collections::HashMap;

use super::standings::stored;
use vasp_addresses::address::AccountKey;
use vasp_addresses::class::ClassNumber;
use vasp_addresses::network::{NetworkNumber, NetworkTable};
use vasp_store::{Reclassified, ScannedClaim, Store, StoreError};

/// Number of threads that read the claims.
const READERS: usize = 4;

/// Computes the controllers of all claims again if another table of networks computed them. Stop the other nodes first: they have the old
/// ones in memory.
///
/// # Errors
/// `StoreError` if the claims cannot be read or written; then nothing changed.
pub fn keep_controllers(store: &Store) -> Result<(), StoreError> {
    let digest = NetworkTable::embedded_digest();
    if store.read::<_, StoreError>(|conn| conn.claim_classes())?.as_ref() == Some(&digest) {
        return Ok(());
    }
    let take = |found: &mut Vec<Reclassified>, claim: &ScannedClaim<'_>| {
        found.extend(reclassified(claim.number, claim.network, claim.account_key, claim.class, claim.controller));
    };
    let mut changed = store.scan_claims(READERS, Vec::new, take, |found| found)?.concat();
    for (number, (network, key), (class, controller)) in store.read::<_, StoreError>(|conn| conn.waiting_places())? {
        changed.extend(reclassified(number, network, &key, class, &controller));
    }
    keep_shown(store, &mut changed)?;
    match store.derive(|conn| conn.reclassify(&changed, &digest)) {
        // Nothing differs, so a database that cannot be written is no reason not to start. The next start looks again.
        Err(_) if changed.is_empty() => return Ok(()),
        written => written?,
    }
    if !changed.is_empty() {
        tracing::info!(
            claims.changed = changed.len(),
            "the table of networks changed: controllers of claims were computed again"
        );
    }
    Ok(())
}

/// Keeps what the proofs of these claims showed: it follows from no address.
fn keep_shown(store: &Store, changed: &mut [Reclassified]) -> Result<(), StoreError> {
    let mut by_number: HashMap<i64, &mut Reclassified> = changed.iter_mut().map(|one| (one.number, one)).collect();
    let numbers: Vec<i64> = by_number.keys().copied().collect();
    for (_, row) in store.read::<_, StoreError>(|conn| conn.under_others(&numbers))? {
        if NetworkTable::embedded().is_shown_form(NetworkNumber(row.network), ClassNumber(row.class))
            && let Some(one) = by_number.get_mut(&row.number)
        {
            one.controllers.push((row.class, row.controller));
        }
    }
    Ok(())
}

/// Returns the controllers of a claim's account if they differ from the stored one, or are several.
fn reclassified(number: i64, network: i32, key: &[u8], class: i32, controller: &[u8]) -> Option<Reclassified> {
    let table = NetworkTable::embedded();
    let computed = table.controllers_of(NetworkNumber(network), &AccountKey::new(key))?;
    // The proof of a script's key is stored under the key, from which the script follows.
    let form = table.form_of(NetworkNumber(network), (ClassNumber(class), controller));
    let of_key = form.filter(|form| form == computed.first()).map(|_| (class, controller.to_vec()));
    let mut controllers: Vec<(i32, Vec<u8>)> = of_key.into_iter().chain(computed.iter().map(stored)).collect();
    // The one under which the claim is stored may be the one that a proof showed.
    controllers.sort_by_key(|(of, bytes)| (*of, bytes.as_slice()) != (class, controller));
    let is_same = matches!(controllers.as_slice(), [(of, bytes)] if (*of, bytes.as_slice()) == (class, controller));
    (!is_same).then_some(Reclassified { number, controllers })
}
