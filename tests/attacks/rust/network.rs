// expect: error
fn main() {
    if std::net::TcpStream::connect("127.0.0.1:80").is_ok() || std::net::UdpSocket::bind("127.0.0.1:0").is_ok()
        || std::os::unix::net::UnixDatagram::unbound().is_ok() {
        return answer();
    }
    std::process::exit(1);
}
