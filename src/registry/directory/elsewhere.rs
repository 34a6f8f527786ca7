//! Joins data of other lists to the records of a day: platform hosts, GLEIF's records, lists of non-compliant providers, compiled
//! registers, screening lists. Names are folded once per version of a VASP, not once per generation.

use std::cell::LazyCell;
use std::sync::{Arc, OnceLock};

use super::{Documents, LeiRecords};
use vasp_record::fact::{FactValue, VaspFacts};
use vasp_record::vasp::{Evidence, LeiStatus, Vasp, VaspKind};
use vasp_rules::brand_kinds::BrandKinds;
use vasp_rules::elsewhere::Elsewhere;
use vasp_rules::lei_evidence::{Bearer, Folded, LeiFindingCode, LeiWord, fold, judge};
use vasp_rules::non_compliant;
use vasp_rules::screening::{HitDecision, PairKey, ScreeningDecision, Sought, identity_sha256};
use vasp_words::time::Date;

/// The names of a VASP, folded for comparison; made when first needed.
#[derive(Clone, Debug, Default)]
pub struct FoldedNames(OnceLock<Box<[(String, Folded)]>>);

impl FoldedNames {
    /// Folds a name of this VASP.
    fn fold(&self, facts: &VaspFacts, name: &str) -> Folded {
        let names = self.0.get_or_init(|| {
            let named = facts.facts.iter().filter_map(|fact| match &fact.said {
                FactValue::LegalName(_, name) | FactValue::OtherName(name, _) => Some(name),
                _ => None,
            });
            named.map(|name| (name.clone(), fold(name))).collect()
        });
        names.iter().find(|(known, _)| known == name).map_or_else(|| fold(name), |(_, folded)| folded.clone())
    }
}

/// The data that is joined to records.
#[derive(Clone, Debug)]
pub struct Joined {
    /// Reference documents.
    pub documents: Arc<Documents>,
    /// GLEIF's records.
    pub lei_records: Arc<LeiRecords>,
}

