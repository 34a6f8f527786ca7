//! A small invented world to ask about: a register of a dozen firms, labels of three brands, a sanctions list; the rulebook,
//! the lists and the policy are those compiled in. Every file goes through the importer that real files go through.

use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_record::claim::Visibility;
use vasp_record::role::{OrganisationKind, Scope};
use vasp_registry::config::ServerSettings;
use vasp_registry::imported::ImportReport;
use vasp_registry::imports::ImportFormat;
use vasp_words::ids::{OrganisationId, VaspId};
use vasp_words::time::UtcTime;

use crate::support::full_view::laid_out;
use crate::support::{Answer, Database, Label, Registry, add_batch, machine};

/// Firms of the register; each has the LEI `lei(number)`.
pub(crate) const ALSTER: u32 = 1;
pub(crate) const LIFFEY: u32 = 2;
pub(crate) const VALLETTA: u32 = 3;
pub(crate) const GONE: u32 = 4;
pub(crate) const ENDED: u32 = 5;
pub(crate) const LATER: u32 = 6;
pub(crate) const ADVICE: u32 = 7;
pub(crate) const DUBAI: u32 = 8;
pub(crate) const SOFIA: u32 = 9;
pub(crate) const UNLICENSED: u32 = 10;
pub(crate) const NIGHTFALL: u32 = 11;
/// The VASP of the organisation that asks.
pub(crate) const OWN: u32 = 12;
pub(crate) const NAMELESS: u32 = 13;

/// Addresses on Ethereum, by what the labels say of them.
pub(crate) const LAGOON: &str = "0x1000000000000000000000000000000000001001";
pub(crate) const HARBOUR: &str = "0x1000000000000000000000000000000000001002";
pub(crate) const DISPUTED: &str = "0x1000000000000000000000000000000000001003";
pub(crate) const FAMILY: &str = "0x1000000000000000000000000000000000001004";
pub(crate) const DISAGREEING: &str = "0x1000000000000000000000000000000000001005";
pub(crate) const LISTED_AND_OWNED: &str = "0x1000000000000000000000000000000000001006";
/// On the sanctions list for another chain only.
pub(crate) const LISTED: &str = "0x1000000000000000000000000000000000001007";
/// Of which nobody knows anything; its letters are in the case of EIP-55.
pub(crate) const UNKNOWN: &str = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";

/// The newest look at the register, 12 days before the tests' moment, and the one before.
pub(crate) const NEWEST: &str = "2026-05-20";
pub(crate) const BEFORE: &str = "2026-05-10";
/// Day of the sanctions list, four days before the tests' moment.
pub(crate) const SCREENED: &str = "2026-05-28";

pub(crate) struct World {
    pub registry: Registry,
    /// A key of the organisation whose VASP is `OWN`, with both scopes.
    pub key: String,
    /// The same organisation.
    pub organisation: OrganisationId,
}

/// Makes a well-formed LEI. Source: ISO 17442, check digits of ISO/IEC 7064 MOD 97-10.
pub(crate) fn lei(number: u32) -> String {
    let body = format!("5299TEST{number:010}");
    let value = |c: char| c.to_digit(36).unwrap();
    let remainder = |text: &str| {
        let digits: String = text.chars().map(|c| value(c).to_string()).collect();
        digits.bytes().fold(0, |rest, digit| (rest * 10 + u32::from(digit - b'0')) % 97)
    };
    format!("{body}{:02}", 98 - remainder(&format!("{body}00")))
}

fn licence(authority: &str, services: &[&str], from: &str, to: Option<&str>) -> Value {
    let services: Vec<Value> =
        services.iter().map(|activity| json!({"activity": activity, "valid_from": from, "valid_to": to})).collect();
    json!({"authority": authority, "regime": "MiCA", "number": null, "services": services,
           "territories": [authority.split_once('-').unwrap().0, "AT"], "valid_from": from, "valid_to": to, "last_update": null})
}

fn firm(number: u32, name: &str, country: &str, authority: &str, licences: &[Value]) -> Value {
    json!({"lei": lei(number), "authority": authority, "name_key": name, "flags": [], "legal_name": name,
           "commercial_names": [], "country": country, "registered_address": null, "website": null, "domains": [],
           "licences": licences, "lines": [number + 1]})
}

