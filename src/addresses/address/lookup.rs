//! Reads texts with the table of networks: on one network, on a family, or on all networks if none is named.

use std::cmp::Reverse;
use std::sync::Arc;

use super::error::AddressError;
use super::explain::{Miss, Nearness};
use super::fault::Fault;
use super::format::{Assurance, Canonical, Format, Reading, Role};
use super::given::Given;
use super::{Account, AccountKey, Candidates, Controller, Controllers, FamilyAccount, other_form, transaction_id, unwritable};
use crate::class::ClassNumber;
use crate::network::{Family, FormatGroup, Network, NetworkNumber, NetworkTable};

/// The maximum length of a text, in bytes; every address is much shorter.
const TEXT_LENGTH_MAX: usize = 1023;

/// The sort key of candidates: strongest checksum first, then mainnets, then the order of the table.
type Likelihood = (Reverse<Assurance>, bool, usize);

impl NetworkTable {
    /// Reads a text as an address of the network that a CAIP-2 id or another name means, such as `eip155:1` or `ETH`. Combines `read_name`
    /// and `parse_on`.
    ///
    /// # Errors
    /// `AddressError` as `read_name` and `parse_on`.
    pub fn parse(&self, network: &str, text: &str) -> Result<Account, AddressError> {
        self.parse_on(self.read_name(network, Some(text))?, text)
    }

    /// Reads a text as an address of one network. Other spellings (such as TRON's hex form) are accepted too, because the network is named.
    /// If the address contains a memo, it becomes the memo of the account.
    ///
    /// # Errors
    /// `AddressError` of the closest format of the network, or `WrongNetwork` if the text is an address of another one. A wrong checksum is
    /// reported even if the text could be an address without a checksum on another network.
    pub fn parse_on(&self, network: &Network, text: &str) -> Result<Account, AddressError> {
        self.read_on(network, text).map_err(|refusal| self.explained(text, refusal))
    }

    fn read_on(&self, network: &Network, text: &str) -> Result<Account, AddressError> {
        check_characters(text)?;
        let given = Given::new(text);
        let roles = [Role::Receive, Role::Alternate];
        if let Some((format, reading)) = accept(&network.formats, &given, |format| roles.contains(&format.role)) {
            if format.accepts_by_chance() && self.is_checked(&given) {
                return Err(wrong_network(network, self.accepting(&given)));
            }
            return Ok(account(network, format, reading));
        }
        if let Some(error) = refusal(&network.formats, &given) {
            return Err(error);
        }
        let mut miss = nearest(misses(&network.formats, &given, &roles));
        if miss.nearness == Nearness::Foreign
            && let Some(error) = network.formats.iter().find_map(|format| format.explain_name(&given))
        {
            miss.error = error;
        }
        Err(match self.elsewhere(network, &given, &miss.error, miss.nearness) {
            Some(error) => error,
            None => miss.error,
        })
    }

    /// Reads a text as an account of a family, with the rules of the family's first network in the table.
    ///
    /// # Errors
    /// `AddressError` as on that network.
    pub fn parse_on_family(&self, family: Family, text: &str) -> Result<FamilyAccount, AddressError> {
        let Account { network, canonical, key, controllers, .. } = self.family_account(family, text)?;
        Ok(FamilyAccount { network, canonical, key, controllers })
    }

    /// Reads the same as `parse_on_family`. The account has the number of the family, and the CAIP-2 id of its first network, by which a
    /// wallet can sign for it.
    ///
    /// # Errors
    /// `AddressError` as on that network.
    pub fn family_account(&self, family: Family, text: &str) -> Result<Account, AddressError> {
        let first = self.network_or_first(family.number());
        let first = first.ok_or_else(|| AddressError::unsupported_network(self, family.as_str()))?;
        let mut account = self.parse_on(first, text)?;
        account.controllers = account.controllers.moved(first.ledger(), family.number());
        account.network = family.number();
        Ok(account)
    }

    /// Reads a text as an account of the network, or of the family, with this number in the index. `None` if it is none.
    #[must_use]
    pub fn parse_numbered(&self, number: NetworkNumber, text: &str) -> Option<Account> {
        match Family::with_number(number) {
            Some(family) => self.family_account(family, text).ok(),
            None => self.parse_on(self.by_number(number)?, text).ok(),
        }
    }

    /// Returns all accounts that a text without a named network may mean, most likely first. Addresses with a valid optional checksum come
    /// first, then those without a checksum. Among equals, mainnets come first, then the order of the table decides. If a mandatory
    /// checksum matches, formats without a checksum accept the text only by chance, so they are left out. Account names that any word could
    /// be are read only if the network is named.
    ///
    /// # Errors
    /// `AddressError` of the closest format if no network accepts the text.
    pub fn candidates(&self, text: &str) -> Result<Candidates, AddressError> {
        self.readings(text).map_err(|refusal| self.explained(text, refusal))
    }

