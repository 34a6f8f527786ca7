//! How keys are identified: by a keyed hash in memory, by the key itself in the cache.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};

use aws_lc_rs::digest::{SHA256, digest};
use siphasher::sip128::{Hasher128, SipHasher24};

use super::cached::Key;
use super::segment::Fingerprint;
use vasp_addresses::network::NetworkTable;

/// Computes the identifiers of keys.
pub(super) struct Keys {
    secret: (u64, u64),
    /// The number of the family, for each network that belongs to one. A family's claims on one account are stored together.
    families: HashMap<i32, i32, foldhash::fast::RandomState>,
}

fn families() -> HashMap<i32, i32, foldhash::fast::RandomState> {
    let table = NetworkTable::embedded().iter();
    table.filter_map(|network| network.family.map(|family| (network.number.0, family.number().0))).collect()
}

impl Keys {
    pub(super) fn new() -> Self {
        // The only source of randomness that is not a parameter: its values never appear in an answer.
        let random = RandomState::new();
        Self::with_secret((random.hash_one(0), random.hash_one(1)))
    }

    pub(super) fn with_secret(secret: (u64, u64)) -> Self {
        Self { secret, families: families() }
    }

    pub(super) const fn secret(&self) -> (u64, u64) {
        self.secret
    }

    /// Returns a short text that identifies what fingerprints depend on, apart from the secret.
    pub(super) fn stamp(&self) -> String {
        let mut families: Vec<_> = self.families.iter().collect();
        families.sort_unstable();
        hex::encode(digest(&SHA256, format!("{families:?}").as_bytes()).as_ref().first_chunk::<8>().unwrap_or(&[0; 8]))
    }

    /// Returns the number under which a network's claims are stored: its family's, or its own.
    pub(super) fn bucket(&self, network: i32) -> i32 {
        self.families.get(&network).copied().unwrap_or(network)
    }

    pub(super) fn key(&self, network: i32, account_key: &[u8]) -> Key {
        [self.bucket(network).to_be_bytes().as_slice(), account_key].concat().into()
    }

    pub(super) fn fingerprint(&self, network: i32, account_key: &[u8]) -> Fingerprint {
        let mut hasher = SipHasher24::new_with_keys(self.secret.0, self.secret.1);
        hasher.write(&self.bucket(network).to_be_bytes());
        hasher.write(account_key);
        let hash = hasher.finish128();
        [hash.h1, hash.h2]
    }
}
