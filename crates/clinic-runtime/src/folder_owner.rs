//! Whose folder it is: a data folder belongs to one clinic, and says so in a file beside its key.

use std::fs;
use std::path::Path;

use records_model::ClinicId;

use crate::RuntimeError;

const FILE: &str = "clinic";

/// Refuses a folder that belongs to another clinic: without its documents named, a second one would be founded
/// beside it, unseen.
pub(crate) fn refuse_another(folder: &Path, clinic: ClinicId) -> Result<(), RuntimeError> {
    let path = folder.join(FILE);
    match fs::read_to_string(&path) {
        Ok(text) if text.trim() == clinic.as_uuid().to_string() => Ok(()),
        Ok(_) => Err(RuntimeError::AnotherClinic { folder: folder.to_owned() }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(RuntimeError::File { path, why: error.to_string() }),
    }
}

/// Notes whose folder it is.
pub(crate) fn note(folder: &Path, clinic: ClinicId) -> Result<(), RuntimeError> {
    let path = folder.join(FILE);
    if path.exists() {
        return Ok(());
    }
    fs::write(&path, format!("{}\n", clinic.as_uuid()))
        .map_err(|error| RuntimeError::File { path, why: error.to_string() })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_folder_is_one_clinics() {
        let folder = std::env::temp_dir().join(format!("resguardo-owner-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (one, other) = (ClinicId::from_uuid(Uuid::from_u128(1)), ClinicId::from_uuid(Uuid::from_u128(2)));
        refuse_another(&folder, one).unwrap();
        note(&folder, one).unwrap();
        refuse_another(&folder, one).unwrap();
        assert!(matches!(refuse_another(&folder, other), Err(RuntimeError::AnotherClinic { .. })));
        note(&folder, other).unwrap();
        refuse_another(&folder, one).unwrap();
        fs::remove_dir_all(&folder).unwrap();
    }
}
