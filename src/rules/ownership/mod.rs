//! The chain of owners of a VASP, up to the natural persons: who has which share of whom, who has control by other means, and where the
//! chain ends otherwise. The data are restricted. Names are shown only to organisations that have access, are used for screening, and are
//! never logged.

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
