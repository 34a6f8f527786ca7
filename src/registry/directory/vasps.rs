//! Reads the facts of VASPs from the store.

use std::collections::{BTreeMap, HashMap};

use super::DirectoryError;
use super::load::authorities;
use vasp_record::fact::{LicenceAnchor, RecordedEvidence, VaspFacts};
use vasp_store::{Conn, Evidence, FactRow, LicenceRow, Store, StoreError, VaspRow};
use vasp_words::ids::VaspId;
use vasp_words::shared_texts::SharedTexts;

/// Number of VASPs that one thread reads at a time.
const PART: usize = 2_000;

/// The facts of VASPs, each with its number in the store.
pub(super) type Numbered = Vec<(i64, VaspFacts)>;

/// The recorded evidence by VASP.
type Recorded = HashMap<VaspId, Vec<RecordedEvidence>>;

/// Reads all VASPs as of `sequence`. Several threads read them if `store` is given; then the transaction of `conn` is not seen.
pub(super) fn all(conn: &mut Conn, store: Option<&Store>, sequence: i64) -> Result<Numbered, DirectoryError> {
    let anchors = conn.vasp_anchors(None)?;
    let recorded = recorded(conn.evidence_at(None, sequence)?);
    let Some(store) = store else {
        return built(&anchors, conn.licence_anchors(None)?, conn.facts_at(sequence)?, &recorded);
    };
    let parts: Vec<&[VaspRow]> = anchors.chunks(PART).collect();
    let read = store.read_parts(&parts, |reader, anchors| {
        let (Some(first), Some(last)) = (anchors.first(), anchors.last()) else { return Ok(vec![]) };
        let numbers = (first.number, last.number);
        let licences = reader.conn().licence_anchors_between(numbers)?;
        built(anchors, licences, reader.facts_between(numbers, sequence)?, &recorded)
    });
    Ok(read?.into_iter().flatten().collect::<Vec<_>>())
}

/// Reads some VASPs as of `sequence`.
pub(super) fn some(conn: &mut Conn, numbers: &[i64], sequence: i64) -> Result<Numbered, DirectoryError> {
    let (anchors, licences) = (conn.vasp_anchors(Some(numbers))?, conn.licence_anchors(Some(numbers))?);
    let ids: Vec<VaspId> = anchors.iter().map(|anchor| anchor.id).collect();
    let (facts, evidence) = (conn.facts_of(numbers, sequence)?, conn.evidence_at(Some(&ids), sequence)?);
    built(&anchors, licences, facts, &recorded(evidence))
}

/// Puts rows together. Leaves out VASPs without facts, which were added later.
fn built(
    anchors: &[VaspRow],
    licences: Vec<LicenceRow>,
    facts: Vec<FactRow>,
    recorded: &Recorded,
) -> Result<Numbered, DirectoryError> {
    let mut built: BTreeMap<i64, VaspFacts> = BTreeMap::new();
    for anchor in anchors {
        let evidence = recorded.get(&anchor.id).cloned().unwrap_or_default();
        let facts = VaspFacts { id: anchor.id, kind: anchor.kind, licences: vec![], facts: vec![], evidence };
        built.insert(anchor.number, facts);
    }
    for row in facts {
        if let Some(vasp) = built.get_mut(&row.vasp) {
            vasp.facts.push(row.fact);
        }
    }
    let (authorities, mut regimes) = (authorities()?, SharedTexts::default());
    for licence in licences {
        let authority = authorities.get(&licence.authority).cloned();
        let authority =
            authority.ok_or_else(|| StoreError::impossible("licences", format!("no authority {}", licence.authority)))?;
        if let Some(vasp) = built.get_mut(&licence.vasp) {
            vasp.licences.push(LicenceAnchor { id: licence.id, authority, regime: regimes.share(&licence.regime) });
        }
    }
    built.retain(|_, vasp| {
        // A licence without facts at this sequence was granted later.
        let VaspFacts { facts, licences, .. } = vasp;
        licences.retain(|anchor| facts.iter().any(|fact| fact.licence == Some(anchor.id)));
        facts.shrink_to_fit();
        licences.shrink_to_fit();
        !facts.is_empty()
    });
    Ok(built.into_iter().collect())
}

fn recorded(rows: Vec<Evidence>) -> Recorded {
    let mut recorded = Recorded::new();
    for row in rows {
        let Evidence { attribute, method, source, verified_at, expires_at, vasp, .. } = row;
        let evidence = RecordedEvidence { attribute, method, source: source.into(), verified_at, expires_at };
        recorded.entry(vasp).or_default().push(evidence);
    }
    recorded
}
