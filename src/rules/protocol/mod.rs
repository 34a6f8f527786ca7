//! Travel Rule protocols: a reference document with what is known about each of them.

mod document;

pub use document::{
    Bridge, CertificateDemand, LocationKind, ProbeKind, Protocol, ProtocolError, ProtocolState, ProtocolVersion, Protocols,
    VersionRule,
};

pub use vasp_words::protocol_id::{ProtocolId, ProtocolIdError};
