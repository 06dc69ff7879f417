//! The example clinic, founded on a throwaway cluster.

use std::path::PathBuf;

use chrono::{Days, NaiveDate};
use clinic_runtime::{Database, ExampleClinic, Home, HomeOptions, KeyAccess, example_clinic, open_home};
use postgres_store::Clock;
use postgres_store::embedded::Login;
use postgres_store::embedded::throwaway::Throwaway;
use postgres_store::testing::TestDatabase;
use privacy_operations::{ClearanceEntry, EnrolStaff, PersonDetails, RecordClearance, system_actor};
use records_model::{ActorId, PersonName, Role, TrainingRecord};

use crate::Failure;

/// A clinic at work; its key file goes with it.
pub struct Clinic {
    /// The clinic, opened.
    pub home: Home,
    /// Its database.
    pub database: TestDatabase,
    keys: PathBuf,
}

impl Clinic {
    /// Founds one on a database of its own.
    ///
    /// # Errors
    ///
    /// [`Failure`] if it cannot be founded.
    pub async fn found(cluster: &Throwaway, name: &str, connections: usize) -> Result<Self, Failure> {
        let database = TestDatabase::create_on(cluster.superuser_target().clone(), name).await?;
        let keys = std::env::temp_dir().join(format!("resguardo-bench-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&keys)?;
        let home = open_home(HomeOptions {
            database: Database::Urls {
                app: database.target(Login::App).to_keywords(),
                sequencer: database.target(Login::Sequencer).to_keywords(),
                keys: keys.clone(),
            },
            documents: example_clinic(ExampleClinic::Elicells),
            keys: KeyAccess::default(),
            clock: Clock::Database,
            connections,
        })
        .await?;
        Ok(Self { home, database, keys })
    }

    /// Enrols somebody who looks after keys, cleared to work.
    ///
    /// # Errors
    ///
    /// [`Failure`] if the policy refuses.
    pub async fn keeper_of_keys(&self) -> Result<ActorId, Failure> {
        let runtime = &self.home.runtime;
        let actor = system_actor(runtime.clinic());
        let id = runtime.new_actor_id(Clock::Database)?;
        let subject = runtime.new_subject_id(Clock::Database)?;
        let name = PersonName::parse("Personal", "De Llaves")?;
        let person = PersonDetails {
            name,
            birth_date: None,
            phone: None,
            email: None,
            residence: None,
            language: None,
        };
        let enrol = EnrolStaff { actor, id, subject, role: Role::SystemsAdministrator, person };
        if !runtime.perform(&enrol, Clock::Database).await?.is_permit() {
            return Err("nobody may be enrolled".into());
        }
        let modules = runtime.refresh().await?.settings.staff.required_modules.clone();
        let (done, ends) = around(runtime.store().instant(Clock::Database).await?.date_naive())?;
        let trainings = modules.into_iter().map(|module| {
            ClearanceEntry::Training(TrainingRecord { module, completed_on: done, expires_on: ends })
        });
        let rest = [
            ClearanceEntry::BackgroundClear { on: done, expires_on: ends },
            ClearanceEntry::Undertaking { on: done },
        ];
        for entry in trainings.chain(rest) {
            let record = RecordClearance { actor, staff: id, entry };
            if !runtime.perform(&record, Clock::Database).await?.is_permit() {
                return Err("nobody may be cleared".into());
            }
        }
        Ok(id)
    }
}

impl Drop for Clinic {
    fn drop(&mut self) {
        // Nothing is lost if it stays: the database is thrown away.
        let _ = std::fs::remove_dir_all(&self.keys);
    }
}

/// Two weeks before, and half a year after.
fn around(today: NaiveDate) -> Result<(NaiveDate, NaiveDate), Failure> {
    let days = today.checked_sub_days(Days::new(14)).zip(today.checked_add_days(Days::new(180)));
    days.ok_or_else(|| "the calendar ends".into())
}
