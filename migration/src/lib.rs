//! Schema migrations of openintent-server: one file per change, each with its way back.

pub use sea_orm_migration::prelude::{MigrationTrait, MigratorTrait};

mod m20261121_000001_core;

/// All migrations, oldest first.
#[derive(Debug, Clone, Copy)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m20261121_000001_core::Migration)]
    }
}
