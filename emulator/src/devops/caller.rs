//! Who is calling.

use super::refusal::Refusal;
use super::site::Site;
use crate::AZURE_DEVOPS;
use crate::jwt::{Jwt, Signer, decode_base64};
use crate::scenario::{Identity, Role};
use crate::server::Request;
use crate::state::State;

/// Someone who was let in.
pub(super) struct Caller<'a> {
    pub(super) identity: &'a Identity,
    /// What their PAT is restricted to.
    scopes: Option<&'a [String]>,
}

impl<'a> Caller<'a> {
    pub(super) fn of(state: &'a State, request: &Request, site: &Site) -> Result<Self, Refusal> {
        let header = request.header("authorization").ok_or(Refusal::NoCredentials)?;
        let (scheme, value) = header.split_once(' ').ok_or(Refusal::BadToken)?;
        let caller = match scheme.to_lowercase().as_str() {
            "basic" => Self::of_basic(state, value.trim(), site),
            "bearer" => Self::of_token(state, value.trim(), site),
            _ => None,
        }
        .ok_or(Refusal::BadToken)?;
        if caller.identity.member.is_none() {
            // The real service names an unknown principal by `{tenant}\{object id}`; here it is
            // the name that the scenario's reader knows (UNVERIFIED).
            return Err(Refusal::NotMember(caller.identity.name.clone()));
        }
        Ok(caller)
    }

    /// The role on a pool.
    pub(super) fn role(&self, pool: u64) -> Option<Role> {
        self.identity.pool_role(pool)
    }

    pub(super) fn administers(&self, pool: u64) -> bool {
        self.role(pool) == Some(Role::Administrator)
    }

    /// Whether the PAT's scopes, if it has any, allow the method.
    pub(super) fn may(&self, method: &str) -> bool {
        let Some(scopes) = self.scopes else {
            return true;
        };
        scopes.iter().any(|scope| match scope.as_str() {
            "vso.agentpools" => method == "GET",
            "vso.agentpools_manage" => true,
            _ => false,
        })
    }

    /// A PAT under any user name, or an Entra token in its place.
    fn of_basic(state: &'a State, encoded: &str, site: &Site) -> Option<Self> {
        let decoded = String::from_utf8(decode_base64(encoded)?).ok()?;
        let (_, password) = decoded.split_once(':')?;
        let scenario = &state.scenario;
        let Some(pat) = scenario.pats.iter().find(|pat| pat.value == password) else {
            return Self::of_token(state, password, site);
        };
        if pat.expires.is_some_and(|expires| expires <= state.now()) {
            return None;
        }
        Some(Self { identity: scenario.identity(&pat.identity)?, scopes: pat.scopes.as_deref() })
    }

    fn of_token(state: &'a State, token: &str, site: &Site) -> Option<Self> {
        if site.on_premises {
            return None; // Azure DevOps Server knows nothing of Entra
        }
        let token = Jwt::parse(token)?;
        let now = state.now().as_second();
        let tenant = &state.scenario.organization.tenant;
        let accepted = state.keys.of(Signer::Entra).signed(&token)
            && token.audiences() == [AZURE_DEVOPS]
            && token.claim("tid") == Some(tenant)
            && token.seconds("nbf").is_some_and(|from| from <= now)
            && token.seconds("exp").is_some_and(|to| now < to);
        if !accepted {
            return None;
        }
        let object = token.claim("oid")?;
        let identity = state.scenario.identities.iter().find(|identity| identity.object_id == object)?;
        Some(Self { identity, scopes: None })
    }
}
