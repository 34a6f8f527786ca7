//! Looks up the claims on an account, by what controls it.

use std::collections::HashMap;

use super::claim_index::StoredClaim;
use super::{Directory, DirectoryError, Generation};
use vasp_addresses::address::{Controller, Controllers};
use vasp_addresses::class::ClassNumber;
use vasp_addresses::network::NetworkNumber;
use vasp_record::claim::Claim;

impl Directory {
    /// Returns the claims on an account's controllers as of the generation's sequence, on all networks of their classes. Each comes with the
    /// number of the network that it names. No database call while the index is in memory.
    ///
    /// # Errors
    /// `DirectoryError::Store` if the store had to be asked and failed.
    pub fn claims_at(
        &self,
        controllers: &Controllers,
        generation: &Generation,
    ) -> Result<Vec<(NetworkNumber, Claim)>, DirectoryError> {
        let of = |controller: &Controller, by_form: bool| {
            let is_about = |one: &StoredClaim| {
                controllers.meet(controller, by_form || one.stored_under.is_some(), NetworkNumber(one.network))
            };
            self.claims_where(controller.class, controller.bytes.as_bytes(), generation, is_about)
        };
        let mut found = of(controllers.first(), false)?;
        let mut others = controllers.iter().skip(1).peekable();
        if others.peek().is_none() {
            return Ok(found);
        }
        let mut places: HashMap<_, _> = found.iter().enumerate().map(|(place, (_, claim))| (claim.number, place)).collect();
        for controller in others {
            for (network, claim) in of(controller, true)? {
                match places.get(&claim.number).and_then(|place| found.get_mut(*place)) {
                    Some((_, known)) => known.travels |= claim.travels,
                    None => {
                        places.insert(claim.number, found.len());
                        found.push((network, claim));
                    }
                }
            }
        }
        Ok(found)
    }

    /// Returns the claims on one controller, also those that are found by it only as a form that follows on other networks.
    ///
    /// # Errors
    /// `DirectoryError::Store` if the store had to be asked and failed.
    pub fn claims_of(
        &self,
        class: ClassNumber,
        controller: &[u8],
        generation: &Generation,
    ) -> Result<Vec<(NetworkNumber, Claim)>, DirectoryError> {
        self.claims_where(class, controller, generation, |_| true)
    }

    fn claims_where(
        &self,
        class: ClassNumber,
        controller: &[u8],
        generation: &Generation,
        is_meant: impl Fn(&StoredClaim) -> bool,
    ) -> Result<Vec<(NetworkNumber, Claim)>, DirectoryError> {
        let mut stored = self.claims.lookup((class.0, controller), generation.sequence())?;
        // The index keeps them in an order of its own, which a start out of its file changes.
        stored.sort_unstable_by_key(|one| one.number);
        let meant = stored.iter().filter(|one| is_meant(one));
        let read = meant.filter_map(|one| Some((NetworkNumber(one.network), generation.claim(one, class)?)));
        Ok(read.collect())
    }

    /// Returns whether a lookup of the claims on an account may need the store.
    #[must_use]
    pub fn may_ask_store(&self, controllers: &Controllers, generation: &Generation) -> bool {
        let asks = |of: &Controller| self.claims.may_ask_store(of.class.0, of.bytes.as_bytes(), generation.sequence());
        controllers.iter().any(asks)
    }
}
