//! How controllers are identified: by a keyed hash in memory, by themselves in the cache.

use std::hash::{BuildHasher, Hasher, RandomState};

use siphasher::sip128::{Hasher128, SipHasher24};

use super::cached::Key;
use super::segment::Fingerprint;

/// Computes the identifiers of controllers, each in the class of networks with this number.
pub(super) struct Keys {
    secret: (u64, u64),
}

impl Keys {
    pub(super) fn new() -> Self {
        // The only source of randomness that is not a parameter: its values never appear in an answer.
        let random = RandomState::new();
        Self { secret: (random.hash_one(0), random.hash_one(1)) }
    }

    pub(super) fn fingerprint(&self, class: i32, controller: &[u8]) -> Fingerprint {
        let mut hasher = SipHasher24::new_with_keys(self.secret.0, self.secret.1);
        hasher.write(&class.to_be_bytes());
        hasher.write(controller);
        let hash = hasher.finish128();
        [hash.h1, hash.h2]
    }
}

/// Returns the key of a controller in the cache.
pub(super) fn key(class: i32, controller: &[u8]) -> Key {
    [class.to_be_bytes().as_slice(), controller].concat().into()
}
