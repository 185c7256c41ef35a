// expect: timeout, memory
public class Main {
  public static void main(String[] a) throws Throwable {
    java.util.List<int[]> kept = new java.util.ArrayList<>();
    for (;;) try { kept.add(new int[1 << 18]); } catch (Throwable t) { }
  }
}
