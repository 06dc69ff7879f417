//! Appending to the log, sealing beside pgcrypto and Transit, data keys wrapped again. `cargo bench -p store-benches`

mod appending;
mod pgcrypto;
mod rewrapping;
mod transit;

use store_benches::{Failure, cluster};
use tokio::runtime::{Builder, Runtime};

fn main() -> Result<(), Failure> {
    if std::env::args().any(|argument| argument == "--test") {
        return Ok(());
    }
    println!("medians of rounds in turns; x is the ratio of the times to the first line");
    if wanted("rewrapping") {
        rewrapping::in_memory()?;
    }
    if wanted("transit") {
        transit::measure()?;
    }
    if !(wanted("appending") || wanted("pgcrypto") || wanted("rewrapping")) {
        return Ok(());
    }
    let tokio: Runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let cluster = tokio.block_on(cluster::start())?;
    let settings = tokio.block_on(cluster::shown(cluster.superuser_target()))?;
    let settings: Vec<String> = settings.iter().map(|(name, value)| format!("{name} {value}")).collect();
    println!("\none Postgres of its own: {}", settings.join(", "));
    if wanted("appending") {
        appending::measure(&tokio, &cluster)?;
    }
    if wanted("pgcrypto") {
        pgcrypto::measure(&tokio, &cluster)?;
    }
    if wanted("rewrapping") {
        rewrapping::in_postgres(&tokio, &cluster)?;
    }
    Ok(())
}

/// Whether a part is to be measured: without a part named on the command line, every part.
fn wanted(part: &str) -> bool {
    let parts = ["appending", "pgcrypto", "transit", "rewrapping"];
    let named: Vec<String> = std::env::args().filter(|word| parts.contains(&word.as_str())).collect();
    named.is_empty() || named.iter().any(|word| word == part)
}
