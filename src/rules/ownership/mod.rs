//! The chain of owners of a VASP, up to the natural persons: who has which share of whom, who controls otherwise, and where the
//! chain ends instead. Restricted: names are never shown, logged or compared but for whom access was granted, and for screening.

mod chain;
mod check;
mod facts;
mod owners;

pub use chain::{Control, End, Link, OwnershipChain, Party, PartyId, PartyIdError, PartyKind, SELF};
pub use check::OwnershipFault;
pub use facts::{OwnerName, OwnerShare, OwnershipFacts};
pub use owners::{BeneficialOwner, Owners, THRESHOLD_BASIS_POINTS, WHOLE_BASIS_POINTS};

#[cfg(test)]
mod tests;
