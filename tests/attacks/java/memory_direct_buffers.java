// expect: memory, timeout, error
public class Main {
  public static void main(String[] a) throws Throwable {
    java.util.List<Object> kept = new java.util.ArrayList<>();
    for (;;) kept.add(java.nio.ByteBuffer.allocateDirect(1 << 20));
  }
}
