//! Key types cannot be copied or printed: each line here stops compiling once one can.

use crypto_vault::{
    Active, AttachmentChunks, AttachmentOpener, AttachmentSealer, BatchSealer, DecryptOnly, Dek, EpochKey,
    IndexRoot, OpenedDek, Passphrase, RecordOpener, RecoveredKeys, RecoveryShare, Salt, SearchKeys, Secret,
};

/// Two implementations fit a type that is `Clone` or `Debug`, and then `check` is ambiguous.
trait NotClone<Marker> {
    fn check() {}
}
impl<T> NotClone<()> for T {}
impl<T: Clone> NotClone<u8> for T {}

trait NotDebug<Marker> {
    fn check() {}
}
impl<T> NotDebug<()> for T {}
impl<T: std::fmt::Debug> NotDebug<u8> for T {}

macro_rules! neither_clone_nor_debug {
    ($($key:ty),+) => {$(
        <$key as NotClone<_>>::check();
        <$key as NotDebug<_>>::check();
    )+};
}

#[test]
fn no_key_type_can_be_copied_or_printed() {
    neither_clone_nor_debug!(
        Dek<Active>,
        Dek<DecryptOnly>,
        OpenedDek,
        EpochKey,
        IndexRoot,
        SearchKeys,
        Secret,
        Passphrase,
        BatchSealer,
        RecordOpener,
        AttachmentSealer,
        AttachmentOpener,
        AttachmentChunks,
        RecoveryShare,
        RecoveredKeys
    );
    // A salt is no secret, but used twice it would make two writes share their nonces.
    <Salt as NotClone<_>>::check();
}
