//! The master key wraps every other secret of the database with XAES-256-GCM. It is stored in a file outside the database, one version per
//! line, newest last. Backups of the database never contain it.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use rand_core::RngCore;

use crate::xaes::{self, NONCE_BYTES};

/// The first byte of sealed data: it names the format of the rest.
const XAES_256_GCM: u8 = 1;

/// Why a key file or a sealed value cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The key file is not in the expected form.
    #[error("line {line} of the master key file must have the form `<version>:<64 hex digits>`")]
    Malformed {
        /// Line, counted from 1.
        line: usize,
    },
    /// The key file contains no key.
    #[error("the master key file has no key")]
    Empty,
    /// A value was wrapped with a version that is not in the key file.
    #[error("master key version {0} is not in the master key file")]
    UnknownVersion(i32),
    /// The value does not belong to this key and purpose, or was altered.
    #[error("this key cannot decrypt the sealed value for `{purpose}`: wrong master key file, or the value was altered")]
    DoesNotOpen {
        /// The purpose of the value.
        purpose: String,
    },
    /// The library refused a signing key.
    #[error("a signing key cannot be used")]
    DoesNotSign,
    /// The library refused to seal.
    #[error("the value for `{purpose}` could not be sealed")]
    DoesNotSeal {
        /// The purpose of the value.
        purpose: String,
    },
}

/// An unwrapped 256-bit key, for one purpose.
#[derive(Clone)]
pub struct DataKey([u8; 32]);

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DataKey(…)")
    }
}

impl DataKey {
    /// Generates a random key.
    pub fn generate(rng: &mut dyn RngCore) -> Self {
        let mut bytes = [0u8; 32];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// Makes a key from known bytes.
    #[cfg(test)]
    pub(crate) fn of(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the key's bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Seals `plain` for `purpose`; the same purpose is needed to open it. The result is a byte that names the format, a random nonce of
    /// 192 bits, the ciphertext and its tag. A key may seal any number of times, and no counter is needed (see `xaes`).
    ///
    /// # Errors
    /// `KeyError::DoesNotSeal` if the library refuses.
    pub fn seal(&self, purpose: &str, plain: &[u8], rng: &mut dyn RngCore) -> Result<Vec<u8>, KeyError> {
        let mut nonce = [0u8; NONCE_BYTES];
        rng.fill_bytes(&mut nonce);
        let mut sealed = plain.to_vec();
        xaes::seal(&self.0, &nonce, purpose.as_bytes(), &mut sealed)
            .map_err(|_| KeyError::DoesNotSeal { purpose: purpose.to_owned() })?;
        Ok([[XAES_256_GCM].as_slice(), &nonce, &sealed].concat())
    }

    /// Opens what [`DataKey::seal`] made for the same purpose.
    ///
    /// # Errors
    /// `KeyError::DoesNotOpen` for another key, purpose or format, or altered bytes.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, KeyError> {
        let refused = || KeyError::DoesNotOpen { purpose: purpose.to_owned() };
        let Some(([XAES_256_GCM], rest)) = sealed.split_first_chunk() else { return Err(refused()) };
        let (nonce, body) = rest.split_first_chunk().ok_or_else(refused)?;
        let mut body = body.to_vec();
        let plain = xaes::open(&self.0, nonce, purpose.as_bytes(), &mut body).map_err(|_| refused())?;
        Ok(plain.to_vec())
    }
}

/// The versions of the master key; the newest one wraps, all of them unwrap.
#[derive(Clone, Debug)]
pub struct MasterKeys(Vec<(i32, DataKey)>);

impl MasterKeys {
    /// Generates the first version.
    pub fn generate(rng: &mut dyn RngCore) -> Self {
        Self(vec![(1, DataKey::generate(rng))])
    }