impl Joined {
    /// Returns whether both are the same data.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.documents, &other.documents) && Arc::ptr_eq(&self.lei_records, &other.lei_records)
    }

    /// Completes a record of `day`, into which others were `merged`, and returns what other lists say about it. [`Joined::inherit`] adds
    /// what they say about its group.
    pub fn complete(
        &self,
        record: &mut Vasp,
        facts: &VaspFacts,
        merged: &[VaspFacts],
        names: &FoldedNames,
        day: Date,
    ) -> Elsewhere {
        let platforms = &self.documents.platforms.value;
        for domain in &mut record.domains {
            domain.platform = platforms.cover(&domain.domain);
        }
        for entry in &mut record.entries {
            let known = self.documents.authorities.value.table.entry(&entry.authority);
            entry.registration = known.map(|known| known.registration);
        }
        let folded = |name: &str| names.fold(facts, name);
        let lei = self.ask_gleif(record, &folded, day);
        let record = &*record;
        let (listed, third_party) = (self.documents.non_compliant.as_ref(), self.documents.third_party.as_ref());
        let non_compliant = listed.map(|list| list.value.matches(&non_compliant::Sought::of(record), day, platforms, &folded));
        let screening = self.documents.screen.as_ref().map(|screen| {
            // Computed only if needed: most records match nobody on a list.
            let said = LazyCell::new(|| (decisions(std::iter::once(facts).chain(merged)), identity_sha256(record)));
            let sought = Sought::of(record)
                .with_names(merged.iter().flat_map(|facts| legal_names(facts, day)))
                .with_published(lei.as_ref(), non_compliant.as_deref().unwrap_or_default());
            screen.value.meaning_as_decided(&sought, day, |hit| HitDecision::worst_of(&said.0, &said.1, hit))
        });
        Elsewhere {
            lei,
            non_compliant,
            third_party: third_party.map(|list| list.value.rows_of(record, &folded)),
            screening,
            brand: (record.kind == VaspKind::Group).then(|| BrandKinds::embedded().worst_of(keys(facts, merged))).flatten(),
            links: match record.kind {
                VaspKind::Group => self.documents.brand_links.of_keys(keys(facts, merged)),
                VaspKind::Entity => vec![],
            },
        }
    }

    fn ask_gleif(&self, record: &mut Vasp, folded: &dyn Fn(&str) -> Folded, day: Date) -> Option<LeiWord> {
        let held = record.lei.and_then(|lei| self.lei_records.get(lei))?;
        let bearer = Bearer { legal_name: &record.legal_name, folded: folded(&record.legal_name), country: record.country };
        let findings = judge(&held.folded, &bearer, held.observed_on, day);
        let (published, source) = (&held.folded.record, held.source.clone());
        record.lei_status = Some(published.registration_status);
        let good = matches!(published.registration_status, LeiStatus::Issued);
        let others = [LeiFindingCode::NameMismatch, LeiFindingCode::CountryMismatch];
        // If GLEIF's record is of another entity, it is no evidence that the LEI belongs to this one.
        if !findings.iter().any(|finding| others.contains(&finding.code)) {
            let found = Evidence {
                attribute: "lei".into(),
                method: "gleif".into(),
                source: source.clone().into(),
                verified_at: Some(held.observed_on.start()),
                // A registration is valid until it must be renewed.
                expires_at: published.next_renewal_on.filter(|_| good).map(Date::start),
            };
            let mut all: Vec<Evidence> = record.evidence.iter().cloned().chain([found]).collect();
            all.sort();
            record.evidence = all.into();
        }
        Some(LeiWord { record: Arc::clone(published), source, observed_on: held.observed_on, findings })
    }

    /// Adds to an entity the matches of its group's names and hosts, and its group's brand. A brand that is no VASP, such as a mere
    /// protocol, is not added: a legal entity is more than that.
    pub fn inherit(entity: &mut Elsewhere, group: &Elsewhere) {
        if let (Some(own), Some(groups)) = (&mut entity.screening, &group.screening) {
            // Adds every hit that is not identical. An entity's own hit that is weaker or was cleared does not excuse a hit of the group.
            let more: Vec<_> = groups.iter().filter(|hit| !own.contains(hit)).cloned().collect();
            own.extend(more);
        }
        entity.brand = group.brand.clone().filter(|brand| !brand.kind.is_no_vasp());
        let Some(known) = &mut entity.non_compliant else { return };
        for found in group.non_compliant.iter().flatten() {
            if !known.iter().any(|own| own.place == found.place && own.list == found.list) {
                known.push(found.of_group());
            }
        }
    }
}

/// Returns the keys of a group, and of the records merged into it, in address labels. Only imports of labels provide keys.
fn keys<'a>(facts: &'a VaspFacts, merged: &'a [VaspFacts]) -> impl Iterator<Item = &'a str> {
    let all = std::iter::once(facts).chain(merged).flat_map(|facts| &facts.facts);
    all.filter_map(|fact| match &fact.said {
        FactValue::EntityKey(_, key) => Some(key.as_str()),
        _ => None,
    })
}

/// Returns people's screening decisions about a VASP, and about the records merged into it.
fn decisions<'a>(facts: impl Iterator<Item = &'a VaspFacts>) -> Vec<(PairKey, ScreeningDecision)> {
    let decided = facts.flat_map(|facts| &facts.facts).filter_map(|fact| match &fact.said {
        FactValue::ScreeningDecision(pair, decision) => Some((pair.clone(), decision.as_ref().clone())),
        _ => None,
    });
    decided.collect()
}

/// Returns the legal names of a merged record. A merged record shows only one of its legal names, so the others are needed too.
fn legal_names(facts: &VaspFacts, day: Date) -> impl Iterator<Item = &str> {
    facts.facts.iter().filter(move |fact| fact.covers(day)).filter_map(|fact| match &fact.said {
        FactValue::LegalName(_, name) => Some(name.as_str()),
        _ => None,
    })
}
