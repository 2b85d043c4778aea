//! The hub with real sockets on loopback, on ports of the system's choice.

use super::*;
use crate::waker::Waker;
use crossbeam_channel::Receiver;

/// Nothing waits that long unless a test fails.
const PATIENCE: Duration = Duration::from_secs(20);
/// Faster than any time limit of a connection.
const AT_ONCE: Duration = Duration::from_secs(2);
/// More than two kernels hold for a peer that does not read.
const TOO_MUCH: usize = 64 << 20;

struct Rig {
    out: TcpOut,
    shared: Shared,
    messages: Receiver<Message>,
    address: SocketAddr,
}

impl Rig {
    async fn new(limit: usize, write: Duration) -> Self {
        let (mailbox, messages) = Mailbox::new(Waker::default());
        let (mut hub, mut out) = Tcp::new(mailbox, limit);
        (hub.shared.write, out.shared.write) = (write, write);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, shared) = (listener.local_addr().unwrap(), hub.shared.clone());
        tokio::spawn(hub.run(vec![listener]));
        Self { out, shared, messages, address }
    }

    /// What the engine is told next.
    async fn told(&self) -> Message {
        let told = async {
            loop {
                match self.messages.try_recv() {
                    Ok(message) => return message,
                    Err(_) => sleep(Duration::from_millis(1)).await,
                }
            }
        };
        timeout(PATIENCE, told).await.expect("the engine is told")
    }

    async fn told_send_failed(&self) -> Flow {
        let Message::SendFailed(flow) = self.told().await else { panic!("SendFailed was expected") };
        flow
    }

    async fn told_closed(&self) -> Flow {
        loop {
            let told = self.told().await;
            if let Message::StreamClosed(flow) = told {
                return flow;
            }
            assert!(matches!(told, Message::SendFailed(_)), "StreamClosed was expected");
        }
    }

    /// A peer that connected and was heard.
    async fn peer(&self) -> (TcpStream, Flow) {
        let mut peer = TcpStream::connect(self.address).await.unwrap();
        peer.write_all(b"OPTIONS").await.unwrap();
        let Message::Stream(flow, bytes, _) = self.told().await else { panic!("its bytes were expected") };
        assert_eq!(bytes, b"OPTIONS");
        (peer, flow)
    }

    fn to(&self, remote: SocketAddr, connection: u64) -> Flow {
        Flow { transport: Transport::Tcp, local: self.address, remote, connection }
    }

    fn open(&self) -> usize {
        self.shared.census().open
    }
}

/// Until the other end is gone, whether it said goodbye or not.
async fn read_all(peer: &mut TcpStream) -> Vec<u8> {
    let mut read = Vec::new();
    // A reset is an end like any other.
    let _ = timeout(PATIENCE, peer.read_to_end(&mut read)).await.expect("the other end closes");
    read
}

#[tokio::test]
async fn a_peer_that_does_not_read_is_closed_when_too_much_waits_and_its_place_is_free() {
    let rig = Rig::new(10, PATIENCE * 2).await;
    let (mut peer, flow) = rig.peer().await;
    assert_eq!(rig.open(), 1);
    for _ in 0..2 * BACKLOG {
        rig.out.send(flow, vec![b'x'; TOO_MUCH / BACKLOG]);
    }
    let closed = timeout(AT_ONCE, rig.told_closed()).await.expect("closed at once, though a write hangs");
    assert_eq!((closed, rig.open()), (flow, 0));
    read_all(&mut peer).await;
    assert_eq!(rig.shared.census().unread.count, 1, "one peer, once");
}

#[tokio::test]
async fn a_write_has_a_time_limit() {
    let rig = Rig::new(10, Duration::from_millis(100)).await;
    let (_peer, flow) = rig.peer().await;
    rig.out.send(flow, vec![b'x'; TOO_MUCH]);
    assert_eq!(rig.told_closed().await, flow);
    assert_eq!((rig.open(), rig.shared.census().unread.count), (0, 1));
}

#[tokio::test]
async fn a_close_ends_a_write_that_hangs() {
    let rig = Rig::new(10, PATIENCE * 2).await;
    let (_peer, flow) = rig.peer().await;
    rig.out.send(flow, vec![b'x'; TOO_MUCH]);
    rig.out.close(flow);
    let closed = timeout(AT_ONCE, rig.told_closed()).await.expect("closed at once");
    assert_eq!((closed, rig.open()), (flow, 0));
}

