//! From the text of a bundle to stored records: read, find the person, commit.

use fhir_mapping::{ImportOptions, ImportReport, ImportedBundle, ImportedItem, ImportedPatient, read_bundle};
use postgres_store::Clock;
use privacy_notice::Residence;
use privacy_operations::{Answer, ImportBundle, ImportCounts, ImportItem, PersonDetails, TokenField};
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

/// How often somebody else may have registered the same person at the same moment before we give up.
const ATTEMPTS_MAX: usize = 3;

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
        let mut attempt = 1;
        let (person, imported) = loop {
            let person = self.find_person(&mut operation).await?;
            match self.perform(&operation, order.clock).await {
                // Another import registered the same person since we looked: look again, and add to theirs.
                Err(RuntimeError::Store(error)) if attempt < ATTEMPTS_MAX && error.is_taken() => attempt += 1,
                done => break (person, done?),
            }
        };
        let (refused, counts, subject) = (imported.refused, imported.counts, operation.subject);
        Ok(BundleImported { subject, person, refused, counts, report })
    }

    /// The person whom an earlier import brought from the same place, or a new id.
    async fn find_person(&self, operation: &mut ImportBundle) -> Result<PersonOnFile, RuntimeError> {
        let token = *self.search().source_identity(&operation.identity).as_bytes();
        let known = self.store().matches(self.clinic(), &[(TokenField::SourceIdentity, token)], 1).await?;
        Ok(match known.first() {
            Some((subject, _)) => {
                operation.subject = *subject;
                PersonOnFile::Known
            }
            None => PersonOnFile::New,
        })
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
