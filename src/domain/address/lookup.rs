//! Reading texts by the table of networks: on one network, on a family, or on every network a bare text may belong to.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::error::{Miss, Nearness};
use super::format::{Assurance, Canonical, Format, Reading, Role};
use super::{Account, AccountKey, AddressError, Candidates, FamilyAccount};
use crate::domain::caip::Caip2;
use crate::domain::network::{Family, FormatGroup, Network, NetworkNumber, NetworkTable};

/// Longest text that is looked at, in bytes. No address comes near it.
const TEXT_LENGTH_MAX: usize = 1023;

impl NetworkTable {
    /// Reads a text as an address of one network; other spellings (TRON's hex form) are accepted, since the network is
    /// named.
    ///
    /// # Errors
    /// `AddressError`: the nearest miss among the network's formats, or `WrongNetwork` where the text is an address of
    /// another one. A broken checksum is reported as such even where the text could be an unchecked address elsewhere.
    pub fn parse_on(&self, network: &Network, text: &str) -> Result<Account, AddressError> {
        check_characters(text)?;
        match read(&network.formats, text, &[Role::Receive, Role::Alternate]) {
            Ok((_, reading)) => Ok(account(network, &reading)),
            Err(miss) if matches!(miss.error, AddressError::NotReceivable { .. }) => Err(miss.error),
            Err(miss) => Err(self.elsewhere(network, text, miss)),
        }
    }

    /// Reads a text as an account of a family, by the rules of the family's first network in the table.
    ///
    /// # Errors
    /// `AddressError` as on that network.
    pub fn parse_on_family(&self, family: Family, text: &str) -> Result<FamilyAccount, AddressError> {
        let first = self.family_network(family).ok_or_else(|| AddressError::unsupported_network(family.as_str()))?;
        let account = self.parse_on(first, text)?;
        Ok(FamilyAccount { network: family.number(), canonical: account.canonical, key: account.key })
    }

    /// Returns everything that a bare text may name, most likely first: those whose optional checksum is there, then
    /// those without; among equals mainnets first, then in the table's order. Where a mandatory checksum holds, what
    /// accepts the text without one does so by chance and is no candidate.
    ///
    /// # Errors
    /// `AddressError` of the nearest miss where no network accepts the text.
    pub fn candidates(&self, text: &str) -> Result<Candidates, AddressError> {
        check_characters(text)?;
        let found = self.accepting(text);
        if !found.is_empty() {
            let elsewhere: BTreeSet<&Caip2> = found.iter().flat_map(|accepted| accepted.format.shared_with()).collect();
            let elsewhere = elsewhere.into_iter().cloned().collect();
            return Ok(Candidates { accounts: found.into_iter().map(|accepted| accepted.account).collect(), elsewhere });
        }
        let misses = self.groups.iter().filter_map(|group| read(&group.formats, text, &[Role::Receive]).err());
        Err(match nearest(misses) {
            Some(miss) if miss.nearness > Nearness::Foreign => miss.error,
            _ => AddressError::Unrecognised,
        })
    }

    /// Writes the canonical text of an account in the index; `None` for a number that is neither network nor family.
    #[must_use]
    pub fn canonical_text(&self, network: NetworkNumber, key: &AccountKey) -> Option<String> {
        let family = || Family::ALL.into_iter().find(|family| family.number() == network);
        let network = self.by_number(network).or_else(|| self.family_network(family()?))?;
        let case_checksum = network.formats.iter().find_map(|format| match format.canonical {
            Canonical::CaseChecksum(checksum) => Some(checksum),
            _ => None,
        });
        match case_checksum {
            Some(checksum) => Some(checksum.write(key.as_bytes())),
            None => String::from_utf8(key.as_bytes().to_vec()).ok(),
        }
    }

    fn family_network(&self, family: Family) -> Option<&Network> {
        self.iter().find(|network| network.family == Some(family))
    }

