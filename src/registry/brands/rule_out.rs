//! Two people rule out that an entity is behind a brand, or lift that again. Ruled out are exactly the links that both saw: a source that
//! says something new keeps pre-checks open again until people have looked at it.
//!
//! Source: docs/brands.md, "Ruled out".

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::candidate::{Candidate, CandidateStanding, group_candidates};
use crate::acts::Act;
use crate::cases::enter;
use crate::directory::{BRAND_RULINGS, Generation};
use crate::imported::document_change;
use crate::node::{Registry, ServiceError};
use crate::proposals::{Decision, Proposal, Scene, Step, Taken, Wish, last_one};
use vasp_record::proposal::ProposalKind;
use vasp_rules::brand_links::BrandLink;
use vasp_rules::brand_rulings::{BrandRuling, BrandRulings};
use vasp_store::{Conn, DocumentRow, Edit, Transaction};
use vasp_words::ids::CaseId;
use vasp_words::time::{Date, UtcTime};

/// A proposed ruling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NewRuling {
    /// Whether the entity is ruled out; `false` lifts that.
    pub(crate) ruled_out: bool,
    /// The links that this is about.
    pub(crate) links: Vec<BrandLink>,
}

/// What the digest covers besides the ruling itself.
#[derive(Debug, Serialize)]
pub(crate) struct RulingGround {
    links: Vec<BrandLink>,
    ruled_out: Vec<BrandLink>,
    standing: CandidateStanding,
}

/// A candidate with the newest proposal about it.
#[derive(Clone, Debug)]
pub(crate) struct DecidedCandidate {
    /// The candidate.
    pub(crate) candidate: Candidate,
    /// The newest proposal; `None` if there is none.
    pub(crate) proposal: Option<Proposal>,
}

/// A decision about a candidate.
pub(crate) struct CandidateDecision {
    generation: Arc<Generation>,
    id: String,
}

/// A candidate that is being decided, with the open case about its entity.
pub(crate) struct CandidateHeld {
    candidate: Candidate,
    rulings: BrandRulings,
    case: Option<CaseId>,
}

impl CandidateHeld {
    /// Returns what a request proposes: it is about all links that are not as it wants them.
    pub(crate) fn ruling(&self, ruled_out: bool) -> NewRuling {
        let links = match ruled_out {
            true => self.candidate.links.clone(),
            false => links_of(&self.candidate.ruled_out),
        };
        NewRuling { ruled_out, links }
    }
}

fn links_of(rulings: &[BrandRuling]) -> Vec<BrandLink> {
    rulings.iter().map(|ruling| ruling.link.clone()).collect()
}

fn find(generation: &Generation, id: &str) -> Result<Candidate, ServiceError> {
    let missing = || ServiceError::NotFound("There is no link from a brand to an entity with this candidate id.".to_owned());
    group_candidates(generation).remove(id).ok_or_else(missing)
}

/// Reads the rulings in force.
pub(crate) fn read_rulings(conn: &mut Conn) -> Result<(BrandRulings, Option<Date>), ServiceError> {
    let Some(row) = conn.document_at(BRAND_RULINGS, i64::MAX)? else { return Ok((BrandRulings::default(), None)) };
    let rulings = BrandRulings::from_json(&row.body).map_err(ServiceError::unreadable("rulings about brands"))?;
    Ok((rulings, Some(row.observed_on)))
}

impl DecidedCandidate {
    /// Reads a candidate.
    ///
    /// # Errors
    /// `ServiceError::NotFound` if no link has it.
    pub(crate) fn read(registry: &Registry, id: &str, now: UtcTime) -> Result<Self, ServiceError> {
        let candidate = find(&registry.pin(now), id)?;
        let proposal = registry.store().read(|conn| last_one(conn, ProposalKind::BrandCandidate, id, None))?;
        Ok(Self { candidate, proposal })
    }
}

impl CandidateDecision {
    /// Returns a decision about a candidate.
    pub(crate) fn of<T>(act: &Act<'_, T>, id: String) -> Self {
        Self { generation: act.registry.pin(act.now), id }
    }
}

impl Decision for CandidateDecision {
    const KIND: ProposalKind = ProposalKind::BrandCandidate;
    type Content = NewRuling;
    type Ground = RulingGround;
    type Held = CandidateHeld;

