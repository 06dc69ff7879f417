//! A copy of the keystore that somebody else wrote, who can write its folder and has no key.

use std::fs;

use clinic_runtime::{CopyAge, RestoreOrder, restore};
use crypto_vault::{Quorum, recover};
use sha2::{Digest as _, Sha256};

use crate::drill::Drill;
use crate::support::at;

/// What somebody without a key makes of these lines: the number of rows is put right, and the last line has the right hash
/// of all the others, beside the tag of the genuine copy.
fn forged(lines: &[String]) -> String {
    let [head, rows @ .., last] = lines else { panic!("a copy has two lines at least") };
    let counted = head.rsplit_once("\"rows\":").unwrap().0;
    let mut text = format!("{counted}\"rows\":{}}}\n", rows.len());
    text.extend(rows.iter().flat_map(|line| [line.as_str(), "\n"]));
    let hash = Sha256::digest(text.as_bytes())
        .iter()
        .fold(String::new(), |hash, byte| hash + &format!("{byte:02x}"));
    let tag = last.split_once(",\"tag\":").unwrap().1;
    format!("{text}{{\"sha256\":\"{hash}\",\"tag\":{tag}\n")
}

/// What is worth forging, and what it is called.
fn forgeries(whole: &str) -> Vec<(&'static str, String)> {
    let lines: Vec<String> = whole.lines().map(str::to_owned).collect();
    let of = |table: &str| {
        let begins = format!("{{\"table\":\"{table}\"");
        lines.iter().position(|line| line.starts_with(&begins)).unwrap_or_else(|| panic!("no {table}"))
    };
    let changed = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines = lines.clone();
        change(&mut lines);
        forged(&lines)
    };
    assert_eq!(changed(&|_| ()), whole, "nothing else is written anew");
    let (erasure, minimum, backup) = (of("erasures"), of("key_minimums"), of("data_backups"));
    let closing = r#"{"table":"epoch_closings","row":{"epoch":9}}"#.to_owned();
    vec![
        ("an erasure is taken away", changed(&|lines| drop(lines.remove(erasure)))),
        ("the lowest version of a key is taken away", changed(&|lines| drop(lines.remove(minimum)))),
        ("a backup is taken away", changed(&|lines| drop(lines.remove(backup)))),
        ("a line is added", changed(&|lines| lines.insert(1, closing.clone()))),
        ("two lines change places", changed(&|lines| lines.swap(erasure, minimum))),
        ("a line stands there twice", changed(&|lines| lines.insert(erasure, lines[erasure].clone()))),
        ("another day", changed(&|lines| lines[0] = lines[0].replace("2026-11-17", "2026-11-18"))),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_somebody_else_wrote_is_refused_before_anything_is_written() {
    let drill = Drill::set("copies").await;
    let runtime = drill.clinic.runtime();
    let old = drill.back_up(runtime, "keys", 5).await;
    drill.shred().await;
    drill.renew_the_living_key(8).await;
    let shares = runtime.share_out(drill.officer, Quorum::TWO_OF_THREE, at(8)).await.unwrap().shares;
    let newest = drill.back_up(runtime, "keys", 9).await;
    let (copy, target) = (newest.keystore.unwrap(), drill.folder.join("restored"));
    let order = || RestoreOrder {
        folder: target.clone(),
        data: old.data.clone().unwrap(),
        copy: copy.clone(),
        epoch: recover(&shares[1..]).unwrap().epoch,
        clock: at(19),
    };
    let whole = fs::read_to_string(&copy).unwrap();
    for (what, forged) in forgeries(&whole) {
        fs::write(&copy, forged).unwrap();
        let Err(refused) = restore(order()).await else { panic!("{what}: it was restored from") };
        assert!(refused.to_string().contains("find out who can write"), "{what}: {refused}");
        assert!(!target.exists(), "{what}");
    }
    // What this clinic wrote itself is taken, with nothing but it and shares.
    fs::write(&copy, &whole).unwrap();
    let restored = restore(order()).await.unwrap();
    assert_eq!((restored.erased_again, restored.copy_age), (2, CopyAge::Current));
    fs::remove_dir_all(&drill.folder).unwrap();
}
