//! Refuses a decision that may be the proposer's own. The rule is `domain::four_eyes`; here the rows that it goes by are
//! read. Called inside the transaction of the decision.

use std::collections::BTreeSet;

use super::{Identity, ServiceError};
use vasp_rules::four_eyes::{Actor, Maker, Makers, tie};
use vasp_store::{Conn, StoreError};

/// Refuses a decider who may be the same person as the proposer.
///
/// # Errors
/// `ServiceError::SamePerson`, `ServiceError::Store`.
pub(super) fn check_two_people(conn: &mut Conn, proposer: Actor, decider: &Identity) -> Result<(), ServiceError> {
    let decider = decider.actor();
    let makers = makers_behind(conn, [proposer, decider])?;
    tie(&makers, proposer, decider).map_or(Ok(()), |tie| Err(ServiceError::SamePerson(tie.to_string())))
}

/// Returns who stands behind some actors, as far back as is known.
///
/// # Errors
/// `ServiceError::Store`.
pub(super) fn makers_behind(conn: &mut Conn, actors: impl IntoIterator<Item = Actor>) -> Result<Makers, ServiceError> {
    let mut open: BTreeSet<Maker> = actors.into_iter().flat_map(Actor::parts).collect();
    let (mut makers, mut seen) = (Makers::default(), BTreeSet::new());
    while !open.is_empty() {
        let ids: Vec<String> = open.iter().map(id_of).collect();
        seen.append(&mut open);
        for row in conn.makers_of(&ids)? {
            let made = read_maker(&row.id)?;
            for maker in row.created_by.iter().chain(&row.created_with) {
                let maker = read_maker(maker)?;
                makers.note(made, maker);
                if !seen.contains(&maker) {
                    open.insert(maker);
                }
            }
        }
    }
    Ok(makers)
}

fn id_of(maker: &Maker) -> String {
    match maker {
        Maker::User(id) => id.to_string(),
        Maker::Credential(id) => id.to_string(),
    }
}

fn read_maker(id: &str) -> Result<Maker, StoreError> {
    let wrong = || StoreError::Inconsistent { table: "users", column: "created_by", id: id.to_owned() };
    let credential = || id.parse().map(Maker::Credential).ok();
    id.parse().map(Maker::User).ok().or_else(credential).ok_or_else(wrong)
}
