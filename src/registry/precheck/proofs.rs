//! Checks the proofs of control that came with a question. Each must show that the key of the other side's address signed a recent text
//! that is meant for the asker. A replay checks them again at the recorded moment. The caller is `precheck`.

use super::PrecheckQuestion;
use super::gather::Gathered;
use super::look_up::accounts_of;
use crate::directory::Generation;
use vasp_addresses::address::{Account, Controller};
use vasp_addresses::network::NetworkTable;
use vasp_addresses::proof::{AnyProof, Asker};
use vasp_rules::precheck::WalletProofs;
use vasp_words::error_chain::error_chain;
use vasp_words::time::UtcTime;

/// Checks the proofs. No proof changes an owner that is already known for the address.
pub(super) fn examine(question: &PrecheckQuestion, gathered: &Gathered, generation: &Generation, now: UtcTime) -> WalletProofs {
    let mut found = WalletProofs::default();
    let accounts = gathered.resolution.as_ref().map(|answer| accounts_of(&answer.subject)).unwrap_or_default();
    if question.proofs.is_empty() || accounts.is_empty() {
        return found;
    }
    let own = gathered.own.and_then(|own| generation.records().get(own));
    let names: Option<Vec<String>> = own.map(|own| {
        let lei = own.lei.map(|lei| lei.to_string());
        [own.id.to_string(), own.legal_name.clone()].into_iter().chain(lei).collect()
    });
    for proof in &question.proofs {
        // Without names, a challenge for any VASP would be accepted.
        let judged = match &names {
            None => Err("these credentials have no VASP that the signed text could name".to_owned()),
            Some(names) => judge(proof, &accounts, &Asker { registry: None, vasp: names.clone() }, now),
        };
        match judged {
            Ok((told, shown)) => {
                found.good.push(told);
                found.shown.extend(shown);
            }
            Err(why) => found.refused.push(why),
        }
    }
    found
}

/// A sentence about an accepted proof, and what follows from the key that it showed.
type Judged = (String, Vec<Controller>);

fn judge(proof: &AnyProof, accounts: &[Account], asker: &Asker, now: UtcTime) -> Result<Judged, String> {
    let verified = proof.verify(NetworkTable::embedded(), now).map_err(|error| error_chain(&error))?;
    // The same key controls the address on every network that the address can be on.
    let account = accounts.iter().find(|account| verified.account == **account).ok_or("it belongs to another address")?;
    asker.check(&verified.message, account, now).map_err(|unbound| unbound.to_string())?;
    let told = format!("The key of the address signed a text that names the asker ({}).", verified.scheme);
    Ok((told, verified.shown))
}
