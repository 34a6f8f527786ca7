//! Refuses a decision that may be the proposer's own. The rule is `vasp_rules::four_eyes`; this module reads the rows for it. It is called
//! inside the transaction of the decision.

use std::collections::BTreeSet;

use crate::acts::Identity;
use crate::node::{ProblemCode, Refusal, ServiceError};
use vasp_rules::four_eyes::{Actor, Maker, Makers, tie};
use vasp_store::Conn;

/// Refuses a decider who may be the same person as the proposer. Returns whether the two are the founders of one organisation: the rule
/// about held enrolment links does not apply between founders.
pub(crate) fn check_two_people(conn: &mut Conn, proposer: Actor, decider: &Identity) -> Result<bool, ServiceError> {
    let decider = decider.actor();
    let makers = makers_behind(conn, [proposer, decider])?;
    match tie(&makers, proposer, decider) {
        Some(tie) => Err(Refusal::new(ProblemCode::SamePerson, tie.to_string()).into()),
        None => Ok(makers.are_founders(proposer.user, decider.user)),
    }
}

/// Returns who created or held the link of some actors, over all known steps.
pub(crate) fn makers_behind(conn: &mut Conn, actors: impl IntoIterator<Item = Actor>) -> Result<Makers, ServiceError> {
    let mut open: BTreeSet<Maker> = actors.into_iter().flat_map(Actor::parts).collect();
    let (mut makers, mut seen) = (Makers::default(), BTreeSet::new());
    while !open.is_empty() {
        let ids: Vec<Maker> = open.iter().copied().collect();
        seen.append(&mut open);
        for row in conn.links_held(&ids)? {
            if row.founder.0 {
                makers.note_founder(row.user, row.organisation);
            }
            if let Some(holder) = row.held_by {
                makers.note_link(row.user, holder);
                open.extend(Some(Maker::User(holder)).filter(|holder| !seen.contains(holder)));
            }
        }
        for row in conn.makers_of(&ids)? {
            let by = [row.created_by.map(Maker::User), row.created_with.map(Maker::Credential)];
            for maker in by.into_iter().flatten() {
                makers.note(row.id, maker);
                if !seen.contains(&maker) {
                    open.insert(maker);
                }
            }
        }
    }
    Ok(makers)
}
