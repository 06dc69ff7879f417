//! The keys of a clinic at a terminal.

use expect_test::expect;

use crate::support::Terminal;

#[tokio::test]
async fn an_epoch_is_rotated_and_ended_only_when_nothing_is_missing() {
    let terminal = Terminal::found("vault_epoch").await;
    let keeper = terminal.staff("systems-administrator").await;
    let nurse = terminal.staff("nurse").await;

    let founded = terminal.run(&["vault", "init"]).await;
    assert_eq!(founded.status, 0, "{}", founded.text);
    assert!(founded.text.starts_with("epoch 1 has its key: "), "{}", founded.text);

    expect![[r#"
        epoch 1 is in force
        its key is kept by: key file
          its end can be proved, as far as copies and backups of it are destroyed too
         epoch   stands     keys wrapped
        ─────────────────────────────────
         1       in force   7
        keys: 7 active
        copies read back: 0
        backups of the data: 0
        warning: no recovery of this epoch was ever verified: if the key file is lost, everything is; share the keys out among people, and try the shares
        warning: 0 verified copies show the keystore as it is now; keep 2, in places of their own
        exit status 0
    "#]].assert_eq(&terminal.run(&["vault", "status"]).await.blotted());
    let rotate = ["vault", "rotate-epoch"];
    assert_eq!(terminal.run(&rotate).await.status, 2, "somebody answers for it");
    let refused = terminal.run(&[rotate.as_slice(), &["--as", &nurse]].concat()).await;
    assert_eq!(refused.status, 3);
    assert!(refused.text.starts_with("refused: nobody allowed it"), "{}", refused.text);
    expect![[r#"
        7 keys would be wrapped, at most; nothing was changed
        exit status 0
    "#]]
    .assert_eq(&terminal.run(&["vault", "rotate-epoch", "--dry-run"]).await.blotted());
    expect![[r#"
        9 keys wrapped; 9 opened under epoch 2
        epoch 2 is in force; start every server again, so that it reads its key
        then make copies, verify the recovery, and end epoch 1: vault rotate-epoch --end-old
        exit status 0
    "#]]
    .assert_eq(&terminal.run(&[rotate.as_slice(), &["--as", &keeper]].concat()).await.blotted());
    // This process holds the earlier key: it says so instead of making a third.
    let again = terminal.run(&[rotate.as_slice(), &["--as", &keeper]].concat()).await;
    assert_eq!(again.status, 1);
    assert!(again.text.contains("start it again"), "{}", again.text);

    let terminal = terminal.opened_again().await;
    assert_eq!(terminal.run(&["vault", "init"]).await.status, 3);
    let again = terminal.json(&[rotate.as_slice(), &["--as", &keeper]].concat()).await;
    assert_eq!((again["wrapped"].as_u64(), again["epoch_in_force"].as_u64()), (Some(0), Some(2)));
    let end = [rotate.as_slice(), &["--end-old", "--as", &keeper]].concat();
    expect![[r#"
        not yet:
          - 0 of 2 copies show the keystore as it is now: `db backup` into so many folders makes them
          - the recovery of the epoch in force was not verified within 90 days: `vault recovery verify`
        exit status 3
    "#]]
    .assert_eq(&terminal.run(&end).await.blotted());
    let status = terminal.json(&["vault", "status"]).await;
    assert_eq!(status["epoch_in_force"], 2);
    assert_eq!(status["epochs"][0]["stands"], "earlier, not ended");
}

#[tokio::test]
async fn a_dry_run_of_sharing_or_wrapping_the_key_says_what_would_be_and_leaves_no_trace() {
    let terminal = Terminal::found("vault_dry").await;
    let officer = terminal.staff("privacy-officer").await;
    let hidden =
        |printed: &crate::support::Printed| printed.blotted().replace(&terminal.path(""), "<folder>/");
    let out = terminal.path("shares");
    let split = ["vault", "recovery", "split", "--holders", "3", "--out", &out];
    let dry = [split.as_slice(), &["--dry-run"]].concat();
    let said = terminal.run_without_a_trace(&[&dry, &[dry.as_slice(), &["--json"]].concat()]).await;
    expect![[r#"
        3 shares of the key of epoch 1 would be written to <folder>/shares; 2 of them bring it back
        no key changes; that it was shared out would be on file
        nothing was changed, and no share was made
        exit status 0
    "#]]
    .assert_eq(&hidden(&said[0]));
    expect![[r#"
        {
          "epoch": 1,
          "files": [
            "<folder>/shares/share-1.txt",
            "<folder>/shares/share-2.txt",
            "<folder>/shares/share-3.txt"
          ],
          "handed_out_before": null,
          "needed": 2
        }
        exit status 0
    "#]]
    .assert_eq(&hidden(&said[1]));
    let too_many = terminal.run(&[dry.as_slice(), &["--needed", "4"]].concat()).await;
    assert_eq!(too_many.status, 2, "{}", too_many.text);
    assert_eq!(terminal.run(&[split.as_slice(), &["--as", &officer]].concat()).await.status, 0);
    let full = terminal.run(&dry).await;
    assert!(full.status == 2 && full.text.contains("not empty"), "{}", full.text);
    let other = ["vault", "recovery", "split", "--out", &terminal.path("others"), "--dry-run"];
    let twice = terminal.run(&other).await.text;
    assert!(twice.contains("handed out on 2026-11-17 too"), "{twice}");

    // Nobody listens there: the service is not asked.
    let token = terminal.write("token", "x");
    only_mine(&token);
    let settings = "provider = \"transit\"\naddress = \"http://127.0.0.1:9\"\nkey = \"clinica\"\n";
    let service = terminal.write("service.toml", &format!("{settings}token-file = \"{token}\"\n"));
    let wrap = ["vault", "wrap-key", "--with", &service, "--dry-run"];
    let said = terminal.run_without_a_trace(&[&wrap, &[wrap.as_slice(), &["--json"]].concat()]).await;
    expect![[r#"
        transit http://127.0.0.1:9/v1/transit/keys/clinica-.. would be made, and would wrap the key of epoch 1 into <folder>/epoch.wrapped
        <folder>/epoch.key would be overwritten and removed; the key itself stays, and all that it wraps
        nothing was changed, and the service was not asked
        exit status 0
    "#]].assert_eq(&hidden(&said[0]));
    expect![[r#"
        {
          "destroyed": "<folder>/epoch.key",
          "epoch": 1,
          "is_wrapped": false,
          "kept_by": "transit http://127.0.0.1:9/v1/transit/keys/clinica-..",
          "key_file": "<folder>/epoch.wrapped"
        }
        exit status 0
    "#]]
    .assert_eq(&hidden(&said[1]));
    std::fs::write(terminal.path("epoch-2.key"), "x").unwrap();
    let unfinished = terminal.run(&wrap).await;
    assert!(unfinished.status == 1 && unfinished.text.contains("finish the rotation"), "{}", unfinished.text);
}

fn only_mine(path: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[tokio::test]
async fn the_doctor_names_rows_by_their_ids_and_exits_3() {
    let terminal = Terminal::found("vault_doctor").await;
    let (director, nurse) = (terminal.staff("director").await, terminal.staff("nurse").await);
    let doctor = ["vault", "doctor", "--as"];
    assert_eq!(terminal.run(&["vault", "doctor"]).await.status, 2, "somebody answers for it");
    let refused = terminal.run(&[doctor.as_slice(), &[&nurse]].concat()).await;
    assert!(refused.status == 3 && refused.text.starts_with("refused: "), "{}", refused.text);
    expect![[r#"
        to-do: no recovery of this epoch was ever verified: if the key file is lost, everything is; share the keys out among people, and try the shares
        1 found
        exit status 3
    "#]].assert_eq(&terminal.run(&[doctor.as_slice(), &[&director]].concat()).await.blotted());
    let key = terminal.path("epoch.key");
    open_to_others(&key);
    let found = terminal.run(&[doctor.as_slice(), &[&director, "--json"]].concat()).await;
    assert_eq!(found.status, 3);
    let found: serde_json::Value = serde_json::from_str(&found.text).unwrap();
    assert_eq!(found["findings"][0]["code"], "key-file-open-to-others");
}

fn open_to_others(path: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).unwrap();
}

#[tokio::test]
async fn an_envelope_is_inspected_without_its_key() {
    let terminal = Terminal::found("vault_inspect").await;
    let mut envelope = vec![0xE1, 0x01, 0x00, 0x02, 0, 0, 0, 7];
    envelope.resize(64 + 5 + 16, 0);
    let file = terminal.path("envelope");
    std::fs::write(&file, &envelope).unwrap();
    expect![[r#"
        sealed field v1: HKDF-SHA256, AES-256-GCM, key committed
          key version (of a wrapped key: epoch): 7
          place in its write: 2
          sealed content: 5 bytes
        exit status 0
    "#]]
    .assert_eq(&terminal.run(&["vault", "inspect", &file]).await.blotted());
    std::fs::write(&file, &envelope[..40]).unwrap();
    let none = terminal.run(&["vault", "inspect", &file]).await;
    assert_eq!(none.status, 3);
    assert!(none.text.starts_with("no envelope: "), "{}", none.text);
}

#[tokio::test]
async fn an_epoch_ends_once_shares_holds_and_copies_are_seen_to() {
    let terminal = Terminal::found("vault_ends").await;
    let (keeper, officer) =
        (terminal.staff("systems-administrator").await, terminal.staff("privacy-officer").await);
    let (early, late) = (terminal.path("early"), terminal.path("late"));
    let split = ["vault", "recovery", "split", "--as", &officer, "--out"];
    assert_eq!(terminal.run(&[split.as_slice(), &[&early]].concat()).await.status, 0);
    let rotate = ["vault", "rotate-epoch", "--as", &keeper];
    assert_eq!(terminal.run(&rotate).await.status, 0);
    let terminal = terminal.opened_again().await;
    assert_eq!(terminal.run(&rotate).await.status, 0);
    assert_eq!(terminal.run(&[split.as_slice(), &[&late]].concat()).await.status, 0);
    let shares = [format!("{late}/share-1.txt"), format!("{late}/share-3.txt")];
    let verify = ["vault", "recovery", "verify", &shares[0], &shares[1], "--as", &officer];
    assert_eq!(terminal.run(&verify).await.status, 0);
    for place in ["one", "two"] {
        terminal.backed_up(place).await;
    }
    let end = [rotate.as_slice(), &["--end-old"]].concat();
    expect![[r#"
        not yet:
          - shares of epoch 1 were handed out, and enough of them are its key: collect and destroy them, then `vault recovery destroyed --epoch 1`
        exit status 3
    "#]]
    .assert_eq(&terminal.run(&end).await.blotted());
    let destroyed = ["vault", "recovery", "destroyed", "--as", &officer, "--epoch"];
    let in_force = terminal.run(&[destroyed.as_slice(), &["2"]].concat()).await;
    assert!(in_force.status == 1 && in_force.text.contains("name an earlier epoch"), "{}", in_force.text);
    expect![[r#"
        it is on file that every share of epoch 1 is destroyed
        exit status 0
    "#]]
    .assert_eq(&terminal.run(&[destroyed.as_slice(), &["1"]].concat()).await.blotted());

    let place =
        ["vault", "hold", "place", "--authority", "Juzgado Tercero, 12/2026", "--as", &officer, "--epoch"];
    let unknown = terminal.run(&[place.as_slice(), &["3"]].concat()).await;
    assert!(unknown.status == 1 && unknown.text.contains("there is no epoch 3"), "{}", unknown.text);
    let placed = terminal.json(&[place.as_slice(), &["1"]].concat()).await;
    let hold = placed["result"]["hold"].as_str().unwrap().to_owned();
    let status = terminal.run(&["vault", "status"]).await.text;
    assert!(status.contains(&format!("hold {hold} keeps epoch 1")), "{status}");
    let refused = terminal.run(&end).await;
    assert!(refused.status == 3 && refused.text.contains(&format!("legal hold {hold}")), "{}", refused.text);
    let release = ["vault", "hold", "release", &hold, "--as", &officer];
    assert_eq!(terminal.run(&release).await.status, 0);
    assert_eq!(terminal.run(&release).await.status, 1, "it is over");

    expect![[r#"
        epoch 1 ended: its key file was overwritten and removed; destroy every copy of it too
        exit status 0
    "#]]
    .assert_eq(&terminal.run(&end).await.blotted());
    let status = terminal.json(&["vault", "status"]).await;
    assert_eq!(status["epochs"][0]["stands"], "ended, key destroyed");
    assert_eq!(status["warnings"].as_array().unwrap().len(), 0, "both copies know of the end: {status}");
    let late = terminal.run(&[place.as_slice(), &["1"]].concat()).await;
    assert!(late.status == 1 && late.text.contains("its key given up"), "{}", late.text);
}
