//! Turns what became of a domain into facts of the record: one logged change with the evidence that it stands on. Valid time is
//! kept: what was proven until today still was so yesterday.

use serde_json::{Value, json};

use super::ORIGIN;
use crate::service::ServiceError;
use vasp_log::change::{Audience, ChangeKind, NewChange};
use vasp_record::fact::{Attribute, pointer};
use vasp_store::{Edit, FactRow, NewFact, Transaction};

/// What is to be said of a domain from today on, by attribute; none: nothing any more.
pub(super) struct Telling<'a> {
    /// Number of the VASP.
    pub vasp: i64,
    /// Its public id.
    pub vasp_id: &'a str,
    /// The domain.
    pub domain: &'a str,
    /// Values of `domain` and `domain_scope`.
    pub values: [(Attribute, Option<&'static str>); 2],
    /// Where it was seen.
    pub source: &'a str,
    /// Evidence that counts from now on.
    pub publish: Option<String>,
    /// Evidence that no longer does.
    pub end: Option<String>,
}

/// Records the change; nothing where nothing changes.
pub(super) fn tell(transaction: &mut Transaction<'_>, telling: Telling<'_>) -> Result<(), ServiceError> {
    let today = transaction.now().date().to_string();
    let current = transaction.conn().facts_of(&[telling.vasp], i64::MAX)?;
    let (mut edits, mut changes) = (Vec::new(), Vec::new());
    for (attribute, value) in telling.values {
        let is_same = |fact: &&FactRow| {
            let key = (fact.licence.as_str(), fact.origin.as_str(), fact.attribute.as_str(), fact.item.as_str());
            key == ("", ORIGIN, attribute.as_str(), telling.domain) && fact.valid_to.is_none()
        };
        let before = current.iter().find(is_same);
        if before.map(|fact| fact.value.as_str()) == value {
            continue;
        }
        edits.extend(before.into_iter().flat_map(|fact| ended(fact, &today)));
        edits.extend(value.map(|value| Edit::OpenFact(begun(&telling, (attribute, value), &today))));
        changes.push(change(attribute, telling.domain, before.map(|fact| fact.value.as_str()), value, &today));
    }
    let kind = if changes.is_empty() { ChangeKind::EvidenceChanged } else { ChangeKind::VaspChanged };
    edits.extend(telling.end.map(|id| Edit::EndEvidence(vec![id])));
    edits.extend(telling.publish.map(|id| Edit::PublishEvidence(vec![id])));
    if edits.is_empty() {
        return Ok(());
    }
    let payload =
        json!({"vasp": telling.vasp_id, "origin": ORIGIN, "source": telling.source, "observed_on": today, "changes": changes});
    transaction.record(NewChange { kind, audience: Audience::Public, subject: Some(telling.vasp), payload }, edits);
    Ok(())
}

fn change(attribute: Attribute, domain: &str, from: Option<&str>, to: Option<&str>, today: &str) -> Value {
    json!({"pointer": pointer(None, attribute, domain), "valid_from": today, "valid_to": null, "from": from, "to": to})
}

fn begun(telling: &Telling<'_>, (attribute, value): (Attribute, &str), today: &str) -> NewFact {
    NewFact {
        vasp: telling.vasp,
        licence: String::new(),
        origin: ORIGIN.to_owned(),
        attribute: attribute.as_str(),
        item: telling.domain.to_owned(),
        value: value.to_owned(),
        source: telling.source.to_owned(),
        valid_from: Some(today.to_owned()),
        valid_to: None,
    }
}

/// Ends a fact today: the days before keep it.
fn ended(fact: &FactRow, today: &str) -> Vec<Edit> {
    let mut edits = vec![Edit::CloseFact(fact.number)];
    let attribute = Attribute::from_text(&fact.attribute).filter(|_| fact.valid_from.as_deref().is_none_or(|from| from < today));
    edits.extend(attribute.map(|attribute| {
        Edit::OpenFact(NewFact {
            vasp: fact.vasp,
            licence: fact.licence.clone(),
            origin: fact.origin.clone(),
            attribute: attribute.as_str(),
            item: fact.item.clone(),
            value: fact.value.clone(),
            source: fact.source.clone(),
            valid_from: fact.valid_from.clone(),
            valid_to: Some(today.to_owned()),
        })
    }));
    edits
}
