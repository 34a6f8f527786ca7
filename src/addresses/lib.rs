//! Addresses of 839 blockchain networks, Travel Addresses, LNURLs, inquiry URLs, and proofs that somebody controls an address. Pure:
//! no server, no database, no clock. A gateway can use this crate without the registry.
//!
//! The root has the names that most callers need; the modules contain the rest.
#![doc = ""]
#![doc = include_str!("README.md")]

pub mod address;
pub mod asset;
pub mod class;
pub mod inquiry_url;
pub mod lnurl;
pub mod network;
pub mod payment_uri;
pub mod proof;
pub mod subject;
pub mod travel_address;

pub use address::{Account, AddressError, Assurance, Candidates, Controller, ControllerBytes, Controllers};
pub use class::{Class, ClassNumber};
pub use inquiry_url::{InquiryUrl, UrlError};
pub use lnurl::{Lnurl, LnurlError};
pub use network::{Network, NetworkTable};
pub use payment_uri::{PaymentStandard, PaymentUri, PaymentUriError};
pub use proof::{Challenge, Proof, ProofError, Scheme, VerifiedProof, verify as verify_proof};
pub use subject::{ReadText, Subject, SubjectError, SubjectKind, read_subject, read_text};
pub use travel_address::{TravelAddress, TravelAddressError};
// The types of arguments: times, hosts, CAIP names, VASP ids.
pub use vasp_words as words;