    /// Replaces a refusal if the text is certainly something else than an address.
    fn explained(&self, text: &str, refusal: AddressError) -> AddressError {
        other_form::recognised(self, text).unwrap_or_else(|| transaction_id::explained(text, refusal))
    }

    /// Returns the networks that can read a text; if none can, those with the format that it resembles most.
    pub(crate) fn closest<'a>(&self, networks: impl Iterator<Item = &'a Network>, text: &str) -> Vec<&'a Network> {
        let roles = [Role::Receive, Role::Alternate];
        let rated: Vec<_> = networks
            .map(|network| {
                let misses = || nearest(misses(&network.formats, &Given::new(text), &roles)).nearness;
                match self.read_on(network, text) {
                    Ok(_) => (None, network),
                    Err(_) => (Some(Reverse(check_characters(text).map_or(Nearness::Foreign, |()| misses()))), network),
                }
            })
            .collect();
        let best = rated.iter().map(|(miss, _)| *miss).min();
        rated.into_iter().filter(|(miss, _)| Some(*miss) == best).map(|(_, network)| network).collect()
    }

    /// Tells whether a text is an address of some network.
    pub(crate) fn accepts(&self, text: &str) -> bool {
        check_characters(text).is_ok() && !self.accepting(&Given::new(text)).is_empty()
    }

    fn readings(&self, text: &str) -> Result<Candidates, AddressError> {
        check_characters(text)?;
        let given = Given::new(text);
        let accounts = self.accepting(&given);
        if !accounts.is_empty() {
            return Ok(Candidates { accounts });
        }
        if let Some(error) = self.groups.iter().find_map(|group| refusal(&group.formats, &given)) {
            return Err(error);
        }
        let miss = nearest(self.groups.iter().flat_map(|group| misses(&group.formats, &given, &[Role::Receive])));
        match miss.nearness {
            Nearness::Foreign => Err(self.undetected(&given)),
            _ => Err(miss.error),
        }
    }

    /// Searches for the one wrong character that causes a checksum error, on one network or on all; returns its position, counted from 1.
    /// The correct character is not returned: it would make an address that nobody has written. Every character of base 58 is tried, which
    /// takes far longer than reading an address. So it is a separate function (`docs/addresses.md`).
    #[must_use]
    pub fn wrong_character(&self, network: Option<&Network>, text: &str) -> Option<usize> {
        /// Base58Check in two alphabets, and one other checksum.
        const LOOKED_AT: usize = 3;
        check_characters(text).ok()?;
        let given = Given::new(text);
        let nearest = match network {
            Some(network) => nearest(misses(&network.formats, &given, &[Role::Receive, Role::Alternate])),
            None => nearest(self.groups.iter().flat_map(|group| misses(&group.formats, &given, &[Role::Receive]))),
        };
        let mut distinct: Vec<&Format> = Vec::new();
        for format in nearest.formats {
            if !distinct.iter().any(|other| other.is_searched_like(format)) {
                distinct.push(format);
            }
        }
        distinct.iter().take(LOOKED_AT).find_map(|format| format.wrong_character(text))
    }

    /// Returns the canonical text of an account in the index; `None` if the number is neither a network nor a family.
    #[must_use]
    pub fn canonical_text(&self, network: NetworkNumber, key: &AccountKey) -> Option<String> {
        let network = self.network_or_first(network)?;
        let written = network.formats.iter().find_map(|format| match format.canonical {
            Canonical::CaseChecksum { checksum, bytes_are_key: true } => Some(format!("0x{}", checksum.write(key.as_bytes()))),
            _ => None,
        });
        written.or_else(|| String::from_utf8(key.as_bytes().to_vec()).ok())
    }

    /// Returns an account in the index; `None` if the number is no network's and no family's, or the key is no account's of it.
    #[must_use]
    pub fn account_of(&self, network: NetworkNumber, key: &AccountKey) -> Option<Account> {
        self.parse_numbered(network, &self.canonical_text(network, key)?)
    }

    /// Returns the controllers of an account of a network, or of a family, in the index; `None` if there is no such account.
    #[must_use]
    pub fn controllers_of(&self, network: NetworkNumber, key: &AccountKey) -> Option<Controllers> {
        Some(self.account_of(network, key)?.controllers)
    }

    /// Returns the controllers of an account in the index besides the one under which its claim is stored. Few accounts have any, so this is
    /// quick for those that cannot.
    #[must_use]
    pub fn other_controllers(&self, network: NetworkNumber, key: &[u8], stored: (ClassNumber, &[u8])) -> Vec<Controller> {
        let form = self.form_of(network, stored);
        let account = self.with_several.contains(&network).then(|| self.account_of(network, &AccountKey::new(key))).flatten();
        let is_other = |one: &&Controller| (one.class, one.bytes.as_bytes()) != stored;
        account.map_or(form.into_iter().collect(), |account| account.controllers.iter().filter(is_other).cloned().collect())
    }

    /// Returns the form that follows from a controller on a network; `None` if none does, or the network has no SegWit format.
    #[must_use]
    pub fn form_of(&self, network: NetworkNumber, (class, bytes): (ClassNumber, &[u8])) -> Option<Controller> {
        self.by_number(network)?.forms()?.of(class, bytes)
    }

    /// Returns the accounts that `candidates` leaves out because people name the network of such a text; sanctions lists do not. They are
    /// other spellings, such as TRON's hex form, and IOST's public keys. Names that any word could be are not among them.
    #[must_use]
    pub fn alternates(&self, text: &str) -> Vec<Account> {
        let given = Given::new(text);
        let read = |group: &FormatGroup| {
            let is_key = |format: &Format| format.receives() && !format.is_ever_detected() && !format.has_names();
            let is_meant = |format: &Format| format.role == Role::Alternate || is_key(format);
            let (format, reading) = accept(&group.formats, &given, is_meant)?;
            group.members.first().map(|(_, network)| account(network, format, reading))
        };
        self.groups.iter().filter(|_| check_characters(text).is_ok()).filter_map(read).collect()
    }

    /// Returns the accounts of a text on all networks that accept it, most likely first; see `candidates`.
    fn accepting(&self, given: &Given<'_>) -> Vec<Account> {
        let mut found: Vec<(Likelihood, Account)> = Vec::new();
        for FormatGroup { formats, members } in &self.groups {
            let detected = |format: &Format| format.receives() && format.is_detected(given.text());
            let Some((format, reading)) = accept(formats, given, detected) else { continue };
            found.extend(members.iter().map(|(position, network)| {
                ((Reverse(reading.assurance), network.testnet, *position), account(network, format, reading.clone()))
            }));
        }
        found.sort_by_key(|(rank, _)| *rank);
        let mut accounts: Vec<Account> = found.into_iter().map(|(_, account)| account).collect();
        if accounts.first().is_some_and(|first| first.assurance == Assurance::None) && self.is_mistyped(given) {
            return Vec::new();
        }
        if accounts.first().is_some_and(|first| first.assurance == Assurance::Mandatory) {
            accounts.retain(|one| one.assurance == Assurance::Mandatory);
        }
        accounts
    }

    /// Decides whether to report a text that one network refuses as another network's address.
    fn elsewhere(&self, asked: &Network, given: &Given<'_>, error: &AddressError, nearness: Nearness) -> Option<AddressError> {
        let found = self.accepting(given);
        let checked = found.first().is_some_and(|account| account.assurance == Assurance::Mandatory);
        if checked || (nearness < Nearness::Checksum && !found.is_empty()) {
            return Some(wrong_network(asked, found));
        }
        let refused = || self.groups.iter().find_map(|group| refusal(&group.formats, given));
        let unknown = || wrong_network(asked, Vec::new());
        refused().or_else(|| (*error == AddressError::UnknownPrefix).then(unknown))
    }

    /// Tells whether a text has a valid checksum on some network. If so, other networks without a checksum accept it only by chance: one in
    /// twelve 43-character bech32 addresses is a valid account of Solana.
    fn is_checked(&self, given: &Given<'_>) -> bool {
        let holds =
            |group: &FormatGroup| accept(&group.formats, given, |format| format.receives() && format.is_checked()).is_some();
        self.groups.iter().any(holds)
    }

    /// Tells whether a text has the prefix and length of a format and only its checksum is wrong. Such a text is a mistyped address of that
    /// format. It is not an account of a network that accepts it by chance.
    fn is_mistyped(&self, given: &Given<'_>) -> bool {
        let fails = |group: &FormatGroup, format: &Format| {
            format.is_prefixed()
                && format.may_be(given.text())
                && format.read(given, &group.formats).err() == Some(Fault::Checksum)
        };
        self.groups.iter().any(|group| group.formats.iter().any(|format| format.receives() && fails(group, format)))
    }

    /// Makes the error for a text that is like no address. It may be an account name that is read only if the network is named.
    fn undetected(&self, given: &Given<'_>) -> AddressError {
        let named = self.groups.iter().filter(|group| accept(&group.formats, given, Format::receives).is_some());
        let networks: Vec<&str> = named.flat_map(|group| &group.members).map(|(_, network)| network.name.as_str()).collect();
        if networks.is_empty() {
            AddressError::Unrecognised
        } else {
            AddressError::NetworkNeeded { networks: networks.join(", ") }
        }
    }
}

