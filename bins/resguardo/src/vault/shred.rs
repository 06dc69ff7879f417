//! `vault shred`: the same door as `retention dispose`.

use std::io::Write;

use crate::acting::Work;
use crate::disposals::{self, CarryOut};
use crate::{CliError, Verdict};

pub(super) async fn answer(
    work: &Work<'_>,
    carry_out: &CarryOut,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    disposals::carry_out(work, carry_out, out).await
}
