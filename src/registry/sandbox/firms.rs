//! The invented firms of a sandbox, from `seed/sandbox/firms.csv`: as a register shows them on two days, and as GLEIF's file has their LEIs.

use serde::Deserialize;
use serde_json::{Value, json};

use super::StageError;
use super::facts::{Facts, lei};
use super::world::Changes;
use vasp_words::name::NameKey;

/// A row of the table.
#[derive(Debug, Deserialize)]
struct Firm {
    number: u32,
    name: String,
    /// Empty if the register does not say.
    country: String,
    authority: String,
    /// Codes separated by `|`; empty for a firm without a licence.
    activities: String,
    from: String,
    to: String,
    /// `newest`, or `before` for a firm that the newest look at the register no longer finds.
    seen: String,
    /// GLEIF's status of the LEI; empty for a firm without one.
    lei_status: String,
    /// The name in GLEIF's file; empty if it is the same.
    lei_name: String,
    /// What the register says of the licence beside its dates; empty for `granted`.
    #[serde(default)]
    standing: String,
    /// The country in GLEIF's file; empty if it is the same.
    #[serde(default)]
    lei_country: String,
    /// GLEIF's status of the entity; empty for `ACTIVE`.
    #[serde(default)]
    entity_status: String,
    /// When the LEI must be renewed; empty for a day far off.
    #[serde(default)]
    renewal: String,
}

impl Firm {
    /// Shows the firm as a change says.
    fn show(&mut self, member: &str, value: &str) -> Result<(), StageError> {
        let place = match member {
            "name" => &mut self.name,
            "country" => &mut self.country,
            "activities" => &mut self.activities,
            "from" => &mut self.from,
            "to" => &mut self.to,
            "seen" => &mut self.seen,
            "lei_status" => &mut self.lei_status,
            "lei_name" => &mut self.lei_name,
            "standing" => &mut self.standing,
            "lei_country" => &mut self.lei_country,
            "entity_status" => &mut self.entity_status,
            "renewal" => &mut self.renewal,
            _ => return Err(StageError::Open(member.to_owned())),
        };
        value.clone_into(place);
        Ok(())
    }
}

const FIRMS: &str = include_str!("../../../seed/sandbox/firms.csv");

fn firms(facts: &Facts, changes: &Changes) -> Result<Vec<Firm>, StageError> {
    let text = facts.fill(FIRMS)?;
    let rows = csv::Reader::from_reader(text.as_bytes()).deserialize().collect::<Result<Vec<Firm>, _>>();
    let mut rows = rows.map_err(|error| StageError::Seed { file: "firms.csv", reason: error.to_string() })?;
    for firm in &mut rows {
        for (member, value) in changes.firms.get(&lei(firm.number)).into_iter().flatten() {
            firm.show(member, value)?;
        }
    }
    Ok(rows)
}

/// Returns the register as somebody saw it: on the newest day, or on the day before that.
pub(super) fn register(facts: &Facts, changes: &Changes, observed_on: &str, is_newest: bool) -> Result<Value, StageError> {
    let shown: Vec<Firm> = firms(facts, changes)?.into_iter().filter(|firm| !is_newest || firm.seen == "newest").collect();
    // Rows with the same number, one after the other, are licences of the same firm.
    let entities: Vec<Value> = shown.chunk_by(|one, next| one.number == next.number).filter_map(entity).collect();
    let source = format!("invented for the sandbox ({})", changes.imports);
    Ok(json!({"register": "esma-casps", "observed_on": observed_on, "source": source, "entities": entities}))
}

fn entity(rows: &[Firm]) -> Option<Value> {
    let firm = rows.first()?;
    let licences: Vec<Value> = rows.iter().filter(|row| !row.activities.is_empty()).map(licence).collect();
    let country = (!firm.country.is_empty()).then_some(&firm.country);
    let lei = (!firm.lei_status.is_empty()).then(|| lei(firm.number));
    Some(json!({"lei": lei, "authority": firm.authority, "name_key": NameKey::of(&firm.name), "flags": [],
                "legal_name": firm.name, "commercial_names": [], "country": country, "registered_address": null,
                "website": null, "domains": [], "licences": licences, "lines": [firm.number + 1]}))
}

fn licence(firm: &Firm) -> Value {
    let end = (!firm.to.is_empty()).then_some(&firm.to);
    let services: Vec<Value> =
        firm.activities.split('|').map(|code| json!({"activity": code, "valid_from": firm.from, "valid_to": end})).collect();
    let territories = firm.authority.split('-').next().map(|home| [home, "AT"]);
    json!({"authority": firm.authority, "regime": "MiCA", "number": null, "services": services, "territories": territories,
           "valid_from": firm.from, "valid_to": end, "last_update": null,
           "standing": if firm.standing.is_empty() { "granted" } else { &firm.standing }})
}

/// Returns GLEIF's file of their LEIs.
pub(super) fn leis(facts: &Facts, changes: &Changes, newest: &str) -> Result<String, StageError> {
    let heading = "LEI,Entity.LegalName,Entity.LegalAddress.Country,Entity.LegalJurisdiction,Entity.EntityStatus,\
                   Registration.LastUpdateDate,Registration.RegistrationStatus,Registration.NextRenewalDate,\
                   Entity.SuccessorEntity.1.SuccessorLEI";
    let mut text = format!("{heading}\n");
    let far_off = facts.fill("${day:200}")?;
    let mut firms = firms(facts, changes)?;
    firms.retain(|firm| !firm.lei_status.is_empty());
    firms.dedup_by_key(|firm| firm.number);
    for firm in firms {
        let or = |said: &str, usual: &str| if said.is_empty() { usual.to_owned() } else { said.to_owned() };
        let (name, country) = (or(&firm.lei_name, &firm.name), or(&firm.lei_country, &firm.country));
        let (status, entity, renewal) = (&firm.lei_status, or(&firm.entity_status, "ACTIVE"), or(&firm.renewal, &far_off));
        let lei = lei(firm.number);
        let row = format!("{lei},{name},{country},{country},{entity},{newest}T00:00:00Z,{status},{renewal}T00:00:00Z,\n");
        text.push_str(&row);
    }
    Ok(text)
}
