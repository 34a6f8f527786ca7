//! Ask: an address, a payment text, a Travel Address, a firm or an LEI; the answer is the verdict as a page. Looking records nothing; the
//! button records the pre-check, as a gateway's program does before it sends.

use serde_json::{Map, Value, json};

use super::super::api::{Call, Refused};
use super::super::field::{Field, Kind};
use super::super::form::Form;
use super::super::sheet::{Cell, Filter, Part, Sheet, Table};
use super::super::shown::{list, plain, quoted, text, time, words};
use super::super::visit::{Desk, Shown, Stop};
use super::proposals::{choice_of, one_of, yes_or_no};
use super::{asked, verdict};

/// What the customer can say of a wallet that no provider keeps.
const SELF_HOSTED: &[(&str, &str)] = &[("", "Not said"), ("true", "The customer's own"), ("false", "Somebody else's")];

fn questions(desk: &Desk) -> Vec<Field> {
    let asked = |name, label, hint: &str| {
        let field = Field::asked(name, label, Kind::Line, desk.asked(name).unwrap_or_default());
        Field { hint: hint.to_owned(), ..field }
    };
    vec![
        asked("q", "Address, payment text, Travel Address, firm or LEI", ""),
        asked("network", "Network", "Such as BTC. If it is empty, the answer says which ones fit."),
        asked("memo", "Memo", ""),
        asked("from", "Your country", "Whose law binds you, such as DE."),
        asked("customer_country", verdict::COUNTRY, ""),
        asked("declared", verdict::FIRM, "LEI or id of the provider that the customer names, if you ask about an address."),
        choice_of(desk, "self_hosted", verdict::WALLET, SELF_HOSTED),
        asked("amount", "Amount", ""),
        asked("asset", "Asset", "Such as USDT."),
        asked("value", "Its value", ""),
        asked("currency", "Currency", "Such as EUR."),
        yes_or_no(desk, "correspondent", verdict::CORRESPONDENT, "Not said"),
    ]
}

pub(super) async fn page(desk: &Desk) -> Shown {
    let mut sheet =
        Sheet::new("Ask").lead("May this transfer go out? Who owns the address, what must travel, and how it gets there.");
    sheet.parts.push(Part::Filter(Filter { button: "Ask", ..Filter::new(questions(desk)) }));
    let Some(question) = desk.asked("q") else {
        sheet.say("Paste what you have. Nothing is recorded until you press the button below the verdict.");
        return Ok(sheet);
    };
    let Some(subject) = subject(desk, &mut sheet, question).await? else { return Ok(sheet) };
    let body = request(desk, subject);
    let mut unrecorded = body.clone();
    if let Some(members) = unrecorded.as_object_mut() {
        members.insert("record".to_owned(), Value::Bool(false));
    }
    match desk.call(Call::post("/v1/prechecks?view=full", &unrecorded)).await {
        Ok(answered) => {
            let evidence = answered.body.pointer("/evidence").unwrap_or(&Value::Null);
            verdict::head(&mut sheet, &answered.body, evidence);
            sheet.form(desk.form("create_precheck", &[]).map(|form| recording(form, &body)));
            verdict::rest(desk, &mut sheet, &answered.body, evidence);
        }
        Err(refused) => {
            for error in list(&refused.problem, "/errors") {
                sheet.notice("bad", super::super::form::sentence(&text(error, "/detail")), "");
            }
            if list(&refused.problem, "/errors").is_empty() {
                sheet.notice("bad", text(&refused.problem, "/title"), text(&refused.problem, "/detail"));
            }
        }
    }
    Ok(sheet)
}

/// Finds out what was asked about. A name is looked up among the firms, of which the person chooses one.
async fn subject(desk: &Desk, sheet: &mut Sheet, question: &str) -> Result<Option<Map<String, Value>>, Stop> {
    let mut path = format!("/v1/resolve?subject={}", quoted(question));
    for (name, value) in [("network", desk.asked("network")), ("memo", desk.asked("memo"))] {
        path.extend(value.map(|value| format!("&{name}={}", quoted(value))));
    }
    match desk.read(&path).await {
        Ok(found) => {
            let subject = found.body.pointer("/subject").unwrap_or(&Value::Null);
            let value = text(subject, "/value");
            Ok(Some(match text(subject, "/kind").as_str() {
                // The pre-check takes the amount and the asset from it, too.
                "address" if subject.get("payment_uri").is_some() => {
                    given(&[("address", question), ("network", desk.asked("network").unwrap_or_default())])
                }
                "address" | "caip10" => {
                    given(&[("address", &text(subject, "/address")), ("network", &text(subject, "/network"))])
                }
                "travel_address" | "lnurl" => given(&[("travel_address", &value)]),
                _ => match list(&found.body, "/owners") {
                    [owner] if text(&found.body, "/status") == "owned" => given(&[("vasp", &text(owner, "/vasp/id"))]),
                    [] => {
                        sheet.notice("warn", "No firm is known by this.", "The directory has no owner for it.");
                        return Ok(None);
                    }
                    owners => {
                        sheet.table_if_any(choice(
                            desk,
                            "Who owns it is not settled",
                            owners.iter().map(|owner| owner.pointer("/vasp")),
                        ));
                        return Ok(None);
                    }
                },
            }))
        }
        Err(refused) if refused.status.as_u16() != 422 => Err(refused.into()),
        Err(refused) => by_name(desk, sheet, question, &refused).await.map(|()| None),
    }
}

