//! The console over a real Postgres and the invented clinic: one binary, so that one throwaway cluster serves it.

#[cfg(test)]
mod attacks;
#[cfg(test)]
mod guard;
mod policy;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod story;
#[cfg(test)]
mod support;
