//! Links between users and their accounts at OpenID providers, and sign-ins in progress there. A flow's secrets are sealed. Its state is
//! kept as SHA-256 and is used once.

use super::backend::written;
use super::edge::*;
use super::schema::{oidc_flows, oidc_links};
use super::{Conn, StoreError, Transaction};
use vasp_words::ids::{CredentialId, UserId};
use vasp_words::time::UtcTime;

/// A user's account at a provider.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = oidc_links, treat_none_as_default_value = false)]
pub struct OidcLinkRow {
    /// The provider's issuer URL.
    pub issuer: String,
    /// The provider's name for the account.
    pub subject: String,
    /// The user.
    pub user_id: UserId,
    /// The session that linked it; `None` if an enrolment link or an invitation did.
    pub linked_with: Option<CredentialId>,
}

/// A sign-in in progress at a provider.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = oidc_flows, treat_none_as_default_value = false)]
pub struct OidcFlowRow {
    /// SHA-256 of the state.
    pub state_sha256: Vec<u8>,
    /// The name of the provider in this registry.
    pub provider: String,
    /// Nonce, code verifier and purpose, sealed.
    pub sealed: Vec<u8>,
    /// When it expires.
    pub expires_at: UtcTime,
}

impl Conn {
    /// Returns the user that an account at a provider belongs to.
    pub fn oidc_link(&mut self, issuer: &str, subject: &str) -> Result<Option<OidcLinkRow>, StoreError> {
        let query = oidc_links::table.find((issuer, subject)).select(OidcLinkRow::as_select());
        query.first(self).optional().map_err(StoreError::on("oidc_links"))
    }

    /// Returns a user's accounts at providers.
    pub fn oidc_links_of(&mut self, user: UserId) -> Result<Vec<OidcLinkRow>, StoreError> {
        oidc_links::table
            .filter(oidc_links::user_id.eq(user))
            .order(oidc_links::issuer)
            .select(OidcLinkRow::as_select())
            .load(self)
            .map_err(StoreError::on("oidc_links"))
    }
}

impl Transaction<'_> {
    /// Links an account at a provider to a user; `false` if the account is linked already or the user has another account there.
    pub fn add_oidc_link(&mut self, row: &OidcLinkRow) -> Result<bool, StoreError> {
        let insert = diesel::insert_into(oidc_links::table).values(row);
        written(self.conn(), "oidc_links", insert.unless_there()).map(|rows| rows == 1)
    }

    /// Deletes the link to a user's account at one provider; `false` if there is none.
    pub fn drop_oidc_link(&mut self, user: UserId, issuer: &str) -> Result<bool, StoreError> {
        let theirs = oidc_links::table.filter(oidc_links::user_id.eq(user)).filter(oidc_links::issuer.eq(issuer));
        written(self.conn(), "oidc_links", diesel::delete(theirs)).map(|rows| rows > 0)
    }

    /// Deletes the links that sessions made to a user's accounts at providers, and returns them.
    pub fn drop_oidc_links_of_sessions(&mut self, user: UserId) -> Result<Vec<OidcLinkRow>, StoreError> {
        let mut links = self.conn().oidc_links_of(user)?;
        links.retain(|link| link.linked_with.is_some());
        for link in &links {
            self.drop_oidc_link(user, &link.issuer)?;
        }
        Ok(links)
    }

    /// Deletes the links to a user's accounts at providers.
    pub fn drop_oidc_links(&mut self, user: UserId) -> Result<(), StoreError> {
        let theirs = diesel::delete(oidc_links::table.filter(oidc_links::user_id.eq(user)));
        written(self.conn(), "oidc_links", theirs).map(drop)
    }

    /// Stores a sign-in in progress, and deletes those that expired at or before `at`.
    pub fn add_oidc_flow(&mut self, row: &OidcFlowRow, at: UtcTime) -> Result<(), StoreError> {
        let old = diesel::delete(oidc_flows::table.filter(oidc_flows::expires_at.le(at)));
        written(self.conn(), "oidc_flows", old)?;
        written(self.conn(), "oidc_flows", diesel::insert_into(oidc_flows::table).values(row)).map(drop)
    }

    /// Takes a sign-in in progress, so that nobody else can; `None` if it expired, was used or never existed.
    pub fn take_oidc_flow(&mut self, state_sha256: &[u8], at: UtcTime) -> Result<Option<OidcFlowRow>, StoreError> {
        let place = oidc_flows::table.find(state_sha256);
        let query = place.select(OidcFlowRow::as_select());
        let found = query.first::<OidcFlowRow>(self.conn()).optional().map_err(StoreError::on("oidc_flows"))?;
        let taken = written(self.conn(), "oidc_flows", diesel::delete(place))?;
        Ok(found.filter(|flow| taken == 1 && flow.expires_at > at))
    }
}
