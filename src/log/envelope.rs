//! Envelopes of changes. The envelope is public and hides its payload behind a salted commitment. So a payload can be erased without
//! breaking a proof.

use std::sync::Arc;

use super::tree::{Frontier, leaf_hash, sha256};
use crate::audit::SealError;
use crate::change::{LogHead, NewChange, SealChanges, SealedChange};
use rand_core::RngCore;
use vasp_clock::Clock;
use vasp_words::time::UtcTime;

/// Seals changes: salts, commitments, envelopes, tree.
#[derive(Clone, Default)]
pub struct Sealer {
    clock: Option<Arc<dyn Clock>>,
}

impl Sealer {
    /// Makes a sealer that dates changes by a clock, read while the head of the log is locked. So a write that began long ago gets the
    /// date of its append, and a time always maps to one sequence. Without a clock, the time of the write is used.
    #[must_use]
    pub fn dated_by(clock: Arc<dyn Clock>) -> Self {
        Self { clock: Some(clock) }
    }
}

/// The part of a change that everybody may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// Position in the log, from 1.
    pub sequence: i64,
    /// Kind of the change.
    pub kind: &'a str,
    /// Who may read the payload.
    pub audience: &'a str,
    /// When it was recorded.
    pub recorded_at: UtcTime,
    /// SHA-256(salt ‖ payload).
    pub payload_commitment: &'a [u8],
}

impl<'a> Envelope<'a> {
    fn of(change: &'a SealedChange) -> Self {
        let SealedChange { sequence, kind, audience, recorded_at, payload_commitment, .. } = change;
        Self { sequence: *sequence, kind, audience, recorded_at: *recorded_at, payload_commitment }
    }

    /// Returns its members as a JSON object.
    #[must_use]
    pub fn members(&self) -> serde_json::Value {
        serde_json::json!({
            "sequence": self.sequence,
            "kind": self.kind,
            "audience": self.audience,
            "recorded_at": self.recorded_at,
            "payload_commitment": hex::encode(self.payload_commitment),
        })
    }

    /// Returns the bytes that the leaf hash covers: the members in RFC 8785 form.
    ///
    /// # Errors
    /// `SealError` if the time or the sequence has no canonical form.
    pub fn bytes(&self) -> Result<Vec<u8>, SealError> {
        serde_json_canonicalizer::to_vec(&self.members()).map_err(|e| SealError(e.to_string()))
    }
}

impl SealChanges for Sealer {
    fn seal(
        &self,
        head: &LogHead,
        changes: Vec<NewChange>,
        now: UtcTime,
        rng: &mut dyn RngCore,
    ) -> Result<(Vec<SealedChange>, LogHead), SealError> {
        let now = self.clock.as_ref().map_or(now, |clock| clock.now().max(now));
        let size = u64::try_from(head.sequence).unwrap_or(0);
        let mut frontier = Frontier::from_bytes(size, &head.frontier).map_err(|e| SealError(e.to_string()))?;
        let mut head = head.clone();
        let mut sealed = Vec::with_capacity(changes.len());
        for change in changes {
            let mut salt = [0u8; 32];
            rng.fill_bytes(&mut salt);
            let payload = serde_json_canonicalizer::to_string(&change.payload).map_err(|e| SealError(e.to_string()))?;
            head.sequence += 1;
            head.recorded_at_micros = now.micros().max(head.recorded_at_micros.saturating_add(1));
            let entry = SealedChange {
                sequence: head.sequence,
                kind: change.payload.kind().as_str(),
                audience: change.audience.as_str(),
                recorded_at: UtcTime::from_micros(head.recorded_at_micros).map_err(|e| SealError(e.to_string()))?,
                payload_commitment: sha256(&[&salt, payload.as_bytes()]),
                salt,
                payload,
                subject: change.subject,
            };
            frontier.append(leaf_hash(&Envelope::of(&entry).bytes()?));
            sealed.push(entry);
        }
        head.frontier = frontier.to_bytes();
        Ok((sealed, head))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::{ClaimsEnded, Payload};
    use rand_chacha::ChaCha8Rng;
    use rand_core::SeedableRng;
    use vasp_record::attestation::EndReason;

    fn change(n: i64) -> NewChange {
        NewChange::public(Payload::ClaimsEnded(ClaimsEnded { reason: EndReason::Decided, claims: vec![format!("é{n}")] }))
    }

    const EMPTY: LogHead = LogHead { sequence: 0, recorded_at_micros: 0, frontier: Vec::new() };

    #[test]
    fn a_clock_that_jumps_back_still_gives_rising_times() {
        let late = UtcTime::from_micros(2_000_000).unwrap();
        let early = UtcTime::from_micros(1_000_000).unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(1);

        let (first, head) = Sealer::default().seal(&EMPTY, vec![change(1), change(2)], late, &mut rng).unwrap();
        let (second, _) = Sealer::default().seal(&head, vec![change(3)], early, &mut rng).unwrap();

        let times: Vec<i64> = first.iter().chain(&second).map(|c| c.recorded_at.micros()).collect();
        assert_eq!(times, [2_000_000, 2_000_001, 2_000_002]);
        assert_eq!(second[0].sequence, 3);
    }

    #[test]
    fn a_write_that_began_long_ago_is_dated_when_it_is_appended() {
        let clock = Arc::new(vasp_clock::SetClock::at(UtcTime::from_micros(9_000_000).unwrap()));
        let began = UtcTime::from_micros(1_000_000).unwrap();

        let (sealed, _) =
            Sealer::dated_by(clock).seal(&EMPTY, vec![change(1)], began, &mut ChaCha8Rng::seed_from_u64(1)).unwrap();

        assert_eq!(sealed[0].recorded_at.micros(), 9_000_000);
    }

    #[test]
    fn the_commitment_binds_salt_and_canonical_payload() {
        let now = UtcTime::from_micros(1).unwrap();
        let (sealed, head) = Sealer::default().seal(&EMPTY, vec![change(1)], now, &mut ChaCha8Rng::seed_from_u64(1)).unwrap();

        assert_eq!(sealed[0].payload, r#"{"claims":["é1"],"reason":"decided"}"#);
        assert_eq!(sealed[0].payload_commitment, sha256(&[&sealed[0].salt, sealed[0].payload.as_bytes()]));
        assert_eq!(head.frontier, leaf_hash(&Envelope::of(&sealed[0]).bytes().unwrap()));
    }

    /// Source: RFC 8785 sections 3.2.2 and 3.2.3, the worked example and the sorting example.
    #[test]
    fn the_canonical_form_is_that_of_rfc_8785() {
        let input = "{\"numbers\":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],\"string\":\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\",\"literals\":[null,true,false]}";
        let value: serde_json::Value = serde_json::from_str(input).unwrap();
        assert_eq!(
            serde_json_canonicalizer::to_string(&value).unwrap(),
            "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}"
        );

        let unsorted = "{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\",\"\\ufb33\":\"Hebrew Letter Dalet With Dagesh\",\"1\":\"One\",\"\\ud83d\\ude00\":\"Emoji: Grinning Face\",\"\\u0080\":\"Control\",\"\\u00f6\":\"Latin Small Letter O With Diaeresis\"}";
        let value: serde_json::Value = serde_json::from_str(unsorted).unwrap();
        let canonical = serde_json_canonicalizer::to_string(&value).unwrap();
        let order: Vec<usize> = ["Carriage", "One", "Control", "Latin", "Euro", "Emoji", "Hebrew"]
            .iter()
            .map(|w| canonical.find(w).unwrap())
            .collect();
        assert!(order.is_sorted(), "{canonical}");
    }
}