/// The firms, of which `left_out` vanish.
pub(crate) fn register(observed_on: &str, left_out: &[u32]) -> Value {
    let custody = |authority: &str| [licence(authority, &["custody", "transfer"], "2025-07-01", None)];
    let mut nameless = firm(NAMELESS, "Without Number GmbH", "DE", "DE-BAFIN", &custody("DE-BAFIN"));
    nameless["lei"] = Value::Null;
    let firms = [
        (ALSTER, firm(ALSTER, "Alster Krypto AG", "DE", "DE-BAFIN", &custody("DE-BAFIN"))),
        (LIFFEY, firm(LIFFEY, "Liffey Custody Limited", "IE", "IE-CBI", &custody("IE-CBI"))),
        (VALLETTA, firm(VALLETTA, "Valletta Exchange Ltd", "MT", "MT-MFSA", &custody("MT-MFSA"))),
        (GONE, firm(GONE, "Gone Wallets UAB", "LT", "LT-LB", &custody("LT-LB"))),
        (ENDED, firm(ENDED, "Ended SAS", "FR", "FR-AMF", &[licence("FR-AMF", &["custody"], "2025-07-01", Some("2026-05-31"))])),
        (LATER, firm(LATER, "Later B.V.", "NL", "NL-AFM", &[licence("NL-AFM", &["transfer"], "2026-07-01", None)])),
        (ADVICE, firm(ADVICE, "Advice Only S.A.", "LU", "LU-CSSF", &[licence("LU-CSSF", &["advice"], "2025-07-01", None)])),
        (DUBAI, firm(DUBAI, "Dubai Desk LLC", "AE", "IE-CBI", &custody("IE-CBI"))),
        (SOFIA, firm(SOFIA, "Sofia Coins AD", "BG", "BG-FSC", &custody("BG-FSC"))),
        (UNLICENSED, firm(UNLICENSED, "Unlicensed GmbH", "PT", "DE-BAFIN", &[])),
        (NIGHTFALL, firm(NIGHTFALL, "Nightfall Exchange OÜ", "EE", "EE-EFSA", &custody("EE-EFSA"))),
        (OWN, firm(OWN, "Own Bank AG", "DE", "DE-BAFIN", &custody("DE-BAFIN"))),
        (NAMELESS, nameless),
    ];
    let shown: Vec<Value> = firms.into_iter().filter(|(number, _)| !left_out.contains(number)).map(|(_, firm)| firm).collect();
    json!({"register": "esma-casps", "observed_on": observed_on, "source": format!("CASPS_{observed_on}.csv"),
           "entities": shown})
}

fn labels() -> String {
    let row =
        |network: &str, address: &str, key: &str| format!("{network},{address},{key},{key},,exchange,labels@0:{key}.csv,\n");
    let rows = [
        row("eip155:1", LAGOON, "lagoon"),
        row("eip155:1", HARBOUR, "harbour"),
        row("eip155:1", DISPUTED, "lagoon"),
        row("eip155:1", DISPUTED, "rival"),
        row("eip155:*", FAMILY, "lagoon"),
        row("eip155:1", DISAGREEING, "lagoon"),
        row("eip155:*", DISAGREEING, "rival"),
        row("eip155:1", LISTED_AND_OWNED, "lagoon"),
    ];
    format!("network,address,entity,entity_name,label,category,source,added_date\n{}", rows.concat())
}

fn links() -> String {
    let row = |key: &str, number| format!("{key},{},read by hand,2026-05-20\n", lei(number));
    format!("group_key,lei,source,as_of\n{}{}{}", row("lagoon", LIFFEY), row("lagoon", VALLETTA), row("harbour", ALSTER))
}

/// The list that binds whoever asks from Germany.
pub(crate) const BINDING_LIST: &str = "EU-SANCTIONS";

fn sanctions(as_of: &str) -> Value {
    let address = |text: &str| json!({"currency": "ETH", "text": text});
    json!({"id": BINDING_LIST, "as_of": as_of, "source": "invented", "entries": [
        {"uid": "1", "name": "SOMEBODY LISTED", "aliases": ["NIGHTFALL EXCHANGE"], "programs": ["CYBER2"],
         "addresses": [address(LISTED), address(LISTED_AND_OWNED)]}]})
}

