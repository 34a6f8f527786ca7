//! `/v1/policies/schema`: the JSON Schema of policies.

use serde_json::Value;
use utoipa::ToSchema;

use crate::http::{Caller, Json, Problems, Resolve};
use vasp_routing::get;
use vasp_rules::policy::schema;

/// A JSON Schema (2020-12).
#[derive(ToSchema)]
#[schema(as = PolicySchema, value_type = Object)]
#[expect(dead_code, reason = "only its description is used")]
pub(crate) struct PolicySchemaView(Value);

/// Get the JSON Schema of policies.
#[utoipa::path(tag = "policies", responses((status = 200, description = "JSON Schema 2020-12.", body = PolicySchemaView), Problems))]
#[get("/v1/policies/schema")]
pub(crate) async fn get_policy_schema(_who: Caller<Resolve>) -> Json<Value> {
    Json(schema())
}
