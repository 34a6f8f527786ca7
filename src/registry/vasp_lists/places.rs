//! The rows about a counterparty, as places for `vasp_rules::routes`.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::directory::{Generation, PrivateState};
use crate::node::{Registry, ServiceError};
use vasp_pki::DataKey;
use vasp_record::endpoint::{Endpoint, EndpointStatus, RequiredFields};
use vasp_record::vasp::Vasp;
use vasp_rules::linked_entity::EntityMark;
use vasp_rules::protocol::{ProtocolId, Protocols};
use vasp_rules::routes::{ListedPlace, Listing};
use vasp_rules::vasp_list::{ListedBy, ListedVasp, Over, VaspList};
use vasp_words::ids::{EndpointId, OrganisationId};
use vasp_words::time::UtcTime;

/// The lists that apply to an asker.
pub struct Reach {
    /// The organisation's own lists, with the key that opens them; `None` if it has none.
    own: Option<(Arc<PrivateState>, DataKey)>,
}

/// Returns the lists that apply: those of the organisation `whose` private state it is, and those of the registry.
///
/// # Errors
/// `ServiceError::Unreadable` if the organisation has lists and no key for them; `Key`, `Store`.
pub fn reach_of(registry: &Registry, state: &Arc<PrivateState>, whose: Option<OrganisationId>) -> Result<Reach, ServiceError> {
    let Some(whose) = whose.filter(|_| !state.vasp_lists.is_empty()) else { return Ok(Reach { own: None }) };
    Ok(Reach { own: Some((Arc::clone(state), registry.existing_data_key(whose)?)) })
}

impl Reach {
    /// Returns the places of a counterparty, and the protocols that the asker speaks because it has its own provider's list.
    ///
    /// # Errors
    /// `ServiceError::Directory` if a list cannot be read.
    pub fn places(&self, generation: &Generation, vasp: &Vasp) -> Result<(Vec<ListedPlace>, BTreeSet<ProtocolId>), ServiceError> {
        let own = self.own.as_ref().map(|(state, key)| state.vasp_lists.open(key)).transpose()?;
        let spoken = own.into_iter().flat_map(|index| index.lists()).map(|list| list.protocol.clone()).collect();
        let (documents, with) = (generation.documents(), |mark: &EntityMark| generation.records().live_with(mark));
        let rows = own.into_iter().chain([&documents.vasp_lists]).flat_map(|index| index.of_vasp(vasp, &with));
        let place = |(number, (list, row, by))| place(list, row, by, &documents.protocols.value, number);
        Ok(((1..).zip(rows).map(place).collect(), spoken))
    }
}

fn place(list: &VaspList, row: &ListedVasp, by: ListedBy, protocols: &Protocols, number: i64) -> ListedPlace {
    let at = list.as_of.start();
    ListedPlace {
        endpoint: Endpoint {
            // No endpoint has this id: they were published after 1970, and have a random part.
            id: EndpointId::first_at(UtcTime::EPOCH.plus_secs(number)),
            version: 1,
            protocol: list.protocol.clone(),
            versions: vec![],
            location: row.location.clone(),
            required_fields: RequiredFields { incoming: row.required_fields.clone(), outgoing: vec![] },
            networks: vec![],
            assets: vec![],
            regions: vec![],
            maintenance: vec![],
            status: EndpointStatus::Active,
            published_at: at,
            changed_at: at,
        },
        over: Over::read(row.alliance.as_deref(), &list.protocol, protocols),
        listing: Listing { source: list.source.clone(), as_of: list.as_of, by },
    }
}
