//! Keys and content are in the memory of a process, and must not come to lie on a disk with it.

use rustix::process::{Resource, Rlimit, setrlimit};

use crate::RuntimeError;

/// Keeps the memory of this process, and of what it starts, out of core dumps; on Linux also away from other programs of
/// the same user. Called first, before a key is read.
///
/// # Errors
///
/// [`RuntimeError::Memory`] if the system refuses: then no key should be read.
pub fn keep_memory_private() -> Result<(), RuntimeError> {
    let refused = |error: rustix::io::Errno| RuntimeError::Memory(error.to_string());
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }).map_err(refused)?;
    // The limit does not hold where dumps are piped to a program; this does.
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)
        .map_err(refused)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_this_process_is_dumped() {
        keep_memory_private().unwrap();
        let limit = rustix::process::getrlimit(Resource::Core);
        assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
        #[cfg(target_os = "linux")]
        assert_eq!(
            rustix::process::dumpable_behavior().unwrap(),
            rustix::process::DumpableBehavior::NotDumpable
        );
    }
}
