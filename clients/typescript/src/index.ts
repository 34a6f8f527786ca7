// Client of the VASP registry. Anything but a clear, signed and current yes is a no: see `Verdict.proceed`.
export { Client, type ClientOptions, type ResolveItem } from "./client.js";
export { type Condition, ConfigurationError, InvalidSubject, NotCleared, NotVerified, ProblemError, RegistryError, Unavailable } from "./errors.js";
export { type Change, type Checkpoint, type InclusionProof, verifyChange, verifyCheckpoint, verifyInclusion } from "./log.js";
export { type Expected, type Jwks, type Receipt, verifyReceipt } from "./receipts.js";
export type { components, operations, paths } from "./schema.js";
export { type Event, type Settings, VERSION } from "./transport.js";
export { type Clearance, type Precheck, type PrecheckRequest, type Resolution, Resolved, type TransferFacts, Verdict } from "./verdict.js";
export { verifyWebhook, type WebhookMessage } from "./webhooks.js";
