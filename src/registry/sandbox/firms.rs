//! The invented firms of a sandbox, from `seed/sandbox/firms.csv`: as a register shows them on two days, and as GLEIF's file has their LEIs.

use serde::Deserialize;
use serde_json::{Value, json};

use super::StageError;
use super::facts::{Facts, lei};
use vasp_words::name::NameKey;

/// A row of the table.
#[derive(Debug, Deserialize)]
struct Firm {
    number: u32,
    name: String,
    country: String,
    authority: String,
    /// Codes separated by `|`; empty for a firm without a licence.
    activities: String,
    from: String,
    to: String,
    /// `newest`, or `before` for a firm that the newest look at the register no longer finds.
    seen: String,
    lei_status: String,
    /// The name in GLEIF's file; empty if it is the same.
    lei_name: String,
}

const FIRMS: &str = include_str!("../../../seed/sandbox/firms.csv");

fn firms(facts: &Facts) -> Result<Vec<Firm>, StageError> {
    let text = facts.fill(FIRMS)?;
    csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .collect::<Result<_, _>>()
        .map_err(|error| StageError::Seed { file: "firms.csv", reason: error.to_string() })
}

/// Returns the register as somebody saw it: on the newest day, or on the day before that.
pub(super) fn register(facts: &Facts, observed_on: &str, is_newest: bool) -> Result<Value, StageError> {
    let shown = firms(facts)?.into_iter().filter(|firm| !is_newest || firm.seen == "newest");
    let entities: Vec<Value> = shown.map(|firm| entity(&firm)).collect();
    Ok(json!({"register": "esma-casps", "observed_on": observed_on, "source": "invented for the sandbox", "entities": entities}))
}

fn entity(firm: &Firm) -> Value {
    let end = (!firm.to.is_empty()).then_some(&firm.to);
    let services: Vec<Value> = firm
        .activities
        .split('|')
        .filter(|code| !code.is_empty())
        .map(|code| json!({"activity": code, "valid_from": firm.from, "valid_to": end}))
        .collect();
    let territories = firm.authority.split('-').next().map(|home| [home, "AT"]);
    let licence = json!({"authority": firm.authority, "regime": "MiCA", "number": null, "services": services,
                         "territories": territories, "valid_from": firm.from, "valid_to": end, "last_update": null});
    let licences = if services.is_empty() { vec![] } else { vec![licence] };
    json!({"lei": lei(firm.number), "authority": firm.authority, "name_key": NameKey::of(&firm.name), "flags": [],
           "legal_name": firm.name, "commercial_names": [], "country": firm.country, "registered_address": null, "website": null,
           "domains": [], "licences": licences, "lines": [firm.number + 1]})
}

/// Returns GLEIF's file of their LEIs.
pub(super) fn leis(facts: &Facts, newest: &str) -> Result<String, StageError> {
    let heading = "LEI,Entity.LegalName,Entity.LegalAddress.Country,Entity.LegalJurisdiction,Entity.EntityStatus,\
                   Registration.LastUpdateDate,Registration.RegistrationStatus,Registration.NextRenewalDate,\
                   Entity.SuccessorEntity.1.SuccessorLEI";
    let mut text = format!("{heading}\n");
    for Firm { number, name, country, lei_status, lei_name, .. } in firms(facts)? {
        let name = if lei_name.is_empty() { name } else { lei_name };
        let renewal = facts.fill("${day:200}")?;
        let row =
            format!("{},{name},{country},{country},ACTIVE,{newest}T00:00:00Z,{lei_status},{renewal}T00:00:00Z,\n", lei(number));
        text.push_str(&row);
    }
    Ok(text)
}
