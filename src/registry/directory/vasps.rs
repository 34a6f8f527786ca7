//! Reads the facts of VASPs from the store.

use std::collections::HashMap;

use super::DirectoryError;
use super::authorities::known_authorities;
use vasp_record::authority::Authorities;
use vasp_record::fact::{Fact, LicenceAnchor, PackedFacts, RecordedEvidence, VaspFacts};
use vasp_store::{Conn, Evidence, FactRow, LicenceRow, Store, StoreError, VaspRow};
use vasp_words::ids::VaspId;
use vasp_words::shared_texts::SharedTexts;

/// Number of VASPs that one thread reads at a time.
const PART: usize = 2_000;

/// The facts of VASPs, each with its number in the store.
pub(super) type Numbered = Vec<(i64, PackedFacts)>;

/// The recorded evidence by VASP.
type Recorded = HashMap<VaspId, Vec<RecordedEvidence>>;

/// Reads all VASPs as of `sequence`. Several threads read them if `store` is given; then the transaction of `conn` is not seen.
pub(super) fn all(conn: &mut Conn, store: Option<&Store>, sequence: i64) -> Result<Numbered, DirectoryError> {
    let anchors = conn.vasp_anchors(None)?;
    let recorded = recorded(conn.evidence_at(None, sequence)?);
    let Some(store) = store else {
        let licences = anchors_of(conn.licence_anchors(None)?, &*known_authorities(conn)?)?;
        return built(&anchors, licences, conn.facts_at(sequence)?, &recorded);
    };
    let parts: Vec<&[VaspRow]> = anchors.chunks(PART).collect();
    let read = store.read_parts(&parts, |reader, anchors| {
        let (Some(first), Some(last)) = (anchors.first(), anchors.last()) else { return Ok(vec![]) };
        let numbers = first.number..=last.number;
        let licences = reader.conn().licence_anchors_between(&numbers)?;
        // Read after the licences, so that it has the authority of every one of them.
        let licences = anchors_of(licences, &*known_authorities(reader.conn())?)?;
        built(anchors, licences, reader.facts_between(&numbers, sequence)?, &recorded)
    });
    Ok(read?.into_iter().flatten().collect::<Vec<_>>())
}

/// Reads some VASPs as of `sequence`.
pub(super) fn some(conn: &mut Conn, numbers: &[i64], sequence: i64) -> Result<Numbered, DirectoryError> {
    let (anchors, licences) = (conn.vasp_anchors(Some(numbers))?, conn.licence_anchors(Some(numbers))?);
    let ids: Vec<VaspId> = anchors.iter().map(|anchor| anchor.id).collect();
    let (facts, evidence) = (conn.facts_of(numbers, sequence)?, conn.evidence_at(Some(&ids), sequence)?);
    let licences = anchors_of(licences, &*known_authorities(conn)?)?;
    built(&anchors, licences, facts, &recorded(evidence))
}

/// Puts rows together, and packs them. Leaves out VASPs without facts, which were added later.
fn built(
    anchors: &[VaspRow],
    mut granted: HashMap<i64, Vec<LicenceAnchor>>,
    facts: Vec<FactRow>,
    recorded: &Recorded,
) -> Result<Numbered, DirectoryError> {
    let mut rows = facts.into_iter().peekable();
    let mut numbers = Vec::with_capacity(anchors.len());
    // Rows and anchors are in order of number, so the rows of a VASP follow those of the one before.
    let built = anchors.iter().filter_map(|VaspRow { number, id, kind }| {
        while rows.next_if(|row| row.vasp < *number).is_some() {}
        let facts: Vec<Fact> = std::iter::from_fn(|| rows.next_if(|row| row.vasp == *number)).map(|row| row.fact).collect();
        let mut licences = granted.remove(number).unwrap_or_default();
        // A licence without facts at this sequence was granted later.
        licences.retain(|anchor| facts.iter().any(|fact| fact.licence == Some(anchor.id)));
        let evidence = recorded.get(id).cloned().unwrap_or_default();
        (!facts.is_empty()).then(|| {
            numbers.push(*number);
            VaspFacts { id: *id, kind: *kind, licences, facts, evidence }
        })
    });
    let packed = PackedFacts::pack_all(built);
    Ok(numbers.into_iter().zip(packed).collect())
}

/// Returns the anchors of licences by the number of their VASP.
fn anchors_of(licences: Vec<LicenceRow>, authorities: &Authorities) -> Result<HashMap<i64, Vec<LicenceAnchor>>, DirectoryError> {
    let mut regimes = SharedTexts::default();
    let mut anchors: HashMap<i64, Vec<LicenceAnchor>> = HashMap::new();
    for LicenceRow { id, vasp, authority, regime } in licences {
        let known = authorities.get(&authority).cloned();
        let authority = known.ok_or_else(|| StoreError::impossible("licences", format!("no authority {authority}")))?;
        anchors.entry(vasp).or_default().push(LicenceAnchor { id, authority, regime: regimes.share(&regime) });
    }
    Ok(anchors)
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
