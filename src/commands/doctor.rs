//! `doctor`: walks the way from the identity to the pool, and stops at the first broken link.

use super::Console;
use crate::devops::{
    Access, Batch, Caller, Client, Organization, Pool, PoolSelector, RoleAssignment, Snapshot, Tenancy,
    selectors, tenancy, wrong_tenancy,
};
use crate::explain::{Explanation, Failure};
use crate::health::not_visible;
use crate::identity::{AccessToken, Acquired, Chain, Exchange, Kind};
use crate::inputs::Inputs;
use crate::report::{broken_link, sound_link};

/// Runs the command.
pub fn run(inputs: &Inputs, exchange: Exchange<'_>, console: &Console) -> Result<u8, Failure> {
    let organization = Organization::from_input(inputs.require("organization")?)?;
    let selectors = if inputs.get("pool").is_some() { selectors(inputs)? } else { Vec::new() };
    let project = inputs.get("project").map(|given| given.text());
    let chain = Chain::from_inputs(inputs)?;

    let visit = Visit { console, exchange, organization: &organization };
    match visit.walk(&chain, &selectors, project) {
        Ok(()) => {
            console.print("\nAll links hold.\n");
            Ok(0)
        }
        Err(Broken { link, failure }) => {
            console.print(&broken_link(link, failure.explanation(), console.style));
            console.complain(&failure.explanation().headline);
            Ok(failure.code())
        }
    }
}

struct Visit<'a> {
    console: &'a Console,
    exchange: Exchange<'a>,
    organization: &'a Organization,
}

struct Broken {
    link: &'static str,
    failure: Failure,
}

fn broken(link: &'static str) -> impl Fn(Failure) -> Broken {
    move |failure| Broken { link, failure }
}

