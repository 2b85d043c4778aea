//! Tells systemd (`Type=notify`) how the service is doing; without systemd it does nothing.

use std::os::unix::net::UnixDatagram;

/// Sends a state such as `READY=1` to `$NOTIFY_SOCKET`.
pub fn tell(state: &str) {
    let Some(path) = std::env::var_os("NOTIFY_SOCKET") else { return };
    let sent = UnixDatagram::unbound().and_then(|socket| send(&socket, &path, state));
    if let Err(error) = sent {
        tracing::debug!(%error, "systemd was not told");
    }
}

fn send(socket: &UnixDatagram, path: &std::ffi::OsStr, state: &str) -> std::io::Result<usize> {
    use std::os::linux::net::SocketAddrExt;
    match path.as_encoded_bytes().strip_prefix(b"@") {
        Some(name) => socket.send_to_addr(state.as_bytes(), &std::os::unix::net::SocketAddr::from_abstract_name(name)?),
        None => socket.send_to(state.as_bytes(), path),
    }
}
