//! Alerts, the counterparties that are watched, and webhooks: `/v1/gateway/…`, and the same for members under `/v1/member/…`. Each handler
//! has both paths; the OpenAPI document repeats the first for the second.

pub(crate) mod alerts;
pub(crate) mod views;
pub(crate) mod watches;
pub(crate) mod webhook_messages;
pub(crate) mod webhooks;
