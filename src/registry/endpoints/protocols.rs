//! The known Travel Rule protocols, from the reference document.

use std::sync::Arc;

use crate::directory::Generation;
use crate::node::{Page, Registry, ServiceError};
use vasp_rules::protocol::{Protocol, ProtocolId};
use vasp_words::time::UtcTime;

/// A protocol.
#[derive(Clone, Debug)]
pub struct ProtocolAnswer {
    /// The directory that was asked; the reference document is part of it.
    pub generation: Arc<Generation>,
    /// The protocol.
    pub protocol: Protocol,
}

/// Returns one page of the protocols, by id.
#[must_use]
pub fn list_protocols(
    registry: &Registry,
    after: Option<&ProtocolId>,
    limit: usize,
    now: UtcTime,
) -> (Arc<Generation>, Page<Protocol, ProtocolId>) {
    let generation = registry.pin(now);
    let known = generation.documents().protocols.value.iter().filter(|known| after.is_none_or(|last| known.id > *last));
    let page = Page::of(known.cloned(), limit, |known| known.id.clone());
    (generation, page)
}

/// Returns the protocol with a given id.
///
/// # Errors
/// `ServiceError::NotFound`, with the known ids.
pub fn read_protocol(registry: &Registry, text: &str, now: UtcTime) -> Result<ProtocolAnswer, ServiceError> {
    let generation = registry.pin(now);
    let known = &generation.documents().protocols.value;
    let protocol = text.parse().ok().and_then(|id| known.get(&id)).cloned().ok_or_else(|| {
        let (text, ids) = (text.chars().take(40).collect::<String>(), known.iter().map(|known| known.id.as_str()));
        ServiceError::NotFound(format!(
            "The registry does not know the protocol `{text}`; it knows {}.",
            ids.collect::<Vec<_>>().join(", ")
        ))
    })?;
    Ok(ProtocolAnswer { protocol, generation })
}
