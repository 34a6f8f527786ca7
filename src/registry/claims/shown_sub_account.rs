//! A sub-account as both sides see it, and the list of them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::acts::Identity;
use crate::node::{Page, Registry, ServiceError};
use vasp_addresses::address::AccountKey;
use vasp_addresses::network::{NetworkNumber, NetworkTable};
use vasp_store::{StoreError, SubAccountRow};
use vasp_words::closed_list::closed_list;
use vasp_words::ids::{SubAccountId, VaspId};
use vasp_words::time::UtcTime;

closed_list! {
    /// The state of a sub-account.
    pub enum SubAccountState {
        /// One of the two VASPs ended it.
        Ended = "ended",
        /// The owner named it; the holder has not confirmed it.
        Named = "named",
        /// The owner refused it: it said that the memo does not belong to the holder.
        Refused = "refused",
        /// Both sides say so: it is in force.
        Confirmed = "confirmed",
    }
}

/// A sub-account as both sides see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SubAccount)]
pub struct ShownSubAccount {
    id: SubAccountId,
    /// CAIP-2.
    network: String,
    address: String,
    /// The memo; null for every memo of the address.
    memo: Option<String>,
    /// Id of the VASP that owns the address.
    owner: VaspId,
    /// Id of the VASP that the memo belongs to.
    holder: VaspId,
    state: SubAccountState,
    /// When the owner named it or refused it.
    named_at: UtcTime,
    /// When the holder confirmed it; null if it has not.
    confirmed_at: Option<UtcTime>,
    ended_at: Option<UtcTime>,
}

impl ShownSubAccount {
    pub(super) fn of(row: &SubAccountRow) -> Result<Self, StoreError> {
        let (table, number) = (NetworkTable::embedded(), NetworkNumber(row.network));
        let address = table.canonical_text(number, &AccountKey::new(&row.account_key));
        let network = table.by_number(number).map(|network| network.caip2.to_string());
        let (Some(address), Some(network)) = (address, network) else {
            return Err(StoreError::impossible_column("sub_accounts", "account_key", row.id));
        };
        let state = match (row.ended_at, row.confirmed_at, row.refused_at) {
            (Some(_), ..) => SubAccountState::Ended,
            (None, Some(_), _) => SubAccountState::Confirmed,
            (None, None, Some(_)) => SubAccountState::Refused,
            (None, None, None) => SubAccountState::Named,
        };
        let &SubAccountRow { id, owner, holder, named_at, confirmed_at, ended_at, .. } = row;
        let memo = row.says().memo;
        Ok(Self { id, network, address, memo, owner, holder, state, named_at, confirmed_at, ended_at })
    }
}

/// Lists the sub-accounts in which the caller's VASP is one side, oldest first.
pub fn list_sub_accounts(
    registry: &Registry,
    identity: &Identity,
    after: &str,
    limit: usize,
) -> Result<Page<ShownSubAccount, SubAccountId>, ServiceError> {
    let Some(vasp) = identity.vasp else { return Ok(Page::of(std::iter::empty(), limit, |one: &ShownSubAccount| one.id)) };
    let rows = registry.store().read::<_, StoreError>(|conn| conn.sub_accounts_of(vasp, after, Page::wanted(limit)))?;
    let shown: Vec<_> = rows.iter().map(ShownSubAccount::of).collect::<Result<_, _>>()?;
    Ok(Page::of(shown.into_iter(), limit, |one| one.id))
}
