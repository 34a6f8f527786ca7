//! What is known about the brand of a group that owns an address, without a question about a transfer: the entities that it may be, and what
//! would settle which. A pre-check tells the same with its evidence (`precheck::gather`).

use std::sync::Arc;

use crate::directory::Generation;
use vasp_rules::elsewhere::JudgedVasp;
use vasp_rules::precheck::{BrandAnswer, Customers};
use vasp_words::ids::VaspId;

/// Returns what is told about the brand of a group, and for each candidate the customers whom it may serve. `None` if there is no such
/// record.
pub(crate) fn brand_of(generation: &Generation, group: VaspId) -> Option<(BrandAnswer, Vec<Customers>)> {
    let (records, day) = (generation.records(), generation.day());
    let group = records.judged(group)?;
    let linked = group.elsewhere.links.iter().flat_map(|link| records.of_link(link));
    let mut wanted: Vec<VaspId> = records.entities_of(group.record.id).chain(linked).map(|record| record.id).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let judged: Vec<&JudgedVasp> = wanted.iter().filter_map(|id| records.judged(*id)).map(Arc::as_ref).collect();
    let answer = BrandAnswer::open(group, &judged, vec![], None, day);
    let record = |vasp: Option<VaspId>| vasp.and_then(|id| records.get(id)).map(AsRef::as_ref);
    let customers = answer.candidates.iter().map(|one| Customers::of(one, record(one.vasp), day)).collect();
    Some((answer, customers))
}
