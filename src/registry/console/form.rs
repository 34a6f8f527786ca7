//! A form of a page: one operation of the API with its path, its fields, and what was answered to it.

use serde_json::Value;

use super::api::Refused;
use super::field::{Field, Kind};
use super::operation::Operation;
use super::shown::{list, text};

/// A form.
pub(super) struct Form {
    /// Its name on the page.
    pub(super) id: String,
    pub(super) title: String,
    pub(super) lead: String,
    pub(super) button: String,
    pub(super) method: &'static str,
    /// The path of the operation.
    pub(super) path: String,
    pub(super) fields: Vec<Field>,
    pub(super) operation: Operation,
    /// The version on which the change is based, if the operation asks for one.
    pub(super) version: Option<String>,
    /// Sends what a person presses twice only once.
    pub(super) once: String,
    /// What the API refuses, where no field is at fault.
    pub(super) refusal: String,
    /// Whether it cannot be undone.
    pub(super) is_grave: bool,
    /// Whether only its title shows until somebody opens it.
    folded: bool,
    /// Members of the answer that are shown this once: their names and places.
    pub(super) shows: &'static [(&'static str, &'static str)],
    /// Where people go with the secret that is shown: it becomes the end of a link to this place.
    pub(super) opens: &'static str,
    /// Where the person goes afterwards; the same page if it is empty. `{/id}` stands for a member of the answer.
    pub(super) then: String,
    /// Media type of a body that is a field as it is, and the field.
    pub(super) raw: Option<(&'static str, &'static str)>,
    /// Whether the operation takes a JSON body.
    pub(super) takes_body: bool,
    /// The member that each ticked field gives, if the operation is sent once for each.
    pub(super) each: Option<&'static str>,
    /// The form that follows on an answer that is shown once.
    pub(super) follow: Option<&'static str>,
}

impl Form {
    /// Makes the form of an operation, with the parts of its path.
    pub(super) fn of(operation: &Operation, id: &str, parts: &[(&str, &str)]) -> Self {
        let summary = operation.summary().trim_end_matches('.');
        let [lead, once, refusal, then] = [const { String::new() }; 4];
        Self {
            id: id.to_owned(),
            title: String::new(),
            lead,
            button: summary.to_owned(),
            method: operation.method,
            path: operation.path(parts),
            fields: Field::of_body(operation, &Value::Null),
            operation: *operation,
            version: None,
            once,
            refusal,
            is_grave: false,
            folded: false,
            shows: &[],
            opens: "",
            then,
            raw: None,
            takes_body: operation.body().is_some(),
            each: None,
            follow: None,
        }
    }

    pub(super) fn named(self, id: impl Into<String>) -> Self {
        Self { id: id.into(), ..self }
    }

    pub(super) fn title(self, title: &str) -> Self {
        Self { title: title.to_owned(), ..self }
    }

    pub(super) fn lead(self, lead: &str) -> Self {
        Self { lead: lead.to_owned(), ..self }
    }

    pub(super) fn button(self, button: &str) -> Self {
        Self { button: button.to_owned(), ..self }
    }

    /// Shows only the title until somebody opens it.
    pub(super) fn folded(self, title: &str) -> Self {
        Self { folded: true, title: title.to_owned(), ..self }
    }

    pub(super) fn unfolded(self) -> Self {
        Self { folded: false, ..self }
    }

    pub(super) fn grave(self) -> Self {
        Self { is_grave: true, ..self }
    }

    pub(super) fn based_on(self, version: Option<String>) -> Self {
        Self { version, ..self }
    }

    pub(super) fn shows(self, shows: &'static [(&'static str, &'static str)]) -> Self {
        Self { shows, ..self }
    }

    /// Shows a secret as a link to a place, such as `/enrol#`.
    pub(super) fn opens(self, opens: &'static str) -> Self {
        Self { opens, ..self }
    }

    pub(super) fn then(self, then: impl Into<String>) -> Self {
        Self { then: then.into(), ..self }
    }

    /// Sends the operation once for each field that is ticked, with its name as a member. The fields come first.
    pub(super) fn each(mut self, member: &'static str, ticks: Vec<Field>) -> Self {
        self.fields.splice(0..0, ticks);
        Self { each: Some(member), ..self }
    }

    /// Shows another form of the page beside an answer that is shown once.
    pub(super) fn followed_by(self, form: &'static str) -> Self {
        Self { follow: Some(form), ..self }
    }

    /// Keeps only some fields, in this order.
    pub(super) fn keep(mut self, names: &[&str]) -> Self {
        let mut kept = Vec::with_capacity(names.len());
        for name in names {
            if let Some(at) = self.fields.iter().position(|field| field.name == *name) {
                kept.push(self.fields.remove(at));
            }
        }
        Self { fields: kept, ..self }
    }

    /// Keeps the fields of some members, with all that is below them.
    pub(super) fn only(mut self, members: &[&str]) -> Self {
        self.fields
            .retain(|field| members.iter().any(|member| field.name == *member || field.name.starts_with(&format!("{member}/"))));
        self
    }

