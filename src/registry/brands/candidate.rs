//! A brand and an entity that may be behind it, with all links between the two. Its id depends only on the two, so it stays the same when
//! another source says the same.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};

use crate::directory::{Generation, Records};
use vasp_record::vasp::{Vasp, VaspKind};
use vasp_rules::brand_links::BrandLink;
use vasp_rules::brand_rulings::BrandRuling;
use vasp_rules::linked_entity::LinkedEntity;
use vasp_words::closed_list::closed_list;
use vasp_words::name::NameKey;

/// The prefix of the ids of candidates; 16 hexadecimal digits follow.
pub(crate) const CANDIDATE: &str = "brc_";

closed_list! {
    /// How far it is settled whether an entity is behind a brand.
    pub enum CandidateStanding {
        /// Two people ruled it out by what the sources say.
        RuledOut = "ruled_out",
        /// Sources say so, and nobody decided.
        Proposed = "proposed",
        /// The entity is in the brand's group: two people, or the registry's policy for strong links, decided.
        Accepted = "accepted",
    }
}

/// A brand and an entity that may be behind it.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    /// The id of both together.
    pub(crate) id: String,
    /// The brand's group.
    pub(crate) group: Arc<Vasp>,
    /// The entity's record; `None` if the directory has none.
    pub(crate) vasp: Option<Arc<Vasp>>,
    /// The entity, as the first source names it.
    pub(crate) named: LinkedEntity,
    /// The links that count.
    pub(crate) links: Vec<BrandLink>,
    /// The links that are ruled out.
    pub(crate) ruled_out: Vec<BrandRuling>,
}

impl Candidate {
    /// Returns how far it is settled whether the entity is behind the brand. A link that counts keeps it open.
    #[must_use]
    pub(crate) fn standing(&self) -> CandidateStanding {
        match self.vasp.as_ref().is_some_and(|vasp| vasp.group == Some(self.group.id)) {
            true => CandidateStanding::Accepted,
            false if self.links.is_empty() => CandidateStanding::RuledOut,
            false => CandidateStanding::Proposed,
        }
    }

    /// Returns the name of the entity: that of its record, or as the first source has it.
    #[must_use]
    pub(crate) fn entity_name(&self) -> &str {
        self.vasp.as_ref().map_or(&self.named.legal_name, |vasp| &vasp.legal_name)
    }
}

/// Finds the brand and the entity of links.
pub(crate) struct Places<'a> {
    records: &'a Records,
    groups: HashMap<&'a str, &'a Arc<Vasp>>,
}

impl<'a> Places<'a> {
    /// Indexes the brands' groups by their keys in address labels.
    pub(crate) fn of(generation: &'a Generation) -> Self {
        let records = generation.records();
        let groups = records.iter().filter(|record| record.kind == VaspKind::Group).flat_map(|group| {
            let keys = group.identifiers.iter().filter(|identifier| identifier.scheme == "entity_key");
            keys.map(move |identifier| (identifier.value.as_ref(), group))
        });
        Self { records, groups: groups.collect() }
    }

    /// Returns the group of a link's brand; `None` if no labels of the brand are known.
    pub(crate) fn group(&self, link: &BrandLink) -> Option<&'a Arc<Vasp>> {
        link.keys.iter().find_map(|key| self.groups.get(key.as_str())).copied()
    }

    /// Returns the record of a link's entity; `None` if the directory has none.
    pub(crate) fn vasp(&self, link: &BrandLink) -> Option<&'a Arc<Vasp>> {
        let by_id = link.entity.vasp.and_then(|id| self.records.get(id));
        by_id.or_else(|| self.records.of_link(link).next())
    }

    /// Returns the id of a link's candidate; `None` if no labels of the brand are known.
    pub(crate) fn id(&self, link: &BrandLink) -> Option<String> {
        let entity = match (self.vasp(link), link.entity.lei) {
            (Some(vasp), _) => vasp.id.to_string(),
            (None, Some(lei)) => lei.to_string(),
            (None, None) => {
                let name =
                    NameKey::of(&link.entity.legal_name).map_or_else(|| link.entity.legal_name.clone(), |key| key.to_string());
                format!("{name}\n{}", link.entity.country.map_or_else(String::new, |country| country.to_string()))
            }
        };
        let hash = digest(&SHA256, format!("{}\n{entity}", self.group(link)?.id).as_bytes());
        let half = hash.as_ref().iter().take(8).copied().collect::<Vec<u8>>();
        Some(format!("{CANDIDATE}{}", hex::encode(half)))
    }
}

/// Returns all candidates by id. A link to a brand without known labels gives no candidate.
pub(crate) fn group_candidates(generation: &Generation) -> BTreeMap<String, Candidate> {
    let (places, index) = (Places::of(generation), &generation.documents().brand_links);
    let mut all = BTreeMap::new();
    let counting = index.all().iter().map(|link| (link.as_ref(), None));
    for (link, ruling) in counting.chain(index.ruled_out().iter().map(|ruling| (&ruling.link, Some(ruling)))) {
        let (Some(id), Some(group)) = (places.id(link), places.group(link)) else { continue };
        let candidate = all.entry(id.clone()).or_insert_with(|| Candidate {
            id,
            group: Arc::clone(group),
            vasp: places.vasp(link).cloned(),
            named: link.entity.clone(),
            links: vec![],
            ruled_out: vec![],
        });
        match ruling {
            None => candidate.links.push(link.clone()),
            Some(ruling) => candidate.ruled_out.push(ruling.clone()),
        }
    }
    all
}
