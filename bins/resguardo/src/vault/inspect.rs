//! `vault inspect`: what the head of an envelope says.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use crypto_vault::{EnvelopeHeader, OVERHEAD_BYTES};
use serde_json::json;

use crate::acting::Form;
use crate::{CliError, Verdict, render};

/// Which envelope.
#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// A file that holds one envelope and nothing else.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Inspect {
    pub(super) fn answer(&self, form: Form, out: &mut impl Write) -> Result<Verdict, CliError> {
        let bytes =
            std::fs::read(&self.file).map_err(|source| CliError::File { path: self.file.clone(), source })?;
        let head = match EnvelopeHeader::parse(&bytes) {
            Ok(head) => head,
            Err(error) if form == Form::Json => {
                render::json(out, &json!({ "envelope": false, "why": error.to_string() }))?;
                return Ok(Verdict::No);
            }
            Err(error) => {
                writeln!(out, "no envelope: {error}")?;
                return Ok(Verdict::No);
            }
        };
        let content = bytes.len().saturating_sub(OVERHEAD_BYTES);
        if form == Form::Json {
            render::json(
                out,
                &json!({
                    "envelope": true,
                    "format": "sealed-field-v1",
                    "cipher": "HKDF-SHA256, AES-256-GCM",
                    "key_number": head.key_number(),
                    "slot": head.slot(),
                    "content_bytes": content,
                }),
            )?;
        } else {
            writeln!(out, "sealed field v1: HKDF-SHA256, AES-256-GCM, key committed")?;
            writeln!(out, "  key version (of a wrapped key: epoch): {}", head.key_number())?;
            writeln!(out, "  place in its write: {}", head.slot())?;
            writeln!(out, "  sealed content: {content} bytes")?;
        }
        Ok(Verdict::Done)
    }
}