    /// Leaves some fields out.
    pub(super) fn without(mut self, names: &[&str]) -> Self {
        self.fields.retain(|field| !names.iter().any(|name| field.name == *name || field.name.starts_with(&format!("{name}/"))));
        self
    }

    pub(super) fn change(mut self, name: &str, change: impl FnOnce(&mut Field)) -> Self {
        if let Some(field) = self.fields.iter_mut().find(|field| field.name == name) {
            change(field);
        }
        self
    }

    pub(super) fn label(self, name: &str, label: &str) -> Self {
        self.change(name, |field| field.label = label.to_owned())
    }

    pub(super) fn hint(self, name: &str, hint: &str) -> Self {
        self.change(name, |field| field.hint = hint.to_owned())
    }

    pub(super) fn required(self, name: &str) -> Self {
        self.change(name, |field| field.required = true)
    }

    pub(super) fn kind(self, name: &str, kind: Kind) -> Self {
        self.change(name, |field| field.kind = kind)
    }

    /// Offers values of a list with their words.
    pub(super) fn choices(self, name: &str, choices: impl IntoIterator<Item = (String, String)>) -> Self {
        let none = [(String::new(), "Choose one".to_owned())];
        self.kind(name, Kind::Choice(none.into_iter().chain(choices).collect()))
    }

    /// Offers values of a list with their words, of which several may be ticked. What the record has besides them stays a choice.
    pub(super) fn ticks(self, name: &str, choices: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut choices: Vec<(String, String)> = choices.into_iter().collect();
        self.change(name, |field| {
            let own = field.value.lines().map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned);
            let own: Vec<String> = own.filter(|value| choices.iter().all(|(known, _)| known != value)).collect();
            choices.extend(own.into_iter().map(|value| (value.clone(), value)));
            field.kind = Kind::Ticks(choices);
        })
    }

    /// Sends a value without showing it.
    pub(super) fn hide(self, name: &str, value: impl Into<String>) -> Self {
        self.change(name, |field| {
            field.kind = Kind::Hidden;
            field.value = value.into();
        })
    }

    pub(super) fn suggest(self, name: &str, value: &str) -> Self {
        self.change(name, |field| value.clone_into(&mut field.value))
    }

    /// Shows the values that a record has, with a line more for each list of objects.
    pub(super) fn filled(mut self, record: &Value) -> Self {
        self.fields = Field::of_body(&self.operation, record);
        for field in &mut self.fields {
            if let Some(value) = record.pointer(&field.name) {
                field.set(value);
            }
        }
        self
    }

    /// Adds a field that the body does not have.
    pub(super) fn with(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    /// Returns what people call it: its title, or else its button.
    pub(super) fn name(&self) -> &str {
        if self.title.is_empty() { &self.button } else { &self.title }
    }

    /// Returns its route as texts name it: with the parts of its path filled in, and with their names.
    pub(super) fn routes(&self) -> [String; 2] {
        [self.path.clone(), self.operation.path(&[])].map(|path| format!("{} {path}", self.method.to_uppercase()))
    }

    pub(super) fn is_folded(&self) -> bool {
        self.folded
    }

    /// Returns whether a folded form shows itself: the person sent it, and it was refused.
    pub(super) fn is_open(&self) -> bool {
        !self.refusal.is_empty() || self.fields.iter().any(|field| !field.fault.is_empty())
    }

    pub(super) fn has_file(&self) -> bool {
        self.fields.iter().any(|field| field.kind == Kind::File)
    }

    /// Takes over what the person wrote.
    pub(super) fn fill_in(&mut self, sent: &[(String, String)]) {
        for field in self.fields.iter_mut().filter(|field| field.kind != Kind::Hidden) {
            field.take(sent);
        }
    }

    /// Shows a refusal at the fields that it names; what names none is said above the form.
    pub(super) fn refuse(&mut self, refused: &Refused) {
        let mut without_field = Vec::new();
        for error in list(&refused.problem, "/errors") {
            let (pointer, detail) = (text(error, "/pointer"), sentence(&text(error, "/detail")));
            let known = self.fields.iter_mut().filter(|field| field.kind != Kind::Hidden);
            let nearest = known.filter(|field| {
                pointer == field.name
                    || pointer.starts_with(&format!("{}/", field.name))
                    || field.name.starts_with(&format!("{pointer}/"))
            });
            match nearest.filter(|_| !pointer.is_empty()).rev().max_by_key(|field| usize::from(field.name == pointer)) {
                Some(field) => field.fault = detail,
                None => without_field.push(detail),
            }
        }
        let is_shown = self.fields.iter().any(|field| !field.fault.is_empty());
        if !without_field.is_empty() || !is_shown {
            let said = if without_field.is_empty() { vec![sentence(&text(&refused.problem, "/detail"))] } else { without_field };
            self.refusal = said.join(" ");
        }
        for candidate in list(&refused.problem, "/candidates") {
            let (name, why) = (text(candidate, "/legal_name"), text(candidate, "/because"));
            self.refusal.push_str(&format!(" {name} ({}): {why}.", text(candidate, "/vasp")));
        }
    }
}

/// Begins a text with a capital letter and ends it with a full stop.
pub(super) fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let end = if words.is_empty() || words.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}
