//! Keys: the master key outside the database, what it wraps, sealing of stored answers, and the permutation behind
//! public claim ids, hashes of passwords, the registry's certificate authority, public keys. Knows no tables.

pub mod ca;
mod claim_id;
pub mod jose;
mod master_key;
mod password_hash;
mod public_key;

pub use claim_id::{ClaimIdError, ClaimIdKey};
pub use master_key::{DataKey, KeyError, MasterKeys};
pub use password_hash::{Match, PasswordHashError, PasswordHashes};
pub use public_key::{PublicKey, PublicKeyError};