impl Visit<'_> {
    fn walk(&self, chain: &Chain, selectors: &[PoolSelector], project: Option<&str>) -> Result<(), Broken> {
        self.sound("identity", &chain.first());
        let tenancy = self.tenant()?;
        let token = self.token(chain, tenancy.as_ref())?;
        let client = Client::new(self.exchange, self.organization, &token);
        let caller = self.membership(&client)?;
        for selector in selectors {
            self.pool(&client, &caller, selector, project)?;
        }
        Ok(())
    }

    fn tenant(&self) -> Result<Option<Tenancy>, Broken> {
        let link = "organization's tenant";
        let found = tenancy(&self.exchange, self.organization);
        let found = found.map_err(|refusal| broken(link)(refusal.into()))?;
        self.sound(
            link,
            match &found {
                Some(Tenancy::Connected(tenant)) => tenant,
                Some(Tenancy::NotConnected) => "none: only personal access tokens work",
                None => "not told",
            },
        );
        Ok(found)
    }

    fn token(&self, chain: &Chain, tenancy: Option<&Tenancy>) -> Result<AccessToken, Broken> {
        let link = "token";
        let Acquired { token, credential, passed_over } =
            chain.acquire(&self.exchange).map_err(broken(link))?;
        for credential in passed_over {
            self.console.note(&format!("passed over: {credential}"));
        }
        if let Some(tenancy) = tenancy {
            let explanation = wrong_tenancy(&token, tenancy, self.organization);
            explanation.map_or(Ok(()), |explanation| Err(broken(link)(Failure::AzureDevOps(explanation))))?;
        }
        let by = if credential == chain.first() { String::new() } else { format!(", by {credential}") };
        self.sound(link, &format!("{}{by}", describe(&token)));
        Ok(token)
    }

    fn membership(&self, client: &Client<'_>) -> Result<Caller, Broken> {
        let link = "membership";
        let caller = client.caller().map_err(|refusal| broken(link)(refusal.into()))?;
        let Some(caller) = caller else {
            let explanation = Explanation::new("Azure DevOps takes the caller for nobody").advise(format!(
                "add the identity to the organization: {}/_settings/users > Add users",
                self.organization
            ));
            return Err(broken(link)(Failure::AzureDevOps(explanation)));
        };
        self.sound(link, &format!("{} in {}", caller.name, self.organization.name()));
        Ok(caller)
    }

    fn pool(
        &self,
        client: &Client<'_>,
        caller: &Caller,
        selector: &PoolSelector,
        project: Option<&str>,
    ) -> Result<(), Broken> {
        let mut batch = Batch::default();
        let visible = batch.add(client.pools(None, Access::View));
        let managed = batch.add(client.pools(None, Access::Manage));
        let mut answers = client.send_batch(batch);
        let visible = answers.take(&visible).map_err(|refusal| broken("pool")(refusal.into()))?;
        let managed = answers.take(&managed).map_err(|refusal| broken("role")(refusal.into()))?;
        let found: Vec<&Pool> = visible.iter().filter(|pool| selector.matches(pool)).collect();
        if found.is_empty() {
            let snapshot = Snapshot {
                visible: visible.into_iter().map(|pool| pool.name).collect(),
                caller: Some(caller.clone()),
                ..Snapshot::default()
            };
            let finding = not_visible(selector, &snapshot);
            let in_project = project.filter(|project| {
                self.has_queue(client, project, Access::View, |pool| selector.matches(pool))
            });
            let explanation = Explanation::new(finding.message)
                .fact_if("means", in_project.map(|project| {
                    format!("the identity has a role on it in the project {project}, and none at organization level, \
                             where it counts")
                }))
                .advise(finding.advice.unwrap_or_default())
                .advise(format!("the pools' page: {}", self.organization.pools_page()));
            return Err(broken("pool")(Failure::AzureDevOps(explanation)));
        }
        for pool in found {
            self.sound("pool", &format!("{} (pool {}) is visible", pool.name, pool.id));
            let manages = managed.iter().any(|other| other.id == pool.id);
            self.sound("role", &self.role(client, caller, pool, manages, project));
        }
        Ok(())
    }

    /// What the identity's role on a pool is good for. A role may come by a group, so that the list of roles
    /// doesn't name the identity; what it may do is told all the same.
    fn role(
        &self,
        client: &Client<'_>,
        caller: &Caller,
        pool: &Pool,
        manages: bool,
        project: Option<&str>,
    ) -> String {
        let own = client.ask(client.pool_roles(pool.id)).unwrap_or_default();
        let own = own.iter().find(|assignment| assignment.is_of(&caller.id));
        let place = match own.map(|assignment| assignment.access.as_str()) {
            Some("inherited") => "at organization level, inherited from all pools",
            _ => "at organization level",
        };
        if manages {
            return format!("Administrator {place}: checks and chores");
        }
        let name = own.map_or("Reader or more", RoleAssignment::role);
        let in_project = project.is_some_and(|project| {
            self.has_queue(client, project, Access::Manage, |other| other.id == pool.id)
        });
        let more = if in_project {
            "; Administrator in the project only, which doesn't count for registering and removing agents"
        } else {
            ""
        };
        format!(
            "{name} {place}: enough for checks{more}; chores need Administrator: {} > {} > Security",
            self.organization.pools_page(),
            pool.name
        )
    }

    /// Whether a project has a queue of such a pool that the identity has this access to
    fn has_queue(
        &self,
        client: &Client<'_>,
        project: &str,
        access: Access,
        is_meant: impl Fn(&Pool) -> bool,
    ) -> bool {
        let pools = client.ask(client.queues(project, access)).unwrap_or_default();
        pools.iter().any(is_meant)
    }

    fn sound(&self, link: &str, text: &str) {
        self.console.print(&sound_link(link, text, self.console.style));
    }
}

fn describe(token: &AccessToken) -> String {
    let until = token.expires_on.map(|end| format!("valid until {}", crate::moment::timestamp(end)));
    let until = until.unwrap_or_else(|| "its end isn't told".into());
    match token.kind {
        Kind::Entra => format!("for Azure DevOps, {until}"),
        Kind::PipelineJob => format!("of a pipeline job, {until}"),
        Kind::Personal => format!("personal access token, {until}"),
    }
}
