//! What lets one transfer go on, once. Only `Verdict::proceed` makes a clearance: let the function that sends take it, and redeem it there.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;
use vasp_words::time::UtcTime;

use crate::error::{NotCleared, NotClearedCode};
use crate::receipts::Receipt;
use crate::world::World;

/// Lets one transfer go on, once. It cannot be copied or stored:
///
/// ```compile_fail
/// fn twice(clearance: vasp_registry_client::Clearance) -> [vasp_registry_client::Clearance; 2] {
///     [clearance.clone(), clearance]
/// }
/// ```
#[must_use = "nothing is cleared before the function that sends redeems it"]
pub struct Clearance {
    receipt: Receipt,
    valid_until: UtcTime,
    cleared: [(&'static str, Option<Value>); 6],
    used: bool,
    world: Arc<dyn World>,
}

/// The transfer that is about to be sent. Each value must be the one that was asked about, letter by letter; `None` if it was not named.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts<'a> {
    /// The address of the counterparty.
    pub address: Option<&'a str>,
    /// Its network.
    pub network: Option<&'a str>,
    /// Its memo or tag.
    pub memo: Option<&'a str>,
    /// Its Travel Address.
    pub travel_address: Option<&'a str>,
    /// The asset.
    pub asset: Option<&'a str>,
    /// The amount.
    pub amount: Option<&'a str>,
}

impl Clearance {
    pub(crate) fn of((request, answer): (&Value, &Value), receipt: Receipt, valid_until: UtcTime, world: Arc<dyn World>) -> Self {
        let incoming = request.get("direction").and_then(Value::as_str) == Some("incoming");
        let counterparty = if incoming { "originator" } else { "beneficiary" };
        let read =
            answer.get("transfer").filter(|read| read.get(counterparty).is_some_and(|side| side.get("payment_uri").is_some()));
        let asked = |part: &str, name: &'static str| {
            // Of a payment URI, what was signed is what is sent.
            let from = match (read, part) {
                (Some(read), "transfer") => Some(read),
                (Some(read), part) => read.get(part),
                (None, part) => request.get(part),
            };
            let value = from.and_then(|from| from.get(name)).filter(|value| !value.is_null());
            (name, value.cloned())
        };
        let cleared = [
            asked(counterparty, "address"),
            asked(counterparty, "network"),
            asked(counterparty, "memo"),
            asked(counterparty, "travel_address"),
            asked("transfer", "asset"),
            asked("transfer", "amount"),
        ];
        Self { receipt, valid_until, cleared, used: false, world }
    }

    /// Returns what the registry signed.
    #[must_use]
    pub fn receipt(&self) -> &Receipt {
        &self.receipt
    }

    /// Returns the time from which this clearance lets nothing go on.
    #[must_use]
    pub fn valid_until(&self) -> UtcTime {
        self.valid_until
    }

    /// Uses the clearance up, right before sending, and returns the id of the pre-check.
    ///
    /// # Errors
    /// `NotCleared`: `other_transfer`, `expired` or `used`.
    pub fn redeem(&mut self, facts: Facts<'_>) -> Result<&str, NotCleared> {
        let Facts { address, network, memo, travel_address, asset, amount } = facts;
        let given = [address, network, memo, travel_address, asset, amount];
        let differs = |value: &Option<Value>, given: Option<&str>| *value != given.map(Value::from);
        let others = self.cleared.iter().zip(given).filter(|((_, value), given)| differs(value, *given));
        let others: Vec<&str> = others.map(|((name, _), _)| *name).collect();
        if !others.is_empty() {
            let detail = format!("not what the pre-check was about: {}", others.join(", "));
            return Err(NotCleared::new(NotClearedCode::OtherTransfer, detail));
        }
        if self.world.now() >= self.valid_until {
            let detail = format!("the answer was valid until {}", self.valid_until);
            return Err(NotCleared::new(NotClearedCode::Expired, detail));
        }
        if std::mem::replace(&mut self.used, true) {
            return Err(NotCleared::new(NotClearedCode::Used, "this clearance let a transfer go on already"));
        }
        Ok(&self.receipt.precheck_id)
    }
}

impl fmt::Debug for Clearance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<Clearance {} until {}>", self.receipt.precheck_id, self.valid_until)
    }
}

impl fmt::Debug for Facts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<Facts>")
    }
}
