//! The network itself: cut in two, flooded, lied to about addresses and about broken rules.

use crate::harness::*;
use crate::hostile::from_nowhere;
use data_encoding::BASE64URL_NOPAD;
use holochain::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use weir::accused;
use weir::member::CallError;
use weir_wire::{self as wire, PaymentStatus};

/// Five conductors, two of them cut off from the other three. Both sides go on trading, and agree
/// on everything once they are introduced again.
#[tokio::test(flavor = "multi_thread")]
async fn two_sides_that_were_cut_off_agree_when_they_meet_again() {
    const HERE: [usize; 2] = [0, 1];
    const THERE: [usize; 3] = [2, 3, 4];
    const ALL: [usize; 5] = [0, 1, 2, 3, 4];
    let mut village = Community::open(&[SHY; 5]).await;
    let before = village.pay(0, 2, 500).await;
    village.arrived(2, &before).await;
    village.consistent().await;

    // Nobody remembers an address over a restart, and nobody asks a meeting point.
    for i in ALL {
        village.stop(i).await;
    }
    for i in ALL {
        village.start(i).await;
    }
    village.introduce(&HERE).await;
    village.introduce(&THERE).await;
    let across = village.pay(1, 3, 70).await;
    let here = village.pay(0, 1, 100).await;
    village.arrived(1, &here).await;
    village.receive(1, &[&here]).await;
    let there = village.pay(3, 4, 40).await;
    village.arrived(4, &there).await;
    village.receive(4, &[&there]).await;
    // What was paid before the cut is answered on the other side of it.
    let receipt = village.receive(2, &[&before]).await.entry;
    village.stands(1, &across, PaymentStatus::Waiting).await;
    village.stands(0, &before, PaymentStatus::Waiting).await;
    for i in THERE {
        assert_eq!(village.seen(i, &hash(&across)).await, None, "node {i} is cut off");
    }
    for i in HERE {
        assert_eq!(village.seen(i, &hash(&receipt)).await, None, "node {i} is cut off");
        // Each side's books are right by themselves: what it cannot know is still on its way.
        assert_eq!((village.books(i).await.difference, village.books(i).await.in_flight), (0, 570));
    }

    village.introduce(&ALL).await;
    village.arrived(3, &across).await;
    village.receive(3, &[&across]).await;
    village.stands(0, &before, PaymentStatus::Taken).await;
    village.consistent().await;
    let books = village.books(0).await;
    assert_eq!((books.members, books.entries, books.not_counted), (5, 13, 0));
    assert_eq!((books.difference, books.in_flight), (0, 0));
    for i in ALL {
        assert_eq!(village.books(i).await, books, "node {i}");
        for other in ALL {
            assert!(village.warrants(i, other).await.is_empty(), "{i} of {other}");
        }
    }
    let balances = futures::future::join_all(ALL.map(|i| village.balance(i))).await;
    assert_eq!(balances, [-600, 30, 500, 30, 40]);
}

/// What `probe/knock` takes.
#[derive(Clone, Debug, Serialize)]
struct Knock {
    at: AgentPubKey,
    zome: &'static str,
    function: &'static str,
    #[serde(with = "serde_bytes")]
    input: Vec<u8>,
    times: usize,
}

