//! Lists the waiting enrolment links for the registry's people: who will get access, and who invited them. It never shows the secret.

use serde::Serialize;
use utoipa::ToSchema;
use vasp_words::closed_list::closed_list;

use crate::node::{Page, Registry, ServiceError};
use crate::proposals::{Proposal, last};
use vasp_record::proposal::ProposalKind;
use vasp_record::role::UserState;
use vasp_store::UserRow;
use vasp_words::ids::{OrganisationId, UserId};
use vasp_words::time::UtcTime;

closed_list! {
    /// How an enrolment link reaches its person.
    pub enum LinkWay {
        /// The command line printed it.
        CommandLine = "command_line",
        /// A second admin hands it out.
        SecondAdmin = "second_admin",
        /// It goes by mail.
        Mail = "mail",
    }
}

/// A waiting enrolment link, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct WaitingLink {
    /// Id of the person.
    pub(crate) user: UserId,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    pub(crate) organisation: OrganisationId,
    /// `command_line`, `second_admin` or `mail`.
    #[schema(value_type = String, example = "second_admin")]
    pub(crate) way: LinkWay,
    /// Id of the user who asked for the link; null for the command line.
    pub(crate) asked_by: Option<UserId>,
    /// Id of the second admin who handed it out; null if nobody did.
    pub(crate) held_by: Option<UserId>,
    /// When it stops working; null while it waits for a second admin.
    pub(crate) expires_at: Option<UtcTime>,
}

/// Lists the waiting enrolment links, ordered by the user's id.
pub fn list_links(
    registry: &Registry,
    after: &str,
    limit: usize,
    now: UtcTime,
) -> Result<Page<WaitingLink, UserId>, ServiceError> {
    registry.store().read(|conn| {
        let rows = conn.waiting_links(now, after, Page::wanted(limit))?;
        let ids: Vec<String> = rows.iter().map(|(user, _)| user.id.to_string()).collect();
        let mut proposed = last(conn, ProposalKind::Enrolment, &ids, None)?;
        let links = rows.into_iter().map(|(user, expires_at)| {
            let proposal = proposed.remove(&user.id.to_string());
            waiting(user, expires_at.filter(|at| *at > now), proposal)
        });
        Ok(Page::of(links, limit, |link| link.user))
    })
}

fn waiting(user: UserRow, expires_at: Option<UtcTime>, proposal: Option<Proposal>) -> WaitingLink {
    let UserRow { id, name, email, organisation, state, created_by, link_held_by, .. } = user;
    // If the person was enrolled before, the command line made the link by resetting the person.
    let by_command = state != UserState::Invited || created_by.is_none();
    let pending = proposal.as_ref().filter(|proposal| proposal.is_pending());
    let held_by = link_held_by.filter(|_| expires_at.is_some() && !by_command);
    let way = match (pending, held_by) {
        (Some(_), _) | (None, Some(_)) => LinkWay::SecondAdmin,
        (None, None) if by_command => LinkWay::CommandLine,
        (None, None) => LinkWay::Mail,
    };
    let asked_by = match way {
        LinkWay::CommandLine => None,
        LinkWay::SecondAdmin => proposal.map(|proposal| proposal.proposed_by),
        LinkWay::Mail => created_by,
    };
    WaitingLink { user: id, name, email, organisation, way, asked_by, held_by, expires_at }
}
