//! X.509: reads chains and revocation lists within fixed limits, validates paths, checks signatures by a certificate's key.
//! The only place that knows `x509_parser` and `webpki`; what is read becomes types of `domain::certificate`, which judges it.

mod chain;
mod crl;
mod der;
mod lei;
mod path;
mod possession;
mod read;

pub use chain::{CERTIFICATES_MAX, CHAIN_BYTES_MAX, CertificateError, parse_chain, pem_of};
pub use crl::{CRL_BYTES_MAX, CrlError, ReadCrl};
pub use lei::read_lei;
pub use path::{Issuer, RootSets, RootsError, issuer_of, validate};
pub use possession::is_signed_by;
