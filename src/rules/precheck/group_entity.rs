//! Settles which legal entity of a brand is the counterparty, by the country of the counterparty's customer. Caller: the
//! service, after `attribute`.

use super::{Attribution, CheckOutcome, Counterparty, sentences};
use vasp_record::licence::Licence;
use vasp_record::vasp::{Vasp, VaspKind, VaspStatus};
use vasp_words::country::Country;

impl Attribution<'_> {
    /// Returns the attribution with one entity of the owning group settled by the country of the counterparty's customer. The entity must
    /// be the only one that is seated there or was ever licensed for that country. If two may serve the country, nothing is settled.
    ///
    /// Source: wire contract, "Default policy": a group's claim gives `identity.group_only` unless `customer_country` settles which.
    #[must_use]
    pub fn settled_by(self, customer_country: Option<Country>) -> Self {
        let owned = self.strength.is_some() && self.result.outcome() > CheckOutcome::Unknown;
        let (Counterparty::Party { named, entities }, Some(country), true) = (&self.counterparty, customer_country, owned) else {
            return self;
        };
        let is_group =
            matches!(named.as_slice(), [one] if one.record.kind == VaspKind::Group && one.record.status > VaspStatus::Retired);
        let mut serving = entities.iter().filter(|entity| may_serve(&entity.record, country));
        let (Some(entity), None, true) = (serving.next().copied(), serving.next(), is_group) else { return self };
        let Self { mut result, .. } = self;
        let name = &entity.record.legal_name;
        let settled = format!("Of its entities on record, only {name} can serve {}, the customer's country.", country.name());
        result.detail = sentences::joined([result.detail.as_str(), &settled]);
        Self { result, counterparty: Counterparty::Entity(entity), ..self }
    }
}

/// Returns whether an entity may have customers in a country: it is seated there, ever had a licence for the country, or its
/// seat is not known.
fn may_serve(entity: &Vasp, country: Country) -> bool {
    let is_for = |licence: &Licence| licence.authority.country == country || licence.territories.contains(&country);
    entity.country.is_none_or(|seat| seat == country) || entity.licences.iter().any(is_for)
}
