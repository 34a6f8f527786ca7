//! Probes of endpoints: which are made, when, and what follows. `job` calls `Probing` step by step. A step takes due probes, gives
//! them to the probing thread, and settles the results. A finding never changes a record.
//!
//! The endpoints that the directory publishes are copied into the table `endpoint_probes`. A node takes due probes by a conditional
//! update with a lease of five minutes: one per host and 64 in all. `vasp_outbound` connects to exactly the address that it checked
//! and sends small requests. `vasp_rules::probe::judge` compares the answer with what is published. `vasp_rules::endpoint_health`
//! combines samples into a history of limited size. Health is not in the log; each node keeps it in memory and reads the other nodes'
//! results every five seconds.

pub(crate) mod http;
pub(crate) mod job;
pub use job::probe_endpoints;
mod ask;
mod contradict;
mod probing;
mod queue;
mod read;
mod settle;
mod sync;
mod targets;

pub use ask::{ASK_SECS, OwnHealth, ask_for_probe};
pub use probing::{ProbeSettings, Probing};
pub use queue::ProbeQueue;
pub use read::{EndpointReading, HealthAnswer, read_health};
pub use targets::{probe_targets, target as probe_target};

use rand_core::RngCore;

/// The longest pause between two probes of an endpoint that is down, in seconds.
pub const PAUSE_MAX_SECS: i64 = 3_600;

/// Largest random change of a pause, in percent. Without it, probes of many endpoints would come in waves.
const JITTER_PERCENT: i64 = 20;

/// Changes a pause by a random amount.
fn jittered(secs: i64, rng: &mut dyn RngCore) -> i64 {
    let percent = 100 - JITTER_PERCENT + i64::from(rng.next_u32()) % (2 * JITTER_PERCENT + 1);
    (secs.saturating_mul(percent) / 100).max(1)
}

/// Makes a UUID from random bits. Source: RFC 9562, section 5.4 (version 4).
fn uuid(rng: &mut dyn RngCore) -> String {
    let mut bytes = [0_u8; 16];
    rng.fill_bytes(&mut bytes);
    let number = (u128::from_be_bytes(bytes) & !(0xf000 << 64) & !(0xc000 << 48)) | (0x4000 << 64) | (0x8000 << 48);
    let hex = format!("{number:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha8Rng;
    use rand_core::SeedableRng;

    #[test]
    fn pauses_are_shifted_by_a_fifth_at_most_and_both_ways() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let pauses: Vec<i64> = (0..1_000).map(|_| jittered(300, &mut rng)).collect();

        assert_eq!((pauses.iter().min(), pauses.iter().max()), (Some(&240), Some(&360)));
        assert_eq!(jittered(1, &mut rng), 1);
    }

    /// Source: RFC 9562, figure 9: the version stands in the 13th digit, the variant in the 17th.
    #[test]
    fn request_identifiers_are_random_uuids() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let (one, other) = (uuid(&mut rng), uuid(&mut rng));

        assert_ne!(one, other);
        for id in [one, other] {
            let parts: Vec<_> = id.split('-').map(str::len).collect();
            assert_eq!(parts, [8, 4, 4, 4, 12]);
            let digit = |place: usize| id.chars().nth(place).unwrap();
            assert!(digit(14) == '4' && "89ab".contains(digit(19)), "{id}");
        }
    }
}