/// Every field that a rule of the seed may ask for.
pub(crate) fn all_fields() -> Vec<String> {
    let rulebook: Value = serde_json::from_str(include_str!("../../../seed/rulebook.json")).unwrap();
    rulebook["field_codes"].as_object().unwrap().keys().cloned().collect()
}

impl World {
    /// Fills a fresh registry and starts it.
    pub(crate) fn start(database: Database) -> Self {
        Self::start_with(database, |_| ())
    }

    pub(crate) fn start_with(database: Database, change: impl FnOnce(&mut ServerSettings)) -> Self {
        let world = Self::start_empty(database, |settings| {
            settings.body_limit_bytes = std::num::NonZeroU32::new(2 << 20).unwrap();
            change(settings);
        });
        world.import_register(BEFORE, &[]);
        world.import_register(NEWEST, &[GONE]);
        world.import(ImportFormat::ClaimsCsv, "labels.csv", &labels());
        world.import(ImportFormat::GroupLinks, "links.csv", &links());
        world.import_sanctions(SCREENED);
        world.import_lists(SCREENED, SCREENED);
        let own = world.vasp_id(OWN).parse().unwrap();
        let (organisation, key) = world.organisation("Own Bank", Some(own), &["resolve", "precheck"]);
        Self { key, organisation, ..world }
    }

    /// Starts a registry that holds nothing but what is compiled in, and an organisation without a VASP.
    pub(crate) fn start_empty(database: Database, change: impl FnOnce(&mut ServerSettings)) -> Self {
        let registry = Registry::start_with(database, change);
        let organisation = "org_00000000000000000000000000".parse().unwrap();
        let world = Self { registry, key: String::new(), organisation };
        let (organisation, key) = world.organisation("Placeless", None, &["resolve", "precheck"]);
        Self { key, organisation, ..world }
    }

    pub(crate) fn now(&self) -> UtcTime {
        self.registry.clock.now()
    }

    pub(crate) fn set_clock(&self, now: &str) {
        self.registry.clock.set(now.parse().unwrap());
    }

    /// Imports a text, and has the directory see it.
    pub(crate) fn import(&self, format: ImportFormat, file: &str, text: &str) -> ImportReport {
        let report = self.registry.import_shrunk(format, file, text.to_owned().into_bytes());
        assert!(report.rejected.is_empty(), "{report:?}");
        report
    }

    pub(crate) fn import_register(&self, observed_on: &str, left_out: &[u32]) {
        self.import(ImportFormat::RegisterJson, "register.json", &register(observed_on, left_out).to_string());
    }

    pub(crate) fn import_sanctions(&self, as_of: &str) {
        self.import(ImportFormat::SanctionsJson, "sanctions.json", &sanctions(as_of).to_string());
        for id in ["US-OFAC-SDN", "UN-SANCTIONS", "EU-TRANSACTION-BANS"] {
            self.import_list(id, as_of);
        }
    }

    /// Imports a whole screening list on which nobody of this world is.
    pub(crate) fn import_list(&self, id: &str, as_of: &str) {
        let list = json!({"id": id, "as_of": as_of, "source": "invented", "entries": [
            {"uid": "2", "name": "QWERTZ UIOPASDF", "aliases": [], "programs": ["TEST"], "addresses": []}]});
        self.import(ImportFormat::SanctionsJson, "list.json", &list.to_string());
    }

