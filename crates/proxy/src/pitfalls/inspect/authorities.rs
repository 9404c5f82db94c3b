//! Whom the gate trusts, and whom clients of the gate have to trust.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;

use super::{OK, RULE, ask, get, head, http1, status};
use crate::testing::{World, connector, public_root, untrusted_acceptor, within};

#[tokio::test]
async fn an_authority_of_the_company_counts_while_the_gate_runs() {
    let world = World::allowing(&[RULE]).await;
    let (acceptor, pem) = untrusted_acceptor("docs.example");
    world
        .serve("docs.example", 443, move |stream| {
            let acceptor = acceptor.clone();
            async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                while head(&mut stream).await.is_some() {
                    stream.write_all(OK.as_bytes()).await.unwrap();
                }
            }
        })
        .await;
    assert_eq!(status(&ask(&world, &get("/guide/")).await), 502);
    let file = world.paths.authorities().join("added-000.pem");
    std::fs::create_dir(world.paths.authorities()).unwrap();
    std::fs::write(&file, pem).unwrap();
    let changes = async |count: usize| {
        while world.log().iter().filter(|line| line["type"] == "roots").count() < count {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    within(changes(1)).await;
    for _ in 0..2 {
        assert_eq!(status(&ask(&world, &get("/guide/")).await), 200);
    }
    let dialled = world.outside.dialled().len();
    std::fs::remove_file(&file).unwrap();
    within(changes(2)).await;
    assert_eq!(status(&ask(&world, &get("/guide/")).await), 502, "a kept connection serves no more");
    assert_eq!(world.outside.dialled().len(), dialled + 1);
}

#[tokio::test]
async fn pitfall_24_a_rotated_ca_signs_at_once_and_the_old_one_never_again() {
    let world = World::allowing(&[RULE]).await;
    http1(&world, "docs.example", OK).await;
    let old = world.ca();
    assert_eq!(status(&ask(&world, &get("/guide/")).await), 200);
    let key = std::fs::read(world.paths.ca()).unwrap();
    let facts = world.sidecar.shared.rotate_ca().unwrap();
    assert_ne!(old, facts.pem);
    assert_eq!(world.ca(), facts.pem);
    assert_eq!(std::fs::read_to_string(world.paths.share.join("ca.pem")).unwrap(), facts.pem);
    // The host's leaf was made before; a client that knows the new CA gets another one.
    assert_eq!(status(&ask(&world, &get("/guide/")).await), 200);
    let stream = world.https().await;
    assert!(connector(&[old], &[]).connect("docs.example".try_into().unwrap(), stream).await.is_err());
    assert_ne!(std::fs::read(world.paths.ca()).unwrap(), key);
    let line = world.logged(|line| line["type"] == "ca").await;
    assert_eq!(line["fingerprint_sha256"], facts.fingerprint_sha256);
    let world = world.restart("container-1").await.unwrap();
    assert_eq!(world.ca(), facts.pem, "a restart keeps it");
}

#[tokio::test]
async fn pitfall_24_a_ca_that_ends_is_renewed_while_the_gate_runs() {
    const DAY: i64 = 24 * 60 * 60;
    let world = World::allowing(&[RULE]).await;
    http1(&world, "docs.example", OK).await;
    let first = world.ca();
    assert_eq!(status(&ask(&world, &get("/guide/")).await), 200);
    world.tick(80 * DAY);
    world.sidecar.shared.housekeeping();
    assert_eq!(world.ca(), first, "programs that run know it");
    world.tick(3 * DAY);
    world.sidecar.shared.housekeeping();
    assert_ne!(world.ca(), first);
    assert_eq!(std::fs::read_to_string(world.paths.share.join("ca.pem")).unwrap(), world.ca());
    let line = world.logged(|line| line["type"] == "ca").await;
    assert_eq!(line["action"], "renewed");
    assert_eq!(
        line["fingerprint_sha256"],
        world.sidecar.shared.gate.inspection.certificate().fingerprint_sha256
    );
}

#[tokio::test]
async fn a_client_that_does_not_know_the_ca_is_named_in_the_log() {
    let world = World::allowing(&[RULE]).await;
    http1(&world, "docs.example", OK).await;
    let connector = connector(&[public_root()], &[]);
    let refused = connector.connect("docs.example".try_into().unwrap(), world.https().await).await;
    assert!(refused.is_err());
    let line = world.logged(|line| line["type"] == "failure").await;
    assert_eq!((&line["reason"], &line["host"]), (&"gate-not-trusted".into(), &"docs.example".into()));
}
