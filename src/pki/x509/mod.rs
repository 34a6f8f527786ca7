//! X.509: reads chains and revocation lists within fixed limits, validates paths, and checks signatures by a certificate's key. The only
//! module that uses `x509_parser` and `webpki`. It returns types of `domain::certificate`, which judges the certificates.

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
