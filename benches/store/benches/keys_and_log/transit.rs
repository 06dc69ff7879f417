//! Fields sealed here, beside fields that Transit of an `OpenBao` on this machine encrypts, over one kept connection.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use key_providers::testing::{OpenBao, ROOT_TOKEN};
use serde_json::{Value, json};
use store_benches::Failure;
use store_benches::clock::{Subject, in_turns_or_fail, print};
use store_benches::sealing::{FIELDS, Sealing};
use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

const ROUNDS: usize = 15;
/// Requests of a round.
const ASKED: u32 = 100;
/// Records of eight fields in a batch.
const RECORDS: usize = 12;
const BATCH: u32 = 96;
const CONTENT: [u8; 200] = [0x61; 200];

/// A client that keeps its connection, which is the least that a request can cost.
struct Transit {
    agent: Agent,
    address: String,
}

impl Transit {
    fn of(bao: &OpenBao) -> Result<Self, Failure> {
        bao.run(&["write", "-f", "transit/keys/fields"])?;
        let mut roots: Vec<Certificate<'static>> = Vec::new();
        for item in parse_pem(&fs::read(bao.authority())?) {
            if let PemItem::Certificate(certificate) = item? {
                roots.push(certificate);
            }
        }
        let tls = TlsConfig::builder().root_certs(RootCerts::from(roots)).build();
        let agent = Agent::config_builder().proxy(None).tls_config(tls).build().new_agent();
        Ok(Self { agent, address: bao.address().to_owned() })
    }

    fn ask(&self, verb: &str, body: &Value) -> Result<Value, Failure> {
        let asked = self
            .agent
            .post(format!("{}/v1/transit/{verb}/fields", self.address))
            .header("X-Vault-Token", ROOT_TOKEN)
            .send(body.to_string())?;
        let mut answer: Value = serde_json::from_str(&asked.into_body().read_to_string()?)?;
        answer.get_mut("data").map(Value::take).ok_or_else(|| "Transit answered without data".into())
    }

    fn encrypt(&self, content: &[u8]) -> Result<String, Failure> {
        text(&self.ask("encrypt", &json!({ "plaintext": STANDARD.encode(content) }))?, "ciphertext")
    }

    fn decrypt(&self, sealed: &str) -> Result<Vec<u8>, Failure> {
        let answer = self.ask("decrypt", &json!({ "ciphertext": sealed }))?;
        Ok(STANDARD.decode(text(&answer, "plaintext")?)?)
    }

    fn encrypt_all(&self, content: &[u8]) -> Result<Vec<String>, Failure> {
        let items: Vec<Value> =
            (0..BATCH).map(|_| json!({ "plaintext": STANDARD.encode(content) })).collect();
        each(&self.ask("encrypt", &json!({ "batch_input": items }))?, "ciphertext")
    }

    fn decrypt_all(&self, sealed: &[String]) -> Result<usize, Failure> {
        let items: Vec<Value> = sealed.iter().map(|one| json!({ "ciphertext": one })).collect();
        let opened = each(&self.ask("decrypt", &json!({ "batch_input": items }))?, "plaintext")?;
        let lengths = opened.iter().map(|one| Ok(STANDARD.decode(one)?.len()));
        lengths.sum::<Result<usize, Failure>>()
    }
}

fn text(value: &Value, name: &str) -> Result<String, Failure> {
    let found = value.get(name).and_then(Value::as_str).map(str::to_owned);
    found.ok_or_else(|| format!("Transit answered without {name}").into())
}

fn each(answer: &Value, name: &str) -> Result<Vec<String>, Failure> {
    let items = answer.get("batch_results").and_then(Value::as_array).ok_or("Transit answered no batch")?;
    items.iter().map(|item| text(item, name)).collect()
}

pub(crate) fn measure() -> Result<(), Failure> {
    let folder = std::env::temp_dir().join(format!("resguardo-bench-transit-{}", std::process::id()));
    let bao = OpenBao::start(&folder)?;
    let measured = Transit::of(&bao).and_then(|transit| {
        println!("\nTransit: OpenBao on this machine, TLS, one connection that is kept");
        one_by_one(&transit)?;
        in_batches(&transit)
    });
    drop(bao);
    fs::remove_dir_all(folder)?;
    measured
}

fn one_by_one(transit: &Transit) -> Result<(), Failure> {
    let mut ours = Sealing::new(5)?;
    let encrypting = vec![
        Subject::fallible("ours", ASKED, move || {
            (0..ASKED).try_for_each(|_| ours.seal(1, &CONTENT).map(drop))
        }),
        Subject::fallible("Transit", ASKED, || {
            (0..ASKED).try_for_each(|_| transit.encrypt(&CONTENT).map(drop))
        }),
    ];
    let medians = in_turns_or_fail(ROUNDS, encrypting, || Ok::<_, Failure>(()))?;
    print("one field of 200 B encrypted", &medians, &[]);

    let mut ours = Sealing::new(5)?;
    let (sealed, kept) = (ours.seal(1, &CONTENT)?, transit.encrypt(&CONTENT)?);
    if transit.decrypt(&kept)? != CONTENT {
        return Err("Transit did not give back what it was given".into());
    }
    let decrypting = vec![
        Subject::fallible("ours", ASKED, || (0..ASKED).try_for_each(|_| ours.open(&sealed).map(drop))),
        Subject::fallible("Transit", ASKED, || (0..ASKED).try_for_each(|_| transit.decrypt(&kept).map(drop))),
    ];
    let medians = in_turns_or_fail(ROUNDS, decrypting, || Ok::<_, Failure>(()))?;
    print("one field of 200 B decrypted", &medians, &[]);
    Ok(())
}

fn in_batches(transit: &Transit) -> Result<(), Failure> {
    let mut ours = Sealing::new(6)?;
    let encrypting = vec![
        Subject::fallible("ours, twelve records of eight", BATCH, move || {
            (0..RECORDS).try_for_each(|_| ours.seal(FIELDS.len(), &CONTENT).map(drop))
        }),
        Subject::fallible("Transit, one request", BATCH, || transit.encrypt_all(&CONTENT)),
    ];
    let medians = in_turns_or_fail(ROUNDS, encrypting, || Ok::<_, Failure>(()))?;
    print("96 fields of 200 B encrypted, each", &medians, &[]);

    let mut ours = Sealing::new(6)?;
    let (sealed, kept) = (ours.seal(FIELDS.len(), &CONTENT)?, transit.encrypt_all(&CONTENT)?);
    if transit.decrypt_all(&kept)? != CONTENT.len() * kept.len() {
        return Err("Transit did not give back what it was given".into());
    }
    let decrypting = vec![
        Subject::fallible("ours, twelve records of eight", BATCH, || {
            (0..RECORDS).try_for_each(|_| ours.open(&sealed).map(drop))
        }),
        Subject::fallible("Transit, one request", BATCH, || transit.decrypt_all(&kept)),
    ];
    let medians = in_turns_or_fail(ROUNDS, decrypting, || Ok::<_, Failure>(()))?;
    print("96 fields of 200 B decrypted, each", &medians, &[]);
    Ok(())
}