/// One member calls everything of another's, without end. What is not open to others is refused,
/// the one function that is writes nothing, and the flooded node goes on serving its own member.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_calls_writes_nothing_and_stops_nobody() {
    const AT_ONCE: usize = 50;
    let village = Community::open(&[CHEATER, HONEST, HONEST]).await;
    let signal = wire::LedgerSignal::Announced { payment: "x".repeat(1 << 20) };
    let knocks = [
        ("pay", bytes(&village.payment(0, 100)), "unauthorized"),
        ("open_account", bytes(&wire::OpenAccount { request: request() }), "unauthorized"),
        ("position", bytes(&()), "unauthorized"),
        ("recv_remote_signal", bytes(&signal), "ok"),
        ("recv_remote_signal", vec![0xc1], "error"),
    ];
    let written: u32 = village.call(1, "probe", "head_seq", ()).await;
    let done = AtomicBool::new(false);
    let flood = async {
        let mut rounds = 0;
        // A thousand at least, and as many as come while the member writes.
        while rounds * AT_ONCE * knocks.len() < 1_000 || !done.load(Ordering::Relaxed) {
            rounds += 1;
            for (function, input, wanted) in knocks.clone() {
                let at = village.cells[1].agent_pubkey().clone();
                let knock = Knock { at, zome: "accounts", function, input, times: AT_ONCE };
                let answers: BTreeMap<String, usize> =
                    village.call(0, "probe", "knock", knock).await;
                assert_eq!(answers, [(wanted.to_string(), AT_ONCE)].into(), "{function}");
            }
        }
    };
    let member = async {
        let mut payments = vec![];
        for _ in 0..10 {
            payments.push(village.pay(1, 2, 10).await);
        }
        done.store(true, Ordering::Relaxed);
        payments
    };
    let ((), payments) = futures::join!(flood, member);
    for payment in &payments {
        village.arrived(2, payment).await;
    }
    let payments: Vec<&str> = payments.iter().map(String::as_str).collect();
    village.receive(2, &payments).await;
    assert_eq!((village.balance(1).await, village.balance(2).await), (-100, 100));
    // Ten payments and ten links into the payee's inbox, and nothing else.
    let now: u32 = village.call(1, "probe", "head_seq", ()).await;
    assert_eq!(now, written + 20);
    village.consistent().await;
}

fn bytes(input: &impl Serialize) -> Vec<u8> {
    rmp_serde::to_vec_named(input).expect("bytes")
}

/// An address that a member of one conductor says is theirs, signed by them alone, and the address
/// itself: that of another member.
async fn claimed(village: &Community, thief: usize, victim: usize) -> (String, String) {
    let infos = village.home(thief).get_agent_infos(Some(vec![village.dna.clone()])).await;
    let infos = infos.expect("addresses");
    let of = |i: usize| {
        let key = village.cells[i].agent_pubkey().get_raw_32();
        let found = infos.iter().find(|info| info.agent.starts_with(key)).expect("it is known");
        serde_json::from_str::<serde_json::Value>(found.get_encoded()).expect("it is JSON")
    };
    let (mut own, others) = (of(thief), of(victim));
    own["url"] = others["url"].clone();
    own["createdAt"] = Timestamp::now().as_micros().to_string().into();
    let text = own.to_string();
    let key = village.cells[thief].agent_pubkey().clone();
    let signature = village.home(thief).keystore().sign(key, text.as_bytes().into()).await;
    let signature = BASE64URL_NOPAD.encode(&signature.expect("the key is here").0);
    let signed = serde_json::json!({ "agentInfo": text, "signature": signature });
    (signed.to_string(), own["url"].as_str().expect("an address").to_string())
}

/// How many messages from an address node `i` has dropped.
async fn dropped(village: &Community, i: usize, address: &str) -> u32 {
    let stats = village.home(i).dump_network_stats().await.expect("figures");
    let from = stats.blocked_message_counts.iter().filter(|(url, _)| url.as_str() == address);
    from.filter_map(|(_, counts)| counts.get(&village.dna)).map(|count| count.incoming).sum()
}

/// A hole of the platform (docs/threat-model.md): who says that a neighbour's address is theirs,
/// and then breaks a rule, takes the neighbour along. Nothing of the neighbour's is called wrong,
/// and nothing is lost: a node that is started again hears them.
#[tokio::test(flavor = "multi_thread")]
async fn who_claims_anothers_address_and_is_blocked_silences_the_other_until_a_restart() {
    let mut village = Community::open(&[CHEATER, HONEST, HONEST]).await;
    let (claim, address) = claimed(&village, 0, 1).await;
    // As a meeting point hands it out: the signature is checked, the address is not.
    village.home(2).add_agent_infos(vec![claim]).await.expect("it is signed as it should be");
    from_nowhere(&village, 0).await;
    until("the cheater is blocked", async || {
        village.hand_over_all(&[0], 2).await;
        village.blocked(2, 0).await
    })
    .await;
    let payment = village.pay(1, 2, 300).await;
    until("what the neighbour sends is dropped", async || dropped(&village, 2, &address).await > 0)
        .await;
    assert_eq!(village.seen(2, &hash(&payment)).await, None);
    assert!(village.warrants(2, 1).await.is_empty() && !village.blocked(2, 1).await);

    village.stop(2).await;
    village.start(2).await;
    village.arrived(2, &payment).await;
    village.receive(2, &[&payment]).await;
    assert_eq!((village.balance(1).await, village.balance(2).await), (-300, 300));
    assert!(village.blocked(2, 0).await, "the cheater stays blocked");
}

