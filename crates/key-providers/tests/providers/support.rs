//! A clinic, an epoch key, and whether two keys are the same.

use std::path::{Path, PathBuf};

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng as _;
use crypto_vault::testing::example_dek_id;
use crypto_vault::{Dek, EpochId, EpochKey, KeystoreRow, Salt, StoredKeyState};
use records_model::ClinicId;

pub(crate) fn clinic(last: u8) -> ClinicId {
    format!("01920000-0000-7000-8000-0000000000{last:02x}").parse().unwrap()
}

pub(crate) fn rng(seed: u8) -> ChaCha20Rng {
    ChaCha20Rng::from_seed([seed; 32])
}

pub(crate) fn epoch_key(epoch: u32) -> EpochKey {
    EpochKey::generate(EpochId::new(epoch).unwrap(), &mut rng(7))
}

/// Whether two keys are the same: one opens what the other wrapped.
pub(crate) fn same(a: &EpochKey, b: &EpochKey) -> bool {
    let dek = Dek::generate(example_dek_id(), &mut rng(1));
    let wrapped = a.wrap_dek(&dek, Salt::generate(&mut rng(2)));
    let row = KeystoreRow::new(*dek.id(), StoredKeyState::Active, Some(wrapped)).unwrap();
    b.open_dek(&row).is_ok()
}

pub(crate) fn fresh_folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