/// Looks a name up among the firms.
async fn by_name(desk: &Desk, sheet: &mut Sheet, name: &str, refused: &Refused) -> Result<(), Stop> {
    let found = match desk.read(&format!("/v1/vasps?limit=20&q={}", quoted(name))).await {
        Ok(found) => found.body,
        Err(refused) if refused.status.as_u16() == 422 => Value::Null,
        Err(refused) => return Err(refused.into()),
    };
    let table = choice(desk, "Firms with such a name", list(&found, "/items").iter().map(Some));
    if table.rows.is_empty() {
        let detail = [text(&refused.problem, "/errors/0/detail"), text(&refused.problem, "/detail")];
        let detail = detail.into_iter().find(|detail| !detail.is_empty()).unwrap_or_default();
        let title = "This is no address that the registry can read, and no firm has such a name.";
        sheet.notice("warn", title, super::super::form::sentence(&detail));
    }
    sheet.table_if_any(table);
    Ok(())
}

/// Returns firms of which the person chooses one, to ask about it with the same facts. Network and memo are of an address, which goes.
fn choice<'a>(desk: &Desk, caption: &str, firms: impl Iterator<Item = Option<&'a Value>>) -> Table {
    let mut table = Table::list(caption, &["Firm", "Country", "LEI", "State"], "");
    let kept = desk.query_of(&["from", "customer_country", "amount", "asset", "value", "currency", "correspondent"]);
    for firm in firms.flatten() {
        table.row([
            Cell::link(text(firm, "/legal_name"), format!("/console/ask?q={}&{kept}", text(firm, "/id"))),
            Cell::text(text(firm, "/country")),
            Cell::text(text(firm, "/lei")),
            super::super::shown::code(firm, "/status"),
        ]);
    }
    table
}

/// Returns the members that have a value: an empty field means that the pre-check finds out, so it is not sent.
fn given(members: &[(&str, &str)]) -> Map<String, Value> {
    let given = members.iter().filter(|(_, value)| !value.is_empty());
    given.map(|(name, value)| ((*name).to_owned(), json!(value))).collect()
}

/// Returns the pre-check's request.
fn request(desk: &Desk, mut beneficiary: Map<String, Value>) -> Value {
    let asked = |name| desk.asked(name).unwrap_or_default();
    beneficiary.extend(given(&[("memo", asked("memo")), ("customer_country", asked("customer_country"))]));
    if let Some(declared) = declared(desk) {
        beneficiary.insert("declared".to_owned(), declared);
    }
    let mut transfer = given(&[("amount", asked("amount")), ("asset", asked("asset"))]);
    let fiat = given(&[("amount", asked("value")), ("currency", asked("currency"))]);
    if !fiat.is_empty() {
        transfer.insert("fiat".to_owned(), Value::Object(fiat));
    }
    if let Some(correspondent) = desk.asked("correspondent") {
        transfer.insert("correspondent".to_owned(), json!(correspondent == "true"));
    }
    let originator = given(&[("jurisdiction", asked("from"))]);
    let mut body = Map::from_iter([("direction".to_owned(), json!("outgoing"))]);
    for (name, members) in [("beneficiary", beneficiary), ("originator", originator), ("transfer", transfer)] {
        if !members.is_empty() {
            body.insert(name.to_owned(), Value::Object(members));
        }
    }
    Value::Object(body)
}

/// Returns what the customer declared about the address: a firm, or a self-hosted wallet.
fn declared(desk: &Desk) -> Option<Value> {
    let firm = desk.asked("declared").map(|firm| json!({"kind": "vasp", "vasp": firm}));
    firm.or_else(|| desk.asked("self_hosted").map(|own| json!({"kind": "self_hosted", "own_wallet": own == "true"})))
}

