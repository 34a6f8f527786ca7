//! Challenges for the keys of addresses. A challenge is for one registry, VASP and account. It is open for fifteen minutes and valid for
//! one answer. Only the digest of its text is stored.

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::change::{refuse_ended, refuse_over_for_good};
use super::claimant::Claimant;
use super::read::{BatchNotes, ClaimState, MemberClaim, member_claim, own_claim, read_member_claim};
use crate::acts::{Act, Deed, Identity, Reply};
use crate::node::{Fault, ServiceError};
use vasp_addresses::address::Account;
use vasp_addresses::network::NetworkTable;
use vasp_addresses::proof;
use vasp_addresses::proof::{Challenge, LIFETIME_MAX_SECS, Proof, ProofError, Scheme, VerifiedProof};
use vasp_pki::sha256;
use vasp_record::claim::Strength;
use vasp_record::client_certificate::Sha256Hex;
use vasp_store::{ChallengeRow, StoreError, Transaction};
use vasp_words::host::Host;
use vasp_words::ids::VaspId;
use vasp_words::time::UtcTime;

/// How long used and expired challenges are kept, in seconds: a day. So their reuse can be reported as such.
const KEPT_SECS: i64 = 86_400;

/// A challenge for the key of an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ClaimChallenge)]
pub struct IssuedChallenge {
    /// Id of the claim.
    pub claim: String,
    /// The text to sign, exactly as it is here.
    pub challenge: String,
    /// The last moment at which you may answer it, once.
    pub expires_at: UtcTime,
    /// Schemes that wallets of the network can sign with.
    #[schema(example = json!(["eip191", "eip712"]))]
    pub schemes: Vec<&'static str>,
}

/// Makes a challenge for a claim of the caller.
///
/// # Errors
/// `ServiceError::NotFound`. `IllegalStep` if the claim is not in force, its VASP is not verified, or the server has no name. `Conflict` if
/// keys of the network cannot sign challenges. Also those of [`Act::run`].
pub fn issue_challenge(act: Act<'_, IssuedChallenge>, id: &str, registry_name: Option<&Host>) -> Result<Reply, ServiceError> {
    let (registry, identity, now) = (act.registry, act.identity, act.now);
    let ids = registry.directory().claim_ids();
    read_member_claim(registry, identity, id, now)?;
    let name = named(registry_name)?;
    let claimant = Claimant::of(registry, identity, now)?;
    act.run("claim.challenge", |transaction, identity| {
        let row = own_claim(transaction.conn(), ids, identity, id)?;
        let notes = BatchNotes::of(transaction.conn(), &[row.batch.number])?;
        let claim = member_claim(ids, &row, &notes, now)?;
        refuse_over(&claim)?;
        let (issued, kept) = issue(transaction, name, claimant.vasp, &claim, row.claim.number, identity)?;
        keep(transaction, &[kept])?;
        let subject = claim.id.clone();
        Ok(Deed::new(issued, subject, json!({"expires_at": now.plus_secs(LIFETIME_MAX_SECS)})))
    })
}

/// Returns the name of this registry in challenges.
///
/// # Errors
/// `ServiceError::IllegalStep` if the server was started without a name.
pub(super) fn named(registry_name: Option<&Host>) -> Result<&Host, ServiceError> {
    registry_name.ok_or_else(|| {
        let detail = "This server cannot make challenges, because it was started without a name (--registry-name).";
        ServiceError::IllegalStep(detail.to_owned())
    })
}

/// Refuses a claim that is not in force now.
pub(super) fn refuse_over(claim: &MemberClaim) -> Result<(), ServiceError> {
    refuse_ended(claim)?;
    match claim.state {
        // A signature prolongs a proven claim after its end, too.
        ClaimState::Expired if claim.standing.strength == Strength::Proven => Ok(()),
        ClaimState::Expired => {
            refuse_over_for_good(claim)?;
            Err(ServiceError::IllegalStep(format!("The claim {} has expired; extend it first with `expires_at`.", claim.id)))
        }
        _ => Ok(()),
    }
}

/// Returns the account of a claim, parsed for its network.
///
/// # Errors
/// `ServiceError::Store` if the claim has impossible values.
pub(super) fn account_of(claim: &MemberClaim) -> Result<Account, ServiceError> {
    let table = NetworkTable::embedded();
    let wrong = || StoreError::impossible_column("claims", "account_key", &claim.id);
    Ok(table.parse_numbered(claim.network, &claim.address).ok_or_else(wrong)?)
}