#[tokio::test]
async fn a_last_answer_is_read_before_the_close_that_follows_it() {
    let rig = Rig::new(10, WRITE).await;
    let (mut peer, flow) = rig.peer().await;
    rig.out.send(flow, b"SIP/2.0 413 ".to_vec());
    rig.out.send(flow, b"Too Large".to_vec());
    rig.out.close(flow);
    assert_eq!(read_all(&mut peer).await, b"SIP/2.0 413 Too Large");
    assert_eq!(rig.told_closed().await, flow);
}

#[tokio::test]
async fn an_answer_on_a_connection_that_is_gone_dials_nobody() {
    let rig = Rig::new(10, WRITE).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let remote = listener.local_addr().unwrap();
    rig.out.send(rig.to(remote, 77), b"answer".to_vec());
    assert_eq!(rig.told_send_failed().await, rig.to(remote, 77));
    rig.out.send(rig.to(remote, 0), b"request".to_vec());
    let (mut dialled, _) = timeout(PATIENCE, listener.accept()).await.expect("somebody dials").unwrap();
    let mut first = [0; 7];
    dialled.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"request");
    rig.out.send(rig.to(remote, 77), b"answer".to_vec());
    assert_eq!(rig.told_send_failed().await, rig.to(remote, 77), "nor does it go out on another connection to the peer");
}

#[tokio::test]
async fn requests_to_one_peer_share_a_connection() {
    let rig = Rig::new(10, WRITE).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let flow = rig.to(listener.local_addr().unwrap(), 0);
    rig.out.send(flow, b"one".to_vec());
    rig.out.send(flow, b"two".to_vec());
    let (mut peer, _) = timeout(PATIENCE, listener.accept()).await.expect("somebody dials").unwrap();
    let mut both = [0; 6];
    peer.read_exact(&mut both).await.unwrap();
    assert_eq!((&both, rig.open()), (b"onetwo", 1));
}

/// RFC 3261 18.4: the requests on their way are known by the flow they were sent to.
#[tokio::test]
async fn a_connection_that_is_lost_fails_the_requests_it_was_made_for() {
    let rig = Rig::new(10, WRITE).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let flow = rig.to(listener.local_addr().unwrap(), 0);
    rig.out.send(flow, b"INVITE".to_vec());
    let (peer, _) = timeout(PATIENCE, listener.accept()).await.expect("somebody dials").unwrap();
    drop((peer, listener));
    assert_ne!(rig.told_closed().await.connection, 0);
    assert_eq!(rig.told_send_failed().await, flow);
    rig.out.send(flow, b"INVITE".to_vec());
    rig.told_closed().await;
    assert_eq!((rig.told_send_failed().await, rig.open()), (flow, 0), "refused by the peer's kernel");
}

#[tokio::test]
async fn connections_beyond_the_limit_are_refused_and_counted_until_one_ends() {
    let rig = Rig::new(2, WRITE).await;
    let (first, _) = rig.peer().await;
    let (_second, _) = rig.peer().await;
    let mut third = TcpStream::connect(rig.address).await.unwrap();
    assert!(read_all(&mut third).await.is_empty());
    let nowhere = rig.to(SocketAddr::from(([127, 0, 0, 1], 9)), 0);
    rig.out.send(nowhere, b"request".to_vec());
    assert_eq!(rig.told_send_failed().await, nowhere, "what we dial counts as well");
    drop(first);
    rig.told_closed().await;
    rig.peer().await;
}

#[tokio::test]
async fn when_the_engine_is_gone_all_connections_end() {
    let rig = Rig::new(10, PATIENCE * 2).await;
    let (mut idle, _) = rig.peer().await;
    let (mut stuck, flow) = rig.peer().await;
    rig.out.send(flow, vec![b'x'; TOO_MUCH]);
    let Rig { out, shared, messages, .. } = rig;
    drop((out, messages));
    let ended = async { (read_all(&mut idle).await, read_all(&mut stuck).await) };
    let (idle, stuck) = timeout(AT_ONCE, ended).await.expect("ended at once");
    assert!(idle.is_empty() && stuck.len() < TOO_MUCH);
    assert_eq!(shared.census().open, 0);
}

#[tokio::test]
async fn a_task_waits_for_room_in_the_mailbox_but_not_for_ever() {
    let (mailbox, messages) = Mailbox::new(Waker::default());
    while mailbox.try_send(Message::Drain).is_ok() {}
    assert!(!mailbox.send_within(Message::Drain, Duration::from_millis(20)).await);
    let (sent, ()) = tokio::join!(mailbox.send_later(Message::Drain), async { drop(messages.try_recv()) });
    assert!(sent);
    drop(messages);
    assert!(!timeout(AT_ONCE, mailbox.send_later(Message::Drain)).await.expect("it gives up at once"));
}
