//! Makes synthetic claims for `scripts/bench`: valid addresses of four families, the same for the same number, so that
//! questions about any of them can be made without reading a file of millions.
//!
//! `synth firms COUNT` writes a register for `import register-json`, and `synth names COUNT` the names in it; `synth claims COUNT` writes a file
//! for `import claims-csv`. `synth ask COUNT HOW_MANY uniform|zipf|miss SEED` writes network and address of accounts that have a claim (or
//! have none).

#![expect(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a tool for measuring: what goes wrong ends it"
)]

#[path = "../../firms.rs"]
mod firms;

use std::hash::Hasher;
use std::io::{BufWriter, Write};

use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};
use siphasher::sip128::{Hasher128, SipHasher13};

/// Owners, with shares as uneven as those of exchanges are.
const OWNERS: u64 = 500;

fn bytes(number: u64) -> [u8; 32] {
    let half = |which: u64| {
        let mut hasher = SipHasher13::new_with_keys(0x7661_7370, which);
        hasher.write_u64(number);
        hasher.finish128().as_bytes()
    };
    let mut all = [0; 32];
    all[..16].copy_from_slice(&half(1));
    all[16..].copy_from_slice(&half(2));
    all
}

/// Account number `number`: Ethereum, Bitcoin (P2WPKH), Tron or Solana.
fn account(number: u64) -> (&'static str, String) {
    let key = bytes(number);
    match number % 10 {
        0..4 => ("eip155:1", format!("0x{}", hex::encode(&key[..20]))),
        4..7 => {
            let hrp = bech32::hrp::BC;
            let address = bech32::segwit::encode(hrp, bech32::segwit::VERSION_0, &key[..20]).expect("20 bytes are a program");
            ("bip122:000000000019d6689c085ae165831e93", address)
        }
        7..9 => ("tron:0x2b6653dc", bs58::encode([&[0x41], &key[..20]].concat()).with_check().into_string()),
        _ => ("solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp", bs58::encode(key).into_string()),
    }
}

/// A rank of `count`, each as often as its place in the order says (Zipf's law with exponent 1).
fn zipf(count: u64, random: f64) -> u64 {
    // The sum of 1/k up to n is nearly ln(n) + 0.577: its inverse tells the rank.
    let sum = (count as f64).ln() + 0.577;
    ((random * sum - 0.577).exp() as u64).clamp(1, count) - 1
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let number = |place: usize| arguments.get(place).and_then(|text| text.parse::<u64>().ok()).expect("a number");
    let (count, mut out) = (number(1), BufWriter::new(std::io::stdout().lock()));
    match arguments.first().map(String::as_str) {
        Some("claims") => {
            writeln!(out, "network,address,entity,entity_name,label,category,source,added_date").expect("written");
            for n in 0..count {
                let (network, address) = account(n);
                let owner = zipf(OWNERS, (bytes(n)[31] as f64 * 256.0 + bytes(n)[30] as f64) / 65_536.0);
                let day = 1 + n % 28;
                writeln!(out, "{network},{address},owner{owner},Owner {owner},,exchange,synthetic,2024-01-{day:02}")
                    .expect("written");
            }
        }
        Some("firms") => {
            let firms = usize::try_from(count).expect("a count");
            out.write_all(&firms::register(firms, "2026-06-01", |_| false)).expect("written");
        }
        Some("names") => {
            for n in 0..usize::try_from(count).expect("a count") {
                writeln!(out, "{}", firms::name(n)).expect("written");
            }
        }
        Some("ask") => {
            let mut random = ChaCha8Rng::seed_from_u64(number(4));
            for _ in 0..number(2) {
                let draw = random.next_u64();
                let n = match arguments[3].as_str() {
                    "uniform" => draw % count,
                    // Spread over all places, so that what is asked often does not stand together.
                    "zipf" => zipf(count, draw as f64 / u64::MAX as f64).wrapping_mul(0x9e37_79b9) % count,
                    _ => count + (draw >> 8),
                };
                let (network, address) = account(n);
                writeln!(out, "{network} {address}").expect("written");
            }
        }
        _ => panic!("firms, names, claims or ask"),
    }
}