/// Checks the requirements of all formats: not empty, not too long, visible ASCII. Spaces are allowed, because some formats have them
/// between groups.
fn check_characters(text: &str) -> Result<(), AddressError> {
    if let Some((index, c)) = text.chars().enumerate().find(|(_, c)| !c.is_ascii_graphic() && *c != ' ') {
        return Err(AddressError::Unwritable { position: index + 1, found: unwritable::describe(c) });
    }
    if text.is_empty() || text.len() > TEXT_LENGTH_MAX {
        let (found, expected) = (format!("{} characters", text.len()), format!("1 to {TEXT_LENGTH_MAX}"));
        return Err(AddressError::WrongLength { found, expected });
    }
    Ok(())
}

/// Reads a text with the formats that `asked` selects.
fn accept<'a>(formats: &'a [Format], given: &Given<'_>, asked: impl Fn(&Format) -> bool) -> Option<(&'a Format, Reading)> {
    let by_chance = |format: &Format| format.accepts_by_chance() && given.is_of_another_kind();
    let likely = formats.iter().filter(|format| asked(format) && format.may_be(given.text()) && !by_chance(format));
    likely.into_iter().find_map(|format| Some((format, format.read(given, formats).ok()?)))
}

/// Explains the refusal of a text in a known form that cannot receive a payment. The prefix of a test network is enough.
fn refusal(formats: &[Format], given: &Given<'_>) -> Option<AddressError> {
    let mistyped = |format: &&Format| {
        let named = format.test_network.is_some() && format.is_prefixed() && format.coding.is_checked();
        named && format.may_be(given.text()) && format.read(given, formats).err() == Some(Fault::Checksum)
    };
    let accepted = accept(formats, given, Format::is_refused).map(|(format, _)| format);
    accepted.or_else(|| formats.iter().find(mistyped)).map(|format| match &format.test_network {
        Some(network) => AddressError::TestNetwork { network: network.clone() },
        None => AddressError::NotReceivable { format: format.id.to_string() },
    })
}

