//! Travel Rule protocols: what is known of each, a reference document.

mod document;

pub use document::{
    Bridge, CertificateDemand, LocationKind, ProbeKind, Protocol, ProtocolError, ProtocolState, ProtocolVersion, Protocols,
    VersionRule,
};

pub use vasp_words::protocol_id::{ProtocolId, ProtocolIdError};
