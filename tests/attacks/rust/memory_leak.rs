// expect: memory
fn main() {
    loop {
        Box::leak(vec![1u8; 1 << 16].into_boxed_slice());
    }
}
