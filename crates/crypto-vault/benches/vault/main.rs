//! How fast the vault is beside the bare cipher, in one run on one machine: `cargo bench -p crypto-vault`.
//!
//! Each pair is measured in turn, many rounds, and the fastest round of each counts: on a machine that others use too
//! it is the one that was disturbed least. Ratios are worth quoting, absolute figures are not.

mod bare;
mod rows;
mod timing;

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    println!("{:<46} {:>12} {:>12} {:>7} {:>10}", "what / beside which", "vault", "bare", "ratio", "goal");
    rows::fields()?;
    rows::opened_fields()?;
    rows::attachment()?;
    rows::blind_index()?;
    rows::unwrap()?;
    rows::rewrap()
}
