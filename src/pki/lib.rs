//! Keys. The master key outside the database, the keys that it wraps, sealing of stored answers, the permutation behind public claim ids,
//! and password hashes. Certificates (`x509`; those of clients: `leaf`), the registry's own authority (`ca`), public keys, and the
//! registry's own signing keys and receipts. Knows no tables.

pub mod ca;
mod claim_id;
mod destination_token;
pub mod jose;
mod leaf;
mod master_key;
mod password_hash;
mod public_key;
pub mod receipt;
mod server_chain;
mod signing_key;
mod validity;
pub mod x509;
mod xaes;

pub use claim_id::{ClaimIdError, ClaimIdKey};
pub use destination_token::DestinationTokens;
pub use leaf::{LeafError, first_certificate, hosts_of, read_leaf, sha256};
pub use master_key::{DataKey, KeyError, MasterKeys};
pub use password_hash::{Match, PasswordHashError, PasswordHashes};
pub use public_key::{PublicKey, PublicKeyError};
pub use server_chain::{ServerChain, ServerChainError};
pub use signing_key::SigningKey;
pub use validity::validity;