/// A warrant by member `by` against member `of`, as a peer would send it.
async fn warrant(village: &Community, by: usize, of: usize, proof: ChainIntegrityWarrant) -> DhtOp {
    let [author, warrantee] = [by, of].map(|i| village.cells[i].agent_pubkey().clone());
    let proof = WarrantProof::ChainIntegrity(proof);
    let warrant = Warrant::new(proof, author.clone(), Timestamp::now(), warrantee);
    let bytes = rmp_serde::to_vec_named(&warrant).expect("bytes");
    let signature = village.home(by).keystore().sign(author, bytes.into()).await;
    let signed = SignedWarrant::new(warrant, signature.expect("the key is here"));
    DhtOp::from(WarrantOp::from(signed))
}

fn signed(op: DhtOp) -> Option<SignedAction> {
    match op {
        DhtOp::ChainOp(op) => Some(op.signed_action().clone()),
        DhtOp::WarrantOp(_) => None,
    }
}

/// The newest action of member `i`.
async fn newest_action(village: &Community, i: usize) -> SignedAction {
    let actions = village.ops_by(i).await.into_iter().filter_map(signed);
    actions.max_by_key(|action| action.action_seq()).expect("a chain has a beginning")
}

/// Who accuses an honest member falsely is blocked; but when the accusation is of a fork, and names
/// one action twice, the platform believes it and blocks the victim (docs/threat-model.md). Weir
/// sees no fork in it: what they paid can be taken, and the victim is told.
#[tokio::test(flavor = "multi_thread")]
async fn a_false_accusation_falls_back_on_its_author_unless_it_names_one_action_twice() {
    let village = Community::settled(&[SILENT; 3], &[1; 3], trial_charter()).await;
    for i in 0..3 {
        village.open_account(i).await;
    }
    for (from, to) in [(0, 2), (2, 1)] {
        village.hand_over_all(&[from], to).await;
        village.judged(to).await;
    }
    let payment = village.pay(1, 2, 200).await;
    village.hand_over_all(&[1], 2).await;
    village.arrived(2, &payment).await;
    // While a node still has an action at hand as what another one stands on, it never comes to
    // look at a warrant against it, so the newest is accused.
    let newest = newest_action(&village, 1).await;
    let named = (newest.data().to_hash(), newest.signature().clone());
    let invalid = ChainIntegrityWarrant::InvalidChainOp {
        action_author: newest.author().clone(),
        action: named,
        chain_op_type: ChainOpType::CreateRecord,
        reason: "STATE_MISMATCH field=balance".into(),
    };
    village.hand_over(2, vec![warrant(&village, 0, 1, invalid).await]).await;
    until("the accuser is blocked", async || village.blocked(2, 0).await).await;
    assert!(!village.blocked(2, 1).await);

    let paid = village.ops_by(1).await.into_iter().filter(|op| is_of(op, &hash(&payment)));
    let paid = paid.last().and_then(signed).expect("the payment");
    let named = (hash(&payment), paid.signature().clone());
    let fork = ChainIntegrityWarrant::ChainFork {
        chain_author: paid.author().clone(),
        action_pair: (named.clone(), named),
        seq: paid.action_seq(),
    };
    let accusation = warrant(&village, 0, 1, fork).await;
    village.hand_over(2, vec![accusation.clone()]).await;
    until("the victim is blocked", async || village.blocked(2, 1).await).await;
    assert_eq!(village.seen(2, &hash(&payment)).await, Some(ValidationStatus::Valid));
    village.receive(2, &[&payment]).await;
    assert_eq!(village.balance(2).await, 200);

    // Where it reaches the victim's own node they are shut out of that too, and told why.
    let (node, cell) = (village.home(1).raw_handle(), village.cells[1].cell_id().clone());
    let falsely =
        async || accused::falsely(&node, &cell, cell.agent_pubkey()).await.expect("an answer");
    assert!(!falsely().await);
    village.hand_over(1, vec![accusation]).await;
    until("the victim's own node believes it", async || {
        let asked = village.try_call::<_, wire::Position>(1, "accounts", "position", ()).await;
        asked.is_err_and(|error| accused::is_shut_out(&CallError::from_text(&error)))
    })
    .await;
    assert!(falsely().await);
}
