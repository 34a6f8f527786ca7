//! The sub-accounts that are valid at one sequence, by account.

use std::collections::HashMap;

use vasp_record::resolution::SubAccount;
use vasp_store::{Conn, StoreError, SubAccountRow};

/// The confirmed owners of memos of addresses.
#[derive(Debug, Default)]
pub(super) struct SubAccounts {
    /// The last sequence at which a sub-account became valid or ended.
    pub(super) sequence: i64,
    /// By network number and account key.
    by_network: HashMap<i32, HashMap<Vec<u8>, Vec<SubAccount>>>,
}

impl SubAccounts {
    /// Loads the sub-accounts that are valid at `sequence`.
    pub(super) fn load(conn: &mut Conn, sequence: i64) -> Result<Self, StoreError> {
        let mut found = Self { sequence: conn.sub_accounts_sequence(sequence)?, by_network: HashMap::new() };
        for row in conn.sub_accounts_at(sequence)? {
            let says = row.says();
            let SubAccountRow { network, account_key, .. } = row;
            found.by_network.entry(network).or_default().entry(account_key).or_default().push(says);
        }
        Ok(found)
    }

    /// Returns the sub-accounts of one account.
    pub(super) fn of(&self, network: i32, key: &[u8]) -> &[SubAccount] {
        self.by_network.get(&network).and_then(|accounts| accounts.get(key)).map_or(&[], Vec::as_slice)
    }
}
