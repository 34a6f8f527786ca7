//! The first two people of a registry: invited once. Somebody who has not used the link yet gets a new one; somebody who has keeps the account.

use super::answers::Person;
use crate::config::{FileOptions, SignInOptions};
use crate::node::Registry;
use crate::organisations::NewUser;
use crate::organisations::credentials::invite_user;
use vasp_clock::{Clock, Random, SystemClock};
use vasp_record::role::{Role, UserKind, UserState};
use vasp_words::ids::OrganisationId;

/// What the first two people may do: all that an operator's people may, as there is nobody else yet.
const ROLES: [Role; 3] = [Role::Admin, Role::Reviewer, Role::Approver];

/// What people get.
pub(super) struct Links {
    /// For each who it is, and a link or why there is none.
    pub lines: Vec<(String, String)>,
    /// Whether a link took the place of an earlier one.
    pub are_renewed: bool,
}

/// Invites the people who are not there yet.
pub(super) fn invited(
    registry: &Registry,
    organisation: OrganisationId,
    people: &[Person],
    file: &FileOptions,
    random: &Random,
) -> Result<Links, Box<dyn std::error::Error>> {
    let known = crate::organisations::stored_users(registry.store(), organisation)?;
    let public_url = SignInOptions::default().settle(&file.sign_in).public_url;
    let mut links = Links { lines: Vec::new(), are_renewed: false };
    for Person { name, email } in people {
        let (now, mut rng) = (SystemClock.now(), random.fork());
        let found = known.iter().find(|user| user.email.as_deref() == Some(email.as_str()));
        let said = match found {
            Some(user) if user.state != UserState::Invited => "has an account already".to_owned(),
            Some(user) => {
                links.are_renewed = true;
                crate::organisations::reset_user(registry, user.id, now, &mut rng)?.link.url(public_url.as_str())
            }
            None => {
                let user =
                    NewUser { name: name.clone(), email: Some(email.clone()), kind: UserKind::Person, roles: ROLES.to_vec() };
                invite_user(registry, organisation, &user, now, &mut rng)?.1.url(public_url.as_str())
            }
        };
        links.lines.push((name.clone(), said));
    }
    Ok(links)
}
