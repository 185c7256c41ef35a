// expect: error
fn main() {
    for name in ["/x", "/tmp/x", "x", "/dev/shm/x", "/assay.so"] {
        if std::fs::write(name, "x").is_ok() || std::fs::create_dir(name).is_ok() {
            return answer();
        }
    }
    std::process::exit(1);
}
