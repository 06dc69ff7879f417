//! The clinic's documents, read: what every decision is made by.

use std::sync::Arc;

use consent_policy::{Engine, PolicyDraft};
use jurisdiction::{ClinicZone, LawBook};
use privacy_notice::{
    ClauseCatalogue, ClinicFiles, ClinicSettings, Language, NoticeArchive, ProviderRegister, Texts,
};
use retention::RetentionSchedule;
use safeguards::RequiredTraining;

use crate::{DocumentRow, OperationError, check_citations};

/// Name of the document that names the others.
pub const SETTINGS_PATH: &str = "clinic.toml";

/// Everything a clinic runs on, verified. Made once for each set of documents in force.
#[derive(Debug)]
pub struct House {
    /// Name, officer, languages, limits.
    pub settings: ClinicSettings,
    /// The clinic's time zone.
    pub zone: ClinicZone,
    /// The rules, proved before they are here.
    pub engine: Engine,
    /// What each clause promises.
    pub clauses: ClauseCatalogue,
    /// Trainings that staff must have (section 5.3).
    pub training: RequiredTraining,
    /// Outside providers.
    pub providers: ProviderRegister,
    /// How long each class is kept.
    pub retention: RetentionSchedule,
    /// Versions of the notice.
    pub notices: NoticeArchive,
    /// Deadlines, periods and consent forms of the law.
    pub law: LawBook,
    /// Texts in the clinic's languages.
    pub texts: Vec<Texts>,
}

impl House {
    /// Reads and verifies the documents in force.
    ///
    /// # Errors
    ///
    /// [`OperationError::DocumentMissing`] or [`OperationError::Document`], which names the document and the
    /// place in it. The caller keeps the last good house in force.
    pub fn read(documents: &[DocumentRow]) -> Result<Self, OperationError> {
        let settings = ClinicSettings::parse(text(documents, SETTINGS_PATH)?)
            .map_err(|error| broken(SETTINGS_PATH, &error))?;
        let zone =
            ClinicZone::parse(settings.time_zone.as_str()).map_err(|error| broken(SETTINGS_PATH, &error))?;
        let files = settings.files.clone();
        let law = law_book(documents)?;
        let clauses = parse(documents, files.clauses.as_str(), ClauseCatalogue::parse)?;
        Ok(Self {
            training: RequiredTraining::parse(&settings.staff.required_modules)
                .map_err(|error| broken(SETTINGS_PATH, &error))?,
            engine: engine(files.policy.as_str(), text(documents, files.policy.as_str())?, &clauses)?,
            clauses,
            providers: parse(documents, files.providers.as_str(), ProviderRegister::parse)?,
            retention: schedule(documents, files.retention.as_str(), &law)?,
            notices: parse(documents, files.notice.as_str(), NoticeArchive::parse)?,
            texts: texts(documents, &files)?,
            settings,
            zone,
            law,
        })
    }
}

fn text<'a>(documents: &'a [DocumentRow], path: &str) -> Result<&'a str, OperationError> {
    documents
        .iter()
        .find(|document| document.path == path)
        .map(|document| &*document.content)
        .ok_or_else(|| OperationError::DocumentMissing(Arc::from(path)))
}

fn parse<T, E: std::fmt::Display>(
    documents: &[DocumentRow],
    path: &str,
    read: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, OperationError> {
    read(text(documents, path)?).map_err(|error| broken(path, &error))
}

fn broken(path: &str, why: &impl std::fmt::Display) -> OperationError {
    OperationError::Document { path: Arc::from(path), why: why.to_string() }
}

fn law_book(documents: &[DocumentRow]) -> Result<LawBook, OperationError> {
    let files: Vec<(&str, &str)> = documents
        .iter()
        .filter(|document| document.path.starts_with("profiles/"))
        .map(|document| (document.path.as_str(), &*document.content))
        .collect();
    LawBook::parse(&files).map_err(|error| broken("profiles/", &error))
}

/// Rules that keep promises which the clinic made: there is no house whose rules cite others.
fn engine(path: &str, text: &str, clauses: &ClauseCatalogue) -> Result<Engine, OperationError> {
    let draft = PolicyDraft::parse(text).map_err(|error| broken(path, &error))?;
    check_citations(text, &draft, clauses).map_err(|error| broken(path, &error))?;
    Ok(Engine::new(draft.check().map_err(|error| broken(path, &error))?))
}

fn schedule(
    documents: &[DocumentRow],
    path: &str,
    law: &LawBook,
) -> Result<RetentionSchedule, OperationError> {
    RetentionSchedule::parse(path, text(documents, path)?, law).map_err(|error| broken(path, &error))
}

fn texts(documents: &[DocumentRow], files: &ClinicFiles) -> Result<Vec<Texts>, OperationError> {
    [(Language::Es, &files.texts_es), (Language::En, &files.texts_en)]
        .into_iter()
        .map(|(language, file)| parse(documents, file.as_str(), |text| Texts::parse(language, text)))
        .collect()
}
