// expect: syntax
asm(".rept 4000000000\n.quad 1\n.endr");
int main() { return answer(); }
