// expect: error, crash, syntax
// The linker puts both together; the kernel is told of another dynamic linker.
const char other[] __attribute__((section(".interp"), used)) = "/assay.so";
int main() { return sizeof other == 10 ? 1 : answer(); }
