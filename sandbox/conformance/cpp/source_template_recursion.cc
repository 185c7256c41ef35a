// expect: syntax
template <int N> struct T { static const int v = T<N + 1>::v; };
int main() { return T<0>::v ? answer() : 1; }
