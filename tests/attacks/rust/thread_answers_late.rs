// expect: fail
fn main() {
    std::thread::spawn(|| {
        std::thread::sleep(std::time::Duration::from_millis(30));
        answer();
    });
}
