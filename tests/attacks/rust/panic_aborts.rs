// expect: crash, error
fn main() {
    std::process::abort();
}
