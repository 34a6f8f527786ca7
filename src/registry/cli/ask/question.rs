//! The question of `ask`: what a person typed, read into a request of the API. The registry says what the subject is; a name is looked up
//! among the firms.

use serde_json::{Map, Value, json};

use super::firms::{exact, no_such, wrong_lei};
use super::office::{Office, Refused};
use super::read::Reading;
use vasp_addresses::subject::SubjectKind;
use vasp_record::vasp_name::VaspName;
use vasp_words::lei::{Lei, LeiError};

/// What is asked, by whom, about which transfer.
#[derive(Debug, clap::Args)]
pub(super) struct Question {
    /// Address, payment text, Travel Address, domain, LEI, VASP id, or the name of a firm
    #[arg(value_name = "WHAT")]
    subject: String,
    /// Your jurisdiction, whose law binds you, such as DE [default: that of the VASP of the API key]
    #[arg(long, value_name = "ID")]
    pub(super) from: Option<String>,
    /// Country of the other customer
    #[arg(long, value_name = "COUNTRY", env = "VASP_REGISTRY_CUSTOMER_COUNTRY")]
    customer_country: Option<String>,
    /// Network of the address, CAIP-2 id or another name
    #[arg(long, env = "VASP_REGISTRY_NETWORK")]
    network: Option<String>,
    /// Memo of the transfer
    #[arg(long, env = "VASP_REGISTRY_MEMO")]
    memo: Option<String>,
    /// How to read WHAT, if several readings fit: vasp, lei, caip10, travel_address, lnurl, url, address, domain, certificate_sha256,
    /// common_name, identifier:SCHEME
    #[arg(long)]
    kind: Option<SubjectKind>,
    /// Amount of the asset
    #[arg(long, env = "VASP_REGISTRY_AMOUNT")]
    amount: Option<String>,
    /// The asset: its ticker, such as USDT, or its CAIP-19 id
    #[arg(long, env = "VASP_REGISTRY_ASSET")]
    asset: Option<String>,
    /// Value of the transfer, such as "1500 EUR"
    #[arg(long, value_name = "AMOUNT CURRENCY", env = "VASP_REGISTRY_FIAT")]
    fiat: Option<String>,
    /// VASP that hosts the address, as the customer declares it
    #[arg(long, value_name = "ID|LEI", env = "VASP_REGISTRY_DECLARED_VASP", conflicts_with = "self_hosted")]
    declared_vasp: Option<String>,
    /// The customer declares the address self-hosted
    #[arg(long, env = "VASP_REGISTRY_SELF_HOSTED")]
    self_hosted: bool,
    /// The customer declares the address a wallet of its own
    #[arg(long, env = "VASP_REGISTRY_OWN_WALLET", conflicts_with = "declared_vasp")]
    own_wallet: bool,
    /// Whether the transfer uses a correspondent relationship
    #[arg(long, value_name = "true|false", env = "VASP_REGISTRY_CORRESPONDENT")]
    correspondent: Option<bool>,
    /// The customers' data that you have, such as originator.name,beneficiary.name; an answer names what is missing [default: nothing is said]
    #[arg(long, value_name = "FIELD,…", env = "VASP_REGISTRY_PROVIDED_FIELDS", value_delimiter = ',')]
    provided_fields: Option<Vec<String>>,
    /// Day of the transfer [default: today]
    #[arg(long, env = "VASP_REGISTRY_DATE")]
    date: Option<String>,
}

/// What the question turned out to be.
pub(super) enum Found {
    /// A pre-check to ask for, and how the subject was read.
    Request(Value, Reading),
    /// No verdict is possible; who owns the subject.
    Owner(Value),
    /// A name that no firm or no single firm has, and the firms with names like it.
    Firms(Vec<Value>),
}

/// Members of an object that have a value.
fn object<'a>(members: impl IntoIterator<Item = (&'a str, Option<Value>)>) -> Value {
    Value::Object(members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect::<Map<_, _>>())
}

/// Says in one sentence why there is no answer. A member of the request has the name of its option.
pub(super) fn refused(refusal: Refused) -> String {
    let problem = match refusal {
        Refused::Failed(why) => return why,
        Refused::NotUnderstood(problem) => problem,
    };
    let errors = problem.get("errors").and_then(Value::as_array).into_iter().flatten();
    let sentences: Vec<String> = errors.map(|error| sentence(text(error, "pointer"), text(error, "detail"))).collect();
    match sentences.is_empty() {
        true => [text(&problem, "detail"), text(&problem, "title")]
            .into_iter()
            .find(|text| !text.is_empty())
            .unwrap_or_default()
            .to_owned(),
        false => sentences.join("; "),
    }
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_default()
}

fn sentence(pointer: &str, detail: &str) -> String {
    const OPTIONS: [(&str, &str); 10] = [
        ("/originator", "--from"),
        ("/network", "--network"),
        ("/memo", "--memo"),
        ("/customer_country", "--customer-country"),
        ("/declared", "--declared-vasp"),
        ("/fiat", "--fiat"),
        ("/amount", "--amount"),
        ("/asset", "--asset"),
        ("/date", "--date"),
        ("/provided_fields", "--provided-fields"),
    ];
    match OPTIONS.iter().find(|(member, _)| pointer.contains(member)) {
        Some((_, option)) => format!("{option}: {detail}"),
        None => detail.to_owned(),
    }
}

