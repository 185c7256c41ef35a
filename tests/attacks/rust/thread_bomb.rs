// expect: error, memory, crash, timeout
fn main() {
    for _ in 0..5000 {
        std::thread::spawn(|| loop {
            std::thread::park();
        });
    }
    loop {}
}
