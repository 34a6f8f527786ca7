//! View of what an address may be.

use serde::Serialize;
use utoipa::ToSchema;

use crate::resolve::networks::name_once;
use vasp_addresses::address::{Account, Assurance, MemoPresence};
use vasp_addresses::network::NetworkTable;

/// One reading of an address. Networks with the same spelling share one reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AddressReading)]
pub(crate) struct AddressReadingView {
    /// The canonical spelling of the account.
    #[schema(example = "r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59")]
    address: String,
    /// The memo that the address carries or that was given with it.
    #[schema(example = "11747")]
    memo: Option<String>,
    memo_rule: MemoPresence,
    /// The format in which the address was written; `GET /v1/networks/{caip2}` describes it.
    #[schema(example = "x-address")]
    format: String,
    checksum: Assurance,
    /// Networks of this reading, most likely first. Of a family, such as all EVM networks, the first is named, and then the family.
    #[schema(example = json!(["xrpl:0"]))]
    networks: Vec<String>,
    /// The CAIP-10 account; null if there are several networks, or if the address is too long for CAIP-10.
    #[schema(example = "xrpl:0:r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59")]
    caip10: Option<String>,
}

impl AddressReadingView {
    /// Groups accounts that differ only in their network into one reading. Keeps the order.
    pub(crate) fn of(accounts: &[Account]) -> Vec<Self> {
        let mut readings: Vec<(Self, Vec<&str>)> = Vec::new();
        for account in accounts {
            let network = NetworkTable::embedded().by_number(account.network);
            let one = Self {
                address: account.canonical.clone(),
                memo: account.memo.clone(),
                memo_rule: network.map_or(MemoPresence::None, |network| network.memo_rule.presence),
                format: account.format.to_string(),
                checksum: account.assurance,
                networks: Vec::new(),
                caip10: account.caip10(),
            };
            match readings.last_mut().filter(|(other, _)| other.is_spelt_like(&one)) {
                Some((reading, networks)) => {
                    name_once(networks, account);
                    reading.caip10 = None;
                }
                None => readings.push((one, vec![account.caip2.as_str()])),
            }
        }
        let named = |(reading, networks): (Self, Vec<&str>)| Self {
            networks: networks.into_iter().map(str::to_owned).collect(),
            ..reading
        };
        readings.into_iter().map(named).collect()
    }

    fn is_spelt_like(&self, other: &Self) -> bool {
        let parts = |view: &Self| (view.memo_rule, view.checksum);
        self.address == other.address && self.memo == other.memo && self.format == other.format && parts(self) == parts(other)
    }
}
