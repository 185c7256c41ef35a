// expect: memory, timeout
public class Main {
  public static void main(String[] a) throws Throwable {
    java.util.List<int[]> kept = new java.util.ArrayList<>();
    for (;;) kept.add(new int[1 << 18]);
  }
}
