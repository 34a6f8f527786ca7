//! Keys: the master key outside the database, what it wraps, sealing of stored answers, and the permutation behind
//! public claim ids, hashes of passwords, certificates (`x509`). Knows no tables.

mod claim_id;
mod master_key;
mod password_hash;
pub mod x509;

pub use claim_id::{ClaimIdError, ClaimIdKey};
pub use master_key::{DataKey, KeyError, MasterKeys};
pub use password_hash::{Match, PasswordHashError, PasswordHashes};
