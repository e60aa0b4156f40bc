//! Mutations of portfolios.

use async_graphql::{Context, Object, Result};

use super::{
    service::{self, PortfolioChanges},
    types::{
        AddIntentToPortfolioInput, CreatePortfolioInput, PortfolioPayload,
        RemoveIntentFromPortfolioInput, SetPortfolioStatusInput, UpdatePortfolioInput,
    },
};
use crate::{
    change::Once,
    loaders::{actor, app},
    scalar::id,
};

/// Mutations of portfolios.
#[derive(Debug, Default)]
pub struct PortfolioMutation;

#[Object]
impl PortfolioMutation {
    /// Creates a portfolio without members.
    async fn create_portfolio(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change, and under which conditions.")]
        input: CreatePortfolioInput,
    ) -> Result<PortfolioPayload> {
        let result = async {
            let key = input.idempotency_key.clone();
            let new = PortfolioChanges::from(input);
            let once = Once::new(key.as_deref(), "createPortfolio", &new)?;
            service::create(app(ctx)?, actor(ctx)?, &once, &new).await
        };
        Ok(PortfolioPayload::new(result.await)?)
    }

    /// Changes what describes and governs a portfolio.
    async fn update_portfolio(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change, and under which conditions.")]
        input: UpdatePortfolioInput,
    ) -> Result<PortfolioPayload> {
        let result = async {
            let portfolio = id("portfolio", &input.id)?;
            let (key, version) = (
                input.idempotency_key.clone(),
                i64::from(input.expected_version),
            );
            let changes = PortfolioChanges::from(input);
            let once = Once::new(
                key.as_deref(),
                "updatePortfolio",
                &(&portfolio, version, &changes),
            )?;
            service::update(app(ctx)?, actor(ctx)?, &once, &portfolio, version, &changes).await
        };
        Ok(PortfolioPayload::new(result.await)?)
    }

    /// Completes or abandons a portfolio. Its members stay as they are.
    async fn set_portfolio_status(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change, and under which conditions.")]
        input: SetPortfolioStatusInput,
    ) -> Result<PortfolioPayload> {
        let result = async {
            let portfolio = id("portfolio", &input.portfolio_id)?;
            let version = i64::from(input.expected_version);
            let to = openintent_entities::portfolio::Status::from(input.status);
            let reason = input.reason.as_deref();
            let key = input.idempotency_key.as_deref();
            let once = Once::new(
                key,
                "setPortfolioStatus",
                &(&portfolio, version, to, reason),
            )?;
            service::set_status(
                app(ctx)?,
                actor(ctx)?,
                &once,
                &portfolio,
                version,
                to,
                reason,
            )
            .await
        };
        Ok(PortfolioPayload::new(result.await)?)
    }

    /// Adds an intent to a portfolio, or changes the role and priority of a member.
    async fn add_intent_to_portfolio(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change, and under which conditions.")]
        input: AddIntentToPortfolioInput,
    ) -> Result<PortfolioPayload> {
        let result = async {
            let portfolio = id("portfolio", &input.portfolio_id)?;
            let intent = id("intent", &input.intent_id)?;
            let role = openintent_entities::portfolio_member::Role::from(input.role);
            let priority = input.priority.unwrap_or(0);
            let key = input.idempotency_key.as_deref();
            let once = Once::new(
                key,
                "addIntentToPortfolio",
                &(&portfolio, &intent, role, priority),
            )?;
            service::add_intent(
                app(ctx)?,
                actor(ctx)?,
                &once,
                &portfolio,
                &intent,
                role,
                priority,
            )
            .await
        };
        Ok(PortfolioPayload::new(result.await)?)
    }

    /// Takes an intent out of a portfolio. The intent itself stays as it is.
    async fn remove_intent_from_portfolio(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change, and under which conditions.")]
        input: RemoveIntentFromPortfolioInput,
    ) -> Result<PortfolioPayload> {
        let result = async {
            let portfolio = id("portfolio", &input.portfolio_id)?;
            let intent = id("intent", &input.intent_id)?;
            let key = input.idempotency_key.as_deref();
            let once = Once::new(key, "removeIntentFromPortfolio", &(&portfolio, &intent))?;
            service::remove_intent(app(ctx)?, actor(ctx)?, &once, &portfolio, &intent).await
        };
        Ok(PortfolioPayload::new(result.await)?)
    }
}
