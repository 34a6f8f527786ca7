//! Finds the records that a list means by the marks of an entity: LEI, number in a register, name with country.

use std::sync::Arc;

use super::Records;
use vasp_record::vasp::Vasp;
use vasp_rules::brand_links::BrandLink;
use vasp_rules::linked_entity::EntityMark;

impl Records {
    /// Returns the live records that have a mark. An LEI names those with evidence for it.
    pub fn live_with(&self, mark: &EntityMark) -> Vec<&Vasp> {
        let live = |record: &&Arc<Vasp>| record.status.is_live();
        match mark {
            EntityMark::Lei(lei) => self.named_by_lei(*lei).into_iter().map(AsRef::as_ref).collect(),
            mark => self.by_ids(self.by_mark.get(mark)).filter(live).map(AsRef::as_ref).collect(),
        }
    }

    /// Returns the records of a link's entity: the one that the link names, or those that have a mark of its entity.
    pub fn of_link<'a>(&'a self, link: &BrandLink) -> impl Iterator<Item = &'a Arc<Vasp>> + use<'a> {
        let by_id = link.entity.vasp.and_then(|id| self.get(id));
        let marks = if link.entity.vasp.is_some() { vec![] } else { link.entity.known_marks() };
        let marked = marks.into_iter().flat_map(|mark| match mark {
            EntityMark::Lei(lei) => self.by_ids(self.by_lei.get(&lei)),
            mark => self.by_ids(self.by_mark.get(&mark)),
        });
        by_id.into_iter().chain(marked)
    }
}
