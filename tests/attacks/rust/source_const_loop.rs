// expect: syntax, error
const N: u64 = {
    let mut n = 0u64;
    while n < 1 << 60 {
        n += 1;
    }
    n
};

fn main() {
    println!("{}", N);
}