impl Question {
    /// What somebody typed, without the blanks around it.
    pub(super) fn subject(&self) -> &str {
        self.subject.trim()
    }

    /// Finds out what is asked about.
    pub(super) fn find(&self, office: &dyn Office) -> Result<Found, Box<dyn std::error::Error>> {
        let some = |text: &Option<String>| text.as_ref().map(|text| json!(text));
        let question = object([
            ("subject", Some(json!(self.subject()))),
            ("kind", self.kind.as_ref().map(|kind| json!(kind.to_string()))),
            ("network", some(&self.network)),
            ("memo", some(&self.memo)),
        ]);
        let answer = match office.resolve(&question) {
            Ok(answer) => answer,
            Err(Refused::NotUnderstood(problem)) if self.kind.is_none() && self.network.is_none() => {
                return self.by_name(office, problem);
            }
            Err(refusal) => return Err(refused(refusal).into()),
        };
        let Some(beneficiary) = self.beneficiary(&answer) else { return Ok(Found::Owner(answer)) };
        match self.from.is_none() && office.needs_jurisdiction() {
            true => Ok(Found::Owner(answer)),
            false => Ok(Found::Request(self.request(beneficiary)?, Reading::of(&answer))),
        }
    }

    /// Looks a name up. Only a firm with exactly this name is an answer.
    fn by_name(&self, office: &dyn Office, problem: Value) -> Result<Found, Box<dyn std::error::Error>> {
        let why = refused(Refused::NotUnderstood(problem));
        let firms = office.firms(self.subject()).map_err(|_| why.clone())?;
        if self.subject().parse::<Lei>() == Err(LeiError::ChecksumMismatch) {
            return Err(wrong_lei(self.subject(), &firms).into());
        }
        match exact(&firms) {
            Some(firm) => self.of_firm(office, text(firm, "id")),
            None if firms.is_empty() => Err(no_such(self.subject(), &why).into()),
            None => Ok(Found::Firms(firms)),
        }
    }

    /// Returns who receives, by what the registry read; `None` if it is neither an account nor one firm.
    fn beneficiary(&self, answer: &Value) -> Option<Value> {
        let subject = &answer["subject"];
        let some = |text: &Option<String>| text.as_ref().map(|text| json!(text));
        let account = |address: Value, network: Option<Value>| {
            object([("address", Some(address)), ("network", network), ("memo", some(&self.memo)), ("declared", self.declared())])
        };
        match text(subject, "kind") {
            // As it was typed: of a payment text, the pre-check reads the amount and the asset, too.
            "address" => Some(account(json!(self.subject()), some(&self.network))),
            "caip10" => Some(account(subject["address"].clone(), Some(subject["network"].clone()))),
            "travel_address" | "lnurl" => {
                Some(object([("travel_address", Some(subject["value"].clone())), ("declared", self.declared())]))
            }
            _ if answer["status"] == "owned" => {
                answer.pointer("/owners/0/vasp/id").map(|firm| object([("vasp", Some(firm.clone()))]))
            }
            _ => None,
        }
    }

    /// Asks about a firm that was found by its name.
    fn of_firm(&self, office: &dyn Office, id: &str) -> Result<Found, Box<dyn std::error::Error>> {
        match self.from.is_none() && office.needs_jurisdiction() {
            true => Ok(Found::Owner(office.resolve(&json!({"subject": id})).map_err(refused)?)),
            false => Ok(Found::Request(self.request(json!({"vasp": id}))?, Reading::name())),
        }
    }

    fn declared(&self) -> Option<Value> {
        match &self.declared_vasp {
            Some(vasp) => Some(json!({"kind": "vasp", "vasp": vasp})),
            None if self.own_wallet => Some(json!({"kind": "self_hosted", "own_wallet": true})),
            None => self.self_hosted.then(|| json!({"kind": "self_hosted"})),
        }
    }

    /// Returns the same request that a gateway would send.
    fn request(&self, mut beneficiary: Value) -> Result<Value, &'static str> {
        let some = |text: &Option<String>| text.as_ref().map(|text| json!(text));
        if self.declared_vasp.as_ref().is_some_and(|vasp| vasp.parse::<VaspName>().is_err()) {
            return Err("--declared-vasp is the LEI or the id of a firm; `ask` with the firm's name shows both");
        }
        let fiat = match self.fiat.as_deref().map(|text| text.split_once(' ')) {
            None => None,
            Some(Some((amount, currency))) => Some(json!({"amount": amount, "currency": currency})),
            Some(None) => return Err("--fiat needs an amount and a currency, such as \"1500 EUR\""),
        };
        if let (Some(members), Some(country)) = (beneficiary.as_object_mut(), &self.customer_country) {
            members.insert("customer_country".to_owned(), json!(country));
        }
        let transfer = object([
            ("amount", some(&self.amount)),
            ("asset", some(&self.asset)),
            ("fiat", fiat),
            ("date", some(&self.date)),
            ("correspondent", self.correspondent.map(Value::Bool)),
        ]);
        let originator = self.from.as_ref().map(|from| json!({"jurisdiction": from}));
        Ok(object([
            ("direction", Some(json!("outgoing"))),
            ("originator", originator),
            ("beneficiary", Some(beneficiary)),
            ("transfer", Some(transfer)),
            ("provided_fields", self.provided_fields.as_ref().map(|fields| json!(fields))),
        ]))
    }
}
