//! Both kinds of service, real ones on this machine: what they open, what they refuse, and what they say then.

#[cfg(test)]
mod pkcs11;
#[cfg(test)]
mod support;
#[cfg(test)]
mod transit;