    /// Imports the lists of FATF and the EU as if somebody had followed the EU's up to a day.
    pub(crate) fn import_lists(&self, made_on: &str, known_through: &str) {
        let text = include_str!("../../../seed/lists.json").replacen("2026-11-20", made_on, 1);
        let text = text.replacen(r#""EU-HRTC":"2026-01-29""#, &format!(r#""EU-HRTC":"{known_through}""#), 1);
        self.import(ImportFormat::Lists, "lists.json", &text);
    }

    /// Makes an organisation with one key.
    pub(crate) fn organisation(&self, name: &str, vasp: Option<VaspId>, scopes: &[&str]) -> (OrganisationId, String) {
        let organisation = self.registry.organisation_of(OrganisationKind::Gateway, name, vasp);
        (organisation, self.key_of(organisation, scopes))
    }

    /// Makes another key of an organisation.
    pub(crate) fn key_of(&self, organisation: OrganisationId, scopes: &[&str]) -> String {
        let (registry, mut rng) = (&self.registry.registry, self.registry.random.fork());
        let user = vasp_registry::organisations::create_user(registry, organisation, &machine(), self.now(), &mut rng).unwrap();
        let scopes: Vec<Scope> = scopes.iter().map(|scope| scope.parse().unwrap()).collect();
        vasp_registry::organisations::create_api_key(registry, user, &scopes, None, self.now(), &mut rng).unwrap().text
    }

    /// Posts with the world's own key.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_as(&self.key, path, body)
    }

    /// Posts with a key; with none where it is empty.
    pub(crate) fn post_as(&self, key: &str, path: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {key}");
        let mut headers = vec![("content-type", "application/json")];
        if !key.is_empty() {
            headers.push(("authorization", &bearer));
        }
        self.registry.client.send("POST", path, &headers, &body.to_string())
    }

    pub(crate) fn get_as(&self, key: &str, path: &str) -> Answer {
        self.registry.client.get_with(path, &[("authorization", &format!("Bearer {key}"))])
    }

    /// Asks for a pre-check from Germany.
    pub(crate) fn ask(&self, beneficiary: Value) -> Value {
        self.ask_with(beneficiary, json!({}))
    }

    pub(crate) fn ask_with(&self, beneficiary: Value, transfer: Value) -> Value {
        self.ask_from("DE", beneficiary, transfer)
    }

    #[track_caller]
    pub(crate) fn ask_from(&self, jurisdiction: &str, beneficiary: Value, transfer: Value) -> Value {
        self.ask_told(jurisdiction, beneficiary, transfer, &json!(all_fields()))
    }

    /// Asks without a word about the data that are there.
    #[track_caller]
    pub(crate) fn ask_untold(&self, jurisdiction: &str, beneficiary: Value, transfer: Value) -> Value {
        self.ask_told(jurisdiction, beneficiary, transfer, &Value::Null)
    }

    #[track_caller]
    fn ask_told(&self, jurisdiction: &str, beneficiary: Value, transfer: Value, fields: &Value) -> Value {
        let request = json!({"direction": "outgoing", "originator": {"jurisdiction": jurisdiction},
                             "beneficiary": beneficiary, "transfer": transfer, "provided_fields": fields});
        self.post("/v1/prechecks", &request).answered(200)
    }

    /// A recorded pre-check: its verdict and its evidence as they read back, laid out as an answer.
    #[track_caller]
    pub(crate) fn kept(&self, id: &Value) -> Value {
        let path = format!("/v1/prechecks/{}", id.as_str().unwrap());
        let mut verdict = self.get_as(&self.key, &path).answered(200);
        verdict["evidence"] = self.get_as(&self.key, &format!("{path}/evidence")).answered(200);
        laid_out(verdict)
    }

    /// Gives a firm itself, not its brand, an address of Ethereum by third-party data.
    pub(crate) fn claim(&self, number: u32, address: &str) {
        let owner = self.registry.number_of(self.vasp_id(number).parse().unwrap());
        let account_key = hex::decode(address.trim_start_matches("0x")).unwrap();
        // The number of Ethereum in the seed's table of networks.
        let label = Label { network: 104, account_key, owner, expires_at: None };
        self.registry.write(|transaction| add_batch(transaction, &[label], Visibility::Public));
    }

    /// The id of a firm.
    pub(crate) fn vasp_id(&self, number: u32) -> String {
        self.get_as(&self.key, &format!("/v1/vasps/{}", lei(number))).json()["id"].as_str().unwrap().to_owned()
    }

    /// The id of a brand.
    pub(crate) fn group_id(&self, name: &str) -> String {
        let found = self.get_as(&self.key, &format!("/v1/vasps?kind=group&q={name}")).json();
        found["items"][0]["id"].as_str().unwrap().to_owned()
    }
}
