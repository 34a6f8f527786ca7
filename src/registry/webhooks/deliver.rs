//! Sends messages that are due. The threads of `Courier` make the calls and never touch the database. The caller's thread takes messages,
//! signs them and records the outcomes. An organisation gets at most a quarter of the threads, and organisations take turns. So an
//! organisation whose receivers do not answer delays nobody else. A webhook that failed is called with one message at a time; its outcome
//! decides for all due messages.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand_core::RngCore;

use super::messages::KEPT_DAYS;
use super::purpose;
use super::signature::{LONGEST_PAUSE_SECS, WebhookSecret, next_attempt};
use crate::alerts::{NewAlert, open_message, raise};
use crate::node::{Registry, ServiceError};
use vasp_clock::Clock;
use vasp_outbound::ReceiverUrl;
use vasp_record::alert::{AlertBody, DeliveryState, WebhookState};
use vasp_rules::alert::Severity;
use vasp_store::{DeliveryRow, StoreError, Transaction, WebhookRow};
use vasp_words::ids::{OrganisationId, WebhookId};
use vasp_words::time::UtcTime;

/// Number of threads that make calls.
const CALLERS: usize = 8;
/// Maximum number of in-flight messages of one organisation.
const AT_ONCE: usize = 2;
/// For how long one node has a message to itself; longer than a call takes.
const LEASE_SECS: i64 = 60;
/// Maximum number of organisations that one step looks at.
const ORGANISATIONS_A_STEP: i64 = 256;
/// If a webhook fails without a break for this many seconds, it loses its waiting messages. All attempts of one message take as long.
const FAILING_SECS: i64 = 72 * 3_600;
/// Maximum number of messages deleted in one transaction.
const FORGOTTEN_A_STEP: i64 = 500;
/// Maximum length of a stored failure reason, in characters.
const REASON_MAX: usize = 300;

/// A signed message that is ready to send.
struct Letter {
    row: DeliveryRow,
    body: Vec<u8>,
    url: ReceiverUrl,
    headers: Vec<(&'static str, String)>,
    lease: UtcTime,
}

/// The outcome of one attempt.
struct Outcome {
    row: DeliveryRow,
    lease: UtcTime,
    answer: Result<u16, String>,
}

/// Sends messages to webhooks.
pub struct Courier {
    letters: Option<Sender<Letter>>,
    outcomes: Receiver<Outcome>,
    under_way: HashMap<WebhookId, (OrganisationId, usize)>,
    /// How many messages had been sent when each organisation last had its turn. The organisation that waited longest comes first.
    served: HashMap<OrganisationId, u64>,
    sent: u64,
    threads: Vec<std::thread::JoinHandle<()>>,
}

impl Courier {
    /// Starts the threads that make calls.
    ///
    /// # Errors
    /// `ServiceError::CallsNobody` if the process started without the means to make outbound calls; `Thread` if no thread can be started.
    pub fn start(registry: &Arc<Registry>) -> Result<Self, ServiceError> {
        registry.outbound()?;
        let (letters, waiting) = channel::<Letter>();
        let (done, outcomes) = channel();
        let waiting = Arc::new(Mutex::new(waiting));
        let mut threads = Vec::new();
        for number in 0..CALLERS {
            let (registry, waiting, done) = (Arc::clone(registry), Arc::clone(&waiting), done.clone());
            let work = move || {
                loop {
                    let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok(letter) = next else { return };
                    if done.send(call(&registry, letter)).is_err() {
                        return;
                    }
                }
            };
            let thread = std::thread::Builder::new().name(format!("webhook-{number}")).spawn(work);
            threads.push(thread.map_err(|source| ServiceError::Thread { source })?);
        }
        Ok(Self { letters: Some(letters), outcomes, under_way: HashMap::new(), served: HashMap::new(), sent: 0, threads })
    }

    /// Records the outcomes, waits up to `patience` for the first, and sends due messages. Returns the number of messages with an outcome.
    ///
    /// # Errors
    /// `ServiceError::Store`, `Key`. A message whose outcome was not recorded is sent again after this node's lease ends.
    pub fn step(
        &mut self,
        registry: &Registry,
        clock: &dyn Clock,
        rng: &mut dyn RngCore,
        patience: Duration,
    ) -> Result<usize, ServiceError> {
        let mut count = 0;
        match self.outcomes.recv_timeout(patience) {
            Ok(first) => {
                let outcomes: Vec<Outcome> = std::iter::once(first).chain(self.outcomes.try_iter()).collect();
                // Do this even if the database is unavailable: a slot that is not given back is lost.
                outcomes.iter().for_each(|outcome| self.leave(outcome.row.webhook));
                for outcome in outcomes {
                    conclude(registry, outcome, clock.now(), rng)?;
                    count += 1;
                }
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
        self.send_due(registry, clock.now(), rng)?;
        Ok(count)
    }

    /// Returns the number of in-flight messages of this courier.
    #[must_use]
    pub fn under_way(&self) -> usize {
        self.under_way.values().map(|(_, count)| count).sum()
    }

    /// Returns the number of in-flight messages of an organisation.
    fn under_way_of(&self, organisation: OrganisationId) -> usize {
        self.under_way.values().filter(|(whose, _)| *whose == organisation).map(|(_, count)| count).sum()
    }

    fn leave(&mut self, webhook: WebhookId) {
        if let Some((_, count)) = self.under_way.get_mut(&webhook) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.under_way.remove(&webhook);
            }
        }
    }

