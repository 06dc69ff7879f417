//! From the text of a bundle to stored records: read, find the person, commit.

use fhir_mapping::{ImportOptions, ImportReport, ImportedBundle, ImportedItem, ImportedPatient, read_bundle};
use postgres_store::{Clock, StoreError};
use privacy_notice::Residence;
use privacy_operations::{
    Answer, ImportBundle, ImportCounts, ImportItem, Imported, Operation as _, OperationError, PersonDetails,
    SubjectNeed, TokenField,
};
use records_model::{ActorId, SubjectId};

use crate::runtime::new_rng;
use crate::{Runtime, RuntimeError};

/// How bundles are imported.
#[derive(Debug, Clone)]
pub struct ImportOrder {
    /// Who imports.
    pub actor: ActorId,
    /// Name of the system that the bundles come from; if absent, the system of each patient's first identifier.
    pub source: Option<String>,
    /// Which clock says when.
    pub clock: Clock,
}

/// Whether the person of a bundle was on file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonOnFile {
    /// Registered by this import.
    New,
    /// Known from an earlier import out of the same system.
    Known,
}

/// What came of one bundle.
#[derive(Debug, Clone)]
pub struct BundleImported {
    /// The person.
    pub subject: SubjectId,
    /// Whether they were on file before.
    pub person: PersonOnFile,
    /// The refusal, if the policy does not let this actor import it; then nothing of it was stored.
    pub refused: Option<Answer>,
    /// What was stored.
    pub counts: ImportCounts,
    /// What the reading counted: types, categories, fields left out, numbers masked.
    pub report: ImportReport,
}

impl Runtime {
    /// Imports one FHIR R4 transaction bundle: one transaction, one log entry a record, and no consent.
    ///
    /// The same bundle again changes nothing; several may be imported at once.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Bundle`] names the entry and the path if the bundle is broken; whatever the error,
    /// nothing of it was stored.
    pub async fn import_bundle(
        &self,
        json: Vec<u8>,
        order: &ImportOrder,
    ) -> Result<BundleImported, RuntimeError> {
        let house = match self.house() {
            Some(house) => house,
            None => self.refresh().await?,
        };
        let today = house.zone.date_of(self.store().instant(order.clock).await?);
        let options = ImportOptions { source: order.source.clone(), today };
        let read = tokio::task::spawn_blocking(move || read_bundle(&json, &options))
            .await
            .map_err(|_| RuntimeError::Interrupted)??;
        let ImportedBundle { patient, items, report, .. } = read;
        let mut operation = operation(order.actor, patient, items)?;
        let token = *self.search().source_identity(&operation.identity).as_bytes();
        let known = self.store().matches(self.clinic(), &[(TokenField::SourceIdentity, token)], 1).await?;
        let mut person = PersonOnFile::New;
        if let Some((subject, _)) = known.first() {
            (person, operation.subject) = (PersonOnFile::Known, *subject);
        }
        let imported = match self.perform_import(&operation, token, order.clock).await {
            // Another import registered the same person since we looked: add to theirs.
            Err(RuntimeError::Store(StoreError::Operation(OperationError::RegisteredElsewhere(subject)))) => {
                (person, operation.subject) = (PersonOnFile::Known, subject);
                self.perform_import(&operation, token, order.clock).await?
            }
            done => done?,
        };
        let (refused, counts, subject) = (imported.refused, imported.counts, operation.subject);
        Ok(BundleImported { subject, person, refused, counts, report })
    }

    /// Runs the import under the lock of the person's source identity too.
    async fn perform_import(
        &self,
        operation: &ImportBundle,
        token: [u8; 32],
        clock: Clock,
    ) -> Result<Imported, RuntimeError> {
        let mut needs = operation.needs();
        needs.subject = needs.subject.map(|subject| SubjectNeed { source: Some(token), ..subject });
        self.perform_needing(&needs, operation, clock).await
    }
}

fn operation(
    actor: ActorId,
    patient: ImportedPatient,
    items: Vec<ImportedItem>,
) -> Result<ImportBundle, RuntimeError> {
    let arrival = std::time::SystemTime::now().into();
    Ok(ImportBundle {
        actor,
        subject: SubjectId::generate(arrival, &mut new_rng()?),
        identity: patient.identity.clone(),
        person: person(patient),
        items: items.into_iter().map(item).collect(),
    })
}

fn person(patient: ImportedPatient) -> PersonDetails {
    PersonDetails {
        name: patient.name,
        birth_date: patient.birth_date,
        phone: patient.phones.into_iter().next(),
        email: patient.emails.into_iter().next(),
        residence: patient.residence_country.map(Residence::country),
        language: None,
    }
}

fn item(read: ImportedItem) -> ImportItem {
    ImportItem {
        source: read.identity,
        fingerprint: *read.fingerprint.as_bytes(),
        category: read.category,
        kind: read.kind,
        form: read.form,
        class: read.class,
        context: read.context,
        reveals_health: read.reveals_health,
        genetic: read.genetic,
        author: read.author,
        anchor: read.anchor,
        anchor_at: read.anchor_at,
        content: read.content,
    }
}
