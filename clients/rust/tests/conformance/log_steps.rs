//! The steps that check the log offline: of the last change, proof and checkpoint, altered as the step says.

use serde_json::Value;
use vasp_registry_client::{Error, Method, PublishedKeys, verify_change, verify_checkpoint, verify_inclusion};

use super::case::{Case, altered};
use super::plain;
use super::servers::{own_json, own_text};

impl Case<'_> {
    /// Returns the keys of a step, or else those that the registry publishes.
    pub(crate) fn keys(&self, step: &Value) -> PublishedKeys {
        let published = || own_json(&format!("{}/.well-known/jwks.json", self.url));
        PublishedKeys::parse(&step.get("jwks").cloned().unwrap_or_else(published).to_string()).unwrap()
    }

    pub(crate) fn log_step(&mut self, name: &str, step: &Value) -> Result<Value, Error> {
        match name {
            "checkpoint" => {
                self.note = own_text(&format!("{}/v1/log/checkpoint", self.url));
                self.checkpoint = Some(self.client.checkpoint(None)?);
                Ok(self.checkpoint.as_ref().map(plain::checkpoint).unwrap())
            }
            "prove" => {
                let sequence = step["sequence"].as_i64().unwrap();
                let path = format!("/v1/changes?since={}&limit=1", sequence - 1);
                self.change = self.client.call(Method::GET, &path, None)?["items"][0].clone();
                self.proof = self.client.prove(sequence, self.checkpoint.as_ref().unwrap())?;
                Ok(self.proof.clone())
            }
            "verify_change" => {
                verify_change(&altered(&self.change, step.get("change")), &self.proof, self.checkpoint.as_ref().unwrap())?;
                Ok("valid".into())
            }
            "verify_inclusion" => self.verify_inclusion(step),
            "verify_checkpoint" => self.verify_checkpoint(step),
            other => panic!("{other} is no step"),
        }
    }

    fn verify_inclusion(&self, step: &Value) -> Result<Value, Error> {
        let mut proof = altered(&self.proof, step.get("proof"));
        proof["envelope"] = altered(&proof["envelope"], step.get("envelope"));
        let added = step.pointer("/add/size").and_then(Value::as_i64).unwrap_or(0);
        proof["size"] = (proof["size"].as_i64().unwrap() + added).into();
        let hashes = proof["hashes"].as_array_mut().unwrap();
        match step.get("hashes").and_then(Value::as_str) {
            None => {}
            Some("reversed") => hashes.reverse(),
            Some("shorter") => drop(hashes.pop()),
            Some("longer") => hashes.extend(hashes.first().cloned()),
            Some(other) => panic!("{other} is no alteration of hashes"),
        }
        verify_inclusion(&proof, self.checkpoint.as_ref().unwrap())?;
        Ok("valid".into())
    }

    fn verify_checkpoint(&self, step: &Value) -> Result<Value, Error> {
        let part = |number: usize| step["replace"][number].as_str().unwrap();
        let note = match (step.get("text").and_then(Value::as_str), step.get("replace")) {
            (Some(text), _) => text.to_owned(),
            (None, Some(_)) => self.note.replace(part(0), part(1)),
            (None, None) => self.note.clone(),
        };
        let at_least = step.get("at_least").map(|given| {
            let mut kept = verify_checkpoint(&note, &self.keys(&Value::Null), None).unwrap();
            kept.size = given.get("size").and_then(Value::as_i64).unwrap_or(kept.size);
            kept.root = given.get("root").map_or(kept.root, |_| [0; 32]);
            kept
        });
        Ok(plain::checkpoint(&verify_checkpoint(&note, &self.keys(step), at_least.as_ref())?))
    }
}
