// expect: pass
fn main() {
    let threads: Vec<_> = (0..8).map(|n| std::thread::spawn(move || n)).collect();
    let sum: i32 = threads.into_iter().map(|t| t.join().unwrap()).sum();
    if sum == 28 {
        answer();
    }
}