    /// Takes due messages, one per organisation in turn, until each organisation has its share or no thread is free.
    fn send_due(&mut self, registry: &Registry, now: UtcTime, rng: &mut dyn RngCore) -> Result<(), ServiceError> {
        let mut room = CALLERS.saturating_sub(self.under_way());
        if room == 0 {
            return Ok(());
        }
        let mut busy: Vec<OrganisationId> = self.under_way.values().map(|(whose, _)| *whose).collect();
        busy.retain(|whose| self.under_way_of(*whose) >= AT_ONCE);
        let mut turns = registry.store().read(|conn| conn.organisations_due(now, &busy, ORGANISATIONS_A_STEP))?;
        self.served.retain(|whose, _| turns.contains(whose) || busy.contains(whose));
        turns.sort_by_key(|whose| (self.under_way_of(*whose), self.served.get(whose).copied().unwrap_or(0)));
        while !turns.is_empty() {
            let mut further = Vec::new();
            for organisation in turns {
                if room == 0 {
                    return Ok(());
                }
                if self.under_way_of(organisation) < AT_ONCE && self.send_one(registry, organisation, now, rng)? {
                    room -= 1;
                    further.push(organisation);
                }
            }
            turns = further;
        }
        Ok(())
    }

    /// Sends the organisation's message that has been due longest. Returns false if no message may be sent now.
    fn send_one(
        &mut self,
        registry: &Registry,
        organisation: OrganisationId,
        now: UtcTime,
        rng: &mut dyn RngCore,
    ) -> Result<bool, ServiceError> {
        for webhook in registry.store().read(|conn| conn.webhooks_due(organisation, now))? {
            let most = if webhook.failing_since.is_some() { 1 } else { AT_ONCE };
            if self.under_way.get(&webhook.id).is_some_and(|(_, count)| *count >= most) {
                continue;
            }
            for row in registry.store().read(|conn| conn.deliveries_due(webhook.id, now, 1))? {
                let lease = now.plus_secs(LEASE_SECS);
                let taken = registry
                    .store()
                    .write::<_, StoreError>(now, rng, |transaction| transaction.lease_delivery(&row, now, lease))?;
                if taken.value {
                    let letter = sign(registry, &webhook, row, lease, now, rng)?;
                    self.under_way.entry(webhook.id).or_insert((organisation, 0)).1 += 1;
                    self.sent += 1;
                    self.served.insert(organisation, self.sent);
                    return Ok(self.letters.as_ref().is_some_and(|letters| letters.send(letter).is_ok()));
                }
            }
        }
        Ok(false)
    }
}

impl Drop for Courier {
    fn drop(&mut self) {
        drop(self.letters.take());
        for thread in self.threads.drain(..) {
            // The runtime logged a panic in a calling thread; stopping continues.
            drop(thread.join());
        }
    }
}

/// Signs a message for this attempt.
///
/// Source: Standard Webhooks, "Webhook headers (sending metadata to consumers)" and "Key rotation": signatures separated by spaces.
fn sign(
    registry: &Registry,
    webhook: &WebhookRow,
    row: DeliveryRow,
    lease: UtcTime,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<Letter, ServiceError> {
    let key = registry.data_key(webhook.organisation, now, rng)?;
    let body = open_message(&key, &row)?;
    let old = webhook.old_secret.as_ref().filter(|_| webhook.old_secret_until.is_some_and(|until| now < until));
    let seconds = now.micros().div_euclid(1_000_000);
    let (id, mut signatures) = (row.id.to_string(), Vec::new());
    for sealed in std::iter::once(&webhook.secret).chain(old) {
        let bytes = key.open(&purpose(webhook.id), sealed).map_err(ServiceError::Key)?;
        let secret =
            WebhookSecret::from_bytes(&bytes).ok_or_else(|| StoreError::impossible("webhooks", "a secret of another size"))?;
        signatures.push(secret.sign(&id, seconds, &body));
    }
    let headers = vec![
        ("webhook-id", id),
        ("webhook-timestamp", seconds.to_string()),
        ("webhook-signature", signatures.join(" ")),
        ("content-type", "application/json".to_owned()),
    ];
    let url = registry.outbound()?.receiver(&webhook.url).map_err(|error| StoreError::impossible("webhooks", error))?;
    Ok(Letter { row, body, url, headers, lease })
}

fn call(registry: &Registry, letter: Letter) -> Outcome {
    let Letter { row, body, url, headers, lease } = letter;
    let answer = match registry.outbound() {
        Ok(outbound) => outbound.post(&url, &headers, &body).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    Outcome { row, lease, answer }
}

/// Records the outcome of a message: delivered, to be retried later, or given up.
fn conclude(registry: &Registry, outcome: Outcome, now: UtcTime, rng: &mut dyn RngCore) -> Result<(), ServiceError> {
    let Outcome { mut row, lease, answer } = outcome;
    let attempts = u32::try_from(row.attempts).unwrap_or(0).saturating_add(1);
    row.attempts = i16::try_from(attempts).unwrap_or(i16::MAX);
    row.last_at = Some(now);
    row.leased_until = None;
    row.last_status = answer.as_ref().ok().and_then(|status| i16::try_from(*status).ok());
    row.last_error = answer.as_ref().err().map(|reason| reason.chars().take(REASON_MAX).collect());
    let (delivered, gone) = (matches!(answer, Ok(200..=299)), answer == Ok(410));
    row.next_at = if delivered || gone { None } else { next_attempt(attempts, now, rng) };
    row.state = match (delivered, row.next_at) {
        (true, _) => DeliveryState::Delivered,
        (false, Some(_)) => DeliveryState::Pending,
        (false, None) => DeliveryState::Failed,
    };
    registry.store().write::<_, ServiceError>(now, rng, |transaction| {
        // Another node took the message meanwhile and records the outcome.
        if !transaction.conclude_delivery(&row, lease)? {
            return Ok(());
        }
        let is_news = transaction.note_webhook_failing(row.webhook, (!delivered).then_some(now))?;
        if delivered && is_news {
            // The webhook works again: waiting messages need not wait longer.
            transaction.hurry_deliveries(row.webhook, now)?;
        }
        match (gone, row.state) {
            (true, _) => give_up(transaction, registry, &row, "webhook.disabled")?,
            (false, DeliveryState::Failed) => give_up(transaction, registry, &row, "webhook.failing")?,
            _ => {}
        }
        if delivered || gone { Ok(()) } else { put_off(transaction, registry, &row) }
    })?;
    Ok(())
}

/// Postpones other due messages of a webhook that just failed, until the failed message is retried. No message is sent only to fail in the
/// same way, and no message counts an attempt that it did not have. A webhook that failed for three days without a break loses its waiting
/// messages.
fn put_off(transaction: &mut Transaction<'_>, registry: &Registry, failed: &DeliveryRow) -> Result<(), ServiceError> {
    let now = transaction.now();
    let failing_since = transaction.conn().webhook(failed.webhook)?.and_then(|webhook| webhook.failing_since);
    let is_lost = failing_since.is_some_and(|since| since <= now.plus_secs(-FAILING_SECS));
    // If the failed message has no attempts left, it says nothing about the next message. The longest pause is long enough.
    let again = failed.next_at.unwrap_or_else(|| now.plus_secs(LONGEST_PAUSE_SECS));
    let why = format!("not sent, because the message {} to the same webhook had just failed", failed.id);
    let until = (!is_lost).then_some(again);
    let changed = transaction.put_off_deliveries(failed.webhook, now, until, &why)?;
    if is_lost && changed > 0 { give_up(transaction, registry, failed, "webhook.failing") } else { Ok(()) }
}

/// Notifies the organisation that a message was given up, by its other webhooks and its list of alerts. A receiver that answers 410 Gone is
/// not called again.
///
/// Source: Standard Webhooks, "Deliverability and reliability": 410 Gone disables the endpoint.
fn give_up(transaction: &mut Transaction<'_>, registry: &Registry, row: &DeliveryRow, kind: &str) -> Result<(), ServiceError> {
    let Some(mut webhook) = transaction.conn().webhook(row.webhook)? else { return Ok(()) };
    // One alert covers all messages that are given up while the webhook fails.
    let since = webhook.failing_since.unwrap_or(UtcTime::EPOCH);
    if kind == "webhook.failing" && transaction.conn().gave_up_since(row.webhook, since, row.id)? {
        return Ok(());
    }
    let detail = if kind == "webhook.disabled" {
        webhook.state = WebhookState::Disabled;
        webhook.version += 1;
        transaction.change_webhook(&webhook)?;
        format!("The webhook {} answered 410 Gone, so no more messages are sent to it.", webhook.id)
    } else {
        format!(
            "A message to the webhook {} could not be delivered after {} attempts and is no longer retried.",
            webhook.id, row.attempts
        )
    };
    let body = AlertBody { detail, ..AlertBody::default() };
    let new = NewAlert { kind: kind.to_owned(), severity: Severity::High, vasp: None, body, not_to: Some(row.webhook) };
    raise(transaction, registry, webhook.organisation, new)
}

/// Deletes messages that were delivered or given up long ago.
pub fn forget_old_messages(registry: &Registry, now: UtcTime, rng: &mut dyn RngCore) -> Result<(), ServiceError> {
    let before = now.plus_secs(-KEPT_DAYS * 86_400);
    while registry.store().write::<_, StoreError>(now, rng, |t| t.forget_deliveries(before, FORGOTTEN_A_STEP))?.value > 0 {}
    Ok(())
}
