//! Something that is dear to compute: computed by one task at a time, and kept for a while.

use std::future::Future;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;

/// A computed value, and the instant at which computing it began.
pub(crate) struct Computed<T> {
    pub(crate) as_of: DateTime<Utc>,
    pub(crate) value: Arc<T>,
    until: DateTime<Utc>,
}

/// Keeps one value.
pub(crate) struct Kept<T> {
    held: Mutex<Option<Computed<T>>>,
    keep: TimeDelta,
}

impl<T> Kept<T> {
    /// Keeps a value for so long, counted from when it was computed.
    pub(crate) fn new(keep: TimeDelta) -> Self {
        Self { held: Mutex::new(None), keep }
    }

    /// The value that is kept, or a new one. Whoever asks while it is computed waits for that one.
    pub(crate) async fn get<E, F: Future<Output = Result<T, E>>>(
        &self,
        now: impl Fn() -> DateTime<Utc>,
        compute: impl FnOnce() -> F,
    ) -> Result<Computed<T>, E> {
        let mut held = self.held.lock().await;
        let as_of = now();
        if let Some(kept) = held.as_ref().filter(|kept| as_of < kept.until) {
            return Ok(kept.clone());
        }
        let value = Arc::new(compute().await?);
        let computed = Computed { as_of, value, until: now() + self.keep };
        *held = Some(computed.clone());
        Ok(computed)
    }
}

impl<T> Clone for Computed<T> {
    fn clone(&self) -> Self {
        Self { as_of: self.as_of, value: Arc::clone(&self.value), until: self.until }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn whoever_asks_at_the_same_time_or_soon_after_gets_the_same() {
        let start: DateTime<Utc> = "2026-11-24T16:00:00Z".parse().unwrap();
        let (kept, runs) = (Kept::new(TimeDelta::seconds(60)), AtomicU32::new(0));
        let get = async |seconds: i64| {
            let compute = async || {
                tokio::task::yield_now().await;
                Ok::<_, ()>(runs.fetch_add(1, Ordering::Relaxed) + 1)
            };
            let computed = kept.get(|| start + TimeDelta::seconds(seconds), compute).await.unwrap();
            (*computed.value, (computed.as_of - start).num_seconds())
        };
        assert_eq!(tokio::join!(get(0), get(1), get(2)), ((1, 0), (1, 0), (1, 0)));
        assert_eq!(get(59).await, (1, 0));
        assert_eq!(tokio::join!(get(60), get(61)), ((2, 60), (2, 60)));
    }

    #[tokio::test]
    async fn what_failed_is_not_kept() {
        let kept = Kept::new(TimeDelta::seconds(60));
        assert!(kept.get(DateTime::default, async || Err::<u8, _>("no")).await.is_err());
        let second = kept.get(DateTime::default, async || Ok::<_, &str>(2)).await.unwrap();
        assert_eq!(*second.value, 2);
    }
}
