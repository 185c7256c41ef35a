// expect: error
fn main() {
    for name in ["/bin/sh", "/assay.so", "/proc/self/exe"] {
        if std::process::Command::new(name).spawn().is_ok() {
            return answer();
        }
    }
    std::process::exit(1);
}