/// Returns the form that records exactly what was asked.
fn recording(form: Form, body: &Value) -> Form {
    fn hidden(place: &str, value: &Value, fields: &mut Vec<Field>) {
        match value {
            Value::Object(members) => members.iter().for_each(|(name, value)| hidden(&format!("{place}/{name}"), value, fields)),
            Value::Bool(value) => fields.push(Field::asked(place, "", Kind::Hidden, &value.to_string())),
            value => fields.push(Field::asked(place, "", Kind::Hidden, value.as_str().unwrap_or_default())),
        }
    }
    let mut fields = Vec::new();
    hidden("", body, &mut fields);
    let form = form.keep(&[]).button("Record this pre-check").lead("The answer is signed and kept, as proof of what you knew.");
    fields.into_iter().fold(form.then("/console/prechecks/{/id}"), Form::with)
}

pub(super) async fn recorded(desk: &Desk) -> Shown {
    let id = quoted(desk.part("id"));
    let answer = desk.read(&format!("/v1/prechecks/{id}")).await?.body;
    let evidence = desk.read_if_any(&format!("/v1/prechecks/{id}/evidence")).await?;
    let mut sheet = Sheet::new("Recorded pre-check").lead(desk.part("id").to_owned());
    verdict::head(&mut sheet, &answer, &evidence);
    sheet.table(asked::table(&answer));
    verdict::rest(desk, &mut sheet, &answer, &evidence);
    super::outcome::show(desk, &mut sheet).await?;
    verdict::receipt(desk, &mut sheet, &answer);
    let place = format!("/console/prechecks/{id}/report");
    let mut table = Table::facts("For an examiner");
    table.fact("Report", Cell::link("Read it: a page that checks its own signatures", place.clone()));
    table.fact("File", Cell::link("Keep it as one file, which shows if it was altered", format!("{place}?save=yes")));
    sheet.table(table);
    let link = desk.form("create_precheck_report_link", &[("id", desk.part("id"))]);
    let shows: &[(&str, &str)] = &[("A link that opens the report once, for 72 hours", "/secret")];
    sheet.form(link.map(|form| form.button("Make a link").folded("Give the report to somebody without an account").shows(shows)));
    let erase = desk.form("propose_precheck_erasure", &[("id", desk.part("id"))]);
    sheet.form(erase.map(|form| form.grave().button("Propose to erase them").folded("Erase question and answer")));
    Ok(sheet)
}

/// Returns where the API has the report of a pre-check.
pub(super) fn report(desk: &Desk) -> String {
    format!("/v1/prechecks/{}/report", quoted(desk.part("id")))
}

/// Returns the name under which a browser keeps the report.
pub(super) fn report_file(desk: &Desk) -> String {
    let id: String = desk.part("id").chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect();
    format!("{id}.html")
}

pub(super) async fn list_page(desk: &Desk) -> Shown {
    let mut sheet = Sheet::new("Recorded pre-checks").lead("What your organisation asked, oldest first.");
    sheet.parts.push(Part::Filter(Filter::new(vec![
        one_of(desk, "recommendation", "Answer", &desk.words_of("Recommendation")),
        one_of(desk, "outcome", "Transfer", &["open"]),
    ])));
    let found = desk
        .read(&format!("/v1/prechecks?limit=20&{}", desk.query_of(&["recommendation", "outcome", "counterparty", "cursor"])))
        .await?
        .body;
    let head = ["Pre-check", "Asked about", "Amount", "Answer", "Transfer", "Recorded", "Firm", "Reasons"];
    let mut table = Table::list("Pre-checks", &head, "Nothing was recorded yet. Ask first.");
    for one in list(&found, "/items") {
        let (id, firm) = (text(one, "/id"), text(one, "/counterparty"));
        let verdict = asked::recorded(desk, &id).await?;
        let [about, amount] = asked::cells(&verdict);
        let name = match text(&verdict, "/counterparty/legal_name") {
            name if name.is_empty() && !firm.is_empty() => super::cases::firm(desk, &firm).await?,
            name => name,
        };
        let codes = list(one, "/codes").iter().map(|code| words(&plain(code)));
        table.row([
            Cell::link(id.clone(), format!("/console/prechecks/{id}")),
            about,
            amount,
            verdict::word(&text(one, "/recommendation")),
            asked::outcome(desk, &id).await?,
            time(one, "/recorded_at", desk.now),
            if firm.is_empty() { Cell::default() } else { Cell::link(name, format!("/console/firms/{firm}")) },
            Cell::text(codes.collect::<Vec<_>>().join(", ")),
        ]);
    }
    table.next = desk.next(&found, &["recommendation", "outcome", "counterparty"]);
    sheet.table(table);
    Ok(sheet)
}