    /// Reads the text of a master key file.
    ///
    /// # Errors
    /// `KeyError::Malformed` with the line, `KeyError::Empty` if there is no key.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let mut keys = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let malformed = || KeyError::Malformed { line: index + 1 };
            let (version, digits) = line.split_once(':').ok_or_else(malformed)?;
            let bytes = hex::decode(digits).ok().and_then(|b| <[u8; 32]>::try_from(b).ok()).ok_or_else(malformed)?;
            keys.push((version.parse().map_err(|_| malformed())?, DataKey(bytes)));
        }
        if keys.is_empty() { Err(KeyError::Empty) } else { Ok(Self(keys)) }
    }

    /// Returns the text for the key file, which must have mode 0600.
    #[must_use]
    pub fn to_text(&self) -> String {
        let lines: String = self.0.iter().map(|(version, key)| format!("{version}:{}\n", hex::encode(key.0))).collect();
        format!("# Master key of a VASP registry. Keep it outside the database and its backups.\n{lines}")
    }

    /// Tells whether every key of `other` is among these.
    #[must_use]
    pub fn has_all_of(&self, other: &Self) -> bool {
        let has = |version: &i32, key: &DataKey| {
            self.0.iter().any(|(own, has)| own == version && verify_slices_are_equal(&has.0, &key.0).is_ok())
        };
        other.0.iter().all(|(version, key)| has(version, key))
    }

    /// Wraps a key for `purpose` under the newest version and returns that version and the wrapped bytes.
    pub fn wrap(&self, purpose: &str, key: &DataKey, rng: &mut dyn RngCore) -> Result<(i32, Vec<u8>), KeyError> {
        let (version, master) = self.0.last().ok_or(KeyError::Empty)?;
        Ok((*version, master.seal(purpose, &key.0, rng)?))
    }

    /// Unwraps a key for `purpose` that was wrapped under `version`.
    pub fn unwrap(&self, purpose: &str, version: i32, wrapped: &[u8]) -> Result<DataKey, KeyError> {
        let (_, master) = self.0.iter().find(|(v, _)| *v == version).ok_or(KeyError::UnknownVersion(version))?;
        let bytes = master.open(purpose, wrapped)?;
        let bytes = bytes.try_into().map_err(|_| KeyError::DoesNotOpen { purpose: purpose.to_owned() })?;
        Ok(DataKey(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::ChaCha8Rng;
    use rand_core::SeedableRng;

    #[test]
    fn a_wrapped_key_opens_only_for_its_purpose_and_version() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let masters = MasterKeys::generate(&mut rng);
        let key = DataKey::generate(&mut rng);

        let (version, wrapped) = masters.wrap("organisation:a", &key, &mut rng).unwrap();

        assert_eq!(masters.unwrap("organisation:a", version, &wrapped).unwrap().0, key.0);
        assert!(matches!(masters.unwrap("organisation:b", version, &wrapped), Err(KeyError::DoesNotOpen { .. })));
        assert_eq!(masters.unwrap("organisation:a", 9, &wrapped).unwrap_err(), KeyError::UnknownVersion(9));
        assert!(MasterKeys::generate(&mut rng).unwrap("organisation:a", version, &wrapped).is_err());
    }

    #[test]
    fn an_older_version_still_unwraps_after_a_new_one_is_added() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let first = MasterKeys::generate(&mut rng);
        let key = DataKey::generate(&mut rng);
        let (version, wrapped) = first.wrap("p", &key, &mut rng).unwrap();

        let both = MasterKeys::parse(&format!("{}2:{}\n", first.to_text(), "ab".repeat(32))).unwrap();

        assert_eq!(both.unwrap("p", version, &wrapped).unwrap().0, key.0);
        assert_eq!([both.has_all_of(&first), first.has_all_of(&both)], [true, false]);
        assert_eq!(both.wrap("p", &key, &mut rng).unwrap().0, 2);
    }

    #[test]
    fn a_bad_key_file_is_refused_with_its_line() {
        assert_eq!(MasterKeys::parse("# nothing\n").unwrap_err(), KeyError::Empty);
        assert_eq!(MasterKeys::parse("# x\n1:abcd\n").unwrap_err(), KeyError::Malformed { line: 2 });
    }

    #[test]
    fn what_is_sealed_names_its_form_and_opens_for_no_other_purpose_key_or_form() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let (key, other) = (DataKey::generate(&mut rng), DataKey::generate(&mut rng));

        let sealed = key.seal("precheck:a", b"plain", &mut rng).unwrap();

        assert_eq!((sealed[0], sealed.len()), (1, 1 + 24 + 5 + 16));
        assert_eq!(key.open("precheck:a", &sealed).unwrap(), b"plain");
        for purpose in ["precheck:b", "precheck:", "", "precheck:a "] {
            assert!(key.open(purpose, &sealed).is_err(), "{purpose}");
        }
        assert!(other.open("precheck:a", &sealed).is_err());
        for form in (0..=u8::MAX).filter(|form| *form != 1) {
            assert!(key.open("precheck:a", &[&[form], &sealed[1..]].concat()).is_err(), "{form}");
        }
        // The old sealed form without a format byte: nonce of 96 bits, ciphertext and tag.
        assert!(key.open("precheck:a", &sealed[13..]).is_err());
        assert!(key.open("precheck:a", &[]).is_err());
    }

    #[test]
    fn the_same_text_is_sealed_under_another_derived_key_each_time() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let key = DataKey::generate(&mut rng);

        let salts: std::collections::BTreeSet<_> =
            (0..1_000).map(|_| key.seal("p", b"plain", &mut rng).unwrap()[1..13].to_vec()).collect();

        assert_eq!(salts.len(), 1_000);
    }

    proptest! {
        #[test]
        fn sealing_round_trips_and_any_altered_byte_is_noticed(plain: Vec<u8>, at: prop::sample::Index, seed: u64) {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let key = DataKey::generate(&mut rng);
            let mut sealed = key.seal("p", &plain, &mut rng).unwrap();
            prop_assert_eq!(&key.open("p", &sealed).unwrap(), &plain);
            let index = at.index(sealed.len());
            sealed[index] ^= 1;
            prop_assert!(key.open("p", &sealed).is_err());
        }
    }
}
