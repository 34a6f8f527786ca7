//! Keys: the master key outside the database, what it wraps, sealing of stored answers, and the permutation behind
//! public claim ids. Certificates come here later. Knows no tables.

mod claim_id;
mod master_key;

pub use claim_id::{ClaimIdError, ClaimIdKey};
pub use master_key::{DataKey, KeyError, MasterKeys};
