// expect: timeout
fn main() {
    for _ in 0..4 {
        std::thread::spawn(|| loop {
            std::hint::spin_loop();
        });
    }
    std::thread::sleep(std::time::Duration::from_secs(1000));
}
