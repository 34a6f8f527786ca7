//! Password hashes: Argon2id with current parameters, as PHC strings. Only a few are computed at the same time. One hash takes 19 MiB and
//! tens of milliseconds on purpose. Without a limit, an attacker could overload the server with sign-ins.

use std::sync::{Condvar, Mutex, PoisonError};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use rand_core::RngCore;

use vasp_record::password::Password;

/// Memory in KiB, passes and lanes.
///
/// Source: OWASP Password Storage Cheat Sheet, Argon2id: 19 MiB, 2 passes, 1 lane; RFC 9106 section 4 for the choice of the
/// variant and a salt of 128 bits.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// How many hashes are computed at the same time.
const AT_ONCE: usize = 2;

/// How many hashes may wait for a slot; further ones are refused immediately.
const WAITING: usize = 32;

/// Why no password was hashed or compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordHashError {
    /// Too many are waiting.
    #[error("too many people are signing in at the moment: try again")]
    Busy,
    /// The library refused, or the stored hash cannot be read.
    #[error("the password could not be hashed")]
    Refused,
}

/// The result of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// The password is wrong.
    No,
    /// The password is right.
    Yes,
    /// The password is right, but its hash was made with parameters weaker than the current ones.
    Outdated,
}

/// Computes and compares hashes, a few at the same time.
#[derive(Debug, Default)]
pub struct PasswordHashes {
    slots: Mutex<Slots>,
    freed: Condvar,
}

#[derive(Debug, Default)]
struct Slots {
    taken: usize,
    waiting: usize,
}

struct Slot<'a>(&'a PasswordHashes);

impl PasswordHashes {
    /// Returns the hash of a password as a PHC string.
    ///
    /// # Errors
    /// Every `PasswordHashError`.
    pub fn hash(&self, password: &Password, rng: &mut dyn RngCore) -> Result<String, PasswordHashError> {
        let mut salt = [0_u8; 16];
        rng.fill_bytes(&mut salt);
        let _slot = self.slot()?;
        let hash: PasswordHash =
            argon2()?.hash_password_with_salt(password.bytes(), &salt).map_err(|_| PasswordHashError::Refused)?;
        Ok(hash.to_string())
    }

    /// Compares a password with a hash. Without a hash, it takes the same time and returns `Match::No`.
    ///
    /// # Errors
    /// Every `PasswordHashError`; `Refused` for a hash that cannot be read.
    pub fn compare(&self, password: &Password, phc: Option<&str>) -> Result<Match, PasswordHashError> {
        let _slot = self.slot()?;
        let argon2 = argon2()?;
        let Some(phc) = phc else {
            let made: Result<PasswordHash, _> = argon2.hash_password_with_salt(password.bytes(), &[0; 16]);
            return made.map(|_| Match::No).map_err(|_| PasswordHashError::Refused);
        };
        let hash = PasswordHash::new(phc).map_err(|_| PasswordHashError::Refused)?;
        match argon2.verify_password(password.bytes(), &hash) {
            Ok(()) if is_outdated(&hash) => Ok(Match::Outdated),
            Ok(()) => Ok(Match::Yes),
            Err(argon2::password_hash::Error::PasswordInvalid) => Ok(Match::No),
            Err(_) => Err(PasswordHashError::Refused),
        }
    }

    /// Waits for a free slot.
    fn slot(&self) -> Result<Slot<'_>, PasswordHashError> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.taken >= AT_ONCE {
            if slots.waiting >= WAITING {
                return Err(PasswordHashError::Busy);
            }
            slots.waiting += 1;
            slots = self.freed.wait_while(slots, |slots| slots.taken >= AT_ONCE).unwrap_or_else(PoisonError::into_inner);
            slots.waiting -= 1;
        }
        slots.taken += 1;
        Ok(Slot(self))
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        self.0.slots.lock().unwrap_or_else(PoisonError::into_inner).taken -= 1;
        self.0.freed.notify_one();
    }
}

