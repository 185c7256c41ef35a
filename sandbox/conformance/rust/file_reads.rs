// expect: error
fn main() {
    for name in ["/etc/passwd", "/proc/self/mem", "/proc/self/environ", "/root", "/home"] {
        if std::fs::File::open(name).is_ok() {
            return answer();
        }
    }
    std::process::exit(1);
}
