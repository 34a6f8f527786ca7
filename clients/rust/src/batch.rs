//! Many questions at once: splits them into requests that the API takes, and pairs every question with its answer, in order.

use serde_json::{Value, json};

use crate::error::{Error, Unavailable, UnavailableCode};
use crate::transport::{Call, Transport};

/// A question that can be sent, or why it cannot.
pub(crate) type Prepared = Result<Value, Error>;

/// Sends what can be sent; returns the answer or error of each question, in order.
pub(crate) fn ask(transport: &Transport, path: &str, list: &str, questions: &[Prepared]) -> Vec<Result<Value, Error>> {
    let sendable: Vec<&Value> = questions.iter().filter_map(|question| question.as_ref().ok()).collect();
    let mut answers = Vec::with_capacity(sendable.len());
    for part in parts(&sendable, transport.settings.batch_size, transport.settings.batch_bytes) {
        let body = json!({ list: part });
        let answered = transport.json(Call::post(path, &body));
        match answered.and_then(|answer| Ok(results(answer, part.len())?)) {
            Ok(results) => answers.extend(results.into_iter().map(Ok)),
            // Other parts may have been recorded: their answers are not lost.
            Err(error) => answers.extend(part.iter().map(|_| Err(error.clone()))),
        }
    }
    let mut following = answers.into_iter();
    let missing = || Err(Unavailable::malformed().into());
    let answer = |question: &Prepared| match question {
        Ok(_) => following.next().unwrap_or_else(missing),
        Err(error) => Err(error.clone()),
    };
    questions.iter().map(answer).collect()
}

/// Splits questions where a request would have too many of them, or too many bytes.
fn parts<'a>(questions: &[&'a Value], most: usize, most_bytes: usize) -> Vec<Vec<&'a Value>> {
    let (mut parts, mut part, mut bytes) = (Vec::new(), Vec::new(), 0);
    for question in questions {
        let length = question.to_string().len() + 1;
        if !part.is_empty() && (part.len() >= most || bytes + length > most_bytes) {
            parts.push(std::mem::take(&mut part));
            bytes = 0;
        }
        part.push(*question);
        bytes += length;
    }
    parts.extend(Some(part).filter(|part| !part.is_empty()));
    parts
}

/// Returns the results of an answer, of which there must be one for each question.
pub(crate) fn results(mut answer: Value, count: usize) -> Result<Vec<Value>, Unavailable> {
    match answer.get_mut("results").map(Value::take) {
        Some(Value::Array(results)) if results.len() == count => Ok(results),
        _ => Err(Unavailable::new(UnavailableCode::Malformed, "the registry did not answer every item")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_is_in_one_part_and_in_order() {
        let questions: Vec<Value> = (0..7).map(Value::from).collect();
        let questions: Vec<&Value> = questions.iter().collect();
        let sizes = |most, bytes| parts(&questions, most, bytes).iter().map(Vec::len).collect::<Vec<_>>();

        assert_eq!(sizes(3, 100), [3, 3, 1]);
        assert_eq!(sizes(1000, 4), [2, 2, 2, 1], "each has two bytes");
        assert_eq!(sizes(1000, 0), [1; 7], "one that is too large goes out alone");
        assert_eq!(sizes(0, 100), [1; 7]);
        assert_eq!(parts(&questions, 3, 100).concat(), questions);
        assert!(parts(&[], 3, 100).is_empty());
    }
}