    /// Returns what the networks make of a text that accept it, in order of likelihood; see `candidates`.
    fn accepting(&self, text: &str) -> Vec<Accepted<'_>> {
        let mut found = Vec::new();
        for FormatGroup { formats, members } in &self.groups {
            if let Ok((format, reading)) = read(formats, text, &[Role::Receive]) {
                let assurance = reading.assurance;
                found.extend(members.iter().map(|(position, network)| {
                    let account = account(network, &reading);
                    (Reverse(assurance), network.testnet, *position, Accepted { assurance, format, account })
                }));
            }
        }
        found.sort_by_key(|(assurance, testnet, position, _)| (*assurance, *testnet, *position));
        let mut accepted: Vec<Accepted<'_>> = found.into_iter().map(|(.., accepted)| accepted).collect();
        if accepted.first().is_some_and(|first| first.assurance == Assurance::Mandatory) {
            accepted.retain(|one| one.assurance == Assurance::Mandatory);
        }
        accepted
    }

    /// Decides whether a text that one network refuses is worth calling another network's.
    fn elsewhere(&self, asked: &Network, text: &str, miss: Miss) -> AddressError {
        let found = self.accepting(text);
        let checked = found.first().is_some_and(|accepted| accepted.assurance == Assurance::Mandatory);
        let foreign = miss.error == AddressError::UnknownPrefix;
        if foreign || checked || (miss.nearness < Nearness::Checksum && !found.is_empty()) {
            let belongs_to: Vec<Caip2> = found.into_iter().map(|accepted| accepted.account.caip2).collect();
            return AddressError::WrongNetwork { asked: asked.name.clone(), belongs_to };
        }
        miss.error
    }
}

/// A text as one network reads it.
struct Accepted<'a> {
    assurance: Assurance,
    format: &'a Format,
    account: Account,
}

/// Checks what every format asks: not empty, ASCII, no control characters or blanks, not endless.
fn check_characters(text: &str) -> Result<(), AddressError> {
    if let Some(index) = text.chars().position(|c| !c.is_ascii_graphic()) {
        let allowed = "addresses have visible ASCII characters only";
        return Err(AddressError::InvalidCharacter { position: index + 1, allowed });
    }
    if text.is_empty() || text.len() > TEXT_LENGTH_MAX {
        let (found, expected) = (format!("{} characters", text.len()), format!("1 to {TEXT_LENGTH_MAX}"));
        return Err(AddressError::WrongLength { found, expected });
    }
    Ok(())
}

/// Reads a text by the formats of these roles; where none accepts it, gives the nearest miss.
fn read<'a>(formats: &'a [Format], text: &str, roles: &[Role]) -> Result<(&'a Format, Reading), Miss> {
    let mut misses = Vec::new();
    for format in formats.iter().filter(|format| roles.contains(&format.role)) {
        match format.read(text, formats) {
            Ok(reading) => return Ok((format, reading)),
            Err(miss) => misses.push(miss),
        }
    }
    let refused = formats.iter().filter(|format| format.role == Role::Refused);
    if let Some(format) = refused.into_iter().find(|format| format.read(text, formats).is_ok()) {
        return Err(Miss::new(Nearness::Verified, AddressError::NotReceivable { format: format.id.clone() }));
    }
    Err(nearest(misses).unwrap_or_else(|| Miss::new(Nearness::Foreign, AddressError::Unrecognised)))
}

/// Returns the nearest miss, the first among equals.
fn nearest(misses: impl IntoIterator<Item = Miss>) -> Option<Miss> {
    misses.into_iter().reduce(|best, miss| if miss.nearness > best.nearness { miss } else { best })
}

fn account(network: &Network, reading: &Reading) -> Account {
    Account {
        network: network.number,
        caip2: network.caip2.clone(),
        canonical: reading.canonical.clone(),
        key: reading.key.clone(),
        memo: None,
    }
}