/// Explains why the formats of these roles do not accept a text.
fn misses<'a>(formats: &'a [Format], given: &Given<'_>, roles: &[Role]) -> Vec<(&'a Format, Miss)> {
    let asked = formats.iter().filter(|format| roles.contains(&format.role));
    let explain = |format: &'a Format| Some((format, format.explain(given.text(), format.read(given, formats).err()?)));
    let mut misses: Vec<_> = asked.filter_map(explain).collect();
    if let Some(index) = given.text().find(' ') {
        // Spaces occur only in formats that separate groups by spaces.
        for (_, miss) in misses.iter_mut().filter(|(format, _)| !format.ignored.contains(' ')) {
            let error = AddressError::Unwritable { position: index + 1, found: unwritable::describe(' ') };
            *miss = Miss::new(miss.nearness.max(Nearness::Shape), error);
        }
    }
    misses
}

/// The closest miss, and the formats with this result.
struct Nearest<'a> {
    nearness: Nearness,
    error: AddressError,
    formats: Vec<&'a Format>,
}

/// Returns the closest of some misses, the first among equals.
fn nearest<'a>(misses: impl IntoIterator<Item = (&'a Format, Miss)>) -> Nearest<'a> {
    let mut nearest = Nearest { nearness: Nearness::Foreign, error: AddressError::Unrecognised, formats: Vec::new() };
    for (format, miss) in misses {
        if miss.nearness > nearest.nearness || nearest.formats.is_empty() {
            nearest = Nearest { nearness: miss.nearness, error: miss.error, formats: vec![format] };
        } else if miss.nearness == nearest.nearness {
            nearest.formats.push(format);
        }
    }
    nearest
}

fn account(network: &Network, format: &Format, reading: Reading) -> Account {
    Account {
        network: network.number,
        caip2: network.caip2.clone(),
        canonical: reading.canonical,
        key: reading.key,
        controllers: Controllers::on(network, &reading.controllers),
        memo: reading.memo,
        format: Arc::clone(&format.id),
        assurance: reading.assurance,
    }
}

/// An id of the same ledger comes alone: the account is there, under that id.
fn wrong_network(asked: &Network, found: Vec<Account>) -> AddressError {
    let ids = found.into_iter().map(|account| account.caip2);
    let (same, others): (Vec<_>, Vec<_>) = ids.partition(|id| asked.other_ids().contains(id));
    AddressError::WrongNetwork { asked: asked.name.clone(), belongs_to: if same.is_empty() { others } else { same } }
}
