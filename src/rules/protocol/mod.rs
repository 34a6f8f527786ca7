//! Travel Rule protocols: a reference document with what is known about each of them.

mod document;
mod list_form;

pub use document::{
    Bridge, CertificateDemand, LocationKind, PersonFields, ProbeKind, Protocol, ProtocolError, ProtocolState, ProtocolVersion,
    Protocols, VersionRule,
};

pub use list_form::{ListForm, MemberWords, RequiredCodes};
pub use vasp_words::protocol_id::{ProtocolId, ProtocolIdError};
