//! Keys: the master key outside the database, what it wraps, sealing of stored answers, and the permutation behind
//! public claim ids, hashes of passwords. The certificates that clients show are read in `leaf`. Knows no tables.

mod claim_id;
mod leaf;
mod master_key;
mod password_hash;

pub use claim_id::{ClaimIdError, ClaimIdKey};
pub use leaf::{LeafError, first_certificate, read_leaf};
pub use master_key::{DataKey, KeyError, MasterKeys};
pub use password_hash::{Match, PasswordHashError, PasswordHashes};
