//! Whom a rule covers now, in a list that people sign: the firms that it approves, and those of its kind that it leaves out, with the reason.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::Ground;
use super::judge::Judge;
use crate::node::ServiceError;
use vasp_record::vasp::{Vasp, VaspStatus};
use vasp_rules::approval_rule::{Approval, ApprovalRule, Party, hindrance};
use vasp_rules::relationship::{Event, Made, Relationship, Relationships};
use vasp_words::country::Country;
use vasp_words::ids::{RelationshipId, UserId, VaspId};
use vasp_words::lei::Lei;
use vasp_words::text::sentence;
use vasp_words::time::UtcTime;

/// A firm that a rule covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CoveredFirm {
    /// Id of its record.
    pub vasp: VaspId,
    /// Its name.
    pub legal_name: String,
    /// Its LEI; null if it has none.
    pub lei: Option<Lei>,
    /// Its country.
    pub country: Option<Country>,
}

/// A firm of the rule's kind that the rule does not approve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LeftOutFirm {
    /// Id of its record.
    pub vasp: VaspId,
    /// Its name.
    pub legal_name: String,
    /// Why.
    pub why: String,
}

/// What the digest covers of each firm besides the list that is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct FirmGround {
    vasp: VaspId,
    status: VaspStatus,
    legal_name: String,
    country: Option<Country>,
    lei: Option<Lei>,
    /// The relationships with it, each with its version.
    relationships: Vec<(RelationshipId, u32)>,
}

/// Whom a rule covers now, both in order of name.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    pub(super) covers: Vec<CoveredFirm>,
    pub(super) left_out: Vec<LeftOutFirm>,
    pub(super) ground: Vec<FirmGround>,
}

/// Returns the ids of firms.
pub(super) fn ids(firms: &[CoveredFirm]) -> Vec<VaspId> {
    firms.iter().map(|firm| firm.vasp).collect()
}

/// A relationship about which nothing is decided.
pub(super) fn blank(vasp: VaspId, at: UtcTime) -> Relationship {
    let made = Made { event: Event::Proposed, at, by: UserId::REGISTRY, reason: None };
    Relationship::begin(RelationshipId::first_at(at), vasp, made)
}

impl Coverage {
    /// Finds them. `rule` is the rule if two people approved it already: its members, and who was set aside, are not listed again. `own` is
    /// the VASP of the organisation itself.
    pub(super) fn of(
        approval: &Approval,
        reason: &str,
        rule: Option<&ApprovalRule>,
        judge: &Judge<'_>,
        ground: &Ground<'_>,
        all: &Relationships,
        own: Option<VaspId>,
    ) -> Result<Self, ServiceError> {
        let (records, mut found) = (judge.generation.records(), Self::default());
        let is_known = |vasp: VaspId| {
            let mut known = rule.into_iter().flat_map(|rule| rule.members.iter().chain(&rule.set_aside));
            known.any(|known| records.canonical(*known) == vasp)
        };
        let mut all_records: Vec<&Vasp> = records.iter().map(AsRef::as_ref).collect();
        all_records.sort_unstable_by(|one, other| (&one.legal_name, one.id).cmp(&(&other.legal_name, other.id)));
        for record in all_records {
            if own.is_some_and(|own| records.canonical(own) == record.id) || is_known(record.id) {
                continue;
            }
            let unmet = judge.unmet(&approval.criteria, record.id)?;
            if unmet.is_some_and(|unmet| !unmet.is_told()) {
                continue;
            }
            let (ids, group) = records.ids_of_party(record.id);
            let with = |ids: &[VaspId]| ids.iter().filter_map(|id| all.get(*id)).collect::<Vec<_>>();
            let party = Party { own: with(&ids), group: with(&group), rules: judge.rules };
            let blank = blank(record.id, judge.day.start());
            let why = match unmet {
                Some(unmet) => Some(sentence(unmet.words())),
                None => hindrance(approval, reason, &party, &blank, ground.rules(), judge.day),
            };
            found.add(record, why, &party);
        }
        Ok(found)
    }

    fn add(&mut self, record: &Vasp, why: Option<String>, party: &Party<'_>) {
        let Vasp { id: vasp, status, legal_name, country, lei, .. } = record.clone();
        if let Some(why) = why {
            self.left_out.push(LeftOutFirm { vasp, legal_name, why });
            return;
        }
        let relationships = party.own.iter().map(|kept| (kept.id, kept.version)).collect();
        self.covers.push(CoveredFirm { vasp, legal_name: legal_name.clone(), lei, country });
        self.ground.push(FirmGround { vasp, status, legal_name, country, lei, relationships });
    }
}
