//! Certificates of erasure: worked out from the ledger each time, because what survives shrinks with time.

use audit_log::sign_certificate;
use chrono::{DateTime, Utc};
use crypto_vault::{
    Certificate, CertificateState, Coverage, DestroyedEpoch, IndexTokens, KeystoreRow, StoredKeyState,
    Survives, Survivor,
};
use postgres_store::{Clock, Erasure, ErasureFile, ErasureGround, Proof};
use privacy_operations::{Answer, OperationError, OverseeWork, WorkList};
use records_model::{ActorId, RetentionClass, SubjectId};
use serde_json::{Value, json};

use crate::{Runtime, RuntimeError};

/// Version of a certificate's body.
const SCHEMA: &str = "resguardo-erasure-certificate/1";

/// One destroyed key and how sure its end is, today.
#[derive(Debug, Clone)]
pub struct ErasureCertificate {
    /// What survives, and until when.
    pub certificate: Certificate,
    /// How sure the destruction is.
    pub state: CertificateState,
    /// Records that went with the key.
    pub rows: u64,
    /// When this was worked out.
    pub at: DateTime<Utc>,
}

/// Certificates, if the actor may see them.
#[derive(Debug, Clone)]
pub struct Certificates {
    /// Whether they may.
    pub answer: Answer,
    /// One for each destroyed key, oldest first.
    pub certificates: Vec<ErasureCertificate>,
}

impl Runtime {
    /// Every certificate of erasure as it stands now. The asking is decided and logged.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if the ledger cannot be read, or nothing could be decided.
    pub async fn certificates(&self, actor: ActorId, clock: Clock) -> Result<Certificates, RuntimeError> {
        let oversee = OverseeWork { actor, list: WorkList::Erasures };
        let answer = self.perform(&oversee, clock).await?;
        if !answer.is_permit() {
            return Ok(Certificates { answer, certificates: Vec::new() });
        }
        let at = self.store().instant(clock).await?;
        let file = self.store().erasure_file(self.clinic()).await?;
        let certificates =
            file.erasures.iter().map(|erasure| of(erasure, &file, at)).collect::<Result<_, _>>()?;
        Ok(Certificates { answer, certificates })
    }

    /// The signed text of a certificate, with the newest head of the log; `audit_log::verify_certificate` checks it
    /// with the log's public key alone.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if the log has no head that can be read.
    pub async fn signed_certificate(&self, of: &ErasureCertificate) -> Result<String, RuntimeError> {
        let heads = self.store().heads(self.clinic()).await?;
        let head = heads.last().map(|(_, _, note)| note.as_str());
        Ok(sign_certificate(&body(of, head), self.signing())?)
    }
}

/// The certificate of one destroyed key. Only ends that are proved count, and only backups begun before the erasure
/// may hold search tokens.
pub(crate) fn of(
    erasure: &Erasure,
    file: &ErasureFile,
    at: DateTime<Utc>,
) -> Result<ErasureCertificate, RuntimeError> {
    let coverage = match erasure.ground {
        ErasureGround::WholeClass => Coverage::WholeKey,
        ErasureGround::SurvivorsResealed => Coverage::Rows { count: erasure.rows },
    };
    let tokens = erasure.index_version.and_then(|version| {
        let held = |backup: &&postgres_store::BackupRow| {
            backup.taken_at <= erasure.erased_at && backup.index_version == version
        };
        let last_expires_at = file.backups.iter().filter(held).map(|backup| backup.expires_at).max()?;
        Some(IndexTokens::InBackups { version, last_expires_at, retired_at: None })
    });
    let row = KeystoreRow::new(erasure.key, StoredKeyState::Destroyed, None).map_err(OperationError::from)?;
    let (epochs, erased_at) = (erasure.epochs, erasure.erased_at);
    let certificate =
        Certificate::new(&row, coverage, epochs, tokens.unwrap_or(IndexTokens::None), erased_at)
            .map_err(|_| OperationError::Stored("erasure"))?;
    let proved = file.ends.iter().filter(|end| end.proved == Proof::Destroyed);
    let certificate = proved.fold(certificate, |certificate, end| {
        certificate.epoch_destroyed(&DestroyedEpoch::on_file(end.epoch, end.ended_at))
    });
    let state = certificate.state(at);
    Ok(ErasureCertificate { certificate, state, rows: erasure.rows, at })
}

impl ErasureCertificate {
    /// Whose key it was.
    #[must_use]
    pub const fn subject(&self) -> SubjectId {
        self.certificate.key().subject()
    }

    /// Of which class.
    #[must_use]
    pub const fn class(&self) -> RetentionClass {
        self.certificate.key().class()
    }

    /// What survives now.
    #[must_use]
    pub fn survives(&self) -> Vec<Survives> {
        self.certificate.survives(self.at)
    }
}

fn body(of: &ErasureCertificate, head: Option<&str>) -> Value {
    let key = of.certificate.key();
    let (state, since) = match of.state {
        CertificateState::Pending { .. } => ("pending", None),
        CertificateState::Irrecoverable { at } => ("irrecoverable", Some(at)),
    };
    let covers = match of.certificate.coverage() {
        Coverage::WholeKey => json!("whole-key"),
        Coverage::Rows { count } => json!({ "rows": count }),
    };
    json!({
        "schema_version": SCHEMA,
        "clinic": key.clinic(),
        "pii_principal_id": key.subject(),
        "class": key.class(),
        "key_version": key.version().number(),
        "covers": covers,
        "rows": of.rows,
        "destroyed_at": of.certificate.destroyed_at(),
        "state": state,
        "irrecoverable_since": since,
        "survives": of.survives().iter().map(survivor).collect::<Vec<_>>(),
        "text": { "es": text_es(of), "en": text_en(of) },
        "issued_at": of.at,
        "checkpoint": head,
    })
}

fn survivor(survives: &Survives) -> Value {
    match survives.what {
        Survivor::WrappedKey { epoch } => {
            json!({ "what": "wrapped-key", "epoch": epoch.number(), "until": survives.until })
        }
        Survivor::SearchTokens { version } => {
            json!({ "what": "search-tokens", "index_version": version.number(), "until": survives.until })
        }
    }
}

fn text_es(of: &ErasureCertificate) -> String {
    let what = match of.certificate.coverage() {
        Coverage::WholeKey => "todo lo que se selló con esta llave".to_owned(),
        Coverage::Rows { count } => format!("{count} renglones; lo demás se selló antes con otra llave"),
    };
    match of.state {
        CertificateState::Irrecoverable { at } => {
            format!("La llave se destruyó, y con ella {what}. Desde {at} nadie puede volver a abrirlo.")
        }
        CertificateState::Pending { .. } => format!(
            "La llave se destruyó, y con ella {what}. Todavía sobrevive en copias lo que aquí se enumera, hasta el día que se indica."
        ),
    }
}

fn text_en(of: &ErasureCertificate) -> String {
    let what = match of.certificate.coverage() {
        Coverage::WholeKey => "everything that was sealed under it".to_owned(),
        Coverage::Rows { count } => format!("{count} rows; the rest was sealed under another key first"),
    };
    match of.state {
        CertificateState::Irrecoverable { at } => {
            format!("The key was destroyed, and with it {what}. Since {at} nobody can open it again.")
        }
        CertificateState::Pending { .. } => format!(
            "The key was destroyed, and with it {what}. What is listed here still survives in copies, until the day that is named."
        ),
    }
}
