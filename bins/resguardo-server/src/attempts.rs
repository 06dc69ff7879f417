//! Sign-ins under attack: how often a name is tried, how many passwords are hashed at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use clinic_runtime::{PasswordCheck, SignInName, verify_password};
use tokio::sync::Semaphore;

/// Tries under one name after which it rests.
const TRIES_MAX: usize = 5;
/// How long a try counts, in minutes.
const TRIES_MINUTES: i64 = 15;
/// Names remembered that nobody has; the names of staff are remembered besides, and are few.
const UNKNOWN_MAX: usize = 4096;
/// Passwords hashed at the same time: each takes a core for tens of milliseconds, and 19 MiB.
const HASHES_AT_ONCE: usize = 2;

/// Whether somebody has the name that is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holder {
    /// Somebody of the staff.
    Staff,
    /// Nobody.
    Nobody,
}

/// Whether a name may be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It may; the try counts from now on.
    Taken,
    /// It was tried too often lately.
    Resting,
}

struct Tries {
    holder: Holder,
    at: Vec<DateTime<Utc>>,
}

/// The tries of late. A try counts before its password is hashed, so that guesses at the same time count too.
pub(crate) struct Attempts {
    names: Mutex<HashMap<SignInName, Tries>>,
    hashing: Arc<Semaphore>,
}

impl Attempts {
    /// No tries yet.
    pub(crate) fn new() -> Self {
        Self { names: Mutex::default(), hashing: Arc::new(Semaphore::new(HASHES_AT_ONCE)) }
    }

    /// Counts a try under this name, if it may be tried.
    pub(crate) fn begin(&self, name: &SignInName, holder: Holder, now: DateTime<Utc>) -> Turn {
        let Ok(mut names) = self.names.lock() else { return Turn::Resting };
        let since = now - TimeDelta::minutes(TRIES_MINUTES);
        names.retain(|_, tries| {
            tries.at.retain(|at| *at > since);
            !tries.at.is_empty()
        });
        if holder == Holder::Nobody && !names.contains_key(name) {
            make_room(&mut names);
        }
        let tries = names.entry(name.clone()).or_insert(Tries { holder, at: Vec::new() });
        tries.holder = holder;
        if tries.at.len() >= TRIES_MAX {
            return Turn::Resting;
        }
        tries.at.push(now);
        Turn::Taken
    }

    /// Takes back the try of this moment: the password was right. Wrong ones before it still count.
    pub(crate) fn take_back(&self, name: &SignInName, now: DateTime<Utc>) {
        let Ok(mut names) = self.names.lock() else { return };
        let Some(tries) = names.get_mut(name) else { return };
        if let Some(place) = tries.at.iter().position(|at| *at == now) {
            tries.at.swap_remove(place);
        }
        if tries.at.is_empty() {
            names.remove(name);
        }
    }

    /// Hashes the password when its turn comes, and compares it.
    pub(crate) async fn check(&self, stored: Option<String>, password: String) -> PasswordCheck {
        let Ok(turn) = Arc::clone(&self.hashing).acquire_owned().await else { return PasswordCheck::Wrong };
        // The turn goes with the hashing, which goes on when the visitor has left.
        let checking = tokio::task::spawn_blocking(move || {
            let check = verify_password(stored.as_deref(), &password);
            drop(turn);
            check
        });
        checking.await.unwrap_or(PasswordCheck::Wrong)
    }
}

/// Forgets the name of nobody that was tried the longest ago, if there are too many. A name of staff is never
/// forgotten for another's sake.
fn make_room(names: &mut HashMap<SignInName, Tries>) {
    let nobodys = || names.iter().filter(|(_, tries)| tries.holder == Holder::Nobody);
    if nobodys().count() < UNKNOWN_MAX {
        return;
    }
    let oldest = nobodys().min_by_key(|(_, tries)| tries.at.last().copied());
    if let Some(name) = oldest.map(|(name, _)| name.clone()) {
        names.remove(&name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(number: usize) -> SignInName {
        SignInName::parse(&format!("nombre-{number}")).unwrap()
    }

    fn start() -> DateTime<Utc> {
        "2026-11-24T16:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_name_rests_after_five_tries_until_they_are_old() {
        let (attempts, now) = (Attempts::new(), start());
        for _ in 0..TRIES_MAX {
            assert_eq!(attempts.begin(&name(1), Holder::Staff, now), Turn::Taken);
        }
        assert_eq!(attempts.begin(&name(1), Holder::Staff, now), Turn::Resting);
        assert_eq!(attempts.begin(&name(2), Holder::Staff, now), Turn::Taken);
        attempts.take_back(&name(1), now);
        assert_eq!(attempts.begin(&name(1), Holder::Staff, now), Turn::Taken);
        let later = now + TimeDelta::minutes(TRIES_MINUTES);
        assert_eq!(attempts.begin(&name(1), Holder::Staff, later), Turn::Taken);
    }

    #[test]
    fn many_invented_names_neither_fill_memory_nor_free_a_name_of_staff() {
        let (attempts, now) = (Attempts::new(), start());
        for _ in 0..TRIES_MAX {
            attempts.begin(&name(0), Holder::Staff, now);
        }
        for number in 1..=UNKNOWN_MAX + 100 {
            assert_eq!(attempts.begin(&name(number), Holder::Nobody, now), Turn::Taken);
        }
        assert_eq!(attempts.names.lock().unwrap().len(), UNKNOWN_MAX + 1);
        assert_eq!(attempts.begin(&name(0), Holder::Staff, now), Turn::Resting);
    }

    #[tokio::test]
    async fn no_more_passwords_are_hashed_at_once_than_have_a_turn() {
        let attempts = Attempts::new();
        let turns = attempts.hashing.acquire_many(u32::try_from(HASHES_AT_ONCE).unwrap()).await.unwrap();
        let guess = || "una que no es".to_owned();
        let mut waiting = std::pin::pin!(attempts.check(None, guess()));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(waiting.as_mut().poll(&mut context).is_pending());
        // Whatever was hashed from then on is done once others, begun later, are done one after the other.
        for _ in 0..4 {
            tokio::task::spawn_blocking(move || verify_password(None, &guess())).await.unwrap();
        }
        assert!(waiting.as_mut().poll(&mut context).is_pending());
        drop(turns);
        assert_eq!(waiting.await, PasswordCheck::Wrong);
    }
}
