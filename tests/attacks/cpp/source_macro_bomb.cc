// expect: syntax
#define A(x) x x x x x x x x x x
#define B(x) A(A(A(x)))
int main() { B(B(B(B(B(0;))))) return answer(); }
