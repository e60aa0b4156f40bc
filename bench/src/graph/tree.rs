//! The graph that is asked about.

use openintent_entities::{
    Object,
    id::{IntentId, PortfolioId},
    intent::{self, Status},
    intent_dependency, portfolio, portfolio_member,
};
use sea_orm::{ActiveModelTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _};
use uuid::Uuid;

use crate::{Result, rows};

/// Levels below the root.
const LEVELS: usize = 5;
/// Intents on each level; with the root they are 10,000.
const WIDTH: [usize; LEVELS] = [2_000, 2_000, 2_000, 2_000, 1_999];

/// What was planted.
pub(crate) struct Tree {
    pub(crate) root: IntentId,
    pub(crate) portfolio: PortfolioId,
    pub(crate) intents: usize,
    pub(crate) dependencies: usize,
}

/// Numbers without a pattern that matters, the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap_or_default() % below.max(1)
    }
}

pub(crate) async fn plant(db: &impl ConnectionTrait) -> Result<Tree> {
    let mut dice = Dice(7);
    let mut numbers = 0..;
    let mut fresh = || rows::intent(numbers.next().unwrap_or_default());
    let mut intents = vec![fresh()];
    let mut edges = Vec::new();
    let mut above = 0..1;
    for width in WIDTH {
        let first = intents.len();
        for place in first..first + width {
            let mut intent = fresh();
            let parent = above.start + dice.roll(above.len());
            intent.parent_id = Some(intents[parent].id.clone());
            let mut open = false;
            // About one in two waits for others of its level.
            if place > first && dice.roll(2) == 0 {
                for _ in 0..=dice.roll(2) {
                    let other: &intent::Model = &intents[first + dice.roll(place - first)];
                    open |= other.status != Status::Completed;
                    edges.push((intent.id.clone(), other.id.clone()));
                }
            }
            intent.status = match (open, dice.roll(10)) {
                (true, _) => Status::Blocked,
                (false, 0..4) => Status::Completed,
                (false, _) => Status::Active,
            };
            intents.push(intent);
        }
        above = first..intents.len();
    }
    edges.sort();
    edges.dedup();
    rows::insert(db, &intents).await?;
    for some in edges.chunks(500) {
        let rows = some
            .iter()
            .map(|(intent_id, depends_on_id)| intent_dependency::Model {
                intent_id: intent_id.clone(),
                depends_on_id: depends_on_id.clone(),
                created_at: rows::TIME,
            });
        intent_dependency::Entity::insert_many(rows.map(|row| row.into_active_model().reset_all()))
            .exec_without_returning(db)
            .await?;
    }
    let portfolio = gather(db, &intents).await?;
    db.execute_unprepared("ANALYZE").await?;
    Ok(Tree {
        root: intents[0].id.clone(),
        portfolio,
        intents: intents.len(),
        dependencies: edges.len(),
    })
}

/// Puts all into one portfolio.
async fn gather(db: &impl ConnectionTrait, intents: &[intent::Model]) -> Result<PortfolioId> {
    let id = PortfolioId::from_uuid(Uuid::now_v7());
    let portfolio = portfolio::Model {
        id: id.clone(),
        name: "Everything".to_owned(),
        description: None,
        created_by: "bench".to_owned(),
        namespace: None,
        status: portfolio::Status::Active,
        status_reason: None,
        require_all_completed: true,
        allow_partial_completion: false,
        auto_complete_threshold: None,
        shared_constraints: Object::default(),
        deadline: None,
        metadata: Object::default(),
        version: 1,
        created_at: rows::TIME,
        updated_at: rows::TIME,
    };
    portfolio::Entity::insert(portfolio.into_active_model().reset_all())
        .exec_without_returning(db)
        .await?;
    for some in intents.chunks(500) {
        let rows = some.iter().map(|intent| portfolio_member::Model {
            portfolio_id: id.clone(),
            intent_id: intent.id.clone(),
            role: portfolio_member::Role::Member,
            priority: 0,
            added_by: "bench".to_owned(),
            added_at: rows::TIME,
        });
        portfolio_member::Entity::insert_many(rows.map(|row| row.into_active_model().reset_all()))
            .exec_without_returning(db)
            .await?;
    }
    Ok(id)
}
