//! The documents of a clinic, read from a folder.

use std::fs;
use std::path::{Path, PathBuf};

use crate::RuntimeError;

/// File names and texts, profiles under `profiles/`.
pub type ClinicFiles = Vec<(String, String)>;

/// Reads every `.toml` of a clinic's folder, and every profile of the folder of profiles.
///
/// # Errors
///
/// [`RuntimeError::File`] names the file that could not be read.
pub fn read_clinic_folder(clinic: &Path, profiles: &Path) -> Result<ClinicFiles, RuntimeError> {
    let mut files = read_folder(clinic, "")?;
    let own = clinic.file_name().unwrap_or_default().to_string_lossy();
    let mut shared = read_folder(profiles, "profiles/")?;
    // Every clinic's promises bear the same profile id: only this clinic's own are its own.
    shared.retain(|(name, _)| match name.strip_prefix("profiles/clinic-policy-") {
        Some(rest) => rest.trim_end_matches(".toml") == own,
        None => true,
    });
    files.extend(shared);
    Ok(files)
}

fn read_folder(folder: &Path, prefix: &str) -> Result<ClinicFiles, RuntimeError> {
    let failed = |path: &Path, error: std::io::Error| RuntimeError::File {
        path: path.to_owned(),
        why: error.to_string(),
    };
    let entries = fs::read_dir(folder).map_err(|error| failed(folder, error))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    let read = |path: PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).map_err(|error| failed(&path, error))?;
        Ok((format!("{prefix}{name}"), text))
    };
    paths.into_iter().map(read).collect()
}
