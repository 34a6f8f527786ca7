//! A registry with records in it, and keys to ask it: what the tests of reading routes begin with.

use rand_chacha::ChaCha20Rng;
use serde_json::Value;
use vasp_clock::Random;
use vasp_log::change::NewChange;
use vasp_record::register::{RegisterEntity, RegisterLicence, RegisterService, RegisterSnapshot, RowReport};
use vasp_registry::imports::{RegisterOptions, import_register};
use vasp_store::{StoreError, Transaction, WriteMode};
use vasp_words::name::NameKey;

use crate::support::{Answer, Database, NOW, Registry};

/// LEIs of real records, used here for invented ones.
pub(crate) const LEIS: [&str; 3] = ["5299005V5GBSN2A4C303", "529900HNOAA1KXQJUQ27", "529900T8BM49AURSDO55"];

/// A running registry to be filled, and a key that may read it.
pub(crate) struct Filled {
    pub registry: Registry,
    /// The `Authorization` header of a key with the scope `resolve`.
    pub key: String,
    rng: ChaCha20Rng,
}

impl Filled {
    pub(crate) fn start(database: Database) -> Self {
        Self::of(Registry::start(database))
    }

    /// A registry that lets callers without credentials read what is public.
    pub(crate) fn start_public(database: Database) -> Self {
        Self::of(Registry::start_with(database, |settings| settings.public_read = true))
    }

    fn of(registry: Registry) -> Self {
        let mut filled = Self { registry, key: String::new(), rng: Random::seeded(3).fork() };
        filled.key = filled.make_key("resolve");
        filled
    }

    /// Makes a key with one scope and returns the `Authorization` header to send.
    pub(crate) fn make_key(&self, scope: &str) -> String {
        self.registry.api_key(scope, None).1
    }

    /// Reads a snapshot of a register at an instant, and has the directory know of it. Returns the last sequence.
    pub(crate) fn read_at(&mut self, at: &str, day: &str, entities: Vec<RegisterEntity>) -> i64 {
        let rows = RowReport { read: u64::try_from(entities.len()).unwrap(), ..RowReport::default() };
        let (register, observed_on, source) = ("test-register".to_owned(), day.parse().unwrap(), format!("{day}.csv"));
        let snapshot =
            RegisterSnapshot { register, observed_on, extent: Default::default(), source, entities, held: vec![], rows };
        let options = RegisterOptions { mode: WriteMode::Keep, accept_shrink: true, not_before: None };
        let bytes = serde_json::to_vec(&snapshot).unwrap();
        let store = self.registry.registry.store();
        import_register(store, &snapshot, &bytes, options, at.parse().unwrap(), &mut self.rng).unwrap();
        self.registry.registry.directory().catch_up().unwrap()
    }

    /// Appends a change that writes no rows, and has the directory know of it.
    pub(crate) fn record(&mut self, change: NewChange) {
        let (registry, now) = (&self.registry.registry, NOW.parse().unwrap());
        let write = |transaction: &mut Transaction<'_>| {
            transaction.record(change, vec![]);
            Ok::<_, StoreError>(())
        };
        registry.store().write(now, &mut self.rng, write).unwrap();
        registry.directory().catch_up().unwrap();
    }

    /// Asks with the key.
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[])
    }

    /// Asks with the key and more headers.
    pub(crate) fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let headers: Vec<_> = headers.iter().copied().chain([("authorization", self.key.as_str())]).collect();
        self.registry.client.get_with(path, &headers)
    }

    /// Asks with the key and a body.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        let headers = [("content-type", "application/json"), ("authorization", self.key.as_str())];
        self.registry.client.send("POST", path, &headers, &body.to_string())
    }

    /// Returns the body of an answer that must be a success.
    #[track_caller]
    pub(crate) fn read(&self, path: &str) -> Value {
        let answer = self.get(path).with(200);
        answer.json()
    }

    /// Walks a list page by page and returns all its items.
    #[track_caller]
    pub(crate) fn walk(&self, path: &str, limit: usize) -> Vec<Value> {
        let (mut items, mut cursor) = (Vec::new(), String::new());
        let mark = if path.contains('?') { '&' } else { '?' };
        loop {
            let page = self.read(&format!("{path}{mark}limit={limit}{cursor}"));
            let found = page["items"].as_array().unwrap();
            assert!(found.len() <= limit);
            items.extend(found.iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return items,
            }
        }
    }
}

/// Asserts that a refusal names this place, and returns what it says there.
#[track_caller]
pub(crate) fn fault(answer: &Answer, code: &str, pointer: &str) -> String {
    let problem = answer.problem(422, code);
    assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    problem["errors"][0]["detail"].as_str().unwrap().to_owned()
}

/// An entity of an Austrian register with one licence for custody since 28 May 2025.
pub(crate) fn entity(lei: &str, name: &str) -> RegisterEntity {
    let custody =
        RegisterService { activity: "custody".parse().unwrap(), valid_from: Some("2025-05-28".parse().unwrap()), valid_to: None };
    RegisterEntity {
        lei: Some(lei.parse().unwrap()),
        authority: "AT-FMA".into(),
        name_key: NameKey::of(name).unwrap(),
        flags: [].into(),
        legal_name: name.into(),
        commercial_names: vec![],
        country: Some("AT".parse().unwrap()),
        registered_address: None,
        website: None,
        domains: [].into(),
        licences: vec![RegisterLicence {
            authority: "AT-FMA".into(),
            regime: "MiCA".into(),
            number: None,
            services: [custody].into(),
            territories: ["AT".parse().unwrap()].into(),
            valid_from: Some("2025-05-28".parse().unwrap()),
            valid_to: None,
            last_update: None,
            standing: vasp_record::licence::PublishedStanding::Granted,
        }],
        entry_number: None,
        lines: vec![2],
    }
}