/// Makes a challenge for a claim, and the row to store.
///
/// # Errors
/// `ServiceError::Conflict` if keys of the network cannot sign challenges.
pub(super) fn issue(
    transaction: &mut Transaction<'_>,
    name: &Host,
    vasp: VaspId,
    claim: &MemberClaim,
    number: i64,
    identity: &Identity,
) -> Result<(IssuedChallenge, ChallengeRow), ServiceError> {
    let unprovable =
        |detail: String| ServiceError::Conflict(Fault { pointer: String::new(), code: "unprovable_network", detail });
    let account = account_of(claim)?;
    let network = NetworkTable::embedded().network_or_first(claim.network);
    let schemes: Vec<&'static str> = network
        .map(|network| Scheme::ALL.iter().filter(|scheme| scheme.serves(network)).map(|scheme| scheme.as_str()).collect())
        .unwrap_or_default();
    if schemes.is_empty() {
        return Err(unprovable(format!("The registry cannot check proofs of control on {}.", account.caip2)));
    }
    let now = transaction.now();
    let issued = Challenge::issue(name.clone(), vasp, &account, LIFETIME_MAX_SECS, now, transaction.conn_and_rng().1)
        .map_err(|error| unprovable(format!("The registry cannot make a challenge for this address: {error}.")))?;
    let text = issued.to_string();
    let row = ChallengeRow {
        nonce: issued.nonce().as_bytes().to_vec(),
        organisation: identity.organisation,
        claim: number,
        text_sha256: Sha256Hex(sha256(text.as_bytes())),
        expires_at: issued.expires(),
        used_at: None,
    };
    Ok((IssuedChallenge { claim: claim.id.clone(), challenge: text, expires_at: issued.expires(), schemes }, row))
}

/// Stores challenges that were made together.
pub(super) fn keep(transaction: &mut Transaction<'_>, rows: &[ChallengeRow]) -> Result<(), ServiceError> {
    let since = transaction.now().plus_secs(-KEPT_SECS);
    Ok(transaction.add_challenges(rows, since)?)
}

/// An answer to a challenge, with the result of checking the proof alone.
pub(super) struct Examined<'a> {
    proof: &'a Proof,
    verdict: Result<VerifiedProof, ProofError>,
}

impl<'a> Examined<'a> {
    /// Checks a proof alone, without looking at its challenge's use.
    pub(super) fn of(proof: &'a Proof, now: UtcTime) -> Self {
        Self { proof, verdict: proof::verify(NetworkTable::embedded(), proof, now) }
    }

    /// Marks the challenge as used, and returns it with the proof. This registry must have made it for this organisation, and it must be
    /// open and unanswered. `pointer` is the place of the proof in the request.
    ///
    /// # Errors
    /// `ServiceError::Invalid` with the reason, `Store`.
    pub(super) fn accept(
        self,
        transaction: &mut Transaction<'_>,
        identity: &Identity,
        name: &Host,
        vasp: VaspId,
        pointer: &str,
    ) -> Result<(ChallengeRow, VerifiedProof), ServiceError> {
        let refused =
            |code, detail: String| Err(ServiceError::Invalid(Fault { pointer: format!("{pointer}/challenge"), code, detail }));
        let Ok(challenge) = self.proof.challenge.parse::<Challenge>() else {
            return refused(
                "malformed_challenge",
                "This is not the text of a challenge; sign the challenge exactly as you got it.".to_owned(),
            );
        };
        let row = transaction.conn().challenge(challenge.nonce().as_bytes())?;
        let own = row.filter(|row| row.organisation == identity.organisation);
        let Some(row) = own.filter(|row| row.text_sha256 == Sha256Hex(sha256(self.proof.challenge.as_bytes()))) else {
            let detail = "This challenge was not made for this organisation, or is older than a day; request a new one.";
            return refused("unknown_challenge", detail.to_owned());
        };
        if row.used_at.is_some() {
            return refused("used_challenge", "This challenge was already answered; request a new one.".to_owned());
        }
        let verified = match self.verdict {
            Ok(verified) => verified,
            Err(error) => {
                let fault = Fault { pointer: pointer.to_owned(), code: error.code(), detail: words(&error) };
                return Err(ServiceError::Invalid(fault));
            }
        };
        if verified.challenge.registry() != name || verified.challenge.vasp() != vasp {
            return refused("unknown_challenge", "This challenge names another registry or VASP; request a new one.".to_owned());
        }
        if !transaction.use_challenge(&row.nonce, transaction.now())? {
            return refused("used_challenge", "This challenge was already answered; request a new one.".to_owned());
        }
        Ok((row, verified))
    }
}

/// Returns why a proof is refused, without addresses: the sender knows them.
fn words(error: &ProofError) -> String {
    match error {
        ProofError::WrongKey { .. } => {
            "the signature was not made with the key of this address, or it signs another text".to_owned()
        }
        ProofError::ChallengeMismatch { part, .. } => format!("the challenge and the proof have different values for {part}"),
        ProofError::UnknownNetwork(_) => "the registry does not know the network of the proof".to_owned(),
        other => other.to_string(),
    }
}
