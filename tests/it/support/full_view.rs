//! Pre-checks as most tests look at them: asked with their evidence, and its members laid beside those of the verdict. A test of the two
//! themselves asks for a `view`, and reads the text.

use serde_json::Value;

/// Adds to the path of a question that names no view that the evidence is wanted.
pub(crate) fn path_of(method: &str, path: &str) -> String {
    let asks = method == "POST" && ["/v1/prechecks", "/v1/prechecks/batch"].contains(&path);
    format!("{path}{}", if asks { "?view=full" } else { "" })
}

/// Lays the members of the evidence beside those of its verdict, in an answer, a batch of them, or a replay. The notes are those of the
/// evidence, which have sentences.
pub(crate) fn laid_out(mut answer: Value) -> Value {
    let Some(members) = answer.as_object_mut() else { return answer };
    for held in ["then", "now"] {
        members.entry(held).and_modify(|answer| *answer = laid_out(answer.take()));
    }
    if let Some(Value::Array(results)) = members.get_mut("results") {
        results.iter_mut().for_each(|result| *result = laid_out(result.take()));
    }
    if members.contains_key("evidence_digest")
        && let Some(Value::Object(evidence)) = members.remove("evidence")
    {
        members.extend(evidence);
    }
    answer
}