    fn hold(&self, scene: &mut Scene<'_, '_>, _: Step) -> Result<CandidateHeld, ServiceError> {
        let transaction = &mut *scene.transaction;
        transaction.lock_vasps()?;
        let candidate = find(&self.generation, &self.id)?;
        let of_entity = candidate.vasp.as_ref().map(|vasp| transaction.conn().open_case_of(vasp.id)).transpose()?.flatten();
        let case = of_entity.map(|case| case.id);
        if let Some(case) = case {
            transaction.lock_case(case)?;
        }
        let (rulings, _) = read_rulings(transaction.conn())?;
        Ok(CandidateHeld { candidate, rulings, case })
    }

    fn subject(&self, held: &CandidateHeld) -> String {
        held.candidate.id.clone()
    }

    fn says(&self, held: &CandidateHeld, content: &NewRuling) -> String {
        let (entity, brand) = (held.candidate.entity_name(), &held.candidate.group.legal_name);
        let shown = |link: &BrandLink| format!("{} ({})", link.evidence.kind, link.evidence.source);
        let evidence: Vec<String> = content.links.iter().map(shown).collect();
        let evidence = evidence.join(", ");
        match content.ruled_out {
            true => format!("{entity} is not behind the brand {brand}. These links no longer count: {evidence}."),
            false => {
                format!("It is open again whether {entity} is behind the brand {brand}. These links count again: {evidence}.")
            }
        }
    }

    fn ground(&self, _: &mut Scene<'_, '_>, held: &CandidateHeld, _: &NewRuling) -> Result<RulingGround, ServiceError> {
        let Candidate { links, ruled_out, .. } = &held.candidate;
        Ok(RulingGround { links: links.clone(), ruled_out: links_of(ruled_out), standing: held.candidate.standing() })
    }

    fn consider(
        &self,
        _: &mut Scene<'_, '_>,
        held: &mut CandidateHeld,
        wanted: &Taken<'_, NewRuling>,
    ) -> Result<Wish, ServiceError> {
        let standing = held.candidate.standing();
        let refusal = match wanted.content.ruled_out {
            true if standing == CandidateStanding::Accepted => {
                "The entity is in the brand's group. End that first, with POST /v1/vasps/{vasp}/brands/propose and `group` null."
            }
            _ if !wanted.content.links.is_empty() => return Ok(Wish::Waits),
            true => "All links between the two are ruled out already.",
            false => "No link between the two is ruled out.",
        };
        Err(ServiceError::IllegalStep(refusal.to_owned()))
    }

    fn take(
        &self,
        scene: &mut Scene<'_, '_>,
        held: &mut CandidateHeld,
        taken: &Taken<'_, NewRuling>,
    ) -> Result<(), ServiceError> {
        let NewRuling { ruled_out, links } = taken.content;
        if let Some(case) = held.case {
            let body = json!({"candidate": held.candidate.id, "brand": held.candidate.group.id, "ruled_out": ruled_out,
                              "reason": taken.reason, "proposal_digest": taken.proposal.map(|proposal| &proposal.told.digest)});
            enter(scene.transaction, case, &format!("brand_ruling_{}", taken.step.done()), Some(scene.identity.user), &body)?;
        }
        if taken.step != Step::Approve {
            return Ok(());
        }
        let (rulings, today) = (std::mem::take(&mut held.rulings), scene.transaction.now().date());
        let one = &mut held.candidate;
        if *ruled_out {
            keep(scene.transaction, &rulings.with(links, today))?;
            one.ruled_out.extend(links.iter().map(|link| BrandRuling { link: link.clone(), ruled_on: today }));
            one.links.clear();
        } else {
            keep(scene.transaction, &rulings.without(links))?;
            one.links.append(&mut links_of(&one.ruled_out));
            one.ruled_out.clear();
        }
        Ok(())
    }
}

/// Writes the rulings as a document.
fn keep(transaction: &mut Transaction<'_>, rulings: &BrandRulings) -> Result<(), ServiceError> {
    let today = transaction.now().date();
    // The newest version is that of the latest day, whatever the clock says.
    let observed_on = read_rulings(transaction.conn())?.1.map_or(today, |older| older.max(today));
    let body = serde_json::to_string(rulings)?;
    let row = DocumentRow {
        kind: BRAND_RULINGS.to_owned(),
        version: format!("{BRAND_RULINGS}@{observed_on}"),
        observed_on,
        source: "operators".to_owned(),
        digest: digest(&SHA256, body.as_bytes()).as_ref().to_vec(),
        body,
        seq_from: 0,
    };
    let count = u64::try_from(rulings.rulings.len()).unwrap_or(u64::MAX);
    transaction.record(document_change(&row, count), vec![Edit::AddDocument(row)]);
    Ok(())
}
