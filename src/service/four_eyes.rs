//! Refuses a decision that may be the proposer's own. The rule is `domain::four_eyes`; here the rows that it goes by are
//! read. Called inside the transaction of the decision.

use std::collections::BTreeSet;

use super::{Identity, ServiceError};
use vasp_rules::four_eyes::{Actor, Maker, Makers, tie};
use vasp_store::{Conn, StoreError};
use vasp_words::ids::{ApiKeyId, ClientCertificateId, CredentialId, SessionId, UserId};

/// Refuses a decider who may be the same person as the proposer.
///
/// # Errors
/// `ServiceError::SamePerson`, `ServiceError::Store`.
pub fn check_two_people(conn: &mut Conn, proposer: Actor, decider: &Identity) -> Result<(), ServiceError> {
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

/// Reads an actor from the ids that a row keeps.
///
/// # Errors
/// `ServiceError::Store` where they cannot be such ids.
pub fn read_actor(user: &str, credential: Option<&str>) -> Result<Actor, ServiceError> {
    let inconsistent = |id: &str| StoreError::Inconsistent { table: "users", column: "id", id: id.to_owned() };
    let user: UserId = user.parse().map_err(|_| inconsistent(user))?;
    let credential = match credential.map(read_maker).transpose()? {
        Some(Maker::Credential(credential)) => Some(credential),
        Some(Maker::User(_)) | None => None,
    };
    Ok(Actor { user, credential })
}

fn id_of(maker: &Maker) -> String {
    match maker {
        Maker::User(id) => id.to_string(),
        Maker::Credential(id) => id.to_string(),
    }
}

fn read_maker(id: &str) -> Result<Maker, StoreError> {
    let user = || id.parse::<UserId>().map(Maker::User).ok();
    let key = || id.parse::<ApiKeyId>().map(|id| Maker::Credential(CredentialId::Key(id))).ok();
    let session = || id.parse::<SessionId>().map(|id| Maker::Credential(CredentialId::Session(id))).ok();
    let certificate = || id.parse::<ClientCertificateId>().map(|id| Maker::Credential(CredentialId::Certificate(id))).ok();
    let wrong = || StoreError::Inconsistent { table: "users", column: "created_by", id: id.to_owned() };
    user().or_else(key).or_else(session).or_else(certificate).ok_or_else(wrong)
}