fn argon2() -> Result<Argon2<'static>, PasswordHashError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| PasswordHashError::Refused)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Tells whether a hash was made with less memory or fewer passes than the current parameters, or by another variant.
fn is_outdated(hash: &PasswordHash) -> bool {
    let weaker = |params: Params| params.m_cost() < MEMORY_KIB || params.t_cost() < PASSES;
    hash.algorithm.as_str() != "argon2id" || Params::try_from(hash).map_or(true, weaker)
}

#[cfg(test)]
mod tests {
    use super::*;
    use argon2::ParamsBuilder;
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use vasp_clock::Random;

    fn password(text: &str) -> Password {
        Password::given(text).unwrap()
    }

    /// Source: RFC 9106 section 5.3.
    #[test]
    fn library_computes_the_vector_of_the_rfc() {
        let params = ParamsBuilder::new()
            .m_cost(32)
            .t_cost(3)
            .p_cost(4)
            .data(argon2::AssociatedData::new(&[4; 12]).unwrap())
            .output_len(32)
            .build()
            .unwrap();
        let argon2 = Argon2::new_with_secret(&[3; 8], Algorithm::Argon2id, Version::V0x13, params).unwrap();
        let mut tag = [0; 32];

        argon2.hash_password_into(&[1; 32], &[2; 16], &mut tag).unwrap();

        assert_eq!(hex::encode(tag), "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
    }

    /// Source: the reference implementation's tests (`phc-winner-argon2`, `src/test.c`, Argon2id, t=2, m=2^16, p=1).
    #[test]
    fn hash_of_another_implementation_is_taken_and_its_strength_judged() {
        let phc = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        let weak = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        let hashes = PasswordHashes::default();

        assert_eq!(hashes.compare(&password("password"), Some(phc)), Ok(Match::Yes));
        assert_eq!(hashes.compare(&password("passwort"), Some(phc)), Ok(Match::No));
        assert_eq!(hashes.compare(&password("password"), Some(weak)), Ok(Match::Outdated));
    }

    #[test]
    fn hashes_differ_and_only_their_password_fits() {
        let (hashes, random) = (PasswordHashes::default(), Random::seeded(1));
        let [one, other] = [(); 2].map(|()| hashes.hash(&password("gentle lamp vivid crate"), &mut random.fork()).unwrap());

        assert_ne!(one, other);
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_eq!(hashes.compare(&password("gentle lamp vivid crate"), Some(&one)), Ok(Match::Yes));
        assert_eq!(hashes.compare(&password("gentle lamp vivid crates"), Some(&one)), Ok(Match::No));
        assert_eq!(hashes.compare(&password("gentle lamp vivid crate"), None), Ok(Match::No));
        assert_eq!(hashes.compare(&password("x"), Some("$argon2id$")), Err(PasswordHashError::Refused));
    }

    #[test]
    fn a_few_hash_at_once_some_wait_and_the_rest_is_refused() {
        let hashes = PasswordHashes::default();
        let held: Vec<_> = (0..AT_ONCE).map(|_| hashes.slot().unwrap()).collect();
        let (done, began) = (AtomicUsize::new(0), Barrier::new(WAITING + 1));

        std::thread::scope(|scope| {
            for _ in 0..WAITING {
                scope.spawn(|| {
                    began.wait();
                    let _slot = hashes.slot().unwrap();
                    done.fetch_add(1, Ordering::SeqCst);
                });
            }
            began.wait();
            while hashes.slots.lock().unwrap().waiting < WAITING {
                std::thread::yield_now();
            }
            assert_eq!((hashes.slot().err(), done.load(Ordering::SeqCst)), (Some(PasswordHashError::Busy), 0));
            drop(held);
        });

        assert_eq!(done.load(Ordering::SeqCst), WAITING);
        assert_eq!(hashes.slots.lock().unwrap().taken, 0);
    }
}
